"""Signing in through an issuer, and every way in which it must not work."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from scheduler.clock import utc_now
from scheduler.commands import people, sign_in
from scheduler.commands.audit import GREENROOM
from scheduler.domain.people import Role
from scheduler.models.audit import AuditEntry
from scheduler.models.base import db
from scheduler.models.people import User, UserSession
from scheduler.web.auth import safe_path
from scheduler.web.sessions import SECRET
from tests.cast import ADA, DANA, PRIYA
from tests.web.browsers import ALEX, Browser, Google, SignedInAs, user_of


def come_in(browser: Browser, google: Google, email: str, **fields: object) -> str:
    """Sign in as people do; return where the issuer sends the browser back to."""
    start = browser.send("/login", fields)
    assert start.status_code == 303, start.text
    return google.consent(start.headers["Location"], email)


def test_the_start_page_asks_a_stranger_to_sign_in(client: Browser) -> None:
    answer = client.get("/", follow_redirects=True)
    assert answer.status_code == 200
    assert "Sign in with Google" in answer.text


def test_signing_in_leads_to_the_page_that_was_wanted(
    client: Browser, google: Google, app: Flask
) -> None:
    wanted = client.get("/admin/people")
    assert wanted.headers["Location"] == "/login?next=/admin/people"
    back = client.get(come_in(client, google, ALEX.email, next="/admin/people"))
    assert (back.status_code, back.headers["Location"]) == (303, "/admin/people")
    assert client.get("/admin/people").status_code == 200
    me = user_of(app, client)
    assert me is not None
    assert (me.name, me.email, me.role) == (ALEX.name, ALEX.email, Role.ADMIN)


def test_the_issuer_is_asked_with_pkce_state_and_nonce(client: Browser, google: Google) -> None:
    location = client.send("/login").headers["Location"]
    asked = {name: said[0] for name, said in parse_qs(urlsplit(location).query).items()}
    assert location.startswith(f"{google.url}/authorize?")
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["scope"] == "openid email profile"
    assert asked["redirect_uri"] == "http://localhost:8000/login/callback"
    assert len(asked["code_challenge"]) == 43
    assert asked["state"]
    assert asked["nonce"]
    assert len(asked["state"]) >= 30 or len(asked["nonce"]) >= 20


def test_the_first_sign_in_takes_role_and_zone(client: Browser, google: Google, app: Flask) -> None:
    with app.app_context():
        people.grant_role(PRIYA.email, Role.RECRUITER, by=GREENROOM, now=utc_now())
    client.get(come_in(client, google, PRIYA.email, zone="Europe/Lisbon"))
    me = user_of(app, client)
    assert me is not None
    assert (me.role, me.zone.key) == (Role.RECRUITER, "Europe/Lisbon")


def test_an_impossible_zone_is_no_reason_to_stay_outside(
    client: Browser, google: Google, app: Flask
) -> None:
    client.get(come_in(client, google, PRIYA.email, zone="../../etc/passwd"))
    me = user_of(app, client)
    assert me is not None
    assert me.zone.key == "UTC"


def test_somebody_nobody_granted_anything_is_an_interviewer(
    client: Browser, google: Google
) -> None:
    answer = client.get(come_in(client, google, DANA.email))
    answer = client.get(answer.headers["Location"], follow_redirects=True)
    assert "Your interviews are in your calendar" in answer.text


def test_a_stranger_of_another_domain_is_refused(client: Browser, google: Google) -> None:
    answer = client.get(come_in(client, google, ADA.email))
    assert answer.status_code == 403
    assert "northwind.example" in answer.text
    assert client.secret() is None


def test_saying_no_to_the_issuer_is_no_error(client: Browser, google: Google) -> None:
    location = client.send("/login").headers["Location"]
    answer = client.get(google.consent(location, ALEX.email, decision="deny"))
    assert answer.status_code == 403
    assert "You did not agree" in answer.text


# -- the way back, tampered with ---------------------------------------------------------------


def test_a_callback_of_somebody_else_signs_nobody_in(
    app: Flask, client: Browser, google: Google
) -> None:
    """An attacker sends their own callback address to a victim (login CSRF)."""
    callback = come_in(client, google, ALEX.email)
    victim = app.test_client()
    assert victim.get(callback).status_code == 403
    assert user_of(app, victim) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "query",
    ["", "?code=x", "?state=x", "?code=x&state=x", "?error=x", "?error=access_denied&state="],
)
def test_a_callback_that_nobody_asked_for_is_refused(client: Browser, query: str) -> None:
    assert client.get(f"/login/callback{query}").status_code == 403


def test_a_code_works_once(client: Browser, google: Google) -> None:
    callback = come_in(client, google, ALEX.email)
    assert client.get(callback).status_code == 303
    assert client.get(callback).status_code == 403


def test_a_callback_without_its_state_or_code_is_refused(client: Browser, google: Google) -> None:
    callback = urlsplit(come_in(client, google, ALEX.email))
    asked = parse_qs(callback.query)
    for left_out in ("state", "code"):
        query = "&".join(f"{k}={v[0]}" for k, v in asked.items() if k != left_out)
        assert client.get(f"/login/callback?{query}").status_code == 403


def test_a_code_of_another_attempt_is_refused(app: Flask, client: Browser, google: Google) -> None:
    """The code is bound to its attempt by PKCE and nonce."""
    theirs: Browser = app.test_client()  # type: ignore[assignment]
    code = parse_qs(urlsplit(come_in(theirs, google, ALEX.email)).query)["code"][0]
    mine = parse_qs(urlsplit(come_in(client, google, DANA.email)).query)
    answer = client.get(f"/login/callback?code={code}&state={mine['state'][0]}")
    assert answer.status_code == 403


def test_a_state_made_to_sign_in_does_not_connect_the_account(
    admin: Browser, google: Google
) -> None:
    callback = come_in(admin, google, ALEX.email)
    answer = admin.get(
        callback.replace("/login/callback", "/admin/google/callback"), follow_redirects=True
    )
    assert "That did not work" in answer.text


def test_three_attempts_in_one_browser_fit_into_its_cookie(client: Browser, google: Google) -> None:
    for _ in range(6):
        client.send("/login")
    with client.session_transaction() as session:
        assert len([name for name in session if name.startswith("_state_")]) == 3
    assert client.get(come_in(client, google, ALEX.email)).status_code == 303


# -- who somebody is ---------------------------------------------------------------------------


def test_a_new_account_with_a_known_address_is_refused_and_shown_to_an_admin(
    app: Flask, client: Browser, google: Google, signed_in_as: SignedInAs, admin: Browser
) -> None:
    signed_in_as(DANA)  # known under another issuer and subject
    answer = client.get(come_in(client, google, DANA.email))
    assert answer.status_code == 403
    assert "another account" in answer.text
    with app.app_context():
        entry = db.session.scalars(
            db.select(AuditEntry).where(AuditEntry.action == "refuse_sign_in")
        ).one()
        user = db.session.scalars(db.select(User).where(User.email == DANA.email)).one()
        assert (entry.actor, entry.object_id) == ("greenroom", str(user.id))
    assert "Somebody was turned away" in admin.get("/admin/people").text


def test_the_cookie_changes_and_old_sessions_end(
    app: Flask, client: Browser, google: Google
) -> None:
    client.get(come_in(client, google, ALEX.email))
    old = client.secret()
    client.get(come_in(client, google, ALEX.email))
    assert client.secret() != old
    thief: Browser = app.test_client()  # type: ignore[assignment]
    with thief.session_transaction() as session:
        session[SECRET] = old
    assert thief.get("/admin/people").status_code == 303


def test_what_an_anonymous_browser_held_is_dropped(client: Browser, google: Google) -> None:
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    client.get(come_in(client, google, ALEX.email))
    with client.session_transaction() as session:
        assert set(session) == {SECRET}


def test_the_cookie_says_nothing_but_the_secret_and_the_row_only_its_hash(
    app: Flask, client: Browser, google: Google
) -> None:
    client.get(come_in(client, google, ALEX.email))
    secret = client.secret()
    assert secret is not None
    assert len(secret) >= 43  # 256 bits
    with app.app_context():
        row = db.session.scalars(db.select(UserSession)).one()
        assert row.secret_hash != secret
        assert secret not in str(vars(row))


def test_signing_out_ends_the_session_for_a_stolen_cookie_too(app: Flask, admin: Browser) -> None:
    stolen = admin.secret()
    assert admin.send("/logout").status_code == 303
    thief: Browser = app.test_client()  # type: ignore[assignment]
    with thief.session_transaction() as session:
        session[SECRET] = stolen
    assert thief.get("/admin/people").status_code == 303
    assert thief.send("/admin/people/grants").status_code == 401


def test_signing_out_twice_is_no_error(admin: Browser) -> None:
    admin.send("/logout")
    assert admin.send("/logout").status_code == 303


def test_a_deactivated_person_does_not_come_back_in(
    app: Flask, client: Browser, google: Google
) -> None:
    client.get(come_in(client, google, ALEX.email))
    me = user_of(app, client)
    assert me is not None
    with app.app_context():
        sign_in.deactivate(me.user_id, by=GREENROOM, now=utc_now())
    assert client.get("/profile").status_code == 303
    answer = client.get(come_in(client, google, ALEX.email))
    assert answer.status_code == 403
    assert "Your access has ended" in answer.text


def test_a_sign_in_of_long_ago_is_not_enough_for_roles(signed_in_as: SignedInAs) -> None:
    admin = signed_in_as(Role.ADMIN, at=utc_now() - timedelta(minutes=16))
    answer = admin.send(
        "/admin/people/grants", {"email": PRIYA.email, "role": "admin"}, follow_redirects=True
    )
    assert "Please sign in again" in answer.text
    assert 'name="next" value="/admin/people"' in answer.text


# -- where to go afterwards --------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/bookings/7", "/candidates?q=ada&page=2", "/a%2F%2Fb"])
def test_a_path_of_this_site_is_kept(path: str) -> None:
    assert safe_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "https://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "\t//evil.example",
        " //evil.example",
        "/\n/evil.example",
        "evil.example",
        "",
        "/login?next=/login",
        "/logout",
        "/ünïcode",
    ],
)
def test_a_path_of_another_site_is_not(path: str) -> None:
    assert safe_path(path) == "/"


def test_a_hostile_next_ends_on_the_start_page(client: Browser, google: Google) -> None:
    callback = come_in(client, google, ALEX.email, next="//evil.example")
    assert client.get(callback).headers["Location"] == "/"


# -- one's own settings ------------------------------------------------------------------------


def test_people_give_their_phone_and_their_clock(app: Flask, recruiter: Browser) -> None:
    assert recruiter.get("/profile").status_code == 200
    answer = recruiter.send("/profile", {"phone": " +49 30 555 ", "zone": "Asia/Kolkata"})
    assert answer.status_code == 303
    me = user_of(app, recruiter)
    assert me is not None
    assert (me.phone, me.zone.key) == ("+49 30 555", "Asia/Kolkata")


def test_a_zone_that_does_not_exist_is_said_so(recruiter: Browser) -> None:
    answer = recruiter.send("/profile", {"phone": "", "zone": "Mars/Olympus"})
    assert answer.status_code == 422
    assert "Choose a time zone from the list" in answer.text
