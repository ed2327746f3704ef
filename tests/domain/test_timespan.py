from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.timespan import TimeSpan, hull, merge, subtract
from tests.domain.slots.cast import BERLIN, at, minutes, span

DAY = "2026-03-09"


class TestTimeSpan:
    def test_it_keeps_utc(self) -> None:
        assert span(DAY, "10:00-11:00", BERLIN).start.tzinfo is UTC
        assert span(DAY, "10:00-11:00", BERLIN) == span(DAY, "09:00-10:00")

    def test_it_refuses_naive_datetimes(self) -> None:
        naive = datetime(2026, 3, 9, 10)  # noqa: DTZ001 - that is the point
        with pytest.raises(ValueError, match="aware"):
            TimeSpan(naive, naive + minutes(30))

    def test_it_refuses_to_end_when_it_starts(self) -> None:
        with pytest.raises(ValueError, match="ends after"):
            span(DAY, "10:00-10:00")

    def test_it_counts_the_hour_that_a_clock_repeats(self) -> None:
        night = TimeSpan(at("2026-10-25 01:00", BERLIN), at("2026-10-25 04:00", BERLIN))
        assert night.length == timedelta(hours=4)

    def test_neighbours_do_not_overlap(self) -> None:
        assert not span(DAY, "10:00-11:00").overlaps(span(DAY, "11:00-12:00"))
        assert span(DAY, "10:00-11:01").overlaps(span(DAY, "11:00-12:00"))

    def test_it_contains_itself(self) -> None:
        assert span(DAY, "10:00-11:00").contains(span(DAY, "10:00-11:00"))
        assert not span(DAY, "10:00-11:00").contains(span(DAY, "10:30-11:01"))

    def test_it_widens_and_moves(self) -> None:
        meeting = span(DAY, "10:00-11:00")
        assert meeting.widened(minutes(5), minutes(10)) == span(DAY, "09:55-11:10")
        assert meeting.moved(minutes(-15)) == span(DAY, "09:45-10:45")


def test_the_hull_holds_all_and_needs_one() -> None:
    assert hull([span(DAY, "12:00-13:00"), span(DAY, "09:00-10:00")]) == span(DAY, "09:00-13:00")
    with pytest.raises(ValueError, match="empty"):
        hull([])


def test_merging_joins_what_touches() -> None:
    parts = [span(DAY, "11:00-12:00"), span(DAY, "09:00-10:00"), span(DAY, "10:00-10:30")]
    assert merge(parts) == [span(DAY, "09:00-10:30"), span(DAY, "11:00-12:00")]


def test_subtracting_leaves_the_pieces_around() -> None:
    left = subtract(
        [span(DAY, "09:00-17:00")], [span(DAY, "08:00-09:30"), span(DAY, "12:00-13:00")]
    )
    assert left == [span(DAY, "09:30-12:00"), span(DAY, "13:00-17:00")]


SPANS = st.builds(
    lambda start, length: TimeSpan(
        at("2026-03-09 00:00") + minutes(start), at("2026-03-09 00:00") + minutes(start + length)
    ),
    st.integers(0, 60),
    st.integers(1, 20),
)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.lists(SPANS, max_size=6), st.lists(SPANS, max_size=6))
def test_subtracting_is_what_it_is_minute_by_minute(
    free: list[TimeSpan], busy: list[TimeSpan]
) -> None:
    left = subtract(free, busy)
    assert covered(left) == covered(free) - covered(busy)
    assert all(one.end < other.start for one, other in pairwise(left))


def covered(spans: list[TimeSpan]) -> set[datetime]:
    return {
        span.start + minutes(count)
        for span in spans
        for count in range(int(span.length / minutes(1)))
    }
