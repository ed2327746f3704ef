"""What differs between the event that should be and the event that is, and who is told of it.

Only the fields we own are compared: Google fills in others, and comparing those would patch for
ever. The invariant: a change applied once leaves no difference (tests/domain/test_diff.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeAlias

from scheduler.domain.calls import EventId
from scheduler.domain.events import ObservedEvent, conference_of


class Aspect(StrEnum):
    """One thing about an event that we own."""

    TIME = "time"
    TITLE = "title"
    TEXT = "text"
    PLACE = "place"
    GUESTS = "guests"
    CONFERENCE = "conference"
    ATTACHMENTS = "attachments"
    MANNERS = "manners"
    TAGS = "tags"


class SendUpdates(StrEnum):
    """Whom Google mails about a write (the `sendUpdates` parameter; always given, GOOGLE.md 6.4)."""

    ALL = "all"
    NONE = "none"


TOLD_TO_INTERVIEWERS = frozenset({Aspect.TIME, Aspect.GUESTS, Aspect.CONFERENCE, Aspect.PLACE})
TOLD_TO_CANDIDATE = frozenset(
    {Aspect.TIME, Aspect.TITLE, Aspect.TEXT, Aspect.PLACE, Aspect.GUESTS, Aspect.CONFERENCE}
)

TOLD_TO_NOBODY: frozenset[Aspect] = frozenset()

Facts: TypeAlias = Mapping[Aspect, object]


@dataclass(frozen=True, slots=True)
class Insert:
    event_id: EventId


@dataclass(frozen=True, slots=True)
class Patch:
    event_id: EventId
    if_match: str
    differences: frozenset[Aspect]

    def send_updates(self, told: frozenset[Aspect]) -> SendUpdates:
        """Return whom to mail: everybody about what they were told, nobody about repairs."""
        return SendUpdates.ALL if self.differences & told else SendUpdates.NONE


Change: TypeAlias = Insert | Patch


def plan_change(desired: Mapping[str, Any], observed: ObservedEvent | None) -> Change | None:
    """Return what would make `observed` agree with `desired` (a body for Google), or None."""
    if observed is None:
        return Insert(EventId(desired["id"]))
    differences = differing(desired, observed.resource)
    if not differences:
        return None
    return Patch(observed.event_id, observed.etag, differences)


def differing(desired: Mapping[str, Any], observed: Mapping[str, Any]) -> frozenset[Aspect]:
    """Return the aspects in which `observed` is not what `desired` says."""
    wanted, seen = facts(desired), facts(observed)
    aspects = set(Aspect)
    if "conferenceData" not in desired or "createRequest" in (desired["conferenceData"] or {}):
        # We asked for a conference, or leave it alone: whatever Google made is right.
        aspects.discard(Aspect.CONFERENCE)
    return frozenset(aspect for aspect in aspects if wanted[aspect] != seen[aspect])


def facts(event: Mapping[str, Any]) -> Facts:
    """Return the comparable form of the fields we own, from a body of ours or from Google's."""
    conference = conference_of(event)
    return {
        Aspect.TIME: (_instant(event.get("start")), _instant(event.get("end"))),
        Aspect.TITLE: event.get("summary", "").strip(),
        Aspect.TEXT: event.get("description", "").strip(),
        Aspect.PLACE: event.get("location", "").strip(),
        Aspect.GUESTS: _guests(event.get("attendees", [])),
        Aspect.CONFERENCE: (conference.conference_id, conference.join_url) if conference else None,
        Aspect.ATTACHMENTS: frozenset(
            _drive_file(file["fileUrl"]) for file in event.get("attachments", [])
        ),
        Aspect.MANNERS: (
            event.get("status", "confirmed"),
            # Google leaves a flag out when it has its default.
            event.get("guestsCanSeeOtherGuests", True),
            event.get("guestsCanInviteOthers", True),
            event.get("guestsCanModify", False),
            event.get("visibility", "default"),
        ),
        Aspect.TAGS: _tags(event.get("extendedProperties", {}).get("private", {})),
    }


def _instant(moment: Mapping[str, str] | None) -> datetime | str | None:
    if not moment:
        return None
    if "dateTime" not in moment:
        return moment.get("date")
    return datetime.fromisoformat(moment["dateTime"]).astimezone(UTC)


def _guests(attendees: Iterable[Mapping[str, Any]]) -> frozenset[tuple[str, bool]]:
    return frozenset(
        (str(guest.get("email", "")).lower(), bool(guest.get("optional", False)))
        for guest in attendees
        if not guest.get("organizer")
    )


def _drive_file(url: str) -> str:
    # Google may write the address of one file in its own way: "?usp=…" added, "open?id=…".
    found = re.search(r"/d/([\w-]+)|[?&]id=([\w-]+)", url)
    return found[1] or found[2] if found else url


def _tags(properties: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset(item for item in properties.items() if item[0].startswith("greenroom"))
