"""What candidates read of a stage, and what it has become since a booking took it over."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from scheduler.domain.plan import Attendance
from scheduler.models.bookings import Booking
from scheduler.models.plans import Stage

NOTHING = "none"
MEETING = {Attendance.VIDEO: "by video", Attendance.ONSITE: "on site"}


@dataclass(frozen=True, slots=True)
class WordsChange:
    """One text that is another by now."""

    about: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class NewWords:
    """What a stage says by now; `version` tells it from what it will say next."""

    version: str
    changes: tuple[WordsChange, ...]


def new_words(booking: Booking) -> NewWords | None:
    """Return what a booking's candidate would read if it took the words of its stage over again.

    None when that is what they read already.
    """
    now = _texts(booking.stage)
    found = tuple(
        WordsChange(about, before or NOTHING, after or NOTHING)
        for (about, before), after in zip(_texts(booking).items(), now.values(), strict=True)
        if before != after
    )
    version = hashlib.sha256(repr(now).encode()).hexdigest()[:32]
    return NewWords(version, found) if found else None


def _texts(said: Booking | Stage) -> dict[str, str]:
    return {
        "Public title": said.public_title,
        "What candidates should know": said.public_notes,
        "Location": said.location,
        "How": MEETING[said.attendance],
    }
