"""Every start from which a loop can be held by different people.

The table of `loops` lets a person sit in every interview they are free for. Most starts it finds
are real; which, is settled from the cheap to the dear:

1. Seats that share no people cannot be in each other's way: then all are real. Where there are not
   enough people for all seats, whatever the time, none is.
2. Put the seats in an order. Where the i-th sees at least as many people as there are earlier seats
   it shares people with, and one more, filling them in that order leaves somebody for everyone.
   A table over such ticks only has starts that are real.
3. A seat that sees, at every tick that still matters, as many people as all the seats it is bound to
   together (itself counted) can always be filled last: it no longer counts.
4. Give every person to one of the seats that want them. Nobody can be wanted twice then, so that the
   starts of a table over these people are real. With a pair of seats that share people, the numbers
   of these people differ in some binary digit: one division for each digit and side splits every
   two of them, and what no division reaches is certain to be impossible.
5. What is left is tried start by start, exactly.

Invariant: `found` holds real starts only, and a start leaves `doubted` only when it is known which.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from scheduler.domain.people import InterviewerId
from scheduler.domain.slots.board import Board
from scheduler.domain.slots.loops import LoopTable
from scheduler.domain.slots.masks import indexes
from scheduler.domain.slots.matching import cheapest_matching
from scheduler.domain.slots.seating import Chair

COLOURINGS = 8
TableOf = Callable[[LoopTable], int]
Division = Mapping[Chair, frozenset[InterviewerId]]


def distinct_starts(board: Board, starts_of: TableOf, is_possible: Callable[[int], bool]) -> int:
    """Return every start of a loop of different people.

    `starts_of` reads the starts off a table, and `is_possible` settles a single one.
    """
    loose = starts_of(board.table())
    chairs = [chair for chair in board.seating.chairs if not chair.is_optional]
    bound = _bound_together(chairs)
    if not loose or not bound:
        return loose
    if not _can_sit_at_all(board, chairs):
        return 0
    found = loose & starts_of(board.table(safe_starts(board)))
    doubted = loose & ~found
    if doubted:
        bound = _still_bound(board, bound, _reach(board, doubted))
        is_certain = all(len(group) == 2 for group in bound) and len(bound) == 1
        for division in _divisions(bound, is_certain=is_certain):
            real = starts_of(board.table(_divided_starts(board, division), firsts=doubted))
            found |= real & doubted
            doubted &= ~real
            if not doubted:
                break
        if is_certain or not bound:
            return found | (doubted if not bound else 0)
    for start in indexes(doubted):
        if is_possible(start):
            found |= 1 << start
    return found


def _can_sit_at_all(board: Board, chairs: Sequence[Chair]) -> bool:
    """Are there different people for all seats, could each choose a time of their own?"""
    return cheapest_matching([board.seating.best_options(chair) for chair in chairs]) is not None


def _bound_together(chairs: Sequence[Chair]) -> list[list[Chair]]:
    """Return the groups of two or more seats that are linked by people they share."""
    groups: list[list[Chair]] = []
    for chair in chairs:
        linked = [
            group
            for group in groups
            if any(not chair.people.isdisjoint(other.people) for other in group)
        ]
        groups = [group for group in groups if group not in linked]
        groups.append([chair, *(other for group in linked for other in group)])
    return [group for group in groups if len(group) > 1]


def safe_starts(board: Board) -> list[int]:
    """Return when each interview can start whatever the others do: somebody is left for each seat."""
    starts = list(board.starts)
    chairs = [chair for chair in board.seating.chairs if not chair.is_optional]
    seated: list[Chair] = []
    for chair in sorted(chairs, key=lambda chair: len(chair.people)):
        rivals = sum(not chair.people.isdisjoint(other.people) for other in seated)
        if rivals:
            k = chair.interview
            starts[k] &= board.seating.crowded(chair.people, k, rivals + 1)
        seated.append(chair)
    return starts


def _reach(board: Board, starts: int) -> int:
    """Return every position that a loop from one of `starts` may touch."""
    if board.search.plan.most_days > 1:
        return board.ground.everything
    found = 0
    for plot in board.ground.plots:
        if inside := starts & plot.mask:
            first = (inside & -inside).bit_length() - 1
            found |= plot.mask >> first << first
    return found


def _still_bound(board: Board, groups: Iterable[list[Chair]], reach: int) -> list[list[Chair]]:
    """Return the groups without the seats that somebody is always left for."""
    found: list[list[Chair]] = []
    for group in groups:
        left = list(group)
        loose = True
        while loose:
            loose = False
            for chair in left:
                k = chair.interview
                ample = board.seating.crowded(chair.people, k, len(left))
                if not board.starts[k] & reach & ~ample:
                    left.remove(chair)
                    loose = True
                    break
        found += _bound_together(left)
    return found


def _divided_starts(board: Board, division: Division) -> list[int]:
    starts = list(board.starts)
    for chair, people in division.items():
        free = 0
        for person in people:
            free |= board.seating.person_starts(person, chair.interview)
        starts[chair.interview] &= free
    return starts


def _divisions(groups: Sequence[Sequence[Chair]], *, is_certain: bool) -> Iterator[Division]:
    if not groups:
        return
    if is_certain:
        yield from _by_digit(*groups[0])
        return
    dice = random.Random(5)  # noqa: S311  # nothing secret; the same every time
    for _ in range(COLOURINGS):
        division: dict[Chair, set[InterviewerId]] = {}
        for group in groups:
            division |= {chair: set() for chair in group}
            for person in sorted(set().union(*(chair.people for chair in group))):
                wanting = [chair for chair in group if person in chair.people]
                rarity = [1 / len(chair.people) for chair in wanting]
                division[dice.choices(wanting, rarity)[0]].add(person)
        yield {chair: frozenset(people) for chair, people in division.items()}


def _by_digit(one: Chair, other: Chair) -> Iterator[Division]:
    people = sorted(one.people | other.people)
    for digit in range(max(1, (len(people) - 1).bit_length())):
        ones = frozenset(person for n, person in enumerate(people) if n >> digit & 1)
        yield {one: one.people & ones, other: other.people - ones}
        yield {one: one.people - ones, other: other.people & ones}
