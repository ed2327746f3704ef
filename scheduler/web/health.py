"""Whether this process is alive, ready, and how far behind the work is.

All three are open to everybody who can reach the port, and hold numbers only. An operator who
minds strangers knowing how busy interviewing is closes /metrics in the proxy.
"""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from scheduler.clock import utc_now
from scheduler.config import Settings
from scheduler.queries import health as queries
from scheduler.queries.health import Figures

health = Blueprint("health", __name__)


@health.get("/healthz")
def healthz() -> Response:
    """Alive: the process runs and its database answers."""
    if not queries.database_answers():
        return _said("The database does not answer.", 503)
    return _said("ok", 200)


@health.get("/readyz")
def readyz() -> Response:
    """Ready for people: the database answers and has the tables of this version."""
    if not queries.database_answers():
        return _said("The database does not answer.", 503)
    settings = cast(Settings, current_app.extensions["settings"])
    if not queries.tables_are_current(settings.database_url):
        return _said("The tables are of another version. Run: flask --app app migrate", 503)
    return _said("ok", 200)


@health.get("/metrics")
def metrics() -> Response:
    """Prometheus text, read from the database: every process of an installation says the same."""
    return Response(
        generate_latest(_gauges(queries.figures(utc_now()))), content_type=CONTENT_TYPE_LATEST
    )


def _said(text: str, status: int) -> Response:
    return Response(f"{text}\n", status, content_type="text/plain; charset=utf-8")


def _gauges(figures: Figures) -> CollectorRegistry:
    registry = CollectorRegistry()
    jobs = Gauge("greenroom_jobs", "Wake-ups in the queue.", ["status"], registry=registry)
    for status, number in figures.jobs.items():
        jobs.labels(status).set(number)
    attention = Gauge(
        "greenroom_bookings_needing_attention",
        "Bookings that wait for a person.",
        ["reason"],
        registry=registry,
    )
    for reason, number in figures.attention.items():
        attention.labels(reason).set(number)
    for name, meaning, value in (
        ("bookings_behind", "Bookings that Google does not agree with yet.", figures.behind),
        (
            "oldest_booking_behind_seconds",
            "For how long the oldest booking behind has been due.",
            figures.behind_for_seconds,
        ),
        ("mails_waiting", "Mails that have not been handed over yet.", figures.mails_waiting),
        (
            "oldest_mail_waiting_seconds",
            "Age of the oldest mail that waits.",
            figures.mail_waiting_for_seconds,
        ),
    ):
        Gauge(f"greenroom_{name}", meaning, registry=registry).set(value)
    return registry
