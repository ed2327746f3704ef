"""The scheduling account: connected by an admin, checked by the worker, disconnected."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from scheduler import wakeups
from scheduler.commands import audit
from scheduler.commands.audit import GREENROOM, Actor
from scheduler.commands.installation import ensure_installation
from scheduler.domain.booking import Attention
from scheduler.keys import KeyRing
from scheduler.models.base import db
from scheduler.models.bookings import Booking
from scheduler.models.calendar import ConnectionState, GoogleConnection, OrganizerCalendar
from scheduler.queries.google_access import REFRESH_TOKEN


class WrongAccount(Exception):
    """Somebody else than the scheduling account gave consent."""


class NoRefreshToken(Exception):
    """Google gave no refresh token; without one Greenroom loses access within the hour."""


def connect(
    *,
    email: str,
    expected: str,
    refresh_token: str | None,
    scopes: str,
    keys: KeyRing,
    by: Actor,
    now: datetime,
) -> None:
    """Keep the scheduling account's consent, sealed, and have it checked.

    Raises WrongAccount when `email` is not the `expected` account, and NoRefreshToken.
    """
    if email.lower() != expected:
        raise WrongAccount
    if not refresh_token:
        raise NoRefreshToken
    _keep(email.lower(), keys.seal(refresh_token, REFRESH_TOKEN), scopes, by, now)


def use_service_account(email: str, *, by: Actor, now: datetime) -> None:
    """Act as `email` through domain-wide delegation; the key file is a setting."""
    _keep(email, None, "", by, now)


def disconnect(*, by: Actor, now: datetime) -> None:
    """Forget the consent. Bookings wait until an account is connected again."""
    connection = db.session.get(GoogleConnection, 1)
    if connection is not None:
        db.session.delete(connection)
        audit.record("disconnect", ("google_connection", 1), by=by, now=now)
    db.session.commit()


def check_again(*, now: datetime) -> None:
    """Have the worker look at the connection again."""
    db.session.execute(update(GoogleConnection).values(state=ConnectionState.CHECKING))
    wakeups.check_connection_soon(db.session.connection())
    db.session.commit()


def record_checked(state: ConnectionState, problem: str, *, now: datetime) -> None:
    """Keep what a look at the connection showed. Bookings that waited for it go on at once."""
    db.session.execute(
        update(GoogleConnection)
        .where(GoogleConnection.id == 1)
        .values(state=state, problem=problem, checked_at=now)
    )
    if state is ConnectionState.READY:
        db.session.execute(
            update(Booking)
            .where(Booking.attention == Attention.NOT_CONNECTED)
            .values(next_attempt_at=now)
        )
    db.session.commit()


def add_organizer_calendar(
    google_id: str, name: str, *, can_make_meet: bool, now: datetime
) -> None:
    """Keep an organizer calendar, or what is newly known of it."""
    calendar = db.session.scalars(
        select(OrganizerCalendar).where(OrganizerCalendar.google_id == google_id)
    ).one_or_none()
    if calendar is None:
        calendar = OrganizerCalendar(google_id=google_id, name=name, created_at=now)
        db.session.add(calendar)
        audit.record(
            "add_organizer_calendar", ("organizer_calendar", google_id), by=GREENROOM, now=now
        )
    calendar.can_make_meet, calendar.retired_at = can_make_meet, None
    db.session.commit()


def retire_organizer_calendar(google_id: str, *, now: datetime) -> None:
    """Put no more events on a calendar that is not to be found. It comes back when it is seen again."""
    calendar = db.session.scalars(
        select(OrganizerCalendar).where(OrganizerCalendar.google_id == google_id)
    ).one()
    if calendar.retired_at is None:
        calendar.retired_at = now
        audit.record(
            "retire_organizer_calendar", ("organizer_calendar", google_id), by=GREENROOM, now=now
        )
    db.session.commit()


def _keep(email: str, sealed: str | None, scopes: str, by: Actor, now: datetime) -> None:
    ensure_installation()
    db.session.merge(
        GoogleConnection(
            id=1,
            email=email,
            refresh_token_sealed=sealed,
            scopes=scopes,
            state=ConnectionState.CHECKING,
            problem="",
            connected_at=now,
            checked_at=None,
        )
    )
    audit.record("connect", ("google_connection", 1), by=by, now=now)
    wakeups.check_connection_soon(db.session.connection())
    db.session.commit()
