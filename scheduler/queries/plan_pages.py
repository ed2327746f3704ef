"""What the pages of interview plans show."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import selectinload

from scheduler.domain.booking import BookingState
from scheduler.domain.calls import ConferenceStrategy
from scheduler.domain.plan import (
    OPTIONAL_KINDS,
    Attendance,
    CallGrouping,
    Lunch,
    Order,
    Rest,
    SeatKind,
)
from scheduler.models.base import db
from scheduler.models.bookings import Booking
from scheduler.models.candidates import Application
from scheduler.models.people import InterviewerPool, InterviewerRow
from scheduler.models.plans import JobRole, PlannedInterviewRow, SeatRuleRow, Stage
from scheduler.queries import stage_plans
from scheduler.queries.room_pages import room_name


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatView:
    kind: SeatKind
    is_optional: bool
    pools: Sequence[tuple[int, str]]
    people: Sequence[tuple[int, str]]
    eligible: int
    """How many may take this seat; none means that no time can ever be offered."""

    @property
    def sources(self) -> str:
        return " or ".join(name for _, name in (*self.pools, *self.people))

    @property
    def is_impossible(self) -> bool:
        return not self.eligible and not self.is_optional and self.kind not in OPTIONAL_KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewView:
    title: str
    focus: str
    length: timedelta
    seats: Sequence[SeatView]
    rooms: Sequence[str]
    """Those in use of which any will do."""
    needs_room: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StageView:
    stage_id: int
    title: str
    public_title: str
    public_notes: str
    location: str
    attendance: Attendance
    call_grouping: CallGrouping
    strategy: ConferenceStrategy
    shortest_gap: timedelta
    longest_gap: timedelta
    order: Order
    before: Sequence[tuple[int, int]]
    most_days: int
    longest_day: timedelta | None
    lunch: Lunch | None
    rest: Rest | None
    people_repeat: bool
    interviews: Sequence[InterviewView]

    @property
    def is_loop(self) -> bool:
        return len(self.interviews) > 1

    @property
    def length(self) -> timedelta:
        return sum((each.length for each in self.interviews), timedelta(0))

    @property
    def empty_pools(self) -> Sequence[str]:
        """Return where nobody is found for a seat here that must be filled."""
        seats = [seat for each in self.interviews for seat in each.seats]
        return sorted({seat.sources for seat in seats if seat.is_impossible})

    @property
    def without_room(self) -> Sequence[str]:
        """Return the titles of the interviews whose rooms are all retired."""
        return [each.title for each in self.interviews if each.needs_room and not each.rooms]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """A role to hire for, with the stages of its interview plan."""

    job_role_id: int
    title: str
    team: str
    stages: Sequence[StageView]


def plans_page() -> Sequence[PlanView]:
    roles = db.session.scalars(_plans().order_by(JobRole.team, func.lower(JobRole.title)))
    return [_plan(role) for role in roles]


def plan_page(job_role_id: int) -> PlanView:
    """Return one role with its plan, or raise NoResultFound."""
    return _plan(db.session.scalars(_plans().where(JobRole.id == job_role_id)).one())


def stage_page(stage_id: int) -> tuple[PlanView, StageView]:
    """Return a stage and the plan it belongs to, or raise NoResultFound."""
    plan = plan_page(db.session.get_one(Stage, stage_id).job_role_id)
    return plan, next(stage for stage in plan.stages if stage.stage_id == stage_id)


@dataclass(frozen=True, slots=True)
class Impact:
    """Whom a change of a stage leaves alone, and whom it concerns, by number."""

    bookings: int
    waiting: int
    """Applications that are at the stage and have no booking of it."""


def impact_of(stage_id: int) -> Impact:
    booked = select(Booking.application_id).where(
        Booking.stage_id == stage_id, Booking.state == BookingState.BOOKED
    )
    waiting = (
        select(func.count())
        .select_from(Application)
        .where(
            Application.stage_id == stage_id,
            Application.closed_at.is_(None),
            Application.id.not_in(booked),
        )
    )
    count = select(func.count()).select_from(booked.subquery())
    return Impact(db.session.scalar(count) or 0, db.session.scalar(waiting) or 0)


def people_choices() -> list[tuple[int, str]]:
    """Return everybody who interviews as id and name, for a menu."""
    rows = db.session.execute(
        select(InterviewerRow.id, InterviewerRow.name).order_by(func.lower(InterviewerRow.name))
    )
    return [(interviewer_id, name) for interviewer_id, name in rows]


def _plans() -> Select[JobRole]:
    interviews = selectinload(JobRole.stages).selectinload(Stage.interviews)
    seats = interviews.selectinload(PlannedInterviewRow.seats)
    return select(JobRole).options(
        interviews.selectinload(PlannedInterviewRow.held_after),
        interviews.selectinload(PlannedInterviewRow.rooms),
        seats.selectinload(SeatRuleRow.pools).selectinload(InterviewerPool.memberships),
        seats.selectinload(SeatRuleRow.people),
    )


def _plan(role: JobRole) -> PlanView:
    return PlanView(
        job_role_id=role.id,
        title=role.title,
        team=role.team,
        stages=[_stage(stage) for stage in role.stages],
    )


def _stage(stage: Stage) -> StageView:
    return StageView(
        stage_id=stage.id,
        title=stage.title,
        public_title=stage.public_title,
        public_notes=stage.public_notes,
        location=stage.location,
        attendance=stage.attendance,
        call_grouping=stage.call_grouping,
        strategy=stage.strategy,
        shortest_gap=stage.shortest_gap,
        longest_gap=stage.longest_gap,
        order=stage.interview_order,
        before=stage_plans.before_of(stage),
        most_days=stage.most_days,
        longest_day=stage.longest_day,
        lunch=stage_plans.lunch_of(stage),
        rest=stage_plans.rest_of(stage.rest_after, stage.rest_length),
        people_repeat=stage.people_repeat,
        interviews=[
            InterviewView(
                title=each.title,
                focus=each.focus,
                length=each.length,
                seats=[_seat(rule) for rule in each.seats],
                rooms=[room_name(room) for room in each.rooms if room.retired_at is None],
                needs_room=bool(each.rooms),
            )
            for each in stage.interviews
        ],
    )


def _seat(rule: SeatRuleRow) -> SeatView:
    return SeatView(
        kind=rule.kind,
        is_optional=rule.is_optional,
        pools=_named(rule.pools),
        people=_named(rule.people),
        eligible=len(stage_plans.eligible(rule)),
    )


def _named(rows: Collection[InterviewerPool] | Collection[InterviewerRow]) -> list[tuple[int, str]]:
    return [(row.id, row.name) for row in rows]
