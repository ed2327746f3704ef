"""The rooms that an interview could be held in instead, as their calendars were last read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from scheduler.domain.plan import RoomId
from scheduler.domain.slots.timing import taken_up
from scheduler.domain.timespan import TimeSpan, merge, subtract
from scheduler.models.base import db
from scheduler.models.bookings import Interview
from scheduler.models.rooms import RoomCalendar, RoomRow
from scheduler.queries import leaks, room_searches, snapshots
from scheduler.queries.room_pages import room_name
from scheduler.queries.slot_searches import FRESH_FOR_A_PAGE

NOT_READ = "calendar not read"
NOT_TOLD = "Google does not tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomChoice:
    """A room to move an interview to. Who has it is no part of this: that it is taken is enough."""

    room_id: int
    name: str
    taken: tuple[TimeSpan, ...]
    """When somebody else has it, as far as that is in the way."""
    unknown: str
    """Why nobody can say whether it is taken; empty when it is known."""
    names_panel: bool
    """Whether the candidate, who would be told of it, would learn of somebody on the panel."""

    @property
    def is_free(self) -> bool:
        return not self.taken and not self.unknown and not self.names_panel


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomReading:
    """When a room is taken, known for `covers`; None when it is not known at all, and why."""

    covers: TimeSpan | None
    taken: tuple[TimeSpan, ...] = ()
    unknown: str = ""


def readings_of(
    room_ids: Collection[RoomId], around: TimeSpan, *, now: datetime, moving: int
) -> Mapping[RoomId, RoomReading]:
    """Return what is known of each of these rooms at about a time.

    What the booking `moving` has of their time counts as free.
    """
    if not room_ids:
        return {}
    rows = db.session.scalars(select(RoomCalendar).where(RoomCalendar.room_id.in_(room_ids)))
    calendars = {RoomId(row.room_id): row for row in rows}
    held = room_searches.held_spans(room_ids, around, apart_from=moving)
    own = room_searches.own_spans(moving)
    return {
        id_: _reading(calendars.get(id_), held.get(id_, ()), own.get(id_, ()), now)
        for id_ in room_ids
    }


def choices_for(
    interview: Interview, rooms: Sequence[RoomRow], readings: Mapping[RoomId, RoomReading]
) -> tuple[RoomChoice, ...]:
    """Return these rooms as they are while an interview is held, the free ones first."""
    choices = [_choice(room, interview, readings[RoomId(room.id)]) for room in rooms]
    return tuple(sorted(choices, key=lambda each: not each.is_free))


def _reading(
    kept: RoomCalendar | None,
    others: Sequence[TimeSpan],
    own: Sequence[TimeSpan],
    now: datetime,
) -> RoomReading:
    if kept is None or kept.read_at < now - FRESH_FOR_A_PAGE:
        return RoomReading(covers=None, taken=tuple(others), unknown=NOT_READ)
    if kept.busy is None:
        return RoomReading(covers=None, taken=tuple(others), unknown=NOT_TOLD)
    said = snapshots.spans_of(kept.busy)
    return RoomReading(covers=kept.covers, taken=tuple(merge([*subtract(said, own), *others])))


def _choice(room: RoomRow, interview: Interview, reading: RoomReading) -> RoomChoice:
    [span] = taken_up([interview.during])
    is_covered = reading.covers is not None and reading.covers.contains(span)
    taken = tuple(each for each in reading.taken if each.overlaps(span))
    return RoomChoice(
        room_id=room.id,
        name=room_name(room),
        taken=taken,
        unknown="" if is_covered or taken else reading.unknown or NOT_READ,
        names_panel=leaks.names_panel(room, interview.booking),
    )
