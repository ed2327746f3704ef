"""Since when interviews have gone on without a rest, kept in the lowest bits of a tally.

An interview that begins after a gap long enough to rest, or after lunch, begins a run; another after
a shorter gap goes on with it, and must be over before the run has lasted too long. The bits hold END
less the offset at which the run began: the lower, the later, the better. A plan without a rest has
no such bits.

Invariant: a tally with lower bits, all else equal, can be followed by whatever another can.
"""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.domain.slots.lanes import Lanes
from scheduler.domain.slots.loops import END, PlanTicks
from scheduler.domain.slots.tallies import Table, Tally, add

RUN = END.bit_length() + 1
"""How many bits there are, with the guard."""
RUN_ALONE = (1 << RUN) - 1
FRESH = 0
"""No run: the next interview begins one."""
EVERYTHING = -1


def run_bits(ticks: PlanTicks) -> int:
    """Return how many bits of a tally say when a run began."""
    return RUN if ticks.rest else 0


class Rests:
    """What a rest asks of the interviews in some lanes."""

    def __init__(self, lanes: Lanes, ticks: PlanTicks, *, is_whole: bool) -> None:
        self._lanes, self._rest_after = lanes, ticks.rest_after
        self._is_whole = is_whole
        self.bits = run_bits(ticks)
        self.at_start = END if ticks.rest else 0
        """What an interview at offset 0 begins with."""

    def without_run(self, tally: Tally) -> Tally:
        """Return what is left of a tally once a run is over: after lunch, or when the day is."""
        return tally & ~RUN_ALONE if self.bits else tally

    def openings(self, table: Table) -> Iterator[tuple[Tally, int, int]]:
        """Yield when a next interview can start, the tally it comes to, and by when it must be over."""
        if not self.bits:
            for tally, ends in table.items():
                yield tally, self._lanes.next_starts(ends), EVERYTHING
            return
        rested = Table()
        for tally, ends in table.items():
            is_fresh = tally & RUN_ALONE == FRESH
            after = self._lanes.next_starts if is_fresh else self._lanes.starts_after_rest
            add(rested, self.without_run(tally), after(ends))
        for tally, ends in table.items():
            if run := tally & RUN_ALONE:
                starts = self._lanes.starts_without_rest(ends)
                if not self._is_whole:
                    # Whoever starts then after a rest has all of the time until the next one.
                    starts &= ~rested.get(tally - run, 0)
                yield tally, starts, self._lanes.until(END - run + self._rest_after)
        for tally, starts in rested.items():
            for offset, at_once in self._lanes.by_offset(starts):
                yield tally + END - offset, at_once, EVERYTHING

    def arrivals(self, tally: Tally, offset: int, end: int) -> Iterator[tuple[Tally, int]]:
        """Yield what a tally comes to with an interview from `offset` to `end`, and after which ends."""
        if not self.bits:
            yield tally, self._lanes.ends(offset)
            return
        run, begun = tally & RUN_ALONE, tally - (tally & RUN_ALONE) + END - offset
        if run == FRESH:
            yield begun, self._lanes.ends(offset)
            return
        if end <= END - run + self._rest_after:
            yield tally, self._lanes.ends_without_rest(offset)
        yield begun, self._lanes.ends_after_rest(offset)
