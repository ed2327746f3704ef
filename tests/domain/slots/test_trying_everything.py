"""The search and trying every possible time must agree, with everything that a plan can ask for.

The trying goes through times one by one and has each judged by the rules for chosen times, which
know spans and no masks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.people import DayHours, InterviewerId, LoadLimit, WorkingHours
from scheduler.domain.plan import (
    Lunch,
    Order,
    PlannedInterview,
    Rest,
    RoomId,
    SeatKind,
    SeatRule,
    StagePlan,
)
from scheduler.domain.slots.problems import problems
from scheduler.domain.slots.question import Person, Room, SlotSearch, Weights
from scheduler.domain.slots.search import at, at_times, best, find_slots, start_times
from scheduler.domain.timespan import TimeSpan
from tests.domain.slots.cast import (
    BERLIN,
    KOLKATA,
    NEW_YORK,
    UTC_ZONE,
    every_day,
    interview,
    minutes,
    person,
)
from tests.domain.slots.cast import at as moment

EPOCH = moment("1970-01-01 00:00")
fairly = settings(max_examples=30, deadline=None, derandomize=True, database=None)

ZONES = st.sampled_from([UTC_ZONE, UTC_ZONE, BERLIN, NEW_YORK, KOLKATA])
IDS = [InterviewerId(number) for number in range(1, 5)]
WEIGHTS = Weights(gap=2, fairness=3, preference=2, block=1)


@st.composite
def people(draw: st.DrawFn, id_: InterviewerId, window: TimeSpan) -> Person:
    one = person(
        id_,
        zone=draw(ZONES),
        hours=every_day(draw(st.sampled_from(["00:00-23:59", "08:00-18:00", "10:00-16:30"]))),
        busy=draw(st.lists(spans_in(window, 90), max_size=3)),
        load=draw(
            st.dictionaries(
                st.sampled_from([date(2026, 3, 9), date(2026, 3, 8)]), st.integers(0, 2), max_size=2
            )
        ),
        limit=LoadLimit(
            per_day=draw(st.sampled_from([1, 2, 3])),
            per_week=draw(st.sampled_from([2, 3, 9])),
            time_per_day=draw(st.sampled_from([None, None, minutes(60), minutes(100)])),
        ),
        buffer_after=minutes(draw(st.sampled_from([0, 0, 10]))),
    )
    blocks = draw(st.sampled_from([(), (), (WorkingHours(0, time(9), time(13)),)]))
    return replace(
        one,
        interviewer=replace(one.interviewer, preferred_blocks=blocks),
        load_time=draw(st.sampled_from([{}, {}, {date(2026, 3, 9): minutes(30)}])),
        soft=tuple(draw(st.lists(spans_in(window, 60), max_size=1))),
        days_off=draw(st.sampled_from([frozenset()] * 5 + [frozenset({date(2026, 3, 9)})])),
        recent=draw(st.integers(0, 3)),
        earliest=draw(st.sampled_from([None, None, None, window.start + minutes(95)])),
        latest=draw(st.sampled_from([None, None, None, window.end - minutes(95)])),
    )


@st.composite
def spans_in(draw: st.DrawFn, window: TimeSpan, longest: int) -> TimeSpan:
    room = int(window.length.total_seconds()) // 300
    start = window.start + minutes(
        5 * draw(st.integers(0, room)) + draw(st.sampled_from([0, 0, 2]))
    )
    return TimeSpan(start, start + minutes(draw(st.integers(1, longest))))


@st.composite
def plans(draw: st.DrawFn) -> StagePlan:
    count = draw(st.sampled_from([3, 2, 2, 1]))
    order = draw(st.sampled_from(list(Order)))
    days = draw(st.sampled_from([1, 1, 2]))
    pairs = [(a, b) for a in range(count) for b in range(count) if a < b]
    return StagePlan(
        public_title="On-site",
        public_notes="",
        interviews=tuple(draw(interviews(f"Part {n}")) for n in range(count)),
        shortest_gap=minutes(draw(st.sampled_from([0, 0, 10]))),
        longest_gap=minutes(draw(st.sampled_from([0, 30, 45]))),
        order=order,
        before=tuple(draw(st.lists(st.sampled_from(pairs), max_size=1))) if pairs else (),
        grid=minutes(draw(st.sampled_from([15, 30, 30]))),
        lunch=draw(st.sampled_from([None, Lunch(minutes(30), time(12), time(13, 15))])),
        rest=draw(st.sampled_from([None, None, Rest(minutes(70), minutes(15))])),
        longest_day=draw(st.sampled_from([None, None, minutes(120)])),
        most_days=days,
        people_repeat=draw(st.sampled_from([False, False, True])),
    )


@st.composite
def interviews(draw: st.DrawFn, title: str) -> PlannedInterview:
    kinds = draw(
        st.sampled_from(
            [
                [SeatKind.LEAD],
                [SeatKind.LEAD],
                [SeatKind.LEAD, SeatKind.SECOND],
                [SeatKind.LEAD, SeatKind.SHADOW],
                [SeatKind.REVERSE_SHADOW, SeatKind.LEAD],
                [SeatKind.SHADOW, SeatKind.OBSERVER],
            ]
        )
    )
    pools = st.frozensets(st.sampled_from(IDS), min_size=1)
    seats = [
        SeatRule(kind, draw(pools), draw(st.sampled_from([False] * 5 + [True]))) for kind in kinds
    ]
    planned = interview(title, draw(st.sampled_from([30, 40, 45, 50])), *seats)
    rooms = draw(
        st.sampled_from([None, None, frozenset({RoomId(1), RoomId(2)}), frozenset({RoomId(3)})])
    )
    return replace(planned, rooms=rooms)


@st.composite
def searches(draw: st.DrawFn) -> SlotSearch:
    plan = draw(plans())
    if plan.most_days == 1:
        window = TimeSpan(moment("2026-03-09 09:00"), moment("2026-03-09 14:30"))
    else:
        window = TimeSpan(moment("2026-03-09 16:00"), moment("2026-03-10 10:00"))
    windows = (
        [window]
        if plan.most_days == 1
        else [
            TimeSpan(moment("2026-03-09 16:00"), moment("2026-03-09 17:30")),
            TimeSpan(moment("2026-03-10 08:00"), moment("2026-03-10 09:40")),
        ]
    )
    members = [draw(people(id_, window)) for id_ in IDS]
    rooms = [
        Room(
            room_id=RoomId(number),
            busy=tuple(draw(st.lists(spans_in(window, 60), max_size=2))),
            site=site,
        )
        for number, site in ((1, "Bonn"), (2, "Kiel"), (3, "Kiel"))
    ]
    return SlotSearch(
        plan=plan,
        people={one.interviewer.interviewer_id: one for one in members},
        candidate_windows=tuple(windows),
        candidate_zone=draw(st.sampled_from([UTC_ZONE, BERLIN])),
        window=window,
        earliest=window.start + minutes(draw(st.sampled_from([0, 0, 20]))),
        rooms={room.room_id: room for room in rooms},
        excluded=draw(st.sampled_from([frozenset()] * 5 + [frozenset({IDS[0]})])),
        preferences=draw(st.sampled_from([{}, {IDS[1]: -1, IDS[2]: 2}])),
        candidate_comfortable=draw(
            st.sampled_from([None, DayHours(time(9), time(18)), DayHours(time(11), time(13))])
        ),
    )


@fairly
@given(searches())
def test_it_finds_the_starts_and_the_least_cost_of_everything_that_could_be_tried(
    search: SlotSearch,
) -> None:
    tried: dict[datetime, int] = {}
    for spans in everything(search):
        ranked = at_times(search, spans, weights=WEIGHTS)
        if ranked is not None:
            start = ranked.slot.span.start
            tried[start] = min(ranked.costs.total, tried.get(start, 10**9))
    assert start_times(search) == sorted(tried)
    ranking = best(search, top=3, weights=WEIGHTS)
    expected = sorted((cost, start) for start, cost in tried.items())
    found = [(each.costs.total, each.slot.span.start) for each in ranking.slots]
    assert found == expected[:3]
    assert ranking.is_proven
    assert ranking.lower_bound == (expected[0][0] if expected else None)
    for start, cost in tried.items():
        one = at(search, start, weights=WEIGHTS)
        assert one is not None
        assert (one.costs.total, problems(search, one.slot)) == (cost, [])
    slots = find_slots(search)
    assert [slot.span.start for slot in slots] == sorted(tried)
    assert all(problems(search, slot) == [] for slot in slots)


def everything(search: SlotSearch) -> set[tuple[TimeSpan, ...]]:
    """Return every set of times that lies on the grid as it should, whatever else is wrong with it."""
    found = set()
    days = [
        on
        for number in range(4)
        if TimeSpan(*(midnight(search, number), midnight(search, number + 1))).overlaps(
            search.window
        )
        for on in [number]
    ]
    count = len(search.plan.interviews)
    for split in product(days, repeat=count):
        parts = [
            list(day_times(search, number, tuple(k for k in range(count) if split[k] == number)))
            for number in sorted(set(split))
        ]
        for ways in product(*parts):
            times = {k: span for way in ways for k, span in way}
            found.add(tuple(times[k] for k in range(count)))
    return found


def day_times(
    search: SlotSearch, number: int, items: tuple[int, ...]
) -> Iterator[tuple[tuple[int, TimeSpan], ...]]:
    start = max(search.window.start, midnight(search, number))
    end = min(search.window.end, midnight(search, number + 1))
    at = EPOCH + -(-(start - EPOCH) // search.plan.grid) * search.plan.grid
    while at < end:
        yield from go_on(search, (), items, at, end, has_lunch=False)
        at += search.plan.grid


def go_on(
    search: SlotSearch,
    held: tuple[tuple[int, TimeSpan], ...],
    left: tuple[int, ...],
    at: datetime,
    end: datetime,
    *,
    has_lunch: bool,
) -> Iterator[tuple[tuple[int, TimeSpan], ...]]:
    plan = search.plan
    for k in left:
        span = TimeSpan(at, at + plan.interviews[k].length)
        if span.end > end:
            continue
        now = (*held, (k, span))
        rest = tuple(other for other in left if other != k)
        if not rest:
            yield now
        else:
            for following in next_starts(plan, span.end):
                yield from go_on(search, now, rest, following, end, has_lunch=has_lunch)
    if plan.lunch and held and not has_lunch and is_lunch_time(search, plan.lunch, at):
        for following in next_starts(plan, at + plan.lunch.length):
            yield from go_on(search, held, left, following, end, has_lunch=True)


def next_starts(plan: StagePlan, end: datetime) -> Iterator[datetime]:
    soonest = end + plan.shortest_gap
    yield soonest
    longest = max(
        plan.longest_gap, plan.shortest_gap, plan.rest.length if plan.rest else minutes(0)
    )
    at = EPOCH + ((soonest - EPOCH) // plan.grid + 1) * plan.grid
    while at <= end + longest:
        yield at
        at += plan.grid


def is_lunch_time(search: SlotSearch, lunch: Lunch, at: datetime) -> bool:
    on = at.astimezone(search.candidate_zone).date()
    opens, closes = (
        datetime.combine(on, wall, tzinfo=search.candidate_zone)
        for wall in (lunch.opens_at, lunch.closes_at)
    )
    return opens <= at and at + lunch.length <= closes


def midnight(search: SlotSearch, number: int) -> datetime:
    on = search.window.start.astimezone(search.candidate_zone).date() + timedelta(days=number)
    return datetime.combine(on, time.min, tzinfo=search.candidate_zone)
