"""Calendar v3 over HTTP: calendars, who may see them, and when they are busy."""

from __future__ import annotations

from flask import Blueprint

from scheduler.emulator import bodies, calendar, freebusy, transfer
from scheduler.emulator.calls import api_call, body
from scheduler.emulator.errors import Resource
from scheduler.emulator.world import Principal, World

calendars_api = Blueprint("calendars_api", __name__, url_prefix="/calendar/v3")


@calendars_api.post("/calendars")
@api_call("calendars.insert")
def calendars_insert(world: World, who: Principal) -> Resource:
    return calendar.insert(world, who, body(bodies.CALENDAR))


@calendars_api.get("/calendars/<calendar_id>")
@api_call("calendars.get")
def calendars_get(world: World, who: Principal, calendar_id: str) -> Resource:
    return calendar.get(world, who, calendar_id)


@calendars_api.patch("/calendars/<calendar_id>")
@api_call("calendars.patch")
def calendars_patch(world: World, who: Principal, calendar_id: str) -> Resource:
    return calendar.patch(world, who, calendar_id, body(bodies.CALENDAR))


@calendars_api.put("/calendars/<calendar_id>")
@api_call("calendars.update")
def calendars_update(world: World, who: Principal, calendar_id: str) -> Resource:
    return calendar.update(world, who, calendar_id, body(bodies.CALENDAR))


@calendars_api.delete("/calendars/<calendar_id>")
@api_call("calendars.delete")
def calendars_delete(world: World, who: Principal, calendar_id: str) -> None:
    transfer.delete_calendar(world, who, calendar_id)


@calendars_api.get("/calendars/<calendar_id>/acl")
@api_call("acl.list")
def acl_list(world: World, who: Principal, calendar_id: str) -> Resource:
    return {
        "kind": "calendar#acl",
        "etag": '"acl"',
        "items": calendar.acl_of(world, who, calendar_id),
        "nextSyncToken": "acl",
    }


@calendars_api.post("/calendars/<calendar_id>/acl")
@api_call("acl.insert")
def acl_insert(world: World, who: Principal, calendar_id: str) -> Resource:
    return calendar.acl_insert(world, who, calendar_id, body(bodies.ACL_RULE))


@calendars_api.post("/freeBusy")
@api_call("freebusy.query")
def free_busy(world: World, who: Principal) -> Resource:
    return freebusy.query(world, who, body(bodies.FREE_BUSY))
