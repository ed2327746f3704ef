"""Calendar v3 over HTTP: what belongs to whoever is signed in."""

from __future__ import annotations

from flask import Blueprint, request

from scheduler.emulator import bodies, calendar, errors, listing, push
from scheduler.emulator.calls import api_call, body, flag, number
from scheduler.emulator.errors import Resource
from scheduler.emulator.world import Principal, World

users_api = Blueprint("users_api", __name__, url_prefix="/calendar/v3")


@users_api.get("/users/me/calendarList")
@api_call("calendarList.list")
def calendar_list(world: World, who: Principal) -> Resource:
    return calendar_pages(world, who)


@users_api.post("/users/me/calendarList")
@api_call("calendarList.insert")
def calendar_list_insert(world: World, who: Principal) -> Resource:
    return calendar.list_insert(world, who, body(bodies.LIST_ENTRY))


@users_api.get("/users/me/calendarList/<calendar_id>")
@api_call("calendarList.get")
def calendar_list_get(world: World, who: Principal, calendar_id: str) -> Resource:
    return calendar.list_entry(world, who, calendar_id)


@users_api.route("/users/me/calendarList/<calendar_id>", methods=["PATCH", "PUT"])
@api_call("calendarList.patch")
def calendar_list_patch(world: World, who: Principal, calendar_id: str) -> Resource:
    return calendar.list_patch(world, who, calendar_id, body(bodies.LIST_ENTRY))


@users_api.delete("/users/me/calendarList/<calendar_id>")
@api_call("calendarList.delete")
def calendar_list_delete(world: World, who: Principal, calendar_id: str) -> None:
    calendar.list_delete(world, who, calendar_id)


@users_api.get("/users/me/settings")
@api_call("settings.list")
def settings_list(world: World, who: Principal) -> Resource:
    return {
        "kind": "calendar#settings",
        "etag": '"settings"',
        "items": calendar.settings_of(world, who),
        "nextSyncToken": "settings",
    }


@users_api.get("/users/me/settings/<name>")
@api_call("settings.get")
def settings_get(world: World, who: Principal, name: str) -> Resource:
    for setting in calendar.settings_of(world, who):
        if setting["id"] == name:
            return setting
    raise errors.not_found()


@users_api.get("/colors")
@api_call("colors.get")
def colors(world: World, who: Principal) -> Resource:
    return calendar.COLORS


@users_api.post("/channels/stop")
@api_call("channels.stop")
def channels_stop(world: World, who: Principal) -> None:
    push.stop(world, who, body(bodies.CHANNEL))


def calendar_pages(world: World, who: Principal) -> Resource:
    """Return calendarList.list: paged, with a sync token on the last page."""
    key = world.store.secret("token key")
    scope = ["list", who.email, listing.epoch_of(world)]
    entries = calendar.list_entries(world, who)
    newest = max((change for change, _ in entries), default=0)
    since = 0
    sync_token = request.args.get("syncToken")
    if sync_token is not None:
        token = listing.unseal(key, sync_token)
        if token is None or token.get("scope") != scope:
            raise errors.full_sync_required()
        since = int(token["since"])
    show_deleted = flag("showDeleted") or sync_token is not None
    wanted = [
        entry
        for change, entry in entries
        if change > since and (show_deleted or "deleted" not in entry)
    ]
    page = listing.unseal(key, request.args.get("pageToken", "")) or {}
    items, ahead = listing.paged(
        wanted, int(page.get("offset", 0)), number("maxResults", 100) or 100
    )
    answer: Resource = {
        "kind": "calendar#calendarList",
        "etag": f'"l{newest:010d}"',
        "items": items,
    }
    if ahead is not None:
        return {**answer, "nextPageToken": listing.seal(key, {"offset": ahead})}
    return {**answer, "nextSyncToken": listing.seal(key, {"since": newest, "scope": scope})}
