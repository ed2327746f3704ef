"""Roles to hire for and the stages of their interview plans."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import delete

from scheduler.commands import audit, checks
from scheduler.commands.audit import Actor
from scheduler.commands.checks import Refused
from scheduler.domain.calls import ConferenceStrategy
from scheduler.domain.plan import (
    GRID,
    OPTIONAL_KINDS,
    QUALIFIED_KINDS,
    TRAINEE_KINDS,
    Attendance,
    CallGrouping,
    Lunch,
    Order,
    Rest,
    SeatKind,
)
from scheduler.models.base import db
from scheduler.models.people import InterviewerPool, InterviewerRow
from scheduler.models.plans import JobRole, PlannedInterviewRow, SeatRuleRow, Stage
from scheduler.models.probes import StageProbe
from scheduler.models.rooms import RoomRow
from scheduler.queries import stage_plans

SHORTEST_DAY_CALL_GAP = timedelta(minutes=10)
MOST_DAYS = 3


@dataclass(frozen=True, slots=True)
class SeatDraft:
    """A seat that is filled from any of these pools, or by one of these people; ids of each."""

    kind: SeatKind
    pools: tuple[int, ...] = ()
    people: tuple[int, ...] = ()
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class InterviewDraft:
    title: str
    focus: str
    length: timedelta
    seats: tuple[SeatDraft, ...]
    rooms: tuple[int, ...] = ()
    """Ids of rooms, any one of which will do; none: it needs no room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageDraft:
    """A stage as somebody typed it.

    `before` holds pairs of positions among the interviews: the first ends before the second starts.
    """

    title: str
    public_title: str
    public_notes: str = ""
    location: str = ""
    attendance: Attendance = Attendance.VIDEO
    call_grouping: CallGrouping = CallGrouping.PER_INTERVIEW
    strategy: ConferenceStrategy = ConferenceStrategy.CANDIDATE_EVENT_MINTS
    shortest_gap: timedelta = timedelta(0)
    longest_gap: timedelta = timedelta(minutes=60)
    order: Order = Order.FIXED
    before: tuple[tuple[int, int], ...] = ()
    most_days: int = 1
    longest_day: timedelta | None = None
    lunch: Lunch | None = None
    rest: Rest | None = None
    people_repeat: bool = False
    interviews: tuple[InterviewDraft, ...]


class StageChanged(Exception):
    """Somebody else has changed the stage since it was looked at."""


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
    version: str | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Change what candidates read about a stage. Words that it has already are no change.

    Bookings already made keep their words until somebody sends them the new ones, tries them again
    or moves them. Raises Refused, and StageChanged if the words are no longer those of a `version`
    that is given.
    """
    words = (
        checks.name(public_title, field="public_title"),
        checks.paragraphs(public_notes, field="public_notes"),
        checks.line(location, field="location", is_required=False),
    )
    stage = db.session.get_one(
        Stage, stage_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if words == _words(stage):
        db.session.rollback()
        return
    if version is not None and version != words_version(stage_id):
        db.session.rollback()
        raise StageChanged
    stage.rules_version += 1
    stage.public_title, stage.public_notes, stage.location = words
    audit.record("reword_stage", ("stage", stage_id), by=by, now=now)
    db.session.commit()


def words_version(stage_id: int) -> str:
    """Return what tells the words of a stage as they are now from what they were or will be."""
    words = _words(db.session.get_one(Stage, stage_id))
    return hashlib.sha256(repr(words).encode()).hexdigest()[:32]


def drafted(stage_id: int) -> tuple[StageDraft, int]:
    """Return a stage as somebody could have typed it, and the version that it is in."""
    stage = stage_plans.load_stage(stage_id)
    draft = StageDraft(
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
        interviews=tuple(_drafted(interview) for interview in stage.interviews),
    )
    return draft, stage.rules_version


def check_stage(draft: StageDraft) -> None:
    """Raise Refused for what no stage could be. Nothing is kept."""
    with db.session.no_autoflush:
        _columns(draft)
        _interviews(draft)


def change_stage(
    stage_id: int, draft: StageDraft, *, version: int, by: Actor, now: datetime
) -> None:
    """Change what a stage asks for from now on. Bookings that are made keep what they were made with.

    Raises Refused, and StageChanged when it is no longer in the `version` that was looked at.
    """
    stage = db.session.get_one(
        Stage, stage_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if stage.rules_version != version:
        db.session.rollback()
        raise StageChanged
    check_stage(draft)
    # The old ones go first, since the new ones take their positions.
    stage.interviews.clear()
    db.session.flush()
    for name, value in _columns(draft).items():
        setattr(stage, name, value)
    stage.interviews = _interviews(draft)
    stage.rules_version += 1
    stage.rules_changed_at = now
    # What was found of it last night was found of another stage.
    db.session.execute(delete(StageProbe).where(StageProbe.stage_id == stage_id))
    audit.record("change_stage", ("stage", stage_id), by=by, now=now)
    db.session.commit()


def _words(stage: Stage) -> tuple[str, str, str]:
    return stage.public_title, stage.public_notes, stage.location


def _drafted(interview: PlannedInterviewRow) -> InterviewDraft:
    return InterviewDraft(
        title=interview.title,
        focus=interview.focus,
        length=interview.length,
        seats=tuple(
            SeatDraft(
                rule.kind,
                pools=tuple(sorted(pool.id for pool in rule.pools)),
                people=tuple(sorted(person.id for person in rule.people)),
                is_optional=rule.is_optional,
            )
            for rule in interview.seats
        ),
        rooms=tuple(sorted(room.id for room in interview.rooms)),
    )


def _stage(position: int, draft: StageDraft) -> Stage:
    return Stage(position=position, **_columns(draft), interviews=_interviews(draft))


def _interviews(draft: StageDraft) -> list[PlannedInterviewRow]:
    if not draft.interviews:
        raise Refused("interviews", "A stage needs at least one interview.")
    _check_gaps(draft)
    _check_order(draft)
    _check_days(draft)
    _check_breaks(draft)
    interviews = [_interview(*numbered) for numbered in enumerate(draft.interviews)]
    _check_sites(interviews)
    for earlier, later in sorted(set(draft.before)):
        interviews[later].held_after.append(interviews[earlier])
    return interviews


def _columns(draft: StageDraft) -> dict[str, Any]:
    return {
        "title": checks.name(draft.title, field="title"),
        "public_title": checks.name(draft.public_title, field="public_title"),
        "public_notes": checks.paragraphs(draft.public_notes, field="public_notes"),
        "location": checks.line(draft.location, field="location", is_required=False),
        "attendance": draft.attendance,
        "call_grouping": draft.call_grouping,
        "strategy": draft.strategy,
        "shortest_gap": draft.shortest_gap,
        "longest_gap": draft.longest_gap,
        "interview_order": draft.order,
        "most_days": draft.most_days,
        "longest_day": draft.longest_day,
        "lunch_length": draft.lunch.length if draft.lunch else None,
        "lunch_opens_at": draft.lunch.opens_at if draft.lunch else None,
        "lunch_closes_at": draft.lunch.closes_at if draft.lunch else None,
        "rest_after": draft.rest.after if draft.rest else None,
        "rest_length": draft.rest.length if draft.rest else None,
        "people_repeat": draft.people_repeat,
    }


def _check_gaps(draft: StageDraft) -> None:
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


def _check_order(draft: StageDraft) -> None:
    """Refuse pairs that no order of the interviews can satisfy."""
    before = set(draft.before)
    if any(not 0 <= position < len(draft.interviews) for pair in before for position in pair):
        raise Refused("before", "Use the numbers of this stage's interviews.")
    if draft.order is Order.FIXED and any(earlier >= later for earlier, later in before):
        raise Refused("before", "This goes against the fixed order. Let the order be any.")
    waiting = set(range(len(draft.interviews)))
    while waiting:
        held_up = {later for earlier, later in before if earlier in waiting}
        if waiting <= held_up:
            raise Refused("before", "These rules go in a circle, so no order satisfies them.")
        waiting &= held_up


def _check_days(draft: StageDraft) -> None:
    if not 1 <= draft.most_days <= MOST_DAYS:
        raise Refused("most_days", f"A stage takes between 1 and {MOST_DAYS} days.")
    longest = max(interview.length for interview in draft.interviews)
    if draft.longest_day is not None and draft.longest_day < longest:
        raise Refused("longest_day", "The longest day is shorter than its longest interview.")


def _check_breaks(draft: StageDraft) -> None:
    lunch, rest = draft.lunch, draft.rest
    if lunch is not None and lunch.length <= timedelta(0):
        raise Refused("lunch_minutes", "A lunch takes some time.")
    if lunch is not None and lunch.closes_at <= lunch.opens_at:
        raise Refused("lunch_closes_at", "The end must be after the beginning.")
    if lunch is not None and lunch.length > _since_midnight(lunch.closes_at) - _since_midnight(
        lunch.opens_at
    ):
        raise Refused("lunch_minutes", "This is longer than from the beginning to the end.")
    if rest is not None and (rest.after <= timedelta(0) or rest.length <= timedelta(0)):
        raise Refused("rest_length", "A rest is due after some time, and takes some time.")
    # Whatever follows a rest starts on the grid, so that the gap may come out longer than the rest.
    if rest is not None and len(draft.interviews) > 1 and draft.longest_gap < rest.length + GRID:
        gap = (rest.length + GRID) // timedelta(minutes=1)
        raise Refused("longest_gap", f"To have room for the rest, let gaps take {gap} minutes.")


def _since_midnight(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute)


def _interview(position: int, draft: InterviewDraft) -> PlannedInterviewRow:
    if not timedelta(minutes=5) <= draft.length <= timedelta(hours=8):
        raise Refused("length", "An interview takes between 5 minutes and 8 hours.")
    kinds = {seat.kind for seat in draft.seats if not _may_be_empty(seat)}
    if kinds <= OPTIONAL_KINDS:
        raise Refused("seats", "An interview needs at least one seat that is always filled.")
    if TRAINEE_KINDS & kinds and not QUALIFIED_KINDS & kinds:
        raise Refused("seats", "A trainee needs somebody trained beside them who always comes.")
    return PlannedInterviewRow(
        position=position,
        title=checks.name(draft.title, field="interview_title"),
        focus=checks.paragraphs(draft.focus, field="focus"),
        length=draft.length,
        seats=[_seat(*numbered) for numbered in enumerate(draft.seats)],
        rooms=[_room(each) for each in sorted(set(draft.rooms))],
    )


def _room(room_id: int) -> RoomRow:
    room = db.session.get_one(RoomRow, room_id)
    if room.retired_at is not None:
        raise Refused("rooms", f"{room.name} is retired. Choose another room.")
    return room


def _check_sites(interviews: Sequence[PlannedInterviewRow]) -> None:
    """Refuse rooms of which no site has one for each interview that needs one."""
    sites = [{room.site for room in interview.rooms} for interview in interviews if interview.rooms]
    if sites and not set.intersection(*sites):
        raise Refused("rooms", "Choose rooms of one site: nobody travels between two interviews.")


def _may_be_empty(seat: SeatDraft) -> bool:
    return seat.is_optional or seat.kind in OPTIONAL_KINDS


def _seat(position: int, draft: SeatDraft) -> SeatRuleRow:
    if not draft.pools and not draft.people:
        raise Refused("seats", "Choose a pool, or people by name, for every seat.")
    return SeatRuleRow(
        position=position,
        kind=draft.kind,
        is_optional=draft.is_optional,
        pools=[db.session.get_one(InterviewerPool, each) for each in sorted(set(draft.pools))],
        people=[db.session.get_one(InterviewerRow, each) for each in sorted(set(draft.people))],
    )
