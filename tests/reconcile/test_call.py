"""The product's sentence: one booking, two sibling events, one call."""

from __future__ import annotations

from tests import factories
from tests.cast import ADA, DANA, FEMI, at
from tests.world import Greenroom


def test_a_booking_becomes_two_sibling_events_with_one_conference(greenroom: Greenroom) -> None:
    booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))

    assert booking.applied_revision == booking.desired_revision == 1
    [ada], [dana], [femi] = (greenroom.events_of(each) for each in (ADA, DANA, FEMI))
    assert ada["conferenceData"]["conferenceId"] == dana["conferenceData"]["conferenceId"]
    assert ada["conferenceData"]["signature"] == dana["conferenceData"]["signature"]
    assert ada["hangoutLink"] == dana["hangoutLink"] == femi["hangoutLink"]
    assert ada["id"] != dana["id"] == femi["id"]
