"""Where Google will say that a calendar has changed."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

push = Blueprint("push", __name__)


@push.post("/hooks/google/calendar")
def google_calendar() -> ResponseReturnValue:
    """Answer that it was heard, and do nothing.

    Greenroom watches no calendar yet, so there is no channel that a notification could belong to,
    and none is believed: headers and body are not read, nothing is written, nobody is asked.
    Drift is found by the worker's own look at every open booking. Once channels exist, this looks
    up the channel, compares its token and wakes the booking (SECURITY.md 49).
    """
    return "", 200
