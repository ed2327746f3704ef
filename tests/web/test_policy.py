"""The table of who may open what: whole, sorted, and held against every request."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from scheduler import create_app
from scheduler.config import Settings
from scheduler.domain.people import Role
from scheduler.web.policy import POLICY as TABLE
from scheduler.web.policy import PUBLIC, may_open, navigation
from scheduler.web.sessions import SECRET
from tests.web.browsers import CSRF, Browser, SignedInAs

ANSWERED = "reached"
WHO = [None, *Role]


def test_every_page_has_a_line_in_the_table_and_every_line_a_page(app: Flask) -> None:
    assert set(TABLE) == {rule.endpoint for rule in app.url_map.iter_rules()}


def test_the_table_is_sorted() -> None:
    assert list(TABLE) == sorted(TABLE)


def test_what_needs_no_session_can_be_counted_on_the_fingers() -> None:
    public = {endpoint for endpoint, audience in TABLE.items() if audience == PUBLIC}
    assert public - {each for each in public if each.startswith("candidate.")} == {
        "auth.callback",
        "auth.login",
        "auth.logout",
        "auth.start_login",
        "health.healthz",
        "health.metrics",
        "health.readyz",
        "push.google_calendar",
        "static",
    }


@pytest.mark.parametrize("endpoint", TABLE)
def test_each_role_reaches_what_the_table_says(
    hollow: Flask, signed_in_as: SignedInAs, endpoint: str
) -> None:
    rules = [rule for rule in hollow.url_map.iter_rules() if rule.endpoint == endpoint]
    for role in WHO:
        browser = hollow.test_client()
        if role is not None:
            with browser.session_transaction() as session:
                session[SECRET] = signed_in_as(role).secret()
        with browser.session_transaction() as session:
            session[CSRF] = TOKEN
        for rule in rules:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                path = _path_of(hollow, endpoint)
                answer = browser.open(path, method=method, headers=_token(hollow))
                expected = _expected(endpoint, role, method, path)
                assert (answer.status_code, answer.text == ANSWERED) == expected, (role, method)


def test_a_page_without_a_line_is_closed_to_everybody(
    hollow: Flask, signed_in_as: SignedInAs
) -> None:
    for role in Role:
        browser = hollow.test_client()
        with browser.session_transaction() as session:
            session[SECRET] = signed_in_as(role).secret()
        assert browser.get("/not-in-the-table").status_code == 404


def test_nobody_may_open_what_is_not_in_the_table() -> None:
    assert not any(may_open(role, "nothing.at_all") for role in Role)


@pytest.mark.parametrize("path", ["/nowhere", "/admin", "/bookings", "/admin/people/x"])
def test_a_page_that_does_not_exist_looks_like_one_that_is_not_yours(
    signed_in_as: SignedInAs, path: str
) -> None:
    recruiter = signed_in_as(Role.RECRUITER)
    foreign, missing = recruiter.get("/admin/people"), recruiter.get(path)
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert _without_nonce(foreign.text) == _without_nonce(missing.text)


def test_a_script_of_ours_is_sent_to_the_sign_in_page(client: Browser) -> None:
    answer = client.get("/admin/google/state", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login")


def test_the_navigation_shows_what_somebody_may_open(app: Flask, signed_in_as: SignedInAs) -> None:
    def labels(role: Role) -> list[str]:
        secret = signed_in_as(role).secret()
        with app.test_request_context("/admin/pools/7"):
            from flask import session

            session[SECRET] = secret
            return [f"{item.label}{'*' if item.is_current else ''}" for item in navigation()]

    staff = ["Work queue", "Candidates", "Interviewers", "Pools*", "Plans", "Rooms"]
    assert labels(Role.RECRUITER) == staff
    assert labels(Role.COORDINATOR) == staff
    assert labels(Role.ADMIN) == [*staff, "Scheduling", "Connection", "People"]
    assert labels(Role.INTERVIEWER) == []


# -- an application whose pages are hollow -----------------------------------------------------

TOKEN = "c" * 40


@pytest.fixture(scope="module")
def hollow(_application: Flask, settings: Settings) -> Flask:
    """The application with every page replaced by one word: what answers is the policy."""
    app = create_app(settings)

    def reached(**_: object) -> str:
        return ANSWERED

    app.view_functions = dict.fromkeys(app.view_functions, reached)
    app.add_url_rule("/not-in-the-table", "not.in_the_table", reached)
    return app


def _path_of(app: Flask, endpoint: str) -> str:
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)
    values: dict[str, Any] = {
        name: "9b2a3f64-5f0e-4c39-9ab0-1f1b5a6c7d8e" if "uuid" in str(converter).lower() else 1
        for name, converter in rule._converters.items()
    }
    with app.test_request_context():
        path: str = app.url_for(endpoint, **values)
    return path


def _token(app: Flask) -> dict[str, str]:
    from itsdangerous import URLSafeTimedSerializer

    signer = URLSafeTimedSerializer(str(app.secret_key), salt="wtf-csrf-token")
    return {"X-CSRFToken": str(signer.dumps(TOKEN))}


def _expected(endpoint: str, role: Role | None, method: str, path: str) -> tuple[int, bool]:
    audience = TABLE[endpoint]
    if audience == PUBLIC or (role is not None and role in audience):
        return 200, True
    if role is None:
        return (303 if method == "GET" else 401), False
    return (303 if path == "/" else 404), False


def _without_nonce(page: str) -> str:
    return re.sub(r'nonce="[^"]*"', "", page)
