"""Below the routes: long reads that come as POST, ids with slashes, compressed answers."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from scheduler.emulator.lines import IS_BROKEN

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_GZIP_FROM_BYTES = 512
_KEPT = re.compile("%(2f|25)", re.IGNORECASE)
"""A slash or a percent sign inside an id: decoded too early, they change what the path says."""


def method_override(inner: WSGIApplication) -> WSGIApplication:
    """A URI over 2048 characters comes as POST with `x-http-method-override: GET` and a form body."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        override = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "").upper()
        if environ["REQUEST_METHOD"] == "POST" and override in ("GET", "PATCH", "PUT", "DELETE"):
            environ["REQUEST_METHOD"] = override
            if override == "GET":
                query = environ["wsgi.input"].read(_length(environ)).decode("latin-1")
                parts = [part for part in (environ.get("QUERY_STRING", ""), query) if part]
                environ["QUERY_STRING"] = "&".join(parts)
                environ["CONTENT_LENGTH"] = "0"
        return inner(environ, start_response)

    return application


def _length(environ: WSGIEnvironment) -> int:
    text = environ.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isdecimal() else 0


def whole_ids(inner: WSGIApplication) -> WSGIApplication:
    """Keep "%2F" and "%25" encoded until the route is found; `plain` decodes them."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = urlsplit(environ.get("REQUEST_URI", "")).path
        if _KEPT.search(path):
            environ["PATH_INFO"] = unquote(_KEPT.sub(r"%25\1", path), encoding="latin-1")
        return inner(environ, start_response)

    return application


def plain(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Decode what `whole_ids` kept encoded, in the parts of the path that a route took out."""
    for name, value in (values or {}).items():
        if values and isinstance(value, str):
            values[name] = unquote(value)


def zipped(inner: WSGIApplication) -> WSGIApplication:
    """Compress JSON for clients that accept gzip and say so in their user agent, as Google asks.

    For the HTTP server only: clients that call the application in process have no transport that
    would unpack it.
    """

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not _wants_gzip(environ):
            return inner(environ, start_response)
        head: list[Any] = []

        def note(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            head[:] = [status, headers, exc_info]
            return lambda piece: None

        answer = inner(environ, note)
        status, headers, exc_info = head
        if environ.get(IS_BROKEN):
            start_response(status, headers, exc_info)
            return answer
        body = b"".join(answer)
        close = getattr(answer, "close", None)
        if close is not None:
            close()
        kind = dict(headers).get("Content-Type", "")
        if kind.startswith("application/json") and len(body) >= _GZIP_FROM_BYTES:
            body = gzip.compress(body, 1)
            headers = [(name, value) for name, value in headers if name != "Content-Length"]
            headers += [
                ("Content-Encoding", "gzip"),
                ("Content-Length", str(len(body))),
                ("Vary", "Origin, X-Origin, Referer, Accept-Encoding"),
            ]
        start_response(status, headers, exc_info)
        return [body]

    return application


def _wants_gzip(environ: WSGIEnvironment) -> bool:
    accepted = parse_accept_header(environ.get("HTTP_ACCEPT_ENCODING"), MIMEAccept)
    says_so = "gzip" in environ.get("HTTP_USER_AGENT", "").lower()
    return says_so and any(name == "gzip" and share > 0 for name, share in accepted)
