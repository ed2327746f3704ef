"""Believable working weeks: what stands in the calendar of somebody who also interviews."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduler.emulator.company import Account
from scheduler.emulator.errors import Resource
from scheduler.emulator.moments import rfc3339

WEEKS = 7
"""The present week and the six after it."""

WORKING_DAY = (time(9), time(17))
_WEEKLY = (
    ("1:1 with manager", 30),
    ("1:1", 30),
    ("Sprint planning", 60),
    ("Backlog refinement", 60),
    ("Design review", 60),
    ("Architecture forum", 60),
    ("Team retro", 45),
    ("Customer call review", 45),
    ("Roadmap sync", 45),
    ("Mentoring", 30),
    ("Incident review", 45),
    ("Guild meeting", 60),
)
_ONCE = (
    ("Vendor demo", 60),
    ("Release sign-off", 30),
    ("Budget check-in", 45),
    ("Onboarding chat", 30),
    ("Customer visit", 90),
    ("Performance calibration", 90),
    ("Workshop: service boundaries", 120),
    ("Dentist", 60),
    ("Board prep", 60),
)


_MOVED_SHARE = 0.25
"""Of the meetings of every week that something of the same length could take the place of."""

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR")


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as for events.insert, and the instances of it that are not as the series has them.

    An exception names its `originalStartTime` and has either other times or the status "cancelled".
    """

    body: Resource
    exceptions: tuple[Resource, ...] = ()


def calendar_of(account: Account, monday: date) -> Iterator[Entry]:
    """Yield what stands in one person's calendar from `monday` on, the same for the same arguments.

    Meetings that come every week are series without an end, moved now and then and cancelled while
    their owner is away. 40 to 55 % of the working hours of the first weeks end up busy, the rest is
    free, tentative or shown as available.
    """
    dice = random.Random(f"{account.email}/{monday.isoformat()}")  # noqa: S311 - a seed, no secret
    week = _Week(account, monday, dice)
    yield from map(Entry, week.events())
    yield from week.series()


@dataclass(slots=True)
class _Habit:
    """A meeting that comes every week: the minute of the day it began at on each day, None if not."""

    summary: str
    minutes: int
    days: dict[date, int | None] = field(default_factory=dict)

    @property
    def first_day(self) -> date | None:
        """Return the day on which it is held for the first time."""
        return next((day for day, at in self.days.items() if at is not None), None)


class _Week:
    """The habits of one person, rolled once, and the places already taken on each day."""

    def __init__(self, account: Account, monday: date, dice: random.Random) -> None:
        self.account = account
        self.monday = monday
        self.dice = dice
        self.zone = ZoneInfo(account.zone)
        self.taken: dict[date, list[tuple[int, int]]] = {}
        self.moods = random.Random(f"{account.email}/{monday.isoformat()}/moved")  # noqa: S311
        self.standup = dice.choice((9 * 60, 9 * 60 + 30, 10 * 60))
        self.standup_days = dice.choice(((0, 1, 2, 3, 4), (0, 1, 3, 4), (0, 2, 4)))
        self.target = dice.uniform(0.40, 0.50)
        self.weekly = [
            (name, minutes, dice.randrange(5)) for name, minutes in dice.sample(_WEEKLY, 6)
        ]
        self.focus_days = dice.sample(range(5), dice.choice((1, 2)))
        self.away_week = dice.choice((1, 2, 3, 4, 5, 6, 6, 6))
        self.away_days = dice.choice((1, 1, 2, 3))
        self.habits = [_Habit("Stand-up", 15)]
        self.habits += [_Habit(name, minutes) for name, minutes, _ in self.weekly]

    def events(self) -> Iterator[Resource]:
        """Yield what happens once; what comes every week is remembered for `series`."""
        anchors: dict[str, int] = {}
        for number in range(WEEKS):
            first = self.monday + timedelta(weeks=number)
            days = [first + timedelta(days=i) for i in range(5)]
            away = set(days[: self.away_days]) if number == self.away_week else set()
            if away:
                yield self._away(days[0], self.away_days)
            self._weekly_meetings(days, away, anchors)
            yield from self._focus(days, away)
            yield from self._one_offs(days, away)
            yield from self._colour(number, days, away)

    def series(self) -> Iterator[Entry]:
        """Yield the meetings of every week."""
        for habit in self.habits:
            if habit.first_day is not None:
                yield self._series(habit, habit.first_day)

    def _weekly_meetings(self, days: list[date], away: set[date], anchors: dict[str, int]) -> None:
        standup, *others = self.habits
        for index in self.standup_days:
            at = None if days[index] in away else self.standup
            self._keep(standup, days[index], at)
        for habit, (name, minutes, index) in zip(others, self.weekly, strict=True):
            day = days[index]
            if day in away:
                self._keep(habit, day, None)
                continue
            at = anchors.get(name)
            if at is None or not self._is_free(day, at, minutes):
                at = self._gap(day, minutes)
            if at is not None:
                anchors.setdefault(name, at)
            self._keep(habit, day, at)

    def _keep(self, habit: _Habit, day: date, at: int | None) -> None:
        habit.days[day] = at
        if at is not None:
            self._take(day, at, habit.minutes)

    def _series(self, habit: _Habit, first: date) -> Entry:
        usual = habit.days[first] or 0
        body = self._body(first, usual, habit.minutes, habit.summary)
        on = ",".join(_WEEKDAYS[index] for index in sorted({day.weekday() for day in habit.days}))
        exceptions = []
        for day, at in habit.days.items():
            if day < first or at == usual:
                continue
            original = self._body(day, usual, habit.minutes, habit.summary)["start"]
            other: Resource = {"status": "cancelled"}
            if at is not None:
                other = self._body(day, at, habit.minutes, habit.summary)
            exceptions.append({**other, "originalStartTime": original})
        rule = f"RRULE:FREQ=WEEKLY;BYDAY={on}"
        return Entry({**body, "recurrence": [rule]}, tuple(exceptions))

    def _focus(self, days: list[date], away: set[date]) -> Iterator[Resource]:
        for index in self.focus_days:
            day = days[index]
            start = self._gap(day, 120)
            if day not in away and start is not None:
                yield {
                    **self._meeting(day, start, 120, "Focus time"),
                    "eventType": "focusTime",
                    "focusTimeProperties": {
                        "autoDeclineMode": "declineNone",
                        "chatStatus": "doNotDisturb",
                    },
                }

    def _one_offs(self, days: list[date], away: set[date]) -> Iterator[Resource]:
        for day in days:
            if day in away:
                continue
            wanted = int((self.target + self.dice.uniform(-0.08, 0.08)) * 480)
            while sum(end - start for start, end in self.taken.get(day, [])) < wanted:
                name, minutes = self.dice.choice(_ONCE)
                at = self._gap(day, minutes)
                if at is None:
                    break
                self._take(day, at, minutes)
                yield self._body(day, self._place_of(day, at, minutes), minutes, name)

    def _place_of(self, day: date, at: int, minutes: int) -> int:
        """Return when something is held that happens once: at `at`, or now and then in the place of
        a meeting of every week, which moves there instead. How busy the day is stays the same."""
        for habit in self.habits:
            usual = habit.days.get(day)
            if usual is None or habit.minutes != minutes or day == habit.first_day:
                continue
            if self.moods.random() < _MOVED_SHARE:
                habit.days[day] = at
                return usual
        return at

    def _colour(self, number: int, days: list[date], away: set[date]) -> Iterator[Resource]:
        """What free/busy must read rightly: declined, tentative, transparent, all-day."""
        declined, tentative, open_hour, all_day = (self.dice.choice(days) for _ in range(4))
        me = {"email": self.account.email, "self": True}
        if declined not in away and number % 2 == 0:
            yield {
                **self._body(declined, 13 * 60, 60, "Company talk"),
                "attendees": [{**me, "responseStatus": "declined"}],
            }
        start = self._gap(tentative, 30)
        if tentative not in away and start is not None:
            self._take(tentative, start, 30)
            yield {
                **self._body(tentative, start, 30, "Hold: partner call?"),
                "status": "tentative",
                "attendees": [{**me, "responseStatus": "tentative"}],
            }
        if open_hour not in away:
            yield {**self._body(open_hour, 12 * 60, 60, "Lunch"), "transparency": "transparent"}
        if number % 3 == 1:
            yield {
                "summary": self.dice.choice(("Working from home", "On call", "Launch week")),
                "start": {"date": all_day.isoformat()},
                "end": {"date": (all_day + timedelta(days=1)).isoformat()},
                "transparency": "transparent",
            }

    def _away(self, first: date, days: int) -> Resource:
        midnight = datetime.combine(first, time(0), self.zone)
        until = datetime.combine(first + timedelta(days=days), time(0), self.zone)
        return {
            "summary": "Out of office",
            "start": {"dateTime": rfc3339(midnight), "timeZone": self.account.zone},
            "end": {"dateTime": rfc3339(until), "timeZone": self.account.zone},
            "eventType": "outOfOffice",
            "outOfOfficeProperties": {
                "autoDeclineMode": "declineNone",
                "declineMessage": "I am away.",
            },
        }

    def _meeting(self, day: date, start: int, minutes: int, summary: str) -> Resource:
        self._take(day, start, minutes)
        return self._body(day, start, minutes, summary)

    def _body(self, day: date, start: int, minutes: int, summary: str) -> Resource:
        begins = datetime.combine(day, time(start // 60, start % 60), self.zone)
        stop = start + minutes
        ends = datetime.combine(day, time(stop // 60, stop % 60), self.zone)
        return {
            "summary": summary,
            "start": {"dateTime": rfc3339(begins), "timeZone": self.account.zone},
            "end": {"dateTime": rfc3339(ends), "timeZone": self.account.zone},
        }

    def _take(self, day: date, start: int, minutes: int) -> None:
        self.taken.setdefault(day, []).append((start, start + minutes))

    def _is_free(self, day: date, start: int, minutes: int) -> bool:
        return all(
            end <= start or start + minutes <= begin for begin, end in self.taken.get(day, [])
        )

    def _gap(self, day: date, minutes: int) -> int | None:
        opens, closes = WORKING_DAY[0].hour * 60, WORKING_DAY[1].hour * 60
        places = [
            at for at in range(opens, closes - minutes + 1, 30) if self._is_free(day, at, minutes)
        ]
        return self.dice.choice(places) if places else None
