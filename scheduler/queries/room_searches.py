"""The rooms of a slot search, read from rows: their cached calendars, and what is held in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from scheduler.domain.booking import BookingState, Rsvp
from scheduler.domain.plan import PlannedInterview, RoomId, StagePlan
from scheduler.domain.slots.question import Room, SlotSearch
from scheduler.domain.slots.timing import taken_up
from scheduler.domain.timespan import TimeSpan, subtract
from scheduler.models.base import db
from scheduler.models.bookings import Booking, Interview, InterviewRoom
from scheduler.models.rooms import RoomCalendar, RoomRow
from scheduler.queries import snapshots
from scheduler.queries.room_pages import room_name


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRooms:
    """Rooms as the search sees them."""

    rooms: Mapping[RoomId, Room]
    oldest_reading: datetime | None
    """When the least recently read calendar was read; None when one was never read."""


NO_ROOMS = KnownRooms(rooms={}, oldest_reading=None)


def rooms_of(plan: StagePlan) -> tuple[RoomId, ...]:
    """Return every room that an interview of the plan may be held in, in id order."""
    return tuple(sorted({id_ for each in plan.interviews for id_ in each.rooms or ()}))


def rooms_for(
    room_ids: Collection[RoomId],
    window: TimeSpan,
    *,
    now: datetime,
    fresh_for: timedelta,
    moving: int | None = None,
) -> KnownRooms:
    """Return those of these rooms that are in use.

    What the booking `moving` has of their time counts as free. A calendar that was last read longer
    than `fresh_for` ago is unknown, and unknown is never free.
    """
    if not room_ids:
        return NO_ROOMS
    horizon = snapshots.shelf_of(window).horizon
    rows = db.session.execute(
        select(RoomRow, RoomCalendar)
        .outerjoin(RoomCalendar, RoomCalendar.room_id == RoomRow.id)
        .where(RoomRow.id.in_(room_ids), RoomRow.retired_at.is_(None))
        .execution_options(populate_existing=True)
    ).all()
    held = held_spans(room_ids, horizon, apart_from=moving)
    own = own_spans(moving) if moving is not None else {}
    rooms, readings = {}, []
    for row, reading in rows:
        id_ = RoomId(row.id)
        readings.append(reading.read_at if reading is not None else None)
        fresh = reading if reading is not None and reading.read_at >= now - fresh_for else None
        rooms[id_] = _room(row, fresh, horizon, held.get(id_, ()), own.get(id_, ()))
    known = [each for each in readings if each is not None]
    return KnownRooms(
        rooms=rooms,
        oldest_reading=min(known) if known and len(known) == len(rows) else None,
    )


def free_rooms(search: SlotSearch, interview: Interview) -> set[RoomId]:
    """Return the rooms that an interview of a booking could be held in at its time.

    `search` is the booking's own. All rooms of the booking are at one site.
    """
    planned = search.plan.interviews[interview.position]
    sites = sites_of_others(interview)
    return {
        room.room_id
        for room in free_during(search, planned, interview.during)
        if not sites or room.site in sites
    }


def free_during(search: SlotSearch, planned: PlannedInterview, during: TimeSpan) -> list[Room]:
    """Return the rooms in which a planned interview could be held at a time."""
    [span] = taken_up([during])
    rooms = [search.rooms[id_] for id_ in sorted(planned.rooms or ()) if id_ in search.rooms]
    return [
        room
        for room in rooms
        if room.busy is not None and not any(busy.overlaps(span) for busy in room.busy)
    ]


def sites_of_others(interview: Interview) -> set[str]:
    """Return where the other interviews of its booking are held, if that is in rooms: one site, or none."""
    return {
        each.room.room.site
        for each in interview.booking.interviews
        if each is not interview and each.room is not None
    }


def held_spans(
    room_ids: Collection[RoomId], around: TimeSpan, *, apart_from: int | None
) -> dict[int, list[TimeSpan]]:
    """Return when interviews are held in these rooms, by id; the booking `apart_from` left out."""
    rows = db.session.execute(
        select(InterviewRoom.room_id, InterviewRoom.during)
        .join(InterviewRoom.interview)
        .join(Interview.booking)
        .where(
            Booking.state == BookingState.BOOKED,
            Booking.id.is_distinct_from(apart_from),
            InterviewRoom.room_id.in_(room_ids),
            InterviewRoom.released_at.is_(None),
            InterviewRoom.during.bool_op("&&")(around),
        )
    )
    return _by_room((room_id, during) for room_id, during in rows)


def own_spans(booking_id: int) -> dict[int, list[TimeSpan]]:
    """Return when each room of a booking is taken because of this booking itself.

    That is as long as it is held, and while a change is under way, where Google still shows it.
    """
    rows = db.session.execute(
        select(InterviewRoom.room_id, InterviewRoom.during)
        .join(InterviewRoom.interview)
        .join(Interview.booking)
        .where(
            Booking.id == booking_id,
            # A room that declined is taken by somebody else.
            InterviewRoom.rsvp != Rsvp.DECLINED,
            or_(
                InterviewRoom.released_at.is_(None),
                Booking.applied_revision < Booking.desired_revision,
            ),
        )
    )
    return _by_room((room_id, during) for room_id, during in rows)


def _room(
    row: RoomRow,
    reading: RoomCalendar | None,
    horizon: TimeSpan,
    others: Sequence[TimeSpan],
    own: Sequence[TimeSpan],
) -> Room:
    id_ = RoomId(row.id)
    if reading is None or reading.busy is None:
        return Room(room_id=id_, busy=None, site=row.site, name=room_name(row))
    said = snapshots.spans_of(reading.busy)
    uncovered = subtract([horizon], [reading.covers])
    return Room(
        room_id=id_,
        # Google reports our own interviews as busy too; those of the booking on the move are not.
        busy=(*subtract(said, own), *others, *uncovered),
        site=row.site,
        name=room_name(row),
        version=snapshots.version_of(row.site, row.name, reading.version, others, own, horizon),
    )


def _by_room(spans: Iterable[tuple[int, TimeSpan]]) -> dict[int, list[TimeSpan]]:
    found: dict[int, list[TimeSpan]] = {}
    for room_id, during in sorted(spans):
        found.setdefault(room_id, []).append(during)
    return found
