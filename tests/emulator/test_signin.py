"""Signing in through the consent page: what the page shows, and what the client learns."""

from __future__ import annotations

from datetime import timedelta

from flask.testing import FlaskClient

from scheduler.emulator.server import Emulator
from tests.emulator.conftest import ADA, BASE, PRIYA, Clock
from tests.emulator.oauth_client import (
    CALENDAR,
    CALLBACK,
    LOOPBACK,
    USERINFO_EMAIL,
    USERINFO_PROFILE,
    VERIFIER,
    agree,
    asked,
    bearer,
    challenge_of,
    claims,
    exchange,
    offline,
    refresh,
    sent_back,
)


def test_the_discovery_document_says_where_things_are(http: FlaskClient) -> None:
    found = http.get("/.well-known/openid-configuration").json
    assert found is not None
    assert found["issuer"] == BASE
    assert found["code_challenge_methods_supported"] == ["plain", "S256"]
    assert found["authorization_response_iss_parameter_supported"] is True
    for name in (
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "revocation_endpoint",
        "jwks_uri",
    ):
        path = found[name].removeprefix(BASE)
        assert http.open(path, method="OPTIONS").status_code == 200, name


def test_the_page_has_one_form_per_account(http: FlaskClient) -> None:
    page = http.get("/authorize", query_string=asked())
    assert page.status_code == 200
    for name in ("Priya Raman", "Femi Adéyẹmí", "Ada Quist"):
        assert page.text.count(f"<b>{name}</b>") == 1
    assert "Aurora" not in page.text
    assert "form-action 'self' http://localhost:8000" in page.headers["Content-Security-Policy"]


def test_a_login_hint_and_hd_narrow_the_choice(http: FlaskClient) -> None:
    def shown(**changed: str) -> tuple[bool, bool]:
        page = http.get("/authorize", query_string=asked(**changed)).text
        return "Priya Raman" in page, "Ada Quist" in page

    assert shown(login_hint=PRIYA) == (True, False)
    subject = claims(http, exchange(http, agree(http)).json["id_token"])["sub"]
    assert shown(login_hint=subject) == (True, False)
    assert shown(login_hint=PRIYA, prompt="select_account") == (True, True)
    page = http.get("/authorize", query_string=asked(login_hint=ADA, prompt="select_account")).text
    assert page.index("Ada Quist") < page.index("Priya Raman")
    assert shown(login_hint="nobody@acme.example") == (True, True)
    assert shown(hd="acme.example") == (True, False)
    assert shown(hd="*") == (True, False)
    assert shown(hd="elsewhere.example") == (False, False)


def test_hd_is_no_lock(http: FlaskClient) -> None:
    told = claims(http, exchange(http, agree(http, ADA, hd="acme.example")).json["id_token"])
    assert (told["email"], "hd" in told) == (ADA, False)


def test_a_workspace_account_has_hd_and_a_candidate_has_none(http: FlaskClient) -> None:
    token = exchange(http, agree(http)).json
    told = claims(http, token["id_token"])
    assert (told["iss"], told["aud"], told["azp"]) == (BASE, "greenroom", "greenroom")
    assert told["nonce"] == "n1"
    assert (told["email"], told["email_verified"], told["hd"]) == (PRIYA, True, "acme.example")
    assert told["exp"] - told["iat"] == 3600
    other = claims(http, exchange(http, agree(http, ADA)).json["id_token"])
    assert "hd" not in other
    assert other["sub"] != told["sub"]
    assert told["sub"].isdigit()
    assert "nonce" not in claims(http, exchange(http, agree(http, nonce="")).json["id_token"])
    who = http.get("/userinfo", headers=bearer(token["access_token"])).json
    assert who is not None
    assert (who["sub"], who["name"]) == (told["sub"], "Priya Raman")


def test_each_scope_shows_its_claims(http: FlaskClient) -> None:
    def told(scope: str) -> set[str]:
        token = exchange(http, agree(http, scope=scope)).json
        who = http.get("/userinfo", headers=bearer(token["access_token"])).json
        in_token = set(claims(http, token["id_token"]))
        assert who is not None
        assert set(who) <= in_token
        return set(who)

    assert told("openid") == {"sub", "hd"}
    assert told("openid email") == {"sub", "hd", "email", "email_verified"}
    assert told("openid profile") == {"sub", "hd", "name", "given_name", "family_name", "picture"}
    assert told(USERINFO_EMAIL) == told("email") == {"sub", "hd", "email", "email_verified"}


def test_no_id_token_without_openid(http: FlaskClient) -> None:
    assert "id_token" not in exchange(http, agree(http, scope=CALENDAR)).json


def test_scopes_come_back_in_full(http: FlaskClient) -> None:
    everything = {"openid", USERINFO_EMAIL, USERINFO_PROFILE}
    assert set(exchange(http, agree(http)).json["scope"].split()) == everything
    address = exchange(http, agree(http, scope="email")).json["scope"]
    assert set(address.split()) == {"openid", USERINFO_EMAIL}


def test_the_way_back_carries_googles_parameters(http: FlaskClient) -> None:
    back = sent_back(http.post("/authorize", data=asked() | {"account": PRIYA}))
    assert back.pop("code").startswith("4/0")
    assert set(back.pop("scope").split()) == {"openid", USERINFO_EMAIL, USERINFO_PROFILE}
    assert back == {
        "state": "s1",
        "authuser": "0",
        "hd": "acme.example",
        "prompt": "consent",
        "iss": BASE,
    }


def test_a_query_of_the_redirect_uri_is_kept(google: Emulator, http: FlaskClient) -> None:
    answer = http.post("/authorize", data=asked(redirect_uri=LOOPBACK) | {"account": PRIYA})
    assert answer.headers["Location"].startswith(f"{LOOPBACK}?state=s1&code=")


def test_saying_no_leads_back_to_the_client(http: FlaskClient) -> None:
    denied = http.post("/authorize", data=asked() | {"decision": "deny"})
    assert sent_back(denied) == {"error": "access_denied", "state": "s1", "iss": BASE}


def test_pkce_is_checked(http: FlaskClient) -> None:
    s256 = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
    plain = {"code_challenge": VERIFIER}
    for pkce in (s256, plain):
        code = agree(http, **pkce)
        wrong = exchange(http, code, code_verifier="w" * 50)
        assert (wrong.status_code, wrong.json["error"]) == (400, "invalid_grant")
        assert exchange(http, code).json["error"] == "invalid_grant"
        assert exchange(http, code, code_verifier=VERIFIER).status_code == 200


def test_the_redirect_uri_is_compared_at_both_steps(http: FlaskClient) -> None:
    elsewhere = asked(redirect_uri="https://evil.example/")
    for refused in (
        http.get("/authorize", query_string=elsewhere),
        http.post("/authorize", data=elsewhere | {"account": PRIYA}),
    ):
        assert refused.status_code == 400
        assert "Error 400: redirect_uri_mismatch. https://evil.example/ is not" in refused.text
        assert "Location" not in refused.headers
    other = exchange(http, agree(http), redirect_uri=LOOPBACK)
    assert (other.status_code, other.json["error"]) == (400, "redirect_uri_mismatch")


def test_a_code_is_good_for_ten_minutes(http: FlaskClient, clock: Clock) -> None:
    early, late = agree(http), agree(http)
    clock.advance(timedelta(minutes=9, seconds=59))
    assert exchange(http, early).status_code == 200
    clock.advance(timedelta(seconds=1))
    assert exchange(http, late).json["error"] == "invalid_grant"


def test_the_client_may_use_basic_authentication(http: FlaskClient) -> None:
    form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
    signed_in = http.post("/token", data={**form, "code": agree(http)}, auth=("greenroom", "shh"))
    assert signed_in.status_code == 200
    token = offline(http)["refresh_token"]
    again = http.post(
        "/token",
        data={"grant_type": "refresh_token", "refresh_token": token},
        auth=("greenroom", "shh"),
    )
    assert again.status_code == 200


def test_an_answer_of_the_token_endpoint_is_never_cached(http: FlaskClient) -> None:
    for answer in (exchange(http, agree(http)), exchange(http, "4/unknown"), refresh(http, "x")):
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
