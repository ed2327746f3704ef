"""Candidates for the recruiter's pages: the list of them, and one with all they applied for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from scheduler.domain.booking import BookingState
from scheduler.domain.people import Role
from scheduler.domain.plan import Accommodations
from scheduler.domain.timespan import TimeSpan, hull
from scheduler.keys import KeyRing
from scheduler.models.base import db
from scheduler.models.bookings import Booking
from scheduler.models.candidates import Application, Candidate, Invite
from scheduler.models.people import User
from scheduler.models.plans import JobRole
from scheduler.queries.invites import page_url
from scheduler.queries.stage_plans import needs_of

ROWS_A_PAGE = 25
SCHEDULERS = (Role.RECRUITER, Role.COORDINATOR, Role.ADMIN)


class Standing(StrEnum):
    """How far an application is with its present stage."""

    NO_WINDOWS = "no_windows"
    CAN_SCHEDULE = "can_schedule"
    ASKED = "asked"
    BOOKED = "booked"
    HELD = "held"
    NEEDS_ATTENTION = "needs_attention"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationRow:
    """An application as the list shows it."""

    application_id: int
    stage_id: int
    role: str
    stage: str
    standing: Standing
    span: TimeSpan | None
    booking_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateRow:
    candidate_id: int
    name: str
    email: str | None
    zone: ZoneInfo
    applications: tuple[ApplicationRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChoice:
    """A role and the stages of its plan, for menus."""

    role_id: int
    title: str
    stages: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateListPage:
    zone: ZoneInfo
    rows: tuple[CandidateRow, ...]
    total: int
    number: int
    """Which page this is; the first is 1."""
    words: str
    role_id: int | None
    stage_id: int | None
    roles: tuple[RoleChoice, ...]

    @property
    def first(self) -> int:
        return (self.number - 1) * ROWS_A_PAGE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def is_filtered(self) -> bool:
        return bool(self.words or self.role_id or self.stage_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingLine:
    booking_id: int
    stage: str
    span: TimeSpan | None
    interviews: int
    is_cancelled: bool
    is_over: bool
    needs_attention: bool
    is_settled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StageLine:
    """One stage of the plan, as far as this application is with it."""

    stage_id: int
    title: str
    state: str
    """done, now or waiting: the words of the stepper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationCard:
    """One application with its plan, its times and its bookings."""

    application_id: int
    role: str
    team: str
    recruiter: str
    stage_id: int
    stage: str
    next_stage: tuple[int, str] | None
    stages: tuple[StageLine, ...]
    standing: Standing
    offered_at: datetime | None
    windows: tuple[TimeSpan, ...]
    needs: Accommodations
    bookings: tuple[BookingLine, ...]
    live_booking_id: int | None
    link: str | None
    """The candidate's page of the present stage; None until somebody books or offers times."""
    scorecard_url: str
    is_closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidatePage:
    candidate_id: int
    name: str
    email: str | None
    candidate_zone: ZoneInfo
    resume_url: str
    created_at: datetime
    zone: ZoneInfo
    now: datetime
    applications: tuple[ApplicationCard, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowsPage:
    """When a candidate can, for the form that says so."""

    application_id: int
    candidate_id: int
    stage_id: int
    candidate: str
    candidate_zone: ZoneInfo
    zone: ZoneInfo
    role: str
    stage: str
    now: datetime
    windows: tuple[TimeSpan, ...]
    needs: Accommodations


def candidate_list(
    *,
    zone: ZoneInfo,
    now: datetime,
    words: str,
    role_id: int | None,
    stage_id: int | None,
    number: int,
) -> CandidateListPage:
    """Return a page of candidates: those whose name or address holds `words`, by name."""
    conditions = _conditions(words, role_id, stage_id)
    total = db.session.scalar(select(func.count()).select_from(Candidate).where(*conditions)) or 0
    number = min(max(number, 1), max(-(-total // ROWS_A_PAGE), 1))
    candidates = db.session.scalars(
        select(Candidate)
        .where(*conditions)
        .options(
            selectinload(Candidate.applications).options(
                joinedload(Application.job_role),
                joinedload(Application.stage),
                selectinload(Application.windows),
            )
        )
        .order_by(func.lower(Candidate.name), Candidate.id)
        .limit(ROWS_A_PAGE)
        .offset((number - 1) * ROWS_A_PAGE)
    ).all()
    present = [each for candidate in candidates for each in candidate.applications]
    bookings, invites = _bookings_of(present), _invites_of(present)
    return CandidateListPage(
        zone=zone,
        rows=tuple(
            CandidateRow(
                candidate_id=candidate.id,
                name=candidate.name,
                email=candidate.email,
                zone=candidate.zone,
                applications=tuple(
                    _row(each, bookings.get(each.id, []), invites.get(each.id), now)
                    for each in sorted(candidate.applications, key=_open_first)
                ),
            )
            for candidate in candidates
        ),
        total=total,
        number=number,
        words=words,
        role_id=role_id,
        stage_id=stage_id,
        roles=role_choices(),
    )


def role_choices() -> tuple[RoleChoice, ...]:
    """Return every role with its stages, in the order of the plan."""
    roles = db.session.scalars(
        select(JobRole).options(selectinload(JobRole.stages)).order_by(JobRole.title, JobRole.id)
    )
    return tuple(
        RoleChoice(
            role_id=role.id,
            title=role.title,
            stages=tuple((stage.id, stage.title) for stage in role.stages),
        )
        for role in roles
    )


def scheduler_choices() -> tuple[tuple[int, str], ...]:
    """Return everybody in whose care an application can be."""
    users = db.session.execute(
        select(User.id, User.name)
        .where(User.role.in_(SCHEDULERS), User.deactivated_at.is_(None))
        .order_by(func.lower(User.name), User.id)
    )
    return tuple((user_id, name) for user_id, name in users)


def candidate_page(
    candidate_id: int, *, zone: ZoneInfo, now: datetime, keys: KeyRing, public_url: str
) -> CandidatePage | None:
    """Return a candidate with all they applied for, or None when there is no such candidate."""
    candidate = db.session.scalars(
        select(Candidate)
        .where(Candidate.id == candidate_id)
        .options(
            selectinload(Candidate.applications).options(
                joinedload(Application.job_role).selectinload(JobRole.stages),
                joinedload(Application.stage),
                joinedload(Application.recruiter),
                selectinload(Application.windows),
            )
        )
    ).one_or_none()
    if candidate is None:
        return None
    bookings, invites = _bookings_of(candidate.applications), _invites_of(candidate.applications)
    return CandidatePage(
        candidate_id=candidate.id,
        name=candidate.name,
        email=candidate.email,
        candidate_zone=candidate.zone,
        resume_url=candidate.resume_url,
        created_at=candidate.created_at,
        zone=zone,
        now=now,
        applications=tuple(
            _card(
                each,
                bookings.get(each.id, []),
                invites.get(each.id),
                now,
                keys=keys,
                public_url=public_url,
            )
            for each in sorted(candidate.applications, key=_open_first)
        ),
    )


def windows_page(application_id: int, *, zone: ZoneInfo, now: datetime) -> WindowsPage | None:
    """Return when this application's candidate can, or None when there is no such application."""
    application = db.session.scalars(
        select(Application)
        .where(Application.id == application_id)
        .options(
            joinedload(Application.candidate),
            joinedload(Application.job_role),
            joinedload(Application.stage),
            selectinload(Application.windows),
        )
    ).one_or_none()
    if application is None:
        return None
    return WindowsPage(
        application_id=application.id,
        candidate_id=application.candidate_id,
        stage_id=application.stage_id,
        candidate=application.candidate.name,
        candidate_zone=application.candidate.zone,
        zone=zone,
        role=application.job_role.title,
        stage=application.stage.title,
        now=now,
        windows=_ahead(application, now),
        needs=needs_of(application),
    )


def _conditions(
    words: str, role_id: int | None, stage_id: int | None
) -> Sequence[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        or_(
            Candidate.name.icontains(word, autoescape=True),
            Candidate.email.icontains(word, autoescape=True),
        )
        for word in words.split()
    ]
    if role_id is not None:
        conditions.append(Candidate.applications.any(Application.job_role_id == role_id))
    if stage_id is not None:
        conditions.append(Candidate.applications.any(Application.stage_id == stage_id))
    return conditions


def _bookings_of(applications: Sequence[Application]) -> Mapping[int, list[Booking]]:
    found: dict[int, list[Booking]] = {}
    if not applications:
        return found
    bookings = db.session.scalars(
        select(Booking)
        .where(Booking.application_id.in_([each.id for each in applications]))
        .options(selectinload(Booking.interviews), joinedload(Booking.stage))
        .order_by(Booking.id)
    )
    for booking in bookings:
        found.setdefault(booking.application_id, []).append(booking)
    return found


def _invites_of(applications: Sequence[Application]) -> Mapping[int, Invite]:
    """Return the open invite of each application for the stage it is at."""
    if not applications:
        return {}
    invites = db.session.scalars(
        select(Invite)
        .join(Invite.application)
        .where(
            Invite.application_id.in_([each.id for each in applications]),
            Invite.stage_id == Application.stage_id,
            Invite.revoked_at.is_(None),
        )
    )
    return {invite.application_id: invite for invite in invites}


def _open_first(application: Application) -> tuple[bool, int]:
    return application.closed_at is not None, application.id


def _live(application: Application, bookings: Sequence[Booking]) -> Booking | None:
    """Return the booking that holds the present stage, if there is one."""
    return next(
        (
            booking
            for booking in bookings
            if booking.state is BookingState.BOOKED and booking.stage_id == application.stage_id
        ),
        None,
    )


def _standing(
    application: Application, live: Booking | None, invite: Invite | None, now: datetime
) -> Standing:
    if application.closed_at is not None:
        return Standing.CLOSED
    if live is not None:
        span = _span(live)
        if live.attention is not None:
            return Standing.NEEDS_ATTENTION
        return Standing.HELD if span is not None and span.end <= now else Standing.BOOKED
    if _ahead(application, now):
        is_asked = invite is not None and invite.offered_at is not None
        return Standing.ASKED if is_asked else Standing.CAN_SCHEDULE
    return Standing.NO_WINDOWS


def _ahead(application: Application, now: datetime) -> tuple[TimeSpan, ...]:
    return tuple(row.during for row in application.windows if row.during.end > now)


def _span(booking: Booking) -> TimeSpan | None:
    spans = [interview.during for interview in booking.interviews]
    return hull(spans) if spans else None


def _row(
    application: Application, bookings: Sequence[Booking], invite: Invite | None, now: datetime
) -> ApplicationRow:
    live = _live(application, bookings)
    return ApplicationRow(
        application_id=application.id,
        stage_id=application.stage_id,
        role=application.job_role.title,
        stage=application.stage.title,
        standing=_standing(application, live, invite, now),
        span=_span(live) if live else None,
        booking_id=live.id if live else None,
    )


def _card(
    application: Application,
    bookings: Sequence[Booking],
    invite: Invite | None,
    now: datetime,
    *,
    keys: KeyRing,
    public_url: str,
) -> ApplicationCard:
    live = _live(application, bookings)
    stages = application.job_role.stages
    at = [stage.id for stage in stages].index(application.stage_id)
    following = stages[at + 1] if at + 1 < len(stages) else None
    return ApplicationCard(
        application_id=application.id,
        role=application.job_role.title,
        team=application.job_role.team,
        recruiter=application.recruiter.name,
        stage_id=application.stage_id,
        stage=application.stage.title,
        next_stage=(following.id, following.title) if following else None,
        stages=tuple(
            StageLine(
                stage_id=stage.id,
                title=stage.title,
                state="done" if number < at else "now" if number == at else "waiting",
            )
            for number, stage in enumerate(stages)
        ),
        standing=_standing(application, live, invite, now),
        offered_at=invite.offered_at if invite else None,
        windows=_ahead(application, now),
        needs=needs_of(application),
        bookings=tuple(_line(booking, now) for booking in reversed(bookings)),
        live_booking_id=live.id if live else None,
        link=page_url(invite, keys=keys, public_url=public_url) if invite else None,
        scorecard_url=application.scorecard_url,
        is_closed=application.closed_at is not None,
    )


def _line(booking: Booking, now: datetime) -> BookingLine:
    span = _span(booking)
    return BookingLine(
        booking_id=booking.id,
        stage=booking.stage.title,
        span=span,
        interviews=len(booking.interviews),
        is_cancelled=booking.state is BookingState.CANCELLED,
        is_over=span is not None and span.end <= now,
        needs_attention=booking.attention is not None,
        is_settled=booking.applied_revision >= booking.desired_revision,
    )
