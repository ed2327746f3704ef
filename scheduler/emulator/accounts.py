"""Who lives here: people and rooms that move in and out."""

from __future__ import annotations

from scheduler.emulator import calendars, tokens, working_hours
from scheduler.emulator.calendar import find, from_sql, grant
from scheduler.emulator.company import Account
from scheduler.emulator.conference import MEET
from scheduler.emulator.errors import Resource
from scheduler.emulator.store import dumps
from scheduler.emulator.world import World

_OF_A_CALENDAR = ("event", "extent", "occurrence", "tag", "acl")


def add_account(world: World, account: Account) -> None:
    """Let somebody move in: an account and its primary calendar, shared with the own domain."""
    email = account.email.lower()
    place = world.store.one("SELECT coalesce(max(place), 0) + 1 AS next FROM account")
    stored = {slot: getattr(account, slot) for slot in account.__slots__} | {"email": email}
    with world.store.transaction():
        world.store.run(
            "INSERT OR REPLACE INTO account VALUES (?, ?, ?)",
            email,
            place["next"] if place else 1,
            dumps(stored),
        )
        if find(world, email) is None:
            calendars.create(world, email, email, _primary(account, email), is_primary=True)
            if account.hd:
                grant(world, email, "domain", account.hd, "freeBusyReader")


def remove_account(world: World, email: str) -> None:
    """Delete an account with its tokens and calendars.

    "Secondary calendars follow the lifecycle of their data owner" (WSU-2026-03): theirs go too,
    whoever else has the role "owner".
    """
    email = email.lower()
    with world.store.transaction():
        for row in world.store.all(
            "SELECT * FROM calendar WHERE owner = ? AND deleted = 0 ORDER BY id", email
        ):
            calendars.remove(world, from_sql(row))
        tokens.delete_all(world, email)
        for table in _OF_A_CALENDAR:
            world.store.run(f"DELETE FROM {table} WHERE calendar_id = ?", email)  # noqa: S608
        world.store.run("DELETE FROM calendar WHERE id = ?", email)
        world.store.run("DELETE FROM acl WHERE scope_type = 'user' AND scope_value = ?", email)
        world.store.run("DELETE FROM listed WHERE email = ?", email)
        world.store.run("DELETE FROM membership WHERE email = ?", email)
        world.store.run("DELETE FROM account WHERE email = ?", email)


def _primary(account: Account, email: str) -> Resource:
    body: Resource = {
        "summary": email,
        "timeZone": account.zone,
        "conferenceProperties": {"allowedConferenceSolutionTypes": [MEET]},
        "_name": account.name,
    }
    if account.kind == "room":
        return {**body, "summary": account.name, "autoAcceptInvitations": True}
    return {**body, "workingHours": working_hours.office_hours()} if account.hd else body
