"""What a booking that is moved asks for: what it was booked with, though its stage is another by now.

A booking keeps its interviews, their lengths and the kinds of its seats. What lies between the
interviews, and who may take the seats, is up to the stage as it is now.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from scheduler.domain.booking import SeatState
from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import (
    NO_TIME,
    PlannedInterview,
    RoomId,
    SeatKind,
    SeatRule,
    StagePlan,
)
from scheduler.models.base import db
from scheduler.models.bookings import Booking, Interview, Seat
from scheduler.models.candidates import Application
from scheduler.models.plans import Stage
from scheduler.queries import stage_plans

UNDER_WAY = timedelta(minutes=5)
"""A booking that was under way while the stage changed may have been made from what it was before."""
NOBODY = SeatRule(SeatKind.OBSERVER, frozenset(), optional=True)


def plan_for(application: Application, stage_id: int, moving: int | None = None) -> StagePlan:
    """Return what a stage asks for with this candidate, or what the booking `moving` of it does."""
    stage = stage_plans.load_stage(stage_id)
    plan, needs = stage_plans.plan_of(stage), stage_plans.needs_of(application)
    booking = None if moving is None else db.session.get_one(Booking, moving)
    if booking is None or not _is_from_before(booking, stage, plan):
        return plan.accommodating(needs)
    # The extra time is in the lengths that were booked.
    return as_booked(plan, booking).accommodating(replace(needs, extra_time=NO_TIME))


def as_booked(plan: StagePlan, booking: Booking) -> StagePlan:
    """Return the plan with a booking's own interviews and seats in it."""
    is_same_number = len(plan.interviews) == len(booking.interviews)
    interviews = tuple(
        _as_booked(each, plan, plan.interviews[position] if is_same_number else None)
        for position, each in enumerate(booking.interviews)
    )
    seats = Counter(seat.interviewer_id for each in booking.interviews for seat in _live(each))
    sits_twice = any(count > 1 for count in seats.values())
    longest = max(each.length for each in interviews)
    return replace(
        plan,
        interviews=interviews,
        before=plan.before if is_same_number else (),
        longest_day=None if plan.longest_day is None else max(plan.longest_day, longest),
        people_repeat=sits_twice or plan.people_repeat,
    )


def _is_from_before(booking: Booking, stage: Stage, plan: StagePlan) -> bool:
    changed_at = stage.rules_changed_at
    if changed_at is None or booking.created_at > changed_at + UNDER_WAY:
        return False
    return booking.created_at <= changed_at or not _has_the_shape_of(plan, booking)


def _has_the_shape_of(plan: StagePlan, booking: Booking) -> bool:
    return len(plan.interviews) == len(booking.interviews) and all(
        seat.position < len(planned.seats) and planned.seats[seat.position].kind is seat.kind
        for planned, interview in zip(plan.interviews, booking.interviews, strict=True)
        for seat in _live(interview)
    )


def _as_booked(
    interview: Interview, plan: StagePlan, planned: PlannedInterview | None
) -> PlannedInterview:
    seats = {seat.position: seat for seat in _live(interview)}
    rooms = None
    if interview.room is not None:
        now = planned.rooms if planned is not None and planned.rooms else frozenset()
        rooms = now | {RoomId(interview.room.room_id)}
    return PlannedInterview(
        title=interview.title,
        focus=interview.focus,
        length=interview.during.length,
        seats=tuple(
            _rule(seats[position], plan, planned) if position in seats else NOBODY
            for position in range(max(seats, default=-1) + 1)
        ),
        rooms=rooms,
    )


def _rule(seat: Seat, plan: StagePlan, planned: PlannedInterview | None) -> SeatRule:
    """Return the rule of a seat: whoever has it, and those who may take one of its kind now."""
    here = [rule for rule in planned.seats if rule.kind is seat.kind] if planned else []
    anywhere = [rule for each in plan.interviews for rule in each.seats if rule.kind is seat.kind]
    peers = frozenset[InterviewerId]().union(*(rule.eligible for rule in here or anywhere))
    return SeatRule(
        seat.kind,
        peers | {InterviewerId(seat.interviewer_id)},
        optional=any(rule.optional for rule in here),
    )


def _live(interview: Interview) -> list[Seat]:
    return [seat for seat in interview.seats if seat.state is SeatState.LIVE]
