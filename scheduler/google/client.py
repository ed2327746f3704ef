"""Asking Google, and asking again: one client a process, one connection a thread."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from googleapiclient.discovery import build

from scheduler.google.credentials import AccessTokens
from scheduler.google.errors import (
    GoogleError,
    NotConnected,
    OutOfTime,
    RateLimited,
    Unreachable,
    translated,
)
from scheduler.google.transport import GuardedHttp, Http, new_http

if TYPE_CHECKING:
    import httplib2
    from google.auth.credentials import Credentials
    from googleapiclient._apis.calendar.v3.resources import CalendarResource
    from googleapiclient.http import HttpRequest

MOST_TRIES = 5
DEADLINE = timedelta(seconds=15)
FIRST_WAIT = timedelta(seconds=0.5)  # and twice as long each time

T = TypeVar("T")


class Google:
    """The Calendar API, with retries, a deadline, and no way to any other address.

    `calendar_endpoint` is the whole base URL, service path included:
    "https://www.googleapis.com/calendar/v3/". `credentials` says who we are; it is asked when
    first needed and again when Google no longer accepts the answer, and may raise NotConnected.
    Requests are built from `calendar` and sent with one of the three `execute…` methods; any
    thread may do so. The batch endpoint is never used: it ignores `calendar_endpoint`.
    """

    def __init__(
        self,
        calendar_endpoint: str,
        credentials: Callable[[], Credentials],
        *,
        http_factory: Callable[[], Http] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        random: Callable[[], float] = random.random,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._endpoint = calendar_endpoint.rstrip("/") + "/"
        self._tokens = AccessTokens(credentials)
        self._new_http = http_factory or partial(new_http, self._endpoint)
        self._of_thread = threading.local()
        self._sleep = sleep
        self._random = random
        self._monotonic = monotonic
        self.calendar: CalendarResource = build(
            "calendar",
            "v3",
            # Every request gets the connection of its thread; this one leads nowhere.
            http=cast("httplib2.Http", GuardedHttp(self._new_http())),
            static_discovery=True,
            cache_discovery=False,
            # The whole base URL, service path included: this replaces it, it is not joined to it.
            client_options={"api_endpoint": self._endpoint},
        )

    def moment_in(self, length: timedelta) -> float:
        """Return the moment that is `length` from now, for the `until` of several calls."""
        return self._monotonic() + length.total_seconds()

    def sign_in(self, *, until: float | None = None) -> None:
        """See to it that there is an access token.

        Raises NotConnected, Unreachable or RateLimited; OutOfTime as `execute` does.
        """
        self._persist(lambda: self._tokens.current(self._http()), (RateLimited, Unreachable), until)

    def execute(self, request: HttpRequest, *, until: float | None = None) -> dict[str, Any]:
        """Return Google's answer to `request`, trying again while that makes sense.

        At most MOST_TRIES tries, none begun after DEADLINE or `until`, if that is sooner: then
        OutOfTime is raised when not even one was made. A try itself may take the transport's
        ANSWER_WITHIN. Sent again after an unknown outcome too, so only for what may be repeated:
        reads, patches with If-Match, inserts under an id of ours. A repeated insert that had
        worked raises EventExists, such a patch EditedMeanwhile. Raises GoogleError.
        """
        return self._persist(
            lambda: _resource(self._send(request)), (RateLimited, Unreachable), until
        )

    def execute_once(self, request: HttpRequest) -> dict[str, Any]:
        """Return Google's answer to a `request` that must not be repeated if it may have worked.

        Tried again only when Google said that it did nothing. Raises GoogleError; after an
        Unreachable the caller has to look what became of it.
        """
        # A connection that went stale while idle would look like a lost answer.
        self._http().close()
        return self._persist(lambda: _resource(self._send(request)), (RateLimited,))

    def execute_without_answer(self, request: HttpRequest) -> None:
        """Send a `request` whose success has no body (204), as `execute` does."""
        self._persist(lambda: _nothing(self._send(request)), (RateLimited, Unreachable))

    def _persist(
        self,
        attempt: Callable[[], T],
        again_after: tuple[type[GoogleError], ...],
        until: float | None = None,
    ) -> T:
        give_up_at = self.moment_in(DEADLINE)
        if until is not None:
            if self._monotonic() > until:
                raise OutOfTime
            give_up_at = min(give_up_at, until)
        for tries in range(1, MOST_TRIES):
            try:
                return attempt()
            except again_after as error:
                wait = self._wait(tries, error)
                if self._monotonic() + wait > give_up_at:
                    raise
                self._sleep(wait)
        return attempt()

    def _wait(self, tries: int, error: GoogleError) -> float:
        # Full jitter; on top of what Google asked for, so that not all of us come back at once.
        longest = FIRST_WAIT * (1 << tries - 1)
        asked_for = error.retry_after or timedelta()
        return self._random() * longest.total_seconds() + asked_for.total_seconds()

    def _send(self, request: HttpRequest) -> Any:
        http = self._http()
        token = self._tokens.current(http)
        try:
            return self._send_as(token, request, http)
        except NotConnected:
            # The token has died before its time: revoked, or the clocks disagree.
            return self._send_as(self._tokens.instead_of(token, http), request, http)

    def _send_as(self, token: str, request: HttpRequest, http: Http) -> Any:
        request.headers = {**(request.headers or {}), "authorization": f"Bearer {token}"}
        guarded = GuardedHttp(http, self._endpoint)
        with translated():
            return request.execute(http=cast("httplib2.Http", guarded))

    def _http(self) -> Http:
        # httplib2 is not thread-safe.
        if not hasattr(self._of_thread, "http"):
            self._of_thread.http = self._new_http()
        return cast(Http, self._of_thread.http)


def _resource(answer: object) -> dict[str, Any]:
    # googleapiclient hands on as text what it cannot read: a proxy's page, half a body.
    if isinstance(answer, dict) and answer:
        return answer
    raise Unreachable("the answer is no resource of Google's")


def _nothing(answer: object) -> None:
    if answer:
        raise Unreachable("there is an answer where Google gives none")
