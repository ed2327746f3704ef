"""Candidates: found, added, changed; and when they can, typed in their own zone without losing any of it."""

from __future__ import annotations

from contextvars import Context
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from scheduler.clock import utc_now
from scheduler.domain.timespan import TimeSpan
from scheduler.models.base import db
from scheduler.models.candidates import Application, Candidate
from scheduler.models.plans import Stage
from tests import factories
from tests.cast import ADA, BO
from tests.web.browsers import SignedInAs
from tests.web.recruiting import MOST_QUERIES, Desk, counted_queries, text_of
from tests.world import Greenroom

PARTICULARS = {
    "name": "Cleo Marsh",
    "email": "cleo@mailbox.example",
    "zone": "Europe/Berlin",
    "resume_url": "",
    "stage": "",
    "recruiter": "",
    "scorecard_url": "",
}
NEW_YORK = ZoneInfo("America/New_York")


# -- the list --------------------------------------------------------------------------------------


def test_the_list_shows_where_everybody_stands(desk: Desk) -> None:
    stage_id = factories.stage()
    booked = desk.application(stage_id)
    desk.book(booked)
    desk.application(stage_id, account=BO, windows=[])
    page = text_of(desk.get("/candidates"))
    assert "Ada Quist ada@mailbox.example Technical · Platform engineer Booked" in page
    assert "Bo Lindqvist bo@mailbox.example Technical · Platform engineer No times yet" in page


@pytest.mark.parametrize("words", ["quist", "QUIST ada", "ada@mail"])
def test_the_search_finds_names_and_addresses(desk: Desk, words: str) -> None:
    stage_id = factories.stage()
    desk.application(stage_id)
    desk.application(stage_id, account=BO)
    page = text_of(desk.get(f"/candidates?q={words}"))
    assert "Ada Quist" in page
    assert "Bo Lindqvist" not in page


@pytest.mark.parametrize("words", ["%", "_", "\\", "x" * 9_000, "عادة", "' OR 1=1"])
def test_the_search_takes_anything_literally(desk: Desk, words: str) -> None:
    desk.application()
    answer = desk.get(f"/candidates?q={words}")
    assert answer.status_code == 200
    assert "Nobody fits" in text_of(answer)


def test_the_filters_narrow_and_nonsense_in_them_does_no_harm(desk: Desk) -> None:
    stage_id, other = (
        factories.stage(),
        factories.stage(factories.interview_draft(factories.pool())),
    )
    desk.application(stage_id)
    assert "Ada Quist" in text_of(desk.get(f"/candidates?stage={stage_id}"))
    assert "Ada Quist" not in text_of(desk.get(f"/candidates?stage={other}"))
    for nonsense in ("role=x", "role=-1", "stage=99999999999999", "page=-5", "page=9999"):
        assert desk.get(f"/candidates?{nonsense}").status_code == 200


def test_the_list_has_pages_and_needs_few_queries(desk: Desk) -> None:
    stage_id = factories.stage()
    for number in range(27):
        account = ADA.__class__(
            email=f"c{number}@mailbox.example", name=f"C {number:02}", kind="candidate", zone="UTC"
        )
        desk.application(stage_id, account=account)
    with counted_queries() as statements:
        first = text_of(desk.get("/candidates"))
    assert len(statements) <= MOST_QUERIES, "\n\n".join(statements)
    assert "1–25 of 27" in first
    assert "C 26" in text_of(desk.get("/candidates?page=2"))


def test_without_candidates_the_list_says_how_to_begin(desk: Desk) -> None:
    assert "No candidates yet" in text_of(desk.get("/candidates"))


# -- adding and changing ---------------------------------------------------------------------------


def test_somebody_new_is_added_at_a_stage(desk: Desk) -> None:
    stage_id = factories.stage()
    fields = PARTICULARS | {"stage": str(stage_id), "recruiter": str(desk.user_id)}
    answer = desk.post("/candidates/new", dict(fields))
    candidate = db.session.query(Candidate).one()
    assert (answer.status_code, answer.location) == (303, f"/candidates/{candidate.id}")
    assert candidate.applications[0].stage_id == stage_id


def test_somebody_new_may_have_no_address_and_no_stage_yet(desk: Desk) -> None:
    fields = PARTICULARS | {"email": "", "recruiter": str(desk.user_id)}
    assert desk.post("/candidates/new", dict(fields)).status_code == 303
    assert db.session.query(Candidate).one().email is None
    assert db.session.query(Application).count() == 0


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", "  ", "Enter a name."),
        ("name", "x" * 10_000, "Use at most 200 characters."),
        ("email", "ada", "Enter one e-mail address, like ada@example.com."),
        ("email", "ada@example.com\nbcc: eve@example.com", "Enter one e-mail address"),
        ("zone", "Europe/Atlantis", "Choose a time zone from the list, like Europe/Berlin."),
        ("resume_url", "ftp://files", "Enter a full address that begins with https://."),
        ("scorecard_url", "not an address", "Enter a full address that begins with https://."),
    ],
)
def test_what_cannot_be_kept_is_one_sentence_and_nothing_is_lost(
    desk: Desk, field: str, typed: str, sentence: str
) -> None:
    fields = PARTICULARS | {field: typed, "recruiter": str(desk.user_id)}
    answer = desk.post("/candidates/new", dict(fields))
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    kept = "Cleo Marsh" if field != "name" else "cleo@mailbox.example"
    assert f'value="{kept}"' in answer.text
    assert db.session.query(Candidate).count() == 0


def test_a_candidate_can_be_changed(desk: Desk) -> None:
    desk.application()
    candidate = db.session.query(Candidate).one()
    path = f"/candidates/{candidate.id}/edit"
    assert 'value="Ada Quist"' in desk.get(path).text
    fields = {"name": "نور حداد", "email": "nour@inbox.example", "zone": "Asia/Dubai"}
    assert desk.post(path, dict(fields)).status_code == 303
    db.session.expire_all()
    assert (candidate.name, candidate.zone.key) == ("نور حداد", "Asia/Dubai")
    assert desk.post(path, fields | {"zone": "Mars/Olympus"}).status_code == 422


def test_another_role_can_be_added(desk: Desk) -> None:
    desk.application()
    candidate = db.session.query(Candidate).one()
    other = factories.stage(factories.interview_draft(factories.pool()))
    path = f"/candidates/{candidate.id}/applications"
    answer = desk.post(path, {"stage": str(other), "recruiter": str(desk.user_id)})
    assert answer.status_code == 303
    assert len(candidate.applications) == 2
    assert desk.post(path, {"stage": "999", "recruiter": "1"}).status_code == 422


def test_an_application_goes_on_to_a_stage_of_its_own_role_only(desk: Desk) -> None:
    application_id = desk.application()
    foreign = factories.stage(factories.interview_draft(factories.pool()))
    for stage in (foreign, 999, "x"):
        answer = desk.post(f"/applications/{application_id}/stage", {"stage": stage})
        assert answer.status_code == 303
        assert "Nothing has changed." in text_of(desk.get(answer.location))
    application = db.session.get_one(Application, application_id)
    assert application.job_role_id == db.session.get_one(Stage, application.stage_id).job_role_id


def test_the_page_of_a_candidate_shows_the_plan_the_times_and_the_bookings(desk: Desk) -> None:
    application_id = desk.application()
    booking_id = desk.book(application_id)
    answer = desk.get(f"/candidates/{_candidate_id(application_id)}")
    page = text_of(answer)
    assert "Platform engineer" in page
    assert "When Ada can" in page
    assert f"/bookings/{booking_id}" in answer.text
    assert "/i/" in answer.text, "the candidate's own link"


def test_the_page_of_a_candidate_needs_few_queries(desk: Desk) -> None:
    application_id = desk.application()
    desk.book(application_id)
    with counted_queries() as statements:
        desk.get(f"/candidates/{_candidate_id(application_id)}")
    assert len(statements) <= MOST_QUERIES, "\n\n".join(statements)


@pytest.mark.parametrize(
    "path", ["/candidates/999", "/candidates/x", "/candidates/9/edit", "/applications/9/windows"]
)
def test_who_is_not_there_is_not_found(desk: Desk, path: str) -> None:
    assert desk.get(path).status_code == 404


# -- when they can ---------------------------------------------------------------------------------


def test_times_are_typed_on_the_candidates_clock(desk: Desk) -> None:
    application_id = desk.application(account=BO, windows=[])
    answer = _give(desk, application_id, (_day(3), "09:00", "17:30"), ("", "", ""))
    assert answer.status_code == 303
    (span,) = _windows(application_id)
    assert span.start == datetime.combine(_day(3), time(9), NEW_YORK).astimezone(UTC)
    assert span.end == datetime.combine(_day(3), time(17, 30), NEW_YORK).astimezone(UTC)


def test_a_time_until_midnight_lasts_the_evening(desk: Desk) -> None:
    application_id = desk.application(windows=[])
    assert _give(desk, application_id, (_day(3), "18:00", "00:00")).status_code == 303
    assert _windows(application_id)[0].length == timedelta(hours=6)
    page = desk.get(f"/applications/{application_id}/windows").text
    assert 'value="18:00"' in page
    assert 'value="00:00"' in page


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ((3, "17:00", "09:00"), "The end must come after the start."),
        ((3, "09:00", "09:00"), "The end must come after the start."),
        ((-3, "09:00", "17:00"), "This time has passed. Give one that is still to come."),
        ((900, "09:00", "17:00"), "Give a day within the next year."),
        ((3, "25:00", "17:00"), "Give a day, a time from and a time to."),
        ((3, "", "17:00"), "Give a day, a time from and a time to."),
        (("someday", "09:00", "17:00"), "Give a day, a time from and a time to."),
        (("9999-12-31", "09:00", "00:00"), "Give a day within the next year."),
    ],
)
def test_a_time_that_cannot_be_is_one_sentence_at_its_row_and_the_others_stay(
    desk: Desk, row: tuple[int | str, str, str], sentence: str
) -> None:
    application_id = desk.application(windows=[])
    on = _day(row[0]) if isinstance(row[0], int) else row[0]
    answer = _give(desk, application_id, (_day(4), "10:00", "12:00"), (on, row[1], row[2]))
    assert answer.status_code == 422
    assert f"Row 2: {sentence}" in text_of(answer)
    assert f'value="{_day(4)}"' in answer.text
    assert 'value="12:00"' in answer.text
    assert _windows(application_id) == []


def test_weekdays_of_two_weeks_are_one_press_and_nothing_is_saved_by_it(desk: Desk) -> None:
    application_id = desk.application(windows=[])
    answer = _give(desk, application_id, (_day(3), "07:00", "08:00"), do="quick")
    assert answer.status_code == 200
    assert answer.text.count('value="17:00"') in (9, 10)
    assert 'value="07:00"' in answer.text, "what was typed stays"
    assert _windows(application_id) == []


def test_more_rows_keep_what_was_typed(desk: Desk) -> None:
    application_id = desk.application(windows=[])
    answer = _give(desk, application_id, (_day(3), "07:00", "08:00"), do="more")
    assert answer.text.count('name="on"') > 3
    assert 'value="07:00"' in answer.text


def test_times_can_all_be_taken_back(desk: Desk) -> None:
    application_id = desk.application()
    answer = _give(desk, application_id, ("", "", ""))
    assert answer.status_code == 303
    assert _windows(application_id) == []
    assert "No times are left" in text_of(desk.get(answer.headers["Location"]))


def test_a_head_request_saves_nothing(desk: Desk) -> None:
    application_id = desk.application()
    path = f"/applications/{application_id}/windows"
    assert Context().run(lambda: desk.browser.head(path)).status_code == 200
    assert len(_windows(application_id)) == 1


def test_a_thousand_rows_are_not_read(desk: Desk) -> None:
    application_id = desk.application(windows=[])
    rows = [(_day(3), "09:00", "10:00")] * 1_000
    assert _give(desk, application_id, *rows).status_code == 303
    assert len(_windows(application_id)) == 1


# -- what the tests share --------------------------------------------------------------------------


def _give(
    desk: Desk, application_id: int, *rows: tuple[object, str, str], do: str = ""
) -> TestResponse:
    """Send the form of times with these rows: day, from, to."""
    names = ("on", "starts", "ends")
    fields: dict[str, object] = {
        name: [str(row[part]) for row in rows] for part, name in enumerate(names)
    }
    return desk.post(f"/applications/{application_id}/windows", fields | ({"do": do} if do else {}))


def _windows(application_id: int) -> list[TimeSpan]:
    db.session.expire_all()
    return [row.during for row in db.session.get_one(Application, application_id).windows]


def _candidate_id(application_id: int) -> int:
    return db.session.get_one(Application, application_id).candidate_id


def _day(ahead: int) -> date:
    return utc_now().date() + timedelta(days=ahead)


@pytest.fixture
def desk(app: Flask, greenroom: Greenroom, signed_in_as: SignedInAs) -> Desk:
    return Desk(app, greenroom, signed_in_as)
