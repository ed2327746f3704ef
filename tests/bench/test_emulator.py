"""What the emulator's answers cost with 100,000 stored events: `make bench` prints a table.

CPU milliseconds of one request in process, transport left out: median and worst of many. The calls
are those the product makes, and pages of the lists that other clients read.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from scheduler.emulator import calendars
from scheduler.emulator.company import COMPANY
from scheduler.emulator.recurrence import OPEN_END
from scheduler.emulator.server import Emulator, EmulatorSettings, create_emulator
from scheduler.emulator.store import dumps
from scheduler.emulator.world import Principal

pytestmark = pytest.mark.bench

STORED = 100_000
RUNS = 60
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
FIRST = NOW - timedelta(days=700)
SCHEDULING = "scheduling@northwind.example"
INTERVIEWERS = [account.email for account in COMPANY.accounts if account.kind == "interviewer"]
NUMBERS = count()


class Google:
    """An emulator full of events, asked in process by the scheduling account."""

    def __init__(self, path: Path) -> None:
        settings = EmulatorSettings(
            base_url="http://localhost:8001",
            store_path=path,
            client_id="bench",
            client_secret="bench",
            redirect_uris=(),
        )
        app = create_emulator(settings, lambda: NOW)
        self.emulator: Emulator = app.extensions["emulator"]
        self.emulator.set_conference(latency=0)
        who = Principal(email=SCHEDULING, scopes=frozenset())
        self.organizer = str(calendars.insert(self.emulator.world, who, {"summary": "Big"})["id"])
        self._fill()
        token = self.emulator.issue_access_token(SCHEDULING, ["calendar"])
        self._head = {"Authorization": f"Bearer {token}"}
        self._client = app.test_client()

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> TestResponse:
        return self._client.open(
            f"/calendar/v3{path}", method=method, json=body, query_string=query, headers=self._head
        )

    def _fill(self) -> None:
        """Half of the events stand on one organizer calendar, the others on the interviewers'."""
        store = self.emulator.world.store
        stored = store.one("SELECT count(*) AS number FROM event")
        missing = STORED - (int(stored["number"]) if stored else 0)
        rows = []
        for number in range(missing):
            is_big = number % 2
            name = self.organizer if is_big else INTERVIEWERS[number // 2 % len(INTERVIEWERS)]
            place = number // (2 if is_big else 2 * len(INTERVIEWERS))
            start = FIRST + place * (timedelta(minutes=30) if is_big else timedelta(hours=9))
            rows.append(filler_row(name, number, start))
        with store.transaction():
            store.run_for_each(
                "INSERT INTO event VALUES (:calendar, :id, :uid, '', 'confirmed', :starts, :ends, :change,"
                " :updated, NULL, :body)", rows
            )  # fmt: skip
            store.run_for_each(
                "INSERT INTO occurrence VALUES (:calendar, :id, :id, '', :starts, :ends, :ends - :starts,"
                " :starts, :ends, 'confirmed', 1, :change)", rows
            )  # fmt: skip
            store.run_for_each(
                "INSERT INTO extent VALUES (:calendar, :id, :starts, :ends, :open_end)", rows
            )
            store.run_for_each(
                "INSERT INTO tag VALUES (:calendar, 'private', 'filler', :tag, :id)", rows
            )
            store.run("UPDATE calendar SET change = ?", 2 * STORED)


def filler_row(calendar: str, number: int, start: datetime) -> dict[str, Any]:
    """Return the row that `put` would write, without asking it 100,000 times."""
    starts = int(start.timestamp())
    body = filler(number, start)
    return {
        "calendar": calendar, "id": f"filler{number}", "uid": body["iCalUID"], "starts": starts,
        "ends": starts + 1800, "change": STORED + number, "updated": body["created"],
        "body": dumps(body), "open_end": OPEN_END, "tag": str(number % 500),
    }  # fmt: skip


def filler(number: int, start: datetime) -> dict[str, Any]:
    end = start + timedelta(minutes=30)
    person = {"email": SCHEDULING}
    return {
        "iCalUID": f"filler{number}@google.com", "summary": f"Meeting {number}", "status": "confirmed",
        "start": {"dateTime": start.isoformat(), "timeZone": "Europe/Berlin"},
        "end": {"dateTime": end.isoformat(), "timeZone": "Europe/Berlin"},
        "creator": person, "organizer": person, "created": "2026-01-01T00:00:00.000Z",
        "updated": "2026-01-01T00:00:00.000Z", "sequence": 0,
        "extendedProperties": {"private": {"filler": str(number % 500)}},
    }  # fmt: skip


def interview() -> dict[str, Any]:
    number = next(NUMBERS)
    start = NOW + timedelta(days=1 + number % 20, minutes=15 * (number % 30))
    return {
        "id": f"bench{number:06}",
        "summary": "Interview",
        "start": {"dateTime": start.isoformat()},
        "end": {"dateTime": (start + timedelta(minutes=45)).isoformat()},
        "attendees": [{"email": name} for name in INTERVIEWERS[:3]],
        "extendedProperties": {"private": {"call": str(number)}},
    }


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Google]:
    found = Google(tmp_path_factory.mktemp("bench") / "google.db")
    yield found
    found.emulator.close()


@pytest.fixture
def measure(
    capsys: pytest.CaptureFixture[str],
) -> Callable[[str, Callable[[], TestResponse]], None]:
    def run(what: str, ask: Callable[[], TestResponse]) -> None:
        seconds = []
        for _ in range(RUNS):
            began = time.process_time()
            answer = ask()
            seconds.append(time.process_time() - began)
            assert answer.status_code < 300, answer.text
        figures = f"median {statistics.median(seconds) * 1000:6.2f} ms   worst {max(seconds) * 1000:6.2f} ms"
        with capsys.disabled():
            print(f"\n{what:<52} {figures}", end="")  # noqa: T201 - the table is the product

    return run


Measure = Callable[[str, Callable[[], TestResponse]], None]


def test_what_the_product_asks(google: Google, measure: Measure) -> None:
    events = f"/calendars/{google.organizer}/events"

    def inserted() -> TestResponse:
        return google.ask("POST", events, interview(), sendUpdates="none")

    measure("events.insert with three guests", inserted)
    name = inserted().json["id"]  # type: ignore[index]
    measure("events.get", lambda: google.ask("GET", f"{events}/{name}"))
    measure(
        "events.patch, three guests' copies follow",
        lambda: google.ask("PATCH", f"{events}/{name}", {"summary": f"Title {next(NUMBERS)}"}),
    )
    measure(
        "events.list by a tag that one event has",
        lambda: google.ask("GET", events, privateExtendedProperty="call=7"),
    )
    for title, path in (("organizer's", events), ("interviewer's", f"/calendars/{INTERVIEWERS[0]}/events")):  # fmt: skip
        token = last_token(google, path)
        measure(f"events.list by syncToken, nothing new, {title}", lambda p=path, t=token: google.ask("GET", p, syncToken=t))  # type: ignore[misc]  # fmt: skip
    token = last_token(google, events)
    google.ask("PATCH", f"{events}/{name}", {"summary": "New"})
    measure("events.list by syncToken, one change", lambda: google.ask("GET", events, syncToken=token))  # fmt: skip
    ask = {
        "timeMin": NOW.isoformat(),
        "timeMax": (NOW + timedelta(days=28)).isoformat(),
        "items": [{"id": name} for name in INTERVIEWERS[:28]],
    }
    measure("freeBusy of 28 people over 28 days", lambda: google.ask("POST", "/freeBusy", ask))
    one = {**ask, "items": ask["items"][:1]}
    measure("freeBusy of one person over 28 days", lambda: google.ask("POST", "/freeBusy", one))


def test_pages_of_lists(google: Google, measure: Measure) -> None:
    events = f"/calendars/{google.organizer}/events"
    person = f"/calendars/{INTERVIEWERS[0]}/events"
    now = NOW.isoformat()
    measure("first page of 250 events of 50,000", lambda: google.ask("GET", events))
    measure("25 events from now on", lambda: google.ask("GET", events, timeMin=now, maxResults=25))
    measure(
        "25 instances from now on, by start",
        lambda: google.ask(
            "GET", person, timeMin=now, maxResults=25, singleEvents="true", orderBy="startTime"
        ),
    )
    measure(
        "25 events last changed",
        lambda: google.ask("GET", events, orderBy="updated", maxResults=25),
    )


def last_token(google: Google, path: str) -> str:
    query: dict[str, Any] = {"maxResults": 2500}
    while True:
        page: Any = google.ask("GET", path, **query).json
        if "nextSyncToken" in page:
            return str(page["nextSyncToken"])
        query["pageToken"] = page["nextPageToken"]
