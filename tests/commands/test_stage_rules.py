"""A stage changes: what is booked keeps what it was booked with, what is not is booked by the new rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from scheduler.commands import bookings, plans
from scheduler.commands.audit import GREENROOM
from scheduler.commands.plans import InterviewDraft, SeatDraft, StageChanged
from scheduler.domain.booking import SeatState
from scheduler.domain.plan import Attendance, Order, SeatKind
from scheduler.domain.timespan import TimeSpan
from tests import factories
from tests.cast import ADA, AURORA, BO, DANA, DAYS, FEMI, JOSE, MEI, at
from tests.world import Greenroom


@pytest.fixture
def loop(greenroom: Greenroom) -> int:
    """A stage of Dana for an hour, then Femi for 30 minutes; José could do what either does."""
    dana, femi, jose = (factories.interviewer(each) for each in (DANA, FEMI, JOSE))
    return factories.stage(
        factories.interview_draft(factories.pool([dana, jose]), title="Coding", minutes=60),
        factories.interview_draft(factories.pool([femi, jose]), title="Values", minutes=30),
    )


def test_a_booking_from_before_is_moved_with_the_interviews_it_was_booked_with(
    greenroom: Greenroom, loop: int
) -> None:
    application_id = factories.application(loop)
    booking_id = greenroom.book(application_id, at("Mon 10:00"))
    told = what_is_booked(greenroom, booking_id)
    only_mei(greenroom, loop)
    assert what_is_booked(greenroom, booking_id) == told

    greenroom.reschedule(booking_id, at("Tue 11:00"))
    assert what_is_booked(greenroom, booking_id) == told
    assert greenroom.booking(booking_id).interviews[0].during.start == at("Tue 11:00")


def test_a_booking_from_before_may_have_somebody_on_two_days_when_nobody_sits_twice_any_more(
    greenroom: Greenroom,
) -> None:
    pool = factories.pool([factories.interviewer(DANA)])
    coding, values = (
        factories.interview_draft(pool, title=title, minutes=60) for title in ("Coding", "Values")
    )
    stage_id = factories.stage(coding, values)
    with_rules(greenroom, stage_id, most_days=2, people_repeat=True)
    greenroom.clock.forward(minutes=10)
    an_hour_a_day = [TimeSpan(at(f"{day} 10:00"), at(f"{day} 11:00")) for day in DAYS[:3]]
    application_id = factories.application(stage_id, windows=an_hour_a_day)
    booking_id = greenroom.book(application_id, at("Mon 10:00"))
    assert starts_of(greenroom, booking_id) == [at("Mon 10:00"), at("Tue 10:00")]
    told = what_is_booked(greenroom, booking_id)
    assert [people for *_, people in told] == [[DANA.name], [DANA.name]]

    greenroom.clock.forward(minutes=10)
    with_rules(greenroom, stage_id, people_repeat=False)
    greenroom.reschedule(booking_id, at("Tue 10:00"))
    assert starts_of(greenroom, booking_id) == [at("Tue 10:00"), at("Wed 10:00")]
    assert what_is_booked(greenroom, booking_id) == told


def test_a_seat_of_a_booking_from_before_goes_to_somebody_who_may_take_its_kind_now(
    greenroom: Greenroom, loop: int
) -> None:
    booking_id = greenroom.book(factories.application(loop), at("Mon 10:00"))
    mei = only_mei(greenroom, loop)
    greenroom.swap(booking_id, FEMI, mei)
    assert [people for *_, people in what_is_booked(greenroom, booking_id)][1] == [MEI.name]


def test_whoever_is_not_booked_yet_is_offered_times_by_the_new_rules(
    greenroom: Greenroom, loop: int
) -> None:
    before = factories.application(loop)
    recruiter_id = factories.user(JOSE)
    only_mei(greenroom, loop)
    slots = greenroom.slots(before)
    assert {slot.span.length for slot in slots} == {timedelta(minutes=20)}
    later = factories.application(loop, account=BO, recruiter_id=recruiter_id)
    booking_id = greenroom.book(later, at("Mon 10:00"))
    assert what_is_booked(greenroom, booking_id) == [
        ("Short talk", timedelta(minutes=20), [MEI.name])
    ]


def test_a_booking_by_the_new_rules_is_moved_by_the_new_rules(
    greenroom: Greenroom, loop: int
) -> None:
    only_mei(greenroom, loop)
    greenroom.clock.forward(minutes=1)
    booking_id = greenroom.book(factories.application(loop, account=ADA), at("Mon 10:00"))
    greenroom.reschedule(booking_id, at("Tue 11:00"))
    assert [length for _, length, _ in what_is_booked(greenroom, booking_id)] == [
        timedelta(minutes=20)
    ]


@pytest.mark.parametrize("way", ["moved", "tried again"])
def test_a_candidate_who_is_booked_reads_new_words_once_the_booking_is(
    greenroom: Greenroom, way: str
) -> None:
    pool = factories.pool([factories.interviewer(DANA)])
    stage_id = factories.stage(factories.interview_draft(pool, rooms=[factories.room(AURORA)]))
    booking_id = greenroom.book(factories.application(stage_id), at("Mon 10:00"))
    greenroom.settle(booking_id)
    [before] = greenroom.events_of(ADA)
    mails = greenroom.mails_to(ADA)

    come_to_berlin(greenroom, stage_id)
    greenroom.clock.forward(minutes=10)
    greenroom.settle(booking_id)
    assert greenroom.events_of(ADA) == [before]
    assert greenroom.mails_to(ADA) == mails

    if way == "moved":
        greenroom.reschedule(booking_id, at("Tue 11:00"))
    else:
        bookings.try_again(booking_id, by=GREENROOM, now=greenroom.clock())
    greenroom.settle(booking_id)
    [after] = greenroom.events_of(ADA)
    assert after["summary"] == "Visit: System design"
    assert after["location"] == "Lindenstraße 44 · Aurora (Berlin)"
    assert len(greenroom.mails_to(ADA)) > len(mails)


def test_a_version_that_is_gone_is_not_changed(greenroom: Greenroom, loop: int) -> None:
    draft, version = plans.drafted(loop)
    changed = replace(draft, order=Order.ANY)
    plans.change_stage(loop, changed, version=version, by=GREENROOM, now=greenroom.clock())
    with pytest.raises(StageChanged):
        plans.change_stage(loop, draft, version=version, by=GREENROOM, now=greenroom.clock())
    assert plans.drafted(loop) == (changed, version + 1)


def with_rules(greenroom: Greenroom, stage_id: int, **rules: Any) -> None:
    draft, version = plans.drafted(stage_id)
    changed = replace(draft, **rules)
    plans.change_stage(stage_id, changed, version=version, by=GREENROOM, now=greenroom.clock())


def only_mei(greenroom: Greenroom, stage_id: int) -> int:
    """Make the stage one short talk with Mei; return her id."""
    mei = factories.interviewer(MEI)
    talk = InterviewDraft(
        "Short talk", "", timedelta(minutes=20), (SeatDraft(SeatKind.LEAD, (), (mei,)),)
    )
    draft, version = plans.drafted(stage_id)
    plans.change_stage(
        stage_id,
        replace(draft, interviews=(talk,)),
        version=version,
        by=GREENROOM,
        now=greenroom.clock(),
    )
    return mei


def come_to_berlin(greenroom: Greenroom, stage_id: int) -> None:
    """Have the stage on site, with other words for candidates."""
    draft, version = plans.drafted(stage_id)
    plans.change_stage(
        stage_id,
        replace(
            draft,
            public_title="Visit",
            location="Lindenstraße 44",
            attendance=Attendance.ONSITE,
        ),
        version=version,
        by=GREENROOM,
        now=greenroom.clock(),
    )


def starts_of(greenroom: Greenroom, booking_id: int) -> list[datetime]:
    return [each.during.start for each in greenroom.booking(booking_id).interviews]


def what_is_booked(greenroom: Greenroom, booking_id: int) -> list[tuple[str, timedelta, list[str]]]:
    return [
        (
            each.title,
            each.during.length,
            [seat.interviewer.name for seat in each.seats if seat.state is SeatState.LIVE],
        )
        for each in greenroom.booking(booking_id).interviews
    ]
