"""The scheduling account's connection, its organizer calendars, and what Google said of people's time."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from scheduler.domain.availability import ReadingLevel
from scheduler.domain.timespan import TimeSpan
from scheduler.models.base import Model


class ConnectionState(StrEnum):
    """How Greenroom stands with the scheduling account."""

    CHECKING = "checking"
    READY = "ready"
    NO_MEET = "no_meet"
    BROKEN = "broken"


class Installation(Model):
    """This Greenroom: the UUID that its events carry. One row."""

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    uuid: Mapped[uuid.UUID]


class GoogleConnection(Model):
    """The scheduling account's consent. One row; absent until an admin has connected it."""

    __tablename__ = "google_connection"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    email: Mapped[str]
    refresh_token_sealed: Mapped[str | None]
    """None with a service account, whose key file is a setting."""
    scopes: Mapped[str]
    state: Mapped[ConnectionState] = mapped_column(default=ConnectionState.CHECKING)
    problem: Mapped[str] = mapped_column(default="")
    connected_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]


class OrganizerCalendar(Model):
    """A company calendar that events live on; its name is the only sender a candidate sees."""

    __tablename__ = "organizer_calendar"

    id: Mapped[int] = mapped_column(primary_key=True)
    google_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    can_make_meet: Mapped[bool]
    sync_token: Mapped[str | None]
    """Where the next look at what has changed on it begins; None: everything."""
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class BusyCalendar(Model):
    """What a calendar last said of one interviewer. An error means unknown, and unknown is not free.

    Of entries that were read in detail only what they come to is here: no title, no guest.
    """

    __tablename__ = "busy_calendar"
    __table_args__ = (
        CheckConstraint("(busy IS NULL) = (error IS NOT NULL)", name="busy_or_error"),
        CheckConstraint("(error IS NULL) = (unknown_since IS NULL)", name="unknown_since_when"),
    )

    interviewer_id: Mapped[int] = mapped_column(ForeignKey("interviewer.id"), primary_key=True)
    covers: Mapped[TimeSpan]
    busy: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    """[[start, end], …] in ISO 8601, UTC; None when Google could not say."""
    level: Mapped[ReadingLevel] = mapped_column(default=ReadingLevel.BUSY)
    """How much Google let be read of it."""
    soft: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    """What may give way to an interview, as `busy` is kept."""
    kept_for_interviews: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    hours: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """The working hours at Google, {"zone": …, "hours": [[weekday, "09:00", "17:00"], …]}; None
    where it tells of none."""
    version: Mapped[str]
    """A name for what Google said of these days: it stays while the answer does."""
    error: Mapped[str | None]
    """Why Google could not say, in its own word: "notFound"."""
    unknown_since: Mapped[datetime | None]
    read_at: Mapped[datetime]
    mask: Mapped[bytes | None]
    """When the person can be booked, as the slot search keeps it (`Calendars.to_bytes`)."""
    mask_version: Mapped[str] = mapped_column(default="")
    """The version of the person that the mask was made for; a mask for another is of no use."""
