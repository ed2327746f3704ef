"""A booking's page object: each state in words, each step as far as it is."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.commands import bookings
from scheduler.commands.audit import GREENROOM
from scheduler.domain.booking import Attention, Rsvp
from scheduler.domain.calls import ConferenceStrategy
from scheduler.domain.plan import CallGrouping
from scheduler.models.base import db
from scheduler.models.mail import MailState, OutboxMail
from scheduler.queries.booking_pages import BookingPage, Health, Progress, booking_page
from tests import factories
from tests.cast import DANA, FEMI, JOSE, at
from tests.world import Greenroom

BERLIN = ZoneInfo("Europe/Berlin")


def test_there_is_no_page_of_a_booking_that_never_was(greenroom: Greenroom) -> None:
    assert (
        booking_page(1, zone=BERLIN, now=greenroom.clock(), keys=greenroom.keys, public_url="")
        is None
    )


def test_before_the_worker_has_looked_the_first_step_is_under_way(greenroom: Greenroom) -> None:
    page = _page(greenroom, _booked(greenroom))
    assert page.health is Health.ARRANGING
    assert not page.is_settled
    assert _progress(page) == [Progress.NOW, *[Progress.WAITING] * 6]


def test_a_conference_that_takes_long_is_what_is_under_way(greenroom: Greenroom) -> None:
    greenroom.google.set_conference(latency=None)
    booking_id = _booked(greenroom)
    greenroom.settle(booking_id)
    (call,) = _page(greenroom, booking_id).progress
    assert [step.progress for step in call.steps][:3] == [
        Progress.DONE,
        Progress.DONE,
        Progress.NOW,
    ]
    assert call.steps[2].detail == "Google is still making the conference."


def test_a_settled_booking_has_every_step_done(greenroom: Greenroom) -> None:
    booking_id = _booked(greenroom)
    greenroom.settle(booking_id)
    page = _page(greenroom, booking_id)
    assert (page.health, page.is_settled) == (Health.BOOKED, True)
    assert _progress(page) == [Progress.DONE] * 7
    assert page.progress[0].is_done


def test_a_mail_that_waits_keeps_the_page_looking(greenroom: Greenroom) -> None:
    booking_id = _booked(greenroom)
    greenroom.settle(booking_id)
    mail = db.session.query(OutboxMail).one()
    mail.state, mail.last_error = MailState.WAITING, "451 Come back later."
    db.session.commit()
    page = _page(greenroom, booking_id)
    assert not page.is_settled
    assert page.progress[0].steps[-1].progress is Progress.NOW
    assert page.progress[0].steps[-1].detail == "451 Come back later."


def test_a_refused_mail_is_a_problem(greenroom: Greenroom) -> None:
    booking_id = _booked(greenroom)
    greenroom.settle(booking_id)
    db.session.query(OutboxMail).one().state = MailState.REFUSED
    db.session.commit()
    assert _progress(_page(greenroom, booking_id))[-1] is Progress.PROBLEM


def test_what_stopped_the_booking_is_the_first_step_that_is_not_done(greenroom: Greenroom) -> None:
    greenroom.google.set_conference(outcome="failure", latency=0)
    booking_id = _booked(greenroom)
    greenroom.settle(booking_id)
    page = _page(greenroom, booking_id)
    assert page.health is Health.NEEDS_ATTENTION
    assert page.attention is not None
    assert page.attention.takes_link
    assert _progress(page)[:2] == [Progress.DONE, Progress.PROBLEM]


def test_a_link_by_hand_skips_the_conference(greenroom: Greenroom) -> None:
    booking_id = _booked(greenroom)
    call = greenroom.booking(booking_id).calls[0]
    bookings.give_link(call.id, "https://meet.example/room", by=GREENROOM, now=greenroom.clock())
    greenroom.settle(booking_id)
    page = _page(greenroom, booking_id)
    assert _progress(page)[1:3] == [Progress.SKIPPED, Progress.SKIPPED]
    assert page.calls[0].is_by_hand
    assert page.calls[0].join_url == "https://meet.example/room"


def test_after_a_swap_the_mail_is_skipped(greenroom: Greenroom) -> None:
    dana, femi, jose = (factories.interviewer(each) for each in (DANA, FEMI, JOSE))
    draft = factories.interview_draft(factories.pool([dana]), factories.pool([femi, jose]))
    application_id = factories.application(factories.stage(draft))
    booking_id = greenroom.book(application_id, at("Mon 10:00"))
    greenroom.settle(booking_id)
    greenroom.swap(booking_id, FEMI, jose)
    greenroom.settle(booking_id)
    page = _page(greenroom, booking_id)
    assert _progress(page) == [*[Progress.DONE] * 6, Progress.SKIPPED]
    assert [seat.name for seat in page.interviews[0].panel] == [DANA.name, JOSE.name]
    assert f"gave {FEMI.name}'s seat to {JOSE.name}" in [line.what for line in page.history]


@pytest.mark.parametrize(
    ("grouping", "calls"), [(CallGrouping.PER_INTERVIEW, 2), (CallGrouping.PER_LOOP_DAY, 1)]
)
def test_a_loop_shows_its_calls_one_by_one(
    greenroom: Greenroom, grouping: CallGrouping, calls: int
) -> None:
    people = [factories.interviewer(each) for each in (DANA, FEMI)]
    drafts = [
        factories.interview_draft(factories.pool([each]), title=title)
        for each, title in zip(people, ("Coding", "Design"), strict=True)
    ]
    application_id = factories.application(factories.stage(*drafts, grouping=grouping))
    booking_id = greenroom.book(application_id, at("Mon 10:00"))
    page = _page(greenroom, booking_id)
    assert len(page.calls) == calls
    assert [interview.title for interview in page.interviews] == ["Coding", "Design"]
    # With several calls, what the candidate is told stands once, after them.
    assert len(page.progress) == (calls + 1 if calls > 1 else 1)


def test_with_a_keeper_event_the_conference_comes_first(greenroom: Greenroom) -> None:
    draft = factories.interview_draft(factories.pool([factories.interviewer(DANA)]))
    stage_id = factories.stage(draft, strategy=ConferenceStrategy.KEEPER_EVENT_MINTS)
    booking_id = greenroom.book(factories.application(stage_id), at("Mon 10:00"))
    greenroom.settle(booking_id)
    titles = [step.title for step in _page(greenroom, booking_id).progress[0].steps]
    assert titles[:3] == ["Conference pending", "Conference ready", "Candidate event made"]


def test_a_cancellation_before_anybody_was_told_tells_nobody(greenroom: Greenroom) -> None:
    booking_id = _booked(greenroom)
    greenroom.cancel(booking_id)
    assert _page(greenroom, booking_id).health is Health.CANCELLING
    greenroom.settle(booking_id)
    page = _page(greenroom, booking_id)
    assert page.health is Health.CANCELLED
    assert _progress(page) == [Progress.DONE, Progress.SKIPPED]
    assert page.letters == ()


def test_a_booking_whose_interviews_are_over_can_no_longer_change(greenroom: Greenroom) -> None:
    booking_id = _booked(greenroom)
    greenroom.settle(booking_id)
    greenroom.clock.now = at("Mon 11:00")
    page = _page(greenroom, booking_id)
    assert page.health is Health.OVER
    assert not page.can_change
    assert not any(seat.can_swap for seat in page.interviews[0].panel)
    assert not page.is_listening


def test_an_answer_shows_at_its_seat(greenroom: Greenroom) -> None:
    booking_id = _booked(greenroom)
    greenroom.booking(booking_id).interviews[0].seats[1].rsvp = Rsvp.DECLINED
    db.session.commit()
    page = _page(greenroom, booking_id)
    assert [seat.answer for seat in page.interviews[0].panel] == ["needs_action", "declined"]


@pytest.mark.parametrize("attention", list(Attention))
def test_forms_are_offered_only_where_they_help(greenroom: Greenroom, attention: Attention) -> None:
    booking_id = _booked(greenroom)
    greenroom.booking(booking_id).attention = attention
    db.session.commit()
    needs = _page(greenroom, booking_id).attention
    assert needs is not None
    assert needs.takes_titles == (attention is Attention.IDENTITY_LEAK)
    conference = (
        Attention.CONFERENCE_FAILED,
        Attention.CONFERENCE_NOT_ALLOWED,
        Attention.COPY_NOT_KEPT,
    )
    assert needs.takes_link == (attention in conference)


def _booked(greenroom: Greenroom) -> int:
    return greenroom.book(factories.application(), at("Mon 10:00"))


def _page(greenroom: Greenroom, booking_id: int) -> BookingPage:
    db.session.expire_all()
    page = booking_page(
        booking_id,
        zone=BERLIN,
        now=max(greenroom.clock(), at("Mon 07:00") - timedelta(days=1)),
        keys=greenroom.keys,
        public_url="https://greenroom.example",
    )
    assert page is not None
    return page


def _progress(page: BookingPage) -> list[Progress]:
    return [step.progress for call in page.progress for step in call.steps]
