"""The rule for plans that let somebody sit in several interviews of one loop.

Nobody sits twice in one interview, and all limits hold with the whole loop counted. Days of a loop
that are solved apart may only break a limit together. Then one of them has to ask less of it: what a
day must stay below is a `Share`, and a day solved again keeps its shares like limits of its own.

Invariant: of the shares that `overdrawn` gives to the days, every loop that keeps the limits keeps
one at least.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo

from scheduler.domain.availability import (
    A_DAY,
    DAYS_A_WEEK,
    over_day,
    over_week,
    week_load,
    week_load_time,
)
from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import NO_TIME, TICK
from scheduler.domain.slots.assignment import Held
from scheduler.domain.slots.question import Person, SlotSearch

MomentOf = Callable[[int], datetime]
Sittings = Mapping[InterviewerId, Sequence[Held]]
"""Who sits in which interviews of a day, and where these are held."""


Dated = tuple[date, timedelta]
"""An interview by its date, where whoever sits in it is, and its length."""


class Stretch(NamedTuple):
    """What one limit of somebody counts, interviews or their ticks, over so many dates."""

    first: date
    dates: int
    is_timed: bool

    def used(self, sitting: Sequence[Dated]) -> int:
        """Return how much of it interviews take, given by their date and length."""
        return sum(
            length // TICK if self.is_timed else 1
            for on, length in sitting
            if 0 <= (on - self.first).days < self.dates
        )

    def counts_all(self, dates: Sequence[date]) -> bool:
        """Are all interviews of these dates counted, each as one at least?"""
        return all(0 <= (on - self.first).days < self.dates for on in dates)


class Share(NamedTuple):
    """What one day of a loop may take of a stretch of somebody: less than `below`."""

    person: InterviewerId
    stretch: Stretch
    below: int


Shares = frozenset[Share]
NO_SHARES: Shares = frozenset()


def with_share(shares: Shares, share: Share) -> Shares:
    """Return the shares with a smaller one, in place of that of the same person and stretch."""
    return frozenset(each for each in shares if each[:2] != share[:2]) | {share}


class Repeats:
    """The rule for one search, or for a day of it that has shares.

    `lengths` are those of its interviews, `moment_of` says when one is held at a position.
    """

    def __init__(
        self, search: SlotSearch, lengths: Sequence[timedelta], moment_of: MomentOf
    ) -> None:
        self._people = search.people
        self._lengths = lengths
        self._moment_of = moment_of
        self._dates: dict[tuple[ZoneInfo, int], date] = {}
        self._zones = {person.interviewer.zone for person in search.people.values()}
        self._shares = NO_SHARES
        self._within: dict[Shares, Repeats] = {NO_SHARES: self}
        self._most: dict[tuple[InterviewerId, date, date], int] = {}
        self._verdicts: dict[tuple[InterviewerId, tuple[Dated, ...]], bool] = {}

    def within(self, shares: Shares) -> Repeats:
        """Return the rule for a day that has these shares: always the same for the same."""
        known = self._within.get(shares)
        if known is None:
            known = self._within[shares] = copy(self)
            known._shares, known._most, known._verdicts = shares, {}, {}
        return known

    def may_sit(self, id_: InterviewerId, sitting: Sequence[Held], held: Held) -> bool:
        if any(k == held[0] for k, _ in sitting):
            return False
        dated = tuple(sorted(self._dated(self._people[id_], (*sitting, held))))
        known = self._verdicts.get((id_, dated))
        if known is None:
            known = self._verdicts[id_, dated] = self._is_within(id_, dated)
        return known

    def most(self, id_: InterviewerId, first: int, last: int) -> int:
        """Return in how many interviews that start at such positions somebody can sit at most."""
        person = self._people[id_]
        zone = person.interviewer.zone
        dates = self._date_in(zone, first), self._date_in(zone, last)
        known = self._most.get((id_, *dates))
        if known is None:
            known = self._most[id_, *dates] = self._find_most(person, *dates)
        return known

    def alike(self, held: Held) -> tuple[int, tuple[date, ...]]:
        """Return all that the rule looks at of an interview: which it is, and everybody's date."""
        return held[0], tuple(self._date_in(zone, held[1]) for zone in self._zones)

    def overdrawn(self, days: Sequence[Sittings]) -> list[tuple[int, Share]]:
        """Return shares that days of a loop exceed, by their number; nothing when no limit is broken."""
        for id_ in sorted(frozenset[InterviewerId]().union(*days)):
            person = self._people[id_]
            dated = [self._dated(person, day.get(id_, ())) for day in days]
            together: dict[date, list[timedelta]] = {}
            for on, length in (each for day in dated for each in day):
                together.setdefault(on, []).append(length)
            for stretch in broken_limits(person, together):
                taken = [stretch.used(day) for day in dated]
                return [(n, Share(id_, stretch, used)) for n, used in enumerate(taken) if used]
        return []

    def _is_within(self, id_: InterviewerId, dated: Sequence[Dated]) -> bool:
        """Does somebody keep limits and shares with interviews of these dates and lengths?"""
        days: dict[date, list[timedelta]] = {}
        for on, length in dated:
            days.setdefault(on, []).append(length)
        mine = (share for share in self._shares if share.person == id_)
        return keeps_limits(self._people[id_], days) and all(
            share.stretch.used(dated) < share.below for share in mine
        )

    def _find_most(self, person: Person, first: date, last: date) -> int:
        limit, weeks = person.interviewer.limit, dict[date, int]()
        dates = [first + day * A_DAY for day in range((last - first).days + 1)]
        for on in dates:
            monday = on - on.weekday() * A_DAY
            left = max(limit.per_day - person.load.get(on, 0), 0)
            in_time = self._most_in(limit.time_per_day, person.load_time.get(on, NO_TIME))
            weeks[monday] = weeks.get(monday, 0) + min(left, in_time)
        many = 0
        for monday, days in weeks.items():
            left = max(limit.per_week - week_load(person, monday), 0)
            in_time = self._most_in(limit.time_per_week, week_load_time(person, monday))
            many += min(days, left, in_time)
        for id_, stretch, below in self._shares:
            if id_ == person.interviewer.interviewer_id and stretch.counts_all(dates):
                many = min(many, below - 1)
        return min(many, len(self._lengths))

    def _most_in(self, limit: timedelta | None, taken: timedelta) -> int:
        """Return how many interviews the time that is left is enough for, the shortest first."""
        if limit is None:
            return len(self._lengths)
        ends = accumulate(sorted(self._lengths), initial=taken)
        return sum(end <= limit for end in [*ends][1:])

    def _dated(self, person: Person, sitting: Sequence[Held]) -> list[Dated]:
        zone = person.interviewer.zone
        return [(self._date_in(zone, at), self._lengths[k]) for k, at in sitting]

    def _date_in(self, zone: ZoneInfo, position: int) -> date:
        known = self._dates.get((zone, position))
        if known is None:
            moment = self._moment_of(position)
            known = self._dates[zone, position] = moment.astimezone(zone).date()
        return known


def keeps_limits(person: Person, days: Mapping[date, Sequence[timedelta]]) -> bool:
    """Are the person's limits kept with these interviews, their lengths by date, on top of their load?"""
    return not any(broken_limits(person, days))


def broken_limits(person: Person, days: Mapping[date, Sequence[timedelta]]) -> Iterator[Stretch]:
    """Yield what is too much of such interviews: how many there are, or else how long they take."""
    weeks: dict[date, list[timedelta]] = {}
    for on, lengths in days.items():
        weeks.setdefault(on - on.weekday() * A_DAY, []).extend(lengths)
    for counted, dates, is_over in ((days, 1, over_day), (weeks, DAYS_A_WEEK, over_week)):
        for first, lengths in counted.items():
            many, length = len(lengths), sum(lengths, NO_TIME)
            if is_over(person, first, interviews=many, length=length):
                are_too_many = is_over(person, first, interviews=many, length=NO_TIME)
                yield Stretch(first, dates, is_timed=not are_too_many)
