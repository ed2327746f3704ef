"""Who can sit in which seat at which tick, and what that costs at least.

The people of a seat are OR'ed into one mask, the mandatory seats of an interview are AND'ed: that
is when the interview can start. For prices the same is done level by level: a level is a cost with
the mask of the ticks that have exactly this as their least cost.

Invariant: what an interview costs here is exact for one interview on its own but for people who
would have to sit in two of its seats, so that sums over interviews are never more than the truth.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import TRAINEE_KINDS, PlannedInterview, SeatRule
from scheduler.domain.slots.calendars import Calendars, Levels
from scheduler.domain.slots.ground import Ground, Plot
from scheduler.domain.slots.loops import PlanTicks
from scheduler.domain.slots.masks import at_least, stretch, tick_at_or_after, tick_at_or_before
from scheduler.domain.slots.question import Person, SlotSearch, Weights

Option = tuple[int, InterviewerId | None]
"""What it costs to give a seat to somebody, or to leave it empty."""
Tolls = Mapping[InterviewerId, int]
"""What people are charged for sitting, on top of what they cost: lower bounds are made with them."""
NO_TOLLS: Tolls = {}
EVERY_TICK = -1
Way = tuple[int, InterviewerId, int]
"""For what cost somebody can take a seat, and when."""


@dataclass(frozen=True, slots=True)
class Chair:
    """A seat of the search: the interview, its place among that interview's seats, and who could sit."""

    interview: int
    position: int
    rule: SeatRule
    people: frozenset[InterviewerId]

    @property
    def is_optional(self) -> bool:
        return self.rule.is_optional


class Tier(NamedTuple):
    """Who can take a seat for one cost, and at which of the line's ticks each of them asks that."""

    cost: int
    people: dict[InterviewerId, int]


class Seating:
    """The seats of one search, on its line of the candidate's time."""

    def __init__(
        self,
        search: SlotSearch,
        calendars: Calendars,
        ground: Ground,
        ticks: PlanTicks,
        weights: Weights,
    ) -> None:
        self.search = search
        self.weights = weights
        self._calendars = calendars
        self._ground = ground
        self._ticks = ticks
        self._sitters: dict[frozenset[InterviewerId], frozenset[InterviewerId]] = {}
        self.chairs = tuple(
            Chair(k, position, rule, self._sitters_of(interview, rule))
            for k, interview in enumerate(search.plan.interviews)
            for position, rule in enumerate(interview.seats)
        )
        self.of_interview = [
            [chair for chair in self.chairs if chair.interview == k]
            for k in range(len(search.plan.interviews))
        ]
        self._tiers: dict[tuple[frozenset[InterviewerId], int], list[Tier]] = {}
        self._levels: dict[object, dict[int, int]] = {}
        self._starts: dict[tuple[InterviewerId, int], int] = {}
        self._options: dict[object, list[Option]] = {}
        self._nearby: dict[object, list[Way]] = {}
        self._comfortable: dict[int, int] = {}
        self.handicap = weights.preference * max(0, -min(search.preferences.values(), default=0))
        """Added to every seat, empty or not: then no seat costs less than nothing, and what a loop
        costs so far is never more than what it will cost, however much somebody is preferred."""

    @property
    def handicaps(self) -> int:
        """Return what all seats together are priced too high."""
        return self.handicap * len(self.chairs)

    def interview_starts(self, k: int) -> int:
        """Return when every mandatory seat of interview `k` finds somebody, one seat at a time."""
        found = self._ground.everything
        for chair in self.of_interview[k]:
            if not chair.is_optional:
                found &= self.chair_starts(chair)
        return found

    def panel_starts(self, k: int) -> int:
        """Return when the mandatory seats of interview `k` find different people.

        They do when any group of these seats has at least as many people free between them as it
        has seats (Hall's marriage theorem).
        """
        found = self.interview_starts(k)
        chairs = [chair for chair in self.of_interview[k] if not chair.is_optional]
        for group in _groups(chairs):
            people = set().union(*(chair.people for chair in group))
            if len(people) < sum(len(chair.people) for chair in group):
                found &= self.crowded(people, k, len(group))
        return found

    def crowded(self, people: Iterable[InterviewerId], k: int, many: int) -> int:
        """Return when at least so `many` of these people can sit in interview `k`."""
        masks = (self.person_starts(person, k) for person in people)
        return at_least(masks, many, self._ground.everything)[many]

    def chair_starts(self, chair: Chair) -> int:
        found = 0
        for mask in self._chair_levels(chair, NO_TOLLS).values():
            found |= mask
        return found

    def person_starts(self, person: InterviewerId, k: int) -> int:
        """Return when this person can sit in interview `k`, on the line."""
        length = self._ticks.lengths[k]
        known = self._starts.get((person, length))
        if known is None:
            someone = self.search.people[person]
            starts = self._calendars.starts(someone, length) & self._bookable(someone, length)
            known = self._starts[person, length] = self._ground.squeezed(starts)
        return known

    def interview_levels(
        self, k: int, starts: int | None = None, tolls: Tolls = NO_TOLLS
    ) -> Levels:
        """Return `starts` of interview `k`, or all, by the least it costs then, tolls included."""
        found = self._candidate_levels(k, self._ground.everything if starts is None else starts)
        for chair in self.of_interview[k]:
            found = _summed(found, self._priced(chair, tolls))
        return tuple(sorted((cost, mask) for cost, mask in found.items() if mask))

    def options(
        self, chair: Chair, position: int, banned: frozenset[InterviewerId] = frozenset()
    ) -> list[Option]:
        """Return the cheapest ways to fill the seat at a position, the cheapest first.

        No loop can need more of them than it has seats: the others take all but one.
        """
        length = self._ticks.lengths[chair.interview]
        key = chair.people, chair.is_optional, length, position, banned
        known = self._options.get(key)
        if known is None:
            known = self._options[key] = self._cheapest(chair, 1 << position, banned)
        return known

    def options_within(self, chair: Chair, positions: int) -> list[Option]:
        """Return the cheapest ways to fill the seat at one of some positions of one stretch."""
        return self._cheapest(chair, positions, frozenset())

    def best_options(self, chair: Chair) -> list[Option]:
        """Return the cheapest ways to fill the seat at whatever time suits each best."""
        ways = (
            (cost, person, EVERY_TICK)
            for cost, people in self._tiers_of(chair)
            for person in people
        )
        return self._with_empty(chair, self._first_of_each(ways, EVERY_TICK, frozenset()))

    def everybody_at(self, chair: Chair, start: datetime) -> list[Option]:
        """Return all ways to fill the seat at a moment, the cheapest first."""
        tick = tick_at_or_before(start) - self._calendars.horizon.first
        tiers = self._find_tiers(chair.people, self._ticks.lengths[chair.interview], 1 << tick)
        found: list[Option] = [(cost, person) for cost, people in tiers for person in people]
        return self._with_empty(chair, found)

    def candidate_cost(self, k: int, position: int) -> int:
        """Return what interview `k` costs for the candidate's comfort at a position."""
        return 0 if self._cosy(k) >> position & 1 else self.weights.candidate_comfort

    def least_candidate_cost(self, k: int, positions: int) -> int:
        """Return the least of that at some positions."""
        return 0 if self._cosy(k) & positions else self.weights.candidate_comfort

    def _cheapest(
        self, chair: Chair, positions: int, banned: frozenset[InterviewerId]
    ) -> list[Option]:
        if not positions:
            return self._with_empty(chair, [])
        plot = self._ground.plot_of((positions & -positions).bit_length() - 1)
        found = self._first_of_each(self._people_on(plot, chair), positions >> plot.at, banned)
        return self._with_empty(chair, found)

    def _with_empty(self, chair: Chair, options: list[Option]) -> list[Option]:
        if chair.is_optional:
            options.append((self._empty_seat, None))
            options.sort(key=lambda option: option[0])
        return options

    def _first_of_each(
        self, ways: Iterable[Way], ticks: int, banned: frozenset[InterviewerId]
    ) -> list[Option]:
        """Return who can sit at one of these ticks: going up the costs, everybody's first is the least."""
        most, seen, found = len(self.chairs), set(banned), list[Option]()
        for cost, person, mask in ways:
            if mask & ticks and person not in seen:
                seen.add(person)
                found.append((cost, person))
                if len(found) == most:
                    break
        return found

    def _people_on(self, plot: Plot, chair: Chair) -> list[Way]:
        """Return who can take the seat in one stretch, by cost, and when, counted from its start."""
        key = chair.people, self._ticks.lengths[chair.interview], plot.at
        known = self._nearby.get(key)
        if known is None:
            start, inside = plot.ticks[0], stretch(0, plot.end - plot.at)
            known = self._nearby[key] = [
                (cost, person, ticks)
                for cost, people in self._tiers_of(chair)
                for person, mask in people.items()
                if (ticks := mask >> start & inside)
            ]
        return known

    def _priced(self, chair: Chair, tolls: Tolls) -> Levels:
        """Return the exclusive levels of a seat, an optional one's emptiness among them."""
        levels = dict(self._chair_levels(chair, tolls))
        if chair.is_optional:
            levels[self._empty_seat] = self._ground.everything
        found, seen = [], 0
        for cost, mask in sorted(levels.items()):
            if left := mask & ~seen:
                found.append((cost, left))
                seen |= left
        return tuple(found)

    @property
    def _empty_seat(self) -> int:
        return self.handicap + self.weights.empty_seat

    def _chair_levels(self, chair: Chair, tolls: Tolls) -> dict[int, int]:
        length = self._ticks.lengths[chair.interview]
        charged = {person: toll for person, toll in tolls.items() if person in chair.people}
        key = chair.people, length, tuple(charged.items())
        known = self._levels.get(key)
        if known is None:
            whole: dict[int, int] = {}
            for cost, people in self._tiers_of(chair):
                for person, mask in people.items():
                    price = cost + charged.get(person, 0) if charged else cost
                    whole[price] = whole.get(price, 0) | mask
            known = self._levels[key] = {
                cost: self._ground.squeezed(mask) for cost, mask in whole.items()
            }
        return known

    def _tiers_of(self, chair: Chair) -> list[Tier]:
        key = chair.people, self._ticks.lengths[chair.interview]
        known = self._tiers.get(key)
        if known is None:
            known = self._tiers[key] = self._find_tiers(*key, self._ground.ticks)
        return known

    def _find_tiers(self, ids: frozenset[InterviewerId], length: int, ticks: int) -> list[Tier]:
        people = [self.search.people[id_] for id_ in sorted(ids)]
        fewest = min((person.recent for person in people), default=0)
        fairness, liking = self.weights.fairness, self.weights.preference
        found: dict[int, dict[InterviewerId, int]] = {}
        for person, levels in self._calendars.levels(people, length, self.weights, ticks):
            id_, within = person.interviewer.interviewer_id, ticks
            if person.earliest or person.latest:
                within &= self._bookable(person, length)
            always = self.handicap + fairness * (person.recent - fewest)
            always += liking * self.search.preferences.get(id_, 0)
            for cost, mask in levels:
                if there := mask & within:
                    found.setdefault(always + cost, {})[id_] = there
        return [Tier(cost, found[cost]) for cost in sorted(found)]

    def _bookable(self, person: Person, length: int) -> int:
        """Return the starts that the person's own notice, and how far ahead they plan, allow."""
        if person.earliest is None and person.latest is None:
            return EVERY_TICK
        horizon = self._calendars.horizon
        first, end = 0, horizon.count
        if person.earliest:
            first = max(tick_at_or_after(person.earliest) - horizon.first, 0)
        if person.latest:
            end = min(tick_at_or_before(person.latest) - horizon.first - length + 1, end)
        return stretch(first, end)

    def _sitters_of(self, interview: PlannedInterview, rule: SeatRule) -> frozenset[InterviewerId]:
        if rule.kind in TRAINEE_KINDS and not interview.can_train:
            return frozenset()
        known = self._sitters.get(rule.eligible)
        if known is None:
            known = self._sitters[rule.eligible] = frozenset(eligible(self.search, rule))
        return known

    def _candidate_levels(self, k: int, starts: int) -> dict[int, int]:
        by, cosy = self.weights.candidate_comfort, self._cosy(k)
        return {0: starts & cosy, by: starts & ~cosy} if by else {0: starts}

    def _cosy(self, k: int) -> int:
        """Return when interview `k` lies in the candidate's comfortable hours."""
        hours, zone = self.search.candidate_comfortable, self.search.candidate_zone
        if hours is None:
            return self._ground.everything
        length = self._ticks.lengths[k]
        known = self._comfortable.get(length)
        if known is None:
            known = self._ground.squeezed(self._calendars.comfortable(zone, hours, length))
            self._comfortable[length] = known
        return known


def eligible(search: SlotSearch, rule: SeatRule) -> Iterator[InterviewerId]:
    """Yield who may fill a seat as far as the search knows them and their calendar."""
    for id_ in rule.eligible:
        person = search.people.get(id_)
        if person is not None and person.busy is not None and id_ not in search.excluded:
            yield id_


def _summed(levels: dict[int, int], others: Levels) -> dict[int, int]:
    found: dict[int, int] = {}
    for cost, mask in levels.items():
        for more, other in others:
            if both := mask & other:
                found[cost + more] = found.get(cost + more, 0) | both
    return found


def _groups(chairs: Sequence[Chair]) -> Iterator[list[Chair]]:
    """Yield every group of two or more seats."""
    for members in range(1, 1 << len(chairs)):
        if members & members - 1:
            yield [chair for number, chair in enumerate(chairs) if members >> number & 1]
