"""Over real sockets on loopback: what a WSGI app cannot show."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httplib2
import pytest

from scheduler.google import transport
from scheduler.google.transport import ForeignAddress, GuardedHttp, new_http
from tests.google.canned import Canned, answer
from tests.google.wsgi_http import WsgiHttp

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"
CALENDAR = "http://google.test/calendar/v3/"


@pytest.mark.parametrize(
    "uri",
    [
        "http://evil.test/calendar/v3/calendars",
        "https://google.test/calendar/v3/calendars",
        "http://google.test:81/calendar/v3/calendars",
        "http://google.test.evil.test/calendar/v3/",
        "http://google.test@evil.test/calendar/v3/",
        "http://google.test/batch/calendar/v3",
        "http://google.test/calendar/v30/",
        "http://google.test/token/more",
        "http://google.test/token?to=http://evil.test",
        "https://www.googleapis.com/batch/calendar/v3",
        "http://169.254.169.254/computeMetadata/v1/",
        "file:///etc/passwd",
        "",
    ],
)
def test_no_address_is_reached_but_the_configured(uri: str) -> None:
    app = WsgiHttp(Canned([]))
    with pytest.raises(ForeignAddress):
        GuardedHttp(app, CALENDAR, "http://google.test/token").request(uri)
    assert app.sent == []


def test_configured_addresses_are_reached() -> None:
    app = WsgiHttp(Canned([answer("ok")]))
    guarded = GuardedHttp(app, CALENDAR, "http://google.test/token")
    guarded.request("http://google.test/calendar/v3/calendars/a%40b.c?alt=json")
    guarded.request("http://google.test/token", "POST")
    assert len(app.sent) == 2


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    with served(lambda: redirect()) as server, served(lambda: OK + b"{}") as elsewhere:

        def redirect() -> bytes:
            to = f"location: {elsewhere.root}\r\n".encode()
            return b"HTTP/1.1 302 Found\r\n" + to + b"content-length: 0\r\n\r\n"

        response, _ = new_http(server.root).request(server.root)
        assert response.status == 302
        assert elsewhere.requests == []


def test_a_connection_that_closes_unanswered_is_not_tried_again_behind_our_back() -> None:
    with served(lambda: b"") as server:
        with pytest.raises(ConnectionResetError):
            new_http(server.root).request(server.root, "POST", body="{}")
        assert len(server.requests) == 1


def test_half_an_answer_is_none() -> None:
    with served(lambda: b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{") as server:
        with pytest.raises(Exception, match="IncompleteRead"):
            GuardedHttp(new_http(server.root), server.root).request(server.root)
        assert len(server.requests) == 1


def test_a_late_answer_is_not_given_to_the_next_request() -> None:
    answers = iter([b"late", b"mine"])
    waits = iter([0.3, 0])

    def slow() -> bytes:
        time.sleep(next(waits))
        return b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n" + next(answers)

    with served(slow) as server:
        http = new_http(server.root, answer_within=timedelta(seconds=0.1))
        guarded = GuardedHttp(http, server.root)
        with pytest.raises(TimeoutError):
            guarded.request(server.root + "a")
        time.sleep(0.3)
        assert guarded.request(server.root + "b")[1] == b"mine"


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, ConnectionResetError, SystemExit])
def test_an_interrupted_request_leaves_no_connection_behind(
    interruption: type[BaseException],
) -> None:
    class Interrupted(WsgiHttp):
        def request(self, *_: object, **__: object):  # type: ignore[no-untyped-def]
            raise interruption

    http = Interrupted(Canned([]))
    with pytest.raises(interruption):
        GuardedHttp(http, CALENDAR).request(CALENDAR)
    assert http.times_closed == 1


def test_a_stale_connection_is_closed_and_made_anew() -> None:
    with served(lambda: OK + b"{}") as server:
        guarded = GuardedHttp(new_http(server.root), server.root)
        guarded.request(server.root)
        with pytest.raises(ConnectionError):
            guarded.request(server.root)
        guarded.request(server.root)
        assert len(server.requests) == 2


def test_waiting_for_a_connection_ends_before_waiting_for_an_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patience: list[Any] = []
    connect = socket.socket.connect

    def watched(self: socket.socket, address: Any) -> None:
        patience.append(self.gettimeout())
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", watched)
    with served(lambda: OK + b"{}") as server:
        http = new_http(server.root)
        http.request(server.root)
        [connection] = http.connections.values()
        assert patience == [transport.CONNECT_WITHIN.total_seconds()]
        assert connection.sock.gettimeout() == transport.ANSWER_WITHIN.total_seconds()


@pytest.mark.parametrize(
    ("endpoint", "uses_proxy"),
    [
        ("http://localhost:8001/calendar/v3/", False),
        ("http://127.0.0.1:8001/calendar/v3/", False),
        ("http://[::1]:8001/calendar/v3/", False),
        ("https://www.googleapis.com/calendar/v3/", True),
    ],
)
def test_a_proxy_is_never_asked_for_the_way_to_ourselves(endpoint: str, uses_proxy: bool) -> None:
    expected = httplib2.proxy_info_from_environment if uses_proxy else None
    assert new_http(endpoint).proxy_info is expected


class Served:
    """Answers each connection once, then closes it."""

    def __init__(self, answer: Callable[[], bytes]) -> None:
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.root = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        self.requests: list[bytes] = []

    def run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                request = connection.recv(65536)
                if not request:
                    continue
                self.requests.append(request)
                try:
                    connection.sendall(self._answer())
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@contextmanager
def served(answer: Callable[[], bytes]) -> Iterator[Served]:
    server = Served(answer)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(timeout=5)
