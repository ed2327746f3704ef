"""A second opinion on slots: minute by minute, obvious, slow, and sharing no code with the search.

It reads the rules from the types alone. Nothing of `availability`, `masks`, `loops` or `staffing`
is imported: a mistake there must not hide here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import SeatKind
from scheduler.domain.slots.board import FREE_OF_CHARGE
from scheduler.domain.slots.question import Person, SlotSearch
from scheduler.domain.timespan import TimeSpan

Times = tuple[tuple[int, int], ...]
Panel = tuple[InterviewerId | None, ...]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTES_A_DAY = 1440
GRID_MINUTES = 15
WEIGHTS = replace(FREE_OF_CHARGE, load=2, empty_seat=3)
"""All that the oracle knows of costs; the judges know the rest."""


def minute_of(moment: datetime) -> int:
    return int((moment - EPOCH).total_seconds()) // 60


def moment_of(minute: int) -> datetime:
    return EPOCH + timedelta(minutes=minute)


class Oracle:
    """Answers about one search."""

    def __init__(self, search: SlotSearch) -> None:
        self.search = search
        self.first, self.last = minute_of(search.window.start), minute_of(search.window.end)
        self.free = {id_: self._free_minutes(one) for id_, one in search.people.items()}
        self.candidate = self._candidate_minutes()

    def slots(self) -> dict[int, tuple[Times, Panel]]:
        """Return for every start, in minutes, the times and the people that must be found."""
        found = {}
        for start in range(self.first, self.last):
            if start % GRID_MINUTES == 0:
                for times in sorted(self._loops(start, 0), key=_least_waiting):
                    if (panel := self.panel(times)) is not None:
                        found[start] = (times, panel)
                        break
        return found

    def panel(self, times: Times) -> Panel | None:
        """Return who should sit at these times, None for a seat that stays empty, or None at all."""
        if not self.times_are_fine(times):
            return None
        everyone = list(self._panels(times, 0, ()))
        if not everyone:
            return None
        return min(everyone, key=lambda panel: self._cost(times, panel))

    def times_are_fine(self, times: Times) -> bool:
        plan = self.search.plan
        lengths = [minutes_in(interview.length) for interview in plan.interviews]
        if [end - start for start, end in times] != lengths:
            return False
        for (_, end), (start, _) in pairwise(times):
            if not minutes_in(plan.shortest_gap) <= start - end <= minutes_in(plan.longest_gap):
                return False
        loop = range(times[0][0], times[-1][1])
        if not all(minute in self.candidate for minute in loop):
            return False
        return len({wall(minute, self.search.candidate_zone).date() for minute in loop}) == 1

    def can_sit(self, person: InterviewerId, start: int, end: int) -> bool:
        return person in self.free and self.free[person].issuperset(range(start, end))

    def _loops(self, start: int, number: int) -> Iterator[Times]:
        plan = self.search.plan
        end = start + minutes_in(plan.interviews[number].length)
        if not all(minute in self.candidate for minute in range(start, end)):
            return
        if number == len(plan.interviews) - 1:
            yield ((start, end),)
            return
        soonest = end + minutes_in(plan.shortest_gap)
        for following in range(soonest, end + minutes_in(plan.longest_gap) + 1):
            if following == soonest or following % GRID_MINUTES == 0:
                for rest in self._loops(following, number + 1):
                    yield ((start, end), *rest)

    def _panels(self, times: Times, number: int, sitting: Panel) -> Iterator[Panel]:
        rules = [
            (rule, time)
            for interview, time in zip(self.search.plan.interviews, times, strict=True)
            for rule in interview.seats
        ]
        if number == len(rules):
            yield sitting
            return
        rule, (start, end) = rules[number]
        for person in sorted(rule.eligible):
            if person not in sitting and self.can_sit(person, start, end):
                yield from self._panels(times, number + 1, (*sitting, person))
        if rule.kind is SeatKind.SHADOW:
            yield from self._panels(times, number + 1, (*sitting, None))

    def _cost(self, times: Times, panel: Panel) -> int:
        starts = [
            start
            for interview, (start, _) in zip(self.search.plan.interviews, times, strict=True)
            for _ in interview.seats
        ]
        return sum(
            WEIGHTS.empty_seat
            if person is None
            else WEIGHTS.load * self._load_that_week(person, start)
            for person, start in zip(panel, starts, strict=True)
        )

    def _load_that_week(self, id_: InterviewerId, start: int) -> int:
        person = self.search.people[id_]
        week = wall(start, person.interviewer.zone).isocalendar()[:2]
        return sum(n for on, n in person.load.items() if on.isocalendar()[:2] == week)

    def _free_minutes(self, person: Person) -> set[int]:
        return free_minutes(person, self.first, self.last)

    def _candidate_minutes(self) -> set[int]:
        earliest = minute_of(self.search.earliest)
        return {
            minute
            for offer in self.search.candidate_windows
            for minute in range(minute_of(offer.start), minute_of(offer.end))
            if self.first <= minute < self.last and minute >= earliest
        }


def free_minutes(person: Person, first: int, last: int) -> set[int]:
    """Return the minutes of [first, last) that an interview of `person` may cover."""
    if person.busy is None:
        return set()
    who = person.interviewer
    free = {m for m in range(first, last) if _works(person, m) and not _is_full(person, m)}
    for busy in person.busy:
        start = minute_of(busy.start) - minutes_in(who.buffer_after)
        end = minute_of(busy.end) + minutes_in(who.buffer_before)
        free -= set(range(start, end))
    return free


def _works(person: Person, minute: int) -> bool:
    zone = person.interviewer.zone
    on = wall(minute, zone).date()
    return any(
        minute_at(on, hours.opens_at, zone) <= minute < minute_at(on, hours.closes_at, zone)
        for hours in person.interviewer.hours
        if hours.weekday == on.weekday()
    )


def _is_full(person: Person, minute: int) -> bool:
    on = wall(minute, person.interviewer.zone).date()
    that_week = sum(
        n for day, n in person.load.items() if day.isocalendar()[:2] == on.isocalendar()[:2]
    )
    limit = person.interviewer.limit
    return person.load.get(on, 0) >= limit.per_day or that_week >= limit.per_week


@cache
def wall(minute: int, zone: ZoneInfo) -> datetime:
    """Return what the clock on the wall shows."""
    return moment_of(minute).astimezone(zone).replace(tzinfo=None, fold=0)


@cache
def minute_at(on: date, at: time, zone: ZoneInfo) -> int:
    """Return the first minute at which the wall shows `at`; a time that is skipped moves on by the skip."""
    wanted = datetime.combine(on, at)
    around = minute_of(wanted.replace(tzinfo=UTC))
    for minute in range(around - MINUTES_A_DAY, around + MINUTES_A_DAY):
        shown = wall(minute, zone)
        if shown == wanted:
            return minute
        if shown > wanted:
            before = wall(minute - 1, zone)
            return minute - 1 + minutes_in(wanted - before)
    raise AssertionError("every wall time lies within a day of the same time in UTC")


def minutes_in(length: timedelta) -> int:
    return int(length.total_seconds()) // 60


def times_of(spans: Sequence[TimeSpan]) -> Times:
    return tuple((minute_of(span.start), minute_of(span.end)) for span in spans)


def _least_waiting(times: Times) -> tuple[int, list[int]]:
    """Order the shortest first, and of these those whose interviews are over early, the last ones first."""
    return times[-1][1] - times[0][0], [end for _, end in reversed(times)]
