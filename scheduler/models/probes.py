"""Whether a stage can still be booked soon, as the worker last found."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from scheduler.models.base import Model
from scheduler.models.plans import Stage


class StageProbe(Model):
    """The last answer for one stage, of a candidate who can in office hours of `zone`."""

    __tablename__ = "stage_probe"
    __table_args__ = (
        CheckConstraint("(earliest IS NULL) = (impossible_since IS NOT NULL)", name="yes_or_no"),
    )

    stage_id: Mapped[int] = mapped_column(
        ForeignKey("stage.id", ondelete="CASCADE"), primary_key=True
    )
    answered_at: Mapped[datetime]
    zone: Mapped[ZoneInfo]
    earliest: Mapped[datetime | None]
    """The first start; None when there is none within the days that were looked at."""
    impossible_since: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
    """What is in the way, in a recruiter's words; it may name people."""

    stage: Mapped[Stage] = relationship()
