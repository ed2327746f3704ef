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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scheduler.domain.people import InterviewerId
from scheduler.domain.slots.assignment import (
    Held,
    Place,
    SittingRule,
    assign,
)
from scheduler.domain.slots.calendars import Levels
from scheduler.domain.slots.loops import LUNCH, Goal, LoopTable, Node
from scheduler.domain.slots.masks import indexes, stretch
from scheduler.domain.slots.seating import Chair, Option, Seating
from scheduler.domain.slots.tolls import NO_TOLLS, Tolls, least_and_tolls

NEVER = 1 << 60
Banned = frozenset[InterviewerId]
NOBODY: Banned = frozenset()
End = tuple[int, Node]
"""A way to have held a day's interviews, with what waiting costs there."""
ROUNDS = 5
A_LOT = 1000


@dataclass(frozen=True, slots=True)
class LoopDay:
    """One day of a loop: what it costs on its own, and who sits where at which positions."""

    cost: int
    held: tuple[Held, ...]
    seats: tuple[tuple[Chair, InterviewerId | None], ...]

    @property
    def people(self) -> frozenset[InterviewerId]:
        return frozenset(self.sittings)

    @property
    def sittings(self) -> dict[InterviewerId, list[Held]]:
        """Return who sits where."""
        held, found = dict(self.held), dict[InterviewerId, list[Held]]()
        for chair, person in self.seats:
            if person is not None:
                sitting = chair.interview, held[chair.interview]
                found.setdefault(person, []).append(sitting)
        return found


class DaySolver:
    """Finds the cheapest day of a table from one start after the other."""

    def __init__(
        self,
        table: LoopTable,
        seating: Seating,
        rule: SittingRule,
    ) -> None:
        self._table = table
        self._seating = seating
        self._rule = rule
        self._group_of = groups(seating.chairs)
        self._sets_of = _sets_of(self._group_of)
        self._costs: dict[tuple[SittingRule, tuple[int, ...]], int] = {}
        self._kinds: dict[object, int] = {}
        self._floors: dict[tuple[int, int, SittingRule], _Floor] = {}
        self._charges: dict[object, _Charges] = {}
        self._levels: dict[int, Levels] = {}
        self._places: dict[tuple[Held, Banned], list[Place]] = {}

    def cheapest(
        self,
        start: int,
        items: int,
        bound: int,
        banned: Banned = NOBODY,
        rule: SittingRule | None = None,
    ) -> LoopDay | None:
        """Return the cheapest day with exactly these interviews from `start`, if below `bound`.

        The rule may be stricter than the solver's own.
        """
        rule = rule or self._rule
        gap, floor = self._seating.weights.gap, self._floor(start, items, rule)
        ends = sorted(
            (gap * goal.idle, goal.node)
            for goal in self._goals(start, items)
            if floor.cost + gap * goal.idle < bound
        )
        if not ends:
            return None
        day = _Day(self, start, bound, self.charges(floor.tolls, banned), floor.sitting)
        if not day.settle_by_tolls(ends, floor.cost + ends[0][0]):
            day.search(ends)
        return day.best

    def least(self, start: int, items: int) -> int:
        """Return what no day with exactly these interviews from `start` costs less than."""
        waits = min((goal.idle for goal in self._goals(start, items)), default=NEVER)
        return self._floor(start, items, self._rule).cost + self._seating.weights.gap * waits

    def charges(self, tolls: Tolls, banned: Banned) -> _Charges:
        """Return what is known of these tolls: other starts, and other rounds, came to the same ones."""
        key = tuple(sorted(tolls.by_person.items())), tolls.total, banned
        known = self._charges.get(key)
        if known is None:
            known = self._charges[key] = _Charges(tolls, banned)
        return known

    def places(self, held: Held, charges: _Charges) -> list[Place]:
        """Return the seats of an interview held there, with the cheapest options of each."""
        known = charges.places.get(held)
        if known is None:
            known = self.true_places(held, charges.banned)
            if tolls := charges.tolls.by_person:
                known = [self._with_tolls(place, tolls) for place in known]
            charges.places[held] = known
        return known

    def true_places(self, held: Held, banned: Banned) -> list[Place]:
        """Return the same without tolls."""
        known = self._places.get((held, banned))
        if known is None:
            k, position = held
            known = self._places[held, banned] = [
                self._place(held, self._seating.options(chair, position, banned))
                for chair in self._seating.of_interview[k]
            ]
        return known

    def least_at(self, held: Held, charges: _Charges) -> int:
        """Return what an interview costs at least at a position, were it the only one."""
        if not charges.tolls.by_person and not charges.banned:
            return self._level_at(*held)
        found = self._seating.candidate_cost(*held)
        for place in self.places(held, charges):
            found += place.options[0][0] if place.options else NEVER
        return found

    def _level_at(self, k: int, position: int) -> int:
        levels = self._levels.get(k)
        if levels is None:
            levels = self._levels[k] = self._seating.interview_levels(k)
        return next((cost for cost, mask in levels if mask >> position & 1), NEVER)

    def _with_tolls(self, place: Place, tolls: Mapping[InterviewerId, int]) -> Place:
        if not any(person in tolls for _, person in place.options):
            return place
        options = [
            (cost if person is None else cost + tolls.get(person, 0), person)
            for cost, person in place.options
        ]
        return self._place(place.held, sorted(options, key=lambda option: option[0]))

    def _place(self, held: Held, options: Sequence[Option]) -> Place:
        kind = tuple(options), self._rule.alike(held)
        return Place(held, options, self._kinds.setdefault(kind, len(self._kinds)))

    def _goals(self, start: int, items: int) -> list[Goal]:
        return [goal for goal in self._table.goals(items) if goal.starts >> start & 1]

    def _floor(self, start: int, items: int, rule: SittingRule) -> _Floor:
        known = self._floors.get((start, items, rule))
        if known is None:
            known = self._floors[start, items, rule] = self._find_floor(start, items, rule)
        return known

    def _find_floor(self, start: int, items: int, rule: SittingRule) -> _Floor:
        """Price every seat at the best time within reach, and let people take tolls.

        Were every seat filled at the best time within reach, it would be exact.
        """
        goals = self._goals(start, items)
        if not goals:
            return _Floor(0, NO_TOLLS, _Sitting(rule, start, start))
        longest = max(goal.elapsed for goal in goals)
        cost, rows = 0, []
        for k in indexes(items):
            latest = start + longest - self._table.ticks.lengths[k]
            reach = self._table.starts[k] & stretch(start, latest + 1)
            cost += self._seating.least_candidate_cost(k, reach)
            rows += [
                self._seating.options_within(chair, reach)
                for chair in self._seating.of_interview[k]
            ]
        sitting = _Sitting(rule, start, start + longest - 1)
        found = least_and_tolls(rows, sitting.most)
        if found is None:
            return _Floor(NEVER, NO_TOLLS, sitting)
        least, tolls = found
        return _Floor(cost + least, tolls, sitting)

    def cost_of(self, places: Sequence[Place], rule: SittingRule) -> int:
        """Return the least that these places cost together."""
        if len(places) == 1 and rule is self._rule:  # who could not sit at all is no option
            return places[0].options[0][0] if places[0].options else NEVER
        key = rule, tuple(sorted(place.kind for place in places))
        known = self._costs.get(key)
        if known is None:
            found = assign(places, NEVER, rule.may_sit)
            known = self._costs[key] = found.cost if found else NEVER
        return known


class _Floor(NamedTuple):
    """What a day costs at least, waiting apart, and the tolls that show it."""

    cost: int
    tolls: Tolls
    sitting: _Sitting


class _Sitting(NamedTuple):
    """The rule for a day whose interviews start at these positions."""

    rule: SittingRule
    first: int
    last: int

    def most(self, id_: InterviewerId) -> int:
        return self.rule.most(id_, self.first, self.last)


class _Charges:
    """Tolls, and what is known of interviews and seats with them, whatever the start."""

    __slots__ = ("banned", "leasts", "places", "tolls")

    def __init__(self, tolls: Tolls, banned: Banned) -> None:
        self.tolls = tolls
        self.banned = banned
        self.leasts: dict[Held | None, int] = {None: 0}
        self.places: dict[Held, list[Place]] = {}


class _Day:
    """The search from one start."""

    def __init__(
        self,
        solver: DaySolver,
        start: int,
        bound: int,
        charges: _Charges,
        sitting: _Sitting,
    ) -> None:
        self.best: LoopDay | None = None
        self._solver = solver
        self._table = solver._table
        self._seating = solver._seating
        self._start = start
        self._bound = bound
        self._sitting = sitting
        self._ways: dict[Node, list[tuple[Held | None, Node | None]]] = {}
        self._seen: dict[object, int] = {}
        self._charge(charges)

    def settle_by_tolls(self, ends: Sequence[End], least: int) -> bool:
        """Look at the day that promises most, and let those whom it wants twice take their price.

        Say whether that, done a few times, finds the cheapest day, or that none is cheap enough.
        No day costs less than `least`. The tolls that promise least wrongly stay.
        """
        best = self._charges
        for _ in range(ROUNDS):
            promise, idle, node = self._most_promising(ends, least)
            if promise > least:
                least, best = promise, self._charges
            if least >= self._bound:
                return True
            held = self._cheapest_way(node)
            self._keep(self._cost_of_times(idle, held), held, self._chairs(held))
            if least >= self._bound:
                return True
            self._charge(self._solver.charges(self._prices(held), best.banned))
        self._charge(best)
        return False

    def _most_promising(self, ends: Sequence[End], least: int) -> tuple[int, int, Node]:
        """Return the end that promises the lowest cost, or any that promises `least` or lower."""
        best = NEVER, 0, ends[0][1]
        for idle, node in ends:
            promise = idle + self._promise(node) - self._charges.tolls.total
            if promise < best[0]:
                best = promise, idle, node
            if promise <= least:
                break
        return best

    def search(self, ends: Sequence[End]) -> None:
        """Build every day from its end that may still be the cheapest."""
        for least, idle, node in sorted(
            (idle + self._promise(node), idle, node) for idle, node in ends
        ):
            if least < self._limit:
                self._step_back(node, idle, (), ())

    def _charge(self, charges: _Charges) -> None:
        self._charges = charges
        self._promises: dict[Node, int] = {}

    def _promise(self, node: Node) -> int:
        """Return the least that reaching `node` from the start can cost, tolls and all, waiting apart."""
        known = self._promises.get(node)
        if known is None:
            known, leasts = NEVER, self._charges.leasts
            for held, before in self._ways_to(node):
                cost = leasts[held] if held in leasts else self._least(held)
                if before is not None and cost < known:
                    cost += self._promise(before)
                if cost < known:
                    known = cost
            self._promises[node] = known
        return known

    def _ways_to(self, node: Node) -> list[tuple[Held | None, Node | None]]:
        """Return the last items of ways to `node` from this start, lunch as None, and what was before."""
        known = self._ways.get(node)
        if known is None:
            known = self._ways[node] = [
                (None if k == LUNCH else (k, self._start + offset), before)
                for k, offset, before, starts in self._table.steps_to(node)
                if starts >> self._start & 1
            ]
        return known

    def _least(self, held: Held | None) -> int:
        leasts = self._charges.leasts
        known = leasts.get(held)
        if held is not None and known is None:
            known = leasts[held] = self._solver.least_at(held, self._charges)
        return known or 0

    def _cheapest_way(self, node: Node) -> tuple[Held, ...]:
        """Return what is held on the way to `node` that promises most, the last first."""
        found, at = [], node
        while True:
            _, held, before = min(
                (
                    (self._least(held) + (self._promise(before) if before else 0), held, before)
                    for held, before in self._ways_to(at)
                ),
                key=lambda way: way[0],
            )
            if held is not None:
                found.append(held)
            if before is None:
                return tuple(found)
            at = before

    def _prices(self, held: Sequence[Held]) -> Tolls:
        """Return the prices of a cheapest matching at these times, where no seat has to be filled."""
        empty: Option = (min(self._bound, A_LOT), None)
        rows = [
            place.options
            if any(person is None for _, person in place.options)
            else [*(option for option in place.options if option[0] < empty[0]), empty]
            for place in self._true_places(held)
        ]
        found = least_and_tolls(rows, self._sitting.most)
        return found[1] if found else NO_TOLLS

    def _step_back(
        self, node: Node, idle: int, held: tuple[Held, ...], chairs: tuple[Chair, ...]
    ) -> None:
        """Place the item before what is `held`, in every way that may still be the cheapest."""
        ways = []
        for item, before in self._ways_to(node):
            promise = self._promise(before) if before is not None else 0
            ways.append((promise + self._least(item), promise, item, before))
        ways.sort(key=lambda way: way[0])
        for total, promise, item, before in ways:
            if idle + total >= self._limit:
                return
            if item is not None:
                seated = (*chairs, *self._seating.of_interview[item[0]])
                self._price(before, idle, (*held, item), seated, promise)
            elif before is not None:
                self._step_back(before, idle, held, chairs)

    def _price(
        self,
        before: Node | None,
        idle: int,
        held: tuple[Held, ...],
        chairs: tuple[Chair, ...],
        promise: int,
    ) -> None:
        base = self._cost_of_times(idle, held)
        tolled = [place for each in held for place in self._solver.places(each, self._charges)]
        total, groups = base + promise, self._by_group(tolled, chairs)
        for places in groups.values():
            total += self._solver.cost_of(places, self._sitting.rule)
            if total >= self._limit:
                return
        if before is None:
            self._keep(base, held, chairs)
        elif self._is_new(before, base, held, chairs):
            self._step_back(before, idle, held, chairs)

    @property
    def _limit(self) -> int:
        """What a way may cost with tolls to be of use."""
        return self._bound + self._charges.tolls.total

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
                closed += self._solver.cost_of(places, self._sitting.rule)
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
        found = assign(places, self._bound - base, self._sitting.rule.may_sit)
        if found is not None:
            self._bound = base + found.cost
            seats = tuple(zip(chairs, found.people, strict=True))
            self.best = LoopDay(self._bound, tuple(reversed(held)), seats)

    def _true_places(self, held: Sequence[Held]) -> list[Place]:
        found = []
        for each in held:
            found += self._solver.true_places(each, self._charges.banned)
        return found

    def _chairs(self, held: Sequence[Held]) -> tuple[Chair, ...]:
        return tuple(chair for k, _ in held for chair in self._seating.of_interview[k])

    def _cost_of_times(self, idle: int, held: Sequence[Held]) -> int:
        return idle + sum(self._candidate_cost(*each) for each in held)

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
