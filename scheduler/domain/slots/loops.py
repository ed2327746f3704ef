"""Where the interviews of a loop can lie, for every start of the grid at once.

A loop is described by its offsets: how long after the loop's start each of its interviews starts.
The loop starts on the grid. Each further interview starts on the grid too, or as soon as the
shortest gap allows: a plan with interviews of 50 minutes can be held without a wait.

Nothing here knows that one person cannot sit in two interviews; that is `staffing`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import time, timedelta
from functools import reduce
from heapq import heappop, heappush
from operator import and_, or_

from scheduler.domain.availability import at_wall_time, dates_of
from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import GRID, SeatRule, StagePlan
from scheduler.domain.slots.masks import NO_TIME, StartGrid
from scheduler.domain.slots.question import SlotSearch
from scheduler.domain.timespan import TimeSpan, merge

Offsets = tuple[timedelta, ...]
FreeSpans = Mapping[InterviewerId, Sequence[TimeSpan]]


def candidate_days(search: SlotSearch) -> list[TimeSpan]:
    """Return the stretches that a whole loop must lie in: a window of the candidate, cut at their midnights."""
    days: list[TimeSpan] = []
    for offer in merge(search.candidate_windows):
        start = max(offer.start, search.window.start, search.earliest)
        end = min(offer.end, search.window.end)
        if start < end:
            days += _cut_at_midnight(TimeSpan(start, end), search)
    return days


def _cut_at_midnight(span: TimeSpan, search: SlotSearch) -> Iterator[TimeSpan]:
    start = span.start
    for on in dates_of(span, search.candidate_zone):
        midnight = at_wall_time(on, time.min, search.candidate_zone)
        if start < midnight < span.end:
            yield TimeSpan(start, midnight)
            start = midnight
    yield TimeSpan(start, span.end)


def tightest_length(plan: StagePlan) -> timedelta:
    """Return how long the plan takes when nobody waits longer than they must."""
    lengths = sum((interview.length for interview in plan.interviews), NO_TIME)
    return lengths + (len(plan.interviews) - 1) * plan.shortest_gap


class Loops:
    """The possible loops of a plan, for a candidate who is there on `days` and people who are `free`.

    Every method answers with a mask: a bit for each start of `grid`.
    """

    def __init__(
        self, plan: StagePlan, grid: StartGrid, *, days: Sequence[TimeSpan], free: FreeSpans
    ) -> None:
        self._plan = plan
        self._grid = grid
        self._days = days
        self._free = free
        self._person_starts: dict[tuple[InterviewerId, timedelta, timedelta], int] = {}
        self._interview_starts: dict[tuple[int, timedelta], int] = {}
        self._finishable: dict[tuple[int, timedelta], int] = {}

    def starts(self) -> int:
        """Return the starts from which every interview finds its people, were they allowed to sit twice."""
        return self._finishable_starts(0, NO_TIME) if self._plan.interviews else 0

    def tightest_first(self, wanted: Callable[[], int]) -> Iterator[tuple[Offsets, int]]:
        """Yield loops that wait little before loops that wait long, with their starts in `wanted`.

        `wanted` is asked again at each step, so that it can shrink: the search ends when it is 0.
        """
        queue: list[tuple[timedelta, Offsets]] = [(NO_TIME, (NO_TIME,))]
        while queue and wanted():
            waited, offsets = heappop(queue)
            starts = self._starts_of(offsets) & wanted()
            if not starts:
                continue
            if len(offsets) == len(self._plan.interviews):
                yield offsets, starts
                continue
            soonest = self._end(offsets) + self._plan.shortest_gap
            for following in self._next_offsets(len(offsets) - 1, offsets[-1]):
                heappush(queue, (waited + following - soonest, (*offsets, following)))

    def spans(self, index: int, offsets: Offsets) -> list[TimeSpan]:
        start = self._grid.moment(index)
        return [
            TimeSpan(start + offset, start + offset + interview.length)
            for offset, interview in zip(offsets, self._plan.interviews, strict=True)
        ]

    def free_at(self, index: int, offsets: Offsets) -> list[set[InterviewerId]]:
        """Return who is free for each interview of this loop, were it the only one."""
        return [self._free_people(number, at, index) for number, at in enumerate(offsets)]

    def free_whenever(self, index: int) -> list[set[InterviewerId]]:
        """Return who is free for each interview at some moment at which a loop from here can have it."""
        people: list[set[InterviewerId]] = [set() for _ in self._plan.interviews]
        for (number, offset), starts in self._finishable.items():
            if starts >> index & 1:
                people[number] |= self._free_people(number, offset, index)
        return people

    def _free_people(self, number: int, offset: timedelta, index: int) -> set[InterviewerId]:
        interview = self._plan.interviews[number]
        steps, wait = divmod(offset, GRID)
        return {
            person
            for rule in interview.seats
            for person in rule.eligible
            if self._starts_of_person(person, wait, interview.length) >> index + steps & 1
        }

    def _starts_of(self, offsets: Offsets) -> int:
        last = len(offsets) - 1
        earlier = (self._starts_of_interview(number, at) for number, at in enumerate(offsets[:-1]))
        return reduce(and_, earlier, self._finishable_starts(last, offsets[-1]))

    def _finishable_starts(self, number: int, offset: timedelta) -> int:
        """Return the starts from which this interview, at `offset`, and all after it can be held."""
        known = self._finishable.get((number, offset))
        if known is None:
            known = self._finishable[number, offset] = self._count_back(number, offset)
        return known

    def _count_back(self, number: int, offset: timedelta) -> int:
        end = offset + self._plan.interviews[number].length
        starts = self._grid.starts(self._days, end) & self._starts_of_interview(number, offset)
        if not starts or number == len(self._plan.interviews) - 1:
            return starts
        rest = (
            self._finishable_starts(number + 1, following)
            for following in self._next_offsets(number, offset)
        )
        return starts & reduce(or_, rest, 0)

    def _next_offsets(self, number: int, offset: timedelta) -> Iterator[timedelta]:
        end = offset + self._plan.interviews[number].length
        soonest, latest = end + self._plan.shortest_gap, end + self._plan.longest_gap
        following = soonest
        while following <= latest:
            yield following
            following = (following // GRID + 1) * GRID

    def _end(self, offsets: Offsets) -> timedelta:
        return offsets[-1] + self._plan.interviews[len(offsets) - 1].length

    def _starts_of_interview(self, number: int, offset: timedelta) -> int:
        known = self._interview_starts.get((number, offset))
        if known is None:
            interview = self._plan.interviews[number]
            seats = (
                self._starts_of_seat(rule, offset, interview.length)
                for rule in interview.seats
                if not rule.is_optional
            )
            known = reduce(and_, seats, self._grid.all_starts)
            self._interview_starts[number, offset] = known
        return known

    def _starts_of_seat(self, rule: SeatRule, offset: timedelta, length: timedelta) -> int:
        # Whole grid steps are a shift; only what is left of the offset needs a mask of its own.
        steps, wait = divmod(offset, GRID)
        people = (self._starts_of_person(person, wait, length) for person in rule.eligible)
        return reduce(or_, people, 0) >> steps

    def _starts_of_person(self, person: InterviewerId, wait: timedelta, length: timedelta) -> int:
        known = self._person_starts.get((person, length, wait))
        if known is None:
            known = self._grid.starts_after(self._free.get(person, ()), length, wait)
            self._person_starts[person, length, wait] = known
        return known
