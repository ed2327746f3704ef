"""What a stage asks of the slot search, for everybody or for one candidate."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from scheduler.domain.people import InterviewerId, Standing
from scheduler.domain.plan import (
    TRAINEE_KINDS,
    Accommodations,
    Lunch,
    PlannedInterview,
    Rest,
    RoomId,
    SeatKind,
    SeatRule,
    StagePlan,
)
from scheduler.models.base import db
from scheduler.models.candidates import Application
from scheduler.models.people import InterviewerPool
from scheduler.models.plans import PlannedInterviewRow, SeatRuleRow, Stage


def load_stage(stage_id: int) -> Stage:
    """Return a stage with everything its plan needs, in a fixed number of queries."""
    interviews = selectinload(Stage.interviews)
    seats = interviews.selectinload(PlannedInterviewRow.seats)
    return db.session.scalars(
        select(Stage)
        .where(Stage.id == stage_id)
        .options(
            interviews.joinedload(PlannedInterviewRow.held_after),
            interviews.joinedload(PlannedInterviewRow.rooms),
            seats.joinedload(SeatRuleRow.people),
            seats.selectinload(SeatRuleRow.pools).joinedload(InterviewerPool.memberships),
        )
    ).one()


def plan_for(application: Application, stage_id: int) -> StagePlan:
    """Return what a stage asks for when it is held with this candidate: all that they need is in it."""
    return plan_of(load_stage(stage_id)).accommodating(needs_of(application))


def plan_of(stage: Stage) -> StagePlan:
    """Return what a stage asks for. Who may fill a seat is looked up in the pools now."""
    return StagePlan(
        public_title=stage.public_title,
        public_notes=stage.public_notes,
        interviews=tuple(
            PlannedInterview(
                title=interview.title,
                focus=interview.focus,
                length=interview.length,
                seats=tuple(
                    SeatRule(rule.kind, eligible(rule), optional=rule.is_optional)
                    for rule in interview.seats
                ),
                # A retired room stays among them: an interview that has no other needs one still.
                rooms=frozenset(RoomId(room.id) for room in interview.rooms) or None,
            )
            for interview in stage.interviews
        ),
        call_grouping=stage.call_grouping,
        shortest_gap=stage.shortest_gap,
        longest_gap=stage.longest_gap,
        order=stage.interview_order,
        before=before_of(stage),
        most_days=stage.most_days,
        longest_day=stage.longest_day,
        lunch=lunch_of(stage),
        rest=rest_of(stage.rest_after, stage.rest_length),
        people_repeat=stage.people_repeat,
    )


def needs_of(application: Application) -> Accommodations:
    """Return what the candidate needs beyond the plan. For staff only."""
    return Accommodations(
        extra_time=application.extra_time,
        shortest_gap=application.shortest_gap,
        rest=rest_of(application.rest_after, application.rest_length),
    )


def lunch_of(stage: Stage) -> Lunch | None:
    if stage.lunch_length is None or stage.lunch_opens_at is None or stage.lunch_closes_at is None:
        return None
    return Lunch(stage.lunch_length, stage.lunch_opens_at, stage.lunch_closes_at)


def rest_of(after: timedelta | None, length: timedelta | None) -> Rest | None:
    return None if after is None or length is None else Rest(after=after, length=length)


def before_of(stage: Stage) -> tuple[tuple[int, int], ...]:
    """Return the pairs of positions of which one ends before the other starts."""
    return tuple(
        (earlier.position, later.position)
        for later in stage.interviews
        for earlier in later.held_after
    )


def eligible(rule: SeatRuleRow) -> frozenset[InterviewerId]:
    """Return who may take a seat: of its pools those who stand right for it, and whoever is named."""
    from_pools = {
        InterviewerId(membership.interviewer_id)
        for pool in rule.pools
        for membership in pool.memberships
        if stands_right(membership.standing, rule.kind)
    }
    return frozenset(from_pools | {InterviewerId(person.id) for person in rule.people})


def stands_right(standing: Standing, kind: SeatKind) -> bool:
    """May a member of a pool who stands so take a seat of this kind?

    The shadows are for trainees; whoever leads or seconds has graduated; anybody may observe.
    """
    if kind is SeatKind.OBSERVER:
        return True
    wanted = Standing.TRAINING if kind in TRAINEE_KINDS else Standing.TRAINED
    return standing is wanted
