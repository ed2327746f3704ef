"""Below the routes: long reads that come as POST, and compressed answers."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_GZIP_FROM_BYTES = 512


def method_override(inner: WSGIApplication) -> WSGIApplication:
    """A URI over 2048 characters comes as POST with `x-http-method-override: GET` and a form body."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        override = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "").upper()
        if environ["REQUEST_METHOD"] == "POST" and override in ("GET", "PATCH", "PUT", "DELETE"):
            environ["REQUEST_METHOD"] = override
            if override == "GET":
                length = int(environ.get("CONTENT_LENGTH") or 0)
                query = environ["wsgi.input"].read(length).decode("latin-1")
                parts = [part for part in (environ.get("QUERY_STRING", ""), query) if part]
                environ["QUERY_STRING"] = "&".join(parts)
                environ["CONTENT_LENGTH"] = "0"
        return inner(environ, start_response)

    return application


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
        body = b"".join(answer)
        close = getattr(answer, "close", None)
        if close is not None:
            close()
        status, headers, exc_info = head
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
    return "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "") and "gzip" in environ.get(
        "HTTP_USER_AGENT", ""
    )
