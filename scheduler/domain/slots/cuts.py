"""What a loop must not do, learnt from one that failed.

A cut says of each interview how much it counts, by when it starts, and how much all of a loop may
count. Every loop that can be held keeps every cut, so that a cut may rule out what nobody has tried
yet.

A `Count` is what some cuts come to: for each interview its starts by the tally that holding it there
adds, one field for each cut.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

from scheduler.domain.slots.assignment import Held
from scheduler.domain.slots.tallies import Limits, Table, Tally, add


class Cut(NamedTuple):
    """No more than `limit` of what is counted."""

    counted: tuple[tuple[int, ...], ...]
    """For each interview masks of the line: it counts one for each that it starts in."""
    limit: int

    def is_broken_by(self, layout: Sequence[Held]) -> bool:
        return sum(mask >> at & 1 for k, at in layout for mask in self.counted[k]) > self.limit


class Verdict(NamedTuple):
    """Which starts have a way that can be held, and the cuts that rule out those of the others."""

    held: dict[int, list[Held]]
    ruled_out: list[tuple[list[Cut], list[int]]]


class Judge(Protocol):
    """Says whether people can be found for ways to hold a loop, and if not, why."""

    field: int
    """How many bits the count of a cut has in a tally, with the guard."""

    def judged(self, ways: Mapping[int, Sequence[list[Held]]]) -> Verdict:
        """Judge one way or several from each of these starts.

        Every start is either held or ruled out; of those that are, the first way breaks a cut. So
        nothing is tried twice.
        """
        ...


@dataclass(frozen=True, eq=False)
class Count:
    """Some cuts, and what holding each interview adds to a tally; the lowest `free` bits are not theirs."""

    field: int
    free: int
    limits: tuple[int, ...]
    options: list[Table]
    """For each interview its starts, by what they add."""
    least: list[Tally]
    """For each interview the least that it adds, count by count."""
    most: list[Tally]

    @classmethod
    def of(cls, starts: Sequence[int], *, field: int, free: int) -> Count:
        """Return the count of no cut, where interviews can start so."""
        nothing = [0] * len(starts)
        return cls(
            field, free, (), [{0: mask} if mask else {} for mask in starts], nothing, nothing
        )

    def with_cuts(self, cuts: Sequence[Cut], laid: Callable[[int], int]) -> Count:
        """Return the count with more cuts, whose masks `laid` puts where the starts are."""
        count = self
        for cut in cuts:
            count = count._with_cut(cut, laid)
        return count

    def _with_cut(self, cut: Cut, laid: Callable[[int], int]) -> Count:
        shift = self.free + self.field * len(self.limits)
        options, least, most = list[Table](), list[Tally](), list[Tally]()
        for k, known in enumerate(self.options):
            for mask in cut.counted[k]:
                counts, split = laid(mask), Table()
                for tally, starts in known.items():
                    add(split, tally, starts & ~counts)
                    add(split, tally + (1 << shift), starts & counts)
                known = split
            added = [tally >> shift for tally in known] or [0]
            options.append(known)
            least.append(self.least[k] + (min(added) << shift))
            most.append(self.most[k] + (max(added) << shift))
        return Count(self.field, self.free, (*self.limits, cut.limit), options, least, most)

    @cached_property
    def limited(self) -> Limits:
        """Return what tallies may be."""
        return Limits(self.limits, self.least, self.most, field=self.field, free=self.free)

    def added(self, layout: Sequence[Held]) -> Tally:
        """Return what holding interviews there adds up to."""
        return sum(
            next(tally for tally, starts in self.options[k].items() if starts >> at & 1)
            for k, at in layout
        )
