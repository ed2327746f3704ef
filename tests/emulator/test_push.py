"""Push: channels on events, lists, sharing and settings, and what a receiver hears of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from googleapiclient import discovery

from scheduler.emulator.server import Emulator, create_emulator
from tests.emulator.conftest import (
    ADA,
    BASE,
    DANA,
    SCHEDULING,
    Bearer,
    Clock,
    Service,
    meeting,
    reason,
    settings,
)
from tests.emulator.serving import free_port

NONSENSE = 0
"""In place of a status: an answer that is no HTTP."""

PATIENCE = 8.0
"""Seconds after which nothing more is expected; less than the courier waits for a receiver."""


@dataclass(frozen=True)
class Heard:
    """One notification: where it came, its headers in lower case, its body, and when."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def state(self) -> str:
        return self.headers["x-goog-resource-state"]

    @property
    def number(self) -> int:
        return int(self.headers["x-goog-message-number"])


class Receiver(ThreadingHTTPServer):
    """An application's endpoint: remembers what it hears, and answers as the test says."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Door)
        self.heard: list[Heard] = []
        self.answers: list[int] = []
        self.open = threading.Event()
        self.open.set()
        self.changed = threading.Condition()

    def address(self, path: str = "/push") -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def on(self, path: str) -> list[Heard]:
        return [one for one in self.heard if one.path == path]

    def wait(self, number: int, path: str = "/push") -> list[Heard]:
        """Return what came to a path once it is `number` notifications."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.on(path)) >= number, PATIENCE)
            return self.on(path)


class _Door(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        with self.server.changed:
            self.server.heard.append(Heard(self.path, headers, body, time.monotonic()))
            status = self.server.answers.pop(0) if self.server.answers else 204
            self.server.changed.notify_all()
        if status == NONSENSE:
            self.wfile.write(b"what?\r\n\r\n")
            return
        if self.path == "/slow":
            self.server.open.wait(PATIENCE)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@contextmanager
def receiving(port: int = 0) -> Iterator[Receiver]:
    server = Receiver(port)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.open.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


def channel(receiver: Receiver, name: str = "c1", path: str = "/push", **more: Any) -> Any:
    return {"id": name, "type": "web_hook", "address": receiver.address(path), **more}


Change = Callable[[], None]


@pytest.fixture
def change(calendars: Any, organizer: str) -> Change:
    """Return a function that changes the organizer calendar by one event."""

    def insert() -> None:
        calendars.events().insert(calendarId=organizer, body=meeting()).execute()

    return insert


def test_a_channel_says_sync_and_then_rings_at_every_change(
    calendars: Any, organizer: str, receiver: Receiver, change: Change
) -> None:
    asked = channel(receiver, token="secret")
    opened = calendars.events().watch(calendarId=organizer, body=asked).execute()
    assert (opened["kind"], opened["id"], opened["token"]) == ("api#channel", "c1", "secret")
    (sync,) = receiver.wait(1)
    assert (sync.state, sync.number, sync.body) == ("sync", 1, b"")
    change()
    change()
    _, first, second = receiver.wait(3)
    assert (first.state, second.state) == ("exists", "exists")
    assert 1 < first.number < second.number
    ends = datetime.fromtimestamp(int(opened["expiration"]) / 1000, UTC)
    for one in (sync, first, second):
        assert one.body == b""
        assert one.headers["content-length"] == "0"
        assert one.headers["x-goog-channel-id"] == "c1"
        assert one.headers["x-goog-channel-token"] == "secret"
        assert one.headers["x-goog-resource-id"] == opened["resourceId"]
        assert one.headers["x-goog-resource-uri"] == opened["resourceUri"]
        said = parsedate_to_datetime(one.headers["x-goog-channel-expiration"])
        assert said == ends.replace(microsecond=0)
    assert f"/calendars/{organizer.replace('@', '%40')}/events?" in opened["resourceUri"]


def test_without_a_token_no_token_comes(calendars: Any, organizer: str, receiver: Receiver) -> None:
    opened = calendars.events().watch(calendarId=organizer, body=channel(receiver)).execute()
    assert "token" not in opened
    assert "x-goog-channel-token" not in receiver.wait(1)[0].headers


def test_lists_sharing_and_settings_ring_too(
    google: Emulator, calendars: Any, organizer: str, receiver: Receiver
) -> None:
    watches = {
        "/list": calendars.calendarList().watch(body=channel(receiver, "l", "/list")),
        "/acl": calendars.acl().watch(calendarId=organizer, body=channel(receiver, "a", "/acl")),
        "/settings": calendars.settings().watch(body=channel(receiver, "s", "/settings")),
    }
    uris = {path: watch.execute()["resourceUri"] for path, watch in watches.items()}
    assert uris["/list"].startswith(f"{BASE}/calendar/v3/users/me/calendarList?")
    assert uris["/acl"].endswith("/acl?alt=json")
    assert uris["/settings"].startswith(f"{BASE}/calendar/v3/users/me/settings?")
    for path in watches:
        assert receiver.wait(1, path)[0].state == "sync"
    rule = {"scope": {"type": "user", "value": DANA}, "role": "reader"}
    calendars.acl().insert(calendarId=organizer, body=rule).execute()
    calendars.calendarList().patch(calendarId=organizer, body={"colorId": "4"}).execute()
    google.set_user_setting(SCHEDULING, "locale", "de")
    google.flush_pushes()
    for path in watches:
        assert receiver.wait(2, path)[1].state == "exists"
    assert {path: len(receiver.on(path)) for path in watches} == dict.fromkeys(watches, 2)


def test_a_stopped_channel_is_silent(
    calendars: Any, organizer: str, receiver: Receiver, change: Change, service: Service
) -> None:
    api = calendars.channels()
    opened = calendars.events().watch(calendarId=organizer, body=channel(receiver)).execute()
    other = calendars.events().watch(calendarId=organizer, body=channel(receiver, "c2", "/other"))
    # "Identifies the resource being watched": the same for every channel on it.
    assert other.execute()["resourceId"] == opened["resourceId"]
    mine = {"id": "c1", "resourceId": opened["resourceId"]}
    for stopping in (
        api.stop(body={**mine, "resourceId": "another"}),
        api.stop(body={**mine, "id": "unknown"}),
        service(DANA).channels().stop(body=mine),
    ):
        assert reason(stopping)[:2] == (404, "notFound")
    change()
    receiver.wait(2)
    api.stop(body=mine).execute()
    change()
    receiver.wait(3, "/other")
    assert len(receiver.on("/push")) == 2
    assert reason(api.stop(body=mine))[0] == 404


def test_channels_expire(
    calendars: Any, organizer: str, receiver: Receiver, change: Change, clock: Clock
) -> None:
    def open_until(name: str, **more: Any) -> timedelta:
        call = calendars.events().watch(
            calendarId=organizer, body=channel(receiver, name, f"/{name}", **more)
        )
        ends = datetime.fromtimestamp(int(call.execute()["expiration"]) / 1000, UTC)
        return ends - clock.now

    week, month = timedelta(days=7), timedelta(days=30)
    soon = int((clock.now + timedelta(minutes=30)).timestamp() * 1000)
    in_a_year = int((clock.now + timedelta(days=365)).timestamp() * 1000)
    assert open_until("default") == week
    assert open_until("brief", expiration=str(soon)) == timedelta(minutes=30)
    assert open_until("year", expiration=str(in_a_year)) == month
    assert open_until("ttl", params={"ttl": "90"}) == timedelta(seconds=90)
    for wrong in ({"expiration": "1"}, {"expiration": "soon"}, {"params": {"ttl": "-1"}}):
        call = calendars.events().watch(
            calendarId=organizer, body=channel(receiver, "wrong", **wrong)
        )
        assert reason(call)[:2] == (400, "invalid")
    for name in ("default", "brief", "year", "ttl"):
        receiver.wait(1, f"/{name}")
    clock.advance(timedelta(minutes=30))
    change()
    receiver.wait(2, "/default")
    receiver.wait(2, "/year")
    assert len(receiver.on("/brief")) == len(receiver.on("/ttl")) == 1
    # The id of a channel that is over is free again.
    assert open_until("brief") == week


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"id": None}, "required"),
        ({"id": "x" * 65}, "invalid"),
        ({"type": "carrier_pigeon"}, "push.channelTypeNotSupported"),
        ({"type": None}, "push.channelTypeNotSupported"),
        ({"address": None}, "required"),
        ({"address": "http://app.example/push"}, "push.webhookUrlNotHttps"),
        ({"address": "http://192.0.2.7/push"}, "push.webhookUrlNotHttps"),
        ({"address": "ftp://localhost/push"}, "push.webhookUrlNotHttps"),
        ({"address": "https://intranet/push"}, "push.webhookUrlUnauthorized"),
        ({"address": "https://192.0.2.7/push"}, "push.webhookUrlUnauthorized"),
        ({"token": "t" * 257}, "invalid"),
    ],
)
def test_a_channel_that_cannot_be_is_refused(
    calendars: Any, organizer: str, receiver: Receiver, given: dict[str, Any], why: str
) -> None:
    body = {**channel(receiver), **given}
    assert reason(calendars.events().watch(calendarId=organizer, body=body))[:2] == (400, why)
    assert receiver.heard == []


def test_addresses_that_google_would_take(calendars: Any, organizer: str) -> None:
    for number, address in enumerate(
        (
            "https://app.invalid/push",
            "http://localhost:9/",
            "https://127.0.0.1:9/",
            "http://[::1]:9/",
        )
    ):
        body = {"id": f"n{number}", "type": "webhook", "address": address}
        assert calendars.events().watch(calendarId=organizer, body=body).execute()["id"]


def test_an_id_is_used_once(
    calendars: Any, organizer: str, receiver: Receiver, service: Service
) -> None:
    calendars.events().watch(calendarId=organizer, body=channel(receiver)).execute()
    for again in (
        calendars.events().watch(calendarId=organizer, body=channel(receiver)),
        service(DANA).settings().watch(body=channel(receiver)),
    ):
        assert reason(again)[:2] == (400, "channelIdNotUnique")


def test_who_may_watch(
    google: Emulator, organizer: str, receiver: Receiver, service: Service, change: Change
) -> None:
    theirs = service(DANA)
    watch = theirs.events().watch(calendarId=organizer, body=channel(receiver))
    assert reason(watch)[:2] == (404, "notFound")
    google.grant(organizer, "user", DANA, "freeBusyReader")
    watch.execute()
    rules = theirs.acl().watch(calendarId=organizer, body=channel(receiver, "c2"))
    assert reason(rules)[:2] == (403, "requiredAccessLevel")
    receiver.wait(1)
    google.grant(organizer, "user", DANA, "none")
    change()
    google.grant(organizer, "user", DANA, "reader")
    change()
    assert len(receiver.wait(2)) == 2


def test_a_deleted_calendar_says_nothing_any_more(
    calendars: Any, organizer: str, receiver: Receiver
) -> None:
    calendars.events().watch(calendarId=organizer, body=channel(receiver)).execute()
    calendars.calendarList().watch(body=channel(receiver, "c2", "/list")).execute()
    receiver.wait(1)
    calendars.calendars().delete(calendarId=organizer).execute()
    assert receiver.wait(2, "/list")[1].state == "exists"
    assert len(receiver.on("/push")) == 1


def test_notifications_are_lost_and_doubled_as_switched(
    google: Emulator, calendars: Any, organizer: str, receiver: Receiver, change: Change
) -> None:
    google.set_push(drop=1)
    calendars.events().watch(calendarId=organizer, body=channel(receiver)).execute()
    change()
    google.set_push(drop=0, duplicate=1)
    change()
    sync, one, other = receiver.wait(3)
    assert sync.state == "sync"
    assert one.headers == other.headers
    google.set_push(duplicate=0)
    change()
    assert receiver.wait(4)[3].number > one.number
    assert len(receiver.heard) == 4


def test_notifications_come_late_as_switched(
    google: Emulator, calendars: Any, organizer: str, receiver: Receiver, change: Change
) -> None:
    calendars.events().watch(calendarId=organizer, body=channel(receiver)).execute()
    receiver.wait(1)
    google.set_push(delay=0.3)
    before = time.monotonic()
    change()
    assert receiver.wait(2)[1].at - before > 0.25


def test_a_receiver_in_trouble_is_asked_again_and_one_that_refuses_is_not(
    calendars: Any, organizer: str, receiver: Receiver, change: Change
) -> None:
    calendars.events().watch(calendarId=organizer, body=channel(receiver)).execute()
    receiver.wait(1)
    receiver.answers[:] = [503, 202, 404, 302, 201]
    for _ in range(4):
        change()
    _, first, second, refused, moved, taken = receiver.wait(6)
    assert first.headers == second.headers
    assert second.at - first.at > 0.4
    assert second.number < refused.number < moved.number < taken.number
    assert receiver.on("/elsewhere") == []
    assert len(receiver.heard) == 6


def test_an_answer_that_is_no_http_silences_no_channel(
    calendars: Any, organizer: str, receiver: Receiver, change: Change
) -> None:
    calendars.events().watch(calendarId=organizer, body=channel(receiver)).execute()
    receiver.wait(1)
    receiver.answers[:] = [NONSENSE]
    change()
    change()
    _, first, again, next_one = receiver.wait(4)
    assert first.headers == again.headers
    assert again.number < next_one.number


def test_nobody_waits_for_a_slow_receiver(
    calendars: Any, organizer: str, receiver: Receiver, change: Change
) -> None:
    calendars.events().watch(
        calendarId=organizer, body=channel(receiver, "slow", "/slow")
    ).execute()
    calendars.events().watch(calendarId=organizer, body=channel(receiver)).execute()
    receiver.wait(1, "/slow")
    receiver.open.clear()
    before = time.monotonic()
    change()
    change()
    receiver.wait(3)
    assert time.monotonic() - before < PATIENCE
    receiver.open.set()
    assert len(receiver.wait(3, "/slow")) == 3


def test_a_refused_write_rings_nothing(
    calendars: Any, organizer: str, receiver: Receiver, change: Change
) -> None:
    calendars.events().watch(calendarId=organizer, body=channel(receiver)).execute()
    bad = calendars.events().insert(calendarId=organizer, body=meeting(id="!"))
    assert reason(bad)[0] == 400
    change()
    assert [one.state for one in receiver.wait(2)] == ["sync", "exists"]
    assert len(receiver.heard) == 2


Started = Callable[[], tuple[Emulator, Any]]


@pytest.fixture
def started(tmp_path: Path, clock: Clock) -> Started:
    """Return a function that starts an emulator on the same file again, and Dana's client of it."""

    def start() -> tuple[Emulator, Any]:
        app = create_emulator(settings(tmp_path / "google.sqlite"), clock)
        emulator: Emulator = app.extensions["emulator"]
        token = emulator.issue_access_token(DANA, ("calendar",))
        build: Any = discovery.build
        options = {"api_endpoint": f"{BASE}/calendar/v3/"}
        bearer = Bearer(app, token)
        return emulator, build(
            "calendar", "v3", http=bearer, client_options=options, cache_discovery=False
        )

    return start


def until_settled(emulator: Emulator) -> None:
    """Wait until no notification is under way any more, so that closing leaves none over."""
    until = time.monotonic() + PATIENCE
    while emulator.world.store.one("SELECT 1 FROM notice"):
        assert time.monotonic() < until, "something is not delivered"
        time.sleep(0.01)


def test_a_watch_lives_over_a_restart(started: Started, receiver: Receiver) -> None:
    first, api = started()
    opened = api.events().watch(calendarId="primary", body=channel(receiver)).execute()
    receiver.wait(1)
    until_settled(first)
    first.close()
    second, api = started()
    api.events().insert(calendarId="primary", body=meeting()).execute()
    rung = receiver.wait(2)[1]
    assert (rung.state, rung.headers["x-goog-resource-id"]) == ("exists", opened["resourceId"])
    api.channels().stop(body={"id": "c1", "resourceId": opened["resourceId"]}).execute()
    second.close()


def test_what_was_not_delivered_is_delivered_after_a_restart(started: Started) -> None:
    port = free_port()
    first, api = started()
    address = f"http://127.0.0.1:{port}/push"
    wanted = {"id": "c1", "type": "web_hook", "address": address}
    api.events().watch(calendarId="primary", body=wanted).execute()
    invitation = meeting(id="event1", attendees=[{"email": ADA}])
    api.events().insert(calendarId="primary", body=invitation).execute()
    first.rsvp(ADA, "event1", "accepted")  # by no call: nobody has written a notification yet
    first.close()
    with receiving(port) as receiver:
        second, api = started()
        assert [one.state for one in receiver.wait(3)] == ["sync", "exists", "exists"]
        api.events().insert(calendarId="primary", body=meeting(id="event2")).execute()
        receiver.wait(4)
        until_settled(second)
        second.close()
        third, api = started()
        api.events().insert(calendarId="primary", body=meeting(id="event3")).execute()
        numbers = [one.number for one in receiver.wait(5)]
        assert numbers == sorted(set(numbers)), "something came twice"
        third.close()
