"""What the whole organisation schedules by."""

from __future__ import annotations

from datetime import datetime, timedelta

from scheduler.commands import audit
from scheduler.commands.audit import Actor
from scheduler.commands.checks import Refused
from scheduler.models.base import db
from scheduler.models.scheduling import SchedulingRulesRow
from scheduler.queries.scheduling import LONGEST_WINDOW

LONGEST_NOTICE = timedelta(days=14)


def change_scheduling(
    *, notice: timedelta, rolling_window: timedelta, by: Actor, now: datetime
) -> None:
    """Change how soon and how far ahead interviews can be booked. Raises Refused."""
    if not timedelta(0) <= notice <= LONGEST_NOTICE:
        raise Refused("notice_hours", "Between 0 and 336 hours, which are 14 days.")
    if not timedelta(days=1) <= rolling_window <= LONGEST_WINDOW:
        raise Refused("window_days", f"Between 1 and {LONGEST_WINDOW.days} days.")
    if notice >= rolling_window:
        raise Refused("notice_hours", "With this notice nothing is left of the days ahead.")
    db.session.merge(SchedulingRulesRow(id=1, notice=notice, rolling_window=rolling_window))
    audit.record("change_scheduling", ("scheduling_rules", 1), by=by, now=now)
    db.session.commit()
