"""Why a stage is not held at the time that a recruiter has in mind, and what would have to give way.

For recruiters only: the answer is about calendars, with names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from scheduler.domain.availability import at_wall_time
from scheduler.domain.slots.explain import tightest_times, why_not
from scheduler.domain.slots.problems import SEAT_NAMES, Hindrance, hindrances
from scheduler.domain.slots.question import SlotSearch
from scheduler.domain.slots.slot import Times
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

    The interviews are looked at in the plan's order, and without a wait between them. `outside_of` are
    the dates that are searched at all, when it is not among them: then nothing else is said.
    """

    start: datetime
    key: str
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
        times = tightest_times(search.plan, start)
    except OverflowError:  # the last day of the year 9999
        return None
    found = next((each for each in possible if each.span.start == start), None)
    if found is not None:
        return AskedTime(start=start, key=found.key)
    if not search.window.contains(times.span):
        return AskedTime(start=start, key="", outside_of=search.window)
    openings = why_not(search, start, stage_search.calendars)
    return AskedTime(
        start=start,
        key="",
        problems=(*time_problems(search, times.spans), *_without_a_room(search, times)),
        seats=tuple(
            SeatInTheWay(
                interview=each.title,
                seat=SEAT_NAMES[each.kind],
                span=each.span,
                reasons=_by_reason(each),
            )
            for each in hindrances(search, times.spans)
        ),
        openings=tuple(opening_words(each) for each in openings[:MOST_OPENINGS]),
    )


def _by_reason(hindrance: Hindrance) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, why in hindrance.people:
        found.setdefault(", ".join(why), []).append(name)
    return found


def _without_a_room(search: SlotSearch, times: Times) -> Iterator[str]:
    for planned, span in zip(search.plan.interviews, times.spans, strict=True):
        if planned.rooms is not None and not room_searches.free_during(search, planned, span):
            yield f"{planned.title}: no room is free."
