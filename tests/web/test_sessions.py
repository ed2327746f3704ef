"""The cookie: what it is called, who may read it, how its key is changed."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from scheduler import create_app
from scheduler.clock import utc_now
from scheduler.config import Settings
from scheduler.domain.people import Role
from scheduler.models.base import db
from scheduler.models.people import UserSession
from scheduler.web.sessions import SECRET
from tests.web.browsers import Browser, SignedInAs, user_of


def cookie_of(app: Flask, base_url: str) -> str:
    browser = app.test_client()
    return browser.get("/login", base_url=base_url).headers["Set-Cookie"]


def test_two_greenrooms_on_one_machine_do_not_share_a_cookie(
    settings: Settings, database_url: str
) -> None:
    names = []
    for port in (8000, 9000):
        url = f"http://localhost:{port}"
        app = create_app(dataclasses.replace(settings, public_url=url))
        names.append(cookie_of(app, url).partition("=")[0])
    assert names == ["greenroom-8000", "greenroom-9000"]


def test_over_https_the_cookie_belongs_to_this_host_alone(
    settings: Settings, database_url: str
) -> None:
    url = "https://interviews.northwind.example"
    app = create_app(dataclasses.replace(settings, public_url=url))
    cookie = cookie_of(app, url)
    assert cookie.startswith("__Host-greenroom-443=")
    attributes = {part.strip() for part in cookie.split(";")[1:]}
    assert attributes == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}


def test_over_http_it_is_still_out_of_reach_of_scripts(app: Flask) -> None:
    attributes = {part.strip() for part in cookie_of(app, "http://localhost:8000").split(";")[1:]}
    assert attributes == {"HttpOnly", "Path=/", "SameSite=Lax"}


def test_a_cookie_of_the_old_key_is_read_and_a_new_one_needs_the_new_key_alone(
    settings: Settings, admin: Browser
) -> None:
    old, new = settings.secret_key, "another key, also long enough for it"
    secret = admin.secret()
    rotated = create_app(dataclasses.replace(settings, secret_key=new, secret_key_fallbacks=(old,)))
    done = create_app(dataclasses.replace(settings, secret_key=new))
    assert _reads(rotated, _signed_by(old, secret)) == secret
    assert _reads(done, _signed_by(old, secret)) is None
    serializer = SecureCookieSessionInterface().get_signing_serializer(rotated)
    assert serializer is not None
    assert _reads(done, str(serializer.dumps({SECRET: secret}))) == secret


@pytest.mark.parametrize("planted", ["", "x", 7, None, ["x"], {"a": "b"}])
def test_a_cookie_with_nonsense_in_it_is_nobodys(client: Browser, planted: object) -> None:
    with client.session_transaction() as session:
        session[SECRET] = planted
    assert client.get("/admin/people").status_code == 303


def test_a_tampered_cookie_is_nobodys(admin: Browser) -> None:
    name = "greenroom-8000"
    cookie = admin.get_cookie(name)
    assert cookie is not None
    admin.set_cookie(name, cookie.value[:-3] + "AAA")
    assert admin.get("/admin/people").status_code == 303


def test_a_session_that_is_used_does_not_grow_idle(app: Flask, signed_in_as: SignedInAs) -> None:
    browser = signed_in_as(Role.ADMIN, at=utc_now() - timedelta(hours=7))
    assert browser.get("/admin/people").status_code == 200
    with app.app_context():
        row = db.session.scalars(db.select(UserSession)).one()
        assert utc_now() - row.last_seen_at < timedelta(minutes=1)


def test_an_idle_session_is_over(signed_in_as: SignedInAs) -> None:
    browser = signed_in_as(Role.ADMIN, at=utc_now() - timedelta(hours=8, seconds=1))
    assert browser.get("/admin/people").status_code == 303
    assert browser.send("/admin/pools", {"name": "Late"}).status_code == 401


def test_somebody_demoted_meets_closed_doors_at_once(
    app: Flask, admin: Browser, recruiter: Browser
) -> None:
    assert recruiter.get("/admin/pools").status_code == 200
    me = user_of(app, recruiter)
    assert me is not None
    admin.send(f"/admin/people/{me.user_id}/role", {"role": "interviewer"})
    assert recruiter.get("/admin/pools").status_code == 404


def _signed_by(key: str, secret: str | None) -> str:
    app = Flask("elsewhere")
    app.secret_key = key
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    return str(serializer.dumps({SECRET: secret}))


def _reads(app: Flask, cookie: str) -> object:
    with app.test_request_context(headers={"Cookie": f"greenroom-8000={cookie}"}):
        from flask import session

        return session.get(SECRET)
