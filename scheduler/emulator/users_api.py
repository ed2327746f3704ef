"""Calendar v3 over HTTP: what belongs to whoever is signed in."""

from __future__ import annotations

from flask import Blueprint, request

from scheduler.emulator import bodies, calendar_list, channels, palette, user_settings
from scheduler.emulator.calendar_list import Wanted
from scheduler.emulator.calls import api_call, body, flag
from scheduler.emulator.errors import Resource
from scheduler.emulator.parameters import if_match, optional_flag, paging
from scheduler.emulator.world import Principal, World

users_api = Blueprint("users_api", __name__, url_prefix="/calendar/v3")
_LIST = "/users/me/calendarList"
_ENTRY = f"{_LIST}/<calendar_id>"
_SETTINGS = "/users/me/settings"


@users_api.get(_LIST)
@api_call("calendarList.list")
def calendar_list_list(world: World, who: Principal) -> Resource:
    return calendar_list.list_entries(world, who, _wanted(), paging())


@users_api.get(_ENTRY)
@api_call("calendarList.get")
def calendar_list_get(world: World, who: Principal, calendar_id: str) -> Resource:
    return calendar_list.get(world, who, calendar_id)


@users_api.post(_LIST)
@api_call("calendarList.insert")
def calendar_list_insert(world: World, who: Principal) -> Resource:
    return calendar_list.insert(world, who, body(bodies.LIST_ENTRY), is_rgb=_is_rgb())


@users_api.patch(_ENTRY)
@api_call("calendarList.patch")
def calendar_list_patch(world: World, who: Principal, calendar_id: str) -> Resource:
    given, match = body(bodies.LIST_ENTRY), if_match()
    return calendar_list.patch(world, who, calendar_id, given, is_rgb=_is_rgb(), if_match=match)


@users_api.put(_ENTRY)
@api_call("calendarList.update")
def calendar_list_update(world: World, who: Principal, calendar_id: str) -> Resource:
    given, match = body(bodies.LIST_ENTRY), if_match()
    return calendar_list.update(world, who, calendar_id, given, is_rgb=_is_rgb(), if_match=match)


@users_api.delete(_ENTRY)
@api_call("calendarList.delete")
def calendar_list_delete(world: World, who: Principal, calendar_id: str) -> None:
    calendar_list.delete(world, who, calendar_id, if_match=if_match())


@users_api.post(f"{_LIST}/watch")
@api_call("calendarList.watch")
def calendar_list_watch(world: World, who: Principal) -> Resource:
    return channels.watch_calendar_list(world, who, body(bodies.CHANNEL), _asked())


@users_api.get(_SETTINGS)
@api_call("settings.list")
def settings_list(world: World, who: Principal) -> Resource:
    return user_settings.list_settings(world, who, paging())


@users_api.get(f"{_SETTINGS}/<name>")
@api_call("settings.get")
def settings_get(world: World, who: Principal, name: str) -> Resource:
    return user_settings.get(world, who, name)


@users_api.post(f"{_SETTINGS}/watch")
@api_call("settings.watch")
def settings_watch(world: World, who: Principal) -> Resource:
    return channels.watch_settings(world, who, body(bodies.CHANNEL), _asked())


@users_api.get("/colors")
@api_call("colors.get")
def colors(world: World, who: Principal) -> Resource:
    return palette.colors()


@users_api.post("/channels/stop")
@api_call("channels.stop")
def channels_stop(world: World, who: Principal) -> None:
    channels.stop(world, who, body(bodies.CHANNEL))


def _wanted() -> Wanted:
    return Wanted(
        min_access_role=request.args.get("minAccessRole"),
        show_deleted=optional_flag("showDeleted"),
        show_hidden=optional_flag("showHidden"),
        show_own_organization_only=optional_flag("showOwnOrganizationOnly"),
    )


def _is_rgb() -> bool:
    return flag("colorRgbFormat")


def _asked() -> str:
    return request.query_string.decode()
