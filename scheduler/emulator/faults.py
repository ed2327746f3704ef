"""Trouble on demand: the faults that somebody planted, kept over a restart."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from scheduler.emulator.errors import Refused, invalid
from scheduler.emulator.store import Store, dumps

API_PREFIXES = ("/calendar/v3", "/v2/", "/batch")
How = Literal["html", "garble", "truncate", "hang", "reset"]
When = Literal["before", "after"]
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
_UNSAID_STATUS = 503


@dataclass(slots=True, kw_only=True)
class Fault:
    """The next `count` matching calls fail: before anything happens, or after it was kept.

    `path` is a regular expression searched in the path; without one, the calls of the Calendar and
    Meet interfaces match. `delay` in seconds comes first. `how` says what becomes of the answer:

    - None: Google's envelope with `status` before; after, the line goes dead without an answer
    - "html": a page of some proxy, with `status` or 502
    - "garble": JSON that ends in the middle, its length announced rightly
    - "truncate": less comes than Content-Length announces, then the line goes dead
    - "hang": the connection stays open and nothing comes until the caller gives up
    - "reset": the connection is torn down (RST)

    With neither `status` nor `how` the call is only delayed.
    """

    status: int | None = None
    reason: str = "backendError"
    count: int = 1
    path: str | None = None
    method: str | None = None
    when: When = "before"
    delay: float = 0.0
    how: How | None = None

    @property
    def prevents(self) -> bool:
        """Say whether the call never reaches its rule."""
        return self.when == "before" and (self.status is not None or self.how is not None)

    def matches(self, method: str, path: str) -> bool:
        """Say whether this call is hit."""
        if self.count <= 0 or (self.method and self.method.upper() != method):
            return False
        return bool(re.search(self.path, path)) if self.path else path.startswith(API_PREFIXES)

    def refusal(self) -> Refused:
        """Return the answer, in Google's words for the reason."""
        domain, message = _MESSAGES.get(self.reason, ("global", self.reason))
        return Refused(self.status or _UNSAID_STATUS, self.reason, message, domain=domain)

    def as_hook(self) -> dict[str, Any]:
        """Return the entry of GET /_emulator/faults, which plants the same fault again."""
        return asdict(self)


class FaultList:
    """The planted faults, used up in the order in which they were planted."""

    def __init__(self, store: Store) -> None:
        self._lock = threading.Lock()
        self._store = store
        kept = json.loads(store.setting("faults", "[]"))
        self._faults = [Fault(**each) for each in kept]

    def add(self, fault: Fault) -> None:
        """Plant one more."""
        with self._lock:
            self._faults.append(fault)
            self._keep()

    def clear(self) -> None:
        """Take all of them away."""
        with self._lock:
            self._faults.clear()
            self._keep()

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
                    self._keep()
                    return fault
        return None

    def _keep(self) -> None:
        self._store.remember("faults", dumps([fault.as_hook() for fault in self._faults]))


def fault_from(given: dict[str, Any]) -> Fault:
    """Return the fault a hook call describes, or refuse the description."""
    known = {field.name for field in fields(Fault)}
    for name in given:
        if name not in known:
            raise invalid(f"a fault has no {name}", name)
    status, when, how = given.get("status"), given.get("when", "before"), given.get("how")
    if status is not None and (type(status) is not int or not 400 <= status <= 599):
        raise invalid("status must be null or 400 to 599", "status")
    if when not in get_args(When):
        raise invalid("when must be before or after", "when")
    if how is not None and how not in get_args(How):
        raise invalid(f"how must be null or one of {', '.join(get_args(How))}", "how")
    try:
        re.compile(given.get("path") or "")
        return Fault(
            status=status,
            reason=str(given.get("reason") or "backendError"),
            count=int(given.get("count", 1)),
            path=given.get("path") or None,
            method=given.get("method") or None,
            when=when,
            delay=float(given.get("delay") or 0),
            how=how,
        )
    except (TypeError, ValueError, re.error) as error:
        raise invalid(f"not a fault: {error}") from error
