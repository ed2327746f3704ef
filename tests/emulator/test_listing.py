"""events.list: filters, order, pages, sync tokens, recurrence."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from typing import Any

import pytest

from scheduler.emulator.server import Emulator
from tests.emulator.conftest import (
    ADA,
    DANA,
    SCHEDULING,
    Clock,
    Service,
    check_schema,
    meeting,
    reason,
    refusal,
)


def on(day: int, hour: int = 10, **changed: Any) -> dict[str, Any]:
    return meeting(
        start={"dateTime": f"2026-11-{day:02}T{hour:02}:00:00+01:00"},
        end={"dateTime": f"2026-11-{day:02}T{hour:02}:45:00+01:00"},
        **changed,
    )


def ids(calendars: Any, organizer: str, **query: Any) -> list[str]:
    return [
        e["id"] for e in calendars.events().list(calendarId=organizer, **query).execute()["items"]
    ]


@pytest.fixture
def three(calendars: Any, organizer: str) -> str:
    events = calendars.events()
    tags = {"private": {"call": "7"}, "shared": {"team": "x"}}
    events.insert(
        calendarId=organizer, body=on(24, id="first24", summary="Loop", extendedProperties=tags)
    ).execute()
    events.insert(
        calendarId=organizer, body=on(25, id="second25", attendees=[{"email": ADA}])
    ).execute()
    events.insert(
        calendarId=organizer, body=on(26, id="third26", iCalUID=None, location="Aurora")
    ).execute()
    return organizer


def test_the_filters_of_the_reference(calendars: Any, three: str) -> None:
    assert ids(calendars, three) == ["first24", "second25", "third26"]
    # timeMin is a lower bound (exclusive) for the end, timeMax an upper bound (exclusive) for the start.
    assert ids(calendars, three, timeMin="2026-11-24T10:45:00+01:00", timeMax="2026-11-26T10:00:00+01:00") == ["second25"]  # fmt: skip
    assert ids(calendars, three, privateExtendedProperty="call=7") == ["first24"]
    assert ids(calendars, three, privateExtendedProperty=["call=7", "call=8"]) == []
    assert ids(calendars, three, sharedExtendedProperty="team=x") == ["first24"]
    assert ids(calendars, three, iCalUID="second25@google.com") == ["second25"]
    assert ids(calendars, three, q="loop") == ["first24"]
    assert ids(calendars, three, q="aurora") == ["third26"]
    assert ids(calendars, three, q=ADA) == ["second25"]
    assert ids(calendars, three, eventTypes=["focusTime"]) == []


def test_order_and_refused_order(calendars: Any, three: str, clock: Clock) -> None:
    clock.advance(timedelta(minutes=5))
    calendars.events().patch(
        calendarId=three, eventId="first24", body={"summary": "Late"}
    ).execute()
    assert ids(calendars, three, orderBy="updated")[-1] == "first24"
    assert ids(calendars, three, orderBy="startTime", singleEvents=True)[0] == "first24"
    call = calendars.events().list(calendarId=three, orderBy="startTime")
    assert reason(call) == (
        400,
        "invalid",
        "The requested ordering is not available for the particular query.",
    )
    empty = calendars.events().list(
        calendarId=three, timeMin="2026-11-26T00:00:00Z", timeMax="2026-11-24T00:00:00Z"
    )
    status, body = refusal(empty)
    entry = body["error"]["errors"][0]
    assert (status, entry["domain"], entry["reason"], entry["location"]) == (400, "calendar", "timeRangeEmpty", "timeMax")  # fmt: skip


def test_cancelled_events_show_when_asked_for(calendars: Any, three: str, clock: Clock) -> None:
    before = clock.now.isoformat()
    calendars.events().delete(calendarId=three, eventId="first24").execute()
    assert ids(calendars, three) == ["second25", "third26"]
    assert "first24" in ids(calendars, three, showDeleted=True)
    assert "first24" in ids(calendars, three, updatedMin=before)
    old = calendars.events().list(calendarId=three, updatedMin="2026-01-01T00:00:00Z")
    assert reason(old)[:2] == (410, "updatedMinTooLongAgo")


def test_pages_hold_everything_once_and_the_token_comes_last(calendars: Any, three: str) -> None:
    seen, token, tokens = [], None, []
    while True:
        page = calendars.events().list(calendarId=three, maxResults=1, pageToken=token).execute()
        check_schema(page, "Events")
        seen += [event["id"] for event in page["items"]]
        tokens.append("nextSyncToken" in page)
        token = page.get("nextPageToken")
        if token is None:
            break
    assert seen == ["first24", "second25", "third26"]
    assert tokens == [False, False, True]


def test_a_sync_token_brings_what_changed_since(
    calendars: Any, three: str, google: Emulator
) -> None:
    events = calendars.events()
    token = events.list(calendarId=three).execute()["nextSyncToken"]
    assert ids(calendars, three, syncToken=token) == []
    events.delete(calendarId=three, eventId="first24").execute()
    google.rsvp(ADA, "second25", "accepted")
    page = events.list(calendarId=three, syncToken=token).execute()
    assert {e["id"]: e["status"] for e in page["items"]} == {
        "first24": "cancelled",
        "second25": "confirmed",
    }
    assert ids(calendars, three, syncToken=page["nextSyncToken"]) == []


@pytest.mark.parametrize(
    "query",
    [
        {"timeMin": "2026-11-24T00:00:00Z"}, {"q": "x"}, {"orderBy": "updated"}, {"iCalUID": "x"},
        {"privateExtendedProperty": "a=b"}, {"updatedMin": "2026-11-20T00:00:00Z"}, {"showDeleted": False},
    ],
)  # fmt: skip
def test_a_sync_token_bears_no_other_filter(
    calendars: Any, three: str, query: dict[str, Any]
) -> None:
    token = calendars.events().list(calendarId=three).execute()["nextSyncToken"]
    assert reason(calendars.events().list(calendarId=three, syncToken=token, **query))[:2] == (
        400,
        "invalid",
    )


def test_a_dead_sync_token_asks_for_a_full_sync(
    calendars: Any, three: str, google: Emulator, service: Service
) -> None:
    events = calendars.events()
    token = events.list(calendarId=three).execute()["nextSyncToken"]
    message = "Sync token is no longer valid, a full sync is required."
    entry = {
        "domain": "calendar",
        "reason": "fullSyncRequired",
        "message": message,
        "locationType": "parameter",
        "location": "syncToken",
    }
    whole = (410, {"error": {"errors": [entry], "code": 410, "message": message}})
    assert refusal(events.list(calendarId=three, syncToken="broken")) == whole
    assert refusal(events.list(calendarId=SCHEDULING, syncToken=token)) == whole
    assert refusal(events.list(calendarId=three, syncToken=token, singleEvents=True)) == whole
    assert refusal(events.list(calendarId=three, syncToken=altered(token))) == whole
    google.grant(three, "user", DANA, "owner")
    assert refusal(service(DANA).events().list(calendarId=three, syncToken=token)) == whole
    google.expire_sync_tokens()
    assert refusal(events.list(calendarId=three, syncToken=token)) == whole


def altered(token: str) -> str:
    """Return a sync token as somebody would like it who wants to see everything anew."""
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    assert raw.count(b'"since":') == 1
    forged = re.sub(rb'"since":\d+', b'"since":0', raw)
    assert forged != raw
    return base64.urlsafe_b64encode(forged).decode().rstrip("=")


def test_a_series_expands_by_the_clock_on_the_wall(calendars: Any, organizer: str) -> None:
    # Berlin's clocks go forward on 29 March 2026: 09:00 stays 09:00.
    body = {
        "id": "repeat",
        "start": {"dateTime": "2026-03-27T09:00:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-03-27T09:30:00", "timeZone": "Europe/Berlin"},
        "recurrence": ["RRULE:FREQ=DAILY;COUNT=5", "EXDATE;TZID=Europe/Berlin:20260328T090000"],
    }
    made = calendars.events().insert(calendarId=organizer, body=body).execute()
    check_schema(made, "Event")
    found = calendars.events().instances(calendarId=organizer, eventId="repeat").execute()["items"]
    assert [e["start"]["dateTime"] for e in found] == [
        "2026-03-27T09:00:00+01:00",
        "2026-03-29T09:00:00+02:00",
        "2026-03-30T09:00:00+02:00",
        "2026-03-31T09:00:00+02:00",
    ]
    assert found[0]["id"] == "repeat_20260327T080000Z"
    assert {e["recurringEventId"] for e in found} == {"repeat"}
    assert ids(calendars, organizer) == ["repeat"]
    assert len(ids(calendars, organizer, singleEvents=True)) == 4


def test_one_instance_is_changed_or_cancelled_alone(
    calendars: Any, organizer: str, service: Service, google: Emulator
) -> None:
    body = on(23, id="series", recurrence=["RRULE:FREQ=DAILY;COUNT=3"], attendees=[{"email": DANA}])
    body["start"]["timeZone"] = body["end"]["timeZone"] = "Europe/Berlin"
    events = calendars.events()
    events.insert(calendarId=organizer, body=body).execute()
    second, third = "series_20261124T090000Z", "series_20261125T090000Z"
    assert (
        events.get(calendarId=organizer, eventId=second).execute()["recurringEventId"] == "series"
    )
    moved = events.patch(
        calendarId=organizer, eventId=second, body={"summary": "Only this"}
    ).execute()
    assert moved["originalStartTime"]["dateTime"] == "2026-11-24T10:00:00+01:00"
    events.delete(calendarId=organizer, eventId=third).execute()
    titles = {
        e["id"]: e["summary"]
        for e in service(DANA)
        .events()
        .list(calendarId="primary", singleEvents=True)
        .execute()["items"]
    }
    assert titles == {"series_20261123T090000Z": "Technical interview", second: "Only this"}
    busy = google_busy(service(DANA), DANA)
    assert len(busy) == 2
    # "Cancelled instances … will still be included if showDeleted and singleEvents are both False."
    assert third in ids(calendars, organizer)
    assert reason(events.get(calendarId=organizer, eventId="series_20270101T090000Z"))[0] == 404


def google_busy(calendars: Any, address: str) -> list[Any]:
    body = {
        "timeMin": "2026-11-23T00:00:00Z",
        "timeMax": "2026-11-30T00:00:00Z",
        "items": [{"id": address}],
    }
    found: list[Any] = calendars.freebusy().query(body=body).execute()["calendars"][address]["busy"]
    return found
