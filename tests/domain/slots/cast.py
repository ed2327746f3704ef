"""The people and plans of the slot tests: Ada, the candidate, and those who may interview her."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduler.domain.people import Interviewer, InterviewerId, LoadLimit, WorkingHours
from scheduler.domain.plan import PlannedInterview, SeatKind, SeatRule, StagePlan
from scheduler.domain.slots.question import Person, SlotSearch
from scheduler.domain.timespan import TimeSpan

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
KOLKATA = ZoneInfo("Asia/Kolkata")
SYDNEY = ZoneInfo("Australia/Sydney")
CAIRO = ZoneInfo("Africa/Cairo")
LONDON = ZoneInfo("Europe/London")
UTC_ZONE = ZoneInfo("UTC")

DANA, FEMI, MEI, SAM = (InterviewerId(number) for number in (1, 2, 3, 4))
NAMES = {DANA: "Dana Ito", FEMI: "Femi Ade", MEI: "Mei Lin", SAM: "Sam Roth"}

MONDAY = date(2026, 3, 9)
"""An ordinary week: no zone of ours changes its clocks, but for New York the day before."""


def at(text: str, zone: ZoneInfo = UTC_ZONE) -> datetime:
    """Return the moment of "2026-03-09 10:00" in `zone`."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def span(day: str, hours: str, zone: ZoneInfo = UTC_ZONE) -> TimeSpan:
    """Return the TimeSpan of "2026-03-09", "10:00-11:30"; 24:00 is the next midnight."""
    start, end = hours.split("-")
    if end == "24:00":
        midnight = datetime.combine(date.fromisoformat(day) + timedelta(days=1), time.min)
        return TimeSpan(at(f"{day} {start}", zone), midnight.replace(tzinfo=zone))
    return TimeSpan(at(f"{day} {start}", zone), at(f"{day} {end}", zone))


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def every_day(hours: str) -> tuple[WorkingHours, ...]:
    opens_at, closes_at = (time.fromisoformat(text) for text in hours.split("-"))
    return tuple(WorkingHours(weekday, opens_at, closes_at) for weekday in range(7))


def person(
    interviewer_id: InterviewerId = DANA,
    *,
    zone: ZoneInfo = UTC_ZONE,
    hours: tuple[WorkingHours, ...] = every_day("09:00-17:00"),
    busy: Iterable[TimeSpan] | None = (),
    load: Mapping[date, int] | None = None,
    limit: LoadLimit | None = None,
    buffer_before: timedelta = timedelta(0),
    buffer_after: timedelta = timedelta(0),
) -> Person:
    name = NAMES.get(interviewer_id, f"Nr {interviewer_id}")
    interviewer = Interviewer(
        interviewer_id=interviewer_id,
        email=f"{name.split()[0].lower()}@example.com",
        name=name,
        zone=zone,
        hours=hours,
        limit=limit or LoadLimit(),
        buffer_before=buffer_before,
        buffer_after=buffer_after,
    )
    known = None if busy is None else tuple(busy)
    return Person(interviewer=interviewer, busy=known, load=load or {})


def lead(*eligible: InterviewerId) -> SeatRule:
    return SeatRule(SeatKind.LEAD, frozenset(eligible))


def second(*eligible: InterviewerId) -> SeatRule:
    return SeatRule(SeatKind.SECOND, frozenset(eligible))


def shadow(*eligible: InterviewerId) -> SeatRule:
    return SeatRule(SeatKind.SHADOW, frozenset(eligible))


def interview(title: str, length: int, *seats: SeatRule) -> PlannedInterview:
    return PlannedInterview(title, "", minutes(length), seats)


def plan(*interviews: PlannedInterview, shortest_gap: int = 0, longest_gap: int = 60) -> StagePlan:
    return StagePlan(
        public_title="On-site",
        public_notes="",
        interviews=interviews,
        shortest_gap=minutes(shortest_gap),
        longest_gap=minutes(longest_gap),
    )


def search(
    stage: StagePlan,
    *people: Person,
    windows: Iterable[TimeSpan] | None = None,
    zone: ZoneInfo = UTC_ZONE,
    window: TimeSpan | None = None,
    earliest: datetime | None = None,
) -> SlotSearch:
    """Return a search over Monday, unless `window` says otherwise; Ada has time in all of it."""
    window = window or span("2026-03-09", "00:00-24:00")
    return SlotSearch(
        plan=stage,
        people={someone.interviewer.interviewer_id: someone for someone in people},
        candidate_windows=(window,) if windows is None else tuple(windows),
        candidate_zone=zone,
        window=window,
        earliest=earliest or window.start,
    )
