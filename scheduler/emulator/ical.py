"""The iCalendar object that a mail of Google's calendar carries (RFC 5545, 5546)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from icalendar import Calendar, Event, vCalAddress

from scheduler.emulator.conference import video_uri
from scheduler.emulator.errors import Resource
from scheduler.emulator.moments import parse_moment, zone

_PARTSTAT = {
    "accepted": "ACCEPTED",
    "declined": "DECLINED",
    "tentative": "TENTATIVE",
    "needsAction": "NEEDS-ACTION",
}
_CLASSES = {"private": "PRIVATE", "confidential": "CONFIDENTIAL", "public": "PUBLIC"}


def icalendar(
    event: Resource,
    *,
    method: str,
    organizer: tuple[str, str],
    attendees: list[Resource],
    now: datetime,
) -> bytes:
    """Return the iCalendar object of an event: `method` REQUEST, CANCEL or REPLY.

    `organizer` is (display name, address). Times are in UTC; those of a series stand in its own
    zone, so that it keeps its hour when the clocks change.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Google Inc//Google Calendar 70.9054//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    calendar.add_component(_component(event, method, organizer, attendees, now))
    calendar.add_missing_timezones()
    written: bytes = calendar.to_ical()
    return written


def described(event: Resource) -> str:
    """Return the event's text with the way into the room below it, as Google writes it."""
    link = video_uri(event.get("conferenceData"))
    parts = [str(event.get("description", ""))]
    if link:
        parts.append(f"Join with Google Meet: {link}")
    return "\n\n".join(part for part in parts if part)


def _component(
    event: Resource,
    method: str,
    organizer: tuple[str, str],
    attendees: list[Resource],
    now: datetime,
) -> Event:
    found = Event()
    is_of_series = "recurrence" in event or "recurringEventId" in event
    for name, side in (("dtstart", "start"), ("dtend", "end")):
        found.add(name, _when(event[side], is_of_series))
    _add_recurrence(found, event)
    found.add("dtstamp", now.astimezone(UTC))
    found.add("organizer", _address(organizer[1], organizer[0]))
    found.add("uid", event["iCalUID"])
    for guest in attendees:
        found.add("attendee", _attendee(guest))
    for name, field in (("created", "created"), ("last-modified", "updated")):
        if field in event:
            found.add(name, parse_moment(event[field]))
    found.add("description", described(event))
    found.add("location", str(event.get("location", "")))
    found.add("sequence", event.get("sequence", 0))
    found.add("status", _status(event, method))
    found.add("summary", str(event.get("summary", "")))
    found.add("transp", "TRANSPARENT" if event.get("transparency") == "transparent" else "OPAQUE")
    if event.get("visibility") in _CLASSES:
        found.add("class", _CLASSES[event["visibility"]])
    link = video_uri(event.get("conferenceData"))
    if link:
        found.add("x-google-conference", link)
    comments = [str(guest["comment"]) for guest in attendees if guest.get("comment")]
    if method == "REPLY" and comments:
        found.add("comment", comments[0])
    return found


def _when(moment: Resource, keeps_zone: bool) -> date | datetime:
    if "date" in moment:
        return date.fromisoformat(moment["date"])
    aware = parse_moment(moment["dateTime"], moment.get("timeZone"))
    if keeps_zone and moment.get("timeZone") not in (None, "UTC"):
        return aware.astimezone(zone(moment["timeZone"]))
    return aware.astimezone(UTC)


def _add_recurrence(found: Event, event: Resource) -> None:
    if "originalStartTime" in event:
        found.add("recurrence-id", _when(event["originalStartTime"], keeps_zone=True))
    rules = "\r\n".join(event.get("recurrence") or ())
    if rules:
        parsed: Any = Event.from_ical(f"BEGIN:VEVENT\r\n{rules}\r\nEND:VEVENT\r\n")
        for name, value in parsed.items():
            found[name] = value


def _status(event: Resource, method: str) -> str:
    if method == "CANCEL":
        return "CANCELLED"
    return "TENTATIVE" if event.get("status") == "tentative" else "CONFIRMED"


def _attendee(guest: Resource) -> vCalAddress:
    found = _address(guest["email"], str(guest.get("displayName") or guest["email"]))
    found.params["CUTYPE"] = "RESOURCE" if guest.get("resource") else "INDIVIDUAL"
    found.params["ROLE"] = "OPT-PARTICIPANT" if guest.get("optional") else "REQ-PARTICIPANT"
    found.params["PARTSTAT"] = _PARTSTAT[guest.get("responseStatus", "needsAction")]
    found.params["RSVP"] = "TRUE"
    found.params["X-NUM-GUESTS"] = str(guest.get("additionalGuests", 0))
    return found


def _address(email: str, name: str) -> vCalAddress:
    found = vCalAddress(f"mailto:{email}")
    # RFC 5545 has no way to write a quote inside a parameter.
    found.params["CN"] = "".join(c for c in name if c >= " " and c != '"')
    return found
