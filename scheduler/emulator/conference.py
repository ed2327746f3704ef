"""The conference of an event: asked for, pending, ready or failed, copied with its signature."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from scheduler.emulator.errors import Resource, invalid
from scheduler.emulator.store import dumps

MEET = "hangoutsMeet"
SIGNATURE_BYTES = 20
_CREATABLE = (MEET,)
"""An add-on makes its conferences itself; of Hangouts "new conferences cannot be created"."""

_LENGTHS = {"uri": 1300, "label": 512, "pin": 128, "accessCode": 128, "meetingCode": 128}
_LENGTHS |= {"passcode": 128, "password": 128}
_NOTES_LENGTH = 2048
_FREE_TEXT = ("notes", "parameters")
"""What may be changed about a conference without making it another one."""

_KEPT = ("conferenceId", "conferenceSolution", "entryPoints", "signature", *_FREE_TEXT)
_AT_MOST_ONE = ("video", "sip", "more")
_SCHEMES = {
    "video": ("http:", "https:"),
    "more": ("http:", "https:"),
    "phone": ("tel:",),
    "sip": ("sip:",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConferenceRules:
    """What decides about conference data that a client sends."""

    key: bytes
    allowed_types: tuple[str, ...]
    signature_check: Literal["drop", "reject", "lenient"]
    is_own_space: Callable[[str], bool]
    """Whether the caller made the room behind this video URI with spaces.create."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the event carries from now on, and whether a conference was asked for just now."""

    data: Resource | None
    is_asked: bool = False


def written(stored: Resource | None, given: Any, rules: ConferenceRules) -> Outcome:
    """Return what a write with conferenceDataVersion=1 makes of the conference (GOOGLE.md 3.1).

    None clears it. A signed copy is kept and mints nothing, also when a createRequest comes with
    it. The same requestId again is ignored; a new one asks again. Anything unsigned is dropped
    silently, refused or kept without conferenceId, as `signature_check` says. Notes and parameters
    alone change the conference that is there.
    """
    if given is None:
        return Outcome(None)
    if not isinstance(given, dict):
        raise invalid("Invalid value for: conferenceData")
    if len(str(given.get("notes") or "")) > _NOTES_LENGTH:
        raise invalid("Invalid conference data.")
    if given.get("entryPoints"):
        _check_entry_points(given["entryPoints"])
        if stored and _is_same_room(stored, given):
            return Outcome(_annotated(stored, given))
        if is_genuine(given, rules.key):
            return Outcome({name: given[name] for name in _KEPT if given.get(name)})
    if given.get("createRequest"):
        return _asked(stored, given["createRequest"], rules)
    if given.get("entryPoints") and solution_type(given):
        return _unsigned(stored, given, rules)
    if stored and given and set(given) <= set(_FREE_TEXT):
        return Outcome(_annotated(stored, {**stored, **given}))
    # "Either conferenceSolution and at least one entryPoint, or createRequest is required."
    raise invalid("Invalid conference data.")


def sign(data: Resource, key: bytes) -> str:
    """Return Google's seal over what identifies a conference.

    A phone's region is not sealed: older clients (gcsa) do not know it, and copy without it.
    """
    points = [
        {name: value for name, value in point.items() if name != "regionCode"}
        for point in data.get("entryPoints") or ()
    ]
    sealed = dumps([data.get("conferenceId"), points, solution_type(data)])
    seal = hmac.new(key, sealed.encode(), hashlib.sha256).digest()[:SIGNATURE_BYTES]
    return base64.b64encode(seal).decode()


def is_genuine(data: Resource, key: bytes) -> bool:
    """Say whether the conference is one of ours, unaltered."""
    signature = data.get("signature")
    if not isinstance(signature, str) or not data.get("conferenceId"):
        return False
    return hmac.compare_digest(signature.encode(), sign(data, key).encode())


def pending(request_id: str, kind: str) -> Resource:
    """Return conference data that was asked for and is not there yet: no entry points, no id."""
    return {
        "createRequest": {
            "requestId": request_id,
            "conferenceSolutionKey": {"type": kind},
            "status": {"statusCode": "pending"},
        }
    }


def failed(data: Resource) -> Resource:
    """Return the same request as failed; "there are no entry points"."""
    return _with_status(data, "failure")


def ready(data: Resource, *, base_url: str, code: str, pin: str, key: bytes) -> Resource:
    """Return the same request with the room it got."""
    host = base_url.partition("://")[2]
    room = {
        **_with_status(data, "success"),
        "entryPoints": [
            {
                "entryPointType": "video",
                "uri": f"{base_url}/meet/{code}",
                "label": f"{host}/meet/{code}",
            },
            {"entryPointType": "more", "uri": f"{base_url}/tel/{code}?pin={pin}", "pin": pin},
            {
                "regionCode": "DE",
                "entryPointType": "phone",
                "uri": "tel:+49-30-5550-0199",
                "label": "+49 30 5550 0199",
                "pin": pin,
            },
        ],
        "conferenceSolution": {
            "key": {"type": MEET},
            "name": "Google Meet",
            "iconUri": f"{base_url}/static/meet.svg",
        },
        "conferenceId": code,
    }
    return {**room, "signature": sign(room, key)}


def video_uri(data: Resource | None) -> str | None:
    """Return the address people click on to join."""
    for point in (data or {}).get("entryPoints") or ():
        if point.get("entryPointType") == "video":
            return str(point.get("uri"))
    return None


def solution_type(data: Resource | None) -> str | None:
    """Return whose conference it is, e.g. "hangoutsMeet"."""
    solution = (data or {}).get("conferenceSolution") or {}
    kind = (solution.get("key") or {}).get("type")
    return str(kind) if kind else None


def is_pending(data: Resource | None) -> bool:
    """Say whether a conference is still being made."""
    request = (data or {}).get("createRequest") or {}
    return bool((request.get("status") or {}).get("statusCode") == "pending")


def _asked(stored: Resource | None, request: object, rules: ConferenceRules) -> Outcome:
    if not isinstance(request, dict) or not request.get("requestId"):
        raise invalid("Missing conference request id.")
    before = (stored or {}).get("createRequest") or {}
    if before.get("requestId") == request["requestId"]:
        return Outcome(stored)
    allowed = [kind for kind in rules.allowed_types if kind in _CREATABLE]
    kind = (request.get("conferenceSolutionKey") or {}).get("type") or next(iter(allowed), None)
    if kind not in allowed:
        raise invalid("Invalid conference type value.")
    return Outcome(pending(str(request["requestId"]), str(kind)), is_asked=True)


def _unsigned(stored: Resource | None, given: Resource, rules: ConferenceRules) -> Outcome:
    attached = {name: given[name] for name in _KEPT if given.get(name)}
    attached = {n: v for n, v in attached.items() if n not in ("conferenceId", "signature")}
    if rules.is_own_space(video_uri(given) or ""):
        return Outcome(attached)
    if rules.signature_check == "reject":
        raise invalid("Invalid conference data signature.")
    if rules.signature_check == "lenient" and not given.get("signature"):
        return Outcome(attached)
    return Outcome(stored)


def _is_same_room(stored: Resource, given: Resource) -> bool:
    """A client that writes back what it read keeps the room, whatever it changed in the notes."""
    own = ("conferenceId", "entryPoints", "signature")
    return all(stored.get(name) == given.get(name) for name in own)


def _annotated(stored: Resource, given: Resource) -> Resource:
    kept = {name: value for name, value in stored.items() if name not in _FREE_TEXT}
    return kept | {name: given[name] for name in _FREE_TEXT if given.get(name)}


def _with_status(data: Resource, status: str) -> Resource:
    return {"createRequest": {**data["createRequest"], "status": {"statusCode": status}}}


def _check_entry_points(points: object) -> None:
    """Refuse entry points that the reference calls invalid; "only a more" is not a conference."""
    if not isinstance(points, list) or not all(isinstance(point, dict) for point in points):
        raise invalid("Invalid value for: entryPoints")
    kinds = [point.get("entryPointType") for point in points]
    if any(kinds.count(kind) > 1 for kind in _AT_MOST_ONE) or set(kinds) == {"more"}:
        raise invalid("Invalid conference data.")
    for point in points:
        schemes = _SCHEMES.get(str(point.get("entryPointType")))
        if schemes is None or not str(point.get("uri", "")).startswith(schemes):
            raise invalid("Invalid conference data.")
        if any(len(str(point.get(name) or "")) > most for name, most in _LENGTHS.items()):
            raise invalid("Invalid conference data.")
        if {"TOLL", "TOLL_FREE"} <= {str(f).upper() for f in point.get("entryPointFeatures") or []}:
            raise invalid("Invalid conference data.")
