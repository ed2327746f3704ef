"""Believable working weeks: what stands in the calendar of somebody who also interviews."""

from __future__ import annotations

import random
from collections.abc import Iterator
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


def calendar_of(account: Account, monday: date) -> Iterator[Resource]:
    """Yield the events of one person from `monday` on, the same ones for the same arguments.

    Bodies as for events.insert on the person's own primary calendar; 40 to 55 % of the working
    hours end up busy, the rest is free, tentative or shown as available.
    """
    dice = random.Random(f"{account.email}/{monday.isoformat()}")  # noqa: S311 - a seed, no secret
    week = _Week(account, monday, dice)
    yield from week.events()


class _Week:
    """The habits of one person, rolled once, and the places already taken on each day."""

    def __init__(self, account: Account, monday: date, dice: random.Random) -> None:
        self.account = account
        self.monday = monday
        self.dice = dice
        self.zone = ZoneInfo(account.zone)
        self.taken: dict[date, list[tuple[int, int]]] = {}
        self.standup = dice.choice((9 * 60, 9 * 60 + 30, 10 * 60))
        self.standup_days = dice.choice(((0, 1, 2, 3, 4), (0, 1, 3, 4), (0, 2, 4)))
        self.target = dice.uniform(0.40, 0.50)
        self.weekly = [
            (name, minutes, dice.randrange(5)) for name, minutes in dice.sample(_WEEKLY, 6)
        ]
        self.focus_days = dice.sample(range(5), dice.choice((1, 2)))
        self.away_week = dice.choice((1, 2, 3, 4, 5, 6, 6, 6))
        self.away_days = dice.choice((1, 1, 2, 3))

    def events(self) -> Iterator[Resource]:
        anchors: dict[str, int] = {}
        for number in range(WEEKS):
            first = self.monday + timedelta(weeks=number)
            days = [first + timedelta(days=i) for i in range(5)]
            away = set(days[: self.away_days]) if number == self.away_week else set()
            if away:
                yield self._away(days[0], self.away_days)
            yield from self._weekly_meetings(days, away, anchors)
            yield from self._focus(days, away)
            yield from self._one_offs(days, away)
            yield from self._colour(number, days, away)

    def _weekly_meetings(
        self, days: list[date], away: set[date], anchors: dict[str, int]
    ) -> Iterator[Resource]:
        for index in self.standup_days:
            if days[index] not in away:
                yield self._meeting(days[index], self.standup, 15, "Stand-up")
        for name, minutes, index in self.weekly:
            day = days[index]
            if day in away:
                continue
            at = anchors.get(name)
            if at is None or not self._is_free(day, at, minutes):
                at = self._gap(day, minutes)
            if at is not None:
                anchors.setdefault(name, at)
                yield self._meeting(day, at, minutes, name)

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
                yield self._meeting(day, at, minutes, name)

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
