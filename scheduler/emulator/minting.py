"""Conferences on their way: asked for with an event, ready or failed when their time has come."""

from __future__ import annotations

from scheduler.emulator import conference, guests, meet, series
from scheduler.emulator.calendar import Calendar, find
from scheduler.emulator.errors import Resource
from scheduler.emulator.rows import Row, load, put, put_quietly, select
from scheduler.emulator.world import Principal, World


def written(
    world: World, who: Principal, calendar: Calendar, stored: Resource | None, given: Resource
) -> conference.Outcome:
    """Return what a write with conferenceDataVersion=1 makes of an event's conference."""
    if "conferenceData" not in given:
        return conference.Outcome(stored)
    rules = meet.conference_rules(world, who, calendar)
    return conference.written(stored, given["conferenceData"], rules)


def settle_due(world: World) -> None:
    """Finish the conferences whose time has come; nobody is mailed about it."""
    latency = world.switches.conference_latency
    if latency is None or world.switches.conference_reads is not None:
        return
    due = world.now().timestamp() - latency
    for row in select(world.store, "asked_at IS NOT NULL AND asked_at <= ?", due):
        calendar = find(world, row.calendar_id)
        if calendar is not None:
            _finish(world, calendar, row)


def looked_at(world: World, calendar: Calendar, row: Row) -> Row:
    """Return the event as this events.get sees it, when conferences are "pending for N reads"."""
    reads = world.switches.conference_reads
    if reads is None or waiting_since(world, row) is None:
        return row
    seen = int(row.body.get("_reads", 0))
    if seen < reads:
        return put_quietly(world, row, {**row.body, "_reads": seen + 1})
    return _finish(world, calendar, row)


def is_instant(world: World) -> bool:
    """Say whether the answer to the write itself carries the room already."""
    if world.switches.conference_reads is not None:
        return world.switches.conference_reads == 0
    return world.switches.conference_latency == 0


def waiting_since(world: World, row: Row | None) -> float | None:
    """Return when an event asked for its conference; an instance waits with its series."""
    stored = load(world.store, row.calendar_id, row.id) if row else None
    return stored.asked_at if stored else None


def settled(world: World, calendar: Calendar, row: Row) -> Row:
    """Give an event the conference that was asked for, or the failure, as the switch says."""
    data = row.body.get("conferenceData") or {}
    body = {name: value for name, value in row.body.items() if name != "_reads"}
    if not conference.is_pending(data):
        return put(world, calendar, row.id, body)
    if world.switches.conference_outcome == "failure":
        return put(world, calendar, row.id, {**body, "conferenceData": conference.failed(data)})
    owner = calendar.owner if calendar.is_primary else str(body.get("_asked_by") or calendar.owner)
    code, pin = meet.mint_for_event(world, owner, calendar.id, row.id)
    made = conference.ready(
        data,
        base_url=world.settings.base_url,
        code=code,
        pin=pin,
        key=world.store.secret("conference key"),
    )
    return put(world, calendar, row.id, {**body, "conferenceData": made})


def _finish(world: World, calendar: Calendar, row: Row) -> Row:
    done = settled(world, calendar, row)
    guests.spread(world, done)
    series.follow(world, calendar, row, done)
    return done
