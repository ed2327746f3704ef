"""The best slot costs what CP-SAT says: on loops of a believable company, of one day, two and three."""

from __future__ import annotations

import pytest

from scheduler.domain.slots.question import SlotSearch
from scheduler.domain.slots.search import best
from tests.domain.slots.judges.decide import answers, digest, searches
from tests.domain.slots.judges.optimum import optimum
from tests.domain.slots.judges.searches import Size, search_of
from tests.domain.slots.judges.sweep import Sweep

SEARCHES = searches()
DECIDED = answers()
ONE_SITTING = Size(repeats=0)


def test_most_of_them_are_decided() -> None:
    assert len(DECIDED) >= 0.9 * len(SEARCHES)
    assert sum(each["cost"] is not None for each in DECIDED.values()) > 0.7 * len(DECIDED)


@pytest.mark.parametrize("name", DECIDED)
def test_nothing_is_cheaper_than_the_best(name: str) -> None:
    search, answer = SEARCHES[name], DECIDED[name]
    assert digest(search) == answer["search"], (
        "it has changed: run tests.domain.slots.judges.decide"
    )

    ranking = best(search, top=1)

    assert ranking.is_proven
    assert ranking.lower_bound == answer["cost"]
    assert [each.costs.total for each in ranking.slots] == [
        cost for cost in (answer["cost"],) if cost is not None
    ]


@pytest.mark.parametrize("seed", range(2000, 2030))
def test_three_judges_agree(seed: int) -> None:
    search: SlotSearch = search_of(seed, ONE_SITTING)
    decision = optimum(search)

    assert decision.is_decided
    assert decision.cost == min(Sweep(search).cheapest().values(), default=None)
    assert decision.cost == best(search, top=1).lower_bound


def test_all_days_at_once_come_to_the_same() -> None:
    asked = [search_of(seed, ONE_SITTING) for seed in range(2000, 2100)]
    of_one_day = [search for search in asked if search.plan.most_days == 1]
    found = [optimum(search, all_days_at_once=True) for search in of_one_day]

    assert all(each.is_decided for each in found)
    assert [each.cost for each in found] == [best(each, top=1).lower_bound for each in of_one_day]
    assert sum(each.cost is not None for each in found) > 10
