"""Somebody's week as a grid: which quarter of an hour and which lane each event takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scheduler.emulator.looks import Card

QUARTERS_AN_HOUR = 4
LANES_AT_MOST = 6
_TRACKS = 60
"""Columns of a day; divisible by every number of lanes."""

_FIRST_HOUR, _LAST_HOUR = 8, 18
"""Shown in any case; earlier and later events widen it."""


@dataclass(frozen=True, slots=True)
class Block:
    """One event on one day. `places` are the names of the style rules that put it there."""

    card: Card
    places: str


@dataclass(frozen=True, slots=True)
class Day:
    """One column: what has no time of its own above, the blocks below."""

    date: date
    all_day: list[Card]
    blocks: list[Block]


@dataclass(frozen=True, slots=True)
class Grid:
    """Seven days and the hours beside them."""

    hours: list[int]
    days: list[Day]


def grid(cards: list[Card], monday: date) -> Grid:
    """Return a week of cards, each where it belongs; hours as far as anything happens."""
    dates = [monday + timedelta(days=number) for number in range(7)]
    timed = [card for card in cards if not card.is_all_day]
    on_days = {day: [_part(card, day) for card in timed if card.is_on(day)] for day in dates}
    parts = [part for found in on_days.values() for part in found]
    first = min([_FIRST_HOUR, *(start // QUARTERS_AN_HOUR for _, start, _ in parts)])
    last = max([_LAST_HOUR, *(-(-end // QUARTERS_AN_HOUR) for _, _, end in parts)])
    days = [
        Day(
            day,
            [card for card in cards if card.is_all_day and card.is_on(day)],
            _blocks(on_days[day], first * QUARTERS_AN_HOUR),
        )
        for day in dates
    ]
    return Grid(list(range(first, last)), days)


def style_rules() -> str:
    """Return the style sheet behind `Block.places`: a policy without inline styles needs one."""
    quarters = range(1, 24 * QUARTERS_AN_HOUR + 1)
    rules = [f".r{number}{{grid-row-start:{number}}}" for number in quarters]
    rules += [f".s{number}{{grid-row-end:span {number}}}" for number in quarters]
    for lanes in range(1, LANES_AT_MOST + 1):
        span = _TRACKS // lanes
        rules += [
            f".l{lanes}-{lane}{{grid-column:{lane * span + 1}/span {span}}}"
            for lane in range(lanes)
        ]
    return "\n".join(rules)


Part = tuple[Card, int, int]
"""A card with the quarters of an hour that it takes of one day: [start, end)."""


def _part(card: Card, day: date) -> Part:
    start = _quarter(card.starts, day)
    return card, start, max(start + 1, -(-_minutes(card.ends, day) // 15))


def _quarter(moment: datetime, day: date) -> int:
    return _minutes(moment, day) // 15


def _minutes(moment: datetime, day: date) -> int:
    """Return the minute of the day by the clock on the wall, held within the day."""
    if moment.date() < day:
        return 0
    return 24 * 60 if moment.date() > day else moment.hour * 60 + moment.minute


def _blocks(parts: list[Part], first: int) -> list[Block]:
    blocks: list[Block] = []
    for cluster in _clusters(sorted(parts, key=lambda part: (part[1], -part[2]))):
        lanes: list[int] = []
        placed: list[tuple[Part, int]] = []
        for part in cluster:
            lane = next((n for n, end in enumerate(lanes) if end <= part[1]), len(lanes))
            lanes[lane : lane + 1] = [part[2]]
            placed.append((part, lane))
        count = min(len(lanes), LANES_AT_MOST)
        for (card, start, end), lane in placed:
            row, at = start - first + 1, min(lane, count - 1)
            blocks.append(Block(card, f"r{row} s{end - start} l{count}-{at}"))
    return blocks


def _clusters(parts: list[Part]) -> list[list[Part]]:
    """Return groups of parts that overlap each other, directly or by way of others."""
    clusters: list[list[Part]] = []
    until = -1
    for part in parts:
        if part[1] >= until:
            clusters.append([])
        clusters[-1].append(part)
        until = max(until, part[2])
    return clusters
