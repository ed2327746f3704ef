"""Loops spread over several days: from each start the first way to hold it, by the order of `layouts`.

The idea, as in `scarcity`, is to look for a way that breaks none of the cuts known so far:

1. For each set of interviews that a day may hold, and each tally, the tables of that day (`strips`)
   tell how short it can be. All that the days after it ask is which interviews are left, and the
   tally so far; so their least is found once for all starts. Then the first way by the order is found
   day by day: what the first of them holds, when, and on to the next.
2. Have it judged: `scarcity` where nobody sits twice, `conflicts` where people may. If there are
   people for it, that is the loop. If not, cuts rule it out, and with it others that would fail for
   the same reason. Look again.
3. Where no way is left on these days, the next choice of days has its turn.

Invariant: no cut rules out a way for which there are people, so the first that is found is the first
of all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from scheduler.domain.slots.assignment import Held
from scheduler.domain.slots.board import Board
from scheduler.domain.slots.cuts import Count, Judge
from scheduler.domain.slots.layouts import items_place
from scheduler.domain.slots.masks import indexes, lowest
from scheduler.domain.slots.rests import run_bits
from scheduler.domain.slots.strips import Filled, Strip, followings
from scheduler.domain.slots.tallies import Tally
from scheduler.domain.slots.trace import Trace

Days = tuple[int, ...]
Task = tuple[list[int], Count]
"""Starts, and what is counted for the loops that they may have."""
NEVER = 1 << 40


class Spread:
    """Holds loops on as many days as it is told."""

    def __init__(self, board: Board, judge: Judge) -> None:
        self._board, self._judge = board, judge
        self._parts = [[*board.parts(items)] for items in range(board.everything + 1)]
        self._count = Count.of(board.starts, field=judge.field, free=run_bits(board.ticks))
        self._strips: dict[int, list[Strip]] = {}
        self._days: dict[tuple[int, Count], _Day] = {}

    def loops(self, starts: int, days: Sequence[int]) -> dict[int, list[Held]]:
        """Return for each of these starts that has one its first loop on such a number of `days`."""
        found: dict[int, list[Held]] = {}
        self._lay_out(starts, max(days))
        for first in self._strips:
            mine = [*indexes(starts & self._board.ground.day_mask(first))]
            left: list[Task] = [(mine, self._count)] if mine else []
            for chosen in self._choices(first, days):
                if left:
                    left = self._settle(chosen, left, found)
            self._days = {key: day for key, day in self._days.items() if key[1] is self._count}
        return found

    def _lay_out(self, starts: int, most_days: int) -> None:
        """Make strips of the starts, and of all others that a later day may have."""
        board, goals = self._board, [self._board.everything]
        if most_days > 1:
            goals = [items for items in range(1, board.everything + 1) if board.sets[items]]
            for mask in board.starts:
                starts |= mask & board.ground.grid(board.ticks.grid)
        following = followings(board)
        for plot in board.ground.plots:
            if mine := [*indexes(starts & plot.mask)]:
                strip = Strip(board, plot, mine, goals=goals, following=following, is_whole=True)
                self._strips.setdefault(plot.day, []).append(strip)

    def _choices(self, first: int, days: Sequence[int]) -> Iterator[Days]:
        """Yield the days that loops may be held on, in order."""
        later = [day for day in self._strips if day > first]
        for number in days:
            rest = combinations(later, number - 1)
            yield from sorted(((first, *each) for each in rest), key=lambda each: each[::-1])

    def _settle(self, days: Days, tasks: list[Task], found: dict[int, list[Held]]) -> list[Task]:
        """Find loops on these days; return the starts that have none."""
        left = list[Task]()
        while tasks:
            starts, count = tasks.pop()
            course = _Course(self._board, count, self._parts, [self._day(d, count) for d in days])
            ways = {start: course.first_from(start) for start in starts}
            if nowhere := [start for start, way in ways.items() if not way]:
                left.append((nowhere, count))
            verdict = self._judge.judged({start: [way] for start, way in ways.items() if way})
            found |= verdict.held
            for cuts, ruled_out in verdict.ruled_out:
                tasks.append((ruled_out, count.with_cuts(cuts, lambda mask: mask)))
        return left

    def _day(self, day: int, count: Count) -> _Day:
        known = self._days.get((day, count))
        if known is None:
            filled = [strip.filled_whole(count) for strip in self._strips[day]]
            known = self._days[day, count] = _Day(filled)
        return known


class _Day:
    """What a day may hold, as far as a count allows it."""

    def __init__(self, filled: Sequence[Filled]) -> None:
        self._filled = filled
        self._shortest: dict[int, dict[Tally, int]] = {}

    def shortest(self, items: int, start: int | None) -> dict[Tally, int]:
        """Return by tally how long the day is at least with these interviews, from a start or any."""
        if start is not None:
            return self._shortest_from(items, start)
        known = self._shortest.get(items)
        if known is None:
            known = self._shortest[items] = {}
            for filled in self._filled:
                for node, ends in filled.goals(items):
                    _note(known, filled.stripped(node), filled.strip.lanes.earliest(ends))
        return known

    def _shortest_from(self, items: int, start: int) -> dict[Tally, int]:
        found = dict[Tally, int]()
        for filled in self._filled:
            lanes = filled.strip.lanes
            lane = lanes.number_of.get(start)
            if lane is not None:
                for node, ends in filled.goals(items):
                    if mine := lanes.lane(ends, lane):
                        _note(found, filled.stripped(node), lowest(mine))
        return found

    def tightest(
        self, items: int, elapsed: int, tallies: Collection[Tally], start: int | None
    ) -> list[Held]:
        """Return where these interviews are held in so long, with one of these tallies.

        It begins at a start, or as early as can be.
        """
        for filled in self._filled:
            lanes = filled.strip.lanes
            nodes = [node for node in filled.goals(items) if filled.stripped(node[0]) in tallies]
            lane = (
                lanes.number_of.get(start)
                if start is not None
                else lanes.first_at(elapsed, (ends for _, ends in nodes))
            )
            if lane is not None:
                ends = {
                    node: 1 << elapsed
                    for node, ends in nodes
                    if lanes.lane(ends, lane) >> elapsed & 1
                }
                return Trace(filled, lane).tightest(items, ends)
        return []


def _note(shortest: dict[Tally, int], tally: Tally, elapsed: int) -> None:
    shortest[tally] = min(elapsed, shortest.get(tally, elapsed))


class _Part(NamedTuple):
    """What a day may hold of a loop. The least of some is what it holds in the first of the loops."""

    elapsed_in_all: int
    """How long this day and those after it take, in ticks."""
    place: tuple[int, int]
    items: int
    elapsed: int


class _Course:
    """The loops on some days, as far as a count allows them."""

    def __init__(
        self, board: Board, count: Count, parts: Sequence[Sequence[int]], days: Sequence[_Day]
    ) -> None:
        self._everything, self._parts, self._days = board.everything, parts, days
        self._count, self._limits = count, count.limited
        self._least: dict[tuple[int, int, Tally], int] = {}

    def first_from(self, start: int) -> list[Held]:
        """Return the first loop from a start; nothing where there is none."""
        found, left, tally = list[Held](), self._everything, 0
        begins: int | None = start
        for number, day in enumerate(self._days):
            choices = [*self._choices(number, left, tally, begins)]
            if not choices:
                return []
            part = min(choices)[0]
            tallies = {more for other, more in choices if other == part}
            held = day.tightest(part.items, part.elapsed, tallies, begins)
            found, left, begins = [*held, *found], left ^ part.items, None
            tally = self._limits.what_matters(
                self._everything ^ left, tally + self._count.added(held)
            )
        return found

    def _choices(
        self, number: int, left: int, tally: Tally, start: int | None
    ) -> Iterator[tuple[_Part, Tally]]:
        """Yield what a day can hold of what is left, for the days after it to hold the rest."""
        is_last = number == len(self._days) - 1
        for items in [left] if is_last else self._parts[left]:
            held = self._everything ^ left | items
            for more, elapsed in self._days[number].shortest(items, start).items():
                if self._limits.allow(held, tally + more):
                    total = self._limits.what_matters(held, tally + more)
                    rest = 0 if is_last else self._least_after(number, left ^ items, total)
                    if rest < NEVER:
                        yield _Part(elapsed + rest, items_place(items), items, elapsed), more

    def _least_after(self, number: int, left: int, tally: Tally) -> int:
        """Return how long the days after a day take at least to hold what is left."""
        known = self._least.get((number, left, tally))
        if known is None:
            choices = self._choices(number + 1, left, tally, None)
            known = min((part.elapsed_in_all for part, _ in choices), default=NEVER)
            self._least[number, left, tally] = known
        return known
