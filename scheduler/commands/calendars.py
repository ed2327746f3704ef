"""Reads people's calendars and keeps what they said, for the slot search."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from scheduler.domain.people import InterviewerId
from scheduler.domain.timespan import TimeSpan
from scheduler.models.base import db
from scheduler.models.calendar import BusyCalendar
from scheduler.models.people import InterviewerRow, PoolMembership
from scheduler.queries import snapshots
from scheduler.queries.google_access import GoogleAccess
from scheduler.queries.slot_searches import HORIZON, utc_text


def refresh(people_ids: Collection[InterviewerId], *, access: GoogleAccess, now: datetime) -> None:
    """Read the live free/busy of these people and keep it.

    Somebody whose calendar Google cannot tell of is kept as unknown. Raises GoogleError when
    Google cannot be asked at all; what was known then stays, and grows old by itself.
    """
    addresses = {
        row.email.lower(): row.id
        for row in db.session.execute(
            select(InterviewerRow.id, InterviewerRow.email).where(InterviewerRow.id.in_(people_ids))
        )
    }
    # No transaction is open while Google is asked.
    db.session.rollback()
    if not addresses:
        return
    covers = TimeSpan(now, now + HORIZON)
    busy = snapshots.live_busy(list(addresses), covers, access=access)
    readings = [
        {
            "interviewer_id": interviewer_id,
            "covers": covers,
            "busy": None if spans is None else [utc_text(span) for span in spans],
            "read_at": now,
        }
        for address, interviewer_id in sorted(addresses.items(), key=lambda item: item[1])
        for spans in [busy.get(address)]
    ]
    write = insert(BusyCalendar).values(readings)
    db.session.execute(
        write.on_conflict_do_update(
            index_elements=[BusyCalendar.interviewer_id],
            set_={name: write.excluded[name] for name in ("covers", "busy", "read_at")},
            # Two readings may cross; the later one is the one to keep.
            where=BusyCalendar.read_at <= write.excluded.read_at,
        )
    )
    db.session.commit()


def refresh_everybody(*, access: GoogleAccess, now: datetime) -> int:
    """Read the calendar of everybody who is in a pool; return how many they are."""
    people = db.session.scalars(select(PoolMembership.interviewer_id).distinct()).all()
    refresh([InterviewerId(each) for each in people], access=access, now=now)
    return len(people)
