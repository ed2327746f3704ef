"""Which interviews share a call, and the random names that its events go by.

A call is one conference, shared by exactly one candidate event and the interviewer event of each
of its interviews.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby
from typing import NewType
from zoneinfo import ZoneInfo

from scheduler.domain.plan import CallGrouping
from scheduler.domain.timespan import TimeSpan

EventId = NewType("EventId", str)
RequestId = NewType("RequestId", str)

ID_BYTES = 20  # 32 characters, well above Google's least length of 5


class ConferenceStrategy(StrEnum):
    """Which event asks Google for the conference (GOOGLE.md 1.2)."""

    CANDIDATE_EVENT_MINTS = "candidate_event"
    KEEPER_EVENT_MINTS = "keeper_event"

    @property
    def minting_role(self) -> EventRole:
        """Return which event asks for the conference, and so takes the room with it when it goes."""
        is_keeper = self is ConferenceStrategy.KEEPER_EVENT_MINTS
        return EventRole.KEEPER if is_keeper else EventRole.CANDIDATE


class EventRole(StrEnum):
    """What an event is to its call; the private tag that says so on Google's side."""

    CANDIDATE = "candidate"
    INTERVIEWER = "interviewer"
    KEEPER = "keeper"


@dataclass(frozen=True, slots=True)
class CallGroup:
    """The interviews of one call, by their place in the booking, and the loop day they fall on."""

    loop_day: date
    positions: tuple[int, ...]


def group_into_calls(
    spans: Sequence[TimeSpan], grouping: CallGrouping, zone: ZoneInfo
) -> list[CallGroup]:
    """Return which interviews share a call. A loop day is a day of the candidate's own zone."""
    by_time = sorted(range(len(spans)), key=lambda position: spans[position])

    def loop_day(position: int) -> date:
        return spans[position].start.astimezone(zone).date()

    if grouping is CallGrouping.PER_INTERVIEW:
        return [CallGroup(loop_day(position), (position,)) for position in by_time]
    return [CallGroup(day, tuple(positions)) for day, positions in groupby(by_time, key=loop_day)]


def new_event_id() -> EventId:
    """Return a fresh event id in base32hex, the alphabet that Google accepts (0-9, a-v).

    Random, so that a guest who sees one event's id can derive no sibling's, and a restored
    database cannot compute the id of somebody else's event.
    """
    return EventId(base64.b32hexencode(secrets.token_bytes(ID_BYTES)).decode().lower())


def new_request_id() -> RequestId:
    """Return a fresh id for `conferenceData.createRequest`.

    Google ignores a request whose id it has seen on the event before, so none is used twice.
    """
    return RequestId(secrets.token_hex(ID_BYTES))


@dataclass(frozen=True, slots=True)
class EventMarks:
    """The private tags by which an event is known as ours. Opaque ids only: guests never see them."""

    installation: str
    call_id: str
    role: EventRole

    def as_properties(self) -> dict[str, str]:
        """Return them as `extendedProperties.private` wants them."""
        return {
            "greenroomInstallation": self.installation,
            "greenroomCall": self.call_id,
            "greenroomRole": self.role.value,
        }

    @classmethod
    def of(cls, properties: dict[str, str]) -> EventMarks | None:
        """Return the tags in `properties`, or None when the event is not one of ours."""
        role = properties.get("greenroomRole")
        if "greenroomInstallation" not in properties or role not in set(EventRole):
            return None
        return cls(
            properties["greenroomInstallation"],
            properties.get("greenroomCall", ""),
            EventRole(role),
        )
