"""Nothing is changed by a form of another site, nor by merely looking."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from scheduler import create_app
from scheduler.config import Settings
from scheduler.models.base import db
from tests import factories
from tests.web.browsers import CSRF, Browser


def test_every_form_without_its_token_is_turned_away(app: Flask, admin: Browser) -> None:
    tried = 0
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            if rule.endpoint.startswith("push."):
                continue
            tried += 1
            assert admin.open(_path(app, rule.endpoint), method=method).status_code == 400, rule
    assert tried >= 25


def test_a_token_of_another_session_is_turned_away(
    app: Flask, admin: Browser, recruiter: Browser
) -> None:
    stolen = recruiter.csrf_token()
    admin.csrf_token()
    answer = admin.post("/admin/pools", data={CSRF: stolen, "name": "Stolen"})
    assert answer.status_code == 400
    assert "did not arrive in one piece" in answer.text


def test_a_page_that_sends_no_referrer_can_still_send_its_form(
    settings: Settings, app: Flask, admin: Browser
) -> None:
    """Candidates' pages send none, because their address is a secret; Flask-WTF would insist over https."""
    safe = create_app(dataclasses.replace(settings, public_url="https://localhost"))
    safe.test_client_class = Browser
    browser: Browser = safe.test_client()  # type: ignore[assignment]
    base = "https://localhost"
    page = browser.get("/login", base_url=base).text
    token = page.partition(f'name="{CSRF}" value="')[2].partition('"')[0]
    answer = browser.post("/logout", data={CSRF: token}, base_url=base)
    assert answer.status_code == 303


def test_looking_changes_nothing(app: Flask, admin: Browser) -> None:
    with app.app_context():
        factories.application()
        before = _contents()
    opened = 0
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or set()) or rule.endpoint in ("static", "auth.callback"):
            continue
        for method in ("GET", "HEAD", "GET"):
            answer = admin.open(_path(app, rule.endpoint), method=method)
            assert answer.status_code < 500, (rule, answer.status)
        opened += answer.status_code == 200
    assert opened >= 20
    with app.app_context():
        assert _contents() == before


def test_a_head_is_a_get_without_its_body(app: Flask, client: Browser) -> None:
    head, get = client.head("/login"), client.get("/login")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Type"] == get.headers["Content-Type"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE"])
def test_other_methods_are_not_answered(admin: Browser, method: str) -> None:
    assert admin.open("/admin/pools", method=method).status_code in (400, 405)


def _path(app: Flask, endpoint: str) -> str:
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)
    values: dict[str, Any] = {
        name: "9b2a3f64-5f0e-4c39-9ab0-1f1b5a6c7d8e" if "UUID" in type(converter).__name__ else 1
        for name, converter in rule._converters.items()
    }
    with app.test_request_context():
        path: str = app.url_for(endpoint, **values)
    return path


def _contents() -> Mapping[str, str]:
    """Return a digest of every table of ours."""
    tables = db.session.scalars(
        text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    ).all()
    digests = {}
    for table in tables:
        rows = db.session.execute(text(f'SELECT * FROM "{table}"')).all()  # noqa: S608
        digests[table] = hashlib.sha256(repr(sorted(map(repr, rows))).encode()).hexdigest()
    db.session.rollback()
    return digests
