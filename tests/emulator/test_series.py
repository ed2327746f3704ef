"""Recurring events: instances, exceptions, what a rule may say, what of a series is in a list."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.emulator.server import Emulator
from tests.emulator.conftest import DANA, SCHEDULING, Service, meeting, reason


def series(name: str, *lines: str, **changed: Any) -> dict[str, Any]:
    """Tuesdays at ten in Berlin from 24 November 2026 on, or as the lines say."""
    return meeting(id=name, recurrence=list(lines or ("RRULE:FREQ=WEEKLY",)), **changed)


def all_day(name: str, *lines: str) -> dict[str, Any]:
    start, end = {"date": "2026-11-24"}, {"date": "2026-11-25"}
    return series(name, *lines, start=start, end=end)


@pytest.fixture
def insert(calendars: Any, organizer: str) -> Any:
    def made(body: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = calendars.events().insert(calendarId=organizer, body=body).execute()
        return found

    return made


@pytest.fixture
def listed(calendars: Any, organizer: str) -> Any:
    def ids(**query: Any) -> list[str]:
        page = calendars.events().list(calendarId=organizer, **query).execute()
        return [event["id"] for event in page["items"]]

    return ids


@pytest.fixture
def instances(calendars: Any, organizer: str) -> Any:
    def found(name: str, **query: Any) -> list[dict[str, Any]]:
        call = calendars.events().instances(calendarId=organizer, eventId=name, **query)
        items: list[dict[str, Any]] = call.execute()["items"]
        return items

    return found


def stamps(events: list[dict[str, Any]]) -> list[str]:
    return [event["id"].rpartition("_")[2] for event in events]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["RRULE:FREQ=DAILY;COUNT=3"], ["1124", "1125", "1126"]),
        (["RRULE:FREQ=DAILY;UNTIL=20261126"], ["1124", "1125", "1126"]),
        (["RRULE:FREQ=DAILY;UNTIL=20261126T090000Z"], ["1124", "1125", "1126"]),
        (["RRULE:FREQ=DAILY;UNTIL=20261126T085959Z"], ["1124", "1125"]),
        (["RRULE:FREQ=WEEKLY;BYDAY=TU,TH;COUNT=3"], ["1124", "1126", "1201"]),
        (["RDATE;TZID=Europe/Berlin:20261202T100000"], ["1124", "1202"]),
        (["RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20261125T090000Z"], ["1124", "1126"]),
        (["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;TZID=Europe/Berlin:20261125T100000"], ["1124", "1126"]),
        (["RRULE:FREQ=DAILY;COUNT=4", "EXRULE:FREQ=DAILY;INTERVAL=2"], ["1125", "1127"]),
        (["RRULE:FREQ=DAILY;COUNT=2", "EXDATE:20261124T090000Z"], ["1125"]),
    ],
)  # fmt: skip
def test_the_forms_of_a_rule(insert: Any, instances: Any, lines: list[str], expected: list[str]) -> None:  # fmt: skip
    insert(series("series", *lines))
    assert [stamp[4:8] for stamp in stamps(instances("series"))] == expected


@pytest.mark.parametrize(
    "line",
    [
        "RRULE:FREQ=HOURLY;COUNT=2", "RRULE:FREQ=DAILY;COUNT=0", "RRULE:FREQ=DAILY;INTERVAL=0",
        "RRULE:FREQ=YEARLY;UNTIL=20270617;COUNT=-1;INTERVAL=1", "RRULE:COUNT=2", "RRULE:FREQ=SOMETIMES",
        "RRULE:FREQ=DAILY;BYDAY=XX", "RRULE:FREQ=DAILY;BYEASTER=1", "RRULE:FREQ=WEEKLY,BYDAY=MO",
        "RDATE;VALUE=PERIOD:20261124T090000Z/PT1H", "EXDATE;TZID=Nowhere/Land:20261124T090000",
        "EXDATE:tomorrow", "DTSTART:20261124T090000Z", "FREQ=DAILY",
    ],
)  # fmt: skip
def test_what_is_no_rule_is_refused(calendars: Any, organizer: str, listed: Any, line: str) -> None:
    call = calendars.events().insert(calendarId=organizer, body=series("series", line))
    assert reason(call) == (400, "invalid", "Invalid recurrence rule.")
    assert listed(showDeleted=True) == []


def test_all_day_series_have_dates(insert: Any, instances: Any, calendars: Any, organizer: str) -> None:  # fmt: skip
    insert(all_day("series", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20261125"))
    first, last = instances("series")
    assert (first["id"], last["id"]) == ("series_20261124", "series_20261126")
    assert last["originalStartTime"] == last["start"] == {"date": "2026-11-26"}
    assert last["end"] == {"date": "2026-11-27"}
    one = calendars.events().get(calendarId=organizer, eventId="series_20261126").execute()
    assert one == last
    assert instances("series", originalStart="2026-11-26") == [last]


def test_a_day_is_as_long_as_its_clocks_make_it(insert: Any, service: Service) -> None:
    # 25 October 2026 has 25 hours in Berlin.
    body = series("series", "RRULE:FREQ=DAILY;COUNT=2", start={"date": "2026-10-25"}, end={"date": "2026-10-26"})  # fmt: skip
    dana = service(DANA)
    dana.events().insert(calendarId="primary", body=body).execute()
    ask = {"timeMin": "2026-10-20T00:00:00Z", "timeMax": "2026-10-30T00:00:00Z", "items": [{"id": DANA}]}  # fmt: skip
    assert dana.freebusy().query(body=ask).execute()["calendars"][DANA]["busy"] == [
        {"start": "2026-10-24T22:00:00Z", "end": "2026-10-26T23:00:00Z"}
    ]


def test_instances_in_a_range(insert: Any, instances: Any) -> None:
    insert(series("series", "RRULE:FREQ=DAILY;COUNT=5"))
    # timeMin is a "lower bound (inclusive) for an event's end time", here unlike in events.list.
    found = instances("series", timeMin="2026-11-25T09:45:00Z", timeMax="2026-11-27T09:00:00Z")
    assert stamps(found) == ["20261125T090000Z", "20261126T090000Z"]
    assert instances("series", originalStart="2026-11-26T10:00:00+01:00")[0]["id"] == "series_20261126T090000Z"  # fmt: skip
    assert instances("series", originalStart="2026-11-26T11:00:00+01:00") == []


def test_instances_come_in_pages(calendars: Any, organizer: str, insert: Any) -> None:
    insert(series("series", "RRULE:FREQ=DAILY;COUNT=5"))
    query = {"calendarId": organizer, "eventId": "series", "maxResults": 2}
    seen: list[str] = []
    request = calendars.events().instances(**query)
    while request is not None:
        page = request.execute()
        assert "nextSyncToken" not in page
        seen += stamps(page["items"])
        request = calendars.events().instances_next(request, page)
    assert [stamp[6:8] for stamp in seen] == ["24", "25", "26", "27", "28"]


def test_only_a_series_has_instances(calendars: Any, organizer: str, insert: Any) -> None:
    insert(meeting(id="alone"))
    for name in ("alone", "missing"):
        call = calendars.events().instances(calendarId=organizer, eventId=name)
        assert reason(call)[:2] == (404, "notFound")


def test_a_moved_instance_keeps_its_id_and_original_start(
    calendars: Any, organizer: str, insert: Any, instances: Any, listed: Any
) -> None:
    insert(series("series", "RRULE:FREQ=DAILY;COUNT=3"))
    second = "series_20261125T090000Z"
    later = {"start": {"dateTime": "2026-12-24T10:00:00Z"}, "end": {"dateTime": "2026-12-24T11:00:00Z"}}  # fmt: skip
    calendars.events().patch(calendarId=organizer, eventId=second, body=later).execute()
    *_, moved = instances("series")
    assert (moved["id"], moved["recurringEventId"]) == (second, "series")
    assert moved["originalStartTime"]["dateTime"] == "2026-11-25T10:00:00+01:00"
    assert listed(singleEvents=True, timeMin="2026-12-01T00:00:00Z") == [second]
    assert second not in listed(singleEvents=True, timeMax="2026-12-01T00:00:00Z")
    assert [one["id"] for one in instances("series", originalStart="2026-11-25T10:00:00+01:00")] == [second]  # fmt: skip


def test_a_cancelled_instance(
    calendars: Any, organizer: str, insert: Any, instances: Any, listed: Any
) -> None:
    insert(series("series", "RRULE:FREQ=DAILY;COUNT=2"))
    first, second = "series_20261124T090000Z", "series_20261125T090000Z"
    calendars.events().delete(calendarId=organizer, eventId=second).execute()
    assert [one["id"] for one in instances("series")] == [first]
    cancelled = instances("series", showDeleted=True)[1]
    assert (cancelled["status"], cancelled["recurringEventId"]) == ("cancelled", "series")
    assert cancelled["originalStartTime"]["dateTime"] == "2026-11-25T10:00:00+01:00"
    assert listed() == ["series", second]
    assert listed(singleEvents=True) == [first]
    assert listed(singleEvents=True, showDeleted=True) == [first, second]
    calendars.events().delete(calendarId=organizer, eventId="series").execute()
    assert listed() == []
    # "… only single instances of deleted events (but not the underlying recurring events)".
    assert listed(singleEvents=True, showDeleted=True) == [first, second]
    assert "series" in listed(showDeleted=True)


def test_a_series_without_an_end_reaches_two_years_ahead(insert: Any, listed: Any, instances: Any) -> None:  # fmt: skip
    insert(series("series", "RRULE:FREQ=MONTHLY"))
    open_ended = listed(singleEvents=True, maxResults=2500)
    assert 24 <= len(open_ended) <= 28
    asked_for = listed(singleEvents=True, maxResults=2500, timeMax="2031-11-24T00:00:00Z")
    assert len(asked_for) == 60
    assert asked_for[-1] == "series_20311024T080000Z"
    assert len(instances("series", timeMin="2040-01-01T00:00:00Z", timeMax="2041-01-01T00:00:00Z")) == 12  # fmt: skip


def test_a_series_that_is_over_is_not_in_a_later_range(insert: Any, listed: Any) -> None:
    insert(series("finite", "RRULE:FREQ=DAILY;COUNT=3"))
    insert(series("endless"))
    assert listed(timeMin="2026-12-24T00:00:00Z") == ["endless"]


def test_a_sync_of_instances_tells_what_a_changed_rule_took_away(
    calendars: Any, organizer: str, insert: Any
) -> None:
    insert(series("series", "RRULE:FREQ=DAILY;COUNT=3"))
    events = calendars.events()
    token = events.list(calendarId=organizer, singleEvents=True).execute()["nextSyncToken"]
    rule = {"recurrence": ["RRULE:FREQ=DAILY;INTERVAL=2;COUNT=2"]}
    events.patch(calendarId=organizer, eventId="series", body=rule).execute()
    page = events.list(calendarId=organizer, singleEvents=True, syncToken=token).execute()
    assert {event["id"]: event["status"] for event in page["items"]} == {
        "series_20261124T090000Z": "confirmed",
        "series_20261125T090000Z": "cancelled",
        "series_20261126T090000Z": "confirmed",
    }
    again = events.list(calendarId=organizer, singleEvents=True, syncToken=page["nextSyncToken"])
    assert again.execute()["items"] == []


def test_a_series_becomes_a_single_event_and_the_other_way_round(
    calendars: Any, organizer: str, insert: Any, listed: Any
) -> None:
    insert(series("event0", "RRULE:FREQ=DAILY;COUNT=2"))
    events = calendars.events()
    assert len(listed(singleEvents=True)) == 2
    events.patch(calendarId=organizer, eventId="event0", body={"recurrence": []}).execute()
    assert listed(singleEvents=True) == ["event0"]
    events.patch(calendarId=organizer, eventId="event0", body={"recurrence": ["RRULE:FREQ=DAILY;COUNT=2"]}).execute()  # fmt: skip
    assert listed(singleEvents=True) == ["event0_20261124T090000Z", "event0_20261125T090000Z"]


def test_a_guest_sees_the_instances_of_an_invitation(
    insert: Any, service: Service, google: Emulator
) -> None:
    insert(series("series", "RRULE:FREQ=DAILY;COUNT=2", attendees=[{"email": DANA}]))
    page = service(DANA).events().instances(calendarId="primary", eventId="series").execute()
    assert stamps(page["items"]) == ["20261124T090000Z", "20261125T090000Z"]
    assert {event["organizer"].get("self") for event in page["items"]} == {None}
    google.rsvp(DANA, "series", "declined")
    ask = {"timeMin": "2026-11-20T00:00:00Z", "timeMax": "2026-11-30T00:00:00Z", "items": [{"id": DANA}]}  # fmt: skip
    busy = service(SCHEDULING).freebusy().query(body=ask).execute()["calendars"][DANA]["busy"]
    assert busy == []
