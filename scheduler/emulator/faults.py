"""Trouble on demand: faults that a test plants, and Google's rate limits."""

from __future__ import annotations

import re
import threading
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Any, Literal

from scheduler.emulator.errors import Refused, invalid

API_PREFIXES = ("/calendar/v3", "/v2/", "/batch/")
_MESSAGES = {
    "backendError": ("global", "Backend Error"),
    "internalError": ("global", "Internal Error"),
    "rateLimitExceeded": ("usageLimits", "Rate Limit Exceeded"),
    "userRateLimitExceeded": ("usageLimits", "User Rate Limit Exceeded"),
    "dailyLimitExceeded": ("usageLimits", "Daily Limit Exceeded"),
    "quotaExceeded": ("usageLimits", "Calendar usage limits exceeded."),
    "accessNotConfigured": ("usageLimits", "Access Not Configured."),
    "forbidden": ("global", "Forbidden"),
    "notFound": ("global", "Not Found"),
    "conflict": ("global", "Conflict"),
    "authError": ("global", "Invalid Credentials"),
}
_QUOTA_WINDOW_SECONDS = 60.0


@dataclass(slots=True, kw_only=True)
class Fault:
    """The next `count` matching calls fail: before anything happens, or after it was kept.

    `status` None only delays. `path` is a regular expression searched in the path; without one,
    the calls of the Calendar and Meet interfaces match.
    """

    status: int | None
    reason: str = "backendError"
    count: int = 1
    path: str | None = None
    method: str | None = None
    when: Literal["before", "after"] = "before"
    delay: float = 0.0

    def matches(self, method: str, path: str) -> bool:
        """Say whether this call is hit."""
        if self.count <= 0 or (self.method and self.method.upper() != method):
            return False
        return bool(re.search(self.path, path)) if self.path else path.startswith(API_PREFIXES)

    def refusal(self) -> Refused:
        """Return the answer, in Google's words for the reason."""
        domain, message = _MESSAGES.get(self.reason, ("global", self.reason))
        return Refused(self.status or 503, self.reason, message, domain=domain)


class FaultList:
    """The planted faults, used up in the order in which they were planted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Plant one more."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Take all of them away."""
        with self._lock:
            self._faults.clear()

    def present(self) -> list[Fault]:
        """Return those with something left."""
        with self._lock:
            return list(self._faults)

    def strike(self, method: str, path: str) -> Fault | None:
        """Return the fault that hits this call, and use it up by one."""
        with self._lock:
            for fault in self._faults:
                if fault.matches(method, path):
                    fault.count -= 1
                    if fault.count <= 0:
                        self._faults.remove(fault)
                    return fault
        return None


class RateLimiter:
    """Requests of the last minute, per user and for the whole project; "the minute window slides"."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times: dict[str, deque[float]] = defaultdict(deque)

    def admit(
        self,
        user: str,
        second: float,
        *,
        per_user: int | None,
        per_project: int | None,
        status: int = 403,
    ) -> None:
        """Count one call, or refuse it with 403 or 429 usageLimits and Retry-After (QUOTA)."""
        with self._lock:
            for key, limit, reason, message in (
                (f"user {user}", per_user, "userRateLimitExceeded", "User Rate Limit Exceeded"),
                ("project", per_project, "rateLimitExceeded", "Rate Limit Exceeded"),
            ):
                times = self._times[key]
                while times and times[0] <= second - _QUOTA_WINDOW_SECONDS:
                    times.popleft()
                if limit is not None and len(times) >= limit:
                    wait = max(1, int(times[0] + _QUOTA_WINDOW_SECONDS - second) if times else 60)
                    raise Refused(
                        status,
                        reason if status == 403 else "rateLimitExceeded",
                        message if status == 403 else "Rate Limit Exceeded",
                        domain="usageLimits",
                        retry_after=wait,
                    )
            self._times[f"user {user}"].append(second)
            self._times["project"].append(second)


def fault_from(given: dict[str, Any]) -> Fault:
    """Return the fault a hook call describes, or refuse the description."""
    status, when = given.get("status"), given.get("when", "before")
    if status is not None and (not isinstance(status, int) or not 400 <= status <= 599):
        raise invalid("status must be null or 400 to 599", "status")
    if when not in ("before", "after"):
        raise invalid("when must be before or after", "when")
    try:
        re.compile(given.get("path") or "")
        return Fault(
            status=status,
            reason=str(given.get("reason") or "backendError"),
            count=int(given.get("count", 1)),
            path=given.get("path"),
            method=given.get("method"),
            when=when,
            delay=float(given.get("delay") or 0),
        )
    except (TypeError, ValueError, re.error) as error:
        raise invalid(f"not a fault: {error}") from error
