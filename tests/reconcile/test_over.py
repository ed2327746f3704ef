"""Interviews that have been held: nobody is invited to the past, whatever happens to its events."""

from __future__ import annotations

from tests import factories
from tests.cast import at
from tests.reconcile.meddling import delete_by_hand
from tests.reconcile.test_call import writes
from tests.world import Greenroom


def test_what_is_over_is_left_as_it_is(greenroom: Greenroom) -> None:
    booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))
    call = booking.calls[0]
    greenroom.clock.forward(days=7)
    mails = len(greenroom.google.outbox())
    delete_by_hand(greenroom, call.calendar_id, call.candidate_event_id)
    greenroom.google.clear_calls()

    greenroom.settle(booking.id)

    assert writes(greenroom) == []
    assert len(greenroom.google.outbox()) == mails


def test_nobody_is_invited_to_the_past(greenroom: Greenroom) -> None:
    booking_id = greenroom.book(factories.application(), at("Mon 10:00"))
    greenroom.clock.forward(days=7)

    booking = greenroom.settle(booking_id)

    assert greenroom.google.outbox() == []
    assert booking.applied_revision == booking.desired_revision


def test_can_still_be_cancelled(greenroom: Greenroom) -> None:
    booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))
    greenroom.clock.forward(days=7)

    greenroom.cancel(booking.id)
    greenroom.settle(booking.id)

    assert greenroom.organizer_events() == []
