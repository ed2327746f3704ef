"""The search and a minute-by-minute oracle must agree, on everything, always."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.availability import Obstacle, free_spans, obstacles
from scheduler.domain.slots.funnel import funnel
from scheduler.domain.slots.offer import offered
from scheduler.domain.slots.pricing import costs_of
from scheduler.domain.slots.problems import problems
from scheduler.domain.slots.question import SlotSearch
from scheduler.domain.slots.search import DEFAULT, at_times, find_slots, open_times
from scheduler.domain.slots.slot import FilledSeat, Slot, SlotInterview, spans_of
from scheduler.domain.timespan import TimeSpan
from tests.domain.slots.cast import BERLIN, minutes
from tests.domain.slots.instances import searches
from tests.domain.slots.oracle import (
    WEIGHTS,
    Oracle,
    Panel,
    Times,
    free_minutes,
    minute_of,
    moment_of,
)
from tests.domain.slots.oracle import times_of as oracle_times

thoroughly = settings(max_examples=150, deadline=None, derandomize=True, database=None)
fairly = settings(thoroughly, max_examples=60)


@thoroughly
@given(searches())
def test_the_slots_are_the_oracles_slots(search: SlotSearch) -> None:
    expected = [slot_of(search, *found) for found in Oracle(search).slots().values()]
    slots = find_slots(search, weights=WEIGHTS)
    assert [slot.times for slot in slots] == [slot.times for slot in expected]
    assert open_times(search) == [slot.times for slot in expected]
    for slot, wanted in zip(slots, expected, strict=True):
        assert cost_of(search, slot) == cost_of(search, wanted)


@thoroughly
@given(searches(), st.data())
def test_staffing_chosen_times_agrees_with_the_oracle(
    search: SlotSearch, data: st.DataObject
) -> None:
    oracle = Oracle(search)
    spans = data.draw(chosen_times(search))
    panel = oracle.panel(oracle_times(spans))
    found = at_times(search, spans, weights=WEIGHTS)
    if panel is None:
        assert found is None
    else:
        wanted = slot_of(search, oracle_times(spans), panel)
        assert found is not None
        assert found.costs.total == cost_of(search, found.slot) == cost_of(search, wanted)


@thoroughly
@given(searches(), st.data())
def test_a_slot_has_problems_when_the_oracle_would_not_hold_it(
    search: SlotSearch, data: st.DataObject
) -> None:
    oracle = Oracle(search)
    spans = data.draw(chosen_times(search))
    everyone = sorted(search.people)
    panel = [
        data.draw(st.sampled_from(everyone)) for part in search.plan.interviews for _ in part.seats
    ]
    slot = slot_of(search, oracle_times(spans), tuple(panel))
    holds = (
        oracle.times_are_fine(oracle_times(spans))
        and len(set(panel)) == len(panel)
        and all(
            filled.interviewer_id in rule.eligible
            and oracle.can_sit(
                filled.interviewer_id, minute_of(part.span.start), minute_of(part.span.end)
            )
            for planned, part in zip(search.plan.interviews, slot.interviews, strict=True)
            for rule, filled in zip(planned.seats, part.seats, strict=True)
        )
    )
    found = problems(search, slot)
    if any(
        len({rule.kind for rule in part.seats}) < len(part.seats) for part in search.plan.interviews
    ):
        # Two seats of one kind: nothing says who was meant for which, so they may be exchanged.
        assert not (holds and found)
    else:
        assert (found == []) == holds


@fairly
@given(searches())
def test_every_slot_found_can_be_staffed_again_and_has_no_problems(search: SlotSearch) -> None:
    for slot in find_slots(search):
        spans = [part.span for part in slot.interviews]
        staffed = at_times(search, spans)
        assert staffed is not None
        assert staffed.costs.total == costs_of(search, slot, DEFAULT).total
        assert problems(search, slot) == []
        assert spans_of(slot.key, search.plan) == spans


@fairly
@given(searches())
def test_free_spans_are_the_free_minutes(search: SlotSearch) -> None:
    first, last = minute_of(search.window.start), minute_of(search.window.end)
    for person in search.people.values():
        spans = free_spans(person, search.window)
        covered = {
            minute for free in spans for minute in range(minute_of(free.start), minute_of(free.end))
        }
        assert covered == free_minutes(person, first, last)
        assert all(one.end < other.start for one, other in pairwise(spans))


@fairly
@given(searches(), st.data())
def test_somebody_without_obstacles_is_free_and_the_other_way_round(
    search: SlotSearch, data: st.DataObject
) -> None:
    start = search.window.start + minutes(5 * data.draw(st.integers(0, 60)))
    span = TimeSpan(start, start + minutes(5 * data.draw(st.integers(1, 12))))
    for person in search.people.values():
        is_free = any(free.contains(span) for free in free_spans(person, span))
        assert (obstacles(person, span) == []) == is_free
        assert (Obstacle.UNKNOWN in obstacles(person, span)) == (person.busy is None)


@fairly
@given(searches())
def test_the_funnel_only_narrows_and_ends_with_the_slots(search: SlotSearch) -> None:
    seen = funnel(search)
    counts = [
        seen.grid_starts,
        seen.after_notice,
        seen.candidate_free,
        seen.in_hours,
        seen.nobody_busy,
        seen.feasible,
    ]
    assert counts == sorted(counts, reverse=True)
    assert seen.feasible == len(Oracle(search).slots())


@fairly
@given(searches(), st.integers(0, 4), st.integers(0, 2))
def test_an_offer_is_within_its_caps_and_knows_times_only(
    search: SlotSearch, per_day: int, days: int
) -> None:
    shown = offered(open_times(search), per_day=per_day, days=days, zone=BERLIN)
    dates = [times.span.start.astimezone(BERLIN).date() for times in shown]
    assert shown == sorted(shown, key=lambda times: times.span)
    assert len(set(dates)) <= days
    assert all(dates.count(on) <= per_day for on in dates)
    # Whoever is liked, loaded or due, the candidate is offered the same.
    others = replace(
        search,
        people={id_: replace(one, recent=7 * id_) for id_, one in search.people.items()},
        preferences={id_: -id_ for id_ in search.people},
    )
    assert offered(open_times(others), per_day=per_day, days=days, zone=BERLIN) == shown


@st.composite
def chosen_times(draw: st.DrawFn, search: SlotSearch) -> list[TimeSpan]:
    """Draw times for the plan: often those of a slot, often a little off."""
    slots = find_slots(search)
    if slots:
        spans = [part.span for part in draw(st.sampled_from(slots)).interviews]
    else:
        spans, start = [], search.window.start + minutes(5 * draw(st.integers(0, 24)))
        for planned in search.plan.interviews:
            spans.append(TimeSpan(start, start + planned.length))
            start += planned.length + search.plan.shortest_gap
    nudges = st.sampled_from([0, 0, 0, 0, 1, -1, 5, -5, 15, -15, 60])
    together = minutes(draw(nudges))
    return [span.moved(together + minutes(draw(nudges))) for span in spans]


def cost_of(search: SlotSearch, slot: Slot) -> int:
    return costs_of(search, slot, WEIGHTS).total


def slot_of(search: SlotSearch, times: Times, panel: Panel) -> Slot:
    sitting = iter(panel)
    return Slot(
        tuple(
            SlotInterview(
                TimeSpan(moment_of(start), moment_of(end)),
                tuple(
                    FilledSeat(position, rule.kind, person)
                    for position, rule in enumerate(planned.seats)
                    if (person := next(sitting)) is not None
                ),
            )
            for planned, (start, end) in zip(search.plan.interviews, times, strict=True)
        )
    )
