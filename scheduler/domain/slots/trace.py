"""How one lane got to the end of finished tables: where each interview is held.

The tables say when each set of interviews can be over, with which tally. What was last, and what
was over before it, is found by looking for an interview that leads from there to here.

Invariant: a way that is found keeps all rules of time, and adds up to a tally that is allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from scheduler.domain.slots.assignment import Held
from scheduler.domain.slots.masks import indexes, lowest
from scheduler.domain.slots.strips import Ending, Filled
from scheduler.domain.slots.tallies import Table, Tally


class Trace:
    """Follows finished tables back to how one lane got there."""

    def __init__(self, filled: Filled, lane: int) -> None:
        strip = filled.strip
        self._filled, self._lane, self._start = filled, lane, strip.lanes.starts[lane]
        self._lanes, self._rests, self._ticks = strip.lanes, strip.rests, strip.ticks
        self._options, self._limits, self._tables = filled.options, filled.limits, filled.tables

    def goals(self, held: int) -> dict[Ending, int]:
        """Return with what tallies these interviews can be all that this day holds, and when it ends."""
        ways = (
            (ending, self._lanes.lane(ends, self._lane))
            for ending, ends in self._filled.goals(held)
        )
        return {ending: ends for ending, ends in ways if ends}

    def tightest(self, held: int, ends: Mapping[Ending, int]) -> list[Held]:
        """Return where each of these interviews is, the last first, of a day that ends so; or nothing.

        Of all ways it is the shortest. Of these the last interview is the last of the plan that can
        be, the one before it is over as early as can be, is the last of the plan that can be, and so
        on. So it is one of all ways that there are, whatever tallies they are found with.
        """
        found = list[Held]()
        while ends:
            end = min(map(lowest, ends.values()))
            endings = [ending for ending, mine in ends.items() if mine >> end & 1]
            for k in reversed([*indexes(held)]):
                offset = end - self._ticks.lengths[k]
                ends = _united(self._before(endings, held, end, k))
                if ends or (held == 1 << k and not offset):
                    break
            found.append((k, self._start + offset))
            held ^= 1 << k
        return found

    def some(self, held: int, *, is_late: bool) -> list[Held]:
        """Return any way, if there is one: whose interviews are over rather early, or rather late."""
        found = list[Held]()
        step = next(iter(self.goals(held).items()), None)
        while step:
            ending, ends = step
            end, items = lowest(ends), [*indexes(held)]
            if is_late:
                end, items = ends.bit_length() - 1, items[::-1]
            for k in items:
                offset = end - self._ticks.lengths[k]
                step = next(self._before([ending], held, end, k), None)
                if step or (held == 1 << k and not offset):
                    break
            found.append((k, self._start + offset))
            held ^= 1 << k
        return found

    def _before(
        self, endings: Sequence[Ending], held: int, end: int, k: int
    ) -> Iterator[tuple[Ending, int]]:
        """Yield when the interviews before `k` are over, if `k` is the last to be, at `end`."""
        offset, fewer = end - self._ticks.lengths[k], held ^ 1 << k
        more = self._added(k, offset)
        if not fewer or more is None or self._ticks.followers[k] & fewer:
            return
        for ending in endings:
            tables = self._tables.after if ending.is_after else self._tables.before
            for tally, ends in self._leading_to(ending, tables[fewer], held, offset, end, more):
                yield Ending(ending.is_after, tally), ends
            if ending.is_after:
                lunched = self._tables.lunched[fewer]
                for tally, ends in self._leading_to(ending, lunched, held, offset, end, more):
                    yield from self._before_lunch(fewer, tally, ends)

    def _leading_to(
        self, ending: Ending, table: Table, held: int, offset: int, end: int, more: Tally
    ) -> Iterator[tuple[Tally, int]]:
        """Yield from a table what another interview, from `offset` to `end`, brings to an ending."""
        for tally, ends in table.items():
            mine = self._lanes.lane(ends, self._lane)
            for becomes, reached in self._rests.arrivals(tally, offset, end):
                total = self._limits.what_matters(held, becomes + more)
                if mine & reached and total == ending.tally:
                    yield tally, mine & reached

    def _before_lunch(self, held: int, lunched: Tally, ends: int) -> Iterator[tuple[Ending, int]]:
        """Yield when interviews are over that lunch comes after, which is over at one of these ends."""
        for tally, known in self._tables.before[held].items():
            if self._limits.what_matters(held, self._rests.without_run(tally)) == lunched:
                mine = self._lanes.lane(known, self._lane)
                for end in indexes(ends):
                    if reached := mine & self._lanes.ends(end - self._ticks.lunch):
                        yield Ending(False, tally), reached

    def _added(self, k: int, offset: int) -> Tally | None:
        """Return what an interview adds to a tally there; None if it cannot be held."""
        for more, starts in self._options[k].items():
            if offset >= 0 and self._lanes.lane(starts, self._lane) >> offset & 1:
                return more
        return None


def _united(steps: Iterable[tuple[Ending, int]]) -> dict[Ending, int]:
    found: dict[Ending, int] = {}
    for ending, ends in steps:
        found[ending] = found.get(ending, 0) | ends
    return found
