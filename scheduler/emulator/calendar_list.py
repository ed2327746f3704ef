"""The calendars on a person's list, and how they look there: the rules of calendarList."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from scheduler.emulator import collection, errors
from scheduler.emulator.calendar import (
    LEVELS,
    Calendar,
    etag_of,
    from_sql,
    is_at_least,
    next_change,
    opened,
    refuse_changed,
    role_for,
)
from scheduler.emulator.collection import Entry, Paging
from scheduler.emulator.errors import Resource
from scheduler.emulator.list_settings import FRESH, WRITABLE, merged
from scheduler.emulator.store import dumps
from scheduler.emulator.world import Principal, World

_OF_THE_CALENDAR = (
    "summary", "description", "location", "timeZone", "conferenceProperties",
    "autoAcceptInvitations", "dataOwner",
)  # fmt: skip
_ROWS = (
    "SELECT l.change AS list_change, l.deleted AS list_deleted, l.body AS list_body, c.*"
    " FROM listed l JOIN calendar c ON c.id = l.calendar_id WHERE l.email = ?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The filters of calendarList.list; None where the caller says nothing."""

    min_access_role: str | None = None
    show_deleted: bool | None = None
    show_hidden: bool | None = None
    show_own_organization_only: bool | None = None


def list_entries(world: World, who: Principal, wanted: Wanted, paging: Paging) -> Resource:
    """Return a page of the list, the primary calendar first; the last page carries nextSyncToken.

    With a sync token "all entries deleted and hidden" are in the result, and the filters that would
    leave something out are refused with 400.
    """
    if wanted.min_access_role is not None and wanted.min_access_role not in LEVELS[1:]:
        raise errors.invalid(
            f"Invalid value for: {wanted.min_access_role} is not a valid value", "minAccessRole"
        )
    if paging.is_sync:
        _refuse_with_token(wanted)
    own = _organization(world, who.email)

    def is_wanted(entry: Resource) -> bool:
        if entry.get("deleted"):
            return paging.is_sync or bool(wanted.show_deleted)
        if entry.get("hidden") and not (paging.is_sync or wanted.show_hidden):
            return False
        if wanted.show_own_organization_only and own != _organization(world, _owner(entry)):
            return False
        return wanted.min_access_role is None or is_at_least(
            entry["accessRole"], wanted.min_access_role
        )

    answer = collection.page_of(
        world, who, f"calendarList {who.email}", _entries(world, who.email), paging, is_wanted
    )
    return {"kind": "calendar#calendarList", **answer}


def get(world: World, who: Principal, calendar_id: str) -> Resource:
    """Return one entry of the caller's list."""
    return _entry(world, who.email, _own_row(world, who, calendar_id))


def insert(world: World, who: Principal, given: Resource, *, is_rgb: bool) -> Resource:
    """Put a calendar that the caller can see onto their list; one that stands there is changed."""
    if not given.get("id"):
        raise errors.required("Missing calendar id.")
    calendar, _ = opened(world, who, str(given["id"]), "freeBusyReader")
    row = _find(world, who.email, calendar.id)
    before = json.loads(row["list_body"]) if row and not row["list_deleted"] else {}
    put(world, who.email, calendar.id, merged(before, given, is_rgb=is_rgb))
    return get(world, who, calendar.id)


def patch(
    world: World,
    who: Principal,
    calendar_id: str,
    given: Resource,
    *,
    is_rgb: bool,
    if_match: str | None = None,
) -> Resource:
    """Change how a calendar looks on the caller's list."""
    row = _own_row(world, who, calendar_id)
    refuse_changed(_entry(world, who.email, row)["etag"], if_match)
    put(world, who.email, row["id"], merged(json.loads(row["list_body"]), given, is_rgb=is_rgb))
    return get(world, who, calendar_id)


def update(
    world: World,
    who: Principal,
    calendar_id: str,
    given: Resource,
    *,
    is_rgb: bool,
    if_match: str | None = None,
) -> Resource:
    """Replace what the caller may set; what is absent is as on a calendar just added, but the colour."""
    colours = ("colorId", "backgroundColor", "foregroundColor")
    blank = dict.fromkeys(name for name in WRITABLE if name not in colours)
    return patch(world, who, calendar_id, {**blank, **given}, is_rgb=is_rgb, if_match=if_match)


def delete(world: World, who: Principal, calendar_id: str, *, if_match: str | None = None) -> None:
    """Take a calendar off the caller's list; the calendar itself stays, the primary one too."""
    row = _own_row(world, who, calendar_id)
    refuse_changed(_entry(world, who.email, row)["etag"], if_match)
    if row["is_primary"] and row["owner"] == who.email:
        raise errors.Refused(403, "forbidden", "Forbidden")
    _take_off(world, who.email, row["id"])


def put(world: World, email: str, calendar_id: str, body: Resource) -> None:
    """Write what one person has set for one calendar."""
    world.store.run(
        "INSERT OR REPLACE INTO listed (email, calendar_id, change, deleted, body) VALUES (?, ?, ?, 0, ?)",
        email,
        calendar_id,
        next_change(world, f"list {email}"),
        dumps(body),
    )
    world.ring("calendarList", email)


def take_off_all(world: World, calendar_id: str) -> None:
    """Take a calendar that is no more off everybody's list."""
    for email in _on_whose_list(world, calendar_id):
        _take_off(world, email, calendar_id)


def take_off_the_blind(world: World, calendar_id: str) -> None:
    """Take a calendar off the lists of those who have just lost their access to it."""
    for email in _on_whose_list(world, calendar_id):
        if role_for(world, email, calendar_id) == "none":
            _take_off(world, email, calendar_id)


def default_reminders(world: World, email: str, calendar: Calendar) -> list[Resource]:
    """Return the default reminders that somebody has on a calendar: [{"method", "minutes"}]."""
    row = _find(world, email, calendar.id)
    if row is None or row["list_deleted"]:
        return []
    found: list[Resource] = json.loads(row["list_body"]).get("defaultReminders") or []
    return found


def _refuse_with_token(wanted: Wanted) -> None:
    """ "minAccessRole and showOwnOrganizationOnly … cannot be specified together with nextSyncToken"."""
    refused = {
        "minAccessRole": wanted.min_access_role is not None,
        "showOwnOrganizationOnly": wanted.show_own_organization_only is not None,
        "showDeleted": wanted.show_deleted is False,
        "showHidden": wanted.show_hidden is False,
    }
    for name, is_refused in refused.items():
        if is_refused:
            raise errors.invalid("Sync token cannot be used with other query restrictions.", name)


def _entries(world: World, email: str) -> Iterator[Entry]:
    for row in world.store.all(_ROWS, email):
        item = _entry(world, email, row)
        order = (0 if item.get("primary") else 1, row["id"])
        yield Entry(change=row["list_change"], order=order, item=item)


def _entry(world: World, email: str, row: sqlite3.Row) -> Resource:
    """Return the calendarListEntry of one person: the calendar's own fields and the person's."""
    calendar = from_sql(row)
    if row["list_deleted"]:
        gone = {"kind": "calendar#calendarListEntry", "id": calendar.id, "deleted": True}
        return {**gone, "etag": etag_of([gone, row["list_change"]])}
    shown = {name: calendar.body[name] for name in _OF_THE_CALENDAR if name in calendar.body}
    if not calendar.is_primary:
        shown["dataOwner"] = calendar.owner
    shown |= {**FRESH, **json.loads(row["list_body"])}
    shown["accessRole"] = role_for(world, email, calendar.id)
    if calendar.is_primary and calendar.owner == email:
        shown["primary"] = True
    return {
        "kind": "calendar#calendarListEntry",
        "etag": etag_of([shown, row["list_change"]]),
        "id": calendar.id,
        **shown,
    }


def _own_row(world: World, who: Principal, calendar_id: str) -> sqlite3.Row:
    """Return what the caller's list has of a calendar; 404 for one that is not on it."""
    calendar, _ = opened(world, who, calendar_id, "freeBusyReader")
    row = _find(world, who.email, calendar.id)
    if row is None or row["list_deleted"]:
        raise errors.not_found()
    return row


def _find(world: World, email: str, calendar_id: str) -> sqlite3.Row | None:
    return world.store.one(f"{_ROWS} AND l.calendar_id = ?", email, calendar_id)


def _on_whose_list(world: World, calendar_id: str) -> list[str]:
    rows = world.store.all(
        "SELECT email FROM listed WHERE calendar_id = ? AND deleted = 0", calendar_id
    )
    return [row["email"] for row in rows]


def _take_off(world: World, email: str, calendar_id: str) -> None:
    world.store.run(
        "UPDATE listed SET deleted = 1, change = ?, body = '{}' WHERE email = ? AND calendar_id = ?",
        next_change(world, f"list {email}"),
        email,
        calendar_id,
    )
    world.ring("calendarList", email)


def _owner(entry: Resource) -> str:
    return str(entry.get("dataOwner") or entry["id"])


def _organization(world: World, email: str) -> str | None:
    account = world.account(email)
    return account.hd if account else None
