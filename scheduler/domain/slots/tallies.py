"""Counts of several things in one number, so that they are added and compared all at once.

A tally has a field for each thing, with one bit more than its count needs: the guard. Adding two
tallies adds every field. With all guards set in the higher of two, taking off the lower borrows from
the guard of a field that is not as high, and of no other; the guards that are left tell.

>>> field = 4
>>> guard = 0b1000_1000
>>> (0b0010_0011 | guard) - 0b0001_0011 & guard == guard
True
>>> (0b0010_0011 | guard) - 0b0001_0100 & guard == guard
False

Invariant: no count is ever so high that it sets its guard.
"""

from __future__ import annotations

from collections.abc import Sequence

Tally = int
Table = dict[Tally, int]
"""For each tally a mask of the ticks at which something is over with it."""


class Limits:
    """What the counts may be after each set of interviews, and which of them come to the same.

    A count is never more than its limit, less what the interviews to come must add. Where they
    cannot bring it above its limit whatever they add, the count does not matter, and is set to 0.

    `field` is how many bits each count has, and the lowest `free` bits of a tally have no limit:
    their guard is the highest. `least` and `most` say what each interview adds.
    """

    def __init__(
        self,
        limits: Sequence[int],
        least: Sequence[Tally],
        most: Sequence[Tally],
        *,
        field: int,
        free: int,
    ) -> None:
        self._field, self._free = field, free
        self._free_guard = 1 << free - 1 if free else 0
        ones = sum(1 << free + field * n for n in range(len(limits)))
        self._guard = ones << field - 1
        self.guard = self._guard | self._free_guard
        """The highest bit of every field."""
        allowed = sum(limit << free + field * n for n, limit in enumerate(limits))
        lows, highs = [0], [0]
        for low, high in zip(least, most, strict=True):
            lows += [low + others for others in lows]
            highs += [high + others for others in highs]
        self.can_be_kept = self._is_within(lows[-1], allowed)
        anything = self._free_guard and self._free_guard - 1
        self.rooms = [(self.guard | allowed) - low + anything for low in reversed(lows)]
        """For each set of interviews the highest tally that is allowed, with the guards on top."""
        counts = [(self._guard | allowed) + ones - high for high in reversed(highs)]
        self._harmful = [each & self._kept(each) for each in counts]
        """For each set of interviews the lowest counts that matter."""

    def allow(self, held: int, tally: Tally) -> bool:
        return self.rooms[held] - tally & self.guard == self.guard

    def what_matters(self, held: int, tally: Tally) -> Tally:
        """Return a tally without the counts that cannot become too high any more."""
        return tally & self._kept((tally | self.guard) - self._harmful[held])

    def merged(self, held: int, table: Table) -> Table:
        """Return a table with one entry for all tallies that come to the same."""
        if not self._guard:
            return table
        found: Table = {}
        for tally, ticks in table.items():
            add(found, self.what_matters(held, tally), ticks)
        return found

    def thinned(self, held: int, table: Table) -> Table:
        """Return the same without the ticks at which another tally is no higher in any field."""
        merged, found = self.merged(held, table), Table()
        if not self.guard:
            return merged
        for tally in sorted(merged):
            ticks = merged[tally]
            for lower, others in found.items():
                if self._is_within(lower, tally):
                    ticks &= ~others
            add(found, tally, ticks)
        return found

    def _kept(self, fields: int) -> int:
        """Return a mask of the fields whose guard is set, and of the bits that have no limit."""
        guards = fields & self._guard
        return guards - (guards >> self._field - 1) | (1 << self._free) - 1

    def _is_within(self, lower: Tally, tally: Tally) -> bool:
        return (tally | self.guard) - lower & self.guard == self.guard


def add(table: Table, tally: Tally, ticks: int) -> None:
    if ticks:
        table[tally] = table.get(tally, 0) | ticks
