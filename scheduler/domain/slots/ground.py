"""The candidate's time as one short line of ticks: what is not theirs is left out.

A loop day has to lie in one stretch of the candidate's time, and these stretches cover little of a
month. Laid end to end they make a line of a few hundred ticks, and every mask of a search is
squeezed onto that line: the further steps work on numbers a tenth as long.

Invariant: a position of the line stands for one tick of the horizon, in order, and positions of one
stretch are adjacent ticks. Where two stretches meet, a run would go over the seam as if no time
had passed; `lasting` says where it does not, and every loop is held against it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from functools import cached_property

from scheduler.domain.availability import at_wall_time, dates_of
from scheduler.domain.plan import Lunch
from scheduler.domain.slots.masks import (
    Horizon,
    Ticks,
    moment_of,
    stretch,
    tick_at_or_after,
    tick_at_or_before,
)
from scheduler.domain.slots.question import SlotSearch
from scheduler.domain.timespan import TimeSpan, merge


def candidate_days(search: SlotSearch) -> list[TimeSpan]:
    """Return the stretches that a whole loop day must lie in: the candidate's windows, cut at their midnights."""
    days: list[TimeSpan] = []
    for offer in merge(search.candidate_windows):
        start = max(offer.start, search.window.start, search.earliest)
        end = min(offer.end, search.window.end)
        if start < end:
            days += _cut_at_midnight(TimeSpan(start, end), search)
    return days


def _cut_at_midnight(span: TimeSpan, search: SlotSearch) -> Iterator[TimeSpan]:
    start = span.start
    for on in dates_of(span, search.candidate_zone):
        midnight = at_wall_time(on, time.min, search.candidate_zone)
        if start < midnight < span.end:
            yield TimeSpan(start, midnight)
            start = midnight
    yield TimeSpan(start, span.end)


@dataclass(frozen=True, slots=True)
class Plot:
    """One stretch of the candidate's time: `at` is the position of its first tick on the line."""

    day: int
    """The index of its date: that of the start of the search is 0."""
    at: int
    ticks: Ticks

    @property
    def end(self) -> int:
        return self.at + self.ticks[1] - self.ticks[0]

    @property
    def mask(self) -> int:
        return stretch(self.at, self.end)


@dataclass(frozen=True, slots=True)
class LunchWindow:
    """The lunch window of a stretch, in positions: rounded inward, and rounded outward."""

    plot: Plot
    inside: Ticks
    around: Ticks


class Ground:
    """The line of the candidate's time, for one search."""

    def __init__(self, search: SlotSearch, horizon: Horizon) -> None:
        self._search = search
        self._horizon = horizon
        self.plots = tuple(self._plots())
        self.length = self.plots[-1].end if self.plots else 0
        self._ats = [plot.at for plot in self.plots]
        self._lasting: dict[int, int] = {}

    @property
    def everything(self) -> int:
        return (1 << self.length) - 1

    @cached_property
    def ticks(self) -> int:
        """Return the ticks of the horizon that the line has a position for."""
        return sum(stretch(*plot.ticks) for plot in self.plots)

    def squeezed(self, mask: int) -> int:
        """Return a mask of the horizon on the line."""
        found = 0
        for plot in self.plots:
            start, end = plot.ticks
            found |= (mask >> start & (1 << end - start) - 1) << plot.at
        return found

    def plot_of(self, position: int) -> Plot:
        return self.plots[bisect_right(self._ats, position) - 1]

    def tick(self, position: int) -> int:
        """Return the tick of the horizon that a position stands for."""
        plot = self.plot_of(position)
        return plot.ticks[0] + position - plot.at

    def moment(self, position: int) -> datetime:
        return self._horizon.moment(self.tick(position))

    def position(self, moment: datetime) -> int | None:
        """Return the position of a tick that starts at `moment`; None when the line has none."""
        tick = tick_at_or_before(moment)
        if moment_of(tick) != moment:
            return None
        tick -= self._horizon.first
        for plot in self.plots:
            if plot.ticks[0] <= tick < plot.ticks[1]:
                return plot.at + tick - plot.ticks[0]
        return None

    def grid(self, step: int) -> int:
        """Return the positions on a grid of `step` ticks, counted from the UTC epoch."""
        found = 0
        for plot in self.plots:
            start, end = plot.ticks
            first = -(self._horizon.first + start) % step
            points = -(-(end - start - first) // step)
            if points > 0:
                found |= ((1 << points * step) - 1) // ((1 << step) - 1) << plot.at + first
        return found

    def lasting(self, length: int) -> int:
        """Return the positions from which `length` ticks stay within one stretch."""
        known = self._lasting.get(length)
        if known is None:
            known = 0
            for plot in self.plots:
                known |= stretch(plot.at, plot.end - length + 1)
            self._lasting[length] = known
        return known

    def day_mask(self, day: int) -> int:
        found = 0
        for plot in self.plots:
            if plot.day == day:
                found |= plot.mask
        return found

    def days(self) -> list[int]:
        """Return the indexes of the days that have a stretch, in order."""
        return sorted({plot.day for plot in self.plots})

    def lunches(self, lunch: Lunch) -> list[LunchWindow]:
        """Return the lunch window of every stretch, also where it lies outside the stretch."""
        zone = self._search.candidate_zone
        found = []
        for plot in self.plots:
            on = self._horizon.moment(plot.ticks[0]).astimezone(zone).date()
            opens, closes = (at_wall_time(on, at, zone) for at in (lunch.opens_at, lunch.closes_at))
            if opens < closes:
                shift = plot.at - plot.ticks[0] - self._horizon.first
                inside = tick_at_or_after(opens) + shift, tick_at_or_before(closes) + shift
                around = tick_at_or_before(opens) + shift, tick_at_or_after(closes) + shift
                found.append(LunchWindow(plot, inside, around))
        return found

    def _plots(self) -> Iterator[Plot]:
        zone, at = self._search.candidate_zone, 0
        first = self._search.window.start.astimezone(zone).date()
        for span in candidate_days(self._search):
            start, end = self._horizon.within(span.start, span.end)
            if start < end:
                on = span.start.astimezone(zone).date()
                yield Plot((on - first).days, at, (start, end))
                at += end - start
