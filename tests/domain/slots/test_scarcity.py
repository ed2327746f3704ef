"""Counting for overdrawn groups finds what the search for the cheapest day from a start finds."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.plan import Rest
from scheduler.domain.slots.board import FREE_OF_CHARGE, boards
from scheduler.domain.slots.masks import indexes
from scheduler.domain.slots.overdrawn import overdrawn
from scheduler.domain.slots.question import SlotSearch
from scheduler.domain.slots.scarcity import Scarcity
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
            day = solver.cheapest(start, board.everything, bound=1)
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
