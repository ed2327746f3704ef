"""Interviewers, their pools, and what an address may do once its owner signs in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from scheduler.commands import audit, checks
from scheduler.commands.audit import Actor
from scheduler.commands.checks import Refused
from scheduler.domain.people import LoadLimit, Role, Standing, WorkingHours
from scheduler.models.base import db, refusing
from scheduler.models.people import (
    InterviewerPool,
    InterviewerRow,
    PoolMembership,
    RoleGrant,
    User,
    WorkingHoursRow,
)


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
    by: Actor,
    now: datetime,
) -> int:
    """Add somebody who interviews and return their id. Raises Refused."""
    interviewer = InterviewerRow(
        email=checks.address(email),
        name=checks.name(name),
        title=checks.line(title, field="title", is_required=False),
        zone=checks.zone(zone),
        max_per_day=limit.per_day,
        max_per_week=limit.per_week,
        buffer_before=buffer,
        buffer_after=buffer,
        created_at=now,
        hours=_rows(hours),
    )
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
    by: Actor,
    now: datetime,
) -> None:
    """Change where and when somebody works and how much they take. Raises Refused."""
    interviewer = db.session.get_one(InterviewerRow, interviewer_id)
    interviewer.title = checks.line(title, field="title", is_required=False)
    interviewer.zone = checks.zone(zone)
    interviewer.hours = _rows(hours)
    interviewer.max_per_day, interviewer.max_per_week = limit.per_day, limit.per_week
    interviewer.buffer_before = interviewer.buffer_after = buffer
    audit.record("change_interviewer", ("interviewer", interviewer_id), by=by, now=now)
    db.session.commit()


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


def _rows(hours: Sequence[WorkingHours]) -> list[WorkingHoursRow]:
    return [
        WorkingHoursRow(weekday=each.weekday, opens_at=each.opens_at, closes_at=each.closes_at)
        for each in hours
    ]
