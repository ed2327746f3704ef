"""Choosing a time: what is offered, what stands in the way, and that a booking happens once."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask

from scheduler.commands import candidates as candidate_commands
from scheduler.commands import plans
from scheduler.commands.audit import GREENROOM
from scheduler.domain.plan import Order
from scheduler.domain.timespan import TimeSpan
from scheduler.emulator.company import Account
from scheduler.models.base import db
from scheduler.models.bookings import Booking
from scheduler.models.calendar import BusyCalendar, OrganizerCalendar
from scheduler.models.candidates import Candidate, Invite
from scheduler.models.mail import OutboxMail
from scheduler.models.people import InterviewerRow
from scheduler.models.plans import Stage
from tests import factories
from tests.cast import BO, DANA, FEMI, JOSE
from tests.commands.test_interleavings import keep_busy
from tests.web.browsers import SignedInAs
from tests.web.recruiting import (
    MOST_QUERIES_WITH_A_SEARCH,
    Desk,
    Unplugged,
    counted_queries,
    text_of,
)
from tests.world import Greenroom


def test_the_page_shows_the_times_on_both_clocks_with_the_panel_and_its_load(desk: Desk) -> None:
    application_id, here = _stage(desk)
    desk.greenroom.read_calendars(desk.greenroom.stage_of(application_id))
    page = text_of(desk.get(f"{here}/times"))
    assert "Suggested times" in page
    assert "for Ada" in page
    assert "Dana 0/10" in page
    assert "Femi 0/10" in page


def test_looking_at_the_page_asks_google_nothing(desk: Desk) -> None:
    _, here = _stage(desk)
    desk.greenroom.http = Unplugged()
    assert desk.get(f"{here}/times").status_code == 200


def test_calendars_never_read_are_unknown_and_read_as_soon_as_the_page_is_open(desk: Desk) -> None:
    _, here = _stage(desk)
    answer = desk.get(f"{here}/times")
    assert "who is unknown is never free" in text_of(answer)
    assert 'hx-trigger="load, submit"' in answer.text
    assert 'name="slot"' not in answer.text


def test_reading_the_calendars_shows_the_times(desk: Desk) -> None:
    _, here = _stage(desk)
    answer = desk.post(f"{here}/calendars", by_script=True)
    assert answer.status_code == 200
    assert answer.text.count('type="radio"') > 0
    assert "<html" not in answer.text
    assert 'hx-trigger="load' not in answer.text, "it would ask for ever"


def test_without_a_script_reading_the_calendars_leads_back_to_the_page(desk: Desk) -> None:
    _, here = _stage(desk)
    answer = desk.post(f"{here}/calendars", {"week": desk.day.isoformat()})
    assert answer.status_code == 303
    assert answer.location == f"{here}/times?week={desk.day.isoformat()}"


def test_a_google_that_does_not_answer_is_one_sentence_and_nobody_is_free(desk: Desk) -> None:
    _, here = _stage(desk)
    desk.greenroom.http = Unplugged()
    answer = desk.post(f"{here}/calendars", by_script=True)
    assert answer.status_code == 503
    assert "Google could not be asked for the calendars just now." in text_of(answer)
    assert 'hx-trigger="load' not in answer.text, "it would ask for ever"


def test_a_calendar_that_google_does_not_tell_of_is_named(desk: Desk) -> None:
    _, here = _stage(desk)
    desk.post(f"{here}/calendars")
    dana = db.session.query(InterviewerRow).filter_by(name=DANA.name).one()
    db.session.query(BusyCalendar).filter_by(interviewer_id=dana.id).update(
        {"busy": None, "error": "notFound", "unknown_since": desk.at(9)}
    )
    db.session.commit()
    page = text_of(desk.get(f"{here}/times"))
    assert "Google does not tell us when Dana Okonkwo is busy" in page
    assert "Dana Okonkwo : calendar unknown since" in page
    assert "notFound" in page
    assert "notFound" in text_of(desk.get(f"/admin/interviewers/{dana.id}"))


def test_the_best_times_are_said_with_their_reasons_and_that_they_are_proven(desk: Desk) -> None:
    _, here = _stage(desk)
    desk.post(f"{here}/calendars")
    page = text_of(desk.get(f"{here}/times"))
    assert "Best of all weeks" in page
    assert "The best there are" in page
    assert "Nobody has interviews this week" in page


def test_where_nothing_fits_the_page_promises_only_what_a_search_has_counted(desk: Desk) -> None:
    application_id, here = _stage(desk)
    night = TimeSpan(desk.at(22), desk.at(23))
    candidate_commands.give_windows(
        application_id, [night], by=GREENROOM, now=desk.greenroom.clock()
    )
    desk.post(f"{here}/calendars")
    page = text_of(desk.get(f"{here}/times"))
    assert re.search(
        r"Widening the candidate's windows to any time would open [1-9]\d* starts", page
    )


def test_asked_why_not_at_a_time_the_page_says_who_is_in_the_way_and_what_would_help(
    desk: Desk,
) -> None:
    dana, femi = (factories.pool([factories.interviewer(each)]) for each in (DANA, FEMI))
    application_id, here = _stage(desk, factories.stage(factories.interview_draft(dana, femi)))
    keep_busy(desk.greenroom, DANA, desk.at(10), desk.at(11))
    desk.post(f"{here}/calendars")
    page = text_of(desk.get(f"{here}/times?why_not={_typed(desk, 10)}"))
    assert "Why not" in page
    assert "nobody can take the lead seat. Busy: Dana Okonkwo" in page
    assert "nobody can take the second seat" not in page
    assert "It could be held with any one of these:" in page
    assert "Dana Okonkwo moving their meetings" in page
    assert desk.at(10) not in [slot.span.start for slot in desk.greenroom.slots(application_id)], (
        "it is as the page says"
    )


def test_of_a_loop_the_page_says_what_is_in_the_way_of_the_layout_that_lacks_least(
    desk: Desk,
) -> None:
    """In the plan's order both Dana and Femi would be busy; the other way round only Dana is."""
    stage_id = _a_loop_of(DANA, FEMI)
    _in_any_order(desk, stage_id)
    _, here = _stage(desk, stage_id)
    keep_busy(desk.greenroom, DANA, desk.at(10), desk.at(14))
    keep_busy(desk.greenroom, FEMI, desk.at(11), desk.at(14))
    desk.post(f"{here}/calendars")
    page = text_of(desk.get(f"{here}/times?why_not={_typed(desk, 10)}"))
    assert "Least is in the way like this: Values 10:00–10:30; Coding 10:30–11:30." in page
    assert "Coding, 10:30–11:30: nobody can take the lead seat. Busy: Dana Okonkwo" in page
    assert "Busy: Femi" not in page
    assert "Values, 1" not in page


def test_somebody_who_would_have_to_sit_twice_is_told_by_name(desk: Desk) -> None:
    _, here = _stage(desk, _a_loop_of(DANA, DANA))
    desk.post(f"{here}/calendars")
    page = text_of(desk.get(f"{here}/times?why_not={_typed(desk, 10)}"))
    assert "nobody can take the lead seat. In another seat of this loop: Dana Okonkwo" in page
    assert "Letting people sit in two interviews" in page


def test_a_time_between_those_that_are_looked_at_is_told_so(desk: Desk) -> None:
    _, here = _stage(desk)
    desk.post(f"{here}/calendars")
    page = text_of(desk.get(f"{here}/times?why_not={_typed(desk, 10).replace(':00', ':05')}"))
    assert "It lies between the starts that are looked at, one every 15 minutes." in page
    assert "nobody can take" not in page
    assert "Starting every five minutes" in page


def test_a_time_at_which_nobody_works_is_told_by_rule_and_by_person(desk: Desk) -> None:
    _, here = _stage(desk)
    desk.post(f"{here}/calendars")
    page = text_of(desk.get(f"{here}/times?why_not={_typed(desk, 22)}"))
    assert "The candidate is not available at this time." in page
    assert re.search(r"Outside working hours: Dana Okonkwo\b.*Femi Adeyemi", page)


def test_a_time_outside_the_dates_searched_is_told_so_and_nothing_is_promised(desk: Desk) -> None:
    _, here = _stage(desk)
    desk.post(f"{here}/calendars")
    page = text_of(desk.get(f"{here}/times?why_not=1999-01-04T10:00"))
    assert "It lies outside the dates that are searched:" in page
    assert "No change that we tried" not in page


def test_going_back_does_not_leave_a_time_chosen_that_the_page_does_not_show(desk: Desk) -> None:
    _, here = _stage(desk)
    form = re.search(r'<form id="choose"[^>]*>', desk.get(f"{here}/times").text)
    assert form is not None
    assert 'autocomplete="off"' in form[0]


def test_a_time_that_is_possible_can_be_chosen_at_once(desk: Desk) -> None:
    application_id, here = _stage(desk)
    key = desk.key_at(application_id, desk.at(10))
    answer = desk.get(f"{here}/times?why_not={_typed(desk, 10)}")
    assert "10:00 is possible Choose it" in text_of(answer)
    assert f'href="{here}/times?slot={key}"' in answer.text


@pytest.mark.parametrize(
    "typed", ["", "x", "9999-12-31T23:59", "0001-01-01T00:00", "2026-02-30T10:00"]
)
def test_a_time_that_there_is_not_is_no_question(desk: Desk, typed: str) -> None:
    _, here = _stage(desk)
    answer = desk.get(f"{here}/times?why_not={typed}")
    assert answer.status_code == 200
    assert "It could be held" not in text_of(answer)


def test_the_question_stays_while_calendars_are_read(desk: Desk) -> None:
    _, here = _stage(desk)
    answer = desk.post(f"{here}/calendars", {"why_not": _typed(desk, 22)}, by_script=True)
    assert "The candidate is not available at this time." in text_of(answer)


def test_booking_makes_one_booking_and_leads_to_its_page(desk: Desk) -> None:
    application_id, here = _stage(desk)
    key = desk.key_at(application_id, desk.at(10))
    answer = desk.post(f"{here}/booking", {"slot": key})
    booking = db.session.query(Booking).one()
    assert (answer.status_code, answer.location) == (303, f"/bookings/{booking.id}")
    assert booking.interviews[0].during.start == desk.at(10)


def test_a_second_click_leads_to_the_booking_of_the_first(desk: Desk) -> None:
    application_id, here = _stage(desk)
    key = desk.key_at(application_id, desk.at(10))
    first = desk.post(f"{here}/booking", {"slot": key})
    second = desk.post(f"{here}/booking", {"slot": key})
    assert (second.status_code, second.location) == (303, first.location)
    assert db.session.query(Booking).count() == 1
    assert "This stage is booked already." in text_of(desk.get(second.location))


def test_a_slot_that_has_just_gone_gets_the_nearest_three_and_loses_nothing(desk: Desk) -> None:
    application_id, here = _stage(desk)
    key = desk.key_at(application_id, desk.at(10))
    stage_id = desk.greenroom.stage_of(application_id)
    desk.greenroom.book(desk.application(stage_id, account=BO), desk.at(10))
    answer = desk.post(f"{here}/booking", {"slot": key})
    assert answer.status_code == 409
    page = text_of(answer)
    assert "That time is no longer free" in page
    assert "Dana Okonkwo: busy." in page
    assert len(re.findall(r"<button[^>]* name=\"slot\"", answer.text)) == 3
    assert db.session.query(Booking).count() == 1


@pytest.mark.parametrize("key", ["no-key", "a" * 5_000, "ḿ", "gfrtq"])
def test_a_key_that_nobody_gave_out_books_nothing(desk: Desk, key: str) -> None:
    _, here = _stage(desk)
    answer = desk.post(f"{here}/booking", {"slot": key})
    assert answer.status_code == 409
    assert db.session.query(Booking).count() == 0


def test_booking_without_a_choice_asks_for_one(desk: Desk) -> None:
    _, here = _stage(desk)
    answer = desk.post(f"{here}/booking")
    assert answer.status_code == 422
    assert "Choose a time first." in text_of(answer)


def test_nothing_is_booked_while_google_does_not_answer(desk: Desk) -> None:
    application_id, here = _stage(desk)
    key = desk.key_at(application_id, desk.at(10))
    desk.greenroom.http = Unplugged()
    answer = desk.post(f"{here}/booking", {"slot": key})
    assert answer.status_code == 503
    assert "Nothing has been booked or changed" in text_of(answer)
    assert db.session.query(Booking).count() == 0


def test_a_candidate_without_an_address_cannot_be_booked(desk: Desk) -> None:
    application_id, here = _stage(desk, email="")
    key = desk.key_at(application_id, desk.at(10))
    answer = desk.post(f"{here}/booking", {"slot": key})
    assert answer.status_code == 422
    assert "Ada Quist has no e-mail address." in text_of(answer)
    assert "/edit" in answer.text


def test_without_an_organizer_calendar_an_admin_has_to_connect_one(desk: Desk) -> None:
    application_id, here = _stage(desk)
    key = desk.key_at(application_id, desk.at(10))
    db.session.query(OrganizerCalendar).delete()
    db.session.commit()
    answer = desk.post(f"{here}/booking", {"slot": key})
    assert answer.status_code == 409
    assert "Ask an admin to connect it." in text_of(answer)


def test_a_pool_that_nobody_is_in_is_named_by_its_interview(desk: Desk) -> None:
    stage_id = factories.stage(factories.interview_draft(factories.pool(), title="Coding"))
    _, here = _stage(desk, stage_id)
    page = text_of(desk.get(f"{here}/times"))
    assert "Nobody may take a seat" in page
    assert "Coding: the pool has nobody trained in it." in page


def test_a_candidate_who_gave_no_times_is_asked_for_them(desk: Desk) -> None:
    application_id, here = _stage(desk, windows=[])
    answer = desk.get(f"{here}/times")
    assert "No times from Ada yet" in text_of(answer)
    assert f"/applications/{application_id}/windows" in answer.text


def test_the_funnel_says_how_many_starts_each_condition_leaves(desk: Desk) -> None:
    _, here = _stage(desk)
    page = text_of(desk.get(f"{here}/times"))
    for condition in ("Ada Quist can", "Inside working hours", "Nobody busy"):
        assert condition in page


def test_the_candidate_is_asked_to_choose_once(desk: Desk) -> None:
    _, here = _stage(desk)
    first, second = desk.post(f"{here}/invite"), desk.post(f"{here}/invite")
    assert (first.status_code, second.status_code) == (303, 303)
    assert db.session.query(OutboxMail).count() == 1
    assert db.session.query(Invite).one().offered_at is not None


def test_somebody_without_an_address_cannot_be_asked(desk: Desk) -> None:
    _, here = _stage(desk, email="")
    answer = desk.post(f"{here}/invite")
    assert answer.status_code == 422
    assert db.session.query(OutboxMail).count() == 0


def test_nobody_is_asked_with_a_text_that_names_who_could_sit(desk: Desk) -> None:
    _, here = _stage(desk)
    db.session.query(Stage).one().public_notes = f"You will meet {DANA.name}."
    db.session.commit()
    answer = desk.post(f"{here}/invite")
    assert answer.status_code == 422
    sentence = "“Dana Okonkwo” in the public notes of the stage names somebody who could be on the"
    assert sentence in text_of(answer)
    assert db.session.query(OutboxMail).count() == 0


def test_the_week_can_be_chosen_and_nonsense_is_the_first_with_times(desk: Desk) -> None:
    _, here = _stage(desk)
    desk.post(f"{here}/calendars")
    day = desk.day.strftime("%-d")
    for week in (desk.day.isoformat(), "nonsense", "9999-12-31x", ""):
        assert f"<b>{day}</b>" in desk.get(f"{here}/times?week={week}").text
    assert desk.get(f"{here}/times?week=9999-12-27").status_code == 200
    assert desk.get(f"{here}/times?week=0001-01-01").status_code == 200


def test_a_chosen_time_is_marked_in_the_week_and_in_the_list(desk: Desk) -> None:
    application_id, here = _stage(desk)
    key = desk.key_at(application_id, desk.at(10))
    answer = desk.get(f"{here}/times?slot={key}")
    assert re.search(rf'<a class="slot[^>]*{key}[^>]*aria-current="true"', answer.text)
    assert re.search(rf'value="{key}" checked', answer.text)


@pytest.mark.parametrize(
    "path",
    [
        "/applications/999/stages/1/times",
        "/applications/1/stages/999/times",
        "/applications/99999999999/stages/1/times",
    ],
)
def test_what_is_not_there_is_not_found(desk: Desk, path: str) -> None:
    _stage(desk)
    assert desk.get(path).status_code == 404


def test_a_stage_of_another_role_is_not_found(desk: Desk) -> None:
    application_id, _ = _stage(desk)
    other = factories.stage(factories.interview_draft(factories.pool()))
    assert desk.get(f"/applications/{application_id}/stages/{other}/times").status_code == 404


def test_the_page_needs_few_queries_however_many_sit_in_the_pools(desk: Desk) -> None:
    pools = [factories.pool([factories.interviewer(each)]) for each in (DANA, FEMI, JOSE)]
    drafts = [factories.interview_draft(pool, title=f"Part {pool}") for pool in pools]
    _, here = _stage(desk, factories.stage(*drafts))
    desk.post(f"{here}/calendars")
    with counted_queries() as statements:
        assert desk.get(f"{here}/times").status_code == 200
    assert len(statements) <= MOST_QUERIES_WITH_A_SEARCH, "\n\n".join(statements)


def test_names_are_shown_as_text(desk: Desk) -> None:
    _, here = _stage(desk)
    candidate = db.session.query(Candidate).one()
    candidate_commands.change_candidate(
        candidate.id,
        name="<b>Ada</b> عادة",
        email=candidate.email or "",
        zone="Asia/Kolkata",
        resume_url="",
        by=GREENROOM,
        now=desk.greenroom.clock.now,
    )
    answer = desk.get(f"{here}/times")
    assert "&lt;b&gt;Ada&lt;/b&gt; عادة" in answer.text


# -- what the tests share --------------------------------------------------------------------------


def _typed(desk: Desk, hour: int) -> str:
    """Return an hour of the day on which things are booked as a browser sends it: by its own clock."""
    return f"{desk.at(hour):%Y-%m-%dT%H:%M}"


def _stage(
    desk: Desk,
    stage_id: int | None = None,
    *,
    email: str | None = None,
    windows: list[TimeSpan] | None = None,
) -> tuple[int, str]:
    """Return an application's id, and the address that everything about its stage begins with."""
    application_id = desk.application(stage_id, email=email, windows=windows)
    stage = desk.greenroom.stage_of(application_id)
    return application_id, f"/applications/{application_id}/stages/{stage}"


def _a_loop_of(coding: Account, values: Account) -> int:
    """Return the id of a stage of an hour and half an hour, led by these."""
    pools = {
        each.email: factories.pool([factories.interviewer(each)])
        for each in dict.fromkeys((coding, values))
    }
    return factories.stage(
        factories.interview_draft(pools[coding.email], title="Coding", minutes=60),
        factories.interview_draft(pools[values.email], title="Values", minutes=30),
    )


def _in_any_order(desk: Desk, stage_id: int) -> None:
    draft, version = plans.drafted(stage_id)
    changed = replace(draft, order=Order.ANY)
    now = desk.greenroom.clock()
    plans.change_stage(stage_id, changed, version=version, by=GREENROOM, now=now)


@pytest.fixture
def desk(app: Flask, greenroom: Greenroom, signed_in_as: SignedInAs) -> Desk:
    return Desk(app, greenroom, signed_in_as)
