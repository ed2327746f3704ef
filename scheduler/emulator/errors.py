"""Google's refusals, spelt as Google spells them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Resource = dict[str, Any]
"""A JSON object of the API: what Google's reference calls a resource."""


class Refused(Exception):
    """The request is answered with one of Google's error bodies."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        *,
        domain: str = "global",
        location: tuple[str, str] | None = None,
        status: str | None = None,
        details: list[Resource] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.domain = domain
        self.location = location
        self.status = status
        self.details = details
        self.retry_after = retry_after

    def body(self) -> Resource:
        """Return the envelope: {"error": {"errors": [{domain, reason, message, …}], "code", "message"}}."""
        entry = {"domain": self.domain, "reason": self.reason, "message": self.message}
        if self.location:
            entry |= {"locationType": self.location[0], "location": self.location[1]}
        error: Resource = {"errors": [entry], "code": self.code, "message": self.message}
        if self.status:
            error["status"] = self.status
        if self.details:
            error["details"] = self.details
        return {"error": error}


def parse_error(message: str = "Parse Error") -> Refused:
    """400 parseError: a body that is no JSON object."""
    return Refused(400, "parseError", message)


def form_encoded() -> Refused:
    """400 parseError: what a client sends that forgets to say that its body is JSON."""
    return parse_error("This API does not support parsing form-encoded input.")


def bad_content(media_type: str) -> Refused:
    """400 badContent: a body of some other media type."""
    message = f"Media type '{media_type}' is not supported. Valid media types: [application/json]"
    return Refused(400, "badContent", message)


def too_large() -> Refused:
    """413 uploadTooLarge: the body is longer than anything the reference allows."""
    message = "The request failed because the data sent in the request is too large."
    return Refused(413, "uploadTooLarge", message)


def not_one_of(text: str, allowed: Sequence[str], parameter: str) -> Refused:
    """400 invalidParameter: a query parameter whose value is not in the reference's list."""
    message = f"Invalid string value: '{text}'. Allowed values: [{', '.join(allowed)}]"
    return Refused(400, "invalidParameter", message, location=("parameter", parameter))


def invalid_fields(mask: str) -> Refused:
    """400 invalidParameter: a `fields` mask that cannot be read (Google's guide to performance)."""
    message = f"Invalid field selection {mask}"
    return Refused(400, "invalidParameter", message, location=("parameter", "fields"))


class UnknownField(Refused):
    """400 invalidParameter: `mask` selects a `field` that the answer does not have."""

    def __init__(self, mask: str, field: str) -> None:
        message = f"Invalid field selection {field}"
        super().__init__(400, "invalidParameter", message, location=("parameter", "fields"))
        self.mask = mask
        self.field = field


def unreadable_batch(trouble: str, size: int) -> Refused:
    """400 badRequest: a batch whose parts cannot be told apart, or are too many. `size` in bytes."""
    message = (
        f"Failed to parse batch request, error: {trouble}."
        f" Received batch body: ({size}) bytes redacted"
    )
    return Refused(400, "badRequest", message, status="INVALID_ARGUMENT")


def invalid(message: str, parameter: str | None = None) -> Refused:
    """400 invalid: a value that the reference does not allow."""
    return Refused(
        400, "invalid", message, location=("parameter", parameter) if parameter else None
    )


def required(message: str) -> Refused:
    """400 required: "Missing end time." and its relatives."""
    return Refused(400, "required", message)


def time_range_empty() -> Refused:
    """400 timeRangeEmpty, on list, free/busy and events that end before they start (ERR)."""
    return Refused(
        400,
        "timeRangeEmpty",
        "The specified time range is empty.",
        domain="calendar",
        location=("parameter", "timeMax"),
    )


def auth_error() -> Refused:
    """401 authError: a token that is unknown, expired or revoked (ERR)."""
    return Refused(
        401,
        "authError",
        "Invalid Credentials",
        location=("header", "Authorization"),
        status="UNAUTHENTICATED",
    )


def login_required() -> Refused:
    """401 required: no bearer token at all."""
    return Refused(
        401,
        "required",
        "Login Required.",
        location=("header", "Authorization"),
        status="UNAUTHENTICATED",
    )


def insufficient_scopes(metadata: Resource | None = None) -> Refused:
    """403 insufficientPermissions: a good token without the scope of this method.

    `metadata` is {"service", "method"} as `scopes.method_names` gives it.
    """
    return Refused(
        403,
        "insufficientPermissions",
        "Request had insufficient authentication scopes.",
        status="PERMISSION_DENIED",
        details=[
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                "domain": "googleapis.com",
                "metadata": metadata or {"service": "calendar-json.googleapis.com"},
            }
        ],
    )


def forbidden() -> Refused:
    """403 forbidden: what is deleted cannot be changed."""
    return Refused(403, "forbidden", "Forbidden")


def needs_access(level: str) -> Refused:
    """403 requiredAccessLevel: the calendar is visible, this action on it is not allowed."""
    return Refused(
        403,
        "requiredAccessLevel",
        f"You need to have {level} access to this calendar.",
        domain="calendar",
    )


def not_organizer() -> Refused:
    """403 forbiddenForNonOrganizer: a guest tried to change what all guests share (ERR)."""
    return Refused(
        403,
        "forbiddenForNonOrganizer",
        "Shared properties can only be changed by the organizer of the event.",
        domain="calendar",
    )


def service_account_guests() -> Refused:
    """403 forbiddenForServiceAccounts: guests need an impersonated subject."""
    return Refused(
        403,
        "forbiddenForServiceAccounts",
        "Service accounts cannot invite attendees without Domain-Wide Delegation of Authority.",
        domain="calendar",
    )


def not_found() -> Refused:
    """404 notFound: also what a caller without any access sees (ERR)."""
    return Refused(404, "notFound", "Not Found")


def duplicate() -> Refused:
    """409 duplicate: the id is or was in use on this calendar (ERR; burned ids: PY210, RUBY1811)."""
    return Refused(409, "duplicate", "The requested identifier already exists.")


def deleted() -> Refused:
    """410 deleted: deleting for the second time (ERR)."""
    return Refused(410, "deleted", "Resource has been deleted")


def full_sync_required() -> Refused:
    """410 fullSyncRequired: the sync token is too old, broken or of another calendar (ERR)."""
    return Refused(
        410,
        "fullSyncRequired",
        "Sync token is no longer valid, a full sync is required.",
        domain="calendar",
        location=("parameter", "syncToken"),
    )


def updated_min_too_long_ago() -> Refused:
    """410 updatedMinTooLongAgo: changes are kept for a month (ERR)."""
    return Refused(
        410,
        "updatedMinTooLongAgo",
        "The requested minimum modification time lies too far in the past.",
        domain="calendar",
        location=("parameter", "updatedMin"),
    )


def condition_not_met() -> Refused:
    """412 conditionNotMet: If-Match names an etag that is no longer the present one (ERR)."""
    return Refused(412, "conditionNotMet", "Precondition Failed", location=("header", "If-Match"))
