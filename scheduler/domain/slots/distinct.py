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
   two of them, and what no division reaches is certain to be impossible. With more seats people are
   divided anew for each day (`divisions`), for as long as that settles much.
5. What is left is tried start by start, exactly.

Invariant: `found` holds real starts only, and a start leaves `doubted` only when it is known which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from scheduler.domain.people import InterviewerId
from scheduler.domain.slots.board import Board
from scheduler.domain.slots.divisions import Divisions
from scheduler.domain.slots.loops import LoopTable
from scheduler.domain.slots.masks import indexes
from scheduler.domain.slots.matching import cheapest_matching
from scheduler.domain.slots.seating import Chair

ROUNDS = 12
POOR_ROUNDS = 2
A_TWENTIETH = 20
"""What settles less than this of the starts in doubt is a poor round."""
TableOf = Callable[[LoopTable], int]
RealAmong = Callable[[int, Sequence[int]], int]
"""Which of some starts are real when the interviews can start at the given times only."""


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
        if not bound:
            return found | doubted

        def real_among(doubted: int, starts: Sequence[int]) -> int:
            return doubted & starts_of(board.table(starts, firsts=doubted))

        if is_certain:
            [one, other] = bound[0]
            return found | _settle_a_pair(board, one, other, doubted, real_among)
        real = _settle_by_divisions(board, bound, doubted, real_among)
        found |= real
        doubted &= ~real
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


def _settle_a_pair(
    board: Board, one: Chair, other: Chair, doubted: int, real_among: RealAmong
) -> int:
    """Return which of these starts are real, when only two seats can be in each other's way."""
    people, found = sorted(one.people | other.people), 0
    for digit in range(max(1, (len(people) - 1).bit_length())):
        ones = frozenset(person for n, person in enumerate(people) if n >> digit & 1)
        for mine in (one.people & ones, one.people - ones):
            theirs = other.people - ones if mine <= ones else other.people & ones
            starts = list(board.starts)
            for chair, given in ((one, mine), (other, theirs)):
                starts[chair.interview] &= _free(board, chair, given)
            found |= real_among(doubted & ~found, starts)
    return found


def _free(board: Board, chair: Chair, people: Iterable[InterviewerId]) -> int:
    found = 0
    for person in people:
        found |= board.seating.person_starts(person, chair.interview)
    return found


def _settle_by_divisions(
    board: Board, bound: Iterable[list[Chair]], doubted: int, real_among: RealAmong
) -> int:
    """Return some of these starts that are real: those which divisions of all people find."""
    divisions = Divisions(board, [chair for group in bound for chair in group])
    found = poor = 0
    for _ in range(ROUNDS):
        left = doubted & ~found
        real = real_among(left, divisions.starts(left)) if left else 0
        poor = poor + 1 if real.bit_count() * A_TWENTIETH < left.bit_count() else 0
        found |= real
        if not left or poor == POOR_ROUNDS:
            break
    return found
