"""Partial responses: the `fields` parameter, e.g. "items(id,start/dateTime),nextPageToken"."""

from __future__ import annotations

import re
from typing import Any

from scheduler.emulator.errors import invalid

_TOKEN = re.compile(r"[\w*.-]+|[(),/]")
Mask = dict[str, "Mask"]


def parse(text: str) -> Mask:
    """Return a selection as nested names; an empty one selects everything below."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != re.sub(r"\s", "", text):
        raise invalid("Invalid field selection " + text, "fields")
    mask, rest = _selection(tokens, 0)
    if rest != len(tokens) or not mask:
        raise invalid("Invalid field selection " + text, "fields")
    return mask


def pick(value: Any, mask: Mask) -> Any:
    """Return only what the mask selects; lists are looked through."""
    if isinstance(value, list):
        return [pick(item, mask) for item in value]
    if not mask or "*" in mask or not isinstance(value, dict):
        return value
    return {name: pick(value[name], below) for name, below in mask.items() if name in value}


def _selection(tokens: list[str], at: int) -> tuple[Mask, int]:
    mask: Mask = {}
    while at < len(tokens):
        at = _path(tokens, at, mask)
        if at >= len(tokens) or tokens[at] != ",":
            break
        at += 1
    return mask, at


def _path(tokens: list[str], at: int, mask: Mask) -> int:
    """Read one a/b(c,d) into the mask."""
    if at >= len(tokens) or tokens[at] in "(),/":
        raise invalid("Invalid field selection", "fields")
    below = mask.setdefault(tokens[at], {})
    at += 1
    if at < len(tokens) and tokens[at] == "/":
        return _path(tokens, at + 1, below)
    if at < len(tokens) and tokens[at] == "(":
        inner, at = _selection(tokens, at + 1)
        if at >= len(tokens) or tokens[at] != ")":
            raise invalid("Invalid field selection", "fields")
        below.update(inner)
        return at + 1
    return at
