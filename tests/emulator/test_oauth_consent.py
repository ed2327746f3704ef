"""Consent over time: asked once, asked again, added to, and answered without a page."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from scheduler.emulator.server import Emulator, create_emulator
from tests.emulator.conftest import ADA, BASE, DANA, PRIYA, Clock, settings
from tests.emulator.oauth_client import (
    CALENDAR,
    FREE_BUSY,
    USERINFO_EMAIL,
    agree,
    api,
    asked,
    exchange,
    offline,
    refresh,
    sent_back,
)


def said(http: FlaskClient, email: str = PRIYA, **changed: str) -> str:
    """Agree; return whether Google would have asked the person: "consent" or "none"."""
    back = sent_back(http.post("/authorize", data=asked(**changed) | {"account": email}))
    return back["prompt"]


def silently(http: FlaskClient, **changed: str) -> dict[str, str]:
    """Ask without a page; return what comes back."""
    return sent_back(http.get("/authorize", query_string=asked(prompt="none", **changed)))


def has_refresh_token(http: FlaskClient, **changed: str) -> bool:
    return "refresh_token" in exchange(http, agree(http, **changed)).json


class TestAskedOnce:
    """ "The refresh_token is only returned on the first authorization" (OAuth 2.0 for web servers)."""

    def test_only_offline_access_gives_a_refresh_token(self, http: FlaskClient) -> None:
        assert not has_refresh_token(http)
        assert not has_refresh_token(http, access_type="online", prompt="consent")
        assert has_refresh_token(http, access_type="offline")

    def test_it_comes_with_the_first_yes_and_with_prompt_consent(self, http: FlaskClient) -> None:
        assert has_refresh_token(http, access_type="offline")
        assert not has_refresh_token(http, access_type="offline")
        assert not has_refresh_token(http, access_type="offline", prompt="select_account")
        assert has_refresh_token(http, access_type="offline", prompt="consent")
        assert has_refresh_token(http, access_type="offline", prompt="select_account consent")

    def test_a_first_yes_that_was_never_exchanged_counts(self, http: FlaskClient) -> None:
        agree(http, access_type="offline")
        assert not has_refresh_token(http, access_type="offline")

    def test_each_account_is_asked_for_itself(self, http: FlaskClient) -> None:
        assert has_refresh_token(http, access_type="offline")
        assert "refresh_token" in exchange(http, agree(http, ADA, access_type="offline")).json

    def test_a_person_is_asked_about_what_is_new(self, http: FlaskClient) -> None:
        assert said(http) == "consent"
        assert said(http) == "none"
        assert said(http, scope="email") == "none"
        assert said(http, scope=f"openid {CALENDAR}") == "consent"
        assert said(http, access_type="offline") == "consent"
        assert said(http, access_type="offline", scope=CALENDAR) == "none"
        assert said(http, prompt="consent") == "consent"
        assert has_refresh_token(http, access_type="offline", scope=FREE_BUSY)

    def test_after_taking_the_consent_back_all_is_asked_anew(
        self, http: FlaskClient, google: Emulator
    ) -> None:
        token = offline(http)["refresh_token"]
        google.revoke_all(PRIYA)
        assert refresh(http, token).status_code == 400
        assert said(http) == "consent"

    def test_it_survives_a_restart(self, tmp_path: Path, clock: Clock) -> None:
        app = create_emulator(settings(tmp_path / "google.db"), clock)
        token = offline(app.test_client())["refresh_token"]
        app.extensions["emulator"].close()
        again = create_emulator(settings(tmp_path / "google.db"), clock)
        http = again.test_client()
        assert said(http, access_type="offline") == "none"
        assert refresh(http, token).status_code == 200
        again.extensions["emulator"].close()


class TestAddedTo:
    """include_granted_scopes: "will also cover any scopes to which the user previously granted"."""

    def scopes(self, http: FlaskClient, **changed: str) -> set[str]:
        return set(exchange(http, agree(http, **changed)).json["scope"].split())

    def test_without_it_a_token_has_what_was_asked(self, http: FlaskClient) -> None:
        assert self.scopes(http, scope=FREE_BUSY) == {FREE_BUSY}
        assert self.scopes(http, scope=CALENDAR) == {CALENDAR}

    def test_with_it_the_earlier_ones_count_too(self, http: FlaskClient) -> None:
        self.scopes(http, scope=f"email {FREE_BUSY}")
        more = self.scopes(http, scope=CALENDAR, include_granted_scopes="true")
        assert more == {"openid", USERINFO_EMAIL, FREE_BUSY, CALENDAR}
        other = exchange(http, agree(http, ADA, scope=CALENDAR, include_granted_scopes="true")).json
        assert other["scope"] == CALENDAR

    def test_the_refresh_token_covers_all_of_them(self, http: FlaskClient) -> None:
        self.scopes(http, scope=FREE_BUSY)
        answer = offline(http, scope=CALENDAR, include_granted_scopes="true")
        again = refresh(http, answer["refresh_token"]).json
        assert set(again["scope"].split()) == {FREE_BUSY, CALENDAR}
        less = refresh(http, answer["refresh_token"], scope=FREE_BUSY).json
        assert less["scope"] == FREE_BUSY
        assert api(http, less["access_token"]) == 403
        assert api(http, refresh(http, answer["refresh_token"]).json["access_token"]) == 200

    def test_a_refresh_may_name_scopes_by_their_short_names(self, http: FlaskClient) -> None:
        token = offline(http, scope="openid email")["refresh_token"]
        again = refresh(http, token, scope="openid email").json
        assert set(again["scope"].split()) == {"openid", USERINFO_EMAIL}


class TestWithoutAPage:
    """prompt=none: "it will return an error if the user is not already authenticated and has not
    pre-configured consent for the requested scopes" (OpenID Connect)."""

    NOBODY = {  # noqa: RUF012
        "error": "interaction_required",
        "error_subtype": "access_denied",
        "state": "s1",
        "iss": BASE,
    }

    def test_nobody_is_signed_in(self, http: FlaskClient, app: Flask) -> None:
        agree(app.test_client(), PRIYA)  # in another browser
        assert silently(http, login_hint=PRIYA) == self.NOBODY

    def test_whoever_signed_in_here_is_let_through(self, http: FlaskClient) -> None:
        agree(http)
        back = silently(http)
        assert (back["prompt"], back["state"]) == ("none", "s1")
        answer = exchange(http, back["code"])
        assert answer.status_code == 200
        assert "id_token" in answer.json

    def test_what_was_not_agreed_to_needs_a_page(self, http: FlaskClient) -> None:
        agree(http)
        assert silently(http, scope=CALENDAR) == self.NOBODY
        assert silently(http, access_type="offline") == self.NOBODY

    def test_of_several_accounts_the_hint_says_which(self, http: FlaskClient) -> None:
        agree(http, PRIYA)
        agree(http, ADA)
        assert silently(http) == self.NOBODY
        assert "code" in silently(http, login_hint=ADA)
        assert "code" in silently(http, hd="acme.example")
        assert silently(http, login_hint=DANA) == self.NOBODY

    def test_a_silent_yes_gives_no_refresh_token(self, http: FlaskClient) -> None:
        offline(http)
        back = silently(http, access_type="offline")
        assert "refresh_token" not in exchange(http, back["code"]).json


@pytest.mark.parametrize("extra", [{}, {"login_hint": PRIYA, "access_type": "offline"}])
def test_cancel_on_the_page_carries_the_whole_request(
    http: FlaskClient, extra: dict[str, str]
) -> None:
    page = http.get("/authorize", query_string=asked(**extra)).text
    for name, value in asked(**extra).items():
        shown = page.count(f'<input type="hidden" name="{name}" value="{value}">')
        assert shown == page.count("<form"), name
