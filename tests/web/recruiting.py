"""Priya at work: a Greenroom on today's clock, and her browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import Context
from datetime import UTC, date, datetime, time, timedelta
from html.parser import HTMLParser
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse

from scheduler.clock import utc_now
from scheduler.domain.people import Role
from scheduler.domain.timespan import TimeSpan
from scheduler.emulator.company import Account
from scheduler.models.base import db
from scheduler.models.bookings import Booking
from tests import factories
from tests.cast import ADA
from tests.web.browsers import CSRF, Browser, SignedInAs, user_of
from tests.world import Greenroom

__all__ = [
    "MOST_QUERIES",
    "MOST_QUERIES_WITH_A_SEARCH",
    "Desk",
    "Unplugged",
    "counted_queries",
    "prose_of",
    "text_of",
]

Answer = TypeVar("Answer")
MOST_QUERIES = 12
MOST_QUERIES_WITH_A_SEARCH = 14
"""What a plan and its people hold in lists takes a statement each, however long the lists are."""
OPENS, CLOSES = time(8), time(18)


class Desk:
    """What a test of a recruiter's page needs: pages to open, and a world behind them."""

    def __init__(
        self,
        app: Flask,
        greenroom: Greenroom,
        signed_in_as: SignedInAs,
        role: Role = Role.RECRUITER,
    ) -> None:
        self.app = app
        self.greenroom = greenroom
        # Pages go by the real clock.
        greenroom.clock.now = utc_now()
        greenroom.connect()
        self.browser: Browser = signed_in_as(role)
        me = user_of(app, self.browser)
        assert me is not None
        self.user_id = me.user_id
        self.day = _weekday_after(greenroom.clock.now.date() + timedelta(days=2))
        self._token = ""

    # -- the browser

    def get(self, path: str, *, by_script: bool = False) -> TestResponse:
        return _elsewhere(lambda: self.browser.get(path, headers=_headers(by_script)))

    def post(
        self, path: str, fields: Mapping[str, object] | None = None, *, by_script: bool = False
    ) -> TestResponse:
        """Send a form as the page would, with its token."""
        self._token = self._token or _elsewhere(self.browser.csrf_token)
        form = {CSRF: self._token, **(fields or {})}
        self.greenroom.clock.now = utc_now()
        return _elsewhere(lambda: self.browser.post(path, data=form, headers=_headers(by_script)))

    # -- the world

    def at(self, hour: int, minute: int = 0) -> datetime:
        """Return a moment of the day on which things are booked, in UTC."""
        return datetime.combine(self.day, time(hour, minute), UTC)

    def application(
        self,
        stage_id: int | None = None,
        *,
        account: Account = ADA,
        email: str | None = None,
        windows: Sequence[TimeSpan] | None = None,
    ) -> int:
        """Return the id of an application in Priya's care, of somebody who can all that day."""
        return factories.application(
            stage_id,
            account=account,
            email=email,
            windows=self.all_day() if windows is None else windows,
            recruiter_id=self.user_id,
            now=self.greenroom.clock.now,
        )

    def all_day(self) -> list[TimeSpan]:
        return [TimeSpan(self.at(8), self.at(18))]

    def key_at(self, application_id: int, start: datetime, moving: int | None = None) -> str:
        return self.greenroom.slot_at(application_id, start, moving=moving).key

    def book(self, application_id: int, hour: int = 10) -> int:
        """Return the id of a booking, not settled yet."""
        return self.greenroom.book(application_id, self.at(hour))

    def booking(self, booking_id: int) -> Booking:
        return self.greenroom.booking(booking_id)


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    """Yield the list that every statement sent to the database is put on."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


class Unplugged:
    """A connection that reaches nobody."""

    def request(self, *_: Any, **__: Any) -> Any:
        raise ConnectionRefusedError

    def close(self) -> None:
        """Nothing is open."""


def text_of(answer: TestResponse) -> str:
    """Return what somebody reads on a page, in one line."""
    reader = _Words()
    reader.feed(answer.text)
    return " ".join(" ".join(reader.words).split())


def prose_of(answer: TestResponse) -> str:
    """Return what somebody reads on a page, in one line, without a space before a comma or a stop."""
    return re.sub(r" ([,.:])", r"\1", text_of(answer))


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def _elsewhere(ask: Callable[[], Answer]) -> Answer:
    # The test itself holds an application context; a request must not meet what that one remembers.
    return Context().run(ask)


def _headers(by_script: bool) -> dict[str, str]:
    return {"HX-Request": "true"} if by_script else {}


def _weekday_after(on: date) -> date:
    return on if on.weekday() < 5 else on + timedelta(days=7 - on.weekday())
