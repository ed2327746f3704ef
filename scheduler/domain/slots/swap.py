"""Who else could take a seat, at the same time: ranked by what it would cost, and why others cannot.

Nobody whom the seat is open to is left out: somebody who cannot take it is told with everything that
stands in the way, so that a recruiter knows whom to ask, and for what.

Invariant: somebody who is free for the seat can be booked. A slot without problems, with them in
this seat instead, has none either; with anybody else in it, it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from scheduler.domain.availability import Obstacle, local_date, obstacles, week_load
from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import TRAINEE_KINDS
from scheduler.domain.slots.pricing import costs_of_seat
from scheduler.domain.slots.question import Costs, Person, SlotSearch, Weights
from scheduler.domain.slots.repeats import keeps_limits
from scheduler.domain.slots.slot import Slot
from scheduler.domain.slots.timing import taken_up
from scheduler.domain.timespan import TimeSpan


class Barrier(StrEnum):
    """Why somebody cannot take a seat though they may have the time, in a recruiter's words."""

    EXCLUDED = "not for this candidate"
    ELSEWHERE = "in another seat of this loop"
    UNTRAINED = "nobody qualified sits beside them"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatAt:
    """A seat of the plan: the position of its interview, and its own among that interview's seats."""

    interview: int
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapOption:
    """Somebody the seat is open to, what it costs when they take it, and what stands in the way.

    `reasons` is empty when they are free. The day and the week are those of the interview, where
    they are; of this loop, their other seats count.
    """

    interviewer_id: InterviewerId
    costs: Costs
    load_that_day: int
    load_that_week: int
    reasons: tuple[Barrier | Obstacle, ...]

    @property
    def is_free(self) -> bool:
        return not self.reasons


def swap_options(
    search: SlotSearch, slot: Slot, seat: SeatAt, *, weights: Weights
) -> list[SwapOption]:
    """Return everybody who may take a seat of `slot`, but for who sits in it.

    First those who are free, the cheapest first; then the others, those with the least in the way
    first. Of equals the first by name.
    """
    sitting = _sitting_elsewhere(slot, seat)
    there = {
        filled.interviewer_id
        for filled in slot.interviews[seat.interview].seats
        if filled.position == seat.position
    }
    rule = search.plan.interviews[seat.interview].seats[seat.position]
    taken = taken_up(slot.times.spans)
    people = [search.people[id_] for id_ in rule.eligible - there if id_ in search.people]

    def option(person: Person) -> SwapOption:
        span = taken[seat.interview]
        on = local_date(person, span.start)
        elsewhere = sitting.get(person.interviewer.interviewer_id, [])
        others = [local_date(person, taken[k].start) for k in elsewhere]
        return SwapOption(
            interviewer_id=person.interviewer.interviewer_id,
            costs=costs_of_seat(search, rule, person, span, weights),
            load_that_day=person.load.get(on, 0) + others.count(on),
            load_that_week=week_load(person, on)
            + sum(each.isocalendar()[:2] == on.isocalendar()[:2] for each in others),
            reasons=tuple(_in_the_way(search, seat, person, taken, elsewhere)),
        )

    def rank(each: SwapOption) -> tuple[int, int, str, InterviewerId]:
        name = search.people[each.interviewer_id].interviewer.name
        return len(each.reasons), each.costs.total, name, each.interviewer_id

    return sorted(map(option, people), key=rank)


def _in_the_way(
    search: SlotSearch,
    seat: SeatAt,
    person: Person,
    taken: Sequence[TimeSpan],
    elsewhere: Sequence[int],
) -> list[Barrier | Obstacle]:
    planned = search.plan.interviews[seat.interview]
    found: list[Barrier | Obstacle] = []
    if person.interviewer.interviewer_id in search.excluded:
        found.append(Barrier.EXCLUDED)
    if planned.seats[seat.position].kind in TRAINEE_KINDS and not planned.can_train:
        found.append(Barrier.UNTRAINED)
    may_repeat = search.plan.people_repeat and seat.interview not in elsewhere
    if elsewhere and not may_repeat:
        found.append(Barrier.ELSEWHERE)
    found += obstacles(person, taken[seat.interview])
    if elsewhere and may_repeat and Obstacle.LIMIT not in found:
        days: dict[date, list[timedelta]] = {}
        for k in (*elsewhere, seat.interview):
            days.setdefault(local_date(person, taken[k].start), []).append(taken[k].length)
        if not keeps_limits(person, days):
            found.append(Obstacle.LIMIT)
    return found


def _sitting_elsewhere(slot: Slot, seat: SeatAt) -> dict[InterviewerId, list[int]]:
    """Return who sits in the other seats of the slot, and in which interviews."""
    found: dict[InterviewerId, list[int]] = {}
    for k, interview in enumerate(slot.interviews):
        for filled in interview.seats:
            if (k, filled.position) != (seat.interview, seat.position):
                found.setdefault(filled.interviewer_id, []).append(k)
    return found
