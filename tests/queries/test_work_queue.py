"""The work queue: who is where in it, and when they leave it."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from scheduler.commands import candidates, mails
from scheduler.commands.audit import GREENROOM
from scheduler.domain.booking import ADVICE, Attention, Rsvp
from scheduler.models.base import db
from scheduler.models.mail import MailState, OutboxMail
from scheduler.queries.work_queue import WorkQueuePage, work_queue
from tests import factories
from tests.cast import ADA, BO, DANA, FEMI, at
from tests.world import Greenroom

BERLIN = ZoneInfo("Europe/Berlin")


def test_an_application_without_a_booking_waits_and_one_with_a_booking_does_not(
    greenroom: Greenroom,
) -> None:
    application_id = factories.application()
    assert [each.candidate for each in _queue(greenroom).to_schedule] == [ADA.name]
    booking_id = greenroom.book(application_id, at("Mon 10:00"))
    assert _queue(greenroom).to_schedule == ()
    greenroom.cancel(booking_id)
    assert [each.candidate for each in _queue(greenroom).to_schedule] == [ADA.name]


def test_whoever_has_waited_longest_stands_first(greenroom: Greenroom) -> None:
    stage_id, recruiter_id = factories.stage(), factories.user()
    for account, hours in ((BO, 1), (ADA, 5)):
        factories.application(
            stage_id,
            account=account,
            recruiter_id=recruiter_id,
            now=greenroom.clock() - timedelta(hours=hours),
        )
    assert [each.candidate for each in _queue(greenroom).to_schedule] == [ADA.name, BO.name]


def test_the_wait_begins_with_the_stage(greenroom: Greenroom) -> None:
    application_id = factories.application()
    stage_id = greenroom.stage_of(application_id)
    candidates.advance(application_id, stage_id=stage_id, by=GREENROOM, now=greenroom.clock())
    assert _queue(greenroom).to_schedule[0].since == greenroom.clock()


def test_times_that_have_passed_are_not_counted(greenroom: Greenroom) -> None:
    factories.application()
    assert _queue(greenroom).to_schedule[0].windows == 3
    greenroom.clock.now = at("Tue 19:00")
    assert _queue(greenroom).to_schedule[0].windows == 1


def test_once_the_interviews_are_over_the_next_step_is_a_persons(greenroom: Greenroom) -> None:
    greenroom.book(factories.application(), at("Mon 10:00"))
    greenroom.clock.now = at("Mon 10:30")
    assert _queue(greenroom).to_decide == ()
    greenroom.clock.now = at("Mon 10:45")
    (each,) = _queue(greenroom).to_decide
    assert (each.candidate, each.held_at) == (ADA.name, at("Mon 10:45"))


def test_a_booking_that_needs_attention_says_what_to_do(greenroom: Greenroom) -> None:
    booking_id = greenroom.book(factories.application(), at("Mon 10:00"))
    greenroom.booking(booking_id).attention = Attention.COPY_NOT_KEPT
    db.session.commit()
    (each,) = _queue(greenroom).needs_person
    assert (each.booking_id, each.advice) == (booking_id, ADVICE[Attention.COPY_NOT_KEPT])


def test_a_decline_needs_a_person_until_the_interview_is_over(greenroom: Greenroom) -> None:
    booking_id = greenroom.book(factories.application(), at("Mon 10:00"))
    greenroom.booking(booking_id).interviews[0].seats[0].rsvp = Rsvp.DECLINED
    db.session.commit()
    (each,) = _queue(greenroom).needs_person
    assert each.title == f"{DANA.name} declined"
    assert ADA.name not in each.advice
    greenroom.clock.now = at("Mon 11:00")
    assert _queue(greenroom).needs_person == ()


def test_an_invite_that_was_refused_needs_a_person(greenroom: Greenroom) -> None:
    application_id = factories.application()
    mails.offer_times(
        application_id,
        greenroom.stage_of(application_id),
        sender=greenroom.world.sender,
        by=GREENROOM,
        now=greenroom.clock(),
    )
    mail = db.session.query(OutboxMail).one()
    mail.state, mail.last_error = MailState.REFUSED, "550 No such user."
    db.session.commit()
    (each,) = _queue(greenroom).needs_person
    assert "550 No such user." in each.advice


def test_what_comes_up_is_by_day_of_the_readers_zone(greenroom: Greenroom) -> None:
    greenroom.book(factories.application(), at("Mon 10:00"))
    (day,) = _queue(greenroom).days
    assert (day.words, day.on) == ("Tomorrow", at("Mon 10:00").date())
    (interview,) = day.interviews
    assert [person.name for person in interview.panel] == [DANA.name, FEMI.name]
    assert interview.call == "on_its_way"
    auckland = work_queue(zone=ZoneInfo("Pacific/Auckland"), now=at("Mon 09:00"))
    assert [day.words for day in auckland.days] == ["Today"]


def test_an_interview_stays_until_it_ends(greenroom: Greenroom) -> None:
    greenroom.book(factories.application(), at("Mon 10:00"))
    greenroom.clock.now = at("Mon 10:30")
    assert _queue(greenroom).days[0].interviews[0].is_now
    greenroom.clock.now = at("Mon 10:45")
    assert _queue(greenroom).days == ()


def test_a_recruiters_queue_holds_their_own_candidates(greenroom: Greenroom) -> None:
    stage_id, priya = factories.stage(), factories.user()
    factories.application(stage_id, recruiter_id=priya)
    other = factories.user(BO)
    factories.application(stage_id, account=BO, recruiter_id=other)
    mine = work_queue(zone=BERLIN, now=greenroom.clock(), recruiter_id=priya)
    assert [each.candidate for each in mine.to_schedule] == [ADA.name]
    assert len(_queue(greenroom).to_schedule) == 2


def test_an_empty_greenroom_has_an_empty_queue(greenroom: Greenroom) -> None:
    assert _queue(greenroom).is_empty


def _queue(greenroom: Greenroom) -> WorkQueuePage:
    db.session.expire_all()
    return work_queue(zone=BERLIN, now=greenroom.clock())
