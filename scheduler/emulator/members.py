"""Members of a space: people with a role in it, who "can join the space without knocking"."""

from __future__ import annotations

import re
import secrets

from scheduler.emulator import meet
from scheduler.emulator.errors import Resource
from scheduler.emulator.meet import Space
from scheduler.emulator.meet_errors import bad_field, exists_already, not_found
from scheduler.emulator.world import World

ROLES = ("ROLE_UNSPECIFIED", "COHOST")
BATCH_MAX = 500
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def listed(space: Space) -> list[Resource]:
    """Return the Members of a space."""
    return [_resource(space, member) for member in space.members]


def get(space: Space, member_id: str) -> Resource:
    """Return one Member."""
    return _resource(space, _find(space, member_id))


def create(world: World, space: Space, given: Resource) -> Resource:
    """Add somebody by their address, with a role or none; 409 for who is one already."""
    email = str(given.get("email") or "").lower()
    if not email:
        raise bad_field("member.email", "Email is required.")
    if not _EMAIL.fullmatch(email):
        raise bad_field("member.email", "Invalid email.")
    if any(member["email"] == email for member in space.members):
        raise exists_already()
    member = {"id": secrets.token_hex(10), "email": email, "role": _role(given)}
    _keep(world, space, [*space.members, member])
    return _resource(space, member)


def patch(world: World, space: Space, member_id: str, given: Resource, mask: str) -> Resource:
    """Change somebody's role; the address stays."""
    changed = _changed(_find(space, member_id), given, mask)
    others = [changed if one["id"] == member_id else one for one in space.members]
    _keep(world, space, others)
    return _resource(space, changed)


def batch_update(world: World, space: Space, given: Resource) -> Resource:
    """Change up to 500 members at once, all of them or none.

    "The child field mask must be the same as the top-level field mask", or absent.
    """
    requests = given.get("requests") or []
    if not isinstance(requests, list) or len(requests) > BATCH_MAX:
        raise bad_field("requests", "A maximum of 500 members can be modified in a batch.")
    whole = str(given.get("updateMask") or "")
    changed = []
    for request in requests:
        member = request.get("member") if isinstance(request, dict) else None
        if not isinstance(member, dict):
            raise bad_field("requests.member", "Member is required.")
        mask = str(request.get("updateMask") or "")
        if mask and mask != whole:
            raise bad_field("requests.update_mask", "The update masks must be the same.")
        member_id = str(member.get("name") or "").removeprefix(f"spaces/{space.id}/members/")
        changed.append(_changed(_find(space, member_id), member, whole))
    by_id = {member["id"]: member for member in changed}
    _keep(world, space, [by_id.get(one["id"], one) for one in space.members])
    return {"members": [_resource(space, member) for member in changed]} if changed else {}


def delete(world: World, space: Space, member_id: str) -> None:
    """Take somebody's membership away."""
    gone = _find(space, member_id)
    _keep(world, space, [member for member in space.members if member != gone])


def _changed(member: Resource, given: Resource, mask: str) -> Resource:
    paths = [path.strip() for path in mask.split(",") if path.strip()]
    if any(path not in ("role", "*") for path in paths):
        raise bad_field("update_mask", f"Invalid field mask path: {mask}")
    return {**member, "role": _role(given)} if paths or "role" in given else member


def _role(given: Resource) -> str:
    role = given.get("role") or ROLES[0]
    if role not in ROLES:
        raise bad_field("member.role", f"Invalid value at 'member.role', \"{role}\"")
    return str(role)


def _keep(world: World, space: Space, members: list[Resource]) -> None:
    meet.save(world, space, {**space.body, "members": members})


def _find(space: Space, member_id: str) -> Resource:
    for member in space.members:
        if member["id"] == member_id:
            return member
    raise not_found()


def _resource(space: Space, member: Resource) -> Resource:
    name = f"spaces/{space.id}/members/{member['id']}"
    return {"name": name, "email": member["email"], "role": member["role"]}
