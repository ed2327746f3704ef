"""Pages and filters of Meet's lists."""

from __future__ import annotations

import re

from scheduler.emulator.errors import Resource
from scheduler.emulator.meet_errors import bad_field
from scheduler.emulator.moments import parse_moment
from scheduler.emulator.sealing import seal, unseal
from scheduler.emulator.world import World

_CONDITION = re.compile(
    r"\s*([\w.]+)\s*(?:(>=|<=|=|>|<)\s*[\"']?([^\"'\s]+)[\"']?|IS\s+(NOT\s+)?NULL)\s*", re.ASCII
)


def page_of(
    world: World, key: str, items: list[Resource], size: int, token: str | None
) -> Resource:
    """Return {key: items} of one page, and nextPageToken; an empty list is left out, as protobuf does."""
    secret = world.store.secret("token key")
    start = 0
    if token:
        content = unseal(secret, token)
        if content is None or content.get("list") != key:
            raise bad_field("page_token", "Invalid page token.")
        start = int(content["start"])
    page = items[start : start + size]
    answer: Resource = {key: page} if page else {}
    if start + size < len(items):
        answer["nextPageToken"] = seal(secret, {"list": key, "start": start + size})
    return answer


def size_of(asked: int | None, default: int, most: int) -> int:
    """Return the size of a page: "values above … are coerced"; 400 for a negative one."""
    if asked is not None and asked < 0:
        raise bad_field("page_size", "Invalid page size.")
    return min(asked or default, most)


def matches(values: dict[str, str | None], text: str) -> bool:
    """Say whether an item passes a filter such as `end_time IS NULL AND start_time>="2026-…"`.

    `values` has every filterable field; those that end in "_time" are compared as moments.
    """
    return all(_holds(values, part) for part in re.split(r"\s+AND\s+", text)) if text else True


def _holds(values: dict[str, str | None], condition: str) -> bool:
    match = _CONDITION.fullmatch(condition)
    if match is None or match[1] not in values:
        raise bad_field("filter", f"Invalid filter: {condition}")
    field, operator, wanted, negated = match.groups()
    value = values[field]
    if operator is None:
        return (value is None) != bool(negated)
    if value is None:
        return False
    if not field.endswith("_time"):
        if operator != "=":
            raise bad_field("filter", f"Invalid filter: {condition}")
        return value == wanted
    one, other = parse_moment(value, "UTC"), parse_moment(wanted, "UTC")
    return {
        "=": one == other, ">": one > other, "<": one < other,
        ">=": one >= other, "<=": one <= other,
    }[operator]  # fmt: skip
