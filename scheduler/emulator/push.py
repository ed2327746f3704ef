"""Notifications: what rings when something watched has changed, and what is lost on the way."""

from __future__ import annotations

import json
import sqlite3
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime
from random import SystemRandom

from scheduler.emulator.calendar import role_for
from scheduler.emulator.courier import Courier, Notice
from scheduler.emulator.store import dumps
from scheduler.emulator.world import World

_chance = SystemRandom()
_IS_WAITING = "SELECT 1 FROM rung UNION ALL SELECT 1 FROM notice WHERE id > ? LIMIT 1"


class Pusher:
    """Rings the channels of what has changed, losing and doubling as the switches say.

    What has been rung and what is to be delivered stands in the store until it is settled, so that
    a restart delivers what was left over.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._courier = Courier(self._settled)
        self._handed_over = 0

    def flush(self) -> None:
        """Hand over what kept transactions have rung; nobody waits for a receiver."""
        store = self._world.store
        if not store.one(_IS_WAITING, self._handed_over):
            return
        with store.transaction():
            for rung in store.all("DELETE FROM rung RETURNING topic"):
                for row in store.all("SELECT * FROM channel WHERE topic = ?", rung["topic"]):
                    _ring(self._world, row)
            waiting = store.all("SELECT * FROM notice WHERE id > ? ORDER BY id", self._handed_over)
            for row in waiting:
                self._send(Notice(row["id"], row["address"], json.loads(row["headers"])))
                self._handed_over = row["id"]

    def stop(self) -> None:
        """Stop delivering."""
        self._courier.stop()

    def _send(self, notice: Notice) -> None:
        switches = self._world.switches
        is_sync = notice.headers["X-Goog-Resource-State"] == "sync"
        if not is_sync and _chance.random() < switches.push_drop:
            self._settled(notice)
            return
        copies = 2 if _chance.random() < switches.push_duplicate else 1
        for _ in range(copies):
            self._courier.take(notice, switches.push_delay)

    def _settled(self, notice: Notice) -> None:
        """Forget a notification: it was delivered, refused, lost on purpose or given up."""
        # After the store is closed it stays, and comes once more: "at least once" is what push is.
        with suppress(sqlite3.ProgrammingError):
            self._world.store.run("DELETE FROM notice WHERE id = ?", notice.id)


def notify(world: World, row: sqlite3.Row, state: str) -> None:
    """Queue a notification; message numbers rise, from 1, "but not sequentially"."""
    body = json.loads(row["body"])
    expires = datetime.fromtimestamp(row["expires_at"], UTC)
    headers = {
        "X-Goog-Channel-ID": row["id"],
        "X-Goog-Message-Number": str(row["number"]),
        "X-Goog-Resource-ID": row["resource_id"],
        "X-Goog-Resource-State": state,
        "X-Goog-Resource-URI": body["uri"],
        "X-Goog-Channel-Expiration": format_datetime(expires, usegmt=True),
    }
    if body.get("token"):
        headers["X-Goog-Channel-Token"] = body["token"]
    world.store.run(
        "UPDATE channel SET number = number + ? WHERE id = ?",
        1 + _chance.randrange(3),
        row["id"],
    )
    world.store.run(
        "INSERT INTO notice (address, headers) VALUES (?, ?)", row["address"], dumps(headers)
    )


def _ring(world: World, row: sqlite3.Row) -> None:
    """Tell a channel of a change, unless it has expired or its owner has lost the access."""
    if row["expires_at"] <= world.now().timestamp():
        world.store.run("DELETE FROM channel WHERE id = ?", row["id"])
        return
    kind, _, key = row["topic"].partition(" ")
    if kind in ("events", "acl") and role_for(world, row["email"], key) == "none":
        return
    notify(world, row, "exists")
