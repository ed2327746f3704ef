"""Who is signed in: the browser holds a random secret, its session row the secret's hash."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from scheduler.domain.people import Role
from scheduler.models.base import db
from scheduler.models.people import User, UserSession

IDLE_FOR = timedelta(hours=8)
LASTS_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Somebody with a live session, as they are at this moment: a change of role shows at once."""

    session_id: int
    user_id: int
    name: str
    email: str
    phone: str
    role: Role
    zone: ZoneInfo
    signed_in_at: datetime
    last_seen_at: datetime


def signed_in(secret: str, now: datetime) -> SignedIn | None:
    """Return who holds `secret`; nobody once it was signed out, idle or old, or they were deactivated."""
    found = db.session.execute(
        select(UserSession, User)
        .join(User, UserSession.user_id == User.id)
        .where(
            UserSession.secret_hash == hash_of(secret),
            UserSession.revoked_at.is_(None),
            UserSession.last_seen_at > now - IDLE_FOR,
            UserSession.created_at > now - LASTS_FOR,
            User.deactivated_at.is_(None),
        )
    ).one_or_none()
    if found is None:
        return None
    session, user = found
    return SignedIn(
        session_id=session.id,
        user_id=user.id,
        name=user.name,
        email=user.email,
        phone=user.phone,
        role=user.role,
        zone=user.zone,
        signed_in_at=session.created_at,
        last_seen_at=session.last_seen_at,
    )


def hash_of(secret: str) -> str:
    """Return what is stored of a session's secret; 256 random bits need no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()
