"""What is shown of each start is one way to hold the loop of all there are, whoever makes it possible."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from random import Random

import pytest

from scheduler.domain.plan import Rest, RoomId
from scheduler.domain.slots.board import FREE_OF_CHARGE, boards
from scheduler.domain.slots.question import Room, SlotSearch
from scheduler.domain.slots.search import find_slots, open_times, problems, start_times
from scheduler.domain.slots.starts import first_layouts
from scheduler.domain.timespan import TimeSpan
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
from tests.domain.slots.judges.company import Company
from tests.domain.slots.judges.layouts import TooMany, first_of_all
from tests.domain.slots.judges.searches import on_short_days, on_three_days, search_of

SMALL = Company(interviewers=60)
LARGE = Company()
MOST_TRIED = 60_000
FEW_PEOPLE = [(2, 3), (3, 4), (3, 5), (4, 5)]
"""How many interviews are held, and how many people all their seats are for."""


def loops_of_few(*, people_repeat: bool) -> Iterator[SlotSearch]:
    """Yield loops on one day to three, of so few people that they are in each other's way."""
    rests = [None, Rest(length=minutes(30), after=minutes(90))]
    for seed, (interviews, people) in product(range(6), FEW_PEOPLE):
        asked = SMALL.search(
            seed, interviews, shared_pool=people, offers_days=3 + seed % 2, grid=60
        )
        limited = {
            id_: replace(
                each,
                interviewer=replace(
                    each.interviewer,
                    limit=replace(
                        each.interviewer.limit, per_day=1 + id_ % 2, per_week=1 + id_ % 3
                    ),
                ),
            )
            for id_, each in asked.people.items()
        }
        yield replace(
            asked,
            people=limited if people_repeat else asked.people,
            plan=replace(
                asked.plan,
                most_days=1 + seed % 3,
                people_repeat=people_repeat,
                rest=rests[seed % 2],
                longest_day=minutes(120 if seed % 3 else 240),
                longest_gap=minutes(60),
            ),
        )


SEARCHES: dict[str, Callable[[], Iterator[SlotSearch]]] = {
    "any plan": lambda: map(search_of, range(200)),
    "three days": lambda: map(on_three_days, range(60)),
    "people repeat on short days": lambda: map(on_short_days, range(80)),
    "few people": lambda: loops_of_few(people_repeat=False),
    "few people, who repeat": lambda: loops_of_few(people_repeat=True),
}


@pytest.mark.parametrize("searches", SEARCHES.values(), ids=SEARCHES)
def test_it_is_the_first_of_all_ways(searches: Callable[[], Iterator[SlotSearch]]) -> None:
    found = given_up = 0
    for number, asked in enumerate(searches()):
        for board in boards(asked, None, FREE_OF_CHARGE):
            layouts = {min(at for _, at in layout): layout for layout in first_layouts(board)}
            try:
                assert layouts == first_of_all(board, most=MOST_TRIED), number
            except TooMany:
                given_up += 1
            else:
                found += len(layouts)
    assert found > 100
    assert given_up < 10


@pytest.mark.parametrize("searches", SEARCHES.values(), ids=SEARCHES)
def test_people_with_other_numbers_change_nothing(
    searches: Callable[[], Iterator[SlotSearch]],
) -> None:
    for number, asked in enumerate(searches()):
        assert open_times(renumbered(asked, number)) == open_times(asked), number


@pytest.mark.parametrize(
    ("interviews", "people", "most_days", "people_repeat"),
    [
        (5, None, 2, False),
        (6, None, 3, False),
        (5, 10, 2, False),
        (6, 10, 2, False),
        (6, 5, 2, True),
    ],
)
def test_nor_do_they_in_a_large_company(
    interviews: int, people: int | None, most_days: int, *, people_repeat: bool
) -> None:
    asked = LARGE.search(0, interviews, shared_pool=people)
    asked = replace(
        asked,
        plan=replace(
            asked.plan,
            most_days=most_days,
            longest_day=minutes(240),
            people_repeat=people_repeat,
        ),
    )
    times = open_times(asked)
    assert open_times(renumbered(asked, 1)) == times
    assert [each.span.start for each in times] == start_times(asked)
    assert len(times) > 100
    assert not any(problems(asked, slot) for slot in find_slots(asked)[::10])


def renumbered(asked: SlotSearch, seed: int) -> SlotSearch:
    """Return the same search of people who have been taken on in another order."""
    ids = sorted(asked.people)
    others = Random(seed).sample(ids, len(ids))  # noqa: S311
    of = dict(zip(ids, others, strict=True))
    people = {
        of[id_]: replace(
            each,
            interviewer=replace(each.interviewer, interviewer_id=of[id_]),
            version=f"{of[id_]} instead of {each.version}",
        )
        for id_, each in asked.people.items()
    }
    return replace(
        asked,
        people=dict(sorted(people.items())),
        excluded=frozenset(of.get(id_, id_) for id_ in asked.excluded),
        preferences={of.get(id_, id_): liking for id_, liking in asked.preferences.items()},
        plan=replace(
            asked.plan,
            interviews=tuple(
                replace(
                    each,
                    seats=tuple(
                        replace(rule, eligible=frozenset(of.get(id_, id_) for id_ in rule.eligible))
                        for rule in each.seats
                    ),
                )
                for each in asked.plan.interviews
            ),
        ),
    )


def test_a_site_where_one_day_is_enough_comes_before_one_where_it_takes_two() -> None:
    """In Aachen the room of the second interview is free on Tuesday only; in Bonn nothing is in the way."""
    monday, tuesday = "2026-03-09", "2026-03-10"
    rooms = [
        Room(room_id=RoomId(1), busy=(), site="Aachen"),
        Room(room_id=RoomId(2), busy=(span(monday, "00:00-24:00"),), site="Aachen"),
        Room(room_id=RoomId(3), busy=(), site="Bonn"),
        Room(room_id=RoomId(4), busy=(), site="Bonn"),
    ]
    coding = replace(interview("Coding", 30, lead(DANA)), rooms=frozenset({RoomId(1), RoomId(3)}))
    values = replace(interview("Values", 30, lead(FEMI)), rooms=frozenset({RoomId(2), RoomId(4)}))
    asked = replace(
        search(
            replace(plan(coding, values), most_days=2),
            person(DANA),
            person(FEMI),
            windows=[span(monday, "10:00-11:00"), span(tuesday, "10:00-11:00")],
            window=TimeSpan(at(f"{monday} 00:00"), at(f"{tuesday} 18:00")),
        ),
        rooms={room.room_id: room for room in rooms},
    )

    assert open_times(asked)[0].spans == (span(monday, "10:00-10:30"), span(monday, "10:30-11:00"))
