"""events.list: filters, order, pages and sync tokens."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import timedelta

from scheduler.emulator import errors, instances
from scheduler.emulator.calendar import Calendar, opened
from scheduler.emulator.errors import Resource
from scheduler.emulator.moments import parse_moment, rfc3339_millis
from scheduler.emulator.rows import Row, load, select
from scheduler.emulator.store import dumps
from scheduler.emulator.views import shown
from scheduler.emulator.world import Principal, World

PAGE_SIZE, PAGE_SIZE_MAX = 250, 2500
CHANGES_KEPT = timedelta(days=28)
"""updatedMin may not lie further back; "horizon about 30 days" [L]."""

FORBIDDEN_WITH_TOKEN = (
    "iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin",
    "timeMax", "updatedMin",
)  # fmt: skip


_LIVE = (
    "(status <> 'cancelled' OR EXISTS (SELECT 1 FROM event series WHERE series.status <> 'cancelled'"
    " AND series.calendar_id = event.calendar_id"
    " AND series.id = json_extract(event.body, '$.recurringEventId')))"
)
"""Cancelled instances "will still be included if showDeleted and singleEvents are both False"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """The parameters of one list call, by their names in the reference."""

    time_min: int | None = None
    time_max: int | None = None
    updated_min: str | None = None
    ical_uid: str | None = None
    text: str | None = None
    private: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    event_types: tuple[str, ...] = ()
    order_by: str | None = None
    single_events: bool = False
    show_deleted: bool | None = None
    show_hidden_invitations: bool = False
    max_results: int = PAGE_SIZE
    max_attendees: int | None = None
    time_zone: str | None = None
    page_token: str | None = None
    sync_token: str | None = None

    def kept_by_token(self) -> list[object]:
        """Return what has to be equal on every call with the same token."""
        return [self.single_events, list(self.event_types), self.show_hidden_invitations]


def list_events(world: World, who: Principal, calendar_id: str, query: Query) -> Resource:
    """Return one page of events; the last page carries `nextSyncToken`."""
    calendar, role = opened(world, who, calendar_id, "freeBusyReader")
    seal = _Seal(world, calendar, who)
    page = seal.opened(query.page_token, errors.invalid("Invalid page token.", "pageToken"))
    since = _since(world, query, seal)
    upto = int(page["upto"]) if page else calendar.change
    offset = int(page["offset"]) if page else 0
    size = min(max(query.max_results, 1), PAGE_SIZE_MAX)
    rows = _page_of_rows(world, calendar, query, since, offset, size)
    answer: Resource = {
        "kind": "calendar#events",
        "etag": f'"p{calendar.change:020d}"',
        "summary": calendar.body["summary"],
        "description": calendar.body.get("description", ""),
        "updated": rfc3339_millis(world.now()),
        "timeZone": query.time_zone or calendar.zone,
        "accessRole": role,
        "defaultReminders": [{"method": "popup", "minutes": 10}] if calendar.is_primary else [],
        "items": [
            shown(
                row,
                calendar,
                role,
                base_url=world.settings.base_url,
                time_zone=query.time_zone,
                max_attendees=query.max_attendees,
            )
            for row in rows[:size]
        ],
    }
    if len(rows) > size:
        answer["nextPageToken"] = seal.closed({"upto": upto, "offset": offset + size})
    elif _may_sync(query):
        answer["nextSyncToken"] = seal.closed({"since": upto, "kept": query.kept_by_token()})
    return answer


def list_instances(
    world: World, who: Principal, calendar_id: str, event_id: str, query: Query
) -> Resource:
    """Return the instances of a series, changed and (with showDeleted) cancelled ones in place."""
    calendar, role = opened(world, who, calendar_id, "freeBusyReader")
    row = load(world.store, calendar.id, event_id)
    if row is None or not row.body.get("recurrence"):
        raise errors.not_found()
    rows = instances.expanded(world, calendar, [row], query.time_min, query.time_max)
    rows += instances.exceptions(world, calendar, row.id)
    if not query.show_deleted:
        rows = [one for one in rows if one.status != "cancelled"]
    rows.sort(key=lambda one: (one.starts, one.id))
    key = world.store.secret("token key")
    page = unseal(key, query.page_token or "") or {}
    offset = int(page.get("offset", 0))
    size = min(max(query.max_results, 1), PAGE_SIZE_MAX)
    answer: Resource = {
        "kind": "calendar#events",
        "etag": f'"p{calendar.change:020d}"',
        "summary": calendar.body["summary"],
        "description": calendar.body.get("description", ""),
        "updated": rfc3339_millis(world.now()),
        "timeZone": query.time_zone or calendar.zone,
        "accessRole": role,
        "defaultReminders": [],
        "items": [
            shown(one, calendar, role, base_url=world.settings.base_url, time_zone=query.time_zone)
            for one in rows[offset : offset + size]
        ],
    }
    if offset + size < len(rows):
        answer["nextPageToken"] = seal(key, {"offset": offset + size})
    return answer


def paged(items: list[Resource], offset: int, size: int) -> tuple[list[Resource], int | None]:
    """Return one page and the offset of the next, if there is more."""
    ahead = offset + size
    return items[offset:ahead], ahead if ahead < len(items) else None


def epoch_of(world: World) -> str:
    """Return what makes sync tokens of an earlier epoch invalid."""
    return world.store.setting("sync epoch", "0")


def expire_tokens(world: World) -> None:
    """Make every sync token given out so far invalid."""
    world.store.remember("sync epoch", str(int(epoch_of(world)) + 1))


class _Seal:
    """Signed tokens, good for one calendar and one caller."""

    def __init__(self, world: World, calendar: Calendar, who: Principal) -> None:
        self._key = world.store.secret("token key")
        self._scope = [calendar.id, who.email, epoch_of(world)]

    def closed(self, content: Resource) -> str:
        return seal(self._key, {**content, "scope": self._scope})

    def opened(self, token: str | None, refusal: errors.Refused) -> Resource | None:
        if token is None:
            return None
        content = unseal(self._key, token)
        if content is None or content.get("scope") != self._scope:
            raise refusal
        return content


def seal(key: bytes, content: Resource) -> str:
    """Return opaque text that carries `content` and proves it is ours."""
    data = dumps(content).encode()
    proof = hmac.new(key, data, hashlib.sha256).digest()[:12]
    return base64.urlsafe_b64encode(proof + data).decode().rstrip("=")


def unseal(key: bytes, token: str) -> Resource | None:
    """Return what a token carries; None for one that is broken."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        proof, data = raw[:12], raw[12:]
        if not hmac.compare_digest(proof, hmac.new(key, data, hashlib.sha256).digest()[:12]):
            return None
        content: Resource = json.loads(data)
    except ValueError:
        return None
    return content


def _since(world: World, query: Query, seal: _Seal) -> int | None:
    if query.sync_token is None:
        return None
    token = seal.opened(query.sync_token, errors.full_sync_required())
    if token is None or "since" not in token or token["kept"] != query.kept_by_token():
        raise errors.full_sync_required()
    return int(token["since"])


def _page_of_rows(
    world: World, calendar: Calendar, query: Query, since: int | None, offset: int, size: int
) -> list[Row]:
    """Return the rows of one page, and one more when another page follows.

    What the database can decide it also counts off; series and texts are looked through here.
    """
    where, arguments, order = _condition(world, calendar, query, since)
    sentence = f"{where} ORDER BY {order}"
    if not (query.single_events or query.text or query.event_types):
        return select(world.store, f"{sentence} LIMIT ? OFFSET ?", *arguments, size + 1, offset)
    rows = select(world.store, sentence, *arguments)
    if query.single_events:
        rows = instances.expanded(world, calendar, rows, query.time_min, query.time_max)
        if query.order_by == "startTime":
            rows.sort(key=lambda row: (row.starts, row.id))
    return [row for row in rows if _is_wanted(row, query)][offset : offset + size + 1]


def _condition(
    world: World, calendar: Calendar, query: Query, since: int | None
) -> tuple[str, list[object], str]:
    """Return the SQL condition of a query, its values, and the order."""
    where = ["calendar_id = ?"]
    arguments: list[object] = [calendar.id]
    if since is not None:
        where.append("change > ?")
        arguments.append(since)
    if not (query.show_deleted or since is not None or query.updated_min is not None):
        where.append("status <> 'cancelled'" if query.single_events else _LIVE)
    if query.updated_min is not None:
        oldest = rfc3339_millis(world.now() - CHANGES_KEPT)
        updated_min = rfc3339_millis(parse_moment(query.updated_min, "UTC"))
        if updated_min < oldest:
            raise errors.updated_min_too_long_ago()
        where.append("updated >= ?")
        arguments.append(updated_min)
    for column, operator, bound in (("ends", ">", query.time_min), ("starts", "<", query.time_max)):
        if bound is not None:
            where.append(f"{column} {operator} ?")
            arguments.append(bound)
    if query.ical_uid:
        where.append("uid = ?")
        arguments.append(query.ical_uid)
    for kind, wanted in (("private", query.private), ("shared", query.shared)):
        for pair in wanted:
            name, _, value = pair.partition("=")
            where.append(
                "id IN (SELECT event_id FROM tag WHERE calendar_id = ? AND kind = ? AND name = ? AND value = ?)"
            )
            arguments += [calendar.id, kind, name, value]
    # The plus keeps SQLite from walking the calendar in order of time when a tag names few events.
    order = "+starts, id" if query.private or query.shared else "starts, id"
    if query.order_by == "updated":
        order = "updated, id"
    elif since is not None and query.order_by is None:
        order = "change"
    return " AND ".join(where), arguments, order


def _is_wanted(row: Row, query: Query) -> bool:
    if query.event_types and row.body.get("eventType", "default") not in query.event_types:
        return False
    if not query.text:
        return True
    body = row.body
    words = [str(body.get(name, "")) for name in ("summary", "description", "location")]
    people = [*(body.get("attendees") or []), body.get("organizer") or {}]
    words += [f"{person.get('displayName', '')} {person.get('email', '')}" for person in people]
    haystack = " ".join(words).casefold()
    return all(word in haystack for word in query.text.casefold().split())


def _may_sync(query: Query) -> bool:
    """A token keeps timeMin; searches by text, property or uid, and other orders, give none."""
    return not (
        query.ical_uid
        or query.text
        or query.private
        or query.shared
        or query.order_by
        or query.updated_min
        or query.time_max is not None
    )
