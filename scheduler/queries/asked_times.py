"""Why a stage is not held at the time that a recruiter has in mind, and what would have to give way.

For recruiters only: the answer is about calendars, with names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from scheduler.domain.availability import at_wall_time
from scheduler.domain.slots.board import FREE_OF_CHARGE
from scheduler.domain.slots.explain import tightest_times, why_not
from scheduler.domain.slots.problems import SEAT_NAMES, hindrances
from scheduler.domain.slots.question import SlotSearch
from scheduler.domain.slots.shortfall import Shortfall, shortfall
from scheduler.domain.slots.slot import EPOCH, MINUTE, Times
from scheduler.domain.slots.swap import swap_options
from scheduler.domain.slots.timing import time_problems
from scheduler.domain.timespan import TimeSpan
from scheduler.queries import room_searches
from scheduler.queries.reasons import opening_words
from scheduler.queries.slot_searches import StageSearch

MOST_OPENINGS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatInTheWay:
    """A seat that must be filled and that nobody could take then: by reason, the names it holds for."""

    interview: str
    seat: str
    span: TimeSpan
    reasons: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedTime:
    """A start that was asked about. With a `key` it can be chosen; else there is what is in the way.

    The interviews, in the order in which they are held, lie so that the least is in the way. Where
    nothing from that start keeps the rules of time (`keeps_time`), they lie one right after the
    other. `outside_of` are the dates that are searched at all, when it is not among them: then
    nothing else is said.
    """

    start: datetime
    key: str
    interviews: tuple[tuple[str, TimeSpan], ...] = ()
    keeps_time: bool = True
    problems: tuple[str, ...] = ()
    seats: tuple[SeatInTheWay, ...] = ()
    openings: tuple[str, ...] = ()
    outside_of: TimeSpan | None = None


def asked_time(
    stage_search: StageSearch, wanted: datetime, zone: ZoneInfo, possible: Sequence[Times]
) -> AskedTime | None:
    """Return what there is to say of a start, wanted by the clock of `zone`; None if there is no such time."""
    search = stage_search.search
    try:
        start = at_wall_time(wanted.date(), wanted.time(), zone)
        tightest = tightest_times(search.plan, start)
    except OverflowError:  # the last day of the year 9999
        return None
    found = next((each for each in possible if each.span.start == start), None)
    if found is not None:
        return AskedTime(start=start, key=found.key)
    if not search.window.contains(tightest.span):
        return AskedTime(start=start, key="", outside_of=search.window)
    return _why_not(stage_search, start, tightest)


def _why_not(stage_search: StageSearch, start: datetime, tightest: Times) -> AskedTime:
    search = stage_search.search
    openings = why_not(search, start, stage_search.calendars)
    least = shortfall(search, start, stage_search.calendars)
    times = least.slot.times if least else tightest
    titles = [planned.title for planned in search.plan.interviews]
    return AskedTime(
        start=start,
        key="",
        interviews=tuple(
            sorted(zip(titles, times.spans, strict=True), key=lambda each: each[1].start)
        ),
        keeps_time=least is not None,
        problems=(
            *_off_grid(search, start),
            *time_problems(search, times.spans),
            *_without_a_room(search, times, least),
        ),
        seats=tuple(_lacking(search, least) if least else _empty(search, times)),
        openings=tuple(opening_words(each) for each in openings[:MOST_OPENINGS]),
    )


def _lacking(search: SlotSearch, least: Shortfall) -> Iterator[SeatInTheWay]:
    for seat in least.seats:
        planned = search.plan.interviews[seat.interview]
        options = swap_options(search, least.slot, seat, weights=FREE_OF_CHARGE)
        people = [(search.people[each.interviewer_id], each.reasons) for each in options]
        yield SeatInTheWay(
            interview=planned.title,
            seat=SEAT_NAMES[planned.seats[seat.position].kind],
            span=least.slot.interviews[seat.interview].span,
            reasons=_by_reason((person.interviewer.name, why) for person, why in people),
        )


def _empty(search: SlotSearch, times: Times) -> Iterator[SeatInTheWay]:
    for each in hindrances(search, times.spans):
        yield SeatInTheWay(
            interview=each.title,
            seat=SEAT_NAMES[each.kind],
            span=each.span,
            reasons=_by_reason(each.people),
        )


def _by_reason(people: Iterable[tuple[str, Sequence[str]]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, why in people:
        found.setdefault(", ".join(why), []).append(name)
    return found


def _off_grid(search: SlotSearch, start: datetime) -> Iterator[str]:
    if (start - EPOCH) % search.plan.grid:
        yield f"It lies between the starts that are looked at, one every {search.plan.grid // MINUTE} minutes."


def _without_a_room(search: SlotSearch, times: Times, least: Shortfall | None) -> Iterator[str]:
    for k, (planned, span) in enumerate(zip(search.plan.interviews, times.spans, strict=True)):
        is_free = bool(planned.rooms is None or room_searches.free_during(search, planned, span))
        if not is_free:
            yield f"{planned.title}: no room is free."
        elif least and k in least.roomless:
            yield f"{planned.title}: no room is free at the site of the others."
