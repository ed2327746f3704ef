"""The door to the slot search: when can this stage be held, by whom, and does that still hold?

Only what a slot's times are may reach a candidate; everything else here is the recruiter's. The
rules are in `question`. `calendars` keeps masks between searches; a search without them makes its
own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter

from scheduler.domain.slots import staffing
from scheduler.domain.slots.board import FREE_OF_CHARGE, Board, boards
from scheduler.domain.slots.calendars import Calendars
from scheduler.domain.slots.days import NEVER
from scheduler.domain.slots.layouts import Rank, rank_of
from scheduler.domain.slots.masks import indexes
from scheduler.domain.slots.offer import nearest, offered
from scheduler.domain.slots.pricing import costs_of
from scheduler.domain.slots.problems import problems
from scheduler.domain.slots.question import SlotSearch, Weights
from scheduler.domain.slots.ranking import FoundLoop, OutOfTime, cheapest_loops
from scheduler.domain.slots.slot import RankedSlot, Ranking, Slot, Times, slot_of
from scheduler.domain.slots.staffing import staffed
from scheduler.domain.slots.starts import first_layouts, start_mask
from scheduler.domain.timespan import TimeSpan

__all__ = [
    "Calendars",
    "at",
    "at_times",
    "best",
    "find_slots",
    "nearest",
    "offered",
    "open_times",
    "problems",
    "start_times",
]

DEFAULT = Weights()


def start_times(search: SlotSearch, calendars: Calendars | None = None) -> list[datetime]:
    """Return every moment at which a slot can start, in order."""
    found: set[datetime] = set()
    for board in boards(search, calendars, DEFAULT):
        found.update(board.ground.moment(start) for start in indexes(start_mask(board)))
    return sorted(found)


def best(
    search: SlotSearch,
    *,
    top: int = 5,
    weights: Weights = DEFAULT,
    calendars: Calendars | None = None,
    out_of_time: OutOfTime = lambda: False,
) -> Ranking:
    """Return the `top` cheapest slots, with proof unless `out_of_time` says to stop before."""
    ready = boards(search, calendars, weights)
    found = [(board, cheapest_loops(board, most=top, out_of_time=out_of_time)) for board in ready]
    loops = sorted(
        (
            (loop.cost, board.ground.moment(loop.start), number, loop)
            for number, (board, each) in enumerate(found)
            for loop in each.loops
        ),
        key=lambda each: each[:3],
    )
    slots: dict[datetime, RankedSlot] = {}
    for _, start, number, loop in loops:
        if start not in slots and len(slots) < top:
            slots[start] = _ranked(found[number][0], loop)
    bounds = [each.lower_bound for _, each in found if each.lower_bound < NEVER]
    return Ranking(
        slots=tuple(slots.values()),
        lower_bound=min(bounds, default=None),
        is_proven=all(each.is_proven for _, each in found),
    )


def at(
    search: SlotSearch,
    start: datetime,
    *,
    weights: Weights = DEFAULT,
    calendars: Calendars | None = None,
) -> RankedSlot | None:
    """Return the cheapest slot that starts at `start`; None when none does."""
    found = []
    for board in boards(search, calendars, weights):
        position = board.ground.position(start)
        if position is not None:
            loops = cheapest_loops(board, most=1, starts=1 << position).loops
            found += [_ranked(board, loop) for loop in loops]
    return min(found, key=lambda ranked: ranked.costs.total, default=None)


def at_times(
    search: SlotSearch, spans: Sequence[TimeSpan], *, weights: Weights = DEFAULT
) -> RankedSlot | None:
    """Return the cheapest slot at exactly these times, or None when that breaks a rule."""
    return staffing.at_times(search, spans, weights=weights)


def open_times(search: SlotSearch, calendars: Calendars | None = None) -> list[Times]:
    """Return the times of a slot for every start at which the stage can be held, earliest first.

    Of the ways to hold a loop from one start it is the first by the order of `layouts`. Nobody's load
    or liking has a say: whoever knows the times has learnt only that they are possible.
    """
    found: dict[datetime, tuple[Rank, Times]] = {}
    for board in boards(search, calendars, FREE_OF_CHARGE):
        for layout in first_layouts(board):
            times = _times_at(board, [at for _, at in layout])
            way, start = (rank_of(board, layout), times), times.span.start
            found[start] = min(way, found.get(start, way), key=itemgetter(0))
    return [times for _, (_, times) in sorted(found.items())]


def find_slots(
    search: SlotSearch, calendars: Calendars | None = None, *, weights: Weights = DEFAULT
) -> list[Slot]:
    """Return `open_times`, each with its cheapest staffing."""
    return staffed(search, open_times(search, calendars), weights=weights, calendars=calendars)


def _ranked(board: Board, loop: FoundLoop) -> RankedSlot:
    held = dict(held for day in loop.days for held in day.held)
    positions = [held[k] for k in range(board.count)]
    people = {chair: person for day in loop.days for chair, person in day.seats}
    slot = slot_of(
        board.search.plan,
        _times_at(board, positions).spans,
        [people[chair] for chair in board.seating.chairs],
        [board.room_at(k, position) for k, position in enumerate(positions)],
    )
    return RankedSlot(slot, costs_of(board.search, slot, board.weights))


def _times_at(board: Board, positions: Sequence[int]) -> Times:
    spans = []
    for position, interview in zip(positions, board.search.plan.interviews, strict=True):
        start = board.ground.moment(position)
        spans.append(TimeSpan(start, start + interview.length))
    return Times(tuple(spans))
