"""A small company on the emulator, and a client of it with no socket in between."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from scheduler.emulator.server import Account, Emulator, EmulatorSettings, create_emulator
from scheduler.google.calendar import CalendarGateway
from scheduler.google.client import Google
from scheduler.google.credentials import SCOPES, from_refresh_token
from tests.emulator.schemas import checked
from tests.google.wsgi_http import WsgiHttp

BASE_URL = "http://localhost:8001"
SCHEDULING = "scheduling@acme.example"
DANA = "dana@acme.example"
FEMI = "femi@acme.example"
ADA = "ada@mailbox.example"


@pytest.fixture
def app() -> Flask:
    return checked(
        create_emulator(
            EmulatorSettings(
                base_url=BASE_URL,
                store_path=None,
                client_id="greenroom",
                client_secret="s3cret",
                redirect_uris=(),
                company=None,
            )
        )
    )


@pytest.fixture
def emulator(app: Flask) -> Iterator[Emulator]:
    emulator: Emulator = app.extensions["emulator"]
    for email, name, kind in (
        (SCHEDULING, "Acme Interviews", "scheduling"),
        (DANA, "Dana Okafor", "interviewer"),
        (FEMI, "Femi Adeyemi", "interviewer"),
        (ADA, "Ada Quist", "candidate"),
    ):
        hd = "acme.example" if email.endswith("@acme.example") else None
        emulator.add_account(
            Account(email=email, name=name, kind=kind, zone="Europe/Berlin", hd=hd)  # type: ignore[arg-type]
        )
    emulator.set_conference(latency=0)
    yield emulator
    emulator.close()


@pytest.fixture
def http(app: Flask) -> WsgiHttp:
    """What left our side, request by request."""
    return WsgiHttp(app)


@pytest.fixture
def google(emulator: Emulator, http: WsgiHttp) -> Google:
    refresh_token = emulator.issue_refresh_token(SCHEDULING, SCOPES)
    return Google(
        f"{BASE_URL}/calendar/v3/",
        lambda: from_refresh_token(
            refresh_token,
            client_id="greenroom",
            client_secret="s3cret",
            token_uri=f"{BASE_URL}/token",
        ),
        http_factory=lambda: http,
        sleep=lambda _: None,
    )


@pytest.fixture
def gateway(google: Google) -> CalendarGateway:
    return CalendarGateway(google)


@pytest.fixture
def loops(gateway: CalendarGateway) -> str:
    """The id of an organizer calendar."""
    return gateway.make_calendar("Acme interviews", ZoneInfo("Europe/Berlin"), "Made by Greenroom.")
