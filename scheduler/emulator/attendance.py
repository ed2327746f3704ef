"""What a guest does with an invitation: answers it, changes the own copy, takes it off the calendar."""

from __future__ import annotations

from scheduler.emulator import answers, copies, errors, instances, masters, shapes
from scheduler.emulator.calendar import Calendar, find
from scheduler.emulator.errors import Resource
from scheduler.emulator.masters import Write
from scheduler.emulator.rows import Row, load, put, put_quietly
from scheduler.emulator.views import editable, guest_copy, own_entry
from scheduler.emulator.world import Principal, World


def change(
    world: World, who: Principal, calendar: Calendar, row: Row, given: Resource, how: Write
) -> Row:
    """Change the own answer and what is personal; the rest is the organizer's.

    `guestsCanModify` and `guestsCanInviteOthers` open the organizer's event to guests. A cancelled
    status removes the copy, another one brings back a copy the guest removed.
    """
    if row.status == "cancelled":
        return _restore(world, calendar, row, given)
    if given.get("status") == "cancelled":
        return remove(world, calendar, row, how.send_updates)
    organizer, master = _master(world, row)
    shared = _shared(row, master, given, how, calendar.id)
    own = copies.own_changes(row.body, given)
    if own != (row.body.get("_own") or {}):
        _keep_own(world, calendar, row, master, own)
    if shared:
        wanted = shapes.merged(editable(master.body, who.email), shared)
        masters.change(world, who, organizer, master, wanted, shared, how)
    response = copies.answer_of(given, calendar.id)
    if response:
        answers.answer(world, row.master, row.id, calendar.id, response, how.send_updates)
    return instances.located(world, calendar, row.id) or row


def remove(world: World, calendar: Calendar, row: Row, send_updates: str) -> Row:
    """Take the copy off the guest's calendar and decline; it "continues to provide details"."""
    own = {**(row.body.get("_own") or {}), "_removed": True}
    body = {**row.body, "status": "cancelled", "_own": own}
    gone = put(world, calendar, row.id, body, master=row.master)
    declined = {"responseStatus": "declined"}
    answers.answer(world, row.master, row.id, calendar.id, declined, send_updates)
    return gone


def _restore(world: World, calendar: Calendar, row: Row, given: Resource) -> Row:
    own = dict(row.body.get("_own") or {})
    if given.get("status") not in ("confirmed", "tentative") or not own.pop("_removed", None):
        raise errors.forbidden()
    _, master = _master(world, row)
    if master.status == "cancelled" or own_entry(master.body, calendar.id) is None:
        raise errors.forbidden()
    back = put(
        world, calendar, row.id, guest_copy(master.body, calendar.id, own), master=row.master
    )
    answer = copies.answer_of(given, calendar.id) or {"responseStatus": "needsAction"}
    answers.answer(world, row.master, row.id, calendar.id, answer, "none")
    return instances.located(world, calendar, row.id) or back


def _shared(row: Row, master: Row, given: Resource, how: Write, email: str) -> Resource:
    """Return what a write changes for everybody, if this guest may."""
    may_modify = bool(master.body.get("guestsCanModify"))
    shared = copies.shared_changes(row.body, given, email)
    present = row.body.get("conferenceData")
    wanted = given.get("conferenceData", present) if how.conference_version >= 1 else present
    if wanted != present:
        shared["conferenceData"] = wanted
    if set(shared) - {"attendees"} and not may_modify:
        raise errors.not_organizer()
    if "attendees" in shared:
        if not copies.may_bring(master.body, row.body, shared["attendees"]):
            raise errors.not_organizer()
        if not may_modify:
            shared["attendees"] = copies.with_brought(master.body, shared["attendees"])
    return shared


def _master(world: World, row: Row) -> tuple[Calendar, Row]:
    organizer = find(world, row.master)
    master = instances.located(world, organizer, row.id) if organizer else None
    if organizer is None or master is None:
        raise errors.not_found()
    return organizer, master


def _keep_own(world: World, calendar: Calendar, row: Row, master: Row, own: Resource) -> None:
    """Write what is the guest's alone; a reminder changes neither `updated` nor the etag."""
    body = {**guest_copy(master.body, calendar.id, own), "updated": row.updated}
    before = row.body.get("_own") or {}
    changed = {name for name in {*own, *before} if own.get(name) != before.get(name)}
    if changed <= {"reminders"} and load(world.store, calendar.id, row.id) is not None:
        put_quietly(world, row, body)
    else:
        put(world, calendar, row.id, body, master=row.master)
