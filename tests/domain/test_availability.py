from __future__ import annotations

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.domain.availability import (
    Obstacle,
    at_wall_time,
    free_spans,
    obstacles,
    week_load,
    working_hours,
)
from scheduler.domain.people import LoadLimit, WorkingHours
from scheduler.domain.timespan import TimeSpan
from tests.domain.slots.cast import (
    BERLIN,
    CAIRO,
    KOLKATA,
    NEW_YORK,
    SYDNEY,
    at,
    every_day,
    minutes,
    person,
    span,
)


def hours_on(day: str, zone: ZoneInfo, hours: str) -> list[TimeSpan]:
    """Return the working hours of one day where the person lives, clock changes and all."""
    start = date.fromisoformat(day)
    midnights = [at_wall_time(on, time.min, zone) for on in (start, start + timedelta(days=1))]
    someone = person(zone=zone, hours=every_day(hours)).interviewer
    return working_hours(someone, TimeSpan(*midnights))


class TestWorkingHours:
    @pytest.mark.parametrize(
        ("zone", "day", "expected"),
        [
            (BERLIN, "2026-03-27", "08:00-16:00"),  # winter
            (BERLIN, "2026-03-29", "07:00-15:00"),  # the day clocks spring forward
            (BERLIN, "2026-10-25", "08:00-16:00"),  # the day they fall back
            (NEW_YORK, "2026-03-07", "14:00-22:00"),
            (NEW_YORK, "2026-03-08", "13:00-21:00"),
            (NEW_YORK, "2026-11-01", "14:00-22:00"),
            (KOLKATA, "2026-03-29", "03:30-11:30"),  # never changes
        ],
    )
    def test_they_follow_the_clock_on_the_wall(
        self, zone: ZoneInfo, day: str, expected: str
    ) -> None:
        assert hours_on(day, zone, "09:00-17:00") == [span(day, expected)]

    def test_sydney_works_while_utc_is_still_yesterday(self) -> None:
        before, after = (
            hours_on("2026-10-03", SYDNEY, "09:00-17:00"),
            hours_on("2026-10-04", SYDNEY, "09:00-17:00"),
        )
        assert before == [TimeSpan(at("2026-10-02 23:00"), at("2026-10-03 07:00"))]
        assert after == [TimeSpan(at("2026-10-03 22:00"), at("2026-10-04 06:00"))]

    def test_a_time_that_clocks_skip_moves_forward(self) -> None:
        assert hours_on("2026-03-29", BERLIN, "02:30-05:00") == [span("2026-03-29", "01:30-03:00")]

    def test_hours_within_the_skip_can_vanish(self) -> None:
        assert hours_on("2026-03-29", BERLIN, "02:30-03:15") == []

    def test_of_a_time_shown_twice_the_first_counts(self) -> None:
        assert hours_on("2026-10-25", BERLIN, "02:30-05:00") == [span("2026-10-25", "00:30-04:00")]

    def test_a_day_without_midnight_still_has_hours(self) -> None:
        # Cairo's clocks go from 23:59 to 01:00.
        assert hours_on("2026-04-24", CAIRO, "00:00-02:00") == [
            TimeSpan(at("2026-04-23 22:00"), at("2026-04-23 23:00"))
        ]

    def test_they_are_only_those_of_the_weekday(self) -> None:
        mondays = (WorkingHours(0, time(9), time(12)), WorkingHours(0, time(12), time(17)))
        someone = person(hours=mondays).interviewer
        week = TimeSpan(at("2026-03-08 00:00"), at("2026-03-15 00:00"))
        assert working_hours(someone, week) == [span("2026-03-09", "09:00-17:00")]

    def test_they_end_at_the_edges_of_the_window(self) -> None:
        someone = person().interviewer
        assert working_hours(someone, span("2026-03-09", "10:07-11:00")) == [
            span("2026-03-09", "10:07-11:00")
        ]


class TestFreeSpans:
    day = span("2026-03-09", "00:00-24:00")

    def test_busy_time_is_taken_out(self) -> None:
        dana = person(busy=[span("2026-03-09", "10:00-11:00"), span("2026-03-09", "16:30-19:00")])
        assert free_spans(dana, self.day) == [
            span("2026-03-09", "09:00-10:00"),
            span("2026-03-09", "11:00-16:30"),
        ]

    def test_an_unknown_calendar_is_never_free(self) -> None:
        assert free_spans(person(busy=None), self.day) == []

    def test_buffers_keep_interviews_away_from_what_is_busy(self) -> None:
        dana = person(
            busy=[span("2026-03-09", "12:00-13:00")],
            buffer_before=minutes(10),
            buffer_after=minutes(5),
        )
        assert free_spans(dana, self.day) == [
            span("2026-03-09", "09:00-11:55"),
            span("2026-03-09", "13:10-17:00"),
        ]

    def test_a_buffer_may_lie_outside_working_hours(self) -> None:
        dana = person(buffer_before=minutes(30), buffer_after=minutes(30))
        assert free_spans(dana, self.day) == [span("2026-03-09", "09:00-17:00")]

    def test_busy_time_before_the_window_reaches_in_with_its_buffer(self) -> None:
        dana = person(busy=[span("2026-03-09", "11:00-12:00")], buffer_before=minutes(10))
        assert free_spans(dana, span("2026-03-09", "12:00-14:00")) == [
            span("2026-03-09", "12:10-14:00")
        ]

    def test_a_full_day_is_closed_and_its_neighbours_are_not(self) -> None:
        dana = person(load={date(2026, 3, 10): 2}, limit=LoadLimit(per_day=2, per_week=6))
        days = TimeSpan(at("2026-03-09 00:00"), at("2026-03-12 00:00"))
        assert [free.start.day for free in free_spans(dana, days)] == [9, 11]

    def test_the_day_is_the_persons_own(self) -> None:
        # 23:00 UTC on Sunday is Monday morning in Sydney, and Monday is full.
        mei = person(
            zone=SYDNEY, load={date(2026, 3, 9): 1}, limit=LoadLimit(per_day=1, per_week=6)
        )
        days = TimeSpan(at("2026-03-08 20:00"), at("2026-03-10 08:00"))
        assert free_spans(mei, days) == [TimeSpan(at("2026-03-09 22:00"), at("2026-03-10 06:00"))]

    def test_a_full_week_closes_from_monday_to_sunday(self) -> None:
        dana = person(load={date(2026, 3, 9): 1, date(2026, 3, 15): 1}, limit=LoadLimit(per_week=2))
        days = TimeSpan(at("2026-03-06 00:00"), at("2026-03-18 00:00"))
        assert [free.start.day for free in free_spans(dana, days)] == [6, 7, 8, 16, 17]

    def test_an_iso_week_crosses_the_new_year(self) -> None:
        dana = person(load={date(2026, 12, 31): 2}, limit=LoadLimit(per_week=2))
        days = TimeSpan(at("2027-01-01 00:00"), at("2027-01-06 00:00"))
        assert [free.start.day for free in free_spans(dana, days)] == [4, 5]
        assert week_load(dana, date(2027, 1, 3)) == 2


class TestObstacles:
    def test_there_are_none_for_somebody_free(self) -> None:
        assert obstacles(person(), span("2026-03-09", "09:00-10:00")) == []

    def test_all_of_them_are_told(self) -> None:
        dana = person(
            busy=[span("2026-03-09", "17:30-18:00")],
            load={date(2026, 3, 9): 2},
            limit=LoadLimit(per_day=2),
        )
        assert obstacles(dana, span("2026-03-09", "17:00-17:45")) == [
            Obstacle.OUTSIDE_HOURS,
            Obstacle.BUSY,
            Obstacle.LIMIT,
        ]

    def test_a_calendar_that_cannot_be_read_is_one(self) -> None:
        assert obstacles(person(busy=None), span("2026-03-09", "09:00-10:00")) == [Obstacle.UNKNOWN]
