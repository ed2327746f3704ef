"""Seals everything anew under the key that seals now, so that an older key can leave DATA_KEYS."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from scheduler.commands import audit
from scheduler.commands.audit import GREENROOM
from scheduler.commands.mails import message_place
from scheduler.keys import KeyRing, Place
from scheduler.models.base import db
from scheduler.models.calendar import GoogleConnection
from scheduler.models.candidates import Invite
from scheduler.models.mail import OutboxMail
from scheduler.queries.google_access import REFRESH_TOKEN
from scheduler.queries.invites import token_place


def reseal(*, keys: KeyRing, now: datetime) -> int:
    """Seal anew whatever is under an older key; return how many texts that were.

    Raises CannotOpen when something is under a key that is gone; nothing is changed then.
    """
    resealed = 0
    for row, attribute, place in _sealed():
        sealed = getattr(row, attribute)
        if not keys.is_current(sealed):
            setattr(row, attribute, keys.seal(keys.open(sealed, place), place))
            resealed += 1
    audit.record("reseal", ("installation", 1), by=GREENROOM, now=now, texts=resealed)
    db.session.commit()
    return resealed


def _sealed() -> Iterable[tuple[object, str, Place]]:
    """Yield every row that holds a sealed text, the attribute it stands in, and its place."""
    for connection in db.session.scalars(
        select(GoogleConnection).where(GoogleConnection.refresh_token_sealed.is_not(None))
    ):
        yield connection, "refresh_token_sealed", REFRESH_TOKEN
    for invite in db.session.scalars(select(Invite)):
        yield invite, "token_sealed", token_place(invite.token_hash)
    for mail in db.session.scalars(select(OutboxMail)):
        yield mail, "message_sealed", message_place(mail.message_id)
