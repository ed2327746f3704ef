"""The HTTP server, and the ways in which a line to it goes dead."""

from __future__ import annotations

import os
import select
import socket
import struct
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.test import run_wsgi_app

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

End = Literal["lose", "truncate", "hang", "reset"]
END = "emulator.end"
"""Where a request's environment says how its line is to end; set by what handles the request."""

IS_BROKEN = "emulator.is_broken"
_IDLE_SECONDS = 120
_LONGEST_HANG_SECONDS = 600
_MISSING_BYTES = 64
_NO_LINGERING = struct.pack("ii", 1, 0)


class Handler(WSGIRequestHandler):
    """HTTP/1.1, one call a connection, and quiet."""

    protocol_version = "HTTP/1.1"
    # Headers and body leave in two writes; with Nagle's algorithm the second waits 40 ms.
    disable_nagle_algorithm = True
    timeout = _IDLE_SECONDS

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """The page of the latest calls says it better."""

    def connection_dropped(
        self, error: BaseException, environ: WSGIEnvironment | None = None
    ) -> None:
        """Wait for no further request on a line that went dead."""
        self.close_connection = True


class Server(ThreadedWSGIServer):
    """Threads die with the process; a waiting line long enough for a burst of clients."""

    daemon_threads = True
    request_queue_size = 128


def breakable(inner: WSGIApplication) -> WSGIApplication:
    """End the line of a request as its environment came to say.

    Without a socket, in process, the caller gets the exception that its socket would have raised.
    """

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        ends: list[End] = []
        answer, status, headers = run_wsgi_app(inner, {**environ, END: ends}, buffered=True)
        if not ends:
            start_response(status, headers.to_wsgi_list())
            return answer
        environ[IS_BROKEN] = True
        line: socket.socket | None = environ.get("werkzeug.socket")
        if ends[0] == "truncate":
            body = b"".join(answer)
            headers["Content-Length"] = str(len(body) + _MISSING_BYTES)
            start_response(status, headers.to_wsgi_list())
            return _half(body)
        if ends[0] == "hang":
            _wait_until_given_up(line)
            raise TimeoutError("no answer came")
        if ends[0] == "reset" and line is not None:
            _tear_down(line)
        raise ConnectionResetError("the line went dead")

    return application


def _half(body: bytes) -> Iterator[bytes]:
    yield body[: len(body) // 2 + 1]
    raise ConnectionAbortedError("the line went dead")


def _wait_until_given_up(line: socket.socket | None) -> None:
    if line is not None:
        select.select([line], [], [], _LONGEST_HANG_SECONDS)


def _tear_down(line: socket.socket) -> None:
    """Close at once and say so with RST, instead of ending the conversation with FIN."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
    os.close(line.detach())
