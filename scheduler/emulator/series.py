"""A series and the instances that were changed one by one: what a change of the series does to them."""

from __future__ import annotations

from scheduler.emulator import errors, guests, instances
from scheduler.emulator.calendar import Calendar, find
from scheduler.emulator.errors import Resource
from scheduler.emulator.rows import Row, put, select
from scheduler.emulator.views import guest_copy
from scheduler.emulator.world import World

_OFF_SERIES = "_off_series"
"""Marks what is left of an exception whose time the series no longer has."""

_SERIES = "recurringEventId"
_OWN = ("id", "status", _SERIES, "originalStartTime", "created", "updated", "sequence")
"""What an exception has for itself, whatever the series says."""

_RESTRICTION = {"public": 0, "default": 1, "private": 2, "confidential": 2}


def follow(world: World, calendar: Calendar, before: Row, after: Row) -> None:
    """Bring the exceptions of a changed series up to date.

    What an exception did not change for itself it takes from the series. An exception at a time
    that the rule no longer has is gone, and back as an instance once the rule has it again.
    """
    if not before.body.get("recurrence"):
        return
    found = instances.exceptions(world, calendar, before.id)
    for exception in found:
        instance = _instance(after, calendar, exception.id)
        if instance is None:
            if _OFF_SERIES not in exception.body:
                _drop(world, calendar, exception)
        elif _OFF_SERIES in exception.body:
            guests.spread(world, put(world, calendar, exception.id, instance.body))
        else:
            was = _instance(before, calendar, exception.id)
            body = _followed(was.body if was else before.body, exception.body, instance.body)
            if body != exception.body:
                asked_at = exception.asked_at
                guests.spread(world, put(world, calendar, exception.id, body, asked_at=asked_at))
    _follow_on_copies(world, calendar, after, {exception.id for exception in found})


def check_instance(body: Resource) -> None:
    """ "This field is omitted for … instances of recurring events": one instance cannot recur."""
    if body.get(_SERIES) and body.get("recurrence"):
        raise errors.invalid("An instance of a recurring event cannot have a recurrence.")


def restriction(visibility: str | None) -> int:
    """Return how closed a visibility is: more is more restrictive.

    "Changing the visibility of a single instance … can affect all instances … If the new setting
    is more restrictive, it is applied to all instances. If … less restrictive, it is ignored."
    """
    return _RESTRICTION.get(visibility or "default", _RESTRICTION["default"])


def _instance(series: Row, calendar: Calendar, instance_id: str) -> Row | None:
    if series.status == "cancelled" or not series.body.get("recurrence"):
        return None
    return instances.find(series, calendar, instance_id)


def _drop(world: World, calendar: Calendar, exception: Row) -> None:
    """A time that a series no longer has is a deleted event, not a cancelled instance of it."""
    body = {**guests.off_series(exception.body), "status": "cancelled", _OFF_SERIES: True}
    guests.spread(world, put(world, calendar, exception.id, body))


def _followed(was: Resource, exception: Resource, now: Resource) -> Resource:
    body = dict(exception)
    for name in {*was, *now}:
        if name in _OWN or name.startswith("_"):
            continue
        if name == "attendees":
            body[name] = _guests(was, exception, now)
        elif exception.get(name) == was.get(name) and name in now:
            body[name] = now[name]
        elif exception.get(name) == was.get(name):
            body.pop(name, None)
    if not body.get("attendees"):
        body.pop("attendees", None)
    return body


def _guests(was: Resource, exception: Resource, now: Resource) -> list[Resource]:
    """Return an exception's guests: who came to or left the series comes or leaves here, too."""
    old, here, new = (
        {guest["email"]: guest for guest in event.get("attendees") or []}
        for event in (was, exception, now)
    )
    kept = {
        email: new.get(email, guest) if guest == old.get(email) else guest
        for email, guest in here.items()
        if email in new or email not in old
    }
    return list((kept | {e: g for e, g in new.items() if e not in old and e not in here}).values())


def _follow_on_copies(world: World, calendar: Calendar, series: Row, exceptions: set[str]) -> None:
    """Bring instances up to date that differ on a guest's copy only, e.g. by their reminders."""
    rows = select(
        world.store,
        "master = ? AND id > ? AND id < ?",
        calendar.id,
        f"{series.id}_",
        f"{series.id}`",
    )
    for row in rows:
        theirs = find(world, row.calendar_id)
        is_cancelled = row.status == "cancelled"
        if theirs is None or row.id in exceptions or (is_cancelled and _SERIES in row.body):
            continue
        instance = _instance(series, calendar, row.id)
        if is_cancelled and instance is None:
            continue
        body = {**guests.off_series(row.body), "status": "cancelled"}
        if instance is not None:
            body = guest_copy(instance.body, theirs.id, row.body.get("_own") or {})
        put(world, theirs, row.id, body, master=calendar.id)
