"""events.list in depth: what each parameter means, pages while others write, what a page costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from scheduler.emulator.calendar import find
from scheduler.emulator.moments import from_epoch, rfc3339
from scheduler.emulator.rows import put
from scheduler.emulator.server import Emulator
from tests.emulator.conftest import ADA, DANA, FEMI, SCHEDULING, Clock, Service, meeting, reason

FAR = "2026-11-24T00:00:00Z"


def on(day: int, name: str, **changed: Any) -> dict[str, Any]:
    """A quarter of an hour at nine UTC, so many days after 23 November 2026."""
    date = f"2026-{11 + (22 + day) // 30:02}-{(22 + day) % 30 + 1:02}"
    return meeting(
        id=name,
        **{
            "start": {"dateTime": f"{date}T09:00:00Z"},
            "end": {"dateTime": f"{date}T09:15:00Z"},
            **changed,
        },
    )


@pytest.fixture
def insert(calendars: Any, organizer: str) -> Any:
    def made(*bodies: dict[str, Any]) -> None:
        for body in bodies:
            calendars.events().insert(calendarId=organizer, body=body).execute()

    return made


@pytest.fixture
def listed(calendars: Any, organizer: str) -> Any:
    def ids(**query: Any) -> list[str]:
        page = calendars.events().list(calendarId=organizer, **query).execute()
        return [event["id"] for event in page["items"]]

    return ids


def test_the_head_of_a_list_is_the_calendar(calendars: Any, organizer: str, insert: Any) -> None:
    insert(on(1, "event1"))
    page = calendars.events().list(calendarId=organizer, timeZone="Asia/Kolkata").execute()
    event = page["items"][0]
    assert (page["summary"], page["accessRole"]) == ("Acme Interviews", "owner")
    assert page["timeZone"] == "Asia/Kolkata"
    assert page["updated"] == event["updated"]
    assert event["start"]["dateTime"] == "2026-11-24T14:30:00+05:30"
    call = calendars.events().list(calendarId=organizer, timeZone="Nowhere/Land")
    assert reason(call)[:2] == (400, "invalid")


@pytest.mark.parametrize(
    ("query", "status", "machine"),
    [
        ({"maxResults": 0}, 400, "invalidParameter"),
        ({"maxResults": -1}, 400, "invalidParameter"),
        ({"maxAttendees": 0}, 400, "invalidParameter"),
        ({"timeMin": "2026-11-24"}, 400, "badRequest"),
        ({"timeMin": "2026-11-24T00:00:00"}, 400, "badRequest"),
        ({"timeMin": FAR, "timeMax": FAR}, 400, "timeRangeEmpty"),
        ({"pageToken": "broken"}, 400, "invalid"),
        ({"updatedMin": "yesterday"}, 400, "invalid"),
    ],
)
def test_values_that_are_refused(
    calendars: Any, organizer: str, query: dict[str, Any], status: int, machine: str
) -> None:
    assert reason(calendars.events().list(calendarId=organizer, **query))[:2] == (status, machine)


def test_a_kind_of_event_that_is_none_is_refused(google: Emulator, http: Any) -> None:
    head = {"Authorization": f"Bearer {google.issue_access_token(SCHEDULING, ['calendar'])}"}
    path = "/calendar/v3/calendars/primary/events"
    for query in ({"eventTypes": "meeting"}, {"orderBy": "summary"}):
        answer = http.get(path, query_string=query, headers=head)
        assert (answer.status_code, answer.json["error"]["errors"][0]["reason"]) == (400, "invalid")


def test_milliseconds_of_a_bound_are_ignored(insert: Any, listed: Any) -> None:
    insert(on(1, "event1"))
    assert listed(timeMin="2026-11-24T09:14:59.999Z") == ["event1"]
    assert listed(timeMin="2026-11-24T09:15:00.500Z") == []
    assert listed(timeMax="2026-11-24T09:00:00.900Z") == []


def test_kinds_of_events_are_told_apart(service: Service) -> None:
    mine = service(DANA).events()
    for name, kind in (("first", "focusTime"), ("second", "outOfOffice"), ("third", "default")):
        mine.insert(calendarId="primary", body=on(1, name, eventType=kind)).execute()
    found = mine.list(calendarId="primary", eventTypes=["focusTime", "outOfOffice"]).execute()
    assert {event["eventType"] for event in found["items"]} == {"focusTime", "outOfOffice"}
    # The predefined keywords of q find a kind of event whatever its title.
    away = mine.list(calendarId="primary", q="out of office").execute()["items"]
    assert [event["eventType"] for event in away] == ["outOfOffice"]


def test_a_search_finds_no_more_than_the_caller_may_see(service: Service, google: Emulator) -> None:
    tags = {"private": {"call": "7"}}
    mine = service(DANA).events()
    mine.insert(calendarId="primary", body=on(1, "hidden", summary="Salary", visibility="private", extendedProperties=tags)).execute()  # fmt: skip
    google.grant(DANA, "user", FEMI, "reader")
    femi = service(FEMI).events()
    assert len(femi.list(calendarId=DANA).execute()["items"]) == 1
    assert femi.list(calendarId=DANA, q="salary").execute()["items"] == []
    assert femi.list(calendarId=DANA, privateExtendedProperty="call=7").execute()["items"] == []
    assert len(mine.list(calendarId="primary", q="SALARY").execute()["items"]) == 1


def test_a_long_search_answers_with_incomplete_pages(
    calendars: Any, organizer: str, insert: Any
) -> None:
    insert(*(on(number, f"event{number:02}") for number in range(1, 26)))
    insert(on(30, "needle", summary="Needle"))
    found, pages, request = [], 0, calendars.events().list(calendarId=organizer, q="needle", maxResults=1)  # fmt: skip
    while request is not None:
        page = request.execute()
        found += [event["id"] for event in page["items"]]
        pages += 1
        request = calendars.events().list_next(request, page)
    assert found == ["needle"]
    assert pages > 1


@pytest.mark.parametrize("single", [False, True])
def test_pages_neither_miss_nor_repeat_while_others_write(
    calendars: Any, organizer: str, insert: Any, single: bool
) -> None:
    insert(*(on(2 * number, f"event{number}") for number in range(1, 8)))
    request = calendars.events().list(calendarId=organizer, maxResults=2, singleEvents=single)
    seen: list[str] = []
    written = 0
    while request is not None:
        page = request.execute()
        seen += [event["id"] for event in page["items"]]
        # In front of the place reached, so that pages counted by number would shift.
        insert(on(1, f"front{written}"))
        written += 1
        request = calendars.events().list_next(request, page)
    assert seen == [f"event{number}" for number in range(1, 8)]
    later = calendars.events().list(
        calendarId=organizer, singleEvents=single, syncToken=page["nextSyncToken"]
    ).execute()  # fmt: skip
    assert [event["id"] for event in later["items"]] == [f"front{n}" for n in range(written)]


def test_a_page_token_goes_with_the_same_request(
    calendars: Any, organizer: str, insert: Any, service: Service
) -> None:
    insert(on(1, "event1"), on(2, "event2"))
    first = calendars.events().list(calendarId=organizer, maxResults=1).execute()
    token = first["nextPageToken"]
    again = calendars.events().list(calendarId=organizer, maxResults=5, pageToken=token).execute()
    assert [event["id"] for event in again["items"]] == ["event2"]
    other = calendars.events().list(calendarId=organizer, pageToken=token, singleEvents=True)
    assert reason(other)[:2] == (400, "invalid")
    foreign = calendars.events().list(calendarId=SCHEDULING, pageToken=token)
    assert reason(foreign)[:2] == (400, "invalid")


@pytest.mark.parametrize(
    ("query", "comes"),
    [
        ({}, True), ({"showDeleted": True}, True), ({"singleEvents": True}, True),
        ({"eventTypes": "default"}, True), ({"timeMin": FAR}, True),
        ({"timeMin": FAR, "timeMax": "2026-12-24T00:00:00Z"}, True),
        ({"orderBy": "updated"}, False), ({"q": "x"}, False), ({"iCalUID": "x"}, False),
        ({"privateExtendedProperty": "a=b"}, False), ({"sharedExtendedProperty": "a=b"}, False),
        ({"updatedMin": "2026-11-22T00:00:00Z"}, False),
    ],
)  # fmt: skip
def test_which_lists_end_with_a_sync_token(
    calendars: Any, organizer: str, query: dict[str, Any], comes: bool
) -> None:
    page = calendars.events().list(calendarId=organizer, **query).execute()
    assert ("nextSyncToken" in page) is comes


def test_a_token_keeps_the_range_of_the_first_list(
    calendars: Any, organizer: str, insert: Any
) -> None:
    insert(on(1, "inside"), on(20, "outside"))
    events = calendars.events()
    bounds = {"timeMin": FAR, "timeMax": "2026-12-01T00:00:00Z"}
    token = events.list(calendarId=organizer, **bounds).execute()["nextSyncToken"]
    insert(on(2, "fresh"), on(21, "later"))
    for name in ("inside", "outside"):
        events.patch(calendarId=organizer, eventId=name, body={"summary": "New"}).execute()
    page = events.list(calendarId=organizer, syncToken=token).execute()
    assert [event["id"] for event in page["items"]] == ["fresh", "inside"]
    # What leaves the range is told: the client knows it.
    gone = {side: on(25, "inside")[side] for side in ("start", "end")}
    events.patch(calendarId=organizer, eventId="inside", body=gone).execute()
    page = events.list(calendarId=organizer, syncToken=page["nextSyncToken"]).execute()
    assert [event["id"] for event in page["items"]] == ["inside"]


@pytest.mark.parametrize(
    "other",
    [{"singleEvents": True}, {"eventTypes": "default"}, {"maxAttendees": 1}, {"timeZone": "UTC"},
     {"showHiddenInvitations": True}],
)  # fmt: skip
def test_a_token_goes_with_the_parameters_it_came_from(
    calendars: Any, organizer: str, other: dict[str, Any]
) -> None:
    events = calendars.events()
    token = events.list(calendarId=organizer).execute()["nextSyncToken"]
    call = events.list(calendarId=organizer, syncToken=token, **other)
    assert reason(call)[:2] == (410, "fullSyncRequired")
    own = events.list(calendarId=organizer, **other).execute()["nextSyncToken"]
    assert events.list(calendarId=organizer, syncToken=own, **other).execute()["items"] == []


def test_a_token_ends_with_the_access_it_was_given_under(
    service: Service, google: Emulator
) -> None:
    femi = service(FEMI).events()
    google.grant(DANA, "user", FEMI, "reader")
    token = femi.list(calendarId=DANA).execute()["nextSyncToken"]
    assert femi.list(calendarId=DANA, syncToken=token).execute()["items"] == []
    dana = service(DANA).events()
    assert reason(dana.list(calendarId=DANA, syncToken=token))[:2] == (410, "fullSyncRequired")
    google.grant(DANA, "user", FEMI, "writer")
    assert reason(femi.list(calendarId=DANA, syncToken=token))[:2] == (410, "fullSyncRequired")


def test_a_page_token_is_no_sync_token(calendars: Any, organizer: str, insert: Any) -> None:
    insert(on(1, "event1"), on(2, "event2"))
    page = calendars.events().list(calendarId=organizer, maxResults=1).execute()
    call = calendars.events().list(calendarId=organizer, syncToken=page["nextPageToken"])
    assert reason(call)[:2] == (410, "fullSyncRequired")


@contextmanager
def counted(google: Emulator) -> Iterator[list[int]]:
    """Count the steps that SQLite's virtual machine takes, by tens: the same on every machine."""
    steps = [0]

    def step() -> int:
        steps[0] += 1
        return 0

    connection = google.world.store._connection
    connection.set_progress_handler(step, 10)
    yield steps
    connection.set_progress_handler(None, 0)


CALLS: dict[str, dict[str, Any]] = {
    "a page": {"maxResults": 5},
    "a page from a moment on": {"maxResults": 5, "timeMin": "2027-12-01T00:00:00Z"},
    "a page of instances": {"maxResults": 5, "singleEvents": True, "timeMin": "2027-12-01T00:00:00Z"},
    "the last changed": {"maxResults": 5, "orderBy": "updated"},
    "instances last changed": {"maxResults": 5, "orderBy": "updated", "singleEvents": True},
    "a tag": {"privateExtendedProperty": "call=7"},
    "instances of a tag": {"privateExtendedProperty": "call=7", "singleEvents": True},
    "a uid": {"iCalUID": "filler7@google.com"},
}  # fmt: skip


def test_a_list_costs_what_it_holds_not_what_the_calendar_holds(
    calendars: Any, organizer: str, google: Emulator, clock: Clock
) -> None:
    costs: dict[str, list[int]] = {}
    for upto in (200, 1600):
        fill(google, clock, organizer, upto)
        queries = dict(CALLS)
        for name, fixed in (("a sync", {}), ("a sync of instances", {"singleEvents": True})):
            page = calendars.events().list(calendarId=organizer, maxResults=2500, **fixed).execute()
            queries[name] = {"syncToken": page["nextSyncToken"], **fixed}
        calendars.events().patch(calendarId=organizer, eventId="filler7", body={"summary": f"{upto}"}).execute()  # fmt: skip
        for name, query in queries.items():
            with counted(google) as steps:
                calendars.events().list(calendarId=organizer, **query).execute()
            costs.setdefault(name, []).append(steps[0])
        with counted(google) as steps:
            ask = {"timeMin": "2027-01-01T00:00:00Z", "timeMax": "2027-01-03T00:00:00Z", "items": [{"id": organizer}]}  # fmt: skip
            calendars.freebusy().query(body=ask).execute()
        costs.setdefault("free/busy", []).append(steps[0])
        with counted(google) as steps:
            calendars.events().patch(calendarId=organizer, eventId="filler8", body={"summary": f"{upto}"}).execute()  # fmt: skip
        costs.setdefault("a patch", []).append(steps[0])
    for name, (few, many) in costs.items():
        assert many < few * 1.5 + 50, (name, few, many)


def fill(google: Emulator, clock: Clock, calendar_id: str, upto: int) -> None:
    """Put an event after so many times seven hours, each with a tag and a moment of change of its own."""
    calendar = find(google.world, calendar_id)
    assert calendar is not None
    with google.world.store.transaction():
        for number in range(upto):
            clock.advance(timedelta(seconds=1))
            begins = 1_795_514_400 + number * 7 * 3600
            body = {
                "iCalUID": f"filler{number}@google.com",
                "summary": f"Filler {number}",
                "status": "confirmed",
                "start": {"dateTime": rfc3339(from_epoch(begins)), "timeZone": "UTC"},
                "end": {"dateTime": rfc3339(from_epoch(begins + 900)), "timeZone": "UTC"},
                "created": "2026-01-01T00:00:00.000Z",
                "creator": {"email": ADA},
                "organizer": {"email": calendar_id},
                "sequence": 0,
                "extendedProperties": {"private": {"call": str(number)}},
            }
            put(google.world, calendar, f"filler{number}", body)
