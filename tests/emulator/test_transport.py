"""What stands around every call: parameters of the system, bodies, ids in paths, etags."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from googleapiclient.http import BatchHttpRequest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.emulator.company import Account
from scheduler.emulator.indenting import indented
from scheduler.emulator.server import Emulator
from scheduler.emulator.traffic import LARGEST_BODY_BYTES
from tests.emulator.conftest import BASE, DANA, SCHEDULING, Clock, meeting, reason, refusal
from tests.emulator.schemas import document

EVENTS = "/calendar/v3/calendars/primary/events"


@pytest.fixture
def head(google: Emulator) -> dict[str, str]:
    return {"Authorization": f"Bearer {google.issue_access_token(SCHEDULING, ['calendar'])}"}


def said(answer: Any) -> tuple[int, str, str]:
    """Return status, reason and message of a refusal in Google's envelope."""
    assert answer.content_type == "application/json; charset=UTF-8"
    error = answer.json["error"]
    (first,) = error["errors"]
    assert (error["code"], error["message"]) == (answer.status_code, first["message"])
    return answer.status_code, first["reason"], first["message"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/calendar/v3"), ("GET", "/calendar/v3/"), ("GET", "/calendar/v3/nothing"),
        ("GET", "/calendar/v3/colors/"), ("PUT", "/calendar/v3/colors"), ("POST", "/calendar/v3/colors"),
        ("DELETE", "/calendar/v3/freeBusy"), ("GET", "/v2/nothing"), ("GET", "/batch"), ("POST", "/batch/drive/v3"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found_in_googles_envelope(
    http: FlaskClient, method: str, path: str
) -> None:
    assert said(http.open(path, method=method)) == (404, "notFound", "Not Found")


def test_a_token_that_has_expired_is_refused_with_401(
    http: FlaskClient, head: dict[str, str], clock: Clock
) -> None:
    assert http.get("/calendar/v3/colors", headers=head).status_code == 200
    clock.advance(timedelta(hours=1, seconds=1))
    answer = http.get("/calendar/v3/colors", headers=head)
    assert said(answer) == (401, "authError", "Invalid Credentials")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer realm=")


@pytest.mark.parametrize("name", ["access_token", "oauth_token"])
def test_a_token_may_stand_in_the_query(http: FlaskClient, head: dict[str, str], name: str) -> None:
    token = head["Authorization"].removeprefix("Bearer ")
    assert http.get(f"/calendar/v3/colors?{name}={token}").status_code == 200


def test_a_key_is_no_sign_in(http: FlaskClient, head: dict[str, str]) -> None:
    assert said(http.get("/calendar/v3/colors?key=AIza"))[:2] == (401, "required")
    assert http.get("/calendar/v3/colors?key=AIza", headers=head).status_code == 200


@pytest.mark.parametrize(
    ("media_type", "content", "expected"),
    [
        ("application/json", "{", (400, "parseError", "Parse Error")),
        ("application/json", "[]", (400, "parseError", "Parse Error")),
        ("application/json", b"\xff", (400, "parseError", "Parse Error")),
        (
            "application/x-www-form-urlencoded",
            "summary=x",
            (400, "parseError", "This API does not support parsing form-encoded input."),
        ),
        (
            "text/plain",
            "{}",
            (
                400,
                "badContent",
                "Media type 'text/plain' is not supported. Valid media types: [application/json]",
            ),
        ),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(
    http: FlaskClient,
    head: dict[str, str],
    media_type: str,
    content: str | bytes,
    expected: tuple[int, str, str],
) -> None:
    answer = http.post(EVENTS, data=content, content_type=media_type, headers=head)
    assert said(answer) == expected


def test_a_body_beyond_all_measure_is_refused(http: FlaskClient, head: dict[str, str]) -> None:
    content = b" " * (LARGEST_BODY_BYTES + 1)
    answer = http.post(EVENTS, data=content, content_type="application/json", headers=head)
    assert said(answer)[:2] == (413, "uploadTooLarge")


def test_json_is_the_only_form_of_an_answer(calendars: Any) -> None:
    call = calendars.colors().get()
    call.uri = call.uri.replace("alt=json", "alt=atom")
    status, body = refusal(call)
    (first,) = body["error"]["errors"]
    assert (status, first["reason"], first["location"]) == (400, "invalidParameter", "alt")
    assert first["message"] == "Invalid string value: 'atom'. Allowed values: [json]"


def test_every_parameter_that_all_methods_share_is_taken(
    http: FlaskClient, head: dict[str, str]
) -> None:
    values = {
        "alt": "json", "fields": "kind", "key": "AIza", "prettyPrint": "false", "quotaUser": "somebody",
        "oauth_token": head["Authorization"].removeprefix("Bearer "), "userIp": "192.0.2.1",
    }  # fmt: skip
    assert set(values) == set(document("calendar")["parameters"])
    answer = http.get("/calendar/v3/colors", query_string=values)
    assert (answer.status_code, answer.text) == (200, '{"kind": "calendar#colors"}')


def test_unknown_parameters_are_ignored(http: FlaskClient, head: dict[str, str]) -> None:
    assert http.get("/calendar/v3/colors?colour=red&$.xgafv=2", headers=head).status_code == 200


def test_an_answer_is_indented_unless_told_otherwise(
    http: FlaskClient, head: dict[str, str]
) -> None:
    pretty = http.get("/calendar/v3/colors", headers=head)
    compact = http.get("/calendar/v3/colors?prettyPrint=false", headers=head)
    assert pretty.text == json.dumps(compact.json, indent=2, sort_keys=True) + "\n"
    assert http.get("/calendar/v3/colors?prettyPrint=true", headers=head).text == pretty.text
    assert "\n" not in compact.text
    refused = http.get("/calendar/v3/nothing")
    assert refused.text.startswith('{\n  "error": {\n    "code": 404')


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


@given(JSON | st.lists(st.dictionaries(st.text(), st.text() | st.integers())))
def test_indentation_is_that_of_the_standard_library(value: Any) -> None:
    assert indented(value) == json.dumps(value, indent=2, sort_keys=True)


def test_a_broken_field_selection_is_refused_before_anything_is_written(calendars: Any) -> None:
    call = calendars.events().insert(calendarId="primary", body=meeting(), fields="id,start(")
    assert refusal(call)[0] == 400
    assert calendars.events().list(calendarId="primary").execute()["items"] == []


@pytest.mark.parametrize(
    ("build", "mask", "expected"),
    [
        (lambda c: c.events().get(calendarId="primary", eventId="picked"), "id", {"id"}),
        (lambda c: c.events().patch(calendarId="primary", eventId="picked", body={}), "id,start", {"id", "start"}),
        (lambda c: c.events().insert(calendarId="primary", body=meeting()), "summary", {"summary"}),
        (lambda c: c.calendars().get(calendarId="primary"), "id", {"id"}),
        (lambda c: c.calendarList().list(), "kind,items/id", {"kind", "items"}),
        (lambda c: c.acl().list(calendarId="primary"), "items(role)", {"items"}),
        (lambda c: c.settings().list(), "kind", {"kind"}),
        (lambda c: c.colors().get(), "event/1", {"event"}),
        (
            lambda c: c.freebusy().query(body={"timeMin": "2026-11-24T00:00:00Z", "timeMax": "2026-11-25T00:00:00Z"}),
            "timeMin",
            {"timeMin"},
        ),
    ],
)  # fmt: skip
def test_fields_cut_down_the_answer_of_every_method(
    calendars: Any, build: Any, mask: str, expected: set[str]
) -> None:
    calendars.events().insert(calendarId="primary", body=meeting(id="picked")).execute()
    call = build(calendars)
    call.uri += f"&fields={quote(mask)}"
    assert set(call.execute()) == expected


def test_a_known_etag_is_answered_with_304(
    http: FlaskClient, head: dict[str, str], calendars: Any
) -> None:
    made = calendars.events().insert(calendarId="primary", body=meeting(id="seen0")).execute()
    for path in (f"{EVENTS}/seen0", EVENTS, "/calendar/v3/calendars/primary"):
        etag = http.get(path, headers=head).json["etag"]  # type: ignore[index]
        for said_so in (etag, f'"other", {etag}', f"W/{etag}", "*"):
            answer = http.get(path, headers={**head, "If-None-Match": said_so})
            assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", etag)
        assert http.get(path, headers={**head, "If-None-Match": '"other"'}).status_code == 200
    change = {**head, "If-None-Match": made["etag"]}
    assert http.patch(f"{EVENTS}/seen0", json={"summary": "New"}, headers=change).status_code == 200


@pytest.mark.parametrize("name", ["a/b", "100%", "a%2fb", "x y", "ü/ö", "#holiday", "a+b", "a%25b"])
def test_an_id_may_hold_any_character(
    http: FlaskClient, google: Emulator, service: Any, name: str
) -> None:
    address = f"{name}@acme.example"
    google.add_account(Account(email=address, name="Odd", kind="interviewer", zone="UTC"))
    odd = service(address)
    assert odd.calendars().get(calendarId=address).execute()["id"] == address
    assert odd.events().list(calendarId=address).execute()["items"] == []
    assert google.calls()[-1].name == "events.list"
    within_a_batch = BatchHttpRequest(batch_uri=f"{BASE}/batch/calendar/v3")
    found: list[Any] = []
    within_a_batch.add(odd.calendars().get(calendarId=address), lambda _, answer, __: found.append(answer))  # fmt: skip
    within_a_batch.execute(http=odd._http)
    assert found[0]["id"] == address


def test_patch_and_delete_may_come_as_a_post(
    http: FlaskClient, head: dict[str, str], calendars: Any
) -> None:
    calendars.events().insert(calendarId="primary", body=meeting(id="posted")).execute()
    as_patch = {**head, "X-HTTP-Method-Override": "PATCH"}
    changed = http.post(f"{EVENTS}/posted", json={"summary": "Other"}, headers=as_patch)
    assert json.loads(changed.data)["summary"] == "Other"
    as_delete = {**head, "X-HTTP-Method-Override": "DELETE"}
    assert http.post(f"{EVENTS}/posted", headers=as_delete).status_code == 204


def test_a_foreign_calendar_is_not_found_for_reading_and_for_writing(calendars: Any) -> None:
    for call in (
        calendars.events().list(calendarId="nobody@else.example"),
        calendars.events().insert(calendarId="nobody@else.example", body=meeting()),
    ):
        assert reason(call) == (404, "notFound", "Not Found")
    assert reason(calendars.events().insert(calendarId=DANA, body=meeting()))[0] in (403, 404)
