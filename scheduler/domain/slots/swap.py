"""Who else could take a seat, at the same time."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.domain.availability import Obstacle, obstacles, week_load
from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import SeatRule
from scheduler.domain.slots.question import Person, SlotSearch
from scheduler.domain.timespan import TimeSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapOption:
    """Somebody who may sit in the seat, and what stands in the way: `reasons` is empty when free."""

    interviewer_id: InterviewerId
    load_this_week: int
    reasons: tuple[Obstacle, ...]

    @property
    def is_free(self) -> bool:
        return not self.reasons


def swap_options(
    search: SlotSearch, *, span: TimeSpan, rule: SeatRule, taken: frozenset[InterviewerId]
) -> list[SwapOption]:
    """Return everybody of `rule` but those `taken`: free people first, the least loaded first."""
    people = [search.people[id_] for id_ in rule.eligible - taken if id_ in search.people]
    options = {person.interviewer.interviewer_id: _option(person, span) for person in people}

    def rank(person: Person) -> tuple[bool, int, str, InterviewerId]:
        id_ = person.interviewer.interviewer_id
        option = options[id_]
        return not option.is_free, option.load_this_week, person.interviewer.name, id_

    return [options[person.interviewer.interviewer_id] for person in sorted(people, key=rank)]


def _option(person: Person, span: TimeSpan) -> SwapOption:
    on = span.start.astimezone(person.interviewer.zone).date()
    return SwapOption(
        interviewer_id=person.interviewer.interviewer_id,
        load_this_week=week_load(person, on),
        reasons=tuple(obstacles(person, span)),
    )
