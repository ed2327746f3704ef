from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.people import InterviewerId, LoadLimit
from scheduler.domain.plan import Accommodations, Order, Rest
from scheduler.domain.slots.calendars import Calendars
from scheduler.domain.slots.explain import (
    MOST_CALENDARS,
    Constraint,
    Relaxation,
    tightest_times,
    why_none,
    why_not,
)
from scheduler.domain.slots.search import start_times
from scheduler.domain.timespan import TimeSpan
from tests.domain.slots.cast import (
    DANA,
    FEMI,
    at,
    every_day,
    interview,
    lead,
    minutes,
    person,
    plan,
    search,
    second,
    span,
)
from tests.domain.slots.judges.searches import search_of
from tests.domain.slots.judges.sweep import Sweep

DAY = "2026-03-09"
fairly = settings(max_examples=12, deadline=None, derandomize=True, database=None)


def told(found: tuple[Relaxation, ...]) -> list[tuple[Constraint, str, int]]:
    """Return single relaxations in short."""
    return [(step.constraint, step.about, each.starts) for each in found for step in each.steps]


def test_what_asks_the_least_of_people_comes_first_however_little_it_opens() -> None:
    dana = person(DANA, load={date(2026, 3, 9): 1}, limit=LoadLimit(per_day=1))
    found = why_none(search(plan(interview("Screen", 60, lead(DANA))), dana))
    assert found.funnel.feasible == 0
    assert told(found.relaxations) == [
        (Constraint.LIMITS, "", 29),
        (Constraint.SEAT, "Screen", 93),
    ]


def test_an_hour_more_is_told_before_any_time() -> None:
    asked = search(
        plan(interview("Screen", 60, lead(DANA))), person(DANA), windows=[span(DAY, "08:00-09:30")]
    )
    assert told(why_none(asked).relaxations)[:2] == [
        (Constraint.CANDIDATE_HOUR, "", 3),
        (Constraint.CANDIDATE, "", 29),
    ]


@pytest.mark.parametrize("is_needed", [False, True])
def test_nobody_is_asked_to_do_without_a_rest_that_the_candidate_needs(is_needed: bool) -> None:
    stage = plan(
        interview("Coding", 60, lead(DANA)), interview("Design", 60, lead(FEMI)), longest_gap=60
    )
    rest = Rest(after=minutes(90), length=minutes(30))
    stage = (
        stage.accommodating(Accommodations(rest=rest)) if is_needed else replace(stage, rest=rest)
    )
    asked = search(stage, person(DANA), person(FEMI), windows=[span(DAY, "10:00-12:00")])
    offered = {step.constraint for each in why_none(asked).relaxations for step in each.steps}
    assert (Constraint.REST in offered) is not is_needed


def test_two_things_are_loosened_together_where_no_single_one_helps() -> None:
    stage = plan(
        interview("Coding", 60, lead(DANA)), interview("Design", 60, lead(FEMI)), longest_gap=0
    )
    busy = [span(DAY, "08:00-18:00")]
    found = why_none(search(stage, person(DANA, busy=busy), person(FEMI, busy=busy))).relaxations
    assert [
        ([(step.constraint, step.about) for step in each.steps], each.starts) for each in found
    ] == [
        ([(Constraint.BUSY, "Dana Ito"), (Constraint.BUSY, "Femi Ade")], 25),
        ([(Constraint.BUSY, "Dana Ito"), (Constraint.SEAT, "Design")], 29),
        ([(Constraint.BUSY, "Femi Ade"), (Constraint.SEAT, "Coding")], 29),
    ]
    assert [len(start_times(each.search)) for each in found] == [each.starts for each in found]


def test_of_many_calendars_those_are_tried_that_fewest_could_replace() -> None:
    many = [InterviewerId(number) for number in range(10, 10 + 2 * MOST_CALENDARS)]
    busy = [span(DAY, "00:00-24:00")]
    stage = plan(
        interview("Coding", 60, lead(*many)), interview("Design", 60, lead(FEMI)), longest_gap=0
    )
    people = [person(id_, busy=[span(DAY, "09:00-09:10")]) for id_ in many]
    found = why_none(search(stage, *people, person(FEMI, busy=busy))).relaxations
    assert (Constraint.BUSY, "Femi Ade") in [(c, about) for c, about, _ in told(found)]


def test_whose_calendar_is_in_the_way_is_told_by_name() -> None:
    stage = plan(
        interview("Coding", 60, lead(DANA)), interview("Design", 60, lead(FEMI)), longest_gap=0
    )
    femi = person(FEMI, busy=[span(DAY, "08:00-18:00")])
    found = why_none(search(stage, person(DANA), femi))
    assert (Constraint.BUSY, "Femi Ade", 25) in told(found.relaxations)


def test_the_same_person_twice_is_told_as_such() -> None:
    stage = plan(
        interview("Coding", 60, lead(DANA)), interview("Design", 60, lead(DANA)), longest_gap=0
    )
    found = why_none(search(stage, person(DANA)))
    assert (Constraint.REPEATS, "", 25) in told(found.relaxations)


def test_what_helps_only_together_with_sitting_twice_is_told() -> None:
    """Dana and Femi have an hour a day: not for two interviews, and each may sit in one only."""
    seats = lead(DANA), second(FEMI)
    stage = plan(interview("Coding", 60, *seats), interview("Design", 60, *seats))
    people = [person(id_, hours=every_day("10:00-11:00")) for id_ in (DANA, FEMI)]
    two_days = TimeSpan(at(f"{DAY} 00:00"), at("2026-03-11 00:00"))
    found = why_none(search(stage, *people, window=two_days)).relaxations
    assert [step.constraint for step in found[-1].steps] == [Constraint.DAYS, Constraint.REPEATS]


def test_limits_that_bind_whoever_may_sit_twice_are_lifted_together_with_that() -> None:
    stage = plan(*(interview("Talk", 60, lead(DANA)) for _ in range(4)))
    found = why_none(search(stage, person(DANA, limit=LoadLimit(per_day=1)))).relaxations
    assert [step.constraint for step in found[-1].steps] == [Constraint.LIMITS, Constraint.REPEATS]


def test_what_keeps_a_start_from_being_one_is_told() -> None:
    stage = plan(interview("Screen", 60, lead(DANA)))
    asked = search(
        stage, person(DANA), earliest=at(f"{DAY} 12:00"), windows=[span(DAY, "08:00-17:00")]
    )
    assert told(why_not(asked, at(f"{DAY} 10:00"))) == [(Constraint.NOTICE, "", 1)]
    assert told(why_not(asked, at(f"{DAY} 12:05"))) == [(Constraint.GRID, "", 1)]
    assert why_not(asked, at(f"{DAY} 12:15")) == ()


@fairly
@given(st.integers(1, 400))
def test_what_is_promised_is_what_the_judge_then_finds(seed: int) -> None:
    asked = search_of(seed)
    for each in why_none(asked).relaxations[:3]:
        if each.search.plan.most_days < 3 and each.search.plan.grid > minutes(5):
            assert each.starts == len(Sweep(each.search).starts())
        assert each.starts == len(start_times(each.search)) > len(start_times(asked))


@fairly
@given(st.integers(1, 400))
def test_what_lets_a_start_be_one_does(seed: int) -> None:
    asked = search_of(seed)
    start = asked.window.start + minutes(-asked.window.start.minute % 60 + 120)
    found = why_not(asked, start)
    assert not found or start not in start_times(asked)
    for each in found[:2]:
        assert each.starts == 1
        assert start in start_times(each.search)


def test_calendars_that_are_kept_change_no_answer_and_are_not_changed() -> None:
    for seed in range(4):
        asked = search_of(seed)
        kept = Calendars(asked.window)
        before = start_times(asked, kept)
        assert told(why_none(asked, kept).relaxations) == told(why_none(asked).relaxations)
        assert start_times(asked, kept) == before


def test_masks_of_people_who_are_loosened_are_not_kept() -> None:
    """Dana's mask is one that was kept: were it read again, there would be more in it."""
    busy = [span(DAY, "09:00-17:00")]
    known = replace(person(DANA, busy=[span(DAY, "12:00-12:30")]), version="1")
    asked = search(plan(interview("Screen", 60, lead(DANA))), known)
    kept = Calendars(asked.window)
    kept.remember(known, Calendars(asked.window).to_bytes(person(DANA, busy=busy)))
    assert why_none(asked, kept).funnel.feasible == 0
    assert kept.free(known) == 0


def test_the_tightest_times_of_a_start_are_back_to_back() -> None:
    stage = plan(
        interview("Coding", 42, lead(DANA)), interview("Design", 30, lead(FEMI)), shortest_gap=5
    )
    assert tightest_times(stage, at(f"{DAY} 10:00")).spans == (
        span(DAY, "10:00-10:42"),
        span(DAY, "10:50-11:20"),
    )
    turned_round = replace(stage, order=Order.ANY, before=((1, 0),))
    assert tightest_times(turned_round, at(f"{DAY} 10:00")).spans == (
        span(DAY, "10:35-11:17"),
        span(DAY, "10:00-10:30"),
    )
