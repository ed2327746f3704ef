"""An event through somebody's eyes: a guest's copy, a reader's view, the deleted stub."""

from __future__ import annotations

import base64
from typing import Any

from scheduler.emulator.calendar import Calendar
from scheduler.emulator.conference import MEET, solution_type, video_uri
from scheduler.emulator.errors import Resource
from scheduler.emulator.moments import in_zone
from scheduler.emulator.rows import Row
from scheduler.emulator.shapes import PERSONAL, guests_are_hidden

ANSWERS_SHARED_MOST = 200
""" "If more than 200 guests are invited to the event, response status is not propagated"."""

_NOT_PROPAGATED = ("reminders", "colorId", "eventLabelId", "source", "privateCopy")
_OUTLINE = (
    "start", "end", "iCalUID", "eventType", "transparency", "created", "updated",
    "recurringEventId", "originalStartTime", "recurrence",
)  # fmt: skip
_SERIES = ("recurringEventId", "originalStartTime")


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
    guests = master.get("attendees") or []
    if guests_are_hidden(master):
        organizer = (master.get("organizer") or {}).get("email")
        copy["attendees"] = [guest for guest in guests if guest["email"] in (email, organizer)]
    elif len(guests) > ANSWERS_SHARED_MOST:
        copy["attendees"] = [
            guest if guest["email"] == email else {**guest, "responseStatus": "needsAction"}
            for guest in guests
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
    viewer: str | None = None,
    time_zone: str | None = None,
    max_attendees: int | None = None,
) -> Resource:
    """Return the Event resource as `viewer` (the calendar's owner) with `role` on it gets it.

    Deleted copies "are only guaranteed to have the id field populated"; the organizer's own, and
    those that a guest "manually removed", keep their details. Free/busy readers get the outline,
    readers too when the event is private and they are no guests of it.
    """
    if row.status == "cancelled" and row.is_copy and not _is_removed_by_guest(row):
        return deleted_stub(row)
    head = _head(row)
    body = {name: value for name, value in row.body.items() if not name.startswith("_")}
    viewer = viewer or calendar.owner
    if time_zone:
        for side in ("start", "end"):
            body[side] = in_zone(body[side], time_zone)
    if not sees_details(row, role, viewer):
        outline = {name: body[name] for name in _OUTLINE if name in body}
        return {**head, "eventType": "default", **outline, "visibility": "private"}
    if (body.get("creator") or {}).get("email") != viewer:
        # "Can only be seen or modified by the creator of the event."
        body.pop("source", None)
    body.pop("attendees", None)
    return {
        **head,
        **body,
        "htmlLink": html_link(base_url, row),
        **_people(row.body, calendar, viewer, max_attendees),
        **_conference_link(body),
        "reminders": reminders_of(row.body, viewer) or {"useDefault": True},
        "eventType": body.get("eventType", "default"),
    }


def deleted_stub(row: Row) -> Resource:
    """Return what is shown of an event that is gone from a guest's calendar."""
    series = {name: row.body[name] for name in _SERIES if name in row.body}
    return {**_head(row), "status": "cancelled", **series}


def sees_details(row: Row, role: str, viewer: str) -> bool:
    """Say whether somebody with this role learns more of an event than when it is.

    "Private events will appear to users with reader access, but event details will be hidden", to
    those with writerWithoutPrivateAccess too, who may not change them either; "only event attendees
    may view event details".
    """
    if role == "freeBusyReader":
        return False
    is_private = row.body.get("visibility") in ("private", "confidential")
    if not is_private or role in ("writer", "owner"):
        return True
    return own_entry(row.body, viewer) is not None


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


def reminders_of(body: Resource, email: str) -> Resource | None:
    """Return the "reminders for the authenticated user", if they differ from the calendar's."""
    found: Resource | None = (body.get("_reminders") or {}).get(email, body.get("reminders"))
    return found


def editable(body: Resource, email: str) -> Resource:
    """Return the organizer's event as somebody edits it: with their own reminders."""
    mine = reminders_of(body, email)
    return {**body, "reminders": mine} if mine else body


def with_reminders(body: Resource, before: Resource, email: str) -> Resource:
    """Return the event with its `reminders` put down as one person's; the others keep theirs."""
    body = dict(body)
    mine = body.pop("reminders", None)
    others = {who: kept for who, kept in (before.get("_reminders") or {}).items() if who != email}
    everybody = {**others, **({email: mine} if mine else {})}
    return {**body, "_reminders": everybody} if everybody else body


def _head(row: Row) -> Resource:
    return {"kind": "calendar#event", "etag": row.etag, "id": row.id, "status": row.status}


def _is_removed_by_guest(row: Row) -> bool:
    return bool((row.body.get("_own") or {}).get("_removed"))


def _people(body: Resource, calendar: Calendar, viewer: str, most: int | None) -> Resource:
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
    if most is not None and len(guests) > most:
        # "If there are more than the specified number of attendees, only the participant is returned."
        mine = [guest for guest in guests if guest["email"] in (calendar.id, viewer)][:1]
        people["attendeesOmitted"] = True
        return {**people, "attendees": mine} if mine else people
    return {**people, "attendees": guests} if guests else people


def _marked(person: Resource, calendar_id: str) -> Resource:
    return {**person, "self": True} if person.get("email") == calendar_id else dict(person)


def _conference_link(body: Resource) -> Resource:
    """`hangoutLink` is "also set for Meet"; a conference of another provider has none."""
    data = body.get("conferenceData")
    uri = video_uri(data) if solution_type(data) == MEET else None
    return {"hangoutLink": uri} if uri else {}
