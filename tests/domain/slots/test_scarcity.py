"""Counting for overdrawn groups finds what the search for the cheapest day from a start finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.plan import Rest
from scheduler.domain.slots.assignment import Held
from scheduler.domain.slots.board import FREE_OF_CHARGE, Board, boards
from scheduler.domain.slots.days import SOMETHING
from scheduler.domain.slots.masks import indexes
from scheduler.domain.slots.overdrawn import overdrawn
from scheduler.domain.slots.problems import problems
from scheduler.domain.slots.question import SlotSearch
from scheduler.domain.slots.scarcity import Scarcity
from scheduler.domain.slots.search import find_slots, start_times
from scheduler.domain.slots.staffing import seats_can_be_filled
from tests.domain.slots.cast import minutes
from tests.domain.slots.judges.company import Company
from tests.domain.slots.judges.searches import search_of

COMPANY = Company(interviewers=60)


def compared(search: SlotSearch) -> tuple[int, int]:
    """Return how many starts of one search can be held, and how many only by people sitting twice."""
    can = cannot = 0
    for board in boards(search, None, FREE_OF_CHARGE):
        table = board.table()
        solver, loose = board.solver(table), table.starts_of(board.everything)
        real = Scarcity(board).real_among(loose)
        for start in indexes(loose):
            day = solver.cheapest(start, board.everything, bound=SOMETHING)
            assert real >> start & 1 == (day is not None), (search.plan, start)
        can, cannot = can + real.bit_count(), cannot + (loose & ~real).bit_count()
    return can, cannot


def total(counts: list[tuple[int, int]]) -> tuple[int, int]:
    can, cannot = (sum(each) for each in zip(*counts, strict=True))
    return can, cannot


def test_any_plan() -> None:
    searches = [search_of(seed) for seed in range(160)]
    can, cannot = total([compared(each) for each in searches if not each.plan.people_repeat])
    assert can > 500
    assert cannot > 50


def test_a_contested_pool() -> None:
    """Few are enough for many seats, so that groups of all sizes are overdrawn."""
    found = [
        compared(COMPANY.search(seed, interviews, shared_pool=pool, offers_days=3))
        for (interviews, pool), seed in product([(3, 4), (4, 5), (4, 6)], range(5))
    ]
    can, cannot = total(found)
    assert can > 100
    assert cannot > 100


def test_a_contested_pool_with_rests() -> None:
    searches = [
        COMPANY.search(seed, interviews, shared_pool=pool, offers_days=3)
        for (interviews, pool), seed in product([(3, 4), (4, 5), (4, 6)], range(5))
    ]
    rests = [
        Rest(length=minutes(length), after=minutes(after))
        for length, after in ((20, 60), (30, 90), (45, 120))
    ]
    found = [
        compared(replace(each, plan=replace(each.plan, rest=rests[number % len(rests)])))
        for number, each in enumerate(searches)
    ]
    can, cannot = total(found)
    assert can > 100
    assert cannot > 50


def ways_of(board: Board) -> Iterator[tuple[int, list[Held]]]:
    """Yield every way to hold a loop by different people: its start, and where each interview is held."""
    table = board.table()
    for goal in table.goals(board.everything):
        for offsets, starts in table.patterns(goal, goal.starts):
            for start in indexes(starts):
                positions = [start + offset for offset in offsets]
                if seats_can_be_filled(board, positions):
                    yield start, [*enumerate(positions)]


def backwards(board: Board, held: list[Held]) -> list[tuple[int, int]]:
    """Return when interviews are over, the last first; of two that are over then the later of the plan."""
    ends = [(position + board.ticks.lengths[k], -k) for k, position in held]
    return sorted(ends, reverse=True)


@pytest.mark.parametrize("rest", [None, Rest(length=minutes(30), after=minutes(90))])
def test_the_tightest_way_is_one_of_all(rest: Rest | None) -> None:
    """So it depends on what is possible, not on who makes it so."""
    looked_at = 0
    for interviews, pool, seed in [(2, 3, 0), (3, 4, 1), (3, 4, 2), (3, 5, 3), (4, 5, 4)]:
        search = COMPANY.search(seed, interviews, shared_pool=pool, offers_days=3)
        search = replace(search, plan=replace(search.plan, rest=rest, longest_gap=minutes(45)))
        for board in boards(search, None, FREE_OF_CHARGE):
            ways: dict[int, list[list[Held]]] = {}
            for start, held in ways_of(board):
                ways.setdefault(start, []).append(held)
            found = Scarcity(board).tightest(board.table().starts_of(board.everything))
            assert {start: sorted(held) for start, held in found.items()} == {
                start: min(every, key=lambda held: backwards(board, held))
                for start, every in ways.items()
            }
            looked_at += len(ways)
    assert looked_at > 100


@given(st.lists(st.integers(0, 63), max_size=7))
def test_a_group_is_overdrawn_where_different_people_cannot_be_found(seats: list[int]) -> None:
    group = overdrawn(seats)
    if group is None:
        # Hall's theorem: no choice of seats has fewer people than seats.
        for many in range(1, len(seats) + 1):
            for chosen in combinations(seats, many):
                union = 0
                for seat in chosen:
                    union |= seat
                assert union.bit_count() >= many
    else:
        assert sum(seat & ~group == 0 for seat in seats) > group.bit_count()


def test_few_people_over_two_days_leave_no_start_without_times() -> None:
    """Where the cheapest loop of each start would take too long to find, any is good enough."""
    search = COMPANY.search(0, 4, shared_pool=5, offers_days=6)
    search = replace(search, plan=replace(search.plan, most_days=2, longest_day=minutes(180)))
    found = find_slots(search)
    assert [slot.span.start for slot in found] == start_times(search)
    assert len(found) > 100
    assert not any(problems(search, slot) for slot in found)
