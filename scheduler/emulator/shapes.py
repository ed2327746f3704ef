"""What an event may look like: writable fields, their types and limits, patch semantics."""

from __future__ import annotations

import re
from typing import Any

from scheduler.emulator import errors, kinds, parts
from scheduler.emulator.errors import Resource
from scheduler.emulator.moments import instant, normal_time

WRITABLE: dict[str, type] = {
    "summary": str, "description": str, "location": str, "colorId": str, "status": str,
    "transparency": str, "visibility": str, "start": dict, "end": dict, "recurrence": list,
    "attendees": list, "extendedProperties": dict, "anyoneCanAddSelf": bool,
    "guestsCanInviteOthers": bool, "guestsCanModify": bool, "guestsCanSeeOtherGuests": bool,
    "privateCopy": bool, "reminders": dict, "source": dict, "attachments": list,
    "eventType": str, "sequence": int, "focusTimeProperties": dict,
    "outOfOfficeProperties": dict, "workingLocationProperties": dict, "birthdayProperties": dict,
    "gadget": dict, "endTimeUnspecified": bool, "eventLabelId": str,
}  # fmt: skip
"""The writable fields of the reference; conferenceData has rules of its own (conference.py)."""

PERSONAL = ("colorId", "reminders", "transparency", "visibility")
"""What every guest sets for their own copy only, besides private properties and the RSVP."""


_CHOICES = {
    "status": ("confirmed", "tentative", "cancelled"),
    "transparency": ("opaque", "transparent"),
    "visibility": ("default", "public", "private", "confidential"),
    "eventType": kinds.KINDS,
    "colorId": tuple(str(number) for number in range(1, 12)),
}
_DEFAULTS: dict[str, Any] = {
    "transparency": "opaque", "visibility": "default", "guestsCanSeeOtherGuests": True,
    "guestsCanInviteOthers": True, "guestsCanModify": False, "anyoneCanAddSelf": False,
    "privateCopy": False, "endTimeUnspecified": False,
}  # fmt: skip
_ID = re.compile(r"[a-v0-9]{5,1024}")
_OFFSET = re.compile(r"([Zz]|[+-]\d\d:?\d\d)$")
_RECURRENCE = re.compile(r"(RRULE|EXRULE|RDATE|EXDATE)[:;].+")


def checked_id(given: object) -> str:
    """Return an event id that a client chose: a-v and 0-9, 5 to 1024 characters."""
    if not isinstance(given, str) or not _ID.fullmatch(given):
        raise errors.invalid("Invalid resource id value.")
    return given


def merged(stored: Resource, patch: Resource) -> Resource:
    """Return the event after a PATCH: "array fields, if specified, overwrite the existing arrays".

    Objects merge, null clears; `start` and `end` are replaced side by side, since a date takes the
    place of a dateTime.
    """
    after = dict(stored)
    for name, value in patch.items():
        if value is None:
            after.pop(name, None)
        elif isinstance(value, dict) and name in ("start", "end"):
            after[name] = _merged_time(stored.get(name) or {}, value)
        elif isinstance(value, dict):
            below = stored.get(name)
            after[name] = merged(below if isinstance(below, dict) else {}, value)
        else:
            after[name] = value
    return after


def checked(given: Resource, *, zone: str, before: Resource | None = None) -> Resource:
    """Return the writable part of an event as it is stored, or refuse it.

    Starts and ends are normal, attendees have a response, defaults and empty lists are left out as
    Google leaves them out ("the field is omitted when true"). `before` is the event as it was.
    """
    event = {name: given[name] for name in WRITABLE if given.get(name) is not None}
    for name, value in event.items():
        if not isinstance(value, WRITABLE[name]):
            raise errors.invalid(f"Invalid value for: {name}")
    for name, allowed in _CHOICES.items():
        if event.get(name) and event[name] not in allowed:
            raise errors.invalid(f"Invalid value for: {event[name]} is not a valid value")
    event["start"] = normal_time(event.get("start"), zone, side="start")
    event["end"] = normal_time(event.get("end"), zone, side="end")
    _check_order(event, zone)
    _check_recurrence(event, given)
    if "attendees" in event:
        known = (before or {}).get("attendees") or []
        event["attendees"] = parts.attendees(event["attendees"], known)
    if "reminders" in event:
        event["reminders"] = parts.reminders(event["reminders"])
    if "attachments" in event:
        event["attachments"] = parts.attachments(event["attachments"])
    if "extendedProperties" in event:
        event["extendedProperties"] = parts.properties(event["extendedProperties"])
    if event.get("source"):
        event["source"] = parts.source(event["source"])
    event["status"] = event.get("status") or "confirmed"
    return {name: value for name, value in event.items() if not _is_left_out(name, value)}


def guests_are_hidden(event: Resource) -> bool:
    """Say whether guests see only themselves; the field is omitted when true, so absent is visible."""
    return event.get("guestsCanSeeOtherGuests") is False and not event.get("guestsCanModify")


def _is_left_out(name: str, value: object) -> bool:
    if name in _DEFAULTS:
        return value in (_DEFAULTS[name], "")
    return value in ([], {}, "")


def _merged_time(stored: Resource, given: Resource) -> Resource:
    """A new date replaces a dateTime and the other way round; a lone zone keeps the moment."""
    after = {**stored, **given}
    if given.get("date"):
        after.pop("dateTime", None)
        after.pop("timeZone", None)
    elif given.get("dateTime"):
        after.pop("date", None)
        if "timeZone" not in given and _OFFSET.search(str(given["dateTime"])):
            after["timeZone"] = stored.get("timeZone")
    return {key: value for key, value in after.items() if value is not None}


def _check_order(event: Resource, zone: str) -> None:
    if ("date" in event["start"]) != ("date" in event["end"]):
        raise errors.invalid("Start and end times must either both be date or both be dateTime.")
    start, end = instant(event["start"], zone), instant(event["end"], zone)
    if end < start or ("date" in event["start"] and end == start):
        raise errors.time_range_empty()


def _check_recurrence(event: Resource, given: Resource) -> None:
    """ "DTSTART and DTEND lines are not allowed in this field"; a series needs a time zone."""
    lines = event.get("recurrence")
    if not lines:
        return
    if not all(isinstance(line, str) and _RECURRENCE.fullmatch(line) for line in lines):
        raise errors.invalid("Invalid recurrence rule.")
    if "dateTime" in event["start"] and not (given.get("start") or {}).get("timeZone"):
        raise errors.required("Missing time zone definition for start time.")
