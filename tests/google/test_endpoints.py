"""Nothing but the configured endpoints is ever contacted, shown on real sockets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from werkzeug.serving import make_server

from scheduler.domain.calls import new_request_id
from scheduler.domain.diff import SendUpdates
from scheduler.domain.disclosure import ConferenceRequest
from scheduler.emulator.server import Emulator
from scheduler.google.calendar import CalendarGateway
from scheduler.google.client import Google
from scheduler.google.credentials import SCOPES, from_refresh_token
from scheduler.google.errors import EventExists, Unreachable
from scheduler.google.freebusy import read_busy
from scheduler.google.transport import ForeignAddress
from tests.google.conftest import DANA, SCHEDULING
from tests.google.events import (
    ADA,
    INSTALLATION,
    MORNING,
    candidate_payload,
    interviewer_event,
)

ALL, NONE = SendUpdates.ALL, SendUpdates.NONE


def test_a_whole_call_contacts_the_emulator_and_nobody_else(
    connected: Google, port: int, contacts: set[Any]
) -> None:
    gateway = CalendarGateway(connected)
    loops = gateway.make_calendar("Acme interviews", ZoneInfo("Europe/Berlin"), "")
    assert gateway.find_calendar(loops) is not None
    payload = candidate_payload(conference=ConferenceRequest(new_request_id()))
    gateway.insert_candidate_event(loops, payload, send_updates=NONE)
    made = gateway.get_event(loops, payload.event_id)
    assert made is not None
    assert made.conference is not None
    sibling = interviewer_event(conference=made.conference.copy)
    gateway.insert_internal_event(loops, sibling, send_updates=ALL)
    payload = candidate_payload(payload.event_id, guest=ADA)
    gateway.patch_candidate_event(loops, payload, if_match=made.etag, send_updates=ALL)
    assert len(list(gateway.tagged_events(loops, INSTALLATION))) == 2
    assert read_busy(connected, [DANA], MORNING) == {DANA: (MORNING,)}
    gateway.delete_event(loops, sibling.event_id, send_updates=ALL)
    assert contacts == {("127.0.0.1", port)}


def test_the_batch_endpoint_is_out_of_reach(connected: Google, contacts: set[Any]) -> None:
    calendar: Any = connected.calendar
    batch = calendar.new_batch_http_request()
    batch.add(calendar.events().get(calendarId="c", eventId="abcde"))
    with pytest.raises(ForeignAddress):
        batch.execute()
    assert contacts == set()


def test_a_request_that_goes_around_the_client_goes_nowhere(
    connected: Google, contacts: set[Any]
) -> None:
    with pytest.raises(ForeignAddress):
        connected.calendar.events().get(calendarId="c", eventId="abcde").execute()
    assert contacts == set()


def test_an_answer_lost_on_the_wire_turns_out_to_have_been_a_success(
    connected: Google, emulator: Emulator
) -> None:
    gateway = CalendarGateway(connected)
    loops = gateway.make_calendar("Acme interviews", ZoneInfo("Europe/Berlin"), "")
    emulator.add_fault(status=503, when="after", method="POST", path="/events$")
    payload = candidate_payload()
    with pytest.raises(EventExists):
        gateway.insert_candidate_event(loops, payload, send_updates=NONE)
    assert gateway.get_event(loops, payload.event_id) is not None


def test_a_calendar_whose_making_got_lost_is_made_once(
    connected: Google, emulator: Emulator
) -> None:
    emulator.add_fault(status=503, when="after", method="POST", path="/calendars$", count=3)
    with pytest.raises(Unreachable):
        CalendarGateway(connected).make_calendar("Acme", ZoneInfo("UTC"), "")
    [planted] = emulator.world.faults.present()
    assert planted.count == 2


def test_nobody_at_home_is_unreachable(connected: Google, port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = listener.getsockname()[1]
    waits: list[float] = []
    google = Google(
        f"http://127.0.0.1:{closed}/calendar/v3/",
        lambda: from_refresh_token(
            "r",
            client_id="c",
            client_secret="s",
            token_uri=f"http://127.0.0.1:{closed}/token",
        ),
        sleep=waits.append,
    )
    with pytest.raises(Unreachable):
        CalendarGateway(google).find_calendar("primary")
    assert len(waits) == 4


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join(timeout=5)
    server.server_close()


@pytest.fixture
def connected(emulator: Emulator, port: int, monkeypatch: pytest.MonkeyPatch) -> Google:
    """A client with connections of its own making, on a machine that has a proxy."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://proxy.invalid:3128")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    refresh_token = emulator.issue_refresh_token(SCHEDULING, SCOPES)
    return Google(
        f"http://127.0.0.1:{port}/calendar/v3/",
        lambda: from_refresh_token(
            refresh_token,
            client_id="greenroom",
            client_secret="s3cret",
            token_uri=f"http://127.0.0.1:{port}/token",
        ),
        sleep=lambda _: None,
    )


@pytest.fixture
def contacts(port: int, monkeypatch: pytest.MonkeyPatch) -> set[Any]:
    """Every address a socket is connected to, and every name that is looked up."""
    seen: set[Any] = set()
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def watched_connect(self: socket.socket, address: Any) -> None:
        seen.add(tuple(address[:2]))
        connect(self, address)

    def watched_look_up(host: Any, port: Any, *args: Any, **more: Any) -> Any:
        seen.add((host, port))
        return look_up(host, port, *args, **more)

    monkeypatch.setattr(socket.socket, "connect", watched_connect)
    monkeypatch.setattr(socket, "getaddrinfo", watched_look_up)
    return seen
