"""What the database itself refuses of bookings, whatever the code above it does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from scheduler.domain.booking import SeatState
from scheduler.domain.timespan import TimeSpan
from scheduler.models.base import db
from scheduler.models.bookings import Interview
from tests import factories
from tests.cast import DANA, at
from tests.world import Greenroom


class TestSeat:
    @pytest.mark.parametrize("later", [timedelta(0), timedelta(minutes=44)])
    def test_two_at_one_time_are_refused(self, greenroom: Greenroom, later: timedelta) -> None:
        first, second = two_interviews(greenroom)
        second.seats[0].during = TimeSpan(first.during.start + later, first.during.end + later)
        with pytest.raises(IntegrityError, match="ex_seat_one_place_at_a_time"):
            db.session.flush()
        db.session.rollback()

    def test_one_may_end_when_another_begins(self, greenroom: Greenroom) -> None:
        first, second = two_interviews(greenroom)
        length = first.during.end - first.during.start
        second.seats[0].during = TimeSpan(first.during.end, first.during.end + length)
        db.session.flush()
        db.session.rollback()

    def test_one_that_was_released_holds_no_time(self, greenroom: Greenroom) -> None:
        first, second = two_interviews(greenroom)
        first.seats[0].state = SeatState.RELEASED
        db.session.flush()
        second.seats[0].during = first.during
        db.session.flush()
        db.session.rollback()


def two_interviews(greenroom: Greenroom) -> tuple[Interview, Interview]:
    """Return two interviews of Dana's, on Monday at 10:00 for 45 minutes and on Tuesday."""
    dana = factories.interviewer(DANA)
    stage = factories.stage(factories.interview_draft(factories.pool([dana])))
    recruiter = factories.user()
    for start in ("Mon 10:00", "Tue 10:00"):
        greenroom.book(factories.application(stage, recruiter_id=recruiter), at(start))
    first, second = db.session.scalars(select(Interview).order_by(Interview.during)).all()
    assert [seat.interviewer_id for seat in (*first.seats, *second.seats)] == [dana, dana]
    return first, second
