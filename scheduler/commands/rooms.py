"""The rooms to interview in."""

from __future__ import annotations

from datetime import datetime

from scheduler.commands import audit, checks
from scheduler.commands.audit import Actor
from scheduler.commands.checks import Refused
from scheduler.models.base import db, refusing
from scheduler.models.rooms import RoomRow


class RoomAddressTaken(Refused):
    """There is a room with this calendar already."""

    def __init__(self) -> None:
        super().__init__("email", "A room with this address is here already.")


class RoomNameTaken(Refused):
    """There is a room of this name at this site already."""

    def __init__(self) -> None:
        super().__init__("name", "There is a room of this name at this site already.")


def add_room(*, name: str, site: str, email: str, by: Actor, now: datetime) -> int:
    """Add a room, known to Google by its resource's address, and return its id. Raises Refused."""
    room = RoomRow(
        name=checks.name(name),
        site=checks.name(site, field="site"),
        email=checks.address(email),
        created_at=now,
    )
    with refusing({"uq_room_email": RoomAddressTaken, "uq_room_name_at_site": RoomNameTaken}):
        db.session.add(room)
        db.session.flush()
        audit.record("add_room", ("room", room.id), by=by, now=now)
        db.session.commit()
    return room.id


def retire_room(room_id: int, *, by: Actor, now: datetime) -> None:
    """Hold nothing new in a room. What is booked there stays, and so does its place in plans."""
    room = _locked(room_id)
    if room.retired_at is None:
        room.retired_at = now
        audit.record("retire_room", ("room", room_id), by=by, now=now)
    db.session.commit()


def reopen_room(room_id: int, *, by: Actor, now: datetime) -> None:
    """Use a retired room again."""
    room = _locked(room_id)
    if room.retired_at is not None:
        room.retired_at = None
        audit.record("reopen_room", ("room", room_id), by=by, now=now)
    db.session.commit()


def _locked(room_id: int) -> RoomRow:
    return db.session.get_one(
        RoomRow, room_id, with_for_update={"key_share": True}, populate_existing=True
    )
