"""Changing one instance of a series, and what a change of the series does to such exceptions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.emulator.conftest import ADA, DANA, FEMI, Clock, Service, meeting, reason, wish

SECOND = "series_20261201T090000Z"
BERLIN = "Europe/Berlin"


def berlin(text: str) -> dict[str, str]:
    return {"dateTime": f"{text}:00+01:00", "timeZone": BERLIN}


@pytest.fixture
def events(calendars: Any) -> Any:
    return calendars.events()


@pytest.fixture
def weekly(events: Any, organizer: str) -> str:
    """Four Tuesdays at 10 in Berlin, with two guests; return the calendar."""
    body = meeting(
        id="series",
        recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"],
        attendees=[{"email": DANA}, {"email": ADA}],
    )
    events.insert(calendarId=organizer, body=body).execute()
    return organizer


def patch(events: Any, calendar: str, event_id: str, **body: Any) -> Any:
    return events.patch(calendarId=calendar, eventId=event_id, body=body).execute()


def shown(events: Any, calendar: str, **parameters: Any) -> list[dict[str, Any]]:
    found = events.instances(calendarId=calendar, eventId="series", **parameters).execute()
    return list(found["items"])


def test_this_one_only(events: Any, weekly: str, service: Service) -> None:
    changed = patch(events, weekly, SECOND, summary="Onsite", start=berlin("2026-12-01T14:00"), end=berlin("2026-12-01T15:00"))  # fmt: skip
    assert changed["originalStartTime"] == berlin("2026-12-01T10:00")
    assert changed["recurringEventId"] == "series"
    assert "recurrence" not in changed
    assert [one["summary"] for one in shown(events, weekly)] == [
        "Technical interview", "Onsite", "Technical interview", "Technical interview"
    ]  # fmt: skip
    copy = service(DANA).events().get(calendarId="primary", eventId=SECOND).execute()
    assert (copy["summary"], copy["start"]) == ("Onsite", berlin("2026-12-01T14:00"))


def test_an_instance_cannot_recur(events: Any, weekly: str) -> None:
    call = events.patch(
        calendarId=weekly, eventId=SECOND, body={"recurrence": ["RRULE:FREQ=DAILY"]}
    )
    assert reason(call)[:2] == (400, "invalid")


def test_an_instance_that_is_cancelled_comes_back_when_confirmed(
    events: Any, weekly: str, service: Service
) -> None:
    events.delete(calendarId=weekly, eventId=SECOND).execute()
    assert SECOND not in [one["id"] for one in shown(events, weekly)]
    mine = service(DANA).events()
    assert SECOND not in [one["id"] for one in shown(mine, "primary")]
    again = events.delete(calendarId=weekly, eventId=SECOND)
    assert reason(again)[:2] == (410, "deleted")
    patch(events, weekly, SECOND, status="confirmed")
    assert len(shown(events, weekly)) == len(shown(mine, "primary")) == 4


def test_cancelling_by_status_is_deleting(events: Any, weekly: str) -> None:
    assert patch(events, weekly, SECOND, status="cancelled")["status"] == "cancelled"
    assert len(shown(events, weekly)) == 3


def test_an_instance_of_a_deleted_series_stays_deleted(events: Any, weekly: str) -> None:
    events.delete(calendarId=weekly, eventId="series").execute()
    call = events.patch(calendarId=weekly, eventId=SECOND, body={"status": "confirmed"})
    assert reason(call)[:2] == (403, "forbidden")


def test_a_guest_of_one_instance_finds_that_one_only(
    events: Any, weekly: str, google: Any, service: Service
) -> None:
    guests = [{"email": DANA}, {"email": FEMI}]
    patch(events, weekly, SECOND, attendees=guests)
    assert [event["id"] for event in google.calendar_as(FEMI)] == [SECOND]
    assert SECOND not in [one["id"] for one in shown(service(ADA).events(), "primary")]
    assert SECOND in [one["id"] for one in shown(service(DANA).events(), "primary")]


def test_an_answer_to_one_instance_is_an_exception_for_everybody(
    events: Any, weekly: str, service: Service
) -> None:
    said = {"attendeesOmitted": True, "attendees": [{"email": DANA, "responseStatus": "declined"}]}
    patch(service(DANA).events(), "primary", SECOND, **said)
    found = {one["id"]: one["attendees"][0]["responseStatus"] for one in shown(events, weekly)}
    assert [found[SECOND], *{v for k, v in found.items() if k != SECOND}] == [
        "declined",
        "needsAction",
    ]


def test_an_exception_follows_the_series_in_what_it_did_not_change(
    events: Any, weekly: str, service: Service
) -> None:
    patch(events, weekly, SECOND, summary="Onsite")
    patch(events, weekly, "series", summary="Renamed", location="Aurora")
    second = shown(events, weekly)[1]
    assert (second["summary"], second["location"]) == ("Onsite", "Aurora")
    copy = service(DANA).events().get(calendarId="primary", eventId=SECOND).execute()
    assert (copy["summary"], copy["location"]) == ("Onsite", "Aurora")
    longer = {"end": berlin("2026-11-24T11:30")}
    patch(events, weekly, "series", location=None, **longer)
    second = shown(events, weekly)[1]
    assert ("location" in second, second["end"]) == (False, berlin("2026-12-01T11:30"))


def test_guests_of_the_series_come_to_and_leave_its_exceptions(
    events: Any, weekly: str, service: Service
) -> None:
    said = {"attendees": [{"email": DANA, "responseStatus": "declined"}], "attendeesOmitted": True}
    patch(service(DANA).events(), "primary", SECOND, **said)
    patch(events, weekly, "series", attendees=[{"email": DANA}, {"email": FEMI}])
    second = shown(events, weekly)[1]["attendees"]
    assert [(guest["email"], guest["responseStatus"]) for guest in second] == [
        (DANA, "declined"),
        (FEMI, "needsAction"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=1"]},
        {"start": berlin("2026-11-24T11:00"), "end": berlin("2026-11-24T11:45")},
        {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE;TZID=Europe/Berlin:20261201T100000"]},
        {"recurrence": []},
    ],
)
def test_exceptions_that_no_longer_fall_on_the_rule_are_gone(
    events: Any, weekly: str, service: Service, change: dict[str, Any]
) -> None:
    patch(events, weekly, SECOND, summary="Onsite")
    patch(events, weekly, "series", **change)
    for calendar, who in ((weekly, events), ("primary", service(DANA).events())):
        listed = who.list(calendarId=calendar, singleEvents=True).execute()["items"]
        assert "Onsite" not in [event["summary"] for event in listed]
        plain = who.list(calendarId=calendar).execute()["items"]
        assert [event["id"] for event in plain] == ["series"]
    assert events.get(calendarId=weekly, eventId=SECOND).execute()["status"] == "cancelled"


def test_a_rule_that_comes_back_brings_plain_instances(events: Any, weekly: str) -> None:
    patch(events, weekly, SECOND, summary="Onsite")
    patch(events, weekly, "series", recurrence=["RRULE:FREQ=WEEKLY;COUNT=1"])
    patch(events, weekly, "series", recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])
    assert [one["summary"] for one in shown(events, weekly)] == ["Technical interview"] * 4
    assert shown(events, weekly)[1]["id"] == SECOND


def test_what_is_a_guests_own_about_one_instance_stays_and_follows(
    weekly: str, events: Any, service: Service
) -> None:
    mine = service(DANA).events()
    patch(mine, "primary", SECOND, colorId="3")
    patch(events, weekly, "series", summary="Renamed")
    assert [(one["summary"], one.get("colorId")) for one in shown(mine, "primary")] == [
        ("Renamed", None), ("Renamed", "3"), ("Renamed", None), ("Renamed", None)
    ]  # fmt: skip
    assert "colorId" not in shown(events, weekly)[1]
    patch(events, weekly, "series", recurrence=["RRULE:FREQ=WEEKLY;COUNT=1"])
    assert len(shown(mine, "primary")) == 1
    patch(events, weekly, "series", recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    assert [one.get("colorId") for one in shown(mine, "primary")] == [None, "3", None]


def test_a_more_private_instance_makes_the_series_private_and_a_less_private_nothing(
    events: Any, weekly: str
) -> None:
    patch(events, weekly, SECOND, visibility="private")
    assert [one["visibility"] for one in shown(events, weekly)] == ["private"] * 4
    opened = patch(events, weekly, SECOND, visibility="public")
    assert opened["visibility"] == "private"
    patch(events, weekly, "series", visibility="public")
    assert [one["visibility"] for one in shown(events, weekly)] == ["public"] * 4


def test_a_reminder_for_one_instance_is_kept(events: Any, weekly: str) -> None:
    reminders = {"useDefault": False, "overrides": [{"method": "popup", "minutes": 1}]}
    patch(events, weekly, SECOND, reminders=reminders)
    found = [one["reminders"] for one in shown(events, weekly)]
    assert found == [{"useDefault": True}, reminders, {"useDefault": True}, {"useDefault": True}]


def test_an_exception_made_while_the_room_is_pending_gets_the_same_room(
    events: Any, weekly: str, google: Any, clock: Clock
) -> None:
    google.set_conference(latency=5.0)
    events.patch(
        calendarId=weekly,
        eventId="series",
        body={"conferenceData": wish()},
        conferenceDataVersion=1,
    ).execute()
    patch(events, weekly, SECOND, summary="Onsite")
    google.rsvp(DANA, "series", "accepted")
    clock.advance(timedelta(seconds=5))
    links = {one["hangoutLink"] for one in shown(events, weekly)}
    assert len(links) == 1


def test_a_series_moves_with_its_exceptions_and_never_one_instance(
    calendars: Any, events: Any, weekly: str, service: Service
) -> None:
    other = calendars.calendars().insert(body={"summary": "Other"}).execute()["id"]
    patch(events, weekly, SECOND, summary="Onsite")
    one = events.move(calendarId=weekly, eventId=SECOND, destination=other)
    assert reason(one)[:2] == (400, "cannotChangeOrganizerOfInstance")
    events.move(calendarId=weekly, eventId="series", destination=other).execute()
    assert [one["summary"] for one in shown(events, other)][:2] == ["Technical interview", "Onsite"]
    assert events.list(calendarId=weekly, singleEvents=True).execute()["items"] == []
    copy = service(DANA).events().get(calendarId="primary", eventId=SECOND).execute()
    assert copy["organizer"]["email"] == other
