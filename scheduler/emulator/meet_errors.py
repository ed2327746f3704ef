"""Meet's refusals, in the envelope of Google's newer interfaces: code, message, status, details."""

from __future__ import annotations

from scheduler.emulator.errors import Refused, Resource, UnknownField

_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}
_LIMITS = ("rateLimitExceeded", "userRateLimitExceeded", "dailyLimitExceeded", "quotaExceeded")
_SIGN_IN = (
    "Expected OAuth 2 access token, login cookie or other valid authentication credential."
    " See https://developers.google.com/identity/sign-in/web/devconsole-project."
)
_UNAUTHENTICATED = {
    "required": f"Request is missing required authentication credential. {_SIGN_IN}",
    "authError": f"Request had invalid authentication credentials. {_SIGN_IN}",
}


class NewerRefused(Refused):
    """A refusal whose body has no list of `errors`."""

    def body(self) -> Resource:
        """Return {"error": {"code", "message", "status", "details"?}}."""
        status = self.status or _STATUSES.get(self.code, "UNKNOWN")
        error: Resource = {"code": self.code, "message": self.message, "status": status}
        if self.details:
            error["details"] = self.details
        return {"error": error}


def newer(refusal: Refused) -> Refused:
    """Return the same refusal as Meet says it; over quota is always 429 there."""
    if isinstance(refusal, NewerRefused):
        return refusal
    if isinstance(refusal, UnknownField):
        return _unknown_field(refusal)
    code = 429 if refusal.reason in _LIMITS else refusal.code
    return NewerRefused(
        code,
        refusal.reason,
        _UNAUTHENTICATED.get(refusal.reason, refusal.message) if code == 401 else refusal.message,
        status=refusal.status if code == refusal.code else None,
        details=refusal.details,
        retry_after=refusal.retry_after,
    )


def denied(resource: str = "Space") -> Refused:
    """403 PERMISSION_DENIED: somebody else's, unknown, or named by a code where an id is due (UMB)."""
    message = f"Permission denied on resource {resource} (or it might not exist)"
    return NewerRefused(403, "forbidden", message)


def not_found() -> Refused:
    """404 NOT_FOUND: no such thing below a resource that the caller may see."""
    return NewerRefused(404, "notFound", "Requested entity was not found.")


def exists_already() -> Refused:
    """409 ALREADY_EXISTS: a member with this address."""
    return NewerRefused(409, "duplicate", "Requested entity already exists")


def bad_field(field: str, what: str) -> Refused:
    """400 INVALID_ARGUMENT, naming the field in a BadRequest detail."""
    return NewerRefused(400, "badRequest", what, details=[_violation(field, what)])


def _unknown_field(refusal: UnknownField) -> Refused:
    what = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{refusal.field}'."
    message = "Request contains an invalid argument."
    return NewerRefused(400, "badRequest", message, details=[_violation(refusal.mask, what)])


def _violation(field: str, what: str) -> Resource:
    violation = {"field": field, "description": what}
    return {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [violation],
    }
