"""Meet v2 over HTTP: spaces and their members."""

from __future__ import annotations

from flask import Blueprint, Response, request

from scheduler.emulator import meet, meet_config, meet_lists, members
from scheduler.emulator.calls import api_call, body, number
from scheduler.emulator.errors import Refused, Resource
from scheduler.emulator.meet import Space
from scheduler.emulator.meet_errors import bad_field, denied, newer
from scheduler.emulator.traffic import refused
from scheduler.emulator.world import Principal, World

meet_api = Blueprint("meet_api", __name__, url_prefix="/v2")
CREATED = "https://www.googleapis.com/auth/meetings.space.created"
_SPACE = "/spaces/<name>"
_MEMBERS = f"{_SPACE}/members"
_MEMBER = f"{_MEMBERS}/<member_id>"
_MEMBERS_A_PAGE, _MEMBERS_A_PAGE_MAX = 250, 500
_OF_A_SPACE = {
    "name", "meetingUri", "meetingCode", "config", "activeConference", "phoneAccess",
    "gatewaySipAccess",
}  # fmt: skip


@meet_api.errorhandler(Refused)
def in_the_newer_envelope(refusal: Refused) -> Response:
    return refused(newer(refusal))


@meet_api.post("/spaces")
@api_call("spaces.create")
def create(world: World, who: Principal) -> Resource:
    return meet.resource(world, meet.create(world, who.email, _config()))


@meet_api.get(_SPACE)
@api_call("spaces.get")
def get(world: World, who: Principal, name: str) -> Resource:
    return meet.resource(world, _owned(world, who, meet.by_code(world, name)))


@meet_api.patch(_SPACE)
@api_call("spaces.patch")
def patch(world: World, who: Principal, name: str) -> Resource:
    space = _owned(world, who, meet.by_id(world, name))
    if space.made_by != "app" and world.switches.minted_space_patch == "refuse":
        raise denied()
    config = meet_config.updated(
        space.config, _config(), request.args.get("updateMask", ""), meet.fresh_config(world, space)
    )
    return meet.resource(world, meet.save(world, space, {**space.body, "config": config}))


@meet_api.post(f"{_SPACE}:endActiveConference")
@api_call("spaces.endActiveConference")
def end(world: World, who: Principal, name: str) -> Resource:
    meet.empty(world, _owned(world, who, meet.by_id(world, name)))
    return {}


@meet_api.get(_MEMBERS)
@api_call("members.list")
def list_members(world: World, who: Principal, name: str) -> Resource:
    found = members.listed(_own_made(world, who, name))
    size = meet_lists.size_of(number("pageSize"), _MEMBERS_A_PAGE, _MEMBERS_A_PAGE_MAX)
    return meet_lists.page_of(world, "members", found, size, request.args.get("pageToken"))


@meet_api.post(_MEMBERS)
@api_call("members.create")
def create_member(world: World, who: Principal, name: str) -> Resource:
    return members.create(world, _own_made(world, who, name), body())


@meet_api.post(f"{_MEMBERS}:batchUpdate")
@api_call("members.batchUpdate")
def update_members(world: World, who: Principal, name: str) -> Resource:
    return members.batch_update(world, _own_made(world, who, name), body())


@meet_api.get(_MEMBER)
@api_call("members.get")
def get_member(world: World, who: Principal, name: str, member_id: str) -> Resource:
    return members.get(_own_made(world, who, name), member_id)


@meet_api.patch(_MEMBER)
@api_call("members.patch")
def patch_member(world: World, who: Principal, name: str, member_id: str) -> Resource:
    mask = request.args.get("updateMask", "")
    return members.patch(world, _own_made(world, who, name), member_id, body(), mask)


@meet_api.delete(_MEMBER)
@api_call("members.delete")
def delete_member(world: World, who: Principal, name: str, member_id: str) -> Resource:
    members.delete(world, _own_made(world, who, name), member_id)
    return {}


def _config() -> Resource:
    """Return the configuration in a Space body; 400 for a field that a Space does not have."""
    space = body()
    unknown = next(iter(space.keys() - _OF_A_SPACE), None)
    if unknown is not None:
        message = f"Invalid JSON payload received. Unknown name \"{unknown}\" at 'space': Cannot find field."
        raise bad_field("space", message)
    config: Resource = space.get("config") or {}
    return config


def _owned(world: World, who: Principal, space: Space | None) -> Space:
    """Return the caller's own space; with the scope "created" alone, one that the app made."""
    if space is None or space.owner != who.email:
        raise denied()
    if who.scopes == {CREATED} and space.made_by != "app":
        raise denied()
    return space


def _own_made(world: World, who: Principal, name: str) -> Space:
    """Members exist on app-made spaces only, by their canonical name (UMB)."""
    space = _owned(world, who, meet.by_id(world, name))
    if space.made_by != "app":
        raise denied()
    return space
