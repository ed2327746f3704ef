"""An application whose issuer is an emulator on a loopback port, and browsers signed in to it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import datetime
from threading import Thread

import pytest
from flask import Flask
from werkzeug.serving import make_server

from scheduler.clock import utc_now
from scheduler.commands import people
from scheduler.commands.audit import GREENROOM
from scheduler.commands.sign_in import sign_in
from scheduler.config import Settings
from scheduler.domain.people import Role
from scheduler.emulator.company import Account
from scheduler.emulator.server import Emulator, EmulatorSettings, create_emulator
from scheduler.web.sessions import SECRET
from tests.cast import EVERYBODY
from tests.emulator.schemas import checked
from tests.web.browsers import ALEX, KWAME, OWEN, WHO, Browser, Google, SignedInAs, identity_of


@pytest.fixture(scope="session")
def google() -> Iterator[Google]:
    """Google with our cast in it."""
    server = make_server("127.0.0.1", 0, _not_there_yet, threaded=True)
    url = f"http://localhost:{server.server_port}"
    emulator_app = create_emulator(
        EmulatorSettings(
            base_url=url,
            store_path=None,
            client_id="test-client",
            client_secret="test-client-secret",
            redirect_uris=tuple(
                f"http://localhost:8000{path}"
                for path in ("/login/callback", "/admin/google/callback")
            ),
            company=None,
        )
    )
    emulator: Emulator = emulator_app.extensions["emulator"]
    for account in (*EVERYBODY, ALEX, KWAME, OWEN):
        emulator.add_account(account)
    server.app = checked(emulator_app)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Google(url, emulator)
    server.shutdown()
    thread.join()
    emulator.close()


@pytest.fixture(scope="session")
def settings(settings: Settings, google: Google) -> Settings:
    """The settings of every test, with an issuer that answers."""
    return dataclasses.replace(
        settings,
        google_oidc_discovery_url=google.discovery_url,
        google_calendar_endpoint=f"{google.url}/calendar/v3/",
    )


@pytest.fixture(scope="session")
def _application(settings: Settings) -> Flask:
    from scheduler import create_app

    app = create_app(settings)
    app.test_client_class = Browser
    return app


@pytest.fixture
def client(app: Flask) -> Browser:
    """A browser without cookies."""
    return app.test_client()  # type: ignore[return-value]


@pytest.fixture
def signed_in_as(app: Flask) -> SignedInAs:
    """Open a browser in which somebody is signed in: signed_in_as(Role.RECRUITER), signed_in_as(DANA).

    `role` gives an account another role than its first sign-in would; `at` is when they signed in.
    """

    def open_browser(
        who: Role | Account, *, role: Role | None = None, at: datetime | None = None
    ) -> Browser:
        account = WHO[who] if isinstance(who, Role) else who
        role = role or (who if isinstance(who, Role) else Role.INTERVIEWER)
        browser: Browser = app.test_client()  # type: ignore[assignment]
        now = at or utc_now()
        with app.app_context():
            people.grant_role(account.email, role, by=GREENROOM, now=now)
            secret = sign_in(identity_of(account), admin_emails=(), now=now)
        with browser.session_transaction() as session:
            session[SECRET] = secret
        return browser

    return open_browser


@pytest.fixture
def admin(signed_in_as: SignedInAs) -> Browser:
    """Alex's browser."""
    return signed_in_as(Role.ADMIN)


@pytest.fixture
def recruiter(signed_in_as: SignedInAs) -> Browser:
    """Priya's browser."""
    return signed_in_as(Role.RECRUITER)


def _not_there_yet(environ: object, start_response: object) -> list[bytes]:
    raise AssertionError("nobody asks before the emulator is there")
