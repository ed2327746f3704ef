"""How one lane got to the end of finished tables: where each interview is held.

The tables say when each set of interviews can be over, with which tally. What was last, and what
was over before it, is found by looking for an interview that leads from there to here.

Invariant: a way that is found keeps all rules of time, and adds up to a tally that is allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from scheduler.domain.slots.assignment import Held
from scheduler.domain.slots.masks import indexes, lowest
from scheduler.domain.slots.strips import Filled, Node
from scheduler.domain.slots.tallies import Tally


class Trace:
    """Follows finished tables back to how one lane got there."""

    def __init__(self, filled: Filled, lane: int) -> None:
        strip = filled.strip
        self._filled, self._lane, self._start = filled, lane, strip.lanes.starts[lane]
        self._lanes, self._rests, self._ticks = strip.lanes, strip.rests, strip.ticks
        self._options, self._limits, self._tables = filled.options, filled.limits, filled.tables

    def goals(self, held: int) -> dict[Node, int]:
        """Return with what tallies these interviews can be all that this day holds, and when it ends."""
        ways = (
            (node, self._lanes.lane(ends, self._lane)) for node, ends in self._filled.goals(held)
        )
        return {node: ends for node, ends in ways if ends}

    def tightest(self, held: int, ends: Mapping[Node, int]) -> list[Held]:
        """Return where each of these interviews is, the last first, of a day that ends so; or nothing.

        Of all ways it is the shortest. Of these the last interview is the last of the plan that can
        be, the one before it is over as early as can be, is the last of the plan that can be, and so
        on. So it is one of all ways that there are, whatever tallies they are found with.
        """
        found = list[Held]()
        while ends:
            end = min(map(lowest, ends.values()))
            nodes = [node for node, mine in ends.items() if mine >> end & 1]
            for k in reversed([*indexes(held)]):
                offset = end - self._ticks.lengths[k]
                ends = _united(self._before(nodes, held, end, k))
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
            node, ends = step
            end, items = lowest(ends), [*indexes(held)]
            if is_late:
                end, items = ends.bit_length() - 1, items[::-1]
            for k in items:
                offset = end - self._ticks.lengths[k]
                step = next(self._before([node], held, end, k), None)
                if step or (held == 1 << k and not offset):
                    break
            found.append((k, self._start + offset))
            held ^= 1 << k
        return found

    def _before(
        self, nodes: Sequence[Node], held: int, end: int, k: int
    ) -> Iterator[tuple[Node, int]]:
        """Yield when the interviews before `k` are over, if `k` is the last to be, at `end`."""
        offset, fewer = end - self._ticks.lengths[k], held ^ 1 << k
        more = self._added(k, offset)
        if not fewer or more is None or self._ticks.followers[k] & fewer:
            return
        for node in nodes:
            table = (self._tables.after if node.is_after else self._tables.before)[fewer]
            for tally, ends in table.items():
                mine = self._lanes.lane(ends, self._lane)
                for becomes, reached in self._rests.arrivals(tally, offset, end):
                    if mine & reached and self._comes_to(held, becomes + more, node):
                        yield Node(node.is_after, tally), mine & reached
            if node.is_after:
                for tally, ends in self._tables.lunched[fewer].items():
                    mine = self._lanes.lane(ends, self._lane)
                    for becomes, reached in self._rests.arrivals(tally, offset, end):
                        if mine & reached and self._comes_to(held, becomes + more, node):
                            yield from self._before_lunch(fewer, tally, mine & reached)

    def _before_lunch(self, held: int, lunched: Tally, ends: int) -> Iterator[tuple[Node, int]]:
        """Yield when interviews are over that lunch comes after, which is over at one of these ends."""
        for tally, known in self._tables.before[held].items():
            if self._limits.what_matters(held, self._rests.lunched(tally)) == lunched:
                mine = self._lanes.lane(known, self._lane)
                for end in indexes(ends):
                    if reached := mine & self._lanes.ends(end - self._ticks.lunch):
                        yield Node(False, tally), reached

    def _added(self, k: int, offset: int) -> Tally | None:
        """Return what an interview adds to a tally there; None if it cannot be held."""
        for more, starts in self._options[k].items():
            if offset >= 0 and self._lanes.lane(starts, self._lane) >> offset & 1:
                return more
        return None

    def _comes_to(self, held: int, tally: Tally, node: Node) -> bool:
        return self._limits.what_matters(held, tally) == node.tally


def _united(steps: Iterable[tuple[Node, int]]) -> dict[Node, int]:
    found: dict[Node, int] = {}
    for node, ends in steps:
        found[node] = found.get(node, 0) | ends
    return found
