"""New words of a stage, seen on a booking that has the old ones, and sent to its candidate."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from scheduler.commands import plans
from scheduler.commands.audit import GREENROOM
from scheduler.domain.booking import Attention
from scheduler.domain.disclosure import LetterKind
from scheduler.models.base import db
from scheduler.models.mail import OutboxMail
from tests.cast import ADA
from tests.web.browsers import SignedInAs
from tests.web.recruiting import Desk, text_of
from tests.world import Greenroom

CHANGED = "The words of this stage have changed since"


def test_new_words_are_seen_on_the_booking_and_sent_once(desk: Desk) -> None:
    booking_id = desk.book(desk.application())
    desk.greenroom.settle(booking_id)
    assert CHANGED not in text_of(desk.get(f"/bookings/{booking_id}"))
    [before] = desk.greenroom.events_of(ADA)

    reword(desk, booking_id, "A talk", "Bring <b>tea</b>.")
    desk.greenroom.settle(booking_id)
    assert desk.greenroom.events_of(ADA) == [before]
    page = desk.get(f"/bookings/{booking_id}")
    assert f"{CHANGED} Ada was told" in text_of(page)
    for words in ("Technical interview", "A talk", "Bring &lt;b&gt;tea&lt;/b&gt;."):
        assert f">{words}</td>" in page.text
    assert ">Location<" not in page.text, "it is as it was"

    version = version_on(page.text)
    for _ in ("a click", "the other of a double click"):
        answer = desk.post(words_path(booking_id), {"version": version})
        assert (answer.status_code, answer.location) == (303, f"/bookings/{booking_id}")
        desk.greenroom.settle(booking_id)
    [after] = desk.greenroom.events_of(ADA)
    assert after["id"] == before["id"]
    assert after["summary"] == "A talk: System design"
    assert "Bring <b>tea</b>." in after["description"]
    assert letters_of(booking_id) == [LetterKind.CONFIRMED, LetterKind.UPDATED]
    page = desk.get(f"/bookings/{booking_id}")
    assert CHANGED not in text_of(page)
    assert "Priya Raman sent the stage's new words" in text_of(page)


def test_what_has_changed_again_meanwhile_is_shown_before_it_is_sent(desk: Desk) -> None:
    booking_id = desk.book(desk.application())
    desk.greenroom.settle(booking_id)
    reword(desk, booking_id, "A talk", "")
    seen = version_on(desk.get(f"/bookings/{booking_id}").text)
    reword(desk, booking_id, "A chat", "")
    revision = desk.booking(booking_id).desired_revision

    for outdated in (seen, "", "x"):
        answer = desk.post(words_path(booking_id), {"version": outdated})
        assert answer.status_code == 409
        assert "The stage has been reworded meanwhile" in text_of(answer)
        assert ">A chat</td>" in answer.text
    assert desk.booking(booking_id).desired_revision == revision
    latest = {"version": version_on(answer.text)}
    assert desk.post(words_path(booking_id), latest).status_code == 303
    assert desk.booking(booking_id).public_title == "A chat"


def test_new_words_that_name_the_panel_reach_nobody(desk: Desk) -> None:
    booking_id = desk.book(desk.application())
    desk.greenroom.settle(booking_id)
    before = desk.greenroom.events_of(ADA)
    reword(desk, booking_id, "A talk with Dana", "")
    version = version_on(desk.get(f"/bookings/{booking_id}").text)
    desk.post(words_path(booking_id), {"version": version})
    assert desk.greenroom.settle(booking_id).attention is Attention.IDENTITY_LEAK
    assert desk.greenroom.events_of(ADA) == before
    assert letters_of(booking_id) == [LetterKind.CONFIRMED]
    assert "“Dana” stands in the public title" in text_of(desk.get(f"/bookings/{booking_id}"))


def test_of_a_booking_that_has_ended_no_words_are_sent(desk: Desk) -> None:
    booking_id = desk.book(desk.application())
    reword(desk, booking_id, "A talk", "")
    version = version_on(desk.get(f"/bookings/{booking_id}").text)
    desk.greenroom.cancel(booking_id)
    assert CHANGED not in text_of(desk.get(f"/bookings/{booking_id}"))
    assert desk.post(words_path(booking_id), {"version": version}).status_code == 303
    assert "has been cancelled" in text_of(desk.get(f"/bookings/{booking_id}"))
    assert desk.booking(booking_id).public_title == "Technical interview"
    assert desk.post(words_path(4711), {"version": version}).status_code == 404


def words_path(booking_id: int) -> str:
    return f"/bookings/{booking_id}/words"


def reword(desk: Desk, booking_id: int, title: str, notes: str) -> None:
    plans.reword_stage(
        desk.booking(booking_id).stage_id,
        public_title=title,
        public_notes=notes,
        location="",
        by=GREENROOM,
        now=desk.greenroom.clock(),
    )


def version_on(page: str) -> str:
    found = re.search(r'name="version" value="(\w+)"', page)
    assert found is not None
    return found[1]


def letters_of(booking_id: int) -> list[LetterKind]:
    """Return what the candidate was told of a booking, first to last."""
    db.session.rollback()
    of_it = db.select(OutboxMail.kind).where(OutboxMail.booking_id == booking_id)
    return list(db.session.scalars(of_it.order_by(OutboxMail.id)))


@pytest.fixture
def desk(app: Flask, greenroom: Greenroom, signed_in_as: SignedInAs) -> Desk:
    return Desk(app, greenroom, signed_in_as)
