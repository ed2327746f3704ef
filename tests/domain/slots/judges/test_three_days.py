"""Loops of up to three days: the search, and a sweep that tries every way to spread them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import time, timedelta

import pytest

from scheduler.domain.availability import at_wall_time, dates_of
from scheduler.domain.slots.question import SlotSearch
from scheduler.domain.slots.search import best, find_slots, problems, start_times
from scheduler.domain.timespan import TimeSpan
from tests.domain.slots.judges.searches import Size, search_of
from tests.domain.slots.judges.sweep import Sweep

SEEDS = 120
A_BATCH = 30
SIZE = Size(people=6, days=4, repeats=0)


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


def on_three_days(seed: int) -> SlotSearch:
    """Return a search whose candidate has an hour or two a day: a loop often has to go on the next."""
    asked = search_of(seed, SIZE)
    window = TimeSpan(asked.window.start, asked.window.start + timedelta(days=4))
    dates = dates_of(window, asked.candidate_zone)
    starts = [at_wall_time(on, time(10), asked.candidate_zone) for on in dates]
    length = timedelta(minutes=(60, 75, 120)[seed % 3])
    return replace(
        asked,
        plan=replace(
            asked.plan,
            interviews=tuple(
                replace(interview, rooms=None, seats=interview.seats[:2])
                for interview in asked.plan.interviews
            ),
            most_days=3,
            grid=max(asked.plan.grid, timedelta(minutes=15)),
            longest_day=None,
        ),
        window=window,
        candidate_windows=tuple(TimeSpan(start, start + length) for start in starts),
    )
