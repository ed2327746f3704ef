"""How many starts are left after each condition: what a recruiter reads when there is nothing to offer."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.domain.availability import blocked_spans, working_hours
from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import PlannedInterview
from scheduler.domain.slots.loops import FreeSpans, Loops, candidate_days, tightest_length
from scheduler.domain.slots.masks import NO_TIME, StartGrid
from scheduler.domain.slots.question import SlotSearch
from scheduler.domain.slots.search import eligible_people, find_slots
from scheduler.domain.timespan import TimeSpan, subtract


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


def funnel(search: SlotSearch) -> Funnel:
    """Return how many starts survive each condition."""
    grid = StartGrid.of(search.window)
    people = {id_: search.people[id_] for id_ in sorted(eligible_people(search))}
    hours: FreeSpans = {
        id_: working_hours(person.interviewer, search.window) for id_, person in people.items()
    }
    calm: FreeSpans = {
        id_: subtract(hours[id_], blocked_spans(person, search.window))
        for id_, person in people.items()
        if person.busy is not None
    }
    days = candidate_days(search)
    return Funnel(
        grid_starts=grid.count,
        after_notice=_starts_after_notice(grid, search),
        candidate_free=grid.starts(days, tightest_length(search.plan)).bit_count(),
        in_hours=Loops(search.plan, grid, days=days, free=hours).starts().bit_count(),
        nobody_busy=Loops(search.plan, grid, days=days, free=calm).starts().bit_count(),
        feasible=len(find_slots(search)),
        empty_seats=tuple(
            interview.title
            for interview in search.plan.interviews
            if _has_empty_seat(interview, search)
        ),
        unknown=tuple(id_ for id_, person in people.items() if person.busy is None),
    )


def _starts_after_notice(grid: StartGrid, search: SlotSearch) -> int:
    start = max(search.window.start, search.earliest)
    if start >= search.window.end:
        return 0
    return grid.starts([TimeSpan(start, search.window.end)], NO_TIME).bit_count()


def _has_empty_seat(interview: PlannedInterview, search: SlotSearch) -> bool:
    return any(
        not rule.is_optional and rule.eligible.isdisjoint(search.people) for rule in interview.seats
    )
