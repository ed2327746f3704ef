"""Where the interviews of a loop day can lie, for every start at once.

The idea: for each set of interviews, and each way its last one can end, keep the mask of all starts
from which that set can be held so. Bit s of the mask is the *start of the day*, not the time of
day, so that a set grows by one interview with one AND:

    ended[set + k][end of k]  |=  ended[set][earlier end]  &  starts of k >> offset of k

With starts of a first interview (1 tick) at 0, 1 and 4, and of a second (1 tick) at 1, 2 and 4, the
second can come right after the first from 0 and from 1, and one tick later from 0 only:

>>> from scheduler.domain.slots.masks import indexes
>>> first, second = 0b10011, 0b10110
>>> list(indexes(first & second >> 1))
[0, 1]
>>> list(indexes(first & second >> 2))
[0]

All days and all starts advance together. What a day has waited is its end less the lengths, so that
gaps need no search of their own.

Invariant: a bit is set exactly when the set can be held from that start by the rules of time, were
everybody allowed to sit in all interviews they are free for. Nothing here knows people.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scheduler.domain.plan import NO_TIME, TICK, Order, StagePlan
from scheduler.domain.slots.ground import Ground
from scheduler.domain.slots.masks import runs, stretch, ticks_to_cover, union

LUNCH = -1
"""Stands for the lunch where a number would stand for an interview."""
A_LONG_DAY = 1 << 9
END = A_LONG_DAY - 1
RUN = 9
"""An end and the start of the run it belongs to are kept in one number: run << RUN | end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTicks:
    """A plan's times in whole ticks, rounded as the contract says."""

    lengths: tuple[int, ...]
    shortest_gap: int
    longest_gap: int
    longest_day: int
    grid: int
    lunch: int
    """0 when nobody asks for one."""
    rest: int
    """0 when nobody asks for one."""
    rest_after: int
    followers: tuple[int, ...]
    """For each interview the set of those that must come later."""

    @classmethod
    def of(cls, plan: StagePlan) -> PlanTicks:
        shortest = ticks_to_cover(plan.shortest_gap)
        rest = ticks_to_cover(plan.rest.length) if plan.rest else 0
        return cls(
            lengths=tuple(ticks_to_cover(interview.length) for interview in plan.interviews),
            shortest_gap=shortest,
            longest_gap=max(plan.longest_gap // TICK, shortest, rest),
            longest_day=END if plan.longest_day is None else min(plan.longest_day // TICK, END),
            grid=plan.grid // TICK,
            lunch=ticks_to_cover(plan.lunch.length) if plan.lunch else 0,
            rest=rest,
            rest_after=(plan.rest.after if plan.rest else NO_TIME) // TICK,
            followers=_followers(plan),
        )

    def ends_before(self, offset: int) -> tuple[int, int]:
        """Return the first and the last end of an item after which the next may start at `offset`.

        Off the grid that is right after the shortest gap only, and the first is the last.
        """
        last = offset - self.shortest_gap
        return last if offset % self.grid else min(offset - self.longest_gap, last), last

    def offsets_after(self, end: int) -> list[int]:
        """Return when the next item may start, the soonest first."""
        soonest = end + self.shortest_gap
        on_grid = range(
            (soonest // self.grid + 1) * self.grid, end + self.longest_gap + 1, self.grid
        )
        return [soonest, *on_grid]

    def tight(self, items: int) -> int:
        """Return how long these interviews take, one right after the other."""
        lengths = [length for k, length in enumerate(self.lengths) if items >> k & 1]
        return sum(lengths) + max(len(lengths) - 1, 0) * self.shortest_gap

    @property
    def lunch_and_gap(self) -> int:
        return self.lunch + self.shortest_gap


def _followers(plan: StagePlan) -> tuple[int, ...]:
    count = len(plan.interviews)
    pairs = set(plan.before)
    if plan.order is Order.FIXED:
        pairs |= {(k, k + 1) for k in range(count - 1)}
    later = [sum({1 << j for i, j in pairs if i == k}) for k in range(count)]
    for via in range(count):
        for k in range(count):
            if later[k] >> via & 1:
                later[k] |= later[via]
    return tuple(later)


def day_sets(ticks: PlanTicks, days: int) -> list[bool]:
    """Say for each set of interviews whether it, or a part of it, can be what one day holds.

    On a single day a set grows from nothing, so nobody is missing who must come before. Of several
    days one may hold any stretch of the order, and no interview comes between two of it.
    """
    count = len(ticks.lengths)
    earlier = [
        sum(1 << i for i in range(count) if ticks.followers[i] >> k & 1) for k in range(count)
    ]

    def fits(items: int) -> bool:
        inside = [k for k in range(count) if items >> k & 1]
        needed, after = (
            union(earlier[k] for k in inside),
            union(ticks.followers[k] for k in inside),
        )
        return not (needed & ~items if days == 1 else needed & after & ~items)

    return [fits(items) for items in range(1 << count)]


class Node(NamedTuple):
    """A state of the table: these items are done, and the last of them ended so."""

    items: int
    after_lunch: bool
    state: int


class Step(NamedTuple):
    """How a node can have come about: item `k` was held at `offset`, after `before`."""

    k: int
    offset: int
    before: Node | None
    starts: int
    """The starts from which `before` can be reached, and then `k` held."""


class Goal(NamedTuple):
    """A way to have held a day's interviews, and from which starts."""

    node: Node
    elapsed: int
    idle: int
    starts: int


class LoopTable:
    """What can be held from each start, where interview k can start at `starts[k]`.

    With `most_idle` only ways that wait no longer than that, and of those that hold all interviews
    only what waits at least `least_idle`; with `firsts` only these starts.
    """

    def __init__(
        self,
        ticks: PlanTicks,
        ground: Ground,
        starts: Sequence[int],
        *,
        lunch: LunchMasks | None,
        sets: Sequence[bool],
        least_idle: int = 0,
        most_idle: int = END,
        firsts: int | None = None,
    ) -> None:
        self.ticks = ticks
        self.ground = ground
        self.starts = starts
        self._lunch = lunch
        self._sets = sets
        self._least_idle = least_idle
        self._most_idle = most_idle
        self._lunch_bit = 1 << len(ticks.lengths)
        size = self._lunch_bit << (1 if lunch else 0)
        self._ended: list[dict[int, int]] = [{} for _ in range(size)]
        self._lunched: list[dict[int, int]] = [{} for _ in range(size)]
        self._shifted: dict[tuple[int, int], int] = {}
        self._offsets: dict[int, list[int]] = {}
        self._goals: dict[int, list[Goal]] = {}
        self._steps: dict[Node, list[Step]] = {}
        self._fill(ground.grid(ticks.grid) if firsts is None else firsts)

    def starts_of(self, items: int) -> int:
        """Return the starts from which a day with exactly these interviews can be held."""
        found = 0
        for goal in self.goals(items):
            found |= goal.starts
        return found

    def goals(self, items: int) -> list[Goal]:
        """Return the ways to have held exactly these interviews, lunch included where it is due."""
        known = self._goals.get(items)
        if known is None:
            known = self._goals[items] = list(self._find_goals(items))
        return known

    def _find_goals(self, items: int) -> Iterator[Goal]:
        tight = self.ticks.tight(items)
        least_idle = self._least_idle if items == self._lunch_bit - 1 else 0
        for state, starts in self._ended[items].items():
            elapsed = state & END
            if self._lunch:
                starts &= ~self._lunch.due(elapsed)
            if starts and elapsed - tight >= least_idle:
                yield Goal(Node(items, False, state), elapsed, elapsed - tight, starts)
        if self._lunch:
            tight += self.ticks.lunch_and_gap
            for state, starts in self._ended[items | self._lunch_bit].items():
                node, elapsed = Node(items | self._lunch_bit, False, state), state & END
                if elapsed - tight >= least_idle:
                    yield Goal(node, elapsed, elapsed - tight, starts)

    def steps_to(self, node: Node) -> list[Step]:
        """Return every last step with which `node` can have been reached."""
        known = self._steps.get(node)
        if known is None:
            known = self._steps[node] = list(self._find_steps(node))
        return known

    def _fill(self, firsts: int) -> None:
        for k, length in enumerate(self.ticks.lengths):
            found = self.starts[k] & firsts & self.ground.lasting(length)
            if found and self._sets[1 << k] and length <= self.ticks.longest_day:
                self._ended[1 << k][length] = found
        for items in range(1, len(self._ended)):
            if self._ended[items] or self._lunched[items]:
                openings = self._openings(items)
                self._add_interviews(items, openings)
                if self._lunch and not items & self._lunch_bit:
                    self._add_lunch(items)

    def _openings(self, items: int) -> dict[int, int]:
        """Return when a next item may start, with the run it would belong to: run << RUN | offset."""
        rest, found = self.ticks.rest, dict[int, int]()
        for state, starts in self._ended[items].items():
            end, run = state & END, state >> RUN
            for offset in self._offsets_after(end):
                begun = offset if rest and offset - end >= rest else run
                opening = begun << RUN | offset
                found[opening] = found.get(opening, 0) | starts
        for end, starts in self._lunched[items].items():
            for offset in self._offsets_after(end):
                opening = (offset if rest else 0) << RUN | offset
                found[opening] = found.get(opening, 0) | starts
        return found

    def _offsets_after(self, end: int) -> list[int]:
        known = self._offsets.get(end)
        if known is None:
            known = self._offsets[end] = self.ticks.offsets_after(end)
        return known

    def _add_interviews(self, items: int, openings: dict[int, int]) -> None:
        held = items & ~self._lunch_bit
        ticks, lasting = self.ticks, self.ground.lasting
        slack = self._slack(items)
        for k, length in enumerate(ticks.lengths):
            grown = held | 1 << k
            if grown == held or ticks.followers[k] & held or not self._sets[grown]:
                continue
            latest = min(ticks.longest_day, self._most_idle + slack + length) - length
            table = self._ended[items | 1 << k]
            for opening, starts in openings.items():
                offset = opening & END
                if offset > latest:
                    continue
                end, run = offset + length, opening >> RUN
                if ticks.rest and run != offset and end - run > ticks.rest_after:
                    continue
                found = starts & self._item_starts(k, offset) & lasting(end)
                if found:
                    state = run << RUN | end
                    table[state] = table.get(state, 0) | found

    def _add_lunch(self, items: int) -> None:
        latest = self._most_idle + self._slack(items)
        table = self._lunched[items | self._lunch_bit]
        for opening, starts in self._openings(items).items():
            offset = opening & END
            end = offset + self.ticks.lunch
            if offset <= latest and end < self.ticks.longest_day:
                found = starts & self._item_starts(LUNCH, offset) & self.ground.lasting(end)
                if found:
                    table[end] = table.get(end, 0) | found

    def _slack(self, items: int) -> int:
        """Return the offset of the next item when nobody has waited so far."""
        tight = self.ticks.tight(items & ~self._lunch_bit) + self.ticks.shortest_gap
        return tight + (self.ticks.lunch_and_gap if items & self._lunch_bit else 0)

    def _item_starts(self, k: int, offset: int) -> int:
        """Return the starts of a day from which item `k` can be held at `offset`."""
        known = self._shifted.get((k, offset))
        if known is None:
            starts = self._lunch.starts if k == LUNCH and self._lunch else self.starts[k]
            known = self._shifted[k, offset] = starts >> offset
        return known

    def _find_steps(self, node: Node) -> Iterator[Step]:
        end, run = node.state & END, node.state >> RUN
        if node.after_lunch:
            offset = end - self.ticks.lunch
            yield from self._steps_from(LUNCH, offset, node.items ^ self._lunch_bit, None)
            return
        for k, length in enumerate(self.ticks.lengths):
            if not node.items >> k & 1:
                continue
            before, offset = node.items ^ 1 << k, end - length
            if not before and offset == 0:
                yield Step(k, 0, None, self.ground.everything)
            if before and offset > 0 and not self.ticks.followers[k] & before:
                yield from self._steps_from(k, offset, before, run)

    def _steps_from(self, k: int, offset: int, items: int, run: int | None) -> Iterator[Step]:
        """Yield the steps to item `k` at `offset`, of the run that began at `run`, from these items."""
        rest, there = self.ticks.rest, self._item_starts(k, offset)
        first, last = self.ticks.ends_before(offset)
        for state, starts in self._ended[items].items():
            end = state & END
            if first <= end <= last and starts & there:
                begun = offset if rest and offset - end >= rest else state >> RUN
                if run is None or begun == run:
                    yield Step(k, offset, Node(items, False, state), starts & there)
        for end, starts in self._lunched[items].items():
            if first <= end <= last and run == (offset if rest else 0):
                yield Step(k, offset, Node(items, True, end), starts & there)


class LunchMasks:
    """When lunch can be had, and which days cannot do without."""

    def __init__(self, plan: StagePlan, ticks: PlanTicks, ground: Ground) -> None:
        self._windows = ground.lunches(plan.lunch) if plan.lunch else []
        self._due: dict[int, int] = {}
        self.starts = 0
        for window in self._windows:
            first, end = window.inside
            inside = stretch(max(first, window.plot.at), min(end, window.plot.end))
            self.starts |= runs(inside, ticks.lunch)

    @classmethod
    def of(cls, plan: StagePlan, ticks: PlanTicks, ground: Ground) -> LunchMasks | None:
        return cls(plan, ticks, ground) if plan.lunch else None

    def due(self, elapsed: int) -> int:
        """Return the starts from which a day of this length covers the whole lunch window."""
        known = self._due.get(elapsed)
        if known is None:
            known = 0
            for window in self._windows:
                first, end = window.around
                plot = window.plot
                known |= stretch(max(end - elapsed, plot.at), min(first + 1, plot.end))
            self._due[elapsed] = known
        return known
