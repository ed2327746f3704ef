"""The control hooks under /_emulator/: for tests and demonstrations, loopback callers only."""

from __future__ import annotations

from dataclasses import fields
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app, jsonify, request

from scheduler.emulator import signing
from scheduler.emulator.calls import json_object
from scheduler.emulator.company import Account
from scheduler.emulator.errors import Refused, invalid

if TYPE_CHECKING:
    from scheduler.emulator.server import Emulator

hooks = Blueprint("hooks", __name__, url_prefix="/_emulator")


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
    # A page somewhere in the web can make the browser on this machine send us a form.
    is_ours = request.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin")
    if not is_here or not is_ours:
        raise Refused(403, "forbidden", "Hooks answer loopback callers only.")


@hooks.get("/outbox")
def outbox() -> Response:
    return jsonify(emulator().outbox())


@hooks.get("/calls")
def calls() -> Response:
    return jsonify(
        [
            {
                "method": call.method,
                "path": call.path,
                "principal": call.principal,
                "status": call.status,
                "name": call.name,
                "at": call.at.isoformat() if call.at else None,
            }
            for call in emulator().calls()
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


@hooks.get("/faults")
def faults() -> Response:
    return jsonify([fault.as_hook() for fault in emulator().world.faults.present()])


@hooks.post("/faults")
def add_fault() -> Response:
    emulator().add_fault(**json_object())
    return jsonify({})


@hooks.delete("/faults")
def clear_faults() -> Response:
    emulator().clear_faults()
    return jsonify({})


@hooks.post("/switches")
def set_switches() -> Response:
    return jsonify(emulator().set_switches(**json_object()).as_dict())


@hooks.post("/conference")
def conference() -> Response:
    return jsonify(emulator().set_conference(**json_object()).as_dict())


@hooks.post("/push")
def push() -> Response:
    return jsonify(emulator().set_push(**json_object()).as_dict())


@hooks.post("/quota")
def quota() -> Response:
    return jsonify(emulator().set_quota(**json_object()).as_dict())


@hooks.post("/latency")
def latency() -> Response:
    milliseconds: Any = json_object().get("milliseconds")
    return jsonify(emulator().set_latency(milliseconds).as_dict())


@hooks.post("/clock")
def clock() -> Response:
    offset: Any = json_object().get("offset")
    return jsonify(emulator().set_clock_offset(offset).as_dict())


@hooks.post("/freebusy")
def freebusy() -> Response:
    given = json_object()
    emulator().set_freebusy_error(_text(given, "address"), given.get("error"))
    return jsonify({})


@hooks.post("/rsvp")
def rsvp() -> Response:
    given = json_object()
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
    given = json_object()
    known = {field.name for field in fields(Account)}
    try:
        emulator().add_account(Account(**{n: v for n, v in given.items() if n in known}))
    except TypeError as error:
        raise invalid(str(error)) from error
    return jsonify({})


@hooks.delete("/accounts/<address>")
def remove_account(address: str) -> Response:
    emulator().remove_account(address)
    return jsonify({})


@hooks.post("/groups")
def group() -> Response:
    given = json_object()
    emulator().set_group(_text(given, "email"), [str(one) for one in given.get("members") or []])
    return jsonify({})


@hooks.post("/user-settings")
def user_setting() -> Response:
    given = json_object()
    address = _text(given, "address")
    emulator().set_user_setting(address, _text(given, "name"), _text(given, "value"))
    return jsonify({})


@hooks.post("/revoke")
def revoke() -> Response:
    emulator().revoke_all(_text(json_object(), "address").lower())
    return jsonify({})


@hooks.post("/rotate-keys")
def rotate_keys() -> Response:
    signing.rotate_key(emulator().world)
    return jsonify({})


@hooks.post("/service-accounts")
def service_account() -> Response:
    given = json_object()
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


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise invalid(f"{name} is missing", name)
    return value
