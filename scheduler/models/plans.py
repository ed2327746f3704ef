"""Roles people are hired for, and the interview plan of each: stages, interviews, seats."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from scheduler.domain.calls import ConferenceStrategy
from scheduler.domain.plan import Attendance, CallGrouping, Order, SeatKind
from scheduler.models.base import Model
from scheduler.models.people import InterviewerPool, InterviewerRow
from scheduler.models.rooms import RoomRow


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
        CheckConstraint("most_days BETWEEN 1 AND 3", name="most_days"),
        CheckConstraint("longest_day > interval '0'", name="longest_day_positive"),
        CheckConstraint(
            "num_nulls(lunch_length, lunch_opens_at, lunch_closes_at) IN (0, 3)", name="lunch_whole"
        ),
        CheckConstraint(
            "lunch_length > interval '0' AND lunch_closes_at - lunch_opens_at >= lunch_length",
            name="lunch_has_time",
        ),
        CheckConstraint("num_nulls(rest_after, rest_length) IN (0, 2)", name="rest_whole"),
        CheckConstraint(
            "rest_after > interval '0' AND rest_length > interval '0'", name="rest_positive"
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
    interview_order: Mapped[Order] = mapped_column(default=Order.FIXED)
    most_days: Mapped[int] = mapped_column(default=1)
    longest_day: Mapped[timedelta | None]
    lunch_length: Mapped[timedelta | None]
    """None: no lunch is kept free."""
    lunch_opens_at: Mapped[time | None]
    lunch_closes_at: Mapped[time | None]
    rest_after: Mapped[timedelta | None]
    """None: no rest is due but the gaps."""
    rest_length: Mapped[timedelta | None]
    people_repeat: Mapped[bool] = mapped_column(default=False)
    rules_version: Mapped[int] = mapped_column(default=1)
    """Counts the changes, so that two pages do not undo one another's."""
    rules_changed_at: Mapped[datetime | None]
    """What was booked before this is kept as it was booked; None: they never changed."""

    job_role: Mapped[JobRole] = relationship(back_populates="stages")
    interviews: Mapped[list[PlannedInterviewRow]] = relationship(
        order_by="PlannedInterviewRow.position", cascade="all, delete-orphan"
    )


held_before = Table(
    "held_before",
    Model.metadata,
    Column("earlier_id", ForeignKey("planned_interview.id"), primary_key=True),
    Column("later_id", ForeignKey("planned_interview.id"), primary_key=True),
    CheckConstraint("earlier_id <> later_id", name="two_interviews"),
)
"""Pairs of interviews of one stage of which one ends before the other starts, in any order."""


planned_interview_room = Table(
    "planned_interview_room",
    Model.metadata,
    Column("planned_interview_id", ForeignKey("planned_interview.id"), primary_key=True),
    Column("room_id", ForeignKey("room.id"), primary_key=True),
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
    held_after: Mapped[list[PlannedInterviewRow]] = relationship(
        secondary=held_before,
        primaryjoin="PlannedInterviewRow.id == held_before.c.later_id",
        secondaryjoin="PlannedInterviewRow.id == held_before.c.earlier_id",
        order_by="PlannedInterviewRow.position",
    )
    """Those that end before this one starts."""
    rooms: Mapped[list[RoomRow]] = relationship(
        secondary=planned_interview_room, order_by=(RoomRow.site, RoomRow.name)
    )
    """Any one of them will do; none: it needs no room."""


seat_rule_pool = Table(
    "seat_rule_pool",
    Model.metadata,
    Column("seat_rule_id", ForeignKey("seat_rule.id"), primary_key=True),
    Column("pool_id", ForeignKey("interviewer_pool.id"), primary_key=True),
)
seat_rule_person = Table(
    "seat_rule_person",
    Model.metadata,
    Column("seat_rule_id", ForeignKey("seat_rule.id"), primary_key=True),
    Column("interviewer_id", ForeignKey("interviewer.id"), primary_key=True),
)


class SeatRuleRow(Model):
    """A seat to fill: from any of its pools, or by one of its people.

    Of a pool, those in training take the shadows, the trained take the others; whoever is named
    takes the seat however they stand.
    """

    __tablename__ = "seat_rule"
    __table_args__ = (
        UniqueConstraint("planned_interview_id", "position", name="uq_seat_rule_position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    planned_interview_id: Mapped[int] = mapped_column(ForeignKey("planned_interview.id"))
    position: Mapped[int]
    kind: Mapped[SeatKind]
    is_optional: Mapped[bool] = mapped_column(default=False)

    pools: Mapped[list[InterviewerPool]] = relationship(
        secondary=seat_rule_pool, order_by=InterviewerPool.name
    )
    people: Mapped[list[InterviewerRow]] = relationship(
        secondary=seat_rule_person, order_by=InterviewerRow.name
    )
