"""Which of the feasible slots somebody is shown.

What a candidate is offered depends on the feasible times alone. Were it to depend on who would
sit there, the choice of times would tell something about the panel.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.domain.slots.slot import Slot


def offered(slots: Iterable[Slot], *, per_day: int, days: int, zone: ZoneInfo) -> list[Slot]:
    """Return what a candidate in `zone` is offered: the first `days` days, `per_day` times spread over each."""
    by_date: dict[date, list[Slot]] = {}
    for slot in _one_each_start(slots):
        by_date.setdefault(slot.span.start.astimezone(zone).date(), []).append(slot)
    shown = [_spread(by_date[on], per_day) for on in sorted(by_date)[: max(days, 0)]]
    return [slot for day in shown for slot in day]


def nearest(slots: Sequence[Slot], wanted: datetime, count: int = 3) -> list[Slot]:
    """Return the `count` slots that start closest to `wanted`, the closest first."""

    def distance(slot: Slot) -> tuple[timedelta, datetime]:
        start = slot.span.start
        return abs(start - wanted), start

    return sorted(slots, key=distance)[: max(count, 0)]


def _one_each_start(slots: Iterable[Slot]) -> list[Slot]:
    by_start: dict[datetime, Slot] = {}
    for slot in sorted(slots, key=lambda slot: (slot.span, slot.key)):
        by_start.setdefault(slot.span.start, slot)
    return list(by_start.values())


def _spread(slots: Sequence[Slot], count: int) -> list[Slot]:
    """Return `count` of one day's slots, in order: the first, then always the one farthest from the rest."""
    left = list(slots)
    chosen: list[Slot] = []
    while left and len(chosen) < count:
        chosen.append(max(left, key=lambda slot: _distance(slot, chosen)) if chosen else left[0])
        left.remove(chosen[-1])
    return sorted(chosen, key=lambda slot: slot.span)


def _distance(slot: Slot, others: Iterable[Slot]) -> timedelta:
    return min(abs(slot.span.start - other.span.start) for other in others)
