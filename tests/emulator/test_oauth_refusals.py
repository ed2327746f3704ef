"""Every refusal of the issuer: the exact status, error and description."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import RSAKey

from scheduler.emulator.server import Emulator
from tests.emulator.conftest import ADA, BASE, PRIYA, Clock
from tests.emulator.oauth_client import (
    CALENDAR,
    CALLBACK,
    FREE_BUSY,
    JWT_BEARER,
    LOOPBACK,
    ROBOT,
    VERIFIER,
    agree,
    asked,
    bearer,
    challenge_of,
    exchange,
    offline,
    refresh,
    robots_key,
    sent_back,
)

S256 = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}


class Situation:
    """What a refusal needs: a client, a clock, a service account delegated for the calendar."""

    def __init__(self, http: FlaskClient, google: Emulator, clock: Clock) -> None:
        self.http = http
        self.google = google
        self.clock = clock
        self.private, public = robots_key()
        google.add_service_account(ROBOT, public, [CALENDAR])

    def used_code(self) -> str:
        code = agree(self.http)
        assert exchange(self.http, code).status_code == 200
        return code

    def late_code(self) -> str:
        code = agree(self.http)
        self.clock.advance(timedelta(minutes=10))
        return code

    def revoked_refresh_token(self) -> str:
        token = str(offline(self.http)["refresh_token"])
        assert self.http.post("/revoke", data={"token": token}).status_code == 200
        return token

    def late_access_token(self) -> str:
        token = str(exchange(self.http, agree(self.http)).json["access_token"])
        self.clock.advance(timedelta(hours=1))
        return token

    def late_id_token(self) -> str:
        token = str(exchange(self.http, agree(self.http)).json["id_token"])
        self.clock.advance(timedelta(hours=1))
        return token

    def assertion(self, **changed: Any) -> Any:
        now = int(self.clock.now.timestamp())
        told = {"iss": ROBOT, "sub": PRIYA, "aud": f"{BASE}/token", "iat": now, "exp": now + 3600}
        key = RSAKey.import_key(self.private)
        return self.assert_with(
            jwt.encode({"alg": "RS256"}, {**told, "scope": CALENDAR, **changed}, key)
        )

    def assert_with(self, assertion: str) -> Any:
        return self.http.post("/token", data={"grant_type": JWT_BEARER, "assertion": assertion})

    def forged(self) -> Any:
        now = int(self.clock.now.timestamp())
        told = {"iss": ROBOT, "aud": f"{BASE}/token", "iat": now, "exp": now + 60}
        other = RSAKey.generate_key(2048)
        return self.assert_with(jwt.encode({"alg": "RS256"}, {**told, "scope": CALENDAR}, other))


@pytest.fixture
def at(http: FlaskClient, google: Emulator, clock: Clock) -> Situation:
    return Situation(http, google, clock)


def code_with(**changed: str) -> Callable[[Situation], Any]:
    return lambda at: exchange(at.http, agree(at.http), **changed)


def refresh_with(**changed: str) -> Callable[[Situation], Any]:
    return lambda at: refresh(at.http, offline(at.http)["refresh_token"], **changed)


def basic(name: str, secret: str) -> Callable[[Situation], Any]:
    return lambda at: at.http.post(
        "/token",
        data={"grant_type": "refresh_token", "refresh_token": "1//0x"},
        auth=(name, secret),
    )


SHORT_LIVED = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
    " Check your iat and exp values in the JWT claim."
)
UNAUTHORIZED = (
    "Client is unauthorized to retrieve access tokens using this method, or client not authorized"
    " for any of the scopes requested."
)
AUDIENCE = f"Invalid JWT: Failed audience check. The right audience is {BASE}/token"
SIGNATURE = "Invalid JWT Signature."
GONE = "Token has been expired or revoked."

REFUSALS: dict[str, tuple[Callable[[Situation], Any], int, str, str]] = {
    # Who asks
    "no client": (
        code_with(client_id="", client_secret=""),
        400, "invalid_request", "Could not determine client ID from request.",
    ),
    "unknown client": (
        code_with(client_id="other"),
        401, "invalid_client", "The OAuth client was not found.",
    ),
    "unknown client, basic": (
        basic("other", "shh"),
        401, "invalid_client", "The OAuth client was not found.",
    ),
    "no secret": (
        code_with(client_secret=""), 400, "invalid_request", "client_secret is missing.",
    ),
    "wrong secret": (
        code_with(client_secret="wrong"),
        401, "invalid_client", "The provided client secret is invalid.",
    ),
    "wrong secret, basic": (
        basic("greenroom", "wrong"),
        401, "invalid_client", "The provided client secret is invalid.",
    ),
    "wrong secret at the refresh": (
        refresh_with(client_secret="wrong"),
        401, "invalid_client", "The provided client secret is invalid.",
    ),
    "broken basic": (
        lambda at: at.http.post(
            "/token",
            data={"grant_type": "refresh_token"},
            headers={"Authorization": "Basic //79"},
        ),
        400, "invalid_request", "Could not determine client ID from request.",
    ),
    # Which grant
    "no grant type": (
        code_with(grant_type=""),
        400, "invalid_request", "Required parameter is missing: grant_type",
    ),
    "JSON instead of a form": (
        lambda at: at.http.post("/token", json={"grant_type": "authorization_code"}),
        400, "invalid_request", "Required parameter is missing: grant_type",
    ),
    "a grant that is not offered": (
        code_with(grant_type="password"),
        400, "unsupported_grant_type", "Invalid grant_type: password",
    ),
    # Codes
    "no code": (
        lambda at: exchange(at.http, ""),
        400, "invalid_request", "Missing required parameter: code",
    ),
    "unknown code": (
        lambda at: exchange(at.http, "4/unknown"), 400, "invalid_grant", "Malformed auth code.",
    ),
    "an access token for a code": (
        lambda at: exchange(at.http, at.google.issue_access_token(PRIYA, ["calendar"])),
        400, "invalid_grant", "Malformed auth code.",
    ),
    "used code": (
        lambda at: exchange(at.http, at.used_code()), 400, "invalid_grant", "Bad Request",
    ),
    "late code": (
        lambda at: exchange(at.http, at.late_code()), 400, "invalid_grant", "Bad Request",
    ),
    "another redirect URI": (
        code_with(redirect_uri=LOOPBACK), 400, "redirect_uri_mismatch", "Bad Request",
    ),
    "no redirect URI": (
        code_with(redirect_uri=""), 400, "redirect_uri_mismatch", "Bad Request",
    ),
    "no verifier": (
        lambda at: exchange(at.http, agree(at.http, **S256)),
        400, "invalid_grant", "Missing code verifier.",
    ),
    "wrong verifier": (
        lambda at: exchange(at.http, agree(at.http, **S256), code_verifier="w" * 50),
        400, "invalid_grant", "Invalid code verifier.",
    ),
    "the challenge for the verifier": (
        lambda at: exchange(
            at.http, agree(at.http, **S256), code_verifier=S256["code_challenge"]
        ),
        400, "invalid_grant", "Invalid code verifier.",
    ),
    "short verifier": (
        lambda at: exchange(at.http, agree(at.http, **S256), code_verifier="short"),
        400, "invalid_grant", "Invalid code verifier.",
    ),
    "verifier without challenge": (
        code_with(code_verifier=VERIFIER),
        400, "invalid_grant", "code_verifier or verifier is not needed.",
    ),
    # Refresh tokens
    "no refresh token": (
        lambda at: refresh(at.http, ""),
        400, "invalid_request", "Missing required parameter: refresh_token",
    ),
    "no refresh token at all": (
        lambda at: refresh(at.http, "garbage"), 400, "invalid_grant", "Bad Request",
    ),
    "revoked refresh token": (
        lambda at: refresh(at.http, at.revoked_refresh_token()), 400, "invalid_grant", GONE,
    ),
    "an access token for a refresh token": (
        lambda at: refresh(at.http, at.google.issue_access_token(PRIYA, ["calendar"])),
        400, "invalid_grant", "Bad Request",
    ),
    "more than was granted": (
        refresh_with(scope=CALENDAR), 400, "invalid_scope", "Bad Request",
    ),
    # Assertions
    "no assertion": (
        lambda at: at.assert_with(""),
        400, "invalid_request", "Missing required parameter: assertion",
    ),
    "no JWT": (lambda at: at.assert_with("a.b.c"), 400, "invalid_grant", SIGNATURE),
    "another key": (lambda at: at.forged(), 400, "invalid_grant", SIGNATURE),
    "unknown service account": (
        lambda at: at.assertion(iss="other@project.iam.gserviceaccount.com"),
        400, "invalid_grant", "Invalid grant: account not found",
    ),
    "no issuer": (lambda at: at.assertion(iss=None), 400, "invalid_grant", SIGNATURE),
    "for somebody else": (
        lambda at: at.assertion(aud="https://else.example/token"),
        400, "invalid_grant", AUDIENCE,
    ),
    "for nobody": (lambda at: at.assertion(aud=None), 400, "invalid_grant", AUDIENCE),
    "over": (
        lambda at: at.assertion(exp=int(at.clock.now.timestamp())),
        400, "invalid_grant", SHORT_LIVED,
    ),
    "longer than an hour": (
        lambda at: at.assertion(exp=int(at.clock.now.timestamp()) + 3601),
        400, "invalid_grant", SHORT_LIVED,
    ),
    "from the future": (
        lambda at: at.assertion(
            iat=int(at.clock.now.timestamp()) + 61, exp=int(at.clock.now.timestamp()) + 62
        ),
        400, "invalid_grant", SHORT_LIVED,
    ),
    "without times": (
        lambda at: at.assertion(iat=None, exp="soon"), 400, "invalid_grant", SHORT_LIVED,
    ),
    "without scopes": (
        lambda at: at.assertion(scope=""),
        400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.",
    ),
    "a scope that is none": (
        lambda at: at.assertion(scope="https://www.googleapis.com/auth/calendar.nonsense"),
        400, "invalid_scope", "Invalid OAuth scope or ID token audience provided.",
    ),
    "a scope that is not delegated": (
        lambda at: at.assertion(scope=f"{CALENDAR} {FREE_BUSY}"),
        401, "unauthorized_client", UNAUTHORIZED,
    ),
    "a user that is none": (
        lambda at: at.assertion(sub="nobody@acme.example"),
        400, "invalid_grant", "Invalid email or User ID",
    ),
    "a user of another domain": (
        lambda at: at.assertion(sub=ADA), 400, "invalid_grant", "Invalid email or User ID",
    ),
    # Revocation, tokeninfo, userinfo
    "nothing to revoke": (
        lambda at: at.http.post("/revoke"),
        400, "invalid_request", "Missing required parameter: token",
    ),
    "unknown to revoke": (
        lambda at: at.http.post("/revoke", data={"token": "ya29.unknown"}),
        400, "invalid_token", "Token expired or revoked",
    ),
    "revoked before": (
        lambda at: at.http.get(f"/revoke?token={at.revoked_refresh_token()}"),
        400, "invalid_token", "Token expired or revoked",
    ),
    "late to revoke": (
        lambda at: at.http.post("/revoke", data={"token": at.late_access_token()}),
        400, "invalid_token", "Token expired or revoked",
    ),
    "a code to revoke": (
        lambda at: at.http.post("/revoke", data={"token": agree(at.http)}),
        400, "invalid_token", "Token expired or revoked",
    ),
    "nothing to tell about": (
        lambda at: at.http.get("/tokeninfo"),
        400, "invalid_request", "either access_token, id_token, or token_handle required",
    ),
    "unknown to tell about": (
        lambda at: at.http.get("/tokeninfo?access_token=ya29.unknown"),
        400, "invalid_token", "Invalid Value",
    ),
    "late to tell about": (
        lambda at: at.http.get(f"/tokeninfo?access_token={at.late_access_token()}"),
        400, "invalid_token", "Invalid Value",
    ),
    "no ID token": (
        lambda at: at.http.get("/tokeninfo?id_token=a.b.c"),
        400, "invalid_token", "Invalid Value",
    ),
    "late ID token": (
        lambda at: at.http.get(f"/tokeninfo?id_token={at.late_id_token()}"),
        400, "invalid_token", "Invalid Value",
    ),
    "userinfo for nobody": (
        lambda at: at.http.get("/userinfo"), 401, "invalid_request", "Invalid Credentials",
    ),
    "userinfo too late": (
        lambda at: at.http.get("/userinfo", headers=bearer(at.late_access_token())),
        401, "invalid_request", "Invalid Credentials",
    ),
    "userinfo without its scopes": (
        lambda at: at.http.get(
            "/userinfo", headers=bearer(at.google.issue_access_token(PRIYA, ["calendar"]))
        ),
        401, "invalid_request", "Invalid Credentials",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_is_google_s(at: Situation, name: str) -> None:
    attempt, status, error, description = REFUSALS[name]
    answer = attempt(at)
    assert (answer.status_code, answer.json) == (
        status,
        {"error": error, "error_description": description},
    )


PAGES = {
    "no client": (asked(client_id=""), 400, "invalid_request", "parameter: client_id"),
    "unknown client": (asked(client_id="x"), 401, "invalid_client", "client was not found."),
    "no redirect URI": (asked(redirect_uri=""), 400, "invalid_request", "parameter: redirect_uri"),
    "other redirect URI": (asked(redirect_uri=f"{CALLBACK}/"), 400, "redirect_uri_mismatch", ""),
    "odd redirect URI": (asked(redirect_uri='"é\\'), 400, "redirect_uri_mismatch", ""),
    "no response type": (asked(response_type=""), 400, "invalid_request", "response_type"),
    "implicit": (asked(response_type="token"), 400, "unsupported_response_type", "type: token"),
    "odd response type": (asked(response_type='"\\'), 400, "unsupported_response_type", ""),
    "no scope": (asked(scope=""), 400, "invalid_request", "Missing required parameter: scope"),
    "unknown scope": (asked(scope="openid nonsense"), 400, "invalid_scope", "nonsense"),
    "unknown calendar scope": (asked(scope=f"{CALENDAR}.nonsense"), 400, "invalid_scope", ""),
    "unknown prompt": (asked(prompt="login"), 400, "invalid_request", "Invalid prompt: login"),
    "none with others": (asked(prompt="none consent"), 400, "invalid_request", "none consent"),
    "unknown access type": (asked(access_type="always"), 400, "invalid_request", "access_type"),
    "unknown PKCE": (
        asked(code_challenge=VERIFIER, code_challenge_method="S512"),
        400, "invalid_request", "code_challenge_method",
    ),
    "bad challenge": (asked(code_challenge="short"), 400, "invalid_request", "code_challenge"),
    "method alone": (asked(code_challenge_method="S256"), 400, "invalid_request", "parameter: cod"),
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_a_request_that_makes_no_sense_is_shown_to_the_person(http: FlaskClient, name: str) -> None:
    given, status, error, words = PAGES[name]
    for answer in (
        http.get("/authorize", query_string=given),
        http.post("/authorize", data=given | {"account": PRIYA}),
    ):
        assert answer.status_code == status
        assert f"Error {status}: {error}." in answer.text
        assert words in answer.text
        assert "Location" not in answer.headers


def test_a_parameter_is_said_once(http: FlaskClient) -> None:
    answer = http.get("/authorize", query_string=[*asked().items(), ("scope", "email")])
    assert answer.status_code == 400
    assert "OAuth 2 parameters can only have a single value: scope" in answer.text


def test_an_account_that_is_none_or_a_room_cannot_be_chosen(http: FlaskClient) -> None:
    for nobody in ("", "nobody@acme.example", "aurora@acme.example"):
        answer = http.post("/authorize", data=asked() | {"account": nobody})
        assert (answer.status_code, "No such account." in answer.text) == (400, True)


def test_a_refused_code_stays_good(http: FlaskClient) -> None:
    code = agree(http, **S256)
    assert exchange(http, code, client_secret="wrong").status_code == 401
    assert exchange(http, code, redirect_uri=LOOPBACK).status_code == 400
    assert exchange(http, code, code_verifier="w" * 50).status_code == 400
    assert exchange(http, code, code_verifier=VERIFIER).status_code == 200


_PARAMETERS = (
    "grant_type", "code", "refresh_token", "assertion", "client_id", "client_secret", "scope",
    "redirect_uri", "code_verifier",
)  # fmt: skip
_VALUES = st.sampled_from(
    ["authorization_code", "refresh_token", JWT_BEARER, "greenroom", "shh", CALLBACK, "e30.e30.x"]
) | st.text(max_size=30)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(form=st.dictionaries(st.sampled_from(_PARAMETERS), _VALUES))
def test_whatever_comes_the_token_endpoint_refuses_in_order(
    http: FlaskClient, form: dict[str, str]
) -> None:
    answer = http.post("/token", data=form)
    assert answer.status_code in (400, 401)
    assert set(answer.json or {}) == {"error", "error_description"}


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    changed=st.dictionaries(
        st.sampled_from([*asked(), "prompt", "hd", "login_hint", "access_type", "code_challenge"]),
        st.text(max_size=30),
    )
)
def test_whatever_comes_the_consent_page_stands(http: FlaskClient, changed: dict[str, str]) -> None:
    given = asked(**changed)
    shown = http.get("/authorize", query_string=given)
    assert shown.status_code in (200, 400, 401)
    answer = http.post("/authorize", data=given | {"account": PRIYA})
    assert (answer.status_code == 303) is (shown.status_code == 200)
    if answer.status_code == 303:
        assert sent_back(answer).get("state", "") == given.get("state", "")
