"""Two at one booking: people against people, and people against the worker's records."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from scheduler.commands import bookings, candidates, scheduling, settling
from scheduler.commands.audit import GREENROOM
from scheduler.commands.bookings import NotFree
from scheduler.domain.availability import ReadingLevel
from scheduler.domain.booking import Rsvp
from scheduler.domain.entries import Keyword, KeywordClass
from scheduler.domain.timespan import TimeSpan
from scheduler.emulator.company import Account
from scheduler.models.base import db
from scheduler.models.bookings import Booking, Interview, Seat
from scheduler.models.calendar import BusyCalendar
from scheduler.models.people import InterviewerRow, KeywordRow
from scheduler.models.scheduling import SchedulingRulesRow
from scheduler.queries import keywords
from tests import factories
from tests.cast import ADA, DANA, JOSE, at
from tests.world import Greenroom


def keep_busy(greenroom: Greenroom, account: Account, start: datetime, end: datetime) -> None:
    """Let somebody put a meeting into their own calendar."""
    token = greenroom.google.issue_access_token(
        account.email, ["https://www.googleapis.com/auth/calendar"]
    )
    answer = greenroom.emulator_app.test_client().post(
        "/calendar/v3/calendars/primary/events",
        json={
            "summary": "Something else",
            "start": {"dateTime": start.isoformat()},
            "end": {"dateTime": end.isoformat()},
        },
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 200, answer.text


class TestBook:
    def test_waits_for_whoever_is_seating_the_same_people(self, greenroom: Greenroom) -> None:
        dana = factories.interviewer(DANA)
        stage = factories.stage(factories.interview_draft(factories.pool([dana])))
        application = factories.application(stage)
        booked: list[int] = []

        def book() -> None:
            with greenroom.app.app_context():
                booked.append(greenroom.book(application, at("Mon 10:00")))

        # A colleague's booking holds the people it seats until it is written.
        held = select(InterviewerRow.id).where(InterviewerRow.id == dana)
        db.session.execute(held.with_for_update(key_share=True))
        other = threading.Thread(target=book)
        other.start()
        wait_until_somebody_waits(greenroom)
        assert booked == []
        db.session.rollback()
        other.join(10)
        assert len(booked) == 1


class TestSwap:
    def test_asks_whether_somebody_is_free_at_the_time_that_a_colleague_has_just_chosen(
        self, greenroom: Greenroom
    ) -> None:
        dana, jose = factories.interviewer(DANA), factories.interviewer(JOSE)
        stage = factories.stage(factories.interview_draft(factories.pool([dana, jose])))
        keep_busy(greenroom, JOSE, at("Tue 14:00"), at("Tue 15:00"))
        booking_id = greenroom.book(factories.application(stage), at("Mon 10:00"))
        booking = db.session.get_one(Booking, booking_id)
        interview = booking.interviews[0]
        seat = interview.seats[0]
        assert interview.during.start == at("Mon 10:00")  # read, and kept by this session

        with greenroom.app.app_context():
            greenroom.reschedule(booking_id, at("Tue 14:00"))
        with pytest.raises(NotFree):
            bookings.swap_interviewer(seat.id, jose, by=GREENROOM, now=greenroom.clock())


class TestChangeCandidate:
    def test_raises_the_revision_that_a_colleague_has_just_raised(
        self, greenroom: Greenroom
    ) -> None:
        booking_id = greenroom.book(factories.application(), at("Mon 10:00"))
        booking = db.session.get_one(Booking, booking_id)
        assert booking.desired_revision == 1  # read, and kept by this session
        candidate_id = booking.application.candidate_id

        with greenroom.app.app_context():
            greenroom.reschedule(booking_id, at("Tue 14:00"))
        candidates.change_candidate(
            candidate_id,
            name=ADA.name,
            email=ADA.email,
            zone=ADA.zone,
            resume_url="",
            by=GREENROOM,
            now=greenroom.clock(),
        )

        assert greenroom.booking(booking_id).desired_revision == 3


class TestRecords:
    def test_of_answers_lock_seats_before_interviews_as_a_move_does(
        self, greenroom: Greenroom
    ) -> None:
        booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))
        interview = booking.interviews[0]
        interview_id, during, seat_id = interview.id, interview.during, interview.seats[0].id
        db.session.rollback()

        def record() -> None:
            with greenroom.app.app_context():
                settling.record_interviewer_event(
                    interview_id, during, {DANA.email: Rsvp.ACCEPTED}, now=greenroom.clock()
                )

        # A move holds the seats and comes to the interviews.
        db.session.execute(select(Seat).where(Seat.id == seat_id).with_for_update())
        recorder = threading.Thread(target=record)
        recorder.start()
        wait_until_somebody_waits(greenroom)
        db.session.execute(
            select(Interview).where(Interview.id == interview_id).with_for_update(nowait=True)
        )
        db.session.rollback()
        recorder.join(10)
        assert greenroom.booking(booking.id).interviews[0].seats[0].rsvp is Rsvp.ACCEPTED


def wait_until_somebody_waits(greenroom: Greenroom) -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    with db.engine.connect() as watcher:
        for _ in range(200):
            if watcher.scalar(waiting):
                return
            watcher.execute(text("SELECT pg_sleep(0.02)"))
    raise AssertionError("nobody waits")


class TestReleasedSeats:
    def test_somebody_who_left_the_panel_for_a_meeting_is_busy_in_it(
        self, greenroom: Greenroom
    ) -> None:
        dana, jose = factories.interviewer(DANA), factories.interviewer(JOSE)
        stage = factories.stage(factories.interview_draft(factories.pool([dana, jose])))
        booking = greenroom.settle(greenroom.book(factories.application(stage), at("Mon 10:00")))
        keep_busy(greenroom, DANA, at("Mon 10:00"), at("Mon 10:45"))
        greenroom.swap(booking.id, DANA, jose)
        greenroom.settle(booking.id)

        with pytest.raises(NotFree):
            greenroom.swap(booking.id, JOSE, dana)


class TestKeywords:
    def test_two_who_add_the_same_word_for_everybody_at_once_both_succeed(
        self, greenroom: Greenroom
    ) -> None:
        add_words("lunch")
        done: list[bool] = []

        def add_too() -> None:
            with greenroom.app.app_context():
                add_words("lunch", "gym")
                done.append(True)

        db.session.add(KeywordRow(words="gym", means=KeywordClass.SOFT))
        db.session.get_one(SchedulingRulesRow, 1, with_for_update=True)
        db.session.flush()
        other = threading.Thread(target=add_too)
        other.start()
        wait_until_somebody_waits(greenroom)
        db.session.commit()
        other.join(10)
        assert done
        assert [each.words for each in keywords.of_everybody()] == ["gym", "lunch"]

    def test_reading_anew_waits_in_the_order_in_which_calendars_are_kept(
        self, greenroom: Greenroom
    ) -> None:
        dana, jose = factories.interviewer(DANA), factories.interviewer(JOSE)
        for each in (jose, dana):  # in the table's own order the later id comes first
            db.session.add(read_in_detail(each, greenroom.clock()))
            db.session.commit()
        done: list[bool] = []

        def change() -> None:
            with greenroom.app.app_context():
                add_words("gym")
                done.append(True)

        calendar = select(BusyCalendar.interviewer_id).with_for_update()
        db.session.execute(calendar.where(BusyCalendar.interviewer_id == dana))
        other = threading.Thread(target=change)
        other.start()
        wait_until_somebody_waits(greenroom)
        db.session.execute(calendar.where(BusyCalendar.interviewer_id == jose))
        db.session.commit()
        other.join(10)
        assert done


def add_words(*words: str) -> None:
    scheduling.change_scheduling(
        notice=timedelta(hours=4),
        rolling_window=timedelta(days=28),
        keywords=[Keyword(each, KeywordClass.SOFT) for each in words],
        by=GREENROOM,
        now=at("Mon 10:00"),
    )


def read_in_detail(interviewer_id: int, now: datetime) -> BusyCalendar:
    return BusyCalendar(
        interviewer_id=interviewer_id,
        covers=TimeSpan(now, now + timedelta(days=28)),
        busy=[],
        level=ReadingLevel.DETAILS,
        version="1",
        read_at=now,
    )
