"""Answers that nobody types: rooms take or refuse a booking, absent people decline."""

from __future__ import annotations

from datetime import timedelta

from scheduler.emulator import answers, instances, kinds, placement
from scheduler.emulator.calendar import Calendar, find
from scheduler.emulator.errors import Resource
from scheduler.emulator.guests import is_same_time
from scheduler.emulator.rows import Row
from scheduler.emulator.views import own_entry
from scheduler.emulator.world import World

LOOK_AHEAD = timedelta(days=365)
"""How far a series is compared with what else stands on a calendar."""

DECLINED: Resource = {"responseStatus": "declined"}


def answered(
    world: World, calendar: Calendar, event: Row, before: Resource | None
) -> list[Resource]:
    """Return the guest list of an event with the answers of machines to a new or moved invitation.

    A room accepts when it is free and declines when it is taken ("autoAcceptInvitations"); focus
    time and out of office "automatically decline" what conflicts. A series is declined as a whole
    only if all of it conflicts; otherwise `decline_instances` takes out the instances that do.
    """
    guests: list[Resource] = event.body.get("attendees") or []
    return [
        _answered(world, calendar, event, guest)
        if _is_asked(world, event.body, guest, before)
        else guest
        for guest in guests
    ]


def decline_instances(
    world: World, calendar: Calendar, series: Row, before: Resource | None
) -> None:
    """Decline the instances of a new or moved series that conflict, one by one."""
    if not series.body.get("recurrence"):
        return
    spans = _spans(world, calendar, series)
    for guest in series.body.get("attendees") or []:
        if guest["responseStatus"] != "declined" and _is_asked(world, series.body, guest, before):
            for span, said in _refusals(world, series, spans, guest["email"]):
                answers.answer(world, calendar.id, span.id, guest["email"], said, "none")


def decline_existing(world: World, calendar: Calendar, row: Row, before: Resource | None) -> None:
    """Decline the invitations already there when an absence is put above them that says so."""
    if kinds.declines(row.body) != "all":
        return
    if before and kinds.declines(before) == "all" and is_same_time(before, row.body):
        return
    said = _refusal(row.body)
    for span in _spans(world, calendar, row):
        for other in instances.between(world, calendar, span.starts, span.ends):
            mine = own_entry(other.body, calendar.id)
            if other.is_copy and mine and mine["responseStatus"] != "declined":
                answers.answer(world, other.master, other.id, calendar.id, said)


def _is_asked(world: World, body: Resource, guest: Resource, before: Resource | None) -> bool:
    """Say whether the invitation is news for somebody for whom a machine may answer."""
    is_known = (
        before is not None
        and before.get("status") != "cancelled"
        and is_same_time(before, body)
        and own_entry(before, guest["email"]) is not None
    )
    return not is_known and world.account(guest["email"]) is not None


def _answered(world: World, calendar: Calendar, event: Row, guest: Resource) -> Resource:
    spans = _spans(world, calendar, event)
    refusals = _refusals(world, event, spans, guest["email"])
    is_declined = bool(refusals) and len(refusals) == len(spans)
    if is_declined:
        guest = {**guest, **refusals[0][1]}
    if _is_room(world, guest["email"]):
        answer = "declined" if is_declined else "accepted"
        return {**guest, "resource": True, "responseStatus": answer}
    return guest


def _refusals(world: World, event: Row, spans: list[Row], email: str) -> list[tuple[Row, Resource]]:
    """Return which instances of an event somebody cannot take, with the answer to each."""
    calendar = find(world, email)
    if calendar is None or not spans:
        return []
    first, last = min(span.starts for span in spans), max(span.ends for span in spans)
    others = [
        other
        for other in instances.between(world, calendar, first, last)
        if _series_of(other) != _series_of(event) and placement.is_busy(other.body, email)
    ]
    is_room = bool(others) and _is_room(world, email)
    found = []
    for span in spans:
        clashing = [o for o in others if o.starts < span.ends and o.ends > span.starts]
        refusing = [o for o in clashing if is_room or kinds.declines(o.body)]
        if refusing:
            found.append((span, _refusal(refusing[0].body)))
    return found


def _refusal(absence: Resource) -> Resource:
    message = kinds.decline_message(absence)
    return {**DECLINED, **({"comment": message} if message else {})}


def _is_room(world: World, email: str) -> bool:
    account = world.account(email)
    return account is not None and account.kind == "room"


def _spans(world: World, calendar: Calendar, event: Row) -> list[Row]:
    """Return an event, or the instances of a series from now on."""
    if not event.body.get("recurrence"):
        return [event]
    first = max(event.starts, int(world.now().timestamp()))
    last = first + int(LOOK_AHEAD.total_seconds())
    found = instances.between(world, calendar, first, last)
    return [one for one in found if _series_of(one) == event.id]


def _series_of(row: Row) -> str:
    return row.id.partition("_")[0]
