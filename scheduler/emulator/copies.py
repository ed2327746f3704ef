"""What a guest may change on the own copy, and what is everybody's."""

from __future__ import annotations

from typing import Any

from scheduler.emulator import shapes
from scheduler.emulator.errors import Resource
from scheduler.emulator.moments import instant
from scheduler.emulator.shapes import PERSONAL

_ANSWER = ("responseStatus", "comment", "additionalGuests")


def shared_changes(copy: Resource, given: Resource, email: str) -> Resource:
    """Return what a guest's write would change for everybody; {} for an answer or a reminder."""
    changes = {}
    for name, value in given.items():
        if name not in shapes.WRITABLE or name in (*PERSONAL, "sequence"):
            continue
        if name == "attendees":
            if not given.get("attendeesOmitted") and _others(value, email) != _others(
                copy.get("attendees"), email
            ):
                changes[name] = value
        elif name == "extendedProperties":
            changes |= _shared_properties(copy, value or {})
        elif name in ("start", "end") and isinstance(value, dict):
            if _second(shapes.merged(copy, {name: value})[name]) != _second(copy[name]):
                changes[name] = value
        elif value != copy.get(name) and not _says_nothing(copy, name, value):
            changes[name] = value
    return changes


def may_bring(master: Resource, copy: Resource, wanted: Any) -> bool:
    """Guests may add guests ("guestsCanInviteOthers", default true) but take nobody away."""
    if master.get("guestsCanModify"):
        return True
    emails = {str(entry.get("email", "")).lower() for entry in wanted or []}
    stays = {guest["email"] for guest in copy.get("attendees") or []}
    return master.get("guestsCanInviteOthers", True) is not False and stays <= emails


def with_brought(master: Resource, wanted: Any) -> list[Resource]:
    """Return the organizer's guest list with the new guests; known ones keep their answers."""
    known: dict[str, Resource] = {guest["email"]: guest for guest in master.get("attendees") or []}
    for entry in wanted or []:
        known.setdefault(str(entry.get("email", "")).lower(), entry)
    return list(known.values())


def own_changes(copy: Resource, given: Resource) -> Resource:
    """Return what the guest has set for this copy alone, this write included."""
    own = dict(copy.get("_own") or {})
    own |= {name: given[name] for name in PERSONAL if name in given}
    private = (given.get("extendedProperties") or {}).get("private")
    if private is not None:
        own["private"] = shapes.merged(own.get("private") or {}, private)
    return {name: value for name, value in own.items() if value not in (None, {})}


def answer_of(given: Resource, email: str) -> Resource | None:
    """Return the answer a write carries for one guest, e.g. {"responseStatus": "accepted"}."""
    for entry in given.get("attendees") or []:
        if isinstance(entry, dict) and str(entry.get("email", "")).lower() == email:
            return {name: entry[name] for name in _ANSWER if entry.get(name) is not None}
    return None


def _shared_properties(copy: Resource, given: Resource) -> Resource:
    if "shared" not in given:
        return {}
    before = (copy.get("extendedProperties") or {}).get("shared") or {}
    after = shapes.merged(before, given["shared"] or {})
    return {} if before == after else {"extendedProperties": {"shared": given["shared"]}}


def _others(guests: Any, email: str) -> list[str]:
    emails = [str(guest.get("email", "")).lower() for guest in guests or []]
    return sorted(other for other in emails if other != email)


def _says_nothing(copy: Resource, name: str, value: object) -> bool:
    """A default written out where Google leaves it out is no change."""
    return name not in copy and value in (None, False, "confirmed", "default", [], {})


def _second(when: Resource) -> int:
    return instant(when, "UTC")
