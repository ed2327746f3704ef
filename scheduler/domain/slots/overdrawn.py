"""People who are too few for the seats that lean on them.

A group is overdrawn when more seats can be taken by nobody else than it has people. Seats can be
given to different people exactly when no group is (Hall's marriage theorem); the attempt to do so
either succeeds, or names a group that is.

Three seats, one after the other: in the first only Ada can sit, in the second Ada or Ben, in the
third Ben. Matching the seats fails at the third, and names the group that is overdrawn:

>>> ada, ben = 0b01, 0b10
>>> overdrawn([ada, ada | ben, ben]) == ada | ben
True
>>> overdrawn([ada, ada | ben]) is None
True
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

Group = int
"""A set of people: bit i stands for the i-th of those whom the seats want."""


def overdrawn(seats: Sequence[Group]) -> Group | None:
    """Return people who are all that more seats than they are can have; None if there are none.

    `seats` says who can take each. Small choices are matched first, so that the group is small.
    """
    taken: dict[Group, int] = {}
    for seat in sorted(range(len(seats)), key=lambda number: seats[number].bit_count()):
        reached, came_from, waiting = 0, dict[Group, int](), [seat]
        free = 0
        for here in waiting:
            for person in _members(seats[here] & ~reached):
                came_from[person] = here
                if person not in taken:
                    free = person
                    break
                reached |= person
                waiting.append(taken[person])
            if free:
                break
        if not free:
            return reached
        while free:
            here = came_from[free]
            before = next((person for person, other in taken.items() if other == here), 0)
            taken[free], free = here, before
    return None


def _members(group: Group) -> Iterator[Group]:
    while group:
        lowest = group & -group
        yield lowest
        group ^= lowest


class Failure(NamedTuple):
    """Who could take each seat on a way, and people who are too few for the seats that lean on them."""

    seats: list[Group]
    group: Group

    def is_ruled_out_by(self, group: Group) -> bool:
        return sum(not seat & ~group for seat in self.seats) > group.bit_count()


def what_rules_out(
    failed: dict[int, list[Failure]],
) -> Iterator[tuple[list[Group], list[int]]]:
    """Yield groups which rule out what lanes have tried, one way or two, with these lanes."""
    left = dict(failed)
    while left:
        group, lanes = _most_telling({lane: ways[0] for lane, ways in left.items()})
        others = ((lane, way) for lane in lanes for way in left.pop(lane)[1:])
        not_yet = {lane: way for lane, way in others if not way.is_ruled_out_by(group)}
        yield [group, _most_telling(not_yet)[0]] if not_yet else [group], lanes


def _most_telling(failed: dict[int, Failure]) -> tuple[Group, list[int]]:
    """Return the group that rules out the ways of most lanes, and these lanes."""
    groups = dict.fromkeys(way.group for way in failed.values())
    ruled_out = {
        group: [lane for lane, way in failed.items() if way.is_ruled_out_by(group)]
        for group in groups
    }
    group = max(groups, key=lambda group: (len(ruled_out[group]), -group.bit_count()))
    return group, ruled_out[group]
