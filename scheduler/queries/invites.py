"""Invites by their token, and the candidate's link of an invite."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from scheduler.keys import KeyRing, Place
from scheduler.models.base import db
from scheduler.models.candidates import Invite


class InviteEnded(Exception):
    """This link is unknown, revoked or has expired. Which of them, nobody is told."""


@dataclass(frozen=True, slots=True)
class OpenInvite:
    """An invite that may be used now."""

    invite_id: int
    application_id: int
    stage_id: int
    may_choose: bool


def token_hash(token: str) -> str:
    """Return what is stored of a token: its SHA-256, in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_invite(token: str, now: datetime) -> OpenInvite:
    """Return the invite that `token` opens, or raise InviteEnded."""
    invite = db.session.scalars(
        select(Invite).where(Invite.token_hash == token_hash(token))
    ).one_or_none()
    if invite is None or invite.revoked_at is not None or invite.expires_at <= now:
        raise InviteEnded
    if invite.application.closed_at is not None:
        raise InviteEnded
    return OpenInvite(
        invite_id=invite.id,
        application_id=invite.application_id,
        stage_id=invite.stage_id,
        may_choose=invite.offered_at is not None,
    )


def token_place(invite_hash: str) -> Place:
    """Return where an invite's token is sealed to: the row is known by the token's hash."""
    return Place("invite", invite_hash, "token_sealed")


def page_url(invite: Invite, *, keys: KeyRing, public_url: str) -> str:
    """Return the candidate's link of `invite`."""
    token = keys.open(invite.token_sealed, token_place(invite.token_hash))
    return f"{public_url}/i/{token}"
