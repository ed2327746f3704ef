"""What Google says of entries and hours, read without guessing; the rest is in tests/commands."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from scheduler.domain.entries import Answer
from scheduler.domain.people import WorkingHours
from scheduler.domain.timespan import TimeSpan
from scheduler.google.details import read_entries, read_hours
from scheduler.google.errors import OutOfTime, RateLimited, Unreachable
from tests.cast import at
from tests.google.canned import Canned, Clock, answer, google_at, refusal
from tests.google.conftest import DANA
from tests.google.wsgi_http import WsgiHttp

WEEK = TimeSpan(at("Mon 00:00"), at("Sun 00:00"))
TEN = {"start": {"dateTime": "2026-11-23T10:00:00Z"}, "end": {"dateTime": "2026-11-23T11:00:00Z"}}


def page(*items: object, **more: Any) -> Any:
    return answer({"accessRole": "reader", "timeZone": "Europe/Berlin", "items": items} | more)


def test_every_page_is_read() -> None:
    app = Canned([page(TEN, nextPageToken="more"), page(TEN | {"summary": "Lunch"})])
    entries = read_entries(google_at(app), DANA, WEEK)
    assert entries is not None
    assert [entry.title for entry in entries] == ["", "Lunch"]


def test_all_day_is_from_midnight_to_midnight_where_the_calendar_is() -> None:
    day = {"start": {"date": "2026-11-23"}, "end": {"date": "2026-11-24"}}
    [entry] = read_entries(google_at(Canned([page(day)])), DANA, WEEK) or ()
    assert entry.is_all_day
    assert entry.span == TimeSpan(at("Mon 00:00"), at("Tue 00:00")).moved(
        at("Mon 00:00") - at("Mon 01:00")
    )


def test_only_the_owners_answer_counts() -> None:
    guests = [
        {"responseStatus": "declined"},
        {"self": True, "responseStatus": "tentative"},
    ]
    [entry] = read_entries(google_at(Canned([page(TEN | {"attendees": guests})])), DANA, WEEK) or ()
    assert entry.answer is Answer.TENTATIVE


def test_an_entry_without_length_takes_no_time() -> None:
    reminder = {"start": TEN["start"], "end": TEN["start"]}
    assert read_entries(google_at(Canned([page(reminder)])), DANA, WEEK) == ()


@pytest.mark.parametrize(
    "item",
    [
        {},
        None,
        {"start": TEN["start"]},
        {"start": {"dateTime": "ten"}, "end": TEN["end"]},
        {"start": {"dateTime": "2026-11-23T10:00:00"}, "end": TEN["end"]},
        {"start": TEN["end"], "end": TEN["start"]},
        TEN | {"attendees": [{"self": True, "responseStatus": "perhaps"}]},
        TEN | {"attendees": 7},
        TEN | {"summary": 7},
        {"start": {"date": "0001-01-01"}, "end": {"date": "2026-11-24"}},
    ],
)
def test_an_entry_that_makes_no_sense_leaves_the_whole_calendar_unread(item: Any) -> None:
    with pytest.raises(Unreachable) as caught:
        read_entries(google_at(Canned([page(TEN, item)])), DANA, WEEK)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("zone", [None, "Mars/Olympus", "America", 7])
def test_a_calendar_without_a_zone_is_unread(zone: object) -> None:
    with pytest.raises(Unreachable):
        read_entries(google_at(Canned([page(TEN, timeZone=zone)])), DANA, WEEK)


@pytest.mark.parametrize(
    "said",
    [
        answer({"accessRole": "freeBusyReader", "timeZone": "UTC", "items": [TEN]}),
        answer({"timeZone": "UTC", "items": [TEN]}),
        answer({"accessRole": ["reader"], "timeZone": "UTC", "items": [TEN]}),
        refusal(404, "notFound"),
        refusal(403, "insufficientPermissions"),
    ],
)
def test_what_we_may_not_read_in_detail_is_none(said: Any) -> None:
    assert read_entries(google_at(Canned([said])), DANA, WEEK) is None


def test_too_many_requests_are_no_refusal() -> None:
    app = Canned([refusal(403, "rateLimitExceeded")] * 5)
    with pytest.raises(RateLimited):
        read_entries(google_at(app), DANA, WEEK)


def test_nothing_is_asked_for_when_time_is_up() -> None:
    clock = Clock()
    app = Canned([refusal(503, "backendError"), page(TEN, nextPageToken="more"), page(TEN)])
    with pytest.raises(Unreachable):
        read_entries(google_at(app, clock), DANA, WEEK, until=0.4)

    class Slow(WsgiHttp):
        def request(self, uri: str, *args: object, **more: object):  # type: ignore[no-untyped-def]
            clock.now += 1
            return super().request(uri, *args, **more)  # type: ignore[arg-type]

    slow = google_at(app, clock, http=Slow(app))
    with pytest.raises(OutOfTime):
        read_entries(slow, DANA, WEEK, until=1)
    with pytest.raises(OutOfTime):
        read_hours(slow, DANA, until=1)
    assert len(app.asked) == 2


def test_working_hours_are_minutes_of_the_day() -> None:
    times = [{"dayOfWeek": "sunday", "periodStart": 90, "periodEnd": 1440}]
    told = {"workingHoursEnabled": True, "availableTimes": times}
    app = Canned([answer({"timeZone": "Europe/Berlin", "workingHours": told})])
    hours = read_hours(google_at(app), DANA)
    assert hours is not None
    assert hours.hours == (WorkingHours(6, time(1, 30), time(23, 59)),)
    assert hours.zone.key == "Europe/Berlin"


@pytest.mark.parametrize(
    "said",
    [
        {"timeZone": "UTC"},
        {"timeZone": "UTC", "workingHours": {"workingHoursEnabled": False}},
        {"timeZone": "UTC", "workingHours": {"workingHoursEnabled": True}},
        {"timeZone": "UTC", "workingHours": "nine to five"},
        {
            "timeZone": "UTC",
            "workingHours": {
                "workingHoursEnabled": True,
                "availableTimes": [{"dayOfWeek": "someday", "periodStart": 0, "periodEnd": 60}],
            },
        },
        {
            "timeZone": "UTC",
            "workingHours": {
                "workingHoursEnabled": True,
                "availableTimes": [{"dayOfWeek": "monday", "periodStart": 0, "periodEnd": 10**30}],
            },
        },
        {
            "timeZone": "America",
            "workingHours": {"workingHoursEnabled": True, "availableTimes": []},
        },
    ],
)
def test_hours_that_are_not_told_or_make_no_sense_are_none(said: dict[str, Any]) -> None:
    assert read_hours(google_at(Canned([answer(said)])), DANA) is None


def test_what_is_asked_for_holds_no_guest_but_the_owner_and_no_words_but_the_title() -> None:
    app = Canned([page()])
    http = WsgiHttp(app)
    read_entries(google_at(app, http=http), DANA, WEEK)
    asked = http.sent[-1].parameters
    assert asked["singleEvents"] == "true"
    assert "attendees(self,responseStatus)" in asked["fields"]
    assert not any(word in asked["fields"] for word in ("description", "email", "location"))
