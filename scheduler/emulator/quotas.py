"""Google's rate limits: calls of the last minute per user, per project, and writes per calendar."""

from __future__ import annotations

import threading
from collections import defaultdict, deque

from scheduler.emulator.errors import Refused
from scheduler.emulator.settings import Switches

WINDOW_SECONDS = 60.0


class Quotas:
    """Counts calls; "the minute window slides" (QUOTA). A restart begins with an empty minute."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seconds: dict[str, deque[float]] = defaultdict(deque)

    def admit(self, user: str, written_calendar: str | None, now: float, limits: Switches) -> None:
        """Count one call, or refuse it with 403 or 429 usageLimits.

        `now` in seconds; `written_calendar` is the calendar that the call changes, if it does. "The
        user has reached Google Calendar API's maximum request rate per calendar or per
        authenticated user" (ERR).
        """
        counted = [
            (f"user {user}", limits.per_user_per_minute, "userRateLimitExceeded"),
            ("project", limits.per_project_per_minute, "rateLimitExceeded"),
        ]
        if written_calendar is not None:
            most = limits.calendar_writes_per_minute
            counted.append((f"calendar {written_calendar}", most, "rateLimitExceeded"))
        with self._lock:
            for key, limit, reason in counted:
                seconds = self._seconds[key]
                while seconds and seconds[0] <= now - WINDOW_SECONDS:
                    seconds.popleft()
                if limit is not None and len(seconds) >= limit:
                    raise _refusal(reason, seconds, now, limits)
            for key, _, _ in counted:
                self._seconds[key].append(now)


def _refusal(reason: str, seconds: deque[float], now: float, limits: Switches) -> Refused:
    is_user = reason == "userRateLimitExceeded" and limits.quota_status == 403
    wait = seconds[0] + WINDOW_SECONDS - now if seconds else WINDOW_SECONDS
    return Refused(
        limits.quota_status,
        "userRateLimitExceeded" if is_user else "rateLimitExceeded",
        "User Rate Limit Exceeded" if is_user else "Rate Limit Exceeded",
        domain="usageLimits",
        retry_after=max(1, int(wait)) if limits.quota_retry_after else None,
    )
