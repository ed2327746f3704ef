"""Answers that nobody types: rooms, focus time and absences."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.conftest import AURORA, DANA, FEMI, SCHEDULING, Service, meeting

WEEKLY = ["RRULE:FREQ=WEEKLY;COUNT=3"]


def invite(calendars: Any, organizer: str, *guests: str, **changed: Any) -> Any:
    body = meeting(attendees=[{"email": email} for email in guests], **changed)
    return calendars.events().insert(calendarId=organizer, body=body).execute()


def away(service: Service, mode: str, /, kind: str = "outOfOffice", **changed: Any) -> Any:
    properties = {"autoDeclineMode": mode, "declineMessage": "Back on Monday"}
    body = meeting(**{"eventType": kind, f"{kind}Properties": properties, **changed})
    return service(DANA).events().insert(calendarId="primary", body=body).execute()


def answers(calendars: Any, organizer: str, event_id: str) -> list[str]:
    event = calendars.events().get(calendarId=organizer, eventId=event_id).execute()
    return [guest["responseStatus"] for guest in event["attendees"]]


@pytest.mark.parametrize("kind", ["focusTime", "outOfOffice"])
@pytest.mark.parametrize(
    ("mode", "new", "old"),
    [
        ("declineNone", "needsAction", "needsAction"),
        ("declineOnlyNewConflictingInvitations", "declined", "needsAction"),
        ("declineAllConflictingInvitations", "declined", "declined"),
    ],
)
def test_an_absence_declines_as_its_mode_says(
    calendars: Any, organizer: str, service: Service, kind: str, mode: str, new: str, old: str
) -> None:
    before = invite(calendars, organizer, DANA)
    away(service, mode, kind)
    after = invite(calendars, organizer, DANA)
    assert answers(calendars, organizer, before["id"]) == [old]
    assert answers(calendars, organizer, after["id"]) == [new]


def test_a_declined_invitation_carries_the_message_and_reaches_the_organizer(
    calendars: Any, organizer: str, service: Service, google: Any
) -> None:
    before = invite(calendars, organizer, DANA)
    away(service, "declineAllConflictingInvitations")
    event = calendars.events().get(calendarId=organizer, eventId=before["id"]).execute()
    assert event["attendees"][0]["comment"] == "Back on Monday"
    subjects = [mail["subject"] for mail in google.outbox() if SCHEDULING in mail["to"]]
    assert [subject.partition(":")[0] for subject in subjects] == ["Declined"]


def test_an_absence_declines_once_and_lets_people_change_their_mind(
    calendars: Any, organizer: str, service: Service, google: Any
) -> None:
    before = invite(calendars, organizer, DANA)
    made = away(service, "declineAllConflictingInvitations")
    google.rsvp(DANA, before["id"], "accepted")
    mine = service(DANA).events()
    mine.patch(calendarId="primary", eventId=made["id"], body={"summary": "Beach"}).execute()
    assert answers(calendars, organizer, before["id"]) == ["accepted"]
    later = {"end": {"dateTime": "2026-11-24T12:00:00+01:00"}}
    mine.patch(calendarId="primary", eventId=made["id"], body=later).execute()
    assert answers(calendars, organizer, before["id"]) == ["declined"]


def test_only_what_overlaps_is_declined_and_only_for_who_is_away(
    calendars: Any, organizer: str, service: Service
) -> None:
    away(service, "declineAllConflictingInvitations")
    next_hour = {
        "start": {"dateTime": "2026-11-24T10:45:00+01:00"},
        "end": {"dateTime": "2026-11-24T11:00:00+01:00"},
    }
    after = invite(calendars, organizer, DANA, FEMI, **next_hour)
    during = invite(calendars, organizer, DANA, FEMI)
    assert answers(calendars, organizer, after["id"]) == ["needsAction", "needsAction"]
    assert answers(calendars, organizer, during["id"]) == ["declined", "needsAction"]


def test_of_a_series_only_the_instances_that_conflict_are_declined(
    calendars: Any, organizer: str, service: Service
) -> None:
    second: dict[str, Any] = {
        "start": {"dateTime": "2026-12-01T00:00:00+01:00"},
        "end": {"dateTime": "2026-12-02T00:00:00+01:00"},
    }
    away(service, "declineOnlyNewConflictingInvitations", **second)
    made = invite(calendars, organizer, DANA, recurrence=WEEKLY)
    assert answers(calendars, organizer, made["id"]) == ["needsAction"]
    found = calendars.events().instances(calendarId=organizer, eventId=made["id"]).execute()
    assert [one["attendees"][0]["responseStatus"] for one in found["items"]] == [
        "needsAction",
        "declined",
        "needsAction",
    ]


def test_a_recurring_absence_declines_what_meets_any_of_its_days(
    calendars: Any, organizer: str, service: Service
) -> None:
    third = {
        "start": {"dateTime": "2026-12-08T10:00:00+01:00"},
        "end": {"dateTime": "2026-12-08T10:30:00+01:00"},
    }
    meets = invite(calendars, organizer, DANA, **third)
    away(service, "declineAllConflictingInvitations", recurrence=WEEKLY)
    assert answers(calendars, organizer, meets["id"]) == ["declined"]


def test_a_room_refuses_the_instances_that_are_taken_and_keeps_the_rest(
    calendars: Any, organizer: str
) -> None:
    second: dict[str, Any] = {
        "start": {"dateTime": "2026-12-01T10:00:00+01:00"},
        "end": {"dateTime": "2026-12-01T11:00:00+01:00"},
    }
    invite(calendars, organizer, AURORA, **second)
    made = invite(calendars, organizer, AURORA, recurrence=WEEKLY)
    assert made["attendees"][0]["responseStatus"] == "accepted"
    found = calendars.events().instances(calendarId=organizer, eventId=made["id"]).execute()
    assert [one["attendees"][0]["responseStatus"] for one in found["items"]] == [
        "accepted",
        "declined",
        "accepted",
    ]


def test_a_room_taken_every_time_refuses_the_series(calendars: Any, organizer: str) -> None:
    invite(calendars, organizer, AURORA, recurrence=WEEKLY)
    again = invite(calendars, organizer, AURORA, recurrence=WEEKLY)
    assert again["attendees"][0]["responseStatus"] == "declined"


def test_a_room_that_is_given_back_takes_the_next(calendars: Any, organizer: str) -> None:
    first = invite(calendars, organizer, AURORA)
    calendars.events().delete(calendarId=organizer, eventId=first["id"]).execute()
    second = invite(calendars, organizer, AURORA)
    assert second["attendees"][0]["responseStatus"] == "accepted"
    third = {"status": "confirmed"}
    restored = calendars.events().patch(calendarId=organizer, eventId=first["id"], body=third)
    assert restored.execute()["attendees"][0]["responseStatus"] == "declined"


def test_a_room_does_not_stand_in_its_own_way(calendars: Any, organizer: str) -> None:
    made = invite(calendars, organizer, AURORA)
    later = {"end": {"dateTime": "2026-11-24T11:15:00+01:00"}}
    moved = calendars.events().patch(calendarId=organizer, eventId=made["id"], body=later).execute()
    assert moved["attendees"][0]["responseStatus"] == "accepted"
