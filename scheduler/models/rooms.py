"""Rooms to interview in, and what free/busy said of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from scheduler.domain.timespan import TimeSpan
from scheduler.models.base import Model


class RoomRow(Model):
    """A room that Google knows as a resource, with a calendar that accepts or declines by itself.

    Name and site are public: a candidate who comes to the office reads them.
    """

    __tablename__ = "room"
    __table_args__ = (
        UniqueConstraint("email", name="uq_room_email"),
        UniqueConstraint("site", "name", name="uq_room_name_at_site"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    site: Mapped[str]
    email: Mapped[str]
    """The address of the resource's calendar (`resourceEmail`)."""
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    """Since when nothing new is held in it; what is booked there stays."""


class RoomCalendar(Model):
    """What free/busy last said of one room: what BusyCalendar keeps of an interviewer, but for a mask."""

    __tablename__ = "room_calendar"
    __table_args__ = (
        CheckConstraint("(busy IS NULL) = (error IS NOT NULL)", name="busy_or_error"),
        CheckConstraint("(error IS NULL) = (unknown_since IS NULL)", name="unknown_since_when"),
    )

    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"), primary_key=True)
    covers: Mapped[TimeSpan]
    busy: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    version: Mapped[str]
    error: Mapped[str | None]
    unknown_since: Mapped[datetime | None]
    read_at: Mapped[datetime]
