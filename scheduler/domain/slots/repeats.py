"""The rule for plans that let somebody sit in several interviews of one loop.

Nobody sits twice in one interview, and all limits hold with the whole loop counted. Days of a loop
that are solved apart may only break a limit together. Then one of them has to ask less of it: what a
day must stay below is a `Share`, and a day solved again keeps its shares like limits of its own.

Invariant: of the shares that `overdrawn` gives to the days, every loop that keeps the limits keeps
one at least.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from scheduler.domain.availability import (
    A_DAY,
    DAYS_A_WEEK,
    over_day,
    over_week,
)
from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import NO_TIME, TICK
from scheduler.domain.slots.assignment import Held, MaySit
from scheduler.domain.slots.question import Person, SlotSearch

MomentOf = Callable[[Held], datetime]
Sittings = Mapping[InterviewerId, Sequence[Held]]
"""Who sits in which interviews of a day, and where these are held."""


class Stretch(NamedTuple):
    """What one limit of somebody counts, interviews or their ticks, over so many dates."""

    first: date
    dates: int
    is_timed: bool

    def used(self, sitting: Sequence[tuple[date, timedelta]]) -> int:
        """Return how much of it interviews take, given by their date and length."""
        return sum(
            length // TICK if self.is_timed else 1
            for on, length in sitting
            if 0 <= (on - self.first).days < self.dates
        )


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
    """The rule for one search: `lengths` are those of its interviews, `moment_of` says when one is held."""

    def __init__(
        self, search: SlotSearch, lengths: Sequence[timedelta], moment_of: MomentOf
    ) -> None:
        self._people = search.people
        self._lengths = lengths
        self._moment_of = moment_of
        self._dates: dict[tuple[ZoneInfo, Held], date] = {}
        self._zones = {person.interviewer.zone for person in search.people.values()}
        self._within: dict[Shares, MaySit] = {}

    def may_sit(self, id_: InterviewerId, sitting: Sequence[Held], held: Held) -> bool:
        if any(k == held[0] for k, _ in sitting):
            return False
        person = self._people[id_]
        days: dict[date, list[timedelta]] = {}
        for on, length in self._dated(person, (*sitting, held)):
            days.setdefault(on, []).append(length)
        return keeps_limits(person, days)

    def within(self, shares: Shares) -> MaySit:
        """Return the rule for a day that has these shares: always the same for the same."""
        if not shares:
            return self.may_sit
        known = self._within.get(shares)
        if known is None:
            known = self._within[shares] = self._make_rule(shares)
        return known

    def alike(self, held: Held) -> tuple[int, tuple[date, ...]]:
        """Return all that the rule looks at of an interview: which it is, and everybody's date."""
        return held[0], tuple(self._date_in(zone, held) for zone in self._zones)

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

    def _make_rule(self, shares: Shares) -> MaySit:
        def may_sit(id_: InterviewerId, sitting: Sequence[Held], held: Held) -> bool:
            mine = [share for share in shares if share.person == id_]
            taken = self._dated(self._people[id_], (*sitting, held)) if mine else []
            return all(share.stretch.used(taken) < share.below for share in mine) and self.may_sit(
                id_, sitting, held
            )

        return may_sit

    def _dated(self, person: Person, sitting: Sequence[Held]) -> list[tuple[date, timedelta]]:
        zone = person.interviewer.zone
        return [(self._date_in(zone, held), self._lengths[held[0]]) for held in sitting]

    def _date_in(self, zone: ZoneInfo, held: Held) -> date:
        known = self._dates.get((zone, held))
        if known is None:
            known = self._dates[zone, held] = self._moment_of(held).astimezone(zone).date()
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
