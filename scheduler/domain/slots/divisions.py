"""People given to seats, each to one only, so that nobody can be wanted twice.

What a loop finds with people divided so is real, and one table looks at all days at once. Where a
loop takes one day, each day has a division of its own: a cheapest matching gives every seat somebody
who has much time for it then, whoever is left goes where they add the most. Dice make each round
another.

Invariant: nobody is given to two seats of what one loop can touch.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from scheduler.domain.people import InterviewerId
from scheduler.domain.slots.board import Board
from scheduler.domain.slots.matching import cheapest_matching
from scheduler.domain.slots.seating import Chair

SCALE = 100
Free = dict[InterviewerId, int]


class Divisions:
    """Rounds of dividing the people of some seats, aimed at starts that are still in doubt."""

    def __init__(self, board: Board, chairs: Sequence[Chair]) -> None:
        self._board = board
        self._chairs = chairs
        self._people = sorted(frozenset[InterviewerId]().union(*(each.people for each in chairs)))
        self._dice = random.Random(5)  # noqa: S311  # nothing secret; the same every time
        days = [plot.mask for plot in board.ground.plots]
        self._areas = days if board.search.plan.most_days == 1 else [board.ground.everything]
        """What a loop can touch."""
        self._free: dict[int, list[Free]] = {}

    def starts(self, doubted: int) -> list[int]:
        """Return when each interview can start, with people divided anew wherever there is doubt."""
        given = [0] * len(self._chairs)
        for area in self._areas:
            if doubted & area:
                for number, mask in enumerate(self._divide(self._free_in(area))):
                    given[number] |= mask
        starts = list(self._board.starts)
        for chair, mask in zip(self._chairs, given, strict=True):
            starts[chair.interview] &= mask
        return starts

    def _divide(self, free: Sequence[Free]) -> list[int]:
        """Return when each seat is taken by those who are given to it; nothing when some stays empty."""
        matching = cheapest_matching([self._choices(each) for each in free])
        if matching is None:
            return []
        taken = [
            each[person] if person is not None else 0
            for each, person in zip(free, matching.columns, strict=True)
        ]
        for person in self._people:
            if person not in matching.columns:
                number = max(
                    range(len(free)), key=lambda n: self._gain(free[n].get(person, 0), taken[n])
                )
                taken[number] |= free[number].get(person, 0)
        return taken

    def _choices(self, free: Free) -> list[tuple[int, InterviewerId | None]]:
        """Return who could take a seat: those with the most time for it are cheap, more or less."""
        most = max((mask.bit_count() for mask in free.values()), default=1)
        roll = self._dice.uniform
        found = [
            (round(SCALE * (1 - mask.bit_count() / most) * roll(0.3, 1.7) + roll(0, 20)), person)
            for person, mask in free.items()
        ]
        return [*sorted(found)]

    def _gain(self, free: int, taken: int) -> float:
        return (free & ~taken).bit_count() / (1 + taken.bit_count()) * self._dice.uniform(0.5, 1.5)

    def _free_in(self, area: int) -> list[Free]:
        known = self._free.get(area)
        if known is None:
            known = self._free[area] = [self._free_for(chair, area) for chair in self._chairs]
        return known

    def _free_for(self, chair: Chair, area: int) -> Free:
        k, seating = chair.interview, self._board.seating
        wanted = self._board.starts[k] & area
        masks = ((person, seating.person_starts(person, k) & wanted) for person in chair.people)
        return {person: mask for person, mask in sorted(masks) if mask}
