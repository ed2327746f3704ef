"""The organizer's event: written with its conference, spread to its guests, told by mail."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.emulator import (
    conference,
    errors,
    guest_mail,
    guests,
    instances,
    kinds,
    machines,
    minting,
    series,
    shapes,
)
from scheduler.emulator.calendar import Calendar
from scheduler.emulator.errors import Resource
from scheduler.emulator.moments import instant, rfc3339_millis
from scheduler.emulator.rows import Row, load, put, put_quietly
from scheduler.emulator.views import editable, own_entry, with_reminders
from scheduler.emulator.world import Principal, World

_FIXED = (
    "iCalUID", "creator", "organizer", "created", "recurringEventId", "originalStartTime",
    "privateCopy",
)  # fmt: skip
"""What no write changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """The parameters that a write carries beside its body."""

    conference_version: int = 0
    label_version: int = 0
    send_updates: str = "none"
    supports_attachments: bool = False
    if_match: str | None = None
    max_attendees: int | None = None
    time_zone: str | None = None


def create(
    world: World, who: Principal, calendar: Calendar, event_id: str, given: Resource, how: Write
) -> Row:
    """Put a new event on its organizer's calendar."""
    body = _checked(calendar, given, None)
    if body["status"] == "cancelled":
        raise errors.invalid("Invalid value for: cancelled is not a valid value")
    body |= {
        "iCalUID": given.get("iCalUID") or f"{event_id}@google.com",
        "creator": person(world, who.email),
        "organizer": organizer_of(world, calendar),
        "created": rfc3339_millis(world.now()),
        "sequence": body.get("sequence", 0),
    }
    body = with_reminders(_with_own_yes(body), {}, who.email)
    return _write(world, who, calendar, event_id, None, body, given, how)


def change(
    world: World,
    who: Principal,
    calendar: Calendar,
    row: Row,
    wanted: Resource,
    given: Resource,
    how: Write,
) -> Row:
    """Make the organizer's event what is `wanted`; `given` is the body as it was sent.

    One instance of a series becomes an exception. Reminders alone change neither `updated` nor the
    etag; a cancelled status cancels.
    """
    body = _checked(calendar, wanted, row.body)
    body |= {name: row.body[name] for name in _FIXED if name in row.body}
    body["sequence"] = _sequence(row.body, body, given, calendar.zone)
    if (row.body.get("creator") or {}).get("email") != who.email:
        body = _with_former(body, row.body, "source")
    series.check_instance(body)
    body = guests.with_fresh_answers(body, row.body, calendar.id)
    if set(given) == {"reminders"} and load(world.store, calendar.id, row.id) is not None:
        kept = {n: v for n, v in row.body.items() if n not in ("reminders", "_reminders")}
        return put_quietly(world, row, {**kept, **with_reminders(body, row.body, who.email)})
    if body["status"] == "cancelled":
        return cancel(world, calendar, row, how.send_updates)
    body = with_reminders(body, row.body, who.email)
    is_tighter = _keeps_series_visibility(row.body, body)
    changed = _write(world, who, calendar, row.id, row, body, given, how)
    if is_tighter:
        _close_series(world, who, calendar, changed, how)
    return changed


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


def organizer_of(world: World, calendar: Calendar) -> Resource:
    """Return the organizer of the events of a calendar; a secondary one shows its own name."""
    if calendar.is_primary:
        return person(world, calendar.id)
    return {"email": calendar.id, "displayName": calendar.name}


def person(world: World, email: str) -> Resource:
    """Return somebody as creator or organizer: {"email"[, "displayName"]}."""
    account = world.account(email)
    return {"email": email, "displayName": account.name} if account else {"email": email}


def _checked(calendar: Calendar, wanted: Resource, before: Resource | None) -> Resource:
    body = shapes.checked(wanted, zone=calendar.zone, before=before)
    body = kinds.checked(body, is_primary=calendar.is_primary, before=before)
    label = body.get("eventLabelId")
    known = (calendar.body.get("labelProperties") or {}).get("eventLabels") or []
    if label and label not in {entry.get("id") for entry in known}:
        raise errors.invalid("Invalid event label id.")
    return body


def _write(
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
    old = before.body if before else None
    outcome = conference.Outcome((old or {}).get("conferenceData"))
    if how.conference_version >= 1:
        outcome = minting.written(world, who, calendar, outcome.data, given)
    if outcome.data:
        body["conferenceData"] = outcome.data
    if outcome.is_asked:
        body["_asked_by"] = who.email
    elif old and "_asked_by" in old:
        body["_asked_by"] = old["_asked_by"]
    asked_at = None
    if conference.is_pending(outcome.data):
        now = world.now().timestamp()
        asked_at = now if outcome.is_asked else minting.waiting_since(world, before)
    row = put(world, calendar, event_id, body, asked_at=asked_at)
    if outcome.is_asked and minting.is_instant(world):
        row = minting.settled(world, calendar, row)
    answered = machines.answered(world, calendar, row, old)
    if answered != (row.body.get("attendees") or []):
        body = {**row.body, "attendees": answered}
        row = put(world, calendar, event_id, body, asked_at=row.asked_at)
    guests.spread(world, row)
    if before is not None:
        series.follow(world, calendar, before, row)
    guest_mail.tell_guests(world, calendar, old, row.body, how.send_updates)
    machines.decline_instances(world, calendar, row, old)
    machines.decline_existing(world, calendar, row, old)
    return row


def _keeps_series_visibility(before: Resource, body: Resource) -> bool:
    """Undo a less restrictive visibility of one instance; say whether it is more restrictive."""
    if "recurringEventId" not in before:
        return False
    was, wanted = (series.restriction(event.get("visibility")) for event in (before, body))
    if wanted < was:
        body.pop("visibility", None)
        body |= {name: before[name] for name in ("visibility",) if name in before}
    return wanted > was


def _close_series(
    world: World, who: Principal, calendar: Calendar, instance: Row, how: Write
) -> None:
    """Give a whole series the more restrictive visibility of one of its instances."""
    whole = load(world.store, calendar.id, str(instance.body["recurringEventId"]))
    if whole is None:
        return
    given = {"visibility": instance.body["visibility"]}
    wanted = {**editable(whole.body, who.email), **given}
    change(world, who, calendar, whole, wanted, given, Write())


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


def _with_former(body: Resource, before: Resource, name: str) -> Resource:
    kept = {key: value for key, value in body.items() if key != name}
    return {**kept, **({name: before[name]} if name in before else {})}


def _with_own_yes(body: Resource) -> Resource:
    """An organizer who stands on the own guest list has accepted."""
    organizer = body["organizer"]["email"]
    mine = own_entry(body, organizer)
    if mine is None or mine["responseStatus"] != "needsAction":
        return body
    return guests.with_answer(body, organizer, {"responseStatus": "accepted"})
