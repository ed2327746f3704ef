"""An event on its guests' calendars: their copies and their answers."""

from __future__ import annotations

from scheduler.emulator.calendar import Calendar, find
from scheduler.emulator.errors import Resource
from scheduler.emulator.moments import instant
from scheduler.emulator.rows import Row, load, put, select
from scheduler.emulator.views import guest_copy, own_entry
from scheduler.emulator.world import World


def spread(world: World, master: Row) -> None:
    """Make every guest's copy agree with the organizer's event.

    "The event you create appears on all the primary Google Calendars of the attendees you included
    with the same event ID." A copy that would not change keeps its etag.
    """
    invited = _invited(world, master)
    for row in select(world.store, "id = ? AND master = ?", master.id, master.calendar_id):
        calendar = find(world, row.calendar_id)
        if calendar is not None and row.calendar_id not in invited and row.status != "cancelled":
            gone = row.body if "recurringEventId" in master.body else off_series(row.body)
            put(world, calendar, row.id, {**gone, "status": "cancelled"}, master=row.master)
    _take_out_of_series(world, master, invited)
    for email, calendar in invited.items():
        existing = load(world.store, calendar.id, master.id)
        if existing is not None and not existing.is_copy:
            continue
        own = dict((existing.body.get("_own") if existing else None) or {})
        copy = guest_copy(master.body, email, own)
        mine = own_entry(master.body, email) or {}
        if own.get("_removed"):
            if mine.get("responseStatus") == "declined":
                continue
            copy["_own"] = own = {name: value for name, value in own.items() if name != "_removed"}
        if existing is None or not _is_same(existing.body, copy):
            put(world, calendar, master.id, copy, master=master.calendar_id)


def with_fresh_answers(body: Resource, before: Resource, organizer: str) -> Resource:
    """Return a moved event: everybody but the organizer is asked again."""
    if is_same_time(before, body):
        return body
    guests = [
        guest
        if guest["email"] == organizer
        else {n: v for n, v in guest.items() if n != "comment"} | {"responseStatus": "needsAction"}
        for guest in body.get("attendees") or []
    ]
    return {**body, "attendees": guests} if guests else body


def with_answer(body: Resource, email: str, answer: Resource) -> Resource:
    """Return the event with one guest's answer: {"responseStatus"[, "comment", "additionalGuests"]}."""
    guests = [
        {**guest, **answer} if guest["email"] == email else guest
        for guest in body.get("attendees") or []
    ]
    return {**body, "attendees": guests}


def off_series(body: Resource) -> Resource:
    """Return what is left of an instance whose time its series no longer has: a plain event."""
    series = ("recurringEventId", "originalStartTime")
    return {name: value for name, value in body.items() if name not in series}


def is_same_time(one: Resource, other: Resource) -> bool:
    """Say whether two states of an event fall on the same time, every instance of them."""
    return _times(one) == _times(other)


def _times(body: Resource) -> tuple[object, ...]:
    zone = "UTC"
    return (instant(body["start"], zone), instant(body["end"], zone), body.get("recurrence"))


def _invited(world: World, master: Row) -> dict[str, Calendar]:
    if master.status == "cancelled" or master.body.get("privateCopy"):
        return {}
    calendars = {
        guest["email"]: find(world, guest["email"])
        for guest in master.body.get("attendees") or []
        if guest["email"] != master.calendar_id
    }
    return {email: calendar for email, calendar in calendars.items() if calendar is not None}


def _take_out_of_series(world: World, instance: Row, invited: dict[str, Calendar]) -> None:
    """One instance is cancelled, or somebody is out of it: their copy of the series has to say so."""
    series = instance.body.get("recurringEventId")
    if not series:
        return
    for row in select(world.store, "id = ? AND master = ?", series, instance.calendar_id):
        calendar = find(world, row.calendar_id)
        if calendar is None or row.status == "cancelled" or row.calendar_id in invited:
            continue
        if load(world.store, row.calendar_id, instance.id) is None:
            gone = {**guest_copy(instance.body, row.calendar_id, {}), "status": "cancelled"}
            put(world, calendar, instance.id, gone, master=row.master)


def _is_same(one: Resource, other: Resource) -> bool:
    def content(body: Resource) -> Resource:
        return {name: value for name, value in body.items() if name not in ("updated", "_own")}

    return content(one) == content(other)
