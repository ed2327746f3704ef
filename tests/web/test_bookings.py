"""A booking's page: what is happening, what can be done about it, and that nothing is done twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from scheduler.domain.booking import ADVICE, Attention, BookingState, Rsvp, SeatState
from scheduler.models.base import db
from tests import factories
from tests.cast import ADA, BO, DANA, FEMI, JOSE
from tests.web.browsers import SignedInAs
from tests.web.recruiting import (
    MOST_QUERIES,
    MOST_QUERIES_WITH_A_SEARCH,
    Desk,
    Unplugged,
    counted_queries,
    prose_of,
    text_of,
)
from tests.world import Greenroom

STEPS = (
    "Candidate event made",
    "Conference pending",
    "Conference ready",
    "Interviewer event written",
    "Copy verified",
    "Candidate invited",
    "Mail sent",
)


# -- what is happening -----------------------------------------------------------------------------


def test_a_new_booking_shows_what_will_happen_and_looks_again_every_second(desk: Desk) -> None:
    booking_id = desk.book(desk.application())
    answer = desk.get(f"/bookings/{booking_id}")
    page = text_of(answer)
    assert "Being arranged" in page
    assert [page.index(step) for step in STEPS] == sorted(page.index(step) for step in STEPS)
    assert answer.text.count("step--done") == 0
    assert 'hx-trigger="every 1s"' in answer.text
    assert '<meta http-equiv="refresh"' in answer.text, "for those without scripts"


def test_a_settled_booking_shows_every_step_done_and_looks_again_for_answers(desk: Desk) -> None:
    booking_id = desk.book(desk.application())
    desk.greenroom.settle(booking_id)
    answer = desk.get(f"/bookings/{booking_id}")
    assert answer.text.count("step--done") == len(STEPS)
    assert 'hx-trigger="every 20s"' in answer.text
    assert "Interview confirmed" in text_of(answer)
    assert "Booked" in text_of(answer)


def test_a_swap_says_that_nothing_is_new_for_the_candidate(desk: Desk) -> None:
    application_id, jose = _with_jose(desk)
    booking_id = desk.book(application_id)
    desk.greenroom.settle(booking_id)
    desk.greenroom.swap(booking_id, FEMI, jose)
    desk.greenroom.settle(booking_id)
    assert "Nothing new for the candidate." in text_of(desk.get(f"/bookings/{booking_id}"))


def test_a_cancelled_booking_shows_that_its_events_are_gone(desk: Desk) -> None:
    booking_id = desk.book(desk.application())
    desk.greenroom.settle(booking_id)
    desk.greenroom.cancel(booking_id)
    desk.greenroom.settle(booking_id)
    page = text_of(desk.get(f"/bookings/{booking_id}"))
    assert "Events removed from every calendar" in page
    assert "Interview cancelled" in page
    assert "Dana Okonkwo" in page, "who would have sat there"
    assert "hx-trigger" not in desk.get(f"/bookings/{booking_id}").text


def test_answers_show_on_the_panel_and_at_the_candidate(desk: Desk) -> None:
    booking_id = desk.book(desk.application())
    booking = desk.greenroom.settle(booking_id)
    booking.interviews[0].seats[0].rsvp = Rsvp.DECLINED
    booking.calls[0].candidate_rsvp = Rsvp.ACCEPTED
    db.session.commit()
    page = text_of(desk.get(f"/bookings/{booking_id}"))
    assert "Ada : Accepted" in page.replace("Ada:", "Ada :")
    assert "Declined" in page


def test_the_history_tells_it_in_sentences(desk: Desk) -> None:
    application_id, jose = _with_jose(desk)
    booking_id = desk.book(application_id)
    desk.greenroom.settle(booking_id)
    desk.greenroom.swap(booking_id, FEMI, jose)
    page = text_of(desk.get(f"/bookings/{booking_id}"))
    assert "Greenroom gave Femi Adeyemi's seat to José Ruiz" in page
    assert "Greenroom invited the candidate" in page


# -- needs attention -------------------------------------------------------------------------------


@pytest.mark.parametrize("attention", list(Attention))
def test_what_needs_attention_comes_with_advice_and_another_try(
    desk: Desk, attention: Attention
) -> None:
    booking_id = _stopped(desk, attention, "the reason")
    answer = desk.get(f"/bookings/{booking_id}")
    assert ADVICE[attention] in text_of(answer)
    assert "the reason" in text_of(answer)
    assert f"/bookings/{booking_id}/tries" in answer.text


def test_what_needs_attention_is_not_all_done(desk: Desk) -> None:
    booking_id = desk.book(desk.application())
    desk.greenroom.settle(booking_id)
    assert "All done" in desk.get(f"/bookings/{booking_id}").text
    desk.booking(booking_id).attention = Attention.ROOM_DECLINED
    db.session.commit()
    assert "All done" not in desk.get(f"/bookings/{booking_id}").text


def test_another_try_asks_the_worker_to_look(desk: Desk) -> None:
    booking_id = _stopped(desk, Attention.CONFERENCE_FAILED)
    answer = desk.post(f"/bookings/{booking_id}/tries")
    assert (answer.status_code, answer.location) == (303, f"/bookings/{booking_id}")
    assert desk.booking(booking_id).attention is None


def test_a_link_by_hand_is_kept(desk: Desk) -> None:
    booking_id = _stopped(desk, Attention.CONFERENCE_FAILED)
    answer = desk.post(_link_form(desk, booking_id), {"link": "https://meet.example/room"})
    assert answer.status_code == 303
    assert desk.booking(booking_id).calls[0].link_by_hand == "https://meet.example/room"


@pytest.mark.parametrize(
    "link", ["http://meet.example/room", "javascript:alert(1)", "", "x" * 9_000]
)
def test_a_link_that_is_none_is_one_sentence_and_is_not_lost(desk: Desk, link: str) -> None:
    booking_id = _stopped(desk, Attention.CONFERENCE_FAILED)
    answer = desk.post(_link_form(desk, booking_id), {"link": link})
    assert answer.status_code == 422
    assert "Enter a full address that begins with https://." in text_of(answer)
    assert f'value="{link}"' in answer.text
    assert "hx-trigger" not in answer.text, "it would be wiped while somebody corrects it"


def test_a_title_that_names_the_panel_can_be_changed(desk: Desk) -> None:
    booking_id = _stopped(desk, Attention.IDENTITY_LEAK, "public title of an interview")
    interview = desk.booking(booking_id).interviews[0]
    path = f"/bookings/{booking_id}/interviews/{interview.id}/title"
    assert desk.post(path, {"title": " "}).status_code == 422
    assert desk.post(path, {"title": "x" * 10_000}).status_code == 422
    assert desk.post(path, {"title": "Coding"}).status_code == 303
    assert desk.booking(booking_id).interviews[0].title == "Coding"


def test_every_word_that_names_the_panel_is_shown_with_its_field_and_what_to_do(
    desk: Desk,
) -> None:
    booking_id = desk.book(desk.application())
    booking = desk.booking(booking_id)
    booking.public_notes = "Femi and Dana Okonkwo look forward to it. Ask femi@northwind.example."
    booking.interviews[0].title = "Chat with Dana"
    booking.calls[0].link_by_hand = "https://meet.example/Femi"
    db.session.commit()
    assert desk.greenroom.settle(booking_id).attention is Attention.IDENTITY_LEAK
    page = desk.get(f"/bookings/{booking_id}")
    prose = prose_of(page)
    assert (
        "“Dana Okonkwo”, “femi@northwind.example” and “Femi” stand in what candidates should know, "
        "which is part of the stage: that is Dana Okonkwo and Femi Adeyemi, who sit or sat on the "
        "panel. Reword the stage, then try again." in prose
    )
    assert (
        "“Dana” stands in the public title of the interview “Chat with Dana”: that is Dana Okonkwo, "
        "who sits or sat on the panel. Change it below." in prose
    )
    assert (
        "“Femi” stands in the link given by hand: that is Femi Adeyemi, who sits or sat on the "
        "panel. Give another link below." in prose
    )
    assert f"/admin/plans/stages/{booking.stage_id}" in page.text
    link = {"link": "https://meet.example/room"}
    assert desk.post(_link_form(desk, booking_id), link).status_code == 303


def test_an_interviewer_who_is_named_like_the_candidates_city_is_told_of(desk: Desk) -> None:
    pool = factories.pool([factories.interviewer(replace(DANA, name="Dana Vienna"))])
    stage_id = factories.stage(factories.interview_draft(pool))
    booking_id = desk.book(desk.application(stage_id))
    assert desk.greenroom.settle(booking_id).attention is Attention.IDENTITY_LEAK
    assert (
        "“Vienna” stands in the time zone that the times are told in, Europe/Vienna: that is Dana "
        "Vienna, who sits or sat on the panel. Cancel, and book again with somebody else."
        in prose_of(desk.get(f"/bookings/{booking_id}"))
    )


def test_a_call_of_another_booking_is_not_found_here(desk: Desk) -> None:
    booking_id = _stopped(desk, Attention.CONFERENCE_FAILED)
    stage_id = desk.booking(booking_id).stage_id
    other = desk.book(desk.application(stage_id, account=BO), 14)
    path = _link_form(desk, other).replace(f"/bookings/{other}/", f"/bookings/{booking_id}/")
    assert desk.post(path, {"link": "https://meet.example"}).status_code == 404


# -- another time, an end --------------------------------------------------------------------------


def test_a_reschedule_moves_the_booking_and_frees_its_own_time(desk: Desk) -> None:
    application_id = desk.application()
    booking_id = desk.book(application_id)
    here = f"/bookings/{booking_id}/reschedule"
    later = desk.at(10) + timedelta(minutes=15)
    key = desk.key_at(application_id, later, moving=booking_id)
    assert "Another time for" in text_of(desk.get(here))
    answer = desk.post(here, {"slot": key})
    assert (answer.status_code, answer.location) == (303, f"/bookings/{booking_id}")
    assert desk.booking(booking_id).interviews[0].during.start == later


def test_a_reschedule_to_a_time_that_has_gone_shows_the_nearest(desk: Desk) -> None:
    application_id = desk.application()
    booking_id = desk.book(application_id)
    key = desk.key_at(application_id, desk.at(14), moving=booking_id)
    stage_id = desk.booking(booking_id).stage_id
    desk.book(desk.application(stage_id, account=BO), 14)
    answer = desk.post(f"/bookings/{booking_id}/reschedule", {"slot": key})
    assert answer.status_code == 409
    assert "Move to" in text_of(answer)
    assert desk.booking(booking_id).interviews[0].during.start == desk.at(10)


def test_a_reschedule_to_the_same_time_changes_nothing(desk: Desk) -> None:
    application_id = desk.application()
    booking_id = desk.book(application_id)
    key = desk.key_at(application_id, desk.at(10), moving=booking_id)
    here = f"/bookings/{booking_id}/reschedule"
    assert prose_of(desk.get(f"{here}?slot={key}")).count(" for Ada · now") == 1
    answer = desk.post(here, {"slot": key})
    assert answer.status_code == 422
    assert desk.booking(booking_id).desired_revision == 1


def test_cancelling_ends_the_booking_once(desk: Desk) -> None:
    booking_id = desk.book(desk.application())
    first = desk.post(f"/bookings/{booking_id}/cancellation")
    revision = desk.booking(booking_id).desired_revision
    second = desk.post(f"/bookings/{booking_id}/cancellation")
    assert (first.status_code, second.status_code) == (303, 303)
    assert desk.booking(booking_id).state is BookingState.CANCELLED
    assert desk.booking(booking_id).desired_revision == revision


def test_the_page_says_what_cancelling_will_do(desk: Desk) -> None:
    booking_id = desk.book(desk.application())
    page = text_of(desk.get(f"/bookings/{booking_id}"))
    assert "Cancel the booking of Ada Quist?" in page
    assert "Ada gets one kind mail of ours that says so." in page


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_cancelled_booking_cannot_be_moved(desk: Desk, method: str) -> None:
    booking_id = desk.book(desk.application())
    desk.greenroom.cancel(booking_id)
    here = f"/bookings/{booking_id}/reschedule"
    answer = desk.get(here) if method == "GET" else desk.post(here, {"slot": "x"})
    assert (answer.status_code, answer.location) == (303, f"/bookings/{booking_id}")
    assert "has been cancelled" in text_of(desk.get(answer.location))


# -- somebody else ---------------------------------------------------------------------------------


def test_those_who_could_take_a_seat_stand_with_their_load(desk: Desk) -> None:
    application_id, _ = _with_jose(desk)
    booking_id = desk.book(application_id)
    page = text_of(desk.get(_swap_path(desk, booking_id, FEMI.name)))
    assert "Swap Femi Adeyemi" in page
    assert "José Ruiz 0/10 this week" in page
    assert "Free" in page


def test_a_swap_seats_somebody_else_and_leaves_the_candidate_alone(desk: Desk) -> None:
    application_id, jose = _with_jose(desk)
    booking_id = desk.book(application_id)
    desk.greenroom.settle(booking_id)
    mails = len(desk.greenroom.mails_to(ADA))
    answer = desk.post(_swap_path(desk, booking_id, FEMI.name), {"interviewer": jose})
    assert (answer.status_code, answer.location) == (303, f"/bookings/{booking_id}")
    desk.greenroom.settle(booking_id)
    assert {"Dana Okonkwo", "José Ruiz"} == _seated(desk, booking_id)
    assert len(desk.greenroom.mails_to(ADA)) == mails


def test_somebody_who_is_busy_meanwhile_cannot_be_swapped_in(desk: Desk) -> None:
    application_id, jose = _with_jose(desk)
    booking_id = desk.book(application_id)
    path = _swap_path(desk, booking_id, FEMI.name)
    desk.greenroom.google.set_freebusy_error(JOSE.email, "notFound")  # unknown is never free
    answer = desk.post(path, {"interviewer": jose})
    assert answer.status_code == 409
    assert "José Ruiz can no longer take this seat at that time." in text_of(answer)
    assert {"Dana Okonkwo", "Femi Adeyemi"} == _seated(desk, booking_id)


def test_a_swap_without_a_choice_or_with_a_stranger_asks_for_one(desk: Desk) -> None:
    application_id, _ = _with_jose(desk)
    path = _swap_path(desk, desk.book(application_id), FEMI.name)
    for chosen in ({}, {"interviewer": 999}, {"interviewer": "x"}):
        assert desk.post(path, dict(chosen)).status_code == 422


def test_no_swap_is_made_while_google_does_not_answer(desk: Desk) -> None:
    application_id, jose = _with_jose(desk)
    booking_id = desk.book(application_id)
    path = _swap_path(desk, booking_id, FEMI.name)
    desk.greenroom.http = Unplugged()
    answer = desk.post(path, {"interviewer": jose})
    assert answer.status_code == 503
    assert {"Dana Okonkwo", "Femi Adeyemi"} == _seated(desk, booking_id)


def test_a_seat_that_was_given_away_leads_back_to_the_booking(desk: Desk) -> None:
    application_id, jose = _with_jose(desk)
    booking_id = desk.book(application_id)
    path = _swap_path(desk, booking_id, FEMI.name)
    desk.greenroom.swap(booking_id, FEMI, jose)
    answer = desk.get(path)
    assert (answer.status_code, answer.location) == (303, f"/bookings/{booking_id}")


# -- what every page keeps to ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/bookings/999",
        "/bookings/0",
        "/bookings/99999999999999",
        "/bookings/x",
        "/bookings/999/reschedule",
        "/bookings/999/seats/1/swap",
    ],
)
def test_what_is_not_there_is_not_found(desk: Desk, path: str) -> None:
    assert desk.get(path).status_code == 404


def test_a_loop_needs_no_more_queries_than_one_interview(desk: Desk) -> None:
    people = [factories.interviewer(each) for each in (DANA, FEMI, JOSE)]
    drafts = [factories.interview_draft(factories.pool([each]), minutes=30) for each in people]
    application_id = desk.application(factories.stage(*drafts))
    booking_id = desk.book(application_id)
    desk.greenroom.settle(booking_id)
    paths = {
        f"/bookings/{booking_id}": MOST_QUERIES,
        f"/bookings/{booking_id}/reschedule": MOST_QUERIES_WITH_A_SEARCH,
        _swap_path(desk, booking_id, FEMI.name): MOST_QUERIES_WITH_A_SEARCH,
    }
    for path, most in paths.items():
        with counted_queries() as statements:
            assert desk.get(path).status_code == 200
        assert len(statements) <= most, f"{path}\n\n" + "\n\n".join(statements)


def test_the_emulators_pages_are_linked_only_where_it_is_in_use(desk: Desk) -> None:
    booking_id = desk.book(desk.application())
    assert "In the emulator" not in text_of(desk.get(f"/bookings/{booking_id}"))


# -- what the tests share --------------------------------------------------------------------------


def _with_jose(desk: Desk) -> tuple[int, int]:
    """Return an application whose second seat José could take as well as Femi, and José's id."""
    dana, femi, jose = (factories.interviewer(each) for each in (DANA, FEMI, JOSE))
    draft = factories.interview_draft(factories.pool([dana]), factories.pool([femi, jose]))
    return desk.application(factories.stage(draft)), jose


def _stopped(desk: Desk, attention: Attention, detail: str = "") -> int:
    booking_id = desk.book(desk.application())
    booking = desk.booking(booking_id)
    booking.attention, booking.attention_detail = attention, detail
    db.session.commit()
    return booking_id


def _link_form(desk: Desk, booking_id: int) -> str:
    return f"/bookings/{booking_id}/calls/{desk.booking(booking_id).calls[0].id}/link"


def _swap_path(desk: Desk, booking_id: int, name: str) -> str:
    seat = next(
        seat
        for interview in desk.booking(booking_id).interviews
        for seat in interview.seats
        if seat.interviewer.name == name and seat.state is SeatState.LIVE
    )
    return f"/bookings/{booking_id}/seats/{seat.id}/swap"


def _seated(desk: Desk, booking_id: int) -> set[str]:
    return {
        seat.interviewer.name
        for interview in desk.booking(booking_id).interviews
        for seat in interview.seats
        if seat.state is SeatState.LIVE
    }


@pytest.fixture
def desk(app: Flask, greenroom: Greenroom, signed_in_as: SignedInAs) -> Desk:
    return Desk(app, greenroom, signed_in_as)
