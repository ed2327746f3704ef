"""A quarter of interviews, booked one after the other through the search, and how fairly they fell.

Everybody in a pool works the same hours and has as much in the calendar as the others, at other
times: equally available peers. Candidates come at random and want one interview with somebody of a
pool, on some days of the two weeks ahead. Whoever is booked is busy then, has one interview more in
that week, and one more that fairness looks at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from statistics import mean
from zoneinfo import ZoneInfo

from scheduler.domain.people import Interviewer, InterviewerId, WorkingHours
from scheduler.domain.plan import PlannedInterview, SeatKind, SeatRule, StagePlan
from scheduler.domain.slots.question import Person, SlotSearch
from scheduler.domain.slots.search import Calendars, best
from scheduler.domain.timespan import TimeSpan

FIRST = date(2026, 4, 6)
"""A Monday; no clock of these zones changes in the quarter that follows."""
WEEKS = 13
AHEAD = timedelta(days=14)
NOTICE = timedelta(hours=24)
LOOKED_BACK = timedelta(weeks=4)
"""How long an interview counts for fairness; those to come count too."""
POOL_SIZE = 15
ZONES = [ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York")]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many interviews each person was given, by pool, and how many found no time."""

    counts: tuple[tuple[int, ...], ...]
    missed: int

    @property
    def ginis(self) -> list[float]:
        return [gini(counts) for counts in self.counts]

    @property
    def largest_deficit(self) -> float:
        """Return how many interviews anybody had less than their peers on average."""
        return max(mean(counts) - min(counts) for counts in self.counts)


def gini(counts: Sequence[int]) -> float:
    """Return the Gini coefficient: 0 when all have the same, towards 1 when one has all."""
    total = sum(counts)
    if not total:
        return 0.0
    ranked = sorted(counts)
    weighted = sum(rank * count for rank, count in enumerate(ranked, 1))
    return 2 * weighted / (len(ranked) * total) - (len(ranked) + 1) / len(ranked)


def simulate(*, interviewers: int, interviews: int, weeks: int = WEEKS, seed: int = 1) -> Outcome:
    """Book so many interviews over the quarter."""
    return _Quarter(interviewers, weeks, Random(seed)).run(interviews)  # noqa: S311


class _Quarter:
    def __init__(self, interviewers: int, weeks: int, random: Random) -> None:
        self._random, self._weeks = random, weeks
        start = datetime.combine(FIRST, time(), tzinfo=UTC)
        self._window = TimeSpan(start, start + timedelta(weeks=weeks) + AHEAD)
        self._calendars = Calendars(self._window)
        ids = [InterviewerId(number) for number in range(1, interviewers + 1)]
        self._pools = [ids[at : at + POOL_SIZE] for at in range(0, interviewers, POOL_SIZE)]
        self._zones = {
            id_: ZONES[number % len(ZONES)]
            for number, pool in enumerate(self._pools)
            for id_ in pool
        }
        self._people = {id_: self._person(id_) for id_ in ids}
        self._given: dict[InterviewerId, list[datetime]] = defaultdict(list)

    def run(self, interviews: int) -> Outcome:
        asked = sorted(
            self._random.random() * timedelta(weeks=self._weeks) for _ in range(interviews)
        )
        missed = sum(not self._book(self._window.start + after) for after in asked)
        counts = tuple(tuple(len(self._given[id_]) for id_ in pool) for pool in self._pools)
        return Outcome(counts, missed)

    def _book(self, now: datetime) -> bool:
        pool = self._random.choice(self._pools)
        for id_ in pool:
            self._recount(id_, now)
        found = best(self._search(pool, now), top=1, calendars=self._calendars).slots
        for ranked in found:
            [part] = ranked.slot.interviews
            [seat] = part.seats
            self._give(seat.interviewer_id, part.span)
        return bool(found)

    def _search(self, pool: Sequence[InterviewerId], now: datetime) -> SlotSearch:
        zone = self._zones[pool[0]]
        dates = [now.astimezone(zone).date() + timedelta(days=day) for day in range(1, AHEAD.days)]
        workdays = [on for on in dates if on.weekday() < 5]
        windows = []
        for on in sorted(self._random.sample(workdays, 4)):
            opens = datetime.combine(on, time(self._random.choice([9, 10, 13])), tzinfo=zone)
            windows.append(TimeSpan(opens, opens + timedelta(hours=4)))
        seats = (SeatRule(SeatKind.LEAD, frozenset(pool)),)
        length = timedelta(minutes=self._random.choice([30, 45, 60]))
        return SlotSearch(
            plan=StagePlan(
                public_title="Screen",
                public_notes="",
                interviews=(PlannedInterview("Screen", "", length, seats),),
            ),
            people={id_: self._people[id_] for id_ in pool},
            candidate_windows=tuple(windows),
            candidate_zone=zone,
            window=TimeSpan(now, now + AHEAD),
            earliest=now + NOTICE,
        )

    def _recount(self, id_: InterviewerId, now: datetime) -> None:
        recent = sum(at >= now - LOOKED_BACK for at in self._given[id_])
        if recent != self._people[id_].recent:
            self._change(id_, recent=recent)

    def _give(self, id_: InterviewerId, span: TimeSpan) -> None:
        person = self._people[id_]
        on = span.start.astimezone(person.interviewer.zone).date()
        load: Mapping[date, int] = {**person.load, on: person.load.get(on, 0) + 1}
        self._given[id_].append(span.start)
        self._change(id_, busy=(*(person.busy or ()), span), load=load)

    def _change(self, id_: InterviewerId, **changes: object) -> None:
        person = self._people[id_]
        version = f"{int(person.version) + 1}"
        self._people[id_] = replace(person, version=version, **changes)  # type: ignore[arg-type]  # fields of Person

    def _person(self, id_: InterviewerId) -> Person:
        zone = self._zones[id_]
        return Person(
            interviewer=Interviewer(
                interviewer_id=id_,
                email=f"i{id_}@northwind.example",
                name=f"Interviewer {id_}",
                zone=zone,
                hours=tuple(WorkingHours(weekday, time(9), time(18)) for weekday in range(5)),
            ),
            busy=tuple(self._meetings(zone)),
            load={},
            version="1",
        )

    def _meetings(self, zone: ZoneInfo) -> list[TimeSpan]:
        """Return a calendar: five meetings of half an hour to an hour and a half every workday."""
        found = []
        for day in range(self._weeks * 7 + AHEAD.days):
            on = FIRST + timedelta(days=day)
            for _ in range(5 if on.weekday() < 5 else 0):
                start = datetime.combine(
                    on, time(self._random.randint(9, 17), self._random.choice([0, 30])), tzinfo=zone
                )
                length = timedelta(minutes=self._random.choice([30, 60, 60, 90]))
                found.append(TimeSpan(start, start.astimezone(UTC) + length))
        return found
