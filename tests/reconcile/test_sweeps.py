"""What happens by itself: the behind are woken, strays go, mail goes out, the connection is watched."""

from __future__ import annotations

from email import message_from_string, policy

import pytest
from sqlalchemy import select, text

from scheduler.commands import bookings, connection, mails, sweeping
from scheduler.commands.audit import GREENROOM
from scheduler.domain.booking import Attention, Rsvp, Step
from scheduler.domain.calls import EventId
from scheduler.domain.diff import SendUpdates
from scheduler.emulator.company import Account
from scheduler.models.base import db
from scheduler.models.bookings import SettledStep
from scheduler.models.calendar import ConnectionState, GoogleConnection, OrganizerCalendar
from scheduler.models.mail import MailState, OutboxMail
from scheduler.reconcile import connection as connection_check
from scheduler.reconcile import outbox, sync
from scheduler.reconcile.reconciler import Busy, reconcile
from scheduler.reconcile.worker import RECURRING, jobs_of
from tests import factories
from tests.cast import ADA, DANA, SCHEDULING, at
from tests.world import Greenroom, run_apart


def jobs() -> list[str]:
    rows = db.session.execute(text("SELECT queueing_lock FROM procrastinate_jobs ORDER BY id"))
    return [row.queueing_lock for row in rows]


def forget_wakeups() -> None:
    db.session.execute(text("DELETE FROM procrastinate_jobs"))
    db.session.commit()


class TestSweep:
    def test_finds_a_booking_whose_wakeup_was_lost(self, greenroom: Greenroom) -> None:
        booking_id = greenroom.book(factories.application(), at("Mon 10:00"))
        forget_wakeups()

        assert sweeping.wake_the_behind(greenroom.clock()) == 1
        assert jobs() == [f"booking:{booking_id}:1"]

    def test_wakes_a_booking_once_however_often_it_looks(self, greenroom: Greenroom) -> None:
        greenroom.book(factories.application(), at("Mon 10:00"))

        sweeping.wake_the_behind(greenroom.clock())
        sweeping.wake_the_behind(greenroom.clock())

        assert len([each for each in jobs() if each.startswith("booking:")]) == 1

    def test_leaves_what_waits_for_its_next_try_alone(self, greenroom: Greenroom) -> None:
        greenroom.google.set_conference(latency=None)
        greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))

        assert sweeping.wake_the_behind(greenroom.clock()) == 0
        greenroom.clock.forward(minutes=5)
        assert sweeping.wake_the_behind(greenroom.clock()) == 1

    def test_looks_for_drift_at_what_is_still_to_come(self, greenroom: Greenroom) -> None:
        greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))

        assert sweeping.wake_the_open(greenroom.clock()) == 1
        greenroom.clock.forward(days=3)
        assert sweeping.wake_the_open(greenroom.clock()) == 0

    def test_a_job_that_is_rolled_back_was_never_there(self, greenroom: Greenroom) -> None:
        application = factories.application()
        forget_wakeups()
        slot = greenroom.slot_at(application, at("Mon 10:00"))
        stage = greenroom.stage_of(application)
        greenroom.clock.forward(seconds=31)  # the calendars are too old now

        with pytest.raises(bookings.SlotTaken):
            bookings.book(
                application,
                stage,
                slot.key,
                keys=greenroom.keys,
                by=GREENROOM,
                now=greenroom.clock(),
            )
        assert jobs() == []


class TestOneAtATime:
    def test_a_second_worker_finds_the_door_shut(self, greenroom: Greenroom) -> None:
        booking_id = greenroom.book(factories.application(), at("Mon 10:00"))
        with db.engine.connect() as other:
            other.execute(text("SELECT pg_advisory_lock(7, :id)"), {"id": booking_id})
            with pytest.raises(Busy):
                reconcile(booking_id, greenroom.world)
            other.execute(text("SELECT pg_advisory_unlock_all()"))
        assert greenroom.settle(booking_id).applied_revision == 1


class TestChanges:
    def test_an_answer_wakes_its_booking_and_is_recorded(self, greenroom: Greenroom) -> None:
        booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))
        sync.wake_the_changed(greenroom.world)
        forget_wakeups()

        assert sync.wake_the_changed(greenroom.world) == 0
        greenroom.google.rsvp(DANA.email, booking.interviews[0].event_id, "declined")
        assert sync.wake_the_changed(greenroom.world) == 1
        assert jobs() == [f"booking:{booking.id}:1"]
        booking = greenroom.settle(booking.id)
        assert booking.interviews[0].seats[0].rsvp is Rsvp.DECLINED

    @pytest.mark.parametrize("which", ["candidate", "interviewer"])
    def test_a_deletion_by_hand_wakes_its_booking(self, greenroom: Greenroom, which: str) -> None:
        booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))
        sync.wake_the_changed(greenroom.world)
        forget_wakeups()
        call, interview = booking.calls[0], booking.interviews[0]
        event_id = call.candidate_event_id if which == "candidate" else interview.event_id
        greenroom.access.calendar.delete_event(
            call.calendar_id, EventId(event_id), send_updates=SendUpdates.NONE
        )

        assert sync.wake_the_changed(greenroom.world) == 1

    def test_an_expired_token_means_a_fresh_start_and_no_storm(self, greenroom: Greenroom) -> None:
        greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))
        sync.wake_the_changed(greenroom.world)
        greenroom.google.expire_sync_tokens()
        greenroom.google.clear_calls()

        assert sync.wake_the_changed(greenroom.world) == 1
        assert [call.status for call in greenroom.google.calls()] == [410, 200]
        assert len(greenroom.organizer_events()) == 2

    def test_an_outage_is_no_change(self, greenroom: Greenroom) -> None:
        greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))
        sync.wake_the_changed(greenroom.world)
        greenroom.google.add_fault(status=503, reason="backendError", count=50, path="/events")

        assert sync.wake_the_changed(greenroom.world) == 0


class TestStrays:
    def test_a_cancelled_event_that_somebody_restored_goes_again(
        self, greenroom: Greenroom
    ) -> None:
        booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))
        call = booking.calls[0]
        greenroom.cancel(booking.id)
        greenroom.settle(booking.id)
        token = greenroom.google.issue_access_token(
            SCHEDULING.email, ["https://www.googleapis.com/auth/calendar"]
        )
        restored = greenroom.emulator_app.test_client().patch(
            f"/calendar/v3/calendars/{call.calendar_id}/events/{call.candidate_event_id}"
            "?sendUpdates=none",
            json={"status": "confirmed"},
            headers={"Authorization": f"Bearer {token}"},
        )
        assert restored.status_code == 200
        assert len(greenroom.organizer_events()) == 1

        assert sync.remove_strays(greenroom.world) == 1
        assert greenroom.organizer_events() == []

    def test_what_a_live_booking_claims_stays(self, greenroom: Greenroom) -> None:
        greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))

        assert sync.remove_strays(greenroom.world) == 0
        assert len(greenroom.organizer_events()) == 2

    def test_another_installations_events_are_never_touched(self, greenroom: Greenroom) -> None:
        greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))
        db.session.execute(text("UPDATE installation SET uuid = gen_random_uuid()"))
        db.session.execute(text("TRUNCATE booking CASCADE"))
        db.session.commit()

        assert sync.remove_strays(greenroom.world) == 0
        assert len(greenroom.organizer_events()) == 2


class TestOutbox:
    def test_one_mail_with_a_calendar_file_and_the_link(self, greenroom: Greenroom) -> None:
        greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))

        [mail] = greenroom.mails_to(ADA, "smtp")
        message = message_from_string(mail["raw"], policy=policy.default)
        parts = {part.get_content_type() for part in message.walk()}
        assert {"text/plain", "text/html", "text/calendar"} <= parts
        words = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert "http://localhost:8000/i/" in words
        assert "11:00" in words
        assert "Vienna" in words

    def test_a_busy_mail_server_is_asked_again(self, greenroom: Greenroom) -> None:
        busy = Account(
            email="ada@busy.example", name="Ada Quist", kind="candidate", zone="Europe/Vienna"
        )
        booking = greenroom.settle(
            greenroom.book(factories.application(account=busy), at("Mon 10:00"))
        )

        mail = db.session.scalars(select(OutboxMail)).one()
        assert mail.state is MailState.WAITING
        assert mail.next_attempt_at > greenroom.clock()
        assert booking.applied_revision == 1
        greenroom.clock.forward(hours=25)
        greenroom.send_mails()
        assert greenroom.booking(booking.id).attention is Attention.MAIL_REFUSED

    def test_a_refusal_is_shown_and_stays_shown(self, greenroom: Greenroom) -> None:
        gone = Account(
            email="ada@refused.example", name="Ada Quist", kind="candidate", zone="Europe/Vienna"
        )
        booking = greenroom.settle(
            greenroom.book(factories.application(account=gone), at("Mon 10:00"))
        )

        assert booking.attention is Attention.MAIL_REFUSED
        assert greenroom.settle(booking.id).attention is Attention.MAIL_REFUSED
        assert db.session.scalars(select(OutboxMail.state)).all() == [MailState.REFUSED]

    def test_a_refused_one_is_offered_again_when_a_person_asks(self, greenroom: Greenroom) -> None:
        gone = Account(
            email="ada@refused.example", name="Ada Quist", kind="candidate", zone="Europe/Vienna"
        )
        booking = greenroom.settle(
            greenroom.book(factories.application(account=gone), at("Mon 10:00"))
        )

        bookings.try_again(booking.id, by=GREENROOM, now=greenroom.clock())

        assert db.session.scalars(select(OutboxMail.state)).all() == [MailState.WAITING]
        greenroom.settle(booking.id)
        assert db.session.scalars(select(OutboxMail.state)).all() == [MailState.REFUSED]
        assert greenroom.booking(booking.id).attention is Attention.MAIL_REFUSED

    def test_is_sealed_in_the_database(self, greenroom: Greenroom) -> None:
        greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))
        [mail] = greenroom.mails_to(ADA, "smtp")
        body = message_from_string(mail["raw"], policy=policy.default).get_body(("plain",))
        token = body.get_content().partition("/i/")[2].split()[0]  # type: ignore[union-attr]

        for table in ("invite", "outbox_mail", "booking", "audit_entry"):
            rows = db.session.execute(text(f"SELECT t::text FROM {table} t")).scalars()  # noqa: S608
            assert all(token not in row for row in rows)

    def test_sent_twice_only_with_the_same_message_id(self, greenroom: Greenroom) -> None:
        greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))
        mail = db.session.scalars(select(OutboxMail)).one()
        mail.state = MailState.WAITING  # as if we had been killed before we could write it down
        db.session.commit()

        outbox.send(mail.id, greenroom.world, smtp_url=greenroom.smtp_url)

        both = [
            message_from_string(each["raw"])["Message-ID"]
            for each in greenroom.mails_to(ADA, "smtp")
        ]
        assert len(both) == 2
        assert len(set(both)) == 1

    def test_asking_the_candidate_to_choose_is_one_mail(self, greenroom: Greenroom) -> None:
        application = factories.application()
        for _ in range(2):
            mails.offer_times(
                application,
                greenroom.stage_of(application),
                sender=greenroom.world.sender,
                by=GREENROOM,
                now=greenroom.clock(),
            )
        greenroom.send_mails()

        assert len(greenroom.mails_to(ADA, "smtp")) == 1

    def test_asking_again_after_a_cancellation_is_news(self, greenroom: Greenroom) -> None:
        application = factories.application()
        stage, sender = greenroom.stage_of(application), greenroom.world.sender

        def ask() -> bool:
            return mails.offer_times(
                application, stage, sender=sender, by=GREENROOM, now=greenroom.clock()
            )

        assert ask()
        booking_id = greenroom.book(application, at("Mon 10:00"))
        greenroom.cancel(booking_id)
        assert ask()
        assert not ask()

    def test_a_step_is_shown_for_it(self, greenroom: Greenroom) -> None:
        booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))

        steps = db.session.scalars(
            select(SettledStep.step).where(SettledStep.booking_id == booking.id)
        ).all()
        assert Step.MAIL_SENT in steps


class TestConnection:
    def test_makes_one_neutral_calendar_and_keeps_it(self, greenroom: Greenroom) -> None:
        connection_check.check(greenroom.world)

        [calendar] = db.session.scalars(select(OrganizerCalendar)).all()
        assert calendar.name == "Northwind Interviews"
        assert calendar.can_make_meet
        assert db.session.get_one(GoogleConnection, 1).state is ConnectionState.READY

    def test_a_revoked_consent_is_shown_and_bookings_wait_for_it(
        self, greenroom: Greenroom
    ) -> None:
        booking_id = greenroom.book(factories.application(), at("Mon 10:00"))
        greenroom.google.revoke_all(SCHEDULING.email)

        booking = greenroom.settle(booking_id)
        connection_check.check(greenroom.world)

        assert booking.attention is Attention.NOT_CONNECTED
        assert db.session.get_one(GoogleConnection, 1).state is ConnectionState.BROKEN
        greenroom.connect()
        assert sweeping.wake_the_behind(greenroom.clock()) == 1
        booking = greenroom.settle(booking_id)
        assert booking.attention is None
        assert greenroom.events_of(DANA)[0]["hangoutLink"]

    def test_a_consent_sealed_under_a_key_we_no_longer_have_must_be_given_again(
        self, greenroom: Greenroom
    ) -> None:
        booking_id = greenroom.book(factories.application(), at("Mon 10:00"))
        row = db.session.get_one(GoogleConnection, 1)
        row.refresh_token_sealed = f"other{row.refresh_token_sealed}"
        db.session.commit()
        greenroom.google.revoke_all(SCHEDULING.email)  # so that it has to be opened again

        booking = greenroom.settle(booking_id)

        assert booking.attention is Attention.NOT_CONNECTED

    @pytest.mark.parametrize(
        ("email", "token", "refusal"),
        [
            ("priya@northwind.example", "token", connection.WrongAccount),
            (SCHEDULING.email, None, connection.NoRefreshToken),
        ],
    )
    def test_takes_the_right_account_with_offline_access_only(
        self, greenroom: Greenroom, email: str, token: str | None, refusal: type[Exception]
    ) -> None:
        with pytest.raises(refusal):
            connection.connect(
                email=email,
                expected=SCHEDULING.email,
                refresh_token=token,
                scopes="",
                keys=greenroom.keys,
                by=GREENROOM,
                now=greenroom.clock(),
            )


class TestOutage:
    @pytest.mark.parametrize(
        ("status", "reason"),
        [(503, "backendError"), (429, "rateLimitExceeded"), (403, "userRateLimitExceeded")],
    )
    def test_is_waited_out_and_everything_follows(
        self, greenroom: Greenroom, status: int, reason: str
    ) -> None:
        booking_id = greenroom.book(factories.application(), at("Mon 10:00"))
        greenroom.google.add_fault(status=status, reason=reason, count=100, path="/calendar/v3")

        booking = greenroom.settle(booking_id)
        assert booking.attention is None
        assert booking.next_attempt_at > greenroom.clock()
        assert booking.last_error

        greenroom.google.clear_faults()
        greenroom.clock.forward(minutes=15)
        assert greenroom.settle(booking_id).applied_revision == 1
        assert len(greenroom.mails_to(ADA, "smtp")) == 1


class TestWorker:
    def test_everything_that_happens_by_itself_is_in_one_list(self, greenroom: Greenroom) -> None:
        work = jobs_of(greenroom.app)
        by_itself = {each.task.name for each in work.periodic_registry.periodic_tasks.values()}
        assert by_itself == {each.name for each in RECURRING} | {"unstall"}

    def test_works_off_what_is_queued(self, greenroom: Greenroom) -> None:
        booking_id = greenroom.book(factories.application(), at("Mon 10:00"))
        db.session.execute(
            text("DELETE FROM procrastinate_jobs WHERE task_name <> 'reconcile_booking'")
        )
        db.session.commit()
        work = jobs_of(greenroom.app)

        async def drain() -> None:
            async with work.open_async():
                await work.run_worker_async(
                    queues=["greenroom"], wait=False, install_signal_handlers=False
                )

        run_apart(drain())

        assert greenroom.booking(booking_id).applied_revision == 1
        assert len(greenroom.events_of(ADA)) == 1
