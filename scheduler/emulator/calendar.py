"""Calendars, the list of a person's calendars, and who may do what with them."""

from __future__ import annotations

import json
import secrets
import sqlite3
import zlib
from dataclasses import dataclass
from typing import Any

from scheduler.emulator import errors
from scheduler.emulator.company import Account
from scheduler.emulator.conference import MEET
from scheduler.emulator.errors import Resource
from scheduler.emulator.moments import zone
from scheduler.emulator.store import dumps
from scheduler.emulator.world import Principal, World

LEVELS = ("none", "freeBusyReader", "reader", "writer", "owner")
_WRITABLE = (
    "summary",
    "description",
    "location",
    "timeZone",
    "workingHours",
    "conferenceProperties",
)
_LIST_WRITABLE = (
    "summaryOverride", "colorId", "backgroundColor", "foregroundColor", "hidden", "selected",
    "defaultReminders", "notificationSettings",
)  # fmt: skip
_WORKING_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """One calendar; `owner` is the account it belongs to, `change` its last change number."""

    id: str
    owner: str
    is_primary: bool
    change: int
    body: Resource

    @property
    def zone(self) -> str:
        """Return the IANA name of the calendar's time zone."""
        return str(self.body["timeZone"])

    @property
    def name(self) -> str:
        """Return what an invitation shows as the organizer's name."""
        return str(self.body.get("_name") or self.body["summary"])

    @property
    def conference_types(self) -> tuple[str, ...]:
        """Return the conference solutions that may be asked for here."""
        properties = self.body.get("conferenceProperties") or {}
        return tuple(properties.get("allowedConferenceSolutionTypes") or ())


def add_account(world: World, account: Account) -> None:
    """Let somebody move in: an account and its primary calendar, shared with the own domain."""
    email = account.email.lower()
    place = world.store.one("SELECT coalesce(max(place), 0) + 1 AS next FROM account")
    stored = {slot: getattr(account, slot) for slot in account.__slots__} | {"email": email}
    body: Resource = {
        "summary": email,
        "timeZone": account.zone,
        "conferenceProperties": {"allowedConferenceSolutionTypes": [MEET]},
        "_name": account.name,
    }
    if account.hd and account.kind != "room":
        body["workingHours"] = _office_hours()
    if account.kind == "room":
        body |= {"summary": account.name, "autoAcceptInvitations": True}
    with world.store.transaction():
        world.store.run(
            "INSERT OR REPLACE INTO account VALUES (?, ?, ?)",
            email,
            place["next"] if place else 1,
            dumps(stored),
        )
        if find(world, email) is None:
            _create(world, email, email, body, is_primary=True)
            if account.hd:
                grant(world, email, "domain", account.hd, "freeBusyReader")


def grant(world: World, calendar_id: str, scope_type: str, scope_value: str, role: str) -> None:
    """Give a user, a domain or everybody ("default", "") a role on a calendar."""
    world.store.run(
        "INSERT OR REPLACE INTO acl VALUES (?, ?, ?, ?, ?)",
        calendar_id,
        scope_type,
        scope_value,
        role,
        next_change(world, f"acl {calendar_id}"),
    )


def find(world: World, calendar_id: str) -> Calendar | None:
    """Return a calendar that exists."""
    row = world.store.one("SELECT * FROM calendar WHERE id = ? AND deleted = 0", calendar_id)
    return _from(row) if row else None


def role_of(world: World, who: Principal, calendar: Calendar) -> str:
    """Return the best role somebody has: one of LEVELS."""
    domain = who.email.rpartition("@")[2]
    account = world.account(who.email)
    rows = world.store.all(
        "SELECT role FROM acl WHERE calendar_id = ? AND ((scope_type = 'user' AND scope_value = ?)"
        " OR (scope_type = 'domain' AND scope_value = ?) OR scope_type = 'default')",
        calendar.id,
        who.email,
        (account.hd if account else None) or domain,
    )
    return max((str(row["role"]) for row in rows), key=LEVELS.index, default="none")


def opened(world: World, who: Principal, calendar_id: str, level: str) -> tuple[Calendar, str]:
    """Return a calendar and the caller's role on it.

    404 without any access, 403 requiredAccessLevel with too little (ERR).
    """
    wanted = who.email if calendar_id == "primary" else calendar_id.lower()
    calendar = find(world, wanted)
    role = role_of(world, who, calendar) if calendar else "none"
    if calendar is None or role == "none":
        raise errors.not_found()
    if LEVELS.index(role) < LEVELS.index(level):
        raise errors.needs_access(level)
    return calendar, role


def insert(world: World, who: Principal, given: Resource) -> Resource:
    """Create a secondary calendar; the caller becomes its data owner."""
    if not given.get("summary"):
        raise errors.required("Missing title.")
    account = world.account(who.email)
    body = {name: given[name] for name in _WRITABLE if given.get(name) is not None}
    body.pop("workingHours", None)
    body.setdefault("timeZone", account.zone if account else "UTC")
    body.setdefault("conferenceProperties", {"allowedConferenceSolutionTypes": [MEET]})
    zone(body["timeZone"])
    calendar_id = f"c_{secrets.token_hex(32)}@group.calendar.google.com"
    _create(world, calendar_id, who.email, {**body, "_by_app": True}, is_primary=False)
    return resource(_must(world, calendar_id))


def patch(world: World, who: Principal, calendar_id: str, given: Resource) -> Resource:
    """Change what is named; working hours are of primary Workspace calendars only."""
    calendar, _ = opened(world, who, calendar_id, "writer")
    body = dict(calendar.body)
    for name in _WRITABLE:
        if name not in given:
            continue
        if name == "workingHours":
            if not calendar.is_primary:
                raise errors.invalid("Working hours are only available on primary calendars.")
            if given[name]:
                body[name] = _checked_hours(given[name])
        elif given[name] is None:
            body.pop(name, None)
        else:
            body[name] = given[name]
    if not body.get("summary"):
        raise errors.required("Missing title.")
    zone(str(body.setdefault("timeZone", calendar.zone)))
    with world.store.transaction():
        world.store.run("UPDATE calendar SET body = ? WHERE id = ?", dumps(body), calendar.id)
        _touch_lists(world, calendar.id)
    return resource(_must(world, calendar.id))


def update(world: World, who: Principal, calendar_id: str, given: Resource) -> Resource:
    """Replace the writable fields; what is absent is cleared, the zone and hours stay."""
    blank = dict.fromkeys(("description", "location"))
    return patch(world, who, calendar_id, {**blank, **given})


def get(world: World, who: Principal, calendar_id: str) -> Resource:
    """Return a calendar's metadata."""
    calendar, _ = opened(world, who, calendar_id, "freeBusyReader")
    return resource(calendar)


def resource(calendar: Calendar) -> Resource:
    """Return the Calendar resource; `dataOwner` is "set only for secondary calendars"."""
    shown = {name: value for name, value in calendar.body.items() if not name.startswith("_")}
    if not calendar.is_primary:
        shown["dataOwner"] = calendar.owner
    return {"kind": "calendar#calendar", "etag": _etag(shown), "id": calendar.id, **shown}


def list_entries(world: World, who: Principal) -> list[tuple[int, Resource]]:
    """Return (change number, entry) of everything on the person's calendar list, removed ones too."""
    rows = world.store.all(
        "SELECT l.calendar_id, l.change AS list_change, l.deleted AS list_deleted, l.body AS list_body, c.*"
        " FROM listed l JOIN calendar c ON c.id = l.calendar_id WHERE l.email = ? ORDER BY l.calendar_id",
        who.email,
    )
    return [(row["list_change"], _entry(world, who, row)) for row in rows]


def list_entry(world: World, who: Principal, calendar_id: str) -> Resource:
    """Return one entry of the calendar list."""
    wanted = who.email if calendar_id == "primary" else calendar_id.lower()
    for _, entry in list_entries(world, who):
        if entry["id"] == wanted and not entry.get("deleted"):
            return entry
    raise errors.not_found()


def list_insert(world: World, who: Principal, given: Resource) -> Resource:
    """Put a calendar the person can see onto their list."""
    calendar, _ = opened(world, who, str(given.get("id") or ""), "freeBusyReader")
    _list(world, who.email, calendar.id, {n: given[n] for n in _LIST_WRITABLE if n in given})
    return list_entry(world, who, calendar.id)


def list_patch(world: World, who: Principal, calendar_id: str, given: Resource) -> Resource:
    """Change how a calendar looks on the person's list."""
    entry = list_entry(world, who, calendar_id)
    kept = {name: entry[name] for name in _LIST_WRITABLE if name in entry}
    _list(world, who.email, entry["id"], kept | {n: given[n] for n in _LIST_WRITABLE if n in given})
    return list_entry(world, who, calendar_id)


def list_delete(world: World, who: Principal, calendar_id: str) -> None:
    """Take a calendar off the person's list; the calendar itself stays."""
    entry = list_entry(world, who, calendar_id)
    world.store.run(
        "UPDATE listed SET deleted = 1, change = ? WHERE email = ? AND calendar_id = ?",
        next_change(world, f"list {who.email}"),
        who.email,
        entry["id"],
    )


def next_change(world: World, name: str) -> int:
    """Return the next number of a rising series that is not a calendar's."""
    number = int(world.store.setting(f"series {name}", "0")) + 1
    world.store.remember(f"series {name}", str(number))
    return number


def mark_deleted(world: World, calendar: Calendar) -> None:
    """Remove a secondary calendar from everybody's list."""
    world.store.run("UPDATE calendar SET deleted = 1 WHERE id = ?", calendar.id)
    for row in world.store.all("SELECT email FROM listed WHERE calendar_id = ?", calendar.id):
        world.store.run(
            "UPDATE listed SET deleted = 1, change = ? WHERE email = ? AND calendar_id = ?",
            next_change(world, f"list {row['email']}"),
            row["email"],
            calendar.id,
        )


def _create(
    world: World, calendar_id: str, owner: str, body: dict[str, Any], *, is_primary: bool
) -> None:
    with world.store.transaction():
        world.store.run(
            "INSERT INTO calendar (id, owner, is_primary, body) VALUES (?, ?, ?, ?)",
            calendar_id,
            owner,
            int(is_primary),
            dumps(body),
        )
        grant(world, calendar_id, "user", owner, "owner")
        _list(world, owner, calendar_id, {})


def _list(world: World, email: str, calendar_id: str, body: Resource) -> None:
    world.store.run(
        "INSERT OR REPLACE INTO listed (email, calendar_id, change, deleted, body) VALUES (?, ?, ?, 0, ?)",
        email,
        calendar_id,
        next_change(world, f"list {email}"),
        dumps(body),
    )


def _touch_lists(world: World, calendar_id: str) -> None:
    for row in world.store.all("SELECT email FROM listed WHERE calendar_id = ?", calendar_id):
        world.store.run(
            "UPDATE listed SET change = ? WHERE email = ? AND calendar_id = ?",
            next_change(world, f"list {row['email']}"),
            row["email"],
            calendar_id,
        )


def _entry(world: World, who: Principal, row: sqlite3.Row) -> Resource:
    calendar = _from(row)
    if row["list_deleted"]:
        return {"kind": "calendar#calendarListEntry", "id": calendar.id, "deleted": True}
    shown = {
        name: value
        for name, value in resource(calendar).items()
        if name not in ("kind", "etag", "workingHours", "labelProperties")
    }
    shown |= {
        "accessRole": role_of(world, who, calendar),
        "colorId": "14",
        "backgroundColor": "#9fe1e7",
        "foregroundColor": "#000000",
        "selected": True,
        "defaultReminders": [{"method": "popup", "minutes": 10}] if calendar.is_primary else [],
        **json.loads(row["list_body"]),
    }
    if calendar.is_primary and calendar.owner == who.email:
        shown["primary"] = True
    return {"kind": "calendar#calendarListEntry", "etag": _etag(shown), **shown}


def _from(row: sqlite3.Row) -> Calendar:
    return Calendar(
        id=row["id"],
        owner=row["owner"],
        is_primary=bool(row["is_primary"]),
        change=row["change"],
        body=json.loads(row["body"]),
    )


def _must(world: World, calendar_id: str) -> Calendar:
    calendar = find(world, calendar_id)
    if calendar is None:
        raise errors.not_found()
    return calendar


def _etag(shown: Resource) -> str:
    return f'"{zlib.crc32(dumps(shown).encode()):010d}"'


def _office_hours() -> Resource:
    return {
        "workingHoursEnabled": True,
        "availableTimes": [
            {"dayOfWeek": day, "periodStart": 9 * 60, "periodEnd": 17 * 60} for day in _WORKING_DAYS
        ],
    }


def _checked_hours(given: object) -> Resource:
    """Return working hours as Google keeps them: minutes of the day, end exclusive (DISC)."""
    hours = given if isinstance(given, dict) else {}
    times = hours.get("availableTimes") or []
    if hours.get("workingHoursEnabled") and not times:
        raise errors.invalid("Working hours cannot be enabled without available times.")
    for block in times:
        start, end = block.get("periodStart"), block.get("periodEnd")
        if not isinstance(start, int) or not isinstance(end, int):
            raise errors.invalid("Invalid working hours.")
        if not 0 <= start < end <= _DAY_MINUTES or not block.get("dayOfWeek"):
            raise errors.invalid("Invalid working hours.")
    return {"workingHoursEnabled": bool(hours.get("workingHoursEnabled")), "availableTimes": times}


def acl_of(world: World, who: Principal, calendar_id: str) -> list[Resource]:
    """Return who may do what with a calendar; only its owners see that."""
    calendar, _ = opened(world, who, calendar_id, "owner")
    rows = world.store.all(
        "SELECT * FROM acl WHERE calendar_id = ? ORDER BY scope_type, scope_value", calendar.id
    )
    return [_rule(row["scope_type"], row["scope_value"], row["role"]) for row in rows]


def acl_insert(world: World, who: Principal, calendar_id: str, given: Resource) -> Resource:
    """Share a calendar with a user, a domain or everybody."""
    calendar, _ = opened(world, who, calendar_id, "owner")
    scope = given.get("scope") or {}
    kind, value, role = scope.get("type"), str(scope.get("value") or ""), given.get("role")
    if role not in LEVELS or kind not in ("user", "group", "domain", "default"):
        raise errors.invalid("Invalid value for: role or scope")
    grant(world, calendar.id, kind, value.lower(), role)
    return _rule(kind, value.lower(), role)


def settings_of(world: World, who: Principal) -> list[Resource]:
    """Return the settings a calendar client reads first."""
    account = world.account(who.email)
    values = {
        "autoAddHangouts": "false",
        "defaultEventLength": "60",
        "format24HourTime": "true",
        "locale": "en",
        "timezone": account.zone if account else "UTC",
        "weekStart": "1",
    }
    return [
        {"kind": "calendar#setting", "etag": f'"{name}"', "id": name, "value": value}
        for name, value in values.items()
    ]


def _rule(kind: str, value: str, role: str) -> Resource:
    scope = {"type": kind, **({"value": value} if value else {})}
    name = f"{kind}:{value}" if value else kind
    return {
        "kind": "calendar#aclRule",
        "etag": f'"{name}"',
        "id": name,
        "scope": scope,
        "role": role,
    }


COLORS: Resource = {
    "kind": "calendar#colors",
    "updated": "2012-02-14T00:00:00.000Z",
    "calendar": {"14": {"background": "#9fe1e7", "foreground": "#1d1d1d"}},
    "event": {
        str(number): {"background": background, "foreground": "#1d1d1d"}
        for number, background in enumerate(
            ("#a4bdfc", "#7ae7bf", "#dbadff", "#ff887c", "#fbd75b", "#ffb878", "#46d6db", "#e1e1e1",
             "#5484ed", "#51b749", "#dc2127"),
            start=1,
        )
    },
}  # fmt: skip
"""The palette of colors.get: the eleven event colours."""
