"""What the search and the sweep must say alike of any question."""

from __future__ import annotations

from scheduler.domain.slots.question import SlotSearch
from scheduler.domain.slots.search import best, start_times
from scheduler.domain.slots.slot import Ranking
from tests.domain.slots.judges.sweep import Sweep

TOP = 3


def agreed_ranking(asked: SlotSearch, seed: int) -> Ranking:
    """Hold starts, cheapest slots, bound and every cost against the sweep; return the cheapest slots."""
    sweep = Sweep(asked)
    cheapest = sweep.cheapest()

    assert start_times(asked) == sorted(cheapest), seed

    ranking = best(asked, top=TOP)
    found = [(each.costs.total, each.slot.span.start) for each in ranking.slots]
    assert found == sorted((cost, start) for start, cost in cheapest.items())[:TOP], seed
    assert ranking.is_proven, seed
    assert ranking.lower_bound == min(cheapest.values(), default=None), seed
    for each in ranking.slots:
        assert sweep.costs(each.slot) == each.costs, seed
    return ranking
