"""Hands waiting mails to the mail server, each at most once unless the outcome is unknown."""

from __future__ import annotations

import logging
import random
from datetime import timedelta

from sqlalchemy import func, select

from scheduler.commands import mails, settling
from scheduler.commands.mails import message_place
from scheduler.domain.booking import Step
from scheduler.keys import KeyRing
from scheduler.mail import smtp
from scheduler.mail.smtp import MailPostponed, MailRefused
from scheduler.models.base import db
from scheduler.models.mail import MailState, OutboxMail
from scheduler.reconcile.reconciler import Busy, World

log = logging.getLogger(__name__)

MAIL_LOCKS = 8  # first key of the advisory locks on mails
SHORTEST_BACKOFF = timedelta(seconds=10)
LONGEST_BACKOFF = timedelta(minutes=30)


def send(mail_id: int, world: World, *, smtp_url: str) -> None:
    """Send a mail that waits. Sent twice only if nobody can know; then with the same Message-ID."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(select(func.pg_try_advisory_lock(MAIL_LOCKS, mail_id))):
            raise Busy
        try:
            _send(mail_id, world, smtp_url)
        finally:
            connection.execute(select(func.pg_advisory_unlock(MAIL_LOCKS, mail_id)))


def _send(mail_id: int, world: World, smtp_url: str) -> None:
    mail = db.session.get(OutboxMail, mail_id, populate_existing=True)
    if mail is None or mail.state is not MailState.WAITING:
        db.session.rollback()
        return
    raw = _opened(mail, world.sender.keys)
    address, attempts = mail.to_address, mail.attempts
    booking_id, revision = mail.booking_id, mail.booking_revision
    db.session.rollback()
    now = world.clock()
    try:
        smtp.send(raw, to_address=address, smtp_url=smtp_url)
    except MailPostponed as postponed:
        wait = min(SHORTEST_BACKOFF * 2 ** min(attempts, 10), LONGEST_BACKOFF)
        until = now + wait * (0.5 + random.random() / 2)  # noqa: S311
        mails.record_postponed(mail_id, str(postponed), until=until, now=now)
        log.warning("mail postponed", extra={"mail_id": mail_id})
        return
    except MailRefused as refused:
        mails.record_refused(mail_id, str(refused), now=now)
        log.warning("mail refused", extra={"mail_id": mail_id})
        return
    mails.record_sent(mail_id, now=now)
    if booking_id is not None and revision is not None:
        settling.record_step(booking_id, None, revision, Step.MAIL_SENT, now=now)


def _opened(mail: OutboxMail, keys: KeyRing) -> bytes:
    opened = keys.open(mail.message_sealed, message_place(mail.message_id))
    return opened.encode("ascii", "surrogateescape")
