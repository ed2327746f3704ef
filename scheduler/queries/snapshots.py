"""Live free/busy: the only query that asks Google, and never inside a transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scheduler.domain.timespan import TimeSpan
from scheduler.google import freebusy
from scheduler.queries.google_access import GoogleAccess


def live_busy(
    addresses: Sequence[str], span: TimeSpan, *, access: GoogleAccess
) -> Mapping[str, tuple[TimeSpan, ...] | None]:
    """Return when each address is busy in `span`; None for one that Google could not tell of.

    Raises GoogleError when Google cannot be asked at all.
    """
    return freebusy.read_busy(access.google, addresses, span)
