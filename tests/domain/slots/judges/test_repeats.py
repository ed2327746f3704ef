"""People who sit twice, over several days: the search, the sweep and CP-SAT, where limits bind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from scheduler.domain.people import InterviewerId, LoadLimit
from scheduler.domain.plan import Order
from scheduler.domain.slots.search import best, find_slots, open_times, problems, start_times
from scheduler.domain.timespan import TimeSpan
from tests.domain.slots.cast import (
    DANA,
    FEMI,
    interview,
    lead,
    minutes,
    person,
    plan,
    search,
    second,
    span,
)
from tests.domain.slots.judges.agreement import agreed_ranking
from tests.domain.slots.judges.optimum import optimum
from tests.domain.slots.judges.searches import on_short_days
from tests.domain.slots.judges.sweep import Sweep

SEEDS = 160
A_BATCH = 40
THAT_FOUND_SOMETHING = (1827,)
"""Two stretches of one day, the second the cheaper, where a bound knew the first only."""
DAY = "2026-03-09"


@pytest.mark.parametrize(
    "seeds",
    [THAT_FOUND_SOMETHING, *(range(at, at + A_BATCH) for at in range(0, SEEDS, A_BATCH))],
)
def test_starts_and_cheapest_slots_are_those_of_the_sweep(seeds: Sequence[int]) -> None:
    for seed in seeds:
        asked = on_short_days(seed)
        for each in agreed_ranking(asked, seed).slots:
            assert problems(asked, each.slot) == [], seed
        slots = find_slots(asked)
        assert [slot.span.start for slot in slots] == start_times(asked), seed
        assert all(problems(asked, slot) == [] for slot in slots), seed


def test_interviews_that_the_same_people_could_take_are_not_the_same_where_time_is_counted() -> (
    None
):
    """Dana can take two of these, but for the longest with the shortest only with time to spare."""
    stage = plan(
        interview("Pair", 15, lead(DANA, FEMI), second(DANA, FEMI)),
        interview("Design", 45, lead(DANA, FEMI)),
        interview("Talk", 15, lead(DANA, FEMI)),
        interview("Coding", 30, lead(DANA, FEMI)),
        longest_gap=0,
    )
    dana = replace(
        person(
            DANA,
            busy=[span(DAY, "09:00-09:15"), span(DAY, "09:45-10:15")],
            limit=LoadLimit(per_day=2, per_week=6, time_per_day=minutes(75)),
        ),
        soft=(span(DAY, "09:30-09:45"),),
    )
    femi = replace(
        person(FEMI, limit=LoadLimit(per_day=4, per_week=4, time_per_day=minutes(60))), recent=2
    )
    asked = search(
        replace(stage, order=Order.ANY, people_repeat=True),
        dana,
        femi,
        windows=[span(DAY, "09:00-11:00")],
    )
    assert best(asked, top=1).lower_bound == min(Sweep(asked).cheapest().values())


@pytest.mark.parametrize("seed", range(3000, 3012))
def test_three_judges_agree(seed: int) -> None:
    asked = on_short_days(seed)
    decision = optimum(asked)

    assert decision.is_decided
    assert decision.cost == min(Sweep(asked).cheapest().values(), default=None)
    assert decision.cost == best(asked, top=1).lower_bound


def test_one_seat_too_many_for_the_time_that_is_left_is_known_by_counting() -> None:
    """Nine people have time for one interview each, and there are ten seats; trying would take minutes."""
    people = [InterviewerId(number) for number in range(1, 10)]
    limit = LoadLimit(per_day=2, per_week=6, time_per_day=minutes(60))
    stage = plan(*(interview("Pair", 45, lead(*people), second(*people)) for _ in range(5)))
    for seats, is_possible in ((10, False), (9, True)):
        last = stage.interviews[-1]
        few = replace(last, seats=last.seats[: seats - 8])
        asked = search(
            replace(stage, interviews=(*stage.interviews[:-1], few), people_repeat=True),
            *(person(id_, limit=limit) for id_ in people),
            windows=[span(DAY, "10:00-14:00")],
        )
        assert bool(start_times(asked)) == is_possible
        assert bool(open_times(asked)) == is_possible


def test_weeks_bound_what_somebody_can_do_each_on_its_own() -> None:
    """Two people do one interview a week: five take three weeks, and two days of one week are no help."""
    limit, longest = LoadLimit(per_day=1, per_week=1), minutes(180)
    stage = plan(*(interview("Talk", 30, lead(DANA, FEMI)) for _ in range(5)))
    mornings = [
        span(f"2026-03-{monday + day:02}", "09:00-12:00") for monday in (2, 9, 16) for day in (0, 2)
    ]
    asked = search(
        replace(stage, people_repeat=True, most_days=3, longest_day=longest),
        person(DANA, limit=limit),
        person(FEMI, limit=limit),
        windows=mornings,
        window=TimeSpan(mornings[0].start, mornings[-1].end),
    )
    slots = find_slots(asked)
    assert [slot.span.start for slot in slots] == start_times(asked)
    assert {slot.span.start.date().day for slot in slots} == {2, 4}
    assert not any(problems(asked, slot) for slot in slots)
    assert not open_times(replace(asked, plan=replace(asked.plan, most_days=2)))


def test_days_that_can_be_held_apart_often_cannot_be_held_together() -> None:
    asked = [on_short_days(seed) for seed in range(SEEDS)]
    together = [Sweep(each).cheapest() for each in asked]
    apart = [EachDayApart(each).cheapest() for each in asked]
    assert sum(map(bool, together)) > SEEDS / 5
    assert sum(one != other for one, other in zip(together, apart, strict=True)) > 5


class EachDayApart(Sweep):
    """What the sweep would find if limits were held against one day of the candidate at a time."""

    def _may_also_sit(
        self,
        person: InterviewerId,
        position: int,
        start: int,
        taken: Sequence[tuple[InterviewerId, int, int]],
    ) -> bool:
        zone = self.search.candidate_zone
        on = datetime.fromtimestamp(start, zone).date()
        same_day = [each for each in taken if datetime.fromtimestamp(each[2], zone).date() == on]
        return super()._may_also_sit(person, position, start, same_day)
