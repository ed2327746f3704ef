"""Why there is no slot, or none at a start, and the least that would have to give way.

The idea: loosen one thing, ask the whole question again, and count. Nothing is promised from a bound
or a guess: a relaxation comes back with the question it stands for, and its count is the number of
starts that `start_times` finds for exactly that question.

Invariant: every count is exact for the question it comes with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from scheduler.domain.people import LoadLimit
from scheduler.domain.plan import TICK, Order, PlannedInterview, StagePlan
from scheduler.domain.slots.board import FREE_OF_CHARGE
from scheduler.domain.slots.funnel import Funnel, eligible_people, funnel
from scheduler.domain.slots.question import Person, SlotSearch
from scheduler.domain.slots.search import at, start_times

A_LONG_GAP = timedelta(hours=2)
NO_LIMIT = LoadLimit(per_day=1_000_000, per_week=1_000_000)


class Constraint(StrEnum):
    """What can be loosened, in the order in which it is tried: what is cheap for people first."""

    GRID = "grid"
    GAPS = "gaps"
    ORDER = "order"
    LUNCH = "lunch"
    REST = "rest"
    LONGEST_DAY = "longest day"
    DAYS = "days"
    ROOMS = "rooms"
    NOTICE = "notice"
    CANDIDATE = "candidate's windows"
    LIMITS = "limits"
    BUFFERS = "buffers"
    BUSY = "busy"
    SEAT = "seat"
    REPEATS = "one seat each"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """One thing to loosen, and how many starts there are then.

    `about` names the interview, or the person, that it is about; "" when it is about all.
    """

    constraint: Constraint
    about: str
    starts: int
    search: SlotSearch


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """How many starts each condition leaves, and what would open more of them, the most first."""

    funnel: Funnel
    relaxations: tuple[Relaxation, ...]


def why_none(search: SlotSearch) -> Explanation:
    """Return what stands in the way, and every single thing whose loosening opens starts."""
    counts = funnel(search)
    return Explanation(funnel=counts, relaxations=relaxations(search, counts.feasible))


def why_not(search: SlotSearch, start: datetime) -> tuple[Relaxation, ...]:
    """Return every single thing whose loosening lets the stage start at `start`; `starts` is then 1.

    Nothing when it can already.
    """
    if can_start(search, start):
        return ()
    return tuple(
        replace(each, starts=1) for each in _loosened(search) if can_start(each.search, start)
    )


def relaxations(search: SlotSearch, starts: int) -> tuple[Relaxation, ...]:
    """Return what opens more than the `starts` there are, the most first."""
    found = [replace(each, starts=len(start_times(each.search))) for each in _loosened(search)]
    opening = [each for each in found if each.starts > starts]
    return tuple(sorted(opening, key=lambda each: -each.starts))


def can_start(search: SlotSearch, start: datetime) -> bool:
    return at(search, start, weights=FREE_OF_CHARGE) is not None


def _loosened(search: SlotSearch) -> Iterator[Relaxation]:
    for constraint, plan in _loosened_plans(search.plan):
        yield _relaxation(constraint, replace(search, plan=plan))
    if search.earliest > search.window.start:
        yield _relaxation(Constraint.NOTICE, replace(search, earliest=search.window.start))
    yield _relaxation(Constraint.CANDIDATE, replace(search, candidate_windows=(search.window,)))
    for constraint, ease in EASES.items():
        eased = {id_: ease(person) for id_, person in search.people.items()}
        if eased != search.people:
            yield _relaxation(constraint, replace(search, people=eased))
    for id_ in sorted(eligible_people(search)):
        person = search.people[id_]
        if person.busy is not None and person.busy:
            eased = {**search.people, id_: _without_busy(person)}
            yield _relaxation(
                Constraint.BUSY, replace(search, people=eased), person.interviewer.name
            )
    for position, interview in enumerate(search.plan.interviews):
        for number, rule in enumerate(interview.seats):
            if not rule.is_optional:
                plan = _without_seat(search.plan, position, number)
                yield _relaxation(Constraint.SEAT, replace(search, plan=plan), interview.title)


def _relaxation(constraint: Constraint, search: SlotSearch, about: str = "") -> Relaxation:
    return Relaxation(constraint=constraint, about=about, starts=0, search=search)


def _loosened_plans(plan: StagePlan) -> Iterator[tuple[Constraint, StagePlan]]:
    if plan.grid > TICK:
        yield Constraint.GRID, replace(plan, grid=TICK)
    if plan.is_loop and plan.longest_gap < A_LONG_GAP:
        yield Constraint.GAPS, replace(plan, longest_gap=A_LONG_GAP)
    if plan.is_loop and plan.order is Order.FIXED:
        yield Constraint.ORDER, replace(plan, order=Order.ANY)
    if plan.lunch:
        yield Constraint.LUNCH, replace(plan, lunch=None)
    if plan.rest:
        yield Constraint.REST, replace(plan, rest=None)
    if plan.longest_day is not None:
        yield Constraint.LONGEST_DAY, replace(plan, longest_day=None)
    if plan.is_loop and not plan.people_repeat:
        yield Constraint.DAYS, replace(plan, most_days=plan.most_days + 1)
    if any(interview.rooms is not None for interview in plan.interviews):
        anywhere = tuple(replace(interview, rooms=None) for interview in plan.interviews)
        yield Constraint.ROOMS, replace(plan, interviews=anywhere)
    if plan.is_loop and plan.most_days == 1 and not plan.people_repeat:
        yield Constraint.REPEATS, replace(plan, people_repeat=True)


def _without_seat(plan: StagePlan, position: int, number: int) -> StagePlan:
    """Return the plan with one seat left empty if need be."""
    interview = plan.interviews[position]
    seats = list(interview.seats)
    seats[number] = replace(seats[number], optional=True)
    interviews: list[PlannedInterview] = list(plan.interviews)
    interviews[position] = replace(interview, seats=tuple(seats))
    return replace(plan, interviews=tuple(interviews))


def _without_limits(person: Person) -> Person:
    interviewer = replace(person.interviewer, limit=NO_LIMIT)
    return replace(person, interviewer=interviewer, version="")


def _without_buffers(person: Person) -> Person:
    interviewer = replace(person.interviewer, buffer_before=timedelta(0), buffer_after=timedelta(0))
    return replace(person, interviewer=interviewer, version="")


def _without_busy(person: Person) -> Person:
    """Return the person with nothing on, if anything is known of them."""
    return person if person.busy is None else replace(person, busy=(), version="")


EASES: dict[Constraint, Callable[[Person], Person]] = {
    Constraint.LIMITS: _without_limits,
    Constraint.BUFFERS: _without_buffers,
}
