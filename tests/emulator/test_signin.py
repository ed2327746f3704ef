"""OAuth and OpenID Connect: the page, codes, tokens, keys, and every refusal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from scheduler.emulator import oauth
from scheduler.emulator.server import Emulator
from tests.emulator.conftest import ADA, BASE, PRIYA, Clock

CALLBACK = "http://localhost:8000/login/callback"
VERIFIER = "v" * 50
CHALLENGE = "zhVgyUZEVS2PxP27z5yF0VKVH8fpvPWcHOTTOUQAuDQ"


def asked(**changed: str) -> dict[str, str]:
    given = {
        "client_id": "greenroom",
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid email profile",
        "state": "s1",
        "nonce": "n1",
    }
    return {name: value for name, value in {**given, **changed}.items() if value}


def agree(http: FlaskClient, email: str = PRIYA, **changed: str) -> str:
    answer = http.post("/authorize", data=asked(**changed) | {"account": email})
    assert answer.status_code == 303, answer.text
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert query["state"] == ["s1"]
    return query["code"][0]


def exchange(http: FlaskClient, code: str, **changed: str) -> Any:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "client_id": "greenroom",
        "client_secret": "shh",
    }
    return http.post("/token", data={**form, **changed})


def claims(http: FlaskClient, id_token: str) -> dict[str, Any]:
    keys = KeySet.import_key_set(http.get("/certs").json)  # type: ignore[arg-type]
    return jwt.decode(id_token, keys, algorithms=["RS256"]).claims


def test_the_discovery_document_says_where_things_are(http: FlaskClient) -> None:
    found = http.get("/.well-known/openid-configuration").json
    assert found is not None
    assert found["issuer"] == BASE
    assert found["code_challenge_methods_supported"] == ["plain", "S256"]
    for name in (
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "revocation_endpoint",
        "jwks_uri",
    ):
        assert found[name].startswith(BASE + "/")


def test_the_page_has_one_form_per_account(http: FlaskClient) -> None:
    page = http.get("/authorize", query_string=asked())
    assert page.status_code == 200
    for name in ("Priya Raman", "Femi Adéyẹmí", "Ada Quist"):
        assert page.text.count(f"<b>{name}</b>") == 1
    assert "Aurora" not in page.text
    assert "form-action 'self' http://localhost:8000" in page.headers["Content-Security-Policy"]


def test_a_login_hint_and_hd_narrow_the_choice(http: FlaskClient) -> None:
    hinted = http.get("/authorize", query_string=asked(login_hint=PRIYA)).text
    assert ("Priya Raman" in hinted, "Ada Quist" in hinted) == (True, False)
    own_domain = http.get("/authorize", query_string=asked(hd="acme.example")).text
    assert ("Priya Raman" in own_domain, "Ada Quist" in own_domain) == (True, False)


def test_a_workspace_account_has_hd_and_a_candidate_has_none(http: FlaskClient) -> None:
    token = exchange(http, agree(http)).json
    told = claims(http, token["id_token"])
    assert (told["iss"], told["aud"], told["nonce"]) == (BASE, "greenroom", "n1")
    assert (told["email"], told["email_verified"], told["hd"]) == (PRIYA, True, "acme.example")
    assert told["exp"] - told["iat"] == 3600
    other = claims(http, exchange(http, agree(http, ADA)).json["id_token"])
    assert "hd" not in other
    assert other["sub"] != told["sub"]
    assert told["sub"].isdigit()
    who = http.get("/userinfo", headers={"Authorization": f"Bearer {token['access_token']}"}).json
    assert who is not None
    assert (who["sub"], who["name"]) == (told["sub"], "Priya Raman")


def test_scopes_come_back_in_full_and_add_up(http: FlaskClient) -> None:
    first = exchange(http, agree(http)).json
    assert set(first["scope"].split()) == {
        "openid",
        "https://www.googleapis.com/auth/userinfo.email",
        "https://www.googleapis.com/auth/userinfo.profile",
    }
    calendar = "https://www.googleapis.com/auth/calendar"
    more = exchange(http, agree(http, scope=calendar, include_granted_scopes="true")).json
    assert {calendar, "openid"} <= set(more["scope"].split())


def test_a_refresh_token_needs_offline_access_and_comes_with_consent(http: FlaskClient) -> None:
    assert "refresh_token" not in exchange(http, agree(http)).json
    first = exchange(http, agree(http, access_type="offline")).json
    assert "refresh_token" not in exchange(http, agree(http, access_type="offline")).json
    assert (
        "refresh_token" in exchange(http, agree(http, access_type="offline", prompt="consent")).json
    )
    form = {
        "grant_type": "refresh_token",
        "refresh_token": first["refresh_token"],
        "client_id": "greenroom",
    }
    again = http.post("/token", data={**form, "client_secret": "shh"}).json
    assert again is not None
    assert again["access_token"] != first["access_token"]
    assert "refresh_token" not in again
    assert http.post("/revoke", data={"token": first["refresh_token"]}).status_code == 200
    refused = http.post("/token", data={**form, "client_secret": "shh"})
    assert (refused.status_code, refused.json) == (
        400,
        {"error": "invalid_grant", "error_description": "Token has been expired or revoked."},
    )
    assert (
        http.get(
            "/userinfo", headers={"Authorization": f"Bearer {again['access_token']}"}
        ).status_code
        == 401
    )


def test_refresh_tokens_may_rotate(http: FlaskClient, google: Emulator) -> None:
    google.world.set_switches(rotate_refresh_tokens=True)
    first = exchange(http, agree(http, access_type="offline")).json["refresh_token"]
    form = {"grant_type": "refresh_token", "client_id": "greenroom", "client_secret": "shh"}
    second = http.post("/token", data={**form, "refresh_token": first}).json
    assert second is not None
    assert second["refresh_token"] != first
    assert http.post("/token", data={**form, "refresh_token": first}).status_code == 400
    assert (
        http.post("/token", data={**form, "refresh_token": second["refresh_token"]}).status_code
        == 200
    )


def test_a_code_is_good_once_and_for_ten_minutes(http: FlaskClient, clock: Clock) -> None:
    code = agree(http)
    assert exchange(http, code).status_code == 200
    again = exchange(http, code)
    assert (again.status_code, again.json["error"]) == (400, "invalid_grant")
    late = agree(http)
    clock.advance(timedelta(minutes=11))
    assert exchange(http, late).json["error"] == "invalid_grant"


def test_pkce_is_checked(http: FlaskClient) -> None:
    pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    assert (
        exchange(http, agree(http, **pkce), code_verifier="wrong").json["error"] == "invalid_grant"
    )
    assert exchange(http, agree(http, **pkce)).json["error"] == "invalid_grant"
    import base64
    import hashlib

    digest = hashlib.sha256(VERIFIER.encode()).digest()
    right = {**pkce, "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("=")}
    assert exchange(http, agree(http, **right), code_verifier=VERIFIER).status_code == 200


def test_the_redirect_uri_is_compared_at_both_steps(http: FlaskClient) -> None:
    page = http.get("/authorize", query_string=asked(redirect_uri="https://evil.example/"))
    assert page.status_code == 400
    assert "redirect_uri_mismatch" in page.text
    refused = http.post(
        "/authorize", data=asked(redirect_uri="https://evil.example/") | {"account": PRIYA}
    )
    assert refused.status_code == 400
    other = exchange(http, agree(http), redirect_uri="http://127.0.0.1:9797/cb")
    assert (other.status_code, other.json["error"]) == (400, "redirect_uri_mismatch")


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "wrong"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_the_token_endpoint_refuses(
    http: FlaskClient, changed: dict[str, str], status: int, error: str
) -> None:
    answer = exchange(http, agree(http), **changed)
    assert (answer.status_code, answer.json["error"]) == (status, error)


def test_an_unknown_code_is_an_invalid_grant(http: FlaskClient) -> None:
    assert exchange(http, "4/unknown").json["error"] == "invalid_grant"


def test_the_client_may_use_basic_authentication(http: FlaskClient) -> None:
    form = {"grant_type": "authorization_code", "code": agree(http), "redirect_uri": CALLBACK}
    assert http.post("/token", data=form, auth=("greenroom", "shh")).status_code == 200


def test_saying_no_and_asking_wrongly_lead_back_to_the_client(http: FlaskClient) -> None:
    denied = http.post("/authorize", data=asked() | {"decision": "deny"})
    assert parse_qs(urlsplit(denied.headers["Location"]).query) == {
        "error": ["access_denied"],
        "state": ["s1"],
    }
    for changed, error in (
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": ""}, "invalid_request"),
        ({"prompt": "none"}, "interaction_required"),
        ({"code_challenge_method": "S512"}, "invalid_request"),
    ):
        answer = http.get("/authorize", query_string=asked(**changed))
        assert parse_qs(urlsplit(answer.headers["Location"]).query)["error"] == [error]
    assert "invalid_client" in http.get("/authorize", query_string=asked(client_id="other")).text


def test_keys_rotate_and_old_signatures_still_verify(http: FlaskClient, google: Emulator) -> None:
    before = exchange(http, agree(http)).json["id_token"]
    assert http.post("/_emulator/rotate-keys", json={}).status_code == 200
    after = exchange(http, agree(http)).json["id_token"]
    assert claims(http, before)["email"] == claims(http, after)["email"] == PRIYA


def test_a_service_account_acts_for_a_user_within_its_scopes(
    http: FlaskClient, google: Emulator, clock: Clock
) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    robot, calendar = (
        "robot@project.iam.gserviceaccount.com",
        "https://www.googleapis.com/auth/calendar",
    )
    google.add_service_account(robot, public.decode(), [calendar])
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    now = int(clock.now.timestamp())

    def ask(**changed: Any) -> Any:
        told = {"iss": robot, "sub": PRIYA, "aud": f"{BASE}/token", "iat": now, "exp": now + 3600}
        assertion = jwt.encode(
            {"alg": "RS256"}, {**told, "scope": calendar, **changed}, RSAKey.import_key(pem)
        )
        grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
        return http.post("/token", data={"grant_type": grant, "assertion": assertion})

    token = ask().json["access_token"]
    assert oauth.principal(google.world, token).email == PRIYA
    bare = ask(sub=None).json["access_token"]
    assert oauth.principal(google.world, bare).is_bare_service_account
    assert ask(scope="https://www.googleapis.com/auth/drive").json["error"] == "unauthorized_client"
    assert ask(sub=ADA).json["error"] == "invalid_grant"
    assert ask(aud="https://else.example").json["error"] == "invalid_grant"
    assert ask(iss="other@x").json["error"] == "invalid_grant"
    assert ask(exp=now - 1).json["error"] == "invalid_grant"
