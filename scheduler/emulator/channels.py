"""Push channels: who watches what, where it rings, and until when."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from scheduler.emulator import errors, push
from scheduler.emulator.calendar import Calendar, opened
from scheduler.emulator.errors import Refused, Resource
from scheduler.emulator.store import dumps
from scheduler.emulator.world import Principal, World

CHANNEL_SECONDS = 7 * 86400
"""How long a channel lives that asks for nothing: "default is 604800 seconds"."""

CHANNEL_SECONDS_MAX = 30 * 86400
ID_LENGTH_MAX, TOKEN_LENGTH_MAX = 64, 256
_TYPES = ("web_hook", "webhook")


@dataclass(frozen=True, slots=True)
class _Watched:
    """What a channel watches: its kind and key as in `World.ring`, and its path in the API."""

    kind: str
    key: str
    path: str

    @property
    def topic(self) -> str:
        return f"{self.kind} {self.key}"


def watch_events(
    world: World, who: Principal, calendar_id: str, given: Resource, asked: str
) -> Resource:
    """Open a channel on the events of a calendar. `asked` is the query string of the call."""
    calendar, _ = opened(world, who, calendar_id, "freeBusyReader")
    watched = _Watched("events", calendar.id, f"{_path(calendar)}/events")
    return _watch(world, who, watched, given, asked)


def watch_acl(
    world: World, who: Principal, calendar_id: str, given: Resource, asked: str
) -> Resource:
    """Open a channel on the access rules of a calendar."""
    calendar, _ = opened(world, who, calendar_id, "writer")
    return _watch(world, who, _Watched("acl", calendar.id, f"{_path(calendar)}/acl"), given, asked)


def watch_calendar_list(world: World, who: Principal, given: Resource, asked: str) -> Resource:
    """Open a channel on the caller's own calendar list."""
    watched = _Watched("calendarList", who.email, "users/me/calendarList")
    return _watch(world, who, watched, given, asked)


def watch_settings(world: World, who: Principal, given: Resource, asked: str) -> Resource:
    """Open a channel on the caller's own settings."""
    watched = _Watched("settings", who.email, "users/me/settings")
    return _watch(world, who, watched, given, asked)


def stop(world: World, who: Principal, given: Resource) -> None:
    """Close a channel; 404 when it is unknown, somebody else's or of another resource."""
    gone = world.store.run(
        "DELETE FROM channel WHERE id = ? AND resource_id = ? AND email = ?",
        str(given.get("id")),
        str(given.get("resourceId")),
        who.email,
    )
    if not gone:
        raise Refused(404, "notFound", f"Channel '{given.get('id')}' not found for project")


def _watch(
    world: World, who: Principal, watched: _Watched, given: Resource, asked: str
) -> Resource:
    """Open a channel; its first notification says "sync".

    `given` is {id, type: "web_hook", address, token?, expiration? (ms), params.ttl? (seconds)}; https
    only, except on loopback. Answers with resourceId, which is the same for every channel on one
    resource, resourceUri and expiration.
    """
    channel_id = _checked_id(world, given.get("id"))
    if given.get("type") not in _TYPES:
        message = f"Channel type {given.get('type')} not supported."
        raise Refused(400, "push.channelTypeNotSupported", message)
    address = _checked_address(str(given.get("address") or ""))
    token = given.get("token") or None
    if token and len(token) > TOKEN_LENGTH_MAX:
        raise errors.invalid("Channel token is too long.")
    expires_at = _expiration(world, given)
    resource_id = _resource_id(world, watched)
    base_url = world.settings.base_url
    uri = f"{base_url}/calendar/v3/{watched.path}?{asked or 'alt=json'}"
    world.store.run(
        "INSERT INTO channel VALUES (?, ?, ?, ?, ?, ?, 1, ?)",
        channel_id,
        watched.topic,
        who.email,
        resource_id,
        address,
        expires_at,
        dumps({"token": token, "uri": uri}),
    )
    row = world.store.one("SELECT * FROM channel WHERE id = ?", channel_id)
    if row is not None:
        push.notify(world, row, "sync")
    answer = {
        "kind": "api#channel",
        "id": channel_id,
        "resourceId": resource_id,
        "resourceUri": uri,
        "expiration": str(int(expires_at * 1000)),
    }
    return answer | ({"token": token} if token else {})


def _checked_id(world: World, given: str | None) -> str:
    """Return the channel's id: at most 64 characters, and of no channel that lives."""
    if not given:
        raise errors.required("Missing channel id.")
    if len(given) > ID_LENGTH_MAX:
        raise errors.invalid("Channel id must be at most 64 characters long.")
    world.store.run("DELETE FROM channel WHERE expires_at <= ?", world.now().timestamp())
    if world.store.one("SELECT 1 FROM channel WHERE id = ?", given):
        raise Refused(400, "channelIdNotUnique", f"Channel id {given} not unique")
    return given


def _checked_address(address: str) -> str:
    """Return where to ring: https with a host that can have a certificate, or http on loopback.

    "The address needs a valid, non-self-signed certificate": a bare name or an IP number has none.
    """
    if not address:
        raise errors.required("Missing channel address.")
    parts = urlsplit(address)
    host = parts.hostname or ""
    if _is_loopback(host) and parts.scheme in ("http", "https"):
        return address
    if parts.scheme != "https":
        raise Refused(400, "push.webhookUrlNotHttps", f"WebHook callback must be HTTPS: {address}")
    if "." not in host or _is_number(host):
        raise Refused(
            400,
            "push.webhookUrlUnauthorized",
            f"Unauthorized WebHook callback channel: {address}",
        )
    return address


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_number(host) and ip_address(host).is_loopback)


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _expiration(world: World, given: Resource) -> float:
    """Return the epoch second at which a channel falls silent; a month ahead at most [F].

    What Google says to a moment that is past is unknown; here 400.
    """
    now = world.now().timestamp()
    try:
        if given.get("expiration"):
            asked = int(given["expiration"]) / 1000
        elif (given.get("params") or {}).get("ttl"):
            asked = now + int(given["params"]["ttl"])
        else:
            asked = now + CHANNEL_SECONDS
    except ValueError as error:
        raise errors.invalid("Invalid channel expiration.") from error
    if asked <= now:
        raise errors.invalid("Channel expiration is in the past.")
    return min(asked, now + CHANNEL_SECONDS_MAX)


def _resource_id(world: World, watched: _Watched) -> str:
    """Return the "opaque ID that identifies the resource being watched"."""
    key = world.store.secret("channel key")
    return hmac.new(key, watched.topic.encode(), hashlib.sha256).hexdigest()[:27]


def _path(calendar: Calendar) -> str:
    return f"calendars/{quote(calendar.id, safe='')}"
