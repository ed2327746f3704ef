"""Push channels: watch, stop, and the notifications that ring when a calendar changes."""

from __future__ import annotations

import json
import secrets
import threading
import time
import urllib.request
from datetime import UTC, datetime
from email.utils import format_datetime
from queue import Empty, Queue
from random import SystemRandom
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from scheduler.emulator import errors
from scheduler.emulator.calendar import opened
from scheduler.emulator.errors import Resource
from scheduler.emulator.store import dumps
from scheduler.emulator.world import Notice, Principal, World

CHANNEL_SECONDS = 7 * 86400
CHANNEL_SECONDS_MAX = 30 * 86400
ID_LENGTH_MAX = 64
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_RETRIED = (500, 502, 503, 504)
_BACK_OFF_SECONDS = (0.5, 1.0, 2.0)
_TIMEOUT_SECONDS = 10.0
_chance = SystemRandom()


def watch(world: World, who: Principal, calendar_id: str, given: Resource) -> Resource:
    """Open a channel on a calendar's events; the first notification says "sync".

    {id, type: "web_hook", address, token?, expiration? (ms)}; https only, except on loopback.
    """
    calendar, _ = opened(world, who, calendar_id, "reader")
    channel_id = str(given.get("id") or "")
    if not channel_id or len(channel_id) > ID_LENGTH_MAX:
        raise (
            errors.required("Missing channel id.")
            if not channel_id
            else errors.invalid("Channel id")
        )
    if given.get("type") not in ("web_hook", "webhook"):
        raise errors.Refused(
            400, "push.channelTypeNotSupported", f"Channel type {given.get('type')} not supported."
        )
    address = str(given.get("address") or "")
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        message = f"WebHook callback must be HTTPS: {address}"
        raise errors.Refused(400, "push.webhookUrlNotHttps", message)
    if world.store.one("SELECT 1 FROM channel WHERE id = ?", channel_id):
        raise errors.Refused(400, "channelIdNotUnique", f"Channel id {channel_id} not unique")
    now = world.now().timestamp()
    asked = int(given["expiration"]) / 1000 if given.get("expiration") else now + CHANNEL_SECONDS
    expires = min(asked, now + CHANNEL_SECONDS_MAX)
    resource_id = secrets.token_urlsafe(18)
    uri = f"{world.settings.base_url}/calendar/v3/calendars/{calendar.id}/events?alt=json"
    world.store.run(
        "INSERT INTO channel VALUES (?, ?, ?, ?, ?, ?, 1, ?)",
        channel_id,
        f"events {calendar.id}",
        who.email,
        resource_id,
        address,
        expires,
        dumps({"token": given.get("token"), "uri": uri}),
    )
    _queue(world, channel_id, "sync")
    answer = {
        "kind": "api#channel",
        "id": channel_id,
        "resourceId": resource_id,
        "resourceUri": uri,
        "expiration": str(int(expires * 1000)),
    }
    return answer | ({"token": given["token"]} if given.get("token") else {})


def stop(world: World, who: Principal, given: Resource) -> None:
    """Close a channel; 404 when it is unknown or somebody else's."""
    gone = world.store.run(
        "DELETE FROM channel WHERE id = ? AND resource_id = ? AND email = ?",
        str(given.get("id")),
        str(given.get("resourceId")),
        who.email,
    )
    if not gone:
        raise errors.Refused(404, "notFound", f"Channel '{given.get('id')}' not found for project")


class Pusher:
    """Delivers notifications in the background, in order, losing and doubling as the switches say."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._queue: Queue[tuple[float, Notice]] = Queue()
        self._thread: threading.Thread | None = None
        self._is_stopped = threading.Event()
        self._lock = threading.Lock()

    def flush(self) -> None:
        """Hand over what kept transactions have rung."""
        world = self._world
        if not world.rung and not world.notices:
            return
        with world.store.transaction():
            rung, world.rung = world.rung, set()
            for topic in sorted(rung):
                for row in world.store.all("SELECT id FROM channel WHERE topic = ?", topic):
                    _queue(world, row["id"], "exists")
        for notice in world.take_notices():
            self._send(notice)

    def stop(self) -> None:
        """Stop delivering."""
        self._is_stopped.set()

    def _send(self, ring: Notice) -> None:
        switches = self._world.switches
        is_sync = ring.headers["X-Goog-Resource-State"] == "sync"
        if not is_sync and _chance.random() < switches.push_drop:
            return
        due = time.monotonic() + switches.push_delay
        self._queue.put((due, ring))
        if _chance.random() < switches.push_duplicate:
            self._queue.put((due, ring))
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._deliver, name="push", daemon=True)
                self._thread.start()

    def _deliver(self) -> None:
        while not self._is_stopped.is_set():
            try:
                due, ring = self._queue.get(timeout=5)
            except Empty:
                return
            time.sleep(max(0.0, due - time.monotonic()))
            for pause in (0.0, *_BACK_OFF_SECONDS):
                time.sleep(pause)
                if _post(ring):
                    break


def _queue(world: World, channel_id: str, state: str) -> None:
    row = world.store.one("SELECT * FROM channel WHERE id = ?", channel_id)
    if row is None:
        return
    if row["expires_at"] <= world.now().timestamp():
        world.store.run("DELETE FROM channel WHERE id = ?", channel_id)
        return
    body = json.loads(row["body"])
    expires = datetime.fromtimestamp(row["expires_at"], UTC)
    headers = {
        "X-Goog-Channel-ID": channel_id,
        "X-Goog-Message-Number": str(row["number"]),
        "X-Goog-Resource-ID": row["resource_id"],
        "X-Goog-Resource-State": state,
        "X-Goog-Resource-URI": body["uri"],
        "X-Goog-Channel-Expiration": format_datetime(expires, usegmt=True),
    }
    if body.get("token"):
        headers["X-Goog-Channel-Token"] = body["token"]
    world.store.run(
        "UPDATE channel SET number = number + ? WHERE id = ?", 1 + _chance.randrange(3), channel_id
    )
    world.notices.append(Notice(row["address"], headers))


def _post(ring: Notice) -> bool:
    """Post one notification; True when it is over, also when it was refused for good."""
    request = urllib.request.Request(ring.address, data=b"", headers=ring.headers, method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS):  # noqa: S310
            return True
    except HTTPError as error:
        return error.code not in _RETRIED
    except (URLError, OSError):
        return False
