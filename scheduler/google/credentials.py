"""How Greenroom proves to Google that it is the scheduling account.

Either an admin connected the account once (a refresh token), or a service account impersonates it
(domain-wide delegation). No interviewer's and no recruiter's token exists anywhere.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import google.auth.credentials
import google.auth.transport
import google.oauth2.credentials
import google.oauth2.service_account
import httplib2

from scheduler.google.errors import NotConnected, Unreachable, refusal, translated
from scheduler.google.transport import GuardedHttp, Http

CALENDARS_WE_MAKE = "https://www.googleapis.com/auth/calendar.app.created"
"""Make secondary calendars, and read and write events on those alone. The organizer calendars are
made by Greenroom, so no other calendar of the account, not even its own, can be read or changed."""

FREE_BUSY = "https://www.googleapis.com/auth/calendar.freebusy"
"""When people are busy, as far as they share that with the scheduling account. No titles."""

SCOPES = (CALENDARS_WE_MAKE, FREE_BUSY)
"""All that the scheduling account is asked to consent to, or an admin to delegate.

For organizer calendars that somebody else made, CALENDARS_WE_MAKE would have to give way to
calendar.events.owned with calendar.calendars (discovery document of calendar v3; GOOGLE.md 13).
"""

READ_ENTRIES = "https://www.googleapis.com/auth/calendar.events.readonly"
"""The entries of calendars that are shared with the scheduling account in detail."""

READ_HOURS = "https://www.googleapis.com/auth/calendar.calendars.readonly"
"""The working hours of calendars that are shared with it."""

DETAIL_SCOPES = (READ_ENTRIES, READ_HOURS)
"""What is asked for on top where an admin wants calendars read in detail. Nothing else needs them,
and their token is one of its own: without them all goes on, by free/busy.
"""


def from_refresh_token(
    refresh_token: str,
    *,
    client_id: str,
    client_secret: str,
    token_uri: str,
    scopes: Sequence[str] = SCOPES,
) -> google.auth.credentials.Credentials:
    """Return credentials of the account that consented. Nothing is contacted yet."""
    return google.oauth2.credentials.Credentials(  # type: ignore[no-untyped-call]
        None,
        refresh_token=refresh_token,
        client_id=client_id,
        client_secret=client_secret,
        token_uri=token_uri,
        scopes=list(scopes),
    )


def from_service_account_file(
    path: Path, *, subject: str, scopes: Sequence[str] = SCOPES
) -> google.auth.credentials.Credentials:
    """Return credentials of a service account that acts as `subject`, the scheduling account.

    `path` is the JSON key file of Google's console; tokens come from the token_uri in it. Without
    a subject Google refuses guests and conferences (GOOGLE.md 3.5), so there is no way to leave
    it out. Raises NotConnected when the file cannot be used.
    """
    try:
        credentials: google.auth.credentials.Credentials = (
            google.oauth2.service_account.Credentials.from_service_account_file(  # type: ignore[no-untyped-call]
                str(path), subject=subject, scopes=list(scopes)
            )
        )
    except (OSError, ValueError) as error:
        raise NotConnected("the service account's key file cannot be used") from error
    return credentials


class AccessTokens:
    """The access token that the threads of a process share; one of them renews it for all.

    `load` says who we are: it is called when a token is first needed, and again when Google no
    longer accepts what it said, because somebody may have connected the account anew meanwhile.
    It may raise NotConnected.
    """

    def __init__(self, load: Callable[[], google.auth.credentials.Credentials]) -> None:
        self._load = load
        self._credentials: google.auth.credentials.Credentials | None = None
        self._lock = threading.Lock()

    def current(self, http: Http) -> str:
        """Return a token that should be good, asking the token endpoint if need be.

        Raises NotConnected, Unreachable or RateLimited.
        """
        with self._lock:
            if self._credentials is None or not self._credentials.valid:
                self._renew(http)
            return self._token()

    def instead_of(self, refused: str, http: Http) -> str:
        """Return another token than `refused`, which Google has just turned down with a 401.

        Another thread may have fetched it already. Raises as `current` does.
        """
        with self._lock:
            if self._credentials is None or self._token() == refused:
                self._renew(http)
            return self._token()

    def _token(self) -> str:
        return str(self._credentials.token) if self._credentials else ""

    def _renew(self, http: Http) -> None:
        known, self._credentials = self._credentials, None
        if known is not None:
            try:
                _refresh(known, http)
            except NotConnected:
                known = None
        if known is None:
            known = self._load()
            if not known.valid:
                _refresh(known, http)
        self._credentials = known


def _refresh(credentials: google.auth.credentials.Credentials, http: Http) -> None:
    endpoint = _token_endpoint(credentials)
    with translated():
        try:
            credentials.refresh(  # type: ignore[no-untyped-call]
                _TokenRequest(GuardedHttp(http, endpoint))
            )
        except (TypeError, ValueError, OverflowError) as error:
            raise Unreachable("the token endpoint's answer makes no sense") from error


def _token_endpoint(credentials: google.auth.credentials.Credentials) -> str:
    # A service account has it under a private name only.
    uri = getattr(credentials, "token_uri", None) or getattr(credentials, "_token_uri", None)
    return str(uri or "")


class _TokenRequest(google.auth.transport.Request):
    """What google.auth sends its requests through.

    It sees answers of the token endpoint only, never an outage: google.auth would sleep and try
    again by itself, outside our deadline.
    """

    def __init__(self, http: GuardedHttp) -> None:
        self._http = http

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        timeout: float | None = None,
        **_more: object,
    ) -> google.auth.transport.Response:
        response, content = self._http.request(url, method, body=body, headers=headers)
        answer = _json_object(content)
        is_success = response.status == 200 and isinstance(answer.get("access_token"), str)
        is_refusal = 400 <= response.status < 500 and isinstance(answer.get("error"), str)
        if not (is_success or is_refusal) or response.status == 429:
            raise refusal(max(response.status, 300), response, content)
        return _TokenResponse(response, content)


class _TokenResponse(google.auth.transport.Response):
    def __init__(self, response: httplib2.Response[Any], content: bytes) -> None:
        self._response = response
        self._content = content

    @property
    def status(self) -> int:
        return self._response.status

    @property
    def headers(self) -> dict[str, Any]:
        return dict(self._response)

    @property
    def data(self) -> bytes:
        return self._content


def _json_object(content: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(content)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
