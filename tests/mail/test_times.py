from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from scheduler.domain.timespan import TimeSpan
from scheduler.mail.times import clock, day_words, hours, length_words, short_day, zone_words

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
TEN = datetime(2026, 11, 24, 10, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")


def test_a_day_in_words() -> None:
    assert day_words(TEN, LONDON, now=NOW) == "Tuesday 24 November"
    assert short_day(TEN, LONDON) == "Tue 24 November"
    assert clock(TEN, LONDON) == "10:00"


def test_another_year_is_named() -> None:
    january = datetime(2027, 1, 5, 10, tzinfo=UTC)
    assert day_words(january, LONDON, now=NOW) == "Tuesday, 5 January 2027"


def test_the_year_is_that_of_the_readers_zone() -> None:
    eve = datetime(2026, 12, 31, 20, tzinfo=UTC)
    assert day_words(eve, LONDON, now=NOW) == "Thursday 31 December"
    assert day_words(eve, ZoneInfo("Asia/Tokyo"), now=NOW) == "Friday, 1 January 2027"


def test_hours_over_midnight_name_the_next_day() -> None:
    late = TimeSpan(
        datetime(2026, 11, 24, 23, 30, tzinfo=UTC), datetime(2026, 11, 25, 0, 15, tzinfo=UTC)
    )
    assert hours(late, LONDON) == "23:30–00:15 (Wed 25 November)"
    assert hours(late, ZoneInfo("Europe/Vienna")) == "00:30–01:15"


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/London", "London time (UTC+0)"),
        ("Asia/Kolkata", "Kolkata time (UTC+5:30)"),
        ("America/New_York", "New York time (UTC−5)"),
        ("America/St_Johns", "St John’s time (UTC−3:30)"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires time (UTC−3)"),
        ("Pacific/Chatham", "Chatham time (UTC+13:45)"),
        ("UTC", "UTC+0"),
        # POSIX counts the other way round, so its own name would mislead.
        ("Etc/GMT+5", "UTC−5"),
    ],
)
def test_a_zone_is_told_by_its_city_and_offset(zone: str, words: str) -> None:
    assert zone_words(TEN, ZoneInfo(zone)) == words


def test_the_offset_is_that_of_the_day() -> None:
    assert zone_words(datetime(2026, 7, 1, tzinfo=UTC), LONDON) == "London time (UTC+1)"


def test_every_zone_has_words() -> None:
    for name in available_timezones() - {"localtime", "Factory"}:
        words = zone_words(TEN, ZoneInfo(name))
        assert "UTC" in words
        assert "Unknown" not in words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(45, "45 minutes"), (60, "1 hour"), (61, "1 hour 1 minute"), (150, "2 hours 30 minutes")],
)
def test_a_length_in_words(minutes: int, words: str) -> None:
    assert length_words(timedelta(minutes=minutes)) == words
