"""What people can do with a booking: one transaction each, and clear words when it cannot be."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from scheduler.commands import bookings, candidates
from scheduler.commands.audit import GREENROOM, Actor
from scheduler.commands.bookings import (
    AlreadyBooked,
    BookingEnded,
    CandidateHasNoAddress,
    NoOrganizerCalendar,
    NotFree,
    SlotTaken,
)
from scheduler.commands.checks import Refused
from scheduler.domain.booking import BookingState, SeatState
from scheduler.domain.people import LoadLimit
from scheduler.domain.slots.slot import slot_key
from scheduler.domain.timespan import TimeSpan
from scheduler.models.audit import AuditEntry
from scheduler.models.base import db
from scheduler.models.bookings import Booking, Seat
from tests import factories
from tests.cast import ADA, BO, DANA, FEMI, JOSE, at
from tests.world import Greenroom


def wakeups_for(booking_id: int) -> list[str]:
    rows = db.session.execute(
        text("SELECT queueing_lock FROM procrastinate_jobs WHERE args->>'booking_id' = :id"),
        {"id": str(booking_id)},
    )
    return [row.queueing_lock for row in rows]


def book(greenroom: Greenroom, application_id: int, key: str) -> int:
    return bookings.book(
        application_id,
        greenroom.stage_of(application_id),
        key,
        keys=greenroom.keys,
        by=GREENROOM,
        now=greenroom.clock(),
    )


class TestBook:
    def test_writes_rows_audit_and_wakeup_together(self, greenroom: Greenroom) -> None:
        booking_id = greenroom.book(factories.application(), at("Mon 10:00"))

        booking = greenroom.booking(booking_id)
        assert [seat.interviewer.email for seat in booking.interviews[0].seats] == [
            DANA.email,
            FEMI.email,
        ]
        assert booking.calls[0].candidate_event_id != booking.interviews[0].event_id
        assert wakeups_for(booking_id) == [f"booking:{booking_id}:1"]
        assert db.session.scalars(
            select(AuditEntry.object_id).where(AuditEntry.action == "book")
        ).all() == [str(booking_id)]

    def test_a_second_click_says_which_booking_there_is(self, greenroom: Greenroom) -> None:
        application = factories.application()
        key = greenroom.slot_at(application, at("Mon 10:00")).key
        first = book(greenroom, application, key)

        with pytest.raises(AlreadyBooked) as refusal:
            book(greenroom, application, key)
        assert refusal.value.booking_id == first

    def test_a_slot_that_has_gone_is_taken(self, greenroom: Greenroom) -> None:
        stage = factories.stage()
        ada, bo = factories.application(stage), factories.application(
            stage, account=BO, recruiter_id=factories.user(BO)
        )  # fmt: skip
        key = greenroom.slot_at(bo, at("Mon 10:00")).key
        greenroom.book(ada, at("Mon 10:00"))

        with pytest.raises(SlotTaken):
            book(greenroom, bo, key)
        assert db.session.scalars(select(Booking.application_id)).all() == [ada]

    @pytest.mark.parametrize("key", ["", "garbage", "ñ", "a" * 5000, "mfrgg", "\x00"])
    def test_a_key_we_never_gave_out_is_taken(self, greenroom: Greenroom, key: str) -> None:
        application = factories.application()
        greenroom.slots(application)

        with pytest.raises(SlotTaken):
            book(greenroom, application, key)

    def test_calendars_read_too_long_ago_are_unknown(self, greenroom: Greenroom) -> None:
        application = factories.application()
        key = greenroom.slot_at(application, at("Mon 10:00")).key
        greenroom.clock.forward(seconds=31)

        with pytest.raises(SlotTaken):
            book(greenroom, application, key)

    def test_a_calendar_that_answers_with_an_error_is_not_free(self, greenroom: Greenroom) -> None:
        application = factories.application()
        key = greenroom.slot_at(application, at("Mon 10:00")).key
        greenroom.google.set_freebusy_error(FEMI.email, "internalError")
        greenroom.read_calendars(greenroom.stage_of(application))

        with pytest.raises(SlotTaken):
            book(greenroom, application, key)

    def test_a_candidate_without_an_address_cannot_be_invited(self, greenroom: Greenroom) -> None:
        application = factories.application(email="")
        key = greenroom.slot_at(application, at("Mon 10:00")).key

        with pytest.raises(CandidateHasNoAddress):
            book(greenroom, application, key)

    def test_needs_an_organizer_calendar(self, greenroom: Greenroom) -> None:
        application = factories.application()
        key = greenroom.slot_at(application, at("Mon 10:00")).key
        db.session.execute(text("DELETE FROM organizer_calendar"))
        db.session.commit()

        with pytest.raises(NoOrganizerCalendar):
            book(greenroom, application, key)

    def test_a_pool_nobody_is_in_offers_nothing(self, greenroom: Greenroom) -> None:
        stage = factories.stage(factories.interview_draft(factories.pool()))
        application = factories.application(stage)

        assert greenroom.slots(application) == []
        key = slot_key([TimeSpan(at("Mon 10:00"), at("Mon 10:45"))])
        with pytest.raises(SlotTaken):
            book(greenroom, application, key)

    def test_keeps_to_the_load_limit(self, greenroom: Greenroom) -> None:
        dana = factories.interviewer(DANA, limit=LoadLimit(per_day=1, per_week=5))
        stage = factories.stage(factories.interview_draft(factories.pool([dana])))
        greenroom.book(factories.application(stage), at("Mon 10:00"))

        recruiter = factories.user(BO)
        other = factories.application(stage, account=BO, recruiter_id=recruiter)
        assert all(slot.span.start >= at("Tue 00:00") for slot in greenroom.slots(other))


class TestRace:
    @pytest.mark.parametrize("round_", range(20))
    def test_fifty_people_book_one_slot_and_one_wins(
        self, greenroom: Greenroom, round_: int
    ) -> None:
        one_winner(greenroom)

    @pytest.mark.soak
    @pytest.mark.parametrize("round_", range(1000))
    def test_a_thousand_rounds(self, greenroom: Greenroom, round_: int) -> None:
        one_winner(greenroom)

    def test_two_clicks_on_one_button_make_one_booking(self, greenroom: Greenroom) -> None:
        application = factories.application()
        key = greenroom.slot_at(application, at("Mon 10:00")).key

        outcomes = at_once(greenroom, [(application, key)] * 10)

        assert sorted(outcomes) == ["AlreadyBooked"] * 9 + ["booked"]


def one_winner(greenroom: Greenroom) -> None:
    """Let fifty applications race for one slot of one panel, whose seats they lock in one order."""
    dana, femi = factories.interviewer(DANA), factories.interviewer(FEMI)
    pools = factories.pool([dana, femi]), factories.pool([femi, dana])
    stage = factories.stage(factories.interview_draft(*pools))
    recruiter = factories.user()
    applications = [
        factories.application(stage, account=ADA, recruiter_id=recruiter) for _ in range(50)
    ]
    key = greenroom.slot_at(applications[0], at("Mon 10:00")).key

    outcomes = at_once(greenroom, [(each, key) for each in applications])

    assert sorted(outcomes) == ["SlotTaken"] * 49 + ["booked"]
    live = db.session.scalars(select(Seat).where(Seat.state == SeatState.LIVE)).all()
    assert len(live) == 2


def at_once(greenroom: Greenroom, attempts: list[tuple[int, str]]) -> list[str]:
    """Book all of these at the same moment, each from a thread of its own; return what came of it."""
    stage = greenroom.stage_of(attempts[0][0])
    db.session.rollback()
    barrier = threading.Barrier(len(attempts))
    outcomes: list[str] = []

    def attempt(application: int, key: str) -> None:
        with greenroom.app.app_context():
            barrier.wait()
            try:
                bookings.book(
                    application,
                    stage,
                    key,
                    keys=greenroom.keys,
                    by=Actor("user"),
                    now=greenroom.clock(),
                )
                outcomes.append("booked")
            except Exception as refusal:
                outcomes.append(type(refusal).__name__)

    threads = [threading.Thread(target=attempt, args=each) for each in attempts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


class TestReschedule:
    def test_keeps_whoever_can_stay(self, greenroom: Greenroom) -> None:
        dana, jose = factories.interviewer(DANA), factories.interviewer(JOSE)
        stage = factories.stage(factories.interview_draft(factories.pool([dana, jose])))
        booking_id = greenroom.book(factories.application(stage), at("Mon 10:00"))
        [before] = greenroom.booking(booking_id).interviews[0].seats

        greenroom.reschedule(booking_id, at("Tue 10:00"))

        [after] = greenroom.booking(booking_id).interviews[0].seats
        assert (after.id, after.interviewer_id) == (before.id, before.interviewer_id)
        assert after.during.start == at("Tue 10:00")

    def test_onto_its_own_time_is_possible(self, greenroom: Greenroom) -> None:
        booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))

        greenroom.reschedule(booking.id, at("Mon 10:15"))

        assert greenroom.booking(booking.id).interviews[0].during.start == at("Mon 10:15")

    def test_of_a_cancelled_booking_says_so(self, greenroom: Greenroom) -> None:
        booking_id = greenroom.book(factories.application(), at("Mon 10:00"))
        greenroom.cancel(booking_id)

        with pytest.raises(BookingEnded):
            greenroom.reschedule(booking_id, at("Tue 10:00"))


class TestSwap:
    def test_takes_only_somebody_who_is_free_and_in_the_pool(self, greenroom: Greenroom) -> None:
        dana, jose = factories.interviewer(DANA), factories.interviewer(JOSE)
        femi = factories.interviewer(FEMI)
        stage = factories.stage(factories.interview_draft(factories.pool([dana, jose])))
        booking_id = greenroom.book(factories.application(stage), at("Mon 10:00"))

        with pytest.raises(NotFree):
            greenroom.swap(booking_id, DANA, femi)
        greenroom.swap(booking_id, DANA, jose)
        live = [
            seat.interviewer.email
            for seat in greenroom.booking(booking_id).interviews[0].seats
            if seat.state is SeatState.LIVE
        ]
        assert live == [JOSE.email]

    def test_leaves_what_the_candidate_was_told_alone(self, greenroom: Greenroom) -> None:
        dana, jose = factories.interviewer(DANA), factories.interviewer(JOSE)
        stage = factories.stage(factories.interview_draft(factories.pool([dana, jose])))
        booking = greenroom.settle(greenroom.book(factories.application(stage), at("Mon 10:00")))

        greenroom.swap(booking.id, DANA, jose)

        assert greenroom.settle(booking.id).candidate_revision == 1


class TestGiveLink:
    @pytest.mark.parametrize(
        "link",
        ["", "http://video.example/7", "javascript:alert(1)", "https://", "https://a b", "https://a\r\nB: c",
         "https://u@evil.example/", "https://x.example/" + "a" * 2000],
    )  # fmt: skip
    def test_takes_only_a_plain_https_address(self, greenroom: Greenroom, link: str) -> None:
        booking = greenroom.booking(greenroom.book(factories.application(), at("Mon 10:00")))

        with pytest.raises(Refused):
            bookings.give_link(booking.calls[0].id, link, by=GREENROOM, now=greenroom.clock())


class TestCancel:
    def test_lets_the_candidate_be_booked_again_under_the_same_link(
        self, greenroom: Greenroom
    ) -> None:
        application = factories.application()
        first = greenroom.book(application, at("Mon 10:00"))
        greenroom.cancel(first)

        second = greenroom.book(application, at("Mon 10:00"))

        assert greenroom.booking(first).state is BookingState.CANCELLED
        assert greenroom.booking(first).invite_id == greenroom.booking(second).invite_id


class TestCandidates:
    def test_a_booked_candidate_cannot_lose_their_address(self, greenroom: Greenroom) -> None:
        booking = greenroom.booking(greenroom.book(factories.application(), at("Mon 10:00")))
        candidate = booking.application.candidate

        with pytest.raises(Refused) as refusal:
            candidates.change_candidate(
                candidate.id,
                name=candidate.name,
                email="",
                zone="Europe/Vienna",
                resume_url="",
                by=GREENROOM,
                now=greenroom.clock(),
            )
        assert refusal.value.field == "email"

    def test_a_new_address_is_invited_instead(self, greenroom: Greenroom) -> None:
        booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))
        candidates.change_candidate(
            booking.application.candidate_id,
            name=ADA.name,
            email=BO.email,
            zone=ADA.zone,
            resume_url="",
            by=GREENROOM,
            now=greenroom.clock(),
        )

        greenroom.settle(booking.id)

        assert greenroom.events_of(ADA) == []
        assert len(greenroom.events_of(BO)) == 1
        assert len(greenroom.mails_to(BO, "smtp")) == 1

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", " "),
            ("name", "x" * 10_000),
            ("email", "ada@mailbox.example\r\nBcc: eve@evil.example"),
            ("email", "ada"),
            ("email", "ada@mailbox.example, eve@evil.example"),
            ("zone", "Mars/Olympus"),
            ("resume_url", "javascript:alert(1)"),
        ],
    )
    def test_what_cannot_be_kept_is_refused_by_name_of_field(
        self, greenroom: Greenroom, field: str, value: str
    ) -> None:
        given = {
            "name": "Ada",
            "email": "ada@mailbox.example",
            "zone": "Europe/Vienna",
            "resume_url": "",
        }
        with pytest.raises(Refused) as refusal:
            candidates.add_candidate(
                **(given | {field: value}), by=GREENROOM, now=greenroom.clock()
            )
        assert refusal.value.field == field

    @pytest.mark.parametrize(
        "name", ["نور حداد", "Ái\u0301da\u200f Quist", "李雷", "Ada\r\nQuist\x00"]
    )
    def test_names_may_be_anybodys(self, greenroom: Greenroom, name: str) -> None:
        candidate_id = candidates.add_candidate(
            name=name, email="", zone="UTC", resume_url="", by=GREENROOM, now=greenroom.clock()
        )
        assert candidate_id > 0

    def test_windows_that_have_passed_are_refused(self, greenroom: Greenroom) -> None:
        application = factories.application()
        past = TimeSpan(
            greenroom.clock() - timedelta(days=2), greenroom.clock() - timedelta(days=1)
        )

        with pytest.raises(Refused):
            candidates.give_windows(application, [past], by=GREENROOM, now=greenroom.clock())
