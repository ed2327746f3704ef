"""Where a written event stands in time: one row for a single event, one for each known instance.

Free/busy and `singleEvents` read nothing else. An instance has the id that Google gives it, so that
an exception takes the place of the instance it changes. Instances that a changed series no longer
has stay as "gone": a client that follows sync tokens has to hear of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scheduler.emulator import recurrence
from scheduler.emulator.errors import Resource
from scheduler.emulator.recurrence import OPEN_END
from scheduler.emulator.store import Store

if TYPE_CHECKING:
    from scheduler.emulator.rows import Row

GONE = "gone"
"""The status of an instance that its series no longer has; shown as a deletion, and only to a sync."""

_PUT = (
    "INSERT INTO occurrence (calendar_id, id, event_id, series, starts, ends, length, low, high, status,"
    " is_busy, change) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6 - ?5, ?5, ?6, ?7, ?8, ?9)"
    " ON CONFLICT (calendar_id, id)"
    " DO UPDATE SET event_id = excluded.event_id, series = excluded.series, starts = excluded.starts,"
    " ends = excluded.ends, length = excluded.length, low = min(low, excluded.low),"
    " high = max(high, excluded.high), status = excluded.status, is_busy = excluded.is_busy,"
    " change = excluded.change"
)
_UNLESS_AN_EXCEPTION = " WHERE event_id = excluded.event_id"


def is_busy(body: Resource, email: str) -> bool:
    """Say whether an event blocks time: opaque, not cancelled, not declined (GOOGLE.md 9).

    Tentative events and unanswered invitations do; a working location does not.
    """
    if body.get("status") == "cancelled" or body.get("transparency") == "transparent":
        return False
    if body.get("eventType") == "workingLocation":
        return False
    return not any(
        guest["email"] == email and guest.get("responseStatus") == "declined"
        for guest in body.get("attendees") or ()
    )


def place(store: Store, row: Row, calendar_zone: str) -> None:
    """Note when a written event happens; what it no longer covers is gone.

    A series is placed as far as it had been expanded before; 400 invalid for a rule that is none.
    """
    if row.body.get("recurrence"):
        covered = max(_last_known(store, row), row.starts)
        found = recurrence.starts(row.body, calendar_zone, covered)
        _let_go(store, row, {instance_id(row, calendar_zone, start) for start in found})
        put_instances(store, row, calendar_zone, found, row.change)
    else:
        covered = row.ends
        _let_go(store, row, {row.id})
        series = str(row.body.get("recurringEventId") or "")
        busy = is_busy(row.body, row.calendar_id)
        store.run(
            _PUT,
            row.calendar_id,
            row.id,
            row.id,
            series,
            row.starts,
            row.ends,
            row.status,
            busy,
            row.change,
        )
    store.run(
        "INSERT INTO extent VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET low = min(low, excluded.low),"
        " high = max(high, excluded.high), expanded_to = excluded.expanded_to",
        row.calendar_id,
        row.id,
        row.starts,
        row.ends,
        OPEN_END if covered >= row.ends else covered,
    )


def put_instances(
    store: Store, series: Row, calendar_zone: str, starts: Sequence[int], change: int
) -> None:
    """Place instances of a series, each but those that an exception stands for."""
    busy = is_busy(series.body, series.calendar_id)
    store.run_for_each(
        _PUT + _UNLESS_AN_EXCEPTION,
        [
            (
                series.calendar_id,
                instance_id(series, calendar_zone, start),
                series.id,
                series.id,
                start,
                recurrence.ends_of(series.body, calendar_zone, start),
                series.status,
                busy,
                change,
            )
            for start in starts
        ],
    )


def instance_id(series: Row, calendar_zone: str, start: int) -> str:
    """Return the id of the instance that starts at `start`: "<series>_20261124T090000Z"."""
    return f"{series.id}_{recurrence.stamp_of(series.body, calendar_zone, start)}"


def next_change(store: Store, calendar_id: str) -> int:
    """Return the calendar's next change number."""
    counted = store.one(
        "UPDATE calendar SET change = change + 1 WHERE id = ? RETURNING change", calendar_id
    )
    return int(counted["change"]) if counted else 0


# SQLite would rather walk a whole calendar in the order of its primary key: hence INDEXED BY.


def _last_known(store: Store, row: Row) -> int:
    # Left to itself, SQLite walks the whole calendar for the instances of one event.
    seen = store.one(
        "SELECT max(starts) AS last FROM occurrence INDEXED BY occurrence_by_event"
        " WHERE calendar_id = ? AND event_id = ?",
        row.calendar_id,
        row.id,
    )
    return int(seen["last"] or 0) if seen else 0


def _let_go(store: Store, row: Row, kept: set[str]) -> None:
    """Mark what an event used to cover and no longer does."""
    known = store.all(
        "SELECT id FROM occurrence INDEXED BY occurrence_by_event"
        " WHERE calendar_id = ? AND event_id = ? AND status <> ?",
        row.calendar_id,
        row.id,
        GONE,
    )
    for other in known:
        if other["id"] not in kept:
            store.run(
                "UPDATE occurrence SET status = ?, is_busy = 0, change = ?"
                " WHERE calendar_id = ? AND id = ?",
                GONE,
                row.change,
                row.calendar_id,
                other["id"],
            )
