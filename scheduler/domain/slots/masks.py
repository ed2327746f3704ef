"""Sets of ticks as integers, so that one operation looks at every tick at once.

A tick is 5 minutes. Bit i of a mask stands for the i-th tick of a horizon: AND is "both", OR is
"either", and a shift moves every time by the same length. Four weeks are 8,064 bits, and Python
adds, ANDs and shifts such a number in a fraction of a microsecond.

Invariant: a mask never claims more than is true. What is free is rounded inward to whole ticks,
what is busy is rounded outward.

A worked example. Somebody is free for ticks 1 to 4 and 6 to 7, and an interview takes 2 ticks:

>>> free = 0b11011110
>>> list(indexes(runs(free, 2)))
[1, 2, 3, 6]

It can start wherever the tick itself and the one after it are free: `free & free >> 1`. For three
ticks that is ANDed once more with itself, shifted by what is still missing; a length of n takes
about log2 n steps, since what is known to be free doubles each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from scheduler.domain.plan import TICK
from scheduler.domain.timespan import TimeSpan

TICKS_A_DAY = timedelta(days=1) // TICK
SECONDS_A_TICK = int(TICK.total_seconds())

Ticks = tuple[int, int]
"""A stretch of ticks, half-open."""


@dataclass(frozen=True, slots=True)
class Horizon:
    """The ticks that masks are about: whole UTC days, so that it stays the same all day long."""

    first: int
    """The number of the first tick since the UTC epoch."""
    count: int

    @classmethod
    def around(cls, window: TimeSpan) -> Horizon:
        """Return the days that `window` touches."""
        first = tick_at_or_before(window.start) // TICKS_A_DAY
        last = -(-tick_at_or_after(window.end) // TICKS_A_DAY)
        return cls(first * TICKS_A_DAY, (last - first) * TICKS_A_DAY)

    @property
    def everything(self) -> int:
        return (1 << self.count) - 1

    @property
    def span(self) -> TimeSpan:
        return TimeSpan(moment_of(self.first), moment_of(self.first + self.count))

    def within(self, start: datetime, end: datetime) -> Ticks:
        """Return the ticks that lie wholly between two moments."""
        return self._cut(tick_at_or_after(start), tick_at_or_before(end))

    def touched(self, start: datetime, end: datetime) -> Ticks:
        """Return the ticks that are touched between two moments."""
        return self._cut(tick_at_or_before(start), tick_at_or_after(end))

    def moment(self, index: int) -> datetime:
        return moment_of(self.first + index)

    def _cut(self, start: int, end: int) -> Ticks:
        return max(start - self.first, 0), min(end - self.first, self.count)


def tick_at_or_before(moment: datetime) -> int:
    return int(moment.timestamp() // SECONDS_A_TICK)


def tick_at_or_after(moment: datetime) -> int:
    return -int(-moment.timestamp() // SECONDS_A_TICK)


def moment_of(tick: int) -> datetime:
    return datetime.fromtimestamp(tick * SECONDS_A_TICK, UTC)


def ticks_to_cover(length: timedelta) -> int:
    return -(-length // TICK)


def stretch(start: int, end: int) -> int:
    """Return the mask of the ticks from `start` up to `end`; none when that is not after it."""
    return (1 << end) - (1 << start) if start < end else 0


def stretches(ranges: Iterable[Ticks], count: int) -> int:
    """Return the mask of all these ranges.

    Ranges that do not touch are the sum of 2^end less the sum of 2^start: two arrays with a bit for
    each end, and a single subtraction for all of them.
    """
    starts, ends = bytearray(count // 8 + 1), bytearray(count // 8 + 1)
    for start, end in _joined(ranges):
        starts[start >> 3] |= 1 << (start & 7)
        ends[end >> 3] |= 1 << (end & 7)
    return int.from_bytes(ends, "little") - int.from_bytes(starts, "little")


def _joined(ranges: Iterable[Ticks]) -> Iterator[Ticks]:
    begun = reached = -1
    for start, end in sorted(ranges):
        if start >= end:
            continue
        if start > reached:
            if begun < reached:
                yield begun, reached
            begun = start
        reached = max(reached, end)
    if begun < reached:
        yield begun, reached


def runs(mask: int, length: int) -> int:
    """Return the ticks from which `length` ticks in a row are in `mask`."""
    known = 1
    while known < length:
        step = min(known, length - known)
        mask &= mask >> step
        known += step
    return mask


def reaching_back(mask: int, length: int) -> int:
    """Return the ticks from which one of the next `length` ticks, itself the first, is in `mask`."""
    known = 1
    while known < length:
        step = min(known, length - known)
        mask |= mask >> step
        known += step
    return mask


def reaching_on(mask: int, length: int) -> int:
    """Return the ticks for which one of the `length` ticks up to it, itself the last, is in `mask`."""
    known = 1
    while known < length:
        step = min(known, length - known)
        mask |= mask << step
        known += step
    return mask


def at_least(masks: Iterable[int], most: int, everything: int) -> list[int]:
    """Return for each number 0 to `most` the ticks that are in at least so many of `masks`."""
    counts = [everything] + [0] * most
    for mask in masks:
        for number in range(most, 0, -1):
            counts[number] |= counts[number - 1] & mask
    return counts


def indexes(mask: int) -> Iterator[int]:
    """Yield the set bits of `mask`, lowest first."""
    base = 0
    for byte in mask.to_bytes((mask.bit_length() + 7) // 8, "little"):
        while byte:
            lowest = byte & -byte
            yield base + lowest.bit_length() - 1
            byte ^= lowest
        base += 8


def mask_of(bits: Iterable[int]) -> int:
    """Return the mask with these bits, each given once."""
    return sum(1 << bit for bit in bits)


def union(masks: Iterable[int]) -> int:
    """Return what is in any of some masks."""
    found = 0
    for mask in masks:
        found |= mask
    return found


def lowest(mask: int) -> int:
    """Return the lowest bit that is set; -1 when none is."""
    return (mask & -mask).bit_length() - 1
