"""Where the events of a week stand on its grid."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from scheduler.emulator.looks import Card
from scheduler.emulator.week_grid import LANES_AT_MOST, grid, style_rules

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 11, 23)


def card(name: str, day: int, start: str, end: str, *, until: int | None = None) -> Card:
    """A card from `start` on a day of the week (0 is Monday) to `end` the same day, or on `until`."""

    def at(number: int, text: str) -> datetime:
        moment = datetime.fromisoformat(f"{MONDAY + timedelta(days=number)}T{text}")
        return moment.replace(tzinfo=BERLIN)

    return Card(
        id=name,
        title=name,
        starts=at(day, start),
        ends=at(day if until is None else until, end),
        is_all_day=False,
        is_invitation=False,
        response="",
        marks=(),
        join="",
        text="",
        event={},
    )


def places(cards: list[Card], day: int = 0) -> dict[str, str]:
    return {block.card.id: block.places for block in grid(cards, MONDAY).days[day].blocks}


def test_a_block_begins_at_its_quarter_and_is_as_long_as_it_lasts() -> None:
    assert places([card("a", 0, "09:30", "10:15")]) == {"a": "r7 s3 l1-0"}
    assert places([card("short", 0, "08:00", "08:05")]) == {"short": "r1 s1 l1-0"}


def test_what_overlaps_stands_side_by_side_and_no_more_than_that() -> None:
    cards = [
        card("long", 0, "09:00", "12:00"),
        card("one", 0, "09:00", "10:00"),
        card("two", 0, "10:00", "11:00"),
        card("alone", 0, "12:00", "13:00"),
    ]
    assert places(cards) == {
        "long": "r5 s12 l2-0",
        "one": "r5 s4 l2-1",
        "two": "r9 s4 l2-1",
        "alone": "r17 s4 l1-0",
    }


def test_early_and_late_events_widen_the_hours() -> None:
    assert grid([], MONDAY).hours == list(range(8, 18))
    cards = [card("early", 0, "05:45", "06:15"), card("late", 3, "22:10", "23:05")]
    assert grid(cards, MONDAY).hours == list(range(5, 24))


def test_an_event_over_midnight_stands_on_both_days() -> None:
    night = card("night", 1, "22:00", "02:00", until=2)
    assert places([night], 1) == {"night": "r89 s8 l1-0"}
    assert places([night], 2) == {"night": "r1 s8 l1-0"}
    assert places([night], 3) == {}


@given(
    st.lists(
        st.tuples(st.integers(0, 94), st.integers(1, 12)).map(
            lambda drawn: (drawn[0], min(drawn[0] + drawn[1], 95))
        ),
        max_size=10,
    )
)
def test_no_two_blocks_cover_each_other_while_there_are_lanes(spans: list[tuple[int, int]]) -> None:
    def clock(quarter: int) -> str:
        return f"{quarter // 4:02}:{quarter % 4 * 15:02}"

    cards = [card(str(n), 0, clock(a), clock(b)) for n, (a, b) in enumerate(spans)]
    rules = style_rules()
    taken: set[tuple[int, int]] = set()
    for text in places(cards).values():
        row, span, lane = (int(part[1:].split("-")[0]) for part in text.split())
        for rule in text.split():
            assert re.search(rf"^\.{rule}\{{", rules, re.MULTILINE)
        if lane < LANES_AT_MOST:
            column = text.split()[2]
            tracks = re.search(rf"^\.{column}\{{grid-column:(\d+)/span (\d+)", rules, re.MULTILINE)
            assert tracks
            cells = {
                (r, c)
                for r in range(row, row + span)
                for c in range(int(tracks[1]), int(tracks[1]) + int(tracks[2]))
            }
            assert not cells & taken
            taken |= cells
