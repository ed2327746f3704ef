"""Who may do what with a calendar: the rules of acl.*."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from scheduler.emulator import calendar_list, collection, errors, sharing_mail
from scheduler.emulator.calendar import (
    LEVELS,
    Calendar,
    etag_of,
    grant,
    is_at_least,
    opened,
    refuse_changed,
)
from scheduler.emulator.collection import Entry, Paging
from scheduler.emulator.errors import Refused, Resource
from scheduler.emulator.world import Principal, World

_SCOPES = ("default", "user", "group", "domain")
_KIND = "calendar#aclRule"


def list_rules(
    world: World, who: Principal, calendar_id: str, paging: Paging, show_deleted: bool | None
) -> Resource:
    """Return a page of a calendar's access rules; the role "writer" is enough to read them.

    "Deleted ACLs are represented by role equal to none" and come with `showDeleted` or a sync token.
    """
    calendar, _ = opened(world, who, calendar_id, "writer")
    if paging.is_sync and show_deleted is False:
        raise errors.invalid(
            "Sync token cannot be used with other query restrictions.", "showDeleted"
        )

    def is_wanted(rule: Resource) -> bool:
        return rule["role"] != "none" or paging.is_sync or bool(show_deleted)

    name = f"acl {calendar.id}"
    answer = collection.page_of(world, who, name, _entries(world, calendar), paging, is_wanted)
    return {"kind": "calendar#acl", **answer}


def get(world: World, who: Principal, calendar_id: str, rule_id: str) -> Resource:
    """Return one access rule."""
    calendar, _ = opened(world, who, calendar_id, "writer")
    return _rule(_row(world, calendar, rule_id))


def insert(
    world: World, who: Principal, calendar_id: str, given: Resource, *, notify: bool
) -> Resource:
    """Share a calendar with a user, a group, a domain or everybody.

    A scope that has a rule gets the new role. "Sharing a calendar" puts it on nobody's list.
    """
    calendar, _ = opened(world, who, calendar_id, "owner")
    kind, value = _scope(given.get("scope") or {})
    return _write(world, who, calendar, kind, value, _role(given), notify=notify)


def patch(
    world: World,
    who: Principal,
    calendar_id: str,
    rule_id: str,
    given: Resource,
    *,
    notify: bool,
    if_match: str | None = None,
) -> Resource:
    """Change the role of a rule; whom it is for stays."""
    calendar, _ = opened(world, who, calendar_id, "owner")
    row = _row(world, calendar, rule_id)
    refuse_changed(_rule(row)["etag"], if_match)
    kind, value = row["scope_type"], row["scope_value"]
    if given.get("scope") and _scope(given["scope"]) != (kind, value):
        raise errors.invalid("The scope of an access rule cannot be changed.")
    role = _role(given) if given.get("role") else row["role"]
    return _write(world, who, calendar, kind, value, role, notify=notify)


def update(
    world: World,
    who: Principal,
    calendar_id: str,
    rule_id: str,
    given: Resource,
    *,
    notify: bool,
    if_match: str | None = None,
) -> Resource:
    """Replace a rule; role and scope are required here."""
    _role(given), _scope(given.get("scope") or {})
    return patch(world, who, calendar_id, rule_id, given, notify=notify, if_match=if_match)


def delete(
    world: World, who: Principal, calendar_id: str, rule_id: str, if_match: str | None = None
) -> None:
    """Take a rule away; "there are no notifications on access removal"."""
    calendar, _ = opened(world, who, calendar_id, "owner")
    row = _row(world, calendar, rule_id)
    refuse_changed(_rule(row)["etag"], if_match)
    _write(world, who, calendar, row["scope_type"], row["scope_value"], "none", notify=False)


def _write(
    world: World,
    who: Principal,
    calendar: Calendar,
    kind: str,
    value: str,
    role: str,
    *,
    notify: bool,
) -> Resource:
    if kind == "user" and role != "owner":
        _refuse_owners(who, calendar, value)
    before = _find(world, calendar, kind, value)
    grant(world, calendar.id, kind, value, role)
    calendar_list.take_off_the_blind(world, calendar.id)
    was = before["role"] if before else "none"
    if notify and kind in ("user", "group") and not is_at_least(was, role):
        sharing_mail.tell_shared(world, who.email, calendar, value, role)
    written = _find(world, calendar, kind, value)
    assert written is not None
    return _rule(written)


def _refuse_owners(who: Principal, calendar: Calendar, email: str) -> None:
    """403: nobody lowers their own access, nor that of the data owner."""
    if email == who.email:
        raise Refused(
            403, "cannotChangeOwnAcl", "Cannot change your own access level.", domain="calendar"
        )
    if email == calendar.owner:
        raise Refused(
            403,
            "cannotChangeOwnerAcl",
            "Cannot change access level of the calendar owner.",
            domain="calendar",
        )


def _role(given: Resource) -> str:
    role = given.get("role")
    if not role:
        raise errors.required("Missing role.")
    if role not in LEVELS:
        raise errors.invalid(f"Invalid value for: {role} is not a valid value")
    return str(role)


def _scope(given: Resource) -> tuple[str, str]:
    """Return type and value of a scope: an address for user and group, a name for domain."""
    kind, value = str(given.get("type") or ""), str(given.get("value") or "").lower()
    if not kind:
        raise errors.required("Missing scope type.")
    if kind not in _SCOPES:
        raise errors.invalid(f"Invalid value for: {kind} is not a valid value")
    if kind == "default":
        return kind, ""
    if not value:
        raise errors.required("Missing scope value.")
    is_address = "@" in value.strip("@")
    if is_address == (kind == "domain"):
        raise errors.invalid("Invalid scope value.")
    return kind, value


def _entries(world: World, calendar: Calendar) -> Iterator[Entry]:
    for row in world.store.all("SELECT * FROM acl WHERE calendar_id = ?", calendar.id):
        yield Entry(change=row["change"], order=(_id_of(row),), item=_rule(row))


def _rule(row: sqlite3.Row) -> Resource:
    scope = {"type": row["scope_type"]}
    if row["scope_value"]:
        scope["value"] = row["scope_value"]
    return {
        "kind": _KIND,
        "etag": etag_of([scope, row["change"]]),
        "id": _id_of(row),
        "scope": scope,
        "role": row["role"],
    }


def _row(world: World, calendar: Calendar, rule_id: str) -> sqlite3.Row:
    """Return a rule by an id such as "user:dana@acme.example" or "default"; 404 without one."""
    kind, _, value = rule_id.partition(":")
    row = _find(world, calendar, kind, value.lower())
    if row is None or row["role"] == "none":
        raise errors.not_found()
    return row


def _find(world: World, calendar: Calendar, kind: str, value: str) -> sqlite3.Row | None:
    return world.store.one(
        "SELECT * FROM acl WHERE calendar_id = ? AND scope_type = ? AND scope_value = ?",
        calendar.id,
        kind,
        value,
    )


def _id_of(row: sqlite3.Row) -> str:
    return _id(row["scope_type"], row["scope_value"])


def _id(kind: str, value: str) -> str:
    return f"{kind}:{value}" if value else kind
