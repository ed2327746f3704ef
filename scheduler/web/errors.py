"""What somebody reads when it did not work: one sentence, and what to do next."""

from __future__ import annotations

import logging

from flask import Flask, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError, NoResultFound, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from werkzeug.exceptions import HTTPException, SecurityError

from scheduler.commands.checks import Refused

log = logging.getLogger(__name__)

PAGES = frozenset({400, 404, 409, 410, 413, 422, 429, 500, 503})


def register(app: Flask) -> None:
    """Give `app` its error pages."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(SecurityError, _wrong_host)
    app.register_error_handler(NoResultFound, _not_found)
    app.register_error_handler(Refused, _not_acceptable)
    app.register_error_handler(OperationalError, _no_database)
    app.register_error_handler(PoolExhausted, _no_database)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error.get_response()  # a redirect of the router's own
    answer = _page(status)
    headers = [
        (name, value)
        for name, value in error.get_headers()
        if name.lower() in ("allow", "retry-after")
    ]
    return answer, status, headers


def _wrong_host(error: SecurityError) -> ResponseReturnValue:
    # Asked for under a name that is not ours, Flask can make no address, and so no page.
    return "There is nothing at this address.\n", 400, {"Content-Type": "text/plain"}


def _not_found(error: NoResultFound) -> ResponseReturnValue:
    return _page(404), 404


def _not_acceptable(error: Refused) -> ResponseReturnValue:
    return _page(422), 422


def _no_database(error: DBAPIError | PoolExhausted) -> ResponseReturnValue:
    log.error("the database did not answer", extra={"failure": type(error).__name__})
    return _page(503), 503, {"Retry-After": "5"}


def _page(status: int) -> str:
    """Return the page for a status; one of its family when it has none of its own."""
    family = 404 if status == 405 else 400 if status < 500 else 500
    return render_template(f"errors/{status if status in PAGES else family}.html")
