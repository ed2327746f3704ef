"""What of a booking's texts names its panel, for those who arrange it: they know who sits there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scheduler.domain.booking import CallState
from scheduler.domain.disclosure import mentions, place_with_rooms, withheld_for
from scheduler.domain.plan import Attendance
from scheduler.models.bookings import Booking
from scheduler.models.rooms import RoomRow
from scheduler.queries.room_pages import room_name
from scheduler.queries.wanted import withheld_names


class Place(StrEnum):
    """A text that the candidate reads, told apart by what can be done about it."""

    STAGE_TITLE = "stage_title"
    STAGE_NOTES = "stage_notes"
    STAGE_LOCATION = "stage_location"
    INTERVIEW_TITLE = "interview_title"
    ROOM = "room"
    LINK = "link"
    ZONE = "zone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """Words of a text that name somebody who sits, or sat, on the panel."""

    place: Place
    about: str
    """Which title, room or zone it is."""
    words: tuple[str, ...]
    people: tuple[str, ...]


def leaks_of(booking: Booking) -> tuple[Leak, ...]:
    """Return every text of a booking that the identity firewall keeps from its candidate, and why."""
    withheld = withheld_names(booking)
    found = (
        (place, about, tuple(mentions(text, withheld)))
        for place, about, text in dict.fromkeys(_texts(booking))
    )
    return tuple(
        Leak(place=place, about=about, words=_whole_names(words), people=_whose(words, booking))
        for place, about, words in found
        if words
    )


def names_panel(room: RoomRow, booking: Booking) -> bool:
    """Say whether the candidate of a booking could not be told that it is held in this room."""
    place = place_with_rooms("", [(room.name, room.site)])
    return _is_told_rooms(booking) and any(mentions(place, withheld_names(booking)))


def _texts(booking: Booking) -> Iterator[tuple[Place, str, str]]:
    yield Place.STAGE_TITLE, "", booking.public_title
    yield Place.STAGE_NOTES, "", booking.public_notes
    yield Place.STAGE_LOCATION, "", booking.location
    for interview in booking.interviews:
        yield Place.INTERVIEW_TITLE, interview.title, interview.title
        if interview.room is not None and _is_told_rooms(booking):
            room = interview.room.room
            yield Place.ROOM, room_name(room), place_with_rooms("", [(room.name, room.site)])
    for call in booking.calls:
        if call.state is CallState.LIVE:
            yield Place.LINK, "", call.link_by_hand
    yield Place.ZONE, booking.zone.key, booking.zone.key


def _is_told_rooms(booking: Booking) -> bool:
    return booking.attendance is Attendance.ONSITE


def _whole_names(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words without those of a name that is there as a whole."""
    parts = {part for word in words if len(word.split()) > 1 for part in word.split()}
    return tuple(word for word in words if word not in parts)


def _whose(words: Sequence[str], booking: Booking) -> tuple[str, ...]:
    known = [booking.application.candidate.name]
    people = {
        (seat.interviewer.name, seat.interviewer.email)
        for interview in booking.interviews
        for seat in interview.seats
    }
    return tuple(
        sorted(each[0] for each in people if set(words) & set(withheld_for([each], known=known)))
    )
