"""Roles people are hired for, and the interview plan of each: stages, interviews, seats."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from scheduler.domain.calls import ConferenceStrategy
from scheduler.domain.plan import Attendance, CallGrouping, SeatKind
from scheduler.models.base import Model
from scheduler.models.people import InterviewerPool


class JobRole(Model):
    """A position to fill. Its stages, in order, are its interview plan."""

    __tablename__ = "job_role"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    team: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]

    stages: Mapped[list[Stage]] = relationship(
        back_populates="job_role", order_by="Stage.position", cascade="all, delete-orphan"
    )


class Stage(Model):
    """One step of an interview plan. What is public may reach a candidate; the rest does not."""

    __tablename__ = "stage"
    __table_args__ = (
        UniqueConstraint("job_role_id", "position", name="uq_stage_position"),
        CheckConstraint("shortest_gap >= interval '0'", name="gap_not_negative"),
        CheckConstraint("longest_gap >= shortest_gap", name="gaps_in_order"),
        # People must be able to leave one panel before the next comes into the same room.
        CheckConstraint(
            "call_grouping <> 'per_loop_day' OR shortest_gap >= interval '10 minutes'",
            name="day_call_has_gaps",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    job_role_id: Mapped[int] = mapped_column(ForeignKey("job_role.id"))
    position: Mapped[int]
    title: Mapped[str]
    public_title: Mapped[str]
    public_notes: Mapped[str] = mapped_column(default="")
    location: Mapped[str] = mapped_column(default="")
    attendance: Mapped[Attendance] = mapped_column(default=Attendance.VIDEO)
    call_grouping: Mapped[CallGrouping] = mapped_column(default=CallGrouping.PER_INTERVIEW)
    strategy: Mapped[ConferenceStrategy] = mapped_column(
        default=ConferenceStrategy.CANDIDATE_EVENT_MINTS
    )
    shortest_gap: Mapped[timedelta] = mapped_column(default=timedelta(0))
    longest_gap: Mapped[timedelta] = mapped_column(default=timedelta(minutes=60))

    job_role: Mapped[JobRole] = relationship(back_populates="stages")
    interviews: Mapped[list[PlannedInterviewRow]] = relationship(
        order_by="PlannedInterviewRow.position", cascade="all, delete-orphan"
    )


class PlannedInterviewRow(Model):
    """One interview of a stage. The title is public, the focus is for the panel."""

    __tablename__ = "planned_interview"
    __table_args__ = (
        UniqueConstraint("stage_id", "position", name="uq_planned_interview_position"),
        CheckConstraint("length > interval '0'", name="length_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"))
    position: Mapped[int]
    title: Mapped[str]
    focus: Mapped[str] = mapped_column(default="")
    length: Mapped[timedelta]

    seats: Mapped[list[SeatRuleRow]] = relationship(
        order_by="SeatRuleRow.position", cascade="all, delete-orphan"
    )


class SeatRuleRow(Model):
    """A seat to fill, from a pool: trainees for the shadows, trained people for the others."""

    __tablename__ = "seat_rule"
    __table_args__ = (
        UniqueConstraint("planned_interview_id", "position", name="uq_seat_rule_position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    planned_interview_id: Mapped[int] = mapped_column(ForeignKey("planned_interview.id"))
    position: Mapped[int]
    kind: Mapped[SeatKind]
    pool_id: Mapped[int] = mapped_column(ForeignKey("interviewer_pool.id"))

    pool: Mapped[InterviewerPool] = relationship()
