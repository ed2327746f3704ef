"""Interviews fall evenly on people who could take them as well as each other."""

from __future__ import annotations

from statistics import median

import pytest

from tests.simulation.fairness import Outcome, gini, simulate


def test_the_coefficient_is_that_of_the_textbook() -> None:
    assert gini([3, 3, 3]) == pytest.approx(0)
    assert gini([0, 0, 0, 8]) == pytest.approx(0.75)
    assert gini([1, 2, 3, 4]) == pytest.approx(0.25)


def test_a_small_company() -> None:
    outcome = simulate(interviewers=30, interviews=200, weeks=4)
    assert outcome.missed == 0
    assert max(outcome.ginis) < 0.1
    assert outcome.largest_deficit < 2


@pytest.mark.soak
def test_a_quarter_of_a_large_one(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = simulate(interviewers=300, interviews=4000)
    with capsys.disabled():
        print(f"\n{told(outcome)}")  # noqa: T201  # the figures are the product
    assert outcome.missed == 0
    assert max(outcome.ginis) < 0.1


def told(outcome: Outcome) -> str:
    given = sum(map(sum, outcome.counts))
    return (
        f"{given} interviews, {outcome.missed} without a time; Gini coefficient among peers: median"
        f" {median(outcome.ginis):.3f}, worst pool {max(outcome.ginis):.3f} [< 0.1]; largest deficit"
        f" {outcome.largest_deficit:.1f} interviews of {given / sum(map(len, outcome.counts)):.1f}"
    )
