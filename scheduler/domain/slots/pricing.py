"""What a slot costs, term by term, from its times and people alone.

No masks here: every rule of the contract's costs is read off the spans. The search prices the same
things in bulk, and tells what it finds in these numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from scheduler.domain.availability import (
    at_wall_time,
    local_date,
    spans_of_hours,
    week_load,
    with_buffers,
)
from scheduler.domain.people import DayHours
from scheduler.domain.plan import SeatRule
from scheduler.domain.slots.question import Costs, Person, SlotSearch, Weights
from scheduler.domain.slots.seating import eligible
from scheduler.domain.slots.slot import Slot
from scheduler.domain.slots.timing import best_layout, loop_days, taken_up
from scheduler.domain.timespan import TimeSpan, merge

A_DAY = timedelta(days=1)


def costs_of(search: SlotSearch, slot: Slot, weights: Weights) -> Costs:
    """Return what a slot that keeps the rules costs."""
    spans = [interview.span for interview in slot.interviews]
    costs = [costs_of_times(search, spans, weights)]
    for planned, interview, span in zip(
        search.plan.interviews, slot.interviews, taken_up(spans), strict=True
    ):
        for filled in interview.seats:
            rule, person = planned.seats[filled.position], search.people[filled.interviewer_id]
            costs.append(costs_of_seat(search, rule, person, span, weights))
        empty = sum(rule.is_optional for rule in planned.seats) - sum(
            planned.seats[filled.position].is_optional for filled in interview.seats
        )
        costs.append(Costs(empty_seats=weights.empty_seat * empty))
    return added(costs)


def costs_of_times(search: SlotSearch, spans: Sequence[TimeSpan], weights: Weights) -> Costs:
    """Return what these times cost, whoever sits there."""
    days = loop_days(search, spans)
    first = search.window.start.astimezone(search.candidate_zone).date()
    last = days[-1][0].span.start.astimezone(search.candidate_zone).date()
    uneasy = sum(
        _is_uneasy(span, search.candidate_comfortable, search.candidate_zone)
        for span in taken_up(spans)
    )
    return Costs(
        days=weights.day * (len(days) - 1),
        late=weights.late * (last - first).days,
        gaps=weights.gap * sum(best_layout(search, day).idle for day in days),
        candidate_comfort=weights.candidate_comfort * uneasy,
    )


def costs_of_seat(
    search: SlotSearch, rule: SeatRule, person: Person, span: TimeSpan, weights: Weights
) -> Costs:
    """Return what it costs that `person` takes a seat at `span`."""
    who = person.interviewer
    load = week_load(person, local_date(person, span.start))
    return Costs(
        load=weights.load * max(load, 0),
        fairness=weights.fairness and weights.fairness * _ahead(search, rule, person),
        preference=weights.preference * search.preferences.get(who.interviewer_id, 0),
        comfort=weights.comfort and weights.comfort * _is_uneasy(span, who.comfortable, who.zone),
        blocks=weights.block * _is_outside_blocks(person, span),
        soft=weights.soft * _meets(span, with_buffers(who, person.soft, span)),
    )


def added(costs: Sequence[Costs]) -> Costs:
    return Costs(**{term: sum(getattr(each, term) for each in costs) for term in Costs.__slots__})


def _ahead(search: SlotSearch, rule: SeatRule, person: Person) -> int:
    """Return how many more recent interviews the person has than the eligible peer with the fewest."""
    peers = (search.people[id_].recent for id_ in eligible(search, rule))
    return person.recent - min([person.recent, *peers])


def _is_uneasy(span: TimeSpan, hours: DayHours | None, zone: ZoneInfo) -> bool:
    if hours is None:
        return False
    on = span.start.astimezone(zone).date()
    # Hours of the day before reach into this one where clocks skip midnight.
    for start, end in (_on_date(hours, zone, on), _on_date(hours, zone, on - A_DAY)):
        if start <= span.start and span.end <= end:
            return False
    return True


@lru_cache(maxsize=1024)
def _on_date(hours: DayHours, zone: ZoneInfo, on: date) -> tuple[datetime, datetime]:
    """Return when these hours begin and end on a date; clocks that skip them may leave nothing."""
    return at_wall_time(on, hours.opens_at, zone), at_wall_time(on, hours.closes_at, zone)


def _is_outside_blocks(person: Person, span: TimeSpan) -> bool:
    who = person.interviewer
    if not who.preferred_blocks and not person.kept_for_interviews:
        return False
    around = span.widened(A_DAY, A_DAY)
    blocks = spans_of_hours(who.preferred_blocks, who.zone, around)
    return not any(block.contains(span) for block in merge((*blocks, *person.kept_for_interviews)))


def _meets(span: TimeSpan, others: Iterable[TimeSpan]) -> bool:
    return any(span.overlaps(other) for other in others)
