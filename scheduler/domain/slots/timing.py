"""The rules about times, held against chosen times one by one: gaps, lunch, rest, order, days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from scheduler.domain.availability import at_wall_time
from scheduler.domain.plan import TICK, Lunch
from scheduler.domain.slots.ground import candidate_days
from scheduler.domain.slots.loops import PlanTicks
from scheduler.domain.slots.masks import ticks_to_cover
from scheduler.domain.slots.question import SlotSearch
from scheduler.domain.slots.slot import EPOCH
from scheduler.domain.timespan import TimeSpan, hull


@dataclass(frozen=True, slots=True)
class Item:
    """An interview at a time, by its position in the plan; `span` is what it takes up."""

    position: int
    span: TimeSpan


Day = list[Item]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a day can be read: what is wrong with it, and how many ticks of it are spent waiting."""

    faults: tuple[str, ...]
    idle: int


def taken_up(spans: Sequence[TimeSpan]) -> list[TimeSpan]:
    """Return what interviews at these times take up: whole ticks from their start on."""
    return [TimeSpan(span.start, span.start + ticks_to_cover(span.length) * TICK) for span in spans]


def loop_days(search: SlotSearch, spans: Sequence[TimeSpan]) -> list[Day]:
    """Return the interviews at these times, day by day and in order.

    A plan of one day is read as one, wherever its interviews lie.
    """
    items = [Item(k, span) for k, span in enumerate(taken_up(spans))]
    items.sort(key=lambda item: (item.span, item.position))
    if search.plan.most_days == 1:
        return [items]
    days: dict[object, Day] = {}
    for item in items:
        on = item.span.start.astimezone(search.candidate_zone).date()
        days.setdefault(on, []).append(item)
    return list(days.values())


def best_layout(search: SlotSearch, day: Day) -> Layout:
    """Return the reading of a day with the fewest faults, and of these with the least waiting."""
    ticks = PlanTicks.of(search.plan)
    layouts = [
        _layout(search, ticks, day, lunch_after=number)
        for number in (None, *_gaps_for_lunch(search, ticks, day))
    ]
    return min(layouts, key=lambda layout: (len(layout.faults), layout.idle))


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
    if not search.window.contains(hull(spans)):
        # Somebody can write a key for the year 9999, where converting between zones fails.
        found += _order_problems(search, spans)
        return [*dict.fromkeys(found), "It lies outside the dates that were searched."]
    days = loop_days(search, spans)
    found += _order_problems(search, spans)
    for day in days:
        found += best_layout(search, day).faults
    if len(days) > plan.most_days:
        found.append("It takes more days than the plan allows.")
    if min(span.start for span in spans) < search.earliest:
        found.append("It starts too soon: people would get less notice than promised.")
    for day in days:
        found += _candidate_problems(search, hull(item.span for item in day))
    return list(dict.fromkeys(found))


def _candidate_problems(search: SlotSearch, day: TimeSpan) -> Iterator[str]:
    last_moment = day.end - datetime.resolution
    dates = {at.astimezone(search.candidate_zone).date() for at in (day.start, last_moment)}
    if len(dates) > 1:
        yield "It does not fall on one day where the candidate is."
    elif not any(offer.contains(day) for offer in candidate_days(search)):
        yield "The candidate is not available at this time."


def _order_problems(search: SlotSearch, spans: Sequence[TimeSpan]) -> Iterator[str]:
    taken = taken_up(spans)
    for k, followers in enumerate(PlanTicks.of(search.plan).followers):
        for other, planned in enumerate(search.plan.interviews):
            if followers >> other & 1 and taken[other].start < taken[k].end:
                yield _overlap(planned.title)


def _overlap(title: str) -> str:
    return f"{title} starts before the interview ahead of it ends."


def _layout(search: SlotSearch, ticks: PlanTicks, day: Day, *, lunch_after: int | None) -> Layout:
    titles = [search.plan.interviews[item.position].title for item in day]
    shortest, longest = ticks.shortest_gap * TICK, ticks.longest_gap * TICK
    faults, idle = [], 0
    for number, (one, other) in enumerate(pairwise(day)):
        gap, title = other.span.start - one.span.end, titles[number + 1]
        if gap < timedelta(0):
            faults.append(_overlap(title))
        elif gap < shortest:
            faults.append(f"The gap before {title} is shorter than the plan allows.")
        elif gap > longest and number != lunch_after:
            faults.append(f"The gap before {title} is longer than the plan allows.")
        idle += max((gap - shortest) // TICK, 0)
    if lunch_after is None:
        if _lunch_is_due(search, day):
            faults.append("There is no time for lunch.")
    else:
        idle -= ticks.lunch_and_gap
    if _goes_on_too_long(ticks, day, lunch_after):
        faults.append("The candidate gets no rest in time.")
    if day[-1].span.end - day[0].span.start > ticks.longest_day * TICK:
        faults.append("The day is longer than the plan allows.")
    return Layout(tuple(faults), idle)


def _goes_on_too_long(ticks: PlanTicks, day: Day, lunch_after: int | None) -> bool:
    begun = day[0].span.start
    for number, (one, other) in enumerate(pairwise(day)):
        is_rest = number == lunch_after or other.span.start - one.span.end >= ticks.rest * TICK
        if is_rest:
            begun = other.span.start
        elif other.span.end - begun > ticks.rest_after * TICK:
            return bool(ticks.rest)
    return False


def _lunch_is_due(search: SlotSearch, day: Day) -> bool:
    window = _lunch_window(search, day)
    return (
        window is not None and day[0].span.start <= window.start and window.end <= day[-1].span.end
    )


def _gaps_for_lunch(search: SlotSearch, ticks: PlanTicks, day: Day) -> Iterator[int]:
    """Yield the interviews after which there is time for lunch."""
    window = _lunch_window(search, day)
    if window is None:
        return
    shortest, longest = ticks.shortest_gap * TICK, ticks.longest_gap * TICK
    for number, (one, other) in enumerate(pairwise(day)):
        soonest = one.span.end + shortest
        # Latest and earliest are both ends of what the gaps on either side leave.
        earliest = max(soonest, window.start, other.span.start - longest - ticks.lunch * TICK)
        latest = min(
            one.span.end + longest,
            window.end - ticks.lunch * TICK,
            other.span.start - shortest - ticks.lunch * TICK,
        )
        on_grid = EPOCH + -(-(earliest - EPOCH) // search.plan.grid) * search.plan.grid
        if earliest <= soonest <= latest or on_grid <= latest:
            yield number


def _lunch_window(search: SlotSearch, day: Day) -> TimeSpan | None:
    lunch: Lunch | None = search.plan.lunch
    if lunch is None:
        return None
    zone = search.candidate_zone
    on = day[0].span.start.astimezone(zone).date()
    opens, closes = (at_wall_time(on, at, zone) for at in (lunch.opens_at, lunch.closes_at))
    return TimeSpan(opens, closes) if opens < closes else None
