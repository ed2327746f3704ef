"""Making, changing and deleting events: the rules of events.insert, patch, update and delete."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from scheduler.emulator import (
    conference,
    copies,
    errors,
    guest_mail,
    guests,
    instances,
    meet,
    shapes,
)
from scheduler.emulator.calendar import Calendar, find, opened, opened_for_writing
from scheduler.emulator.errors import Resource
from scheduler.emulator.moments import instant, rfc3339_millis
from scheduler.emulator.rows import Row, load, put, put_quietly, select
from scheduler.emulator.views import guest_copy, is_outline_only, own_entry, shown
from scheduler.emulator.world import Principal, World

_ID_ALPHABET = "abcdefghijklmnopqrstuv0123456789"
_ID_LENGTH = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """The parameters that a write carries beside its body."""

    conference_version: int = 0
    send_updates: str = "none"
    supports_attachments: bool = False
    if_match: str | None = None
    max_attendees: int | None = None
    time_zone: str | None = None


def insert(world: World, who: Principal, calendar_id: str, given: Resource, how: Write) -> Resource:
    """Create an event; its guests find a copy with the same id on their calendars."""
    calendar, role = opened_for_writing(world, who, calendar_id)
    event_id = _new_id(world, calendar, given)
    body = shapes.checked(_without_refused_parts(given, how), zone=calendar.zone)
    if body["status"] == "cancelled":
        raise errors.invalid("Invalid value for: cancelled is not a valid value")
    body |= {
        "iCalUID": given.get("iCalUID") or f"{event_id}@google.com",
        "creator": _person(world, who.email),
        "organizer": organizer_of(world, calendar),
        "created": rfc3339_millis(world.now()),
        "sequence": body.get("sequence", 0),
    }
    row = _keep(world, who, calendar, event_id, None, _with_own_yes(body), given, how)
    return _answer(world, row, calendar, role, how)


def get(world: World, who: Principal, calendar_id: str, event_id: str, how: Write) -> Resource:
    """Return an event; a deleted one is there with status "cancelled"."""
    calendar, role = opened(world, who, calendar_id, "freeBusyReader")
    row = instances.located(world, calendar, event_id)
    if row is None:
        raise errors.not_found()
    return _answer(world, row, calendar, role, how)


def patch(
    world: World, who: Principal, calendar_id: str, event_id: str, given: Resource, how: Write
) -> Resource:
    """Change what is named: arrays are replaced, objects merged, null clears."""
    calendar, role, row = _writable(world, who, calendar_id, event_id, how)
    given = _without_refused_parts(given, how)
    if row.is_copy:
        row = _patch_copy(world, who, calendar, row, given, how)
        return _answer(world, row, calendar, role, how)
    if row.status == "cancelled" and given.get("status") not in ("confirmed", "tentative"):
        raise errors.Refused(403, "forbidden", "Forbidden")
    merged = shapes.merged(row.body, {n: v for n, v in given.items() if n in shapes.WRITABLE})
    if given.get("attendeesOmitted"):
        merged["attendees"] = _with_own_answer(row.body, given, calendar.id)
    row = _change_master(world, who, calendar, row, merged, given, how)
    return _answer(world, row, calendar, role, how)


def update(
    world: World, who: Principal, calendar_id: str, event_id: str, given: Resource, how: Write
) -> Resource:
    """Replace an event (PUT): what is absent is cleared, the conference too when version 1 says so."""
    calendar, role, row = _writable(world, who, calendar_id, event_id, how)
    given = _without_refused_parts(given, how)
    if row.is_copy:
        row = _patch_copy(world, who, calendar, row, given, how)
        return _answer(world, row, calendar, role, how)
    if row.status == "cancelled" and given.get("status") == "cancelled":
        raise errors.Refused(403, "forbidden", "Forbidden")
    replaced = {name: value for name, value in given.items() if name in shapes.WRITABLE}
    if "attachments" in row.body and not how.supports_attachments:
        replaced["attachments"] = row.body["attachments"]
    replaced.setdefault("eventType", row.body.get("eventType", "default"))
    asked = given if how.conference_version < 1 else {"conferenceData": None, **given}
    row = _change_master(world, who, calendar, row, replaced, asked, how)
    return _answer(world, row, calendar, role, how)


def delete(world: World, who: Principal, calendar_id: str, event_id: str, how: Write) -> None:
    """Cancel an event and its copies; a guest who deletes their copy declines.

    "410 deleted" for the second time; the id is never free again.
    """
    calendar, _, row = _writable(world, who, calendar_id, event_id, how)
    if row.status == "cancelled":
        raise errors.deleted()
    if row.is_copy:
        own = {**(row.body.get("_own") or {}), "_removed": True}
        put(
            world,
            calendar,
            row.id,
            {**row.body, "status": "cancelled", "_own": own},
            master=row.master,
        )
        answer(
            world, row.master, row.id, calendar.id, {"responseStatus": "declined"}, how.send_updates
        )
        return
    cancel(world, calendar, row, how.send_updates)


def cancel(world: World, calendar: Calendar, row: Row, send_updates: str) -> Row:
    """Cancel the organizer's event, take it off every guest's calendar, tell them."""
    sequence = int(row.body.get("sequence", 0)) + 1
    body = {**row.body, "status": "cancelled", "sequence": sequence}
    gone = put(world, calendar, row.id, body)
    guests.spread(world, gone)
    for exception in instances.exceptions(world, calendar, row.id):
        if exception.status != "cancelled":
            guests.spread(
                world, put(world, calendar, exception.id, {**exception.body, "status": "cancelled"})
            )
    guest_mail.tell_guests(world, calendar, row.body, gone.body, send_updates)
    return gone


def answer(
    world: World,
    organizer_calendar: str,
    event_id: str,
    email: str,
    response: Resource,
    send_updates: str = "all",
) -> None:
    """Record a guest's answer on the organizer's event, on all copies, and mail the organizer."""
    calendar = find(world, organizer_calendar)
    row = instances.located(world, calendar, event_id) if calendar else None
    mine = own_entry(row.body, email) if row else None
    if calendar is None or row is None or mine is None or row.status == "cancelled":
        return
    if {**mine, **response} == mine:
        return
    changed = put(
        world,
        calendar,
        event_id,
        guests.with_answer(row.body, email, response),
        asked_at=row.asked_at,
    )
    guests.spread(world, changed)
    if mine.get("responseStatus") != response.get("responseStatus") and send_updates != "none":
        guest_mail.tell_organizer(world, calendar, changed.body, email)


def rsvp(world: World, email: str, event_id: str, response: str, comment: str = "") -> bool:
    """Answer as the guest does in their own calendar or from the mail; False without an invitation."""
    if response not in ("accepted", "declined", "tentative", "needsAction"):
        raise errors.invalid(f"Invalid value for: {response} is not a valid value")
    with world.store.transaction():
        for row in select(
            world.store, "id = ? AND master = '' AND status <> 'cancelled'", event_id
        ):
            if own_entry(row.body, email) is not None:
                said: Resource = {
                    "responseStatus": response,
                    **({"comment": comment} if comment else {}),
                }
                answer(world, row.calendar_id, event_id, email, said)
                return True
    return False


def settle_conferences(world: World) -> None:
    """Finish the conferences whose time has come; nobody is mailed about it."""
    latency = world.switches.conference_latency
    if latency is None:
        return
    due = world.now().timestamp() - latency
    for row in select(world.store, "asked_at IS NOT NULL AND asked_at <= ?", due):
        calendar = find(world, row.calendar_id)
        if calendar is not None:
            guests.spread(world, _settled(world, calendar, row))


def _settled(world: World, calendar: Calendar, row: Row) -> Row:
    data = row.body.get("conferenceData") or {}
    if not conference.is_pending(data):
        return put(world, calendar, row.id, row.body)
    if world.switches.conference_outcome == "failure":
        return put(world, calendar, row.id, {**row.body, "conferenceData": conference.failed(data)})
    owner = (
        calendar.owner if calendar.is_primary else str(row.body.get("_asked_by") or calendar.owner)
    )
    code, pin = meet.mint_for_event(world, owner, calendar.id, row.id)
    made = conference.ready(
        data,
        base_url=world.settings.base_url,
        code=code,
        pin=pin,
        key=world.store.secret("conference key"),
    )
    return put(world, calendar, row.id, {**row.body, "conferenceData": made})


def _keep(
    world: World,
    who: Principal,
    calendar: Calendar,
    event_id: str,
    before: Row | None,
    body: Resource,
    given: Resource,
    how: Write,
) -> Row:
    """Write the organizer's event with its conference, then its copies, then the mails."""
    if who.is_bare_service_account and body.get("attendees"):
        raise errors.service_account_guests()
    stored = before.body.get("conferenceData") if before else None
    outcome = conference.Outcome(stored)
    if how.conference_version >= 1 and "conferenceData" in given:
        rules = meet.conference_rules(world, who, calendar)
        outcome = conference.written(stored, given["conferenceData"], rules)
    if outcome.data:
        body["conferenceData"] = outcome.data
    if outcome.is_asked:
        body["_asked_by"] = who.email
    elif before and "_asked_by" in before.body:
        body["_asked_by"] = before.body["_asked_by"]
    old = before.body if before else None
    body = guests.answered_by_machines(world, calendar, event_id, body, old)
    still_waiting = conference.is_pending(outcome.data)
    asked_at = world.now().timestamp() if outcome.is_asked else before.asked_at if before else None
    row = put(world, calendar, event_id, body, asked_at=asked_at if still_waiting else None)
    if outcome.is_asked and world.switches.conference_latency == 0:
        row = _settled(world, calendar, row)
    guests.spread(world, row)
    guest_mail.tell_guests(world, calendar, old, row.body, how.send_updates)
    return row


def _change_master(
    world: World,
    who: Principal,
    calendar: Calendar,
    row: Row,
    merged: Resource,
    given: Resource,
    how: Write,
) -> Row:
    body = shapes.checked(merged, zone=calendar.zone)
    kept = (
        "iCalUID",
        "creator",
        "organizer",
        "created",
        "recurringEventId",
        "originalStartTime",
    )
    body |= {name: row.body[name] for name in kept if name in row.body}
    if body.get("eventType", "default") != row.body.get("eventType", "default"):
        raise errors.invalid("Event type cannot be changed.")
    body["sequence"] = _sequence(row.body, body, given, calendar.zone)
    body = guests.with_fresh_answers(body, row.body, calendar.id)
    only_personal = set(given) <= {"reminders"}
    if only_personal:
        body |= {
            n: row.body[n] for n in ("conferenceData", "_asked_by", "updated") if n in row.body
        }
        return put_quietly(world, row, body)
    if body["status"] == "cancelled":
        return cancel(world, calendar, row, how.send_updates)
    return _keep(world, who, calendar, row.id, row, body, given, how)


def _patch_copy(
    world: World, who: Principal, calendar: Calendar, row: Row, given: Resource, how: Write
) -> Row:
    """A guest changes the own answer and what is personal; the rest is the organizer's.

    `guestsCanModify` and `guestsCanInviteOthers` open the organizer's event to guests.
    """
    if row.status == "cancelled":
        raise errors.Refused(403, "forbidden", "Forbidden")
    organizer = find(world, row.master)
    master = instances.located(world, organizer, row.id) if organizer else None
    if organizer is None or master is None:
        raise errors.not_found()
    shared = copies.shared_changes(row.body, given, calendar.id)
    if set(shared) - {"attendees"} and not master.body.get("guestsCanModify"):
        raise errors.not_organizer()
    if "attendees" in shared:
        if not copies.may_bring(master.body, row.body, shared["attendees"]):
            raise errors.not_organizer()
        if not master.body.get("guestsCanModify"):
            shared["attendees"] = copies.with_brought(master.body, shared["attendees"])
    own = copies.own_changes(row.body, given)
    if own != (row.body.get("_own") or {}):
        _keep_own(world, calendar, row, master, own)
    if shared:
        merged = shapes.merged(master.body, shared)
        _change_master(world, who, organizer, master, merged, shared, how)
    response = copies.answer_of(given, calendar.id)
    if response:
        answer(world, row.master, row.id, calendar.id, response, how.send_updates)
    return instances.located(world, calendar, row.id) or row


def _keep_own(world: World, calendar: Calendar, row: Row, master: Row, own: Resource) -> None:
    """Write what is the guest's alone; a reminder changes neither `updated` nor the etag."""
    body = {**guest_copy(master.body, calendar.id, own), "updated": row.updated}
    before = row.body.get("_own") or {}
    if {n for n in {*own, *before} if own.get(n) != before.get(n)} <= {"reminders"}:
        put_quietly(world, row, body)
    else:
        put(world, calendar, row.id, body, master=row.master)


def _with_own_answer(stored: Resource, given: Resource, email: str) -> list[Resource]:
    """ "attendeesOmitted … can be used to only update the participant's response"."""
    said = copies.answer_of(given, email) or {}
    answered: list[Resource] = guests.with_answer(stored, email, said)["attendees"]
    return answered


def _sequence(before: Resource, after: Resource, given: Resource, zone: str) -> int:
    """Return the sequence: it "rises on time changes", a lower one is refused."""
    present = int(before.get("sequence", 0))
    asked = given.get("sequence")
    if isinstance(asked, int) and asked < present:
        raise errors.invalid(
            "Invalid sequence value. The specified sequence number is below the current sequence"
            " number of the resource. Re-fetch the resource and use its sequence number on the"
            " following request."
        )
    moved = any(
        instant(before[side], zone) != instant(after[side], zone) for side in ("start", "end")
    )
    moved = moved or before.get("recurrence") != after.get("recurrence")
    return max(present + 1 if moved else present, asked if isinstance(asked, int) else 0)


def _writable(
    world: World, who: Principal, calendar_id: str, event_id: str, how: Write
) -> tuple[Calendar, str, Row]:
    calendar, role = opened_for_writing(world, who, calendar_id)
    row = instances.located(world, calendar, event_id)
    if row is None:
        raise errors.not_found()
    if is_outline_only(row.body, role):
        raise errors.needs_access("writer")
    if how.if_match and how.if_match not in ("*", row.etag):
        raise errors.condition_not_met()
    return calendar, role, row


def new_id() -> str:
    """Return a random event id as Google makes them: 26 characters of base32hex."""
    return "".join(secrets.choice(_ID_ALPHABET) for _ in range(_ID_LENGTH))


def _new_id(world: World, calendar: Calendar, given: Resource) -> str:
    # gcalcli's table has "" for an event that is to be made, and relies on it.
    if not given.get("id"):
        return new_id()
    event_id = shapes.checked_id(given["id"])
    if load(world.store, calendar.id, event_id) is not None:
        raise errors.duplicate()
    return event_id


def _without_refused_parts(given: Resource, how: Write) -> Resource:
    """ "In order to modify attachments the supportsAttachments request parameter should be set"."""
    if how.supports_attachments:
        return given
    return {name: value for name, value in given.items() if name != "attachments"}


def _with_own_yes(body: Resource) -> Resource:
    """An organizer who stands on the own guest list has accepted."""
    organizer = body["organizer"]["email"]
    mine = own_entry(body, organizer)
    if mine is None or mine["responseStatus"] != "needsAction":
        return body
    return guests.with_answer(body, organizer, {"responseStatus": "accepted"})


def organizer_of(world: World, calendar: Calendar) -> Resource:
    """Return the organizer of the events of a calendar; a secondary one shows its own name."""
    if calendar.is_primary:
        return _person(world, calendar.id)
    return {"email": calendar.id, "displayName": calendar.name}


def _person(world: World, email: str) -> Resource:
    account = world.account(email)
    return {"email": email, "displayName": account.name} if account else {"email": email}


def _is(entry: object, email: str) -> bool:
    return isinstance(entry, dict) and str(entry.get("email", "")).lower() == email


def _answer(world: World, row: Row, calendar: Calendar, role: str, how: Write) -> Resource:
    return shown(
        row,
        calendar,
        role,
        base_url=world.settings.base_url,
        time_zone=how.time_zone,
        max_attendees=how.max_attendees,
    )
