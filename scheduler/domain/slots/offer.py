"""Which of the feasible times somebody is shown.

What a candidate is offered depends on the feasible times alone. Were it to depend on who would
sit there, the choice of times would tell something about the panel.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.domain.slots.slot import Times


def offered(times: Iterable[Times], *, per_day: int, days: int, zone: ZoneInfo) -> list[Times]:
    """Return what a candidate in `zone` is offered: the first `days` days, `per_day` times spread over each."""
    by_date: dict[date, list[Times]] = {}
    for each in _one_each_start(times):
        by_date.setdefault(each.span.start.astimezone(zone).date(), []).append(each)
    shown = [_spread(by_date[on], per_day) for on in sorted(by_date)[: max(days, 0)]]
    return [each for day in shown for each in day]


def nearest(times: Sequence[Times], wanted: datetime, count: int = 3) -> list[Times]:
    """Return the `count` times that start closest to `wanted`, the closest first."""

    def distance(each: Times) -> tuple[timedelta, datetime]:
        start = each.span.start
        return abs(start - wanted), start

    return sorted(times, key=distance)[: max(count, 0)]


def _one_each_start(times: Iterable[Times]) -> list[Times]:
    by_start: dict[datetime, Times] = {}
    for each in sorted(times, key=lambda each: (each.span, each.key)):
        by_start.setdefault(each.span.start, each)
    return list(by_start.values())


def _spread(times: Sequence[Times], count: int) -> list[Times]:
    """Return `count` of one day's times, in order: the first, then always the one farthest from the rest."""
    left = list(times)
    chosen: list[Times] = []
    while left and len(chosen) < count:
        chosen.append(max(left, key=lambda each: _distance(each, chosen)) if chosen else left[0])
        left.remove(chosen[-1])
    return sorted(chosen, key=lambda each: each.span)


def _distance(one: Times, others: Iterable[Times]) -> timedelta:
    return min(abs(one.span.start - other.span.start) for other in others)
