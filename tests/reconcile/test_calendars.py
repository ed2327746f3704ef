"""An organizer calendar that is deleted or unshared: shown to people, and used no more."""

from __future__ import annotations

from sqlalchemy import select

from scheduler.domain.booking import Attention
from scheduler.models.base import db
from scheduler.models.calendar import OrganizerCalendar
from scheduler.reconcile import connection as connection_check
from scheduler.reconcile import sync
from tests import factories
from tests.cast import ADA, at
from tests.reconcile.meddling import delete_calendar
from tests.world import Greenroom


def only_calendar() -> str:
    calendar_id = db.session.scalars(select(OrganizerCalendar.google_id)).one()
    db.session.rollback()
    return calendar_id


def test_one_that_is_gone_is_shown_to_a_person(greenroom: Greenroom) -> None:
    booking_id = greenroom.book(factories.application(), at("Mon 10:00"))
    delete_calendar(greenroom, only_calendar())

    booking = greenroom.settle(booking_id)

    assert booking.attention is Attention.REFUSED_BY_GOOGLE
    assert "calendar" in booking.attention_detail


def test_one_that_is_gone_gets_no_more_bookings(greenroom: Greenroom) -> None:
    gone = only_calendar()
    delete_calendar(greenroom, gone)

    connection_check.check(greenroom.world)
    booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))

    assert booking.calls[0].calendar_id != gone
    assert greenroom.events_of(ADA)[0]["hangoutLink"]


def test_an_outage_while_strays_are_looked_for_is_waited_out(greenroom: Greenroom) -> None:
    greenroom.google.add_fault(status=503, reason="backendError", count=50, path="/events")

    assert sync.remove_strays(greenroom.world) == 0
