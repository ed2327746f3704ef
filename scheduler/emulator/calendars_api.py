"""Calendar v3 over HTTP: calendars, who may see them, and when they are busy."""

from __future__ import annotations

from flask import Blueprint, request

from scheduler.emulator import acl, bodies, calendars, channels, freebusy
from scheduler.emulator.calls import api_call, body, flag
from scheduler.emulator.errors import Resource
from scheduler.emulator.parameters import if_match, optional_flag, paging, sends_notifications
from scheduler.emulator.world import Principal, World

calendars_api = Blueprint("calendars_api", __name__, url_prefix="/calendar/v3")
_CALENDAR = "/calendars/<calendar_id>"
_RULES = f"{_CALENDAR}/acl"
_RULE = f"{_RULES}/<rule_id>"


@calendars_api.post("/calendars")
@api_call("calendars.insert")
def calendars_insert(world: World, who: Principal) -> Resource:
    return calendars.insert(world, who, body(bodies.CALENDAR))


@calendars_api.get(_CALENDAR)
@api_call("calendars.get")
def calendars_get(world: World, who: Principal, calendar_id: str) -> Resource:
    return calendars.get(world, who, calendar_id)


@calendars_api.patch(_CALENDAR)
@api_call("calendars.patch")
def calendars_patch(world: World, who: Principal, calendar_id: str) -> Resource:
    return calendars.patch(world, who, calendar_id, body(bodies.CALENDAR), if_match())


@calendars_api.put(_CALENDAR)
@api_call("calendars.update")
def calendars_update(world: World, who: Principal, calendar_id: str) -> Resource:
    return calendars.update(world, who, calendar_id, body(bodies.CALENDAR), if_match())


@calendars_api.delete(_CALENDAR)
@api_call("calendars.delete")
def calendars_delete(world: World, who: Principal, calendar_id: str) -> None:
    calendars.delete(world, who, calendar_id, if_match())


@calendars_api.post(f"{_CALENDAR}/clear")
@api_call("calendars.clear")
def calendars_clear(world: World, who: Principal, calendar_id: str) -> None:
    calendars.clear(world, who, calendar_id)


@calendars_api.post(f"{_CALENDAR}/transferOwnership")
@api_call("calendars.transferOwnership")
def calendars_transfer_ownership(world: World, who: Principal, calendar_id: str) -> None:
    new_owner = request.args.get("newDataOwner", "")
    admin = flag("useAdminAccess")
    calendars.transfer_ownership(world, who, calendar_id, new_owner, use_admin_access=admin)


@calendars_api.get(_RULES)
@api_call("acl.list")
def acl_list(world: World, who: Principal, calendar_id: str) -> Resource:
    return acl.list_rules(world, who, calendar_id, paging(), optional_flag("showDeleted"))


@calendars_api.get(_RULE)
@api_call("acl.get")
def acl_get(world: World, who: Principal, calendar_id: str, rule_id: str) -> Resource:
    return acl.get(world, who, calendar_id, rule_id)


@calendars_api.post(_RULES)
@api_call("acl.insert")
def acl_insert(world: World, who: Principal, calendar_id: str) -> Resource:
    rule = body(bodies.ACL_RULE)
    return acl.insert(world, who, calendar_id, rule, notify=sends_notifications())


@calendars_api.patch(_RULE)
@api_call("acl.patch")
def acl_patch(world: World, who: Principal, calendar_id: str, rule_id: str) -> Resource:
    rule, notify = body(bodies.ACL_RULE), sends_notifications()
    return acl.patch(world, who, calendar_id, rule_id, rule, notify=notify, if_match=if_match())


@calendars_api.put(_RULE)
@api_call("acl.update")
def acl_update(world: World, who: Principal, calendar_id: str, rule_id: str) -> Resource:
    rule, notify = body(bodies.ACL_RULE), sends_notifications()
    return acl.update(world, who, calendar_id, rule_id, rule, notify=notify, if_match=if_match())


@calendars_api.delete(_RULE)
@api_call("acl.delete")
def acl_delete(world: World, who: Principal, calendar_id: str, rule_id: str) -> None:
    acl.delete(world, who, calendar_id, rule_id, if_match())


@calendars_api.post(f"{_RULES}/watch")
@api_call("acl.watch")
def acl_watch(world: World, who: Principal, calendar_id: str) -> Resource:
    return channels.watch_acl(world, who, calendar_id, body(bodies.CHANNEL), _asked())


@calendars_api.post("/freeBusy")
@api_call("freebusy.query")
def free_busy(world: World, who: Principal) -> Resource:
    return freebusy.query(world, who, body(bodies.FREE_BUSY))


def _asked() -> str:
    return request.query_string.decode()
