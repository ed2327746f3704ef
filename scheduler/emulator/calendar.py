"""A calendar, and who may do what with it."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from scheduler.emulator import errors
from scheduler.emulator.errors import Resource
from scheduler.emulator.store import dumps
from scheduler.emulator.world import Principal, World

LEVELS = (
    "none", "freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner",
)  # fmt: skip
"""The roles of an access rule, each with all that the one before it may do."""

_AUTH = "https://www.googleapis.com/auth/"
_GRANTED = (
    "((scope_type = 'user' AND scope_value = ?)"
    " OR (scope_type = 'group' AND scope_value IN (SELECT group_email FROM membership WHERE email = ?))"
    " OR (scope_type = 'domain' AND scope_value = ?) OR scope_type = 'default')"
)
"""Which access rules mean somebody: their address twice, then their domain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """One calendar; `owner` is its data owner, `change` its last change number.

    `body` holds what Google shows; names that begin with "_" are the emulator's own.
    """

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


def find(world: World, calendar_id: str) -> Calendar | None:
    """Return a calendar that exists."""
    row = world.store.one("SELECT * FROM calendar WHERE id = ? AND deleted = 0", calendar_id)
    return from_sql(row) if row else None


def from_sql(row: sqlite3.Row) -> Calendar:
    """Return the calendar of a query over all columns of `calendar`."""
    return Calendar(
        id=row["id"],
        owner=row["owner"],
        is_primary=bool(row["is_primary"]),
        change=row["change"],
        body=json.loads(row["body"]),
    )


def id_for(who: Principal, given: str) -> str:
    """Return the calendar that a path names: the keyword "primary" is the caller's own."""
    return who.email if given == "primary" else given.lower()


def opened(world: World, who: Principal, calendar_id: str, level: str) -> tuple[Calendar, str]:
    """Return a calendar and the caller's role on it.

    404 without any access, 403 requiredAccessLevel with too little (ERR).
    """
    calendar = find(world, id_for(who, calendar_id))
    role = role_of(world, who, calendar) if calendar else "none"
    if calendar is None or role == "none":
        raise errors.not_found()
    if not _is_in_scope(world, who, calendar, role):
        raise errors.insufficient_scopes()
    if not is_at_least(role, level):
        raise errors.needs_access(level)
    return calendar, role


def opened_for_writing(world: World, who: Principal, calendar_id: str) -> tuple[Calendar, str]:
    """Return a calendar whose events the caller may change, private ones perhaps excepted."""
    calendar, role = opened(world, who, calendar_id, "freeBusyReader")
    if not is_at_least(role, "writerWithoutPrivateAccess"):
        raise errors.needs_access("writer")
    return calendar, role


def role_of(world: World, who: Principal, calendar: Calendar) -> str:
    """Return the best role that the caller has: one of LEVELS."""
    return role_for(world, who.email, calendar.id)


def role_for(world: World, email: str, calendar_id: str) -> str:
    """Return the best role somebody has, alone, in a group, in a domain or as anybody."""
    rows = world.store.all(
        f"SELECT role FROM acl WHERE calendar_id = ? AND {_GRANTED}",  # noqa: S608 - words of ours
        calendar_id,
        *_names_of(world, email),
    )
    return max((str(row["role"]) for row in rows), key=LEVELS.index, default="none")


def visible(world: World, who: Principal, calendar_ids: Sequence[str]) -> set[str]:
    """Return those of many calendars that are there and that the caller has any role on."""
    marks = ", ".join("?" * len(calendar_ids))
    rows = world.store.all(
        f"SELECT DISTINCT id FROM calendar JOIN acl ON calendar_id = id WHERE id IN ({marks})"  # noqa: S608
        f" AND deleted = 0 AND role <> 'none' AND {_GRANTED}",
        *calendar_ids,
        *_names_of(world, who.email),
    )
    return {str(row["id"]) for row in rows}


def is_at_least(role: str, level: str) -> bool:
    """Say whether a role allows what `level` allows."""
    return LEVELS.index(role) >= LEVELS.index(level)


def _names_of(world: World, email: str) -> tuple[str, str, str]:
    account = world.account(email)
    return email, email, (account.hd if account else None) or email.rpartition("@")[2]


def grant(world: World, calendar_id: str, scope_type: str, scope_value: str, role: str) -> None:
    """Give a user, a group, a domain or everybody ("default", "") a role; "none" takes it away."""
    world.store.run(
        "INSERT OR REPLACE INTO acl VALUES (?, ?, ?, ?, ?)",
        calendar_id,
        scope_type,
        scope_value,
        role,
        next_change(world, f"acl {calendar_id}"),
    )
    world.ring("acl", calendar_id)


def next_change(world: World, name: str) -> int:
    """Return the next number of a rising series that is not a calendar's."""
    number = int(world.store.setting(f"series {name}", "0")) + 1
    world.store.remember(f"series {name}", str(number))
    return number


def etag_of(shown: object) -> str:
    """Return the etag of something without a change number of its own, quotes included."""
    return f'"{zlib.crc32(dumps(shown).encode()):010d}"'


def refuse_changed(etag: str, if_match: str | None) -> None:
    """412 conditionNotMet when If-Match names another etag than the present one."""
    if if_match and if_match not in ("*", etag):
        raise errors.condition_not_met()


def _is_in_scope(world: World, who: Principal, calendar: Calendar, role: str) -> bool:
    """Say whether a narrow scope reaches this calendar; `who.scopes` are those that fit the method.

    calendar.app.created: "secondary Google calendars" that the application made;
    calendar.events.owned: "calendars you own"; calendar.events.public.readonly: public ones.
    """
    reach = {
        "calendar.app.created": not calendar.is_primary and bool(calendar.body.get("_by_app")),
        "calendar.events.owned": role == "owner",
        "calendar.events.owned.readonly": role == "owner",
    }
    held = {scope.removeprefix(_AUTH) for scope in who.scopes}
    if not held or not held <= {*reach, "calendar.events.public.readonly"}:
        return True
    return any(reach.get(scope) for scope in held) or (
        "calendar.events.public.readonly" in held and _is_public(world, calendar)
    )


def _is_public(world: World, calendar: Calendar) -> bool:
    rule = world.store.one(
        "SELECT role FROM acl WHERE calendar_id = ? AND scope_type = 'default'", calendar.id
    )
    return rule is not None and rule["role"] != "none"
