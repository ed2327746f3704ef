"""The cheapest way to give rows a column each, and the prices that prove it.

Rows are few and know their choices in order of cost, so that most take their first and are done.
A row whose choices are taken starts a chain: it takes a column, whoever had that takes another, and
so on up to a column that is free. The cheapest chain is taken, and what is matched so far stays the
cheapest. Prices are for those who look at rows one at a time: whoever many rows want has a price
above 0, and rows that pay it show what is certain to be lost by wanting the same column.

Invariant: no exchange among the rows so far makes these cheaper, so that displacing a row never
pays by itself, and a chain is given up as soon as it costs more than the best one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

Column = TypeVar("Column")
UNBOUNDED = 1 << 60


class Matching(NamedTuple, Generic[Column]):
    cost: int
    columns: tuple[Column | None, ...]
    """For each row, which column it has; None where it goes without."""


def cheapest_matching(
    rows: Sequence[Sequence[tuple[int, Column | None]]], bound: int = UNBOUNDED
) -> Matching[Column] | None:
    """Return the cheapest matching of all rows, if there is one that costs less than `bound`.

    A row is its choices, each with its cost, the cheapest first. None is to go without a column,
    and any number of rows may.
    """
    if not all(rows):
        return None
    rest = sum(row[0][0] for row in rows)
    chains, cost = _Chains(rows), 0
    for number, row in enumerate(rows):
        rest -= row[0][0]
        more = chains.add(number, bound - cost - rest)
        if more is None:
            return None
        cost += more
    return Matching(cost, tuple(column for _, column in chains.taken))


def prices_of(
    rows: Sequence[Sequence[tuple[int, Column | None]]], matching: Matching[Column]
) -> dict[Column, int]:
    """Return the least prices, above 0, at which every row is content with the column it has."""
    row_of = {column: row for row, column in enumerate(matching.columns) if column is not None}
    paid = [
        next(cost for cost, column in row if column == own)
        for row, own in zip(rows, matching.columns, strict=True)
    ]
    prices = [0] * len(rows)
    unsettled = list(range(len(rows)))
    while unsettled:
        row = unsettled.pop()
        worth = paid[row] + prices[row]
        for cost, column in rows[row]:
            if cost >= worth:
                break
            holder = row if column is None else row_of.get(column, row)
            if holder != row and worth - cost > prices[holder]:
                prices[holder] = worth - cost
                unsettled.append(holder)
    return {column: prices[row] for column, row in row_of.items() if prices[row]}


class _Chains(Generic[Column]):
    def __init__(self, rows: Sequence[Sequence[tuple[int, Column | None]]]) -> None:
        self._rows = rows
        self._row_of: dict[Column, int] = {}
        self.taken: list[tuple[int, Column | None]] = []

    def add(self, row: int, bound: int) -> int | None:
        """Match one more row; return what that costs, or None if not less than `bound`."""
        reached, came_from = {row: 0}, dict[int, int]()
        least, last, choice = bound, None, self._rows[row][0]
        waiting = [row]
        for here in waiting:
            for more, column in self._rows[here]:
                cost = reached[here] + more
                if cost >= least:
                    break
                holder = None if column is None else self._row_of.get(column)
                if holder is None:
                    least, last, choice = cost, here, (more, column)
                    break
                cost -= self.taken[holder][0]
                if cost < reached.get(holder, least):
                    reached[holder], came_from[holder] = cost, here
                    waiting.append(holder)
        if last is None:
            return None
        self.taken.append(choice)
        self._exchange(last, choice, came_from)
        return least

    def _exchange(
        self, row: int, choice: tuple[int, Column | None], came_from: dict[int, int]
    ) -> None:
        """Let a row take its choice, the one before it what it had, and so on."""
        while True:
            column = choice[1]
            if column is not None:
                self._row_of[column] = row
            before = self.taken[row]
            self.taken[row] = choice
            if row not in came_from:
                return
            row = came_from[row]
            choice = next(each for each in self._rows[row] if each[1] == before[1])
