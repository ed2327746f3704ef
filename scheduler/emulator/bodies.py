"""The types of request bodies, as the discovery document has them; a mistyped field is refused."""

from __future__ import annotations

from typing import Any

from scheduler.emulator.errors import Resource, invalid

Shape = Any
"""A type, {name: Shape} for an object, [Shape] for a list, or dict/list for any content."""

_WHEN = {"date": str, "dateTime": str, "timeZone": str}
_PERSON = {"email": str, "displayName": str, "id": str, "self": bool}
_KEY = {"type": str}
CONFERENCE = {
    "createRequest": {"requestId": str, "conferenceSolutionKey": _KEY, "status": dict},
    "entryPoints": [
        {
            "entryPointType": str, "uri": str, "label": str, "pin": str, "accessCode": str,
            "meetingCode": str, "passcode": str, "password": str, "regionCode": str,
            "entryPointFeatures": [str],
        }
    ],
    "conferenceSolution": {"key": _KEY, "name": str, "iconUri": str},
    "conferenceId": str, "signature": str, "notes": str, "parameters": dict,
}  # fmt: skip
EVENT: Shape = {
    "id": str, "iCalUID": str, "start": _WHEN, "end": _WHEN, "originalStartTime": _WHEN,
    "organizer": _PERSON, "creator": _PERSON, "conferenceData": CONFERENCE,
    "attendees": [{**_PERSON, "responseStatus": str, "comment": str, "optional": bool, "resource": bool,
                   "additionalGuests": int}],
    "extendedProperties": {"private": dict, "shared": dict},
    "reminders": {"useDefault": bool, "overrides": [{"method": str, "minutes": int}]},
    "attachments": [{"fileUrl": str, "title": str, "mimeType": str, "iconLink": str, "fileId": str}],
    "recurrence": [str], "sequence": int, "source": {"url": str, "title": str},
    "focusTimeProperties": {"autoDeclineMode": str, "declineMessage": str, "chatStatus": str},
    "outOfOfficeProperties": {"autoDeclineMode": str, "declineMessage": str},
    "workingLocationProperties": {
        "type": str, "homeOffice": dict, "customLocation": {"label": str},
        "officeLocation": {
            "buildingId": str, "floorId": str, "floorSectionId": str, "deskId": str, "label": str,
        },
    },
    "birthdayProperties": {"type": str, "contact": str, "customTypeName": str},
    "gadget": {
        "type": str, "title": str, "link": str, "iconLink": str, "width": int, "height": int,
        "display": str, "preferences": dict,
    },
}  # fmt: skip
FREE_BUSY: Shape = {
    "timeMin": str, "timeMax": str, "timeZone": str, "items": [{"id": str}],
    "calendarExpansionMax": int, "groupExpansionMax": int,
}  # fmt: skip
CALENDAR: Shape = {
    "summary": str, "description": str, "location": str, "timeZone": str,
    "conferenceProperties": {"allowedConferenceSolutionTypes": [str]},
    "labelProperties": {"eventLabels": [{"id": str, "name": str, "backgroundColor": str}]},
    "autoAcceptInvitations": bool,
    "workingHours": {
        "workingHoursEnabled": bool,
        "availableTimes": [{"dayOfWeek": str, "periodStart": int, "periodEnd": int}],
    },
}  # fmt: skip
LIST_ENTRY: Shape = {
    "id": str, "summaryOverride": str, "colorId": str, "backgroundColor": str, "foregroundColor": str,
    "hidden": bool, "selected": bool, "defaultReminders": [{"method": str, "minutes": int}],
    "notificationSettings": {"notifications": [{"type": str, "method": str}]},
}  # fmt: skip
ACL_RULE: Shape = {"role": str, "scope": {"type": str, "value": str}}
CHANNEL: Shape = {
    "id": str, "type": str, "address": str, "token": str, "resourceId": str, "params": dict,
    "expiration": (int, str), "payload": bool,
}  # fmt: skip


def checked_types(given: Resource, shape: Shape) -> Resource:
    """Return a body whose known fields have their types; null is allowed everywhere."""
    _check(given, shape, "body")
    return given


def _check(value: object, shape: Shape, name: str) -> None:
    if value is None:
        return
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            raise invalid(f"Invalid value for: {name}")
        for key, below in shape.items():
            _check(value.get(key), below, key)
    elif isinstance(shape, list):
        if not isinstance(value, list) or any(item is None for item in value):
            raise invalid(f"Invalid value for: {name}")
        for item in value:
            _check(item, shape[0], name)
    elif not isinstance(value, shape) or (isinstance(value, bool) and shape is not bool):
        raise invalid(f"Invalid value for: {name}")
