"""Authlib signs somebody in, as a client of the issuer: told nothing but the discovery document's address."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749.errors import MissingCodeException
from authlib.oauth2.rfc6749.parameters import parse_authorization_code_response
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from scheduler.emulator.server import Emulator
from scheduler.emulator.world import utc_now
from tests.emulator.conftest import ADA, DANA
from tests.fidelity.quotes import fidelity

CLIENT = "Authlib"

CALLBACK = "http://localhost:8000/login/callback"
IDENTITY = "openid email profile"
CALENDAR = "https://www.googleapis.com/auth/calendar.events"
VERIFIER = "v" * 64


@pytest.fixture
def now() -> Callable[[], datetime]:
    """The client looks at its own clock: an id token must be of now."""
    return utc_now


@pytest.fixture
def issuer(url: str) -> Any:
    """What the issuer says of itself."""
    return requests.get(get_well_known_url(url, external=True), timeout=10).json()


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client that is registered; `AUTHLIB_INSECURE_TRANSPORT` is Authlib's word for plain http."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    make: Any = OAuth2Session
    return make(
        "greenroom",
        "shh",
        scope=IDENTITY,
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
    )


def agreed(address: str, email: str = DANA) -> str:
    """Choose an account on the page of consent; return where it sends the browser."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    page = address.partition("?")[0]
    answer = requests.post(
        page, data={**asked, "account": email}, allow_redirects=False, timeout=10
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def signed_in(session: Any, issuer: Any, email: str = DANA, **asked: str) -> Any:
    """Walk the whole way to a token."""
    address, state = session.create_authorization_url(
        issuer["authorization_endpoint"], code_verifier=VERIFIER, **asked
    )
    return session.fetch_token(
        issuer["token_endpoint"],
        authorization_response=agreed(address, email),
        state=state,
        code_verifier=VERIFIER,
    )


def claims(token: Any, issuer: Any, nonce: str | None = None) -> Any:
    """Return the claims of an id token, after everything that a client must verify."""
    keys = KeySet.import_key_set(requests.get(issuer["jwks_uri"], timeout=10).json())
    decoded = jwt.decode(token["id_token"], keys, algorithms=["RS256"])
    found = CodeIDToken(
        decoded.claims,
        decoded.header,
        options={
            "iss": {"essential": True, "value": issuer["issuer"]},
            "aud": {"essential": True, "value": "greenroom"},
        },
        params={"nonce": nonce, "client_id": "greenroom", "access_token": token["access_token"]},
    )
    found.validate()
    return found


@fidelity(
    "OpenID Connect Discovery, 4",
    "the issuer publishes its metadata at /.well-known/openid-configuration",
)
def test_the_issuer_describes_itself(issuer: Any, url: str) -> None:
    metadata = OpenIDProviderMetadata(issuer)
    # The emulator speaks plain http on this machine, which the standard does not allow: all else is checked.
    for name in (
        "response_types_supported",
        "subject_types_supported",
        "id_token_signing_alg_values_supported",
        "token_endpoint_auth_methods_supported",
        "code_challenge_methods_supported",
    ):
        getattr(metadata, f"validate_{name}")()
    assert issuer["issuer"] == url
    assert "RS256" in issuer["id_token_signing_alg_values_supported"]


@fidelity("RFC 6749, 4.1", "Authorization Code Grant")
@fidelity(
    "OpenID Connect Core, 3.1.3.7",
    "ID Token Validation: iss, aud, exp, iat, nonce, at_hash, signature",
)
def test_somebody_signs_in(session: Any, issuer: Any) -> None:
    found = claims(signed_in(session, issuer, nonce="n-0S6"), issuer, nonce="n-0S6")
    assert (found["email"], found["email_verified"], found["name"]) == (DANA, True, "Dana Okafor")
    assert found["hd"] == "acme.example"
    assert found["sub"].isdigit()
    assert DANA not in found["sub"]


@fidelity(
    "OpenID Connect Core, 3.1.2.1",
    "nonce: the value is passed through unmodified to the ID Token",
)
def test_an_id_token_of_another_sign_in_is_noticed(session: Any, issuer: Any) -> None:
    token = signed_in(session, issuer, nonce="mine")
    with pytest.raises(JoseError, match="nonce"):
        claims(token, issuer, nonce="other")


@fidelity(
    "Guide: OpenID Connect",
    "hd: the domain of the user's Workspace organisation; absent for other accounts",
)
def test_an_account_without_a_domain_has_no_hd(session: Any, issuer: Any) -> None:
    assert "hd" not in claims(signed_in(session, issuer, ADA), issuer)


@fidelity(
    "RFC 7636, 4.6",
    "If the values are not equal, an error response indicating invalid_grant MUST be returned.",
)
def test_a_code_is_worth_nothing_without_its_verifier(session: Any, issuer: Any) -> None:
    address, state = session.create_authorization_url(
        issuer["authorization_endpoint"], code_verifier=VERIFIER
    )
    with pytest.raises(OAuthError) as refused:
        session.fetch_token(
            issuer["token_endpoint"],
            authorization_response=agreed(address),
            state=state,
            code_verifier="w" * 64,
        )
    assert refused.value.error == "invalid_grant"


@fidelity("RFC 6749, 4.1.2", "The client MUST NOT use the authorization code more than once.")
def test_a_code_is_good_once(session: Any, issuer: Any) -> None:
    address, state = session.create_authorization_url(
        issuer["authorization_endpoint"], code_verifier=VERIFIER
    )
    way = {"authorization_response": agreed(address), "state": state, "code_verifier": VERIFIER}
    session.fetch_token(issuer["token_endpoint"], **way)
    with pytest.raises(OAuthError) as refused:
        session.fetch_token(issuer["token_endpoint"], **way)
    assert refused.value.error == "invalid_grant"


@fidelity("RFC 6749, 4.1.3", "redirect_uri: their values MUST be identical")
def test_the_redirect_is_compared_twice(session: Any, issuer: Any) -> None:
    address, state = session.create_authorization_url(
        issuer["authorization_endpoint"], code_verifier=VERIFIER
    )
    with pytest.raises(OAuthError) as refused:
        session.fetch_token(
            issuer["token_endpoint"],
            authorization_response=agreed(address),
            state=state,
            code_verifier=VERIFIER,
            redirect_uri="http://127.0.0.1:9797/cb",
        )
    assert refused.value.error == "redirect_uri_mismatch"
    elsewhere, _ = session.create_authorization_url(
        issuer["authorization_endpoint"], redirect_uri="https://evil.example/cb"
    )
    assert requests.get(elsewhere, allow_redirects=False, timeout=10).status_code == 400


@fidelity("RFC 6749, 5.2", "invalid_client: Client authentication failed")
def test_a_client_must_know_its_secret(session: Any, issuer: Any) -> None:
    session.client_secret = "guessed"
    with pytest.raises(OAuthError) as refused:
        signed_in(session, issuer)
    assert refused.value.error == "invalid_client"


@fidelity(
    "Guide: OAuth web server", "access_type=offline: a refresh token is returned the first time"
)
@fidelity("RFC 6749, 6", "Refreshing an Access Token")
def test_offline_access_outlives_its_token(session: Any, issuer: Any) -> None:
    token = signed_in(session, issuer, access_type="offline", prompt="consent")
    renewed = session.refresh_token(issuer["token_endpoint"], token["refresh_token"])
    assert renewed["access_token"] != token["access_token"]
    assert session.get(issuer["userinfo_endpoint"]).json()["email"] == DANA
    assert "refresh_token" not in signed_in(session, issuer)


@fidelity("RFC 7009, 2", "Token Revocation")
def test_a_revoked_consent_is_over(session: Any, issuer: Any, google: Emulator) -> None:
    token = signed_in(session, issuer, access_type="offline", prompt="consent")
    answer = session.revoke_token(issuer["revocation_endpoint"], token["refresh_token"])
    assert answer.status_code == 200
    with pytest.raises(OAuthError) as refused:
        session.refresh_token(issuer["token_endpoint"], token["refresh_token"])
    assert refused.value.error == "invalid_grant"
    assert session.get(issuer["userinfo_endpoint"], withhold_token=True).status_code == 401


@fidelity(
    "OpenID Connect Core, 5.3",
    "UserInfo Endpoint: the sub Claim MUST be verified to exactly match the sub Claim in the ID Token",
)
def test_userinfo_speaks_of_the_same_person(session: Any, issuer: Any) -> None:
    token = signed_in(session, issuer)
    told = session.get(issuer["userinfo_endpoint"]).json()
    found = claims(token, issuer)
    assert (told["sub"], told["email"]) == (found["sub"], found["email"])


@fidelity(
    "Guide: OAuth web server",
    "include_granted_scopes=true: the new token covers what was granted before",
)
def test_scopes_grow(session: Any, issuer: Any) -> None:
    signed_in(session, issuer)
    session.scope = CALENDAR
    token = signed_in(session, issuer, include_granted_scopes="true")
    assert CALENDAR in token["scope"]
    assert "openid" in token["scope"].split()


@fidelity(
    "RFC 6749, 4.1.2.1",
    "access_denied: The resource owner or authorization server denied the request.",
)
def test_somebody_says_no(session: Any, issuer: Any) -> None:
    address, state = session.create_authorization_url(
        issuer["authorization_endpoint"], code_verifier=VERIFIER
    )
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    answer = requests.post(
        address.partition("?")[0], data={**asked, "decision": "deny"}, allow_redirects=False, timeout=10
    )  # fmt: skip
    told = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert (told["error"], told["state"]) == (["access_denied"], [state])
    with pytest.raises(OAuth2Error) as refused:
        parse_authorization_code_response(answer.headers["Location"], state=state)
    assert isinstance(refused.value, MissingCodeException)


@fidelity("RFC 7517, 5", "JWK Set: keys are rotated; old signatures verify for a while")
def test_keys_are_changed_without_anybody_noticing(session: Any, issuer: Any, url: str) -> None:
    before = signed_in(session, issuer)
    assert requests.post(f"{url}/_emulator/rotate-keys", timeout=10).status_code == 200
    after = signed_in(session, issuer)
    assert claims(before, issuer)["sub"] == claims(after, issuer)["sub"]
    kids = {jwt_header(each["id_token"])["kid"] for each in (before, after)}
    assert len(kids) == 2


def jwt_header(token: str) -> dict[str, Any]:
    part = token.partition(".")[0]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found
