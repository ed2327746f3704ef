"""Every way to hold a loop, tried one after the other: the judge of which of them comes first."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

from scheduler.domain.slots.assignment import Held
from scheduler.domain.slots.board import Board
from scheduler.domain.slots.layouts import rank_of
from scheduler.domain.slots.loops import LUNCH, LoopTable, Node
from scheduler.domain.slots.masks import indexes
from scheduler.domain.slots.staffing import seats_can_be_filled

Layout = tuple[Held, ...]


class TooMany(Exception):
    """There are more ways than anybody wants to try."""


def first_of_all(board: Board, *, most: int) -> dict[int, list[Held]]:
    """Return from each start the first way for which there are people, having tried all of `most` at most."""
    found: dict[int, Layout] = {}
    for tried, layout in enumerate(_every_layout(board)):
        if tried == most:
            raise TooMany
        start = min(at for _, at in layout)
        known = found.get(start)
        comes_first = known is None or rank_of(board, layout) < rank_of(board, known)
        if comes_first and seats_can_be_filled(board, layout):
            found[start] = layout
    return {start: sorted(layout) for start, layout in found.items()}


def _every_layout(board: Board) -> Iterator[Layout]:
    """Yield all ways to hold a loop that the rules of time allow."""
    table = board.table()
    on: dict[tuple[int, int], list[Layout]] = {}
    for items in range(1, board.everything + 1):
        for layout in set(_on_one_day(table, items)):
            day = board.ground.plot_of(layout[0][1]).day
            on.setdefault((day, items), []).append(layout)
    for many in range(1, board.search.plan.most_days + 1):
        for days in combinations(board.ground.days(), many):
            for parts in _splits(board, board.everything, many):
                for layouts in product(
                    *(on.get(each, []) for each in zip(days, parts, strict=True))
                ):
                    yield tuple(held for layout in layouts for held in layout)


def _splits(board: Board, items: int, many: int) -> Iterator[tuple[int, ...]]:
    """Yield all ways to hold some interviews on so many days, one after the other."""
    if many == 1:
        yield (items,)
        return
    for first in board.parts(items):
        for rest in _splits(board, items ^ first, many - 1):
            yield (first, *rest)


def _on_one_day(table: LoopTable, items: int) -> Iterator[Layout]:
    for goal in table.goals(items):
        for offsets, starts in _ways_to(table, goal.node, goal.starts):
            for start in indexes(starts):
                yield tuple((k, start + offset) for k, offset in sorted(offsets))


def _ways_to(table: LoopTable, node: Node, starts: int) -> Iterator[tuple[Layout, int]]:
    """Yield the offsets of interviews on every way to a node, with the starts it works from."""
    for step in table.steps_to(node):
        if left := starts & step.starts:
            last = () if step.k == LUNCH else ((step.k, step.offset),)
            if step.before is None:
                yield last, left
            else:
                for offsets, those in _ways_to(table, step.before, left):
                    yield (*offsets, *last), those
