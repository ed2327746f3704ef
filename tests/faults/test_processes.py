"""kill -9 to any process of a real run while bookings settle: all of them settle, each of them once."""

from __future__ import annotations

import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, LiteralString

import psycopg
import pytest
import requests
from psycopg.rows import namedtuple_row

from scheduler.emulator.company import COMPANY
from tests.journeys.outside import Outside, guests, room, span
from tests.journeys.whole_run import PROCESSES, WholeRun, wait_until, whole_run

PRIYA = "priya@northwind.example"
CANDIDATES = [account.email for account in COMPANY.accounts if account.kind == "candidate"]
ANSWERS_WITHIN = timedelta(seconds=15)
BOOKED_WITHIN = timedelta(seconds=60)
SETTLES_WITHIN = timedelta(seconds=90)
TRY_AGAIN_AFTER = timedelta(milliseconds=300)
LOOK_EVERY = timedelta(milliseconds=250)

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
SLOT = re.compile(r'<input type="radio"[^>]* name="slot" value="([^"]+)"')
PLAN = (
    (0.8, "worker"),
    (1.5, "web process"),
    (1.5, "emulator"),
    (3.0, "worker"),
    (3.0, "PostgreSQL"),
    (4.0, "emulator"),
    (1.0, "worker"),
)
"""Seconds to wait, and then what to kill: while bookings are made, minted, copied, told."""


def test_first_bookings_settle_once_whatever_is_killed(run: WholeRun, outside: Outside) -> None:
    everybody = waiting(run)
    assert len(everybody) >= 6, (
        "the company has interviews, a loop, a day call and a keeper to book"
    )
    priya = Recruiter(run)

    with watched(outside) as watch, ThreadPoolExecutor(len(everybody)) as pool:
        booked = [pool.submit(priya.book, each) for each in everybody]
        for seconds, name in PLAN:
            time.sleep(seconds)
            run.kill(name)
        for booking in booked:
            booking.result()
        wait_until(lambda: is_settled(run), SETTLES_WITHIN)

    assert watch.broken == []
    assert watch.looks > 10
    check_rest(run, outside)
    for each in everybody:
        check_told_once(run, outside, each.email)


def test_moved_bookings_settle_once_whatever_is_killed(run: WholeRun, outside: Outside) -> None:
    shake(run, outside, rounds=1, kills=4, seed=4)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(8))
def test_bookings_settle_through_a_long_storm(run: WholeRun, outside: Outside, seed: int) -> None:
    shake(run, outside, rounds=3, kills=8, seed=seed)


def shake(run: WholeRun, outside: Outside, *, rounds: int, kills: int, seed: int) -> None:
    """Move every booking to another time while processes are killed at random moments."""
    dice = random.Random(seed)  # noqa: S311
    priya = Recruiter(run)
    rooms_before = rooms(outside)
    for _ in range(rounds):
        bookings = [row.id for row in rows(run, "SELECT id FROM booking WHERE state = 'booked'")]
        with watched(outside) as watch, ThreadPoolExecutor(len(bookings)) as pool:
            moved = [pool.submit(priya.reschedule, each) for each in bookings]
            for _ in range(kills):
                time.sleep(dice.uniform(0.3, 3))
                run.kill(dice.choice(list(PROCESSES)))
            for each in moved:
                each.result()
            wait_until(lambda: is_settled(run), SETTLES_WITHIN)
        assert watch.broken == []
        check_rest(run, outside)
        assert rooms(outside) == rooms_before, "a reschedule keeps the conference"


# -- what must hold --------------------------------------------------------------------------------


def check_rest(run: WholeRun, outside: Outside) -> None:
    """Assert that Google shows what the rows say, no less and no more."""
    organized = organizer_events(run, outside)
    wanted: set[str] = set()
    for call in rows(run, CALLS):
        candidates = organized[call.candidate_event_id]
        wanted.add(call.candidate_event_id)
        wanted |= {call.keeper_event_id} if call.strategy == "keeper_event" else set()
        assert guests(candidates) == {call.email}
        assert [each["id"] for each in outside.calendar(call.email)].count(candidates["id"]) == 1
        interviews = rows(run, INTERVIEWS, call.id)
        for interview in interviews:
            event = organized[interview.event_id]
            wanted.add(interview.event_id)
            assert guests(event) == set(interview.panel)
            assert span(event) == (interview.starts, interview.ends)
            assert event["conferenceData"]["signature"] == candidates["conferenceData"]["signature"]
            assert room(event) == room(candidates)
            for address in interview.panel:
                assert event["id"] in {each["id"] for each in outside.calendar(address)}
        assert span(candidates) == (
            min(each.starts for each in interviews),
            max(each.ends for each in interviews),
        )
    assert set(organized) == wanted
    check_mails(run, outside)


def check_mails(run: WholeRun, outside: Outside) -> None:
    """Assert that each telling has arrived. A lost answer may bring it twice, as the same message."""
    for address in CANDIDATES:
        written = rows(
            run, "SELECT message_id, state FROM outbox_mail WHERE to_address = %s", address
        )
        assert {mail.state for mail in written} <= {"sent"}
        arrived = Counter(
            str(mail.message["Message-ID"]) for mail in outside.mails(address, "smtp")
        )
        assert set(arrived) == {mail.message_id for mail in written}
        assert all(times <= 2 for times in arrived.values())


def check_told_once(run: WholeRun, outside: Outside, address: str) -> None:
    """Assert that a first booking was told once: by Google for each event, by us for all."""
    events = outside.calendar(address)
    invitations = [mail.subject for mail in outside.mails(address, "google")]
    assert len(invitations) == len(events)
    assert all(subject.startswith("Invitation: ") for subject in invitations)
    told = "SELECT id FROM outbox_mail WHERE to_address = %s AND booking_id IS NOT NULL"
    assert len(rows(run, told, address)) == 1


def rooms(outside: Outside) -> set[str]:
    return {room(event) for address in CANDIDATES for event in outside.calendar(address)}


@dataclass
class Watch:
    """Looks over candidates' shoulders: whoever holds an event can enter a room where a panel will be."""

    outside: Outside
    broken: list[str] = field(default_factory=list)
    looks: int = 0

    def look(self) -> None:
        for address in CANDIDATES:
            for event in self.outside.calendar(address):
                if not self._has_its_panel(event, address):
                    self.broken.append(f"{address} holds {event['id']} of {event['start']}")
        self.looks += 1

    def _has_its_panel(self, event: dict[str, Any], address: str) -> bool:
        if not event.get("hangoutLink"):
            return False
        return any(
            other.get("hangoutLink") == event["hangoutLink"] and guests(other) - {address}
            for other in self.outside.calendar(event["organizer"]["email"])
        )


@contextmanager
def watched(outside: Outside) -> Iterator[Watch]:
    """Look again and again, as long as the emulator is there to be looked at."""
    watch, is_over = Watch(outside), threading.Event()

    def keep_looking() -> None:
        while not is_over.wait(LOOK_EVERY.total_seconds()):
            try:
                watch.look()
            except requests.RequestException:
                continue

    thread = threading.Thread(target=keep_looking, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        is_over.set()
        thread.join()


# -- a recruiter who does not give up --------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """A candidate whose stage can be booked."""

    application_id: int
    stage_id: int
    email: str


class Recruiter:
    """Priya with a patient browser: when the page does not answer, she loads it again."""

    def __init__(self, run: WholeRun) -> None:
        self._run = run
        self._dice = random.Random(1)  # noqa: S311
        self._cookies = self._sign_in()

    def book(self, who: Waiting) -> None:
        stage = f"/applications/{who.application_id}/stages/{who.stage_id}"
        self._insist(
            lambda: self._send_a_time(f"{stage}/times", f"{stage}/booking", "This stage is booked")
        )

    def reschedule(self, booking_id: int) -> None:
        page = f"/bookings/{booking_id}/reschedule"
        self._insist(lambda: self._send_a_time(f"{page}?every=1", page, None))

    def _send_a_time(self, page: str, door: str, done: str | None) -> bool:
        """Choose one of the times at random, and press the button; say whether that has worked."""
        session = self._session()
        shown = session.get(self._run.url + page, timeout=ANSWERS_WITHIN.total_seconds())
        if done is not None and done in shown.text:
            return True
        token, slots = TOKEN.search(shown.text), SLOT.findall(shown.text)
        if shown.status_code != requests.codes.ok or token is None:
            return False
        given = {"csrf_token": token[1]}
        if not slots:  # calendars have to be read first
            calendars = door.removesuffix("/booking") + "/calendars"
            session.post(
                self._run.url + calendars, data=given, timeout=ANSWERS_WITHIN.total_seconds()
            )
            return False
        answer = session.post(
            self._run.url + door,
            data=given | {"slot": self._dice.choice(slots)},
            timeout=ANSWERS_WITHIN.total_seconds(),
        )
        return re.search(r"/bookings/\d+$", answer.url) is not None

    def _insist(self, attempt: Callable[[], bool]) -> None:
        deadline = time.monotonic() + BOOKED_WITHIN.total_seconds()
        while time.monotonic() < deadline:
            try:
                if attempt():
                    return
            except requests.RequestException:
                pass
            time.sleep(TRY_AGAIN_AFTER.total_seconds())
        raise AssertionError("the page did not let her book")

    def _session(self) -> requests.Session:
        session = requests.Session()
        session.cookies.update(self._cookies)
        return session

    def _sign_in(self) -> requests.cookies.RequestsCookieJar:
        session = requests.Session()
        token = TOKEN.search(session.get(f"{self._run.url}/login").text)
        assert token is not None
        consent = session.post(f"{self._run.url}/login", data={"csrf_token": token[1], "next": ""})
        form = next(each for each in consent.text.split("<form") if f'value="{PRIYA}"' in each)
        given = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
        home = session.post(f"{self._run.emulator_url}/authorize", data=given)
        assert "Work queue" in home.text
        return session.cookies


# -- rows ------------------------------------------------------------------------------------------

CALLS: LiteralString = """
    SELECT call.*, booking.strategy, candidate.email
    FROM call
    JOIN booking ON booking.id = call.booking_id AND booking.state = 'booked'
    JOIN application ON application.id = booking.application_id
    JOIN candidate ON candidate.id = application.candidate_id
    WHERE call.state = 'live'"""
INTERVIEWS: LiteralString = """
    SELECT interview.event_id, lower(interview.during) AS starts, upper(interview.during) AS ends,
           array_agg(interviewer.email) AS panel
    FROM interview
    JOIN seat ON seat.interview_id = interview.id AND seat.state = 'live'
    JOIN interviewer ON interviewer.id = seat.interviewer_id
    WHERE interview.call_id = %s
    GROUP BY interview.id"""
WAITING: LiteralString = """
    SELECT application.id, application.stage_id, candidate.email
    FROM application
    JOIN candidate ON candidate.id = application.candidate_id AND candidate.email IS NOT NULL
    WHERE EXISTS (SELECT FROM candidate_window WHERE application_id = application.id)
      AND NOT EXISTS (SELECT FROM booking WHERE application_id = application.id)"""
UNSETTLED: LiteralString = """
    SELECT id FROM booking WHERE applied_revision < desired_revision OR attention IS NOT NULL
    UNION ALL SELECT id FROM outbox_mail WHERE state = 'waiting'"""


def waiting(run: WholeRun) -> list[Waiting]:
    return [Waiting(row.id, row.stage_id, row.email) for row in rows(run, WAITING)]


def is_settled(run: WholeRun) -> bool:
    try:
        return run.is_up() and not rows(run, UNSETTLED)
    except (psycopg.OperationalError, IndexError, OSError):  # just killed, or still starting
        return False


def organizer_events(run: WholeRun, outside: Outside) -> dict[str, dict[str, Any]]:
    return {
        event["id"]: event
        for calendar in rows(run, "SELECT google_id FROM organizer_calendar")
        for event in outside.calendar(calendar.google_id)
    }


def rows(run: WholeRun, query: LiteralString, *values: object) -> Sequence[Any]:
    with psycopg.connect(run.dsn(), row_factory=namedtuple_row) as connection:
        return connection.execute(query, values).fetchall()


@pytest.fixture(scope="module")
def run() -> Iterator[WholeRun]:
    with whole_run() as started:
        wait_until(lambda: is_settled(started), SETTLES_WITHIN)
        yield started


@pytest.fixture
def outside(run: WholeRun) -> Outside:
    """A Google that takes its time, so that a kill finds something under way."""
    settings = run.settings()
    outside = Outside(
        run.emulator_url, settings["GOOGLE_CLIENT_ID"], settings["GOOGLE_CLIENT_SECRET"]
    )
    outside.conference(latency=1)
    outside.answer_after(milliseconds=50)
    return outside
