"""The room of an interview, seen while a time is chosen and once it is booked, and changed for another."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import pytest
from flask import Flask

from scheduler.commands import plans, rooms
from scheduler.commands.audit import GREENROOM
from scheduler.domain.booking import Attention
from scheduler.models.base import db
from scheduler.models.rooms import RoomRow
from tests import factories
from tests.cast import AURORA, DANA, FEMI, FJORD, HARBOUR
from tests.commands.test_interleavings import keep_busy
from tests.web.browsers import SignedInAs
from tests.web.recruiting import MOST_QUERIES, Desk, counted_queries, text_of
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
    assert page.count("Fjord, Berlin</option>") == 2
    assert "Harbour" not in page


class TestChoosing:
    def test_the_room_of_the_chosen_time_is_shown(self, desk: Desk) -> None:
        application_id, here = application_in_a_room(desk)
        key = desk.key_at(application_id, desk.at(10))
        assert "Aurora, Berlin room" in text_of(desk.get(f"{here}/times?slot={key}"))

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


ROOM_QUERIES = 1  # what else might be chosen; only of bookings that have rooms


def book(desk: Desk) -> int:
    """Return a booking in Aurora at ten, of a stage that may be held in Fjord as well."""
    either = [factories.room(each) for each in (AURORA, FJORD)]
    pool = factories.pool([factories.interviewer(DANA)])
    stage = factories.stage(factories.interview_draft(pool, rooms=either))
    return desk.book(desk.application(stage))


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
