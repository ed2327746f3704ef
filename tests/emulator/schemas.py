"""Holds every answer to the schemas of Google's own discovery documents, as its Python client ships them.

`check` looks at one resource; `checked` makes an emulator look at each of its 2xx answers, so that any test
which drives it fails on the first field or type that Google does not have.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import googleapiclient
import pytest
from flask import Flask, Response, request

Check = Callable[[Any, str], None]
"""Takes a value and where it stands; raises Unlike."""

_DOCUMENTS = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
_FILES = {"calendar": "calendar.v3.json", "meet": "meet.v2.json"}
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII
)  # RFC 3339
_INT64 = re.compile(r"-?\d{1,19}", re.ASCII)
_FIELD_MASK = re.compile(r"(\*|[A-Za-z0-9_.,]*)", re.ASCII)


class Unlike(AssertionError):
    """A value is not what Google's discovery document describes."""


@dataclass(frozen=True, slots=True)
class Method:
    """One method of an interface: its id, and the schema of its answer; None for an empty one."""

    api: str
    id: str
    http: str
    path: re.Pattern[str]
    schema: str | None


def check(body: Any, schema: str, api: str = "calendar") -> None:
    """Raise Unlike when `body` has a field, a type or a format that the schema does not know.

    Fields may be missing: the documents call none required, and `fields` leaves any of them out.
    """
    _check_of(api, schema)(body, schema)


def checked(app: Flask, unlike: Callable[[str], object] = pytest.fail) -> Flask:
    """Return the same emulator, which from now on tells `unlike` about each answer that Google would not give.

    By default that fails the running test, as no Exception: neither Flask nor what is tested may take it for
    trouble of the network. Where a server answers in threads of its own, collect instead.
    """

    def look(response: Response) -> Response:
        problem = _problem_with(response)
        if problem is not None:
            unlike(f"{request.method} {request.path} answered unlike Google: {problem}")
        return response

    # Registered last, called first: faults that spoil an answer on purpose come after.
    app.after_request(look)
    return app


def method_of(http: str, path: str) -> Method | None:
    """Return the method that Google documents for this request, if there is one."""
    return next(
        (each for each in _methods() if each.http == http and each.path.fullmatch(path)), None
    )


@cache
def document(api: str) -> dict[str, Any]:
    """Return the discovery document of an interface: "calendar" or "meet"."""
    found: dict[str, Any] = json.loads((_DOCUMENTS / _FILES[api]).read_text())
    return found


def _problem_with(response: Response) -> str | None:
    path = request.path
    if not path.startswith(("/calendar/v3/", "/v2/")) or response.status_code // 100 != 2:
        return None
    method = method_of(request.method, path)
    if method is None:
        return "Google has no such method"
    body = response.get_data()
    if method.schema is None:
        return f"{method.id} answers with an empty body" if body else None
    try:
        check(json.loads(body), method.schema, method.api)
    except Unlike as problem:
        return str(problem)
    return None


@cache
def _methods() -> tuple[Method, ...]:
    return tuple(method for api in _FILES for method in _methods_below(api, document(api)))


def _methods_below(api: str, part: dict[str, Any]) -> Iterator[Method]:
    service = "/" + str(document(api)["servicePath"])
    for described in part.get("methods", {}).values():
        template = service + described.get("flatPath", described["path"])
        # The path arrives decoded, so an id may hold anything; the literal parts tell methods apart.
        pattern = re.sub(r"\\\{.*?\\\}", "[^/]+", re.escape(template))
        yield Method(
            api,
            described["id"],
            described["httpMethod"],
            re.compile(pattern),
            (described.get("response") or {}).get("$ref"),
        )
    for below in part.get("resources", {}).values():
        yield from _methods_below(api, below)


@cache
def _check_of(api: str, name: str) -> Check:
    return _compiled(api, document(api)["schemas"][name])


def _compiled(api: str, schema: dict[str, Any]) -> Check:
    """Return the check of a schema, made once: tests look at many thousand answers."""
    if "$ref" in schema:
        name = schema["$ref"]
        return lambda value, where: _check_of(api, name)(
            value, where
        )  # schemas may contain themselves
    match schema["type"]:
        case "object":
            return _object(api, schema)
        case "array":
            return _array(_compiled(api, schema["items"]))
        case "string":
            return _string(schema)
        case "integer":
            return _integer
        case "boolean":
            return _boolean
        case "any":
            return lambda value, where: None
        case other:
            raise NotImplementedError(f"a schema of type {other}")


def _object(api: str, schema: dict[str, Any]) -> Check:
    known = {name: _compiled(api, below) for name, below in schema.get("properties", {}).items()}
    rest = schema.get("additionalProperties")
    other = _compiled(api, rest) if rest else None

    def check_object(value: Any, where: str) -> None:
        if not isinstance(value, dict):
            raise Unlike(f"{where}: {value!r} is no object")
        for name, below in value.items():
            found = known.get(name, other)
            if found is None:
                raise Unlike(f"{where}: unknown field {name}")
            found(below, f"{where}.{name}")

    return check_object


def _array(item: Check) -> Check:
    def check_array(value: Any, where: str) -> None:
        if not isinstance(value, list):
            raise Unlike(f"{where}: {value!r} is no array")
        for number, each in enumerate(value):
            item(each, f"{where}[{number}]")

    return check_array


def _string(schema: dict[str, Any]) -> Check:
    is_right = _FORMATS.get(schema.get("format", ""))
    allowed = frozenset(schema.get("enum", ()))
    # What stands as default of a resource's kind is its only value.
    kind = schema.get("default") if "#" in str(schema.get("default")) else None

    def check_string(value: Any, where: str) -> None:
        if not isinstance(value, str):
            raise Unlike(f"{where}: {value!r} is no string")
        if is_right is not None and not is_right(value):
            raise Unlike(f"{where}: {value!r} is no {schema['format']}")
        if allowed and value not in allowed:
            raise Unlike(f"{where}: {value!r} is none of {sorted(allowed)}")
        if kind is not None and value != kind:
            raise Unlike(f"{where}: {value!r} instead of {kind!r}")

    return check_string


def _integer(value: Any, where: str) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not -(2**31) <= value < 2**31:
        raise Unlike(f"{where}: {value!r} is no int32")


def _boolean(value: Any, where: str) -> None:
    if not isinstance(value, bool):
        raise Unlike(f"{where}: {value!r} is no boolean")


def _is_moment(text: str) -> bool:
    if not _MOMENT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


_FORMATS: dict[str, Callable[[str], Any]] = {
    "date-time": _is_moment,
    "google-datetime": _is_moment,
    "date": _is_date,
    "int64": _INT64.fullmatch,
    "google-fieldmask": _FIELD_MASK.fullmatch,
}
