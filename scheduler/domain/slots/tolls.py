"""What to charge people whom several seats want, so that looking at seats one at a time is not too hopeful.

Whoever sits pays their toll for each seat. When nobody can sit more often than they are counted, a
true cost is never below the cost with tolls, less all tolls that can be paid. The prices of a
cheapest matching, with everybody there as often as they are counted, make that bound high: of each
person the price is the same however often they are there, and 0 when they are not used up.

Invariant: no way to fill the rows costs less than `least`, when nobody sits more often than counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from scheduler.domain.people import InterviewerId
from scheduler.domain.slots.matching import cheapest_matching, prices_of
from scheduler.domain.slots.seating import Option

MostOf = Callable[[InterviewerId], int]
"""In how many of some seats somebody can sit, or more."""
Once = tuple[InterviewerId, int]
"""Somebody, for the n-th time."""


class Tolls(NamedTuple):
    """A toll for each seat that somebody takes, and what all of them can come to."""

    by_person: Mapping[InterviewerId, int]
    total: int


NO_TOLLS = Tolls({}, 0)


def least_and_tolls(rows: Sequence[Sequence[Option]], most_of: MostOf) -> tuple[int, Tolls] | None:
    """Return what it costs at least to fill the rows, with tolls that show it; None when nobody can."""
    many = {person: most_of(person) for row in rows for _, person in row if person is not None}
    if all(count == 1 for count in many.values()):
        matching = cheapest_matching(rows)
        if matching is None:
            return None
        prices = prices_of(rows, matching)
        return matching.cost, Tolls(prices, sum(prices.values()))
    return _of_people_there_more_often(rows, many)


def _of_people_there_more_often(
    rows: Sequence[Sequence[Option]], many: Mapping[InterviewerId, int]
) -> tuple[int, Tolls] | None:
    longer: list[list[tuple[int, Once | None]]] = [
        [each for option in row for each in _times(option, many)] for row in rows
    ]
    matching = cheapest_matching(longer)
    if matching is None:
        return None
    prices = prices_of(longer, matching)
    tolls = {
        person: min(prices.get((person, n), 0) for n in range(count))
        for person, count in many.items()
        if count and (person, 0) in prices
    }
    total = sum(toll * many[person] for person, toll in tolls.items())
    return matching.cost, Tolls({person: toll for person, toll in tolls.items() if toll}, total)


def _times(option: Option, many: Mapping[InterviewerId, int]) -> list[tuple[int, Once | None]]:
    cost, person = option
    if person is None:
        return [(cost, None)]
    return [(cost, (person, n)) for n in range(many[person])]
