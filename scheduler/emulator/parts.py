"""The parts of an event that have limits of their own: guests, reminders, files, properties, source."""

from __future__ import annotations

import re
from typing import Any

from scheduler.emulator import errors
from scheduler.emulator.errors import Resource

RESPONSES = ("needsAction", "declined", "tentative", "accepted")

_EMAIL = re.compile(r"[^@\s<>\"(),:;]+@[^@\s<>\"(),:;.]+(\.[^@\s<>\"(),:;.]+)+")
_FILE_ID = re.compile(r"/d/([\w-]+)|[?&]id=([\w-]+)")
_WEB = ("http://", "https://")
_MOST_REMINDERS, _REMINDER_MINUTES_MAX = 5, 40320
_MOST_ATTACHMENTS = 25
_MOST_PROPERTIES, _PROPERTY_BYTES_MAX = 300, 32 * 1024
_PROPERTY_NAME_MAX, _PROPERTY_VALUE_MAX = 44, 1024
"""The limits of the guide to extended properties, for private and for shared ones each."""


def attendees(given: list[Any], known: list[Resource]) -> list[Resource]:
    """Return a guest list as it is stored, each address once, with a response.

    `resource` "can only be set when the attendee is added to the event for the first time.
    Subsequent modifications are ignored": who is among `known` stays what they are.
    """
    before = {guest["email"]: guest for guest in known}
    guests: dict[str, Resource] = {}
    for entry in given:
        guest = _attendee(entry)
        former = before.get(guest["email"])
        if former is not None:
            guest.pop("resource", None)
            guest |= {"resource": True} if former.get("resource") else {}
        guests[guest["email"]] = guest
    return list(guests.values())


def reminders(given: Resource) -> Resource:
    """Return reminders as they are stored: at most 5, each 0 to 40320 minutes before the start.

    "Requests to set SMS reminders for other account types are ignored."
    """
    overrides = given.get("overrides") or []
    if len(overrides) > _MOST_REMINDERS:
        raise errors.invalid("The maximum number of override reminders is 5.")
    if given.get("useDefault") and overrides:
        raise _both_kinds_of_reminders()
    kept = [_reminder(entry) for entry in overrides]
    kept = [entry for entry in kept if entry["method"] != "sms"]
    return {
        "useDefault": bool(given.get("useDefault")),
        **({"overrides": kept} if kept else {}),
    }


def attachments(given: list[Any]) -> list[Resource]:
    """Return attached files as they are stored: "at most 25", with the id of a Drive file."""
    if len(given) > _MOST_ATTACHMENTS:
        raise errors.invalid("There can be at most 25 attachments per event.")
    return [_attachment(entry) for entry in given]


def properties(given: Resource) -> Resource:
    """Return extended properties as they are stored.

    A property with too long a name is "silently dropped", too long a value "silently truncated";
    more than 300 of a kind, or more than 32 kB, are refused.
    """
    kept = {kind: _property_map(given.get(kind) or {}) for kind in ("private", "shared")}
    return {kind: values for kind, values in kept.items() if values}


def source(given: Resource) -> Resource:
    """Return the page an event came from; "the URL scheme must be HTTP or HTTPS"."""
    if not str(given.get("url") or "").startswith(_WEB):
        raise errors.invalid("Invalid source URL.")
    return {name: given[name] for name in ("url", "title") if given.get(name)}


def _attendee(entry: Any) -> Resource:
    if not isinstance(entry, dict) or not entry.get("email"):
        raise errors.required("Missing attendee email.")
    if not isinstance(entry["email"], str) or not _EMAIL.fullmatch(entry["email"]):
        raise errors.invalid("Invalid attendee email.")
    response = entry.get("responseStatus") or "needsAction"
    if response not in RESPONSES:
        raise errors.invalid(f"Invalid value for: {response} is not a valid value")
    more = entry.get("additionalGuests") or 0
    if more < 0:
        raise errors.invalid("Invalid value for: additionalGuests")
    return {
        "email": entry["email"].lower(),
        **({"displayName": entry["displayName"]} if entry.get("displayName") else {}),
        **{name: True for name in ("optional", "resource") if entry.get(name)},
        "responseStatus": response,
        **({"comment": entry["comment"]} if entry.get("comment") else {}),
        **({"additionalGuests": more} if more else {}),
    }


def _reminder(entry: Any) -> Resource:
    minutes = entry.get("minutes") if isinstance(entry, dict) else None
    if not isinstance(minutes, int) or not 0 <= minutes <= _REMINDER_MINUTES_MAX:
        raise errors.invalid("Invalid reminder minutes value.")
    if entry.get("method") not in ("email", "popup", "sms"):
        raise errors.invalid("Invalid reminder method.")
    return {"method": entry["method"], "minutes": minutes}


def _attachment(entry: Any) -> Resource:
    if not isinstance(entry, dict) or not entry.get("fileUrl"):
        raise errors.required("Missing attachment file URL.")
    if not str(entry["fileUrl"]).startswith(_WEB):
        raise errors.invalid("Invalid attachment file URL.")
    match = _FILE_ID.search(entry["fileUrl"])
    file_id = (match.group(1) or match.group(2)) if match else None
    named = {n: entry[n] for n in ("fileUrl", "title", "mimeType", "iconLink") if entry.get(n)}
    return {**named, **({"fileId": file_id} if file_id else {})}


def _property_map(given: Resource) -> dict[str, str]:
    if not all(isinstance(value, str) for value in given.values()):
        raise errors.invalid("Invalid value for: extendedProperties")
    kept = {
        name: value[:_PROPERTY_VALUE_MAX]
        for name, value in given.items()
        if len(name) <= _PROPERTY_NAME_MAX
    }
    size = sum(len(name.encode()) + len(value.encode()) for name, value in kept.items())
    if len(kept) > _MOST_PROPERTIES or size > _PROPERTY_BYTES_MAX:
        raise errors.invalid("The extended properties of the event are too large.")
    return kept


def _both_kinds_of_reminders() -> errors.Refused:
    """400: "cannotUseDefaultRemindersAndSpecifyOverride", one of the guide's named errors."""
    return errors.Refused(
        400,
        "cannotUseDefaultRemindersAndSpecifyOverride",
        "Cannot specify both default reminders and overrides at the same time.",
        domain="calendar",
    )
