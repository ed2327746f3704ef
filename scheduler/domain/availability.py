"""When somebody can be booked: working hours, less what is busy, less the days that are closed to them.

This is the exact rule, span by span. The search asks the same of whole weeks at once, in masks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from scheduler.domain.people import DayHours, Interviewer, WorkingHours
from scheduler.domain.plan import NO_TIME
from scheduler.domain.slots.question import Person
from scheduler.domain.timespan import TimeSpan, merge, subtract

A_DAY = timedelta(days=1)
DAYS_A_WEEK = 7


class EntryKind(StrEnum):
    """What an entry of somebody's calendar is to us.

    The keyword classes are words in a title that the organisation, or the person, has given a
    meaning; unless it was declined, they go before whatever else the entry is. A recruiting block
    is time kept for interviews.
    """

    BUSY = "busy"
    FREE = "free"
    TENTATIVE = "tentative"
    UNANSWERED = "unanswered"
    DECLINED = "declined"
    ALL_DAY_BUSY = "all-day busy"
    ALL_DAY_FREE = "all-day free"
    OUT_OF_OFFICE = "out of office"
    FOCUS_TIME = "focus time"
    WORKING_LOCATION = "working location"
    KEYWORD_IGNORE = "keyword: ignore"
    KEYWORD_SOFT = "keyword: soft"
    KEYWORD_HARD = "keyword: hard"
    RECRUITING_BLOCK = "recruiting block"


class ReadingLevel(StrEnum):
    """What may be read of a person's calendar: when they are busy, or their entries."""

    BUSY = "busy"
    DETAILS = "details"


class Effect(StrEnum):
    """What an entry does to interviews: forbids them, makes them dearer, or nothing."""

    BLOCKS = "blocks"
    SOFT = "soft"
    FREE = "free"


EFFECTS: Mapping[EntryKind, tuple[Effect, Effect]] = {
    # Kind: where only busy time may be read, and where details may. Free/busy leaves out what is
    # free or declined, and says nothing of what is left: that blocks, whatever it is.
    EntryKind.BUSY: (Effect.BLOCKS, Effect.BLOCKS),
    EntryKind.FREE: (Effect.FREE, Effect.FREE),
    EntryKind.TENTATIVE: (Effect.BLOCKS, Effect.SOFT),
    EntryKind.UNANSWERED: (Effect.BLOCKS, Effect.SOFT),
    EntryKind.DECLINED: (Effect.FREE, Effect.FREE),
    EntryKind.ALL_DAY_BUSY: (Effect.BLOCKS, Effect.BLOCKS),
    EntryKind.ALL_DAY_FREE: (Effect.FREE, Effect.FREE),
    EntryKind.OUT_OF_OFFICE: (Effect.BLOCKS, Effect.BLOCKS),
    EntryKind.FOCUS_TIME: (Effect.BLOCKS, Effect.SOFT),
    EntryKind.WORKING_LOCATION: (Effect.FREE, Effect.FREE),
    EntryKind.KEYWORD_IGNORE: (Effect.BLOCKS, Effect.FREE),
    EntryKind.KEYWORD_SOFT: (Effect.BLOCKS, Effect.SOFT),
    EntryKind.KEYWORD_HARD: (Effect.BLOCKS, Effect.BLOCKS),
    EntryKind.RECRUITING_BLOCK: (Effect.BLOCKS, Effect.FREE),
}
"""The one table of what stands in the way of an interview."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a calendar. An all-day entry goes from local midnight to local midnight."""

    kind: EntryKind
    span: TimeSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the entries of a calendar come to. Unknown (`busy` None) is never free."""

    busy: tuple[TimeSpan, ...] | None
    soft: tuple[TimeSpan, ...] = ()
    kept_for_interviews: tuple[TimeSpan, ...] = ()


UNKNOWN = Reading(busy=None)


def effect_of(kind: EntryKind, level: ReadingLevel) -> Effect:
    of_busy, of_details = EFFECTS[kind]
    return of_busy if level is ReadingLevel.BUSY else of_details


def reading_of(entries: Iterable[Entry] | None, level: ReadingLevel) -> Reading:
    """Return what entries come to; None (an error, or read too long ago) is unknown."""
    if entries is None:
        return UNKNOWN
    known = list(entries)

    def spans(effect: Effect) -> tuple[TimeSpan, ...]:
        return tuple(merge(each.span for each in known if effect_of(each.kind, level) is effect))

    blocks = (each.span for each in known if each.kind is EntryKind.RECRUITING_BLOCK)
    return Reading(
        busy=spans(Effect.BLOCKS),
        soft=spans(Effect.SOFT),
        kept_for_interviews=tuple(merge(blocks)) if level is ReadingLevel.DETAILS else (),
    )


def days_off(
    holidays: Iterable[date],
    window: TimeSpan,
    zone: ZoneInfo,
    *,
    paused_from: date | None = None,
    paused_until: date | None = None,
) -> frozenset[date]:
    """Return the dates of `window` on which somebody does not interview at all.

    A pause holds from its first to its last date, both included; without a first date it has begun
    already, without a last one it goes on, and without either there is none.
    """
    off = set(holidays)
    first, last = paused_from or date.min, paused_until or date.max
    if (first, last) == (date.min, date.max):
        first, last = last, first  # no pause at all: nothing lies between
    return frozenset(on for on in dates_of(window, zone) if on in off or first <= on <= last)


def bookable_between(
    now: datetime, *, notice: timedelta, rolling: timedelta | None
) -> tuple[datetime, datetime | None]:
    """Return the first and the last moment somebody can be booked for: `Person.earliest`, `latest`."""
    return now + notice, None if rolling is None else now + rolling


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
    return over_day(person, on, interviews=interviews, length=length) or over_week(
        person, on, interviews=interviews, length=length
    )


def over_day(person: Person, on: date, *, interviews: int, length: timedelta) -> bool:
    """Would so many more interviews, so long in all, break a limit of this date?"""
    limit = person.interviewer.limit
    return person.load.get(on, 0) + interviews > limit.per_day or _exceeds(
        person.load_time.get(on, NO_TIME) + length, limit.time_per_day
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
