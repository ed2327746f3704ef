"""Whatever becomes of an answer on its way, over real sockets: one named fact, and one event."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from scheduler.domain.diff import SendUpdates
from scheduler.emulator.lines import Handler, Server
from scheduler.emulator.server import Emulator
from scheduler.emulator.transport import zipped
from scheduler.google.calendar import CalendarGateway
from scheduler.google.client import Google
from scheduler.google.credentials import SCOPES, from_refresh_token
from scheduler.google.errors import EventExists, Unreachable
from scheduler.google.freebusy import read_busy
from scheduler.google.transport import new_http
from tests.google.conftest import DANA, SCHEDULING
from tests.google.events import MORNING, interviewer_event

ALL = SendUpdates.ALL
HOWS = ("html", "garble", "truncate", "hang", "reset")
ALWAYS = 1_000
GIVES_UP_AFTER = timedelta(seconds=1)  # long enough for an answer that does come


@pytest.mark.parametrize("how", HOWS)
def test_a_spoilt_answer_to_a_question_is_asked_for_again(
    gateway: CalendarGateway, loops: str, emulator: Emulator, how: str
) -> None:
    event = interviewer_event()
    gateway.insert_internal_event(loops, event, send_updates=ALL)
    emulator.add_fault(how=how, when="after", method="GET", path="/events/")
    found = gateway.get_event(loops, event.event_id)
    assert found is not None
    assert emulator.world.faults.present() == []


@pytest.mark.parametrize("how", HOWS)
def test_answers_that_stay_spoilt_are_an_unknown_outcome(
    google: Google, emulator: Emulator, how: str
) -> None:
    emulator.add_fault(how=how, path="/freeBusy", count=ALWAYS)
    with pytest.raises(Unreachable):
        read_busy(google, [DANA], MORNING)


@pytest.mark.parametrize("how", HOWS)
def test_an_insert_whose_answer_is_spoilt_is_not_made_twice(
    gateway: CalendarGateway, loops: str, emulator: Emulator, how: str
) -> None:
    event = interviewer_event()
    emulator.add_fault(how=how, when="after", method="POST", path="/events$")
    with pytest.raises(EventExists):
        gateway.insert_internal_event(loops, event, send_updates=ALL)
    assert [each["id"] for each in emulator.calendar_as(loops)] == [event.event_id]
    invited = [mail["to"] for mail in emulator.outbox()]
    assert len(invited) == len({to for (to,) in invited})


@pytest.mark.parametrize("how", HOWS)
def test_an_insert_that_never_arrived_is_made_by_the_second_try(
    gateway: CalendarGateway, loops: str, emulator: Emulator, how: str
) -> None:
    event = interviewer_event()
    emulator.add_fault(how=how, when="before", method="POST", path="/events$")
    gateway.insert_internal_event(loops, event, send_updates=ALL)
    assert [each["id"] for each in emulator.calendar_as(loops)] == [event.event_id]


@pytest.mark.parametrize("how", HOWS)
def test_a_deletion_whose_answer_is_spoilt_is_done(
    gateway: CalendarGateway, loops: str, emulator: Emulator, how: str
) -> None:
    event = interviewer_event()
    gateway.insert_internal_event(loops, event, send_updates=ALL)
    emulator.add_fault(how=how, when="after", method="DELETE", path="/events/")
    gateway.delete_event(loops, event.event_id, send_updates=ALL)
    assert emulator.calendar_as(loops) == []


@pytest.mark.parametrize("how", HOWS)
def test_a_calendar_whose_making_is_spoilt_is_made_once(
    gateway: CalendarGateway, emulator: Emulator, how: str
) -> None:
    emulator.add_fault(how=how, when="after", method="POST", path="/calendars$", count=ALWAYS)
    with pytest.raises(Unreachable):
        gateway.make_calendar("Acme", ZoneInfo("UTC"), "")
    assert emulator.world.faults.present()[0].count == ALWAYS - 1


@pytest.mark.parametrize("how", HOWS)
def test_a_spoilt_access_token_is_asked_for_again(
    google: Google, emulator: Emulator, how: str
) -> None:
    emulator.add_fault(how=how, when="after", path="^/token$")
    assert read_busy(google, [DANA], MORNING) == {DANA: ()}


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    server = Server("127.0.0.1", 0, zipped(app), handler=Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join(timeout=5)
    server.server_close()


@pytest.fixture
def google(emulator: Emulator, port: int) -> Google:
    """A client over sockets that soon gives up waiting."""
    base = f"http://127.0.0.1:{port}"
    refresh_token = emulator.issue_refresh_token(SCHEDULING, SCOPES)
    connect: Any = partial(new_http, f"{base}/calendar/v3/", answer_within=GIVES_UP_AFTER)
    return Google(
        f"{base}/calendar/v3/",
        lambda: from_refresh_token(
            refresh_token,
            client_id="greenroom",
            client_secret="s3cret",
            token_uri=f"{base}/token",
        ),
        http_factory=connect,
        sleep=lambda _: None,
    )
