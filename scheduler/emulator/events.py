"""The rules of events.insert, get, patch, update and delete."""

from __future__ import annotations

import secrets
from typing import Any

from scheduler.emulator import (
    attendance,
    copies,
    errors,
    guests,
    instances,
    masters,
    minting,
    shapes,
)
from scheduler.emulator.calendar import Calendar, opened, opened_for_writing
from scheduler.emulator.errors import Resource
from scheduler.emulator.masters import Write
from scheduler.emulator.rows import Row, load, select
from scheduler.emulator.views import editable, sees_details, shown
from scheduler.emulator.world import Principal, World

_ID_ALPHABET = "abcdefghijklmnopqrstuv0123456789"
_ID_LENGTH = 26
_LIVE = ("confirmed", "tentative")


def insert(world: World, who: Principal, calendar_id: str, given: Resource, how: Write) -> Resource:
    """Create an event; its guests find a copy with the same id on their calendars."""
    calendar, role = opened_for_writing(world, who, calendar_id)
    event_id = _new_id(world, calendar, given)
    row = masters.create(world, who, calendar, event_id, accepted(given, how), how)
    return answer(world, who, row, calendar, role, how)


def get(world: World, who: Principal, calendar_id: str, event_id: str, how: Write) -> Resource:
    """Return an event; a deleted one is there with status "cancelled"."""
    calendar, role = opened(world, who, calendar_id, "freeBusyReader")
    row = instances.located(world, calendar, event_id)
    if row is None:
        raise errors.not_found()
    return answer(world, who, minting.looked_at(world, calendar, row), calendar, role, how)


def patch(
    world: World, who: Principal, calendar_id: str, event_id: str, given: Resource, how: Write
) -> Resource:
    """Change what is named: arrays are replaced, objects merged, null clears."""
    calendar, role, row = _writable(world, who, calendar_id, event_id, how)
    given = accepted(given, how)
    if row.is_copy:
        row = attendance.change(world, who, calendar, row, given, how)
        return answer(world, who, row, calendar, role, how)
    if row.status == "cancelled" and given.get("status") not in _LIVE:
        raise errors.forbidden()
    given = _with_known_guests(row, calendar, given)
    changes = {name: value for name, value in given.items() if name in shapes.WRITABLE}
    wanted = shapes.merged(editable(row.body, who.email), changes)
    row = masters.change(world, who, calendar, row, wanted, given, how)
    return answer(world, who, row, calendar, role, how)


def update(
    world: World, who: Principal, calendar_id: str, event_id: str, given: Resource, how: Write
) -> Resource:
    """Replace an event (PUT): what is absent is cleared, the conference too when version 1 says so."""
    calendar, role, row = _writable(world, who, calendar_id, event_id, how)
    given = accepted(given, how)
    if row.is_copy:
        row = attendance.change(world, who, calendar, row, given, how)
        return answer(world, who, row, calendar, role, how)
    if row.status == "cancelled" and given.get("status") == "cancelled":
        raise errors.forbidden()
    given = _with_known_guests(row, calendar, given)
    unseen = _refused_fields(how)
    wanted = {
        "eventType": row.body.get("eventType", "default"),
        **{name: row.body[name] for name in unseen if name in row.body},
        **{name: value for name, value in given.items() if name in shapes.WRITABLE},
    }
    asked = given if how.conference_version < 1 else {"conferenceData": None, **given}
    row = masters.change(world, who, calendar, row, wanted, asked, how)
    return answer(world, who, row, calendar, role, how)


def delete(world: World, who: Principal, calendar_id: str, event_id: str, how: Write) -> None:
    """Cancel an event and its copies; a guest who deletes their copy declines.

    "410 deleted" for the second time; the id is never free again.
    """
    calendar, _, row = _writable(world, who, calendar_id, event_id, how)
    if row.status == "cancelled":
        raise errors.deleted()
    if row.is_copy:
        attendance.remove(world, calendar, row, how.send_updates)
    else:
        masters.cancel(world, calendar, row, how.send_updates)


def accepted(given: Resource, how: Write) -> Resource:
    """Return the part of a body that the write's parameters let through.

    "In order to modify attachments the supportsAttachments request parameter should be set"; event
    labels are ignored with eventLabelVersion 0, colours with 1.
    """
    refused = _refused_fields(how)
    return {name: value for name, value in given.items() if name not in refused}


def new_id() -> str:
    """Return a random event id as Google makes them: 26 characters of base32hex."""
    return "".join(secrets.choice(_ID_ALPHABET) for _ in range(_ID_LENGTH))


def answer(
    world: World, who: Principal, row: Row, calendar: Calendar, role: str, how: Write
) -> Resource:
    """Return an event as the answer to a call."""
    return shown(
        row,
        calendar,
        role,
        base_url=world.settings.base_url,
        viewer=who.email,
        time_zone=how.time_zone,
        max_attendees=how.max_attendees,
    )


def _writable(
    world: World, who: Principal, calendar_id: str, event_id: str, how: Write
) -> tuple[Calendar, str, Row]:
    calendar, role = opened_for_writing(world, who, calendar_id)
    row = instances.located(world, calendar, event_id)
    if row is None:
        raise errors.not_found()
    if how.if_match and not _matches(how.if_match, row.etag):
        raise errors.condition_not_met()
    if not sees_details(row, role, who.email):
        raise errors.needs_access("writer")
    if _is_of_deleted_series(world, calendar, row):
        raise errors.forbidden()
    return calendar, role, row


def _matches(if_match: str, etag: str) -> bool:
    """Say whether a present etag is among those of If-Match (RFC 9110: a list, or "*")."""
    return if_match.strip() == "*" or etag in [one.strip() for one in if_match.split(",")]


def _is_of_deleted_series(world: World, calendar: Calendar, row: Row) -> bool:
    series_id = row.body.get("recurringEventId")
    series = load(world.store, calendar.id, str(series_id)) if series_id else None
    return series is not None and series.status == "cancelled" and row.status == "cancelled"


def _new_id(world: World, calendar: Calendar, given: Resource) -> str:
    """Return the id of a new event; ids and iCalUIDs that are or were in use are refused."""
    uid = given.get("iCalUID")
    if uid and select(world.store, "calendar_id = ? AND uid = ? LIMIT 1", calendar.id, uid):
        raise errors.duplicate()
    # gcalcli's table has "" for an event that is to be made, and relies on it.
    if not given.get("id"):
        return new_id()
    event_id = shapes.checked_id(given["id"])
    if load(world.store, calendar.id, event_id) is not None:
        raise errors.duplicate()
    return event_id


def _refused_fields(how: Write) -> tuple[str, ...]:
    files = () if how.supports_attachments else ("attachments",)
    return (*files, "colorId" if how.label_version >= 1 else "eventLabelId")


def _with_known_guests(row: Row, calendar: Calendar, given: Resource) -> Resource:
    """ "attendeesOmitted … can be used to only update the participant's response"."""
    if not given.get("attendeesOmitted"):
        return given
    said = copies.answer_of(given, calendar.id) or {}
    answered: Any = guests.with_answer(row.body, calendar.id, said)["attendees"]
    return {**given, "attendees": answered}
