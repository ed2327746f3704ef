"""Rooms and interviewers of one name: a candidate who is told the one would learn of the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select

from scheduler.domain.disclosure import mentions, place_with_rooms, withheld_for
from scheduler.models.base import db
from scheduler.models.people import InterviewerRow
from scheduler.models.rooms import RoomRow
from scheduler.queries.room_pages import room_name


def of_rooms() -> Mapping[int, Sequence[str]]:
    """Return the interviewers that rooms are named like, by the room's id."""
    rooms = _rooms()
    everything = "\n".join(_place(room) for room in rooms)
    # Of most people no room has anything, and that is said by one look at all of them.
    people = [each for each in _people() if _names(everything, each)]
    named = {
        room.id: [person[0] for person in people if _names(_place(room), person)] for room in rooms
    }
    return {room_id: names for room_id, names in named.items() if names}


def of_interviewer(name: str, email: str) -> Sequence[str]:
    """Return the rooms that are named like somebody."""
    return [room_name(room) for room in _rooms() if _names(_place(room), (name, email))]


def is_named(text: str, name: str) -> bool:
    """Say whether a text names somebody of this name."""
    return _names(text, (name, ""))


def _rooms() -> Sequence[RoomRow]:
    by_name = select(RoomRow).order_by(func.lower(RoomRow.site), func.lower(RoomRow.name))
    return db.session.scalars(by_name).all()


def _people() -> list[tuple[str, str]]:
    rows = select(InterviewerRow.name, InterviewerRow.email).order_by(InterviewerRow.name)
    return [(name, email) for name, email in db.session.execute(rows)]


def _place(room: RoomRow) -> str:
    return place_with_rooms("", [(room.name, room.site)])


def _names(text: str, person: tuple[str, str]) -> bool:
    return any(mentions(text, withheld_for([person], known=[])))
