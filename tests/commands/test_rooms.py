"""The rooms of bookings: taken, moved, swapped and freed, and never two interviews in one."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from scheduler.commands import bookings, calendars, rooms
from scheduler.commands.audit import GREENROOM
from scheduler.commands.bookings import RoomNotFree, SlotTaken
from scheduler.domain.people import InterviewerId
from scheduler.emulator.company import Account
from scheduler.models.base import db
from scheduler.models.bookings import Interview, InterviewRoom
from scheduler.models.rooms import RoomCalendar
from scheduler.queries.slot_searches import FRESH_FOR_A_BOOKING
from tests import factories
from tests.cast import ADA, AURORA, BO, DANA, FEMI, FJORD, HARBOUR, at
from tests.commands.test_interleavings import keep_busy
from tests.world import Greenroom


class TestBook:
    def test_offers_nothing_while_every_room_is_taken(self, greenroom: Greenroom) -> None:
        application = factories.application(stage_in(factories.room(AURORA)))
        keep_busy(greenroom, AURORA, at("Mon 08:00"), at("Tue 18:00"))

        starts = [slot.span.start for slot in greenroom.slots(application)]

        assert starts
        assert min(starts) == at("Wed 08:00")

    def test_takes_no_room_whose_calendar_is_unknown_or_read_too_long_ago(
        self, greenroom: Greenroom
    ) -> None:
        aurora = factories.room(AURORA)
        application = factories.application(stage_in(aurora))
        greenroom.google.set_freebusy_error(AURORA.email, "notFound")
        assert greenroom.slots(application) == []
        assert db.session.get_one(RoomCalendar, aurora).error == "notFound"

        greenroom.google.set_freebusy_error(AURORA.email, None)
        slot = greenroom.slot_at(application, at("Mon 10:00"))
        stage_id = greenroom.stage_of(application)
        greenroom.clock.now += 2 * FRESH_FOR_A_BOOKING
        dana = InterviewerId(greenroom.interviewer_id(DANA))
        calendars.refresh([dana], access=greenroom.access, now=greenroom.clock())
        with pytest.raises(SlotTaken):
            bookings.book(
                application,
                stage_id,
                slot.key,
                keys=greenroom.keys,
                by=GREENROOM,
                now=greenroom.clock(),
            )

    def test_takes_no_retired_room(self, greenroom: Greenroom) -> None:
        aurora = factories.room(AURORA)
        application = factories.application(stage_in(aurora))
        assert greenroom.slots(application)
        rooms.retire_room(aurora, by=GREENROOM, now=greenroom.clock())
        assert greenroom.slots(application) == []

    def test_keeps_a_loop_at_one_site(self, greenroom: Greenroom) -> None:
        aurora, harbour = factories.room(AURORA), factories.room(HARBOUR, site="London")
        fjord = factories.room(FJORD)
        pools = [factories.pool([factories.interviewer(each)]) for each in (DANA, FEMI)]
        stage = factories.stage(
            factories.interview_draft(pools[0], rooms=(aurora, harbour)),
            factories.interview_draft(pools[1], title="Coding", rooms=(fjord, harbour)),
        )
        application = factories.application(stage)
        keep_busy(greenroom, FJORD, at("Mon 08:00"), at("Mon 18:00"))

        booking_id = greenroom.book(application, at("Mon 10:00"))

        assert rooms_of(greenroom, booking_id) == ["Harbour", "Harbour"]

    def test_two_stages_want_one_room_at_the_same_moment_and_one_gets_it(
        self, greenroom: Greenroom
    ) -> None:
        aurora, recruiter = factories.room(AURORA), factories.user()
        wishes = [
            (application, greenroom.slot_at(application, at("Mon 10:00")).key)
            for application in (
                factories.application(
                    stage_in(aurora, by=each), account=who, recruiter_id=recruiter
                )
                for each, who in ((DANA, ADA), (FEMI, BO))
            )
        ]
        for application, _ in wishes:
            greenroom.read_calendars(greenroom.stage_of(application))
        db.session.remove()
        outcomes: list[str] = []
        start = threading.Barrier(len(wishes))

        def book(application: int, key: str) -> None:
            with greenroom.app.app_context():
                stage_id = greenroom.stage_of(application)
                db.session.rollback()
                start.wait(10)
                try:
                    bookings.book(
                        application,
                        stage_id,
                        key,
                        keys=greenroom.keys,
                        by=GREENROOM,
                        now=greenroom.clock(),
                    )
                except SlotTaken:
                    outcomes.append("taken")
                else:
                    outcomes.append("booked")

        threads = [threading.Thread(target=book, args=wish) for wish in wishes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)

        assert sorted(outcomes) == ["booked", "taken"]
        assert db.session.scalar(db.select(db.func.count()).select_from(InterviewRoom)) == 1


class TestReschedule:
    def test_keeps_the_room_where_it_can(self, greenroom: Greenroom) -> None:
        aurora, fjord = factories.room(AURORA), factories.room(FJORD)
        keep_busy(greenroom, AURORA, at("Mon 10:00"), at("Mon 11:00"))
        booking_id = greenroom.book(factories.application(stage_in(aurora, fjord)), at("Mon 10:00"))

        greenroom.reschedule(booking_id, at("Tue 10:00"))

        assert rooms_of(greenroom, booking_id) == ["Fjord"]
        [interview] = greenroom.booking(booking_id).interviews
        assert [each.during.start for each in interview.rooms] == [at("Mon 10:00"), at("Tue 10:00")]

    def test_takes_another_room_where_it_must(self, greenroom: Greenroom) -> None:
        aurora, fjord = factories.room(AURORA), factories.room(FJORD)
        keep_busy(greenroom, AURORA, at("Tue 10:00"), at("Tue 11:00"))
        booking_id = greenroom.book(factories.application(stage_in(aurora, fjord)), at("Mon 10:00"))
        assert rooms_of(greenroom, booking_id) == ["Aurora"]

        greenroom.reschedule(booking_id, at("Tue 10:00"))

        assert rooms_of(greenroom, booking_id) == ["Fjord"]

    def test_is_not_in_its_own_way_in_its_room(self, greenroom: Greenroom) -> None:
        booking_id = greenroom.book(
            factories.application(stage_in(factories.room(AURORA))), at("Mon 10:00")
        )
        greenroom.settle(booking_id)
        greenroom.reschedule(booking_id, at("Mon 10:15"))
        assert rooms_of(greenroom, booking_id) == ["Aurora"]


class TestSwapRoom:
    def test_takes_only_a_room_of_the_plan_that_is_free(self, greenroom: Greenroom) -> None:
        aurora, fjord = factories.room(AURORA), factories.room(FJORD)
        harbour = factories.room(HARBOUR)
        booking_id = greenroom.book(factories.application(stage_in(aurora, fjord)), at("Mon 10:00"))
        keep_busy(greenroom, FJORD, at("Mon 10:30"), at("Mon 11:00"))
        greenroom.read_calendars(greenroom.booking(booking_id).stage_id)

        for room in (fjord, harbour):
            with pytest.raises(RoomNotFree):
                swap(greenroom, booking_id, room)

        assert rooms_of(greenroom, booking_id) == ["Aurora"]
        assert greenroom.booking(booking_id).desired_revision == 1

    def test_frees_the_room_it_leaves(self, greenroom: Greenroom) -> None:
        aurora, fjord = factories.room(AURORA), factories.room(FJORD)
        recruiter = factories.user()
        booking_id = greenroom.book(
            factories.application(stage_in(aurora, fjord), recruiter_id=recruiter), at("Mon 10:00")
        )

        swap(greenroom, booking_id, fjord)

        assert rooms_of(greenroom, booking_id) == ["Fjord"]
        other = factories.application(stage_in(aurora, by=FEMI), account=BO, recruiter_id=recruiter)
        assert rooms_of(greenroom, greenroom.book(other, at("Mon 10:00"))) == ["Aurora"]


class TestCancel:
    def test_frees_the_room(self, greenroom: Greenroom) -> None:
        aurora, recruiter = factories.room(AURORA), factories.user()
        first = factories.application(stage_in(aurora), recruiter_id=recruiter)
        second = factories.application(
            stage_in(aurora, by=FEMI), account=BO, recruiter_id=recruiter
        )
        booking_id = greenroom.book(first, at("Mon 10:00"))
        assert at("Mon 10:00") not in [slot.span.start for slot in greenroom.slots(second)]

        greenroom.cancel(booking_id)

        assert rooms_of(greenroom, greenroom.book(second, at("Mon 10:00"))) == ["Aurora"]


def test_the_database_refuses_two_interviews_in_one_room(greenroom: Greenroom) -> None:
    aurora, recruiter = factories.room(AURORA), factories.user()
    for who, by, start in ((ADA, DANA, "Mon 10:00"), (BO, FEMI, "Mon 10:45")):
        stage = stage_in(aurora, by=by)
        application = factories.application(stage, account=who, recruiter_id=recruiter)
        greenroom.book(application, at(start))
    first, second = db.session.scalars(select(Interview).order_by(Interview.during)).all()
    assert first.room is not None
    assert second.room is not None
    second.room.during = first.during
    with pytest.raises(IntegrityError, match="ex_interview_room_one_interview_at_a_time"):
        db.session.flush()
    db.session.rollback()


def stage_in(*room_ids: int, by: Account = DANA) -> int:
    """Return the id of a stage of one interview that is held in one of these rooms."""
    pool = factories.pool([factories.interviewer(by)])
    return factories.stage(factories.interview_draft(pool, rooms=room_ids))


def rooms_of(greenroom: Greenroom, booking_id: int) -> list[str | None]:
    """Return the rooms of the interviews of a booking, by name."""
    interviews = greenroom.booking(booking_id).interviews
    return [each.room.room.name if each.room else None for each in interviews]


def swap(greenroom: Greenroom, booking_id: int, room_id: int) -> None:
    [interview] = greenroom.booking(booking_id).interviews
    bookings.swap_room(interview.id, room_id, by=GREENROOM, now=greenroom.clock())
