"""Events of special types: focus time, out of office, working location, birthdays, mail."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.conftest import ADA, DANA, Service, meeting, reason, wish

DAY = {"start": {"date": "2026-11-24"}, "end": {"date": "2026-11-25"}}
TWO_DAYS = {"start": {"date": "2026-11-24"}, "end": {"date": "2026-11-26"}}
OVERNIGHT = {"end": {"dateTime": "2026-11-25T10:00:00+01:00", "timeZone": "Europe/Berlin"}}
SEEN = {"visibility": "public", "transparency": "transparent"}
HIDDEN = {"visibility": "private", "transparency": "transparent"}
RESTRICTED = (400, "eventTypeRestriction", "Event type restriction.")


def focus(**changed: Any) -> dict[str, Any]:
    return meeting(eventType="focusTime", **changed)


def absence(**changed: Any) -> dict[str, Any]:
    return meeting(eventType="outOfOffice", **changed)


def place(**changed: Any) -> dict[str, Any]:
    given = {"type": "officeLocation", "officeLocation": {"label": "Berlin", "deskId": "7"}}
    return meeting(
        **{"eventType": "workingLocation", "workingLocationProperties": given, **SEEN, **changed}
    )


def birthday(**changed: Any) -> dict[str, Any]:
    yearly = ["RRULE:FREQ=YEARLY"]
    return meeting(**{"eventType": "birthday", "recurrence": yearly, **DAY, **HIDDEN, **changed})


@pytest.fixture
def events(service: Service) -> Any:
    return service(DANA).events()


@pytest.mark.parametrize(
    ("body", "name", "kept"),
    [
        (focus(), "focusTimeProperties", {"autoDeclineMode": "declineNone", "chatStatus": "available"}),
        (focus(focusTimeProperties={"chatStatus": "doNotDisturb", "declineMessage": "Later"}), "focusTimeProperties", {"autoDeclineMode": "declineNone", "chatStatus": "doNotDisturb", "declineMessage": "Later"}),
        (absence(outOfOfficeProperties={"autoDeclineMode": "declineAllConflictingInvitations"}), "outOfOfficeProperties", {"autoDeclineMode": "declineAllConflictingInvitations"}),
        (place(), "workingLocationProperties", {"type": "officeLocation", "officeLocation": {"label": "Berlin", "deskId": "7"}}),
        (place(**DAY, workingLocationProperties={"type": "homeOffice", "customLocation": {"label": "x"}}), "workingLocationProperties", {"type": "homeOffice", "homeOffice": {}}),
        (birthday(), "birthdayProperties", {"type": "birthday"}),
        (birthday(recurrence=["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"], start={"date": "2028-02-29"}, end={"date": "2028-03-01"}), "birthdayProperties", {"type": "birthday"}),
    ],
)  # fmt: skip
def test_each_type_comes_with_its_properties(
    events: Any, body: dict[str, Any], name: str, kept: dict[str, Any]
) -> None:
    made = events.insert(calendarId="primary", body=body).execute()
    assert (made["eventType"], made[name]) == (body["eventType"], kept)
    assert events.get(calendarId="primary", eventId=made["id"]).execute() == made


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (focus(**DAY), "FocusTime"),
        (focus(attendees=[{"email": ADA}]), "FocusTime"),
        (focus(transparency="transparent"), "FocusTime"),
        (absence(**DAY), "OutOfOffice"),
        (absence(attendees=[{"email": ADA}]), "OutOfOffice"),
        (absence(transparency="transparent"), "OutOfOffice"),
        (absence(description="Beach"), "OutOfOffice"),
        (place(workingLocationProperties=None), "WorkingLocation"),
        (place(visibility="private"), "WorkingLocation"),
        (place(transparency="opaque"), "WorkingLocation"),
        (place(**TWO_DAYS), "WorkingLocation"),
        (place(**OVERNIGHT), "WorkingLocation"),
        (place(attendees=[{"email": ADA}]), "WorkingLocation"),
        (place(workingLocationProperties={"type": "moon"}), "WorkingLocation"),
        (meeting(workingLocationProperties={"type": "homeOffice"}), "WorkingLocation"),
        (meeting(focusTimeProperties={"chatStatus": "available"}), "FocusTime"),
        (absence(focusTimeProperties={"chatStatus": "available"}), "FocusTime"),
        (birthday(**TWO_DAYS), "Birthday"),
        (birthday(recurrence=["RRULE:FREQ=WEEKLY"]), "Birthday"),
        (birthday(visibility="public"), "Birthday"),
        (birthday(attendees=[{"email": ADA}]), "Birthday"),
        (meeting(eventType="birthday"), "Birthday"),
    ],
)
def test_what_does_not_fit_a_type_is_malformed(
    events: Any, body: dict[str, Any], kind: str
) -> None:
    call = events.insert(calendarId="primary", body=body)
    assert reason(call)[:2] == (400, f"malformed{kind}Event")


@pytest.mark.parametrize(
    "body",
    [
        focus(focusTimeProperties={"autoDeclineMode": "declineSome"}),
        focus(focusTimeProperties={"chatStatus": "asleep"}),
        absence(outOfOfficeProperties={"autoDeclineMode": "declineSome"}),
        birthday(birthdayProperties={"type": "anniversary"}),
        meeting(eventType="party"),
        meeting(eventType="fromGmail"),
    ],
)
def test_a_value_that_is_none_of_the_choices_is_refused(events: Any, body: dict[str, Any]) -> None:
    assert reason(events.insert(calendarId="primary", body=body))[:2] == (400, "invalid")


@pytest.mark.parametrize("body", [focus(), absence(), place(), birthday()])
def test_special_types_live_on_primary_calendars_only(
    calendars: Any, organizer: str, body: dict[str, Any]
) -> None:
    assert reason(calendars.events().insert(calendarId=organizer, body=body)) == RESTRICTED


def test_the_type_cannot_change_and_need_not_be_said_again(events: Any) -> None:
    made = events.insert(calendarId="primary", body=focus()).execute()
    changed = events.patch(
        calendarId="primary", eventId=made["id"], body={"eventType": "outOfOffice"}
    )
    assert reason(changed)[:2] == (400, "invalid")
    after = events.update(calendarId="primary", eventId=made["id"], body=meeting()).execute()
    assert after["eventType"] == "focusTime"


def test_special_types_are_neither_moved_nor_imported(
    events: Any, service: Service, calendars: Any, organizer: str
) -> None:
    rule = {"role": "writer", "scope": {"type": "user", "value": DANA}}
    calendars.acl().insert(calendarId=organizer, body=rule).execute()
    made = events.insert(calendarId="primary", body=absence()).execute()
    move = events.move(calendarId="primary", eventId=made["id"], destination=organizer)
    assert reason(move) == RESTRICTED
    brought = events.import_(calendarId="primary", body={**absence(), "iCalUID": "x@y"})
    assert reason(brought)[:2] == (400, "invalid")


def test_quick_add_is_not_there(events: Any) -> None:
    call = events.quickAdd(calendarId="primary", text="Lunch tomorrow at noon")
    status, why, message = reason(call)
    assert (status, why, message) == (501, "notImplemented", "Not Implemented")


def test_a_default_event_may_have_a_conference_and_an_event_type_said(events: Any) -> None:
    body = meeting(eventType="default", conferenceData=wish())
    made = events.insert(calendarId="primary", body=body, conferenceDataVersion=1).execute()
    assert (made["eventType"], "hangoutLink" in made) == ("default", True)
