"""The cheapest loops, and the proof that there are no cheaper ones.

Everything that might still become an answer lies in one heap, by a cost that it cannot get below:

- a start, whose interviews each take their cheapest moment within reach;
- the same with its first day solved exactly, or with its further days chosen;
- a whole loop, whose cost is exact.

The least is taken out and made more precise, until it is a whole loop. That loop is then the
cheapest there is: nothing else in the heap can get below it. When two days of a loop want the same
person, one of them has to do without: both ways go back into the heap. Where people may repeat, the
same goes for a limit of theirs that the days break together.

Invariant: no entry's cost is more than that of the cheapest loop it may become.

Waiting is cheap to leave out. At first only loops that wait little are looked at; once the answers
cost no more than any loop that waits longer would, the rest need not be looked at at all. Otherwise
only what waits longer is looked at next: of the others the answers so far are the cheapest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush
from itertools import count

from scheduler.domain.people import InterviewerId
from scheduler.domain.slots.board import Board
from scheduler.domain.slots.days import NEVER, NOBODY, Banned, DaySolver, LoopDay
from scheduler.domain.slots.loops import END, LoopTable
from scheduler.domain.slots.masks import indexes, reaching_back, union
from scheduler.domain.slots.repeats import NO_SHARES, Shares, with_share
from scheduler.domain.slots.seating import Chair, Option
from scheduler.domain.slots.tolls import least_and_tolls

OutOfTime = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class FoundLoop:
    """A whole loop of a board: its start, its cost, and its days."""

    start: int
    cost: int
    days: tuple[LoopDay, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Loops with different starts, the cheapest first; all others cost at least `lower_bound`."""

    loops: tuple[FoundLoop, ...]
    lower_bound: int
    is_proven: bool


@dataclass(frozen=True, slots=True)
class _DayPlan:
    """What a day of a loop is to hold: from a known start or from any of the day's."""

    day: int
    items: int
    start: int | None
    banned: Banned = NOBODY
    shares: Shares = NO_SHARES
    """Where people repeat: what it may take of limits that it has in common with other days."""


@dataclass(frozen=True, slots=True)
class _Idea:
    """A loop in the making. `left` are the interviews that no day holds yet.

    `is_tight` says that its cost is what the day solver promises, not only what masks tell.
    """

    start: int
    days: tuple[_DayPlan, ...]
    left: int
    is_tight: bool = False


def cheapest_loops(
    board: Board, *, most: int, starts: int | None = None, out_of_time: OutOfTime = lambda: False
) -> Found:
    """Return the `most` cheapest loops, each from another start, of all or of these starts."""
    found = _cheapest(board, most, starts, out_of_time)
    handicaps = board.seating.handicaps
    return Found(
        tuple(replace(loop, cost=loop.cost - handicaps) for loop in found.loops),
        found.lower_bound - handicaps if found.lower_bound < NEVER else NEVER,
        found.is_proven,
    )


def _cheapest(board: Board, most: int, starts: int | None, out_of_time: OutOfTime) -> Found:
    gap = board.weights.gap
    days = _days(board)
    least_idle, most_idle = 0, board.ticks.grid if gap else END
    known: tuple[FoundLoop, ...] = ()
    while days and most:
        firsts = board.ground.everything if starts is None else starts
        firsts &= union(mask for _, mask in days)
        table = board.table(least_idle=least_idle, most_idle=min(most_idle, END), firsts=firsts)
        found = _Heap(board, table, starts, most, out_of_time, known).run()
        if most_idle >= END:
            return found
        known, least_idle = found.loops, most_idle + 1
        worst = known[-1].cost if len(known) == most else NEVER
        beyond = [(least + gap * least_idle, mask) for least, mask in days]
        if not found.is_proven:
            return replace(
                found, lower_bound=min(found.lower_bound, *(least for least, _ in beyond))
            )
        # Not strictly less: of equal cost an earlier start comes first, and it may wait longer.
        days = [day for day, (least, _) in zip(days, beyond, strict=True) if least <= worst]
        if worst == NEVER:
            most_idle = 4 * most_idle
        elif days:
            most_idle = max((worst - min(least for least, _ in days)) // gap, least_idle)
    return Found(known, known[0].cost if known else NEVER, True)


def _days(board: Board) -> list[tuple[int, int]]:
    """Return what no loop of a day costs less than, waiting apart, with the mask of that day.

    Days on which no loop can be held are left out. Loops of several days are not told apart.
    """
    masks = [(day, board.ground.day_mask(day)) for day in board.ground.days()]
    if board.search.plan.most_days > 1:
        masks = [(0, board.ground.everything)]
    found = []
    for day, mask in masks:
        leasts = [
            next((cost for cost, level in levels if level & mask), NEVER) for levels in board.levels
        ]
        if NEVER not in leasts:
            found.append((sum(leasts) - board.all_tolls + board.weights.late * day, mask))
    return found


class _Heap:
    def __init__(
        self,
        board: Board,
        table: LoopTable,
        starts: int | None,
        most: int,
        out_of_time: OutOfTime,
        known: tuple[FoundLoop, ...],
    ) -> None:
        self._board = board
        self._table = table
        self._solver: DaySolver = board.solver(table)
        self._most = most
        self._out_of_time = out_of_time
        self._order = count()
        self._worst = NEVER, 0
        """The cost and the start of the last that is good enough as far as we know."""
        self._costs: dict[int, int] = {}
        self._bests: dict[_DayPlan, LoopDay | None] = {}
        self._levels: dict[tuple[int, int], int] = {}
        self._seen: set[_Idea] = set()
        self._leasts: dict[tuple[tuple[int, int], ...], int] = {}
        self._starts_of = {items: table.starts_of(items) for items in self._day_sets()}
        self._heap: list[tuple[int, int, int, _Idea | FoundLoop | None]] = []
        """Costs and starts with what they are of: None for a start that nobody has looked at yet."""
        for loop in known:
            self._heap.append((loop.cost, loop.start, next(self._order), loop))
            self._note(loop.start, loop.cost)
        self._fill(board.ground.everything if starts is None else starts)

    def run(self) -> Found:
        loops: dict[int, FoundLoop] = {}
        heap = self._heap
        while heap and len(loops) < self._most:
            bound, start, _, idea = heappop(heap)
            if isinstance(idea, FoundLoop):
                loops.setdefault(start, idea)
                continue
            if start in loops or not self._is_of_use(bound, start):
                continue
            idea = idea or self._one_day(start)
            if self._out_of_time():
                heappush(heap, (bound, start, next(self._order), idea))
                return self._cut_short(loops)
            for cost, better in self._made_precise(idea, bound):
                if isinstance(better, FoundLoop) or self._is_of_use(cost, start):
                    heappush(heap, (cost, start, next(self._order), better))
        found = tuple(loops.values())
        return Found(found, found[0].cost if found else NEVER, True)

    def _cut_short(self, loops: dict[int, FoundLoop]) -> Found:
        """Return what is known: whole loops that wait in the heap are good, only perhaps not best."""
        rest = sorted(self._heap)
        for _, start, _, idea in rest:
            if isinstance(idea, FoundLoop) and len(loops) < self._most:
                loops.setdefault(start, idea)
        found = tuple(loops.values())
        least = min(rest[0][0], found[0].cost) if found else rest[0][0]
        return Found(found, least, False)

    def _made_precise(self, idea: _Idea, bound: int) -> Iterator[tuple[int, _Idea | FoundLoop]]:
        if idea.left:
            yield from self._with_another_day(idea)
            return
        if len(idea.days) == 1 and not idea.is_tight:
            least = self._solver.least(idea.start, idea.days[0].items) + self._spread(idea)
            if least > bound:
                yield least, replace(idea, is_tight=True)
                return
        if len(idea.days) > 1 and not idea.is_tight:
            least = self._least_together(idea.days) + self._spread(idea)
            if least > bound:
                yield least, replace(idea, is_tight=True)
                return
        days = [self._best_day(plan) for plan in idea.days]
        if any(day is None for day in days):
            return
        solved = tuple(day for day in days if day is not None)
        cost = sum(day.cost for day in solved) + self._spread(idea)
        ways = [*self._ways_out(idea.days, solved)]
        if not ways and self._is_of_use(cost, idea.start):
            self._note(idea.start, cost)
            yield cost, FoundLoop(idea.start, cost, solved)
        for plans in ways:
            another = replace(idea, days=plans)
            if another not in self._seen:
                self._seen.add(another)
                yield cost, another

    def _ways_out(
        self, plans: tuple[_DayPlan, ...], days: tuple[LoopDay, ...]
    ) -> Iterator[tuple[_DayPlan, ...]]:
        """Yield what the days may do without, one way or another, when they cannot go together."""
        if self._board.search.plan.people_repeat:
            for number, share in self._board.repeats.overdrawn([day.sittings for day in days]):
                plan = plans[number]
                day = replace(plan, shares=with_share(plan.shares, share))
                yield (*plans[:number], day, *plans[number + 1 :])
        elif clash := _clash(days):
            person, among = clash
            for kept in among:
                yield tuple(
                    replace(plan, banned=plan.banned | {person})
                    if number in among and number != kept
                    else plan
                    for number, plan in enumerate(plans)
                )

    def _best_day(self, plan: _DayPlan) -> LoopDay | None:
        """Return the cheapest day of this plan, if it can still be of use."""
        if plan in self._bests:
            return self._bests[plan]
        if plan.start is not None:
            best = self._solve(plan, plan.start, self._limit(plan))
        else:
            best = None
            starts = self._starts_of[plan.items] & self._board.ground.day_mask(plan.day)
            for start in indexes(starts):
                bound = best.cost if best else self._limit(plan)
                best = self._solve(plan, start, bound) or best
        self._bests[plan] = best
        return best

    def _solve(self, plan: _DayPlan, start: int, bound: int) -> LoopDay | None:
        rule = self._board.repeats.within(plan.shares) if plan.shares else None
        return self._solver.cheapest(start, plan.items, bound, plan.banned, rule)

    def _least_together(self, plans: tuple[_DayPlan, ...]) -> int:
        """Return what such days cost at least when all their seats are given out at once."""
        key = tuple((plan.day, plan.items) for plan in plans)
        known = self._leasts.get(key)
        if known is None:
            known = self._leasts[key] = self._find_least_together(key)
        return known

    def _find_least_together(self, days: tuple[tuple[int, int], ...]) -> int:
        board, seating = self._board, self._board.seating
        cost, rows = 0, []
        for day, items in days:
            for k in indexes(items):
                starts = board.starts[k] & board.ground.day_mask(day)
                cost += seating.least_candidate_cost(k, starts)
                rows += [self._options_on(day, chair) for chair in seating.of_interview[k]]
        first = next(indexes(board.ground.day_mask(days[0][0])))
        last = board.ground.day_mask(days[-1][0]).bit_length() - 1
        found = least_and_tolls(rows, lambda id_: board.rule.most(id_, first, last))
        return cost + found[0] if found else NEVER

    def _options_on(self, day: int, chair: Chair) -> list[Option]:
        """Return the ways to fill a seat at whatever time of a day suits each best."""
        starts, least = self._board.starts[chair.interview], dict[InterviewerId | None, int]()
        for plot in self._board.ground.plots:
            if plot.day == day and starts & plot.mask:
                for cost, person in self._board.seating.options_within(chair, starts & plot.mask):
                    least[person] = min(cost, least.get(person, NEVER))
        return [(cost, person) for person, cost in sorted(least.items(), key=lambda each: each[1])]

    def _limit(self, plan: _DayPlan) -> int:
        if plan.items != self._board.everything or plan.start is None:
            return NEVER
        worst, start = self._worst
        enough = min(worst + (plan.start < start), self._costs.get(plan.start, NEVER))
        return enough - self._board.weights.late * plan.day if enough < NEVER else NEVER

    def _is_of_use(self, cost: int, start: int) -> bool:
        """Could a loop from `start` that costs this much change what is found?"""
        return cost < self._costs.get(start, NEVER) and (cost, start) <= self._worst

    def _note(self, start: int, cost: int) -> None:
        """Keep how far loops are of use: with enough starts known, as far as the last of these."""
        self._costs[start] = min(cost, self._costs.get(start, NEVER))
        if len(self._costs) >= self._most:
            ranked = sorted((cost, start) for start, cost in self._costs.items())
            self._worst = ranked[self._most - 1]

    def _spread(self, idea: _Idea) -> int:
        weights, days = self._board.weights, idea.days
        return weights.day * (len(days) - 1) + weights.late * days[-1].day

    def _fill(self, starts: int) -> None:
        board, weights = self._board, self._board.weights
        idle = self._idle()
        for bound, mask in self._within_reach().items():
            for waits, which in idle:
                for start in indexes(mask & which & starts):
                    day = board.ground.plot_of(start).day
                    cost = bound - board.all_tolls + weights.gap * waits + weights.late * day
                    self._heap.append((cost, start, next(self._order), None))
        if board.search.plan.most_days > 1:
            for items in board.parts(board.everything):
                for start in indexes(self._starts_of[items] & starts):
                    plan = _DayPlan(board.ground.plot_of(start).day, items, start)
                    self._add_days(_Idea(start, (plan,), board.everything ^ items))
        heapify(self._heap)

    def _one_day(self, start: int) -> _Idea:
        day = self._board.ground.plot_of(start).day
        return _Idea(start, (_DayPlan(day, self._board.everything, start),), 0)

    def _add(self, cost: int, idea: _Idea) -> None:
        self._heap.append((cost, idea.start, next(self._order), idea))

    def _add_days(self, idea: _Idea) -> None:
        later = [d for d in self._board.ground.days() if d > idea.days[-1].day]
        if later:
            self._add(self._bound_of(idea, later[0]), idea)

    def _bound_of(self, idea: _Idea, last: int) -> int:
        """Return what a loop of these days, with more up to `last` at the earliest, costs at least."""
        weights = self._board.weights
        known = sum(self._least_on(k, plan.day) for plan in idea.days for k in indexes(plan.items))
        left = sum(self._board.levels[k][0][0] for k in indexes(idea.left))
        days = len(idea.days) if idea.left else len(idea.days) - 1
        tolls = self._board.all_tolls
        return known + left - tolls + weights.day * days + weights.late * last

    def _with_another_day(self, idea: _Idea) -> Iterator[tuple[int, _Idea]]:
        board = self._board
        is_last = len(idea.days) + 1 == board.search.plan.most_days
        choices = [idea.left, *(() if is_last else board.parts(idea.left))]
        days = [day for day in board.ground.days() if day > idea.days[-1].day]
        for items in choices:
            for day in days:
                if not self._starts_of.get(items, 0) & board.ground.day_mask(day):
                    continue
                plan = _DayPlan(day, items, None)
                longer = _Idea(idea.start, (*idea.days, plan), idea.left ^ items)
                if not longer.left or day < days[-1]:
                    yield self._bound_of(longer, day + 1 if longer.left else day), longer

    def _least_on(self, k: int, day: int) -> int:
        """Return the least that interview `k` costs on a day."""
        known = self._levels.get((k, day))
        if known is None:
            mask = self._board.ground.day_mask(day)
            known = next((cost for cost, level in self._board.levels[k] if level & mask), NEVER)
            self._levels[k, day] = known
        return known

    def _day_sets(self) -> Iterator[int]:
        yield self._board.everything
        if self._board.search.plan.most_days > 1:
            yield from range(1, self._board.everything)

    def _idle(self) -> list[tuple[int, int]]:
        """Return how long a one-day loop waits at least, with the starts for which that is so."""
        found, seen = [], 0
        goals = self._table.goals(self._board.everything)
        for waits in sorted({goal.idle for goal in goals}):
            starts = 0
            for goal in goals:
                if goal.idle == waits:
                    starts |= goal.starts
            if starts & ~seen:
                found.append((waits, starts & ~seen))
            seen |= starts
        return found

    def _within_reach(self) -> dict[int, int]:
        """Return starts by what their interviews cost when each takes its cheapest moment in reach."""
        board = self._board
        longest = max((goal.elapsed for goal in self._table.goals(board.everything)), default=0)
        found = {0: self._starts_of[board.everything]}
        for k, levels in enumerate(board.levels):
            reach = max(longest - board.ticks.lengths[k] + 1, 1)
            seen, near = 0, []
            for cost, mask in levels:
                starts = reaching_back(mask, reach) & ~seen
                seen |= starts
                near.append((cost, starts))
            summed: dict[int, int] = {}
            for cost, mask in found.items():
                for more, starts in near:
                    if both := mask & starts:
                        summed[cost + more] = summed.get(cost + more, 0) | both
            found = summed
        return found


def _clash(days: tuple[LoopDay, ...]) -> tuple[InterviewerId, list[int]] | None:
    """Return somebody who sits on more than one day, and on which."""
    for number, day in enumerate(days):
        for person in sorted(day.people):
            among = [n for n, other in enumerate(days) if person in other.people]
            if len(among) > 1 and among[0] == number:
                return person, among
    return None
