"""Loops of up to three days: the search, and a sweep that tries every way to spread them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from scheduler.domain.slots.search import best, find_slots, problems, start_times
from tests.domain.slots.judges.searches import on_three_days
from tests.domain.slots.judges.sweep import Sweep

SEEDS = 120
A_BATCH = 30


@pytest.mark.parametrize("seeds", [range(at, at + A_BATCH) for at in range(0, SEEDS, A_BATCH)])
def test_starts_and_cheapest_slots_are_those_of_the_sweep(seeds: Sequence[int]) -> None:
    for seed in seeds:
        asked = on_three_days(seed)
        sweep = Sweep(asked)
        cheapest = sweep.cheapest()
        assert start_times(asked) == sorted(cheapest), seed
        ranking = best(asked, top=2)
        found = [(each.costs.total, each.slot.span.start) for each in ranking.slots]
        assert found == sorted((cost, start) for start, cost in cheapest.items())[:2], seed
        assert ranking.is_proven, seed
        for each in ranking.slots:
            assert sweep.costs(each.slot) == each.costs, seed
        slots = find_slots(asked)
        assert [slot.span.start for slot in slots] == sorted(cheapest), seed
        assert all(problems(asked, slot) == [] for slot in slots), seed


def test_many_have_a_slot_and_some_need_all_three_days() -> None:
    asked = [each for each in map(on_three_days, range(SEEDS)) if start_times(each)]
    assert len(asked) > SEEDS / 6
    in_two = [replace(each, plan=replace(each.plan, most_days=2)) for each in asked]
    assert sum(not start_times(each) for each in in_two) > 5
