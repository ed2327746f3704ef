"""The candidate's link: made, offered, revoked."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select

from scheduler.commands import audit
from scheduler.commands.audit import Actor
from scheduler.keys import KeyRing
from scheduler.models.base import db
from scheduler.models.candidates import Application, Invite
from scheduler.queries.invites import token_hash, token_place

TOKEN_BYTES = 32
INVITE_LASTS = timedelta(days=60)


def invite_for(application_id: int, stage_id: int, *, keys: KeyRing, now: datetime) -> Invite:
    """Return the invite of an application for a stage, locked; made now if there is none.

    Part of a larger command: it does not commit.
    """
    # The application's row is the gate: two recruiters who book at once come one after the other.
    db.session.execute(
        select(Application.id)
        .where(Application.id == application_id)
        .with_for_update(key_share=True)
    ).one()
    invite = db.session.scalars(
        select(Invite)
        .where(
            Invite.application_id == application_id,
            Invite.stage_id == stage_id,
            Invite.revoked_at.is_(None),
        )
        .with_for_update(key_share=True)
    ).one_or_none()
    if invite is not None:
        invite.expires_at = max(invite.expires_at, now + INVITE_LASTS)
        return invite
    token = secrets.token_urlsafe(TOKEN_BYTES)
    hashed = token_hash(token)
    invite = Invite(
        application_id=application_id,
        stage_id=stage_id,
        token_hash=hashed,
        token_sealed=keys.seal(token, token_place(hashed)),
        expires_at=now + INVITE_LASTS,
        created_at=now,
    )
    db.session.add(invite)
    db.session.flush()
    return invite


def revoke(invite_id: int, *, by: Actor, now: datetime) -> None:
    """End a link. A booking made through it stays."""
    invite = db.session.get_one(Invite, invite_id)
    if invite.revoked_at is None:
        invite.revoked_at = now
        audit.record("revoke_invite", ("invite", invite_id), by=by, now=now)
    db.session.commit()
