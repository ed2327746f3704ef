"""Seats handed on along chains, and what always holds however they move."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import combinations
from random import Random

import pytest

from scheduler.domain.availability import local_date, obstacles
from scheduler.domain.people import InterviewerId, LoadLimit
from scheduler.domain.slots.calendars import WEEK
from scheduler.domain.slots.demand import Demand
from scheduler.domain.slots.exchange import Exchange, HeldSeat
from scheduler.domain.slots.question import Person
from scheduler.domain.timespan import TimeSpan
from tests.domain.slots.cast import DANA, FEMI, MEI, MONDAY, SAM, minutes, person, span

LOAD = 2
DAY = "2026-03-09"
LIMIT = LoadLimit(per_day=9, per_week=99)
MIDNIGHT = datetime.combine(MONDAY, time())
TEAM = (DANA, FEMI, MEI, SAM)


def people(*team: Person) -> dict[InterviewerId, Person]:
    return {one.interviewer.interviewer_id: one for one in team}


def free_team() -> dict[InterviewerId, Person]:
    return people(*(person(id_, limit=LIMIT) for id_ in TEAM))


def seat(loop: int, hours: str, **costs: int) -> HeldSeat:
    """Return a seat of a loop with what it costs by first name; `empty` is to leave it empty."""
    names = {"dana": DANA, "femi": FEMI, "mei": MEI, "sam": SAM, "empty": None}
    choices = sorted(((cost, names[name]) for name, cost in costs.items()), key=lambda c: c[0])
    return HeldSeat(loop, span(DAY, hours), choices, {id_: cost for cost, id_ in choices})


def exchanged(
    seats: Sequence[HeldSeat],
    holders: Sequence[InterviewerId | None],
    team: dict[InterviewerId, Person],
) -> list[InterviewerId | None]:
    exchange = Exchange(seats, holders, team, LOAD)
    exchange.run()
    return exchange.holders


def test_who_sits_less_takes_over_from_who_sits_more() -> None:
    seats = [seat(0, "09:00-10:00", dana=0, femi=0), seat(1, "10:00-11:00", dana=0)]
    assert exchanged(seats, [DANA, DANA], free_team()) == [FEMI, DANA]


def test_a_seat_moves_on_where_only_somebody_in_between_can_take_it() -> None:
    seats = [
        seat(0, "09:00-10:00", dana=0, femi=0),
        seat(1, "10:00-11:00", dana=0),
        seat(2, "09:30-10:30", femi=0, mei=0),
    ]
    assert exchanged(seats, [DANA, DANA, FEMI], free_team()) == [FEMI, DANA, MEI]


def test_nobody_sits_in_two_seats_of_a_loop_for_it() -> None:
    seats = [
        seat(0, "09:00-10:00", dana=0, femi=0),
        seat(1, "10:00-11:00", dana=0),
        seat(0, "11:00-12:00", femi=0),
    ]
    assert exchanged(seats, [DANA, DANA, FEMI], free_team()) == [DANA, DANA, FEMI]


def test_a_limit_is_kept_with_the_seats_that_somebody_has_already() -> None:
    seats = [
        seat(0, "09:00-10:00", dana=9, femi=0),
        seat(1, "11:00-12:00", femi=0),
    ]
    full = people(person(DANA), person(FEMI, limit=LoadLimit(per_day=1)))
    assert exchanged(seats, [DANA, FEMI], full) == [DANA, FEMI]
    assert exchanged(seats, [DANA, FEMI], free_team()) == [FEMI, FEMI]


@pytest.mark.parametrize("other", ["08:00-08:55", "10:05-11:00"])
@pytest.mark.parametrize(("before", "after"), [(10, 0), (0, 10)])
def test_both_buffers_are_kept_around_either_of_two(other: str, before: int, after: int) -> None:
    seats = [seat(0, "09:00-10:00", dana=9, femi=0), seat(1, other, femi=0)]
    careful = person(FEMI, limit=LIMIT, buffer_before=minutes(before), buffer_after=minutes(after))
    team = people(person(DANA, limit=LIMIT), careful)
    assert exchanged(seats, [DANA, FEMI], team) == [DANA, FEMI]


def test_an_optional_seat_is_left_empty_where_that_is_cheaper() -> None:
    seats = [seat(0, "09:00-10:00", dana=0), seat(1, "10:00-11:00", dana=0, empty=1)]
    assert exchanged(seats, [DANA, DANA], free_team()) == [DANA, None]


@pytest.mark.parametrize("seed", range(40))
def test_however_seats_move_everybody_can_sit_there_and_all_cost_no_more(seed: int) -> None:
    dice = Random(seed)  # noqa: S311
    team = people(
        *(
            person(
                id_,
                limit=LoadLimit(per_day=dice.randint(2, 3), per_week=dice.randint(2, 4)),
                buffer_before=minutes(dice.choice([0, 10])),
                buffer_after=minutes(dice.choice([0, 10])),
            )
            for id_ in TEAM
        )
    )
    seats = [
        seat(number // 2, hours, **some_costs(dice))
        for number, hours in enumerate(some_hours(dice, 8))
    ]
    holders = first_that_fit(seats, team)
    after = exchanged(seats, holders, team)
    assert faults(seats, holders, team) == faults(seats, after, team) == []
    assert cost_of(seats, after, team) <= cost_of(seats, holders, team)


def test_seats_do_move() -> None:
    moved = 0
    for seed in range(40):
        dice = Random(seed)  # noqa: S311
        team = free_team()
        seats = [seat(n, hours, **some_costs(dice)) for n, hours in enumerate(some_hours(dice, 8))]
        holders = first_that_fit(seats, team)
        after = exchanged(seats, holders, team)
        moved += cost_of(seats, after, team) < cost_of(seats, holders, team)
    assert moved >= 20


def test_who_is_likely_to_be_wanted_takes_half_of_what_that_would_cost_the_others() -> None:
    team = free_team()
    seats = [
        seat(0, "09:00-10:00", dana=0),
        seat(1, "10:00-11:00", dana=0, femi=1),
        seat(2, "11:00-12:00", dana=0, femi=0),
    ]
    demand = Demand(seats, team, LOAD)
    assert demand.tolls(DANA) == {(MONDAY, WEEK): 2 * LOAD // 2}
    assert demand.tolls(FEMI) == {(MONDAY, WEEK): LOAD // 2}
    assert [*demand.drop(2)] == [DANA]
    assert demand.tolls(DANA) == {(MONDAY, WEEK): LOAD // 2}
    assert [*demand.drop(0)] == [DANA]
    assert demand.tolls(DANA) == {}


def some_hours(dice: Random, many: int) -> Iterator[str]:
    for _ in range(many):
        start = timedelta(hours=9, minutes=30 * dice.randrange(12))
        begins, ends = ((MIDNIGHT + at) for at in (start, start + minutes(60)))
        yield f"{begins:%H:%M}-{ends:%H:%M}"


def some_costs(dice: Random) -> dict[str, int]:
    names = dice.sample(["dana", "femi", "mei", "sam"], dice.randint(2, 4))
    return {**{name: dice.randint(0, 3) for name in names}, "empty": 20}


def first_that_fit(
    seats: Sequence[HeldSeat], team: dict[InterviewerId, Person]
) -> list[InterviewerId | None]:
    holders: list[InterviewerId | None] = []
    for seat in seats:
        for _, id_ in seat.choices:
            tried = [*holders, id_]
            if not faults(seats[: len(tried)], tried, team):
                holders = tried
                break
    return holders


def cost_of(
    seats: Sequence[HeldSeat],
    holders: Sequence[InterviewerId | None],
    team: dict[InterviewerId, Person],
) -> int:
    weeks = Counter(id_ for id_ in holders if id_ is not None)
    own = sum(seat.costs[id_] for seat, id_ in zip(seats, holders, strict=True))
    return own + LOAD * sum(many * (many - 1) // 2 for many in weeks.values())


def faults(
    seats: Sequence[HeldSeat],
    holders: Sequence[InterviewerId | None],
    team: dict[InterviewerId, Person],
) -> list[object]:
    """Return what is wrong, with each interview held against all others that the person has."""
    found: list[object] = []
    held = [(seat, id_) for seat, id_ in zip(seats, holders, strict=True) if id_ is not None]
    for (one, id_), (other, its) in combinations(held, 2):
        if id_ == its and one.loop == other.loop:
            found.append("twice in a loop")
    for seat, id_ in held:
        others = [other.span for other, its in held if its == id_ and other is not seat]
        found += obstacles(with_interviews(team[id_], others), seat.span)
    return found


def with_interviews(one: Person, others: Sequence[TimeSpan]) -> Person:
    load = Counter(local_date(one, other.start) for other in others)
    return replace(one, busy=(*(one.busy or ()), *others), load=load)
