"""What an event may look like: writable fields, their types and limits, patch semantics."""

from __future__ import annotations

import re
from typing import Any

from scheduler.emulator import errors
from scheduler.emulator.errors import Resource
from scheduler.emulator.moments import instant, normal_time

WRITABLE: dict[str, type | tuple[type, ...]] = {
    "summary": str, "description": str, "location": str, "colorId": str, "status": str,
    "transparency": str, "visibility": str, "start": dict, "end": dict, "recurrence": list,
    "attendees": list, "attendeesOmitted": bool, "extendedProperties": dict,
    "anyoneCanAddSelf": bool, "guestsCanInviteOthers": bool, "guestsCanModify": bool,
    "guestsCanSeeOtherGuests": bool, "privateCopy": bool, "reminders": dict, "source": dict,
    "attachments": list, "eventType": str, "sequence": int, "focusTimeProperties": dict,
    "outOfOfficeProperties": dict, "workingLocationProperties": dict, "birthdayProperties": dict,
    "gadget": dict, "endTimeUnspecified": bool, "originalStartTime": dict, "eventLabelId": str,
}  # fmt: skip
"""The writable fields of the reference; conferenceData has rules of its own (conference.py)."""

PERSONAL = ("colorId", "reminders", "transparency", "visibility")
"""What every guest sets for their own copy only, besides private properties and the RSVP."""

EVENT_TYPES = ("birthday", "default", "focusTime", "fromGmail", "outOfOffice", "workingLocation")

_CHOICES = {
    "status": ("confirmed", "tentative", "cancelled"),
    "transparency": ("opaque", "transparent"),
    "visibility": ("default", "public", "private", "confidential"),
    "eventType": EVENT_TYPES,
}
_RESPONSES = ("needsAction", "declined", "tentative", "accepted")
_ATTENDEE = {
    "email": str, "displayName": str, "optional": bool, "resource": bool, "responseStatus": str,
    "comment": str, "additionalGuests": int, "id": str,
}  # fmt: skip
_DEFAULTS: dict[str, Any] = {
    "transparency": "opaque", "visibility": "default", "guestsCanSeeOtherGuests": True,
    "guestsCanInviteOthers": True, "guestsCanModify": False, "anyoneCanAddSelf": False,
    "privateCopy": False, "attendeesOmitted": False, "endTimeUnspecified": False,
}  # fmt: skip
_ID = re.compile(r"[a-v0-9]{5,1024}")
_EMAIL = re.compile(r"[^@\s<>\"(),:;]+@[^@\s<>\"(),:;.]+(\.[^@\s<>\"(),:;.]+)+")
_MOST_REMINDERS, _REMINDER_MINUTES_MAX = 5, 40320
_MOST_ATTACHMENTS = 25
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


def checked(given: Resource, *, zone: str) -> Resource:
    """Return the writable part of an event as it is stored, or refuse it.

    Starts and ends are normal, attendees have a response, defaults are left out as Google leaves
    them out ("the field is omitted when true").
    """
    event = {name: given[name] for name in WRITABLE if given.get(name) is not None}
    for name, value in event.items():
        if not _is_a(value, WRITABLE[name]):
            raise errors.invalid(f"Invalid value for: {name}")
    for name, allowed in _CHOICES.items():
        if name in event and event[name] not in allowed:
            raise errors.invalid(f"Invalid value for: {event[name]} is not a valid value")
    event["start"] = normal_time(event.get("start"), zone, side="start")
    event["end"] = normal_time(event.get("end"), zone, side="end")
    _check_order(event, zone)
    _check_recurrence(event, given)
    if "attendees" in event:
        event["attendees"] = _attendees(event["attendees"])
    if "reminders" in event:
        event["reminders"] = _reminders(event["reminders"])
    if "attachments" in event:
        event["attachments"] = _attachments(event["attachments"])
    if "extendedProperties" in event:
        event["extendedProperties"] = _properties(event["extendedProperties"])
    event.setdefault("status", "confirmed")
    return {k: v for k, v in event.items() if k not in _DEFAULTS or v != _DEFAULTS[k]}


def guests_are_hidden(event: Resource) -> bool:
    """Say whether guests see only themselves; the field is omitted when true, so absent is visible."""
    return event.get("guestsCanSeeOtherGuests") is False and not event.get("guestsCanModify")


def _is_a(value: object, kind: type | tuple[type, ...]) -> bool:
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, kind)


def _merged_time(stored: Resource, given: Resource) -> Resource:
    """A new date replaces a dateTime and the other way round; a lone zone keeps the moment."""
    after = {**stored, **given}
    if given.get("date"):
        after.pop("dateTime", None)
        after.pop("timeZone", None)
    elif given.get("dateTime"):
        after.pop("date", None)
        if "timeZone" not in given and re.search(r"([Zz]|[+-]\d\d:?\d\d)$", str(given["dateTime"])):
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
        event.pop("recurrence", None)
        return
    if not all(isinstance(line, str) and _RECURRENCE.fullmatch(line) for line in lines):
        raise errors.invalid("Invalid recurrence rule.")
    if "dateTime" in event["start"] and not (given.get("start") or {}).get("timeZone"):
        raise errors.required("Missing time zone definition for start time.")


def _attendees(given: list[Any]) -> list[Resource]:
    seen: dict[str, Resource] = {}
    for entry in given:
        if not isinstance(entry, dict) or not entry.get("email"):
            raise errors.required("Missing attendee email.")
        if not isinstance(entry["email"], str) or not _EMAIL.fullmatch(entry["email"]):
            raise errors.invalid("Invalid attendee email.")
        guest = {n: entry[n] for n, kind in _ATTENDEE.items() if _is_a(entry.get(n), kind)}
        guest["email"] = entry["email"].lower()
        if guest.setdefault("responseStatus", "needsAction") not in _RESPONSES:
            raise errors.invalid(
                f"Invalid value for: {guest['responseStatus']} is not a valid value"
            )
        for name in ("optional", "resource"):
            if guest.get(name) is False:
                del guest[name]
        if not guest.get("additionalGuests"):
            guest.pop("additionalGuests", None)
        seen[guest["email"]] = guest
    return list(seen.values())


def _reminders(given: Resource) -> Resource:
    overrides = given.get("overrides") or []
    if len(overrides) > _MOST_REMINDERS:
        raise errors.invalid("The maximum number of override reminders is 5.")
    if given.get("useDefault") and overrides:
        raise _both_kinds_of_reminders()
    for entry in overrides:
        minutes = entry.get("minutes") if isinstance(entry, dict) else None
        if not isinstance(minutes, int) or not 0 <= minutes <= _REMINDER_MINUTES_MAX:
            raise errors.invalid("Invalid reminder minutes value.")
        if entry.get("method") not in ("email", "popup", "sms"):
            raise errors.invalid("Invalid reminder method.")
    kept: Resource = {"useDefault": bool(given.get("useDefault"))}
    if overrides:
        kept["overrides"] = [{"method": e["method"], "minutes": e["minutes"]} for e in overrides]
    return kept


def _attachments(given: list[Any]) -> list[Resource]:
    if len(given) > _MOST_ATTACHMENTS:
        raise errors.invalid("There can be at most 25 attachments per event.")
    kept = []
    for entry in given:
        if not isinstance(entry, dict) or not isinstance(entry.get("fileUrl"), str):
            raise errors.required("Missing attachment file URL.")
        match = re.search(r"/d/([\w-]+)|[?&]id=([\w-]+)", entry["fileUrl"])
        named = {n: entry[n] for n in ("fileUrl", "title", "mimeType", "iconLink") if entry.get(n)}
        file_id = (match.group(1) or match.group(2)) if match else None
        kept.append({**named, **({"fileId": file_id} if file_id else {})})
    return kept


def _properties(given: Resource) -> Resource:
    kept: Resource = {}
    for kind in ("private", "shared"):
        values = given.get(kind) or {}
        if not all(isinstance(value, str) for value in values.values()):
            raise errors.invalid("Invalid value for: extendedProperties")
        if values:
            kept[kind] = dict(values)
    return kept


def _both_kinds_of_reminders() -> errors.Refused:
    """400: "cannotUseDefaultRemindersAndSpecifyOverride", one of the guide's named errors."""
    return errors.Refused(
        400,
        "cannotUseDefaultRemindersAndSpecifyOverride",
        "Cannot specify both default reminders and overrides at the same time.",
        domain="calendar",
    )
