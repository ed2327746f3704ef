"""The life of a token: what ends it, what it opens, what is told about it, who signs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from joserfc.errors import InvalidKeyIdError

from scheduler.emulator import tokens
from scheduler.emulator.server import Emulator
from tests.emulator.conftest import ADA, PRIYA, Clock
from tests.emulator.oauth_client import (
    CALENDAR,
    FREE_BUSY,
    agree,
    api,
    bearer,
    claims,
    exchange,
    offline,
    refresh,
)


class TestCodes:
    """ "If an authorization code is used more than once, the authorization server MUST deny the
    request and SHOULD revoke … all tokens previously issued based on that code" (RFC 6749, 4.1.2)."""

    def test_a_second_use_is_refused_and_takes_back_what_the_first_gave(
        self, http: FlaskClient
    ) -> None:
        code = agree(http, scope=CALENDAR, access_type="offline")
        first = exchange(http, code).json
        later = refresh(http, first["refresh_token"]).json
        assert api(http, first["access_token"]) == api(http, later["access_token"]) == 200
        for _ in range(2):
            again = exchange(http, code)
            assert again.status_code == 400
            assert again.json == {"error": "invalid_grant", "error_description": "Bad Request"}
        assert api(http, first["access_token"]) == api(http, later["access_token"]) == 401
        assert refresh(http, first["refresh_token"]).status_code == 400

    def test_it_takes_nothing_else(self, http: FlaskClient) -> None:
        other = offline(http, scope=CALENDAR)
        code = agree(http, scope=CALENDAR)
        assert exchange(http, code).status_code == 200
        assert exchange(http, code).status_code == 400
        assert api(http, other["access_token"]) == 200
        assert refresh(http, other["refresh_token"]).status_code == 200

    def test_a_thief_needs_the_clients_secret_to_do_harm(self, http: FlaskClient) -> None:
        code = agree(http, scope=CALENDAR)
        token = exchange(http, code).json["access_token"]
        assert exchange(http, code, client_secret="guessed").status_code == 401
        assert api(http, token) == 200


class TestRefreshTokens:
    def test_a_refresh_token_stays_good(self, http: FlaskClient, clock: Clock) -> None:
        token = offline(http)["refresh_token"]
        clock.advance(timedelta(days=400))
        for _ in range(2):
            again = refresh(http, token)
            assert (again.status_code, "refresh_token" in again.json) == (200, False)
            assert "nonce" not in claims(http, again.json["id_token"])

    def test_they_may_rotate(self, http: FlaskClient, google: Emulator) -> None:
        google.world.set_switches(rotate_refresh_tokens=True)
        first = offline(http, scope=f"{CALENDAR} {FREE_BUSY}")["refresh_token"]
        second = refresh(http, first, scope=FREE_BUSY).json["refresh_token"]
        assert second != first
        assert refresh(http, first).json["error"] == "invalid_grant"
        everything = refresh(http, second).json
        assert set(everything["scope"].split()) == {CALENDAR, FREE_BUSY}

    def test_a_refused_refresh_rotates_nothing(self, http: FlaskClient, google: Emulator) -> None:
        google.world.set_switches(rotate_refresh_tokens=True)
        token = offline(http, scope=FREE_BUSY)["refresh_token"]
        assert refresh(http, token, scope=CALENDAR).status_code == 400
        assert refresh(http, token).status_code == 200

    def test_the_hundred_and_first_ends_the_oldest(
        self, http: FlaskClient, google: Emulator, clock: Clock
    ) -> None:
        def one() -> str:
            clock.advance(timedelta(seconds=1))
            return google.issue_refresh_token(PRIYA, ["calendar"])

        somebody_else = google.issue_refresh_token(ADA, ["calendar"])
        oldest, second, *_ = [one() for _ in range(tokens.REFRESH_TOKENS_KEPT)]
        assert refresh(http, oldest).status_code == 200
        one()
        assert refresh(http, oldest).json["error_description"] == (
            "Token has been expired or revoked."
        )
        assert refresh(http, second).status_code == refresh(http, somebody_else).status_code == 200


class TestRevocation:
    @pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
    def test_either_token_ends_the_consent_of_the_account(
        self, http: FlaskClient, kind: str
    ) -> None:
        earlier = offline(http, scope=CALENDAR)
        answer = offline(http, scope=CALENDAR)
        somebody_else = offline(http, ADA, scope=CALENDAR)
        revoked = http.post("/revoke", data={"token": answer[kind]})
        assert (revoked.status_code, revoked.json) == (200, {})
        for gone in (earlier, answer):
            assert api(http, gone["access_token"]) == 401
            assert refresh(http, gone["refresh_token"]).json["error"] == "invalid_grant"
        assert api(http, somebody_else["access_token"]) == 200
        asked_anew = agree(http, scope=CALENDAR, access_type="offline")
        assert "refresh_token" in exchange(http, asked_anew).json

    def test_a_code_that_waits_dies_with_the_consent(self, http: FlaskClient) -> None:
        token = offline(http)["refresh_token"]
        waiting = agree(http)
        http.post("/revoke", data={"token": token})
        assert exchange(http, waiting).json["error"] == "invalid_grant"

    def test_the_switch_confines_it_to_one_sign_in(
        self, http: FlaskClient, google: Emulator
    ) -> None:
        google.world.set_switches(revocation="grant")
        earlier, answer = offline(http, scope=CALENDAR), offline(http, scope=CALENDAR)
        http.post("/revoke", data={"token": answer["refresh_token"]})
        assert api(http, answer["access_token"]) == 401
        assert api(http, earlier["access_token"]) == 200
        assert refresh(http, earlier["refresh_token"]).status_code == 200

    def test_a_token_that_nobody_agreed_to_ends_alone(
        self, http: FlaskClient, google: Emulator
    ) -> None:
        agreed = offline(http, scope=CALENDAR)
        delegated = google.issue_access_token(PRIYA, ["calendar"])  # as to a service account
        http.post("/revoke", data={"token": delegated})
        assert api(http, delegated) == 401
        assert api(http, agreed["access_token"]) == 200
        assert refresh(http, agreed["refresh_token"]).status_code == 200

    def test_it_works_by_get_and_by_post(self, http: FlaskClient) -> None:
        for method in ("GET", "POST"):
            token = offline(http)["refresh_token"]
            query = http.open(f"/revoke?token={token}", method=method)
            assert query.status_code == 200, method
            assert refresh(http, token).status_code == 400


class TestAccessTokens:
    def test_a_dead_token_is_401(self, http: FlaskClient, clock: Clock) -> None:
        late, revoked = offline(http, scope=CALENDAR), offline(http, ADA, scope=CALENDAR)
        http.post("/revoke", data={"token": revoked["refresh_token"]})
        assert late["expires_in"] == 3599
        clock.advance(timedelta(seconds=3598))
        assert api(http, late["access_token"]) == 200
        clock.advance(timedelta(seconds=1))
        for token in (
            late["access_token"],
            revoked["access_token"],
            "ya29.unknown",
            late["refresh_token"],
            agree(http),
        ):
            answer = http.get("/calendar/v3/users/me/calendarList", headers=bearer(token))
            error = (answer.json or {})["error"]
            assert (answer.status_code, error["code"]) == (401, 401)
            assert error["errors"][0]["reason"] == "authError"
            assert error["status"] == "UNAUTHENTICATED"
            assert answer.headers["WWW-Authenticate"].startswith("Bearer ")

    def test_a_deleted_store_row_is_swept_a_day_later(
        self, http: FlaskClient, google: Emulator, clock: Clock
    ) -> None:
        for _ in range(3):
            exchange(http, agree(http, scope=CALENDAR))
        clock.advance(timedelta(days=1, hours=2))
        exchange(http, agree(http, scope=CALENDAR))
        rows = google.world.store.all("SELECT kind FROM token ORDER BY kind")
        assert [row["kind"] for row in rows] == [tokens.ACCESS, tokens.USED_CODE]


class TestTokenInfo:
    def test_what_an_access_token_stands_for(self, http: FlaskClient, clock: Clock) -> None:
        token = offline(http, scope=f"openid email {CALENDAR}")
        clock.advance(timedelta(seconds=99))
        told = http.get("/tokeninfo", query_string={"access_token": token["access_token"]}).json
        assert told is not None
        assert set(told.pop("scope").split()) == set(token["scope"].split())
        assert told.pop("sub") == claims(http, token["id_token"])["sub"]
        assert told == {
            "azp": "greenroom",
            "aud": "greenroom",
            "exp": str(int(clock.now.timestamp()) + 3500),
            "expires_in": "3500",
            "access_type": "offline",
            "email": PRIYA,
            "email_verified": "true",
        }
        bare = exchange(http, agree(http, scope=CALENDAR)).json
        told = http.post("/tokeninfo", data={"access_token": bare["access_token"]}).json
        assert told is not None
        assert (told["scope"], told["access_type"]) == (CALENDAR, "online")
        assert not {"sub", "email"} & set(told)

    def test_what_an_id_token_says(self, http: FlaskClient) -> None:
        token = exchange(http, agree(http)).json["id_token"]
        told = http.get("/tokeninfo", query_string={"id_token": token}).json
        inside = claims(http, token)
        assert told is not None
        assert {told.pop(name) for name in ("alg", "typ")} == {"RS256", "JWT"}
        assert told.pop("kid") in {key["kid"] for key in (http.get("/certs").json or {})["keys"]}
        assert told.pop("email_verified") == "true"
        assert told == {n: str(v) for n, v in inside.items() if n != "email_verified"}


class TestKeys:
    def keys(self, http: FlaskClient) -> list[str]:
        answer = http.get("/certs")
        assert answer.headers["Cache-Control"].startswith("public, max-age=")
        found = (answer.json or {})["keys"]
        for key in found:
            assert {"kty", "use", "alg", "kid", "n", "e"} == set(key)  # nothing private
        return [key["kid"] for key in found]

    def test_old_signatures_verify_for_a_day_after_a_rotation(
        self, http: FlaskClient, clock: Clock
    ) -> None:
        before = exchange(http, agree(http)).json["id_token"]
        old = self.keys(http)
        assert http.post("/_emulator/rotate-keys", json={}).status_code == 200
        after = exchange(http, agree(http)).json["id_token"]
        assert claims(http, before)["email"] == claims(http, after)["email"] == PRIYA
        new = self.keys(http)[0]
        assert self.keys(http) == [new, *old]
        clock.advance(timedelta(hours=23))
        assert http.post("/_emulator/rotate-keys", json={}).status_code == 200
        assert self.keys(http)[1:] == [new, *old]
        clock.advance(timedelta(hours=1))
        assert self.keys(http)[1:] == [new]
        assert claims(http, after)["email"] == PRIYA
        with pytest.raises(InvalidKeyIdError):
            claims(http, before)
