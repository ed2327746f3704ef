from __future__ import annotations

from scheduler.domain.slots.offer import nearest, offered
from scheduler.domain.slots.slot import Times
from scheduler.domain.timespan import TimeSpan
from tests.domain.slots.cast import SYDNEY, UTC_ZONE, at, minutes


def hour_from(day: str, start: str) -> Times:
    begins = at(f"{day} {start}")
    return Times((TimeSpan(begins, begins + minutes(60)),))


def shown(times: list[Times]) -> list[str]:
    return [f"{one.span.start:%d %H:%M}" for one in times]


WEEK = [
    hour_from(f"2026-03-{day:02}", f"{hour:02}:{minute:02}")
    for day in (9, 10, 12)
    for hour in range(9, 16)
    for minute in (0, 15, 30, 45)
]


class TestOffered:
    def test_it_spreads_over_the_day_and_takes_the_first_days(self) -> None:
        found = offered(WEEK, per_day=3, days=2, zone=UTC_ZONE)
        assert shown(found) == [
            *("09 09:00", "09 12:15", "09 15:45"),
            *("10 09:00", "10 12:15", "10 15:45"),
        ]

    def test_it_offers_all_when_there_are_few(self) -> None:
        assert offered(WEEK[:2], per_day=5, days=5, zone=UTC_ZONE) == WEEK[:2]

    def test_it_offers_nothing_when_there_is_nothing(self) -> None:
        assert offered([], per_day=5, days=5, zone=UTC_ZONE) == []
        assert offered(WEEK, per_day=0, days=5, zone=UTC_ZONE) == []

    def test_it_does_not_depend_on_the_order(self) -> None:
        shuffled = [*reversed(WEEK)]
        mine, theirs = (offered(s, per_day=4, days=3, zone=UTC_ZONE) for s in (WEEK, shuffled))
        assert mine == theirs

    def test_a_time_is_offered_once(self) -> None:
        twice = [hour_from("2026-03-09", "10:00")] * 2
        assert len(offered(twice, per_day=5, days=5, zone=UTC_ZONE)) == 1

    def test_the_days_are_the_candidates(self) -> None:
        night = [
            hour_from("2026-03-09", "12:00"),
            hour_from("2026-03-09", "14:00"),
        ]  # 23:00 and 01:00
        assert len(offered(night, per_day=1, days=1, zone=UTC_ZONE)) == 1
        assert len(offered(night, per_day=1, days=2, zone=SYDNEY)) == 2


class TestNearest:
    def test_the_closest_come_first_and_the_earlier_of_two(self) -> None:
        found = nearest(WEEK, at("2026-03-09 10:00"))
        assert shown(found) == ["09 10:00", "09 09:45", "09 10:15"]

    def test_it_gives_as_many_as_wanted_if_there_are(self) -> None:
        assert shown(nearest(WEEK, at("2026-03-11 00:00"), count=1)) == ["10 15:45"]
        assert nearest(WEEK[:2], at("2026-03-11 00:00"), count=5) == [WEEK[1], WEEK[0]]
        assert nearest([], at("2026-03-11 00:00")) == []
