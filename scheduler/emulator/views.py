"""An event through somebody's eyes: a guest's copy, a reader's view, the deleted stub."""

from __future__ import annotations

import base64
from typing import Any

from scheduler.emulator.calendar import Calendar
from scheduler.emulator.conference import video_uri
from scheduler.emulator.errors import Resource
from scheduler.emulator.moments import in_zone
from scheduler.emulator.rows import Row
from scheduler.emulator.shapes import PERSONAL, guests_are_hidden

_NOT_PROPAGATED = ("reminders", "colorId", "source", "attendeesOmitted", "privateCopy")
_OUTLINE = (
    "id", "status", "start", "end", "iCalUID", "eventType", "transparency", "created", "updated",
    "recurringEventId", "originalStartTime", "recurrence",
)  # fmt: skip


def guest_copy(master: Resource, email: str, own: Resource) -> Resource:
    """Return what a guest's calendar holds of an event (GOOGLE.md 14.9).

    Private properties are "private to the copy of the event that appears on this calendar" and do
    not travel; shared ones do. With a hidden guest list a guest finds only themselves (and the
    organizer). `own` is what the guest set for this copy alone.
    """
    copy = {
        name: value
        for name, value in master.items()
        if name not in _NOT_PROPAGATED and not name.startswith("_")
    }
    shared = (copy.pop("extendedProperties", None) or {}).get("shared")
    properties = {
        kind: values
        for kind, values in (("shared", shared), ("private", own.get("private")))
        if values
    }
    if properties:
        copy["extendedProperties"] = properties
    if guests_are_hidden(master):
        organizer = (master.get("organizer") or {}).get("email")
        copy["attendees"] = [
            guest for guest in master.get("attendees") or [] if guest["email"] in (email, organizer)
        ]
    copy |= {name: own[name] for name in PERSONAL if name in own}
    if own:
        copy["_own"] = own
    return copy


def shown(
    row: Row,
    calendar: Calendar,
    role: str,
    *,
    base_url: str,
    time_zone: str | None = None,
    max_attendees: int | None = None,
) -> Resource:
    """Return the Event resource as a caller with `role` on the calendar gets it.

    Deleted copies "are only guaranteed to have the id field populated"; the organizer's own keep
    their details. Free/busy readers, and readers of a private event, get the outline.
    """
    head: Resource = {"kind": "calendar#event", "etag": row.etag, "id": row.id}
    if row.status == "cancelled" and row.is_copy:
        series = ("recurringEventId", "originalStartTime")
        kept = {name: row.body[name] for name in series if name in row.body}
        return {**head, **kept, "status": "cancelled"}
    body = {name: value for name, value in row.body.items() if not name.startswith("_")}
    if time_zone:
        for side in ("start", "end"):
            body[side] = in_zone(body[side], time_zone)
    if is_outline_only(body, role):
        outline = {name: body[name] for name in _OUTLINE if name in body}
        return {**head, **outline, "visibility": "private"}
    return {
        **head,
        **body,
        "htmlLink": html_link(base_url, row),
        **_people(body, calendar, max_attendees),
        **_conference_link(body),
        "reminders": body.get("reminders") or {"useDefault": True},
        "eventType": body.get("eventType", "default"),
    }


def is_outline_only(body: Resource, role: str) -> bool:
    """Say whether somebody with this role learns no more of an event than when it is.

    "Private events will appear to users with reader access, but event details will be hidden", to
    those with writerWithoutPrivateAccess too, who may not change them either.
    """
    if role == "freeBusyReader":
        return True
    return role in ("reader", "writerWithoutPrivateAccess") and _is_private(body)


def html_link(base_url: str, row: Row) -> str:
    """Return the event's page; like Google's, it carries base64 of "eventId calendarId"."""
    key = base64.urlsafe_b64encode(f"{row.id} {row.calendar_id}".encode()).decode().rstrip("=")
    return f"{base_url}/calendar/event?eid={key}"


def own_entry(body: Resource, email: str) -> Resource | None:
    """Return somebody's line in the guest list."""
    for guest in body.get("attendees") or ():
        if guest["email"] == email:
            return dict(guest)
    return None


def _is_private(body: Resource) -> bool:
    return body.get("visibility") in ("private", "confidential")


def _people(body: Resource, calendar: Calendar, most: int | None) -> Resource:
    organizer = body.get("organizer") or {}
    people: dict[str, Any] = {
        name: _marked(body[name], calendar.id) for name in ("creator", "organizer") if name in body
    }
    guests = [
        {
            **_marked(guest, calendar.id),
            **({"organizer": True} if guest["email"] == organizer.get("email") else {}),
        }
        for guest in body.get("attendees") or []
    ]
    if not guests:
        return people
    if most is not None and len(guests) > most:
        mine = [guest for guest in guests if guest.get("self")]
        others = [guest for guest in guests if not guest.get("self")]
        return {**people, "attendees": (mine + others)[: max(most, 1)], "attendeesOmitted": True}
    return {**people, "attendees": guests}


def _marked(person: Resource, calendar_id: str) -> Resource:
    return {**person, "self": True} if person.get("email") == calendar_id else dict(person)


def _conference_link(body: Resource) -> Resource:
    uri = video_uri(body.get("conferenceData"))
    return {"hangoutLink": uri} if uri else {}
