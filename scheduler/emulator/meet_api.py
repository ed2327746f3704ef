"""Meet v2 over HTTP: spaces and their members."""

from __future__ import annotations

import secrets

from flask import Blueprint, request

from scheduler.emulator import bodies, errors, meet
from scheduler.emulator.calls import api_call, body
from scheduler.emulator.errors import Refused, Resource
from scheduler.emulator.meet import Space
from scheduler.emulator.world import Principal, World

meet_api = Blueprint("meet_api", __name__, url_prefix="/v2")
CREATED = "https://www.googleapis.com/auth/meetings.space.created"
_SPACE = "/spaces/<name>"


@meet_api.post("/spaces")
@api_call("spaces.create")
def create(world: World, who: Principal) -> Resource:
    config = _checked_config(body(bodies.SPACE).get("config") or {})
    return meet.resource(world, meet.create(world, who.email, config))


@meet_api.get(_SPACE)
@api_call("spaces.get")
def get(world: World, who: Principal, name: str) -> Resource:
    return meet.resource(world, _owned(world, who, name))


@meet_api.patch(_SPACE)
@api_call("spaces.patch")
def patch(world: World, who: Principal, name: str) -> Resource:
    space = _owned(world, who, name)
    given = _checked_config(body(bodies.SPACE).get("config") or {})
    wanted = [path for path in request.args.get("updateMask", "").split(",") if path]
    fields = {path.removeprefix("config.").split(".")[0] for path in wanted if path != "config"}
    chosen = {n: v for n, v in given.items() if not wanted or "config" in wanted or n in fields}
    config = {**space.body["config"], **chosen}
    return meet.resource(world, meet.save(world, space, {**space.body, "config": config}))


@meet_api.post(f"{_SPACE}:endActiveConference")
@api_call("spaces.endActiveConference")
def end(world: World, who: Principal, name: str) -> Resource:
    meet.empty(world, _owned(world, who, name))
    return {}


@meet_api.get(f"{_SPACE}/members")
@api_call("members.list")
def members(world: World, who: Principal, name: str) -> Resource:
    space = _own_made(world, who, name)
    return {"members": [_member(space, member) for member in space.members]}


@meet_api.post(f"{_SPACE}/members")
@api_call("members.create")
def add_member(world: World, who: Principal, name: str) -> Resource:
    space = _own_made(world, who, name)
    given = body(bodies.MEMBER)
    email = str(given.get("email") or "").lower()
    if not email:
        raise _status(400, "INVALID_ARGUMENT", "Email is required.")
    if any(member["email"] == email for member in space.members):
        raise _status(409, "ALREADY_EXISTS", "Requested entity already exists")
    member = {
        "id": secrets.token_hex(10),
        "email": email,
        "role": given.get("role") or "ROLE_UNSPECIFIED",
    }
    meet.save(world, space, {**space.body, "members": [*space.members, member]})
    return _member(space, member)


@meet_api.get(f"{_SPACE}/members/<member_id>")
@api_call("members.get")
def get_member(world: World, who: Principal, name: str, member_id: str) -> Resource:
    space = _own_made(world, who, name)
    return _member(space, _find(space, member_id))


@meet_api.delete(f"{_SPACE}/members/<member_id>")
@api_call("members.delete")
def remove_member(world: World, who: Principal, name: str, member_id: str) -> Resource:
    space = _own_made(world, who, name)
    gone = _find(space, member_id)
    kept = [member for member in space.members if member != gone]
    meet.save(world, space, {**space.body, "members": kept})
    return {}


def _owned(world: World, who: Principal, name: str) -> Space:
    """Return a space by id or code; "only the owner can patch", get with settings is the owner's too."""
    space = meet.by_code(world, name)
    if space is None:
        raise _status(404, "NOT_FOUND", "Requested entity was not found.")
    if space.owner != who.email:
        raise _denied()
    if CREATED in who.scopes and len(who.scopes) == 1 and space.made_by != "app":
        raise _denied()
    return space


def _own_made(world: World, who: Principal, name: str) -> Space:
    """Members exist on app-made spaces only, by their canonical name (UMB)."""
    space = _owned(world, who, name)
    if space.made_by != "app" or space.id != name:
        raise _denied()
    return space


def _find(space: Space, member_id: str) -> Resource:
    for member in space.members:
        if member["id"] == member_id:
            return member
    raise _status(404, "NOT_FOUND", "Requested entity was not found.")


def _member(space: Space, member: Resource) -> Resource:
    return {
        "name": f"spaces/{space.id}/members/{member['id']}",
        "email": member["email"],
        "role": member["role"],
    }


def _checked_config(given: Resource) -> Resource:
    if given.get("accessType", "OPEN") not in ("OPEN", "TRUSTED", "RESTRICTED"):
        raise _status(400, "INVALID_ARGUMENT", "Request contains an invalid argument.")
    if given.get("moderation", "ON") not in ("ON", "OFF"):
        raise _status(400, "INVALID_ARGUMENT", "Request contains an invalid argument.")
    return given


def _denied() -> Refused:
    return _status(403, "PERMISSION_DENIED", "The caller does not have permission")


def _status(code: int, status: str, message: str) -> Refused:
    return errors.Refused(
        code, "forbidden" if code == 403 else "badRequest", message, status=status
    )
