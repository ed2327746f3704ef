"""Candidates, what they applied for, when they can, and the links they get."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from scheduler.domain.timespan import TimeSpan
from scheduler.models.base import Model
from scheduler.models.people import User
from scheduler.models.plans import JobRole, Stage


class Candidate(Model):
    __tablename__ = "candidate"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str | None]
    zone: Mapped[ZoneInfo]
    resume_url: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]

    applications: Mapped[list[Application]] = relationship(back_populates="candidate")


class Application(Model):
    """One candidate for one role: the stage they are at, and the recruiter who looks after them.

    What the candidate needs (extra time, breaks) is for staff to read, and for nobody else.
    """

    __tablename__ = "application"
    __table_args__ = (
        CheckConstraint(
            "extra_time >= interval '0' AND shortest_gap >= interval '0'", name="needs_not_negative"
        ),
        CheckConstraint("num_nulls(rest_after, rest_length) IN (0, 2)", name="rest_whole"),
        CheckConstraint(
            "rest_after > interval '0' AND rest_length > interval '0'", name="rest_positive"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidate.id"), index=True)
    job_role_id: Mapped[int] = mapped_column(ForeignKey("job_role.id"))
    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"))
    recruiter_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    scorecard_url: Mapped[str] = mapped_column(default="")
    extra_time: Mapped[timedelta] = mapped_column(default=timedelta(0))
    """Added to every interview."""
    shortest_gap: Mapped[timedelta] = mapped_column(default=timedelta(0))
    rest_after: Mapped[timedelta | None]
    rest_length: Mapped[timedelta | None]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    candidate: Mapped[Candidate] = relationship(back_populates="applications")
    job_role: Mapped[JobRole] = relationship()
    stage: Mapped[Stage] = relationship()
    recruiter: Mapped[User] = relationship()
    windows: Mapped[list[CandidateWindow]] = relationship(
        order_by="CandidateWindow.during", cascade="all, delete-orphan"
    )
    invites: Mapped[list[Invite]] = relationship(back_populates="application")


class CandidateWindow(Model):
    """A stretch of time in which the candidate said they can."""

    __tablename__ = "candidate_window"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    during: Mapped[TimeSpan]


class Invite(Model):
    """The candidate's link for one stage: /i/<token>. A dump of this table holds no usable link."""

    __tablename__ = "invite"
    __table_args__ = (
        # The link for a stage stays the same however often it is booked, moved or cancelled.
        Index(
            "uq_invite_open_per_stage",
            "application_id",
            "stage_id",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    token_sealed: Mapped[str]
    offered_at: Mapped[datetime | None]
    """When the candidate was asked to choose a time themselves; None: the recruiter books."""
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    application: Mapped[Application] = relationship(back_populates="invites")
    stage: Mapped[Stage] = relationship()
