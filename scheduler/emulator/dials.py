"""The switches as people turn them: what each is for, and which values it takes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

from scheduler.emulator.errors import invalid
from scheduler.emulator.settings import Switches

DIALS: dict[str, dict[str, str]] = {
    "Conferences": {
        "conference_latency": "seconds until a room is ready; empty: never",
        "conference_reads": "reads that still find it pending, instead of seconds; empty: seconds",
        "conference_outcome": "what becomes of a request for a room",
        "signature_check": "a copied room whose signature is missing or wrong",
        "minted_space_patch": "spaces.patch on a room that Calendar made",
    },
    "Calendars": {
        "working_hours_role": "role that lets somebody read another's working hours",
        "known_import": "import of an event that the calendar has already",
    },
    "Mail": {
        "send_updates_unsaid": "whom a write mails that does not say sendUpdates",
    },
    "Notifications": {
        "push_drop": "share that is lost, 0 to 1",
        "push_duplicate": "share that comes twice, 0 to 1",
        "push_delay": "seconds before one is delivered",
    },
    "Rate limits": {
        "per_user_per_minute": "calls of one user; empty: no limit",
        "per_project_per_minute": "calls of everybody; empty: no limit",
        "calendar_writes_per_minute": "writes to one calendar; empty: no limit",
        "quota_status": "status of the refusal",
        "quota_retry_after": "say in Retry-After how long to wait",
    },
    "Free/busy": {
        "freebusy_days_at_most": "longest range of a query in days; empty: any",
    },
    "Batches": {
        "batch_parts": "most calls in one batch",
        "batch_order": "order in which they are done and answered",
    },
    "Time": {
        "latency_milliseconds": "added to every call",
        "clock_offset": "seconds added to the clock",
    },
    "Sign-in": {
        "rotate_refresh_tokens": "a new refresh token at each refresh",
        "revocation": "what revoking one token ends",
    },
}
_OTHERS = "Others"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial:
    """One switch as a form shows it. `choices` is empty for a number; None stands for "none"."""

    name: str
    help: str
    value: Any
    default: Any
    choices: tuple[Any, ...]

    @property
    def is_turned(self) -> bool:
        """Say whether it is not as it comes."""
        return bool(self.value != self.default)


def dials(switches: Switches) -> dict[str, list[Dial]]:
    """Return every switch as it stands, by group."""
    values, defaults = switches.as_dict(), Switches().as_dict()
    told = {name for group in DIALS.values() for name in group}
    groups = {**DIALS, _OTHERS: {name: "" for name in values if name not in told}}
    return {
        title: [
            Dial(
                name=name,
                help=text,
                value=values[name],
                default=defaults[name],
                choices=_choices(name),
            )
            for name, text in group.items()
        ]
        for title, group in groups.items()
        if group
    }


def checked(name: str, value: Any, shown_as: str | None = None) -> Any:
    """Return a value that a switch may have, or refuse it. `shown_as` is its name for the caller."""
    shown_as = shown_as or name
    kinds = _kinds(name)
    if kinds is None:
        raise invalid(f"unknown switch: {shown_as}", shown_as)
    choices = _choices(name)
    if choices:
        if value not in choices or type(value) not in {type(choice) for choice in choices}:
            raise invalid(f"{shown_as} must be one of {choices}", shown_as)
        return value
    if value is None and type(None) in kinds:
        return None
    if type(value) not in (int, float) or not math.isfinite(value):
        raise invalid(f"{shown_as} must be a number", shown_as)
    if value < 0 and name != "clock_offset":
        raise invalid(f"{shown_as} must be a number, 0 or more", shown_as)
    return float(value) if float in kinds else int(value)


def read(name: str, text: str) -> Any:
    """Return the value that a form's text stands for, or refuse it."""
    for choice in _choices(name):
        if text == str(choice):
            return checked(name, choice)
    try:
        return checked(name, float(text) if text.strip() else None)
    except ValueError as error:
        raise invalid(f"{name} must be a number", name) from error


def _kinds(name: str) -> tuple[Any, ...] | None:
    """Return the types in a switch's annotation, e.g. (float, NoneType)."""
    hint = get_type_hints(Switches).get(name)
    if hint is None:
        return None
    return get_args(hint) if type(None) in get_args(hint) else (hint,)


def _choices(name: str) -> tuple[Any, ...]:
    kinds = _kinds(name) or ()
    if bool in kinds:
        return (False, True)
    return next((get_args(kind) for kind in kinds if get_origin(kind) is Literal), ())
