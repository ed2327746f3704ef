from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.domain.people import InterviewerId, LoadLimit
from scheduler.domain.plan import GRID, SeatKind, StagePlan
from scheduler.domain.slots.question import SlotSearch
from scheduler.domain.slots.search import at_times, find_slots
from scheduler.domain.slots.slot import FilledSeat, Slot
from scheduler.domain.timespan import TimeSpan
from tests.domain.slots.cast import (
    BERLIN,
    CAIRO,
    DANA,
    FEMI,
    KOLKATA,
    MEI,
    NEW_YORK,
    SAM,
    SYDNEY,
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
SCREEN = plan(interview("Screen", 60, lead(DANA)))


def starts(slots: list[Slot]) -> list[str]:
    return [f"{slot.span.start:%H:%M}" for slot in slots]


def seated(slot: Slot) -> list[list[int]]:
    return [[seat.interviewer_id for seat in part.seats] for part in slot.interviews]


def parts(slot: Slot) -> list[str]:
    return [f"{part.span.start:%H:%M}-{part.span.end:%H:%M}" for part in slot.interviews]


class TestStarts:
    def test_they_lie_on_the_grid_and_within_the_hours(self) -> None:
        dana = person(hours=every_day("09:05-10:50"))
        assert starts(find_slots(search(SCREEN, dana))) == ["09:15", "09:30", "09:45"]

    def test_the_grid_is_anchored_to_utc_and_not_to_the_window(self) -> None:
        window = span(DAY, "09:07-10:30")
        assert starts(find_slots(search(SCREEN, person(), window=window))) == ["09:15", "09:30"]

    def test_none_comes_before_the_earliest(self) -> None:
        asked = search(SCREEN, person(), earliest=at(f"{DAY} 15:31"))
        assert starts(find_slots(asked)) == ["15:45", "16:00"]

    def test_the_candidate_has_to_have_time(self) -> None:
        windows = [span(DAY, "08:00-09:45"), span(DAY, "12:00-13:15"), span(DAY, "16:30-18:00")]
        found = find_slots(search(SCREEN, person(), windows=windows))
        assert starts(found) == ["12:00", "12:15"]

    def test_windows_that_touch_are_one(self) -> None:
        windows = [span(DAY, "09:00-09:30"), span(DAY, "09:30-10:00")]
        assert starts(find_slots(search(SCREEN, person(), windows=windows))) == ["09:00"]

    def test_an_unknown_calendar_gives_none(self) -> None:
        assert find_slots(search(SCREEN, person(busy=None))) == []

    def test_an_empty_pool_gives_none(self) -> None:
        nobody = plan(interview("Screen", 60, lead(DANA), second()))
        assert find_slots(search(nobody, person())) == []

    def test_somebody_whom_the_search_does_not_know_gives_none(self) -> None:
        assert find_slots(search(SCREEN, person(FEMI))) == []

    def test_a_plan_without_interviews_gives_none(self) -> None:
        assert find_slots(search(plan(), person())) == []
        assert at_times(search(plan(), person()), []) is None

    def test_a_window_without_candidate_time_gives_none(self) -> None:
        assert find_slots(search(SCREEN, person(), windows=[])) == []


class TestClockChanges:
    @pytest.mark.parametrize(
        ("zone", "day", "first", "count"),
        [
            (BERLIN, "2026-03-28", "2026-03-28 08:00", 29),
            (BERLIN, "2026-03-29", "2026-03-29 07:00", 29),
            (BERLIN, "2026-10-25", "2026-10-25 08:00", 29),
            (NEW_YORK, "2026-03-08", "2026-03-08 13:00", 29),
            (NEW_YORK, "2026-11-01", "2026-11-01 14:00", 29),
            (SYDNEY, "2026-04-05", "2026-04-04 23:00", 29),
            (SYDNEY, "2026-10-04", "2026-10-03 22:00", 29),
            (KOLKATA, "2026-03-29", "2026-03-29 03:30", 29),
        ],
    )
    def test_a_working_day_is_a_working_day(
        self, zone: ZoneInfo, day: str, first: str, count: int
    ) -> None:
        found = find_slots(self.day_in(zone, day, "09:00-17:00"))
        assert found[0].span.start == at(first)
        assert len(found) == count

    @pytest.mark.parametrize(
        ("zone", "day", "count"),
        [
            (BERLIN, "2026-03-29", 4 * 4 - 3),  # 00:00 to 05:00, but for the hour that is skipped
            (BERLIN, "2026-10-25", 6 * 4 - 3),
            (BERLIN, "2026-10-26", 5 * 4 - 3),
            (CAIRO, "2026-04-24", 4 * 4 - 3),
        ],
    )
    def test_a_night_is_an_hour_shorter_or_longer(
        self, zone: ZoneInfo, day: str, count: int
    ) -> None:
        assert len(find_slots(self.day_in(zone, day, "00:00-05:00"))) == count

    def day_in(self, zone: ZoneInfo, day: str, hours: str) -> SlotSearch:
        noon = at(f"{day} 12:00", zone).astimezone(UTC)
        window = TimeSpan(noon - timedelta(hours=13), noon + timedelta(hours=6))
        return search(SCREEN, person(zone=zone, hours=every_day(hours)), zone=zone, window=window)


class TestLoops:
    two = plan(interview("Coding", 45, lead(DANA)), interview("Design", 60, lead(FEMI)))

    def test_one_interview_follows_the_other_without_a_wait(self) -> None:
        found = find_slots(search(self.two, person(DANA), person(FEMI)))
        assert parts(found[0]) == ["09:00-09:45", "09:45-10:45"]
        assert starts(found)[-1] == "15:15"

    def test_a_wait_is_taken_when_it_is_needed_and_no_longer_than_needed(self) -> None:
        femi = person(FEMI, busy=[span(DAY, "09:30-10:10")])
        found = find_slots(search(self.two, person(DANA), femi))
        assert parts(found[0]) == ["09:00-09:45", "10:15-11:15"]

    def test_nobody_waits_longer_than_the_longest_gap(self) -> None:
        femi = person(FEMI, busy=[span(DAY, "09:00-12:00")])
        found = find_slots(search(self.two, person(DANA), femi))
        assert parts(found[0]) == ["10:15-11:00", "12:00-13:00"]  # 60 minutes is allowed

    def test_everybody_gets_the_shortest_gap(self) -> None:
        stage = plan(*self.two.interviews, shortest_gap=10, longest_gap=30)
        found = find_slots(search(stage, person(DANA), person(FEMI)))
        assert parts(found[0]) == ["09:00-09:45", "09:55-10:55"]

    def test_later_interviews_go_back_to_the_grid_when_they_have_to_wait(self) -> None:
        stage = plan(*self.two.interviews, shortest_gap=10, longest_gap=30)
        femi = person(FEMI, busy=[span(DAY, "09:30-09:56")])
        found = find_slots(search(stage, person(DANA), femi))
        assert parts(found[0]) == ["09:00-09:45", "10:00-11:00"]

    def test_interviews_off_the_grid_fit_without_any_gap(self) -> None:
        stage = plan(
            interview("Coding", 50, lead(DANA)), interview("Design", 50, lead(FEMI)), longest_gap=0
        )
        found = find_slots(search(stage, person(DANA), person(FEMI)))
        assert parts(found[0]) == ["09:00-09:50", "09:50-10:40"]

    def test_all_of_it_falls_on_one_day_of_the_candidate(self) -> None:
        # Midnight in Kolkata is 18:30 in UTC.
        people = [person(id_, hours=every_day("16:00-21:00")) for id_ in (DANA, FEMI)]
        found = find_slots(search(self.two, *people, zone=KOLKATA))
        assert starts(found) == [
            *("16:00", "16:15", "16:30", "16:45"),
            *("18:30", "18:45", "19:00", "19:15"),
        ]

    def test_all_of_it_lies_in_one_window_of_the_candidate(self) -> None:
        windows = [span(DAY, "09:00-10:30"), span(DAY, "10:45-12:45")]
        found = find_slots(search(self.two, person(DANA), person(FEMI), windows=windows))
        assert starts(found) == ["10:45", "11:00"]

    def test_nobody_sits_twice(self) -> None:
        stage = plan(interview("Coding", 30, lead(DANA)), interview("Design", 30, lead(DANA)))
        assert find_slots(search(stage, person())) == []

    def test_another_wait_is_tried_when_the_tightest_loop_needs_somebody_twice(self) -> None:
        stage = plan(
            interview("Coding", 60, lead(DANA, FEMI)), interview("Design", 60, lead(DANA, FEMI))
        )
        femi = person(FEMI, hours=every_day("11:30-12:30"))
        found = find_slots(search(stage, person(DANA), femi))
        assert parts(found[0]) == ["09:30-10:30", "11:30-12:30"]
        assert seated(found[0]) == [[DANA], [FEMI]]


class TestPanels:
    def test_the_one_with_fewer_interviews_that_week_sits(self) -> None:
        stage = plan(interview("Screen", 60, lead(DANA, FEMI)))
        dana = person(DANA, load={date(2026, 3, 13): 1})
        femi = person(FEMI, load={date(2026, 3, 15): 0, date(2026, 3, 16): 3})
        assert seated(find_slots(search(stage, dana, femi))[0]) == [[FEMI]]

    def test_among_equals_the_lowest_id_sits(self) -> None:
        stage = plan(interview("Screen", 60, lead(SAM, FEMI, MEI)))
        people = [person(id_) for id_ in (SAM, FEMI, MEI)]
        assert seated(find_slots(search(stage, *people))[0]) == [[FEMI]]

    def test_a_preference_gives_way_when_somebody_else_has_no_choice(self) -> None:
        # Taking the best for each seat in turn would leave the third without anybody.
        stage = plan(
            interview("Coding", 30, lead(DANA, FEMI)),
            interview("Design", 30, lead(DANA, MEI)),
            interview("Values", 30, lead(DANA)),
        )
        found = find_slots(search(stage, *(person(id_) for id_ in (DANA, FEMI, MEI))))
        assert seated(found[0]) == [[FEMI], [MEI], [DANA]]

    def test_a_chain_of_exchanges_is_found(self) -> None:
        stage = plan(
            interview("One", 30, lead(DANA, FEMI)),
            interview("Two", 30, lead(FEMI, MEI)),
            interview("Three", 30, lead(MEI, SAM)),
            interview("Four", 30, lead(DANA)),
        )
        found = find_slots(search(stage, *(person(id_) for id_ in (DANA, FEMI, MEI, SAM))))
        assert seated(found[0]) == [[FEMI], [MEI], [SAM], [DANA]]

    def test_a_shadow_seat_stays_empty_when_nobody_is_free(self) -> None:
        stage = plan(interview("Screen", 60, lead(DANA), shadow(FEMI)))
        femi = person(FEMI, busy=[span(DAY, "08:00-12:00")])
        found = find_slots(search(stage, person(DANA), femi))
        assert seated(found[0]) == [[DANA]]
        assert seated(found[-1]) == [[DANA, FEMI]]
        assert found[-1].interviews[0].seats[1] == FilledSeat(1, SeatKind.SHADOW, FEMI)

    def test_a_shadow_takes_nobody_from_a_seat_that_must_be_filled(self) -> None:
        stage = plan(interview("Screen", 60, shadow(DANA), lead(DANA)))
        found = find_slots(search(stage, person(DANA)))
        assert found[0].interviews[0].seats == (FilledSeat(1, SeatKind.LEAD, DANA),)

    def test_a_lead_makes_room_for_a_shadow(self) -> None:
        stage = plan(interview("Screen", 60, lead(DANA, FEMI), shadow(DANA)))
        found = find_slots(search(stage, person(DANA), person(FEMI)))
        assert seated(found[0]) == [[FEMI, DANA]]

    def test_a_full_day_leaves_the_seat_to_others(self) -> None:
        stage = plan(interview("Screen", 60, lead(DANA, FEMI)))
        dana = person(DANA, load={date(2026, 3, 9): 1}, limit=LoadLimit(per_day=1))
        femi = person(FEMI, load={date(2026, 3, 10): 4})
        assert seated(find_slots(search(stage, dana, femi))[0]) == [[FEMI]]


class TestChosenTimes:
    two = TestLoops.two
    people = (person(DANA), person(FEMI))

    def test_it_seats_people_at_times_off_the_grid(self) -> None:
        spans = [span(DAY, "10:07-10:52"), span(DAY, "11:01-12:01")]
        found = at_times(search(self.two, *self.people), spans)
        assert found is not None
        assert seated(found.slot) == [[DANA], [FEMI]]

    @pytest.mark.parametrize(
        "spans",
        [
            [span(DAY, "10:00-10:45")],
            [span(DAY, "10:00-10:45"), span(DAY, "11:00-11:45")],
            [span(DAY, "10:00-10:45"), span(DAY, "10:30-11:30")],
            [span(DAY, "11:00-11:45"), span(DAY, "10:00-11:00")],
            [span(DAY, "10:00-10:45"), span(DAY, "11:46-12:46")],
            [span(DAY, "08:45-09:30"), span(DAY, "09:30-10:30")],
            [span(DAY, "15:30-16:15"), span(DAY, "16:15-17:15")],
            [span("2026-03-10", "10:00-10:45"), span("2026-03-10", "11:00-12:00")],
            [span("9999-12-30", "10:00-10:45"), span("9999-12-31", "22:30-23:30")],
        ],
    )
    def test_it_refuses_times_that_break_a_rule(self, spans: list[TimeSpan]) -> None:
        assert at_times(search(self.two, *self.people), spans) is None

    def test_it_refuses_what_comes_too_early(self) -> None:
        asked = search(self.two, *self.people, earliest=at(f"{DAY} 10:01"))
        spans = [span(DAY, "10:00-10:45"), span(DAY, "10:45-11:45")]
        assert at_times(asked, spans) is None


def test_a_loop_of_four_over_two_weeks_is_found_in_full() -> None:
    # Not a test of speed; but a slow search would be felt here.
    found = find_slots(two_weeks(KOLKATA, BERLIN))
    assert len(found) == len({slot.span.start for slot in found})
    assert all(
        (slot.span.start - datetime(1970, 1, 1, tzinfo=UTC)) % GRID == timedelta(0)
        for slot in found
    )
    for slot in found[::20]:
        chosen = at_times(two_weeks(KOLKATA, BERLIN), slot.times.spans)
        assert chosen is not None
        assert chosen.slot == slot


def two_weeks(*zones: ZoneInfo) -> SlotSearch:
    people = [person(InterviewerId(n), zone=zones[n % len(zones)]) for n in range(1, 13)]
    everyone = [one.interviewer.interviewer_id for one in people]
    stage: StagePlan = plan(*(interview(f"Part {n}", 45, lead(*everyone)) for n in range(4)))
    window = TimeSpan(at("2026-03-09 00:00"), at("2026-03-23 00:00"))
    return search(stage, *people, window=window, zone=BERLIN, earliest=window.start + minutes(90))
