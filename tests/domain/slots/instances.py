"""Small random searches that sit on the edges: clock changes, midnights, week ends, tight limits."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from scheduler.domain.people import InterviewerId, LoadLimit, WorkingHours
from scheduler.domain.plan import PlannedInterview, SeatKind, SeatRule, StagePlan
from scheduler.domain.slots.question import Person, SlotSearch
from scheduler.domain.timespan import TimeSpan
from tests.domain.slots.cast import (
    BERLIN,
    CAIRO,
    KOLKATA,
    NEW_YORK,
    SYDNEY,
    UTC_ZONE,
    every_day,
    interview,
    minutes,
    person,
)

ZONES = st.sampled_from([BERLIN, NEW_YORK, KOLKATA, SYDNEY, CAIRO, UTC_ZONE])
STRANGE_DAYS = [
    date(2026, 3, 8),  # New York springs forward, and a week ends
    date(2026, 3, 29),  # Berlin springs forward
    date(2026, 4, 4),  # Sydney falls back the night after
    date(2026, 4, 24),  # Cairo has no midnight
    date(2026, 10, 4),  # Sydney springs forward
    date(2026, 10, 25),  # Berlin falls back
    date(2026, 11, 1),  # New York falls back
    date(2026, 12, 31),  # the year ends within an ISO week
    date(2026, 7, 8),  # an ordinary Wednesday
]
WALL_TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 20, 30, 45]))
STRANGER = InterviewerId(99)
"""Somebody whom a seat rule names and the search does not know."""


@st.composite
def searches(draw: st.DrawFn) -> SlotSearch:
    window = draw(windows())
    zone = draw(ZONES)
    zones = st.sampled_from([zone, zone, zone, zone, draw(ZONES)])
    # Where nobody has time, everybody agrees: in many of the instances most people do.
    kind = draw(st.sampled_from([strained_people, relaxed_people, relaxed_people]))
    people = [
        draw(kind(InterviewerId(number), window, zones))
        for number in range(1, draw(st.sampled_from([5, 2, 3, 4])) + 1)
    ]
    ids = [someone.interviewer.interviewer_id for someone in people]
    return SlotSearch(
        plan=draw(plans(ids)),
        people={someone.interviewer.interviewer_id: someone for someone in people},
        candidate_windows=draw(
            st.one_of(
                st.just((window,)),
                st.lists(spans_near(window, 1800), min_size=1, max_size=3).map(tuple),
            )
        ),
        candidate_zone=draw(zones),
        window=window,
        earliest=window.start + minutes(draw(st.sampled_from([-60, 0, 0, 7, 50]))),
    )


@st.composite
def windows(draw: st.DrawFn) -> TimeSpan:
    on = draw(st.sampled_from(STRANGE_DAYS))
    start = datetime.combine(on, time.min, tzinfo=UTC) + minutes(draw(st.integers(-600, 900)))
    return TimeSpan(start, start + minutes(draw(st.sampled_from([600, 300, 1800]))))


@st.composite
def spans_near(draw: st.DrawFn, window: TimeSpan, longest: int) -> TimeSpan:
    room = int(window.length.total_seconds()) // 60
    start = window.start + minutes(5 * draw(st.integers(-12, room // 5)))
    return TimeSpan(start, start + minutes(5 * draw(st.integers(1, longest // 5))))


@st.composite
def strained_people(
    draw: st.DrawFn,
    interviewer_id: InterviewerId,
    window: TimeSpan,
    zones: st.SearchStrategy[ZoneInfo],
) -> Person:
    busy = draw(st.lists(spans_near(window, 120), max_size=8))
    dates = [window.start.date() + timedelta(days=days) for days in range(-3, 5)]
    return person(
        interviewer_id,
        zone=draw(zones),
        hours=draw(hours_of_a_week()),
        busy=draw(st.sampled_from([busy] * 19 + [None])),
        load=draw(st.dictionaries(st.sampled_from(dates), st.integers(0, 2), max_size=2)),
        limit=LoadLimit(
            per_day=draw(st.sampled_from([1, 2, 2, 3])),
            per_week=draw(st.sampled_from([1, 3, 4, 6])),
        ),
        buffer_before=minutes(draw(st.sampled_from([0, 0, 5, 10]))),
        buffer_after=minutes(draw(st.sampled_from([0, 0, 5, 15]))),
    )


@st.composite
def relaxed_people(
    draw: st.DrawFn,
    interviewer_id: InterviewerId,
    window: TimeSpan,
    zones: st.SearchStrategy[ZoneInfo],
) -> Person:
    dates = [window.start.date() + timedelta(days=days) for days in range(-3, 5)]
    return person(
        interviewer_id,
        zone=draw(zones),
        hours=every_day("00:00-23:59"),
        busy=draw(st.lists(spans_near(window, 240), max_size=5)),
        load=draw(st.dictionaries(st.sampled_from(dates), st.just(1), max_size=3)),
        limit=LoadLimit(per_day=2, per_week=6),
        buffer_after=minutes(draw(st.sampled_from([0, 10]))),
    )


@st.composite
def hours_of_a_week(draw: st.DrawFn) -> tuple[WorkingHours, ...]:
    pairs = st.tuples(WALL_TIMES, WALL_TIMES).filter(lambda pair: pair[0] != pair[1])
    sides = draw(st.lists(pairs, min_size=1, max_size=2))
    all_day = (time(0), time(23, 59))
    sides = draw(st.sampled_from([sides, [all_day], [all_day], [(time(6), time(20))]]))
    return tuple(
        WorkingHours(weekday, min(pair), max(pair)) for pair in sides for weekday in range(7)
    )


@st.composite
def plans(draw: st.DrawFn, ids: list[InterviewerId]) -> StagePlan:
    pools = st.one_of(
        st.just(frozenset(ids)),
        st.frozensets(st.sampled_from([*ids, STRANGER]), min_size=2),
        st.frozensets(st.sampled_from(ids), min_size=1),
    )
    shortest = draw(st.sampled_from([0, 0, 5, 15]))
    return StagePlan(
        public_title="On-site",
        public_notes="",
        interviews=tuple(
            draw(planned(f"Part {number}", pools))
            for number in range(1, draw(st.sampled_from([3, 2, 1])) + 1)
        ),
        shortest_gap=minutes(shortest),
        longest_gap=minutes(shortest + draw(st.sampled_from([0, 10, 30, 45]))),
    )


@st.composite
def planned(
    draw: st.DrawFn, title: str, pools: st.SearchStrategy[frozenset[InterviewerId]]
) -> PlannedInterview:
    kinds = draw(
        st.sampled_from(
            [
                [SeatKind.LEAD],
                [SeatKind.LEAD, SeatKind.SECOND],
                [SeatKind.LEAD, SeatKind.SHADOW],
                [SeatKind.SHADOW, SeatKind.LEAD],
                [SeatKind.REVERSE_SHADOW, SeatKind.SECOND],
                [SeatKind.LEAD, SeatKind.SHADOW, SeatKind.SHADOW],
            ]
        )
    )
    length = draw(st.sampled_from([20, 30, 45, 50, 60]))
    return interview(title, length, *(SeatRule(kind, draw(pools)) for kind in kinds))
