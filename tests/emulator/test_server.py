"""Over real sockets: the command line, restarts, lost answers, SMTP, push, threads, Authlib."""

from __future__ import annotations

import http.client
import json
import os
import signal
import smtplib
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from scheduler.emulator.server import Emulator
from tests.emulator.conftest import ADA, DANA, SCHEDULING, meeting, wish
from tests.emulator.serving import client, free_port, serving

ROOT = Path(__file__).parents[2]
READY_SECONDS = 20


@pytest.fixture
def served() -> Iterator[tuple[str, Emulator]]:
    with serving() as found:
        yield found


def command(port: int, *more: str) -> subprocess.Popen[str]:
    secrets = {"EMULATOR_CLIENT_ID": "greenroom", "EMULATOR_CLIENT_SECRET": "shh"}
    return subprocess.Popen(
        [sys.executable, "-m", "scheduler.emulator", "--port", str(port), *more],
        cwd=ROOT,
        env={**os.environ, **secrets},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "emulator ready\n", process.communicate(timeout=5)


def fetch(url: str, given: dict[str, Any] | None = None) -> Any:
    data = None if given is None else json.dumps(given).encode()
    request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=READY_SECONDS) as answer:
        return json.loads(answer.read())


def test_the_command_line_serves_survives_a_kill_and_stops_cleanly(tmp_path: Path) -> None:
    port, smtp_port, data = free_port(), free_port(), tmp_path / "state" / "google.db"
    base = f"http://localhost:{port}"
    options = ("--smtp-port", str(smtp_port), "--data", str(data), "--hooks")
    process = command(port, *options)
    try:
        until_ready(process)
        with smtplib.SMTP("127.0.0.1", smtp_port) as mail:
            mail.sendmail("a@x.example", ["priya@northwind.example"], "Subject: Grüße\r\n\r\nText".encode(), ["SMTPUTF8", "BODY=8BITMIME"])  # fmt: skip
            for address, code in (("a@busy.example", 451), ("a@refused.example", 550)):
                with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
                    mail.sendmail("a@x.example", [address], "Subject: x\r\n\r\n")
                assert refused.value.recipients[address][0] == code
        keys = fetch(f"{base}/certs")
        busy = command(port)
        assert busy.wait(READY_SECONDS) == 2
        assert busy.stderr is not None
        assert busy.stderr.read() == f"The emulator's port {port} is in use by another program.\n"
        process.send_signal(signal.SIGKILL)
        process.wait(READY_SECONDS)
        process = command(port, *options)
        until_ready(process)
        assert fetch(f"{base}/certs") == keys
        assert [mail["to"] for mail in fetch(f"{base}/_emulator/outbox")] == [
            ["priya@northwind.example"]
        ]
        process.send_signal(signal.SIGTERM)
        assert process.wait(READY_SECONDS) == 0
    finally:
        process.kill()
        process.communicate()


def test_state_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "google.db"
    with serving(path) as (base, emulator):
        calendars = client(base, emulator)
        organizer = calendars.calendars().insert(body={"summary": "Kept"}).execute()["id"]
        body = meeting(id="kept0", attendees=[{"email": ADA}], conferenceData=wish())
        before = calendars.events().insert(
            calendarId=organizer, body=body, sendUpdates="all", conferenceDataVersion=1
        ).execute()  # fmt: skip
        sync = calendars.events().list(calendarId=organizer).execute()["nextSyncToken"]
        token = calendars._http.token
        emulator.set_conference(signature_check="reject")
    with serving(path) as (base, emulator):
        calendars = client(base, emulator)
        calendars._http.token = token
        after = calendars.events().get(calendarId=organizer, eventId="kept0").execute()
        assert (after["etag"], after["conferenceData"]) == (
            before["etag"],
            before["conferenceData"],
        )
        assert (
            calendars.events().list(calendarId=organizer, syncToken=sync).execute()["items"] == []
        )
        assert len(emulator.outbox()) == 1
        assert emulator.world.switches.signature_check == "reject"
        copy = {k: v for k, v in before["conferenceData"].items() if k != "createRequest"}
        again = meeting(conferenceData=copy)
        made = (
            calendars.events()
            .insert(calendarId=organizer, body=again, conferenceDataVersion=1)
            .execute()
        )
        assert made["conferenceData"] == copy


def test_a_lost_answer_closes_the_line_after_the_write(served: tuple[str, Emulator]) -> None:
    base, emulator = served
    emulator.add_fault(status=503, when="after", method="POST", path="/calendars$")
    parts = urlsplit(base)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 0, timeout=10)
    head = {"Authorization": f"Bearer {emulator.issue_access_token(SCHEDULING, ['calendar'])}"}
    connection.request("POST", "/calendar/v3/calendars", json.dumps({"summary": "Kept"}), head)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        connection.getresponse()
    listed = client(base, emulator).calendarList().list().execute()["items"]
    assert [entry["summary"] for entry in listed if "primary" not in entry] == ["Kept"]


def test_answers_are_compressed_for_clients_that_ask(served: tuple[str, Emulator]) -> None:
    base, emulator = served
    calendars = client(base, emulator)
    request = calendars.calendarList().list()
    assert request.headers["accept-encoding"] == "gzip, deflate"
    assert request.execute()["kind"] == "calendar#calendarList"
    parts = urlsplit(base)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 0, timeout=10)
    for agent, encoding in (("x (gzip)", "gzip"), ("x", None)):
        head = {
            "Authorization": f"Bearer {calendars._http.token}",
            "Accept-Encoding": "gzip",
            "User-Agent": agent,
        }
        connection.request("GET", "/calendar/v3/colors", headers=head)
        answer = connection.getresponse()
        answer.read()
        assert answer.headers["Content-Encoding"] == encoding
        assert answer.version == 11


def test_many_threads_lose_nothing(served: tuple[str, Emulator]) -> None:
    base, emulator = served
    organizer = client(base, emulator).calendars().insert(body={"summary": "Busy"}).execute()["id"]
    token = emulator.issue_access_token(SCHEDULING, ["calendar"])
    url = urlsplit(base)

    def hammer(worker: int) -> list[int]:
        connection = http.client.HTTPConnection(url.hostname or "", url.port or 0, timeout=30)
        statuses = []
        for number in range(15):
            body = meeting(
                id=f"event{worker:02}{number:02}", attendees=[{"email": ADA}, {"email": DANA}]
            )
            same = meeting(id=f"same0{number:02}")
            for event in (body, same):
                connection.request(
                    "POST",
                    f"/calendar/v3/calendars/{organizer}/events?sendUpdates=all",
                    json.dumps(event),
                    {"Authorization": f"Bearer {token}"},
                )
                answer = connection.getresponse()
                answer.read()
                statuses.append(answer.status)
        return statuses

    with ThreadPoolExecutor(8) as pool:
        statuses = [status for found in pool.map(hammer, range(8)) for status in found]
    assert sorted(set(statuses)) == [200, 409]
    assert statuses.count(200) == 8 * 15 + 15
    assert len(emulator.calendar_as(organizer)) == 8 * 15 + 15
    assert len(emulator.calendar_as(ADA)) == 8 * 15
    changes = [int(event["etag"].strip('"')) for event in emulator.calendar_as(organizer)]
    assert len(set(changes)) == len(changes)


def wait_for(condition: Any) -> None:
    until = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < until, "nothing happened"
        time.sleep(0.02)
