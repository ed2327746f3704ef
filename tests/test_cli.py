from __future__ import annotations

import json
import logging
import sys
from dataclasses import replace

import pytest
from flask import Flask

from scheduler import create_app
from scheduler.cli import JsonLines
from scheduler.config import Settings


def test_a_doctor_says_what_is_wrong_and_what_to_do(cut_off: Flask) -> None:
    examined = cut_off.test_cli_runner().invoke(args=["doctor"])

    assert examined.exit_code == 1
    lines = examined.output.splitlines()
    assert lines[:2] == ["ok       database", "ok       tables"]
    assert lines[2].startswith("problem  sign-in: http://localhost:9/")
    assert lines[3].endswith(
        "it is not connected. An admin connects it at http://localhost:8000/admin/google"
    )
    assert lines[4] == "problem  mail server: localhost:9 does not answer. Correct SMTP_URL."


def test_a_doctor_without_a_database_still_looks_at_the_rest(
    database_url: str, settings: Settings
) -> None:
    nowhere = database_url.replace("/greenroom_", "/gone_")
    app = create_app(replace(settings, database_url=nowhere))

    examined = app.test_cli_runner().invoke(args=["doctor"])

    assert examined.exit_code == 1
    assert "problem  database: it does not answer" in examined.output
    assert examined.output.count("\n") == 5


def test_migrating_a_database_that_is_current_changes_nothing(app: Flask) -> None:
    migrated = app.test_cli_runner().invoke(args=["migrate"])

    assert (migrated.exit_code, migrated.output) == (0, "The database is up to date.\n")


def test_a_booking_that_is_not_there_is_no_traceback(app: Flask) -> None:
    looked = app.test_cli_runner().invoke(args=["reconcile", "404"])

    assert (looked.exit_code, looked.output) == (1, "Error: There is no booking 404.\n")


def test_a_line_of_the_log_stays_one_line_whatever_it_tells() -> None:
    record = logging.makeLogRecord({"msg": "told %s", "args": ("two\r\nlines",), "booking_id": 7})

    line = JsonLines().format(record)

    assert "\n" not in line
    assert "\r" not in line
    told = json.loads(line)
    assert told["message"] == "told two\r\nlines"
    assert told["booking_id"] == 7


def test_an_exception_is_logged_with_its_traceback() -> None:
    try:
        raise KeyError("missing")
    except KeyError:
        record = logging.makeLogRecord({"msg": "failed", "exc_info": sys.exc_info()})

    assert "KeyError: 'missing'" in json.loads(JsonLines().format(record))["exception"]


@pytest.fixture
def cut_off(database_url: str, settings: Settings) -> Flask:
    """An application whose database answers, and nothing else."""
    return create_app(
        replace(
            settings,
            database_url=database_url,
            google_oidc_discovery_url="http://localhost:9/.well-known/openid-configuration",
            smtp_url="smtp://localhost:9",
        )
    )
