"""Every start from which a loop can be held by different people.

The table of `loops` lets a person sit in every interview they are free for. Most starts it finds
are real; which, is settled from the cheap to the dear:

1. Seats that share no people cannot be in each other's way: then all are real. Where there are not
   enough people for all seats, whatever the time, none is.
2. Put the seats in an order. Where the i-th sees at least as many people as there are earlier seats
   it shares people with, and one more, filling them in that order leaves somebody for everyone.
   A table over such ticks only has starts that are real.
3. What is left is not known without trying: `scarcity` settles it.

Invariant: what is found is real, and what is neither found nor left is impossible.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

from scheduler.domain.slots.board import Board
from scheduler.domain.slots.loops import LoopTable
from scheduler.domain.slots.matching import cheapest_matching
from scheduler.domain.slots.scarcity import safe_starts
from scheduler.domain.slots.seating import Chair

TableOf = Callable[[LoopTable], int]


def distinct_starts(board: Board, starts_of: TableOf) -> tuple[int, int]:
    """Return starts of loops of different people, and those of which it is not known.

    `starts_of` reads the starts off a table.
    """
    loose = starts_of(board.table())
    if not loose or not _share_people(_mandatory(board)):
        return loose, 0
    if not can_sit_at_all(board):
        return 0, 0
    found = loose & starts_of(board.table(safe_starts(board)))
    return found, loose & ~found


def can_sit_at_all(board: Board) -> bool:
    """Are there different people for all seats, could each choose a time of their own?"""
    options = [board.seating.best_options(chair) for chair in _mandatory(board)]
    return cheapest_matching(options) is not None


def _mandatory(board: Board) -> list[Chair]:
    return [chair for chair in board.seating.chairs if not chair.is_optional]


def _share_people(chairs: Sequence[Chair]) -> bool:
    return any(not one.people.isdisjoint(other.people) for one, other in combinations(chairs, 2))
