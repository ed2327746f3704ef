"""What the whole organisation schedules by."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from scheduler import wakeups
from scheduler.commands import audit
from scheduler.commands.audit import Actor
from scheduler.commands.checks import Refused
from scheduler.commands.keywords import rows_of
from scheduler.domain.availability import ReadingLevel
from scheduler.domain.entries import Keyword
from scheduler.models.base import db
from scheduler.models.calendar import BusyCalendar
from scheduler.models.people import KeywordRow
from scheduler.models.scheduling import SchedulingRulesRow
from scheduler.queries import keywords as keyword_queries
from scheduler.queries.scheduling import LONGEST_WINDOW, SchedulingRules, scheduling_rules

LONGEST_NOTICE = timedelta(days=14)
LONG_AGO = timedelta(days=1)


class RulesChanged(Exception):
    """Somebody else has changed the rules since they were looked at."""


def change_scheduling(
    *,
    notice: timedelta,
    rolling_window: timedelta,
    level: ReadingLevel = ReadingLevel.BUSY,
    keywords: Sequence[Keyword] = (),
    version: str | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Change how soon and how far ahead interviews can be booked, and how calendars are read.

    Calendars are read anew at once where that changes what they come to. Raises Refused, and
    RulesChanged if the rules are no longer those of a `version` that is given.
    """
    if not timedelta(0) <= notice <= LONGEST_NOTICE:
        raise Refused("notice_hours", "Between 0 and 336 hours, which are 14 days.")
    if not timedelta(days=1) <= rolling_window <= LONGEST_WINDOW:
        raise Refused("window_days", f"Between 1 and {LONGEST_WINDOW.days} days.")
    if notice >= rolling_window:
        raise Refused("notice_hours", "With this notice nothing is left of the days ahead.")
    rules = _locked_rules()
    if version is not None and version != current_version():
        db.session.rollback()
        raise RulesChanged
    before = rules.level, keyword_queries.of_everybody()
    rules.notice, rules.rolling_window, rules.level = notice, rolling_window, level
    _keep(keywords)
    db.session.flush()
    if before != (level, keyword_queries.of_everybody()):
        read_anew(now)
    audit.record("change_scheduling", ("scheduling_rules", 1), by=by, now=now)
    db.session.commit()


def current_version() -> str:
    """Return what tells the rules and words that hold now from any others."""
    words = [(each.words, each.means.value) for each in keyword_queries.of_everybody()]
    return hashlib.sha256(repr((asdict(scheduling_rules()), words)).encode()).hexdigest()[:32]


def read_anew(now: datetime, interviewer_id: int | None = None) -> None:
    """Have the worker read calendars soon: everybody's or one. Part of a larger command."""
    in_detail = select(BusyCalendar.interviewer_id).where(
        BusyCalendar.level == ReadingLevel.DETAILS
    )
    if interviewer_id is not None:
        in_detail = in_detail.where(BusyCalendar.interviewer_id == interviewer_id)
    # Locked in id order, as whoever keeps a reading does, so that nobody waits in a circle.
    found = db.session.scalars(
        in_detail.order_by(BusyCalendar.interviewer_id).with_for_update()
    ).all()
    # What was read in detail counts as read long ago, for the worker and for bookings alike.
    db.session.execute(
        update(BusyCalendar)
        .where(BusyCalendar.interviewer_id.in_(found))
        .values(read_at=now - LONG_AGO)
    )
    wakeups.check_connection_soon(db.session.connection())


def _locked_rules() -> SchedulingRulesRow:
    """Return the rules for this change alone: two pages that bring the same words come in turn."""
    usual = asdict(SchedulingRules())
    db.session.execute(insert(SchedulingRulesRow).values(id=1, **usual).on_conflict_do_nothing())
    rules = db.session.get_one(SchedulingRulesRow, 1, with_for_update=True)
    # Whatever else this session has read was read before the lock, and may be old.
    db.session.expire_all()
    return rules


def _keep(keywords: Sequence[Keyword]) -> None:
    kept = db.session.scalars(select(KeywordRow).where(KeywordRow.interviewer_id.is_(None))).all()
    rows = rows_of(keywords, kept)
    for row in set(kept) - set(rows):
        db.session.delete(row)
    db.session.flush()
    db.session.add_all(rows)
