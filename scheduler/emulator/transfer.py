"""Events that change place: import, move, and what goes when a calendar is deleted."""

from __future__ import annotations

from scheduler.emulator import (
    errors,
    events,
    guest_mail,
    guests,
    instances,
    kinds,
    masters,
    minting,
    series,
    shapes,
)
from scheduler.emulator.calendar import Calendar, opened, opened_for_writing
from scheduler.emulator.errors import Resource
from scheduler.emulator.masters import Write
from scheduler.emulator.moments import rfc3339_millis
from scheduler.emulator.rows import Row, load, put, select
from scheduler.emulator.views import with_reminders
from scheduler.emulator.world import Principal, World


def import_event(
    world: World, who: Principal, calendar_id: str, given: Resource, how: Write
) -> Resource:
    """Add "a private copy of an existing event"; nobody is invited, the organizer is taken as given.

    The iCalUID decides which event it is; what is there already is refused (409) or changed, as the
    switch says, and an invitation is never changed. A deleted event comes back.
    """
    calendar, role = opened_for_writing(world, who, calendar_id)
    uid = given.get("iCalUID")
    if not uid:
        raise errors.required("Missing iCalUID.")
    if given.get("eventType", kinds.DEFAULT) != kinds.DEFAULT:
        raise errors.invalid("Only events with eventType default may be imported.")
    if who.is_bare_service_account and given.get("attendees"):
        raise errors.service_account_guests()
    body = shapes.checked(events.accepted(given, how), zone=calendar.zone)
    known = _known(world, calendar, uid)
    before = known.body if known else {}
    body |= {
        "iCalUID": uid,
        "creator": before.get("creator") or masters.person(world, who.email),
        "organizer": _organizer(world, calendar, given),
        "created": before.get("created") or rfc3339_millis(world.now()),
        "sequence": body.get("sequence", 0),
        "privateCopy": True,
    }
    data = before.get("conferenceData")
    if how.conference_version >= 1:
        data = minting.written(world, who, calendar, data, given).data
    body |= {"conferenceData": data} if data else {}
    event_id = known.id if known else events.new_id()
    row = put(world, calendar, event_id, with_reminders(body, before, who.email))
    if known:
        series.follow(world, calendar, known, row)
    return events.answer(world, who, row, calendar, role, how)


def move(
    world: World, who: Principal, calendar_id: str, event_id: str, destination: str, how: Write
) -> Resource:
    """Change an event's organizer; the old calendar keeps a cancelled stub when it is no guest.

    A series moves with its exceptions, never one instance. The guests' new invitation comes from
    the new organizer.
    """
    if not destination:
        raise errors.required("Missing destination calendar.")
    source, _ = opened(world, who, calendar_id, "writer")
    target, role = opened(world, who, destination, "writer")
    row = instances.located(world, source, event_id)
    if row is None or row.status == "cancelled":
        raise errors.not_found()
    if row.is_copy:
        raise errors.not_organizer()
    if "recurringEventId" in row.body:
        raise _instances_stay()
    if row.body.get("eventType", kinds.DEFAULT) != kinds.DEFAULT:
        raise kinds.restricted()
    there = load(world.store, target.id, event_id)
    if target.id == source.id or (there is not None and not there.is_copy):
        raise errors.invalid("Cannot move event to the requested calendar.")
    exceptions = instances.exceptions(world, source, event_id)
    moved = _moved(world, source, target, row)
    for exception in exceptions:
        _moved(world, source, target, exception)
    guest_mail.tell_guests(world, target, None, moved.body, how.send_updates)
    return events.answer(world, who, moved, target, role, how)


def _known(world: World, calendar: Calendar, uid: str) -> Row | None:
    """Return the calendar's own event with this iCalUID, if there is one, or refuse: 409 duplicate."""
    found = [
        row
        for row in select(world.store, "calendar_id = ? AND uid = ?", calendar.id, uid)
        if "recurringEventId" not in row.body
    ]
    may_change = world.switches.known_import == "update"
    if any(row.status != "cancelled" and (row.is_copy or not may_change) for row in found):
        raise errors.duplicate()
    return next((row for row in found if not row.is_copy), None)


def _organizer(world: World, calendar: Calendar, given: Resource) -> Resource:
    """ "The organizer … is read-only, except when importing an event."""
    organizer = given.get("organizer") or {}
    if not organizer.get("email"):
        return masters.organizer_of(world, calendar)
    return {name: organizer[name] for name in ("email", "displayName") if organizer.get(name)}


def _moved(world: World, source: Calendar, target: Calendar, row: Row) -> Row:
    """Put one event on its new calendar, leave the stub, and let the copies and the room follow."""
    body = {**row.body, "organizer": masters.organizer_of(world, target)}
    moved = put(world, target, row.id, body, asked_at=row.asked_at)
    put(world, source, row.id, {**row.body, "status": "cancelled"}, master=target.id)
    world.store.run(
        "UPDATE event SET master = ? WHERE id = ? AND master = ?", target.id, row.id, source.id
    )
    guests.spread(world, moved)
    world.store.run(
        "UPDATE space SET event_calendar = ? WHERE event_calendar = ? AND event_id = ?",
        target.id,
        source.id,
        row.id,
    )
    return moved


def _instances_stay() -> errors.Refused:
    """400 cannotChangeOrganizerOfInstance: a series moves as a whole."""
    return errors.Refused(
        400,
        "cannotChangeOrganizerOfInstance",
        "Cannot change the organizer of an instance.",
        domain="calendar",
    )
