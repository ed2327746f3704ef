"""Why a slot does not hold, or no longer: sentences for a recruiter, with names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from scheduler.domain.availability import Obstacle, obstacles
from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import PlannedInterview, SeatKind
from scheduler.domain.slots.loops import candidate_days
from scheduler.domain.slots.question import SlotSearch
from scheduler.domain.slots.slot import Slot, SlotInterview
from scheduler.domain.slots.staffing import OpenSeat, fill_seats
from scheduler.domain.timespan import TimeSpan, hull

SEAT_NAMES = {
    SeatKind.LEAD: "lead",
    SeatKind.SECOND: "second",
    SeatKind.SHADOW: "shadow",
    SeatKind.REVERSE_SHADOW: "reverse shadow",
    SeatKind.OBSERVER: "observer",
}


def problems(search: SlotSearch, slot: Slot) -> list[str]:
    """Return why `slot` cannot be held as it is staffed: nothing when it can."""
    found = time_problems(search, [interview.span for interview in slot.interviews])
    if len(slot.interviews) != len(search.plan.interviews):
        return found
    for planned, interview in zip(search.plan.interviews, slot.interviews, strict=True):
        found += _seat_problems(search, planned, interview)
        found += _people_problems(search, planned.title, interview)
    sitting = Counter(seat.interviewer_id for part in slot.interviews for seat in part.seats)
    found += [
        f"{_name(search, person)} sits in more than one seat."
        for person, seats in sitting.items()
        if seats > 1
    ]
    return found


def time_problems(search: SlotSearch, spans: Sequence[TimeSpan]) -> list[str]:
    """Return what is wrong with these times, whoever may sit there."""
    plan = search.plan
    if len(spans) != len(plan.interviews) or not spans:
        return [f"The plan has {len(plan.interviews)} interviews, and this has {len(spans)}."]
    found = [
        f"{planned.title} does not last as long as the plan says."
        for planned, span in zip(plan.interviews, spans, strict=True)
        if span.length != planned.length
    ]
    for (before, after), planned in zip(pairwise(spans), plan.interviews[1:], strict=True):
        gap = after.start - before.end
        if after.start < before.end:
            found.append(f"{planned.title} starts before the interview ahead of it ends.")
        elif gap < plan.shortest_gap:
            found.append(f"The gap before {planned.title} is shorter than the plan allows.")
        elif gap > plan.longest_gap:
            found.append(f"The gap before {planned.title} is longer than the plan allows.")
    return found + list(_day_problems(search, hull(spans)))


def _day_problems(search: SlotSearch, loop: TimeSpan) -> Iterator[str]:
    if not search.window.contains(loop):
        # Somebody can write a key for the year 9999, where converting between zones fails.
        yield "It lies outside the dates that were searched."
        return
    if loop.start < search.earliest:
        yield "It starts too soon: people would get less notice than promised."
    last_moment = loop.end - datetime.resolution
    days = {at.astimezone(search.candidate_zone).date() for at in (loop.start, last_moment)}
    if len(days) > 1:
        yield "It does not fall on one day where the candidate is."
    elif not any(day.contains(loop) for day in candidate_days(search)):
        yield "The candidate is not available at this time."


def _seat_problems(
    search: SlotSearch, planned: PlannedInterview, interview: SlotInterview
) -> Iterator[str]:
    for kind, name in SEAT_NAMES.items():
        rules = [rule for rule in planned.seats if rule.kind is kind]
        people = [seat.interviewer_id for seat in interview.seats if seat.kind is kind]
        # Optional to the matching, all of them, so that it tells how far it got.
        seats = [OpenSeat(True, _eligible(people, rule.eligible)) for rule in rules]
        placed = fill_seats(seats) or []
        for person in people:
            if person not in placed:
                yield f"{_name(search, person)} has no {name} seat in {planned.title}."
        for rule, person_there in zip(rules, placed, strict=True):
            if person_there is None and not rule.is_optional:
                yield f"Nobody takes the {name} seat of {planned.title}."


def _eligible(
    people: Sequence[InterviewerId], pool: frozenset[InterviewerId]
) -> tuple[InterviewerId, ...]:
    return tuple(person for person in people if person in pool)


def _people_problems(search: SlotSearch, title: str, interview: SlotInterview) -> Iterator[str]:
    for seat in interview.seats:
        person = search.people.get(seat.interviewer_id)
        if person is None:
            yield f"Somebody on the panel of {title} is no longer an interviewer."
            continue
        name = person.interviewer.name
        for obstacle in obstacles(person, interview.span):
            match obstacle:
                case Obstacle.UNKNOWN:
                    yield f"We could not read {name}'s calendar."
                case Obstacle.OUTSIDE_HOURS:
                    yield f"{title} lies outside {name}'s working hours."
                case Obstacle.BUSY:
                    yield f"{name} is busy during {title}, or too close to it."
                case Obstacle.LIMIT:
                    yield f"{name} has no interviews left for that day or week."


def _name(search: SlotSearch, interviewer_id: InterviewerId) -> str:
    person = search.people.get(interviewer_id)
    return person.interviewer.name if person else "Somebody who no longer interviews"
