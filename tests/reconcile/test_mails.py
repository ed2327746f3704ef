"""Mail that waits: what overtakes it, and what becomes of one that cannot be sent at all."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from scheduler.commands import bookings
from scheduler.commands.audit import GREENROOM
from scheduler.domain.booking import Attention
from scheduler.emulator.company import Account
from scheduler.models.base import db
from scheduler.models.mail import MailState, OutboxMail
from scheduler.reconcile.worker import jobs_of
from tests import factories
from tests.cast import ADA, at
from tests.reconcile.meddling import Meddling
from tests.world import Greenroom


def states() -> list[MailState]:
    return list(db.session.scalars(select(OutboxMail.state).order_by(OutboxMail.id)))


def test_one_that_a_newer_one_has_overtaken_is_not_sent_after_it(greenroom: Greenroom) -> None:
    busy = Account(
        email="ada@busy.example", name="Ada Quist", kind="candidate", zone="Europe/Vienna"
    )
    booking = greenroom.settle(greenroom.book(factories.application(account=busy), at("Mon 10:00")))
    assert states() == [MailState.WAITING]

    greenroom.reschedule(booking.id, at("Tue 14:00"))
    greenroom.settle(booking.id)

    assert states() == [MailState.OVERTAKEN, MailState.WAITING]


def test_a_time_is_called_new_only_when_it_is(greenroom: Greenroom) -> None:
    booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))
    bookings.retitle_interview(
        booking.interviews[0].id, "Pairing", by=GREENROOM, now=greenroom.clock()
    )
    greenroom.settle(booking.id)
    greenroom.reschedule(booking.id, at("Tue 14:00"))
    greenroom.settle(booking.id)

    subjects = [mail["subject"].partition(":")[0] for mail in greenroom.mails_to(ADA, "smtp")]
    assert subjects == ["Confirmed", "Updated", "New time"]


def test_one_that_names_the_panel_is_not_written(greenroom: Greenroom) -> None:
    # A cancellation writes no event, so nothing else searches what it says.
    booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))
    booking.public_notes = "Ask Dana Okonkwo about the bicycle."
    db.session.commit()
    mails = len(greenroom.mails_to(ADA, "smtp"))

    greenroom.cancel(booking.id)
    booking = greenroom.settle(booking.id)

    assert len(greenroom.mails_to(ADA, "smtp")) == mails
    assert booking.attention is Attention.IDENTITY_LEAK
    assert booking.attention_detail == "public notes of the stage"


def test_one_that_cannot_be_opened_does_not_come_back_at_every_sweep(greenroom: Greenroom) -> None:
    booking_id = greenroom.book(factories.application(), at("Mon 10:00"))
    jobs = jobs_of(greenroom.app)
    jobs.tasks["reconcile_booking"](booking_id=booking_id)
    mail = db.session.scalars(select(OutboxMail)).one()
    mail.message_sealed = f"other{mail.message_sealed}"
    before, mail_id = mail.next_attempt_at, mail.id
    db.session.commit()

    jobs.tasks["send_mail"](mail_id=mail_id)

    db.session.expire_all()
    mail = db.session.get_one(OutboxMail, mail_id)
    assert mail.next_attempt_at > before
    assert mail.last_error


def test_whom_google_had_invited_hears_of_a_cancellation_that_came_between(
    greenroom: Greenroom,
) -> None:
    booking_id = greenroom.book(factories.application(), at("Mon 10:00"))

    def cancel_meanwhile(method: str, uri: str, body: Any) -> None:
        if method == "PATCH":  # the one that invites the candidate
            with greenroom.app.app_context():
                greenroom.cancel(booking_id)

    greenroom.http = Meddling(greenroom, cancel_meanwhile)

    greenroom.settle(booking_id)

    [mail] = greenroom.mails_to(ADA, "smtp")
    assert mail["subject"].startswith("Cancelled")
    assert greenroom.organizer_events() == []
