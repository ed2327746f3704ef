"""The scheduling account's connection, through the pages and a Google on a real port."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask

from scheduler import create_app
from scheduler.clock import utc_now
from scheduler.commands import scheduling
from scheduler.commands.audit import GREENROOM
from scheduler.config import Settings
from scheduler.domain.availability import ReadingLevel
from scheduler.domain.people import Role
from scheduler.google.credentials import DETAIL_SCOPES, SCOPES
from scheduler.keys import KeyRing
from scheduler.models.audit import AuditEntry
from scheduler.models.base import db
from scheduler.models.calendar import ConnectionState, GoogleConnection
from scheduler.queries import admin_pages, reading_pages
from scheduler.reconcile import connection as connection_check
from scheduler.reconcile.worker import world_of
from scheduler.web.sessions import SECRET
from tests.cast import DANA, SCHEDULING
from tests.web.browsers import Browser, Google, SignedInAs

PAGE = "/admin/google"


def connect(browser: Browser, google: Google, email: str = SCHEDULING.email) -> str:
    """Give consent as somebody; return the page that the browser ends on."""
    start = browser.send(f"{PAGE}/consent")
    assert start.status_code == 303, start.text
    back = google.consent(start.headers["Location"], email)
    return browser.get(back, follow_redirects=True).text


def kept(app: Flask) -> GoogleConnection | None:
    with app.app_context():
        found = db.session.get(GoogleConnection, 1)
        if found is not None:
            db.session.expunge(found)
        return found


def test_the_account_is_connected_checked_and_disconnected(
    app: Flask, admin: Browser, google: Google
) -> None:
    assert "Not connected" in admin.get(PAGE).text
    page = connect(admin, google)
    assert "A worker is looking" in page
    assert 'hx-trigger="every 2s"' in page

    with app.app_context():
        connection_check.check(world_of(app))
    part = admin.get(f"{PAGE}/state").text
    assert "Ready" in part
    assert "Northwind Interviews" in part
    assert "hx-trigger" not in part
    assert "<html" not in part

    token = _refresh_token(app)
    page = admin.send(f"{PAGE}/disconnection", follow_redirects=True).text
    assert "Disconnected. Bookings wait" in page
    assert kept(app) is None
    assert _is_revoked(google, token)


def test_google_is_asked_for_lasting_access_to_the_least(admin: Browser, google: Google) -> None:
    location = admin.send(f"{PAGE}/consent").headers["Location"]
    asked = {name: said[0] for name, said in parse_qs(urlsplit(location).query).items()}
    assert asked["access_type"] == "offline"
    assert asked["prompt"] == "consent"
    assert asked["login_hint"] == SCHEDULING.email
    assert asked["code_challenge_method"] == "S256"
    assert set(asked["scope"].split()) == {"openid", "email", *SCOPES}


def test_where_details_are_wanted_google_is_asked_for_them_and_may_say_no(
    app: Flask, admin: Browser, google: Google
) -> None:
    with app.app_context():
        scheduling.change_scheduling(
            notice=timedelta(hours=4),
            rolling_window=timedelta(days=28),
            level=ReadingLevel.DETAILS,
            by=GREENROOM,
            now=utc_now(),
        )
    location = admin.send(f"{PAGE}/consent").headers["Location"]
    asked = parse_qs(urlsplit(location).query)["scope"][0].split()
    assert set(asked) == {"openid", "email", *SCOPES, *DETAIL_SCOPES}
    unticked = location.replace("calendar.events.readonly", "nothing.much")
    admin.get(google.consent(unticked, SCHEDULING.email))
    with app.app_context():
        assert kept(app) is not None
        assert reading_pages.lacks_consent()
    assert "Details cannot be read yet" in admin.get(PAGE).text
    location = admin.send(f"{PAGE}/consent").headers["Location"]
    admin.get(google.consent(location, SCHEDULING.email))
    with app.app_context():
        assert not reading_pages.lacks_consent()
    assert "Details cannot be read yet" not in admin.get(PAGE).text


def test_the_token_is_kept_sealed(app: Flask, admin: Browser, google: Google) -> None:
    connect(admin, google)
    connection = kept(app)
    assert connection is not None
    assert connection.refresh_token_sealed is not None
    token = _refresh_token(app)
    assert token not in connection.refresh_token_sealed
    with admin.session_transaction() as session:
        assert token not in str(dict(session))
    with app.app_context():
        details = [entry.detail for entry in db.session.scalars(db.select(AuditEntry))]
        assert token not in str(details)


def test_another_account_is_turned_away_and_its_token_not_kept(
    app: Flask, admin: Browser, google: Google
) -> None:
    page = connect(admin, google, DANA.email)
    assert "That was another account" in page
    assert SCHEDULING.email in page
    assert kept(app) is None
    left = google.emulator.world.store.all(
        "SELECT 1 FROM token WHERE email = ? AND kind = 'refresh'", DANA.email
    )
    assert not left


def test_half_a_consent_is_not_enough(app: Flask, admin: Browser, google: Google) -> None:
    location = admin.send(f"{PAGE}/consent").headers["Location"]
    unticked = location.replace("calendar.freebusy", "nothing.much")
    page = admin.get(google.consent(unticked, SCHEDULING.email), follow_redirects=True).text
    assert "leave every box ticked" in page
    assert kept(app) is None


def test_half_a_consent_ends_no_connection_that_stands(
    app: Flask, admin: Browser, google: Google
) -> None:
    connect(admin, google)
    token = _refresh_token(app)
    location = admin.send(f"{PAGE}/consent").headers["Location"]
    unticked = location.replace("calendar.freebusy", "nothing.much")
    page = admin.get(google.consent(unticked, SCHEDULING.email), follow_redirects=True).text
    assert "leave every box ticked" in page
    assert _refresh_token(app) == token
    assert not _is_revoked(google, token)


def test_no_lasting_access_is_not_enough(app: Flask, admin: Browser, google: Google) -> None:
    location = admin.send(f"{PAGE}/consent").headers["Location"]
    online = location.replace("access_type=offline", "access_type=online")
    page = admin.get(google.consent(online, SCHEDULING.email), follow_redirects=True).text
    assert "Google gave no lasting access" in page
    assert kept(app) is None


def test_saying_no_changes_nothing(app: Flask, admin: Browser, google: Google) -> None:
    location = admin.send(f"{PAGE}/consent").headers["Location"]
    back = google.consent(location, SCHEDULING.email, decision="deny")
    assert "You did not agree" in admin.get(back, follow_redirects=True).text
    assert kept(app) is None


def test_the_consent_of_one_browser_does_not_count_in_another(
    app: Flask, admin: Browser, google: Google, signed_in_as: SignedInAs
) -> None:
    location = admin.send(f"{PAGE}/consent").headers["Location"]
    back = google.consent(location, SCHEDULING.email)
    other = signed_in_as(Role.ADMIN)
    assert "That did not work" in other.get(back, follow_redirects=True).text
    assert kept(app) is None


@pytest.mark.parametrize("path", ["consent", "disconnection", "service-account"])
def test_changes_want_a_sign_in_of_just_now(signed_in_as: SignedInAs, path: str) -> None:
    admin = signed_in_as(Role.ADMIN, at=utc_now() - timedelta(minutes=16))
    answer = admin.send(f"{PAGE}/{path}")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=/admin/google")


def test_checking_again_does_not(
    app: Flask, admin: Browser, google: Google, signed_in_as: SignedInAs
) -> None:
    connect(admin, google)
    with app.app_context():
        connection_check.check(world_of(app))
    later = signed_in_as(Role.ADMIN, at=utc_now() - timedelta(hours=1))
    assert later.send(f"{PAGE}/check").status_code == 303
    connection = kept(app)
    assert connection is not None
    assert connection.state is ConnectionState.CHECKING


def test_a_problem_is_shown_with_what_to_do(app: Flask, admin: Browser, google: Google) -> None:
    connect(admin, google)
    google.emulator.revoke_all(SCHEDULING.email)
    with app.app_context():
        connection_check.check(world_of(app))
    page = admin.get(PAGE).text
    assert "Broken" in page
    assert "Connect it again" in page


def test_a_disconnection_google_did_not_hear_of_is_said_so(
    app: Flask, admin: Browser, google: Google
) -> None:
    connect(admin, google)
    google.emulator.revoke_all(SCHEDULING.email)  # it answers invalid_token now
    page = admin.send(f"{PAGE}/disconnection", follow_redirects=True).text
    assert "Google could not be told" in page
    assert kept(app) is None


def test_a_service_account_is_used_when_there_is_a_key_file(
    app: Flask, settings: Settings, admin: Browser, tmp_path: Path
) -> None:
    assert "Use the service account" not in admin.get(PAGE).text
    page = admin.send(f"{PAGE}/service-account", follow_redirects=True).text
    assert "names no key file" in page
    assert kept(app) is None

    with_file = create_app(
        dataclasses.replace(settings, google_service_account_file=tmp_path / "key.json")
    )
    with_file.test_client_class = Browser
    browser: Browser = with_file.test_client()  # type: ignore[assignment]
    with browser.session_transaction() as session:
        session[SECRET] = admin.secret()
    assert "Use the service account" in browser.get(PAGE).text
    browser.send(f"{PAGE}/service-account")
    connection = kept(app)
    assert connection is not None
    assert (connection.email, connection.refresh_token_sealed) == (SCHEDULING.email, None)


def _refresh_token(app: Flask) -> str:
    keys: KeyRing = app.extensions["keys"]
    with app.app_context():
        token = admin_pages.refresh_token(keys)
    assert token is not None
    return token


def _is_revoked(google: Google, token: str) -> bool:
    answer = requests.post(
        f"{google.url}/token",
        data={
            "grant_type": "refresh_token",
            "refresh_token": token,
            "client_id": "test-client",
            "client_secret": "test-client-secret",
        },
        timeout=5,
    )
    return answer.status_code == 400
