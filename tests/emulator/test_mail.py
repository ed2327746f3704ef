"""The mails Google would send: to whom, from whom, saying what."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_string
from email.policy import default
from typing import Any

import pytest
from icalendar import Calendar

from scheduler.emulator.server import Emulator
from tests.emulator.conftest import (
    ADA,
    AURORA,
    DANA,
    FEMI,
    PRIYA,
    SCHEDULING,
    STRANGER,
    Clock,
    meeting,
    wish,
)


def send(calendars: Any, organizer: str, updates: str = "all", **changed: Any) -> Any:
    body = meeting(
        **{"id": "mailed", "attendees": [{"email": DANA}, {"email": STRANGER}], **changed}
    )
    return calendars.events().insert(
        calendarId=organizer, body=body, sendUpdates=updates, conferenceDataVersion=1
    ).execute()  # fmt: skip


def change(calendars: Any, organizer: str, body: dict[str, Any], updates: str = "all") -> None:
    calendars.events().patch(
        calendarId=organizer, eventId="mailed", body=body, sendUpdates=updates
    ).execute()


def said(google: Emulator, since: int = 0) -> list[tuple[str, str]]:
    """Return (recipient, first words of the subject) of the mails since a number."""
    return [(mail["to"][0], mail["subject"].partition(":")[0]) for mail in google.outbox()[since:]]


def ics(mail: dict[str, Any]) -> Any:
    parsed = message_from_string(mail["raw"], policy=default)
    part = next(part for part in parsed.walk() if part.get_content_type() == "text/calendar")
    return Calendar.from_ical(part.get_content())


@pytest.mark.parametrize(
    ("updates", "expected"),
    [("all", [DANA, STRANGER]), ("externalOnly", [STRANGER]), ("none", [])],
)
def test_send_updates_decides_who_is_mailed(
    calendars: Any, organizer: str, google: Emulator, updates: str, expected: list[str]
) -> None:
    send(calendars, organizer, updates)
    assert [mail["to"][0] for mail in google.outbox()] == expected


def test_an_invitation_says_who_what_when_and_where(
    calendars: Any, organizer: str, google: Emulator
) -> None:
    made = send(
        calendars,
        organizer,
        conferenceData=wish(),
        description="Agenda; with, commas\nand lines",
        location="Zoë",
    )
    mail = google.outbox()[0]
    assert mail["kind"] == "google"
    assert mail["from"] == f"Acme Interviews <{organizer}>"
    assert (
        mail["subject"]
        == f"Invitation: Technical interview @ Tue 24 Nov 2026 10:00 - 10:45 (CET) ({DANA})"
    )
    parsed = message_from_string(mail["raw"], policy=default)
    text = parsed.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert made["hangoutLink"] in text
    assert "Agenda; with, commas\nand lines" in text.replace("\r\n", "\n")
    calendar = ics(mail)
    event = calendar.walk("VEVENT")[0]
    assert calendar["METHOD"] == "REQUEST"
    assert event["UID"] == made["iCalUID"]
    assert str(event["ORGANIZER"]) == f"mailto:{organizer}"
    assert event["ORGANIZER"].params["CN"] == "Acme Interviews"
    assert event["DTSTART"].dt.isoformat() == "2026-11-24T09:00:00+00:00"
    assert str(event["LOCATION"]) == "Zoë"
    assert "Agenda; with, commas\nand lines" in str(event["DESCRIPTION"])
    assert [str(guest) for guest in event["ATTENDEE"]] == [f"mailto:{DANA}", f"mailto:{STRANGER}"]


def test_hidden_guests_do_not_stand_in_each_others_mail(
    calendars: Any, organizer: str, google: Emulator
) -> None:
    send(calendars, organizer, guestsCanSeeOtherGuests=False)
    to_dana, to_stranger = google.outbox()
    assert STRANGER not in to_dana["raw"]
    assert DANA not in to_stranger["raw"]


def test_a_swap_cancels_invites_and_updates(
    calendars: Any, organizer: str, google: Emulator
) -> None:
    send(calendars, organizer)
    change(calendars, organizer, {"attendees": [{"email": STRANGER}, {"email": FEMI}]})
    assert said(google, 2) == [
        (DANA, "Canceled event"),
        (FEMI, "Invitation"),
        (STRANGER, "Updated invitation"),
    ]
    cancelled = ics(google.outbox()[2])
    assert cancelled["METHOD"] == "CANCEL"
    assert cancelled.walk("VEVENT")[0]["STATUS"] == "CANCELLED"


def test_a_new_time_is_an_update_that_says_so(
    calendars: Any, organizer: str, google: Emulator
) -> None:
    send(calendars, organizer)
    change(calendars, organizer, {"end": {"dateTime": "2026-11-24T11:30:00+01:00"}})
    assert said(google, 2) == [(DANA, "Updated invitation"), (STRANGER, "Updated invitation")]
    assert "Changed: time." in google.outbox()[2]["raw"]


def test_what_nobody_is_told_about_is_not_mailed(
    calendars: Any, organizer: str, google: Emulator
) -> None:
    send(calendars, organizer)
    change(calendars, organizer, {"extendedProperties": {"private": {"a": "b"}}})
    change(calendars, organizer, {"reminders": {"useDefault": False}})
    change(calendars, organizer, {"summary": "Quiet"}, updates="none")
    assert len(google.outbox()) == 2


def test_a_cancellation_is_mailed_once(calendars: Any, organizer: str, google: Emulator) -> None:
    send(calendars, organizer)
    calendars.events().delete(calendarId=organizer, eventId="mailed", sendUpdates="all").execute()
    assert said(google, 2) == [(DANA, "Canceled event"), (STRANGER, "Canceled event")]
    assert int(ics(google.outbox()[2]).walk("VEVENT")[0]["SEQUENCE"]) == 1


def test_organizers_rooms_and_the_past_get_no_mail(
    calendars: Any, organizer: str, google: Emulator, clock: Clock
) -> None:
    guests = [{"email": SCHEDULING}, {"email": AURORA}]
    body = meeting(attendees=guests)
    calendars.events().insert(calendarId="primary", body=body, sendUpdates="all").execute()
    clock.advance(timedelta(days=3))
    google.world.set_switches(clock_offset=0)
    fresh = google.issue_access_token(SCHEDULING, ["calendar"])
    calendars._http.token = fresh
    calendars.events().insert(
        calendarId=organizer, body=meeting(attendees=[{"email": DANA}]), sendUpdates="all"
    ).execute()
    assert google.outbox() == []


def test_an_answer_is_mailed_to_the_calendars_owner(
    calendars: Any, organizer: str, google: Emulator
) -> None:
    send(calendars, organizer, "none")
    google.rsvp(DANA, "mailed", "declined", "On holiday")
    (mail,) = google.outbox()
    assert mail["to"] == [SCHEDULING]
    assert mail["from"] == f"Dana Okafor <{DANA}>"
    assert mail["subject"].startswith("Declined: Technical interview")
    assert "On holiday" in mail["raw"]


def test_mail_by_smtp_stands_in_the_same_outbox(google: Emulator) -> None:
    raw = b"From: Greenroom <no-reply@acme.example>\r\nTo: ada@mail.example\r\nSubject: Hello\r\n\r\nText\r\n"
    google.deliver_smtp("bounce@acme.example", [ADA, PRIYA], raw)
    assert google.outbox() == [
        {
            "to": [ADA, PRIYA],
            "from": "Greenroom <no-reply@acme.example>",
            "subject": "Hello",
            "kind": "smtp",
            "raw": raw.decode(),
        }
    ]


def test_a_title_cannot_forge_headers(calendars: Any, organizer: str, google: Emulator) -> None:
    send(
        calendars,
        organizer,
        summary="Hello\r\nBcc: evil@else.example\nX: y",
        description="x\r\nEND:VCALENDAR",
    )
    mail = google.outbox()[0]
    parsed = message_from_string(mail["raw"], policy=default)
    assert parsed["Bcc"] is None
    assert len(ics(mail).walk("VEVENT")) == 1
