"""Control hooks, faults, quotas, and the transport below the routes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from scheduler.emulator.company import Account
from scheduler.emulator.server import Emulator, create_emulator
from tests.emulator.conftest import ADA, DANA, SCHEDULING, Clock, meeting, reason, refusal, settings


def post(http: FlaskClient, hook: str, /, **given: Any) -> Any:
    return http.post(f"/_emulator/{hook}", json=given)


def test_hooks_are_absent_unless_asked_for() -> None:
    quiet = create_emulator(settings(hooks=False)).test_client()
    assert quiet.get("/_emulator/outbox").status_code == 404


def test_hooks_answer_loopback_callers_only(http: FlaskClient) -> None:
    there = {"REMOTE_ADDR": "192.0.2.7"}
    assert http.get("/_emulator/outbox", environ_overrides=there).status_code == 403
    assert http.get("/_emulator/outbox", environ_overrides={"REMOTE_ADDR": "::1"}).json == []


def test_every_hook_of_the_contract(http: FlaskClient, google: Emulator) -> None:
    assert http.get("/_emulator/outbox").json == []
    assert post(http, "expire-sync-tokens").status_code == 200
    conference = {
        "latency": None, "reads": 2, "outcome": "failure", "signature_check": "lenient"
    }  # fmt: skip
    assert post(http, "conference", **conference).status_code == 200
    assert post(http, "push", drop=0.5, duplicate=1, delay=2).status_code == 200
    assert (
        post(http, "quota", per_user_per_minute=600, per_project_per_minute=None).status_code == 200
    )
    assert post(http, "latency", milliseconds=0).status_code == 200
    assert post(http, "clock", offset=-60).status_code == 200
    switches = google.world.switches
    assert (switches.conference_latency, switches.conference_outcome) == (None, "failure")
    assert (switches.signature_check, switches.push_drop, switches.push_delay) == (
        "lenient",
        0.5,
        2,
    )
    assert (switches.per_user_per_minute, switches.clock_offset) == (600, -60)
    assert post(http, "faults", status=503, reason="backendError", count=1).status_code == 200
    assert len(google.world.faults.present()) == 1
    assert http.delete("/_emulator/faults").status_code == 200
    assert google.world.faults.present() == []


@pytest.mark.parametrize(
    ("hook", "given"),
    [
        ("conference", {"outcome": "maybe"}), ("conference", {"latency": -1}), ("conference", {"latncy": 1}),
        ("faults", {"status": 200}), ("faults", {"status": 500, "when": "later"}),
        ("faults", {"status": 500, "path": "("}), ("push", {"drop": "half"}), ("clock", {}),
        ("latency", {"milliseconds": "x"}), ("rsvp", {"attendee": ADA}), ("faults", {"how": "oddly"}),
        ("faults", {"status": True}), ("faults", {"statsu": 503}), ("switches", {"speed": 1}),
        ("switches", {"batch_parts": None}), ("switches", {"quota_retry_after": 1}),
        ("quota", {"per_user_per_minute": -1}), ("latency", {}),
    ],
)  # fmt: skip
def test_a_hook_refuses_what_it_does_not_understand(
    http: FlaskClient, hook: str, given: dict[str, Any]
) -> None:
    assert post(http, hook, **given).status_code == 400


def test_a_page_elsewhere_cannot_turn_switches_through_the_browser(http: FlaskClient) -> None:
    for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 200)):
        answer = http.post("/_emulator/latency", json={"milliseconds": 0}, headers={"Sec-Fetch-Site": site})  # fmt: skip
        assert answer.status_code == status


def test_any_switch_is_turned_by_its_own_name(http: FlaskClient, google: Emulator) -> None:
    answer = post(http, "switches", batch_parts=3, quota_retry_after=True, conference_latency=None)
    assert answer.json == google.world.switches.as_dict()
    assert google.world.switches.batch_parts == 3
    assert google.world.switches.quota_retry_after is True
    assert google.world.switches.conference_latency is None
    assert http.get("/_emulator/switches").json == answer.json


def test_the_clock_moves(http: FlaskClient, calendars: Any, organizer: str) -> None:
    post(http, "clock", offset=7200)
    assert reason_status(calendars.events().list(calendarId=organizer)) == 401


def reason_status(call: Any) -> int:
    return refusal(call)[0]


def test_an_rsvp_comes_from_the_hook(
    http: FlaskClient, calendars: Any, organizer: str, google: Emulator
) -> None:
    calendars.events().insert(
        calendarId=organizer, body=meeting(id="asked", attendees=[{"email": ADA}])
    ).execute()
    assert (
        post(http, "rsvp", attendee=ADA, event_id="asked", response="declined").status_code == 200
    )
    assert google.calendar_as(organizer)[0]["attendees"][0]["responseStatus"] == "declined"
    assert (
        post(http, "rsvp", attendee=DANA, event_id="asked", response="declined").status_code == 404
    )
    assert post(http, "rsvp", attendee=ADA, event_id="asked", response="perhaps").status_code == 400


@pytest.mark.parametrize(
    ("status", "why", "domain", "message"),
    [
        (500, "backendError", "global", "Backend Error"),
        (403, "rateLimitExceeded", "usageLimits", "Rate Limit Exceeded"),
        (403, "userRateLimitExceeded", "usageLimits", "User Rate Limit Exceeded"),
        (403, "quotaExceeded", "usageLimits", "Calendar usage limits exceeded."),
        (429, "rateLimitExceeded", "usageLimits", "Rate Limit Exceeded"),
    ],
)
def test_a_fault_before_changes_nothing(
    calendars: Any,
    organizer: str,
    google: Emulator,
    status: int,
    why: str,
    domain: str,
    message: str,
) -> None:
    google.add_fault(status=status, reason=why, count=1)
    call = calendars.events().insert(calendarId=organizer, body=meeting(id="fault"))
    body = {
        "errors": [{"domain": domain, "reason": why, "message": message}],
        "code": status,
        "message": message,
    }
    assert refusal(call) == (status, {"error": body})
    assert google.calendar_as(organizer) == []
    assert call.execute()["id"] == "fault"


def test_a_fault_after_keeps_the_write_and_loses_the_answer(
    calendars: Any, organizer: str, google: Emulator
) -> None:
    google.add_fault(status=503, when="after", path="/events", method="POST")
    assert (
        reason(calendars.events().insert(calendarId=organizer, body=meeting(id="kept0")))[0] == 503
    )
    assert [event["id"] for event in google.calendar_as(organizer)] == ["kept0"]


def test_faults_pick_their_calls_and_their_number(
    calendars: Any, organizer: str, google: Emulator
) -> None:
    google.add_fault(status=500, count=2, path="freeBusy$")
    assert calendars.events().list(calendarId=organizer).execute()["items"] == []
    body = {"timeMin": "2026-11-24T00:00:00Z", "timeMax": "2026-11-25T00:00:00Z", "items": []}
    for _ in range(2):
        assert reason(calendars.freebusy().query(body=body))[0] == 500
    assert calendars.freebusy().query(body=body).execute()["calendars"] == {}
    google.add_fault(status=None, delay=0.01)
    assert calendars.events().list(calendarId=organizer).execute()["items"] == []


def test_a_faulty_token_endpoint_is_reached_by_its_path(
    http: FlaskClient, google: Emulator
) -> None:
    google.add_fault(status=500, path="^/token$")
    assert http.post("/token", data={}).status_code == 500
    assert http.post("/token", data={}).status_code == 400


def test_quotas_slide(http: FlaskClient, google: Emulator, clock: Clock) -> None:
    token = google.issue_access_token(SCHEDULING, ["calendar"])
    head = {"Authorization": f"Bearer {token}"}

    def ask() -> Any:
        return http.get("/calendar/v3/users/me/calendarList", headers=head)

    google.set_quota(per_user_per_minute=2)
    assert [ask().status_code for _ in range(3)] == [200, 200, 403]
    refused = ask()
    assert refused.json["error"]["errors"][0]["reason"] == "userRateLimitExceeded"
    assert "Retry-After" not in refused.headers
    google.set_quota(status=429, retry_after=True)
    refused = ask()
    assert refused.status_code == 429
    assert refused.json["error"]["errors"] == [
        {
            "domain": "usageLimits",
            "reason": "rateLimitExceeded",
            "message": "Rate Limit Exceeded",
        }
    ]
    assert int(refused.headers["Retry-After"]) == 60
    clock.advance(timedelta(seconds=61))
    assert ask().status_code == 200
    google.set_quota(per_user_per_minute=None, per_project_per_minute=1, status=403)
    assert ask().json["error"]["errors"][0]["reason"] == "rateLimitExceeded"


def test_quota_user_counts_instead_of_the_account(http: FlaskClient, google: Emulator) -> None:
    head = {"Authorization": f"Bearer {google.issue_access_token(SCHEDULING, ['calendar'])}"}
    google.set_quota(per_user_per_minute=1)

    def ask(quota_user: str) -> int:
        return http.get(f"/calendar/v3/colors?quotaUser={quota_user}", headers=head).status_code

    assert [ask("dana"), ask("femi"), ask("dana")] == [200, 200, 403]


def test_writing_to_one_calendar_in_quick_succession_is_refused(
    calendars: Any, organizer: str, google: Emulator, clock: Clock
) -> None:
    google.set_quota(calendar_writes_per_minute=1)
    calendars.events().insert(calendarId=organizer, body=meeting()).execute()
    again = calendars.events().insert(calendarId=organizer, body=meeting())
    assert reason(again) == (403, "rateLimitExceeded", "Rate Limit Exceeded")
    assert len(calendars.events().list(calendarId=organizer).execute()["items"]) == 1
    # Another calendar has a minute of its own; "primary" and its address are one.
    calendars.events().insert(calendarId="primary", body=meeting()).execute()
    assert reason(calendars.events().insert(calendarId=SCHEDULING, body=meeting()))[0] == 403
    clock.advance(timedelta(seconds=61))
    again.execute()


def test_every_path_answers_in_googles_envelope(http: FlaskClient) -> None:
    message = "Not Found"
    whole = {
        "error": {
            "errors": [{"domain": "global", "reason": "notFound", "message": message}],
            "code": 404,
            "message": message,
        }
    }
    for path in (
        "/calendar/v3/nothing",
        "/v2/nothing",
        "/batch/calendar/v3/x",
        "/calendar/v3/colors/1",
    ):
        answer = http.get(path)
        assert (answer.status_code, answer.json) == (404, whole)
    assert http.put("/calendar/v3/freeBusy").status_code == 404


def test_without_a_token_login_is_required(http: FlaskClient) -> None:
    answer = http.get("/calendar/v3/users/me/calendarList")
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["error"]["errors"][0]["reason"] == "required"
    bad = http.get("/calendar/v3/users/me/calendarList", headers={"Authorization": "Bearer x"})
    assert bad.json is not None
    assert bad.json["error"]["errors"][0]["reason"] == "authError"


def test_a_body_that_is_no_json_object_is_a_parse_error(
    http: FlaskClient, google: Emulator
) -> None:
    head = {"Authorization": f"Bearer {google.issue_access_token(SCHEDULING, ['calendar'])}"}
    answer = http.post("/calendar/v3/freeBusy", data="{", headers=head)
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["error"]["errors"][0]["reason"] == "parseError"


def test_fields_pick_parts(calendars: Any, organizer: str) -> None:
    calendars.events().insert(calendarId=organizer, body=meeting(id="picked")).execute()
    mask = "items(id,start/dateTime),nextSyncToken"
    found = calendars.events().list(calendarId=organizer, fields=mask).execute()
    assert found["items"] == [{"id": "picked", "start": {"dateTime": "2026-11-24T10:00:00+01:00"}}]
    assert set(found) == {"items", "nextSyncToken"}
    broken = calendars.events().list(calendarId=organizer, fields="items(id")
    assert reason(broken)[:2] == (400, "invalidParameter")


def test_a_long_get_comes_as_a_post(calendars: Any, organizer: str, google: Emulator) -> None:
    calendars.events().insert(calendarId=organizer, body=meeting(summary="needle")).execute()
    words = " ".join(["needle"] * 400)
    found = calendars.events().list(calendarId=organizer, q=words).execute()
    assert len(found["items"]) == 1
    assert google.calls()[-1].method == "GET"


def test_the_activity_log_says_who_called_what(
    calendars: Any, organizer: str, google: Emulator
) -> None:
    last = google.calls()[-1]
    assert (last.method, last.path, last.principal, last.status) == (
        "POST",
        "/calendar/v3/calendars",
        SCHEDULING,
        200,
    )


def test_accounts_move_in_and_reset_starts_over(
    google: Emulator, calendars: Any, organizer: str
) -> None:
    google.add_account(
        Account(email="Zed@acme.example", name="Zed", kind="interviewer", zone="UTC")
    )
    assert google.world.account("zed@acme.example") is not None
    google.reset()
    assert google.world.account("zed@acme.example") is None
    assert google.world.account(ADA) is not None
    assert google.calendar_as(organizer) == []


def test_settings_colors_and_acl_answer(calendars: Any, organizer: str) -> None:
    assert calendars.settings().get(setting="timezone").execute()["value"] == "Europe/Berlin"
    assert len(calendars.colors().get().execute()["event"]) == 11
    rules = calendars.acl().list(calendarId=organizer).execute()["items"]
    assert [(rule["scope"], rule["role"]) for rule in rules] == [
        ({"type": "user", "value": SCHEDULING}, "owner")
    ]
    share = {"scope": {"type": "user", "value": DANA}, "role": "reader"}
    assert (
        calendars.acl().insert(calendarId=organizer, body=share).execute()["id"] == f"user:{DANA}"
    )


def test_quick_add_is_not_there(calendars: Any, organizer: str) -> None:
    assert reason(calendars.events().quickAdd(calendarId=organizer, text="x"))[0] == 501
