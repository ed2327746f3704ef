"""Whom the loops that have no slot yet will want, as far as one can tell beforehand.

Of those who cost a loop the same, some are wanted by many others too, and it had better leave them
to those. So whoever is likely to be wanted in a week takes a toll there, until those who want them
have a slot. A loop is likely to be held when it would be alone, by those who are cheapest then, with
the load in mind of all that others are likely to take; that they may clash is not looked at.

One more interview in somebody's week makes each that comes later dearer by the weight of load. Those
can turn to others, though: half of it is what tells best.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from scheduler.domain.people import InterviewerId
from scheduler.domain.slots.calendars import WEEK, Prices
from scheduler.domain.slots.exchange import HeldSeat
from scheduler.domain.slots.question import Person

Week = tuple[InterviewerId, date]
"""A week of somebody's, by its Monday."""


class Demand:
    """How many interviews of whose weeks the loops still to be placed are likely to take."""

    def __init__(
        self, seats: Iterable[HeldSeat], people: Mapping[InterviewerId, Person], load: int
    ) -> None:
        """`seats` are those of each loop alone; `load` is what an interview adds to the next."""
        self._people = people
        self._load = load
        self._wanted = Counter[Week]()
        self._weeks: dict[InterviewerId, set[date]] = {}
        self._of_loop: dict[int, list[Week]] = {}
        for seat in seats:
            self._expect(seat)

    def wanted(self) -> Iterable[InterviewerId]:
        return self._weeks

    def drop(self, loop: int) -> Iterable[InterviewerId]:
        """Expect no more of this loop; return whose tolls that changes."""
        weeks = self._of_loop.pop(loop, [])
        self._wanted.subtract(weeks)
        return [id_ for id_, _ in weeks]

    def tolls(self, id_: InterviewerId) -> Prices:
        """Return what to charge somebody's weeks."""
        return {
            (monday, WEEK): toll
            for monday in self._weeks[id_]
            if (toll := self._load * self._wanted[id_, monday] // 2)
        }

    def _expect(self, seat: HeldSeat) -> None:
        weeks = self._of_loop.setdefault(seat.loop, [])
        taken = {id_ for id_, _ in weeks}
        least, likely = None, None
        for cost, id_ in seat.choices:
            if least is not None and cost >= least:
                break
            if id_ is None:
                least, likely = cost, None
            elif id_ not in taken:
                week = id_, seat.sitting(self._people[id_]).monday
                cost += self._load * self._wanted[week]
                if least is None or cost < least:
                    least, likely = cost, week
        if likely:
            weeks.append(likely)
            self._wanted[likely] += 1
            self._weeks.setdefault(likely[0], set()).add(likely[1])
