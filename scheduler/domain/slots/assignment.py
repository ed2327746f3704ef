"""The cheapest way to give seats to people, nobody where they may not sit.

Most often everybody's cheapest choice is free to take, and then it is the answer. Otherwise, where
nobody sits twice, it is the cheapest matching of seats and people. Where people may repeat, seats are
filled one by one, and a way is given up when it cannot become cheaper: such plans are rare.

Invariant: what comes back is the least cost of all allowed ways below `bound`, or None.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from scheduler.domain.people import InterviewerId
from scheduler.domain.slots.matching import cheapest_matching
from scheduler.domain.slots.seating import Option

Held = tuple[int, int]
"""An interview, and the position at which it is held."""
MaySit = Callable[[InterviewerId, Sequence[Held], Held], bool]
"""May a person who sits in these interviews sit in one more?"""


class Place(NamedTuple):
    """A seat to fill at a known time; its options are in order of cost."""

    held: Held
    options: Sequence[Option]
    kind: int = 0
    """The same number for places with the same options."""


class Assignment(NamedTuple):
    cost: int
    people: tuple[InterviewerId | None, ...]
    """One for each place, in order; None for a seat that stays empty."""


def only_once(_: InterviewerId, sitting: Sequence[Held], __: Held) -> bool:
    return not sitting


class SittingRule(Protocol):
    """In what somebody may sit together, with what a search wants to know of that beforehand."""

    @property
    def may_sit(self) -> MaySit: ...

    def most(self, id_: InterviewerId, first: int, last: int) -> int:
        """Return in how many interviews that start at such positions somebody can sit at most."""
        ...

    def alike(self, held: Held) -> object:
        """Return the same for interviews in which the rule is the same for everybody."""
        ...


class OnlyOnce:
    """Nobody sits twice."""

    may_sit = staticmethod(only_once)

    def most(self, _: InterviewerId, __: int, ___: int) -> int:
        return 1

    def alike(self, _: Held) -> object:
        return None


def assign(places: Sequence[Place], bound: int, may_sit: MaySit = only_once) -> Assignment | None:
    """Return the cheapest assignment that costs less than `bound`."""
    if may_sit is only_once:
        found = cheapest_matching([place.options for place in places], bound)
        return Assignment(found.cost, found.columns) if found else None
    if not all(place.options for place in places):
        return None
    if sum(place.options[0][0] for place in places) >= bound:
        return None
    search = _Search(places, bound, may_sit)
    return search.first_choices() or search.run()


class _Search:
    def __init__(self, places: Sequence[Place], bound: int, may_sit: MaySit) -> None:
        self._places = places
        self._may_sit = may_sit
        self._best: Assignment | None = None
        self._bound = bound
        self._sitting: dict[InterviewerId, list[Held]] = {}
        self._people: list[InterviewerId | None] = [None] * len(places)

    def first_choices(self) -> Assignment | None:
        """Return an assignment in which every place has a choice of least cost, if one is at hand."""
        total = 0
        for number, place in enumerate(self._places):
            least = place.options[0][0]
            for cost, person in place.options:
                if cost == least and self._sit(number, person):
                    total += cost
                    break
            else:
                self._forget()
                return None
        return Assignment(total, tuple(self._people))

    def run(self) -> Assignment | None:
        order = sorted(range(len(self._places)), key=lambda n: len(self._places[n].options))
        rest = [0]
        for number in reversed(order):
            rest.append(rest[-1] + self._places[number].options[0][0])
        self._fill(order, 0, 0, rest[::-1])
        return self._best

    def _fill(self, order: Sequence[int], at: int, cost: int, rest: Sequence[int]) -> None:
        if at == len(order):
            self._best, self._bound = Assignment(cost, tuple(self._people)), cost
            return
        number = order[at]
        for more, person in self._places[number].options:
            if cost + more + rest[at + 1] >= self._bound:
                return
            if self._sit(number, person):
                self._fill(order, at + 1, cost + more, rest)
                self._stand_up(number)

    def _sit(self, number: int, person: InterviewerId | None) -> bool:
        held = self._places[number].held
        if person is not None:
            sitting = self._sitting.setdefault(person, [])
            if not self._may_sit(person, sitting, held):
                return False
            sitting.append(held)
        self._people[number] = person
        return True

    def _stand_up(self, number: int) -> None:
        person = self._people[number]
        if person is not None:
            self._sitting[person].pop()
        self._people[number] = None

    def _forget(self) -> None:
        self._sitting.clear()
        self._people = [None] * len(self._places)
