from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.calls import (
    CallGroup,
    EventMarks,
    EventRole,
    group_into_calls,
    new_event_id,
    new_request_id,
)
from scheduler.domain.plan import CallGrouping
from scheduler.domain.timespan import TimeSpan

HOUR = timedelta(hours=1)
VIENNA = ZoneInfo("Europe/Vienna")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
AUCKLAND = ZoneInfo("Pacific/Auckland")


def hour(day: int, clock: int) -> TimeSpan:
    """An hour of November 2026, in UTC."""
    start = datetime(2026, 11, day, clock, tzinfo=UTC)
    return TimeSpan(start, start + HOUR)


def test_by_default_every_interview_has_a_call_of_its_own() -> None:
    spans = [hour(24, 9), hour(23, 9), hour(23, 11)]
    assert group_into_calls(spans, CallGrouping.PER_INTERVIEW, VIENNA) == [
        CallGroup(date(2026, 11, 23), (1,)),
        CallGroup(date(2026, 11, 23), (2,)),
        CallGroup(date(2026, 11, 24), (0,)),
    ]


def test_a_loop_day_is_one_call_in_the_order_of_time() -> None:
    spans = [hour(24, 9), hour(23, 11), hour(23, 9), hour(24, 12)]
    assert group_into_calls(spans, CallGrouping.PER_LOOP_DAY, VIENNA) == [
        CallGroup(date(2026, 11, 23), (2, 1)),
        CallGroup(date(2026, 11, 24), (0, 3)),
    ]


def test_a_loop_day_is_a_day_of_the_candidates_zone() -> None:
    over_midnight_utc = [hour(23, 23), hour(24, 1)]
    group = group_into_calls(over_midnight_utc, CallGrouping.PER_LOOP_DAY, LOS_ANGELES)
    assert group == [CallGroup(date(2026, 11, 23), (0, 1))]
    assert len(group_into_calls(over_midnight_utc, CallGrouping.PER_LOOP_DAY, ZoneInfo("UTC"))) == 2


def test_midnight_in_the_candidates_zone_parts_a_day_of_utc() -> None:
    one_utc_day = [hour(23, 10), hour(23, 12)]
    assert group_into_calls(one_utc_day, CallGrouping.PER_LOOP_DAY, AUCKLAND) == [
        CallGroup(date(2026, 11, 23), (0,)),
        CallGroup(date(2026, 11, 24), (1,)),
    ]


def test_no_interviews_make_no_calls() -> None:
    for grouping in CallGrouping:
        assert group_into_calls([], grouping, VIENNA) == []


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 28), st.integers(0, 22)), max_size=8),
    st.sampled_from(CallGrouping),
    st.sampled_from([VIENNA, LOS_ANGELES, AUCKLAND]),
)
def test_every_interview_is_in_exactly_one_call(
    starts: list[tuple[int, int]], grouping: CallGrouping, zone: ZoneInfo
) -> None:
    spans = [hour(day, clock) for day, clock in starts]
    groups = group_into_calls(spans, grouping, zone)
    placed = [position for group in groups for position in group.positions]
    assert sorted(placed) == list(range(len(spans)))
    assert [spans[position] for position in placed] == sorted(spans)
    for group in groups:
        days = {spans[place].start.astimezone(zone).date() for place in group.positions}
        assert days == {group.loop_day}
    if grouping is CallGrouping.PER_LOOP_DAY:
        assert len({group.loop_day for group in groups}) == len(groups)


def test_event_ids_are_of_the_alphabet_and_length_that_google_takes() -> None:
    ids = {new_event_id() for _ in range(200)}
    assert len(ids) == 200
    for event_id in ids:
        assert len(event_id) == 32
        assert set(event_id) <= set("0123456789abcdefghijklmnopqrstuv")


def test_request_ids_are_never_the_same() -> None:
    assert len({new_request_id() for _ in range(200)}) == 200


@pytest.mark.parametrize("role", EventRole)
def test_tags_are_read_as_they_were_written(role: EventRole) -> None:
    marks = EventMarks("installation", "call", role)
    assert EventMarks.of(marks.as_properties()) == marks
    assert EventMarks.of({**marks.as_properties(), "other": "tag"}) == marks


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"greenroomRole": "candidate"},
        {"greenroomInstallation": "installation"},
        {"greenroomInstallation": "installation", "greenroomRole": "visitor"},
        {"installation": "installation", "role": "candidate"},
    ],
)
def test_other_events_are_not_ours(properties: dict[str, str]) -> None:
    assert EventMarks.of(properties) is None


def test_tags_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        EventMarks("installation", "call", EventRole.KEEPER).call_id = "x"  # type: ignore[misc]
