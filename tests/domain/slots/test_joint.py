"""The bound on a hiring day, beside the cheapest way that trying everything finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from scheduler.domain.availability import local_date
from scheduler.domain.people import InterviewerId, LoadLimit
from scheduler.domain.slots.batch import schedule_many
from scheduler.domain.slots.calendars import DAY, WEEK
from scheduler.domain.slots.joint import better_prices, joint_lower_bound
from scheduler.domain.slots.pricing import costs_of
from scheduler.domain.slots.problems import problems
from scheduler.domain.slots.question import Person, SlotSearch, Weights
from scheduler.domain.slots.search import best, start_times
from scheduler.domain.slots.slot import FilledSeat, Slot, SlotInterview
from scheduler.domain.timespan import TimeSpan
from tests.domain.slots.cast import (
    DANA,
    FEMI,
    MEI,
    MONDAY,
    interview,
    lead,
    person,
    plan,
    search,
    span,
)

WEIGHTS = Weights()
HOUR = timedelta(hours=1)
DAYS = TimeSpan(span("2026-03-09", "00:00-24:00").start, span("2026-03-10", "00:00-24:00").end)
WINDOWS = (span("2026-03-09", "11:00-13:00"), span("2026-03-10", "11:00-12:00"))
LIMIT = LoadLimit(per_day=9, per_week=99)


def test_the_second_interview_of_a_week_costs_more_and_the_bound_knows() -> None:
    dana = person(DANA, limit=LIMIT)
    searches = [screen(dana), screen(dana)]
    assert sum_alone(searches) == 0
    assert bound_on(searches) == cheapest_of_all(searches) == 2


def test_whom_nobody_else_wants_costs_nothing_more() -> None:
    searches = [screen(person(DANA)), screen(person(FEMI))]
    assert bound_on(searches) == cheapest_of_all(searches) == 0


def test_a_day_that_is_full_sends_the_rest_to_the_next() -> None:
    dana = person(DANA, limit=LoadLimit(per_day=1))
    searches = [screen(dana), screen(dana)]
    # One waits until tomorrow, 3, and has the load of the other, 2.
    assert bound_on(searches) == cheapest_of_all(searches) == 5


@pytest.mark.parametrize("seed", range(12))
def test_no_way_costs_less_than_the_bound(seed: int) -> None:
    searches = [*some_screens(Random(seed))]  # noqa: S311
    least = cheapest_of_all(searches)
    batch = schedule_many(searches, repairs=5)
    bound = bound_on(searches)
    assert least is not None
    assert batch.missed == 0
    assert sum_alone(searches) == batch.lower_bound <= bound <= least <= batch.cost


def test_it_is_often_higher_than_the_sum_of_what_they_cost_alone() -> None:
    days = [[*some_screens(Random(seed))] for seed in range(12)]  # noqa: S311
    bounds = [bound_on(each) for each in days]
    alone = [sum_alone(each) for each in days]
    assert sum(bound > sum_ for bound, sum_ in zip(bounds, alone, strict=True)) >= 6


@pytest.mark.parametrize("seed", range(6))
def test_whatever_the_prices_are_it_is_a_bound(seed: int) -> None:
    dice = Random(seed)  # noqa: S311
    searches = [*some_screens(dice)]
    least = cheapest_of_all(searches)
    assert least is not None
    wanted = sorted({id_ for each in searches for id_ in each.people})
    for most in (1, 3, 10):
        prices = {
            key: dice.randint(0, most)
            for id_ in wanted
            for key in ((id_, MONDAY, DAY), (id_, MONDAY + DAY, DAY), (id_, MONDAY, WEEK))
        }
        assert joint_lower_bound(searches, prices) <= least


def bound_on(searches: Sequence[SlotSearch]) -> int:
    return joint_lower_bound(searches, better_prices(searches, rounds=20))


def screen(*people: Person) -> SlotSearch:
    ids = [each.interviewer.interviewer_id for each in people]
    stage = replace(plan(interview("Screen", 60, lead(*ids))), grid=HOUR)
    return search(stage, *people, windows=WINDOWS, window=DAYS)


def some_screens(dice: Random) -> Iterator[SlotSearch]:
    everybody = [
        replace(
            person(
                id_,
                limit=LoadLimit(per_day=dice.randint(1, 2), per_week=dice.randint(3, 5)),
                load={MONDAY: dice.randint(0, 1)},
            ),
            recent=dice.randint(0, 3),
            version=f"{id_}",
        )
        for id_ in (DANA, FEMI, MEI)
    ]
    for _ in range(3):
        yield screen(*dice.sample(everybody, 2))


def sum_alone(searches: Sequence[SlotSearch]) -> int:
    return sum(best(each, top=1).lower_bound or 0 for each in searches)


def cheapest_of_all(searches: Sequence[SlotSearch]) -> int | None:
    """Return what the cheapest way costs, by trying everybody at every start for each in turn."""
    if not searches:
        return 0
    first, *others = searches
    found = []
    for start in start_times(first):
        for id_ in first.people:
            seat = FilledSeat(0, first.plan.interviews[0].seats[0].kind, id_)
            slot = Slot((SlotInterview(TimeSpan(start, start + HOUR), (seat,)),))
            if not problems(first, slot):
                booked = [with_interview(other, id_, slot.span) for other in others]
                rest = cheapest_of_all(booked)
                if rest is not None:
                    found.append(costs_of(first, slot, WEIGHTS).total + rest)
    return min(found, default=None)


def with_interview(asked: SlotSearch, id_: InterviewerId, at: TimeSpan) -> SlotSearch:
    someone = asked.people.get(id_)
    if someone is None:
        return asked
    on = local_date(someone, at.start)
    busier = replace(
        someone,
        busy=(*(someone.busy or ()), at),
        load={**someone.load, on: someone.load.get(on, 0) + 1},
        version="",
    )
    return replace(asked, people={**asked.people, id_: busier})
