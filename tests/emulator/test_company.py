"""The seeded company: who lives there, and weeks one can believe."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.emulator import calendar, instances, recurrence
from scheduler.emulator.company import COMPANY, Account
from scheduler.emulator.freebusy import merged
from scheduler.emulator.moments import instant
from scheduler.emulator.placement import is_busy
from scheduler.emulator.server import Emulator, create_emulator
from scheduler.emulator.weeks import WEEKS, calendar_of
from scheduler.emulator.world import Principal
from tests.emulator.conftest import settings

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
INTERVIEWERS = [account for account in COMPANY.accounts if account.kind == "interviewer"]


@pytest.fixture(scope="module")
def seeded() -> Emulator:
    app = create_emulator(settings(company=COMPANY), lambda: NOW)
    found: Emulator = app.extensions["emulator"]
    return found


def test_the_company_has_the_people_of_the_contract() -> None:
    kinds = Counter(account.kind for account in COMPANY.accounts)
    assert (kinds["scheduling"], kinds["admin"], kinds["recruiter"], kinds["coordinator"]) == (
        1,
        1,
        3,
        2,
    )
    assert kinds["interviewer"] >= 26
    assert kinds["room"] == 5
    assert kinds["candidate"] >= 12
    assert len({account.zone for account in INTERVIEWERS}) >= 5
    first = next(account for account in COMPANY.accounts if account.kind == "recruiter")
    assert (first.name, first.email, bool(first.phone)) == (
        "Priya Raman",
        "priya@northwind.example",
        True,
    )
    assert len({account.email for account in COMPANY.accounts}) == len(COMPANY.accounts)
    for account in COMPANY.accounts:
        assert account.email == account.email.lower()
        assert account.email.endswith(".example")
        assert (account.hd == COMPANY.domain) is (account.kind != "candidate")
        ZoneInfo(account.zone)


def share_busy(seeded: Emulator, account: Account, monday: date) -> float:
    """Return the busy share of Monday to Friday, nine to five, in somebody's zone."""
    found = calendar.find(seeded.world, account.email)
    assert found is not None
    zone, busy = ZoneInfo(account.zone), 0
    for day in (monday + timedelta(days=i) for i in range(5)):
        start, end = (
            int(datetime(day.year, day.month, day.day, hour, tzinfo=zone).timestamp())
            for hour in (9, 17)
        )
        rows = [
            row
            for row in instances.between(seeded.world, found, start, end)
            if is_busy(row.body, account.email)
        ]
        busy += sum(
            b - a for a, b in merged([(max(r.starts, start), min(r.ends, end)) for r in rows])
        )
    return busy / (5 * 8 * 3600)


def test_interviewers_are_busy_about_half_of_their_time(seeded: Emulator) -> None:
    shares = []
    for account in INTERVIEWERS:
        for number in range(WEEKS):
            share = share_busy(seeded, account, date(2026, 11, 23) + timedelta(weeks=number))
            assert share <= 0.9, (account.email, number, share)
            shares.append(share)
    usual = sorted(shares)
    assert 0.40 <= usual[len(usual) // 2] <= 0.55
    assert sum(0.35 <= share <= 0.60 for share in shares) / len(shares) > 0.75


def test_a_calendar_holds_every_kind_of_entry(seeded: Emulator) -> None:
    events = [event for account in INTERVIEWERS for event in seeded.calendar_as(account.email)]
    kinds = Counter(event["eventType"] for event in events)
    assert kinds["focusTime"] > 50
    assert kinds["outOfOffice"] == len(INTERVIEWERS)
    assert any("date" in event["start"] for event in events)
    assert any(event["status"] == "tentative" for event in events)
    assert any(event.get("transparency") == "transparent" for event in events)
    answers = Counter(
        g["responseStatus"] for e in events for g in e.get("attendees", []) if g.get("self")
    )
    assert answers["declined"] > 20


def test_what_comes_every_week_is_a_series_with_a_few_exceptions(seeded: Emulator) -> None:
    moved = cancelled = 0
    for account in INTERVIEWERS:
        found = calendar.find(seeded.world, account.email)
        assert found is not None
        series = {e["id"]: e for e in seeded.calendar_as(account.email) if "recurrence" in e}
        titles = Counter(event["summary"] for event in series.values())
        assert titles["Stand-up"] == 1
        assert len(series) >= 6
        assert set(titles.values()) == {1}
        for name, event in series.items():
            exceptions = instances.exceptions(seeded.world, found, name)
            moved += sum(one.status == "confirmed" for one in exceptions)
            cancelled += sum(one.status == "cancelled" for one in exceptions)
            for one in exceptions:
                start = instant(one.body["originalStartTime"], found.zone)
                assert start in recurrence.starts(event, found.zone, start)
    assert moved > 20
    assert cancelled > 50


def test_nothing_clashes_with_a_meeting_of_every_week(seeded: Emulator) -> None:
    start = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp())
    end = start + int(timedelta(weeks=WEEKS).total_seconds())
    for account in INTERVIEWERS:
        found = calendar.find(seeded.world, account.email)
        assert found is not None
        rows = [
            row
            for row in instances.between(seeded.world, found, start, end)
            if is_busy(row.body, account.email)
        ]
        last = 0
        for row in rows:
            if "recurringEventId" in row.body:
                assert row.starts >= last, (account.email, row.body["summary"], row.body["start"])
            last = max(last, row.ends)


def test_the_same_person_and_week_give_the_same_calendar() -> None:
    account = INTERVIEWERS[0]
    monday = date(2026, 11, 23)
    assert list(calendar_of(account, monday)) == list(calendar_of(account, monday))
    bodies = [entry.body for entry in calendar_of(account, monday)]
    starts = [body["start"].get("dateTime") or body["start"]["date"] for body in bodies]
    assert min(starts) >= "2026-11-23"
    assert max(starts) < "2027-01-11"


def test_colleagues_share_details_or_only_when_they_are_busy(seeded: Emulator) -> None:
    app_client = create_emulator(settings(company=None)).test_client()
    assert app_client.get("/").status_code == 200
    roles = Counter(
        calendar.role_of(seeded.world, _scheduling(seeded), found)
        for account in INTERVIEWERS
        if (found := calendar.find(seeded.world, account.email))
    )
    assert set(roles) == {"reader", "freeBusyReader"}


def _scheduling(seeded: Emulator) -> Principal:
    return Principal(email="scheduling@northwind.example", scopes=frozenset())
