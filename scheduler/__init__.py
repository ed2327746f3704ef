"""Greenroom: interviews in Google Calendar, and candidates who never learn who is on the panel."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from scheduler.config import Settings
    from scheduler.google.transport import Http


def create_app(
    settings: Settings | None = None, *, google_http: Callable[[], Http] | None = None
) -> Flask:
    """Put the application together: the only place that knows all its parts.

    Without `settings`, they are read from the environment (SettingsError says what is missing).
    `google_http` makes the connections to Google; tests give one that needs no sockets.
    """
    # Imported here, so that importing the package stays light.
    import os

    from flask import Flask

    from scheduler import cli
    from scheduler.config import Settings
    from scheduler.keys import KeyRing
    from scheduler.mail.templates import letter_templates
    from scheduler.models import (
        audit,
        bookings,
        calendar,
        candidates,
        mail,
        people,
        plans,
        scheduling,
    )
    from scheduler.models.base import db
    from scheduler.queries.google_access import GoogleAccess
    from scheduler.queries.issuer import Issuer
    from scheduler.web import routes

    # Known to `db` from now on.
    del audit, bookings, calendar, candidates, mail, people, plans, scheduling
    settings = settings or Settings.from_environment(os.environ)
    app = Flask(__name__, static_folder=None, template_folder=None)
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "pool_size": 10,
        "max_overflow": 20,
        "pool_pre_ping": True,
        "connect_args": {"connect_timeout": 5},
    }
    db.init_app(app)
    letter_templates()  # a template that cannot be rendered stops the start, not a candidate's mail
    keys = KeyRing(settings.data_keys)
    issuer = Issuer(settings.google_oidc_discovery_url, google_http)
    app.extensions["settings"] = settings
    app.extensions["keys"] = keys
    app.extensions["google"] = GoogleAccess(
        settings, keys, token_uri=issuer.token_endpoint, http_factory=google_http
    )
    routes.register(app, settings)
    cli.register(app)
    return app
