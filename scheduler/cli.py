"""`flask --app app …`: what an operator does from a terminal. Heavy imports wait until they are needed."""

from __future__ import annotations

import json
import logging
import smtplib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

if TYPE_CHECKING:
    from flask import Flask

    from scheduler.config import Settings

ANSWER_WITHIN = timedelta(seconds=5)


def register(app: Flask) -> None:
    """Give `app` its commands."""
    settings: Settings = app.extensions["settings"]

    @app.cli.command("worker", with_appcontext=False)
    def worker() -> None:
        """Make Google agree, send mail, do all that happens by itself; until stopped."""
        from scheduler.reconcile import worker

        _log_as_json_lines(app)
        worker.run(app)

    @app.cli.command("reconcile")
    @click.argument("booking_id", type=int)
    def reconcile(booking_id: int) -> None:
        """Look at one booking now, and say how it stands afterwards."""
        from scheduler.models.base import db
        from scheduler.models.bookings import Booking
        from scheduler.reconcile.reconciler import Busy
        from scheduler.reconcile.reconciler import reconcile as look_at
        from scheduler.reconcile.worker import world_of

        if db.session.get(Booking, booking_id) is None:
            raise click.ClickException(f"There is no booking {booking_id}.")
        try:
            look_at(booking_id, world_of(app))
        except Busy:
            raise click.ClickException(
                "A worker is looking at this booking at the moment."
            ) from None
        booking = db.session.get_one(Booking, booking_id, populate_existing=True)
        click.echo(
            f"Booking {booking_id}: revision {booking.applied_revision} of {booking.desired_revision} "
            f"applied; {booking.attention or booking.last_error or 'nothing to report'}."
        )

    @app.cli.command("migrate", with_appcontext=False)
    def migrate() -> None:
        """Bring the database up to the tables this version needs."""
        from scheduler.models.migrate import upgrade

        upgrade(settings.database_url)
        click.echo("The database is up to date.")

    @app.cli.command("reseal")
    def reseal() -> None:
        """Seal every token under the first of DATA_KEYS, so that the older ones can be taken out."""
        from scheduler.clock import utc_now
        from scheduler.commands import resealing
        from scheduler.keys import CannotOpen

        try:
            count = resealing.reseal(keys=app.extensions["keys"], now=utc_now())
        except CannotOpen as refusal:
            raise click.ClickException(
                f"Nothing was changed, because something cannot be opened: {refusal}. "
                "Put the key it was sealed under back into DATA_KEYS."
            ) from None
        click.echo(f"{count} sealed anew; older keys can leave DATA_KEYS now.")

    @app.cli.command("doctor")
    def doctor() -> None:
        """Check what Greenroom stands on, and say what to do where something is wrong."""
        findings = [check(settings) for check in CHECKS]
        for finding in findings:
            click.echo(finding.line)
        sys.exit(any(finding.problem for finding in findings))


# -- doctor ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look showed; `problem` says what is wrong and what to do about it."""

    subject: str
    problem: str = ""

    @property
    def line(self) -> str:
        return (
            f"problem  {self.subject}: {self.problem}"
            if self.problem
            else f"ok       {self.subject}"
        )


def _database(settings: Settings) -> Finding:
    from scheduler.queries import health

    if not health.database_answers():
        return Finding("database", "it does not answer. Start it, or correct DATABASE_URL.")
    return Finding("database")


def _tables(settings: Settings) -> Finding:
    from scheduler.queries import health

    if not health.database_answers():
        return Finding("tables", "unknown, since the database does not answer.")
    if not health.tables_are_current(settings.database_url):
        return Finding("tables", "they are of another version. Run: flask --app app migrate")
    return Finding("tables")


def _issuer(settings: Settings) -> Finding:
    from scheduler.google.errors import Unreachable
    from scheduler.queries.issuer import Issuer

    try:
        Issuer(settings.google_oidc_discovery_url).metadata()
    except Unreachable:
        return Finding(
            "sign-in",
            f"{settings.google_oidc_discovery_url} does not answer as an issuer should. "
            "Check the way out of this machine, or correct GOOGLE_OIDC_DISCOVERY_URL.",
        )
    return Finding("sign-in")


def _scheduling_account(settings: Settings) -> Finding:
    from sqlalchemy.exc import DBAPIError

    from scheduler.models.base import db
    from scheduler.models.calendar import ConnectionState, GoogleConnection

    subject = f"scheduling account {settings.scheduling_account}"
    page = f"{settings.public_url}/admin/google"
    try:
        connection = db.session.get(GoogleConnection, 1)
    except DBAPIError:
        return Finding(subject, "unknown, since the database cannot be read.")
    if connection is None:
        return Finding(subject, f"it is not connected. An admin connects it at {page}")
    match connection.state:
        case ConnectionState.READY:
            return Finding(subject)
        case ConnectionState.CHECKING:
            return Finding(subject, "no worker has looked at it yet. Run: flask --app app worker")
        case ConnectionState.NO_MEET | ConnectionState.BROKEN:
            return Finding(subject, f"{connection.problem or connection.state} See {page}")


def _mail_server(settings: Settings) -> Finding:
    url = urlsplit(settings.smtp_url)
    server = smtplib.SMTP_SSL if url.scheme == "smtps" else smtplib.SMTP
    address = f"{url.hostname}:{url.port}" if url.port else f"{url.hostname}"
    try:
        with server(
            url.hostname or "", url.port or 0, "localhost", timeout=ANSWER_WITHIN.total_seconds()
        ) as client:
            client.noop()
    except (OSError, smtplib.SMTPException):
        return Finding("mail server", f"{address} does not answer. Correct SMTP_URL.")
    return Finding("mail server")


CHECKS: tuple[Callable[[Settings], Finding], ...] = (
    _database,
    _tables,
    _issuer,
    _scheduling_account,
    _mail_server,
)


# -- logging -----------------------------------------------------------------------------------


class JsonLines(logging.Formatter):
    """One JSON object a line, so that nothing that is logged can pretend to be another line."""

    _STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {
        "asctime",
        "message",
        "taskName",
    }

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {key: value for key, value in vars(record).items() if key not in self._STANDARD}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def _log_as_json_lines(app: Flask) -> None:
    from flask.logging import default_handler

    app.logger.removeHandler(default_handler)  # or every line would be there twice
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # It logs the start and the end of every wake-up, most of which find nothing to do.
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
