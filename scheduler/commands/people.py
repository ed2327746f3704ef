"""Interviewers, their pools, and what an address may do once its owner signs in."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scheduler.commands import audit, checks
from scheduler.commands.audit import Actor
from scheduler.commands.checks import Refused
from scheduler.commands.keywords import rows_of
from scheduler.commands.scheduling import read_anew
from scheduler.domain.entries import Keyword
from scheduler.domain.people import (
    COMFORTABLE,
    DayHours,
    LoadLimit,
    Role,
    Standing,
    WorkingHours,
)
from scheduler.models.base import db, refusing
from scheduler.models.people import (
    DayOff,
    InterviewerPool,
    InterviewerRow,
    PoolMembership,
    PreferredBlockRow,
    RoleGrant,
    User,
    WorkingHoursRow,
)
from scheduler.queries import keywords as keyword_queries
from scheduler.queries.days_off import holiday_countries

MOST_DAYS_OFF = 100
CHANGEABLE = (
    "title",
    "zone",
    "max_per_day",
    "max_per_week",
    "max_time_per_day",
    "max_time_per_week",
    "buffer_before",
    "comfortable_from",
    "comfortable_until",
    "paused_from",
    "paused_until",
    "holiday_country",
)
"""The columns of an interviewer that `change_interviewer` writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """When somebody likes to interview, the days on which they do not, and what their titles mean.

    Dates are where they are; a pause holds from its first day to its last, or until further notice.
    """

    comfortable: DayHours | None = COMFORTABLE
    preferred_blocks: Sequence[WorkingHours] = ()
    paused_from: date | None = None
    paused_until: date | None = None
    holiday_country: str = ""
    days_off: Sequence[date] = ()
    keywords: Sequence[Keyword] = ()


USUAL_HABITS = Habits()


class InterviewerChanged(Exception):
    """Somebody else has changed the interviewer since they were looked at."""


class AddressTaken(Refused):
    """Somebody has this address already."""

    def __init__(self) -> None:
        super().__init__("email", "Somebody with this address is here already.")


class PoolNameTaken(Refused):
    """There is a pool of this name already."""

    def __init__(self) -> None:
        super().__init__("name", "There is a pool of this name already. Choose another name.")


def grant_role(email: str, role: Role, *, by: Actor, now: datetime) -> None:
    """Let `email` act as `role`, from now if they have signed in before, else from their first time."""
    address = checks.address(email)
    db.session.merge(RoleGrant(email=address, role=role, granted_at=now))
    user = db.session.scalars(db.select(User).where(User.email == address)).one_or_none()
    if user is not None:
        user.role = role
    # No address in the audit: it outlives the people it is about.
    whom = user.id if user is not None else "somebody yet to sign in"
    audit.record("grant_role", ("app_user", whom), by=by, now=now, role=role.value)
    db.session.commit()


def add_interviewer(
    *,
    email: str,
    name: str,
    title: str,
    zone: str,
    hours: Sequence[WorkingHours],
    limit: LoadLimit,
    buffer: timedelta = timedelta(0),
    habits: Habits = USUAL_HABITS,
    by: Actor,
    now: datetime,
) -> int:
    """Add somebody who interviews and return their id. Raises Refused."""
    interviewer = InterviewerRow(
        email=checks.address(email),
        name=checks.name(name),
        title=checks.line(title, field="title", is_required=False),
        zone=checks.zone(zone),
        created_at=now,
    )
    _set_load(interviewer, hours, limit, buffer)
    _set_habits(interviewer, habits)
    with refusing({"uq_interviewer_email": AddressTaken}):
        db.session.add(interviewer)
        db.session.flush()
        audit.record("add_interviewer", ("interviewer", interviewer.id), by=by, now=now)
        db.session.commit()
    return interviewer.id


def change_interviewer(
    interviewer_id: int,
    *,
    title: str,
    zone: str,
    hours: Sequence[WorkingHours],
    limit: LoadLimit,
    buffer: timedelta,
    habits: Habits,
    version: str | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Change where and when somebody works and how much they take.

    Raises Refused, and InterviewerChanged if they are no longer those of a `version` that is given.
    """
    # Days off are replaced by key, so the changes of two pages come one after the other.
    interviewer = db.session.get_one(InterviewerRow, interviewer_id, with_for_update=True)
    # Whatever else this session has read was read before the lock, and may be old.
    db.session.expire_all()
    if version is not None and version != current_version(interviewer_id):
        db.session.rollback()
        raise InterviewerChanged
    interviewer.title = checks.line(title, field="title", is_required=False)
    interviewer.zone = checks.zone(zone)
    _set_load(interviewer, hours, limit, buffer)
    before = set(keyword_queries.keywords(interviewer.keywords))
    _set_habits(interviewer, habits)
    if before != set(habits.keywords):
        read_anew(now, interviewer_id)
    audit.record("change_interviewer", ("interviewer", interviewer_id), by=by, now=now)
    db.session.commit()


def current_version(interviewer_id: int) -> str:
    """Return what tells an interviewer as they are kept now from what they were or will be."""
    row = db.session.get_one(InterviewerRow, interviewer_id)
    kept = (
        [getattr(row, name) for name in CHANGEABLE],
        sorted((each.weekday, each.opens_at, each.closes_at) for each in row.hours),
        sorted((each.weekday, each.opens_at, each.closes_at) for each in row.preferred_blocks),
        sorted(each.day for each in row.days_off),
        sorted((each.words, each.means.value) for each in row.keywords),
    )
    return hashlib.sha256(repr(kept).encode()).hexdigest()[:32]


def make_pool(name: str, *, by: Actor, now: datetime) -> int:
    """Make an empty interviewer pool and return its id. Raises Refused."""
    pool = InterviewerPool(name=checks.name(name), created_at=now)
    with refusing({"uq_interviewer_pool_name": PoolNameTaken}):
        db.session.add(pool)
        db.session.flush()
        audit.record("make_pool", ("interviewer_pool", pool.id), by=by, now=now)
        db.session.commit()
    return pool.id


def join_pool(
    pool_id: int, interviewer_id: int, standing: Standing, *, by: Actor, now: datetime
) -> None:
    """Put somebody in a pool, or change how they stand there."""
    db.session.merge(
        PoolMembership(pool_id=pool_id, interviewer_id=interviewer_id, standing=standing)
    )
    audit.record(
        "join_pool", ("interviewer_pool", pool_id), by=by, now=now, interviewer_id=interviewer_id
    )
    db.session.commit()


def leave_pool(pool_id: int, interviewer_id: int, *, by: Actor, now: datetime) -> None:
    """Take somebody out of a pool. Their bookings stay."""
    membership = db.session.get(PoolMembership, (pool_id, interviewer_id))
    if membership is not None:
        db.session.delete(membership)
        audit.record(
            "leave_pool",
            ("interviewer_pool", pool_id),
            by=by,
            now=now,
            interviewer_id=interviewer_id,
        )
    db.session.commit()


def _set_load(
    interviewer: InterviewerRow, hours: Sequence[WorkingHours], limit: LoadLimit, buffer: timedelta
) -> None:
    interviewer.hours = [
        WorkingHoursRow(weekday=each.weekday, opens_at=each.opens_at, closes_at=each.closes_at)
        for each in hours
    ]
    interviewer.max_per_day, interviewer.max_per_week = limit.per_day, limit.per_week
    interviewer.max_time_per_day = limit.time_per_day
    interviewer.max_time_per_week = limit.time_per_week
    interviewer.buffer_before = interviewer.buffer_after = buffer


def _set_habits(interviewer: InterviewerRow, habits: Habits) -> None:
    first, last = habits.paused_from, habits.paused_until
    if first is None and last is not None:
        raise Refused("paused_from", "Enter the first day of the pause, too.")
    if first is not None and last is not None and last < first:
        raise Refused("paused_until", "The last day of a pause cannot come before its first.")
    if habits.holiday_country and habits.holiday_country not in holiday_countries():
        raise Refused("holiday_country", "Choose a country from the list.")
    if len(habits.days_off) > MOST_DAYS_OFF:
        raise Refused("days_off", f"Enter at most {MOST_DAYS_OFF} days.")
    comfortable = habits.comfortable
    interviewer.comfortable_from = comfortable.opens_at if comfortable else None
    interviewer.comfortable_until = comfortable.closes_at if comfortable else None
    interviewer.preferred_blocks = [
        PreferredBlockRow(weekday=each.weekday, opens_at=each.opens_at, closes_at=each.closes_at)
        for each in habits.preferred_blocks
    ]
    interviewer.paused_from, interviewer.paused_until = first, last
    interviewer.holiday_country = habits.holiday_country
    interviewer.keywords = rows_of(habits.keywords, interviewer.keywords)
    kept = {each.day: each for each in interviewer.days_off}
    interviewer.days_off = [
        kept.get(day) or DayOff(day=day) for day in sorted(set(habits.days_off))
    ]
