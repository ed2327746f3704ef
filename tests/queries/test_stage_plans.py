"""What rows tell the slot search: of a stage, of the people, of the candidate, of the organisation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any

import pytest
from flask import Flask

from scheduler.commands import candidates, people, plans, scheduling
from scheduler.commands.audit import GREENROOM
from scheduler.commands.checks import Refused
from scheduler.commands.people import Habits
from scheduler.commands.plans import InterviewDraft, SeatDraft, StageDraft
from scheduler.domain.people import DayHours, InterviewerId, LoadLimit, WorkingHours
from scheduler.domain.plan import Accommodations, Lunch, Order, Rest, SeatKind
from scheduler.domain.slots.question import Person, SlotSearch
from scheduler.domain.timespan import TimeSpan
from scheduler.models.base import db
from scheduler.models.candidates import Application
from scheduler.models.people import InterviewerRow
from scheduler.models.plans import JobRole
from scheduler.queries import slot_searches, stage_plans
from tests import factories
from tests.cast import DANA, FEMI, JOSE, MEI, at

pytestmark = pytest.mark.usefixtures("app_context")

NOW = at("Sun 12:00")
MINUTES = timedelta(minutes=1)
HOURS = timedelta(hours=1)


def stage(*interviews: InterviewDraft, **rules: Any) -> int:
    """Return the id of a stage with these rules."""
    draft = StageDraft(
        title="On-site", public_title="Interview day", interviews=interviews, **rules
    )
    role_id = plans.open_job_role("Engineer", "", [draft], by=GREENROOM, now=NOW)
    return db.session.get_one(JobRole, role_id).stages[0].id


def interview(*seats: SeatDraft, minutes: int = 45) -> InterviewDraft:
    return InterviewDraft("Coding", "", minutes * MINUTES, seats)


def led_by(person: int) -> InterviewDraft:
    return interview(SeatDraft(SeatKind.LEAD, people=(person,)))


def search(application_id: int, stage_id: int) -> SlotSearch:
    return slot_searches.for_stage(
        application_id, stage_id, now=NOW, fresh_for=slot_searches.FRESH_FOR_A_PAGE
    ).search


def test_a_stage_tells_the_search_every_rule_it_has() -> None:
    dana = factories.interviewer(DANA)
    lunch, rest = (
        Lunch(30 * MINUTES, time(11, 30), time(13)),
        Rest(after=2 * HOURS, length=20 * MINUTES),
    )
    stage_id = stage(
        *(led_by(dana) for _ in range(3)),
        order=Order.ANY,
        before=((2, 0), (2, 1)),
        most_days=2,
        longest_day=6 * HOURS,
        lunch=lunch,
        rest=rest,
    )
    plan = stage_plans.plan_of(stage_plans.load_stage(stage_id))
    assert plan.order is Order.ANY
    assert set(plan.before) == {(2, 0), (2, 1)}
    assert (plan.most_days, plan.longest_day) == (2, 6 * HOURS)
    assert (plan.lunch, plan.rest) == (lunch, rest)
    assert not plan.people_repeat
    again = stage(led_by(dana), led_by(dana), people_repeat=True, most_days=2)
    repeating = stage_plans.plan_of(stage_plans.load_stage(again))
    assert (repeating.people_repeat, repeating.most_days) == (True, 2)


def test_a_seat_is_filled_from_several_pools_and_by_name() -> None:
    dana, femi, mei, jose = (factories.interviewer(each) for each in (DANA, FEMI, MEI, JOSE))
    coding = factories.pool([dana], trainees=[mei])
    design = factories.pool([femi])
    stage_id = stage(
        interview(
            SeatDraft(SeatKind.LEAD, (coding, design)),
            SeatDraft(SeatKind.SECOND, (design,), (jose,), is_optional=True),
            SeatDraft(SeatKind.SHADOW, (coding, design)),
            SeatDraft(SeatKind.OBSERVER, (coding,)),
        )
    )
    seats = stage_plans.plan_of(stage_plans.load_stage(stage_id)).interviews[0].seats
    assert [rule.eligible for rule in seats] == [{dana, femi}, {femi, jose}, {mei}, {dana, mei}]
    assert [rule.is_optional for rule in seats] == [False, True, True, True]
    assert slot_searches.eligible_people(stage_id) == tuple(sorted((dana, femi, mei, jose)))


def test_whoever_interviews_tells_the_search_what_they_like_and_can_take() -> None:
    blocks = (WorkingHours(1, time(13), time(15)),)
    limit = LoadLimit(per_day=3, per_week=9, time_per_day=2 * HOURS, time_per_week=5 * HOURS)
    person = seen(
        Habits(comfortable=DayHours(time(8), time(12)), preferred_blocks=blocks), limit=limit
    )
    told = person.interviewer
    assert told.limit == limit
    assert (told.comfortable, told.preferred_blocks) == (DayHours(time(8), time(12)), blocks)
    assert seen(Habits(comfortable=None)).interviewer.comfortable is None


def test_pauses_holidays_and_days_off_close_days() -> None:
    """It is Sunday, 29 November 2026, and Dana's clock is Berlin's."""
    christmas = {date(2026, 12, 25), date(2026, 12, 26)}
    assert seen(Habits()).days_off == frozenset()
    assert seen(Habits(holiday_country="DE")).days_off == christmas
    assert seen(Habits(days_off=[date(2026, 12, 8)])).days_off == {date(2026, 12, 8)}
    pause = Habits(paused_from=date(2026, 11, 1), paused_until=date(2026, 12, 1))
    ends = [date(2026, 11, 29), date(2026, 11, 30), date(2026, 12, 1)]
    assert sorted(seen(pause).days_off) == ends
    until_further_notice = seen(Habits(paused_from=date(2026, 12, 10))).days_off
    assert min(until_further_notice) == date(2026, 12, 10)
    assert max(until_further_notice) >= date(2026, 12, 27)


def test_what_a_candidate_needs_changes_the_plan_for_them_alone() -> None:
    dana = factories.interviewer(DANA)
    stage_id = stage(led_by(dana), led_by(dana), rest=Rest(after=3 * HOURS, length=10 * MINUTES))
    ada = factories.application(stage_id)
    needs = Accommodations(
        extra_time=15 * MINUTES,
        shortest_gap=20 * MINUTES,
        rest=Rest(after=90 * MINUTES, length=30 * MINUTES),
    )
    candidates.accommodate(ada, needs, by=GREENROOM, now=NOW)
    plan = search(ada, stage_id).plan
    assert [each.length for each in plan.interviews] == [60 * MINUTES] * 2
    assert plan.shortest_gap == 20 * MINUTES
    assert plan.rest == Rest(after=90 * MINUTES, length=30 * MINUTES, is_needed=True)
    assert stage_plans.plan_of(stage_plans.load_stage(stage_id)).shortest_gap == 0 * MINUTES


def test_notice_and_window_are_the_organisations() -> None:
    application_id = factories.application()
    stage_id = db.session.get_one(Application, application_id).stage_id
    usual = search(application_id, stage_id)
    assert (usual.earliest - NOW, days_ahead(usual)) == (4 * HOURS, 28)
    scheduling.change_scheduling(
        notice=timedelta(days=2), rolling_window=timedelta(days=10), by=GREENROOM, now=NOW
    )
    changed = search(application_id, stage_id)
    assert (changed.earliest - NOW, days_ahead(changed)) == (48 * HOURS, 10)


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        ({"before": ((0, 1), (1, 0)), "order": Order.ANY}, "go in a circle"),
        ({"before": ((1, 1),), "order": Order.ANY}, "go in a circle"),
        ({"before": ((1, 0),)}, "against the fixed order"),
        ({"before": ((0, 7),), "order": Order.ANY}, "numbers of this stage's interviews"),
        ({"most_days": 4}, "between 1 and 3 days"),
        ({"longest_day": 30 * MINUTES}, "shorter than its longest interview"),
        ({"lunch": Lunch(3 * HOURS)}, "longer than from the beginning to the end"),
        ({"lunch": Lunch(45 * MINUTES, time(14), time(12))}, "end must be after"),
        ({"rest": Rest(after=0 * MINUTES, length=10 * MINUTES)}, "after some time"),
    ],
)
def test_rules_that_nothing_satisfies_are_refused(rules: dict[str, Any], sentence: str) -> None:
    dana = factories.interviewer(DANA)
    with pytest.raises(Refused, match=sentence):
        stage(led_by(dana), led_by(dana), **rules)


def test_order_rules_that_can_be_satisfied_are_kept() -> None:
    dana = factories.interviewer(DANA)
    stage_id = stage(
        *(led_by(dana) for _ in range(4)), order=Order.ANY, before=((0, 1), (1, 2), (0, 2), (3, 2))
    )
    plan = stage_plans.plan_of(stage_plans.load_stage(stage_id))
    assert set(plan.before) == {(0, 1), (1, 2), (0, 2), (3, 2)}


@pytest.mark.parametrize(
    ("seats", "sentence"),
    [
        ((SeatKind.SHADOW,), "at least one seat that is always filled"),
        ((SeatKind.OBSERVER, SeatKind.SHADOW), "at least one seat that is always filled"),
        ((SeatKind.REVERSE_SHADOW,), "needs somebody trained beside them"),
    ],
)
def test_seats_that_make_no_interview_are_refused(
    seats: tuple[SeatKind, ...], sentence: str
) -> None:
    pool_id = factories.pool([factories.interviewer()])
    with pytest.raises(Refused, match=sentence):
        stage(interview(*(SeatDraft(kind, (pool_id,)) for kind in seats)))


def days_ahead(asked: SlotSearch) -> int:
    return (asked.window.end.date() - NOW.date()).days


def seen(habits: Habits, limit: LoadLimit | None = None) -> Person:
    """Return Dana as the search sees her with these habits."""
    row = db.session.scalars(db.select(InterviewerRow)).one_or_none()
    interviewer_id = row.id if row else factories.interviewer(DANA)
    people.change_interviewer(
        interviewer_id,
        title="",
        zone="Europe/Berlin",
        hours=factories.WEEKDAYS,
        limit=limit or LoadLimit(),
        buffer=timedelta(0),
        habits=habits,
        by=GREENROOM,
        now=NOW,
    )
    window = TimeSpan(NOW, NOW + timedelta(days=28))
    found, _ = slot_searches.people_for(
        [InterviewerId(interviewer_id)],
        window,
        now=NOW,
        fresh_for=slot_searches.FRESH_FOR_A_PAGE,
    )
    return next(iter(found.values()))


@pytest.fixture
def app_context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield
