"""The only place that asks what time it is."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC. Only entry points call this; the rest is handed `now`."""
    return datetime.now(UTC)
