"""How many starts are left after each condition: what a recruiter reads when there is nothing to offer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from scheduler.domain.availability import A_DAY, over_limit
from scheduler.domain.people import InterviewerId, LoadLimit
from scheduler.domain.plan import PlannedInterview, StagePlan
from scheduler.domain.slots.board import boards
from scheduler.domain.slots.calendars import Calendars
from scheduler.domain.slots.masks import indexes
from scheduler.domain.slots.question import Person, SlotSearch
from scheduler.domain.slots.search import DEFAULT, start_times
from scheduler.domain.slots.slot import EPOCH
from scheduler.domain.slots.starts import loose_starts

NO_LIMIT = LoadLimit(per_day=1_000_000, per_week=1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """Counts of starts. Each holds for those it counts and for all the fields above it.

    `in_hours` asks for somebody eligible at work for every mandatory seat, `nobody_busy` for
    somebody whose calendar is free as well. Load limits, and that nobody sits twice, are only in
    `feasible`.
    """

    grid_starts: int
    after_notice: int
    candidate_free: int
    in_hours: int
    nobody_busy: int
    feasible: int
    empty_seats: tuple[str, ...]
    """Titles of the interviews with a mandatory seat that nobody may fill."""
    unknown: tuple[InterviewerId, ...]
    """Who could sit somewhere, were their calendar known."""


def funnel(search: SlotSearch, calendars: Calendars | None = None) -> Funnel:
    """Return how many starts survive each condition."""
    if calendars is None or not calendars.covers(search.window):
        calendars = Calendars(search.window)
    window, plan = search.window, search.plan
    people = {id_: search.people[id_] for id_ in sorted(eligible_people(search))}
    at_work = {id_: _with_nothing_on(person) for id_, person in people.items()}
    calm = {id_: without_limits(person, most_each(plan)) for id_, person in people.items()}
    return Funnel(
        grid_starts=_points(window.start, window.end, search),
        after_notice=_points(max(window.start, search.earliest), window.end, search),
        candidate_free=_candidate_starts(search, calendars),
        in_hours=_loose_starts(replace(search, people=at_work), calendars.apart()),
        nobody_busy=_loose_starts(replace(search, people=calm), calendars.apart()),
        feasible=len(start_times(search, calendars)),
        empty_seats=tuple(
            interview.title for interview in plan.interviews if _has_empty_seat(interview, search)
        ),
        unknown=tuple(id_ for id_, person in people.items() if person.busy is None),
    )


def eligible_people(search: SlotSearch) -> set[InterviewerId]:
    """Return everybody who may sit somewhere in the plan, and whom the search knows."""
    return {
        person
        for interview in search.plan.interviews
        for rule in interview.seats
        for person in rule.eligible - search.excluded
        if person in search.people
    }


def most_each(plan: StagePlan) -> int:
    """Return in how many interviews of a loop anybody may sit."""
    return len(plan.interviews) if plan.people_repeat else 1


def without_limits(person: Person, interviews: int) -> Person:
    """Return somebody as if nothing were too much for them; themselves if so many interviews are not."""
    can_bind = over_limit(person, date.min, interviews=interviews, length=A_DAY)
    if not person.load and not person.load_time and not can_bind:
        return person
    interviewer = replace(person.interviewer, limit=NO_LIMIT)
    return replace(person, interviewer=interviewer, version="")


def _points(start: datetime, end: datetime, search: SlotSearch) -> int:
    """Return how many points of the grid lie from `start` up to `end`."""
    grid = search.plan.grid
    return max(_first_point(end, grid) - _first_point(start, grid), 0)


def _first_point(at: datetime, grid: timedelta) -> int:
    return -(-(at - EPOCH) // grid)


def _candidate_starts(search: SlotSearch, calendars: Calendars) -> int:
    """Return the starts from which the candidate has time for the stage, or for its first day."""
    for board in boards(search, calendars, DEFAULT):
        sets = [
            board.everything,
            *(board.parts(board.everything) if search.plan.most_days > 1 else ()),
        ]
        shortest = min(board.ticks.tight(items) for items in sets)
        grid = board.ground.grid(board.ticks.grid)
        return (grid & board.ground.lasting(shortest)).bit_count()
    return 0


def _loose_starts(search: SlotSearch, calendars: Calendars) -> int:
    """Return how many starts there are when people may sit twice."""
    found: set[datetime] = set()
    for board in boards(search, calendars, DEFAULT):
        starts = loose_starts(board, board.table(board.plain_starts))
        found.update(board.ground.moment(start) for start in indexes(starts))
    return len(found)


def _with_nothing_on(person: Person) -> Person:
    interviewer = replace(person.interviewer, limit=NO_LIMIT)
    return replace(person, interviewer=interviewer, busy=(), version="")


def _has_empty_seat(interview: PlannedInterview, search: SlotSearch) -> bool:
    return any(
        not rule.is_optional and rule.eligible.isdisjoint(search.people) for rule in interview.seats
    )
