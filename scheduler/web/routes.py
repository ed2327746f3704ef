"""Puts the pages on the application: cookies, headers, forms' protection, and the blueprints."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from scheduler.config import Settings
from scheduler.queries.sessions import LASTS_FOR
from scheduler.web import errors, headers, issuer, policy, presentation
from scheduler.web.admin.connection import connection
from scheduler.web.admin.interviewers import interviewers
from scheduler.web.admin.people import people
from scheduler.web.admin.plans import plans
from scheduler.web.admin.pools import pools
from scheduler.web.admin.rooms import rooms
from scheduler.web.admin.scheduling import scheduling
from scheduler.web.auth import auth
from scheduler.web.bookings import bookings
from scheduler.web.candidate import candidate
from scheduler.web.candidates import candidates
from scheduler.web.choosing import choosing
from scheduler.web.dashboard import dashboard
from scheduler.web.health import health
from scheduler.web.push import push

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MEGABYTE = 1_000_000
LARGEST_ID = 2**31 - 1  # PostgreSQL's integer; a larger one in an address is nobody's
BLUEPRINTS = (
    auth,
    bookings,
    candidate,
    candidates,
    choosing,
    connection,
    dashboard,
    health,
    interviewers,
    people,
    plans,
    pools,
    push,
    rooms,
    scheduling,
)
LOOPBACK = ("localhost", "127.0.0.1")
"""Names that probes on the same machine may use; links in mails come from PUBLIC_URL whatever was asked for."""


def register(app: Flask, settings: Settings) -> None:
    """Register every page. The table of who may open which is web/policy.py."""
    app.config.update(_configuration(settings))
    _answer_head_as_get(app)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=count
        )
    presentation.install(
        app,
        company=settings.company_name,
        emulator_url=settings.emulator_url,
        navigation=policy.navigation,
        signed_in=policy.signed_in,
    )
    _serve_static(app)
    headers.set_headers(
        app,
        public_url=settings.public_url,
        issuer_origin=_origin(settings.google_oidc_discovery_url),
    )
    protection = CSRFProtect(app)
    protection.exempt(push)  # Google has no token of ours
    policy.guard(app)
    errors.register(app)
    issuer.register(app, settings)
    app.url_map.converters["id"] = _Id
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)


class _Id(IntegerConverter):
    """`<id:booking_id>`: a row's id in an address."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=LARGEST_ID)


def _configuration(settings: Settings) -> dict[str, object]:
    public = urlsplit(settings.public_url)
    is_https = settings.is_public_url_https
    port = public.port or (443 if is_https else 80)
    return {
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": list(settings.secret_key_fallbacks),
        # With the port, since cookies do not know ports: two Greenrooms on one machine do not meet.
        "SESSION_COOKIE_NAME": f"{'__Host-' if is_https else ''}greenroom-{port}",
        "SESSION_COOKIE_PATH": "/",
        "SESSION_COOKIE_SECURE": is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "MAX_CONTENT_LENGTH": MEGABYTE,
        "MAX_FORM_MEMORY_SIZE": MEGABYTE // 2,
        "MAX_FORM_PARTS": 200,
        "TRUSTED_HOSTS": [public.hostname, *LOOPBACK],
        # A page may stay open as long as a session.
        "WTF_CSRF_TIME_LIMIT": LASTS_FOR // timedelta(seconds=1),
        # Candidates' pages send no referrer, because their address is a secret.
        "WTF_CSRF_SSL_STRICT": False,
    }


def _answer_head_as_get(app: Flask) -> None:
    # A HEAD is a GET whose answer stays at home (RFC 9110, 9.3.2). Without this, a view that asks
    # "is it a GET? else keep what was sent" would take one for a form, and no token guards it.
    inner = app.wsgi_app

    def outer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "HEAD":
            return inner(environ, start_response)
        answer = inner({**environ, "REQUEST_METHOD": "GET"}, start_response)
        close = getattr(answer, "close", None)
        if close is not None:
            close()
        return []

    app.wsgi_app = outer  # type: ignore[method-assign]


def _serve_static(app: Flask) -> None:
    app.static_folder = str(presentation.STATIC)
    app.static_url_path = "/static"
    app.add_url_rule("/static/<path:filename>", endpoint="static", view_func=app.send_static_file)
    presentation.static_files(app)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
