from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from scheduler.domain.availability import Obstacle
from scheduler.domain.people import InterviewerId, LoadLimit
from scheduler.domain.slots.pricing import costs_of_seat
from scheduler.domain.slots.question import Person, SlotSearch, Weights
from scheduler.domain.slots.search import best, problems
from scheduler.domain.slots.slot import FilledSeat, Slot, slot_of
from scheduler.domain.slots.swap import Barrier, SeatAt, SwapOption, swap_options
from scheduler.domain.slots.timing import taken_up
from tests.domain.slots.cast import (
    DANA,
    FEMI,
    MEI,
    SAM,
    every_day,
    interview,
    lead,
    person,
    plan,
    search,
    shadow,
    span,
)
from tests.domain.slots.judges.searches import on_short_days, search_of

DAY = "2026-03-09"
TEN = span(DAY, "10:00-11:00")
NEXT = span(DAY, "11:00-12:00")
JO, KIM = (InterviewerId(number) for number in (5, 6))
NOBODY_WE_KNOW = InterviewerId(99)
STAGE = plan(
    interview("Screen", 60, lead(DANA, FEMI, MEI, SAM, JO, KIM, NOBODY_WE_KNOW), shadow(MEI)),
    interview("Values", 60, lead(SAM)),
)
SEAT = SeatAt(interview=0, position=0)
FREE: tuple[Barrier | Obstacle, ...] = ()
SEEDS = 350


def held(*, screen: InterviewerId = DANA, trainee: InterviewerId | None = None) -> Slot:
    return slot_of(STAGE, [TEN, NEXT], [screen, trainee, SAM])


def asked(*people: Person) -> SlotSearch:
    return search(STAGE, *people, person(SAM))


def told(
    options: list[SwapOption],
) -> list[tuple[InterviewerId, int, tuple[Barrier | Obstacle, ...]]]:
    return [(each.interviewer_id, each.costs.total, each.reasons) for each in options]


def test_free_people_come_first_the_cheapest_before_the_others() -> None:
    """Femi has most to do that week, and is liked most; Mei is due; Jo would give something up."""
    loaded = person(FEMI, load={date(2026, 3, 9): 1, date(2026, 3, 13): 2})
    sought = replace(
        asked(
            person(MEI),
            replace(loaded, recent=4),
            replace(person(JO), soft=(TEN,), recent=2),
            person(KIM, busy=[TEN]),
        ),
        preferences={FEMI: -20},
    )
    options = swap_options(sought, held(), SEAT, weights=Weights())
    assert told(options) == [
        (FEMI, 2 * 3 + 4 - 20, FREE),
        (MEI, 0, FREE),
        (JO, 6 + 2, FREE),
        (KIM, 0, (Obstacle.BUSY,)),
        (SAM, 0, (Barrier.ELSEWHERE,)),
    ]
    femi = options[0]
    assert (femi.load_that_day, femi.load_that_week) == (1, 3)
    assert (femi.costs.load, femi.costs.fairness, femi.costs.preference) == (6, 4, -20)


def test_whoever_has_the_seat_is_left_out_and_so_is_who_is_gone() -> None:
    sought = asked(person(DANA), person(FEMI))
    options = swap_options(sought, held(screen=FEMI), SEAT, weights=Weights())
    assert [each.interviewer_id for each in options] == [DANA, SAM]


def test_everything_that_stands_in_the_way_is_told() -> None:
    sought = replace(
        asked(
            person(DANA, busy=[TEN], load={date(2026, 3, 9): 1}, limit=LoadLimit(per_day=1)),
            person(FEMI, hours=every_day("13:00-14:00")),
            person(MEI),
            person(KIM, busy=None),
        ),
        excluded=frozenset({MEI}),
    )
    options = swap_options(sought, held(screen=JO, trainee=MEI), SEAT, weights=Weights())
    assert {each.interviewer_id: each.reasons for each in options} == {
        DANA: (Obstacle.BUSY, Obstacle.LIMIT),
        FEMI: (Obstacle.OUTSIDE_HOURS,),
        MEI: (Barrier.EXCLUDED, Barrier.ELSEWHERE),
        SAM: (Barrier.ELSEWHERE,),
        KIM: (Obstacle.UNKNOWN,),
    }


def test_trainees_need_somebody_to_learn_from() -> None:
    stage = plan(interview("Screen", 60, replace(lead(DANA), optional=True), shadow(MEI)))
    options = swap_options(
        search(stage, person(DANA), person(MEI)),
        slot_of(stage, [TEN], [DANA, None]),
        SeatAt(interview=0, position=1),
        weights=Weights(),
    )
    assert [each.reasons for each in options] == [(Barrier.UNTRAINED,)]


def test_their_other_seats_of_the_loop_count_for_the_day_and_the_week() -> None:
    options = swap_options(
        search(STAGE, person(JO), person(SAM, load={date(2026, 3, 11): 2})),
        held(),
        SEAT,
        weights=Weights(),
    )
    loads = {each.interviewer_id: (each.load_that_day, each.load_that_week) for each in options}
    assert loads == {JO: (0, 0), SAM: (1, 3)}


def test_whoever_may_repeat_can_take_another_seat_within_their_limits() -> None:
    stage = replace(
        plan(interview("One", 60, lead(DANA, FEMI)), interview("Two", 60, lead(DANA, FEMI))),
        people_repeat=True,
    )
    slot = slot_of(stage, [TEN, NEXT], [DANA, FEMI])

    def reasons(limit: LoadLimit) -> tuple[Barrier | Obstacle, ...]:
        sought = search(stage, person(DANA), person(FEMI, limit=limit))
        [femi] = swap_options(sought, slot, SEAT, weights=Weights())
        return femi.reasons

    assert reasons(LoadLimit(per_day=2)) == FREE
    assert reasons(LoadLimit(per_day=1)) == (Obstacle.LIMIT,)


def test_somebody_is_free_exactly_when_the_slot_with_them_has_no_problem() -> None:
    """And of those who are free nobody is cheaper than who sits there: the slot is the best."""
    free = others = 0
    for seed in range(SEEDS):
        sought = on_short_days(seed) if seed % 4 == 0 else search_of(seed)
        for ranked in best(sought, top=1).slots:
            for seat, filled in _seats(ranked.slot):
                options = swap_options(sought, ranked.slot, seat, weights=Weights())
                rule = sought.plan.interviews[seat.interview].seats[seat.position]
                known = rule.eligible & sought.people.keys()
                assert {each.interviewer_id for each in options} == known - {filled.interviewer_id}
                cost = _cost_of(sought, ranked.slot, seat, filled.interviewer_id)
                for option in options:
                    swapped = _with(ranked.slot, seat, option.interviewer_id)
                    assert option.is_free == (problems(sought, swapped) == []), seed
                    assert option.costs.total == _cost_of(
                        sought, swapped, seat, option.interviewer_id
                    )
                    assert not option.is_free or option.costs.total >= cost, seed
                    free += option.is_free
                    others += not option.is_free
    assert free > 50
    assert others > 100


def _seats(slot: Slot) -> Iterator[tuple[SeatAt, FilledSeat]]:
    for k, part in enumerate(slot.interviews):
        for filled in part.seats:
            yield SeatAt(interview=k, position=filled.position), filled


def _with(slot: Slot, seat: SeatAt, id_: InterviewerId) -> Slot:
    part = slot.interviews[seat.interview]
    seats = tuple(
        replace(filled, interviewer_id=id_) if filled.position == seat.position else filled
        for filled in part.seats
    )
    parts = list(slot.interviews)
    parts[seat.interview] = replace(part, seats=seats)
    return Slot(tuple(parts))


def _cost_of(sought: SlotSearch, slot: Slot, seat: SeatAt, id_: InterviewerId) -> int:
    span = taken_up(slot.times.spans)[seat.interview]
    rule = sought.plan.interviews[seat.interview].seats[seat.position]
    return costs_of_seat(sought, rule, sought.people[id_], span, Weights()).total
