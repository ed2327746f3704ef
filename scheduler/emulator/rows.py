"""Event rows: one per calendar copy, each write with the next change number of its calendar."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, replace
from typing import Any

from scheduler.emulator import placement, recurrence
from scheduler.emulator.calendar import Calendar
from scheduler.emulator.errors import Resource
from scheduler.emulator.moments import instant, rfc3339_millis
from scheduler.emulator.store import Store, dumps
from scheduler.emulator.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One event on one calendar. `master` is the organizer's calendar of a copy, else empty.

    `body` holds the resource without what is computed (etag, self, htmlLink); names that begin
    with "_" are the emulator's own and never shown.
    """

    calendar_id: str
    id: str
    uid: str
    master: str
    status: str
    starts: int
    ends: int
    change: int
    updated: str
    asked_at: float | None
    body: Resource

    @property
    def is_copy(self) -> bool:
        """Say whether this is a guest's view of somebody else's event."""
        return bool(self.master)

    @property
    def etag(self) -> str:
        """Return the etag, quotes included; another one after every write."""
        return f'"{3_000_000_000_000_000 + self.change * 2}"'


def load(store: Store, calendar_id: str, event_id: str) -> Row | None:
    """Return one event, cancelled ones too."""
    found = store.one("SELECT * FROM event WHERE calendar_id = ? AND id = ?", calendar_id, event_id)
    return from_sql(found) if found else None


def select(store: Store, where: str, *values: Any) -> list[Row]:
    """Return the events for a condition of ours, e.g. "calendar_id = ? ORDER BY starts"."""
    return [from_sql(row) for row in store.all(f"SELECT * FROM event WHERE {where}", *values)]  # noqa: S608


def from_sql(row: sqlite3.Row | dict[str, Any]) -> Row:
    """Return the row of a query over all columns of `event`."""
    return Row(**{**dict(row), "body": json.loads(row["body"])})


def put(
    world: World,
    calendar: Calendar,
    event_id: str,
    body: Resource,
    *,
    master: str = "",
    asked_at: float | None = None,
) -> Row:
    """Write an event with the calendar's next change number, its tags, and ring its channels."""
    store = world.store
    change = placement.next_change(store, calendar.id)
    updated = rfc3339_millis(world.now())
    body = {**body, "updated": updated}
    row = Row(
        calendar_id=calendar.id,
        id=event_id,
        uid=str(body["iCalUID"]),
        master=master,
        status=str(body.get("status", "confirmed")),
        starts=instant(body["start"], calendar.zone),
        ends=_over_at(body, calendar.zone),
        change=change,
        updated=updated,
        asked_at=asked_at,
        body=body,
    )
    store.run(
        "INSERT OR REPLACE INTO event (calendar_id, id, uid, master, status, starts, ends, change,"
        " updated, asked_at, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        row.calendar_id,
        row.id,
        row.uid,
        row.master,
        row.status,
        row.starts,
        row.ends,
        row.change,
        row.updated,
        row.asked_at,
        dumps(row.body),
    )
    _put_tags(store, row)
    placement.place(store, row, calendar.zone)
    world.ring("events", calendar.id)
    return row


def put_quietly(world: World, row: Row, body: Resource) -> Row:
    """Write what is personal: "reminders … changing them does not change updated" nor the etag."""
    world.store.run(
        "UPDATE event SET body = ? WHERE calendar_id = ? AND id = ?",
        dumps(body),
        row.calendar_id,
        row.id,
    )
    return replace(row, body=body)


def _over_at(body: Resource, calendar_zone: str) -> int:
    if body.get("recurrence"):
        return recurrence.last_end(body, calendar_zone)
    return instant(body["end"], calendar_zone)


def _put_tags(store: Store, row: Row) -> None:
    store.run("DELETE FROM tag WHERE calendar_id = ? AND event_id = ?", row.calendar_id, row.id)
    for kind, values in (row.body.get("extendedProperties") or {}).items():
        for name, value in values.items():
            store.run(
                "INSERT OR REPLACE INTO tag VALUES (?, ?, ?, ?, ?)",
                row.calendar_id,
                kind,
                name,
                value,
                row.id,
            )
