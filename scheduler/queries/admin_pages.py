"""What the admin pages show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from scheduler.domain import people
from scheduler.domain.entries import Keyword
from scheduler.domain.people import LoadLimit, Role, Standing, WorkingHours
from scheduler.keys import CannotOpen, KeyRing
from scheduler.models.audit import AuditEntry
from scheduler.models.base import db
from scheduler.models.calendar import (
    BusyCalendar,
    ConnectionState,
    GoogleConnection,
    OrganizerCalendar,
)
from scheduler.models.people import (
    InterviewerPool,
    InterviewerRow,
    PoolMembership,
    RoleGrant,
    User,
    UserSession,
)
from scheduler.queries import keywords, reading_pages, snapshots
from scheduler.queries.days_off import is_paused
from scheduler.queries.google_access import REFRESH_TOKEN
from scheduler.queries.reading_pages import CalendarReading
from scheduler.queries.sessions import IDLE_FOR, LASTS_FOR
from scheduler.queries.slot_searches import interviewer_of
from scheduler.queries.snapshots import Trouble

REFUSALS_SHOWN_FOR = timedelta(days=30)

# -- the scheduling account --------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionPage:
    """How Greenroom stands with the scheduling account. `state` is None before it was connected."""

    email: str | None = None
    state: ConnectionState | None = None
    problem: str = ""
    uses_service_account: bool = False
    connected_at: datetime | None = None
    checked_at: datetime | None = None
    calendars: Sequence[str] = ()

    @property
    def is_checking(self) -> bool:
        return self.state is ConnectionState.CHECKING


def connection_page() -> ConnectionPage:
    row = db.session.get(GoogleConnection, 1)
    if row is None:
        return ConnectionPage()
    calendars = db.session.scalars(
        select(OrganizerCalendar.name)
        .where(OrganizerCalendar.retired_at.is_(None))
        .order_by(OrganizerCalendar.id)
    )
    return ConnectionPage(
        email=row.email,
        state=row.state,
        problem=row.problem,
        uses_service_account=row.refresh_token_sealed is None,
        connected_at=row.connected_at,
        checked_at=row.checked_at,
        calendars=calendars.all(),
    )


def refresh_token(keys: KeyRing) -> str | None:
    """Return the token of the scheduling account's consent, to be revoked; None if there is none."""
    row = db.session.get(GoogleConnection, 1)
    if row is None or row.refresh_token_sealed is None:
        return None
    try:
        return keys.open(row.refresh_token_sealed, REFRESH_TOKEN)
    except CannotOpen:
        return None


# -- who may sign in ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """Somebody who has signed in at least once."""

    user_id: int
    name: str
    email: str
    role: Role
    is_active: bool
    last_seen_at: datetime | None
    sessions: int
    was_refused_at: datetime | None
    """When somebody with the same address but another account last tried to come in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRow:
    """An address that was given a role and has not signed in yet."""

    email: str
    role: Role
    granted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    people: Sequence[PersonRow]
    expected: Sequence[GrantRow]


def people_page(now: datetime) -> PeoplePage:
    expected = db.session.scalars(
        select(RoleGrant)
        .where(RoleGrant.email.not_in(select(User.email)))
        .order_by(RoleGrant.email)
    )
    return PeoplePage(
        people=_people(now),
        expected=[
            GrantRow(email=each.email, role=each.role, granted_at=each.granted_at)
            for each in expected
        ],
    )


def person_page(user_id: int, now: datetime) -> PersonRow:
    """Return one person, or raise NoResultFound."""
    db.session.get_one(User, user_id)
    return _people(now, user_id)[0]


def _people(now: datetime, user_id: int | None = None) -> list[PersonRow]:
    is_live = (
        UserSession.revoked_at.is_(None)
        & (UserSession.last_seen_at > now - IDLE_FOR)
        & (UserSession.created_at > now - LASTS_FOR)
    )
    seen = (
        select(
            UserSession.user_id,
            func.max(UserSession.last_seen_at).label("at"),
            func.count().filter(is_live).label("live"),
        )
        .group_by(UserSession.user_id)
        .subquery()
    )
    query = (
        select(User, seen.c.at, seen.c.live)
        .outerjoin(seen, seen.c.user_id == User.id)
        .order_by(User.deactivated_at.is_not(None), func.lower(User.name), User.id)
    )
    if user_id is not None:
        query = query.where(User.id == user_id)
    refused = _refused_since(now - REFUSALS_SHOWN_FOR)
    return [
        PersonRow(
            user_id=user.id,
            name=user.name,
            email=user.email,
            role=user.role,
            is_active=user.deactivated_at is None,
            last_seen_at=seen_at,
            sessions=live or 0,
            was_refused_at=refused.get(user.id),
        )
        for user, seen_at, live in db.session.execute(query)
    ]


def _refused_since(since: datetime) -> dict[int, datetime]:
    rows = db.session.execute(
        select(AuditEntry.object_id, func.max(AuditEntry.recorded_at))
        .where(AuditEntry.action == "refuse_sign_in", AuditEntry.recorded_at > since)
        .group_by(AuditEntry.object_id)
    )
    return {int(user_id): at for user_id, at in rows}


# -- interviewers and pools --------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DayHours:
    """The same hours on one or several days in a row: Monday to Friday, 09:00–17:00."""

    first_weekday: int
    last_weekday: int
    stretches: Sequence[tuple[time, time]]


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewerListRow:
    interviewer_id: int
    name: str
    email: str
    title: str
    zone: ZoneInfo
    hours: Sequence[DayHours]
    limit: LoadLimit
    pools: Sequence[str]
    is_busy_unknown: bool
    """Google was asked and would not say when they are busy, so they are never offered."""
    is_paused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewersPage:
    interviewers: Sequence[InterviewerListRow]
    sought: str
    total: int


def interviewers_page(now: datetime, sought: str = "") -> InterviewersPage:
    query = (
        select(InterviewerRow)
        .options(selectinload(InterviewerRow.hours), selectinload(InterviewerRow.preferred_blocks))
        .order_by(func.lower(InterviewerRow.name), InterviewerRow.id)
    )
    if sought:
        query = query.where(
            InterviewerRow.name.icontains(sought, autoescape=True)
            | InterviewerRow.email.icontains(sought, autoescape=True)
            | InterviewerRow.title.icontains(sought, autoescape=True)
        )
    pools = _pools_of_everybody()
    unknown = set(
        db.session.scalars(select(BusyCalendar.interviewer_id).where(BusyCalendar.busy.is_(None)))
    )
    return InterviewersPage(
        interviewers=[
            InterviewerListRow(
                interviewer_id=row.id,
                name=row.name,
                email=row.email,
                title=row.title,
                zone=row.zone,
                hours=_days(_hours(row)),
                limit=interviewer_of(row).limit,
                is_paused=is_paused(row, now.astimezone(row.zone).date()),
                pools=pools.get(row.id, ()),
                is_busy_unknown=row.id in unknown,
            )
            for row in db.session.scalars(query)
        ],
        sought=sought,
        total=db.session.scalar(select(func.count()).select_from(InterviewerRow)) or 0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewerPage:
    """One interviewer, for the form."""

    interviewer_id: int
    name: str
    email: str
    title: str
    zone: ZoneInfo
    hours: Sequence[WorkingHours]
    limit: LoadLimit
    buffer: timedelta
    comfortable: people.DayHours | None
    preferred_blocks: Sequence[WorkingHours]
    paused_from: date | None
    paused_until: date | None
    holiday_country: str
    days_off: Sequence[date]
    pools: Sequence[str]
    trouble: Trouble | None
    """Why their calendar is unknown, if Google will not tell of it."""
    keywords: Sequence[Keyword]
    reading: CalendarReading
    days_in_force: Sequence[DayHours]
    """The working hours that hold."""


def interviewer_page(interviewer_id: int) -> InterviewerPage:
    """Return one interviewer, or raise NoResultFound."""
    row = db.session.get_one(InterviewerRow, interviewer_id)
    value = interviewer_of(row)
    reading = reading_pages.of_person(value)
    return InterviewerPage(
        interviewer_id=row.id,
        name=row.name,
        email=row.email,
        title=row.title,
        zone=row.zone,
        hours=_hours(row),
        limit=value.limit,
        buffer=row.buffer_before,
        comfortable=value.comfortable,
        preferred_blocks=value.preferred_blocks,
        paused_from=row.paused_from,
        paused_until=row.paused_until,
        holiday_country=row.holiday_country,
        days_off=[each.day for each in row.days_off],
        pools=_pools_of_everybody().get(row.id, ()),
        trouble=snapshots.troubles_of([value.interviewer_id]).get(value.interviewer_id),
        keywords=keywords.keywords(row.keywords),
        reading=reading,
        days_in_force=_days(reading.hours),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    interviewer_id: int
    name: str
    title: str
    zone: ZoneInfo
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolRow:
    pool_id: int
    name: str
    trained: Sequence[str]
    training: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolPage:
    pool_id: int
    name: str
    members: Sequence[MemberRow]
    others: Sequence[tuple[int, str]]
    """Who could join: id and name."""


def pools_page() -> Sequence[PoolRow]:
    pools = db.session.scalars(
        select(InterviewerPool)
        .options(selectinload(InterviewerPool.memberships).joinedload(PoolMembership.interviewer))
        .order_by(func.lower(InterviewerPool.name))
    )
    return [
        PoolRow(
            pool_id=pool.id,
            name=pool.name,
            trained=_names(pool, Standing.TRAINED),
            training=_names(pool, Standing.TRAINING),
        )
        for pool in pools
    ]


def pool_page(pool_id: int) -> PoolPage:
    """Return one pool, or raise NoResultFound."""
    pool = db.session.get_one(InterviewerPool, pool_id)
    members = db.session.scalars(
        select(PoolMembership)
        .join(PoolMembership.interviewer)
        .options(joinedload(PoolMembership.interviewer))
        .where(PoolMembership.pool_id == pool_id)
        .order_by(PoolMembership.standing, func.lower(InterviewerRow.name))
    ).all()
    inside = {each.interviewer_id for each in members}
    everybody = db.session.execute(
        select(InterviewerRow.id, InterviewerRow.name).order_by(func.lower(InterviewerRow.name))
    )
    return PoolPage(
        pool_id=pool.id,
        name=pool.name,
        members=[
            MemberRow(
                interviewer_id=each.interviewer_id,
                name=each.interviewer.name,
                title=each.interviewer.title,
                zone=each.interviewer.zone,
                standing=each.standing,
            )
            for each in members
        ],
        others=[(row_id, name) for row_id, name in everybody if row_id not in inside],
    )


def pool_choices() -> list[tuple[int, str]]:
    """Return every pool as id and name, for a menu."""
    rows = db.session.execute(
        select(InterviewerPool.id, InterviewerPool.name).order_by(func.lower(InterviewerPool.name))
    )
    return [(pool_id, name) for pool_id, name in rows]


def _names(pool: InterviewerPool, standing: Standing) -> list[str]:
    return sorted(each.interviewer.name for each in pool.memberships if each.standing is standing)


def _pools_of_everybody() -> dict[int, list[str]]:
    pools: dict[int, list[str]] = {}
    rows = db.session.execute(
        select(PoolMembership.interviewer_id, InterviewerPool.name)
        .join(InterviewerPool, PoolMembership.pool_id == InterviewerPool.id)
        .order_by(func.lower(InterviewerPool.name))
    )
    for interviewer_id, name in rows:
        pools.setdefault(interviewer_id, []).append(name)
    return pools


def _hours(row: InterviewerRow) -> list[WorkingHours]:
    return [WorkingHours(each.weekday, each.opens_at, each.closes_at) for each in row.hours]


def _days(hours: Sequence[WorkingHours]) -> list[DayHours]:
    by_day = [
        (weekday, tuple((each.opens_at, each.closes_at) for each in stretches))
        for weekday, stretches in groupby(hours, key=lambda each: each.weekday)
    ]
    days: list[DayHours] = []
    for weekday, stretches in by_day:
        last = days[-1] if days else None
        if last and last.last_weekday == weekday - 1 and last.stretches == stretches:
            days.pop()
            first = last.first_weekday
        else:
            first = weekday
        days.append(DayHours(first_weekday=first, last_weekday=weekday, stretches=stretches))
    return days
