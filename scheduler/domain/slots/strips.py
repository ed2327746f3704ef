"""What can be held on one day, from many starts at once, and what it counts up to.

A strip is some starts of one stretch of the candidate's time, side by side (`lanes`). For each set of
interviews and each tally (`tallies`) a mask says when these interviews can be over. Each set grows
from smaller ones by the interview that comes last; lunch may come between.

Invariant: in tables that are whole a bit is set exactly when a set can be over then with that tally,
by the rules of time, and can go on to one of the goals whatever is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scheduler.domain.slots.board import Board
from scheduler.domain.slots.cuts import Count
from scheduler.domain.slots.ground import Plot
from scheduler.domain.slots.lanes import Lanes
from scheduler.domain.slots.masks import indexes
from scheduler.domain.slots.rests import Rests
from scheduler.domain.slots.tallies import Limits, Table, Tally, add


class Tables(NamedTuple):
    """For each set of interviews when it can be over: before lunch, with lunch last, and after it."""

    before: list[Table]
    lunched: list[Table]
    after: list[Table]


class Ending(NamedTuple):
    """A tally with which some interviews are over, before lunch or after it."""

    is_after: bool
    tally: Tally


def followings(board: Board) -> list[list[tuple[int, int]]]:
    """Return for each set of interviews which one may come next, with the set that makes."""
    return [
        [
            (k, held | 1 << k)
            for k in indexes(board.everything ^ held)
            if board.sets[held | 1 << k] and not board.ticks.followers[k] & held
        ]
        for held in range(board.everything + 1)
    ]


class Strip:
    """Some starts of one plot, from which a day is to hold one of the `goals`.

    With `is_whole` its tables keep all that can be. Otherwise a tally is left out where another is
    over at the same time that is no higher in any count.
    """

    def __init__(
        self,
        board: Board,
        plot: Plot,
        starts: Sequence[int],
        *,
        goals: Sequence[int],
        following: Sequence[Sequence[tuple[int, int]]],
        is_whole: bool,
    ) -> None:
        self.board, self.ticks = board, board.ticks
        self.lanes = Lanes(plot, starts, board.ticks)
        self.starts = [self.lanes.laid(mask) for mask in board.starts]
        """When each interview can start."""
        self.rests = Rests(self.lanes, board.ticks, is_whole=is_whole)
        self.ends_without_lunch = self._ends_without_lunch()
        """When a day may end that has no lunch."""
        self._following, self._is_whole = following, is_whole
        self._lunch_starts = self.lanes.laid(board.lunch.starts) if board.lunch else 0
        self._ends_before, self._ends_after = self._hopeful_ends(goals)

    def filled(self, firsts: int, options: Sequence[Table], limits: Limits) -> Filled:
        """Return the tables of some of the starts, where interviews can start and add so much."""
        everything, run = self.board.everything, self.rests.at_start
        thinned = limits.merged if self._is_whole else limits.thinned
        before, lunched, after = tables = Tables(
            *([Table() for _ in range(everything + 1)] for _ in range(3))
        )
        for k, added in enumerate(options):
            if self.board.sets[1 << k]:
                for tally, starts in added.items():
                    if limits.allow(1 << k, tally):
                        ends = (starts & firsts) << self.ticks.lengths[k]
                        add(before[1 << k], tally + run, ends & self._ends_before[1 << k])
        for held in range(1, everything + 1):
            before[held] = thinned(held, before[held])
            self._grow(held, before[held], before, self._ends_before, options, limits)
            if self._lunch_starts and held != everything:
                for tally, ends in before[held].items():
                    starts = self.lanes.next_starts(ends) & self._lunch_starts
                    ends = starts << self.ticks.lunch & self._ends_after[held]
                    add(lunched[held], self.rests.without_run(tally), ends)
                lunched[held] = thinned(held, lunched[held])
                self._grow(held, lunched[held], after, self._ends_after, options, limits)
            after[held] = thinned(held, after[held])
            self._grow(held, after[held], after, self._ends_after, options, limits)
        return Filled(self, options, limits, tables)

    def filled_everywhere(self, count: Count) -> Filled:
        """Return the tables of all starts; the count is of the whole line."""
        laid = self.lanes.laid
        options = [
            {tally: mine for tally, starts in table.items() if (mine := laid(starts))}
            for table in count.options
        ]
        return self.filled(self.lanes.firsts, options, count.limited)

    def _grow(
        self,
        held: int,
        ended: Table,
        tables: list[Table],
        hopeful: Sequence[int],
        options: Sequence[Table],
        limits: Limits,
    ) -> None:
        """Add every interview that can follow what has ended."""
        guard, lengths = limits.guard, self.ticks.lengths
        for tally, openings, until in self.rests.openings(ended):
            for k, grown in self._following[held]:
                table, wanted, room = tables[grown], hopeful[grown] & until, limits.rooms[grown]
                for more, starts in options[k].items():
                    found = openings & starts
                    if found and (found := found << lengths[k] & wanted):
                        total = tally + more
                        if room - total & guard == guard:
                            table[total] = table.get(total, 0) | found

    def _hopeful_ends(self, goals: Sequence[int]) -> tuple[list[int], list[int]]:
        """Return for each set of interviews when it may be over for a goal to be reached at all.

        Before lunch, and after it; whoever sits there, and with no rest.
        """
        everything, lengths = self.board.everything, self.ticks.lengths
        before, after = [0] * (everything + 1), [0] * (everything + 1)
        for held in goals:
            before[held], after[held] = self.ends_without_lunch, self.lanes.inside
        for held in range(everything - 1, 0, -1):
            for table in (before, after):
                for k, grown in self._following[held]:
                    starts = self.starts[k] & table[grown] >> lengths[k]
                    table[held] |= self.lanes.ends_before(starts)
            if self._lunch_starts:
                lunched = self._lunch_starts & after[held] >> self.ticks.lunch
                before[held] |= self.lanes.ends_before(lunched)
        return before, after

    def _ends_without_lunch(self) -> int:
        lunch, inside = self.board.lunch, self.lanes.inside
        if lunch is None:
            return inside
        return self.lanes.abreast(
            [
                sum(
                    1 << end
                    for end in indexes(self.lanes.lane(inside, number))
                    if not lunch.due(end) >> start & 1
                )
                for number, start in enumerate(self.lanes.starts)
            ]
        )


@dataclass(frozen=True, slots=True)
class Filled:
    """The tables of a strip, and what they were filled with."""

    strip: Strip
    options: Sequence[Table]
    limits: Limits
    tables: Tables

    def goals(self, held: int) -> Iterator[tuple[Ending, int]]:
        """Yield with what tallies a day that holds these interviews can be over, and when."""
        for tally, ends in self.tables.after[held].items():
            yield Ending(True, tally), ends
        for tally, ends in self.tables.before[held].items():
            if mine := ends & self.strip.ends_without_lunch:
                yield Ending(False, tally), mine

    def without_run(self, ending: Ending) -> Tally:
        """Return the tally of a day that is over."""
        return self.strip.rests.without_run(ending.tally)
