"""What events of a special type must look like: focus time, absence, working location, birthday."""

from __future__ import annotations

from datetime import date, timedelta

from scheduler.emulator import errors
from scheduler.emulator.errors import Resource
from scheduler.emulator.moments import parse_moment

DEFAULT = "default"
PROPERTIES = {
    "focusTime": "focusTimeProperties",
    "outOfOffice": "outOfOfficeProperties",
    "workingLocation": "workingLocationProperties",
    "birthday": "birthdayProperties",
}
"""The field that goes with each type, and with no other."""

KINDS = (DEFAULT, *PROPERTIES, "fromGmail")

_DECLINE_MODES = (
    "declineNone",
    "declineAllConflictingInvitations",
    "declineOnlyNewConflictingInvitations",
)
_CHAT_STATUSES = ("available", "doNotDisturb")
_PLACES = ("homeOffice", "officeLocation", "customLocation")
_PLACE_FIELDS = {
    "officeLocation": ("buildingId", "deskId", "floorId", "floorSectionId", "label"),
    "customLocation": ("label",),
}
_LEAP_DAY_RULE = "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"


def checked(event: Resource, *, is_primary: bool, before: Resource | None = None) -> Resource:
    """Return an event whose type and the properties of that type are as Google allows them.

    The type "cannot be modified after the event is created"; status events and birthdays "are only
    available on primary calendars"; an event from Gmail "cannot be created".
    """
    kind = str(event.get("eventType", DEFAULT))
    if before is not None and kind != before.get("eventType", DEFAULT):
        raise errors.invalid("Event type cannot be changed.")
    if before is None and kind == "fromGmail":
        raise errors.invalid("Events of type fromGmail cannot be created.")
    for other, name in PROPERTIES.items():
        if name in event and kind != other:
            raise _malformed(other, f"{name} requires an event type of {other}, and vice versa.")
    if kind in PROPERTIES and not is_primary:
        raise restricted()
    if kind in ("focusTime", "outOfOffice"):
        return _absence(event, kind)
    if kind == "workingLocation":
        return _working_location(event)
    if kind == "birthday":
        return _birthday(event)
    return event


def restricted() -> errors.Refused:
    """400 eventTypeRestriction: events of this type cannot do that, or not here."""
    return errors.Refused(400, "eventTypeRestriction", "Event type restriction.", domain="calendar")


def declines(event: Resource) -> str | None:
    """Return how an event declines invitations by itself: "all", "new" or None."""
    properties = event.get(PROPERTIES.get(str(event.get("eventType")), "")) or {}
    mode = properties.get("autoDeclineMode")
    if mode == "declineAllConflictingInvitations":
        return "all"
    return "new" if mode == "declineOnlyNewConflictingInvitations" else None


def decline_message(event: Resource) -> str:
    """Return the "response message to set if an … invitation is automatically declined"."""
    properties = event.get(PROPERTIES.get(str(event.get("eventType")), "")) or {}
    return str(properties.get("declineMessage") or "")


def _absence(event: Resource, kind: str) -> Resource:
    """Focus time and out of office are timed, opaque, and nobody is invited to them."""
    if "dateTime" not in event["start"]:
        raise _malformed(kind, "The event must have specific start and end times.")
    if event.get("attendees"):
        raise _malformed(kind, "The event cannot have attendees.")
    if event.get("transparency") == "transparent":
        raise _malformed(kind, "The event must be opaque.")
    if kind == "outOfOffice" and event.get("description"):
        raise _malformed(kind, "An out of office event cannot have a description.")
    given = event.get(PROPERTIES[kind]) or {}
    mode = given.get("autoDeclineMode") or "declineNone"
    _check_choice(mode, _DECLINE_MODES)
    kept: Resource = {"autoDeclineMode": mode}
    if given.get("declineMessage"):
        kept["declineMessage"] = given["declineMessage"]
    if kind == "focusTime":
        kept["chatStatus"] = given.get("chatStatus") or "available"
        _check_choice(kept["chatStatus"], _CHAT_STATUSES)
    return {**event, PROPERTIES[kind]: kept}


def _working_location(event: Resource) -> Resource:
    """A working location is public and transparent, within one day, and names its place."""
    kind = "workingLocation"
    given = event.get(PROPERTIES[kind])
    if not given:
        raise _malformed(
            kind, f"{PROPERTIES[kind]} requires an event type of {kind}, and vice versa."
        )
    if event.get("visibility") != "public":
        raise _malformed(kind, "A working location event must be public.")
    if event.get("transparency") != "transparent":
        raise _malformed(kind, "A working location event must be transparent.")
    if event.get("attendees"):
        raise _malformed(kind, "A working location event cannot have attendees.")
    if "date" in event["start"] and _days(event) != 1:
        raise _malformed(kind, "An all-day working location event must be exactly one day long.")
    if "dateTime" in event["start"] and not _is_within_a_day(event):
        raise _malformed(kind, "A working location event must not span more than one day.")
    place = given.get("type")
    if place not in _PLACES:
        raise _malformed(kind, "A working location event must name the type of its location.")
    details = {
        name: value
        for name, value in (given.get(place) or {}).items()
        if name in _PLACE_FIELDS.get(place, ())
    }
    return {**event, PROPERTIES[kind]: {"type": place, place: details}}


def _birthday(event: Resource) -> Resource:
    """ "A special all-day event with an annual recurrence": one day, private, transparent."""
    kind = "birthday"
    if "date" not in event["start"] or _days(event) != 1:
        raise _malformed(kind, "A birthday must be an all-day event of one day.")
    if event.get("recurrence") not in (["RRULE:FREQ=YEARLY"], [_LEAP_DAY_RULE]):
        raise _malformed(kind, "A birthday must recur every year.")
    if event.get("visibility") != "private" or event.get("transparency") != "transparent":
        raise _malformed(kind, "A birthday must be private and transparent.")
    if event.get("attendees"):
        raise _malformed(kind, "A birthday cannot have attendees.")
    given = event.get(PROPERTIES[kind]) or {}
    # "The Calendar API only supports creating events with the type "birthday"."
    _check_choice(given.get("type") or kind, (kind,))
    return {**event, PROPERTIES[kind]: {"type": kind}}


def _days(event: Resource) -> int:
    first, last = (date.fromisoformat(event[side]["date"]) for side in ("start", "end"))
    return (last - first).days


def _is_within_a_day(event: Resource) -> bool:
    starts = parse_moment(event["start"]["dateTime"], event["start"].get("timeZone"))
    ends = parse_moment(event["end"]["dateTime"], event["end"].get("timeZone"))
    return (ends - timedelta(seconds=1)).astimezone(starts.tzinfo).date() == starts.date()


def _check_choice(value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise errors.invalid(f"Invalid value for: {value} is not a valid value")


def _malformed(kind: str, message: str) -> errors.Refused:
    """400 malformedOutOfOfficeEvent and its relatives."""
    reason = f"malformed{kind[0].upper()}{kind[1:]}Event"
    return errors.Refused(400, reason, message, domain="calendar")
