"""How near a stage comes to being held from one start, and what it then still lacks.

The idea: let every seat stay empty at a price, and ask for the cheapest slot from that start; so for
every choice of interviews to find no room with which it might lack less. It is laid out by the rules
of time alone, in whatever order and with whatever waits they allow, and has everybody sit who can,
so that what it lacks is the least that somebody has to bring about. Where nothing from that start
keeps the rules of time, the stage is looked at as if it could start every five minutes, or the
candidate had time always, or both.

Invariant: no slot from that start, by the same rules of time, lacks fewer seats and rooms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations

from scheduler.domain.plan import TICK, TRAINEE_KINDS, PlannedInterview, SeatKind, SeatRule
from scheduler.domain.slots.board import FREE_OF_CHARGE
from scheduler.domain.slots.calendars import Calendars
from scheduler.domain.slots.question import SlotSearch
from scheduler.domain.slots.search import at
from scheduler.domain.slots.slot import Slot, SlotInterview
from scheduler.domain.slots.swap import SeatAt

MOSTLY_SEATS = replace(FREE_OF_CHARGE, empty_seat=10_000_000, day=100_000, late=1_000, gap=1)
"""Of slots that lack as much, the one on fewest days, then the earliest, then the one with least waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """A slot as far as it can be filled, and what it lacks: seats that stay empty though they must not,
    and interviews, by position, that find no room. Nobody takes a seat that may be empty anyway.
    """

    slot: Slot
    seats: tuple[SeatAt, ...]
    roomless: tuple[int, ...]

    @property
    def lacks(self) -> int:
        return len(self.seats) + len(self.roomless)


def shortfall(
    search: SlotSearch, start: datetime, calendars: Calendars | None = None
) -> Shortfall | None:
    """Return what is lacking least from `start`; None when nothing from there keeps the rules of time."""
    found = (_least(loosened, start, calendars) for loosened in _in_time(search))
    return next((each for each in found if each is not None), None)


def _in_time(search: SlotSearch) -> Iterator[SlotSearch]:
    """Yield the search, and then what it is with more and more starts."""
    finer = replace(search, plan=replace(search.plan, grid=TICK))
    yield from (search, finer)
    for each in (search, finer):
        yield replace(each, candidate_windows=(search.window,), earliest=search.window.start)


def _least(search: SlotSearch, start: datetime, calendars: Calendars | None) -> Shortfall | None:
    planned = search.plan.interviews
    needed = [k for k, each in enumerate(planned) if each.rooms is not None]
    best = _as_far_as_filled(search, needed, start, calendars)
    for roomless in _from_few_to_many(needed):
        if best is None or best.lacks <= len(roomless):
            break
        found = _as_far_as_filled(search, roomless, start, calendars)
        if found is not None and found.lacks < best.lacks:
            best = found
    return best


def _from_few_to_many(needed: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield every choice of the interviews that need a room but that of all, the smaller first."""
    for many in range(len(needed)):
        yield from combinations(needed, many)


def _as_far_as_filled(
    search: SlotSearch, roomless: Sequence[int], start: datetime, calendars: Calendars | None
) -> Shortfall | None:
    planned = search.plan.interviews
    easier = tuple(_easier(each, k in roomless) for k, each in enumerate(planned))
    asked = replace(search, plan=replace(search.plan, interviews=easier))
    ranked = at(asked, start, weights=MOSTLY_SEATS, calendars=calendars)
    if ranked is None:
        return None
    seats = (
        SeatAt(interview=k, position=position)
        for k, held in enumerate(ranked.slot.interviews)
        for position in _empty(planned[k], held)
    )
    return Shortfall(slot=ranked.slot, seats=tuple(seats), roomless=tuple(roomless))


def _easier(planned: PlannedInterview, is_roomless: bool) -> PlannedInterview:
    """Return the interview with seats that may all be empty; those that may be anyway nobody takes."""

    def easier(rule: SeatRule) -> SeatRule:
        can_sit = rule.kind not in TRAINEE_KINDS or planned.can_train
        eligible = rule.eligible if can_sit and not rule.is_optional else frozenset()
        return SeatRule(SeatKind.OBSERVER, eligible)

    seats = tuple(easier(rule) for rule in planned.seats)
    return replace(planned, seats=seats, rooms=None if is_roomless else planned.rooms)


def _empty(planned: PlannedInterview, held: SlotInterview) -> Iterator[int]:
    filled = {seat.position for seat in held.seats}
    for position, rule in enumerate(planned.seats):
        if not rule.is_optional and position not in filled:
            yield position
