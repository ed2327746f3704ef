"""Calendar v3 over HTTP: every route names its method and hands over to a rule."""

from __future__ import annotations

from flask import Blueprint, request

from scheduler.emulator import bodies, calendar, errors, events, freebusy, listing, push, transfer
from scheduler.emulator.calls import api_call, body, flag, number
from scheduler.emulator.errors import Resource
from scheduler.emulator.listing import Query
from scheduler.emulator.moments import parse_moment
from scheduler.emulator.world import Principal, World

api = Blueprint("api", __name__, url_prefix="/calendar/v3")
_EVENTS = "/calendars/<calendar_id>/events"
_EVENT = f"{_EVENTS}/<event_id>"


@api.get("/users/me/calendarList")
@api_call("calendarList.list")
def calendar_list(world: World, who: Principal) -> Resource:
    return calendar_pages(world, who)


@api.post("/users/me/calendarList")
@api_call("calendarList.insert")
def calendar_list_insert(world: World, who: Principal) -> Resource:
    return calendar.list_insert(world, who, body(bodies.LIST_ENTRY))


@api.get("/users/me/calendarList/<calendar_id>")
@api_call("calendarList.get")
def calendar_list_get(world: World, who: Principal, calendar_id: str) -> Resource:
    return calendar.list_entry(world, who, calendar_id)


@api.route("/users/me/calendarList/<calendar_id>", methods=["PATCH", "PUT"])
@api_call("calendarList.patch")
def calendar_list_patch(world: World, who: Principal, calendar_id: str) -> Resource:
    return calendar.list_patch(world, who, calendar_id, body(bodies.LIST_ENTRY))


@api.delete("/users/me/calendarList/<calendar_id>")
@api_call("calendarList.delete")
def calendar_list_delete(world: World, who: Principal, calendar_id: str) -> None:
    calendar.list_delete(world, who, calendar_id)


@api.post("/calendars")
@api_call("calendars.insert")
def calendars_insert(world: World, who: Principal) -> Resource:
    return calendar.insert(world, who, body(bodies.CALENDAR))


@api.get("/calendars/<calendar_id>")
@api_call("calendars.get")
def calendars_get(world: World, who: Principal, calendar_id: str) -> Resource:
    return calendar.get(world, who, calendar_id)


@api.patch("/calendars/<calendar_id>")
@api_call("calendars.patch")
def calendars_patch(world: World, who: Principal, calendar_id: str) -> Resource:
    return calendar.patch(world, who, calendar_id, body(bodies.CALENDAR))


@api.put("/calendars/<calendar_id>")
@api_call("calendars.update")
def calendars_update(world: World, who: Principal, calendar_id: str) -> Resource:
    return calendar.update(world, who, calendar_id, body(bodies.CALENDAR))


@api.delete("/calendars/<calendar_id>")
@api_call("calendars.delete")
def calendars_delete(world: World, who: Principal, calendar_id: str) -> None:
    transfer.delete_calendar(world, who, calendar_id)


@api.post("/freeBusy")
@api_call("freebusy.query")
def free_busy(world: World, who: Principal) -> Resource:
    return freebusy.query(world, who, body(bodies.FREE_BUSY))


@api.get(_EVENTS)
@api_call("events.list")
def events_list(world: World, who: Principal, calendar_id: str) -> Resource:
    return listing.list_events(world, who, calendar_id, _query())


@api.post(_EVENTS)
@api_call("events.insert")
def events_insert(world: World, who: Principal, calendar_id: str) -> Resource:
    return events.insert(world, who, calendar_id, body(bodies.EVENT), _how())


@api.get(_EVENT)
@api_call("events.get")
def events_get(world: World, who: Principal, calendar_id: str, event_id: str) -> Resource:
    return events.get(world, who, calendar_id, event_id, _how())


@api.patch(_EVENT)
@api_call("events.patch")
def events_patch(world: World, who: Principal, calendar_id: str, event_id: str) -> Resource:
    return events.patch(world, who, calendar_id, event_id, body(bodies.EVENT), _how())


@api.put(_EVENT)
@api_call("events.update")
def events_update(world: World, who: Principal, calendar_id: str, event_id: str) -> Resource:
    return events.update(world, who, calendar_id, event_id, body(bodies.EVENT), _how())


@api.delete(_EVENT)
@api_call("events.delete")
def events_delete(world: World, who: Principal, calendar_id: str, event_id: str) -> None:
    events.delete(world, who, calendar_id, event_id, _how())


@api.post(f"{_EVENTS}/import")
@api_call("events.import")
def events_import(world: World, who: Principal, calendar_id: str) -> Resource:
    return transfer.import_event(world, who, calendar_id, body(bodies.EVENT), _how())


@api.post(f"{_EVENT}/move")
@api_call("events.move")
def events_move(world: World, who: Principal, calendar_id: str, event_id: str) -> Resource:
    destination = request.args.get("destination", "")
    return transfer.move(world, who, calendar_id, event_id, destination, _how())


@api.get(f"{_EVENT}/instances")
@api_call("events.instances")
def events_instances(world: World, who: Principal, calendar_id: str, event_id: str) -> Resource:
    return listing.list_instances(world, who, calendar_id, event_id, _query())


@api.post(f"{_EVENTS}/quickAdd")
@api_call("events.quickAdd")
def events_quick_add(world: World, who: Principal, calendar_id: str) -> Resource:
    raise errors.Refused(501, "notImplemented", "Not Implemented")


@api.post(f"{_EVENTS}/watch")
@api_call("events.watch")
def events_watch(world: World, who: Principal, calendar_id: str) -> Resource:
    return push.watch(world, who, calendar_id, body(bodies.CHANNEL))


@api.post("/channels/stop")
@api_call("channels.stop")
def channels_stop(world: World, who: Principal) -> None:
    push.stop(world, who, body(bodies.CHANNEL))


@api.get("/colors")
@api_call("colors.get")
def colors(world: World, who: Principal) -> Resource:
    return calendar.COLORS


@api.get("/users/me/settings")
@api_call("settings.list")
def settings_list(world: World, who: Principal) -> Resource:
    return {
        "kind": "calendar#settings",
        "etag": '"settings"',
        "items": calendar.settings_of(world, who),
        "nextSyncToken": "settings",
    }


@api.get("/users/me/settings/<name>")
@api_call("settings.get")
def settings_get(world: World, who: Principal, name: str) -> Resource:
    for setting in calendar.settings_of(world, who):
        if setting["id"] == name:
            return setting
    raise errors.not_found()


@api.get("/calendars/<calendar_id>/acl")
@api_call("acl.list")
def acl_list(world: World, who: Principal, calendar_id: str) -> Resource:
    return {
        "kind": "calendar#acl",
        "etag": '"acl"',
        "items": calendar.acl_of(world, who, calendar_id),
        "nextSyncToken": "acl",
    }


@api.post("/calendars/<calendar_id>/acl")
@api_call("acl.insert")
def acl_insert(world: World, who: Principal, calendar_id: str) -> Resource:
    return calendar.acl_insert(world, who, calendar_id, body(bodies.ACL_RULE))


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


def _how() -> events.Write:
    args = request.args
    updates = args.get("sendUpdates") or ("all" if flag("sendNotifications") else "none")
    if updates not in ("all", "externalOnly", "none"):
        raise errors.invalid(f"Invalid value for: {updates} is not a valid value", "sendUpdates")
    version = number("conferenceDataVersion", 0) or 0
    if version not in (0, 1):
        raise errors.Refused(
            400,
            "invalidParameter",
            f"Invalid value '{version}'. Values must be within the range: [0, 1]",
            location=("parameter", "conferenceDataVersion"),
        )
    return events.Write(
        conference_version=version,
        send_updates=updates,
        supports_attachments=flag("supportsAttachments"),
        if_match=request.headers.get("If-Match"),
        max_attendees=number("maxAttendees"),
        time_zone=args.get("timeZone"),
    )


def _query() -> Query:
    args = request.args
    if args.get("syncToken"):
        _refuse_with_token()
    low, high = _second("timeMin"), _second("timeMax")
    if low is not None and high is not None and high <= low:
        raise errors.time_range_empty()
    order = args.get("orderBy")
    if order not in (None, "startTime", "updated"):
        raise errors.invalid(f"Invalid value for: {order} is not a valid value", "orderBy")
    if order == "startTime" and not flag("singleEvents"):
        raise errors.invalid("The requested ordering is not available for the particular query.")
    return Query(
        time_min=low,
        time_max=high,
        updated_min=args.get("updatedMin"),
        ical_uid=args.get("iCalUID"),
        text=args.get("q"),
        private=tuple(args.getlist("privateExtendedProperty")),
        shared=tuple(args.getlist("sharedExtendedProperty")),
        event_types=tuple(args.getlist("eventTypes")),
        order_by=order,
        single_events=flag("singleEvents"),
        show_deleted=flag("showDeleted") if "showDeleted" in args else None,
        show_hidden_invitations=flag("showHiddenInvitations"),
        max_results=number("maxResults", listing.PAGE_SIZE) or listing.PAGE_SIZE,
        max_attendees=number("maxAttendees"),
        time_zone=args.get("timeZone"),
        page_token=args.get("pageToken"),
        sync_token=args.get("syncToken"),
    )


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
