"""The cheapest loop day from one start, exactly.

Going forward, the table of `loops` says what can be reached; here every node gets the least it can
cost to reach it when people need not be different. Then the day is built from its end: the last
interview first, each step priced by an exact assignment of different people to all seats so far,
plus what the node before promises. A way is given up when that is no less than the best one known.

People whom many seats want take a toll of each, so that the promises know of it.

Invariant: what a node promises, less all tolls, is never more than the truth, so that nothing
cheaper is given up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scheduler.domain.people import InterviewerId
from scheduler.domain.slots.assignment import Held, MaySit, Place, assign, matching_of
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
        *,
        may_sit: MaySit,
        can_merge: bool,
    ) -> None:
        self._table = table
        self._seating = seating
        self._may_sit = may_sit
        self._can_merge = can_merge
        self._group_of = groups(seating.chairs)
        self._sets_of = _sets_of(self._group_of)
        self._costs: dict[tuple[int, ...], int] = {}
        self._kinds: dict[tuple[Option, ...], int] = {}

    def cheapest(
        self, start: int, items: int, bound: int, banned: Banned = frozenset()
    ) -> LoopDay | None:
        """Return the cheapest day with exactly these interviews from `start`, if below `bound`."""
        gap = self._seating.weights.gap
        goals = [
            (gap * goal.idle, goal.node)
            for goal in self._table.goals(items)
            if goal.starts >> start & 1
        ]
        if not goals:
            return None
        day = _Day(self, start, bound, banned)
        floor = day.charge_tolls([node for _, node in goals])
        goals = [goal for goal in goals if floor + goal[0] < bound]
        for _, idle, node in sorted((idle + day.promise(node), idle, node) for idle, node in goals):
            day.finish(node, idle)
        return day.best

    def cost_of(self, places: Sequence[Place]) -> int:
        """Return the least that these places cost together."""
        if len(places) == 1:
            return places[0].options[0][0] if places[0].options else NEVER
        key = tuple(sorted(place.kind for place in places))
        known = self._costs.get(key) if self._can_merge else None
        if known is None:
            found = assign(places, NEVER, self._may_sit)
            known = self._costs[key] = found.cost if found else NEVER
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
        self._tolls: dict[InterviewerId, int] = {}
        self._all_tolls = 0
        self._banned = banned
        self._leasts: dict[Held, int] = {}
        self._promises: dict[Node, int] = {}
        self._true: dict[Held, list[Place]] = {}
        self._tolled: dict[Held, list[Place]] = {}
        self._seen: dict[object, int] = {}

    def charge_tolls(self, goals: Sequence[Node]) -> int:
        """Let people whom several seats want take a toll of each, so that promises know of it.

        A loop uses them once, so that its true cost is never below what it costs with tolls, less
        all tolls. The prices of a cheapest matching make that bound high: were every seat filled at
        the best time within reach, it would be exact. Returns what all seats cost at least.
        """
        if not self._solver._can_merge:
            return -NEVER
        within_reach = self._within_reach(goals)
        best: dict[Chair, dict[InterviewerId | None, int]] = {}
        for held in within_reach:
            for place, chair in zip(
                self._true_places([held]), self._seating.of_interview[held[0]], strict=True
            ):
                costs = best.setdefault(chair, {})
                for cost, person in place.options:
                    costs[person] = min(cost, costs.get(person, NEVER))
        places = [
            Place((0, 0), [(cost, person) for person, cost in costs.items()])
            for costs in best.values()
        ]
        matching, people = matching_of(places)
        if matching is None:
            return NEVER
        for person, price in zip(people, matching.prices, strict=True):
            if person is not None and price:
                self._tolls[person] = price
        self._all_tolls = sum(self._tolls.values())
        return matching.cost

    def _within_reach(self, goals: Sequence[Node]) -> set[Held]:
        """Return when each interview can be held on a day from this start."""
        found: set[Held] = set()
        seen, left = set(goals), list(goals)
        while left:
            for k, offset, before, starts in self._table.steps_to(left.pop()):
                if starts >> self._start & 1:
                    if k != LUNCH:
                        found.add((k, self._start + offset))
                    if before is not None and before not in seen:
                        seen.add(before)
                        left.append(before)
        return found

    def promise(self, node: Node) -> int:
        """Return the least that reaching `node` from the start can cost, tolls and all, waiting apart."""
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
        if idle + self.promise(node) < self._limit:
            self._step_back(node, idle, (), ())

    def _least(self, k: int, offset: int) -> int:
        if k == LUNCH:
            return 0
        held = (k, self._start + offset)
        known = self._leasts.get(held)
        if known is None:
            known = self._candidate_cost(*held)
            for place in self._tolled_places([held]):
                known += place.options[0][0] if place.options else NEVER
            self._leasts[held] = known
        return known

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
            if idle + total >= self._limit:
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
        total, groups = base + promise, self._by_group(self._tolled_places(held), chairs)
        for places in groups.values():
            total += self._solver.cost_of(places)
            if total >= self._limit:
                return
        if before is None:
            self._keep(base, held, chairs)
        elif not self._solver._can_merge or self._is_new(before, base, held, chairs):
            self._step_back(before, idle, held, chairs)

    @property
    def _limit(self) -> int:
        """What a way may cost with tolls to be of use."""
        return self._bound + self._all_tolls

    def _is_new(
        self, before: Node, base: int, held: tuple[Held, ...], chairs: tuple[Chair, ...]
    ) -> bool:
        """Say whether this past may lead to something that no other with the same future did.

        That is so unless another, no dearer, had the same node before it and the same open seats:
        those whose people the interviews still to come may want too.
        """
        closed, still_open = base, []
        for group, places in self._by_group(self._true_places(held), chairs).items():
            if self._solver._sets_of[group] & before.items:
                still_open.append((group, *sorted(place.kind for place in places)))
            else:
                closed += self._solver.cost_of(places)
        key = (before, tuple(sorted(still_open)))
        if self._seen.get(key, NEVER) <= closed:
            return False
        self._seen[key] = closed
        return True

    def _by_group(self, places: Sequence[Place], chairs: Sequence[Chair]) -> dict[int, list[Place]]:
        found: dict[int, list[Place]] = {}
        for place, chair in zip(places, chairs, strict=True):
            found.setdefault(self._solver._group_of[chair], []).append(place)
        return found

    def _keep(self, base: int, held: tuple[Held, ...], chairs: tuple[Chair, ...]) -> None:
        places = self._true_places(held)
        found = assign(places, self._bound - base, self._solver._may_sit)
        if found is not None:
            self._bound = base + found.cost
            seats = tuple(zip(chairs, found.people, strict=True))
            self.best = LoopDay(self._bound, tuple(reversed(held)), seats)

    def _true_places(self, held: Sequence[Held]) -> list[Place]:
        found = []
        for each in held:
            if each not in self._true:
                k, position = each
                self._true[each] = [
                    self._place(each, self._seating.options(chair, position, self._banned))
                    for chair in self._seating.of_interview[k]
                ]
            found += self._true[each]
        return found

    def _tolled_places(self, held: Sequence[Held]) -> list[Place]:
        if not self._tolls:
            return self._true_places(held)
        found = []
        for each in held:
            if each not in self._tolled:
                self._tolled[each] = [
                    self._tolled_place(place) for place in self._true_places([each])
                ]
            found += self._tolled[each]
        return found

    def _tolled_place(self, place: Place) -> Place:
        options = [
            (cost if person is None else cost + self._tolls.get(person, 0), person)
            for cost, person in place.options
        ]
        return self._place(place.held, sorted(options, key=lambda option: option[0]))

    def _place(self, held: Held, options: Sequence[Option]) -> Place:
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
