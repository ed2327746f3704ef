from __future__ import annotations

from scheduler.domain.plan import SeatKind
from scheduler.domain.slots.offer import nearest, offered
from scheduler.domain.slots.slot import FilledSeat, Slot, SlotInterview
from tests.domain.slots.cast import DANA, FEMI, SYDNEY, UTC_ZONE, at, minutes, span


def slot(day: str, start: str, by: int = DANA, length: int = 60) -> Slot:
    first = span(day, f"{start}-23:59").start
    seat = FilledSeat(0, SeatKind.LEAD, DANA if by == DANA else FEMI)
    whole = span(day, "00:00-00:01").moved(first - at(f"{day} 00:00"))
    return Slot((SlotInterview(whole.widened(minutes(0), minutes(length - 1)), (seat,)),))


def shown(slots: list[Slot]) -> list[str]:
    return [f"{one.span.start:%d %H:%M}" for one in slots]


WEEK = [
    slot(f"2026-03-{day:02}", f"{hour:02}:{minute:02}")
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

    def test_it_does_not_depend_on_the_order_nor_on_who_sits(self) -> None:
        others = [
            slot(f"{one.span.start:%Y-%m-%d}", f"{one.span.start:%H:%M}", by=FEMI)
            for one in reversed(WEEK)
        ]
        mine, theirs = (offered(s, per_day=4, days=3, zone=UTC_ZONE) for s in (WEEK, others))
        assert [one.key for one in mine] == [one.key for one in theirs]

    def test_a_time_is_offered_once(self) -> None:
        twice = [slot("2026-03-09", "10:00"), slot("2026-03-09", "10:00", by=FEMI)]
        assert len(offered(twice, per_day=5, days=5, zone=UTC_ZONE)) == 1

    def test_the_days_are_the_candidates(self) -> None:
        night = [slot("2026-03-09", "12:00"), slot("2026-03-09", "14:00")]  # 23:00 and 01:00
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
