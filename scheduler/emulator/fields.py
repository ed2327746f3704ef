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
    """Return only what the mask selects; lists are looked through.

    "*/title" selects the titles of all children, and no child that has none.
    """
    if isinstance(value, list):
        return [pick(item, mask) for item in value]
    if not mask or not isinstance(value, dict):
        return value
    picked = {name: pick(value[name], below) for name, below in mask.items() if name in value}
    if "*" not in mask:
        return picked
    every = mask["*"]
    others = {name: child for name, child in value.items() if name not in mask}
    if not every:
        return picked | others
    found = {name: pick(child, every) for name, child in others.items() if _has_fields(child)}
    return picked | {name: child for name, child in found.items() if child}


def unknown(mask: Mask, answer: Mask) -> str | None:
    """Return the first name of a selection that an answer (`resources.ANSWERS`) cannot have, if any.

    "*" below a map of the answer stands for any name; in a selection it stands for all of them.
    """
    for name, below in mask.items():
        inner = _any_of(answer) if name == "*" else answer.get(name, answer.get("*"))
        if inner is None:
            return name
        found = unknown(below, inner)
        if found is not None:
            return found
    return None


def _has_fields(value: Any) -> bool:
    items = value if isinstance(value, list) else [value]
    return all(isinstance(item, dict) for item in items)


def _any_of(answer: Mask) -> Mask | None:
    """Return what may stand below some name of an answer; None for a plain value."""
    if not answer:
        return None
    return {name: below for inner in answer.values() for name, below in inner.items()}


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
