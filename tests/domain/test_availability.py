from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.domain.availability import (
    EFFECTS,
    Entry,
    EntryKind,
    Obstacle,
    ReadingLevel,
    at_wall_time,
    bookable_between,
    days_off,
    effect_of,
    free_spans,
    obstacles,
    reading_of,
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


class TestWhatAnEntryDoes:
    """The table of `EFFECTS`, row by row: where busy time may be read, and where details may."""

    @pytest.mark.parametrize(
        ("kind", "of_busy", "of_details"),
        [
            (EntryKind.BUSY, "blocks", "blocks"),
            (EntryKind.FREE, "free", "free"),
            (EntryKind.TENTATIVE, "blocks", "soft"),
            (EntryKind.UNANSWERED, "blocks", "soft"),
            (EntryKind.DECLINED, "free", "free"),
            (EntryKind.ALL_DAY_BUSY, "blocks", "blocks"),
            (EntryKind.ALL_DAY_FREE, "free", "free"),
            (EntryKind.OUT_OF_OFFICE, "blocks", "blocks"),
            (EntryKind.FOCUS_TIME, "blocks", "soft"),
            (EntryKind.WORKING_LOCATION, "free", "free"),
            (EntryKind.KEYWORD_IGNORE, "blocks", "free"),
            (EntryKind.KEYWORD_SOFT, "blocks", "soft"),
            (EntryKind.KEYWORD_HARD, "blocks", "blocks"),
            (EntryKind.RECRUITING_BLOCK, "blocks", "free"),
        ],
    )
    def test_each_kind_has_its_effect(self, kind: EntryKind, of_busy: str, of_details: str) -> None:
        assert effect_of(kind, ReadingLevel.BUSY) == of_busy
        assert effect_of(kind, ReadingLevel.DETAILS) == of_details

    def test_every_kind_has_a_row(self) -> None:
        assert set(EFFECTS) == set(EntryKind)

    def test_entries_come_to_what_blocks_and_what_is_soft(self) -> None:
        ten, eleven, noon = (
            span("2026-03-09", hours) for hours in ("10:00-11:00", "11:00-12:00", "12:00-13:00")
        )
        entries = [
            Entry(EntryKind.BUSY, eleven),
            Entry(EntryKind.OUT_OF_OFFICE, ten),
            Entry(EntryKind.TENTATIVE, noon),
            Entry(EntryKind.RECRUITING_BLOCK, span("2026-03-09", "14:00-16:00")),
        ]
        found = reading_of(entries, ReadingLevel.DETAILS)
        assert found.busy == (span("2026-03-09", "10:00-12:00"),)
        assert found.soft == (noon,)
        assert found.kept_for_interviews == (span("2026-03-09", "14:00-16:00"),)
        assert reading_of(entries, ReadingLevel.BUSY).busy == (
            span("2026-03-09", "10:00-13:00"),
            span("2026-03-09", "14:00-16:00"),
        )

    def test_what_could_not_be_read_is_unknown_and_never_free(self) -> None:
        assert reading_of(None, ReadingLevel.DETAILS).busy is None
        assert reading_of([], ReadingLevel.DETAILS).busy == ()


class TestDaysOff:
    week = TimeSpan(at("2026-03-09 00:00"), at("2026-03-14 00:00"))

    def test_holidays_within_the_window_are_off(self) -> None:
        off = days_off([date(2026, 3, 10), date(2026, 5, 1)], self.week, BERLIN)
        assert off == {date(2026, 3, 10)}

    @pytest.mark.parametrize(
        ("first", "last", "days"),
        [
            (None, None, []),
            (date(2026, 3, 12), None, [12, 13, 14]),
            (None, date(2026, 3, 10), [9, 10]),
            (date(2026, 3, 10), date(2026, 3, 11), [10, 11]),
        ],
    )
    def test_a_pause_holds_from_its_first_to_its_last_date(
        self, first: date | None, last: date | None, days: list[int]
    ) -> None:
        off = days_off([], self.week, BERLIN, paused_from=first, paused_until=last)
        assert sorted(on.day for on in off) == days

    def test_a_day_off_is_not_free_and_is_told(self) -> None:
        dana = replace(person(), days_off=frozenset({date(2026, 3, 9)}))
        ten = span("2026-03-09", "10:00-11:00")
        assert free_spans(dana, ten) == []
        assert obstacles(dana, ten) == [Obstacle.DAY_OFF]


def test_notice_and_how_far_ahead_say_when_somebody_can_be_booked() -> None:
    now = at("2026-03-09 08:00")
    first, last = bookable_between(now, notice=timedelta(hours=2), rolling=timedelta(days=1))
    dana = replace(person(), earliest=first, latest=last)
    assert obstacles(dana, span("2026-03-09", "09:30-10:30")) == [Obstacle.NOT_BOOKABLE]
    assert obstacles(dana, span("2026-03-09", "10:00-11:00")) == []
    assert obstacles(dana, span("2026-03-10", "10:00-11:00")) == [Obstacle.NOT_BOOKABLE]
    assert bookable_between(now, notice=timedelta(0), rolling=None) == (now, None)


def test_limits_on_time_count_how_long_the_interview_is() -> None:
    limit = LoadLimit(per_day=9, per_week=9, time_per_day=minutes(90))
    dana = replace(person(limit=limit), load_time={date(2026, 3, 9): minutes(45)})
    assert obstacles(dana, span("2026-03-09", "10:00-10:45")) == []
    assert obstacles(dana, span("2026-03-09", "10:00-10:50")) == [Obstacle.LIMIT]
