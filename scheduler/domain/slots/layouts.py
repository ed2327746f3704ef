"""One order of all ways to hold a loop.

A layout says when each interview is held, and nothing of people. Where several are possible from one
start, the first by this order is shown; so what is shown tells only what is possible.

A loop on fewer days comes first. Then it is one whose last day is earlier, then the day before that,
and so on; then one that takes less time in all, with waits and lunches. What is left is no more than a
convention, held against one day after the other: more interviews on it come first, and of as many
those whose last is earlier in the plan, then the one before it; the shorter day; the earlier start;
and at the end when its interviews are held, from the last one back. The one that is over sooner comes
first, and of two that are over at the same time the one that is later in the plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scheduler.domain.slots.assignment import Held
from scheduler.domain.slots.board import Board
from scheduler.domain.slots.masks import mask_of

DayRank = tuple[tuple[int, int], int, int, tuple[tuple[int, int], ...]]
Rank = tuple[int, tuple[int, ...], int, tuple[DayRank, ...]]
"""Where a layout comes in the order."""


def rank_of(board: Board, layout: Iterable[Held]) -> Rank:
    """Return where a layout comes."""
    days: dict[int, list[Held]] = {}
    for held in layout:
        days.setdefault(board.ground.plot_of(held[1]).day, []).append(held)
    order = sorted(days)
    parts = [_day_rank(board, days[day]) for day in order]
    elapsed = sum(part[1] for part in parts)
    return len(order), tuple(reversed(order)), elapsed, tuple(parts)


def items_rank(items: int) -> tuple[int, int]:
    """Return where a day with these interviews comes."""
    return -items.bit_count(), items


def _day_rank(board: Board, held: Sequence[Held]) -> DayRank:
    ends = sorted(((at + board.ticks.lengths[k], -k) for k, at in held), reverse=True)
    items, start = mask_of(k for k, _ in held), min(at for _, at in held)
    return items_rank(items), ends[0][0] - start, start, tuple(ends)
