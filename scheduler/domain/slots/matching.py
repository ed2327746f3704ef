"""The cheapest matching of rows and columns (the Hungarian method), with the prices that prove it.

Every row gets a column of its own. Rows are matched one after the other, each by the cheapest chain
of exchanges, and every column has a price at which all rows are content with what they have. The
prices are of use by themselves: whoever many rows want has a price above 0, and rows that pay it
show what is certain to be lost by wanting the same column.

Invariant: for all rows and columns, `cost + price >= worth of the row`, and equal where matched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

IMPOSSIBLE = 1 << 40


class Matching(NamedTuple):
    cost: int
    columns: tuple[int, ...]
    """For each row, which column it has."""
    prices: tuple[int, ...]
    """For each column, 0 or more."""


def cheapest_matching(costs: Sequence[Sequence[int]]) -> Matching | None:
    """Return the cheapest matching of all rows, or None when some row stays without a column.

    There are at least as many columns as rows; IMPOSSIBLE is the cost of what must not be matched.
    """
    width = len(costs[0]) if costs else 0
    worth, prices = [0] * (len(costs) + 1), [0] * (width + 1)
    row_of, came_from = [0] * (width + 1), [0] * (width + 1)
    for row in range(1, len(costs) + 1):
        row_of[0] = row
        column, slack, done = 0, [IMPOSSIBLE * 4] * (width + 1), [False] * (width + 1)
        while row_of[column]:
            done[column] = True
            here, delta, following = row_of[column], IMPOSSIBLE * 4, 0
            line, paid = costs[here - 1], worth[here]
            for j in range(1, width + 1):
                if not done[j]:
                    left = line[j - 1] - paid - prices[j]
                    if left < slack[j]:
                        slack[j], came_from[j] = left, column
                    if slack[j] < delta:
                        delta, following = slack[j], j
            for j in range(width + 1):
                if done[j]:
                    worth[row_of[j]] += delta
                    prices[j] -= delta
                else:
                    slack[j] -= delta
            column = following
        while column:
            row_of[column] = row_of[came_from[column]]
            column = came_from[column]
    columns = [0] * len(costs)
    for j in range(1, width + 1):
        if row_of[j]:
            columns[row_of[j] - 1] = j - 1
    cost = sum(line[column] for line, column in zip(costs, columns, strict=True))
    if cost >= IMPOSSIBLE:
        return None
    return Matching(cost, tuple(columns), tuple(-price for price in prices[1:]))
