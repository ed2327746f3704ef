"""Points of the start grid as the bits of one integer, so that all starts are tested at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.domain.plan import GRID
from scheduler.domain.slots.slot import EPOCH
from scheduler.domain.timespan import TimeSpan

NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class StartGrid:
    """The grid points of a window. Bit i of a mask stands for the i-th of them."""

    first: datetime
    count: int

    @classmethod
    def of(cls, window: TimeSpan) -> StartGrid:
        """Return the grid points at which something can start inside `window`."""
        first = EPOCH + _points(window.start - EPOCH) * GRID
        return cls(first, max(0, _points(window.end - first)))

    @property
    def all_starts(self) -> int:
        return (1 << self.count) - 1

    def moment(self, index: int) -> datetime:
        return self.first + index * GRID

    def starts(self, spans: Iterable[TimeSpan], length: timedelta) -> int:
        """Return the grid points from which `length` lies inside one of `spans`."""
        return self.starts_after(spans, length, NO_TIME)

    def starts_after(self, spans: Iterable[TimeSpan], length: timedelta, wait: timedelta) -> int:
        """Return the grid points from which, `wait` later, `length` lies inside one of `spans`."""
        mask = 0
        origin = self.first + wait
        for span in spans:
            low = max(_points(span.start - origin), 0)
            high = min((span.end - length - origin) // GRID + 1, self.count)
            if low < high:
                mask |= (1 << high) - (1 << low)
        return mask


def indexes(mask: int) -> Iterator[int]:
    """Yield the set bits of `mask`, lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _points(length: timedelta) -> int:
    """Return how many grid steps it takes to cover `length`."""
    return -(-length // GRID)
