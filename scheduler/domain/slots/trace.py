"""How one lane got to the end of finished tables: where each interview is held.

The tables say when each set of interviews can be over, with which tally. What was last, and what
was over before it, is found by looking for an interview that leads from there to here.

Invariant: a way that is found keeps all rules of time, and adds up to a tally that is allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from scheduler.domain.slots.assignment import Held
from scheduler.domain.slots.lanes import Lanes
from scheduler.domain.slots.loops import PlanTicks
from scheduler.domain.slots.masks import indexes
from scheduler.domain.slots.rests import Rests
from scheduler.domain.slots.tallies import Limits, Table, Tally


class Tables(NamedTuple):
    """For each set of interviews when it can be over: before lunch, with lunch last, and after it."""

    before: list[Table]
    lunched: list[Table]
    after: list[Table]


class Node(NamedTuple):
    """A tally with which some interviews are over, before lunch or after it."""

    is_after: bool
    tally: Tally


class Trace:
    """Follows finished tables back to how one lane got there."""

    def __init__(
        self,
        lane: int,
        lanes: Lanes,
        ticks: PlanTicks,
        rests: Rests,
        options: Sequence[Table],
        limits: Limits,
        tables: Tables,
    ) -> None:
        """`options` are the starts of each interview, by what it adds to a tally then."""
        self._lane, self._lanes, self._ticks, self._rests = lane, lanes, ticks, rests
        self._options, self._limits, self._tables = options, limits, tables
        self._start = lanes.starts[lane]
        self._everything = (1 << len(ticks.lengths)) - 1

    def tightest(self) -> list[Held]:
        """Return where each interview is held, the last first; nothing if there is no way.

        Of all ways it is the shortest. Of these the last interview is the last of the plan that can
        be, the one before it is over as early as can be, is the last of the plan that can be, and so
        on. So it is one of all ways that there are, whatever tallies they are found with.
        """
        found, held = list[Held](), self._everything
        ends = dict(self._goals())
        while ends:
            end = min(map(_first, ends.values()))
            nodes = [node for node, mine in ends.items() if mine >> end & 1]
            for k in reversed([*indexes(held)]):
                offset = end - self._ticks.lengths[k]
                ends = _united(self._before(nodes, held, end, k))
                if ends or (held == 1 << k and not offset):
                    break
            found.append((k, self._start + offset))
            held ^= 1 << k
        return found

    def some(self, *, is_late: bool) -> list[Held]:
        """Return any way, if there is one: whose interviews are over rather early, or rather late."""
        found, held = list[Held](), self._everything
        step = next(self._goals(), None)
        while step:
            node, ends = step
            end, items = _first(ends), [*indexes(held)]
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

    def _goals(self) -> Iterator[tuple[Node, int]]:
        """Yield with what tallies everything can be over, and when."""
        for is_after, tables in ((True, self._tables.after), (False, self._tables.before)):
            for tally, ends in tables[-1].items():
                if mine := self._lanes.lane(ends, self._lane):
                    yield Node(is_after, tally), mine

    def _before(
        self, nodes: Sequence[Node], held: int, end: int, k: int
    ) -> Iterator[tuple[Node, int]]:
        """Yield when the interviews before `k` are over, if `k` is the last to be, at `end`."""
        offset, fewer = end - self._ticks.lengths[k], held ^ 1 << k
        more = self._added(k, offset)
        if not fewer or more is None:
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


def _first(mask: int) -> int:
    return (mask & -mask).bit_length() - 1
