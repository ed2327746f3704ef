"""Recurring events and their instances, as both official clients see them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.conftest import DANA, SCHEDULING, meeting
from tests.fidelity.clients import Official, Refusal, SignedIn
from tests.fidelity.quotes import fidelity


@pytest.fixture
def me(official: SignedIn) -> Official:
    return official(SCHEDULING)


def series(me: Official, *lines: str, **changed: Any) -> dict[str, Any]:
    """Weekly on Tuesdays at 10:00 in Berlin, from 24 November 2026, four times."""
    recurrence = list(lines) or ["RRULE:FREQ=WEEKLY;COUNT=4"]
    body = meeting(recurrence=recurrence, **changed)
    event: dict[str, Any] = me("events.insert", calendarId="primary", body=body)
    return event


def starts(items: list[dict[str, Any]]) -> list[str]:
    return [each["start"]["dateTime"] for each in items]


def instances(me: Official, event: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = me(
        "events.instances", calendarId="primary", eventId=event["id"], **more
    )["items"]
    return found


@fidelity("calendar.events.instances", "Returns instances of the specified recurring event.")
@fidelity("Event.recurringEventId", "the id of the recurring event to which this instance belongs")
def test_the_instances_of_a_series(me: Official) -> None:
    event = series(me)
    found = instances(me, event)
    assert starts(found) == [
        f"2026-{day}T10:00:00+01:00" for day in ("11-24", "12-01", "12-08", "12-15")
    ]
    assert {each["recurringEventId"] for each in found} == {event["id"]}
    assert len({each["id"] for each in found}) == 4
    assert {each["iCalUID"] for each in found} == {event["iCalUID"]}
    assert not any("recurrence" in each for each in found)


@fidelity("EventDateTime.timeZone", "specifies the time zone in which the recurrence is expanded")
def test_a_series_keeps_its_hour_when_the_clocks_change(me: Official) -> None:
    spring = {
        "start": {"dateTime": "2027-03-23T10:00:00+01:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2027-03-23T10:45:00+01:00", "timeZone": "Europe/Berlin"},
    }
    event = series(me, "RRULE:FREQ=WEEKLY;COUNT=2", **spring)
    assert starts(instances(me, event)) == [
        "2027-03-23T10:00:00+01:00",
        "2027-03-30T10:00:00+02:00",
    ]


@fidelity(
    "calendar.events.list.singleEvents",
    "Whether to expand recurring events into instances and only return single one-off events and instances of recurring events, but not the underlying recurring events themselves.",
)
def test_a_list_has_the_series_or_its_instances(me: Official) -> None:
    event = series(me)
    assert [each["id"] for each in me("events.list", calendarId="primary")["items"]] == [
        event["id"]
    ]
    single = me("events.list", calendarId="primary", singleEvents=True)["items"]
    assert len(single) == 4
    assert event["id"] not in {each["id"] for each in single}


@fidelity(
    "Event.recurrence",
    "List of RRULE, EXRULE, RDATE and EXDATE lines for a recurring event, as specified in RFC5545.",
)
def test_dates_are_left_out_and_added(me: Official) -> None:
    event = series(
        me,
        "RRULE:FREQ=WEEKLY;COUNT=3",
        "EXDATE;TZID=Europe/Berlin:20261201T100000",
        "RDATE;TZID=Europe/Berlin:20261203T100000",
    )
    days = [each[5:10] for each in starts(instances(me, event))]
    assert days == ["11-24", "12-03", "12-08"]


@fidelity("Event.recurrence", "Note that DTSTART and DTEND lines are not allowed in this field")
def test_a_series_begins_with_its_event(me: Official) -> None:
    with pytest.raises(Refusal) as refused:
        series(me, "DTSTART:20261124T090000Z", "RRULE:FREQ=WEEKLY;COUNT=3")
    assert (refused.value.status, refused.value.reason) == (400, "invalid")


@fidelity("EventDateTime.timeZone", "For recurring events this field is required")
def test_a_series_needs_a_zone(me: Official) -> None:
    bare = {
        "start": {"dateTime": "2026-11-24T10:00:00+01:00"},
        "end": {"dateTime": "2026-11-24T10:45:00+01:00"},
    }
    with pytest.raises(Refusal) as refused:
        series(me, **bare)
    assert refused.value.status == 400


@fidelity(
    "Event.originalStartTime",
    "It uniquely identifies the instance within the recurring event series even if the instance was moved to a different time.",
)
def test_one_instance_is_moved(me: Official) -> None:
    event = series(me)
    second = instances(me, event)[1]
    moved = {
        side: {"dateTime": f"2026-12-02T{hour}:00:00+01:00", "timeZone": "Europe/Berlin"}
        for side, hour in (("start", 15), ("end", 16))
    }
    changed = me("events.patch", calendarId="primary", eventId=second["id"], body=moved)
    assert changed["id"] == second["id"]
    assert changed["originalStartTime"] == second["originalStartTime"]
    assert [each[5:13] for each in starts(instances(me, event))] == [
        "11-24T10", "12-02T15", "12-08T10", "12-15T10",
    ]  # fmt: skip
    original = second["originalStartTime"]["dateTime"]
    only = instances(me, event, originalStart=original)
    assert [each["id"] for each in only] == [second["id"]]


@fidelity(
    "Event.status",
    "Cancelled exceptions of an uncancelled recurring event indicate that this instance should no longer be presented to the user.",
)
@fidelity(
    "calendar.events.list.showDeleted",
    "Cancelled instances of recurring events (but not the underlying recurring event) will still be included if showDeleted and singleEvents are both False.",
)
def test_one_instance_is_cancelled(me: Official) -> None:
    event = series(me)
    second = instances(me, event)[1]
    me("events.delete", calendarId="primary", eventId=second["id"])
    assert second["id"] not in {each["id"] for each in instances(me, event)}
    plain = me("events.list", calendarId="primary", showDeleted=False)["items"]
    exception = next(each for each in plain if each["id"] == second["id"])
    assert exception["status"] == "cancelled"
    assert exception["recurringEventId"] == event["id"]
    assert exception["originalStartTime"]["dateTime"] == "2026-12-01T10:00:00+01:00"


@fidelity("calendar.events.delete", "Deletes an event.")
def test_a_deleted_series_takes_its_instances_along(me: Official) -> None:
    event = series(me)
    one = instances(me, event)[2]
    me("events.patch", calendarId="primary", eventId=one["id"], body={"summary": "Changed"})
    me("events.delete", calendarId="primary", eventId=event["id"])
    assert me("events.list", calendarId="primary", singleEvents=True)["items"] == []


@fidelity(
    "calendar.events.instances.timeMax",
    "Upper bound (exclusive) for an event's start time to filter by.",
)
def test_instances_within_bounds_and_in_pages(me: Official) -> None:
    event = series(me, "RRULE:FREQ=DAILY")
    bounds = {"timeMin": "2026-12-01T00:00:00Z", "timeMax": "2026-12-08T00:00:00Z"}
    pages = me.pages(
        "events.instances", calendarId="primary", eventId=event["id"], maxResults=3, **bounds
    )
    assert [len(page["items"]) for page in pages] == [3, 3, 1]


@fidelity(
    "EventAttendee.self",
    "this entry represents the calendar on which this copy of the event appears",
)
def test_a_guest_answers_for_one_instance(me: Official, official: SignedIn) -> None:
    event = series(me, attendees=[{"email": DANA}])
    dana = official(DANA)
    second = instances(dana, event)[1]
    said = [{**each, "responseStatus": "declined"} for each in second["attendees"]]
    dana("events.patch", calendarId="primary", eventId=second["id"], body={"attendees": said})
    answers = [each["attendees"][0]["responseStatus"] for each in instances(me, event)]
    assert answers == ["needsAction", "declined", "needsAction", "needsAction"]
