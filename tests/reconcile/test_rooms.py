"""Rooms are guests of the interviewer event alone; a candidate is told of one only where they go to it."""

from __future__ import annotations

import json
from email import message_from_bytes, policy
from typing import Any

from scheduler.commands import bookings
from scheduler.commands.audit import GREENROOM
from scheduler.domain.booking import Attention, Rsvp
from scheduler.domain.plan import Attendance
from scheduler.emulator.company import Account
from tests import factories
from tests.cast import ADA, AURORA, DANA, FJORD, at
from tests.commands.test_interleavings import keep_busy
from tests.world import Greenroom


class TestBooking:
    def test_by_video_invites_the_room_and_tells_the_candidate_nothing_of_it(
        self, greenroom: Greenroom
    ) -> None:
        booking = greenroom.settle(greenroom.book(visit(), at("Mon 10:00")))

        [aurora], [dana] = greenroom.events_of(AURORA), greenroom.events_of(DANA)
        assert aurora["id"] == dana["id"] == booking.interviews[0].event_id
        assert dana["location"] == "Aurora (Berlin)"
        [guest] = [each for each in dana["attendees"] if each.get("resource")]
        assert (guest["email"], guest["responseStatus"]) == (AURORA.email, "accepted")
        assert booking.interviews[0].room is not None
        assert booking.interviews[0].room.rsvp is Rsvp.ACCEPTED
        assert booking.attention is None
        assert booking.applied_revision == booking.desired_revision

        [ada] = greenroom.events_of(ADA)
        assert [guest["email"] for guest in ada["attendees"]] == [ADA.email]
        assert "location" not in ada
        for told in (json.dumps(ada), *map(text_of, greenroom.mails_to(ADA))):
            assert "Aurora" not in told
            assert AURORA.email not in told

    def test_keeps_what_the_room_answered_when_a_text_changes(self, greenroom: Greenroom) -> None:
        booking = greenroom.settle(greenroom.book(visit(), at("Mon 10:00")))

        bookings.retitle_interview(
            booking.interviews[0].id, "Pairing", by=GREENROOM, now=greenroom.clock()
        )
        greenroom.settle(booking.id)

        [dana] = greenroom.events_of(DANA)
        assert "Pairing" in dana["summary"]
        assert guests_of(dana)[AURORA.email] == "accepted"

    def test_on_site_tells_the_candidate_the_room_but_not_its_calendar(
        self, greenroom: Greenroom
    ) -> None:
        application = visit(attendance=Attendance.ONSITE, location="Lindenstraße 44")

        greenroom.settle(greenroom.book(application, at("Mon 10:00")))

        [ada] = greenroom.events_of(ADA)
        assert ada["location"] == "Lindenstraße 44 · Aurora (Berlin)"
        assert [guest["email"] for guest in ada["attendees"]] == [ADA.email]
        [mail] = greenroom.mails_to(ADA, "smtp")
        assert "Lindenstraße 44 · Aurora (Berlin)" in text_of(mail)
        assert AURORA.email not in json.dumps(ada) + text_of(mail)

    def test_names_no_calendar_of_a_room_to_the_candidate(self, greenroom: Greenroom) -> None:
        application = visit(public_notes=f"Ask {AURORA.email} for the way.")

        booking = greenroom.settle(greenroom.book(application, at("Mon 10:00")))

        assert booking.attention is Attention.IDENTITY_LEAK
        assert greenroom.events_of(ADA) == []


class TestReschedule:
    def test_moves_the_room_along_until_it_is_cancelled(self, greenroom: Greenroom) -> None:
        booking_id = greenroom.book(visit(), at("Mon 10:00"))
        greenroom.settle(booking_id)

        greenroom.reschedule(booking_id, at("Tue 10:00"))
        booking = greenroom.settle(booking_id)

        [aurora] = greenroom.events_of(AURORA)
        assert aurora["start"]["dateTime"].startswith("2026-11-24T10:00")
        assert booking.interviews[0].room is not None
        assert booking.interviews[0].room.rsvp is Rsvp.ACCEPTED

        greenroom.cancel(booking_id)
        greenroom.settle(booking_id)
        assert greenroom.events_of(AURORA) == []

    def test_asks_another_room_instead(self, greenroom: Greenroom) -> None:
        booking_id = greenroom.book(visit(), at("Mon 10:00"))
        greenroom.settle(booking_id)
        keep_busy(greenroom, AURORA, at("Tue 10:00"), at("Tue 11:00"))

        greenroom.reschedule(booking_id, at("Tue 10:00"))
        greenroom.settle(booking_id)

        assert [event["summary"] for event in greenroom.events_of(AURORA)] == ["Something else"]
        assert len(greenroom.events_of(FJORD)) == 1


class TestSwapRoom:
    def test_by_video_the_candidate_event_stays_byte_for_byte(self, greenroom: Greenroom) -> None:
        booking_id = greenroom.book(visit(), at("Mon 10:00"))
        booking = greenroom.settle(booking_id)
        told = booking.candidate_revision
        greenroom.google.rsvp(DANA.email, booking.interviews[0].event_id, "accepted")
        before, mails = all_of_the_candidate(greenroom), len(greenroom.mails_to(ADA))

        swap(greenroom, booking_id, FJORD)

        assert all_of_the_candidate(greenroom) == before
        assert len(greenroom.mails_to(ADA)) == mails
        assert greenroom.booking(booking_id).candidate_revision == told
        assert greenroom.events_of(AURORA) == []
        [dana] = greenroom.events_of(DANA)
        assert dana["location"] == "Fjord (Berlin)"
        assert guests_of(dana) == {DANA.email: "accepted", FJORD.email: "accepted"}

    def test_on_site_tells_the_candidate_where_to_go(self, greenroom: Greenroom) -> None:
        booking_id = greenroom.book(visit(attendance=Attendance.ONSITE), at("Mon 10:00"))
        greenroom.settle(booking_id)

        swap(greenroom, booking_id, FJORD)

        [ada] = greenroom.events_of(ADA)
        assert ada["location"] == "Fjord (Berlin)"
        assert "Fjord (Berlin)" in text_of(greenroom.mails_to(ADA, "smtp")[-1])


class TestDecline:
    def test_puts_the_booking_in_needs_attention_until_there_is_another_room(
        self, greenroom: Greenroom
    ) -> None:
        booking_id = greenroom.book(visit(), at("Mon 10:00"))
        keep_busy(greenroom, AURORA, at("Mon 10:00"), at("Mon 11:00"))

        booking = greenroom.settle(booking_id)

        assert (booking.attention, booking.attention_detail) == (Attention.ROOM_DECLINED, "Aurora")
        assert len(greenroom.events_of(ADA)) == 1  # invited all the same
        assert booking.applied_revision == booking.desired_revision

        swap(greenroom, booking_id, FJORD)
        assert greenroom.booking(booking_id).attention is None

    def test_is_noticed_when_it_comes_late(self, greenroom: Greenroom) -> None:
        booking_id = greenroom.book(visit(), at("Mon 10:00"))
        event_id = greenroom.settle(booking_id).interviews[0].event_id
        assert greenroom.google.rsvp(AURORA.email, event_id, "declined")

        booking = greenroom.settle(booking_id)

        assert booking.attention is Attention.ROOM_DECLINED
        assert booking.applied_revision == booking.desired_revision

    def test_is_not_taken_for_a_free_room_of_ones_own(self, greenroom: Greenroom) -> None:
        booking_id = greenroom.book(visit(), at("Mon 10:00"))
        keep_busy(greenroom, AURORA, at("Mon 10:00"), at("Mon 10:45"))
        greenroom.settle(booking_id)

        greenroom.reschedule(booking_id, at("Mon 10:15"))
        booking = greenroom.settle(booking_id)

        assert booking.attention is None
        assert len(greenroom.events_of(FJORD)) == 1


def visit(**of_the_stage: Any) -> int:
    """Return an application of Ada's for an interview with Dana in Aurora, or else in Fjord."""
    rooms = [factories.room(each) for each in (AURORA, FJORD)]
    pool = factories.pool([factories.interviewer(DANA)])
    return factories.application(
        factories.stage(factories.interview_draft(pool, rooms=rooms), **of_the_stage)
    )


def swap(greenroom: Greenroom, booking_id: int, into: Account) -> None:
    """Hold the booking's interview in another room, and let the reconciler see to it."""
    booking = greenroom.booking(booking_id)
    planned = booking.stage.interviews[0].rooms
    room_id = next(room.id for room in planned if room.email == into.email)
    interview_id = booking.interviews[0].id
    greenroom.read_calendars(booking.stage_id)
    bookings.swap_room(interview_id, room_id, by=GREENROOM, now=greenroom.clock())
    greenroom.settle(booking_id)


def all_of_the_candidate(greenroom: Greenroom) -> str:
    """Return every byte of the candidate event, on the organizer calendar and on Ada's own."""
    [ada] = greenroom.events_of(ADA)
    ours = [event for event in greenroom.organizer_events() if event["id"] == ada["id"]]
    return json.dumps([ada, ours])


def text_of(mail: dict[str, Any]) -> str:
    """Return a mail as it was sent and as it is read, all its parts."""
    raw: str = mail["raw"]
    parsed = message_from_bytes(raw.encode(), policy=policy.default)
    parts = [part.get_payload(decode=True) for part in parsed.walk()]
    return raw + "".join(each.decode() for each in parts if isinstance(each, bytes))


def guests_of(event: dict[str, Any]) -> dict[str, str]:
    return {guest["email"]: guest["responseStatus"] for guest in event["attendees"]}
