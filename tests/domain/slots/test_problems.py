from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from scheduler.domain.people import InterviewerId, LoadLimit
from scheduler.domain.plan import SeatKind
from scheduler.domain.slots.problems import problems
from scheduler.domain.slots.question import Person, SlotSearch
from scheduler.domain.slots.slot import FilledSeat, Slot, SlotInterview, slot_of
from scheduler.domain.slots.timing import time_problems
from scheduler.domain.timespan import TimeSpan
from tests.domain.slots.cast import (
    DANA,
    FEMI,
    MEI,
    at,
    every_day,
    interview,
    lead,
    minutes,
    person,
    plan,
    search,
    second,
    shadow,
    span,
)

DAY = "2026-03-09"
LOOP = plan(
    interview("Coding", 60, lead(DANA), second(FEMI), shadow(MEI)),
    interview("Design", 30, lead(MEI)),
    shortest_gap=5,
    longest_gap=30,
)
CODING, DESIGN = span(DAY, "10:00-11:00"), span(DAY, "11:15-11:45")


def slot(*seats: tuple[SeatKind, InterviewerId]) -> Slot:
    """Return the loop at ten, with `seats` in Coding, and Mei in Design."""
    coding = SlotInterview(
        CODING, tuple(FilledSeat(n, kind, id_) for n, (kind, id_) in enumerate(seats))
    )
    return Slot((coding, SlotInterview(DESIGN, (FilledSeat(0, SeatKind.LEAD, MEI),))))


GOOD = slot((SeatKind.LEAD, DANA), (SeatKind.SECOND, FEMI))


def asked(*people: Person) -> SlotSearch:
    return search(LOOP, *(people or (person(DANA), person(FEMI), person(MEI))))


def test_a_good_slot_has_none() -> None:
    assert problems(asked(), GOOD) == []


@pytest.mark.parametrize(
    ("dana", "sentence"),
    [
        (
            person(DANA, busy=[span(DAY, "10:30-10:40")]),
            "Dana Ito is busy during Coding, or too close to it.",
        ),
        (
            person(DANA, hours=every_day("10:15-17:00")),
            "Coding lies outside Dana Ito's working hours.",
        ),
        (
            person(DANA, load={date(2026, 3, 9): 1}, limit=LoadLimit(per_day=1)),
            "Dana Ito has no interviews left for that day or week.",
        ),
        (person(DANA, busy=None), "We could not read Dana Ito's calendar."),
    ],
)
def test_what_has_changed_for_somebody_is_told_by_name(dana: Person, sentence: str) -> None:
    assert problems(asked(dana, person(FEMI), person(MEI)), GOOD) == [sentence]


def test_somebody_who_has_left_has_no_name() -> None:
    assert problems(asked(person(FEMI), person(MEI)), GOOD) == [
        "Somebody on the panel of Coding is no longer an interviewer."
    ]


def test_somebody_who_left_the_pool_is_told_and_so_is_the_empty_seat() -> None:
    wrong = slot((SeatKind.LEAD, FEMI), (SeatKind.SECOND, FEMI))
    assert problems(asked(), wrong) == [
        "Femi Ade has no lead seat in Coding.",
        "Nobody takes the lead seat of Coding.",
        "Femi Ade sits in more than one seat.",
    ]


def test_an_empty_shadow_seat_is_none_and_an_empty_second_seat_is_one() -> None:
    assert problems(asked(), slot((SeatKind.LEAD, DANA))) == [
        "Nobody takes the second seat of Coding."
    ]


def test_nobody_sits_in_two_interviews() -> None:
    twice = slot((SeatKind.LEAD, DANA), (SeatKind.SECOND, FEMI), (SeatKind.SHADOW, MEI))
    assert problems(asked(), twice) == ["Mei Lin sits in more than one seat."]


def test_two_seats_of_one_kind_may_be_taken_in_any_order() -> None:
    stage = plan(interview("Values", 30, second(DANA, FEMI), second(DANA)))
    seats = (FilledSeat(0, SeatKind.SECOND, DANA), FilledSeat(1, SeatKind.SECOND, FEMI))
    swapped = Slot((SlotInterview(span(DAY, "10:00-10:30"), seats),))
    assert problems(search(stage, person(DANA), person(FEMI)), swapped) == []


def test_a_slot_for_another_plan_is_told_as_such() -> None:
    assert problems(search(plan(LOOP.interviews[0]), person(DANA), person(FEMI)), GOOD) == [
        "The plan has 1 interviews, and this has 2."
    ]


@pytest.mark.parametrize(
    ("spans", "sentence"),
    [
        (
            [span(DAY, "10:00-10:45"), span(DAY, "11:00-11:30")],
            "Coding does not last as long as the plan says.",
        ),
        (
            [CODING, span(DAY, "10:45-11:15")],
            "Design starts before the interview ahead of it ends.",
        ),
        (
            [CODING, span(DAY, "11:00-11:30")],
            "The gap before Design is shorter than the plan allows.",
        ),
        (
            [CODING, span(DAY, "11:31-12:01")],
            "The gap before Design is longer than the plan allows.",
        ),
        (
            [CODING.moved(timedelta(days=1)), DESIGN.moved(timedelta(days=1))],
            "It lies outside the dates that were searched.",
        ),
    ],
)
def test_times_that_break_the_plan_are_told(spans: list[TimeSpan], sentence: str) -> None:
    assert time_problems(asked(), spans) == [sentence]


def test_notice_and_the_candidates_time_are_told() -> None:
    people = (person(DANA), person(FEMI), person(MEI))
    late = search(LOOP, *people, windows=[span(DAY, "10:00-11:30")], earliest=at(f"{DAY} 10:15"))
    assert problems(late, GOOD) == [
        "It starts too soon: people would get less notice than promised.",
        "The candidate is not available at this time.",
    ]


def test_whoever_is_there_has_the_seat_that_must_be_filled() -> None:
    stage = plan(
        interview("Pair", 30, replace(lead(DANA, FEMI), optional=True), lead(DANA, FEMI)),
    )
    held = slot_of(stage, [span(DAY, "10:00-10:30")], [None, DANA])
    assert problems(search(stage, person(DANA), person(FEMI)), held) == []


def test_a_loop_over_midnight_is_told() -> None:
    midnight = TimeSpan(at(f"{DAY} 00:00"), at("2026-03-11 00:00"))
    late = search(LOOP, person(DANA), person(FEMI), person(MEI), window=midnight)
    spans = [one.moved(timedelta(hours=12) + minutes(30)) for one in (CODING, DESIGN)]
    assert time_problems(late, spans) == ["It does not fall on one day where the candidate is."]


def test_whoever_may_repeat_may_sit_in_two_interviews_of_one_title_but_not_in_two_seats_of_one() -> (
    None
):
    values = interview("Values", 30, lead(DANA), second(DANA, FEMI))
    stage = replace(plan(values, values), people_repeat=True)
    spans = [span(DAY, "10:00-10:30"), span(DAY, "10:30-11:00")]

    def held(*people: InterviewerId) -> Slot:
        seats = [
            FilledSeat(n, rule.kind, id_)
            for n, (rule, id_) in enumerate(zip(values.seats, people, strict=True))
        ]
        return Slot(tuple(SlotInterview(each, tuple(seats)) for each in spans))

    generous = LoadLimit(per_day=4)
    people = (person(DANA, limit=generous), person(FEMI, limit=generous))
    assert problems(search(stage, *people), held(DANA, FEMI)) == []
    assert problems(search(stage, *people), held(DANA, DANA)) == [
        "Dana Ito sits in more than one seat of Values.",
        "Dana Ito sits in more than one seat of Values.",
    ]
    assert problems(
        search(stage, person(DANA, limit=LoadLimit(per_day=1)), people[1]), held(DANA, FEMI)
    ) == ["Dana Ito has too many of these interviews for that day or week."]
