"""Killed in the middle of many writes, the emulator remembers each one it has answered."""

from __future__ import annotations

import http.client
import json
import signal
import sqlite3
import threading
import urllib.request
from pathlib import Path
from typing import Any

from scheduler.emulator.server import Emulator, create_emulator
from tests.emulator.conftest import ADA, SCHEDULING, meeting, settings
from tests.emulator.serving import free_port
from tests.emulator.test_server import READY_SECONDS, command, until_ready

WRITERS = 4
ANSWERED_ENOUGH = 60


def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    path, port = tmp_path / "google.db", free_port()
    head, token = signed_in(path)
    base = f"http://localhost:{port}/calendar/v3"
    events = f"{base}/calendars/primary/events"
    process = command(port, "--data", str(path))
    try:
        until_ready(process)
        answered: list[str] = []
        enough = threading.Event()
        writers = [
            threading.Thread(target=write, args=(events, head, number, answered, enough))
            for number in range(WRITERS)
        ]
        for writer in writers:
            writer.start()
        assert enough.wait(READY_SECONDS)
        process.send_signal(signal.SIGKILL)
        process.wait(READY_SECONDS)
        for writer in writers:
            writer.join(READY_SECONDS)
        with sqlite3.connect(path) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        process = command(port, "--data", str(path))
        until_ready(process)
        page = ask(f"{events}?maxResults=2500&singleEvents=true&syncToken={token}", head)
        kept = {event["id"] for event in page["items"]}
        assert len(answered) >= ANSWERED_ENOUGH
        assert set(answered) <= kept
        # What is there is there as a whole: the guest's copy, and the time it takes.
        names = sorted(kept)
        with sqlite3.connect(path) as connection:
            for table in ("event", "occurrence", "extent"):
                column = "id" if table != "extent" else "event_id"
                for calendar in (SCHEDULING, ADA):
                    found = connection.execute(
                        f"SELECT {column} FROM {table} WHERE calendar_id = ? ORDER BY {column}",  # noqa: S608
                        (calendar,),
                    )
                    assert [row[0] for row in found] == names
        again = ask(events, head, meeting(id="after"))
        assert again["status"] == "confirmed"
    finally:
        process.kill()
        process.communicate()


def test_a_file_of_another_version_is_left_alone(tmp_path: Path) -> None:
    path, port = tmp_path / "google.db", free_port()
    signed_in(path)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 1")
    process = command(port, "--data", str(path))
    _, said = process.communicate(timeout=READY_SECONDS)
    assert process.returncode == 2
    assert (
        said
        == f"{path} was written by another version of the emulator. Move it away to begin anew.\n"
    )


def signed_in(path: Path) -> tuple[dict[str, str], str]:
    """Return headers of the scheduling account, good also for those who serve the file next."""
    app = create_emulator(settings(path))
    emulator: Emulator = app.extensions["emulator"]
    token = emulator.issue_access_token(SCHEDULING, ["calendar"])
    head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    page: Any = app.test_client().get(
        "/calendar/v3/calendars/primary/events?singleEvents=true", headers=head
    ).json  # fmt: skip
    emulator.close()
    return head, str(page["nextSyncToken"])


def write(
    events: str, head: dict[str, str], writer: int, answered: list[str], enough: threading.Event
) -> None:
    """Insert events until nobody answers any more."""
    for number in range(100_000):
        body = meeting(id=f"event{writer}0{number}", attendees=[{"email": ADA}])
        try:
            answered.append(ask(events, head, body)["id"])
        except (OSError, http.client.HTTPException):
            return
        if len(answered) >= ANSWERED_ENOUGH:
            enough.set()


def ask(url: str, head: dict[str, str], body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers=head)
    with urllib.request.urlopen(request, timeout=READY_SECONDS) as answer:
        return json.loads(answer.read())
