"""Small random searches that use every rule, on the dates at which clocks do odd things.

From a seed, so that an instance can be named: `search_of(17)` is the same search everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from scheduler.domain.availability import at_wall_time, dates_of
from scheduler.domain.people import DayHours, Interviewer, InterviewerId, LoadLimit, WorkingHours
from scheduler.domain.plan import (
    Lunch,
    Order,
    PlannedInterview,
    Rest,
    RoomId,
    SeatKind,
    SeatRule,
    StagePlan,
)
from scheduler.domain.slots.question import Person, Room, SlotSearch
from scheduler.domain.timespan import TimeSpan

ZONES = [
    ZoneInfo(name)
    for name in (
        *("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Africa/Cairo"),
        *("Australia/Lord_Howe", "Pacific/Chatham", "America/St_Johns", "Pacific/Kiritimati"),
        *("Pacific/Apia", "UTC"),
    )
]
STRANGE_DATES = [
    date(2026, 3, 8),  # New York and St John's spring forward, and a week ends
    date(2026, 3, 29),  # Berlin springs forward
    date(2026, 4, 5),  # Lord Howe falls back by half an hour, Chatham by an hour
    date(2026, 4, 24),  # Cairo has no midnight
    date(2026, 10, 4),  # Lord Howe springs forward
    date(2026, 10, 25),  # Berlin falls back
    date(2026, 10, 29),  # Cairo has its last hour twice
    date(2026, 12, 31),  # the year ends within an ISO week
    date(2026, 7, 8),  # an ordinary Wednesday
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a search may get."""

    interviews: int = 3
    people: int = 5
    days: int = 2
    free_hours: int = 6
    """The longest window that a candidate gives."""
    repeats: float = 0.15
    """How likely it is that people may sit in several interviews."""


SMALL = Size()


def search_of(seed: int, size: Size = SMALL) -> SlotSearch:
    """Return the search of this number."""
    return _Maker(Random(seed), size).search()  # noqa: S311


def on_short_days(seed: int) -> SlotSearch:
    """Return a search whose candidate has an hour or so a day, of people who have little left.

    Every third candidate is up around midnight: two of their dates can be one of somebody else's.
    """
    random = Random(seed)  # noqa: S311
    asked = search_of(seed, Size(people=3, repeats=1))
    first = asked.window.start.astimezone(asked.candidate_zone).date()
    length = _minutes(random.choice([45, 60, 75, 100]))
    opens = time(23) if seed % 3 == 0 else time(10)
    starts = [
        at_wall_time(first + timedelta(days=day), opens, asked.candidate_zone) for day in range(3)
    ]
    return replace(
        asked,
        plan=replace(
            asked.plan,
            interviews=tuple(replace(interview, rooms=None) for interview in asked.plan.interviews),
            most_days=random.choice([2, 2, 3]),
            grid=max(asked.plan.grid, _minutes(15)),
            longest_day=None,
            rest=None,
        ),
        people={id_: _with_little_left(person, random) for id_, person in asked.people.items()},
        window=TimeSpan(starts[0], starts[0] + timedelta(days=3)),
        earliest=starts[0],
        candidate_windows=tuple(
            TimeSpan(start, start + 2 * length)
            if seed % 3 == 0
            else TimeSpan(start, start + length)
            for start in starts
        ),
    )


def on_three_days(seed: int) -> SlotSearch:
    """Return a search whose candidate has an hour or two a day: a loop often has to go on the next."""
    asked = search_of(seed, Size(people=6, days=4, repeats=0))
    window = TimeSpan(asked.window.start, asked.window.start + timedelta(days=4))
    dates = dates_of(window, asked.candidate_zone)
    starts = [at_wall_time(on, time(10), asked.candidate_zone) for on in dates]
    length = _minutes((60, 75, 120)[seed % 3])
    return replace(
        asked,
        plan=replace(
            asked.plan,
            interviews=tuple(
                replace(interview, rooms=None, seats=interview.seats[:2])
                for interview in asked.plan.interviews
            ),
            most_days=3,
            grid=max(asked.plan.grid, _minutes(15)),
            longest_day=None,
        ),
        window=window,
        candidate_windows=tuple(TimeSpan(start, start + length) for start in starts),
    )


class _Maker:
    def __init__(self, random: Random, size: Size) -> None:
        self.random, self.size = random, size
        self.on = random.choice(STRANGE_DATES)
        self.zone = random.choice(ZONES)
        self.grid = random.choice([15, 15, 15, 30, 5])
        # The candidate's morning on that date, give or take, and some days from there.
        base = datetime.combine(self.on, time(random.choice([0, 8, 9, 11])), tzinfo=self.zone)
        start = base.astimezone(UTC) + _minutes(random.choice([0, 0, -7, 5, 480, 720]))
        self.window = TimeSpan(
            start, start + timedelta(days=random.randint(1, size.days), hours=random.choice([0, 5]))
        )

    def search(self) -> SlotSearch:
        random = self.random
        rooms = {room.room_id: room for room in self._rooms()}
        people = [
            self._person(InterviewerId(number + 1))
            for number in range(random.randint(2, self.size.people))
        ]
        ids = [each.interviewer.interviewer_id for each in people]
        return SlotSearch(
            plan=self._plan(ids, sorted(rooms)),
            people={each.interviewer.interviewer_id: each for each in people},
            candidate_windows=tuple(self._windows()),
            candidate_zone=self.zone,
            window=self.window,
            earliest=self.window.start + _minutes(random.choice([-60, 0, 0, 7, 50])),
            rooms=rooms,
            excluded=frozenset(random.sample(ids, 1) if random.random() < 0.1 else ()),
            preferences={
                each: random.choice([-3, -1, 2, 5]) for each in ids if random.random() < 0.2
            },
            candidate_comfortable=random.choice(
                [None, DayHours(time(9), time(18)), DayHours(time(10, 20), time(15))]
            ),
        )

    def _windows(self) -> list[TimeSpan]:
        found = []
        for _ in range(self.random.choice([1, 2, 2, 3])):
            start = self._moment()
            found.append(
                TimeSpan(
                    start, start + _minutes(5 * self.random.randint(6, 12 * self.size.free_hours))
                )
            )
        return found

    def _moment(self) -> datetime:
        room = int(self.window.length / _minutes(5))
        return self.window.start + _minutes(5 * self.random.randint(-6, room))

    def _plan(self, ids: Sequence[InterviewerId], rooms: Sequence[RoomId]) -> StagePlan:
        random = self.random
        count = random.choice(range(1, self.size.interviews + 1))
        interviews = tuple(self._interview(ids, rooms) for _ in range(count))
        pairs = [(i, j) for i in range(count) for j in range(i + 1, count)]
        shortest = random.choice([0, 0, 5, 10, 15, 7])
        repeats = bool(self.size.repeats) and random.random() < self.size.repeats
        return StagePlan(
            public_title="Interview",
            public_notes="",
            interviews=interviews,
            shortest_gap=_minutes(shortest),
            longest_gap=_minutes(shortest + random.choice([0, 20, 45, 63])),
            order=random.choice(list(Order)),
            before=tuple(random.sample(pairs, 1)) if pairs and random.random() < 0.3 else (),
            grid=_minutes(self.grid),
            lunch=self._lunch() if random.random() < 0.4 else None,
            rest=self._rest() if random.random() < 0.3 else None,
            longest_day=random.choice([None, None, _minutes(150), _minutes(203)]),
            most_days=random.choice([1, 2, 2]),
            people_repeat=repeats,
        )

    def _lunch(self) -> Lunch:
        # Around the candidate's hours, whatever these are, so that it is often in the way.
        around = self._moment().astimezone(self.zone)
        opens = min(time(around.hour), time(22))
        closes = time(opens.hour + 1, self.random.choice([0, 30]))
        return Lunch(_minutes(self.random.choice([20, 30, 45])), opens, closes)

    def _rest(self) -> Rest:
        return Rest(
            after=_minutes(self.random.choice([60, 75, 90, 122])),
            length=_minutes(self.random.choice([10, 15, 28])),
        )

    def _interview(self, ids: Sequence[InterviewerId], rooms: Sequence[RoomId]) -> PlannedInterview:
        random = self.random
        kinds = [SeatKind.LEAD]
        if random.random() < 0.3:
            kinds.append(random.choice([SeatKind.SECOND, SeatKind.LEAD]))
        if random.random() < 0.3:
            kinds.append(
                random.choice([SeatKind.SHADOW, SeatKind.REVERSE_SHADOW, SeatKind.OBSERVER])
            )
        if random.random() < 0.05:
            kinds.remove(SeatKind.LEAD)
        stranger = InterviewerId(99)  # named by a rule, unknown to the search
        return PlannedInterview(
            title="Coding",
            focus="",
            length=_minutes(random.choice([30, 30, 45, 60, 20, 50, 33])),
            seats=tuple(
                SeatRule(
                    kind,
                    frozenset(random.sample([*ids, stranger], random.randint(1, len(ids)))),
                    optional=random.random() < 0.1,
                )
                for kind in kinds
            ),
            rooms=frozenset(random.sample(rooms, random.randint(1, len(rooms))))
            if rooms and random.random() < 0.7
            else None,
        )

    def _rooms(self) -> list[Room]:
        if self.random.random() < 0.6:
            return []
        return [
            Room(
                room_id=RoomId(number),
                busy=None if self.random.random() < 0.1 else tuple(self._busy(4)),
                site=self.random.choice(["Berlin", "Vienna", ""]),
            )
            for number in range(1, self.random.randint(2, 4))
        ]

    def _busy(self, most: int) -> list[TimeSpan]:
        found = []
        for _ in range(self.random.randint(0, most)):
            start = self._moment() + _minutes(self.random.choice([0, 0, 3]))
            found.append(
                TimeSpan(start, start + _minutes(self.random.choice([1, 25, 50, 60, 180])))
            )
        return found

    def _person(self, interviewer_id: InterviewerId) -> Person:
        random = self.random
        zone = random.choice([self.zone, self.zone, random.choice(ZONES)])
        dates = [self.on + timedelta(days=days) for days in range(-6, 8)]
        load = {on: random.randint(0, 2) for on in random.sample(dates, 2)}
        return Person(
            interviewer=Interviewer(
                interviewer_id=interviewer_id,
                email=f"{interviewer_id}@northwind.example",
                name=f"Interviewer {interviewer_id}",
                zone=zone,
                hours=self._hours(),
                limit=LoadLimit(
                    per_day=random.choice([1, 2, 3, 3]),
                    per_week=random.choice([2, 4, 6, 6]),
                    time_per_day=random.choice([None, None, None, _minutes(80)]),
                    time_per_week=random.choice([None, None, None, _minutes(200)]),
                ),
                buffer_before=_minutes(random.choice([0, 0, 5, 10])),
                buffer_after=_minutes(random.choice([0, 0, 5, 15])),
                comfortable=random.choice(
                    [None, DayHours(time(10), time(17)), DayHours(time(8), time(11, 50))]
                ),
                preferred_blocks=self._blocks() if random.random() < 0.3 else (),
            ),
            busy=None if random.random() < 0.05 else tuple(self._busy(4)),
            load=load,
            load_time={on: count * _minutes(40) for on, count in load.items()},
            soft=tuple(self._busy(1)),
            kept_for_interviews=tuple(self._busy(2)) if random.random() < 0.2 else (),
            days_off=frozenset({random.choice(dates)} if random.random() < 0.1 else ()),
            earliest=self._moment() if random.random() < 0.05 else None,
            latest=self._moment() if random.random() < 0.05 else None,
            recent=random.randint(0, 4),
        )

    def _hours(self) -> tuple[WorkingHours, ...]:
        if self.random.random() < 0.6:
            return tuple(
                WorkingHours(weekday, opens, closes)
                for weekday in range(7)
                for opens, closes in ((time(0), time(12)), (time(12), time(23, 59)))
            )
        return tuple(
            WorkingHours(
                weekday, time(self.random.choice([2, 7, 9])), time(self.random.choice([12, 17, 22]))
            )
            for weekday in self.random.sample(range(7), self.random.randint(4, 7))
        )

    def _blocks(self) -> tuple[WorkingHours, ...]:
        return tuple(
            WorkingHours(weekday, time(hour), time(hour + 2, 30))
            for weekday in range(7)
            for hour in self.random.sample([9, 11, 14], 1)
        )


def _with_little_left(person: Person, random: Random) -> Person:
    limit = LoadLimit(
        per_day=random.choice([1, 2, 3]),
        per_week=random.choice([2, 2, 3]),
        time_per_day=random.choice([None, _minutes(70)]),
        time_per_week=random.choice([None, _minutes(140)]),
    )
    interviewer = replace(person.interviewer, limit=limit)
    return replace(person, interviewer=interviewer, busy=person.busy and person.busy[:2])


def _minutes(count: int) -> timedelta:
    return timedelta(minutes=count)
