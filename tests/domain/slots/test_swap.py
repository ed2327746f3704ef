from __future__ import annotations

from datetime import date

from scheduler.domain.availability import Obstacle
from scheduler.domain.people import InterviewerId, LoadLimit
from scheduler.domain.slots.swap import SwapOption, swap_options
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
    span,
)

DAY = "2026-03-09"
TEN = span(DAY, "10:00-11:00")
OTHERS = tuple(InterviewerId(number) for number in (5, 6))
RULE = lead(DANA, FEMI, MEI, SAM, *OTHERS, InterviewerId(99))
STAGE = plan(interview("Screen", 60, RULE))
NOBODY: frozenset[InterviewerId] = frozenset()


def test_free_people_come_first_by_load_and_then_by_name() -> None:
    asked = search(
        STAGE,
        person(SAM),
        person(MEI),
        person(FEMI, load={date(2026, 3, 13): 1}),
        person(DANA, busy=[TEN]),
    )
    options = swap_options(asked, span=TEN, rule=RULE, taken=NOBODY)
    assert options == [
        SwapOption(interviewer_id=MEI, load_this_week=0, reasons=()),
        SwapOption(interviewer_id=SAM, load_this_week=0, reasons=()),
        SwapOption(interviewer_id=FEMI, load_this_week=1, reasons=()),
        SwapOption(interviewer_id=DANA, load_this_week=0, reasons=(Obstacle.BUSY,)),
    ]
    assert [option.is_free for option in options] == [True, True, True, False]


def test_those_already_on_the_panel_are_left_out() -> None:
    asked = search(STAGE, person(DANA), person(FEMI))
    options = swap_options(asked, span=TEN, rule=RULE, taken=frozenset({DANA}))
    assert [option.interviewer_id for option in options] == [FEMI]


def test_what_stands_in_the_way_is_told_in_words() -> None:
    asked = search(
        STAGE,
        person(DANA, busy=[TEN]),
        person(FEMI, hours=every_day("13:00-14:00")),
        person(MEI, load={date(2026, 3, 9): 1}, limit=LoadLimit(per_day=1)),
        person(SAM, busy=None),
    )
    options = swap_options(asked, span=TEN, rule=RULE, taken=NOBODY)
    assert [", ".join(option.reasons) for option in options] == [
        "busy",
        "outside working hours",
        "calendar unknown",
        "limit reached",
    ]
