"""When somebody can be booked: working hours, less what is busy, less the days their limit closes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from scheduler.domain.people import Interviewer
from scheduler.domain.slots.question import Person
from scheduler.domain.timespan import TimeSpan, merge, subtract

A_DAY = timedelta(days=1)


class Obstacle(StrEnum):
    """Why somebody cannot be booked at a time, in a recruiter's words."""

    UNKNOWN = "calendar unknown"
    OUTSIDE_HOURS = "outside working hours"
    BUSY = "busy"
    LIMIT = "limit reached"


def free_spans(person: Person, window: TimeSpan) -> list[TimeSpan]:
    """Return when an interview of `person` may lie, in order. An unknown calendar is never free."""
    if person.busy is None:
        return []
    hours = [
        hours
        for on, hours in _hours_by_date(person.interviewer, window)
        if not limit_reached(person, on)
    ]
    return subtract(hours, blocked_spans(person, window))


def working_hours(interviewer: Interviewer, window: TimeSpan) -> list[TimeSpan]:
    """Return the working hours inside `window`, in order."""
    return merge(hours for _, hours in _hours_by_date(interviewer, window))


def blocked_spans(person: Person, window: TimeSpan) -> list[TimeSpan]:
    """Return what no interview inside `window` may touch: the known busy time and its buffers."""
    # The buffer before an interview lies after what is busy, and the other way round.
    before, after = person.interviewer.buffer_after, person.interviewer.buffer_before
    reach = window.widened(after, before)
    return merge(busy.widened(before, after) for busy in person.busy or () if busy.overlaps(reach))


def obstacles(person: Person, span: TimeSpan) -> list[Obstacle]:
    """Return why `person` cannot interview at `span`: nothing when they can."""
    found = []
    if person.busy is None:
        found.append(Obstacle.UNKNOWN)
    if working_hours(person.interviewer, span) != [span]:
        found.append(Obstacle.OUTSIDE_HOURS)
    if blocked_spans(person, span):
        found.append(Obstacle.BUSY)
    if limit_reached(person, span.start.astimezone(person.interviewer.zone).date()):
        found.append(Obstacle.LIMIT)
    return found


def limit_reached(person: Person, on: date) -> bool:
    """Is the day, or the ISO week it belongs to, full? `on` is a date in the person's own zone."""
    limit = person.interviewer.limit
    return person.load.get(on, 0) >= limit.per_day or week_load(person, on) >= limit.per_week


def week_load(person: Person, on: date) -> int:
    """Return how many interviews the person already has in the ISO week of `on`, a date of theirs."""
    monday = on - on.weekday() * A_DAY
    return sum(person.load.get(monday + day * A_DAY, 0) for day in range(7))


def at_wall_time(on: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the moment, in UTC, when clocks in `zone` show `at`.

    A time that clocks skip in spring moves forward by what they skip; of a time that they show
    twice in autumn, the first counts.
    """
    return datetime.combine(on, at, tzinfo=zone).replace(fold=0).astimezone(UTC)


def _hours_by_date(interviewer: Interviewer, window: TimeSpan) -> Iterator[tuple[date, TimeSpan]]:
    for on in dates_of(window, interviewer.zone):
        for hours in interviewer.hours:
            if hours.weekday != on.weekday():
                continue
            start = max(at_wall_time(on, hours.opens_at, interviewer.zone), window.start)
            end = min(at_wall_time(on, hours.closes_at, interviewer.zone), window.end)
            # Hours can vanish: outside the window, or into the hour that clocks skip.
            if start < end:
                yield on, TimeSpan(start, end)


def dates_of(window: TimeSpan, zone: ZoneInfo) -> Iterator[date]:
    """Yield every date that `window` touches in `zone`."""
    on, last = (moment.astimezone(zone).date() for moment in (window.start, window.end))
    while on <= last:
        yield on
        on += A_DAY
