"""Faults over a real socket: what a client meets when an answer is spoilt, cut, held back or torn off."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from scheduler.emulator.server import Emulator
from tests.emulator.conftest import SCHEDULING, reason
from tests.emulator.serving import client, serving

CALENDARS = "/calendar/v3/calendars"
PATIENCE_SECONDS = 20
SOON_SECONDS = 0.3


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[str, Emulator]]:
    with serving() as found:
        yield found


@pytest.fixture
def served(running: tuple[str, Emulator]) -> Iterator[tuple[str, Emulator]]:
    yield running
    running[1].clear_faults()


def ask(
    served: tuple[str, Emulator], *, summary: str = "", timeout: float = PATIENCE_SECONDS
) -> http.client.HTTPConnection:
    """Send one call over a connection of its own: make a calendar, or without a name list them."""
    base, emulator = served
    parts = urlsplit(base)
    line = http.client.HTTPConnection(parts.hostname or "", parts.port or 0, timeout=timeout)
    head = {"Authorization": f"Bearer {emulator.issue_access_token(SCHEDULING, ['calendar'])}"}
    if summary:
        line.request("POST", CALENDARS, json.dumps({"summary": summary}), head)
    else:
        line.request("GET", "/calendar/v3/users/me/calendarList", headers=head)
    return line


def is_made(served: tuple[str, Emulator], summary: str) -> bool:
    listed = client(*served).calendarList().list().execute()["items"]
    return summary in [entry["summary"] for entry in listed]


@pytest.mark.parametrize(("when", "is_kept"), [("before", False), ("after", True)])
@pytest.mark.parametrize(
    ("how", "status", "kind", "shown"),
    [
        ("html", 502, "text/html; charset=UTF-8", "<!DOCTYPE html>"),
        ("garble", 200, "application/json", "{"),
    ],
)
def test_an_answer_comes_as_something_else(
    served: tuple[str, Emulator], when: str, is_kept: bool, how: str, status: int, kind: str, shown: str
) -> None:  # fmt: skip
    name = f"{how} {when}"
    served[1].add_fault(how=how, when=when, method="POST", path="/calendars$")
    answer = ask(served, summary=name).getresponse()
    raw = answer.read()
    body = raw.decode()
    assert (answer.status, answer.headers["Content-Type"]) == (status, kind)
    assert len(raw) == int(answer.headers["Content-Length"])
    assert body.startswith(shown)
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        json.loads(body)
    assert is_made(served, name) is is_kept


@pytest.mark.parametrize(("when", "is_kept"), [("before", False), ("after", True)])
def test_a_truncated_answer_promises_more_than_comes(
    served: tuple[str, Emulator], when: str, is_kept: bool
) -> None:
    name = f"truncate {when}"
    served[1].add_fault(how="truncate", when=when, method="POST", path="/calendars$")
    answer = ask(served, summary=name).getresponse()
    with pytest.raises(http.client.IncompleteRead) as cut:
        answer.read()
    assert 0 < len(cut.value.partial) < int(answer.headers["Content-Length"])
    assert is_made(served, name) is is_kept


def test_a_truncated_answer_is_cut_for_clients_that_take_gzip_as_well(
    served: tuple[str, Emulator],
) -> None:
    served[1].add_fault(how="truncate", when="after")
    calendars = client(*served)
    with pytest.raises(http.client.IncompleteRead):
        calendars.calendarList().list().execute()
    assert calendars.calendarList().list().execute()["items"]


@pytest.mark.parametrize(("when", "is_kept"), [("before", False), ("after", True)])
def test_a_line_is_torn_down(served: tuple[str, Emulator], when: str, is_kept: bool) -> None:
    name = f"reset {when}"
    served[1].add_fault(how="reset", when=when, method="POST", path="/calendars$")
    with pytest.raises(ConnectionResetError) as torn:
        ask(served, summary=name).getresponse()
    assert not isinstance(torn.value, http.client.RemoteDisconnected), "RST, not FIN"
    assert is_made(served, name) is is_kept


@pytest.mark.parametrize(("when", "is_kept"), [("before", False), ("after", True)])
def test_a_half_open_line_holds_until_the_caller_gives_up(
    served: tuple[str, Emulator], when: str, is_kept: bool
) -> None:
    name = f"hang {when}"
    served[1].add_fault(how="hang", when=when, method="POST", path="/calendars$")
    threads = threading.active_count()
    line = ask(served, summary=name, timeout=SOON_SECONDS)
    with pytest.raises(TimeoutError):
        line.getresponse()
    # Others are served meanwhile, and the thread that waits ends with the caller's patience.
    assert is_made(served, name) is is_kept
    line.close()
    until = time.monotonic() + PATIENCE_SECONDS
    while threading.active_count() > threads:
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_delay_holds_an_answer_back_that_then_comes(served: tuple[str, Emulator]) -> None:
    served[1].add_fault(delay=0.2)
    began = time.monotonic()
    assert ask(served).getresponse().status == 200
    assert time.monotonic() - began >= 0.2


def test_a_caller_who_has_left_disturbs_nobody(served: tuple[str, Emulator]) -> None:
    served[1].add_fault(delay=0.1)
    line = ask(served)
    assert isinstance(line.sock, socket.socket)
    line.close()
    assert ask(served).getresponse().status == 200


def test_faults_survive_a_restart_with_what_is_left_of_them(tmp_path: Path) -> None:
    path = tmp_path / "google.db"
    fault = {"status": 503, "count": 2, "path": "calendarList", "when": "before"}
    with serving(path) as (base, emulator):
        emulator.add_fault(**fault)
        assert reason(client(base, emulator).calendarList().list())[0] == 503
    with serving(path) as (base, emulator):
        (left,) = emulator.world.faults.present()
        assert left.as_hook() == {
            **fault, "count": 1, "reason": "backendError", "method": None, "delay": 0.0, "how": None
        }  # fmt: skip
        assert reason(client(base, emulator).calendarList().list())[0] == 503
        client(base, emulator).calendarList().list().execute()
    with serving(path) as (base, emulator):
        assert emulator.world.faults.present() == []


def test_a_listed_fault_can_be_planted_again(http: FlaskClient, google: Emulator) -> None:
    google.add_fault(how="html", path="/events", count=3)
    (listed,) = http.get("/_emulator/faults").json or []
    google.clear_faults()
    assert http.post("/_emulator/faults", json=listed).status_code == 200
    assert http.get("/_emulator/faults").json == [listed]


def test_the_log_says_what_a_fault_did(calendars: Any, google: Emulator) -> None:
    google.add_fault(how="html", when="after")
    with pytest.raises(Exception, match="502"):
        calendars.colors().get().execute()
    last = google.calls()[-1]
    assert (last.name, last.status, last.fate) == ("colors.get", 502, "fault: html")
