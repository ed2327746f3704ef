"""The page for swapping an interviewer: who else could sit there, in which order, and what is told."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from scheduler.models.base import db
from scheduler.queries.choosing_pages import choose_times
from scheduler.queries.swap_pages import SwapPage, swap_page
from tests import factories
from tests.cast import ADA, BO, DANA, FEMI, JOSE, MEI, at
from tests.world import Greenroom

UTC_ZONE = ZoneInfo("UTC")
MONDAY = date(2026, 11, 23)


def test_swap_choices_begin_with_who_is_free_and_say_why_others_are_not(
    greenroom: Greenroom,
) -> None:
    dana, femi, jose, mei = (factories.interviewer(each) for each in (DANA, FEMI, JOSE, MEI))
    pool = factories.pool([femi, jose, mei])
    stage_id = factories.stage(factories.interview_draft(factories.pool([dana]), pool))
    booking_id = greenroom.book(factories.application(stage_id), at("Mon 10:00"))
    greenroom.google.set_freebusy_error(JOSE.email, "notFound")
    greenroom.read_calendars(stage_id)
    page = _swap(greenroom, booking_id, FEMI.name)
    assert page is not None
    assert [(each.name, each.reasons) for each in page.choices] == [
        (MEI.name, ()),
        (JOSE.name, ("calendar unknown",)),
    ]
    assert page.candidate == ADA.name


def test_swap_choices_tell_what_speaks_against_them_and_how_much_people_have_that_day(
    greenroom: Greenroom,
) -> None:
    dana, femi, mei = (factories.interviewer(each) for each in (DANA, FEMI, MEI))
    first = factories.application(factories.stage(factories.interview_draft(factories.pool([mei]))))
    greenroom.book(first, at("Mon 14:00"))
    pools = factories.pool([dana]), factories.pool([femi, mei])
    booking_id = greenroom.book(
        factories.application(
            factories.stage(factories.interview_draft(*pools)), account=BO, recruiter_id=_anybody()
        ),
        at("Mon 10:00"),
    )
    page = _swap(greenroom, booking_id, FEMI.name)
    assert page is not None
    [choice] = page.choices
    assert (choice.name, choice.load_that_day, choice.load) == (MEI.name, 1, 1)
    assert choice.drawbacks == ("interviewed more than others lately",)


def test_the_seat_that_somebody_has_in_the_same_loop_counts_on_the_page_for_swaps(
    greenroom: Greenroom,
) -> None:
    dana, femi = factories.interviewer(DANA), factories.interviewer(FEMI)
    pool = factories.pool([dana, femi])
    application_id = factories.application(factories.stage(factories.interview_draft(pool, pool)))
    page = _swap(greenroom, greenroom.book(application_id, at("Mon 10:00")), FEMI.name)
    assert page is not None
    [choice] = page.choices
    assert choice.reasons == ("in another seat of this loop",)
    stage_id = greenroom.stage_of(application_id)
    other = factories.application(stage_id, account=BO, recruiter_id=_anybody())
    greenroom.read_calendars(stage_id)
    db.session.expire_all()
    times = choose_times(other, stage_id, zone=UTC_ZONE, now=greenroom.clock(), week=MONDAY)
    assert times is not None
    loads = {each.name: each.load for each in times.lanes}
    assert (choice.name, choice.load_that_day, choice.load) == (DANA.name, 1, loads[DANA.name])


def _anybody() -> int:
    return factories.user(JOSE)


def _swap(greenroom: Greenroom, booking_id: int, name: str) -> SwapPage | None:
    seat = next(
        seat
        for interview in greenroom.booking(booking_id).interviews
        for seat in interview.seats
        if seat.interviewer.name == name
    )
    return swap_page(booking_id, seat.id, zone=UTC_ZONE, now=greenroom.clock())
