"""Carries notifications to their receivers, in the background and in the order of each channel."""

from __future__ import annotations

import threading
import time
import urllib.request
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from urllib.error import HTTPError, URLError

_RETRIED = (500, 502, 503, 504)
"""Answers after which a notification comes again; any other settles it [L-]."""

_BACK_OFF_SECONDS = (0.5, 1.0, 2.0)
_TIMEOUT_SECONDS = 10.0
_LAST_MOMENT_SECONDS = 1.0
_HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "User-Agent": "APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """A push notification: its number in the store, where it goes, and all that it says."""

    id: int
    address: str
    headers: dict[str, str]


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """A receiver that has moved is not followed."""


class Courier:
    """One lane for each channel with something to deliver: no receiver waits for another's.

    `settled` is told of each notification that will not be tried again.
    """

    def __init__(self, settled: Callable[[Notice], None]) -> None:
        self._settled = settled
        self._lock = threading.Lock()
        self._lanes: dict[str, deque[tuple[float, Notice]]] = {}
        self._walkers: list[threading.Thread] = []
        self._is_stopped = threading.Event()

    def take(self, notice: Notice, delay: float) -> None:
        """Deliver a notification `delay` seconds from now, after the earlier ones of its channel."""
        lane = notice.headers["X-Goog-Channel-ID"]
        entry = (time.monotonic() + delay, notice)
        with self._lock:
            if lane in self._lanes:
                self._lanes[lane].append(entry)
                return
            self._lanes[lane] = deque([entry])
            walker = threading.Thread(target=self._walk, args=(lane,), name="push", daemon=True)
            walker.start()
            self._walkers = [*(one for one in self._walkers if one.is_alive()), walker]

    def stop(self) -> None:
        """Stop delivering. What is under way has a moment to be settled, the rest is not."""
        self._is_stopped.set()
        until = time.monotonic() + _LAST_MOMENT_SECONDS
        for walker in self._walkers:
            walker.join(max(0.0, until - time.monotonic()))

    def _walk(self, lane: str) -> None:
        while not self._is_stopped.is_set() and (entry := self._next(lane)) is not None:
            due, notice = entry
            for pause in (due - time.monotonic(), *_BACK_OFF_SECONDS):
                if self._is_stopped.wait(max(0.0, pause)):
                    return
                if _post(notice):
                    break
            self._settled(notice)

    def _next(self, lane: str) -> tuple[float, Notice] | None:
        with self._lock:
            if self._lanes[lane]:
                return self._lanes[lane].popleft()
            del self._lanes[lane]
            return None


_opener = urllib.request.build_opener(_NoRedirects)


def _post(notice: Notice) -> bool:
    """Post one notification; True when it is over, also when it was refused for good."""
    request = urllib.request.Request(  # noqa: S310 - push.py lets only http and https in
        notice.address, data=b"", headers={**_HEADERS, **notice.headers}, method="POST"
    )
    try:
        with _opener.open(request, timeout=_TIMEOUT_SECONDS):
            return True
    except HTTPError as error:
        return error.code not in _RETRIED
    except (URLError, OSError, ValueError, HTTPException):
        return False
