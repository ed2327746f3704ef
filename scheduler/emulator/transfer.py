"""Events that change place: import, move, and what goes when a calendar is deleted."""

from __future__ import annotations

from scheduler.emulator import conference, errors, events, guests, meet, shapes
from scheduler.emulator.calendar import opened, opened_for_writing
from scheduler.emulator.errors import Resource
from scheduler.emulator.events import Write
from scheduler.emulator.moments import rfc3339_millis
from scheduler.emulator.rows import load, put, select
from scheduler.emulator.views import shown
from scheduler.emulator.world import Principal, World


def import_event(
    world: World, who: Principal, calendar_id: str, given: Resource, how: Write
) -> Resource:
    """Add "a private copy of an existing event"; nobody is invited, the organizer is taken as given."""
    calendar, role = opened_for_writing(world, who, calendar_id)
    uid = given.get("iCalUID")
    if not uid:
        raise errors.required("Missing iCalUID.")
    if given.get("eventType", "default") != "default":
        raise errors.invalid("Only events with eventType default may be imported.")
    body = shapes.checked(given, zone=calendar.zone)
    known = select(world.store, "calendar_id = ? AND uid = ? AND master = ''", calendar.id, uid)
    body |= {
        "iCalUID": uid,
        "creator": {"email": who.email},
        "organizer": given.get("organizer") or {"email": calendar.id, "displayName": calendar.name},
        "created": known[0].body["created"] if known else rfc3339_millis(world.now()),
        "sequence": body.get("sequence", 0),
        "privateCopy": True,
    }
    if how.conference_version >= 1 and given.get("conferenceData"):
        rules = meet.conference_rules(world, who, calendar)
        data = conference.written(None, given["conferenceData"], rules).data
        body |= {"conferenceData": data} if data else {}
    event_id = known[0].id if known else events.new_id()
    row = put(world, calendar, event_id, body)
    return shown(row, calendar, role, base_url=world.settings.base_url)


def move(
    world: World, who: Principal, calendar_id: str, event_id: str, destination: str, how: Write
) -> Resource:
    """Change an event's organizer; the old calendar keeps a cancelled stub when it is no guest."""
    source, _ = opened(world, who, calendar_id, "writer")
    target, role = opened(world, who, destination, "writer")
    row = load(world.store, source.id, event_id)
    if row is None or row.status == "cancelled":
        raise errors.not_found()
    if row.is_copy:
        raise errors.not_organizer()
    if row.body.get("eventType", "default") != "default":
        raise errors.Refused(
            400, "eventTypeRestriction", "Event type restriction.", domain="calendar"
        )
    there = load(world.store, target.id, event_id)
    if target.id == source.id or (there is not None and not there.is_copy):
        raise errors.invalid("Cannot move event to the requested calendar.")
    organizer = events.organizer_of(world, target)
    moved = put(
        world, target, event_id, {**row.body, "organizer": organizer}, asked_at=row.asked_at
    )
    put(world, source, event_id, {**row.body, "status": "cancelled"}, master=target.id)
    for copy in select(world.store, "id = ? AND master = ?", event_id, source.id):
        world.store.run(
            "UPDATE event SET master = ? WHERE calendar_id = ? AND id = ?",
            target.id,
            copy.calendar_id,
            event_id,
        )
    guests.spread(world, moved)
    world.store.run(
        "UPDATE space SET event_calendar = ? WHERE event_calendar = ? AND event_id = ?",
        target.id,
        source.id,
        event_id,
    )
    return shown(moved, target, role, base_url=world.settings.base_url)
