"""The colours of colors.get, and which of them comes nearest to one that a person chose."""

from __future__ import annotations

import re

from scheduler.emulator.errors import Resource

CALENDAR = (
    "#ac725e", "#d06b64", "#f83a22", "#fa573c", "#ff7537", "#ffad46", "#42d692", "#16a765",
    "#7bd148", "#b3dc6c", "#fbe983", "#fad165", "#92e1c0", "#9fe1e7", "#9fc6e7", "#4986e7",
    "#9a9cff", "#b99aff", "#c2c2c2", "#cabdbf", "#cca6ac", "#f691b2", "#cd74e6", "#a47ae2",
)  # fmt: skip
"""Backgrounds of calendars; the colorId counts from 1."""

EVENT = (
    "#a4bdfc", "#7ae7bf", "#dbadff", "#ff887c", "#fbd75b", "#ffb878", "#46d6db", "#e1e1e1",
    "#5484ed", "#51b749", "#dc2127",
)  # fmt: skip
"""Backgrounds of events; the colorId counts from 1."""

_FOREGROUND = "#1d1d1d"
_RGB = re.compile(r"#[0-9A-Fa-f]{6}", re.ASCII)


def colors() -> Resource:
    """Return both palettes, as colors.get does."""
    return {
        "kind": "calendar#colors",
        "updated": "2012-02-14T00:00:00.000Z",
        "calendar": _definitions(CALENDAR),
        "event": _definitions(EVENT),
    }


def is_rgb(text: object) -> bool:
    """Say whether this is a colour "in the hexadecimal format #0088aa"."""
    return isinstance(text, str) and bool(_RGB.fullmatch(text))


def calendar_background(color_id: str) -> str | None:
    """Return the background that a calendar's colorId stands for; None for an unknown one."""
    known = {str(number): background for number, background in enumerate(CALENDAR, start=1)}
    return known.get(color_id)


def nearest_calendar_color(background: str) -> str:
    """Return the colorId that is "the best matching option" for a background."""
    distances = [_distance(background, known) for known in CALENDAR]
    return str(distances.index(min(distances)) + 1)


def _definitions(backgrounds: tuple[str, ...]) -> Resource:
    return {
        str(number): {"background": background, "foreground": _FOREGROUND}
        for number, background in enumerate(backgrounds, start=1)
    }


def _distance(one: str, other: str) -> int:
    return sum((a - b) ** 2 for a, b in zip(_channels(one), _channels(other), strict=True))


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))
