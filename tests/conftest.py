"""What every test may ask for: a clean database, settings, the application, a browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from scheduler.config import DataKey, Settings
from tests import database

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

pytest_plugins = ("tests.world",)

PUBLIC_URL = "http://localhost:8000"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
SERVER = pytest.StashKey[str]()


# -- the database ------------------------------------------------------------------------------


@pytest.fixture
def database_url(_worker_database: str, _cleaner: psycopg.Connection[object]) -> Iterator[str]:
    """A migrated database without rows. Commit freely: it is emptied afterwards."""
    yield _worker_database
    database.clean(_cleaner)


@pytest.fixture(scope="session")
def database_server(request: pytest.FixtureRequest) -> str:
    """The URL of the run's server, for tests that make databases of their own."""
    return _server_of(request.config)


@pytest.fixture(scope="session")
def _worker_database(database_server: str, request: pytest.FixtureRequest) -> str:
    worker = _worker_input(request.config).get("workerid", "only")
    return database.migrated_database(database_server, f"greenroom_{worker}")


@pytest.fixture(scope="session")
def _cleaner(_worker_database: str) -> Iterator[psycopg.Connection[object]]:
    with database.cleaner(_worker_database) as connection:
        yield connection


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """pytest-xdist: the controller has the server, since it outlives every worker."""
    node.workerinput["database_server"] = _server_of(node.config)


def _server_of(config: pytest.Config) -> str:
    """Return the run's server, which the first one to ask starts and the end of the run stops."""
    given = _worker_input(config).get("database_server")
    if given is not None:
        return str(given)
    if SERVER not in config.stash:
        stack = ExitStack()
        config.add_cleanup(stack.close)
        config.stash[SERVER] = stack.enter_context(database.running_server())
    return config.stash[SERVER]


def _worker_input(config: pytest.Config) -> dict[str, object]:
    return getattr(config, "workerinput", {})


# -- the application ---------------------------------------------------------------------------


@pytest.fixture(scope="session")
def settings(_worker_database: str) -> Settings:
    """A whole installation's settings, with secrets that guard nothing."""
    return Settings(
        database_url=_worker_database,
        secret_key="only for tests, and long enough for it",
        data_keys=(DataKey("test", b"\x2a" * 32),),
        public_url=PUBLIC_URL,
        company_name="Northwind",
        allowed_domains=("northwind.example",),
        admin_emails=("alex@northwind.example",),
        google_client_id="test-client",
        google_client_secret="test-client-secret",
        scheduling_account="scheduling@northwind.example",
        smtp_url="smtp://localhost:8025",
        mail_from="Northwind Recruiting <recruiting@northwind.example>",
    )


@pytest.fixture(scope="session")
def _application(settings: Settings) -> Flask:
    from scheduler import create_app

    return create_app(settings)


@pytest.fixture
def app(_application: Flask, database_url: str) -> Iterator[Flask]:
    """The application on a clean database. No context is pushed: requests bring their own."""
    # A test may put another Google or another clock in; the next one finds what was there.
    before = dict(_application.extensions)
    yield _application
    _application.extensions.clear()
    _application.extensions.update(before)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without cookies."""
    return app.test_client()


# -- the browser -------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The installed Chromium that browser tests drive."""
    path = _chromium()
    assert path is not None, "tests that need a browser carry the marker `browser`"
    return path


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a Chromium, skip what needs one; a CI run without one is broken instead."""
    browser_tests = [item for item in items if item.get_closest_marker("browser")]
    if not browser_tests or _chromium() is not None:
        return
    if os.environ.get("CI"):
        raise pytest.UsageError("No Chromium is installed, and CI never skips the browser tests.")
    for item in browser_tests:
        item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [
        report
        for report in terminalreporter.stats.get("skipped", [])
        if NO_BROWSER in str(report.longrepr)
    ]
    if skipped:
        terminalreporter.section("BROWSER TESTS WERE SKIPPED", sep="!", red=True)
        terminalreporter.line(f"{len(skipped)} tests: {NO_BROWSER}.")


NO_BROWSER = "no Chromium was found; install your system's package chromium and run again"


def _chromium() -> str | None:
    found = (shutil.which(name) for name in CHROMIUM_NAMES)
    return next((path for path in found if path is not None), None)
