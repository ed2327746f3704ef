"""Event labels as a calendar defines them (labelProperties, since July 2026)."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

from scheduler.emulator.errors import Resource, invalid, required

_MOST, _NAME_LENGTH_MAX = 200, 50
_RGB = re.compile(r"#[0-9A-Fa-f]{6}", re.ASCII)


def checked(given: Resource) -> Resource:
    """Return label properties as they are kept: every label has an id.

    400 for more than 200 labels, a name over 50 characters, a missing or malformed colour, and an id
    that is no UUID or comes twice (DISC).
    """
    labels = [_checked_label(label) for label in given.get("eventLabels") or []]
    if len(labels) > _MOST:
        raise invalid("A calendar can have at most 200 labels.")
    if len({label["id"] for label in labels}) < len(labels):
        raise invalid("Label ids must be unique within the calendar.")
    return {"eventLabels": labels}


def _checked_label(label: Resource) -> Resource:
    colour = label.get("backgroundColor")
    if not colour:
        raise required("Missing label background color.")
    if not _RGB.fullmatch(colour):
        raise invalid("Invalid label background color.")
    name = label.get("name")
    if name and len(name) > _NAME_LENGTH_MAX:
        raise invalid("Label names can have at most 50 characters.")
    kept = {"id": _checked_id(label.get("id")), "backgroundColor": colour.lower()}
    return {**kept, "name": name} if name else kept


def _checked_id(given: str | None) -> str:
    if not given:
        return str(uuid4())
    try:
        return str(UUID(given))
    except ValueError as error:
        raise invalid("Invalid label id.") from error
