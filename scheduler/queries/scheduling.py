"""What the whole organisation schedules by: how soon and how far ahead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from scheduler.domain.availability import ReadingLevel
from scheduler.models.base import db
from scheduler.models.scheduling import SchedulingRulesRow

LONGEST_WINDOW = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulingRules:
    """No interview starts within `notice`, and none ends after the rolling window.

    Calendars are read up to `level`, where Google lets them be.
    """

    notice: timedelta = timedelta(hours=4)
    rolling_window: timedelta = timedelta(days=28)
    level: ReadingLevel = ReadingLevel.BUSY


def scheduling_rules() -> SchedulingRules:
    """Return the rules that hold now: the usual ones until somebody changes them."""
    row = db.session.get(SchedulingRulesRow, 1)
    if row is None:
        return SchedulingRules()
    return SchedulingRules(notice=row.notice, rolling_window=row.rolling_window, level=row.level)
