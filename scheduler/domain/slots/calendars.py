"""Masks of when people and rooms can be had, made once and kept.

Turning a calendar into a mask is the dear part of a search, and calendars change seldom: what is
made here stays until the person's version changes. Clocks are looked at once per zone and kind of
hours, never per person.

Invariant: a person's start mask for a length holds exactly the ticks at which an interview of that
length could start, were it the only one of the loop; nobody whose calendar is unknown has any.
What passes with the hour, `Person.earliest` and `latest`, is left out here and cut off in `panel`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from datetime import date, timedelta
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from scheduler.domain.availability import (
    comfortable_spans,
    local_days,
    over_day,
    over_week,
    spans_of_hours,
)
from scheduler.domain.people import DayHours, Interviewer, InterviewerId, WorkingHours
from scheduler.domain.plan import NO_TIME, TICK, RoomId
from scheduler.domain.slots.masks import Horizon, Ticks, runs, stretch, stretches, union
from scheduler.domain.slots.question import Person, Room, Weights
from scheduler.domain.timespan import TimeSpan, merge

Levels = tuple[tuple[int, int], ...]
"""Pairs of a cost and the mask of the starts at which it is due; no start is in two."""

DAY, WEEK = timedelta(days=1), timedelta(days=7)
Prices = Mapping[tuple[date, timedelta], int]
"""What is charged for a DAY from a date on, or for a WEEK from its Monday, where the person is."""

T = TypeVar("T")


class LocalDay(NamedTuple):
    on: date
    ticks: Ticks
    mask: int


class Calendars:
    """The masks of everybody over one horizon. The only thing in the search that changes."""

    def __init__(self, window: TimeSpan) -> None:
        self.horizon = Horizon.around(window)
        self._people: dict[InterviewerId, _PersonMasks] = {}
        self._rooms: dict[RoomId, _RoomMasks] = {}
        self._prices: dict[Weights, int] = {}
        """A number for all weights that were asked with: they are long to compare."""
        self._clocks: dict[object, object] = {}
        self._charged: dict[InterviewerId, Prices] = {}

    def covers(self, window: TimeSpan) -> bool:
        return self.horizon.span.contains(window)

    def apart(self) -> Calendars:
        """Return calendars that begin with these masks, and keep what they learn of changed people
        to themselves."""
        other = copy(self)
        other._people, other._rooms = self._people.copy(), self._rooms.copy()
        other._charged = self._charged.copy()
        return other

    def charge(self, id_: InterviewerId, prices: Prices) -> None:
        """Let somebody cost so much more in these stretches of time than the rules say.

        That is for who weighs what else the person is wanted for, in calendars of their own.
        """
        if self._charged.get(id_, {}) == prices:
            return
        self._charged[id_] = prices
        if id_ in self._people:
            self._people[id_] = self._people[id_].without_prices()

    def free(self, person: Person) -> int:
        """Return when an interview of `person` may lie, limits and the rest of the loop apart."""
        return self._of(person).free

    def starts(self, person: Person, length: int) -> int:
        """Return when one interview of `length` ticks can start."""
        kept = self._of(person)
        known = kept.starts.get(length)
        if known is None:
            free = kept.free & ~self._full_days(person, length) if kept.free else 0
            known = kept.starts[length] = runs(free, length)
        return known

    def levels(
        self, people: Iterable[Person], length: int, weights: Weights, within: int
    ) -> Iterator[tuple[Person, Levels]]:
        """Yield those who are free `within` these ticks, with their starts by what they cost then."""
        key = length, self._prices.setdefault(weights, len(self._prices))
        masks = self._people
        for person in people:
            kept = masks.get(person.interviewer.interviewer_id)
            if kept is None or kept.person is not person:
                kept = self._of(person)
            if not kept.free & within:
                continue
            known = kept.levels.get(key)
            if known is None:
                known = kept.levels[key] = self._priced(person, length, weights)
            yield person, known

    def room_starts(self, room: Room, length: int) -> int:
        kept = self._rooms.get(room.room_id)
        if kept is None or not _is_same(kept.room, room):
            free = self._free_room(room) if kept is None else self._free_room_since(kept, room)
            kept = self._rooms[room.room_id] = _RoomMasks(room, free)
        known = kept.starts.get(length)
        if known is None:
            known = kept.starts[length] = runs(kept.free, length)
        return known

    def days(self, zone: ZoneInfo) -> list[LocalDay]:
        """Return the local days of the horizon; the first and the last may be cut."""
        return self._once(("days", zone), lambda: self._local_days(zone))

    def comfortable(self, zone: ZoneInfo, hours: DayHours, length: int) -> int:
        """Return the starts at which `length` ticks lie inside these hours of one date."""

        def build() -> int:
            spans = comfortable_spans(hours, zone, self.horizon.span)
            return union(runs(self._within([span]), length) for span in spans)

        return self._once(("comfortable", zone, hours, length), build)

    def remember(self, person: Person, blob: bytes) -> bool:
        """Take a free mask that `to_bytes` made; say whether it is of use to this horizon."""
        free = _unpacked(blob, self.horizon)
        if free is not None:
            self._people[person.interviewer.interviewer_id] = _PersonMasks(person, free)
        return free is not None

    def to_bytes(self, person: Person) -> bytes:
        """Return the person's free mask as a row can keep it, along with their version."""
        return _packed(self.free(person), self.horizon)

    def _of(self, person: Person) -> _PersonMasks:
        id_ = person.interviewer.interviewer_id
        kept = self._people.get(id_)
        if kept is None or not _is_same(kept.person, person):
            free = self._free(person) if kept is None else self._free_since(kept, person)
            kept = self._people[id_] = _PersonMasks(person, free)
        return kept

    def _free_since(self, kept: _PersonMasks, person: Person) -> int:
        """Return when the person is free, from what is kept of them where they only got busier."""
        more = _more_to_do(kept.person, person)
        if more is None:
            return self._free(person)
        return kept.free & ~self._blocked(person.interviewer, more)

    def _free(self, person: Person) -> int:
        if person.busy is None:
            return 0
        who = person.interviewer
        free = self._hours(who.zone, who.hours)
        if person.busy:
            free &= ~self._blocked(who, person.busy)
        for on, _, mask in self.days(who.zone) if person.days_off else ():
            if on in person.days_off:
                free &= ~mask
        return free

    def _full_days(self, person: Person, length: int) -> int:
        kept, limit = self._of(person), person.interviewer.limit
        is_timed = limit.time_per_day is not None or limit.time_per_week is not None
        counted = length if is_timed else 0
        known = kept.full_days.get(counted)
        if known is None:
            known = kept.full_days[counted] = self._find_full_days(person, counted * TICK)
        return known

    def _find_full_days(self, person: Person, length: timedelta) -> int:
        zone = person.interviewer.zone
        weeks = (
            mask
            for monday, mask in self._weeks(zone)
            if over_week(person, monday, interviews=1, length=length)
        )
        days = (
            mask
            for on, _, mask in self.days(zone)
            if over_day(person, on, interviews=1, length=length)
        )
        return union(weeks) | union(days)

    def _priced(self, person: Person, length: int, weights: Weights) -> Levels:
        who = person.interviewer
        starts = {0: self.starts(person, length)}
        if who.comfortable is not None and weights.comfort:
            cosy = self.comfortable(who.zone, who.comfortable, length)
            starts = dearer(starts, ~cosy, weights.comfort)
        if (who.preferred_blocks or person.kept_for_interviews) and weights.block:
            starts = dearer(starts, ~runs(self._liked(person), length), weights.block)
        if person.soft and weights.soft:
            soft = self._blocked(who, person.soft)
            clear = runs(self.horizon.everything & ~soft, length)
            starts = dearer(starts, ~clear, weights.soft)
        charged = self._charged.get(who.interviewer_id, {})
        starts = self._by_week(starts, person, weights.load, charged)
        for (first, stay), price in charged.items():
            if stay != WEEK:
                starts = dearer(starts, self._dates(who.zone, first, stay), price)
        return tuple(sorted((cost, mask) for cost, mask in starts.items() if mask))

    def _by_week(
        self, starts: dict[int, int], person: Person, load: int, charged: Prices
    ) -> dict[int, int]:
        """Return the levels with what interviews cost in a week that has some, and what is charged."""
        prices: dict[date, int] = {}
        for on, many in person.load.items() if load else ():
            monday = on - timedelta(days=on.weekday())
            prices[monday] = prices.get(monday, 0) + load * many
        for (first, length), price in charged.items():
            if length == WEEK:
                prices[first] = prices.get(first, 0) + price
        if not prices:
            return starts
        found: dict[int, int] = {}
        for monday, mask in self._weeks(person.interviewer.zone):
            more = prices.get(monday, 0)
            for cost, level in starts.items():
                if there := level & mask:
                    found[cost + more] = found.get(cost + more, 0) | there
        return found

    def _hours(self, zone: ZoneInfo, hours: tuple[WorkingHours, ...]) -> int:
        return self._once(
            ("hours", zone, hours),
            lambda: self._within(spans_of_hours(hours, zone, self.horizon.span)),
        )

    def _liked(self, person: Person) -> int:
        who, kept = person.interviewer, person.kept_for_interviews
        if not kept:
            return self._hours(who.zone, who.preferred_blocks)
        # Joined as spans: two that touch between ticks are one.
        blocks = spans_of_hours(who.preferred_blocks, who.zone, self.horizon.span)
        return self._within(merge((*blocks, *kept)))

    def _weeks(self, zone: ZoneInfo) -> list[tuple[date, int]]:
        def build() -> list[tuple[date, int]]:
            weeks: dict[date, int] = {}
            for on, _, mask in self.days(zone):
                monday = on - timedelta(days=on.weekday())
                weeks[monday] = weeks.get(monday, 0) | mask
            return list(weeks.items())

        return self._once(("weeks", zone), build)

    def _dates(self, zone: ZoneInfo, first: date, length: timedelta) -> int:
        """Return the ticks of so many dates from the first on."""
        return self._once(
            ("dates", zone, first, length),
            lambda: union(mask for on, _, mask in self.days(zone) if first <= on < first + length),
        )

    def _local_days(self, zone: ZoneInfo) -> list[LocalDay]:
        found = []
        for on, span in local_days(self.horizon.span, zone):
            start, end = ticks = self.horizon.within(span.start, span.end)
            found.append(LocalDay(on, ticks, stretch(start, end)))
        return found

    def _free_room(self, room: Room) -> int:
        if room.busy is None:
            return 0
        return self.horizon.everything & ~self._touched(room.busy, NO_TIME, NO_TIME)

    def _free_room_since(self, kept: _RoomMasks, room: Room) -> int:
        more = _added(kept.room.busy, room.busy)
        if more is None:
            return self._free_room(room)
        return kept.free & ~self._touched(more, NO_TIME, NO_TIME)

    def _within(self, spans: Iterable[TimeSpan]) -> int:
        ranges = (self.horizon.within(span.start, span.end) for span in spans)
        return stretches(ranges, self.horizon.count)

    def _blocked(self, who: Interviewer, busy: Iterable[TimeSpan]) -> int:
        """Return the ticks that busy time takes, buffers and all."""
        return self._touched(busy, who.buffer_after, who.buffer_before)

    def _touched(self, spans: Iterable[TimeSpan], before: timedelta, after: timedelta) -> int:
        ranges = (self.horizon.touched(span.start - before, span.end + after) for span in spans)
        return stretches(ranges, self.horizon.count)

    def _once(self, key: object, build: Callable[[], T]) -> T:
        if key not in self._clocks:
            self._clocks[key] = build()
        return self._clocks[key]  # type: ignore[return-value]  # each key has one kind of value


class _PersonMasks:
    """What is kept of one person, for one version of them."""

    __slots__ = ("free", "full_days", "levels", "person", "starts")

    def __init__(self, person: Person, free: int) -> None:
        self.person = person
        self.free = free
        self.full_days: dict[int, int] = {}
        self.starts: dict[int, int] = {}
        self.levels: dict[tuple[int, int], Levels] = {}

    def without_prices(self) -> _PersonMasks:
        other = _PersonMasks(self.person, self.free)
        other.full_days, other.starts = self.full_days, self.starts
        return other


class _RoomMasks:
    """What is kept of one room, for one version of it."""

    __slots__ = ("free", "room", "starts")

    def __init__(self, room: Room, free: int) -> None:
        self.room = room
        self.free = free
        self.starts: dict[int, int] = {}


def _is_same(kept: Person | Room, asked: Person | Room) -> bool:
    return kept is asked or (asked.version != "" and kept.version == asked.version)


def _more_to_do(before: Person, now: Person) -> tuple[TimeSpan, ...] | None:
    """Return what the person has on top of what they had before; None if anything else is new."""
    is_as_before = before.interviewer == now.interviewer and before.days_off == now.days_off
    return _added(before.busy, now.busy) if is_as_before else None


def _added(
    had: tuple[TimeSpan, ...] | None, has: tuple[TimeSpan, ...] | None
) -> tuple[TimeSpan, ...] | None:
    """Return what follows in `has` after all that was there before; None if something is gone."""
    if had is None or has is None or has[: len(had)] != had:
        return None
    return has[len(had) :]


def dearer(starts: dict[int, int], where: int, by: int) -> dict[int, int]:
    """Return the levels with `by` more to pay in `where`."""
    if not by:
        return starts
    found: dict[int, int] = {}
    for cost, mask in starts.items():
        if as_before := mask & ~where:
            found[cost] = found.get(cost, 0) | as_before
        if more := mask & where:
            found[cost + by] = found.get(cost + by, 0) | more
    return found


HEADER_BYTES = 8


def _packed(mask: int, horizon: Horizon) -> bytes:
    header = horizon.first.to_bytes(4, "little") + horizon.count.to_bytes(4, "little")
    return header + mask.to_bytes(horizon.count // 8, "little")


def _unpacked(blob: bytes, horizon: Horizon) -> int | None:
    """Return the mask on `horizon`; None when the blob does not reach over all of it."""
    first, count = (int.from_bytes(blob[at : at + 4], "little") for at in (0, 4))
    if len(blob) != HEADER_BYTES + count // 8:
        return None
    ahead = horizon.first - first
    if ahead < 0 or ahead + horizon.count > count:
        return None
    return int.from_bytes(blob[HEADER_BYTES:], "little") >> ahead & horizon.everything
