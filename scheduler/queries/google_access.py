"""The way to Google: credentials from the database or a key file, one client a process."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cached_property, partial

from google.auth.credentials import Credentials
from sqlalchemy import select

from scheduler.config import Settings
from scheduler.google.calendar import CalendarGateway
from scheduler.google.client import Google
from scheduler.google.credentials import (
    DETAIL_SCOPES,
    SCOPES,
    from_refresh_token,
    from_service_account_file,
)
from scheduler.google.errors import NotConnected
from scheduler.google.transport import Http
from scheduler.keys import CannotOpen, KeyRing, Place
from scheduler.models.base import db
from scheduler.models.calendar import GoogleConnection

REFRESH_TOKEN = Place("google_connection", "1", "refresh_token_sealed")


class GoogleAccess:
    """Gives the calendar gateway. Whoever uses it must not hold a transaction open."""

    def __init__(
        self,
        settings: Settings,
        keys: KeyRing,
        *,
        token_uri: Callable[[], str],
        http_factory: Callable[[], Http] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._keys = keys
        self._token_uri = token_uri
        self._http_factory = http_factory
        self._sleep = sleep
        self._monotonic = monotonic
        self.google = self._client(SCOPES)
        self.calendar = CalendarGateway(self.google)

    @cached_property
    def details(self) -> Google:
        """Reads people's calendars in detail, where an admin has consented to that as well."""
        return self._client(DETAIL_SCOPES)

    def _client(self, scopes: Sequence[str]) -> Google:
        return Google(
            self._settings.google_calendar_endpoint,
            partial(self._load_credentials, scopes),
            http_factory=self._http_factory,
            sleep=self._sleep,
            monotonic=self._monotonic,
        )

    def _load_credentials(self, scopes: Sequence[str]) -> Credentials:
        """Return the scheduling account's credentials, or raise NotConnected.

        The client keeps them until Google no longer accepts them, and then asks again.
        """
        key_file = self._settings.google_service_account_file
        if key_file is not None:
            return from_service_account_file(
                key_file, subject=self._settings.scheduling_account, scopes=scopes
            )
        return from_refresh_token(
            self._opened(_sealed_refresh_token()),
            client_id=self._settings.google_client_id,
            client_secret=self._settings.google_client_secret,
            token_uri=self._token_uri(),
            scopes=scopes,
        )

    def _opened(self, sealed: str) -> str:
        try:
            return self._keys.open(sealed, REFRESH_TOKEN)
        except CannotOpen as refusal:
            # A key has left DATA_KEYS too early, or the database is another installation's.
            raise NotConnected("the stored consent cannot be opened") from refusal


def _sealed_refresh_token() -> str:
    sealed = db.session.scalar(
        select(GoogleConnection.refresh_token_sealed).where(GoogleConnection.id == 1)
    )
    # Ends the read-only transaction: nothing may be open while Google is asked.
    db.session.rollback()
    if sealed is None:
        raise NotConnected("no scheduling account is connected")
    return sealed
