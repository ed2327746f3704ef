"""One API call: who asks, with which scope, in one transaction, answered as Google formats it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Concatenate, ParamSpec

from flask import Response, current_app, g, request

from scheduler.emulator import errors, fields, minting, tokens
from scheduler.emulator.bodies import Shape, checked_types
from scheduler.emulator.errors import Resource
from scheduler.emulator.fields import Mask
from scheduler.emulator.resources import ANSWERS
from scheduler.emulator.scopes import SCOPES, method_names
from scheduler.emulator.traffic import as_json
from scheduler.emulator.world import Principal, World

P = ParamSpec("P")
AUTH = "https://www.googleapis.com/auth/"


def world() -> World:
    """Return the world of the running emulator."""
    found = current_app.extensions["emulator"].world
    assert isinstance(found, World)
    return found


def api_call(
    name: str,
) -> Callable[[Callable[Concatenate[World, Principal, P], Resource | None]], Callable[P, Response]]:
    """Turn a rule into the view of one API method: token, quota, scope, transaction, answer.

    `name` is the method's name in Google's discovery document. None is answered with 204.
    """

    def decorate(
        rule: Callable[Concatenate[World, Principal, P], Resource | None],
    ) -> Callable[P, Response]:
        @functools.wraps(rule)
        def view(*args: P.args, **kwargs: P.kwargs) -> Response:
            here = world()
            g.api_method = name
            mask = _mask(name)
            who = caller(here, name)
            with here.store.transaction():
                minting.settle_due(here)
            with here.store.transaction():
                answer = rule(here, who, *args, **kwargs)
            return answered(answer, mask)

        return view

    return decorate


def caller(here: World, name: str) -> Principal:
    """Return who calls, with the scopes that open this method.

    401 without a good token, 403 or 429 over quota, 403 without such a scope.
    """
    header = request.headers.get("Authorization", "")
    kind, _, token = header.partition(" ")
    if kind.lower() != "bearer":
        token = request.args.get("access_token") or request.args.get("oauth_token") or ""
    if not token:
        raise errors.login_required() if not header else errors.auth_error()
    who = tokens.principal(here, token.strip())
    g.principal = who.email
    here.quotas.admit(
        request.args.get("quotaUser") or who.email,
        _written_calendar(who),
        here.now().timestamp(),
        here.switches,
    )
    allowed = {AUTH + scope for scope in SCOPES[name]}
    held = allowed & who.scopes
    if not held:
        raise errors.insufficient_scopes(method_names(name))
    return replace(who, scopes=frozenset(held))


def answered(answer: Resource | None, mask: Mask | None = None) -> Response:
    """Return JSON with its etag, cut down to `fields`; 304 for a known etag, 204 for nothing."""
    if answer is None:
        return Response(status=204)
    etag = answer.get("etag")
    if etag and request.method == "GET" and _is_known(str(etag)):
        response = Response(status=304)
    else:
        response = as_json(fields.pick(answer, mask) if mask else answer)
        response.headers["Cache-Control"] = "private, max-age=0, must-revalidate, no-transform"
        response.headers["Vary"] = "Origin, X-Origin, Referer"
    if etag:
        response.headers["ETag"] = str(etag)
    return response


def body(shape: Shape = dict) -> Resource:
    """Return the request's JSON object, or refuse it: 400 parseError, 400 invalid for a wrong type."""
    if request.mimetype == "application/x-www-form-urlencoded" and request.get_data():
        raise errors.form_encoded()
    if request.mimetype not in ("", "application/json") and request.get_data():
        raise errors.bad_content(request.mimetype)
    return checked_types(json_object(), shape)


def json_object() -> Resource:
    """Return the body as a JSON object whatever its media type, or refuse it: 400 parseError."""
    if not request.get_data():
        return {}
    given: Any = request.get_json(force=True, silent=True)
    if not isinstance(given, dict):
        raise errors.parse_error()
    return given


def _mask(name: str) -> Mask | None:
    """Return what `fields` selects of a method's answer; what it cannot is refused before any write.

    So is another form than JSON (`alt`).
    """
    alt = request.args.get("alt") or "json"
    if alt != "json":
        raise errors.not_one_of(alt, ("json",), "alt")
    text = request.args.get("fields")
    if not text:
        return None
    mask = fields.parse(text)
    unknown = fields.unknown(mask, ANSWERS[name]) if name in ANSWERS else None
    if unknown is not None:
        raise errors.UnknownField(text, unknown)
    return mask


def _written_calendar(who: Principal) -> str | None:
    calendar_id = (request.view_args or {}).get("calendar_id")
    if request.method == "GET" or calendar_id is None:
        return None
    return who.email if calendar_id == "primary" else str(calendar_id).lower()


def _is_known(etag: str) -> bool:
    return request.if_none_match.contains_weak(etag.removeprefix("W/").strip('"'))


def flag(name: str) -> bool:
    """Return a boolean parameter."""
    return request.args.get(name, "").lower() == "true"


def number(name: str, default: int | None = None) -> int | None:
    """Return an integer parameter, or refuse it with 400 invalidParameter."""
    text = request.args.get(name)
    if text is None or text == "":
        return default
    try:
        return int(text)
    except ValueError as error:
        raise errors.Refused(
            400,
            "invalidParameter",
            f"Invalid value '{text}'. Values must be within the range: [1, 2500]",
            location=("parameter", name),
        ) from error
