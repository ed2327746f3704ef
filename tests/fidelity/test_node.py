"""What Google's clients for Node do beside their calls: their errors, their retries, their tokens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from scheduler.emulator.server import Emulator
from scheduler.emulator.world import utc_now
from tests.emulator.conftest import ADA, SCHEDULING, meeting
from tests.fidelity.clients import NODE, Node, NodeProcess, Refusal
from tests.fidelity.door import Door
from tests.fidelity.quotes import fidelity

CLIENT = NODE

ROBOT = "robot@project.iam.gserviceaccount.com"
EVENTS = "https://www.googleapis.com/auth/calendar.events"


@pytest.fixture
def now() -> Callable[[], datetime]:
    """The client looks at its own clock for tokens and assertions."""
    return utc_now


@pytest.fixture
def me(google: Emulator, url: str, node_process: NodeProcess) -> Node:
    token = google.issue_access_token(SCHEDULING, ["calendar"])
    return Node(node_process, url, {"credentials": {"access_token": token}})


@pytest.fixture
def refreshing(google: Emulator, url: str, node_process: NodeProcess) -> Callable[..., Node]:
    """The client with a refresh token, and an access token as told."""

    def signed_in(**credentials: Any) -> Node:
        refresh = google.issue_refresh_token(SCHEDULING, ["calendar"])
        auth = {
            "clientId": "greenroom",
            "clientSecret": "shh",
            "endpoints": {"oauth2TokenUrl": f"{url}/token"},
            "credentials": {"refresh_token": refresh, **credentials},
        }
        return Node(node_process, url, auth)

    return signed_in


def added(me: Node, **changed: Any) -> dict[str, Any]:
    event: dict[str, Any] = me("events.insert", calendarId="primary", body=meeting(**changed))
    return event


# -- errors


@fidelity("Guide: errors", "404: Not Found. The specified resource was not found.")
def test_an_error_has_the_client_s_fields(me: Node) -> None:
    with pytest.raises(Refusal) as refused:
        me("events.get", calendarId="primary", eventId="nothing0here")
    seen = refused.value.seen
    assert seen["name"] == "GaxiosError"
    assert (seen["status"], int(seen["code"])) == (404, 404)
    assert seen["message"] == "Not Found"
    assert seen["data"]["error"]["errors"] == [
        {"domain": "global", "reason": "notFound", "message": "Not Found"}
    ]


@fidelity("Guide: errors", "409: The requested identifier already exists.")
def test_a_duplicate_says_so(me: Node) -> None:
    added(me, id="a0v9a0v9")
    with pytest.raises(Refusal) as refused:
        added(me, id="a0v9a0v9")
    assert refused.value.seen["message"] == "The requested identifier already exists."
    assert refused.value.reason == "duplicate"


@fidelity("Guide: errors", "410: Sync token is no longer valid, a full sync is required.")
def test_a_lost_sync_token_names_its_parameter(me: Node) -> None:
    with pytest.raises(Refusal) as refused:
        me("events.list", calendarId="primary", syncToken="broken")
    error = refused.value.body["error"]["errors"][0]
    assert (refused.value.seen["status"], error["reason"]) == (410, "fullSyncRequired")
    assert (error["locationType"], error["location"]) == ("parameter", "syncToken")


@fidelity(
    "Guide: performance", "304 Not Modified when the etag of If-None-Match is still the present one"
)
def test_what_has_not_changed_is_an_answer_to_this_client(me: Node) -> None:
    event = added(me)
    where = {"calendarId": "primary", "eventId": event["id"]}
    answer = me.ask("events.get", headers={"If-None-Match": event["etag"]}, **where)
    assert (answer.status, answer.body or "") == (304, "")


# -- retries


@fidelity("Guide: errors", "500: Backend Error. Use exponential backoff.")
@pytest.mark.parametrize(("status", "reason"), [(503, "backendError"), (429, "rateLimitExceeded")])
def test_a_read_is_tried_again(me: Node, google: Emulator, status: int, reason: str) -> None:
    google.add_fault(status=status, reason=reason)
    quick = {"retryConfig": {"retryDelay": 1}}
    assert me.ask("events.list", options=quick, calendarId="primary").status == 200
    assert [each.status for each in google.calls()] == [status, 200]


@fidelity("Guide: errors", "500: Backend Error. Use exponential backoff.")
def test_a_write_is_not(me: Node, google: Emulator) -> None:
    google.add_fault(status=503, reason="backendError")
    with pytest.raises(Refusal) as refused:
        added(me)
    assert refused.value.seen["status"] == 503
    assert refused.value.reason == "backendError"
    assert len(google.calls()) == 1


@fidelity("Guide: errors", "403: Rate Limit Exceeded")
def test_a_limit_is_told_as_403(me: Node, google: Emulator) -> None:
    google.set_quota(per_user_per_minute=1)
    me("events.list", calendarId="primary")
    with pytest.raises(Refusal) as refused:
        me("events.list", calendarId="primary")
    assert refused.value.body["error"]["errors"][0]["domain"] == "usageLimits"
    assert refused.value.reason == "userRateLimitExceeded"


# -- tokens


@fidelity("RFC 6749, 6", "Refreshing an Access Token")
def test_an_old_token_is_refreshed_before_the_call(
    refreshing: Callable[..., Node], google: Emulator
) -> None:
    me = refreshing(access_token="ya29.of-yesterday", expiry_date=1)
    assert me("events.list", calendarId="primary")["items"] == []
    assert [call.path.partition("?")[0] for call in google.calls()] == [
        "/token",
        "/calendar/v3/calendars/primary/events",
    ]
    assert me.credentials["access_token"] != "ya29.of-yesterday"
    assert me.credentials["expiry_date"] > utc_now().timestamp() * 1000


@fidelity(
    "Guide: errors",
    "401: Invalid Credentials. Get a new access token using the long-lived refresh token.",
)
def test_a_401_leads_to_a_new_token_and_the_same_call(
    refreshing: Callable[..., Node], google: Emulator
) -> None:
    me = refreshing(access_token="ya29.of-yesterday")
    assert me("events.list", calendarId="primary")["items"] == []
    assert [call.status for call in google.calls()] == [401, 200, 200]


@fidelity("RFC 6749, 5.2", "invalid_grant: The provided refresh token is invalid, expired, revoked")
def test_a_revoked_consent_is_told(refreshing: Callable[..., Node], google: Emulator) -> None:
    me = refreshing(access_token="ya29.of-yesterday", expiry_date=1)
    google.revoke_all(SCHEDULING)
    with pytest.raises(Refusal) as refused:
        me("events.list", calendarId="primary")
    assert refused.value.status == 400
    assert refused.value.body["error"] == "invalid_grant"


@fidelity(
    "Guide: service accounts",
    "A service account impersonates a user by the subject of its assertion",
)
def test_a_service_account_acts_as_somebody_at_google_s_own_address(
    google: Emulator, node_process: NodeProcess, door: Door
) -> None:
    key = rsa.generate_private_key(65537, 2048)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    google.add_service_account(ROBOT, public.decode(), [EVENTS])
    auth = {
        "kind": "jwt",
        "email": ROBOT,
        "key": private.decode(),
        "scopes": [EVENTS],
        "subject": SCHEDULING,
    }
    me = Node(node_process, "https://www.googleapis.com", auth)
    event = added(me, attendees=[{"email": ADA}])
    assert event["creator"]["email"] == SCHEDULING
    assert [call.path for call in google.calls()] == [
        "/token",
        "/calendar/v3/calendars/primary/events",
    ]
