"""Wakes whatever is behind or due, whether or not a wake-up for it exists: the net under the queue."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Row, func, or_, select, update

from scheduler import wakeups
from scheduler.domain.booking import BookingState
from scheduler.models.base import db
from scheduler.models.bookings import Booking, Call, Interview
from scheduler.models.calendar import OrganizerCalendar
from scheduler.models.mail import MailState, OutboxMail

MOST_AT_ONCE = 500


def wake_the_behind(now: datetime) -> int:
    """Wake every booking that Google does not agree with and that is due; return how many.

    Also where it did agree, until a look for drift failed: what that look began is not left half done.
    """
    behind = db.session.execute(
        select(Booking.id, Booking.desired_revision)
        .where(
            or_(
                Booking.applied_revision < Booking.desired_revision,
                Booking.last_error.is_not(None),
            ),
            Booking.next_attempt_at <= now,
        )
        .order_by(Booking.next_attempt_at)
        .limit(MOST_AT_ONCE)
    ).all()
    return _wake(behind)


def wake_the_open(now: datetime) -> int:
    """Wake every booking whose interviews are still to come, so that drift is seen and healed."""
    is_to_come = (
        select(Interview.id)
        .where(Interview.booking_id == Booking.id, func.upper(Interview.during) > now)
        .exists()
    )
    open_bookings = db.session.execute(
        select(Booking.id, Booking.desired_revision)
        .where(Booking.state == BookingState.BOOKED, Booking.next_attempt_at <= now, is_to_come)
        .order_by(Booking.id)
    ).all()
    return _wake(open_bookings)


def wake_the_changed(
    calendar_id: str, event_ids: Collection[str], next_sync_token: str | None, *, now: datetime
) -> int:
    """Wake the bookings of these events of an organizer calendar, and keep where to go on from.

    What changed is not looked at here: the pass that is woken reads it for itself. Our own writes
    are among the changes, so one that failed is left until it is due, or it would wake itself for ever.
    """
    by_call = (
        select(Call.booking_id)
        .where(Call.calendar_id == calendar_id)
        .where(or_(Call.candidate_event_id.in_(event_ids), Call.keeper_event_id.in_(event_ids)))
    )
    by_interview = select(Interview.booking_id).where(
        Interview.calendar_id == calendar_id, Interview.event_id.in_(event_ids)
    )
    changed = db.session.execute(
        select(Booking.id, Booking.desired_revision)
        .where(
            or_(Booking.id.in_(by_call), Booking.id.in_(by_interview)),
            or_(Booking.last_error.is_(None), Booking.next_attempt_at <= now),
        )
        .order_by(Booking.id)
    ).all()
    db.session.execute(
        update(OrganizerCalendar)
        .where(OrganizerCalendar.google_id == calendar_id)
        .values(sync_token=next_sync_token)
    )
    return _wake(changed)


def wake_waiting_mails(now: datetime) -> int:
    """Wake every mail that waits and is due; return how many."""
    waiting = db.session.scalars(
        select(OutboxMail.id)
        .where(OutboxMail.state == MailState.WAITING, OutboxMail.next_attempt_at <= now)
        .order_by(OutboxMail.next_attempt_at)
        .limit(MOST_AT_ONCE)
    ).all()
    for mail_id in waiting:
        wakeups.send_mail_soon(db.session.connection(), mail_id)
    db.session.commit()
    return len(waiting)


def _wake(bookings: Sequence[Row[int, int]]) -> int:
    for booking_id, revision in bookings:
        wakeups.reconcile_soon(db.session.connection(), booking_id, revision=revision)
    db.session.commit()
    return len(bookings)
