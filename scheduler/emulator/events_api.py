"""Calendar v3 over HTTP: events, their instances and their watch."""

from __future__ import annotations

from typing import overload

from flask import Blueprint, request

from scheduler.emulator import bodies, channels, errors, events, listing, transfer
from scheduler.emulator.calls import api_call, body, flag, number, world
from scheduler.emulator.errors import Resource
from scheduler.emulator.kinds import KINDS
from scheduler.emulator.masters import Write
from scheduler.emulator.moments import parse_moment, zone
from scheduler.emulator.selection import PAGE_SIZE, PAGE_SIZE_MAX, Query
from scheduler.emulator.world import Principal, World

events_api = Blueprint("events_api", __name__, url_prefix="/calendar/v3")
_EVENTS = "/calendars/<calendar_id>/events"
_EVENT = f"{_EVENTS}/<event_id>"


@events_api.get(_EVENTS)
@api_call("events.list")
def events_list(world: World, who: Principal, calendar_id: str) -> Resource:
    return listing.list_events(world, who, calendar_id, _query())


@events_api.post(_EVENTS)
@api_call("events.insert")
def events_insert(world: World, who: Principal, calendar_id: str) -> Resource:
    return events.insert(world, who, calendar_id, body(bodies.EVENT), _how())


@events_api.get(_EVENT)
@api_call("events.get")
def events_get(world: World, who: Principal, calendar_id: str, event_id: str) -> Resource:
    return events.get(world, who, calendar_id, event_id, _how())


@events_api.patch(_EVENT)
@api_call("events.patch")
def events_patch(world: World, who: Principal, calendar_id: str, event_id: str) -> Resource:
    return events.patch(world, who, calendar_id, event_id, body(bodies.EVENT), _how())


@events_api.put(_EVENT)
@api_call("events.update")
def events_update(world: World, who: Principal, calendar_id: str, event_id: str) -> Resource:
    return events.update(world, who, calendar_id, event_id, body(bodies.EVENT), _how())


@events_api.delete(_EVENT)
@api_call("events.delete")
def events_delete(world: World, who: Principal, calendar_id: str, event_id: str) -> None:
    events.delete(world, who, calendar_id, event_id, _how())


@events_api.post(f"{_EVENTS}/import")
@api_call("events.import")
def events_import(world: World, who: Principal, calendar_id: str) -> Resource:
    return transfer.import_event(world, who, calendar_id, body(bodies.EVENT), _how())


@events_api.post(f"{_EVENT}/move")
@api_call("events.move")
def events_move(world: World, who: Principal, calendar_id: str, event_id: str) -> Resource:
    destination = request.args.get("destination", "")
    return transfer.move(world, who, calendar_id, event_id, destination, _how())


@events_api.get(f"{_EVENT}/instances")
@api_call("events.instances")
def events_instances(world: World, who: Principal, calendar_id: str, event_id: str) -> Resource:
    return listing.list_instances(world, who, calendar_id, event_id, _instances_query())


@events_api.post(f"{_EVENTS}/quickAdd")
@api_call("events.quickAdd")
def events_quick_add(world: World, who: Principal, calendar_id: str) -> Resource:
    raise errors.Refused(501, "notImplemented", "Not Implemented")


@events_api.post(f"{_EVENTS}/watch")
@api_call("events.watch")
def events_watch(world: World, who: Principal, calendar_id: str) -> Resource:
    asked = request.query_string.decode()
    return channels.watch_events(world, who, calendar_id, body(bodies.CHANNEL), asked)


def _how() -> Write:
    args = request.args
    unsaid = world().switches.send_updates_unsaid
    updates = args.get("sendUpdates") or ("all" if flag("sendNotifications") else unsaid)
    if updates not in ("all", "externalOnly", "none"):
        raise errors.invalid(f"Invalid value for: {updates} is not a valid value", "sendUpdates")
    return Write(
        conference_version=_version("conferenceDataVersion"),
        label_version=_version("eventLabelVersion"),
        send_updates=updates,
        supports_attachments=flag("supportsAttachments"),
        if_match=request.headers.get("If-Match"),
        max_attendees=number("maxAttendees"),
        time_zone=args.get("timeZone"),
    )


def _version(name: str) -> int:
    """Return a parameter that is 0 (the default) or 1."""
    version = number(name, 0) or 0
    if version not in (0, 1):
        raise errors.Refused(
            400,
            "invalidParameter",
            f"Invalid value '{version}'. Values must be within the range: [0, 1]",
            location=("parameter", name),
        )
    return version


def _query() -> Query:
    args = request.args
    if args.get("syncToken"):
        _refuse_with_token()
    low, high = _range()
    order = args.get("orderBy")
    if order not in (None, "startTime", "updated"):
        raise errors.invalid(f"Invalid value for: {order} is not a valid value", "orderBy")
    if order == "startTime" and not flag("singleEvents"):
        raise errors.invalid("The requested ordering is not available for the particular query.")
    event_types = tuple(sorted(set(args.getlist("eventTypes"))))
    for name in event_types:
        if name not in KINDS:
            raise errors.invalid(f"Invalid value for: {name} is not a valid value", "eventTypes")
    return Query(
        time_min=low,
        time_max=high,
        updated_min=args.get("updatedMin"),
        ical_uid=args.get("iCalUID"),
        text=args.get("q"),
        private=tuple(args.getlist("privateExtendedProperty")),
        shared=tuple(args.getlist("sharedExtendedProperty")),
        event_types=event_types,
        order_by=order,
        single_events=flag("singleEvents"),
        show_deleted=flag("showDeleted") if "showDeleted" in args else None,
        show_hidden_invitations=flag("showHiddenInvitations"),
        max_results=_at_least_one("maxResults", PAGE_SIZE),
        max_attendees=_at_least_one("maxAttendees", None),
        time_zone=_time_zone(),
        page_token=args.get("pageToken") or None,
        sync_token=args.get("syncToken") or None,
    )


def _instances_query() -> Query:
    low, high = _range()
    return Query(
        time_min=low,
        time_max=high,
        show_deleted=flag("showDeleted"),
        max_results=_at_least_one("maxResults", PAGE_SIZE),
        max_attendees=_at_least_one("maxAttendees", None),
        time_zone=_time_zone(),
        page_token=request.args.get("pageToken") or None,
        original_start=request.args.get("originalStart") or None,
    )


def _range() -> tuple[int | None, int | None]:
    low, high = _second("timeMin"), _second("timeMax")
    if low is not None and high is not None and high <= low:
        raise errors.time_range_empty()
    return low, high


@overload
def _at_least_one(name: str, default: int) -> int: ...
@overload
def _at_least_one(name: str, default: None) -> int | None: ...
def _at_least_one(name: str, default: int | None) -> int | None:
    value = number(name, default)
    if value is not None and value < 1:
        raise errors.Refused(
            400,
            "invalidParameter",
            f"Invalid value '{value}'. Values must be within the range: [1, {PAGE_SIZE_MAX}]",
            location=("parameter", name),
        )
    return value


def _time_zone() -> str | None:
    name = request.args.get("timeZone") or None
    return zone(name).key if name else None


def _refuse_with_token() -> None:
    """Refuse what "cannot be specified together with syncToken"; the body is [?], the status 400."""
    for name in listing.FORBIDDEN_WITH_TOKEN:
        if name in request.args:
            raise errors.invalid("Sync token cannot be used with other query restrictions.", name)
    if request.args.get("showDeleted", "").lower() == "false":
        raise errors.invalid(
            "Sync token cannot be used with other query restrictions.", "showDeleted"
        )


def _second(name: str) -> int | None:
    text = request.args.get(name)
    if not text:
        return None
    try:
        return int(parse_moment(text, None).timestamp())
    except errors.Refused as error:
        raise errors.Refused(400, "badRequest", "Bad Request") from error
