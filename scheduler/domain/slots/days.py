"""The cheapest loop day from one start, exactly.

Going forward, the table of `loops` says what can be reached; here every node gets the least it can
cost to reach it when people need not be different. Then the day is built from its end: the last
interview first, each step priced by an exact assignment of different people to all seats so far,
plus what the node before promises. A way is given up when that is no less than the best one known.

Invariant: what a node promises is never more than the truth, so nothing cheaper is given up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scheduler.domain.people import InterviewerId
from scheduler.domain.slots.assignment import Held, MaySit, Place, assign
from scheduler.domain.slots.calendars import Levels
from scheduler.domain.slots.loops import LUNCH, LoopTable, Node
from scheduler.domain.slots.seating import Chair, Option, Seating

NEVER = 1 << 60
Banned = frozenset[InterviewerId]


@dataclass(frozen=True, slots=True)
class LoopDay:
    """One day of a loop: what it costs on its own, and who sits where at which positions."""

    cost: int
    held: tuple[Held, ...]
    seats: tuple[tuple[Chair, InterviewerId | None], ...]

    @property
    def people(self) -> frozenset[InterviewerId]:
        return frozenset(person for _, person in self.seats if person is not None)


class DaySolver:
    """Finds the cheapest day of a table from one start after the other."""

    def __init__(
        self,
        table: LoopTable,
        seating: Seating,
        levels: Sequence[Levels],
        *,
        may_sit: MaySit,
        can_merge: bool,
    ) -> None:
        self._table = table
        self._seating = seating
        self._levels = levels
        self._may_sit = may_sit
        self._can_merge = can_merge
        self._least: list[dict[int, int]] = [{} for _ in levels]
        self._group_of = groups(seating.chairs)
        self._sets_of = _sets_of(self._group_of)
        self._kinds: dict[tuple[Option, ...], int] = {}

    def cheapest(
        self, start: int, items: int, bound: int, banned: Banned = frozenset()
    ) -> LoopDay | None:
        """Return the cheapest day with exactly these interviews from `start`, if below `bound`."""
        day = _Day(self, start, bound, banned)
        gap = self._seating.weights.gap
        goals = sorted(
            (gap * goal.idle + day.promise(goal.node), gap * goal.idle, goal.node)
            for goal in self._table.goals(items)
            if goal.starts >> start & 1 and gap * goal.idle < bound
        )
        for _, idle, node in goals:
            day.finish(node, idle)
        return day.best

    def least(self, k: int, position: int) -> int:
        """Return what interview `k` costs at least at a position, people being free to sit twice."""
        known = self._least[k].get(position)
        if known is None:
            known = next((c for c, mask in self._levels[k] if mask >> position & 1), NEVER)
            self._least[k][position] = known
        return known


class _Day:
    """The search from one start."""

    def __init__(self, solver: DaySolver, start: int, bound: int, banned: Banned) -> None:
        self.best: LoopDay | None = None
        self._solver = solver
        self._table = solver._table
        self._seating = solver._seating
        self._start = start
        self._bound = bound
        self._banned = banned
        self._promises: dict[Node, int] = {}
        self._options: dict[Held, list[Place]] = {}
        self._seen: dict[object, int] = {}

    def promise(self, node: Node) -> int:
        """Return the least that reaching `node` from the start can cost, waiting apart."""
        known = self._promises.get(node)
        if known is None:
            known = NEVER
            for k, offset, before, starts in self._table.steps_to(node):
                if not starts >> self._start & 1:
                    continue
                cost = self._least(k, offset)
                if before is not None and cost < known:
                    cost += self.promise(before)
                known = min(known, cost)
            self._promises[node] = known
        return known

    def finish(self, node: Node, idle: int) -> None:
        if idle + self.promise(node) < self._bound:
            self._step_back(node, idle, (), ())

    def _least(self, k: int, offset: int) -> int:
        return 0 if k == LUNCH else self._solver.least(k, self._start + offset)

    def _step_back(
        self, node: Node, idle: int, held: tuple[Held, ...], chairs: tuple[Chair, ...]
    ) -> None:
        """Place the item before what is `held`, in every way that may still be the cheapest."""
        ways = []
        for k, offset, before, starts in self._table.steps_to(node):
            if starts >> self._start & 1:
                promise = self.promise(before) if before is not None else 0
                ways.append((promise + self._least(k, offset), k, offset, promise, before))
        ways.sort(key=lambda way: way[:3])
        for total, k, offset, promise, before in ways:
            if idle + total >= self._bound:
                return
            if k == LUNCH:
                if before is not None:
                    self._step_back(before, idle, held, chairs)
                continue
            placed = (*held, (k, self._start + offset))
            seated = (*chairs, *self._seating.of_interview[k])
            self._price(before, idle, placed, seated, promise)

    def _price(
        self,
        before: Node | None,
        idle: int,
        held: tuple[Held, ...],
        chairs: tuple[Chair, ...],
        promise: int,
    ) -> None:
        base = idle + sum(self._candidate_cost(*each) for each in held)
        by_group: dict[int, list[Place]] = {}
        for place, chair in zip(self._places(held), chairs, strict=True):
            by_group.setdefault(self._solver._group_of[chair], []).append(place)
        total, closed, still_open = base + promise, base, []
        for group, places in by_group.items():
            found = assign(places, self._bound - total, self._solver._may_sit)
            if found is None:
                return
            total += found.cost
            if before is not None and self._solver._sets_of[group] & before.items:
                still_open.append((group, *sorted(place.kind for place in places)))
            else:
                closed += found.cost
        if before is None:
            self._keep(base, held, chairs)
            return
        if self._solver._can_merge:
            # The same future with the same open seats, and no cheaper past: nothing new can come.
            key = (before, tuple(sorted(still_open)))
            if self._seen.get(key, NEVER) <= closed:
                return
            self._seen[key] = closed
        self._step_back(before, idle, held, chairs)

    def _keep(self, base: int, held: tuple[Held, ...], chairs: tuple[Chair, ...]) -> None:
        found = assign(list(self._places(held)), self._bound - base, self._solver._may_sit)
        if found is not None:
            self._bound = base + found.cost
            seats = tuple(zip(chairs, found.people, strict=True))
            self.best = LoopDay(self._bound, tuple(reversed(held)), seats)

    def _places(self, held: Sequence[Held]) -> list[Place]:
        found = []
        for each in held:
            known = self._options.get(each)
            if known is None:
                k = each[0]
                known = self._options[each] = [
                    self._place(each, chair) for chair in self._seating.of_interview[k]
                ]
            found += known
        return found

    def _place(self, held: Held, chair: Chair) -> Place:
        options = self._seating.options(chair, held[1], self._banned)
        kinds = self._solver._kinds
        return Place(held, options, kinds.setdefault(tuple(options), len(kinds)))

    def _candidate_cost(self, k: int, position: int) -> int:
        return self._seating.candidate_cost(k, position)


def groups(chairs: Sequence[Chair]) -> dict[Chair, int]:
    """Number the seats so that only those of one number can ever want the same person."""
    number_of: dict[Chair, int] = {}
    people_of: dict[int, set[InterviewerId]] = {}
    for number, chair in enumerate(chairs):
        people = set(chair.people)
        for other in [n for n, theirs in people_of.items() if theirs & people]:
            people |= people_of.pop(other)
            number_of.update({c: number for c, n in number_of.items() if n == other})
        people_of[number] = people
        number_of[chair] = number
    return number_of


def _sets_of(group_of: dict[Chair, int]) -> dict[int, int]:
    """Return for each group the set of interviews that it has seats in."""
    found: dict[int, int] = {}
    for chair, group in group_of.items():
        found[group] = found.get(group, 0) | 1 << chair.interview
    return found
