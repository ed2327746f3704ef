"""Making, changing and deleting calendars: the rules of calendars.*."""

from __future__ import annotations

import secrets

from scheduler.emulator import (
    calendar_list,
    errors,
    events,
    labels,
    list_settings,
    masters,
    working_hours,
)
from scheduler.emulator.calendar import (
    Calendar,
    etag_of,
    find,
    grant,
    is_at_least,
    opened,
    refuse_changed,
)
from scheduler.emulator.conference import MEET
from scheduler.emulator.errors import Resource
from scheduler.emulator.masters import Write
from scheduler.emulator.moments import zone
from scheduler.emulator.rows import select
from scheduler.emulator.store import dumps
from scheduler.emulator.world import Principal, World

_TEXTS = ("summary", "description", "location")
_WRITABLE = (
    *_TEXTS, "timeZone", "workingHours", "conferenceProperties", "labelProperties",
    "autoAcceptInvitations",
)  # fmt: skip
_CONFERENCE_TYPES = ("eventHangout", "eventNamedHangout", MEET, "addOn")


def get(world: World, who: Principal, calendar_id: str) -> Resource:
    """Return a calendar's metadata; working hours for those whom the switch lets see them [?]."""
    calendar, role = opened(world, who, calendar_id, "freeBusyReader")
    shown = resource(calendar)
    if not is_at_least(role, world.switches.working_hours_role):
        shown.pop("workingHours", None)
    return shown


def insert(world: World, who: Principal, given: Resource) -> Resource:
    """Create a secondary calendar; "the authenticated user … is made the data owner"."""
    account = world.account(who.email)
    blank = {
        "timeZone": account.zone if account else "UTC",
        "conferenceProperties": {"allowedConferenceSolutionTypes": [MEET]},
    }
    given = {name: value for name, value in given.items() if value is not None}
    calendar_id = f"c_{secrets.token_hex(32)}@group.calendar.google.com"
    draft = Calendar(id=calendar_id, owner=who.email, is_primary=False, change=0, body=blank)
    body = {**_changed(draft, given), "_by_app": True}
    create(world, calendar_id, who.email, body, is_primary=False)
    return resource(_must(world, calendar_id))


def patch(
    world: World, who: Principal, calendar_id: str, given: Resource, if_match: str | None = None
) -> Resource:
    """Change what is named; null clears a text, and leaves zone, hours and conferences as they are."""
    calendar, _ = opened(world, who, calendar_id, "writer")
    refuse_changed(resource(calendar)["etag"], if_match)
    body = _changed(calendar, given)
    world.store.run("UPDATE calendar SET body = ? WHERE id = ?", dumps(body), calendar.id)
    changed = _must(world, calendar.id)
    if not changed.is_primary and changed.name != calendar.name:
        _rename_organizer(world, changed)
    return resource(changed)


def update(
    world: World, who: Principal, calendar_id: str, given: Resource, if_match: str | None = None
) -> Resource:
    """Replace the texts; "if not specified" labels and working hours "remain unchanged"."""
    blank = dict.fromkeys(_TEXTS)
    return patch(world, who, calendar_id, {**blank, **given}, if_match)


def delete(world: World, who: Principal, calendar_id: str, if_match: str | None = None) -> None:
    """Delete a secondary calendar with its events; guests lose their copies, nobody is mailed."""
    calendar, _ = opened(world, who, calendar_id, "owner")
    if calendar.is_primary:
        raise errors.Refused(
            403, "cannotDeletePrimaryCalendar", "Cannot delete primary calendar.", domain="calendar"
        )
    refuse_changed(resource(calendar)["etag"], if_match)
    remove(world, calendar)


def clear(world: World, who: Principal, calendar_id: str) -> None:
    """Delete "all events associated with the primary calendar of an account"; nobody is mailed."""
    calendar, _ = opened(world, who, calendar_id, "owner")
    if not calendar.is_primary:
        raise errors.invalid("Only primary calendars can be cleared.")
    for row in select(world.store, "calendar_id = ? AND status <> 'cancelled'", calendar.id):
        try:
            events.delete(world, who, calendar.id, row.id, Write(send_updates="none"))
        except errors.Refused as gone:
            if gone.code != 410:
                raise


def transfer_ownership(
    world: World, who: Principal, calendar_id: str, new_owner: str, *, use_admin_access: bool
) -> None:
    """Give a secondary calendar another data owner in the same organization (since July 2026).

    "Requires … Manage Calendars administrator privilege … set useAdminAccess to true"; a calendar of
    a service account cannot be transferred. The former owner keeps the role "owner" [?].
    """
    if not use_admin_access:
        raise errors.invalid("Only useAdminAccess=true is supported.", "useAdminAccess")
    admin, target = world.account(who.email), world.account(new_owner)
    if admin is None or admin.kind != "admin":
        raise errors.Refused(403, "forbidden", "Forbidden")
    calendar = find(world, calendar_id.lower())
    owner = world.account(calendar.owner) if calendar else None
    if calendar is None or owner is None or owner.hd != admin.hd:
        raise errors.not_found()
    if calendar.is_primary:
        raise errors.invalid("Only secondary calendars can be transferred.")
    if target is None or target.hd != admin.hd or target.kind == "room":
        raise errors.invalid("Invalid new data owner.", "newDataOwner")
    world.store.run("UPDATE calendar SET owner = ? WHERE id = ?", target.email, calendar.id)
    grant(world, calendar.id, "user", target.email, "owner")
    calendar_list.put(world, target.email, calendar.id, list_settings.OF_OWN_MAKING)


def resource(calendar: Calendar) -> Resource:
    """Return the Calendar resource; `dataOwner` is "set only for secondary calendars"."""
    shown = {name: value for name, value in calendar.body.items() if not name.startswith("_")}
    if not calendar.is_primary:
        shown["dataOwner"] = calendar.owner
    return {"kind": "calendar#calendar", "etag": etag_of(shown), "id": calendar.id, **shown}


def create(world: World, calendar_id: str, owner: str, body: Resource, *, is_primary: bool) -> None:
    """Write a new calendar, which its data owner may do anything with and finds on the own list."""
    world.store.run(
        "INSERT INTO calendar (id, owner, is_primary, body) VALUES (?, ?, ?, ?)",
        calendar_id,
        owner,
        int(is_primary),
        dumps(body),
    )
    grant(world, calendar_id, "user", owner, "owner")
    looks = list_settings.OF_PRIMARY if is_primary else list_settings.OF_OWN_MAKING
    calendar_list.put(world, owner, calendar_id, looks)


def remove(world: World, calendar: Calendar) -> None:
    """Let a calendar be gone: its events, its place on lists, and its channels without a word."""
    for row in select(world.store, "calendar_id = ? AND status <> 'cancelled'", calendar.id):
        if not row.is_copy:
            masters.cancel(world, calendar, row, "none")
    world.store.run("UPDATE calendar SET deleted = 1 WHERE id = ?", calendar.id)
    calendar_list.take_off_all(world, calendar.id)
    for kind in ("events", "acl"):
        world.store.run("DELETE FROM channel WHERE topic = ?", f"{kind} {calendar.id}")


def _changed(calendar: Calendar, given: Resource) -> Resource:
    """Return the calendar's body after a write of `given`, or refuse it with 400."""
    after = dict(calendar.body)
    for name in _WRITABLE:
        if name in given:
            value = _checked(calendar, name, given[name])
            after[name] = calendar.body.get(name) if value is None and name not in _TEXTS else value
    if not after.get("summary"):
        raise errors.required("Missing title.")
    return {name: value for name, value in after.items() if value not in (None, "")}


def _checked(calendar: Calendar, name: str, value: Resource | str | None) -> object:
    """Return one field as it is kept; None leaves it as it is, or clears a text."""
    if not value or isinstance(value, str):
        if name == "timeZone" and value:
            zone(str(value))
        return value or None
    if name == "workingHours":
        return _checked_hours(calendar, value)
    if name == "labelProperties":
        return labels.checked(value)
    if name == "conferenceProperties":
        return _checked_conferences(value)
    return calendar.body.get(name)


def _checked_hours(calendar: Calendar, value: Resource) -> Resource:
    """ "Only available for primary calendars of Google Workspace users"."""
    if not calendar.is_primary or "workingHours" not in calendar.body:
        raise errors.invalid(
            "Working hours are only available for primary calendars of Google Workspace users."
        )
    return working_hours.checked(value)


def _checked_conferences(value: Resource) -> Resource | None:
    kinds = value.get("allowedConferenceSolutionTypes")
    if kinds is None:
        return None
    if any(kind not in _CONFERENCE_TYPES for kind in kinds):
        raise errors.invalid("Invalid conference type value.")
    return {"allowedConferenceSolutionTypes": list(dict.fromkeys(kinds))}


def _rename_organizer(world: World, calendar: Calendar) -> None:
    """Show the calendar's new name as organizer on its events and their copies.

    No event changes by that: neither `updated` nor etag nor a sync tells of it.
    """
    world.store.run(
        "UPDATE event SET body = json_set(body, '$.organizer.displayName', ?)"
        " WHERE id IN (SELECT id FROM event WHERE calendar_id = ?)"
        " AND json_extract(body, '$.organizer.email') = ?",
        calendar.name,
        calendar.id,
        calendar.id,
    )


def _must(world: World, calendar_id: str) -> Calendar:
    calendar = find(world, calendar_id)
    if calendar is None:
        raise errors.not_found()
    return calendar
