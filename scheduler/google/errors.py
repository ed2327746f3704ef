"""What Google's refusals mean, as named facts; the only place where its errors become ours.

By reason and not by status: 410 says both "event deleted" and "sync token expired", 403 both
"not allowed" and "slow down" (GOOGLE.md 7).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any, ClassVar

from google.auth.exceptions import RefreshError, TransportError
from googleapiclient.errors import HttpError
from httplib2 import HttpLib2Error

QUOTA_BACK_OFF = timedelta(hours=6)  # "wait hours" is all that Google says (GOOGLE.md 6.4)


class GoogleError(Exception):
    """Google refused, for a reason we have no better word for."""

    is_worth_retrying: ClassVar[bool] = False
    """Whether a later try may succeed with nobody doing anything about it."""

    def __init__(
        self, message: str = "", *, reason: str = "", retry_after: timedelta | None = None
    ) -> None:
        super().__init__(message)
        self.reason = reason
        """Google's machine reason ("notFound"), or "" when the answer had none."""
        self.retry_after = retry_after
        """How long Google asked us to wait, or None when it did not say."""


class EventGone(GoogleError):
    """The event has been deleted on Google's side or never was, or its calendar is not to be found."""


class EventExists(GoogleError):
    """An event with this id is there already, or was once."""


class EditedMeanwhile(GoogleError):
    """The event is no longer the one we last saw."""

    is_worth_retrying = True


class SyncTokenExpired(GoogleError):
    """Google no longer knows what changed since this token; read everything again."""


class ConferenceNotAllowed(GoogleError):
    """Meet conferences cannot be made on this calendar, or not by this account (GOOGLE.md 3.5)."""


class NotAllowed(GoogleError):
    """The scheduling account may not do this; somebody has to grant a scope or an access."""


class RateLimited(GoogleError):
    """We asked too much of Google in too short a time; seconds to minutes help."""

    is_worth_retrying = True


class QuotaExceeded(GoogleError):
    """The account has invited too many people or made too much for today; only hours help."""

    is_worth_retrying = True

    def __init__(
        self, message: str = "", *, reason: str = "", retry_after: timedelta | None = None
    ) -> None:
        super().__init__(message, reason=reason, retry_after=retry_after or QUOTA_BACK_OFF)


class Unreachable(GoogleError):
    """No answer of Google's came back, so whether it did what we asked is unknown."""

    is_worth_retrying = True


class OutOfTime(GoogleError):
    """Whoever wants the answer waits no longer, so Google was not asked."""

    is_worth_retrying = True


class NotConnected(GoogleError):
    """The scheduling account is not connected, or its connection has been taken back."""


MEANINGS: Mapping[str, type[GoogleError]] = {
    "notFound": EventGone,
    "deleted": EventGone,
    "duplicate": EventExists,
    "conditionNotMet": EditedMeanwhile,
    # Two writes of one moment: Google leaves it to the caller to look again.
    "conflict": EditedMeanwhile,
    "fullSyncRequired": SyncTokenExpired,
    "updatedMinTooLongAgo": SyncTokenExpired,
    "rateLimitExceeded": RateLimited,
    "userRateLimitExceeded": RateLimited,
    "quotaExceeded": QuotaExceeded,
    "dailyLimitExceeded": QuotaExceeded,
    "backendError": Unreachable,
    "internalError": Unreachable,
    "authError": NotConnected,
}


@contextmanager
def translated() -> Iterator[None]:
    """Turn whatever the Google libraries and the network raise inside into a GoogleError."""
    try:
        yield
    except HttpError as error:
        raise refusal(error.status_code, error.resp, error.content) from error
    except RefreshError as error:
        raise _lost_connection(error) from error
    except (TransportError, HttpLib2Error, HTTPException, OSError, UnicodeDecodeError) as error:
        raise Unreachable(f"no answer from Google: {type(error).__name__}") from error


def refusal(status: int, headers: Mapping[str, Any], content: bytes) -> GoogleError:
    """Return what an answer that is no success means. `headers` by lower-case name."""
    envelope = _envelope(content)
    reason = _reason(envelope)
    message = str(envelope.get("message") or f"HTTP {status}")
    meaning = _meaning(status, reason, message, is_googles_own=bool(envelope))
    return meaning(message, reason=reason, retry_after=_retry_after(headers))


def _meaning(status: int, reason: str, message: str, *, is_googles_own: bool) -> type[GoogleError]:
    if reason in MEANINGS:
        return MEANINGS[reason]
    if status == 429:
        return RateLimited
    if status == 401:
        return NotConnected
    if status >= 500 or status == 408 or not is_googles_own:
        # A proxy's page says nothing about the event, whatever its status.
        return Unreachable
    if "invalid conference type" in message.lower():
        return ConferenceNotAllowed
    if status == 403:
        return NotAllowed
    return GoogleError


def _envelope(content: bytes) -> Mapping[str, Any]:
    # {"error": {"code", "message", "errors": [{"domain", "reason", "message"}], "status"?, "details"?}}
    try:
        body = json.loads(content)
    except ValueError:
        return {}
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}


def _reason(envelope: Mapping[str, Any]) -> str:
    # googleapiclient prefers `details` to `errors`; the old word in `errors` is the documented one.
    for key in ("errors", "details"):
        entries = envelope.get(key)
        for entry in entries if isinstance(entries, list) else []:
            if isinstance(entry, dict) and isinstance(entry.get("reason"), str):
                return str(entry["reason"])
    return ""


def _retry_after(headers: Mapping[str, Any]) -> timedelta | None:
    # Seconds, or an HTTP date, which is read by Google's clock and not by ours.
    value = str(headers.get("retry-after", "")).strip()
    if value.isdecimal():
        return timedelta(seconds=min(int(value), QUOTA_BACK_OFF.total_seconds()))
    try:
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(str(headers.get("date", "")))
    except (TypeError, ValueError):
        return None
    return max(wait, timedelta())


def _lost_connection(error: RefreshError) -> GoogleError:
    said = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], dict) else {}
    reason = str(said.get("error", ""))
    if error.retryable:
        return Unreachable("no access token", reason=reason)
    return NotConnected("Google no longer accepts the connection", reason=reason)
