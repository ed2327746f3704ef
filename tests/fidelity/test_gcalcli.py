"""gcalcli's command line, with a home of its own, on a google-api-python-client that finds Google here."""

from __future__ import annotations

import csv
import io
import os
import pickle
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scheduler.emulator.server import Emulator
from tests.emulator.conftest import ADA, DANA, SCHEDULING, meeting, wish
from tests.fidelity.clients import Official, SignedIn
from tests.fidelity.conftest import attendee, bearer
from tests.fidelity.quotes import fidelity

CLIENT = "gcalcli"

PROGRAM = Path(sys.executable).with_name("gcalcli")
MACHINE = Path(__file__).parent / "machine"
SECONDS = 120
WEEK = ("2026-11-23", "2026-11-30")


class Gcalcli:
    """A shell in which somebody has signed in to gcalcli."""

    def __init__(self, home: Path, documents: Path, credentials: Any) -> None:
        data = home / "data" / "gcalcli"
        data.mkdir(parents=True)
        (data / "oauth").write_bytes(pickle.dumps(credentials))
        self.data = data
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "TZ": "Europe/Berlin",
            "PYTHONPATH": str(MACHINE),
            "PYTHONDONTWRITEBYTECODE": "1",
            "DISCOVERY_DOCUMENTS": str(documents),
        }

    def run(self, *arguments: str, answers: str = "") -> subprocess.CompletedProcess[str]:
        command = [str(PROGRAM), "--nocolor", "--lineart", "ascii", *arguments]
        return subprocess.run(
            command,
            env=self._environment,
            input=answers,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def __call__(self, *arguments: str, answers: str = "") -> str:
        done = self.run(*arguments, answers=answers)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def table(self, *arguments: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self(*arguments, "--tsv")), delimiter="\t"))


@pytest.fixture
def credentials(google: Emulator, url: str) -> Any:
    return bearer(
        google.issue_access_token(SCHEDULING, ["calendar"]),
        refresh_token=google.issue_refresh_token(SCHEDULING, ["calendar"]),
        token_uri=f"{url}/token",
        client_id="greenroom",
        client_secret="shh",
    )


@pytest.fixture
def gcalcli(tmp_path: Path, documents: Path, credentials: Any) -> Gcalcli:
    return Gcalcli(tmp_path, documents, credentials)


@pytest.fixture
def me(python: SignedIn) -> Official:
    """Another hand on the same account."""
    return python(SCHEDULING)


def events(me: Official) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = me("events.list", calendarId="primary")["items"]
    return found


@fidelity("calendar.calendarList.list", "Returns the calendars on the user's calendar list.")
def test_list_shows_the_calendars_and_what_one_may_do(gcalcli: Gcalcli, me: Official) -> None:
    me("calendars.insert", body={"summary": "Panel"})
    rows = [line.split() for line in gcalcli("list").splitlines()]
    assert ["owner", "Panel"] in rows
    assert ["owner", SCHEDULING] in rows


@fidelity("calendar.events.list.singleEvents", "Whether to expand recurring events into instances")
@fidelity(
    "calendar.events.list.timeMax",
    "Upper bound (exclusive) for an event's start time to filter by.",
)
def test_agenda_is_what_is_on_in_a_week(gcalcli: Gcalcli, me: Official) -> None:
    made = me("events.insert", calendarId="primary", body=meeting(location="Room 3"))
    daily = meeting(
        summary="Stand-up",
        recurrence=["RRULE:FREQ=DAILY;COUNT=60"],
        start={"dateTime": "2026-11-20T09:00:00+01:00", "timeZone": "Europe/Berlin"},
        end={"dateTime": "2026-11-20T09:15:00+01:00", "timeZone": "Europe/Berlin"},
    )
    me("events.insert", calendarId="primary", body=daily)
    rows = gcalcli.table("agenda", *WEEK, "--details", "id", "--details", "location")
    assert [row["title"] for row in rows].count("Stand-up") == 7
    shown = next(row for row in rows if row["id"] == made["id"])
    assert (shown["start_date"], shown["start_time"]) == ("2026-11-24", "10:00")
    assert (shown["end_time"], shown["location"]) == ("10:45", "Room 3")


@fidelity(
    "ConferenceData.entryPoints",
    "Information about individual conference entry points, such as URLs or phone numbers.",
)
@fidelity("Event.hangoutLink", "An absolute link to the Google Hangout associated with this event.")
def test_agenda_shows_how_to_join(gcalcli: Gcalcli, me: Official) -> None:
    body = meeting(conferenceData=wish())
    made = me("events.insert", calendarId="primary", conferenceDataVersion=1, body=body)
    (row,) = gcalcli.table("agenda", *WEEK, "--details", "conference", "--details", "url")
    assert row["conference_entry_point_type"] == "video"
    assert row["conference_uri"] == row["hangout_link"] == made["hangoutLink"]
    assert row["html_link"] == made["htmlLink"]


@fidelity("calendar.events.insert", "Creates an event.")
@fidelity(
    "EventReminder.minutes",
    "Number of minutes before the start of the event when the reminder should trigger.",
)
def test_add_makes_an_event_with_guests_and_reminders(gcalcli: Gcalcli, me: Official) -> None:
    gcalcli(
        "add", "--calendar", SCHEDULING, "--noprompt", "--title", "Debrief",
        "--when", "2026-11-24 15:00", "--duration", "30", "--where", "Room 3",
        "--description", "Bring notes", "--who", DANA, "--who", ADA,
        "--reminder", "10m popup", "--reminder", "1h email",
    )  # fmt: skip
    (made,) = events(me)
    assert (made["summary"], made["location"], made["description"]) == (
        "Debrief",
        "Room 3",
        "Bring notes",
    )
    assert made["start"]["dateTime"] == "2026-11-24T15:00:00+01:00"
    assert made["end"]["dateTime"] == "2026-11-24T15:30:00+01:00"
    assert (
        attendee(made, DANA)["responseStatus"]
        == attendee(made, ADA)["responseStatus"]
        == "needsAction"
    )
    assert {(each["method"], each["minutes"]) for each in made["reminders"]["overrides"]} == {
        ("popup", 10), ("email", 60),
    }  # fmt: skip


@fidelity(
    "EventDateTime.date", 'The date, in the format "yyyy-mm-dd", if this is an all-day event.'
)
def test_add_makes_an_event_of_days(gcalcli: Gcalcli, me: Official) -> None:
    gcalcli(
        "add", "--calendar", SCHEDULING, "--noprompt", "--default-reminders",
        "--title", "Offsite", "--when", "2026-11-24", "--allday", "--duration", "2",
    )  # fmt: skip
    (made,) = events(me)
    assert (made["start"], made["end"]) == ({"date": "2026-11-24"}, {"date": "2026-11-26"})


@fidelity("calendar.events.list.q", "Free text search terms to find events that match these terms")
@fidelity("calendar.events.delete", "Deletes an event.")
def test_what_search_finds_can_be_deleted(gcalcli: Gcalcli, me: Official) -> None:
    me("events.insert", calendarId="primary", body=meeting(description="Whiteboard"))
    kept = me("events.insert", calendarId="primary", body=meeting(summary="Screen"))
    found = gcalcli.table("search", "whiteboard", *WEEK)
    assert [row["title"] for row in found] == ["Technical interview"]
    said = gcalcli("delete", "whiteboard", *WEEK, answers="y\n")
    assert "Deleted!" in said
    assert [each["id"] for each in events(me)] == [kept["id"]]


@fidelity(
    "Event.updated", "Last modification time of the main event data (as a RFC3339 timestamp)."
)
def test_updates_knows_what_has_changed_since(gcalcli: Gcalcli, me: Official) -> None:
    me("events.insert", calendarId="primary", body=meeting())
    assert "Technical interview" in gcalcli("updates", "2026-11-22", *WEEK)
    assert "Technical interview" not in gcalcli("updates", "2026-11-25", *WEEK)


@fidelity("calendar.events.patch", "This method supports patch semantics.")
def test_agendaupdate_writes_a_table_back(gcalcli: Gcalcli, me: Official, tmp_path: Path) -> None:
    body = meeting(attendees=[{"email": DANA}])
    changed = me("events.insert", calendarId="primary", body=body)
    gone = me("events.insert", calendarId="primary", body=meeting())
    rows = [
        ("action", "id", "start_date", "start_time", "end_date", "end_time", "title"),
        ("patch", changed["id"], "2026-11-25", "14:00", "2026-11-25", "15:00", "Moved"),
        ("insert", "", "2026-11-26", "09:00", "2026-11-26", "10:00", "New"),
    ]
    table = tmp_path / "agenda.tsv"
    table.write_text("".join("\t".join(row) + "\n" for row in rows))
    gcalcli("agendaupdate", "--calendar", SCHEDULING, str(table))
    table.write_text(f"action\tid\ndelete\t{gone['id']}\n")
    gcalcli("agendaupdate", "--calendar", SCHEDULING, str(table))
    found = {each["summary"]: each for each in events(me)}
    assert set(found) == {"Moved", "New"}
    assert found["Moved"]["id"] == changed["id"]
    assert found["Moved"]["start"]["dateTime"].startswith("2026-11-25T14:00")
    assert attendee(found["Moved"], DANA)


@fidelity("EventAttendee.responseStatus", '"declined" - The attendee has declined the invitation.')
def test_what_somebody_has_declined_can_be_left_out(
    gcalcli: Gcalcli, me: Official, python: SignedIn, google: Emulator
) -> None:
    body = meeting(attendees=[{"email": SCHEDULING}])
    made = python(DANA)("events.insert", calendarId="primary", body=body)
    google.rsvp(SCHEDULING, made["id"], "declined")
    assert "Technical interview" in gcalcli("agenda", *WEEK)
    assert "Technical interview" not in gcalcli("agenda", "--nodeclined", *WEEK)


@fidelity(
    "CalendarListEntry.accessRole",
    "The effective access role that the authenticated user has on the calendar.",
)
def test_a_calendar_that_is_only_read(gcalcli: Gcalcli, me: Official, python: SignedIn) -> None:
    rule = {"role": "reader", "scope": {"type": "user", "value": SCHEDULING}}
    dana = python(DANA)
    dana("acl.insert", calendarId="primary", body=rule)
    me("calendarList.insert", body={"id": DANA})
    dana("events.insert", calendarId="primary", body=meeting(summary="Dana's"))
    assert ["reader", DANA] in [line.split() for line in gcalcli("list").splitlines()]
    refused = gcalcli.run("delete", "Dana's", *WEEK, "--iamaexpert")
    assert refused.returncode != 0
    assert "writer access" in refused.stderr + refused.stdout


@fidelity("RFC 6749, 6", "Refreshing an access token")
def test_a_token_of_yesterday_is_refreshed(
    gcalcli: Gcalcli, credentials: Any, google: Emulator
) -> None:
    credentials.token = "ya29.of-yesterday"
    credentials.expiry = datetime.now(UTC).replace(tzinfo=None, year=2025)
    (gcalcli.data / "oauth").write_bytes(pickle.dumps(credentials))
    google.clear_calls()
    gcalcli("list")
    calls = [(call.method, call.path.partition("?")[0], call.status) for call in google.calls()]
    assert calls[0] == ("POST", "/token", 200)
    assert calls[1] == ("GET", "/calendar/v3/users/me/calendarList", 200)


@fidelity("Guide: errors", "404: Not Found")
def test_an_answer_that_is_no_calendar(gcalcli: Gcalcli, google: Emulator) -> None:
    google.add_fault(status=404, reason="notFound", path="/events", count=1)
    refused = gcalcli.run("agenda", *WEEK)
    assert refused.returncode != 0
    assert "Not Found" in refused.stderr + refused.stdout
