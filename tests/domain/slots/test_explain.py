from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.people import LoadLimit
from scheduler.domain.slots.explain import Constraint, Relaxation, why_none, why_not
from scheduler.domain.slots.search import start_times
from tests.domain.slots.cast import (
    DANA,
    FEMI,
    at,
    interview,
    lead,
    minutes,
    person,
    plan,
    search,
    span,
)
from tests.domain.slots.judges.searches import search_of
from tests.domain.slots.judges.sweep import Sweep

DAY = "2026-03-09"
fairly = settings(max_examples=12, deadline=None, derandomize=True, database=None)


def told(relaxations: tuple[Relaxation, ...]) -> list[tuple[Constraint, str, int]]:
    return [(each.constraint, each.about, each.starts) for each in relaxations]


def test_a_full_day_is_told_by_the_limit_and_by_the_seat() -> None:
    dana = person(DANA, load={date(2026, 3, 9): 1}, limit=LoadLimit(per_day=1))
    found = why_none(search(plan(interview("Screen", 60, lead(DANA))), dana))
    assert found.funnel.feasible == 0
    assert told(found.relaxations) == [
        (Constraint.SEAT, "Screen", 93),
        (Constraint.LIMITS, "", 29),
    ]


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
    for each in why_none(asked).relaxations[:2]:
        if each.search.plan.most_days < 3 and each.search.plan.grid > minutes(5):
            assert each.starts == len(Sweep(each.search).starts())
        assert each.starts > len(start_times(asked))
