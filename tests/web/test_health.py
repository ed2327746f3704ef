"""What monitors ask, and what they must not learn."""

from __future__ import annotations

import dataclasses

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from scheduler import create_app
from scheduler.config import Settings
from scheduler.models.base import db
from tests import database, factories
from tests.cast import ADA, PRIYA
from tests.web.browsers import Browser

NOWHERE = "postgresql+psycopg://nobody@localhost:9/nothing"


@pytest.fixture
def stranded(settings: Settings) -> Browser:
    """A browser before an application that has lost its database."""
    app = create_app(dataclasses.replace(settings, database_url=NOWHERE))
    app.test_client_class = Browser
    return app.test_client()  # type: ignore[return-value]


def test_all_is_well(client: Browser) -> None:
    for path in ("/healthz", "/readyz"):
        answer = client.get(path)
        assert (answer.status_code, answer.text) == (200, "ok\n")


def test_without_a_database_it_says_so(stranded: Browser) -> None:
    for path in ("/healthz", "/readyz"):
        answer = stranded.get(path)
        assert answer.status_code == 503
        assert "database" in answer.text


def test_without_a_database_every_page_is_a_plain_one(stranded: Browser) -> None:
    with stranded.session_transaction() as session:
        session["secret"] = "x" * 43
    for path in ("/", "/admin/people", "/metrics"):
        answer = stranded.get(path)
        assert answer.status_code == 503, path
        assert "We are not ready just now" in answer.text
        assert answer.headers["Retry-After"]


def test_tables_of_another_version_are_not_ready(settings: Settings, database_server: str) -> None:
    url = database.empty_database(database_server, "greenroom_not_migrated")
    app = create_app(dataclasses.replace(settings, database_url=url))
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert "migrate" in answer.text
    assert app.test_client().get("/healthz").status_code == 200


def test_a_probe_may_call_this_machine_by_its_other_names(client: Browser) -> None:
    assert client.get("/healthz", base_url="http://127.0.0.1:8000").status_code == 200


def test_the_figures_follow_what_there_is(app: Flask, client: Browser) -> None:
    with app.app_context():
        db.session.execute(
            db.text(
                "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('greenroom', 'x')"
            )
        )
        db.session.commit()
    families = {
        family.name: family
        for family in text_string_to_metric_families(client.get("/metrics").text)
    }
    jobs = {sample.labels["status"]: sample.value for sample in families["greenroom_jobs"].samples}
    assert jobs == {"todo": 1}
    for name in (
        "bookings_behind",
        "oldest_booking_behind_seconds",
        "mails_waiting",
        "oldest_mail_waiting_seconds",
    ):
        assert families[f"greenroom_{name}"].samples[0].value == 0


def test_the_figures_name_nobody(app: Flask, client: Browser) -> None:
    with app.app_context():
        factories.application()
    text = client.get("/metrics").text.lower()
    for person in (ADA, PRIYA):
        assert person.email not in text
        assert person.name.lower() not in text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Goog-Channel-ID": "1", "X-Goog-Channel-Token": "forged", "X-Goog-Resource-ID": "2"},
        {"X-Goog-Resource-URI": "https://evil.example/", "Content-Type": "application/json"},
    ],
)
def test_a_notification_is_heard_and_changes_nothing(
    app: Flask, client: Browser, headers: dict[str, str]
) -> None:
    for body in (b"", b"{" * 100_000):
        answer = client.post("/hooks/google/calendar", headers=headers, data=body)
        assert (answer.status_code, answer.data) == (200, b"")
    with app.app_context():
        count = db.session.scalar(db.text("SELECT count(*) FROM procrastinate_jobs"))
        assert count == 0
