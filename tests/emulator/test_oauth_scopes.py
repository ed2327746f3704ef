"""Which scope opens which method: the discovery documents' lists, held at every route."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import googleapiclient
import pytest
from flask.testing import FlaskClient

from scheduler.emulator.scopes import PREFIX, SCOPES
from scheduler.emulator.server import Emulator
from tests.emulator.conftest import PRIYA
from tests.emulator.oauth_client import bearer

_DOCUMENTS = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
_NOT_IN_THE_DOCUMENTS = {name for name in SCOPES if name.startswith(("members.", "artifacts."))}
"""Members of a space are known from the guide only; "artifacts" are several resources in one."""


@cache
def methods() -> dict[str, dict[str, Any]]:
    """Return Google's description of every method: "events.get" to {"httpMethod", "path", …}."""
    found = {}
    for name, prefix in (("calendar.v3.json", "/calendar/v3/"), ("meet.v2.json", "/")):
        document = json.loads((_DOCUMENTS / name).read_text())
        for called, told in _methods(document["resources"]):
            found[called] = {**told, "path": prefix + told.get("flatPath", told["path"])}
    return found


def _methods(resources: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for resource, inside in resources.items():
        for method, told in inside.get("methods", {}).items():
            yield f"{resource}.{method}", told
        yield from _methods(inside.get("resources", {}))


def ask(http: FlaskClient, name: str, token: str) -> Any:
    """Call a method on things that do not exist, with a body that says nothing."""
    told = methods()[name]
    path = re.sub(r"\{\w+\}", "nothing", told["path"])
    body: dict[str, Any] | None = None if told["httpMethod"] in ("GET", "DELETE") else {}
    return http.open(path, method=told["httpMethod"], json=body, headers=bearer(token))


def is_refused_for_its_scope(answer: Any) -> bool:
    """Say whether a 403 names the scope, not the thing that is asked for."""
    error = (answer.json or {}).get("error", {})
    reasons = {detail.get("reason") for detail in error.get("details", [])}
    return answer.status_code == 403 and "ACCESS_TOKEN_SCOPE_INSUFFICIENT" in reasons


def test_the_table_is_googles() -> None:
    for name in SCOPES.keys() - _NOT_IN_THE_DOCUMENTS:
        theirs = {scope.removeprefix(PREFIX) for scope in methods()[name]["scopes"]}
        assert set(SCOPES[name]) == theirs, name


@pytest.mark.parametrize("name", sorted(SCOPES.keys() - _NOT_IN_THE_DOCUMENTS))
def test_a_method_opens_for_its_scopes_only(http: FlaskClient, google: Emulator, name: str) -> None:
    others = {scope for scopes in SCOPES.values() for scope in scopes} - set(SCOPES[name])
    answer = ask(http, name, google.issue_access_token(PRIYA, ["openid", "email", *others]))
    assert is_refused_for_its_scope(answer), (answer.status_code, answer.text)
    error = answer.json["error"]
    assert (error["code"], error["status"]) == (403, "PERMISSION_DENIED")
    assert error["message"] == "Request had insufficient authentication scopes."
    # Meet's newer envelope has no list of errors.
    is_meets = methods()[name]["path"].startswith("/v2/")
    reasons = [each["reason"] for each in error.get("errors", [])]
    assert reasons == ([] if is_meets else ["insufficientPermissions"])
    assert answer.headers["WWW-Authenticate"].endswith('error="insufficient_scope"')
    for scope in _some(SCOPES[name]):
        assert not is_refused_for_its_scope(
            ask(http, name, google.issue_access_token(PRIYA, [scope]))
        ), scope


def test_a_refusal_names_the_method(http: FlaskClient, google: Emulator) -> None:
    token = google.issue_access_token(PRIYA, ["openid"])

    def named(name: str) -> dict[str, str]:
        error = ask(http, name, token).json["error"]
        metadata: dict[str, str] = error["details"][0]["metadata"]
        return metadata

    assert named("calendarList.list") == {
        "service": "calendar-json.googleapis.com",
        "method": "calendar.v3.CalendarList.List",
    }
    assert named("spaces.create")["service"] == "meet.googleapis.com"


def _some(scopes: tuple[str, ...]) -> Iterator[str]:
    """Return the widest and the narrowest: the table above holds those in between."""
    yield scopes[0]
    yield scopes[-1]
