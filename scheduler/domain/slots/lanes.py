"""Starts of one stretch of the line side by side in one mask, so that one step is taken from all at once.

Each start has a lane of its own. Bit e of it stands for the tick e after that start, and lanes are
so wide that nothing which is moved on by a gap, a lunch or an interview runs over into the next.

Invariant: what happens in one lane has no effect on any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from scheduler.domain.slots.ground import Plot
from scheduler.domain.slots.loops import PlanTicks
from scheduler.domain.slots.masks import lowest, reaching_back, reaching_on, stretch


class Lanes:
    """The lanes of some starts, and the rules of time in them."""

    def __init__(self, plot: Plot, starts: Sequence[int], ticks: PlanTicks) -> None:
        day = min(ticks.longest_day, plot.end - plot.at)
        self.starts = starts
        self.number_of = {start: number for number, start in enumerate(starts)}
        self._shortest, self._longest = ticks.shortest_gap, min(ticks.longest_gap, day)
        self._no_rest = min(ticks.rest - 1, self._longest)
        self._a_rest = max(ticks.rest, self._shortest)
        self._grid = ticks.grid
        gutter = max(self._longest, self._shortest, ticks.lunch, *ticks.lengths) + 1
        self._width = -(-(day + 1 + gutter) // ticks.grid) * ticks.grid
        self._insides = [stretch(0, min(plot.end - start, day) + 1) for start in starts]
        self.inside = self.abreast(self._insides)
        """When a day from these starts may end."""
        self.firsts = self.abreast([1] * len(starts))
        """The starts themselves."""
        self._points = sum(1 << bit for bit in range(0, self._width * len(starts), ticks.grid))
        self._known_next: dict[tuple[int, int, int], int] = {}

    def laid(self, mask: int) -> int:
        """Return a mask of the line in every lane."""
        lanes = zip(self.starts, self._insides, strict=True)
        return self.abreast([mask >> start & inside for start, inside in lanes])

    def abreast(self, lanes: Sequence[int]) -> int:
        """Return the mask with these lanes."""
        found = 0
        for number, lane in enumerate(lanes):
            found |= lane << number * self._width
        return found

    def lane(self, mask: int, number: int) -> int:
        """Return one lane of a mask."""
        return mask >> number * self._width & self._insides[number]

    def earliest(self, mask: int) -> int:
        """Return the first offset at which a lane has something."""
        reach, end = self._width, self._width * len(self.starts)
        while reach < end:
            mask |= mask >> reach
            reach *= 2
        return lowest(mask)

    def first_at(self, offset: int, masks: Iterable[int]) -> int | None:
        """Return the first lane that has something at an offset in one of some masks."""
        there = self.firsts << offset
        found = [lowest(mask & there) for mask in masks if mask & there]
        return min(found) // self._width if found else None

    def only(self, numbers: Sequence[int]) -> int:
        """Return the starts of these lanes."""
        return sum(1 << number * self._width for number in numbers)

    def next_starts(self, ends: int) -> int:
        """Return when the next item can start: right after the shortest gap, or on the grid."""
        return self._next(ends, self._shortest, self._longest)

    def starts_without_rest(self, ends: int) -> int:
        """Return when the next item can start after a gap which is no rest."""
        return self._next(ends, self._shortest, self._no_rest)

    def starts_after_rest(self, ends: int) -> int:
        """Return when the next item can start after a gap which is one."""
        return self._next(ends, self._a_rest, self._longest)

    def ends_before(self, starts: int) -> int:
        """Return when an item may have ended for the next to start then."""
        reach = reaching_back(starts & self._points, self._longest - self._shortest + 1)
        return (starts | reach) >> self._shortest & self.inside

    def ends(self, offset: int) -> int:
        """Return when an item of one lane may have ended for the next to start at `offset`."""
        return self._ends(offset, self._shortest, self._longest)

    def ends_without_rest(self, offset: int) -> int:
        """Return when it may have ended for the gap to be no rest."""
        return self._ends(offset, self._shortest, self._no_rest)

    def ends_after_rest(self, offset: int) -> int:
        """Return when it may have ended for the gap to be one."""
        return self._ends(offset, self._a_rest, self._longest)

    def until(self, offset: int) -> int:
        """Return everything up to an offset, in all lanes."""
        return self.firsts * stretch(0, min(offset + 1, self._width))

    def by_offset(self, mask: int) -> Iterator[tuple[int, int]]:
        """Yield the offsets of a mask, each with what all lanes have there."""
        while mask:
            offset = lowest(mask) % self._width
            found = mask & self.firsts << offset
            yield offset, found
            mask ^= found

    def _next(self, ends: int, shortest: int, longest: int) -> int:
        key = ends, shortest, longest
        known = self._known_next.get(key)
        if known is None:
            known = 0
            if shortest <= longest:
                known = reaching_on(ends << shortest, longest - shortest + 1) & self._points
                known |= ends << shortest if shortest == self._shortest else 0
            self._known_next[key] = known
        return known

    def _ends(self, offset: int, shortest: int, longest: int) -> int:
        found, last = 0, offset - shortest
        if shortest == self._shortest <= longest and last >= 0:
            found = stretch(last, last + 1)
        if not offset % self._grid:
            found |= stretch(max(offset - longest, 0), last + 1)
        return found
