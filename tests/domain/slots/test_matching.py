from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.slots.matching import cheapest_matching, prices_of

fairly = settings(max_examples=300, deadline=None, derandomize=True, database=None)
Rows = list[list[tuple[int, int | None]]]
COLUMNS = st.sampled_from([None, 0, 1, 2, 3, 4])
ROWS = st.lists(
    st.dictionaries(COLUMNS, st.sampled_from([-2, 0, 1, 2, 3, 9])).map(
        lambda costs: sorted(((cost, column) for column, cost in costs.items()), key=lambda c: c[0])
    ),
    min_size=1,
    max_size=5,
)


def all_costs(rows: Rows) -> list[int]:
    """Return what every way to give all rows different columns costs."""
    found = []
    for ways in product(*rows):
        taken = [column for _, column in ways if column is not None]
        if len(set(taken)) == len(taken):
            found.append(sum(cost for cost, _ in ways))
    return found


@fairly
@given(ROWS)
def test_it_is_the_cheapest_of_all_and_its_prices_prove_it(rows: Rows) -> None:
    tried = all_costs(rows)
    found = cheapest_matching(rows)
    if found is None:
        assert not tried
        return
    assert found.cost == min(tried)
    taken = [column for column in found.columns if column is not None]
    assert len(set(taken)) == len(taken)
    assert found.cost == sum(
        {column: cost for cost, column in row}[own]
        for row, own in zip(rows, found.columns, strict=True)
    )
    prices = prices_of(rows, found)
    assert all(price > 0 for price in prices.values())
    # Were everybody free to choose, and each column's price paid, nobody would do better.
    bound = sum(
        min(cost + (0 if column is None else prices.get(column, 0)) for cost, column in row)
        for row in rows
    )
    assert bound - sum(prices.values()) == found.cost


@fairly
@given(ROWS, st.integers(-5, 20))
def test_nothing_comes_back_that_is_not_below_the_bound(rows: Rows, bound: int) -> None:
    found = cheapest_matching(rows, bound)
    below = [cost for cost in all_costs(rows) if cost < bound]
    assert (found.cost if found else None) == min(below, default=None)
