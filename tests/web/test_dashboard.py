"""The work queue as a page: whose candidates, and what stands there when nothing does."""

from __future__ import annotations

import pytest
from flask import Flask

from scheduler.domain.booking import ADVICE, Attention, Rsvp
from scheduler.domain.people import Role
from scheduler.models.base import db
from tests import factories
from tests.cast import ADA, BO
from tests.web.browsers import KWAME, SignedInAs
from tests.web.recruiting import MOST_QUERIES, Desk, counted_queries, text_of
from tests.world import Greenroom


def test_with_nothing_to_do_the_page_says_so_and_how_to_begin(desk: Desk) -> None:
    page = text_of(desk.get("/"))
    assert "Nothing waits for you" in page
    assert "Add a candidate" in page


def test_what_needs_a_person_stands_first_with_advice(desk: Desk) -> None:
    booking_id = desk.book(desk.application())
    desk.booking(booking_id).attention = Attention.CONFERENCE_FAILED
    db.session.commit()
    page = text_of(desk.get("/"))
    assert ADVICE[Attention.CONFERENCE_FAILED] in page
    assert page.index("Needs you") < page.index("Waiting to be scheduled")


def test_a_decline_comes_with_a_way_to_swap(desk: Desk) -> None:
    booking_id = desk.book(desk.application())
    seat = desk.greenroom.settle(booking_id).interviews[0].seats[0]
    seat.rsvp = Rsvp.DECLINED
    db.session.commit()
    answer = desk.get("/")
    assert "Dana Okonkwo declined" in text_of(answer)
    assert f"/bookings/{booking_id}/seats/{seat.id}/swap" in answer.text


def test_those_who_wait_stand_with_whether_they_gave_times(desk: Desk) -> None:
    stage_id = factories.stage()
    desk.application(stage_id)
    desk.application(stage_id, account=BO, windows=[])
    page = text_of(desk.get("/"))
    assert "1 time given Choose a time" in page
    assert "No times yet Add times" in page


def test_what_comes_up_stands_with_the_panel_and_the_call(desk: Desk) -> None:
    booking_id = desk.book(desk.application())
    assert "Being arranged" in text_of(desk.get("/"))
    desk.greenroom.settle(booking_id)
    page = text_of(desk.get("/"))
    assert "Dana Okonkwo , no answer yet" in page.replace("Okonkwo,", "Okonkwo ,")
    assert "Join" in page


def test_a_recruiter_sees_their_own_first_and_a_coordinator_everybodys(
    desk: Desk, app: Flask, greenroom: Greenroom, signed_in_as: SignedInAs
) -> None:
    stage_id = factories.stage()
    desk.application(stage_id)
    other = factories.user(KWAME, Role.COORDINATOR)
    factories.application(stage_id, account=BO, recruiter_id=other, windows=desk.all_day())
    assert ADA.name in text_of(desk.get("/"))
    assert BO.name not in text_of(desk.get("/"))
    assert BO.name in text_of(desk.get("/?whose=everybody"))


def test_the_page_needs_few_queries(desk: Desk) -> None:
    stage_id = factories.stage()
    for hour, account in ((9, ADA), (11, BO)):
        booking_id = desk.book(desk.application(stage_id, account=account), hour)
        desk.greenroom.settle(booking_id).attention = Attention.REFUSED_BY_GOOGLE
        db.session.commit()
    with counted_queries() as statements:
        assert desk.get("/").status_code == 200
    assert len(statements) <= MOST_QUERIES, "\n\n".join(statements)


@pytest.fixture
def desk(app: Flask, greenroom: Greenroom, signed_in_as: SignedInAs) -> Desk:
    return Desk(app, greenroom, signed_in_as)
