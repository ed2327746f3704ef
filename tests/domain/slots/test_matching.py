from __future__ import annotations

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.slots.matching import IMPOSSIBLE, cheapest_matching

fairly = settings(max_examples=150, deadline=None, derandomize=True, database=None)
COSTS = st.sampled_from([-2, 0, 1, 2, 3, 9, IMPOSSIBLE])


@fairly
@given(
    st.integers(1, 4).flatmap(
        lambda n: st.lists(st.lists(COSTS, min_size=5, max_size=5), min_size=n, max_size=n)
    )
)
def test_it_is_the_cheapest_of_all_and_its_prices_prove_it(costs: list[list[int]]) -> None:
    tried = [
        sum(line[column] for line, column in zip(costs, columns, strict=True))
        for columns in permutations(range(5), len(costs))
    ]
    found = cheapest_matching(costs)
    if found is None:
        assert min(tried) >= IMPOSSIBLE - 9
        return
    assert found.cost == min(tried)
    assert len(set(found.columns)) == len(costs)
    assert min(found.prices) >= 0
    # Were everybody free to choose, and each column's price paid, nobody would do better.
    bound = sum(
        min(cost + price for cost, price in zip(line, found.prices, strict=True)) for line in costs
    )
    assert bound - sum(found.prices) == found.cost
