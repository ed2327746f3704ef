"""The page for choosing a time: what it suggests, which week it shows, what it says is in the way."""

from __future__ import annotations

from datetime import date, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.domain.people import LoadLimit
from scheduler.domain.plan import Order
from scheduler.domain.timespan import TimeSpan
from scheduler.models.base import db
from scheduler.models.people import InterviewerRow
from scheduler.models.plans import Stage
from scheduler.queries.choosing_pages import (
    MOST_LANES,
    SUGGESTED_A_DAY,
    ChooseTimesPage,
    Trouble,
    choose_another_time,
    choose_times,
)
from tests import factories
from tests.cast import BO, DANA, DOMAIN, FEMI, JOSE, MEI, at
from tests.world import Greenroom

UTC_ZONE = ZoneInfo("UTC")
MONDAY = date(2026, 11, 23)


def test_suggested_times_do_not_overlap_and_are_few_a_day(greenroom: Greenroom) -> None:
    page = _page(greenroom, factories.application())
    assert page.suggested
    for earlier, later in pairwise(page.suggested):
        assert not earlier.span.overlaps(later.span)
    for on in {each.span.start.date() for each in page.suggested}:
        same_day = [each for each in page.suggested if each.span.start.date() == on]
        assert len(same_day) <= SUGGESTED_A_DAY


def test_the_best_times_of_the_week_are_suggested_first(greenroom: Greenroom) -> None:
    """By round hours alone, 10:30 would be suggested, and the best time of all would not be."""
    windows = [TimeSpan(at("Mon 10:15"), at("Mon 17:00"))]
    page = _page(greenroom, factories.application(windows=windows))
    assert [f"{each.span.start:%H:%M}" for each in page.best.times] == ["10:15", "11:00"]
    assert [f"{each.span.start:%H:%M}" for each in page.suggested] == ["10:15", "11:00", "12:00"]


def test_a_loop_that_is_best_is_suggested_and_can_be_chosen_as_it_is(greenroom: Greenroom) -> None:
    """Held in the order of the plan, Dana would start before she is at ease."""
    dana, femi = factories.interviewer(DANA), factories.interviewer(FEMI)
    db.session.get_one(InterviewerRow, dana).comfortable_from = time(10, 45)
    db.session.get_one(InterviewerRow, dana).comfortable_until = time(18)
    stage_id = factories.stage(
        *(factories.interview_draft(factories.pool([who])) for who in (dana, femi))
    )
    db.session.get_one(Stage, stage_id).interview_order = Order.ANY
    window = [TimeSpan(at("Mon 10:00"), at("Mon 11:30"))]
    page = _page(greenroom, factories.application(stage_id, windows=window))
    (best,) = page.best.times
    assert [each.name for each in best.panel] == [DANA.name, FEMI.name]
    assert best.parts[1].span.start < best.parts[0].span.start
    assert [each.key for each in page.suggested] == [best.key]
    again = _page(greenroom, page.application_id, key=best.key)
    assert again.chosen is not None


def test_every_time_of_the_week_is_there_to_choose(greenroom: Greenroom) -> None:
    page = _page(greenroom, factories.application())
    assert len(page.times) == page.total > len(page.suggested)


def test_the_lightest_load_is_suggested(greenroom: Greenroom) -> None:
    dana, femi = factories.interviewer(DANA), factories.interviewer(FEMI)
    stage_id = factories.stage(factories.interview_draft(factories.pool([dana, femi])))
    recruiter_id = factories.user()
    first = factories.application(stage_id, recruiter_id=recruiter_id)
    booking_id = greenroom.book(first, at("Mon 10:00"))
    busy = greenroom.booking(booking_id).interviews[0].seats[0]
    page = _page(greenroom, factories.application(stage_id, account=BO, recruiter_id=recruiter_id))
    assert {each.panel[0].name for each in page.suggested}.isdisjoint({busy.interviewer.name})
    assert {each.panel[0].load for each in page.suggested} == {0}


def test_the_week_shown_is_the_first_with_something_in_it(greenroom: Greenroom) -> None:
    week_later = [
        TimeSpan(at("Wed 09:00") + timedelta(days=7), at("Wed 17:00") + timedelta(days=7))
    ]
    application_id = factories.application(windows=week_later)
    page = _page(greenroom, application_id)
    assert page.monday == MONDAY + timedelta(days=7)
    this_week = _page(greenroom, application_id, week=MONDAY)
    assert this_week.times == ()
    assert this_week.next_with_times == MONDAY + timedelta(days=7)


def test_a_week_beyond_the_search_is_its_last_one(greenroom: Greenroom) -> None:
    page = _page(greenroom, factories.application(), week=date(2099, 1, 1))
    assert page.later is None
    assert page.earlier is not None


def test_days_of_the_weekend_show_when_the_candidate_can(greenroom: Greenroom) -> None:
    saturday = [TimeSpan(at("Sat 09:00"), at("Sat 12:00"))]
    page = _page(greenroom, factories.application(windows=saturday), week=MONDAY)
    assert [on.weekday() for on in page.days] == [0, 1, 2, 3, 4, 5]


def test_lanes_are_few_and_begin_with_those_who_are_suggested(greenroom: Greenroom) -> None:
    strangers = [
        DANA.__class__(email=f"i{n}@{DOMAIN}", name=f"I {n}", kind="interviewer", zone="UTC")
        for n in range(10)
    ]
    for account in strangers:
        greenroom.google.add_account(account)
    people = [factories.interviewer(each) for each in (*strangers, MEI)]
    stage_id = factories.stage(factories.interview_draft(factories.pool(people)))
    page = _page(greenroom, factories.application(stage_id))
    assert len(page.lanes) == MOST_LANES
    assert page.more_people == 3
    assert page.lanes[0].name == page.suggested[0].panel[0].name


def test_calendars_that_were_not_read_leave_no_time(greenroom: Greenroom) -> None:
    page = _page(greenroom, factories.application(), reads=False)
    assert page.times == ()
    assert page.freshness.is_due
    (hurdle,) = page.hurdles
    assert (hurdle.trouble, hurdle.about) == (Trouble.NOT_READ, (DANA.name, FEMI.name))


def test_a_calendar_that_google_withholds_is_named(greenroom: Greenroom) -> None:
    greenroom.google.set_freebusy_error(DANA.email, "notFound")
    (hurdle,) = _page(greenroom, factories.application()).hurdles
    assert (hurdle.trouble, hurdle.about) == (Trouble.NOT_SHARED, (DANA.name,))
    assert [(each.name, each.error, each.since) for each in hurdle.unknown] == [
        (DANA.name, "notFound", greenroom.clock())
    ]


def test_the_best_times_are_ranked_explained_and_proven(greenroom: Greenroom) -> None:
    page = _page(greenroom, factories.application())
    assert page.best.is_proven
    assert page.best.times[0].span.start == at("Mon 10:00"), "the first when all are at ease"
    assert [reason.text for reason in page.best.times[0].reasons] == [
        "nobody has interviews this week"
    ]
    assert len({each.span.start for each in page.best.times}) == len(page.best.times)


def test_a_load_is_a_reason_with_a_name_and_a_number(greenroom: Greenroom) -> None:
    application_id = factories.application()
    greenroom.book(application_id, at("Mon 10:00"))
    again = factories.application(
        greenroom.stage_of(application_id), account=BO, recruiter_id=factories.user(JOSE)
    )
    texts = [reason.text for reason in _page(greenroom, again).best.times[0].reasons]
    assert {"Dana has 1 interview this week", "Femi has 1 interview this week"} <= set(texts)


def test_what_is_shown_for_a_chosen_time_is_what_gets_booked(greenroom: Greenroom) -> None:
    people = [factories.interviewer(each) for each in (DANA, FEMI, JOSE, MEI)]
    stage_id = factories.stage(
        *(factories.interview_draft(factories.pool(people), title=title) for title in "AB")
    )
    application_id = factories.application(stage_id)
    key = greenroom.slot_at(application_id, at("Tue 11:00")).key
    chosen = _page(greenroom, application_id, key=key).chosen
    assert chosen is not None
    booking_id = greenroom.book(application_id, at("Tue 11:00"))
    seated = [
        seat.interviewer.name
        for interview in greenroom.booking(booking_id).interviews
        for seat in interview.seats
    ]
    assert [each.name for each in chosen.panel] == seated


def test_a_chosen_time_names_who_gives_something_up(greenroom: Greenroom) -> None:
    application_id = factories.application()
    key = greenroom.slot_at(application_id, at("Mon 08:00")).key
    chosen = _page(greenroom, application_id, key=key).chosen
    assert chosen is not None
    assert chosen.conflicts == ("Dana, Femi: outside comfortable hours",)


def test_where_nothing_fits_each_opening_is_what_a_search_finds(greenroom: Greenroom) -> None:
    at_night = [TimeSpan(at("Mon 20:00"), at("Mon 23:00"))]
    page = _page(greenroom, factories.application(windows=at_night))
    (opening,) = [each for each in page.openings if "candidate's windows" in each.words]
    whole = TimeSpan(greenroom.clock(), greenroom.clock() + timedelta(days=28))
    assert (
        opening.starts
        == _page(
            greenroom,
            factories.application(
                page.stage_id, account=BO, windows=[whole], recruiter_id=factories.user(JOSE)
            ),
        ).total
        > 0
    )


def test_readings_grow_old(greenroom: Greenroom) -> None:
    application_id = factories.application()
    assert not _page(greenroom, application_id).freshness.is_due
    greenroom.clock.forward(seconds=61)
    page = _page(greenroom, application_id, reads=False)
    assert page.freshness.is_due
    assert page.times, "old enough to be read again, and still good to look at"
    greenroom.clock.forward(minutes=10)
    assert _page(greenroom, application_id, reads=False).times == ()


def test_each_trouble_is_told(greenroom: Greenroom) -> None:
    empty = factories.stage(factories.interview_draft(factories.pool(), title="Coding"))
    application_id = factories.application(empty, email="", windows=[])
    hurdles = {each.trouble: each.about for each in _page(greenroom, application_id).hurdles}
    assert hurdles == {
        Trouble.NO_ADDRESS: (),
        Trouble.EMPTY_SEAT: ("Coding",),
        Trouble.NO_WINDOWS: (),
    }


def test_when_nothing_fits_the_funnel_says_where_it_ends(greenroom: Greenroom) -> None:
    at_night = [TimeSpan(at("Mon 20:00"), at("Mon 23:00"))]
    page = _page(greenroom, factories.application(windows=at_night))
    assert [each.trouble for each in page.hurdles] == [Trouble.NOTHING_FITS]
    numbers = [number for _, number in page.funnel]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[1] > 0
    assert numbers[2:] == [0, 0, 0]


def test_a_limit_that_is_reached_is_a_reason(greenroom: Greenroom) -> None:
    dana = factories.interviewer(DANA, limit=LoadLimit(per_day=1, per_week=1))
    stage_id = factories.stage(factories.interview_draft(factories.pool([dana])))
    recruiter_id = factories.user()
    first = factories.application(stage_id, recruiter_id=recruiter_id)
    key = greenroom.slot_at(first, at("Mon 14:00")).key
    greenroom.book(first, at("Mon 10:00"))
    other = factories.application(stage_id, account=BO, recruiter_id=recruiter_id)
    page = _page(greenroom, other, wanted=key)
    assert page.taken is not None
    assert page.taken.reasons == (f"{DANA.name}: limit reached.",)
    assert page.taken.nearest == ()


def test_the_booking_on_the_move_does_not_stand_in_its_own_way(greenroom: Greenroom) -> None:
    application_id = factories.application()
    booking_id = greenroom.book(application_id, at("Mon 10:00"))
    page = choose_another_time(booking_id, zone=UTC_ZONE, now=greenroom.clock())
    assert page is not None
    assert page.moving is not None
    assert page.moving.span.start == at("Mon 10:00")
    assert at("Mon 10:15") in [each.span.start for each in page.times]
    assert page.booking_id is None
    greenroom.cancel(booking_id)
    assert choose_another_time(booking_id, zone=UTC_ZONE, now=greenroom.clock()) is None


def test_a_stage_that_is_booked_leads_to_its_booking(greenroom: Greenroom) -> None:
    application_id = factories.application()
    booking_id = greenroom.book(application_id, at("Mon 10:00"))
    page = _page(greenroom, application_id)
    assert page.booking_id == booking_id
    assert not page.can_book


def _page(
    greenroom: Greenroom, application_id: int, *, reads: bool = True, **asked: Any
) -> ChooseTimesPage:
    stage_id = greenroom.stage_of(application_id)
    if reads:
        greenroom.read_calendars(stage_id)
    db.session.expire_all()
    page = choose_times(application_id, stage_id, zone=UTC_ZONE, now=greenroom.clock(), **asked)
    assert page is not None
    return page
