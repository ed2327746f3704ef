"""How Greenroom stands, in figures: for load balancers, monitors and their alarms. No person is in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from scheduler.models import migrate
from scheduler.models.base import db
from scheduler.models.bookings import Booking
from scheduler.models.mail import MailState, OutboxMail


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a monitor reads."""

    jobs: Mapping[str, int]
    """procrastinate's jobs by status; those that succeeded are deleted."""
    behind: int
    behind_for_seconds: float
    """How long the oldest of the bookings behind has been due; 0 when none is."""
    attention: Mapping[str, int]
    mails_waiting: int
    mail_waiting_for_seconds: float


def database_answers() -> bool:
    """Say whether the database takes a question."""
    try:
        db.session.execute(select(1))
    except (DBAPIError, PoolExhausted):
        return False
    finally:
        db.session.rollback()
    return True


def tables_are_current(database_url: str) -> bool:
    """Say whether the tables are those of this version. False without a database, too."""
    try:
        return migrate.is_current(database_url)
    except (DBAPIError, PoolExhausted):
        return False


def figures(now: datetime) -> Figures:
    """Return the figures as they are now."""
    behind = db.session.execute(
        select(func.count(), func.min(Booking.next_attempt_at)).where(
            Booking.applied_revision < Booking.desired_revision
        )
    ).one()
    mails = db.session.execute(
        select(func.count(), func.min(OutboxMail.created_at)).where(
            OutboxMail.state == MailState.WAITING
        )
    ).one()
    attention = db.session.execute(
        select(Booking.attention, func.count())
        .where(Booking.attention.is_not(None))
        .group_by(Booking.attention)
    )
    # procrastinate's own table: it has no model here.
    jobs = db.session.execute(
        text("SELECT status::text, count(*) AS jobs FROM procrastinate_jobs GROUP BY status")
    )
    return Figures(
        jobs={row.status: row.jobs for row in jobs},
        behind=behind[0],
        behind_for_seconds=_seconds(now, behind[1]),
        attention={why.value: number for why, number in attention if why is not None},
        mails_waiting=mails[0],
        mail_waiting_for_seconds=_seconds(now, mails[1]),
    )


def _seconds(now: datetime, since: datetime | None) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
