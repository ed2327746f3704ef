"""Loops spread over several days: from each start the first way to hold it, by the order of `layouts`.

The idea, as in `scarcity`, is to look for a way that breaks none of the cuts known so far:

1. For each set of interviews that a day may hold, and each tally, the tables of that day (`strips`)
   tell how short it can be. All that days ask of those before them is which interviews are left, and
   the tally so far. So the nearest days on which what is left can be held, and how long they take at
   least, are found once for all starts. Then the first way by the order is found day by day: what the
   first of them holds, when, and on to the next.
2. Have it judged: `scarcity` where nobody sits twice, `conflicts` where people may. If there are
   people for it, that is the loop. If not, cuts rule it out, and with it others that would fail for
   the same reason. Look again.
3. Where no way is left, the start is impossible.

Invariant: no cut rules out a way for which there are people, so the first that is found is the first
of all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from scheduler.domain.slots.assignment import Held
from scheduler.domain.slots.board import Board
from scheduler.domain.slots.cuts import Count, Cut, Judge
from scheduler.domain.slots.layouts import items_rank
from scheduler.domain.slots.masks import indexes, lowest, union
from scheduler.domain.slots.rests import run_bits
from scheduler.domain.slots.strips import Filled, Strip, followings
from scheduler.domain.slots.tallies import Tally
from scheduler.domain.slots.trace import Trace

Days = tuple[int, ...]


class Spread:
    """Holds loops on as many days as it is told."""

    def __init__(self, board: Board, judge: Judge) -> None:
        self.board, self._judge = board, judge
        self.parts = [[*board.parts(items)] for items in range(board.everything + 1)]
        self.strips: dict[int, list[Strip]] = {}
        """By day, in order."""

    def loops(self, starts: int, numbers: Sequence[int]) -> dict[int, list[Held]]:
        """Return for each of these starts that has one its first loop on such a number of days."""
        found: dict[int, list[Held]] = {}
        if not starts:
            return found
        self._lay_out(starts, max(numbers))
        count = Count.of(
            self.board.starts, field=self._judge.field, free=run_bits(self.board.ticks)
        )
        course = _Course(self, count)
        for day in self.strips:
            mine = [*indexes(starts & self.board.ground.day_mask(day))]
            waiting = [(mine, course)] if mine else []
            while waiting:
                mine, course_now = waiting.pop()
                ways = {start: course_now.first_from(start, numbers) for start in mine}
                verdict = self._judge.judged({start: [way] for start, way in ways.items() if way})
                found |= verdict.held
                for cuts, ruled_out in verdict.ruled_out:
                    waiting.append((ruled_out, course_now.without(cuts)))
        return found

    def _lay_out(self, starts: int, most_days: int) -> None:
        """Make strips of the starts, and of all others that a later day may have."""
        board, goals = self.board, [self.board.everything]
        if most_days > 1:
            goals = [items for items in range(1, board.everything + 1) if board.sets[items]]
            starts |= union(board.starts) & board.ground.grid(board.ticks.grid)
        following = followings(board)
        for plot in board.ground.plots:
            if mine := [*indexes(starts & plot.mask)]:
                strip = Strip(board, plot, mine, goals=goals, following=following, is_whole=True)
                self.strips.setdefault(plot.day, []).append(strip)


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
                for ending, ends in filled.goals(items):
                    _note(known, filled.without_run(ending), filled.strip.lanes.earliest(ends))
        return known

    def _shortest_from(self, items: int, start: int) -> dict[Tally, int]:
        found = dict[Tally, int]()
        for filled in self._filled:
            lanes = filled.strip.lanes
            lane = lanes.number_of.get(start)
            if lane is not None:
                for ending, ends in filled.goals(items):
                    if mine := lanes.lane(ends, lane):
                        _note(found, filled.without_run(ending), lowest(mine))
        return found

    def tightest(
        self, items: int, elapsed: int, tallies: Collection[Tally], start: int | None
    ) -> list[Held]:
        """Return where these interviews are held in so long, with one of these tallies.

        It begins at a start, or as early as can be.
        """
        for filled in self._filled:
            lanes = filled.strip.lanes
            endings = [
                ending for ending in filled.goals(items) if filled.without_run(ending[0]) in tallies
            ]
            lane = (
                lanes.number_of.get(start)
                if start is not None
                else lanes.first_at(elapsed, (ends for _, ends in endings))
            )
            if lane is not None:
                ends = {
                    ending: 1 << elapsed
                    for ending, ends in endings
                    if lanes.lane(ends, lane) >> elapsed & 1
                }
                return Trace(filled, lane).tightest(items, ends)
        return []


def _note(shortest: dict[Tally, int], tally: Tally, elapsed: int) -> None:
    shortest[tally] = min(elapsed, shortest.get(tally, elapsed))


class _Holding(NamedTuple):
    """What some interviews on a day count, what that comes to in all, and how long the day is."""

    more: Tally
    total: Tally
    elapsed: int


class _Part(NamedTuple):
    """What the first of some days may hold. These compare as the layouts do that begin so."""

    elapsed_in_all: int
    """How long this day and those after it take, in ticks."""
    rank: tuple[int, int]
    items: int
    elapsed: int


class _Course:
    """The loops that break none of some cuts."""

    def __init__(self, spread: Spread, count: Count) -> None:
        self._spread, self._count, self._limits = spread, count, count.limited
        self._everything = spread.board.everything
        self._order = [*spread.strips]
        self._days: dict[int, _Day] = {}
        self._nearest: dict[tuple[int, int, int, Tally], tuple[int, Days | None]] = {}
        """What is known of the nearest days, with the end before which they were looked for."""
        self._hopeless: set[tuple[int, int]] = set()
        """Starts with how many days are not enough for them."""
        self._least: dict[tuple[Days, int, Tally], int | None] = {}

    def without(self, cuts: Sequence[Cut]) -> _Course:
        """Return those of the loops that break none of some more."""
        course = _Course(self._spread, self._count.with_cuts(cuts, lambda mask: mask))
        course._hopeless = {*self._hopeless}
        return course

    def first_from(self, start: int, numbers: Sequence[int]) -> list[Held]:
        """Return the first loop from a start on such a number of days; nothing where there is none."""
        first = self._order.index(self._spread.board.ground.plot_of(start).day)
        if self._limits.can_be_kept:
            for number in numbers:
                if (start, number) in self._hopeless:
                    continue
                # Day by day, since tables of a day are made when it is first looked at.
                last = len(self._order) if number > 1 else first + 1
                for end in range(first + number, last + 1):
                    days = self._nearest_with(first, number, end, self._everything, 0, start)
                    if days:
                        return self._first_on(days[::-1], start)
                self._hopeless.add((start, number))
        return []

    def _nearest_days(self, at: int, number: int, end: int, left: int, tally: Tally) -> Days | None:
        """Return the nearest days, the last first, on which all that is left can be held.

        They are so many days of the order, from `at` on and before `end`; None where there are none.
        """
        if not number:
            return ()
        if at + number > end:
            return None
        key = at, number, left, tally
        tried, found = self._nearest.get(key, (0, None))
        if found is None and tried < end:
            found = self._nearest_with(at, number, end, left, tally, None)
            if found is None or found != self._next(at, number):
                later = self._nearest_days(at + 1, number, end, left, tally)
                found = min((days for days in (found, later) if days), default=None)
            self._nearest[key] = end, found
        return found if found and found[0] <= self._order[end - 1] else None

    def _nearest_with(
        self, at: int, number: int, end: int, left: int, tally: Tally, start: int | None
    ) -> Days | None:
        """Return the same, beginning on the day that is next in the order, from a start or any."""
        day, best = self._order[at], None
        for items in [left] if number == 1 else self._spread.parts[left]:
            for holding in self._held_on(day, left, items, tally, start):
                rest = self._nearest_days(at + 1, number - 1, end, left ^ items, holding.total)
                if rest is not None and (best is None or (*rest, day) < best):
                    best = *rest, day
                    if best == self._next(at, number):
                        return best
        return best

    def _next(self, at: int, number: int) -> Days:
        return tuple(reversed(self._order[at : at + number]))

    def _held_on(
        self, day: int, left: int, items: int, tally: Tally, start: int | None
    ) -> Iterator[_Holding]:
        """Yield the ways to count what holding interviews on a day adds to a tally."""
        if day not in self._days:
            strips = self._spread.strips[day]
            self._days[day] = _Day([strip.filled_everywhere(self._count) for strip in strips])
        held = self._everything ^ left | items
        for more, elapsed in self._days[day].shortest(items, start).items():
            if self._limits.allow(held, tally + more):
                total = self._limits.what_matters(held, tally + more)
                yield _Holding(more, total, elapsed)

    def _first_on(self, days: Days, start: int | None) -> list[Held]:
        """Return the first loop from a start on exactly these days."""
        found, left, tally = list[Held](), self._everything, 0
        while days:
            choices = [*self._choices(days, left, tally, start)]
            part = min(choices)[0]
            tallies = {more for other, more in choices if other == part}
            held = self._days[days[0]].tightest(part.items, part.elapsed, tallies, start)
            found, left, days, start = [*held, *found], left ^ part.items, days[1:], None
            tally += self._count.added(held)
        return found

    def _choices(
        self, days: Days, left: int, tally: Tally, start: int | None
    ) -> Iterator[tuple[_Part, Tally]]:
        """Yield what the first of some days can hold for the others to hold the rest."""
        day, *others = days
        for items in self._spread.parts[left] if others else [left]:
            for more, total, elapsed in self._held_on(day, left, items, tally, start):
                rest = self._least_on((*others,), left ^ items, total)
                if rest is not None:
                    yield _Part(elapsed + rest, items_rank(items), items, elapsed), more

    def _least_on(self, days: Days, left: int, tally: Tally) -> int | None:
        """Return how long some days take at least to hold what is left; None if they cannot."""
        if not days:
            return 0
        key = days, left, tally
        if key not in self._least:
            choices = self._choices(days, left, tally, None)
            self._least[key] = min((part.elapsed_in_all for part, _ in choices), default=None)
        return self._least[key]
