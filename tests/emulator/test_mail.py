"""The mails Google would send: to whom, from whom, saying what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import recurring_ical_events  # type: ignore[import-untyped]
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
from tests.emulator.serving import client, serving


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


@pytest.mark.parametrize(
    ("unsaid", "expected"),
    [("none", []), ("externalOnly", [STRANGER]), ("all", [DANA, STRANGER])],
)
def test_what_a_write_does_that_does_not_say_is_a_switch(
    calendars: Any, organizer: str, google: Emulator, unsaid: str, expected: list[str]
) -> None:
    assert google.world.switches.send_updates_unsaid == "none"
    google.set_switches(send_updates_unsaid=unsaid)
    body = meeting(attendees=[{"email": DANA}, {"email": STRANGER}])
    calendars.events().insert(calendarId=organizer, body=body).execute()
    assert [mail["to"][0] for mail in google.outbox()] == expected
    calendars.events().insert(calendarId=organizer, body=body, sendUpdates="none").execute()
    assert len(google.outbox()) == len(expected)


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


def test_an_answers_file_names_the_organizer_and_the_one_who_answers(
    calendars: Any, organizer: str, google: Emulator
) -> None:
    made = send(calendars, organizer, "none")
    google.rsvp(DANA, "mailed", "tentative", "Maybe later")
    (mail,) = google.outbox()
    assert mail["subject"].startswith("Tentatively accepted: ")
    event = ics(mail).walk("VEVENT")[0]
    assert ics(mail)["METHOD"] == "REPLY"
    assert str(event["ORGANIZER"]) == f"mailto:{organizer}"
    assert str(event["ATTENDEE"]) == f"mailto:{DANA}"
    assert event["ATTENDEE"].params["PARTSTAT"] == "TENTATIVE"
    assert (str(event["UID"]), str(event["COMMENT"])) == (made["iCalUID"], "Maybe later")


@pytest.mark.parametrize(
    ("act", "method", "status", "sequence"),
    [
        (lambda c, o: None, "REQUEST", "CONFIRMED", 0),
        (lambda c, o: change(c, o, {"location": "Room 2"}), "REQUEST", "CONFIRMED", 0),
        (lambda c, o: change(c, o, {"end": {"dateTime": "2026-11-24T12:00:00+01:00"}}), "REQUEST", "CONFIRMED", 1),
        (lambda c, o: change(c, o, {"attendees": [{"email": STRANGER}]}), "CANCEL", "CANCELLED", 0),
        (lambda c, o: change(c, o, {"status": "cancelled"}), "CANCEL", "CANCELLED", 1),
    ],
)  # fmt: skip
def test_each_kind_of_mail_carries_its_file(
    calendars: Any, organizer: str, google: Emulator, act: Any, method: str, status: str, sequence: int
) -> None:  # fmt: skip
    made = send(calendars, organizer)
    act(calendars, organizer)
    mail = [mail for mail in google.outbox() if mail["to"] == [DANA]][-1]
    calendar = ics(mail)
    event = calendar.walk("VEVENT")[0]
    assert (calendar["METHOD"], event["STATUS"], event["SEQUENCE"]) == (method, status, sequence)
    assert (str(event["UID"]), str(event["ORGANIZER"])) == (made["iCalUID"], f"mailto:{organizer}")
    parsed = message_from_string(mail["raw"], policy=default)
    parts = {part.get_content_type(): part for part in parsed.walk()}
    assert parts["text/calendar"].get_param("method") == method
    assert parts["application/ics"].get_filename() == "invite.ics"
    attached = Calendar.from_ical(parts["application/ics"].get_content())
    assert attached.to_ical() == calendar.to_ical()
    assert calendar.walk("VEVENT")[0].errors == []


def test_the_file_says_what_kind_of_time_it_is(
    calendars: Any, organizer: str, google: Emulator
) -> None:
    send(calendars, organizer, status="tentative", transparency="transparent", visibility="private")
    event = ics(google.outbox()[0]).walk("VEVENT")[0]
    assert (event["STATUS"], event["TRANSP"], event["CLASS"]) == (
        "TENTATIVE",
        "TRANSPARENT",
        "PRIVATE",
    )
    assert event["DTEND"].dt.isoformat() == "2026-11-24T09:45:00+00:00"
    assert str(event["CREATED"].dt)[:10] == "2026-11-23"


def test_the_file_of_a_series_keeps_its_hour_when_the_clocks_change(
    calendars: Any, organizer: str, google: Emulator
) -> None:
    start = {"dateTime": "2027-03-22T10:00:00+01:00", "timeZone": "Europe/Berlin"}
    end = {"dateTime": "2027-03-22T10:45:00+01:00", "timeZone": "Europe/Berlin"}
    rules = ["RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE;TZID=Europe/Berlin:20270405T100000"]
    send(calendars, organizer, start=start, end=end, recurrence=rules)
    calendar = ics(google.outbox()[0])
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/Berlin"]
    times = recurring_ical_events.of(calendar).between((2027, 3, 1), (2027, 5, 1))
    assert sorted(each["DTSTART"].dt.isoformat() for each in times) == [
        "2027-03-22T10:00:00+01:00",
        "2027-03-29T10:00:00+02:00",
    ]


def test_the_file_of_one_changed_instance_says_which(
    calendars: Any, organizer: str, google: Emulator
) -> None:
    made = send(calendars, organizer, "none", recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    calendars.events().patch(
        calendarId=organizer,
        eventId="mailed_20261125T090000Z",
        body={"summary": "Only this one"},
        sendUpdates="all",
    ).execute()
    event = ics(google.outbox()[0]).walk("VEVENT")[0]
    assert event["RECURRENCE-ID"].dt.isoformat() == "2026-11-25T10:00:00+01:00"
    assert (str(event["UID"]), str(event["SUMMARY"])) == (made["iCalUID"], "Only this one")
    assert "RRULE" not in event


def test_an_all_day_event_has_dates(calendars: Any, organizer: str, google: Emulator) -> None:
    send(calendars, organizer, start={"date": "2026-11-24"}, end={"date": "2026-11-26"})
    mail = google.outbox()[0]
    event = ics(mail).walk("VEVENT")[0]
    assert (str(event["DTSTART"].dt), str(event["DTEND"].dt)) == ("2026-11-24", "2026-11-26")
    assert "@ Tue 24 Nov 2026 - Wed 25 Nov 2026 (" in mail["subject"]


def test_hidden_guests_stand_in_no_file(calendars: Any, organizer: str, google: Emulator) -> None:
    tags = {"private": {"call": "secret-tag"}}
    send(calendars, organizer, guestsCanSeeOtherGuests=False, extendedProperties=tags)
    change(calendars, organizer, {"summary": "Other"})
    change(calendars, organizer, {"status": "cancelled"})
    for mail in google.outbox():
        event = ics(mail).walk("VEVENT")[0]
        assert str(event["ATTENDEE"]) == f"mailto:{mail['to'][0]}"
        assert "secret-tag" not in mail["raw"]


@pytest.mark.parametrize(
    ("updates", "readers"), [("all", [DANA, STRANGER]), ("externalOnly", [STRANGER])]
)
def test_mail_to_a_group_reaches_its_members(
    calendars: Any, organizer: str, google: Emulator, updates: str, readers: list[str]
) -> None:
    google.set_group("panel@acme.example", [DANA, STRANGER, AURORA])
    send(calendars, organizer, updates, attendees=[{"email": "panel@acme.example"}])
    (mail,) = google.outbox()
    assert mail["to"] == readers
    assert message_from_string(mail["raw"], policy=default)["To"] == "panel@acme.example"
    assert str(ics(mail).walk("VEVENT")[0]["ATTENDEE"]) == "mailto:panel@acme.example"


def test_an_answer_to_what_is_over_is_not_mailed(
    calendars: Any, organizer: str, google: Emulator, clock: Clock
) -> None:
    send(calendars, organizer, "none")
    clock.advance(timedelta(days=3))
    google.rsvp(DANA, "mailed", "accepted")
    assert google.outbox() == []


def test_a_mail_reads_the_same_whenever_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "google.db"
    with serving(path) as (base, emulator):
        calendars = client(base, emulator)
        for _ in range(2):
            calendars.events().insert(
                calendarId="primary",
                body=meeting(attendees=[{"email": DANA}], start=in_a_year(10), end=in_a_year(11)),
                sendUpdates="all",
            ).execute()
    with serving(path) as (_, emulator):
        first = emulator.outbox()
        assert len({mail["raw"] for mail in first}) == 2
        assert emulator.outbox() == first
    with serving(path) as (_, emulator):
        assert emulator.outbox() == first


def in_a_year(hour: int) -> dict[str, str]:
    """A time ahead of the machine's own clock."""
    day = datetime.now(UTC) + timedelta(days=365)
    return {"dateTime": day.strftime(f"%Y-%m-%dT{hour}:00:00Z")}


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
