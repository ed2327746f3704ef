"""Roles and their interview plans, opened, read and reworded through the pages."""

from __future__ import annotations

import dataclasses
import html
import re
from datetime import time, timedelta

import pytest
from flask import Flask

from scheduler.commands import plans, rooms
from scheduler.commands.audit import GREENROOM
from scheduler.domain.calls import ConferenceStrategy
from scheduler.domain.plan import CallGrouping, Lunch, Order, Rest, RoomId, SeatKind
from scheduler.models.base import db
from scheduler.models.plans import JobRole, Stage
from scheduler.queries import stage_plans
from tests import factories
from tests.cast import AURORA, FEMI, FJORD, HARBOUR
from tests.web.browsers import Browser


@pytest.fixture
def pool_id(app: Flask) -> int:
    with app.app_context():
        return factories.pool([factories.interviewer()])


def role_fields(pool_id: int) -> dict[str, object]:
    return {
        "job_title": "Platform engineer",
        "team": "Platform",
        "title": "Phone screen",
        "public_title": "Introductory call",
        "public_notes": "Nothing to prepare.",
        "attendance": "video",
        "shortest_gap": "0",
        "longest_gap": "60",
        "interviews-0-interview_title": "Introduction",
        "interviews-0-minutes": "30",
        "interviews-0-focus": "Motivation",
        "interviews-0-lead": pool_id,
        "interviews-0-second": "",
        "interviews-0-shadow": pool_id,
    }


LOOP = {
    "call_grouping": "per_loop_day",
    "shortest_gap": "15",
    "interviews-1-interview_title": "Coding",
    "interviews-1-minutes": "60",
    "interviews-1-second": "",
    "interviews-1-shadow": "",
}


def test_a_role_is_opened_with_its_first_stage(
    app: Flask, recruiter: Browser, pool_id: int
) -> None:
    answer = recruiter.send("/admin/plans/new", role_fields(pool_id))
    assert answer.status_code == 303
    page = recruiter.get(answer.headers["Location"]).text
    for text in ("Platform engineer", "Introductory call", "Introduction", "Motivation"):
        assert text in page
    assert "(1 person)" in page
    assert "Nobody can be seated" not in page  # nobody is in training, and nobody has to watch
    with app.app_context():
        role = db.session.scalars(db.select(JobRole)).one()
        seats = role.stages[0].interviews[0].seats
        assert [(seat.kind, [pool.id for pool in seat.pools]) for seat in seats] == [
            (SeatKind.LEAD, [pool_id]),
            (SeatKind.SHADOW, [pool_id]),
        ]
    assert "Platform engineer" in recruiter.get("/admin/plans").text


@pytest.mark.parametrize("strategy", list(ConferenceStrategy))
def test_a_stage_says_which_event_asks_for_the_conference(
    app: Flask, recruiter: Browser, pool_id: int, strategy: ConferenceStrategy
) -> None:
    fields = role_fields(pool_id) | {"strategy": strategy.value}
    assert recruiter.send("/admin/plans/new", fields).status_code == 303
    with app.app_context():
        assert db.session.scalars(db.select(Stage.strategy)).all() == [strategy]


def test_a_loop_is_added_as_the_next_stage(app: Flask, recruiter: Browser, pool_id: int) -> None:
    plan = recruiter.send("/admin/plans/new", role_fields(pool_id)).headers["Location"]
    fields = role_fields(pool_id) | LOOP | {"title": "On-site", "interviews-1-lead": pool_id}
    assert recruiter.send(f"{plan}/stages/new", fields).status_code == 303
    with app.app_context():
        stage = db.session.scalars(db.select(Stage).where(Stage.position == 1)).one()
        assert stage.call_grouping is CallGrouping.PER_LOOP_DAY
        assert stage.shortest_gap == timedelta(minutes=15)
        assert [each.title for each in stage.interviews] == ["Introduction", "Coding"]
    page = recruiter.get(plan).text
    assert "2. On-site" in page
    assert "One call for the day" in page


def test_a_form_grows_and_shrinks_without_losing_what_was_typed(
    app: Flask, recruiter: Browser, pool_id: int
) -> None:
    fields = role_fields(pool_id)
    more = recruiter.send("/admin/plans/new", fields | {"change": "more"})
    assert more.status_code == 200
    assert 'name="interviews-1-interview_title"' in more.text
    assert 'value="Introduction"' in more.text
    assert "Between the interviews" in more.text
    fewer = recruiter.send("/admin/plans/new", fields | LOOP | {"change": "fewer"})
    assert 'name="interviews-1-interview_title"' not in fewer.text
    with app.app_context():
        assert db.session.scalar(db.select(db.func.count()).select_from(JobRole)) == 0


def test_a_form_does_not_grow_for_ever(recruiter: Browser, pool_id: int) -> None:
    fields = {f"interviews-{n}-interview_title": "One more" for n in range(50)}
    answer = recruiter.send("/admin/plans/new", role_fields(pool_id) | fields | {"change": "more"})
    assert answer.status_code in (200, 422)
    assert 'name="interviews-8-' not in answer.text


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"job_title": ""}, "Enter a name."),
        ({"title": ""}, "Enter a name."),
        ({"public_title": "x" * 10_000}, "Use at most 200 characters."),
        ({"public_notes": "x" * 10_000}, "Use at most 4,000 characters."),
        ({"interviews-0-interview_title": " "}, "Enter a name."),
        ({"interviews-0-minutes": "4"}, "Between 5 and 480."),
        ({"interviews-0-minutes": "half an hour"}, "Not a valid integer"),
        ({"interviews-0-minutes": ""}, "Enter a number."),
        ({"interviews-0-lead": "4711"}, "Not a valid choice"),
        ({"interviews-0-lead": ""}, ""),
        (
            LOOP | {"interviews-1-lead": "1", "interviews-1-minutes": "0"},
            "Interviews: no. 2, minutes: Between 5 and 480.",
        ),
        ({"attendance": "by telepathy"}, "Not a valid choice"),
        ({"shortest_gap": "90"}, "The longest gap cannot be shorter than the shortest."),
        (LOOP | {"shortest_gap": "5", "interviews-1-lead": "1"}, "leave at least 10 minutes"),
    ],
)
def test_what_cannot_be_kept_is_said_in_place(
    app: Flask, recruiter: Browser, pool_id: int, changed: dict[str, object], sentence: str
) -> None:
    answer = recruiter.send("/admin/plans/new", role_fields(pool_id) | changed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "data-error-summary" in answer.text
    with app.app_context():
        assert db.session.scalar(db.select(db.func.count()).select_from(JobRole)) == 0


def test_a_stage_is_reworded(app: Flask, recruiter: Browser) -> None:
    with app.app_context():
        stage_id = factories.stage()
    path = f"/admin/plans/stages/{stage_id}"
    assert "Technical interview" in recruiter.get(path).text
    words = {"public_title": "A talk", "public_notes": "Come as you are.", "location": "Room 5"}
    assert recruiter.send(path, words).status_code == 303
    with app.app_context():
        stage = db.session.get_one(Stage, stage_id)
        assert (stage.public_title, stage.public_notes, stage.location) == tuple(words.values())
    answer = recruiter.send(path, words | {"public_title": ""})
    assert answer.status_code == 422
    assert "Enter a name." in answer.text


def test_of_two_pages_that_reword_a_stage_the_second_is_told_and_nothing_is_lost(
    app: Flask, recruiter: Browser
) -> None:
    with app.app_context():
        stage_id = factories.stage()
    path = f"/admin/plans/stages/{stage_id}"
    seen = version_on(recruiter.get(path).text)
    first = {"public_title": "A talk", "public_notes": "Come.\r\nStay.", "location": ""}
    second = {"public_title": "A chat", "public_notes": "Bring <b>tea</b>.", "location": "Room 5"}
    assert recruiter.send(path, first | {"version": seen}).status_code == 303
    assert recruiter.send(path, first | {"version": seen}).status_code == 303, "a double click"

    late = recruiter.send(path, second | {"version": seen})
    assert late.status_code == 409
    assert "Somebody has changed these words meanwhile" in late.text
    for words in ("A talk", "Come.\nStay.", "A chat", "Bring &lt;b&gt;tea&lt;/b&gt;.", "Room 5"):
        assert f">{words}</td>" in late.text, "what they are now, and what was typed"
    assert 'value="A chat"' in late.text
    assert words_of(app, stage_id) == ("A talk", "Come.\nStay.", "")
    only_the_title = first | {"public_title": "A chat", "version": seen}
    late_again = recruiter.send(path, only_the_title)
    assert '<td data-label="Now">Come.\nStay.</td>' not in late_again.text, "it is no change"

    again = second | {"version": version_on(late.text)}
    assert recruiter.send(path, again).status_code == 303
    assert words_of(app, stage_id) == tuple(second.values())


def test_words_are_not_changed_meanwhile_by_what_is_none_of_them(
    app: Flask, recruiter: Browser
) -> None:
    with app.app_context():
        stage_id = factories.stage()
    path = f"/admin/plans/stages/{stage_id}"
    seen = version_on(recruiter.get(path).text)
    with app.app_context():
        draft, version = plans.drafted(stage_id)
        several = dataclasses.replace(draft, most_days=2)
        plans.change_stage(
            stage_id, several, version=version, by=GREENROOM, now=factories.NOON_SUNDAY
        )
    words = {"public_title": "A talk", "public_notes": "", "location": ""}
    assert recruiter.send(path, words | {"version": seen}).status_code == 303


def version_on(page: str) -> str:
    found = re.search(r'name="version"[^>]* value="(\w+)"', page)
    assert found is not None
    return found[1]


def words_of(app: Flask, stage_id: int) -> tuple[str, str, str]:
    with app.app_context():
        stage = db.session.get_one(Stage, stage_id)
        return stage.public_title, stage.public_notes, stage.location


def test_without_a_pool_somebody_is_told_to_make_one(recruiter: Browser) -> None:
    assert "There is no interviewer pool yet" in recruiter.get("/admin/plans/new").text
    fields = role_fields(1)
    assert recruiter.send("/admin/plans/new", fields).status_code == 422


RULES = {
    "order": "any",
    "most_days": "2",
    "longest_day": "300",
    "has_lunch": "y",
    "lunch_minutes": "30",
    "lunch_opens_at": "11:30",
    "lunch_closes_at": "13:30",
    "rest_after": "120",
    "rest_length": "20",
    "people_repeat": "y",
    "interviews-0-after": "2",
}


def test_a_loop_has_an_order_days_a_lunch_and_a_rest(
    app: Flask, recruiter: Browser, pool_id: int
) -> None:
    fields = role_fields(pool_id) | LOOP | {"interviews-1-lead": pool_id} | RULES
    answer = recruiter.send("/admin/plans/new", fields)
    assert answer.status_code == 303
    page = recruiter.get(answer.headers["Location"]).text
    for words in (
        "In any order",
        "On up to 2 days",
        "Lunch of",
        "11:30",
        "People may sit twice",
        "Coding before Introduct",
    ):
        assert words in page
    with app.app_context():
        stage = db.session.scalars(db.select(Stage)).one()
        plan = stage_plans.plan_of(stage_plans.load_stage(stage.id))
    assert (plan.order, plan.before, plan.most_days) == (Order.ANY, ((1, 0),), 2)
    assert plan.people_repeat
    assert plan.longest_day == timedelta(hours=5)
    assert plan.lunch == Lunch(timedelta(minutes=30), time(11, 30), time(13, 30))
    assert plan.rest == Rest(after=timedelta(hours=2), length=timedelta(minutes=20))


def test_seats_are_filled_from_pools_or_by_name(
    app: Flask, recruiter: Browser, pool_id: int
) -> None:
    with app.app_context():
        femi = factories.interviewer(FEMI)
        empty = factories.pool()
    fields = role_fields(pool_id) | {
        "interviews-0-lead_or": empty,
        "interviews-0-lead_or_else": f"person-{femi}",
        "interviews-0-second": f"person-{femi}",
        "interviews-0-second_optional": "y",
        "interviews-0-observer": pool_id,
    }
    answer = recruiter.send("/admin/plans/new", fields)
    assert answer.status_code == 303
    page = recruiter.get(answer.headers["Location"]).text
    assert FEMI.name in page
    assert "(2 people)" in page
    with app.app_context():
        seats = db.session.scalars(db.select(Stage)).one().interviews[0].seats
        assert [(seat.kind.value, seat.is_optional) for seat in seats] == [
            ("lead", False),
            ("second", True),
            ("shadow", False),
            ("observer", False),
        ]
        assert {pool.id for pool in seats[0].pools} == {pool_id, empty}
        assert [person.id for person in seats[0].people] == [femi]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"lunch_closes_at": ""}, "Say how long lunch takes, from when, and until when."),
        ({"lunch_minutes": "180"}, "longer than from the beginning to the end"),
        ({"rest_length": ""}, "Enter both, or neither."),
        ({"rest_length": "50"}, "To have room for the rest, let gaps take 65 minutes."),
        ({"longest_day": "30"}, "shorter than its longest interview"),
        ({"most_days": "9"}, "Not a valid choice"),
        ({"interviews-0-after": "first"}, "Enter numbers of interviews"),
        ({"interviews-0-after": "9"}, "numbers of this stage"),
        ({"interviews-0-after": "0"}, "numbers of this stage"),
        ({"order": "fixed"}, "against the fixed order"),
        ({"interviews-0-observer": "person-4711"}, "Not a valid choice"),
    ],
)
def test_rules_that_cannot_be_kept_are_said_in_place(
    app: Flask, recruiter: Browser, pool_id: int, changed: dict[str, object], sentence: str
) -> None:
    fields = role_fields(pool_id) | LOOP | {"interviews-1-lead": pool_id} | RULES
    answer = recruiter.send("/admin/plans/new", fields | changed)
    assert answer.status_code == 422
    assert sentence in html.unescape(answer.text)
    assert "data-error-summary" in answer.text
    assert 'value="Introduction"' in answer.text
    with app.app_context():
        assert db.session.scalar(db.select(db.func.count()).select_from(JobRole)) == 0


def test_an_interview_is_held_in_one_of_several_rooms(
    app: Flask, recruiter: Browser, pool_id: int
) -> None:
    assert 'name="interviews-0-rooms"' not in recruiter.get("/admin/plans/new").text
    with app.app_context():
        aurora, fjord = factories.room(AURORA), factories.room(FJORD)
        both = frozenset({RoomId(aurora), RoomId(fjord)})
    assert "Aurora, Berlin" in recruiter.get("/admin/plans/new").text
    fields = role_fields(pool_id) | {"interviews-0-rooms": [aurora, fjord]}
    plan = recruiter.send("/admin/plans/new", fields).headers["Location"]
    assert "Room: Aurora, Berlin or Fjord, Berlin" in recruiter.get(plan).text
    with app.app_context():
        stage_id = db.session.scalars(db.select(Stage.id)).one()
        planned = stage_plans.plan_of(stage_plans.load_stage(stage_id)).interviews
        assert [each.rooms for each in planned] == [both]
        for room_id in (aurora, fjord):
            rooms.retire_room(room_id, by=GREENROOM, now=factories.NOON_SUNDAY)
        planned = stage_plans.plan_of(stage_plans.load_stage(stage_id)).interviews
        assert [each.rooms for each in planned] == [both]  # it needs a room all the same
    assert "Every room for Introduction is retired" in html.unescape(recruiter.get(plan).text)


def test_an_interview_needs_no_room_unless_somebody_says_so(
    app: Flask, recruiter: Browser, pool_id: int
) -> None:
    with app.app_context():
        factories.room(AURORA)
    assert recruiter.send("/admin/plans/new", role_fields(pool_id)).status_code == 303
    with app.app_context():
        stage_id = db.session.scalars(db.select(Stage.id)).one()
        planned = stage_plans.plan_of(stage_plans.load_stage(stage_id)).interviews
        assert [each.rooms for each in planned] == [None]


def test_rooms_that_cannot_be_had_together_are_refused(
    app: Flask, recruiter: Browser, pool_id: int
) -> None:
    with app.app_context():
        aurora, harbour = factories.room(AURORA), factories.room(HARBOUR, site="London")
        retired = factories.room(FJORD)
        rooms.retire_room(retired, by=GREENROOM, now=factories.NOON_SUNDAY)
    fields = role_fields(pool_id) | LOOP | {"interviews-1-lead": pool_id}
    apart = {"interviews-0-rooms": [aurora], "interviews-1-rooms": [harbour]}
    answer = recruiter.send("/admin/plans/new", fields | apart)
    assert answer.status_code == 422
    assert "Choose rooms of one site" in answer.text
    answer = recruiter.send("/admin/plans/new", fields | {"interviews-0-rooms": [retired]})
    assert answer.status_code == 422
    assert "no. 1, rooms: " in html.unescape(answer.text)
