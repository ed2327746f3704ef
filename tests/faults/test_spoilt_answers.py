"""One spoilt answer of Google's anywhere in a first booking: it settles as if nothing had been."""

from __future__ import annotations

from typing import Any

import pytest

from tests import factories
from tests.cast import DANA, FEMI, at
from tests.faults.invariants import (
    check_nobody_holds_a_half_made_event,
    check_rest,
    mails_by_subject,
)
from tests.world import Greenroom

HOWS = ("garble", "reset")
"""What comes is unreadable, or nothing comes; tests/google shows that the others are one of these."""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("how", HOWS)
def test_a_spoilt_answer_loses_and_doubles_nothing(
    greenroom: Greenroom, how: str, when: str
) -> None:
    draft = factories.interview_draft(
        factories.pool([factories.interviewer(DANA)]), factories.pool([factories.interviewer(FEMI)])
    )
    application = factories.application(factories.stage(draft))
    undisturbed = told(greenroom, application)
    assert undisturbed

    for method in ("POST", "GET", "PATCH"):
        assert told(greenroom, application, how=how, when=when, method=method) == undisturbed


def told(greenroom: Greenroom, application: int, **fault: Any) -> Any:
    """Book, settle and cancel again; return the mails of the booking, and see that the fault struck."""
    booking_id = greenroom.book(application, at("Mon 10:00"))
    since = len(greenroom.google.outbox())
    if fault:
        greenroom.google.add_fault(path="/events", **fault)
    greenroom.settle(booking_id)
    assert greenroom.google.world.faults.present() == []
    check_nobody_holds_a_half_made_event(greenroom)
    check_rest(greenroom, greenroom.settle(booking_id))
    mails = mails_by_subject(greenroom, since)
    greenroom.cancel(booking_id)
    greenroom.settle(booking_id)
    return mails
