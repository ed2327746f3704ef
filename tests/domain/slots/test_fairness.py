"""What the term of fairness promises, in the words of `question`: who sits is not too far ahead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest

from scheduler.domain.people import InterviewerId, LoadLimit
from scheduler.domain.slots.board import FREE_OF_CHARGE
from scheduler.domain.slots.pricing import costs_of_seat
from scheduler.domain.slots.question import Person, SlotSearch, Weights
from scheduler.domain.slots.search import best
from scheduler.domain.slots.swap import SeatAt, swap_options
from scheduler.domain.slots.timing import taken_up
from tests.domain.slots.cast import interview, lead, minutes, person, plan, search, span
from tests.domain.slots.judges.searches import search_of

PEERS = [InterviewerId(number) for number in range(1, 7)]
DAY = span("2026-03-09", "09:00-17:00")
BOOKINGS = 60
WEIGHTS = Weights(fairness=3)


@pytest.mark.parametrize("seed", range(4))
def test_where_all_else_is_equal_a_gap_closes_to_one_and_never_widens(seed: int) -> None:
    dice = Random(seed)  # noqa: S311
    counts = {id_: dice.randint(0, 9) for id_ in PEERS}
    gaps = [_gap(each) for each in _booked_in_turn(counts, {}, Weights(fairness=1), seed)]
    assert gaps[0] > 1
    assert all(later <= max(earlier, 1) for earlier, later in pairwise(gaps))
    assert gaps[-1] <= 1


@pytest.mark.parametrize(("fairness", "most"), [(1, 5), (2, 5), (3, 5), (1, 0)])
def test_a_gap_grows_no_further_than_the_other_terms_are_worth(fairness: int, most: int) -> None:
    """Somebody is liked better than somebody else by at most `most`."""
    liked = {id_: -(most * n // (len(PEERS) - 1)) for n, id_ in enumerate(PEERS)}
    weights = replace(FREE_OF_CHARGE, fairness=fairness, preference=1)
    gaps = [_gap(each) for each in _booked_in_turn(dict.fromkeys(PEERS, 0), liked, weights, 7)]
    assert max(gaps) <= most // fairness + 1
    assert max(gaps) >= most // fairness, "or the bound says little"


def test_nobody_sits_who_is_further_ahead_of_a_peer_than_the_peers_other_terms_tell() -> None:
    compared = 0
    for seed in range(300):
        asked = search_of(seed)
        for ranked in best(asked, top=1, weights=WEIGHTS).slots:
            taken = taken_up(ranked.slot.times.spans)
            for k, part in enumerate(ranked.slot.interviews):
                for filled in part.seats:
                    seat = SeatAt(interview=k, position=filled.position)
                    rule = asked.plan.interviews[k].seats[filled.position]
                    sitting = asked.people[filled.interviewer_id]
                    costs = costs_of_seat(asked, rule, sitting, taken[k], WEIGHTS)
                    for option in swap_options(asked, ranked.slot, seat, weights=WEIGHTS):
                        if option.is_free:
                            peer = asked.people[option.interviewer_id]
                            ahead = sitting.recent - peer.recent
                            others = option.costs.total - option.costs.fairness
                            mine = costs.total - costs.fairness
                            assert WEIGHTS.fairness * ahead <= others - mine, seed
                            compared += ahead != 0
    assert compared > 30


def _booked_in_turn(
    counts: dict[InterviewerId, int],
    liked: Mapping[InterviewerId, int],
    weights: Weights,
    seed: int,
) -> list[dict[InterviewerId, int]]:
    """Return the counts of interviews before and after each booking of peers who are always free."""
    dice, found = Random(seed), [dict(counts)]  # noqa: S311
    for _ in range(BOOKINGS):
        start = DAY.start + minutes(15 * dice.randint(0, 28))
        asked = replace(_asked(counts), preferences=liked, earliest=start)
        [ranked] = best(asked, top=1, weights=weights).slots
        [seat] = ranked.slot.interviews[0].seats
        counts[seat.interviewer_id] += 1
        found.append(dict(counts))
    return found


def _asked(counts: Mapping[InterviewerId, int]) -> SlotSearch:
    people: list[Person] = [
        replace(person(id_, limit=LoadLimit(per_day=99, per_week=99)), recent=recent)
        for id_, recent in counts.items()
    ]
    return search(plan(interview("Screen", 60, lead(*PEERS))), *people, window=DAY)


def _gap(counts: Mapping[InterviewerId, int]) -> int:
    return max(counts.values()) - min(counts.values())
