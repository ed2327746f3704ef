from __future__ import annotations

import json
import socket
import ssl
from datetime import timedelta
from http.client import IncompleteRead

import httplib2
import pytest
from google.auth.exceptions import RefreshError, TransportError
from googleapiclient.errors import HttpError

from scheduler.google import errors
from scheduler.google.errors import (
    ConferenceNotAllowed,
    EditedMeanwhile,
    EventExists,
    EventGone,
    GoogleError,
    NotAllowed,
    NotConnected,
    OutOfTime,
    QuotaExceeded,
    RateLimited,
    SyncTokenExpired,
    Unreachable,
    translated,
)

SERVICE_ACCOUNTS = (
    "Service accounts cannot invite attendees without Domain-Wide Delegation of Authority."
)


def http_error(status: int, body: object, **headers: str) -> HttpError:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpError(httplib2.Response({"status": str(status), **named}), content)


def refused(status: int, reason: str, message: str = "No.", **headers: str) -> HttpError:
    entry = {"domain": "global", "reason": reason, "message": message}
    body = {"error": {"code": status, "message": message, "errors": [entry]}}
    return http_error(status, body, **headers)


def lost(*said: object, retryable: bool = False) -> RefreshError:
    return RefreshError("no token", *said, retryable=retryable)  # type: ignore[no-untyped-call]


def meaning_of(error: Exception) -> GoogleError:
    with pytest.raises(GoogleError) as translation, translated():
        raise error
    assert translation.value.__cause__ is error
    return translation.value


@pytest.mark.parametrize(
    ("status", "reason", "message", "meaning"),
    [
        (400, "timeRangeEmpty", "The specified time range is empty.", GoogleError),
        (400, "invalid", "Invalid conference type value.", ConferenceNotAllowed),
        (400, "invalid", "Invalid resource id value.", GoogleError),
        (400, "required", "Missing end time.", GoogleError),
        (401, "authError", "Invalid Credentials", NotConnected),
        (401, "required", "Login Required.", NotConnected),
        (403, "userRateLimitExceeded", "User Rate Limit Exceeded", RateLimited),
        (403, "rateLimitExceeded", "Rate Limit Exceeded", RateLimited),
        (403, "dailyLimitExceeded", "Daily Limit Exceeded", QuotaExceeded),
        (403, "quotaExceeded", "Calendar usage limits exceeded.", QuotaExceeded),
        (403, "accessNotConfigured", "Not enabled", NotAllowed),
        (403, "forbidden", "Forbidden", NotAllowed),
        (403, "forbiddenForNonOrganizer", "Only the organizer", NotAllowed),
        (403, "forbiddenForServiceAccounts", SERVICE_ACCOUNTS, NotAllowed),
        (403, "insufficientPermissions", "Insufficient scopes.", NotAllowed),
        (403, "requiredAccessLevel", "You need to have writer access", NotAllowed),
        (404, "notFound", "Not Found", EventGone),
        (409, "duplicate", "The requested identifier already exists.", EventExists),
        (409, "conflict", "Conflict", EditedMeanwhile),
        (410, "fullSyncRequired", "Sync token is no longer valid", SyncTokenExpired),
        (410, "updatedMinTooLongAgo", "Too far in the past.", SyncTokenExpired),
        (410, "deleted", "Resource has been deleted", EventGone),
        (412, "conditionNotMet", "Precondition Failed", EditedMeanwhile),
        (429, "rateLimitExceeded", "Rate Limit Exceeded", RateLimited),
        (429, "", "Too many", RateLimited),
        (429, "quotaExceeded", "Calendar usage limits exceeded.", QuotaExceeded),
        (500, "backendError", "Backend Error", Unreachable),
        (503, "", "Try later", Unreachable),
    ],
)
def test_each_reason_has_one_meaning(
    status: int, reason: str, message: str, meaning: type[GoogleError]
) -> None:
    error = meaning_of(refused(status, reason, message))
    assert type(error) is meaning
    assert error.reason == reason
    assert str(error) == message


@pytest.mark.parametrize("status", [301, 302, 400, 403, 404, 409, 410, 412, 500, 502, 504])
@pytest.mark.parametrize("body", [b"<html>Sorry</html>", b"", b"\xff\xfe", b"[]", b'{"error": 1}'])
def test_a_page_that_is_not_googles_says_nothing_about_the_event(status: int, body: bytes) -> None:
    error = meaning_of(http_error(status, body))
    assert type(error) is Unreachable
    assert error.reason == ""


def test_the_old_word_is_found_beside_the_new_details() -> None:
    details = [{"@type": "…/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]
    old = [{"domain": "global", "reason": "insufficientPermissions", "message": "No."}]
    body = {"code": 403, "message": "No.", "status": "PERMISSION_DENIED", "details": details}
    assert meaning_of(http_error(403, {"error": {**body, "errors": old}})).reason == (
        "insufficientPermissions"
    )
    assert meaning_of(http_error(403, {"error": body})).reason == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"


@pytest.mark.parametrize(
    "outage",
    [
        TimeoutError("timed out"),
        ConnectionRefusedError(),
        ConnectionResetError(),
        socket.gaierror(-2, "Name or service not known"),
        ssl.SSLError(1, "certificate verify failed"),
        httplib2.ServerNotFoundError("no such host"),
        IncompleteRead(b"{", 10),
        TransportError("token endpoint down"),  # type: ignore[no-untyped-call]
        lost({"error": "internal_failure"}, retryable=True),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    ],
)
def test_an_outage_leaves_the_outcome_unknown(outage: Exception) -> None:
    assert type(meaning_of(outage)) is Unreachable


def test_a_connection_taken_back_is_told_apart_from_an_outage() -> None:
    said = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
    error = meaning_of(lost(said))
    assert type(error) is NotConnected
    assert error.reason == "invalid_grant"
    assert type(meaning_of(lost())) is NotConnected


def test_our_own_mistakes_are_not_translated() -> None:
    with pytest.raises(ZeroDivisionError), translated():
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("retry_after", "wait"),
    [
        ("7", timedelta(seconds=7)),
        ("0", timedelta()),
        ("Sat, 21 Nov 2026 10:00:30 GMT", timedelta(seconds=30)),
        ("Sat, 21 Nov 2026 09:00:00 GMT", timedelta()),
        ("9" * 40, errors.QUOTA_BACK_OFF),
        ("soon", None),
        ("-3", None),
        ("", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(
    retry_after: str, wait: timedelta | None
) -> None:
    now = "Sat, 21 Nov 2026 10:00:00 GMT"
    error = refused(429, "rateLimitExceeded", retry_after=retry_after, date=now)
    assert meaning_of(error).retry_after == wait


def test_a_used_up_quota_waits_for_hours() -> None:
    assert meaning_of(refused(403, "quotaExceeded")).retry_after == errors.QUOTA_BACK_OFF
    error = refused(403, "quotaExceeded", retry_after="60")
    assert meaning_of(error).retry_after == timedelta(minutes=1)


def test_only_what_passes_by_itself_is_worth_retrying() -> None:
    passing = {RateLimited, QuotaExceeded, Unreachable, OutOfTime, EditedMeanwhile}
    assert {kind for kind in GoogleError.__subclasses__() if kind.is_worth_retrying} == passing
    assert not GoogleError.is_worth_retrying
