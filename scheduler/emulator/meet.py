"""Meet rooms: who owns them, who joins, who knocks, who is inside."""

from __future__ import annotations

import json
import secrets
import sqlite3
import string
from dataclasses import dataclass
from typing import Literal

from scheduler.emulator import meet_config, meet_records
from scheduler.emulator.calendar import Calendar
from scheduler.emulator.conference import ConferenceRules
from scheduler.emulator.errors import Resource
from scheduler.emulator.rows import load
from scheduler.emulator.store import dumps
from scheduler.emulator.world import Principal, World

State = Literal["in", "knocking", "admitted"]
PHONE = {"phoneNumber": "+493055500199", "regionCode": "DE", "languageCode": "de"}
"""The number behind the phone entry point of every conference (conference.py)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """A room. `made_by` "calendar": the guest list of its event decides; "app": spaces.create."""

    id: str
    code: str
    owner: str
    made_by: str
    event_calendar: str | None
    event_id: str | None
    body: Resource

    @property
    def config(self) -> Resource:
        """Return the SpaceConfig."""
        return dict(self.body["config"])

    @property
    def access_type(self) -> str:
        """Return OPEN, TRUSTED or RESTRICTED."""
        return str(self.config["accessType"])

    @property
    def is_of_app_only(self) -> bool:
        """Say whether browsers are kept out: "only entry points owned by the … project"."""
        return bool(self.config["entryPointAccess"] == "CREATOR_APP_ONLY")

    @property
    def members(self) -> list[Resource]:
        """Return [{"id", "email", "role"}]: people who "can join the space without knocking"."""
        return list(self.body.get("members") or [])


def conference_rules(world: World, who: Principal, calendar: Calendar) -> ConferenceRules:
    """Return what decides about conference data that `who` writes on a calendar.

    A service account without a subject may not ask for a conference anywhere (NODE2387).
    """
    return ConferenceRules(
        key=world.store.secret("conference key"),
        allowed_types=() if who.is_bare_service_account else calendar.conference_types,
        signature_check=world.switches.signature_check,
        is_own_space=lambda uri: _is_own_space(world, who.email, uri),
    )


def mint_for_event(world: World, owner: str, calendar_id: str, event_id: str) -> tuple[str, str]:
    """Make the room of an event and return its code and dial-in PIN."""
    space = _create(world, owner, "calendar", calendar_id, event_id, {})
    return space.code, str(space.body["_pin"])


def create(world: World, owner: str, config: Resource) -> Space:
    """Make a room for an app (spaces.create): it belongs to no event."""
    return _create(world, owner, "app", None, None, config)


def by_code(world: World, code: str) -> Space | None:
    """Return the room with a code such as aaa-bbbb-ccc, in any case, or with a space id."""
    row = world.store.one("SELECT * FROM space WHERE code = ? OR id = ?", code.lower(), code)
    return _from(row) if row else None


def by_id(world: World, space_id: str) -> Space | None:
    """Return the room with a space id; a meeting code is no id."""
    row = world.store.one("SELECT * FROM space WHERE id = ?", space_id)
    return _from(row) if row else None


def save(world: World, space: Space, body: Resource) -> Space:
    """Keep a changed configuration or member list."""
    world.store.run("UPDATE space SET body = ? WHERE id = ?", dumps(body), space.id)
    found = by_code(world, space.code)
    return found or space


def invitees(world: World, space: Space) -> list[str]:
    """Return the guests of the event that owns the room; copies of its conference do not count."""
    if space.event_calendar is None or space.event_id is None:
        return []
    row = load(world.store, space.event_calendar, space.event_id)
    if row is None or row.status == "cancelled":
        return []
    return [str(guest["email"]) for guest in row.body.get("attendees") or []]


def may_join(world: World, space: Space, email: str) -> bool:
    """Say whether somebody walks in, or has to knock (GOOGLE.md 4)."""
    if space.access_type == "OPEN" or email == space.owner:
        return True
    if email in invitees(world, space) or email in {m["email"] for m in space.members}:
        return True
    return space.access_type == "TRUSTED" and _is_of_host_organisation(world, space, email)


def may_admit(world: World, space: Space, email: str) -> bool:
    """By default "any participant of the host's organisation"; with moderation host and co-hosts."""
    if presence(world, space.code).get(email) not in ("in", "admitted"):
        return False
    is_host = email == space.owner or email in {m["email"] for m in space.members}
    if space.config["moderation"] == "ON":
        return is_host
    return is_host or _is_of_host_organisation(world, space, email)


def enter(world: World, space: Space, email: str) -> State:
    """Come to the door: walk in or knock. Return where the person stands now."""
    now = presence(world, space.code).get(email)
    if now in ("in", "admitted"):
        return "in" if now == "in" else "admitted"
    state: State = "in" if may_join(world, space, email) else "knocking"
    world.store.run("INSERT OR REPLACE INTO presence VALUES (?, ?, ?)", space.code, email, state)
    if state == "in":
        meet_records.joined(world, space.id, email)
    return state


def admit(world: World, space: Space, by: str, email: str) -> bool:
    """Let a knocking person in, if `by` may."""
    if not may_admit(world, space, by) or presence(world, space.code).get(email) != "knocking":
        return False
    world.store.run("INSERT OR REPLACE INTO presence VALUES (?, ?, 'admitted')", space.code, email)
    meet_records.joined(world, space.id, email)
    return True


def leave(world: World, space: Space, email: str) -> None:
    """Go, or stop knocking."""
    world.store.run("DELETE FROM presence WHERE code = ? AND email = ?", space.code, email)
    meet_records.left(world, space.id, email)


def empty(world: World, space: Space) -> None:
    """Send everybody home (spaces.endActiveConference)."""
    world.store.run("DELETE FROM presence WHERE code = ?", space.code)
    meet_records.ended(world, space.id)


def presence(world: World, code: str) -> dict[str, str]:
    """Return who is at or in the room: address to "in", "admitted" or "knocking"."""
    rows = world.store.all("SELECT email, state FROM presence WHERE code = ? ORDER BY email", code)
    return {row["email"]: row["state"] for row in rows}


def resource(world: World, space: Space) -> Resource:
    """Return the Space resource of Meet v2."""
    shown: Resource = {
        "name": f"spaces/{space.id}",
        "meetingUri": f"{world.settings.base_url}/meet/{space.code}",
        "meetingCode": space.code,
        "config": space.config,
    }
    if _is_workspace(world, space.owner):
        shown["phoneAccess"] = [{**PHONE, "pin": space.body["_pin"]}]
    record_id = meet_records.active(world, space.id)
    if record_id is not None:
        shown["activeConference"] = {"conferenceRecord": f"conferenceRecords/{record_id}"}
    return shown


def fresh_config(world: World, space: Space) -> Resource:
    """Return how a new room of the same owner is set."""
    return _fresh_config(world, space.owner)


def _create(
    world: World,
    owner: str,
    made_by: str,
    event_calendar: str | None,
    event_id: str | None,
    config: Resource,
) -> Space:
    body = {
        "_pin": "".join(secrets.choice(string.digits) for _ in range(9)),
        "config": meet_config.created(config, _fresh_config(world, owner)),
    }
    space_id = secrets.token_urlsafe(9)
    code = _new_code(world)
    world.store.run(
        "INSERT INTO space VALUES (?, ?, ?, ?, ?, ?, ?)",
        space_id,
        code,
        owner,
        made_by,
        event_calendar,
        event_id,
        dumps(body),
    )
    found = by_code(world, code)
    if found is None:
        raise LookupError(code)
    return found


def _fresh_config(world: World, owner: str) -> Resource:
    return meet_config.default(is_workspace=_is_workspace(world, owner))


def _is_workspace(world: World, owner: str) -> bool:
    """Say whether an owner is in a Workspace domain: dialling in and trusted colleagues come with it."""
    account = world.account(owner)
    return bool(account and account.hd)


def _from(row: sqlite3.Row) -> Space:
    return Space(**{**dict(row), "body": json.loads(row["body"])})


def _new_code(world: World) -> str:
    """Return an unused code of the form aaa-bbbb-ccc."""
    while True:
        letters = "".join(secrets.choice(string.ascii_lowercase) for _ in range(10))
        code = f"{letters[:3]}-{letters[3:7]}-{letters[7:]}"
        if by_code(world, code) is None:
            return code


def _is_own_space(world: World, email: str, uri: str) -> bool:
    """An unsigned attach is reported to work for a room the same user made with spaces.create (UMB)."""
    prefix = f"{world.settings.base_url}/meet/"
    space = by_code(world, uri.removeprefix(prefix)) if uri.startswith(prefix) else None
    return space is not None and space.made_by == "app" and space.owner == email


def _is_of_host_organisation(world: World, space: Space, email: str) -> bool:
    host, guest = world.account(space.owner), world.account(email)
    return bool(host and guest and host.hd and host.hd == guest.hd)
