"""A Google with a small cast, in process, with a clock that stands still."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from googleapiclient import discovery
from googleapiclient.errors import HttpError

from scheduler.emulator.company import Account, Company
from scheduler.emulator.server import Emulator, EmulatorSettings, create_emulator
from tests.emulator.schemas import check, checked
from tests.emulator.wsgi_http import WsgiHttp

BASE = "http://localhost:8001"
SCHEDULING = "scheduling@acme.example"
PRIYA = "priya@acme.example"
DANA = "dana@acme.example"
FEMI = "femi@acme.example"
AURORA = "aurora@acme.example"
ADA = "ada@mail.example"
STRANGER = "nobody@elsewhere.example"

CAST = Company(
    domain="acme.example",
    name="Acme",
    accounts=(
        Account(email=SCHEDULING, name="Acme Interviews", kind="scheduling", zone="Europe/Berlin", hd="acme.example"),
        Account(email=PRIYA, name="Priya Raman", kind="recruiter", zone="Europe/Berlin", hd="acme.example"),
        Account(email=DANA, name="Dana Okafor", kind="coordinator", zone="Europe/Berlin", hd="acme.example"),
        Account(email=FEMI, name="Femi Adéyẹmí", kind="coordinator", zone="Europe/London", hd="acme.example"),
        Account(email=AURORA, name="Aurora", kind="room", zone="Europe/Berlin", hd="acme.example"),
        Account(email=ADA, name="Ada Quist", kind="candidate", zone="Europe/Stockholm"),
    ),
)  # fmt: skip


check_schema = check


class Clock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


@pytest.fixture
def clock() -> Clock:
    return Clock()


def settings(path: Path | None = None, **changed: Any) -> EmulatorSettings:
    given = {
        "base_url": BASE,
        "store_path": path,
        "client_id": "greenroom",
        "client_secret": "shh",
        "redirect_uris": ("http://localhost:8000/login/callback",),
        "hooks": True,
        "company": CAST,
    }
    return EmulatorSettings(**{**given, **changed})


@pytest.fixture
def app(clock: Clock) -> Iterator[Flask]:
    app = checked(create_emulator(settings(), clock))
    emulator: Emulator = app.extensions["emulator"]
    emulator.set_conference(latency=0)
    yield app
    emulator.close()


@pytest.fixture
def google(app: Flask) -> Emulator:
    found: Emulator = app.extensions["emulator"]
    return found


@pytest.fixture
def http(app: Flask) -> FlaskClient:
    return app.test_client()


Service = Callable[..., Any]


@pytest.fixture
def service(app: Flask, google: Emulator) -> Service:
    """Return a function: the official client, signed in as somebody."""

    def signed_in(email: str, *scopes: str, api: str = "calendar", version: str = "v3") -> Any:
        token = google.issue_access_token(email, scopes or ("calendar",))
        path = "/calendar/v3/" if api == "calendar" else "/"
        build: Any = discovery.build
        return build(
            api,
            version,
            http=Bearer(app, token),
            client_options={"api_endpoint": BASE + path},
            cache_discovery=False,
        )

    return signed_in


class Bearer(WsgiHttp):
    """An in-process Http that carries a token."""

    def __init__(self, app: Flask, token: str) -> None:
        super().__init__(app.wsgi_app)
        self.token = token

    def request(
        self, uri: str, method: str = "GET", body: Any = None, headers: Any = None, **rest: Any
    ) -> Any:
        carried = {**(headers or {}), "Authorization": f"Bearer {self.token}"}
        return super().request(uri, method, body, carried, **rest)


@pytest.fixture
def calendars(service: Service) -> Any:
    """The official client as the scheduling account."""
    return service(SCHEDULING)


@pytest.fixture
def organizer(calendars: Any) -> str:
    """An organizer calendar of the scheduling account."""
    made = calendars.calendars().insert(body={"summary": "Acme Interviews"}).execute()
    return str(made["id"])


def meeting(**changed: Any) -> dict[str, Any]:
    """An event body that is valid with no arguments: Tuesday 24 November 2026, 10:00 to 10:45 Berlin."""
    return {
        "summary": "Technical interview",
        "start": {"dateTime": "2026-11-24T10:00:00+01:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-11-24T10:45:00+01:00", "timeZone": "Europe/Berlin"},
        **changed,
    }


def wish(request_id: str = "r1", kind: str = "hangoutsMeet") -> dict[str, Any]:
    """Conference data that asks for a room."""
    return {"createRequest": {"requestId": request_id, "conferenceSolutionKey": {"type": kind}}}


def refusal(call: Any) -> tuple[int, dict[str, Any]]:
    """Execute a call that must fail; return its status and its whole error body."""
    with pytest.raises(HttpError) as caught:
        call.execute()
    body = json.loads(caught.value.content)
    return int(caught.value.status_code), body


def reason(call: Any) -> tuple[int, str, str]:
    """Execute a call that must fail; return status, machine reason and message."""
    status, body = refusal(call)
    first = body["error"]["errors"][0]
    assert body["error"]["code"] == status
    assert body["error"]["message"] == first["message"]
    return status, first["reason"], first["message"]
