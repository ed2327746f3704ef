"""What a person has chosen in Google Calendar: the rules of settings.*."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.emulator import collection, errors
from scheduler.emulator.calendar import etag_of, next_change
from scheduler.emulator.collection import Entry, Paging
from scheduler.emulator.errors import Resource
from scheduler.emulator.world import Principal, World

_LENGTH_MAX = 1024
_DEFAULTS = {
    "autoAddHangouts": "false",
    "dateFieldOrder": "DMY",
    "defaultEventLength": "60",
    "format24HourTime": "true",
    "hideInvitations": "false",
    "hideWeekends": "false",
    "locale": "en",
    "remindOnRespondedEventsOnly": "false",
    "showDeclinedEvents": "true",
    "timezone": "UTC",
    "useKeyboardShortcuts": "true",
    "weekStart": "1",
}
"""Every id that the reference documents, as a person in Europe finds it."""


def list_settings(world: World, who: Principal, paging: Paging) -> Resource:
    """Return a page of the caller's settings, or what has changed since a sync."""
    name = f"settings {who.email}"
    answer = collection.page_of(
        world, who, name, _entries(world, who.email), paging, lambda setting: True
    )
    return {"kind": "calendar#settings", **answer}


def get(world: World, who: Principal, name: str) -> Resource:
    """Return one setting; 404 for an id that is none."""
    for entry in _entries(world, who.email):
        if entry.item["id"] == name:
            return entry.item
    raise errors.not_found()


def hides_invitations(world: World, email: str) -> bool:
    """Say whether somebody hides "events to which the user is invited but hasn't acted on"."""
    row = world.store.one(
        "SELECT value FROM user_setting WHERE email = ? AND name = 'hideInvitations'", email
    )
    return row is not None and row["value"] == "true"


def put(world: World, email: str, name: str, value: str) -> None:
    """Choose something, as a person does in their calendar: the API itself cannot."""
    if name not in _DEFAULTS or len(value) > _LENGTH_MAX:
        raise errors.invalid(f"Invalid value for: {name} is not a valid value")
    with world.store.transaction():
        world.store.run(
            "INSERT OR REPLACE INTO user_setting VALUES (?, ?, ?, ?)",
            email.lower(),
            name,
            value,
            next_change(world, f"settings {email.lower()}"),
        )
        world.ring("settings", email.lower())


def _entries(world: World, email: str) -> Iterator[Entry]:
    account = world.account(email)
    zone = {"timezone": account.zone} if account else {}
    chosen = {
        row["name"]: (row["value"], row["change"])
        for row in world.store.all("SELECT * FROM user_setting WHERE email = ?", email)
    }
    for name, default in {**_DEFAULTS, **zone}.items():
        value, change = chosen.get(name, (default, 0))
        item = {
            "kind": "calendar#setting",
            "etag": etag_of([name, value]),
            "id": name,
            "value": value,
        }
        yield Entry(change=change, order=(name,), item=item)
