"""Stretches of time, and what is left of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class TimeSpan:
    """A half-open stretch of time, [start, end), kept in UTC.

    Raises ValueError for naive datetimes and for an end that does not come after the start.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.utcoffset() is None or self.end.utcoffset() is None:
            raise ValueError("a TimeSpan needs aware datetimes")
        # Python subtracts two datetimes of one zone by the clock on the wall, and that clock
        # repeats an hour every autumn. In UTC an hour is always an hour.
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "end", self.end.astimezone(UTC))
        if self.end <= self.start:
            raise ValueError("a TimeSpan ends after it starts")

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def overlaps(self, other: TimeSpan) -> bool:
        return self.start < other.end and other.start < self.end

    def contains(self, other: TimeSpan) -> bool:
        return self.start <= other.start and other.end <= self.end

    def widened(self, before: timedelta, after: timedelta) -> TimeSpan:
        """Return this span, `before` earlier and `after` later."""
        return TimeSpan(self.start - before, self.end + after)

    def moved(self, by: timedelta) -> TimeSpan:
        return TimeSpan(self.start + by, self.end + by)


def hull(spans: Iterable[TimeSpan]) -> TimeSpan:
    """Return the shortest span that holds all of `spans`. Raises ValueError when there are none."""
    ordered = list(spans)
    return TimeSpan(min(span.start for span in ordered), max(span.end for span in ordered))


def merge(spans: Iterable[TimeSpan]) -> list[TimeSpan]:
    """Return `spans` in order, with those that touch or overlap made one."""
    merged: list[TimeSpan] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = TimeSpan(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def subtract(free: Iterable[TimeSpan], busy: Iterable[TimeSpan]) -> list[TimeSpan]:
    """Return what is left of `free`, in order, once `busy` is taken out."""
    return list(_subtract(merge(free), merge(busy)))


def _subtract(free: list[TimeSpan], busy: list[TimeSpan]) -> Iterator[TimeSpan]:
    for span in free:
        start = span.start
        for taken in busy:
            if taken.end <= start or taken.start >= span.end:
                continue
            if start < taken.start:
                yield TimeSpan(start, taken.start)
            start = taken.end
            if start >= span.end:
                break
        if start < span.end:
            yield TimeSpan(start, span.end)
