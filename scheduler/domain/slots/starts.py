"""Every start from which the stage can be held, and one way to hold it from each."""

from __future__ import annotations

from scheduler.domain.availability import over_limit
from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import TICK
from scheduler.domain.slots.assignment import Held
from scheduler.domain.slots.board import Board
from scheduler.domain.slots.conflicts import Conflicts
from scheduler.domain.slots.distinct import can_sit_at_all, distinct_starts
from scheduler.domain.slots.loops import LoopTable
from scheduler.domain.slots.masks import mask_of
from scheduler.domain.slots.question import Person
from scheduler.domain.slots.scarcity import Scarcity
from scheduler.domain.slots.spread import Spread


def start_mask(board: Board) -> int:
    """Return every start of the board, exactly."""
    if board.search.plan.people_repeat:
        loose = loose_starts(board, board.table())
        return mask_of(_repeating(board, loose)) if _limits_may_bind(board) else loose
    found, doubted = distinct_starts(board, lambda table: loose_starts(board, table))
    if doubted:
        scarcity = Scarcity(board)
        found |= scarcity.real_among(doubted)
        found |= mask_of(_over_days(board, scarcity, doubted & ~found))
    return found


def first_layouts(board: Board) -> list[list[Held]]:
    """Return for each start that has one the first way to hold a loop from it, by the order of `layouts`."""
    found, table = dict[int, list[Held]](), board.table()
    if board.search.plan.people_repeat:
        found = _repeating(board, loose_starts(board, table))
    elif can_sit_at_all(board):
        scarcity = Scarcity(board)
        found = scarcity.tightest(table.starts_of(board.everything))
        found |= _over_days(board, scarcity, loose_starts(board, table) & ~mask_of(found))
    return [sorted(layout) for layout in found.values()]


def _repeating(board: Board, starts: int) -> dict[int, list[Held]]:
    """Return loops in which people may sit again, from those of some starts that have one."""
    days = range(1, board.search.plan.most_days + 1)
    return Spread(board, Conflicts(board)).loops(starts, days)


def _over_days(board: Board, scarcity: Scarcity, starts: int) -> dict[int, list[Held]]:
    """Return loops of different people on more than one day, from those of some starts that have one."""
    days = range(2, board.search.plan.most_days + 1)
    return Spread(board, scarcity).loops(starts, days) if days else {}


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
