"""Notifications: what rings when something watched has changed, and what is lost on the way."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from email.utils import format_datetime
from random import SystemRandom

from scheduler.emulator.calendar import role_for
from scheduler.emulator.courier import Courier
from scheduler.emulator.world import Notice, World

_chance = SystemRandom()


class Pusher:
    """Rings the channels of what has changed, losing and doubling as the switches say."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._courier = Courier()

    def flush(self) -> None:
        """Hand over what kept transactions have rung; nobody waits for a receiver."""
        world = self._world
        if not world.rung and not world.notices:
            return
        with world.store.transaction():
            rung, world.rung = world.rung, set()
            for topic in sorted(rung):
                for row in world.store.all("SELECT * FROM channel WHERE topic = ?", topic):
                    _ring(world, row)
        for notice in world.take_notices():
            self._send(notice)

    def stop(self) -> None:
        """Stop delivering."""
        self._courier.stop()

    def _send(self, notice: Notice) -> None:
        switches = self._world.switches
        is_sync = notice.headers["X-Goog-Resource-State"] == "sync"
        if not is_sync and _chance.random() < switches.push_drop:
            return
        copies = 2 if _chance.random() < switches.push_duplicate else 1
        for _ in range(copies):
            self._courier.take(notice, switches.push_delay)


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
    world.notices.append(Notice(row["address"], headers))


def _ring(world: World, row: sqlite3.Row) -> None:
    """Tell a channel of a change, unless it has expired or its owner has lost the access."""
    if row["expires_at"] <= world.now().timestamp():
        world.store.run("DELETE FROM channel WHERE id = ?", row["id"])
        return
    kind, _, key = row["topic"].partition(" ")
    if kind in ("events", "acl") and role_for(world, row["email"], key) == "none":
        return
    notify(world, row, "exists")
