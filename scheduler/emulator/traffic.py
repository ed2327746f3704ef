"""What happens to every request on its way in and out: latency, faults, the log, Google's errors."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from flask import Flask, Response, current_app, g, json, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from scheduler.emulator import errors
from scheduler.emulator.errors import Refused
from scheduler.emulator.faults import API_PREFIXES, Fault
from scheduler.emulator.indenting import indented
from scheduler.emulator.lines import END, End
from scheduler.emulator.looks import page_headers
from scheduler.emulator.transport import plain
from scheduler.emulator.world import ApiCall

if TYPE_CHECKING:
    from scheduler.emulator.server import Emulator

LARGEST_BODY_BYTES = 10 * 1024 * 1024
PART_OF_BATCH = "emulator.part"
"""Set in the environment of a call that came inside a batch."""

_LOGGED = (*API_PREFIXES, "/token", "/revoke", "/userinfo", "/authorize", "/v1/projects/")
_UNTOUCHED = ("/_emulator/", "/static/")
_ENVELOPES = {
    400: ("badRequest", "Bad Request"),
    404: ("notFound", "Not Found"),
    # A method that a path does not have is, to Google, a path that is not there.
    405: ("notFound", "Not Found"),
}
_PROXY_PAGE = "<!DOCTYPE html><html lang=en><title>Error {0}</title><p><b>{0}.</b> That’s an error."


def direct(app: Flask) -> None:
    """Let all requests of an emulator pass through here."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY_BYTES
    app.url_value_preprocessor(plain)
    app.before_request(_before)
    app.after_request(_after)
    app.register_error_handler(Refused, refused)
    app.register_error_handler(HTTPException, _http_error)


def as_json(body: object, status: int = 200) -> Response:
    """Return JSON as Google sends it: indented, unless `prettyPrint` says no."""
    is_compact = request.args.get("prettyPrint", "").lower() == "false"
    text = json.dumps(body) if is_compact else indented(body) + "\n"
    return Response(text, status, content_type="application/json; charset=UTF-8")


def refused(refusal: Refused) -> Response:
    """Return a refusal in Google's envelope."""
    response = as_json(refusal.body(), refusal.code)
    if refusal.code == 401:
        response.headers["WWW-Authenticate"] = (
            'Bearer realm="https://accounts.google.com/", error="invalid_token"'
        )
    if refusal.reason == "insufficientPermissions":
        response.headers["WWW-Authenticate"] = (
            'Bearer realm="https://accounts.google.com/", error="insufficient_scope"'
        )
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def _before() -> None:
    # An unread body would be taken for the next request on a kept-alive connection.
    request.get_data()
    g.began = time.monotonic()
    g.fault = None
    if request.path.startswith(_UNTOUCHED):
        return
    world = _emulator().world
    is_part = PART_OF_BATCH in request.environ
    if world.switches.latency_milliseconds and request.path.startswith(_LOGGED) and not is_part:
        time.sleep(world.switches.latency_milliseconds / 1000)
    fault = g.fault = world.faults.strike(request.method, request.path)
    if fault is None:
        return
    time.sleep(fault.delay)
    if fault.prevents:
        raise fault.refusal()


def _after(response: Response) -> Response:
    emulator = _emulator()
    fault: Fault | None = g.get("fault")
    if fault is not None:
        response = _spoilt(fault, response)
    if request.path.startswith(_LOGGED):
        is_read = request.method == "GET"
        emulator.world.log.append(
            ApiCall(
                method=request.method,
                path=request.full_path.rstrip("?") if is_read else request.path,
                principal=g.get("principal", ""),
                status=response.status_code,
                at=emulator.world.now(),
                name=g.get("api_method", ""),
                fate=_fate(fault),
                milliseconds=(time.monotonic() - g.began) * 1000 if "began" in g else 0.0,
            )
        )
    emulator.flush_pushes()
    return response


def _spoilt(fault: Fault, response: Response) -> Response:
    """Return what is left of an answer on its way back, as the fault says."""
    if fault.how == "html":
        status = fault.status or 502
        return Response(_PROXY_PAGE.format(status), status, content_type="text/html; charset=UTF-8")
    if fault.how == "garble":
        text = response.get_data() or b'{"kind": "calendar#'
        status = fault.status or 200
        return Response(text[: len(text) // 2 + 1], status, content_type="application/json")
    if fault.how is not None:
        return _ended(fault.how, response)
    if fault.when == "before":
        return response
    # The write is kept and the caller never learns: over a socket the line goes dead.
    if "werkzeug.socket" in request.environ:
        return _ended("lose", response)
    return refused(fault.refusal()) if fault.status is not None else response


def _ended(end: End, response: Response) -> Response:
    request.environ[END].append(end)
    return response


def _fate(fault: Fault | None) -> str:
    """Return in words what a fault did to the call."""
    if fault is None:
        return ""
    what = fault.how or ("refused" if fault.when == "before" else "answer lost")
    return "delayed" if fault.status is None and fault.how is None else f"fault: {what}"


def _http_error(error: HTTPException) -> Response:
    """Unknown routes of the interfaces answer in Google's envelope, pages with a page."""
    code = error.code or 500
    if request.path.startswith((*API_PREFIXES, "/_emulator/")):
        if code == 413:
            return refused(errors.too_large())
        reason, message = _ENVELOPES.get(code, ("backendError", "Backend Error"))
        return refused(Refused(404 if code == 405 else code, reason, message))
    page = make_response(render_template("problem.html", code=code, text=error.name), code)
    return page_headers(page)


def _emulator() -> Emulator:
    found: Emulator = current_app.extensions["emulator"]
    return found
