"""What guests answer: on the organizer's event, on every copy, in the organizer's mail."""

from __future__ import annotations

from scheduler.emulator import errors, guest_mail, guests, instances, minting
from scheduler.emulator.calendar import find
from scheduler.emulator.errors import Resource
from scheduler.emulator.parts import RESPONSES
from scheduler.emulator.rows import put, select
from scheduler.emulator.views import own_entry
from scheduler.emulator.world import World


def answer(
    world: World,
    organizer_calendar: str,
    event_id: str,
    email: str,
    response: Resource,
    send_updates: str = "all",
) -> None:
    """Record a guest's answer on the organizer's event, on all copies, and mail the organizer.

    `event_id` may name one instance of a series: it becomes an exception. `response` is
    {"responseStatus"[, "comment", "additionalGuests"]}.
    """
    calendar = find(world, organizer_calendar)
    row = instances.located(world, calendar, event_id) if calendar else None
    mine = own_entry(row.body, email) if row else None
    if calendar is None or row is None or mine is None or row.status == "cancelled":
        return
    if {**mine, **response} == mine:
        return
    body = guests.with_answer(row.body, email, response)
    asked_at = minting.waiting_since(world, row)
    changed = put(world, calendar, event_id, body, asked_at=asked_at)
    guests.spread(world, changed)
    if mine.get("responseStatus") != response.get("responseStatus") and send_updates != "none":
        guest_mail.tell_organizer(world, calendar, changed.body, email)


def rsvp(world: World, email: str, event_id: str, response: str, comment: str = "") -> bool:
    """Answer as the guest does in their own calendar or from the mail; False without an invitation."""
    if response not in RESPONSES:
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
