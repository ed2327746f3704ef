"""Seats of many loops given out anew, at the times that are chosen, so that all cost less together.

Whoever sits often in a week can hand a seat to somebody who sits less. Often nobody who sits less is
free for it, but somebody is who can hand on a seat of theirs. So seats move along a chain: the first
person gives one away, whoever is in between gets one for one, and the last takes one more. Of what
all cost that changes only what these seats cost themselves, and the load of the first and the last.

With Dana in two interviews, Femi in one and Mei in none, where Mei can take Femi's seat but neither
of Dana's, and Femi can take one of Dana's:

    Dana's seat -> Femi, Femi's seat -> Mei

Invariant: before and after each chain everybody can sit where they sit, with all their other seats
and both buffers around each; and every chain makes the whole cheaper.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from scheduler.domain.availability import local_date, over_day, over_week
from scheduler.domain.people import Interviewer, InterviewerId
from scheduler.domain.plan import NO_TIME
from scheduler.domain.slots.question import Person
from scheduler.domain.slots.seating import Option, Seating
from scheduler.domain.slots.slot import Slot
from scheduler.domain.slots.timing import taken_up
from scheduler.domain.timespan import TimeSpan

LONGEST_CHAIN = 3
Move = tuple[int, InterviewerId | None]
"""A seat, and who is to take it: nobody leaves it empty."""


class Sitting(NamedTuple):
    """When somebody would sit, and on which date and in which week where they are."""

    span: TimeSpan
    free: TimeSpan
    """Where no other interview of theirs may lie."""
    on: date
    monday: date


@dataclass(frozen=True, slots=True, eq=False)
class HeldSeat:
    """A seat of a loop that has its times, and what it costs with whoever could take it."""

    loop: int
    span: TimeSpan
    choices: Sequence[Option]
    """The cheapest first; load is that of the calendars alone."""
    costs: Mapping[InterviewerId | None, int]
    _sittings: dict[InterviewerId, Sitting] = field(default_factory=dict)

    def sitting(self, person: Person) -> Sitting:
        who = person.interviewer
        known = self._sittings.get(who.interviewer_id)
        if known is None:
            on = local_date(person, self.span.start)
            known = self._sittings[who.interviewer_id] = Sitting(
                self.span, kept_free(who, self.span), on, on - timedelta(days=on.weekday())
            )
        return known


def held_seats(loop: int, slot: Slot, seating: Seating) -> Iterator[HeldSeat]:
    """Yield the seats of a slot in the plan's order, each with everybody who could take it.

    Where people may sit twice in a loop everybody stays where they are.
    """
    spans = taken_up([interview.span for interview in slot.interviews])
    for chair, holder in zip(seating.chairs, holders_of(slot, seating), strict=True):
        span = spans[chair.interview]
        choices = seating.everybody_at(chair, span.start)
        if seating.search.plan.people_repeat:
            choices = [(cost, person) for cost, person in choices if person == holder]
        yield HeldSeat(loop, span, choices, {person: cost for cost, person in choices})


def holders_of(slot: Slot, seating: Seating) -> list[InterviewerId | None]:
    """Return who has each seat, in the plan's order; None has an empty one."""
    sitting = {
        (k, seat.position): seat.interviewer_id
        for k, interview in enumerate(slot.interviews)
        for seat in interview.seats
    }
    return [sitting.get((chair.interview, chair.position)) for chair in seating.chairs]


class Exchange:
    """Who holds which seat, and the chains that make it cheaper."""

    def __init__(
        self,
        seats: Sequence[HeldSeat],
        holders: Sequence[InterviewerId | None],
        people: Mapping[InterviewerId, Person],
        load: int,
    ) -> None:
        """`load` is what each further interview of a week costs more than the one before it."""
        self.holders = list(holders)
        self._seats = seats
        self._people = people
        self._load = load
        self._held: dict[InterviewerId, dict[int, Sitting]] = {}
        self._full: dict[object, bool] = {}
        self._in_loop: dict[int, set[InterviewerId]] = {seat.loop: set() for seat in seats}
        for number in range(len(seats)):
            self._sit(number)

    def run(self) -> None:
        """Look at every seat once, and move it along the chain that saves most."""
        for first in range(len(self._seats)):
            self._hand_on(first)

    def _hand_on(self, first: int) -> None:
        chain = self._cheapest_chain(first)
        for number, _ in chain:
            self._rise(number)
        for number, taker in chain:
            self.holders[number] = taker
            self._sit(number)

    def _cheapest_chain(self, first: int) -> tuple[Move, ...]:
        """Return the chain from this seat that saves most, as far as was looked; () when none saves."""
        seats, giver = self._seats, self.holders[first]
        best, chain = 0, tuple[Move, ...]()
        change = -seats[first].costs[giver]
        if giver is not None:
            change -= self._load * (len(self._in_week(first, giver)) - 1)
        reached = {first: change}
        front: list[tuple[int, int, tuple[Move, ...]]] = [(first, change, ())]
        for _ in range(LONGEST_CHAIN):
            further = []
            for number, so_far, moves in front:
                for cost, taker in seats[number].choices:
                    change, longer = so_far + cost, (*moves, (number, taker))
                    if change >= best:
                        break
                    if taker is None:
                        best, chain = change, longer
                        continue
                    if taker == giver or self._is_in(number, taker, moves):
                        continue
                    theirs = self._in_week(number, taker)
                    more = change + self._load * len(theirs)
                    if more < best and self._fits(number, taker):
                        best, chain = more, longer
                    for other in theirs:
                        left = change - seats[other].costs[taker]
                        if (
                            left + seats[other].choices[0][0] < best
                            and left < reached.get(other, best)
                            and self._fits(number, taker, other)
                        ):
                            reached[other] = left
                            further.append((other, left, longer))
            front = further
        return chain

    def _is_in(self, number: int, taker: InterviewerId, moves: tuple[Move, ...]) -> bool:
        """Does the person sit in the loop of this seat already, or take another seat of the chain?"""
        return taker in self._in_loop[self._seats[number].loop] or any(
            taker == earlier for _, earlier in moves
        )

    def _in_week(self, number: int, holder: InterviewerId) -> list[int]:
        """Return the seats that a person has in the week of this one."""
        held = self._held.get(holder)
        if not held:
            return []
        monday = self._seats[number].sitting(self._people[holder]).monday
        return [other for other, sitting in held.items() if sitting.monday == monday]

    def _fits(self, number: int, taker: InterviewerId, without: int | None = None) -> bool:
        """Can the person take the seat beside all others that they have, or all but one?"""
        held = [sat for other, sat in self._held.get(taker, {}).items() if other != without]
        if not held:
            return True
        person = self._people[taker]
        now = self._seats[number].sitting(person)
        start, end = now.free.start, now.free.end
        if any(start < sat.span.end and sat.span.start < end for sat in held):
            return False
        return not self._is_full(person, now, held)

    def _is_full(self, person: Person, now: Sitting, held: Sequence[Sitting]) -> bool:
        """Does one more interview break a limit of the day or of the week?"""
        day = tuple(sat.span.length for sat in held if sat.on == now.on)
        week = tuple(sat.span.length for sat in held if sat.monday == now.monday)
        key = person.interviewer.interviewer_id, now.on, now.span.length, day, week
        known = self._full.get(key)
        if known is None:
            known = self._full[key] = over_day(
                person, now.on, interviews=len(day) + 1, length=sum(day, now.span.length)
            ) or over_week(
                person, now.on, interviews=len(week) + 1, length=sum(week, now.span.length)
            )
        return known

    def _sit(self, number: int) -> None:
        holder, seat = self.holders[number], self._seats[number]
        if holder is not None:
            self._held.setdefault(holder, {})[number] = seat.sitting(self._people[holder])
            self._in_loop[seat.loop].add(holder)

    def _rise(self, number: int) -> None:
        holder = self.holders[number]
        if holder is not None:
            del self._held[holder][number]
            self._in_loop[self._seats[number].loop].discard(holder)


def kept_free(who: Interviewer, span: TimeSpan) -> TimeSpan:
    """Return where no other interview of theirs may lie when they have one at `span`.

    Their buffers hold around both: between two there is the longer one.
    """
    longer = max(who.buffer_before, who.buffer_after, NO_TIME)
    return span.widened(longer, longer)
