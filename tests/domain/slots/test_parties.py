"""Trying a start by parties finds what the search for the cheapest day from it finds."""

from __future__ import annotations

import pytest

from scheduler.domain.slots.board import FREE_OF_CHARGE, boards
from scheduler.domain.slots.days import SOMETHING
from scheduler.domain.slots.masks import indexes
from scheduler.domain.slots.parties import Parties
from scheduler.domain.slots.search import start_times
from scheduler.domain.slots.starts import loose_starts
from tests.domain.slots.judges.company import Company
from tests.domain.slots.judges.searches import search_of

COMPANY = Company(interviewers=60)


def compared(seed: int) -> tuple[int, int]:
    """Return how many starts of one search can be held, and how many only by people sitting twice."""
    search = search_of(seed)
    if search.plan.people_repeat or search.plan.rest:
        return 0, 0
    can = cannot = 0
    for board in boards(search, None, FREE_OF_CHARGE):
        table, parties = board.table(), Parties(board)
        solver = board.solver(table)
        for start in indexes(table.starts_of(board.everything)):
            day = solver.cheapest(start, board.everything, bound=SOMETHING)
            assert parties.can_be_held(start) is (day is not None), (seed, start)
            can, cannot = can + (day is not None), cannot + (day is None)
    return can, cannot


def test_parties_agree_with_the_search_for_the_cheapest_day() -> None:
    counts = [compared(seed) for seed in range(160)]
    can, cannot = (sum(each) for each in zip(*counts, strict=True))
    assert can > 500
    assert cannot > 50


@pytest.mark.parametrize("seed", [0, 1])
def test_a_contested_pool_is_searched_whole(seed: int) -> None:
    search = COMPANY.search(seed, 4, shared_pool=5, offers_days=3)
    [board] = boards(search, None, FREE_OF_CHARGE)
    parties = Parties(board)
    found = {
        board.ground.moment(start)
        for start in indexes(loose_starts(board, board.table()))
        if parties.can_be_held(start)
    }
    assert sorted(found) == start_times(search)
