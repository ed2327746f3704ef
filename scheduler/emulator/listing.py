"""events.list and events.instances: one page of what a caller may see, and sync tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

from scheduler.emulator import errors, instances, searching, user_settings
from scheduler.emulator.calendar import Calendar, find, opened
from scheduler.emulator.calendar_list import default_reminders
from scheduler.emulator.errors import Resource
from scheduler.emulator.moments import rfc3339_millis
from scheduler.emulator.placement import instance_id
from scheduler.emulator.rows import Row, load
from scheduler.emulator.sealing import epoch_of, seal, unseal
from scheduler.emulator.selection import Changes, Place, Query, rows_after
from scheduler.emulator.views import deleted_stub, own_entry, shown
from scheduler.emulator.world import Principal, World

FORBIDDEN_WITH_TOKEN = (
    "iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin",
    "timeMax", "updatedMin",
)  # fmt: skip

_ROUNDS_MOST = 10
"""A search looks through this many pages' worth of events before it answers with what it has:
"the number of events in the resulting page may be less than this value, or none at all"."""


def list_events(world: World, who: Principal, calendar_id: str, query: Query) -> Resource:
    """Return one page of events; the last page carries `nextSyncToken`."""
    calendar, role = opened(world, who, calendar_id, "freeBusyReader")
    if not query.show_hidden_invitations:
        hides = user_settings.hides_invitations(world, calendar.id)
        query = replace(query, hides_invitations=hides)
    seal = _Seal(world, calendar, who, role)
    token = seal.sync(query)
    low, high = (token["low"], token["high"]) if token else (query.time_min, query.time_max)
    if query.single_events:
        instances.expand(world, [calendar], high)
        calendar = find(world, calendar.id) or calendar
    page = seal.page(query)
    upto = int(page["upto"]) if page else calendar.change
    changes = Changes(since=int(token["since"]), upto=upto, low=low, high=high) if token else None
    items, ahead = _items(world, who, calendar, role, query, changes, _place(page))
    answer = _head(world, who, calendar, role, query) | {"items": items}
    if ahead is not None:
        return answer | {"nextPageToken": seal.next_page(query, upto, ahead)}
    if query.may_sync():
        kept = {"since": upto, "kept": query.kept_by_token(), "low": low, "high": high}
        return answer | {"nextSyncToken": seal.closed(kept)}
    return answer


def list_instances(
    world: World, who: Principal, calendar_id: str, event_id: str, query: Query
) -> Resource:
    """Return the instances of a series, changed and (with showDeleted) cancelled ones in place."""
    calendar, role = opened(world, who, calendar_id, "freeBusyReader")
    series = load(world.store, calendar.id, event_id)
    if series is None or not series.body.get("recurrence"):
        raise errors.not_found()
    query = replace(query, series=series.id)
    instances.expand(world, [calendar], query.time_max)
    if query.original_start is not None:
        start = instances.original_start(series, calendar, query.original_start)
        instances.expand(world, [calendar], start)
        query = replace(query, original_start=instance_id(series, calendar.zone, start))
    seal = _Seal(world, calendar, who, role)
    page = seal.page(query)
    items, ahead = _items(world, who, calendar, role, query, None, _place(page))
    answer = _head(world, who, calendar, role, query) | {"items": items}
    return answer if ahead is None else answer | {"nextPageToken": seal.next_page(query, 0, ahead)}


class _Seal:
    """Signed tokens, good for one calendar and one caller in one role.

    Sync tokens end with "changes in related ACLs" as well, says Google's guide: hence the role.
    """

    def __init__(self, world: World, calendar: Calendar, who: Principal, role: str) -> None:
        self._key = world.store.secret("token key")
        self._scope = [calendar.id, who.email, role, epoch_of(world)]

    def closed(self, content: Resource) -> str:
        return seal(self._key, {**content, "scope": self._scope})

    def sync(self, query: Query) -> Resource | None:
        """Return what the call's sync token carries; 410 for any but one of ours for this very list."""
        if query.sync_token is None:
            return None
        content = unseal(self._key, query.sync_token)
        if content is None or content.get("scope") != self._scope or "since" not in content:
            raise errors.full_sync_required()
        if content["kept"] != query.kept_by_token():
            raise errors.full_sync_required()
        return content

    def next_page(self, query: Query, upto: int, place: Place) -> str:
        return self.closed({"upto": upto, "after": place, "query": _digest(query)})

    def page(self, query: Query) -> Resource | None:
        """Return what the call's page token carries; it goes with "the exact same request"."""
        if query.page_token is None:
            return None
        content = unseal(self._key, query.page_token)
        if content is None or content.get("scope") != self._scope:
            raise errors.invalid("Invalid page token value.", "pageToken")
        if content.get("query") != _digest(query):
            raise errors.invalid("Invalid page token value.", "pageToken")
        return content


def _digest(query: Query) -> str:
    """Return what a page token is bound to; the size of pages and their looks may change."""
    same = replace(query, page_token=None, max_results=1, max_attendees=None, time_zone=None)
    return hashlib.sha256(repr(same).encode()).hexdigest()[:16]


def _place(page: Resource | None) -> Place | None:
    return (page["after"][0], page["after"][1]) if page else None


def _items(
    world: World,
    who: Principal,
    calendar: Calendar,
    role: str,
    query: Query,
    changes: Changes | None,
    place: Place | None,
) -> tuple[list[Resource], Place | None]:
    """Return the events of one page, and the place after which the next one begins, if there is one."""
    look = _look(world, who, calendar, role, query, changes)
    items: list[Resource] = []
    for _ in range(_ROUNDS_MOST):
        batch = rows_after(world, calendar, query, changes, place, query.size + 1)
        for number, found in enumerate(batch[: query.size], start=1):
            place = found.place
            event = look(found.row)
            if event is not None:
                items.append(event)
            if len(items) == query.size:
                return items, place if number < len(batch) else None
        if len(batch) <= query.size:
            return items, None
    return items, place


def _look(
    world: World,
    who: Principal,
    calendar: Calendar,
    role: str,
    query: Query,
    changes: Changes | None,
) -> Callable[[Row], Resource | None]:
    """Return the function that shows a row to the caller, or None for what they may not find.

    Texts and properties are searched as the caller sees them: a hidden title is not found.
    """

    def show(row: Row, max_attendees: int | None) -> Resource:
        return shown(
            row,
            calendar,
            role,
            base_url=world.settings.base_url,
            viewer=who.email,
            time_zone=query.time_zone,
            max_attendees=max_attendees,
        )

    def look(row: Row) -> Resource | None:
        if query.hides_invitations and _is_unanswered(row, calendar):
            # Who follows a sync token may know it from before.
            return None if changes is None else deleted_stub(row)
        if not (query.text or query.private or query.shared):
            return show(row, query.max_attendees)
        whole = show(row, None)
        if not searching.is_found(whole, query.text or "", query.private, query.shared):
            return None
        return show(row, query.max_attendees)

    return look


def _is_unanswered(row: Row, calendar: Calendar) -> bool:
    mine = own_entry(row.body, calendar.id) if row.is_copy and row.status != "cancelled" else None
    return mine is not None and mine["responseStatus"] == "needsAction"


def _head(world: World, who: Principal, calendar: Calendar, role: str, query: Query) -> Resource:
    newest = world.store.one(
        "SELECT max(updated) AS at FROM event WHERE calendar_id = ?", calendar.id
    )
    return {
        "kind": "calendar#events",
        "etag": f'"p{calendar.change:020d}"',
        "summary": calendar.body["summary"],
        "description": calendar.body.get("description", ""),
        "updated": (newest["at"] if newest else None) or rfc3339_millis(world.now()),
        "timeZone": query.time_zone or calendar.zone,
        "accessRole": role,
        "defaultReminders": default_reminders(world, who.email, calendar),
    }
