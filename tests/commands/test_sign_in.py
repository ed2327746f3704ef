"""Sessions that open once, age, and end at once; access that is taken away everywhere."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from scheduler.commands import people, sign_in
from scheduler.commands.audit import GREENROOM, Actor
from scheduler.commands.sign_in import OwnAccess, SignInRefused, VerifiedIdentity
from scheduler.domain.people import Role
from scheduler.models.audit import AuditEntry
from scheduler.models.base import db
from scheduler.models.people import User, UserSession
from scheduler.queries.sessions import signed_in
from tests.cast import at

NOW = at("Mon 09:00")
DANA = VerifiedIdentity(
    issuer="https://issuer.example", subject="1053", email="dana@northwind.example", name="Dana"
)


@pytest.fixture(autouse=True)
def _context(app: Flask) -> object:
    with app.app_context():
        yield
        db.session.rollback()


def come_in(identity: VerifiedIdentity = DANA, now: datetime = NOW, **more: object) -> str:
    return sign_in.sign_in(identity, admin_emails=(), now=now, **more)  # type: ignore[arg-type]


def user_id() -> int:
    return int(db.session.scalars(db.select(User.id)).one())


def actions() -> list[str]:
    return list(db.session.scalars(db.select(AuditEntry.action).order_by(AuditEntry.id)))


# -- the first time ----------------------------------------------------------------------------


def test_a_newcomer_is_an_interviewer() -> None:
    me = signed_in(come_in(), NOW)
    assert me is not None
    assert (me.name, me.role, me.zone.key) == ("Dana", Role.INTERVIEWER, "UTC")


def test_an_address_of_the_settings_is_an_admin() -> None:
    secret = sign_in.sign_in(DANA, admin_emails=(DANA.email,), now=NOW)
    me = signed_in(secret, NOW)
    assert me is not None
    assert me.role is Role.ADMIN


def test_a_granted_role_waits_for_its_owner() -> None:
    people.grant_role(DANA.email, Role.COORDINATOR, by=GREENROOM, now=NOW)
    me = signed_in(come_in(), NOW)
    assert me is not None
    assert me.role is Role.COORDINATOR


def test_the_browser_says_where_somebody_is_once() -> None:
    come_in(zone=ZoneInfo("Europe/Berlin"))
    me = signed_in(come_in(zone=ZoneInfo("Asia/Tokyo")), NOW)
    assert me is not None
    assert me.zone.key == "Europe/Berlin"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("  Dana\r\nBcc: eve  ", "Dana Bcc: eve"),
        ("", DANA.email),
        ("\x00\x07", DANA.email),
        ("نور حداد", "نور حداد"),
        ("x" * 10_000, "x" * 200),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_whatever_the_issuer_calls_somebody_they_get_in(name: str, kept: str) -> None:
    me = signed_in(come_in(dataclasses.replace(DANA, name=name)), NOW)
    assert me is not None
    assert me.name == kept


# -- the next times ----------------------------------------------------------------------------


def test_a_role_that_was_changed_counts_at_once_and_stays() -> None:
    secret = come_in()
    people.grant_role(DANA.email, Role.RECRUITER, by=GREENROOM, now=NOW)
    for each in (secret, come_in()):
        me = signed_in(each, NOW)
        assert me is not None
        assert me.role is Role.RECRUITER


def test_a_new_name_and_address_are_taken_over() -> None:
    first = signed_in(come_in(), NOW)
    married = dataclasses.replace(DANA, email="dana.okafor@northwind.example", name="Dana Okafor")
    me = signed_in(come_in(married), NOW)
    assert first is not None
    assert me is not None
    assert (me.user_id, me.email, me.name) == (first.user_id, married.email, "Dana Okafor")


@pytest.mark.parametrize("other", [{"subject": "2"}, {"issuer": "https://other.example"}])
def test_another_account_with_a_known_address_is_refused(other: dict[str, str]) -> None:
    come_in()
    with pytest.raises(SignInRefused, match="another account"):
        come_in(dataclasses.replace(DANA, **other))
    assert actions() == ["sign_in", "refuse_sign_in"]


def test_an_account_cannot_take_over_the_address_of_another() -> None:
    come_in()
    femi = dataclasses.replace(DANA, subject="2", email="femi@northwind.example")
    come_in(femi)
    with pytest.raises(SignInRefused, match="another account"):
        come_in(dataclasses.replace(femi, email=DANA.email))
    assert actions()[-1] == "refuse_sign_in"


# -- how long it lasts -------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [0, 7.9])
def test_a_session_lasts_while_it_is_used(hours: float) -> None:
    assert signed_in(come_in(), NOW + timedelta(hours=hours)) is not None


def test_eight_idle_hours_end_a_session() -> None:
    assert signed_in(come_in(), NOW + timedelta(hours=8)) is None


def test_a_day_ends_a_session_however_it_was_used() -> None:
    secret = come_in()
    now = NOW
    while now < NOW + timedelta(hours=24):
        me = signed_in(secret, now)
        assert me is not None
        sign_in.remember_seen(me.session_id, now=now)
        now += timedelta(hours=6)
    assert signed_in(secret, now) is None


def test_being_seen_is_written_once_a_minute_at_most() -> None:
    me = signed_in(come_in(), NOW)
    assert me is not None
    for seconds, seen in ((59, 0), (60, 60), (119, 60), (120, 120)):
        sign_in.remember_seen(me.session_id, now=NOW + timedelta(seconds=seconds))
        row = db.session.get_one(UserSession, me.session_id)
        assert row.last_seen_at == NOW + timedelta(seconds=seen)


def test_nobody_is_signed_in_with_a_made_up_secret() -> None:
    come_in()
    assert signed_in("", NOW) is None
    assert signed_in("x" * 43, NOW) is None
    row = db.session.scalars(db.select(UserSession)).one()
    assert signed_in(row.secret_hash, NOW) is None


# -- how it ends -------------------------------------------------------------------------------


def test_signing_in_again_ends_the_session_it_replaces() -> None:
    old, other = come_in(), come_in()
    new = come_in(replacing=old)
    assert [signed_in(each, NOW) is not None for each in (old, other, new)] == [False, True, True]


def test_signing_out_ends_one_session() -> None:
    here, there = come_in(), come_in()
    me = signed_in(here, NOW)
    assert me is not None
    sign_in.sign_out(me.session_id, by=Actor.user(me.user_id), now=NOW)
    assert signed_in(here, NOW) is None
    assert signed_in(there, NOW) is not None


def test_ending_somebodys_sessions_signs_them_out_everywhere() -> None:
    secrets = [come_in(), come_in()]
    sign_in.end_sessions_of(user_id(), by=GREENROOM, now=NOW)
    assert [signed_in(each, NOW) for each in secrets] == [None, None]
    assert signed_in(come_in(), NOW) is not None


def test_a_deactivated_person_is_out_at_once_until_they_are_let_in_again() -> None:
    secret = come_in()
    sign_in.deactivate(user_id(), by=GREENROOM, now=NOW)
    assert signed_in(secret, NOW) is None
    with pytest.raises(SignInRefused, match="has ended"):
        come_in()
    sign_in.reactivate(user_id(), by=GREENROOM, now=NOW)
    assert signed_in(secret, NOW) is None
    assert signed_in(come_in(), NOW) is not None
    assert actions() == ["sign_in", "deactivate", "reactivate", "sign_in"]


def test_a_session_opened_while_its_owner_was_deactivated_is_worth_nothing() -> None:
    secret = come_in()
    db.session.execute(db.update(User).values(deactivated_at=NOW))
    db.session.commit()
    assert signed_in(secret, NOW) is None


def test_nobody_takes_their_own_access_away() -> None:
    come_in()
    with pytest.raises(OwnAccess):
        sign_in.deactivate(user_id(), by=Actor.user(user_id()), now=NOW)
