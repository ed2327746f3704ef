"""Stopped before its proof, the search says what it knows, and no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count

import pytest

from scheduler.domain.slots.problems import problems
from scheduler.domain.slots.search import best
from tests.domain.slots.judges.searches import Size, search_of

ONE_SITTING = Size(repeats=0)


def after(steps: int) -> Callable[[], bool]:
    """Return a clock by which time is up after so many looks at it."""
    looks = count()
    return lambda: next(looks) >= steps


@pytest.mark.parametrize("days", [1, 2])
def test_the_optimum_lies_between_the_bound_and_what_was_found(days: int) -> None:
    cut_short = with_a_slot = 0
    for seed in range(80):
        asked = search_of(seed, ONE_SITTING)
        asked = replace(asked, plan=replace(asked.plan, most_days=days, longest_day=None))
        whole = best(asked, top=3)
        assert whole.is_proven
        for steps in (0, 1, 3, 10, 30):
            early = best(asked, top=3, out_of_time=after(steps))
            if early.is_proven:
                assert early == whole, seed
                continue
            cut_short += 1
            with_a_slot += bool(early.slots)
            least = whole.lower_bound
            assert early.lower_bound is not None
            assert least is None or early.lower_bound <= least, (seed, steps)
            for each in early.slots:
                assert least is not None
                assert each.costs.total >= least
                assert problems(asked, each.slot) == []
            totals = [each.costs.total for each in early.slots]
            assert totals == sorted(totals)
    assert cut_short > 20
    assert with_a_slot > 5


def test_with_all_the_time_it_needs_it_is_proven() -> None:
    asked = search_of(17)
    assert best(asked, out_of_time=lambda: False) == best(asked)
