"""Events that change place: import and move."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.conftest import ADA, DANA, SCHEDULING, STRANGER, Service, meeting, reason, wish


def bring(calendars: Any, organizer: str, /, **changed: Any) -> Any:
    body = meeting(**{"iCalUID": "far@elsewhere.example", **changed})
    return calendars.events().import_(
        calendarId=organizer, body=body, conferenceDataVersion=1, supportsAttachments=False
    )


def test_an_import_is_a_private_copy_with_the_organizer_it_names(
    calendars: Any, organizer: str, google: Any
) -> None:
    people = [{"email": DANA, "responseStatus": "accepted"}]
    made = bring(
        calendars,
        organizer,
        organizer={"email": STRANGER, "displayName": "Nobody"},
        attendees=people,
        attachments=[{"fileUrl": "https://x.example/f"}],
        sequence=3,
    ).execute()
    assert made["organizer"] == {"email": STRANGER, "displayName": "Nobody"}
    assert made["creator"]["email"] == SCHEDULING
    assert (made["privateCopy"], made["sequence"]) == (True, 3)
    assert made["attendees"] == people
    assert "attachments" not in made
    assert google.calendar_as(DANA) == google.outbox() == []


DUPLICATE = (409, "duplicate", "The requested identifier already exists.")


def test_what_the_calendar_has_already_is_not_imported(calendars: Any, organizer: str) -> None:
    first = bring(calendars, organizer).execute()
    assert reason(bring(calendars, organizer, summary="Changed", sequence=4)) == DUPLICATE
    calendars.events().delete(calendarId=organizer, eventId=first["id"]).execute()
    back = bring(calendars, organizer, summary="Back").execute()
    assert (back["id"], back["status"], back["summary"]) == (first["id"], "confirmed", "Back")


def test_an_invitation_is_not_imported_beside_itself(
    calendars: Any, organizer: str, service: Service, google: Any
) -> None:
    body = meeting(id="invited0", iCalUID="invited@acme.example", attendees=[{"email": DANA}])
    calendars.events().insert(calendarId=organizer, body=body).execute()
    mine = service(DANA)
    for switched in ("refuse", "update"):
        google.set_switches(known_import=switched)
        again = bring(mine, "primary", iCalUID="invited@acme.example", summary="Changed")
        assert reason(again) == DUPLICATE
    assert [event["id"] for event in google.calendar_as(DANA)] == ["invited0"]


def test_an_import_changes_what_is_there_where_that_is_switched_on(
    calendars: Any, organizer: str, google: Any
) -> None:
    google.set_switches(known_import="update")
    rule = "RRULE:FREQ=WEEKLY;COUNT=3"
    first = bring(calendars, organizer, conferenceData=wish(), recurrence=[rule]).execute()
    events = calendars.events()
    alone = f"{first['id']}_20261124T090000Z"
    events.patch(calendarId=organizer, eventId=alone, body={"location": "Room 1"}).execute()
    again = bring(calendars, organizer, summary="Changed", recurrence=[rule]).execute()
    assert (again["id"], again["summary"]) == (first["id"], "Changed")
    assert again["etag"] != first["etag"]
    assert again["created"] == first["created"]
    assert events.get(calendarId=organizer, eventId=alone).execute()["location"] == "Room 1"
    other = bring(calendars, organizer, iCalUID="other@elsewhere.example").execute()
    assert other["id"] != first["id"]
    found = events.list(calendarId=organizer, iCalUID="far@elsewhere.example").execute()
    assert {event["id"] for event in found["items"]} == {first["id"], alone}


def test_without_an_organizer_the_calendar_is_it(calendars: Any, organizer: str) -> None:
    assert bring(calendars, organizer).execute()["organizer"]["self"] is True


def test_an_import_needs_a_uid_and_a_time(calendars: Any, organizer: str) -> None:
    assert reason(bring(calendars, organizer, iCalUID=None))[:2] == (400, "required")
    assert reason(bring(calendars, organizer, end=None)) == (400, "required", "Missing end time.")


def test_an_imported_conference_follows_the_same_rules(calendars: Any, organizer: str) -> None:
    first = calendars.events().insert(
        calendarId=organizer, body=meeting(conferenceData=wish()), conferenceDataVersion=1
    )
    data = first.execute()["conferenceData"]
    copied = bring(calendars, organizer, conferenceData=data).execute()
    assert copied["conferenceData"]["conferenceId"] == data["conferenceId"]
    forged = {**data, "conferenceId": "aaa-aaaa-aaa"}
    del forged["createRequest"]
    dropped = bring(calendars, organizer, iCalUID="o@x", conferenceData=forged).execute()
    assert "conferenceData" not in dropped


def insert(calendars: Any, organizer: str, *guests: str) -> Any:
    body = meeting(id="moving", attendees=[{"email": email} for email in guests])
    events = calendars.events()
    return events.insert(
        calendarId=organizer, body=body | {"conferenceData": wish()}, conferenceDataVersion=1
    ).execute()


@pytest.fixture
def other(calendars: Any) -> str:
    return str(calendars.calendars().insert(body={"summary": "Other"}).execute()["id"])


def test_a_move_changes_the_organizer_and_keeps_everything_else(
    calendars: Any, organizer: str, other: str, service: Service
) -> None:
    made = insert(calendars, organizer, DANA, ADA)
    events = calendars.events()
    moved = events.move(calendarId=organizer, eventId="moving", destination=other).execute()
    assert moved["organizer"] == {"email": other, "displayName": "Other", "self": True}
    same = ("id", "iCalUID", "summary", "start", "conferenceData", "creator", "created")
    assert {name: moved[name] for name in same} == {name: made[name] for name in same}
    copy = service(DANA).events().get(calendarId="primary", eventId="moving").execute()
    assert copy["organizer"]["email"] == other
    answer = {
        "attendeesOmitted": True,
        "attendees": [{"email": DANA, "responseStatus": "accepted"}],
    }
    service(DANA).events().patch(calendarId="primary", eventId="moving", body=answer).execute()
    now = events.get(calendarId=other, eventId="moving").execute()
    assert now["attendees"][0]["responseStatus"] == "accepted"


def test_the_old_calendar_keeps_a_stub_unless_it_is_invited(
    calendars: Any, organizer: str, other: str
) -> None:
    events = calendars.events()
    insert(calendars, SCHEDULING, DANA)
    events.move(calendarId=SCHEDULING, eventId="moving", destination=other).execute()
    stub = events.get(calendarId=SCHEDULING, eventId="moving").execute()
    assert set(stub) == {"kind", "etag", "id", "status"}
    guest = meeting(id="invited", attendees=[{"email": SCHEDULING}, {"email": DANA}])
    events.insert(calendarId=SCHEDULING, body=guest).execute()
    events.move(calendarId=SCHEDULING, eventId="invited", destination=organizer).execute()
    kept = events.get(calendarId=SCHEDULING, eventId="invited").execute()
    assert (kept["status"], kept["organizer"]["email"]) == ("confirmed", organizer)


def test_a_move_to_a_guests_calendar_makes_the_copy_the_event(
    calendars: Any, organizer: str
) -> None:
    insert(calendars, organizer, SCHEDULING, DANA)
    events = calendars.events()
    moved = events.move(calendarId=organizer, eventId="moving", destination=SCHEDULING).execute()
    assert moved["organizer"]["self"] is True
    renamed = events.patch(calendarId=SCHEDULING, eventId="moving", body={"summary": "Mine"})
    assert renamed.execute()["summary"] == "Mine"


def test_guests_are_invited_by_the_new_organizer_when_the_move_says_so(
    calendars: Any, organizer: str, other: str, google: Any
) -> None:
    insert(calendars, organizer, DANA)
    events = calendars.events()
    events.move(calendarId=organizer, eventId="moving", destination=other, sendUpdates="all").execute()  # fmt: skip
    (mail,) = google.outbox()
    assert mail["to"] == [DANA]
    assert "Other" in mail["from"]


@pytest.mark.parametrize(
    ("event_id", "target", "expected"),
    [
        ("moving", "organizer", (400, "invalid")),
        ("moving", "nowhere@x.example", (404, "notFound")),
        ("moving", "", (400, "required")),
        ("m1ss1ng", "other", (404, "notFound")),
    ],
)
def test_a_move_that_cannot_be_is_refused(
    calendars: Any,
    organizer: str,
    other: str,
    event_id: str,
    target: str,
    expected: tuple[int, str],
) -> None:
    insert(calendars, organizer)
    where = {"organizer": organizer, "other": other}.get(target, target)
    call = calendars.events().move(calendarId=organizer, eventId=event_id, destination=where)
    assert reason(call)[:2] == expected


def test_a_guest_moves_nothing_and_a_deleted_event_neither(
    calendars: Any, organizer: str, other: str
) -> None:
    insert(calendars, organizer, SCHEDULING)
    events = calendars.events()
    mine = events.move(calendarId=SCHEDULING, eventId="moving", destination=other)
    assert reason(mine)[1] == "forbiddenForNonOrganizer"
    events.delete(calendarId=organizer, eventId="moving").execute()
    gone = events.move(calendarId=organizer, eventId="moving", destination=other)
    assert reason(gone)[:2] == (404, "notFound")
