"""A candidate's browser, beside a Greenroom that runs in the same process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.test import TestResponse

from scheduler.models.base import db
from scheduler.models.candidates import Invite
from scheduler.queries.invites import page_url
from tests.world import Greenroom


class Visitor:
    """Opens pages as a browser would: each request in a context of its own.

    The fixture `greenroom` holds an application context open, and a request made inside it would
    share its session and its nonce.
    """

    def __init__(self, app: Flask) -> None:
        self.browser = app.test_client()

    def get(self, path: str) -> TestResponse:
        return self.open("GET", path)

    def open(self, method: str, path: str, **given: Any) -> TestResponse:
        return Context().run(self.browser.open, path, method=method, **given)

    def post(self, path: str, *, seen: TestResponse, **form: str) -> TestResponse:
        """Send a form of the page `seen`, with its CSRF token."""
        token = seen.text.partition('name="csrf_token" value="')[2].partition('"')[0]
        return self.open("POST", path, data={"csrf_token": token, **form})


@contextmanager
def clock_of(greenroom: Greenroom) -> Iterator[None]:
    """Let the pages go by the clock of `greenroom`."""
    greenroom.app.extensions["clock"] = greenroom.clock
    try:
        yield
    finally:
        del greenroom.app.extensions["clock"]


def link_of(greenroom: Greenroom, application_id: int) -> str:
    """Return the path of the candidate's link."""
    invite = db.session.scalars(
        db.select(Invite).where(
            Invite.application_id == application_id, Invite.revoked_at.is_(None)
        )
    ).one()
    url = page_url(invite, keys=greenroom.keys, public_url=greenroom.settings.public_url)
    db.session.rollback()
    return urlsplit(url).path
