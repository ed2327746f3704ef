from __future__ import annotations

from datetime import date

from scheduler.domain.people import LoadLimit
from scheduler.domain.slots.funnel import Funnel, funnel
from tests.domain.slots.cast import (
    DANA,
    FEMI,
    MEI,
    at,
    interview,
    lead,
    person,
    plan,
    search,
    second,
    shadow,
    span,
)

DAY = "2026-03-09"


def test_every_condition_takes_its_share() -> None:
    stage = plan(interview("Screen", 60, lead(DANA, FEMI)))
    dana = person(DANA, busy=[span(DAY, "09:00-16:00")], load={date(2026, 3, 9): 2})
    femi = person(FEMI, busy=[span(DAY, "09:00-15:00")], limit=LoadLimit(per_week=1))
    windows = [span(DAY, "08:00-18:00")]
    asked = search(stage, dana, femi, windows=windows, earliest=at(f"{DAY} 06:00"))
    assert funnel(asked) == Funnel(
        grid_starts=96,
        after_notice=72,
        candidate_free=37,
        in_hours=29,
        nobody_busy=5,
        feasible=5,
        empty_seats=(),
        unknown=(),
    )


def test_a_limit_is_seen_in_the_last_step_only() -> None:
    stage = plan(interview("Screen", 60, lead(DANA)))
    dana = person(DANA, load={date(2026, 3, 9): 2})
    seen = funnel(search(stage, dana))
    assert (seen.nobody_busy, seen.feasible) == (29, 0)


def test_the_same_person_needed_twice_is_seen_in_the_last_step_only() -> None:
    stage = plan(interview("Screen", 60, lead(DANA), second(DANA)))
    seen = funnel(search(stage, person(DANA)))
    assert (seen.nobody_busy, seen.feasible) == (29, 0)


def test_empty_seats_and_unknown_calendars_are_named() -> None:
    stage = plan(
        interview("Coding", 60, lead(DANA), shadow()),
        interview("Design", 60, lead(MEI), second(FEMI)),
        interview("Values", 60, lead()),
    )
    seen = funnel(search(stage, person(DANA, busy=None), person(FEMI, busy=None)))
    assert seen.empty_seats == ("Design", "Values")
    assert seen.unknown == (DANA, FEMI)
    assert (seen.in_hours, seen.nobody_busy, seen.feasible) == (0, 0, 0)


def test_an_unknown_calendar_counts_as_at_work_and_never_as_free() -> None:
    stage = plan(interview("Screen", 60, lead(DANA)))
    seen = funnel(search(stage, person(DANA, busy=None)))
    assert (seen.in_hours, seen.nobody_busy, seen.feasible) == (29, 0, 0)


def test_a_window_off_the_grid_counts_the_points_inside_it() -> None:
    stage = plan(interview("Screen", 60, lead(DANA)))
    seen = funnel(search(stage, person(), window=span(DAY, "09:05-10:05")))
    assert (seen.grid_starts, seen.after_notice) == (4, 4)  # 09:15, 09:30, 09:45, 10:00


def test_notice_beyond_the_window_leaves_nothing() -> None:
    stage = plan(interview("Screen", 60, lead(DANA)))
    seen = funnel(search(stage, person(), earliest=at("2026-03-20 00:00")))
    assert (seen.grid_starts, seen.after_notice, seen.candidate_free) == (96, 0, 0)


def test_a_plan_without_interviews_has_no_starts() -> None:
    seen = funnel(search(plan(), person()))
    assert (seen.grid_starts, seen.in_hours, seen.feasible) == (96, 0, 0)
