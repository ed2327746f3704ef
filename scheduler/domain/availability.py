"""When somebody can be booked: working hours, less what is busy, less the days that are closed to them.

This is the exact rule, span by span. The search asks the same of whole weeks at once, in masks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from scheduler.domain.people import DayHours, Interviewer, WorkingHours
from scheduler.domain.plan import NO_TIME
from scheduler.domain.slots.question import Person
from scheduler.domain.timespan import TimeSpan, merge, subtract

A_DAY = timedelta(days=1)
DAYS_A_WEEK = 7


class Obstacle(StrEnum):
    """Why somebody cannot be booked at a time, in a recruiter's words."""

    UNKNOWN = "calendar unknown"
    OUTSIDE_HOURS = "outside working hours"
    DAY_OFF = "day off"
    NOT_BOOKABLE = "too soon or too far ahead for them"
    BUSY = "busy"
    LIMIT = "limit reached"


def free_spans(person: Person, window: TimeSpan) -> list[TimeSpan]:
    """Return when an interview of `person` may lie, in order. An unknown calendar is never free.

    Limits count interviews here; how long one takes is not known yet.
    """
    if person.busy is None:
        return []
    hours = (
        hours
        for on, hours in _by_date(person.interviewer.hours, person.interviewer.zone, window)
        if on not in person.days_off and not limit_reached(person, on)
    )
    return subtract(_bookable(person, hours), blocked_spans(person, window))


def working_hours(interviewer: Interviewer, window: TimeSpan) -> list[TimeSpan]:
    """Return the working hours inside `window`, in order."""
    return spans_of_hours(interviewer.hours, interviewer.zone, window)


def spans_of_hours(
    hours: Iterable[WorkingHours], zone: ZoneInfo, window: TimeSpan
) -> list[TimeSpan]:
    """Return the stretches of `window` that hours of the week cover in `zone`, in order."""
    return merge(span for _, span in _by_date(hours, zone, window))


def comfortable_spans(hours: DayHours, zone: ZoneInfo, window: TimeSpan) -> Iterator[TimeSpan]:
    """Yield the stretch of each date that these hours cover in `zone`, if it meets `window`."""
    for on in dates_of(window, zone):
        start, end = (at_wall_time(on, at, zone) for at in (hours.opens_at, hours.closes_at))
        if start < end and start < window.end and window.start < end:
            yield TimeSpan(start, end)


def local_days(window: TimeSpan, zone: ZoneInfo) -> Iterator[tuple[date, TimeSpan]]:
    """Yield every date that `window` touches in `zone`, with the part of `window` it covers."""
    for on in dates_of(window, zone):
        start = max(at_wall_time(on, time.min, zone), window.start)
        end = min(at_wall_time(on + A_DAY, time.min, zone), window.end)
        if start < end:
            yield on, TimeSpan(start, end)


def blocked_spans(person: Person, window: TimeSpan) -> list[TimeSpan]:
    """Return what no interview inside `window` may touch: the known busy time and its buffers."""
    return with_buffers(person.interviewer, person.busy or (), window)


def with_buffers(
    interviewer: Interviewer, spans: Iterable[TimeSpan], window: TimeSpan
) -> list[TimeSpan]:
    """Return where no interview may lie that stays clear of `spans`, as far as it is in `window`."""
    # The buffer before an interview lies after what is busy, and the other way round.
    before, after = interviewer.buffer_after, interviewer.buffer_before
    reach = window.widened(after, before)
    return merge(span.widened(before, after) for span in spans if span.overlaps(reach))


def obstacles(person: Person, span: TimeSpan) -> list[Obstacle]:
    """Return why `person` cannot interview at `span`: nothing when they can."""
    found = []
    on = local_date(person, span.start)
    if person.busy is None:
        found.append(Obstacle.UNKNOWN)
    if working_hours(person.interviewer, span) != [span]:
        found.append(Obstacle.OUTSIDE_HOURS)
    if on in person.days_off:
        found.append(Obstacle.DAY_OFF)
    if _bookable(person, [span]) != [span]:
        found.append(Obstacle.NOT_BOOKABLE)
    if blocked_spans(person, span):
        found.append(Obstacle.BUSY)
    if limit_reached(person, on, span.length):
        found.append(Obstacle.LIMIT)
    return found


def limit_reached(person: Person, on: date, length: timedelta = timedelta(0)) -> bool:
    """Is the day, or the ISO week it belongs to, too full for one more interview of this length?

    `on` is a date in the person's own zone.
    """
    return over_limit(person, on, interviews=1, length=length)


def over_limit(person: Person, on: date, *, interviews: int, length: timedelta) -> bool:
    """Would so many more interviews, so long in all, break a limit of the day or of its week?"""
    limit = person.interviewer.limit
    return (
        person.load.get(on, 0) + interviews > limit.per_day
        or _exceeds(person.load_time.get(on, NO_TIME) + length, limit.time_per_day)
        or over_week(person, on, interviews=interviews, length=length)
    )


def over_week(person: Person, on: date, *, interviews: int, length: timedelta) -> bool:
    """Would so many more interviews, so long in all, break a limit of the ISO week of `on`?"""
    limit = person.interviewer.limit
    return week_load(person, on) + interviews > limit.per_week or _exceeds(
        week_load_time(person, on) + length, limit.time_per_week
    )


def week_load(person: Person, on: date) -> int:
    """Return how many interviews the person already has in the ISO week of `on`, a date of theirs."""
    first = on.toordinal() - on.weekday()
    return sum(n for day, n in person.load.items() if 0 <= day.toordinal() - first < DAYS_A_WEEK)


def week_load_time(person: Person, on: date) -> timedelta:
    """Return how long the interviews are that the person already has in the ISO week of `on`."""
    first = on.toordinal() - on.weekday()
    that_week = (
        length
        for day, length in person.load_time.items()
        if 0 <= day.toordinal() - first < DAYS_A_WEEK
    )
    return sum(that_week, NO_TIME)


def local_date(person: Person, at: datetime) -> date:
    return at.astimezone(person.interviewer.zone).date()


def at_wall_time(on: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the moment, in UTC, when clocks in `zone` show `at`.

    A time that clocks skip in spring moves forward by what they skip; of a time that they show
    twice in autumn, the first counts.
    """
    return datetime.combine(on, at, tzinfo=zone).replace(fold=0).astimezone(UTC)


def dates_of(window: TimeSpan, zone: ZoneInfo) -> Iterator[date]:
    """Yield every date that `window` touches in `zone`."""
    on, last = (moment.astimezone(zone).date() for moment in (window.start, window.end))
    while on <= last:
        yield on
        on += A_DAY


def _by_date(
    hours: Iterable[WorkingHours], zone: ZoneInfo, window: TimeSpan
) -> Iterator[tuple[date, TimeSpan]]:
    for on in dates_of(window, zone):
        for each in hours:
            if each.weekday != on.weekday():
                continue
            start = max(at_wall_time(on, each.opens_at, zone), window.start)
            end = min(at_wall_time(on, each.closes_at, zone), window.end)
            # Hours can vanish: outside the window, or into the hour that clocks skip.
            if start < end:
                yield on, TimeSpan(start, end)


def _bookable(person: Person, spans: Iterable[TimeSpan]) -> list[TimeSpan]:
    """Return the spans as far as the person's own notice and how far ahead they plan allow."""
    found = []
    for span in spans:
        start = max(span.start, person.earliest) if person.earliest else span.start
        end = min(span.end, person.latest) if person.latest else span.end
        if start < end:
            found.append(TimeSpan(start, end))
    return found


def _exceeds(length: timedelta, most: timedelta | None) -> bool:
    return most is not None and length > most
