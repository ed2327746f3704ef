"""google-auth: credentials of users and of service accounts, refreshed and used with its own transport."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import exceptions
from google.auth.transport import requests as transport
from google.oauth2 import service_account

from scheduler.emulator.server import Emulator
from scheduler.emulator.world import utc_now
from tests.emulator.conftest import ADA, DANA, SCHEDULING, meeting
from tests.fidelity.clients import SignedIn
from tests.fidelity.conftest import bearer
from tests.fidelity.door import Door
from tests.fidelity.quotes import fidelity

CLIENT = "google-auth"

EVENTS = "https://www.googleapis.com/auth/calendar.events"
FREE_BUSY = "https://www.googleapis.com/auth/calendar.freebusy"
ROBOT = "robot@project.iam.gserviceaccount.com"


@pytest.fixture
def now() -> Callable[[], datetime]:
    """The client signs assertions by its own clock."""
    return utc_now


@pytest.fixture
def events(url: str) -> str:
    return f"{url}/calendar/v3/calendars/primary/events"


@pytest.fixture
def user(google: Emulator, url: str) -> Callable[..., Any]:
    """Credentials of somebody whose access token was of yesterday."""

    def credentials(email: str = DANA, *scopes: str, **changed: Any) -> Any:
        given = {
            "refresh_token": google.issue_refresh_token(email, scopes or (EVENTS,)),
            "token_uri": f"{url}/token",
            "client_id": "greenroom",
            "client_secret": "shh",
            "expiry": datetime.now(UTC).replace(tzinfo=None) - timedelta(days=1),
        }
        return bearer("ya29.of-yesterday", **{**given, **changed})

    return credentials


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def robot(google: Emulator, key: rsa.RSAPrivateKey, url: str) -> Callable[..., Any]:
    """A service account, delegated domain-wide for the events of calendars."""
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    google.add_service_account(ROBOT, public.decode(), [EVENTS])
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )

    def credentials(*scopes: str, **changed: Any) -> Any:
        token_uri = changed.pop("token_uri", f"{url}/token")
        info = {"client_email": ROBOT, "private_key": private.decode(), "token_uri": token_uri}
        made: Any = service_account.Credentials.from_service_account_info
        return made(info, scopes=list(scopes or (EVENTS,)), **changed)

    return credentials


def session(credentials: Any) -> Any:
    made: Any = transport.AuthorizedSession
    return made(credentials)


@fidelity("RFC 6749, 6", "Refreshing an Access Token")
def test_an_old_token_is_refreshed_before_the_call(
    user: Callable[..., Any], events: str, google: Emulator
) -> None:
    credentials = user()
    google.clear_calls()
    assert session(credentials).get(events).status_code == 200
    assert credentials.valid
    assert [call.path.partition("?")[0] for call in google.calls()] == [
        "/token",
        "/calendar/v3/calendars/primary/events",
    ]
    left = credentials.expiry - datetime.now(UTC).replace(tzinfo=None)
    assert timedelta(minutes=50) < left < timedelta(minutes=61)


@fidelity(
    "Guide: errors",
    "401: Invalid Credentials. Get a new access token using the long-lived refresh token.",
)
def test_a_401_leads_to_a_new_token_and_the_same_call(
    user: Callable[..., Any], events: str, google: Emulator
) -> None:
    credentials = user(expiry=None)  # the client does not know that the token is of yesterday
    google.clear_calls()
    assert session(credentials).post(events, json=meeting()).status_code == 200
    assert [call.status for call in google.calls()] == [401, 200, 200]


@fidelity("RFC 6749, 5.2", "invalid_grant: The provided refresh token is invalid, expired, revoked")
def test_a_revoked_consent_is_a_refresh_error(
    user: Callable[..., Any], events: str, google: Emulator
) -> None:
    credentials = user()
    google.revoke_all(DANA)
    with pytest.raises(exceptions.RefreshError) as refused:
        session(credentials).get(events)
    said, body = refused.value.args
    assert said.startswith("invalid_grant")
    assert body["error"] == "invalid_grant"
    assert not refused.value.retryable


@fidelity(
    "Guide: OAuth web server", "A refresh may ask for less than was granted, and not for more"
)
def test_a_refresh_asks_for_no_more_than_was_granted(user: Callable[..., Any]) -> None:
    credentials = user(DANA, EVENTS, scopes=[EVENTS, FREE_BUSY])
    with pytest.raises(exceptions.RefreshError) as refused:
        credentials.refresh(transport.Request())
    assert "invalid_scope" in str(refused.value)
    credentials = user(DANA, EVENTS, FREE_BUSY, scopes=[EVENTS])
    credentials.refresh(transport.Request())
    assert set(credentials.granted_scopes) == {EVENTS}


@fidelity(
    "Guide: service accounts",
    "A service account impersonates a user by the subject of its assertion",
)
def test_a_service_account_acts_as_somebody(
    robot: Callable[..., Any], events: str, google: Emulator
) -> None:
    acting = robot(subject=SCHEDULING)
    made = session(acting).post(events, json=meeting(attendees=[{"email": ADA}])).json()
    assert made["organizer"]["email"] == made["creator"]["email"] == SCHEDULING
    assert google.calls()[-1].principal == SCHEDULING


@fidelity(
    "Event.attendees",
    "Service accounts need to use domain-wide delegation of authority to populate the attendee list.",
)
def test_a_service_account_of_its_own_invites_nobody(
    robot: Callable[..., Any], python: SignedIn, events: str
) -> None:
    rule = {"role": "writer", "scope": {"type": "user", "value": ROBOT}}
    python(DANA)("acl.insert", calendarId="primary", body=rule)
    address = events.replace("primary", DANA)
    assert session(robot()).post(address, json=meeting()).status_code == 200
    answer = session(robot()).post(address, json=meeting(attendees=[{"email": ADA}]))
    assert answer.status_code == 403
    assert answer.json()["error"]["errors"][0]["reason"] == "forbiddenForServiceAccounts"


@fidelity(
    "Guide: service accounts",
    "Delegation covers the scopes that the administrator has listed, and no other",
)
def test_delegation_ends_at_its_scopes(robot: Callable[..., Any]) -> None:
    with pytest.raises(exceptions.RefreshError) as refused:
        robot(FREE_BUSY, subject=SCHEDULING).refresh(transport.Request())
    assert "unauthorized_client" in str(refused.value)


@fidelity("Guide: service accounts", "Nobody outside the organisation can be impersonated")
def test_delegation_ends_at_the_domain(robot: Callable[..., Any]) -> None:
    with pytest.raises(exceptions.RefreshError) as refused:
        robot(subject=ADA).refresh(transport.Request())
    assert "invalid_grant" in str(refused.value)


@fidelity("RFC 7523, 3", "The JWT MUST be digitally signed; the signature must be verified")
def test_a_key_that_is_not_registered_opens_nothing(
    robot: Callable[..., Any], google: Emulator
) -> None:
    other = rsa.generate_private_key(65537, 2048).public_key()
    public = other.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    google.add_service_account(ROBOT, public.decode(), [EVENTS])
    with pytest.raises(exceptions.RefreshError) as refused:
        robot(subject=SCHEDULING).refresh(transport.Request())
    assert "invalid_grant" in str(refused.value)


@fidelity(
    "Guide: service accounts",
    "The audience of the assertion is https://oauth2.googleapis.com/token",
)
def test_google_s_own_address_for_tokens_works_behind_a_proxy(
    robot: Callable[..., Any], door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", door.url)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(door.authority))
    monkeypatch.delenv("no_proxy", raising=False)
    credentials = robot(subject=SCHEDULING, token_uri="https://oauth2.googleapis.com/token")
    address = "https://www.googleapis.com/calendar/v3/calendars/primary/events"
    assert (
        session(credentials).post(address, json=meeting()).json()["creator"]["email"] == SCHEDULING
    )
