"""The search and the sweep must agree on every rule: which starts, at what cost, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from scheduler.domain.plan import Order, RoomId
from scheduler.domain.slots.question import Room
from scheduler.domain.slots.search import best, start_times
from tests.domain.slots.cast import DANA, FEMI, interview, lead, person, plan, search, span
from tests.domain.slots.judges.agreement import agreed_ranking
from tests.domain.slots.judges.searches import search_of

SEEDS = 300
THAT_FOUND_SOMETHING = (899,)
"""Somebody so much preferred that a seat cost less than nothing, where a bound forgot that it might."""
A_BATCH = 20
DAY = "2026-03-09"


@pytest.mark.parametrize(
    "seeds",
    [THAT_FOUND_SOMETHING, *(range(first, first + A_BATCH) for first in range(0, SEEDS, A_BATCH))],
)
def test_starts_and_cheapest_slots_are_those_of_the_sweep(seeds: Sequence[int]) -> None:
    for seed in seeds:
        agreed_ranking(search_of(seed), seed)


def test_the_order_that_would_be_cheaper_has_no_room() -> None:
    """From ten, Dana would come first if it were for her alone; the room is free only then."""
    coding, values = interview("Coding", 30, lead(DANA)), interview("Values", 30, lead(FEMI))
    room = Room(room_id=RoomId(1), busy=(span(DAY, "10:30-12:00"),))
    asked = search(
        replace(
            plan(coding, replace(values, rooms=frozenset({room.room_id})), longest_gap=0),
            order=Order.ANY,
        ),
        replace(person(DANA), soft=(span(DAY, "10:30-11:00"),)),
        person(FEMI),
        windows=[span(DAY, "10:00-11:00")],
    )
    asked = replace(asked, rooms={room.room_id: room})

    [ranked] = best(asked).slots

    assert [part.span for part in ranked.slot.interviews] == [
        span(DAY, "10:30-11:00"),
        span(DAY, "10:00-10:30"),
    ]
    assert ranked.costs.soft > 0


def test_the_searches_are_not_all_hopeless() -> None:
    assert sum(bool(start_times(search_of(seed))) for seed in range(SEEDS)) > SEEDS / 4
