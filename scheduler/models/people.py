"""Who signs in, who interviews, and the pools they interview for."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from scheduler.domain.entries import KeywordClass
from scheduler.domain.people import COMFORTABLE, Role, Standing
from scheduler.models.base import Model


class User(Model):
    """Somebody who has signed in, known by their issuer and subject; an address may change hands."""

    __tablename__ = "app_user"
    __table_args__ = (
        UniqueConstraint("issuer", "subject", name="uq_app_user_identity"),
        UniqueConstraint("email", name="uq_app_user_email"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str]
    subject: Mapped[str]
    email: Mapped[str]
    name: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    zone: Mapped[ZoneInfo] = mapped_column(default=ZoneInfo("UTC"))
    role: Mapped[Role]
    deactivated_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class RoleGrant(Model):
    """What an address may do from its next sign-in on; an admin gives it before the person comes."""

    __tablename__ = "role_grant"

    email: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[Role]
    granted_at: Mapped[datetime]


class UserSession(Model):
    """One sign-in in one browser. The cookie holds the secret, this row its hash."""

    __tablename__ = "user_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class InterviewerRow(Model):
    """Somebody who interviews. They need never sign in: their calendar is their page."""

    __tablename__ = "interviewer"
    __table_args__ = (
        UniqueConstraint("email", name="uq_interviewer_email"),
        CheckConstraint("max_per_day > 0 AND max_per_week > 0", name="limits_positive"),
        CheckConstraint(
            "max_time_per_day > interval '0' AND max_time_per_week > interval '0'",
            name="time_limits_positive",
        ),
        CheckConstraint(
            "num_nulls(comfortable_from, comfortable_until) IN (0, 2)", name="comfortable_whole"
        ),
        CheckConstraint("comfortable_until > comfortable_from", name="comfortable_in_order"),
        CheckConstraint("paused_until >= paused_from", name="pause_in_order"),
        CheckConstraint("paused_from IS NOT NULL OR paused_until IS NULL", name="pause_begins"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    zone: Mapped[ZoneInfo]
    max_per_day: Mapped[int] = mapped_column(default=2)
    max_per_week: Mapped[int] = mapped_column(default=6)
    buffer_before: Mapped[timedelta] = mapped_column(default=timedelta(0))
    buffer_after: Mapped[timedelta] = mapped_column(default=timedelta(0))
    max_time_per_day: Mapped[timedelta | None]
    max_time_per_week: Mapped[timedelta | None]
    comfortable_from: Mapped[time | None] = mapped_column(default=COMFORTABLE.opens_at)
    """None: any time is as good as another."""
    comfortable_until: Mapped[time | None] = mapped_column(default=COMFORTABLE.closes_at)
    paused_from: Mapped[date | None]
    """The first day on which they do not interview for a while."""
    paused_until: Mapped[date | None]
    """The last such day; None: until somebody says otherwise."""
    holiday_country: Mapped[str] = mapped_column(String(2), default="")
    """Whose public holidays they keep, ISO 3166-1; empty: nobody's."""
    created_at: Mapped[datetime]

    hours: Mapped[list[WorkingHoursRow]] = relationship(
        order_by="WorkingHoursRow.weekday, WorkingHoursRow.opens_at", cascade="all, delete-orphan"
    )
    preferred_blocks: Mapped[list[PreferredBlockRow]] = relationship(
        order_by="PreferredBlockRow.weekday, PreferredBlockRow.opens_at",
        cascade="all, delete-orphan",
    )
    days_off: Mapped[list[DayOff]] = relationship(
        order_by="DayOff.day", cascade="all, delete-orphan"
    )
    keywords: Mapped[list[KeywordRow]] = relationship(
        order_by="KeywordRow.words", cascade="all, delete-orphan"
    )


class WorkingHoursRow(Model):
    """One stretch of one weekday (0 is Monday), by the clock on the interviewer's wall."""

    __tablename__ = "working_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("closes_at > opens_at", name="closes_after_it_opens"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    interviewer_id: Mapped[int] = mapped_column(ForeignKey("interviewer.id"), index=True)
    weekday: Mapped[int]
    opens_at: Mapped[time]
    closes_at: Mapped[time]


class PreferredBlockRow(Model):
    """A stretch of one weekday (0 is Monday) in which somebody would rather interview."""

    __tablename__ = "preferred_block"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("closes_at > opens_at", name="closes_after_it_opens"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    interviewer_id: Mapped[int] = mapped_column(ForeignKey("interviewer.id"), index=True)
    weekday: Mapped[int]
    opens_at: Mapped[time]
    closes_at: Mapped[time]


class DayOff(Model):
    """A date, where the interviewer is, on which they do not interview."""

    __tablename__ = "day_off"

    interviewer_id: Mapped[int] = mapped_column(ForeignKey("interviewer.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)


class KeywordRow(Model):
    """Words that have a meaning in titles: for one interviewer, or without one for everybody."""

    __tablename__ = "keyword"
    __table_args__ = (
        UniqueConstraint(
            "interviewer_id", "words", name="uq_keyword_words", postgresql_nulls_not_distinct=True
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    interviewer_id: Mapped[int | None] = mapped_column(ForeignKey("interviewer.id"))
    words: Mapped[str]
    """As `entries.plain` leaves them."""
    means: Mapped[KeywordClass]


class InterviewerPool(Model):
    """People qualified, or training, for one kind of interview."""

    __tablename__ = "interviewer_pool"
    __table_args__ = (UniqueConstraint("name", name="uq_interviewer_pool_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    created_at: Mapped[datetime]

    memberships: Mapped[list[PoolMembership]] = relationship(
        back_populates="pool", cascade="all, delete-orphan"
    )


class PoolMembership(Model):
    __tablename__ = "pool_membership"

    pool_id: Mapped[int] = mapped_column(ForeignKey("interviewer_pool.id"), primary_key=True)
    interviewer_id: Mapped[int] = mapped_column(ForeignKey("interviewer.id"), primary_key=True)
    standing: Mapped[Standing] = mapped_column(default=Standing.TRAINED)

    pool: Mapped[InterviewerPool] = relationship(back_populates="memberships")
    interviewer: Mapped[InterviewerRow] = relationship()
