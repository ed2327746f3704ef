"""Every start from which the stage can be held, and a loop for each.

Of loops on one day it is the one that waits the least.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count

from scheduler.domain.availability import over_limit
from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import TICK
from scheduler.domain.slots.board import FREE_OF_CHARGE, Board
from scheduler.domain.slots.days import SOMETHING
from scheduler.domain.slots.distinct import distinct_starts
from scheduler.domain.slots.loops import LoopTable
from scheduler.domain.slots.masks import indexes
from scheduler.domain.slots.question import Person
from scheduler.domain.slots.ranking import FoundLoop, cheapest_loops
from scheduler.domain.slots.scarcity import Scarcity
from scheduler.domain.slots.staffing import seats_can_be_filled

MOST_IDEAS = 2_000
"""How long loops of several days are looked at, when each start is to have its cheapest."""


def start_mask(board: Board) -> int:
    """Return every start of the board, exactly."""
    costless = board.with_weights(FREE_OF_CHARGE)
    if board.search.plan.people_repeat:
        found, doubted = _starts_of_repeats(board, costless)
    else:
        found, doubted = distinct_starts(board, lambda table: loose_starts(board, table))
    loops = cheapest_loops(costless, most=doubted.bit_count(), starts=doubted).loops
    return found | sum(1 << loop.start for loop in loops)


def _starts_of_repeats(board: Board, costless: Board) -> tuple[int, int]:
    """Return starts of loops in which people may sit again, and those of which it is not known."""
    loose = loose_starts(board, board.table())
    if not _limits_may_bind(board):
        return loose, 0
    solver = costless.solver(costless.table())
    found = 0
    for start in indexes(loose):
        if solver.cheapest(start, board.everything, bound=SOMETHING):
            found |= 1 << start
    return found, loose & ~found if board.search.plan.most_days > 1 else 0


def loose_starts(board: Board, table: LoopTable) -> int:
    """Return the starts of loops of a table, on as many days as the plan allows.

    A set of interviews can be finished after a day if it can be held on some later one: of all the
    days on which it can start, the last one tells.
    """
    days = board.search.plan.most_days
    found = table.starts_of(board.everything)
    if days == 1:
        return found
    starts = {items: table.starts_of(items) for items in range(1, board.everything + 1)}
    masks = [(day, board.ground.day_mask(day)) for day in board.ground.days()]
    last_start = {
        items: max((day for day, mask in masks if mask & can_start), default=-1)
        for items, can_start in starts.items()
    }
    for _ in range(days - 1):
        longer = dict(starts)
        for items in starts:
            for first in board.parts(items):
                before = _days_before(masks, last_start[items ^ first])
                longer[items] |= table.starts_of(first) & before if before else 0
        starts = longer
        last_start = {
            items: max((day for day, mask in masks if mask & can_start), default=-1)
            for items, can_start in starts.items()
        }
    return starts[board.everything]


def _days_before(masks: list[tuple[int, int]], last: int) -> int:
    found = 0
    for day, mask in masks:
        if day < last:
            found |= mask
    return found


def _limits_may_bind(board: Board) -> bool:
    """Could somebody be over a limit if they sat in all interviews that they are eligible for?"""
    wanted: dict[InterviewerId, set[int]] = {}
    for chair in board.seating.chairs:
        for person in chair.people:
            wanted.setdefault(person, set()).add(chair.interview)
    return any(
        _may_exceed(board.search.people[id_], [board.ticks.lengths[k] for k in items], board)
        for id_, items in wanted.items()
    )


def _may_exceed(person: Person, lengths: list[int], board: Board) -> bool:
    length = sum(lengths) * TICK
    days = board.calendar_dates(person)
    return any(over_limit(person, on, interviews=len(lengths), length=length) for on in days)


def longer_loops(board: Board, starts: int) -> list[FoundLoop]:
    """Return for each of these starts that has one a loop on as many days as the plan allows.

    It is the cheapest where that is found soon, and any loop where people are so few that it is not.
    """
    left = loose_starts(board, board.table()) & starts
    costless = board.with_weights(FREE_OF_CHARGE)
    some = cheapest_loops(costless, most=left.bit_count(), starts=left).loops
    left = sum(1 << loop.start for loop in some)
    looked = count()
    cheapest = cheapest_loops(
        board, most=len(some), starts=left, out_of_time=lambda: next(looked) > MOST_IDEAS
    )
    found = {loop.start: loop for loop in (*some, *cheapest.loops)}
    return list(found.values())


def one_day_loops(board: Board) -> Iterator[list[int]]:
    """Yield for each start that has one the loop on one day with the least waiting.

    A loop is the position of each of its interviews. Of those that are as short, it is the one whose
    last interview is the last of the plan that can be; of these, that whose interview before it is
    over as early as can be, and is the last of the plan; and so on.
    """
    table = board.table()
    if board.search.plan.people_repeat:
        yield from _one_day_loops_of_repeats(board, table)
        return
    for held in Scarcity(board).tightest(table.starts_of(board.everything)).values():
        yield [position for _, position in sorted(held)]


def _one_day_loops_of_repeats(board: Board, table: LoopTable) -> Iterator[list[int]]:
    lengths, goals = board.ticks.lengths, table.goals(board.everything)
    left, _ = _starts_of_repeats(board, board.with_weights(FREE_OF_CHARGE))

    def backwards(offsets: Sequence[int]) -> list[tuple[int, int]]:
        ends = ((offset + lengths[k], -k) for k, offset in enumerate(offsets))
        return sorted(ends, reverse=True)

    for elapsed in sorted({goal.elapsed for goal in goals}):
        alike: dict[tuple[int, ...], int] = {}
        for goal in goals:
            if goal.elapsed == elapsed and goal.starts & left:
                for offsets, found in table.patterns(goal, left):
                    alike[offsets] = alike.get(offsets, 0) | found
        for offsets in sorted(alike, key=backwards):
            for start in indexes(alike[offsets] & left):
                positions = [start + offset for offset in offsets]
                if seats_can_be_filled(board, positions):
                    left ^= 1 << start
                    yield positions
