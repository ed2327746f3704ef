"""The net itself: what it lets through, and what it holds."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from tests.emulator.schemas import Unlike, check, checked, method_of

EVENT = {
    "kind": "calendar#event",
    "start": {"dateTime": "2026-11-24T10:00:00+01:00", "timeZone": "Europe/Berlin"},
    "end": {"date": "2026-11-25"},
    "attendees": [
        {"email": "ada@mail.example", "responseStatus": "accepted", "additionalGuests": 1}
    ],
    "extendedProperties": {"private": {"any": "thing"}},
    "updated": "2026-11-24T09:00:00.123Z",
}


def test_a_resource_of_google_s_form_passes_whole_and_in_part() -> None:
    check(EVENT, "Event")
    check({}, "Event")
    check({"expiration": "1798761600000"}, "Channel")
    check({"name": "spaces/a", "config": {"accessType": "TRUSTED"}}, "Space", api="meet")


@pytest.mark.parametrize(
    ("schema", "changed", "problem"),
    [
        ("Event", {"titel": "x"}, "Event: unknown field titel"),
        ("Event", {"attendees": [{"mail": "x"}]}, "Event.attendees[0]: unknown field mail"),
        ("Event", {"summary": None}, "Event.summary: None is no string"),
        ("Event", {"sequence": "1"}, "Event.sequence: '1' is no int32"),
        ("Event", {"sequence": True}, "Event.sequence: True is no int32"),
        ("Event", {"locked": 1}, "Event.locked: 1 is no boolean"),
        ("Event", {"recurrence": "RRULE"}, "Event.recurrence: 'RRULE' is no array"),
        ("Event", {"start": "2026"}, "Event.start: '2026' is no object"),
        ("Event", {"start": {"dateTime": "2026-11-24T10:00:00"}}, "is no date-time"),
        ("Event", {"start": {"dateTime": "2026-13-24T10:00:00Z"}}, "is no date-time"),
        ("Event", {"end": {"date": "2026-11-24T10:00:00Z"}}, "is no date"),
        ("Event", {"kind": "calendar#events"}, "'calendar#events' instead of 'calendar#event'"),
        ("Event", {"extendedProperties": {"shared": {"a": 1}}}, "shared.a: 1 is no string"),
        ("Channel", {"expiration": 1798761600000}, "Channel.expiration: 1798761600000 is no string"),
        ("Channel", {"expiration": "soon"}, "Channel.expiration: 'soon' is no int64"),
    ],
)  # fmt: skip
def test_what_google_would_never_say_is_held(
    schema: str, changed: dict[str, Any], problem: str
) -> None:
    with pytest.raises(Unlike, match=re.escape(problem)):
        check(changed, schema)


def test_enumerations_of_meet_are_held() -> None:
    with pytest.raises(Unlike, match="is none of"):
        check({"config": {"accessType": "EVERYBODY"}}, "Space", api="meet")


@pytest.mark.parametrize(
    ("http", "path", "named"),
    [
        ("GET", "/calendar/v3/users/me/calendarList", "calendar.calendarList.list"),
        ("GET", "/calendar/v3/calendars/a@b.c/events/e1/instances", "calendar.events.instances"),
        ("POST", "/calendar/v3/calendars/a@b.c/events/import", "calendar.events.import"),
        ("POST", "/v2/spaces/abc:endActiveConference", "meet.spaces.endActiveConference"),
        ("DELETE", "/v2/spaces/abc/members/m", "meet.spaces.members.delete"),
    ],
)  # fmt: skip
def test_a_request_is_known_by_google_s_name_of_its_method(
    http: str, path: str, named: str
) -> None:
    found = method_of(http, path)
    assert found is not None
    assert found.id == named


@pytest.mark.parametrize(
    ("route", "body", "status", "problem"),
    [
        ("/calendar/v3/colors", {"kind": "calendar#colors", "shades": {}}, 200, "unknown field shades"),
        ("/calendar/v3/shades", {}, 200, "Google has no such method"),
    ],
)  # fmt: skip
def test_an_emulator_fails_its_test_at_the_answer(
    route: str, body: Any, status: int, problem: str
) -> None:
    app = checked(_answering(route, body, status))
    with pytest.raises(pytest.fail.Exception, match=problem):
        app.test_client().get(route)


def test_refusals_and_pages_are_none_of_its_business() -> None:
    app = checked(_answering("/calendar/v3/colors", {"error": {"code": 404}}, 404))
    assert app.test_client().get("/calendar/v3/colors").status_code == 404
    app = checked(_answering("/mail", {"any": 1}, 200))
    assert app.test_client().get("/mail").status_code == 200


def _answering(route: str, body: Any, status: int) -> Flask:
    app = Flask(__name__)
    app.add_url_rule(route, view_func=lambda: (body, status))
    return app
