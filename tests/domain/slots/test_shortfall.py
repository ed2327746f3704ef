from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import Order, RoomId
from scheduler.domain.slots.question import Room, SlotSearch, Weights
from scheduler.domain.slots.search import start_times
from scheduler.domain.slots.shortfall import Shortfall, shortfall
from scheduler.domain.slots.swap import Barrier, SeatAt, swap_options
from scheduler.domain.slots.timing import time_problems
from scheduler.domain.timespan import TimeSpan
from tests.domain.slots.cast import (
    DANA,
    FEMI,
    MEI,
    at,
    interview,
    lead,
    person,
    plan,
    search,
    second,
    span,
)
from tests.domain.slots.judges.searches import search_of
from tests.domain.slots.judges.sweep import Sweep, Timing

DAY = "2026-03-09"
TEN = at(f"{DAY} 10:00")
SEEDS = range(60)
CODING = SeatAt(interview=0, position=0)


def found(asked: SlotSearch) -> Shortfall:
    least = shortfall(asked, TEN)
    assert least is not None
    return least


def test_a_loop_in_any_order_is_laid_out_so_that_fewest_seats_stay_empty() -> None:
    """In the plan's order both would lack somebody; the other way round only Coding does."""
    stage = plan(interview("Coding", 60, lead(DANA)), interview("Design", 60, lead(FEMI)))
    people = (
        person(DANA, busy=[span(DAY, "09:00-18:00")]),
        person(FEMI, busy=[span(DAY, "11:00-18:00")]),
    )
    assert len(found(search(stage, *people)).seats) == 2

    least = found(search(replace(stage, order=Order.ANY), *people))
    assert least.seats == (CODING,)
    assert least.slot.times.spans == (span(DAY, "11:00-12:00"), span(DAY, "10:00-11:00"))


def test_an_earlier_day_is_better_than_a_shorter_wait() -> None:
    stage = plan(*(interview("Coding", 60, lead(each)) for each in (DANA, FEMI, MEI)))
    asked = search(
        replace(stage, most_days=2),
        person(DANA),
        person(FEMI, busy=[span("2026-03-10", "11:00-13:00")]),
        person(MEI, busy=[span("2026-03-10", "11:00-12:00")]),
        window=TimeSpan(TEN, TEN + timedelta(days=3)),
        windows=[
            span(DAY, "10:00-11:00"),
            span("2026-03-10", "10:00-13:00"),
            span("2026-03-11", "10:00-12:00"),
        ],
    )
    assert found(asked).slot.times.spans == (
        span(DAY, "10:00-11:00"),
        span("2026-03-10", "10:00-11:00"),
        span("2026-03-10", "12:00-13:00"),
    )


def test_a_wait_is_better_than_an_empty_seat() -> None:
    stage = plan(interview("Coding", 60, lead(DANA)), interview("Design", 60, lead(FEMI)))
    dana = person(DANA, busy=[span(DAY, "10:00-11:00")])
    femi = person(FEMI, busy=[span(DAY, "11:00-11:30")])
    least = found(search(stage, dana, femi))
    assert least.seats == (CODING,)
    assert least.slot.times.spans == (span(DAY, "10:00-11:00"), span(DAY, "11:30-12:30"))


def test_somebody_who_would_have_to_sit_twice_leaves_a_seat_empty() -> None:
    stage = plan(interview("Coding", 60, lead(DANA)), interview("Design", 60, lead(DANA)))
    asked = search(stage, person(DANA))
    [seat] = found(asked).seats
    [dana] = swap_options(asked, found(asked).slot, seat, weights=Weights())
    assert dana.reasons == (Barrier.ELSEWHERE,)


def test_a_room_is_lacking_like_a_person() -> None:
    """With a room Coding would have nobody; without one only the room is missing."""
    room = Room(room_id=RoomId(1), busy=(span(DAY, "10:00-11:00"),))
    stage = plan(
        replace(interview("Coding", 60, lead(DANA), second(MEI)), rooms=frozenset({room.room_id})),
        interview("Design", 60, lead(FEMI)),
    )
    busy = [span(DAY, "11:00-18:00")]
    asked = replace(
        search(
            replace(stage, order=Order.ANY),
            person(DANA, busy=busy),
            person(MEI, busy=busy),
            person(FEMI),
        ),
        rooms={room.room_id: room},
    )
    assert (found(asked).seats, found(asked).roomless) == ((), (0,))


def test_where_no_layout_keeps_the_rules_of_time_there_is_nothing_to_fill() -> None:
    stage = plan(interview("Coding", 60, lead(DANA)), interview("Design", 60, lead(FEMI)))
    too_short = replace(stage, longest_day=timedelta(minutes=90))
    assert shortfall(search(too_short, person(DANA), person(FEMI)), TEN) is None


@pytest.mark.parametrize("windows", [[], [span(DAY, "08:00-09:00")]])
def test_people_are_told_even_where_the_candidate_has_no_time(windows: list[object]) -> None:
    stage = plan(interview("Coding", 60, lead(DANA)))
    dana = person(DANA, busy=[span(DAY, "10:00-11:00")])
    assert found(search(stage, dana, windows=windows)).seats == (CODING,)  # type: ignore[arg-type]


def test_nothing_from_a_start_lacks_fewer() -> None:
    looked_at = lacking = 0
    for seed in SEEDS:
        asked = search_of(seed)
        least_of_all = Lacking(asked).by_start()
        possible = {int(start.timestamp()) for start in start_times(asked)}
        for start in sorted(least_of_all)[::9]:
            least = shortfall(asked, datetime.fromtimestamp(start, UTC))
            assert least is not None
            assert least.lacks == least_of_all[start], (seed, start)
            assert (least.lacks == 0) == (start in possible), (seed, start)
            assert time_problems(asked, least.slot.times.spans) == [], (seed, start)
            for seat in least.seats:
                options = swap_options(asked, least.slot, seat, weights=Weights())
                assert not any(option.is_free for option in options), (seed, start)
            looked_at += 1
            lacking += least.lacks > 0
    assert looked_at > 100
    assert lacking > 50


class Lacking(Sweep):
    """The sweep, for loops whose seats and rooms may be lacking: it counts what is, at least."""

    def is_possible(self, position: int, start: int) -> bool:
        return True

    def by_start(self) -> dict[int, int]:
        """Return by start how many seats and rooms the least lacking loop lacks."""
        least: dict[int, int] = {}
        for timing in self.timings():
            start = timing[0][0][1]
            least[start] = min(least.get(start, 99), self._empty(timing) + self._roomless(timing))
        return least

    def _empty(self, timing: Timing) -> int:
        seats = [
            (position, start, seat)
            for day in timing
            for position, start in day
            if position >= 0
            for seat, rule in enumerate(self.plan.interviews[position].seats)
            if not rule.is_optional
        ]

        def fewest(number: int, taken: list[tuple[InterviewerId, int, int]]) -> int:
            if number == len(seats):
                return 0
            position, start, seat = seats[number]
            least = 1 + fewest(number + 1, taken)
            for choice in self.choices(position, seat, start):
                if choice.person and self._may_also_sit(choice.person, position, start, taken):
                    sitting = (choice.person, position, start)
                    least = min(least, fewest(number + 1, [*taken, sitting]))
            return least

        return fewest(0, [])

    def _roomless(self, timing: Timing) -> int:
        by_interview = [
            self.rooms(position, start)
            for day in timing
            for position, start in day
            if position >= 0 and self.plan.interviews[position].rooms is not None
        ]
        sites = {site for rooms in by_interview for site in rooms}
        missing = (sum(site not in rooms for rooms in by_interview) for site in sites)
        return min(missing, default=len(by_interview))
