"""The search and the sweep must agree on every rule: which starts, at what cost, and why."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from scheduler.domain.slots.search import best, start_times
from tests.domain.slots.judges.searches import search_of
from tests.domain.slots.judges.sweep import Sweep

SEEDS = 300
THAT_FOUND_SOMETHING = (899,)
"""Somebody so much preferred that a seat cost less than nothing, where a bound forgot that it might."""
A_BATCH = 20
TOP = 3


@pytest.mark.parametrize(
    "seeds",
    [THAT_FOUND_SOMETHING, *(range(first, first + A_BATCH) for first in range(0, SEEDS, A_BATCH))],
)
def test_starts_and_cheapest_slots_are_those_of_the_sweep(seeds: Sequence[int]) -> None:
    for seed in seeds:
        search = search_of(seed)
        sweep = Sweep(search)
        cheapest = sweep.cheapest()

        assert start_times(search) == sorted(cheapest), seed

        ranking = best(search, top=TOP)
        found = [(each.costs.total, each.slot.span.start) for each in ranking.slots]
        assert found == sorted((cost, start) for start, cost in cheapest.items())[:TOP], seed
        assert ranking.is_proven, seed
        assert ranking.lower_bound == min(cheapest.values(), default=None), seed
        for each in ranking.slots:
            assert sweep.costs(each.slot) == each.costs, seed


def test_the_searches_are_not_all_hopeless() -> None:
    assert sum(bool(start_times(search_of(seed))) for seed in range(SEEDS)) > SEEDS / 4
