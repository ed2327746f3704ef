"""Reads the calendars of people and rooms and keeps what they said, for the slot search."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute

from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import RoomId
from scheduler.domain.timespan import TimeSpan
from scheduler.google.freebusy import Busy, Unknown, read_busy
from scheduler.models.base import db
from scheduler.models.calendar import BusyCalendar
from scheduler.models.people import InterviewerRow, PoolMembership
from scheduler.models.plans import SeatRuleRow
from scheduler.models.rooms import RoomCalendar, RoomRow
from scheduler.queries import slot_searches, snapshots
from scheduler.queries.google_access import GoogleAccess
from scheduler.queries.scheduling import scheduling_rules


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What came of reading calendars, counted in people."""

    people: int
    unknown: int
    new_masks: int


def refresh(
    people_ids: Collection[InterviewerId],
    room_ids: Collection[RoomId] = (),
    *,
    access: GoogleAccess,
    now: datetime,
) -> Refreshed:
    """Read the live free/busy of these people and rooms and keep it.

    Somebody whose calendar Google cannot tell of is kept as unknown. Raises GoogleError when
    Google cannot be asked at all; what was known then stays, and grows old by itself.
    """
    addresses = {
        row.email.lower(): InterviewerId(row.id)
        for row in db.session.execute(
            select(InterviewerRow.id, InterviewerRow.email).where(InterviewerRow.id.in_(people_ids))
        )
    }
    rooms = _addresses_of(room_ids)
    rules = scheduling_rules()
    # No transaction is open while Google is asked.
    db.session.rollback()
    if not addresses and not rooms:
        return Refreshed(0, 0, 0)
    covers = slot_searches.days_to_read(now, rules)
    busy = read_busy(access.google, [*addresses, *rooms], covers)
    said = {id_: busy[address] for address, id_ in addresses.items()}
    _keep_people(said, covers, now)
    _keep_rooms({id_: busy[address] for address, id_ in rooms.items()}, covers, now)
    new_masks = _renew_masks(sorted(said), slot_searches.window_from(now, rules))
    db.session.commit()
    unknown = sum(isinstance(each, Unknown) for each in said.values())
    return Refreshed(len(said), unknown, new_masks)


def refresh_everybody(*, access: GoogleAccess, now: datetime) -> Refreshed:
    """Read the calendar of everybody who is in a pool, or named for a seat, and of every room in use."""
    people = db.session.scalars(
        select(PoolMembership.interviewer_id).union(
            select(InterviewerRow.id).join(SeatRuleRow.people)
        )
    ).all()
    rooms = db.session.scalars(select(RoomRow.id).where(RoomRow.retired_at.is_(None))).all()
    return refresh(
        [InterviewerId(each) for each in people],
        [RoomId(each) for each in rooms],
        access=access,
        now=now,
    )


def _addresses_of(room_ids: Collection[RoomId]) -> dict[str, RoomId]:
    if not room_ids:
        return {}
    return {
        row.email.lower(): RoomId(row.id)
        for row in db.session.execute(
            select(RoomRow.id, RoomRow.email).where(RoomRow.id.in_(room_ids))
        )
    }


def _keep_people(
    said: Mapping[InterviewerId, Busy | Unknown], covers: TimeSpan, now: datetime
) -> None:
    rows = [
        {"interviewer_id": id_, "mask_version": "", **_reading(said[id_], covers, now)}
        for id_ in sorted(said)
    ]
    _keep(BusyCalendar, BusyCalendar.interviewer_id, rows)


def _keep_rooms(said: Mapping[RoomId, Busy | Unknown], covers: TimeSpan, now: datetime) -> None:
    rows = [{"room_id": id_, **_reading(said[id_], covers, now)} for id_ in sorted(said)]
    _keep(RoomCalendar, RoomCalendar.room_id, rows)


def _keep(
    kept: type[BusyCalendar | RoomCalendar],
    key: InstrumentedAttribute[int],
    rows: Sequence[Mapping[str, Any]],
) -> None:
    if not rows:
        return
    write = insert(kept).values(rows)
    same_trouble = func.coalesce(kept.unknown_since, write.excluded.unknown_since)
    news = ("covers", "busy", "version", "error", "read_at")
    db.session.execute(
        write.on_conflict_do_update(
            index_elements=[key],
            set_={name: write.excluded[name] for name in news}
            | {"unknown_since": case((write.excluded.error.is_not(None), same_trouble))},
            # Two readings may cross; the later one is the one to keep.
            where=kept.read_at <= write.excluded.read_at,
        )
    )


def _reading(said: Busy | Unknown, covers: TimeSpan, now: datetime) -> dict[str, Any]:
    row: dict[str, Any] = {
        "covers": covers,
        "busy": None,
        "version": snapshots.version_of(covers, said),
        "error": None,
        "unknown_since": None,
        "read_at": now,
    }
    if isinstance(said, Unknown):
        return row | {"error": said.reason, "unknown_since": now}
    return row | {"busy": snapshots.span_texts(said)}


def _renew_masks(people_ids: Collection[InterviewerId], window: TimeSpan) -> int:
    """Make the masks of those who have changed, and return how many these are."""
    people, _ = slot_searches.people_for(
        people_ids, window, now=window.start, fresh_for=slot_searches.FRESH_FOR_A_BOOKING
    )
    made_for = snapshots.mask_versions(people_ids)
    calendars = snapshots.shelf_of(window).calendars
    changed = [
        person
        for id_, person in sorted(people.items())
        if person.version and made_for.get(id_) != person.version
    ]
    if changed:
        db.session.execute(
            update(BusyCalendar),
            [
                {
                    "interviewer_id": person.interviewer.interviewer_id,
                    "mask": calendars.to_bytes(person),
                    "mask_version": person.version,
                }
                for person in changed
            ],
        )
    return len(changed)
