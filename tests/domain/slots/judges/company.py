"""A believable company to search in: what SLOTS.md section 6 measures with, from a seed.

1,000 people, half of them interviewers in 40 overlapping pools, in six time zones from Los Angeles
to Sydney. Calendars are 30 to 60 % busy: weekly meetings, clumps, events of 25 and 50 minutes, now
and then a day away. The four weeks hold the autumn clock changes of the EU and of the US.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from scheduler.domain.people import Interviewer, InterviewerId, LoadLimit, WorkingHours
from scheduler.domain.plan import (
    Lunch,
    Order,
    PlannedInterview,
    RoomId,
    SeatKind,
    SeatRule,
    StagePlan,
)
from scheduler.domain.slots.question import Person, Room, SlotSearch
from scheduler.domain.timespan import TimeSpan

FIRST = date(2026, 10, 12)
DAYS = 28
INTERVIEWERS = 500
POOLS = 40
ZONES = [
    ZoneInfo(name)
    for name in (
        *("America/Los_Angeles", "America/New_York", "Europe/London"),
        *("Europe/Berlin", "Asia/Kolkata", "Australia/Sydney"),
    )
]


class Company:
    """The interviewers, their pools and the rooms; the same for the same seed."""

    def __init__(
        self, seed: int = 1, *, days: int = DAYS, interviewers: int = INTERVIEWERS
    ) -> None:
        self.random = Random(seed)  # noqa: S311
        self.days = days
        start = datetime.combine(FIRST, time(), tzinfo=UTC)
        self.window = TimeSpan(start, start + timedelta(days=days))
        self.people = {
            InterviewerId(number): self._person(InterviewerId(number))
            for number in range(1, interviewers + 1)
        }
        self.pools: list[list[InterviewerId]] = [[] for _ in range(POOLS)]
        for interviewer_id in self.people:
            for pool in self.random.sample(self.pools, self.random.randint(1, 3)):
                pool.append(interviewer_id)
        self.rooms = {
            RoomId(number): Room(
                room_id=RoomId(number),
                busy=tuple(self._room_busy()),
                site="Berlin",
                version=f"r{number}",
            )
            for number in range(1, 25)
        }

    def search(
        self,
        seed: int,
        interviews: int,
        *,
        grid: int = 15,
        shared_pool: int | None = None,
        zone: ZoneInfo | None = None,
        lengths: tuple[int, ...] = (30, 45, 60),
        offers_days: int | None = None,
    ) -> SlotSearch:
        """Return a loop of so many interviews; with `shared_pool` all seats are drawn from so many.

        `offers_days` is how many of the days the candidate offers; without it, most of them.
        """
        random = Random(f"{seed} {interviews} {grid}")  # noqa: S311
        zone = zone or random.choice(ZONES)
        near = [each for each in self.people.values() if self._is_near(each, zone)]
        pool = frozenset(
            each.interviewer.interviewer_id
            for each in (random.sample(near, min(shared_pool, len(near))) if shared_pool else ())
        )
        if shared_pool and len(pool) < shared_pool:
            others = [each for each in self.people if each not in pool]
            pool |= frozenset(random.sample(others, min(shared_pool - len(pool), len(others))))
        parts = tuple(
            self._interview(random, random.choice(lengths), pool, zone) for _ in range(interviews)
        )
        pairs = [(i, j) for i in range(interviews) for j in range(i + 1, interviews)]
        needed = {person for part in parts for rule in part.seats for person in rule.eligible}
        return SlotSearch(
            plan=StagePlan(
                public_title="Onsite",
                public_notes="",
                interviews=parts,
                shortest_gap=timedelta(minutes=random.choice([0, 5, 10, 15])),
                longest_gap=timedelta(hours=2),
                order=Order.ANY,
                before=tuple(random.sample(pairs, 1)) if pairs and random.random() < 0.4 else (),
                grid=timedelta(minutes=grid),
                lunch=Lunch(),
                longest_day=timedelta(hours=7),
            ),
            people={each: self.people[each] for each in sorted(needed)},
            candidate_windows=tuple(self._windows(random, zone, offers_days)),
            candidate_zone=zone,
            window=self.window,
            earliest=self.window.start + timedelta(hours=24),
            rooms=self.rooms,
        )

    def _is_near(self, person: Person, zone: ZoneInfo) -> bool:
        noon = datetime.combine(FIRST, time(12), tzinfo=zone)
        return abs(_offset(noon, zone) - _offset(noon, person.interviewer.zone)) <= timedelta(
            hours=3
        )

    def _interview(
        self, random: Random, length: int, shared: frozenset[InterviewerId], zone: ZoneInfo
    ) -> PlannedInterview:
        pool = shared or self._pool(random, zone)
        seats = [SeatRule(SeatKind.LEAD, pool)]
        if random.random() < 0.3:
            seats.append(SeatRule(SeatKind.SECOND, shared or self._pool(random, zone)))
        if random.random() < 0.15:
            seats.append(SeatRule(SeatKind.SHADOW, shared or self._pool(random, zone)))
        if not shared and random.random() < 0.12:
            seats[0] = replace(seats[0], eligible=frozenset(random.sample(sorted(pool), 1)))
        rooms = random.sample(sorted(self.rooms), 8) if random.random() < 0.3 else None
        return PlannedInterview(
            title="Interview",
            focus="",
            length=timedelta(minutes=length),
            seats=tuple(seats),
            rooms=None if rooms is None else frozenset(rooms),
        )

    def _pool(self, random: Random, zone: ZoneInfo) -> frozenset[InterviewerId]:
        """Return a pool that has somebody awake when the candidate is."""
        while True:
            pool = random.choice(self.pools)
            if sum(self._is_near(self.people[each], zone) for each in pool) >= 2:
                return frozenset(pool)

    def _windows(self, random: Random, zone: ZoneInfo, offers_days: int | None) -> list[TimeSpan]:
        dates = [FIRST + timedelta(days=day) for day in range(self.days)]
        workdays = [on for on in dates if on.weekday() < 5]
        number = offers_days or round(len(workdays) * 0.8)
        found = []
        for on in sorted(random.sample(workdays, min(number, len(workdays)))):
            opens = random.choice([8, 9, 9, 10])
            start = datetime.combine(on, time(opens), tzinfo=zone)
            end = datetime.combine(on, time(random.choice([16, 17, 18, 19])), tzinfo=zone)
            found.append(TimeSpan(start, end))
        return found

    def _person(self, interviewer_id: InterviewerId) -> Person:
        random, zone = self.random, self.random.choice(ZONES)
        opens = self.random.choice([8, 9, 9, 10])
        dates = [FIRST + timedelta(days=day) for day in range(self.days)]
        return Person(
            interviewer=Interviewer(
                interviewer_id=interviewer_id,
                email=f"i{interviewer_id}@northwind.example",
                name=f"Interviewer {interviewer_id}",
                zone=zone,
                hours=tuple(
                    WorkingHours(weekday, time(opens), time(opens + 9)) for weekday in range(5)
                ),
                limit=LoadLimit(per_day=random.randint(1, 3), per_week=random.randint(2, 5)),
                buffer_before=timedelta(minutes=random.choice([0, 5, 10])),
                buffer_after=timedelta(minutes=random.choice([0, 5, 10])),
            ),
            busy=tuple(sorted(self._busy(zone, opens))),
            load={on: 1 for on in random.sample(dates, 4) if on.weekday() < 5},
            recent=random.randint(0, 9),
            version=f"v{interviewer_id}",
        )

    def _busy(self, zone: ZoneInfo, opens: int) -> list[TimeSpan]:
        """Return a calendar: what comes every week, and what each day brings."""
        random = self.random
        share = random.uniform(0.3, 0.6)
        weekly = [
            (
                random.randrange(5),
                opens * 60 + random.randrange(0, 32) * 15,
                random.choice([25, 50, 60]),
            )
            for _ in range(round(share * 14))
        ]
        found = []
        for day in range(-1, self.days + 1):
            on = FIRST + timedelta(days=day)
            if on.weekday() >= 5:
                continue
            if random.random() < 0.05:
                start = datetime.combine(on, time(), tzinfo=zone)
                end = datetime.combine(on + timedelta(days=1), time(), tzinfo=zone)
                found.append(TimeSpan(start, end))
                continue
            meetings = [
                (minute, length) for weekday, minute, length in weekly if weekday == on.weekday()
            ]
            minute = opens * 60 + random.randrange(0, 20) * 15
            for _ in range(round(share * random.uniform(3, 7))):
                length = random.choice([25, 50, 25, 55, 80])
                meetings.append((minute, length))
                minute += length + random.choice([5, 5, 10, 60, 120])
            for begins, length in meetings:
                start = datetime.combine(on, time(), tzinfo=zone).replace(
                    hour=min(begins // 60, 22), minute=begins % 60
                )
                found.append(TimeSpan(start, start.astimezone(UTC) + timedelta(minutes=length)))
        return found

    def _room_busy(self) -> list[TimeSpan]:
        found = []
        for day in range(self.days):
            for _ in range(self.random.randint(1, 5)):
                start = self.window.start + timedelta(
                    days=day, minutes=15 * self.random.randrange(24, 72)
                )
                found.append(
                    TimeSpan(start, start + timedelta(minutes=self.random.choice([30, 60, 90])))
                )
        return sorted(found)


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return offset
