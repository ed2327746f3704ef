"""The room of an interview, seen while a time is chosen and once it is booked, and changed for another."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser

import pytest
from flask import Flask

from scheduler.clock import utc_now
from scheduler.commands import plans, rooms
from scheduler.commands.audit import GREENROOM
from scheduler.domain.booking import Attention
from scheduler.domain.plan import Attendance
from scheduler.domain.timespan import TimeSpan
from scheduler.emulator.company import Account
from scheduler.models.base import db
from scheduler.models.candidates import Application
from scheduler.models.rooms import RoomCalendar, RoomRow
from tests import factories
from tests.cast import ADA, AURORA, BO, DANA, DOMAIN, FEMI, FJORD, HARBOUR
from tests.commands.test_interleavings import keep_busy
from tests.web.browsers import SignedInAs
from tests.web.recruiting import MOST_QUERIES, Desk, counted_queries, prose_of, text_of
from tests.world import Greenroom


def test_the_room_is_shown_with_its_answer(desk: Desk) -> None:
    booking_id = book(desk)
    page = text_of(desk.get(f"/bookings/{booking_id}"))
    assert "Aurora, Berlin No answer yet" in page
    desk.greenroom.settle(booking_id)
    assert "Aurora, Berlin Accepted" in text_of(desk.get(f"/bookings/{booking_id}"))
    desk.greenroom.cancel(booking_id)
    page = text_of(desk.get(f"/bookings/{booking_id}"))
    assert "Aurora, Berlin" in page, "where it would have been"
    assert "Change room" not in page


def test_another_room_is_chosen(desk: Desk) -> None:
    booking_id = book(desk)
    answer = desk.post(room_path(desk, booking_id), {"room": room_id(desk, booking_id, "Fjord")})
    assert (answer.status_code, answer.location) == (303, f"/bookings/{booking_id}")
    page = text_of(desk.get(f"/bookings/{booking_id}"))
    assert "System design is held in Fjord, Berlin." in page
    assert "moved an interview from Aurora to Fjord" in page


def test_the_rooms_that_are_free_come_first_and_the_others_say_why(desk: Desk) -> None:
    desk.greenroom.google.add_account(BASEMENT)
    booking_id = book(desk, AURORA, BASEMENT, FJORD, HARBOUR)
    keep_busy(desk.greenroom, BASEMENT, desk.at(9), desk.at(10, 15))
    keep_busy(desk.greenroom, BASEMENT, desk.at(10, 30), desk.at(11))
    keep_busy(desk.greenroom, FJORD, desk.at(9), desk.at(10))
    keep_busy(desk.greenroom, FJORD, desk.at(10, 45), desk.at(11))
    read_again(desk, booking_id)
    forget(room_id(desk, booking_id, "Harbour"))
    assert rooms_offered(desk, booking_id) == {
        "Free then": ["Fjord, Berlin: free"],
        "Not free, or unknown": [
            "Basement, Berlin: taken 09:00–10:15, 10:30–11:00",
            "Harbour, Berlin: unknown, calendar not read",
        ],
    }


def test_of_a_room_that_is_taken_for_days_only_this_day_is_told(desk: Desk) -> None:
    booking_id = book(desk)
    keep_busy(desk.greenroom, FJORD, desk.at(9), desk.at(9) + timedelta(days=2))
    read_again(desk, booking_id)
    assert rooms_offered(desk, booking_id) == {OTHERS: ["Fjord, Berlin: taken from 09:00"]}
    keep_busy(desk.greenroom, FJORD, desk.at(0) - timedelta(days=1), desk.at(9))
    read_again(desk, booking_id)
    assert rooms_offered(desk, booking_id) == {OTHERS: ["Fjord, Berlin: taken all day"]}


def test_another_interview_of_ours_takes_a_room_and_its_own_does_not(desk: Desk) -> None:
    booking_id = book(desk)
    path, fjord = room_path(desk, booking_id), room_id(desk, booking_id, "Fjord")
    pool = factories.pool([factories.interviewer(FEMI)])
    stage_id = factories.stage(factories.interview_draft(pool, rooms=[fjord]))
    other = desk.book(desk.application(stage_id, account=BO))
    assert rooms_offered(desk, booking_id) == {OTHERS: ["Fjord, Berlin: taken 10:00–10:45"]}

    desk.greenroom.cancel(other)
    assert desk.post(path, {"room": fjord}).status_code == 303
    desk.greenroom.settle(booking_id)
    read_again(desk, booking_id)
    desk.greenroom.reschedule(booking_id, desk.at(10, 15))
    assert held_in(desk, booking_id) == ["Fjord"]
    assert desk.post(path, {"room": room_id(desk, booking_id, "Aurora")}).status_code == 303
    assert rooms_offered(desk, booking_id) == {"Free then": ["Fjord, Berlin: free"]}


def test_what_google_does_not_tell_of_or_was_read_too_long_ago_is_unknown(desk: Desk) -> None:
    booking_id = book(desk)
    desk.greenroom.google.set_freebusy_error(FJORD.email, "notFound")
    read_again(desk, booking_id)
    untold = {OTHERS: ["Fjord, Berlin: unknown, Google does not tell"]}
    assert rooms_offered(desk, booking_id) == untold

    desk.greenroom.google.set_freebusy_error(FJORD.email, None)
    unread = {OTHERS: ["Fjord, Berlin: unknown, calendar not read"]}
    read_again(desk, booking_id)
    reading = db.session.get_one(RoomCalendar, room_id(desk, booking_id, "Fjord"))
    reading.read_at -= timedelta(minutes=11)
    db.session.commit()
    assert rooms_offered(desk, booking_id) == unread

    read_again(desk, booking_id)
    reading.covers = TimeSpan(desk.at(8), desk.at(10, 30))
    db.session.commit()
    assert rooms_offered(desk, booking_id) == unread


def test_a_room_named_like_somebody_on_the_panel_stops_the_booking_until_another_is_chosen(
    desk: Desk,
) -> None:
    booking_id = book_on_site(desk, "Dana Okonkwo")
    assert desk.greenroom.settle(booking_id).attention is Attention.IDENTITY_LEAK
    assert desk.greenroom.events_of(ADA) == desk.greenroom.mails_to(ADA) == []
    page = prose_of(desk.get(f"/bookings/{booking_id}"))
    assert (
        "“Dana Okonkwo” stands in the name of the room Dana Okonkwo, Berlin, which candidates on "
        "site are told: that is Dana Okonkwo, who sits or sat on the panel. Choose another room "
        "below, or add one to the interview plan." in page
    )
    assert "Public title of the interview" not in page, "there is nothing wrong with it"

    fjord = room_id(desk, booking_id, "Fjord")
    assert desk.post(room_path(desk, booking_id), {"room": fjord}).status_code == 303
    assert desk.greenroom.settle(booking_id).attention is None
    assert "stands in" not in text_of(desk.get(f"/bookings/{booking_id}"))
    [event] = desk.greenroom.events_of(ADA)
    assert event["location"] == "Lindenstraße 44 · Fjord (Berlin)"

    assert rooms_offered(desk, booking_id) == {
        OTHERS: ["Dana Okonkwo, Berlin: names somebody on the panel"]
    }
    back = {"room": room_id(desk, booking_id, "Dana Okonkwo")}
    answer = desk.post(room_path(desk, booking_id), back)
    assert answer.status_code == 422
    assert "Dana Okonkwo, Berlin names somebody on the panel" in unescape(answer.text)
    assert held_in(desk, booking_id) == ["Fjord"]


def test_a_room_that_no_candidate_is_told_may_be_named_like_anybody(desk: Desk) -> None:
    booking_id = book_on_site(desk, "Okonkwo", attendance=Attendance.VIDEO)
    assert desk.greenroom.settle(booking_id).attention is None
    fjord = room_id(desk, booking_id, "Fjord")
    assert desk.post(room_path(desk, booking_id), {"room": fjord}).status_code == 303
    read_again(desk, booking_id)
    assert rooms_offered(desk, booking_id) == {"Free then": ["Okonkwo, Berlin: free"]}


def test_a_room_that_is_taken_is_refused(desk: Desk) -> None:
    booking_id = book(desk)
    keep_busy(desk.greenroom, FJORD, desk.at(10), desk.at(11))
    answer = desk.post(room_path(desk, booking_id), {"room": room_id(desk, booking_id, "Fjord")})
    assert answer.status_code == 409
    assert "Fjord, Berlin is not free at that time" in unescape(answer.text)
    assert held_in(desk, booking_id) == ["Aurora"]


def test_what_is_no_room_of_the_plan_is_refused(desk: Desk) -> None:
    booking_id = book(desk)
    for chosen in ("", "x", "4711", "99999999999999"):
        answer = desk.post(room_path(desk, booking_id), {"room": chosen})
        assert answer.status_code == 422, chosen
        assert "Choose a room first." in answer.text
    elsewhere = f"/bookings/{booking_id}/interviews/4711/room"
    assert desk.post(elsewhere, {"room": "1"}).status_code == 404


def test_no_other_room_is_offered_where_the_stage_has_other_interviews_by_now(desk: Desk) -> None:
    booking_id = book(desk)
    assert "Change room" in desk.get(f"/bookings/{booking_id}").text
    draft, version = plans.drafted(desk.booking(booking_id).stage_id)
    twice = replace(draft, interviews=draft.interviews * 2)
    now = desk.greenroom.clock()
    plans.change_stage(
        desk.booking(booking_id).stage_id, twice, version=version, by=GREENROOM, now=now
    )
    assert "Change room" not in desk.get(f"/bookings/{booking_id}").text


def test_a_room_that_declined_asks_for_another(desk: Desk) -> None:
    booking_id = book(desk)
    keep_busy(desk.greenroom, AURORA, desk.at(10), desk.at(11))
    assert desk.greenroom.settle(booking_id).attention is Attention.ROOM_DECLINED
    page = text_of(desk.get(f"/bookings/{booking_id}"))
    assert "Needs attention" in page
    assert "Choose another room below" in page
    assert "The room: Aurora" in page
    assert f"/bookings/{booking_id}/reschedule" in desk.get(f"/bookings/{booking_id}").text


def test_a_loop_in_rooms_stays_at_one_site_and_needs_few_queries(desk: Desk) -> None:
    aurora, fjord = factories.room(AURORA), factories.room(FJORD)
    harbour = factories.room(HARBOUR, site="London")
    pools = [factories.pool([factories.interviewer(each)]) for each in (DANA, FEMI)]
    drafts = [
        factories.interview_draft(each, minutes=30, rooms=(aurora, fjord, harbour))
        for each in pools
    ]
    booking_id = desk.book(desk.application(factories.stage(*drafts)))
    desk.greenroom.settle(booking_id)
    with counted_queries() as statements:
        page = desk.get(f"/bookings/{booking_id}").text
    assert len(statements) <= MOST_QUERIES + ROOM_QUERIES, "\n\n".join(statements)
    assert page.count("Fjord, Berlin: free</option>") == 2
    assert "Harbour" not in page


class TestChoosing:
    def test_the_room_of_the_chosen_time_is_shown(self, desk: Desk) -> None:
        application_id, here = application_in_a_room(desk)
        key = desk.key_at(application_id, desk.at(10))
        assert "Aurora, Berlin room" in text_of(desk.get(f"{here}/times?slot={key}"))

    def test_a_room_named_like_somebody_on_the_panel_is_told_of_before(self, desk: Desk) -> None:
        desk.greenroom.cancel(book_on_site(desk, "Okonkwo"))
        [application] = db.session.scalars(db.select(Application))
        key = desk.key_at(application.id, desk.at(10))
        here = f"/applications/{application.id}/stages/{application.stage_id}/times?slot={key}"
        sentence = "Okonkwo, Berlin names Dana Okonkwo, so that the booking would wait for another"
        assert sentence in text_of(desk.get(here))
        application.stage.attendance = Attendance.VIDEO
        db.session.commit()
        assert sentence not in text_of(desk.get(here))

    def test_a_room_that_google_does_not_tell_of_is_named(self, desk: Desk) -> None:
        _, here = application_in_a_room(desk)
        assert "Aurora, Berlin has not been read" in text_of(desk.get(f"{here}/times"))
        desk.greenroom.google.set_freebusy_error(AURORA.email, "notFound")
        desk.post(f"{here}/calendars")
        page = text_of(desk.get(f"{here}/times"))
        assert "Google does not tell us when Aurora, Berlin is taken" in page
        assert "Calendar unknown" in text_of(desk.get("/admin/rooms"))

    def test_where_every_room_is_retired_the_interview_is_named(self, desk: Desk) -> None:
        _, here = application_in_a_room(desk)
        aurora = db.session.scalars(db.select(RoomRow.id)).one()
        rooms.retire_room(aurora, by=GREENROOM, now=desk.greenroom.clock())
        desk.post(f"{here}/calendars")
        page = text_of(desk.get(f"{here}/times"))
        assert "System design: every room of the plan is retired." in page

    def test_a_room_that_has_just_gone_is_the_reason(self, desk: Desk) -> None:
        application_id, here = application_in_a_room(desk)
        key = desk.key_at(application_id, desk.at(10))
        keep_busy(desk.greenroom, AURORA, desk.at(10), desk.at(11))
        answer = desk.post(f"{here}/booking", {"slot": key})
        assert answer.status_code == 409
        assert "System design: no room is free." in text_of(answer)


ROOM_QUERIES = (
    4  # what else might be chosen, and when it is taken; only of bookings that have rooms
)


OTHERS = "Not free, or unknown"
BASEMENT = Account(
    email=f"room-basement@{DOMAIN}", name="Basement", kind="room", zone="UTC", hd=DOMAIN
)


def book(desk: Desk, *accounts: Account) -> int:
    """Return a booking in Aurora at ten, of a stage that may be held in Fjord as well, or in these."""
    any_of = [factories.room(each) for each in accounts or (AURORA, FJORD)]
    pool = factories.pool([factories.interviewer(DANA)])
    stage = factories.stage(factories.interview_draft(pool, rooms=any_of))
    return desk.book(desk.application(stage))


def book_on_site(desk: Desk, name: str, *, attendance: Attendance = Attendance.ONSITE) -> int:
    """Return a booking with Dana in a room of this name, which might be held in Fjord instead."""
    here, fjord = factories.room(replace(AURORA, name=name)), factories.room(FJORD)
    pool = factories.pool([factories.interviewer(DANA)])
    stage_id = factories.stage(
        factories.interview_draft(pool, rooms=[here, fjord]),
        attendance=attendance,
        location="Lindenstraße 44",
    )
    return desk.book(desk.application(stage_id))


def read_again(desk: Desk, booking_id: int) -> None:
    desk.greenroom.clock.now = utc_now()
    desk.greenroom.read_calendars(desk.booking(booking_id).stage_id)


def forget(room: int) -> None:
    """Have a room's calendar never read."""
    db.session.delete(db.session.get_one(RoomCalendar, room))
    db.session.commit()


def rooms_offered(desk: Desk, booking_id: int) -> dict[str, list[str]]:
    """Return the other rooms that a booking's page offers, under their headings."""
    reader = _Menu()
    reader.feed(desk.get(f"/bookings/{booking_id}").text)
    return reader.offered


class _Menu(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.offered: dict[str, list[str]] = {}
        self.is_option = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "optgroup":
            self.offered[dict(attrs)["label"] or ""] = []
        self.is_option = tag == "option"

    def handle_data(self, data: str) -> None:
        if self.is_option and self.offered:
            self.offered[list(self.offered)[-1]].append(data)
        self.is_option = False


def application_in_a_room(desk: Desk) -> tuple[int, str]:
    """Return an application for an interview in Aurora, and the address of its pages."""
    pool = factories.pool([factories.interviewer(DANA)])
    draft = factories.interview_draft(pool, rooms=[factories.room(AURORA)])
    stage_id = factories.stage(draft)
    application_id = desk.application(stage_id)
    return application_id, f"/applications/{application_id}/stages/{stage_id}"


def room_path(desk: Desk, booking_id: int) -> str:
    [interview] = desk.booking(booking_id).interviews
    return f"/bookings/{booking_id}/interviews/{interview.id}/room"


def room_id(desk: Desk, booking_id: int, name: str) -> int:
    planned = desk.booking(booking_id).stage.interviews[0]
    return next(room.id for room in planned.rooms if room.name == name)


def held_in(desk: Desk, booking_id: int) -> list[str]:
    db.session.rollback()
    held = [each.room for each in desk.booking(booking_id).interviews]
    return [each.room.name for each in held if each is not None]


@pytest.fixture
def desk(app: Flask, greenroom: Greenroom, signed_in_as: SignedInAs) -> Desk:
    return Desk(app, greenroom, signed_in_as)
