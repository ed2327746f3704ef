from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

from scheduler.domain.availability import local_date
from scheduler.domain.people import InterviewerId, LoadLimit
from scheduler.domain.slots.batch import Batch, schedule_many
from scheduler.domain.slots.pricing import costs_of
from scheduler.domain.slots.problems import problems
from scheduler.domain.slots.question import Costs, Person, SlotSearch, Weights
from scheduler.domain.slots.search import best
from scheduler.domain.slots.slot import RankedSlot, SlotInterview
from scheduler.domain.timespan import TimeSpan
from tests.domain.slots.cast import DANA, FEMI, at, interview, lead, person, plan, search, span
from tests.domain.slots.judges.company import Company

DAY = "2026-03-09"
SCREEN = plan(interview("Screen", 60, lead(DANA)))
LIMIT = LoadLimit(per_day=9, per_week=99)


def hours(batch: Batch) -> list[str]:
    return [f"{each.slot.span.start:%H:%M}" if each else "none" for each in batch.slots]


def test_whoever_can_only_come_at_one_time_gets_it_though_they_ask_last() -> None:
    dana = person(DANA, limit=LIMIT)
    anytime = search(SCREEN, dana, windows=[span(DAY, "10:00-12:00")])
    at_ten = search(SCREEN, dana, windows=[span(DAY, "10:00-11:00")])
    batch = schedule_many([anytime, at_ten])
    assert (hours(batch), batch.missed) == (["11:00", "10:00"], 0)


def test_who_finds_nothing_left_is_missed_and_who_never_could_is_not() -> None:
    dana = person(DANA, limit=LIMIT)
    at_ten = search(SCREEN, dana, windows=[span(DAY, "10:00-11:00")])
    at_night = search(SCREEN, dana, windows=[span(DAY, "20:00-22:00")])
    batch = schedule_many([at_ten, at_ten, at_night])
    assert (hours(batch), batch.missed) == (["10:00", "none", "none"], 1)


def test_where_nobody_can_be_placed_there_is_nothing_to_repair() -> None:
    at_night = search(SCREEN, person(DANA), windows=[span(DAY, "20:00-22:00")])
    for searches in ([], [at_night]):
        batch = schedule_many(searches, repairs=1)
        assert (hours(batch), batch.missed) == (["none"] * len(searches), 0)


def test_limits_count_what_the_others_were_given() -> None:
    dana = person(DANA, limit=LoadLimit(per_day=1))
    batch = schedule_many([search(SCREEN, dana)] * 2)
    assert (sum(each is not None for each in batch.slots), batch.missed) == (1, 1)


def test_limits_count_whoever_sits_on_several_days_of_one_loop() -> None:
    """Dana has three interviews left that week: one loop takes two of them, on two short days."""
    stage = plan(interview("Coding", 60, lead(DANA)), interview("Design", 60, lead(DANA)))
    asked = search(
        replace(stage, most_days=2, people_repeat=True),
        person(DANA, limit=LoadLimit(per_day=9, per_week=3)),
        window=TimeSpan(at("2026-03-09 00:00"), at("2026-03-13 00:00")),
        windows=[span(f"2026-03-{day:02}", "10:00-11:00") for day in (9, 10, 11, 12)],
    )
    batch = schedule_many([asked, asked])
    [placed] = [each for each in batch.slots if each]
    assert [part.span for part in placed.slot.interviews] == [
        span("2026-03-09", "10:00-11:00"),
        span("2026-03-10", "10:00-11:00"),
    ]
    assert batch.missed == 1


def test_load_is_spread_and_costs_what_it_costs_alone_at_least() -> None:
    stage = plan(interview("Screen", 60, lead(DANA, FEMI)))
    people = [person(id_, limit=LIMIT) for id_ in (DANA, FEMI)]
    batch = schedule_many([search(stage, *people)] * 4)
    sitting = Counter(
        seat.interviewer_id
        for each in batch.slots
        if each
        for seat in each.slot.interviews[0].seats
    )
    assert sitting == {DANA: 2, FEMI: 2}
    assert batch.lower_bound == 0 < batch.cost


def test_who_is_wanted_by_others_still_to_come_is_left_to_them() -> None:
    dana, femi = (person(id_, limit=LIMIT) for id_ in (DANA, FEMI))
    either = plan(interview("Screen", 60, lead(DANA, FEMI)))
    hour, hours = span(DAY, "10:00-11:00"), span(DAY, "10:00-14:00")
    batch = schedule_many(
        [search(either, dana, femi, windows=[hour]), search(SCREEN, dana, windows=[hours])]
    )
    assert [sitting(each) for each in batch.slots] == [[FEMI], [DANA]]
    assert batch.cost == batch.lower_bound


def test_nobody_is_missed_because_somebody_was_left_to_others() -> None:
    dana = person(DANA, limit=LIMIT)
    femi = person(FEMI, limit=LIMIT, busy=[span(DAY, "11:00-12:00")])
    either = plan(interview("Screen", 60, lead(DANA, FEMI)))
    with_femi = plan(interview("Screen", 60, lead(FEMI)))
    batch = schedule_many(
        [
            search(either, dana, femi, windows=[span(DAY, "10:00-11:00")]),
            search(with_femi, femi, windows=[span(DAY, "10:00-12:00")]),
            *[search(SCREEN, dana, windows=[span(DAY, "10:00-13:00")])] * 2,
        ]
    )
    assert (hours(batch), batch.missed) == (["10:00", "10:00", "11:00", "12:00"], 0)


def test_the_buffer_after_whoever_was_booked_first_stays_free() -> None:
    dana = person(DANA, limit=LIMIT, buffer_after=timedelta(minutes=15))
    batch = schedule_many([search(SCREEN, dana, windows=[span(DAY, "10:00-12:30")])] * 2)
    assert hours(batch) == ["10:00", "11:15"]


def test_the_buffer_before_whoever_was_booked_first_stays_free() -> None:
    dana = person(DANA, limit=LIMIT, buffer_before=timedelta(minutes=15))
    windows = [span(DAY, "11:15-12:15"), span(DAY, "10:15-11:15")]
    batch = schedule_many([search(SCREEN, dana, windows=[window]) for window in windows])
    assert (hours(batch), batch.missed) == (["11:15", "none"], 1)


def sitting(ranked: RankedSlot | None) -> list[InterviewerId]:
    parts = ranked.slot.interviews if ranked else ()
    return [seat.interviewer_id for part in parts for seat in part.seats]


def test_a_hiring_day_holds_side_by_side_and_repair_makes_it_no_worse() -> None:
    company = Company(3, days=7, interviewers=60)
    searches = [company.search(seed, 2, offers_days=3) for seed in range(12)]
    plain = schedule_many(searches)
    repaired = schedule_many(searches, repairs=4)
    assert (repaired.missed, repaired.cost) <= (plain.missed, plain.cost)
    assert repaired.lower_bound <= repaired.cost
    alone = [best(each, top=1).slots for each in searches]
    assert repaired.missed == sum(
        bool(slots) and slot is None for slots, slot in zip(alone, repaired.slots, strict=True)
    )
    placed = [(one, slot) for one, slot in zip(searches, repaired.slots, strict=True) if slot]
    assert len(placed) > 5
    for number, (asked, ranked) in enumerate(placed):
        others = [slot for n, (_, slot) in enumerate(placed) if n != number]
        assert problems(with_busy(asked, others), ranked.slot) == []


def test_slots_cost_together_what_they_cost_booked_one_after_the_other_in_any_order() -> None:
    company = Company(3, days=7, interviewers=60)
    searches = [company.search(seed, 2, offers_days=3) for seed in range(12)]
    batch = schedule_many(searches, repairs=6)
    booked = [(asked, each) for asked, each in zip(searches, batch.slots, strict=True) if each]
    assert one_after_the_other(booked) == [each.costs for _, each in booked]
    assert max(costs.load for costs in one_after_the_other(booked)) > 0
    for seed in range(3):
        Random(seed).shuffle(booked)  # noqa: S311
        assert sum(costs.total for costs in one_after_the_other(booked)) == batch.cost


def one_after_the_other(booked: Sequence[tuple[SlotSearch, RankedSlot]]) -> list[Costs]:
    """Return what each slot costs with those before it in everybody's load."""
    found: list[Costs] = []
    for number, (asked, ranked) in enumerate(booked):
        before = [part for _, other in booked[:number] for part in other.slot.interviews]

        def busier(one: Person, before: Sequence[SlotInterview] = before) -> Person:
            id_ = one.interviewer.interviewer_id
            sits = [part for part in before if id_ in {seat.interviewer_id for seat in part.seats}]
            load = Counter(local_date(one, part.span.start) for part in sits)
            return replace(one, load=Counter(one.load) + load)

        people = {id_: busier(one) for id_, one in asked.people.items()}
        found.append(costs_of(replace(asked, people=people), ranked.slot, Weights()))
    return found


def with_busy(asked: SlotSearch, others: list[RankedSlot]) -> SlotSearch:
    """Return the search with everybody and every room busy where the other slots have them."""
    taken = [part for other in others for part in other.slot.interviews]

    def sees(id_: InterviewerId) -> tuple[TimeSpan, ...]:
        seated = (part for part in taken if id_ in {seat.interviewer_id for seat in part.seats})
        return tuple(part.span for part in seated)

    people = {
        id_: replace(one, busy=(*(one.busy or ()), *sees(id_))) for id_, one in asked.people.items()
    }
    rooms = {
        id_: replace(
            room, busy=(*(room.busy or ()), *(part.span for part in taken if part.room == id_))
        )
        for id_, room in asked.rooms.items()
    }
    return replace(asked, people=people, rooms=rooms)
