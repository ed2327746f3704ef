"""Passes that could not finish: what is shown, and when the next look is."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from scheduler.commands import sweeping
from scheduler.domain.booking import Attention, Step
from scheduler.models.base import db
from scheduler.models.bookings import SettledStep
from tests import factories
from tests.cast import ADA, at
from tests.reconcile.meddling import delete_by_hand
from tests.reconcile.test_call import loop_of_four
from tests.world import Greenroom


def test_what_a_person_must_do_is_not_hidden_behind_what_time_may_mend(
    greenroom: Greenroom,
) -> None:
    booking = greenroom.booking(greenroom.book(loop_of_four(greenroom), at("Mon 10:00")))
    greenroom.google.set_conference(latency=None)
    booking.interviews[3].title = "A chat with Dana"
    db.session.commit()

    booking = greenroom.settle(booking.id)

    assert booking.attention is Attention.IDENTITY_LEAK
    # And the other calls do not wait for that person.
    assert booking.next_attempt_at - greenroom.clock() < timedelta(minutes=1)


def test_a_failed_look_at_a_settled_booking_is_followed_by_another_when_it_is_due(
    greenroom: Greenroom,
) -> None:
    booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))
    call = booking.calls[0]
    delete_by_hand(greenroom, call.calendar_id, call.candidate_event_id)
    greenroom.google.set_conference(latency=60)
    greenroom.settle(booking.id)

    assert sweeping.wake_the_behind(greenroom.clock()) == 0
    greenroom.clock.forward(minutes=1)
    assert sweeping.wake_the_behind(greenroom.clock()) == 1
    greenroom.settle(booking.id)
    assert greenroom.events_of(ADA)[0]["hangoutLink"]
    greenroom.clock.forward(minutes=1)
    assert sweeping.wake_the_behind(greenroom.clock()) == 0


def test_a_spent_quota_is_waited_out_for_hours(greenroom: Greenroom) -> None:
    booking_id = greenroom.book(factories.application(), at("Mon 10:00"))
    greenroom.google.add_fault(
        status=403, reason="quotaExceeded", count=100, path="/events", method="POST"
    )

    booking = greenroom.settle(booking_id)

    assert booking.attention is None
    assert booking.next_attempt_at - greenroom.clock() >= timedelta(hours=6)


def test_a_conference_that_stays_pending_is_shown_to_a_person(greenroom: Greenroom) -> None:
    greenroom.google.set_conference(latency=None)
    booking_id = greenroom.book(factories.application(), at("Mon 10:00"))

    for _ in range(6):
        booking = greenroom.settle(booking_id)
        greenroom.clock.now = max(greenroom.clock.now, booking.next_attempt_at)

    assert booking.attention is Attention.CONFERENCE_FAILED
    # And still looked for.
    assert booking.next_attempt_at <= greenroom.clock() + timedelta(minutes=1)


def test_steps_are_kept_once_however_often_a_cancelled_booking_is_looked_at(
    greenroom: Greenroom,
) -> None:
    booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))
    greenroom.cancel(booking.id)

    for _ in range(3):
        greenroom.settle(booking.id)

    removed = select(SettledStep.id).where(SettledStep.step == Step.EVENTS_REMOVED)
    assert len(db.session.scalars(removed).all()) == 1
