"""The door to the slot search: when can this stage be held, by whom, and does that still hold?

Only what a slot's times are may reach a candidate; everything else here is the recruiter's.
"""

from __future__ import annotations

from collections.abc import Sequence

from scheduler.domain.availability import free_spans, obstacles
from scheduler.domain.people import InterviewerId
from scheduler.domain.slots.loops import Loops, candidate_days
from scheduler.domain.slots.masks import StartGrid, indexes
from scheduler.domain.slots.offer import nearest, offered
from scheduler.domain.slots.problems import problems, time_problems
from scheduler.domain.slots.question import SlotSearch
from scheduler.domain.slots.slot import Slot
from scheduler.domain.slots.staffing import Staffing
from scheduler.domain.timespan import TimeSpan

__all__ = ["find_slots", "nearest", "offered", "problems", "staff"]


def find_slots(search: SlotSearch) -> list[Slot]:
    """Return a staffed slot for every start at which the stage can be held, earliest first.

    Of the ways to hold a loop from one start, it is one with the least waiting.
    """
    loops = loops_of(search)
    staffing = Staffing(search)
    found: dict[int, Slot] = {}
    doubted: set[int] = set()
    unsettled = loops.starts()
    tightest_first = loops.tightest_first(lambda: unsettled)
    for offsets, starts in tightest_first:
        for index in indexes(starts):
            spans = loops.spans(index, offsets)
            slot = staffing.slot(spans, loops.free_at(index, offsets))
            if slot is not None:
                found[index] = slot
                unsettled ^= 1 << index
            elif index not in doubted:
                doubted.add(index)
                # With other gaps it may still work, unless it does not even when all choose freely.
                if staffing.slot(spans, loops.free_whenever(index)) is None:
                    unsettled ^= 1 << index
    return [found[index] for index in sorted(found)]


def staff(search: SlotSearch, spans: Sequence[TimeSpan]) -> Slot | None:
    """Return the best staffed slot at exactly these times, or None when that breaks a rule.

    The times need not lie on the grid: a recruiter may choose what we would not propose.
    """
    if time_problems(search, spans):
        return None
    free = [
        {
            person
            for rule in interview.seats
            for person in rule.eligible
            if can_interview(search, person, span)
        }
        for interview, span in zip(search.plan.interviews, spans, strict=True)
    ]
    return Staffing(search).slot(spans, free)


def can_interview(search: SlotSearch, interviewer_id: InterviewerId, span: TimeSpan) -> bool:
    person = search.people.get(interviewer_id)
    return person is not None and not obstacles(person, span)


def loops_of(search: SlotSearch) -> Loops:
    free = {id_: free_spans(search.people[id_], search.window) for id_ in eligible_people(search)}
    grid = StartGrid.of(search.window)
    return Loops(search.plan, grid, days=candidate_days(search), free=free)


def eligible_people(search: SlotSearch) -> set[InterviewerId]:
    """Return everybody who may sit somewhere in the plan, and whom the search knows."""
    return {
        person
        for interview in search.plan.interviews
        for rule in interview.seats
        for person in rule.eligible
        if person in search.people
    }
