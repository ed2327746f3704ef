"""What verifying a slot says, and how chosen times are staffed, as the sweep has it.

Slots that are right are spoilt in every way at hand; some are still right after that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest

from scheduler.domain.plan import RoomId
from scheduler.domain.slots.question import SlotSearch
from scheduler.domain.slots.search import at, at_times, best, problems
from scheduler.domain.slots.slot import FilledSeat, Slot, SlotInterview
from scheduler.domain.timespan import TimeSpan
from tests.domain.slots.judges.searches import on_short_days, search_of
from tests.domain.slots.judges.sweep import Sweep

SEEDS = 160
A_BATCH = 40
SHIFTS = [timedelta(minutes=minutes) for minutes in (-60, -30, -15, -5, 5, 10, 15, 30, 45)]
OF_BOTH_KINDS = [
    *((range(first, first + A_BATCH), search_of) for first in range(0, SEEDS, A_BATCH)),
    (range(80), on_short_days),
]


@pytest.mark.parametrize(("seeds", "search_of"), OF_BOTH_KINDS)
def test_a_spoilt_slot_has_a_problem_exactly_when_it_breaks_a_rule(
    seeds: Sequence[int], search_of: Callable[[int], SlotSearch]
) -> None:
    right = wrong = 0
    for seed in seeds:
        search = search_of(seed)
        if _has_twin_seats(search):
            continue
        sweep = Sweep(search)
        for ranked in best(search, top=1).slots:
            assert problems(search, ranked.slot) == [], seed
            for slot in spoilt(search, ranked.slot, Random(seed)):  # noqa: S311
                keeps_the_rules = sweep.costs(slot, chosen=True) is not None
                assert (problems(search, slot) == []) == keeps_the_rules, (seed, slot)
                right += keeps_the_rules
                wrong += not keeps_the_rules
    assert right > 10
    assert wrong > 30


@pytest.mark.parametrize(("seeds", "search_of"), OF_BOTH_KINDS)
def test_chosen_times_cost_what_the_sweep_says(
    seeds: Sequence[int], search_of: Callable[[int], SlotSearch]
) -> None:
    found = 0
    for seed in seeds:
        search = search_of(seed)
        for ranked in best(search, top=1).slots:
            for spans in shifted(ranked.slot, Random(seed)):  # noqa: S311
                starts = [int(span.start.timestamp()) for span in spans]
                least = Sweep(search, held_at=starts, chosen=True).cheapest().values()
                staffed = at_times(search, spans)
                assert [staffed.costs.total] * bool(least) == [*least] if staffed else not least, (
                    seed,
                    spans,
                )
                found += staffed is not None
    assert found > 10


@pytest.mark.parametrize(("seeds", "search_of"), OF_BOTH_KINDS)
def test_one_start_costs_what_the_sweep_says(
    seeds: Sequence[int], search_of: Callable[[int], SlotSearch]
) -> None:
    for seed in seeds:
        search = search_of(seed)
        cheapest = Sweep(search).cheapest()
        starts: list[datetime] = sorted(cheapest)
        for start in Random(seed).sample(starts, min(2, len(starts))):  # noqa: S311
            ranked = at(search, start)
            assert ranked is not None
            assert (ranked.slot.span.start, ranked.costs.total) == (start, cheapest[start]), seed
            assert problems(search, ranked.slot) == []
            for beside in (start + timedelta(minutes=5), start - timedelta(seconds=1)):
                assert (at(search, beside) is not None) == (beside in cheapest), (seed, beside)


def spoilt(search: SlotSearch, slot: Slot, dice: Random) -> Iterator[Slot]:
    """Yield slots that differ from one in a time, a person, a seat or a room."""
    parts = slot.interviews
    for spans in shifted(slot, dice):
        yield _with_spans(slot, spans)
    for k, part in enumerate(parts):
        for number, seat in enumerate(part.seats):
            for person in dice.sample(sorted(search.people), min(3, len(search.people))):
                yield _with(slot, k, _with_seat(part, number, seat, person))
            yield _with(
                slot, k, replace(part, seats=(*part.seats[:number], *part.seats[number + 1 :]))
            )
        for room in (None, *sorted(search.rooms), RoomId(99)):
            yield _with(slot, k, replace(part, room=room))
        longer = TimeSpan(part.span.start, part.span.end + timedelta(minutes=5))
        yield _with(slot, k, replace(part, span=longer))


def shifted(slot: Slot, dice: Random) -> Iterator[list[TimeSpan]]:
    """Yield the times of a slot, all of them moved, one of them moved, and two swapped."""
    spans = [part.span for part in slot.interviews]
    for by in dice.sample(SHIFTS, 3):
        yield [_moved(span, by) for span in spans]
        k = dice.randrange(len(spans))
        yield [_moved(span, by) if n == k else span for n, span in enumerate(spans)]
    if len(spans) > 1:
        one, other, *rest = spans
        first, second = _moved(one, other.start - one.start), _moved(other, one.start - other.start)
        yield [first, second, *rest]


def _moved(span: TimeSpan, by: timedelta) -> TimeSpan:
    return TimeSpan(span.start + by, span.end + by)


def _with_spans(slot: Slot, spans: Sequence[TimeSpan]) -> Slot:
    return Slot(
        tuple(replace(part, span=span) for part, span in zip(slot.interviews, spans, strict=True))
    )


def _with(slot: Slot, k: int, part: SlotInterview) -> Slot:
    return Slot((*slot.interviews[:k], part, *slot.interviews[k + 1 :]))


def _with_seat(part: SlotInterview, number: int, seat: FilledSeat, person: object) -> SlotInterview:
    changed = replace(seat, interviewer_id=person)  # type: ignore[arg-type]
    return replace(part, seats=(*part.seats[:number], changed, *part.seats[number + 1 :]))


def _has_twin_seats(search: SlotSearch) -> bool:
    """Has an interview two seats of a kind? Then verifying lets people sit in either."""
    return any(
        len({rule.kind for rule in interview.seats}) < len(interview.seats)
        for interview in search.plan.interviews
    )
