"""Plans: what they refuse to be, and what a candidate needs of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from scheduler.domain.plan import Accommodations, Rest, StagePlan
from scheduler.domain.slots.search import best, start_times
from scheduler.domain.slots.slot import Slot
from tests.domain.slots.cast import DANA, FEMI, MEI, interview, lead, minutes, person, plan, search

LOOP = plan(
    interview("Coding", 60, lead(DANA)),
    interview("Design", 45, lead(FEMI)),
    interview("Values", 30, lead(MEI)),
    longest_gap=10,
)


def held(stage: StagePlan) -> list[tuple[datetime, datetime]]:
    """Return the times of the cheapest slot, where everybody is free all day."""
    asked = search(stage, *(person(id_) for id_ in (DANA, FEMI, MEI)))
    slot: Slot = best(asked, top=1).slots[0].slot
    return [(part.span.start, part.span.end) for part in slot.interviews]


class TestAccommodating:
    def test_without_needs_it_is_the_plan(self) -> None:
        assert LOOP.accommodating(Accommodations()) == LOOP

    def test_extra_time_is_added_to_every_interview(self) -> None:
        times = held(LOOP.accommodating(Accommodations(extra_time=minutes(20))))
        assert [end - start for start, end in times] == [minutes(80), minutes(65), minutes(50)]

    def test_nobody_can_do_in_the_usual_time_what_takes_longer(self) -> None:
        stage = plan(interview("Coding", 60, lead(DANA)))
        longer = stage.accommodating(Accommodations(extra_time=minutes(30)))
        starts = start_times(search(stage, person(DANA)))
        fewer = start_times(search(longer, person(DANA)))
        assert fewer == [start for start in starts if start <= starts[-1] - minutes(30)]

    def test_gaps_are_as_long_as_needed_even_where_the_plan_allows_no_such_gap(self) -> None:
        times = held(LOOP.accommodating(Accommodations(shortest_gap=minutes(25))))
        gaps = [start - end for (_, end), (start, _) in pairwise(times)]
        assert gaps == [minutes(25), minutes(25)]

    def test_a_shorter_need_leaves_the_plans_gap(self) -> None:
        stage = plan(*LOOP.interviews, shortest_gap=15, longest_gap=30)
        assert stage.accommodating(Accommodations(shortest_gap=minutes(5))) == stage

    def test_a_rest_comes_in_time_and_is_long_enough(self) -> None:
        needs = Accommodations(rest=Rest(after=minutes(100), length=minutes(40)))
        times = held(LOOP.accommodating(needs))
        gaps = [start - end for (_, end), (start, _) in pairwise(times)]
        # Coding and Design together would take too long, Design and Values do not.
        assert minutes(40) <= gaps[0] < minutes(55)
        assert gaps[1] < minutes(15)

    @pytest.mark.parametrize(
        ("planned", "needed", "both"),
        [
            (None, (90, 20), (90, 20)),
            ((90, 20), None, (90, 20)),
            ((90, 20), (60, 10), (60, 20)),
            ((90, 20), (120, 30), (90, 30)),
        ],
    )
    def test_of_two_rests_the_stricter_holds(
        self,
        planned: tuple[int, int] | None,
        needed: tuple[int, int] | None,
        both: tuple[int, int],
    ) -> None:
        def rest(of: tuple[int, int] | None) -> Rest | None:
            return None if of is None else Rest(after=minutes(of[0]), length=minutes(of[1]))

        stage = StagePlan(
            public_title="On-site",
            public_notes="",
            interviews=LOOP.interviews,
            rest=rest(planned),
        )
        found = stage.accommodating(Accommodations(rest=rest(needed))).rest
        assert found is not None
        assert replace(found, is_needed=False) == rest(both)
        assert found.is_needed is (needed is not None)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"most_days": 0}, "a loop takes a day at least"),
        ({"grid": timedelta(minutes=7)}, "a grid divides the day"),
        ({"before": ((0, 3),)}, "the order is between interviews of this plan"),
    ],
)
def test_a_plan_that_means_nothing_is_refused(asked: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        StagePlan(public_title="", public_notes="", interviews=LOOP.interviews, **asked)  # type: ignore[arg-type]
