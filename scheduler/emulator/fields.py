"""Partial responses: the `fields` parameter, e.g. "items(id,start/dateTime),nextPageToken"."""

from __future__ import annotations

import re
from typing import Any

from scheduler.emulator import errors

_TOKEN = re.compile(r"[\w*.-]+|[(),/]")
Mask = dict[str, "Mask"]


def parse(text: str) -> Mask:
    """Return a selection as nested names; an empty one selects everything below."""
    tokens = _TOKEN.findall(text)
    try:
        mask, rest = _selection(tokens, 0)
    except _Unreadable as error:
        raise errors.invalid_fields(text) from error
    if rest != len(tokens) or not mask or "".join(tokens) != re.sub(r"\s", "", text):
        raise errors.invalid_fields(text)
    return mask


def pick(value: Any, mask: Mask) -> Any:
    """Return only what the mask selects; lists are looked through."""
    if isinstance(value, list):
        return [pick(item, mask) for item in value]
    if not mask or "*" in mask or not isinstance(value, dict):
        return value
    return {name: pick(value[name], below) for name, below in mask.items() if name in value}


class _Unreadable(Exception):
    """A name or a bracket is missing."""


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
        raise _Unreadable
    below = mask.setdefault(tokens[at], {})
    at += 1
    if at < len(tokens) and tokens[at] == "/":
        return _path(tokens, at + 1, below)
    if at < len(tokens) and tokens[at] == "(":
        inner, at = _selection(tokens, at + 1)
        if at >= len(tokens) or tokens[at] != ")":
            raise _Unreadable
        below.update(inner)
        return at + 1
    return at
