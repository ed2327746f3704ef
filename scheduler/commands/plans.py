"""Roles to hire for and the stages of their interview plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.commands import audit, checks
from scheduler.commands.audit import Actor
from scheduler.commands.checks import Refused
from scheduler.domain.calls import ConferenceStrategy
from scheduler.domain.plan import Attendance, CallGrouping, SeatKind
from scheduler.models.base import db
from scheduler.models.plans import JobRole, PlannedInterviewRow, SeatRuleRow, Stage

SHORTEST_DAY_CALL_GAP = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class SeatDraft:
    kind: SeatKind
    pool_id: int


@dataclass(frozen=True, slots=True)
class InterviewDraft:
    title: str
    focus: str
    length: timedelta
    seats: tuple[SeatDraft, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageDraft:
    """A stage as somebody typed it."""

    title: str
    public_title: str
    public_notes: str = ""
    location: str = ""
    attendance: Attendance = Attendance.VIDEO
    call_grouping: CallGrouping = CallGrouping.PER_INTERVIEW
    strategy: ConferenceStrategy = ConferenceStrategy.CANDIDATE_EVENT_MINTS
    shortest_gap: timedelta = timedelta(0)
    longest_gap: timedelta = timedelta(minutes=60)
    interviews: tuple[InterviewDraft, ...]


def open_job_role(
    title: str, team: str, stages: Sequence[StageDraft], *, by: Actor, now: datetime
) -> int:
    """Open a role with its interview plan and return its id. Raises Refused."""
    role = JobRole(
        title=checks.name(title, field="title"),
        team=checks.line(team, field="team", is_required=False),
        created_at=now,
        stages=[_stage(position, draft) for position, draft in enumerate(stages)],
    )
    db.session.add(role)
    db.session.flush()
    audit.record("open_job_role", ("job_role", role.id), by=by, now=now)
    db.session.commit()
    return role.id


def add_stage(job_role_id: int, draft: StageDraft, *, by: Actor, now: datetime) -> int:
    """Add a stage at the end of a role's plan and return its id. Raises Refused."""
    role = db.session.get_one(JobRole, job_role_id, with_for_update={"key_share": True})
    stage = _stage(len(role.stages), draft)
    role.stages.append(stage)
    db.session.flush()
    audit.record("add_stage", ("stage", stage.id), by=by, now=now)
    db.session.commit()
    return stage.id


def reword_stage(
    stage_id: int,
    *,
    public_title: str,
    public_notes: str,
    location: str,
    by: Actor,
    now: datetime,
) -> None:
    """Change what candidates read about a stage. Raises Refused.

    Bookings already made keep their events until somebody tries them again or moves them.
    """
    stage = db.session.get_one(Stage, stage_id)
    stage.public_title = checks.name(public_title, field="public_title")
    stage.public_notes = checks.paragraphs(public_notes, field="public_notes")
    stage.location = checks.line(location, field="location", is_required=False)
    audit.record("reword_stage", ("stage", stage_id), by=by, now=now)
    db.session.commit()


def _stage(position: int, draft: StageDraft) -> Stage:
    if not draft.interviews:
        raise Refused("interviews", "A stage needs at least one interview.")
    if (
        draft.call_grouping is CallGrouping.PER_LOOP_DAY
        and draft.shortest_gap < SHORTEST_DAY_CALL_GAP
    ):
        raise Refused(
            "shortest_gap",
            "With one call per loop day, leave at least 10 minutes between interviews, "
            "so that one panel has left before the next comes in.",
        )
    if draft.longest_gap < draft.shortest_gap:
        raise Refused("longest_gap", "The longest gap cannot be shorter than the shortest.")
    return Stage(
        position=position,
        title=checks.name(draft.title, field="title"),
        public_title=checks.name(draft.public_title, field="public_title"),
        public_notes=checks.paragraphs(draft.public_notes, field="public_notes"),
        location=checks.line(draft.location, field="location", is_required=False),
        attendance=draft.attendance,
        call_grouping=draft.call_grouping,
        strategy=draft.strategy,
        shortest_gap=draft.shortest_gap,
        longest_gap=draft.longest_gap,
        interviews=[_interview(*numbered) for numbered in enumerate(draft.interviews)],
    )


def _interview(position: int, draft: InterviewDraft) -> PlannedInterviewRow:
    if not timedelta(minutes=5) <= draft.length <= timedelta(hours=8):
        raise Refused("length", "An interview takes between 5 minutes and 8 hours.")
    if all(seat.kind is SeatKind.SHADOW for seat in draft.seats):
        raise Refused("seats", "An interview needs at least one seat that is not a shadow's.")
    return PlannedInterviewRow(
        position=position,
        title=checks.name(draft.title, field="interview_title"),
        focus=checks.paragraphs(draft.focus, field="focus"),
        length=draft.length,
        seats=[
            SeatRuleRow(position=number, kind=seat.kind, pool_id=seat.pool_id)
            for number, seat in enumerate(draft.seats)
        ],
    )
