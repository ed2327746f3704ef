"""What the whole organisation schedules by."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from scheduler.domain.availability import ReadingLevel
from scheduler.models.base import Model


class SchedulingRulesRow(Model):
    """The one row of rules; before anybody has changed them there is none."""

    __tablename__ = "scheduling_rules"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("notice BETWEEN interval '0' AND interval '14 days'", name="notice"),
        CheckConstraint(
            "rolling_window BETWEEN interval '1 day' AND interval '60 days'", name="rolling_window"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notice: Mapped[timedelta]
    rolling_window: Mapped[timedelta]
    level: Mapped[ReadingLevel] = mapped_column(default=ReadingLevel.BUSY)
    """How much of people's calendars may be read, where Google lets it be read."""
