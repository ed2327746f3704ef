"""Calendars read in detail: each kind of entry, written as a person would, and what it comes to."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import time, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from scheduler.commands import calendars, connection, scheduling
from scheduler.commands.audit import GREENROOM
from scheduler.commands.reading import AT_ONCE
from scheduler.domain.availability import ReadingLevel
from scheduler.domain.entries import Keyword, KeywordClass
from scheduler.domain.people import InterviewerId, WorkingHours
from scheduler.domain.slots.question import Person
from scheduler.domain.slots.search import best, find_slots
from scheduler.domain.timespan import TimeSpan
from scheduler.emulator.company import Account
from scheduler.google.credentials import DETAIL_SCOPES, SCOPES
from scheduler.models.base import db
from scheduler.models.calendar import BusyCalendar
from scheduler.models.people import KeywordRow
from scheduler.queries import slot_searches
from scheduler.queries.google_access import GoogleAccess
from scheduler.queries.slot_searches import FRESH_FOR_A_BOOKING, FRESH_FOR_A_PAGE, StageSearch
from tests import factories
from tests.cast import DANA, DOMAIN, FEMI, SCHEDULING, at
from tests.google.canned import Clock as Monotonic
from tests.world import EMULATOR_URL, Greenroom

DETAILS, BUSY = ReadingLevel.DETAILS, ReadingLevel.BUSY
TEN = TimeSpan(at("Mon 10:00"), at("Mon 11:00"))
MONDAY = TimeSpan(at("Mon 00:00"), at("Tue 00:00"))
ALL_DAY = {"all day": True}
AT_HOME = {
    "eventType": "workingLocation",
    "visibility": "public",
    "transparency": "transparent",
    "workingLocationProperties": {"type": "homeOffice", "homeOffice": {}},
}


@pytest.fixture
def dana(greenroom: Greenroom) -> InterviewerId:
    """Dana, whose calendar is shared with the scheduling account and read in detail."""
    consent(greenroom)
    greenroom.google.grant(DANA.email, "user", SCHEDULING.email, "reader")
    read_in_detail(greenroom)
    return InterviewerId(factories.interviewer(DANA))


@pytest.fixture
def six(greenroom: Greenroom, dana: InterviewerId) -> list[InterviewerId]:
    """Dana and five more like her, whose free calendars were read in detail a minute ago."""
    others = [replace(DANA, email=f"i{n}@{DOMAIN}", name=f"Interviewer {n}") for n in range(1, 6)]
    for each in others:
        greenroom.google.add_account(each)
        greenroom.google.grant(each.email, "user", SCHEDULING.email, "reader")
    people = [dana, *(InterviewerId(factories.interviewer(each)) for each in others)]
    refresh(greenroom, *people)
    greenroom.clock.forward(minutes=1)
    return people


class Slow:
    """The way to the emulator of this Greenroom, on which a look at somebody's entries takes long.

    Where it does not answer, that is how long it takes for whoever asks to give up.
    """

    def __init__(
        self,
        greenroom: Greenroom,
        monotonic: Monotonic,
        takes: timedelta,
        *,
        answers: bool = True,
    ) -> None:
        self._http, greenroom.http = greenroom.http, self
        self._monotonic = monotonic
        self._takes = takes
        self._answers = answers
        self.asked: list[str] = []

    def request(self, uri: str, *arguments: Any, **named: Any) -> Any:
        path = urlsplit(uri).path
        if path.endswith("/events"):
            self.asked.append(path)
            self._monotonic.sleep(self._takes.total_seconds())
            if not self._answers:
                raise TimeoutError
        return self._http.request(uri, *arguments, **named)

    def close(self) -> None:
        """Nothing is open."""


TABLE: list[tuple[dict[str, Any], str]] = [
    ({}, "busy"),
    ({"transparency": "transparent"}, "free"),
    ({"status": "tentative"}, "soft"),
    ({"eventType": "outOfOffice"}, "busy"),
    ({"eventType": "focusTime"}, "soft"),
    ({"visibility": "private"}, "busy"),
    ({"summary": "Gym (movable)"}, "soft"),
    ({"summary": "Lunch"}, "free"),
    ({"summary": "Board meeting", "transparency": "transparent"}, "busy"),
    ({"summary": "Interview time"}, "kept"),
    ({"summary": "Interview time", "visibility": "private"}, "busy"),
    (ALL_DAY, "busy"),
    (ALL_DAY | {"transparency": "transparent"}, "free"),
    (ALL_DAY | AT_HOME, "free"),
    ({"answer": "needsAction"}, "soft"),
    ({"answer": "tentative"}, "soft"),
    ({"answer": "accepted"}, "busy"),
    ({"answer": "declined"}, "free"),
    ({"answer": "declined", "summary": "Board meeting"}, "free"),
]
"""What stands on Dana's calendar, and what it comes to; with an answer, Femi has invited her."""


def test_each_kind_of_entry_comes_to_what_the_table_says(
    greenroom: Greenroom, dana: InterviewerId
) -> None:
    read_in_detail(
        greenroom,
        Keyword("movable", KeywordClass.SOFT),
        Keyword("lunch", KeywordClass.IGNORE),
        Keyword("board", KeywordClass.HARD),
        Keyword("interview time", KeywordClass.RECRUITING_BLOCK),
    )
    spans = [TimeSpan(MONDAY.start, at("Mon 01:00")).moved(timedelta(days=n)) for n in range(25)]
    for span, (entry, _) in zip(spans, TABLE, strict=False):
        put(greenroom, entry, span)
    refresh(greenroom, dana)
    seen = person(greenroom, dana)
    found = [
        (entry, what_came_of(seen, span)) for span, (entry, _) in zip(spans, TABLE, strict=False)
    ]
    assert found == TABLE


def test_each_time_of_a_series_is_read(greenroom: Greenroom, dana: InterviewerId) -> None:
    write(greenroom, DANA, {"recurrence": ["RRULE:FREQ=DAILY;COUNT=3"], "status": "tentative"})
    refresh(greenroom, dana)
    assert person(greenroom, dana).soft == tuple(TEN.moved(timedelta(days=n)) for n in range(3))


def test_a_persons_own_words_go_before_the_organisations(
    greenroom: Greenroom, dana: InterviewerId
) -> None:
    read_in_detail(greenroom, Keyword("standup", KeywordClass.HARD))
    row = KeywordRow(interviewer_id=dana, words="standup", means=KeywordClass.IGNORE)
    db.session.add(row)
    db.session.commit()
    write(greenroom, DANA, {"summary": "Daily standup"})
    refresh(greenroom, dana)
    assert what_came_of(person(greenroom, dana)) == "free"


class TestHowMuchMayBeRead:
    def test_where_only_busy_time_is_shared_that_is_what_is_read(
        self, greenroom: Greenroom, dana: InterviewerId
    ) -> None:
        greenroom.google.grant(DANA.email, "user", SCHEDULING.email, "freeBusyReader")
        write(greenroom, DANA, {"status": "tentative"})
        refresh(greenroom, dana)
        assert row_of(dana).level is BUSY
        assert what_came_of(person(greenroom, dana)) == "busy"

    def test_without_the_consent_all_goes_on_by_free_busy(
        self, greenroom: Greenroom, dana: InterviewerId
    ) -> None:
        greenroom.connect()
        write(greenroom, DANA, {"status": "tentative"})
        refresh(greenroom, dana)
        assert row_of(dana).level is BUSY
        assert what_came_of(person(greenroom, dana)) == "busy"

    def test_while_nobody_wants_it_no_calendar_is_listed(
        self, greenroom: Greenroom, dana: InterviewerId
    ) -> None:
        set_level(greenroom, BUSY)
        greenroom.google.clear_calls()
        refresh(greenroom, dana)
        assert row_of(dana).level is BUSY
        assert [call.path for call in greenroom.google.calls() if "/calendars/" in call.path] == []

    def test_a_calendar_that_is_unknown_to_free_busy_stays_unknown(
        self, greenroom: Greenroom, dana: InterviewerId
    ) -> None:
        greenroom.google.set_freebusy_error(DANA.email, "internalError")
        refresh(greenroom, dana)
        assert person(greenroom, dana).busy is None


def test_a_calendar_that_gives_no_answer_is_unknown_and_others_are_not(
    greenroom: Greenroom, dana: InterviewerId
) -> None:
    femi = InterviewerId(factories.interviewer(FEMI))
    greenroom.google.grant(FEMI.email, "user", SCHEDULING.email, "reader")
    greenroom.google.add_fault(
        method="GET", path=f"/calendars/{DANA.email}/events", status=500, count=100
    )
    refresh(greenroom, dana, femi)
    assert person(greenroom, dana).busy is None
    assert row_of(dana).error == "backendError"
    assert person(greenroom, femi).busy is not None
    greenroom.google.clear_faults()
    refresh(greenroom, dana, femi)
    assert person(greenroom, dana).busy is not None


def test_a_token_that_dies_on_the_way_is_renewed(greenroom: Greenroom, dana: InterviewerId) -> None:
    path = f"/calendars/{DANA.email}/events"
    greenroom.google.add_fault(method="GET", path=path, status=401, reason="authError", count=1)
    refresh(greenroom, dana)
    assert row_of(dana).level is DETAILS
    assert person(greenroom, dana).busy == ()


REFUSALS = ["rateLimitExceeded", "quotaExceeded", "authError"]


@pytest.mark.parametrize("reason", REFUSALS)
def test_while_google_refuses_one_calendar_what_was_known_of_it_stays_and_the_others_are_read(
    greenroom: Greenroom, dana: InterviewerId, reason: str
) -> None:
    femi = InterviewerId(factories.interviewer(FEMI))
    greenroom.google.grant(FEMI.email, "user", SCHEDULING.email, "reader")
    write(greenroom, DANA, {"status": "tentative"})
    refresh(greenroom, dana, femi)
    before = row_of(dana).read_at
    write(greenroom, FEMI, {"status": "tentative"})
    greenroom.clock.forward(minutes=1)
    greenroom.access = by_clock(greenroom, Monotonic())
    refuse(greenroom, f"/calendars/{DANA.email}/events", reason)
    said = refresh(greenroom, dana, femi)
    assert (said.people, said.unknown) == (2, 1)
    assert row_of(dana).read_at == before
    assert what_came_of(person(greenroom, dana)) == "soft"
    assert person(greenroom, dana, FRESH_FOR_A_BOOKING).busy is None
    assert what_came_of(person(greenroom, femi, FRESH_FOR_A_BOOKING)) == "soft"


def test_of_whom_nothing_was_known_nothing_is_while_google_refuses(
    greenroom: Greenroom, dana: InterviewerId
) -> None:
    greenroom.access = by_clock(greenroom, Monotonic())
    refuse(greenroom, f"/calendars/{DANA.email}/events", "rateLimitExceeded")
    assert refresh(greenroom, dana).unknown == 1
    assert person(greenroom, dana).busy is None


class TestTheDeadline:
    """Six people whose calendars were all read a minute ago, four of whom are asked about at once."""

    def test_while_calendars_hang_nobody_is_asked_about_when_time_is_up(
        self, greenroom: Greenroom, six: list[InterviewerId]
    ) -> None:
        monotonic = Monotonic()
        slow = Slow(greenroom, monotonic, timedelta(seconds=11), answers=False)
        greenroom.access = by_clock(greenroom, monotonic)
        said = refresh(greenroom, *six)
        assert (said.people, said.unknown) == (6, 6)
        assert len(slow.asked) == len(set(slow.asked)) <= AT_ONCE
        seen = [person(greenroom, each, FRESH_FOR_A_BOOKING) for each in six]
        assert [each.busy for each in seen] == [None] * 6

    def test_where_calendars_answer_slowly_those_left_keep_what_was_known(
        self, greenroom: Greenroom, six: list[InterviewerId]
    ) -> None:
        monotonic = Monotonic()
        Slow(greenroom, monotonic, timedelta(seconds=6))
        greenroom.access = by_clock(greenroom, monotonic)
        said = refresh(greenroom, *six)
        left = [each for each in six if row_of(each).read_at < greenroom.clock()]
        assert said.unknown == len(left) >= 6 - AT_ONCE
        for each in left:
            assert person(greenroom, each, FRESH_FOR_A_BOOKING).busy is None
            assert person(greenroom, each).busy == ()

    def test_the_worker_takes_the_time_that_nobody_else_has(
        self, greenroom: Greenroom, six: list[InterviewerId]
    ) -> None:
        factories.pool(six)
        greenroom.clock.forward(minutes=10)
        monotonic = Monotonic()
        Slow(greenroom, monotonic, timedelta(seconds=6))
        greenroom.access = by_clock(greenroom, monotonic)
        said = calendars.refresh_everybody(access=greenroom.access, now=greenroom.clock())
        assert (said.people, said.unknown) == (6, 0)


def test_no_title_is_stored_or_logged(
    greenroom: Greenroom, dana: InterviewerId, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    write(greenroom, DANA, {"summary": "Xylophone appointment", "description": "Xylophone"})
    refresh(greenroom, dana)
    kept = db.session.execute(text("SELECT busy_calendar::text FROM busy_calendar")).scalars()
    assert [row for row in kept if "ylophone" in row] == []
    ours = [each for each in caplog.records if each.name.startswith(("scheduler", "googleapi"))]
    assert [each for each in ours if "ylophone" in each.getMessage()] == []


class TestWorkingHours:
    def test_those_at_google_are_in_force_where_it_tells_of_them(
        self, greenroom: Greenroom, dana: InterviewerId
    ) -> None:
        work(greenroom, DANA, [("tuesday", 10 * 60, 24 * 60), ("monday", 13 * 60, 15 * 60)])
        refresh(greenroom, dana)
        assert person(greenroom, dana).interviewer.hours == (
            WorkingHours(0, time(13), time(15)),
            WorkingHours(1, time(10), time(23, 59)),
        )

    def test_ours_are_where_theirs_are_hidden_switched_off_or_by_another_clock(
        self, greenroom: Greenroom, dana: InterviewerId
    ) -> None:
        hours = [("monday", 13 * 60, 15 * 60)]
        work(greenroom, DANA, hours)
        greenroom.google.set_switches(working_hours_role="owner")
        refresh(greenroom, dana)
        assert person(greenroom, dana).interviewer.hours == factories.WEEKDAYS
        greenroom.google.set_switches(working_hours_role="reader")
        work(greenroom, DANA, hours, is_on=False)
        refresh(greenroom, dana)
        assert person(greenroom, dana).interviewer.hours == factories.WEEKDAYS
        work(greenroom, DANA, hours, zone="Asia/Tokyo")
        refresh(greenroom, dana)
        assert person(greenroom, dana).interviewer.hours == factories.WEEKDAYS
        work(greenroom, DANA, hours)
        refresh(greenroom, dana)
        assert person(greenroom, dana).interviewer.hours == (WorkingHours(0, time(13), time(15)),)


class TestTheSearch:
    def test_soft_time_is_booked_over_last_and_kept_time_first(
        self, greenroom: Greenroom, dana: InterviewerId
    ) -> None:
        read_in_detail(greenroom, Keyword("interviews", KeywordClass.RECRUITING_BLOCK))
        application_id = alone(dana)
        write(greenroom, DANA, {"status": "tentative"})
        kept = TimeSpan(at("Mon 14:00"), at("Mon 16:00"))
        write(greenroom, DANA, {"summary": "Interviews"}, kept)
        refresh(greenroom, dana)
        search = search_of(greenroom, application_id)
        assert TEN.start in [slot.span.start for slot in find_slots(search.search)]
        ranked = best(search.search, top=100).slots
        by_start = {each.slot.span.start: each.costs for each in ranked}
        assert by_start[TEN.start].soft > 0 == by_start[kept.start].soft
        assert by_start[TEN.start].blocks > 0 == by_start[kept.start].blocks
        assert kept.contains(ranked[0].slot.span)

    def test_nothing_is_built_again_while_it_says_the_same(
        self, greenroom: Greenroom, dana: InterviewerId
    ) -> None:
        write(greenroom, DANA, {"status": "tentative"})
        assert refresh(greenroom, dana).new_masks == 1
        before = person(greenroom, dana)
        greenroom.clock.forward(minutes=2)
        assert refresh(greenroom, dana).new_masks == 0
        assert person(greenroom, dana) == before
        write(greenroom, DANA, {"status": "tentative"}, TEN.moved(timedelta(hours=2)))
        assert refresh(greenroom, dana).new_masks == 1
        assert len(person(greenroom, dana).soft) == 2

    @pytest.mark.parametrize("role", ["reader", "writer"])
    def test_a_booking_on_the_move_is_not_in_its_own_way(
        self, greenroom: Greenroom, dana: InterviewerId, role: str
    ) -> None:
        # Our events are private: whoever may write sees that nobody has answered, others do not.
        greenroom.google.grant(DANA.email, "user", SCHEDULING.email, role)
        booking_id = greenroom.book(alone(dana), TEN.start)
        greenroom.settle(booking_id)
        refresh(greenroom, dana)
        people, _ = slot_searches.people_for(
            [dana], MONDAY, now=greenroom.clock(), fresh_for=FRESH_FOR_A_PAGE, moving=booking_id
        )
        assert (people[dana].busy, people[dana].soft) == ((), ())
        seen = person(greenroom, dana)
        assert bool(seen.soft) is (role == "writer")
        assert seen.busy


def test_the_worker_leaves_alone_what_was_read_in_detail_just_now(
    greenroom: Greenroom, dana: InterviewerId
) -> None:
    alone(dana)
    everybody = calendars.refresh_everybody
    assert everybody(access=greenroom.access, now=greenroom.clock()).people == 1
    greenroom.clock.forward(minutes=2)
    assert everybody(access=greenroom.access, now=greenroom.clock()).people == 0
    greenroom.clock.forward(minutes=4)
    assert everybody(access=greenroom.access, now=greenroom.clock()).people == 1


def test_new_keywords_have_calendars_read_anew_before_anybody_is_offered(
    greenroom: Greenroom, dana: InterviewerId
) -> None:
    alone(dana)
    write(greenroom, DANA, {"summary": "Board", "transparency": "transparent"})
    refresh(greenroom, dana)
    read_in_detail(greenroom, Keyword("board", KeywordClass.HARD))
    assert person(greenroom, dana).busy is None
    calendars.refresh_everybody(access=greenroom.access, now=greenroom.clock())
    assert what_came_of(person(greenroom, dana)) == "busy"


def consent(greenroom: Greenroom) -> None:
    """Connect the scheduling account anew, with consent to reading calendars in detail."""
    scopes = (*SCOPES, *DETAIL_SCOPES)
    connection.connect(
        email=SCHEDULING.email,
        expected=SCHEDULING.email,
        refresh_token=greenroom.google.issue_refresh_token(SCHEDULING.email, scopes),
        scopes=" ".join(scopes),
        keys=greenroom.keys,
        by=GREENROOM,
        now=greenroom.clock(),
    )


def read_in_detail(greenroom: Greenroom, *keywords: Keyword) -> None:
    set_level(greenroom, DETAILS, *keywords)


def set_level(greenroom: Greenroom, level: ReadingLevel, *keywords: Keyword) -> None:
    scheduling.change_scheduling(
        notice=timedelta(hours=4),
        rolling_window=timedelta(days=28),
        level=level,
        keywords=keywords,
        by=GREENROOM,
        now=greenroom.clock(),
    )


def write(
    greenroom: Greenroom, who: Account, entry: dict[str, Any], span: TimeSpan = TEN
) -> dict[str, Any]:
    """Put an entry on somebody's own calendar, as they would."""
    start, end = ({"dateTime": moment.isoformat()} for moment in (span.start, span.end))
    body = {"summary": "Something", "start": start, "end": end} | entry
    if body.pop("all day", False):
        body["start"], body["end"] = (
            {"date": f"{moment:%Y-%m-%d}"}
            for moment in (span.start, span.start + timedelta(days=1))
        )
    if "recurrence" in body:
        body["start"], body["end"] = start | {"timeZone": "UTC"}, end | {"timeZone": "UTC"}
    return ask(greenroom, who, "POST", "calendars/primary/events", body)


def put(greenroom: Greenroom, entry: dict[str, Any], span: TimeSpan) -> None:
    """Put an entry on Dana's calendar: her own, or with an "answer" one that she was invited to."""
    if "answer" not in entry:
        write(greenroom, DANA, entry, span)
        return
    title = {key: value for key, value in entry.items() if key != "answer"}
    guests = [{"email": each.email} for each in (DANA, FEMI)]
    made = write(greenroom, FEMI, title | {"attendees": guests}, span)
    if entry["answer"] != "needsAction":
        assert greenroom.google.rsvp(DANA.email, made["id"], entry["answer"])


def work(
    greenroom: Greenroom,
    who: Account,
    hours: list[tuple[str, int, int]],
    *,
    is_on: bool = True,
    zone: str = "UTC",
) -> None:
    """Say when somebody works, in their settings."""
    names = ("dayOfWeek", "periodStart", "periodEnd")
    times = [dict(zip(names, each, strict=True)) for each in hours]
    told = {"workingHoursEnabled": is_on, "availableTimes": times}
    ask(greenroom, who, "PATCH", "calendars/primary", {"workingHours": told, "timeZone": zone})


def ask(
    greenroom: Greenroom, who: Account, method: str, path: str, body: dict[str, Any]
) -> dict[str, Any]:
    token = greenroom.google.issue_access_token(who.email, ["calendar"])
    answer = greenroom.emulator_app.test_client().open(
        f"/calendar/v3/{path}",
        method=method,
        json=body,
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.get_json()
    return said


def refresh(greenroom: Greenroom, *people: InterviewerId) -> calendars.Refreshed:
    return calendars.refresh(people, access=greenroom.access, now=greenroom.clock())


def by_clock(greenroom: Greenroom, monotonic: Monotonic) -> GoogleAccess:
    """Return a way to Google that waits by this clock."""
    return GoogleAccess(
        greenroom.settings,
        greenroom.keys,
        token_uri=lambda: f"{EMULATOR_URL}/token",
        http_factory=lambda: greenroom.http,
        sleep=monotonic.sleep,
        monotonic=monotonic.monotonic,
    )


def refuse(greenroom: Greenroom, path: str, reason: str) -> None:
    status = 401 if reason == "authError" else 403
    greenroom.google.add_fault(method="GET", path=path, status=status, reason=reason, count=100)


def person(
    greenroom: Greenroom, interviewer_id: InterviewerId, fresh_for: timedelta = FRESH_FOR_A_PAGE
) -> Person:
    """Return somebody as a search sees them."""
    db.session.rollback()
    people, _ = slot_searches.people_for(
        [interviewer_id], MONDAY, now=greenroom.clock(), fresh_for=fresh_for
    )
    return people[interviewer_id]


def what_came_of(seen: Person, span: TimeSpan = TEN) -> str:
    """Return what became of the entry at this time, in a word."""
    assert seen.busy is not None
    kinds = {"busy": seen.busy, "soft": seen.soft, "kept": seen.kept_for_interviews}
    found = [kind for kind, spans in kinds.items() if any(each.contains(span) for each in spans)]
    assert len(found) <= 1
    return found[0] if found else "free"


def row_of(interviewer_id: InterviewerId) -> BusyCalendar:
    db.session.expire_all()
    return db.session.get_one(BusyCalendar, interviewer_id)


def alone(interviewer_id: InterviewerId) -> int:
    """Return an application for a stage of theirs alone, 45 minutes long."""
    stage_id = factories.stage(factories.interview_draft(factories.pool([interviewer_id])))
    return factories.application(stage_id)


def search_of(greenroom: Greenroom, application_id: int) -> StageSearch:
    db.session.rollback()
    return slot_searches.for_stage(
        application_id,
        greenroom.stage_of(application_id),
        now=greenroom.clock(),
        fresh_for=FRESH_FOR_A_PAGE,
    )
