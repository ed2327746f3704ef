"""Signing in and out, and ending what somebody may do."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.postgresql import insert

from scheduler.commands import audit, checks
from scheduler.commands.audit import GREENROOM, Actor
from scheduler.commands.checks import Refused
from scheduler.domain.people import Role
from scheduler.models.base import db, refusing
from scheduler.models.people import RoleGrant, User, UserSession
from scheduler.queries.sessions import hash_of

SECRET_BYTES = 32
SEEN_AT_MOST_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedIdentity:
    """Who the issuer says is in front of the browser, after every claim was checked."""

    issuer: str
    subject: str
    email: str
    name: str


class SignInRefused(Exception):
    """Somebody may not come in. The message is a sentence for them."""


class AddressBelongsToAnother(SignInRefused):
    """The address is known under another account: it may have been given to somebody new."""

    def __init__(self) -> None:
        super().__init__(
            "This address belongs to another account here. Ask an administrator to look into it."
        )


class OwnAccess(Refused):
    """An admin tries to take access from themselves; the last one would leave nobody."""

    def __init__(self) -> None:
        super().__init__("role", "Ask another administrator to change your own access.")


def sign_in(
    identity: VerifiedIdentity,
    *,
    admin_emails: Collection[str],
    zone: ZoneInfo | None = None,
    replacing: str | None = None,
    now: datetime,
) -> str:
    """Open a session and return its secret; `replacing` is the secret of a session that it ends.

    Somebody is known by issuer and subject, never by their address. The first sign-in gives the
    role (ADMIN_EMAILS, else what an admin granted the address, else interviewer) and the zone of
    their browser. Raises SignInRefused.
    """
    user = _known(identity) or _newcomer(identity, admin_emails, zone, now)
    holder = db.session.scalars(select(User).where(User.email == identity.email)).one_or_none()
    if user is None or holder not in (None, user):
        _record_refused(holder, now)
        raise AddressBelongsToAnother
    if user.deactivated_at is not None:
        db.session.rollback()
        raise SignInRefused("Your access has ended. Ask an administrator if that is a mistake.")
    with refusing({"uq_app_user_email": AddressBelongsToAnother}):
        user.email, user.name = identity.email, _name_of(identity)
        db.session.flush()
    if replacing is not None:
        _revoke(UserSession.secret_hash == hash_of(replacing), now)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    db.session.add(
        UserSession(secret_hash=hash_of(secret), user_id=user.id, created_at=now, last_seen_at=now)
    )
    audit.record("sign_in", ("user", user.id), by=Actor.user(user.id), now=now)
    db.session.commit()
    return secret


def sign_out(session_id: int, *, by: Actor, now: datetime) -> None:
    """End one session."""
    _revoke(UserSession.id == session_id, now)
    audit.record("sign_out", ("user_session", session_id), by=by, now=now)
    db.session.commit()


def remember_seen(session_id: int, *, now: datetime) -> None:
    """Keep a session from ageing. Writes once a minute at most, whatever a browser does."""
    db.session.execute(
        update(UserSession)
        .where(
            UserSession.id == session_id,
            UserSession.last_seen_at <= now - SEEN_AT_MOST_EVERY,
        )
        .values(last_seen_at=now)
    )
    db.session.commit()


def end_sessions_of(user_id: int, *, by: Actor, now: datetime) -> None:
    """Sign somebody out everywhere."""
    _revoke(UserSession.user_id == user_id, now)
    audit.record("end_sessions_of", ("user", user_id), by=by, now=now)
    db.session.commit()


def deactivate(user_id: int, *, by: Actor, now: datetime) -> None:
    """Take all access from somebody, everywhere and at once. Raises OwnAccess."""
    if by.user_id == user_id:
        raise OwnAccess
    user = db.session.get_one(User, user_id)
    user.deactivated_at = user.deactivated_at or now
    _revoke(UserSession.user_id == user_id, now)
    audit.record("deactivate", ("user", user_id), by=by, now=now)
    db.session.commit()


def reactivate(user_id: int, *, by: Actor, now: datetime) -> None:
    """Let somebody sign in again, in the role they had."""
    db.session.get_one(User, user_id).deactivated_at = None
    audit.record("reactivate", ("user", user_id), by=by, now=now)
    db.session.commit()


def change_profile(user_id: int, *, phone: str, zone: str, by: Actor, now: datetime) -> None:
    """Change the phone number that panels are given, and the clock pages are written in. Raises Refused."""
    user = db.session.get_one(User, user_id)
    user.phone = checks.line(phone, field="phone", is_required=False)
    user.zone = checks.zone(zone)
    audit.record("change_profile", ("user", user_id), by=by, now=now)
    db.session.commit()


def _known(identity: VerifiedIdentity) -> User | None:
    return db.session.scalars(
        select(User).where(User.issuer == identity.issuer, User.subject == identity.subject)
    ).one_or_none()


def _newcomer(
    identity: VerifiedIdentity,
    admin_emails: Collection[str],
    zone: ZoneInfo | None,
    now: datetime,
) -> User | None:
    # Two tabs can come back from the issuer at the same moment: one of them makes the row.
    db.session.execute(
        insert(User)
        .values(
            issuer=identity.issuer,
            subject=identity.subject,
            email=identity.email,
            name=_name_of(identity),
            phone="",
            zone=zone or ZoneInfo("UTC"),
            role=_first_role(identity.email, admin_emails),
            created_at=now,
        )
        .on_conflict_do_nothing()
    )
    return _known(identity)


def _first_role(email: str, admin_emails: Collection[str]) -> Role:
    if email in admin_emails:
        return Role.ADMIN
    grant = db.session.get(RoleGrant, email)
    return grant.role if grant is not None else Role.INTERVIEWER


def _name_of(identity: VerifiedIdentity) -> str:
    # Names come from the issuer: whatever one is, it must not keep its owner out.
    try:
        return checks.name(identity.name[: checks.LONGEST_NAME])
    except Refused:
        return identity.email


def _record_refused(holder: User | None, now: datetime) -> None:
    if holder is not None:
        audit.record("refuse_sign_in", ("user", holder.id), by=GREENROOM, now=now)
    db.session.commit()


def _revoke(which: ColumnElement[bool], now: datetime) -> None:
    db.session.execute(
        update(UserSession).where(which, UserSession.revoked_at.is_(None)).values(revoked_at=now)
    )
