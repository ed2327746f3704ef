"""What the page of rooms shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from scheduler.models.base import db
from scheduler.models.plans import planned_interview_room
from scheduler.models.rooms import RoomCalendar, RoomRow
from scheduler.queries.snapshots import Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomLine:
    room_id: int
    name: str
    site: str
    email: str
    interviews: int
    """How many interviews of plans may be held in it."""
    is_retired: bool
    trouble: Trouble | None
    """Why its calendar is unknown, if Google will not tell of it."""


def rooms_page() -> Sequence[RoomLine]:
    """Return every room, those in use first, site by site."""
    planned = (
        select(planned_interview_room.c.room_id, func.count().label("interviews"))
        .group_by(planned_interview_room.c.room_id)
        .subquery()
    )
    rows = db.session.execute(
        select(RoomRow, planned.c.interviews, RoomCalendar.error, RoomCalendar.unknown_since)
        .outerjoin(planned, planned.c.room_id == RoomRow.id)
        .outerjoin(RoomCalendar, RoomCalendar.room_id == RoomRow.id)
        .order_by(
            RoomRow.retired_at.is_not(None), func.lower(RoomRow.site), func.lower(RoomRow.name)
        )
    )
    return [
        RoomLine(
            room_id=room.id,
            name=room.name,
            site=room.site,
            email=room.email,
            interviews=interviews or 0,
            is_retired=room.retired_at is not None,
            trouble=Trouble(error, since) if error is not None and since is not None else None,
        )
        for room, interviews, error, since in rows
    ]


def room_choices() -> list[tuple[int, str]]:
    """Return every room in use as id and name with its site, for a form."""
    rows = db.session.scalars(
        select(RoomRow)
        .where(RoomRow.retired_at.is_(None))
        .order_by(func.lower(RoomRow.site), func.lower(RoomRow.name))
    )
    return [(room.id, room_name(room)) for room in rows]


def name_of(room_id: int) -> str:
    """Return what people call the room of an id, or raise NoResultFound."""
    return room_name(db.session.get_one(RoomRow, room_id))


def room_name(room: RoomRow) -> str:
    """Return what people call a room: "Aurora, Berlin"."""
    return f"{room.name}, {room.site}"
