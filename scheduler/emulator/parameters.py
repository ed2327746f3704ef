"""Query parameters and headers that several methods share."""

from __future__ import annotations

from flask import request

from scheduler.emulator.calls import flag, number
from scheduler.emulator.collection import PAGE_SIZE, Paging
from scheduler.emulator.errors import Refused


def paging() -> Paging:
    """Return which page of a collection is asked for; 400 invalidParameter for a size below 1."""
    size = number("maxResults", PAGE_SIZE)
    if size is None or size < 1:
        raise Refused(
            400,
            "invalidParameter",
            f"Invalid value '{size}'. Values must be within the range: [1, 2147483647]",
            location=("parameter", "maxResults"),
        )
    return Paging(
        max_results=size,
        page_token=request.args.get("pageToken") or None,
        sync_token=request.args.get("syncToken") or None,
    )


def optional_flag(name: str) -> bool | None:
    """Return a boolean parameter; None when the caller says nothing."""
    return flag(name) if name in request.args else None


def sends_notifications() -> bool:
    """Return `sendNotifications` of an access rule: "the default is True"."""
    return optional_flag("sendNotifications") is not False


def if_match() -> str | None:
    """Return the etag that a write insists on."""
    return request.headers.get("If-Match")
