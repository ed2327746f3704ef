"""Rooms, added, retired and used again through their page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from scheduler.models.base import db
from scheduler.models.rooms import RoomRow
from tests import factories
from tests.cast import DANA, FJORD, HARBOUR, MEI
from tests.web.browsers import Browser
from tests.web.test_admin_interviewers import DANAS

PAGE = "/admin/rooms"
AURORA = {"name": "Aurora", "site": "Berlin", "email": "Aurora@resource.example"}


def test_a_room_is_added_and_listed(app: Flask, recruiter: Browser) -> None:
    assert "No rooms yet" in recruiter.get(PAGE).text
    assert recruiter.send(PAGE, AURORA).status_code == 303
    page = recruiter.get(PAGE).text
    for words in ("Aurora", "Berlin", "aurora@resource.example", "0 interviews"):
        assert words in page
    with app.app_context():
        assert db.session.scalars(db.select(RoomRow.site)).all() == ["Berlin"]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": " "}, "Enter a name."),
        ({"site": ""}, "Enter a name."),
        ({"email": "aurora"}, "Enter one e-mail address"),
        ({"name": "Fjord"}, "A room with this address is here already."),
        ({"email": "fjord@resource.example"}, "There is a room of this name at this site already."),
    ],
)
def test_what_cannot_be_kept_is_said_in_place(
    app: Flask, recruiter: Browser, changed: dict[str, str], sentence: str
) -> None:
    recruiter.send(PAGE, AURORA)
    answer = recruiter.send(PAGE, AURORA | changed)
    assert answer.status_code == 422
    assert sentence in answer.text
    with app.app_context():
        assert db.session.scalar(db.select(db.func.count()).select_from(RoomRow)) == 1


def test_rooms_of_one_name_stand_at_two_sites(recruiter: Browser) -> None:
    recruiter.send(PAGE, AURORA)
    elsewhere = {"site": "London", "email": "aurora-london@resource.example"}
    assert recruiter.send(PAGE, AURORA | elsewhere).status_code == 303


def test_a_room_is_retired_and_used_again(app: Flask, recruiter: Browser) -> None:
    recruiter.send(PAGE, AURORA)
    with app.app_context():
        room_id = db.session.scalars(db.select(RoomRow.id)).one()
    assert recruiter.send(f"{PAGE}/{room_id}/retirement").status_code == 303
    page = recruiter.get(PAGE).text
    assert "Retired" in page
    assert "Use Aurora again" in page
    assert recruiter.send(f"{PAGE}/{room_id}/reopening").status_code == 303
    assert "Retire Aurora" in recruiter.get(PAGE).text


NAMESAKES = (
    "Candidates on site are told their room’s name, so no on-site interview can be held in {} "
    "with {} on the panel."
)


def test_a_room_that_is_given_the_name_of_an_interviewer_is_told_of(
    app: Flask, recruiter: Browser
) -> None:
    with app.app_context():
        for account in (DANA, MEI):
            factories.interviewer(account)
    answer = recruiter.send(PAGE, AURORA | {"name": "Okonkwo"}, follow_redirects=True)
    sentence = NAMESAKES.format("Okonkwo, Berlin", "Dana Okonkwo")
    assert answer.text.count(sentence) == 2, "once now, and beside the room for good"
    page = recruiter.get(PAGE).text
    assert page.count(sentence) == 1
    assert "Named like Dana Okonkwo" in page
    harmless = {"name": "Danas Meister", "email": "fjord@resource.example"}
    answer = recruiter.send(PAGE, AURORA | harmless, follow_redirects=True)
    assert answer.text.count("Candidates on site are told") == 1, "of the other room"


def test_an_interviewer_who_bears_the_name_of_a_room_is_told_of(
    app: Flask, recruiter: Browser
) -> None:
    with app.app_context():
        factories.room(replace(FJORD, name="Mei"))
        factories.room(replace(HARBOUR, name="Tanaka Hall"), site="London")
    fields = DANAS | {"name": MEI.name, "email": MEI.email}
    answer = recruiter.send("/admin/interviewers/new", fields, follow_redirects=True)
    assert NAMESAKES.format("Mei, Berlin or Tanaka Hall, London", "Mei Tanaka") in answer.text
    other = fields | {"name": DANA.name, "email": DANA.email}
    answer = recruiter.send("/admin/interviewers/new", other, follow_redirects=True)
    assert "Candidates on site" not in answer.text


def test_a_room_that_is_not_there_is_not_found(recruiter: Browser) -> None:
    assert recruiter.send(f"{PAGE}/4711/retirement").status_code == 404
    assert recruiter.send(f"{PAGE}/4711/reopening").status_code == 404
