"""The control hooks under /_emulator/: for tests and demonstrations, loopback callers only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app, jsonify, request

from scheduler.emulator import signing
from scheduler.emulator.calls import body
from scheduler.emulator.company import Account
from scheduler.emulator.errors import Refused, invalid
from scheduler.emulator.settings import Switches

if TYPE_CHECKING:
    from scheduler.emulator.server import Emulator

hooks = Blueprint("hooks", __name__, url_prefix="/_emulator")

_ALLOWED: dict[str, tuple[str, ...]] = {
    "conference": ("latency", "outcome", "signature_check"),
    "push": ("drop", "duplicate", "delay"),
    "quota": ("per_user_per_minute", "per_project_per_minute", "status"),
}
_CHOICES: dict[str, tuple[Any, ...]] = {
    "outcome": ("success", "failure"),
    "signature_check": ("drop", "reject", "lenient"),
    "status": (403, 429),
}


def emulator() -> Emulator:
    """Return the running emulator."""
    found: Emulator = current_app.extensions["emulator"]
    return found


@hooks.before_request
def only_from_here() -> None:
    try:
        is_here = ip_address(request.remote_addr or "127.0.0.1").is_loopback
    except ValueError:
        is_here = False
    if not is_here:
        raise Refused(403, "forbidden", "Hooks answer loopback callers only.")


@hooks.get("/outbox")
def outbox() -> Response:
    return jsonify(emulator().outbox())


@hooks.get("/calls")
def calls() -> Response:
    return jsonify(
        [
            {"method": c.method, "path": c.path, "principal": c.principal, "status": c.status}
            for c in emulator().calls()
        ]
    )


@hooks.get("/calendar")
def calendar() -> Response:
    return jsonify(emulator().calendar_as(request.args.get("as", "")))


@hooks.get("/switches")
def switches() -> Response:
    return jsonify(emulator().world.switches.as_dict())


@hooks.post("/expire-sync-tokens")
def expire_sync_tokens() -> Response:
    emulator().expire_sync_tokens()
    return jsonify({})


@hooks.post("/faults")
def add_fault() -> Response:
    emulator().add_fault(**body())
    return jsonify({})


@hooks.delete("/faults")
def clear_faults() -> Response:
    emulator().clear_faults()
    return jsonify({})


@hooks.post("/conference")
def conference() -> Response:
    return _switched("conference", emulator().set_conference)


@hooks.post("/push")
def push() -> Response:
    return _switched("push", emulator().set_push)


@hooks.post("/quota")
def quota() -> Response:
    return _switched("quota", emulator().set_quota)


@hooks.post("/latency")
def latency() -> Response:
    value = _number(body().get("milliseconds"), "milliseconds")
    return jsonify(emulator().set_latency(value).as_dict())


@hooks.post("/clock")
def clock() -> Response:
    value = _number(body().get("offset"), "offset", least=None)
    return jsonify(emulator().set_clock_offset(value).as_dict())


@hooks.post("/freebusy")
def freebusy() -> Response:
    given = body()
    emulator().set_freebusy_error(_text(given, "address"), given.get("error"))
    return jsonify({})


@hooks.post("/rsvp")
def rsvp() -> Response:
    given = body()
    found = emulator().rsvp(
        _text(given, "attendee"),
        _text(given, "event_id"),
        _text(given, "response"),
        str(given.get("comment") or ""),
    )
    if not found:
        raise Refused(404, "notFound", "No such invitation.")
    return jsonify({})


@hooks.post("/accounts")
def add_account() -> Response:
    given = body()
    known = {field.name for field in fields(Account)}
    try:
        emulator().add_account(Account(**{n: v for n, v in given.items() if n in known}))
    except TypeError as error:
        raise invalid(str(error)) from error
    return jsonify({})


@hooks.post("/revoke")
def revoke() -> Response:
    emulator().revoke_all(_text(body(), "address").lower())
    return jsonify({})


@hooks.post("/rotate-keys")
def rotate_keys() -> Response:
    signing.rotate_key(emulator().world)
    return jsonify({})


@hooks.post("/service-accounts")
def service_account() -> Response:
    given = body()
    emulator().add_service_account(
        _text(given, "email"),
        str(given.get("public_key") or ""),
        list(given.get("scopes") or []),
        token_creators=list(given.get("token_creators") or []),
    )
    return jsonify({})


@hooks.post("/reset")
def reset() -> Response:
    emulator().reset()
    return jsonify({})


def _switched(name: str, change: Callable[..., Switches]) -> Response:
    """Change some switches, refusing names and values that a hook does not have."""
    given = body()
    for key, value in given.items():
        if key not in _ALLOWED[name]:
            raise invalid(f"unknown switch: {key}", key)
        if key in _CHOICES:
            if value not in _CHOICES[key]:
                raise invalid(f"{key} must be one of {_CHOICES[key]}", key)
        elif value is not None:
            _number(value, key)
        elif name == "push":
            raise invalid(f"{key} must be a number", key)
    return jsonify(change(**given).as_dict())


def _number(value: Any, name: str, least: float | None = 0) -> float:
    is_number = isinstance(value, int | float)
    if not is_number or (least is not None and value < least):
        raise invalid(f"{name} must be a number", name)
    return float(value)


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise invalid(f"{name} is missing", name)
    return value
