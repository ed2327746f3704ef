"""The only way out to Google: one try, a time limit, no redirects, and no address but the configured.

Built on httplib2, because that is what google-api-python-client speaks.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
from datetime import timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit

import httplib2

CONNECT_WITHIN = timedelta(seconds=3)
ANSWER_WITHIN = timedelta(seconds=10)


class ForeignAddress(Exception):
    """A request was about to leave for an address that is not configured. A bug, or worse."""


class Http(Protocol):
    """The part of httplib2.Http that we use. A test's stand-in needs no more."""

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: str | bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[httplib2.Response[Any], bytes]: ...

    def close(self) -> None: ...


class GuardedHttp:
    """Sends requests to `endpoints` and raises ForeignAddress for any other.

    An endpoint that ends in a slash admits every address below it, any other only itself. So the
    batch endpoint, which stands beside the calendar's on one host, is out of reach too.
    """

    def __init__(self, http: Http, *endpoints: str) -> None:
        self._http = http
        self._endpoints = endpoints

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: str | bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[httplib2.Response[Any], bytes]:
        """Return the answer, with header names in lower case, and its body."""
        if not any(_admits(endpoint, uri) for endpoint in self._endpoints):
            raise ForeignAddress(f"{urlsplit(uri).netloc} is not a configured endpoint")
        try:
            return self._http.request(uri, method=method, body=body, headers=headers)
        except BaseException:
            # An answer that is still under way must not be taken for the next request's; httplib2
            # sees to that after a timeout only.
            self._http.close()
            raise

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


def new_http(endpoint: str, *, answer_within: timedelta = ANSWER_WITHIN) -> httplib2.Http:
    """Return a fresh connection holder for one thread.

    The proxy of the environment is used (HTTPS_PROXY, NO_PROXY), but never towards a loopback
    `endpoint`.
    """
    proxy = None if _is_loopback(endpoint) else httplib2.proxy_info_from_environment
    patient = _OneTryHttp(timeout=answer_within.total_seconds(), proxy_info=proxy)
    patient.follow_redirects = False
    return patient


class _OneTryHttp(httplib2.Http):
    """httplib2 without its hidden second and third tries: a retry is our decision.

    httplib2 sends a request again when the connection closes before the answer. That is what an
    answer lost after the commit looks like, and not every write may be repeated.
    """

    def request(  # type: ignore[no-untyped-def]  # as httplib2 has it
        self,
        uri: str,
        method: str = "GET",
        body: str | bytes | None = None,
        headers: dict[str, str] | None = None,
        redirections: int = 0,
        connection_type: type[http.client.HTTPConnection] | None = None,
    ):
        return super().request(
            uri,
            method,
            body=body,
            headers=headers,
            redirections=redirections,
            connection_type=connection_type or _CONNECTIONS[urlsplit(uri).scheme],
        )


class _OneTry(http.client.HTTPConnection):
    """Connects within CONNECT_WITHIN, and calls a connection that closed unanswered what it is."""

    def connect(self) -> None:
        patience, self.timeout = self.timeout, CONNECT_WITHIN.total_seconds()
        try:
            super().connect()
        finally:
            self.timeout = patience
        if isinstance(self.sock, socket.socket):
            self.sock.settimeout(patience)

    def getresponse(self) -> http.client.HTTPResponse:
        try:
            return super().getresponse()
        except http.client.BadStatusLine as closed:
            self.close()
            raise ConnectionResetError("closed without an answer") from closed


class _HttpConnection(_OneTry, httplib2.HTTPConnectionWithTimeout):
    pass


class _HttpsConnection(_OneTry, httplib2.HTTPSConnectionWithTimeout):
    pass


_CONNECTIONS: dict[str, type[http.client.HTTPConnection]] = {
    "http": _HttpConnection,
    "https": _HttpsConnection,
}


def _admits(endpoint: str, uri: str) -> bool:
    return uri.startswith(endpoint) if endpoint.endswith("/") else uri == endpoint


def _is_loopback(endpoint: str) -> bool:
    host = urlsplit(endpoint).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
