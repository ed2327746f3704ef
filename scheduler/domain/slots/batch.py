"""A slot for each of many candidates who want the same people: a hiring day.

Whoever has the least choice is placed first, since others can give way more easily. Each takes the
cheapest slot that is left, and whoever sits in it is busy from then on and has one interview more.
A slot that was the cheapest alone still is, as long as nobody in it was booked in between.
After that, for as long as there is time, a few are taken out and placed again in another order, and
what is not worse is kept.

Invariant: every slot is one of its search with all the others booked. Nobody is placed cheaper than
they would be alone, so that the sum of the costs alone is a lower bound; load grows and `recent`
does not, or that would not be so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from random import Random

from scheduler.domain.availability import local_date
from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import NO_TIME, RoomId
from scheduler.domain.slots.calendars import Calendars
from scheduler.domain.slots.question import Person, Room, SlotSearch, Weights
from scheduler.domain.slots.ranking import OutOfTime
from scheduler.domain.slots.search import DEFAULT, best
from scheduler.domain.slots.slot import RankedSlot
from scheduler.domain.slots.timing import taken_up
from scheduler.domain.timespan import TimeSpan, merge

TAKEN_OUT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A slot for each search, in their order, None where none is left.

    `missed` counts those who have no slot here though they would have one alone; `lower_bound` is
    what all that are placed would cost alone, each the only one.
    """

    slots: tuple[RankedSlot | None, ...]
    missed: int
    lower_bound: int

    @property
    def cost(self) -> int:
        return sum(each.costs.total for each in self.slots if each)


def schedule_many(
    searches: Sequence[SlotSearch],
    *,
    weights: Weights = DEFAULT,
    calendars: Calendars | None = None,
    repairs: int = 0,
    out_of_time: OutOfTime = lambda: False,
) -> Batch:
    """Return slots for all of these searches that can be held side by side.

    People and rooms of one id are the same in all searches. `repairs` is how often a few are taken
    out and placed again, unless `out_of_time` says to stop before.
    """
    day = _HiringDay(searches, weights, calendars)
    day.place(day.least_choice_first())
    dice = Random(11)  # noqa: S311  # nothing secret; the same every time
    for _ in range(repairs):
        if out_of_time():
            break
        day.repair(dice)
    return day.batch()


class _HiringDay:
    def __init__(
        self, searches: Sequence[SlotSearch], weights: Weights, calendars: Calendars | None
    ) -> None:
        self._searches = searches
        self._weights = weights
        self._calendars = calendars
        self._kept: dict[object, Calendars] = {}
        self._versions = count(1)
        self._slots: list[RankedSlot | None] = [None] * len(searches)
        self._people: dict[InterviewerId, Person] = {}
        self._rooms: dict[RoomId, Room] = {}
        self._alone = [self._best(search) for search in searches]

    def least_choice_first(self) -> list[int]:
        """Return who has a slot alone, those with the least choice first."""
        choice = {
            number: self._choice(self._searches[number])
            for number, alone in enumerate(self._alone)
            if alone
        }
        return sorted(choice, key=lambda number: (choice[number], number))

    def place(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            found = self._alone[number]
            if found and not self._is_untouched(found):
                found = self._best(self._as_booked(self._searches[number]))
            self._slots[number] = found
            if found:
                self._book(number, found)

    def repair(self, dice: Random) -> None:
        """Take a few out, place them and the missed again in any order, and keep what is not worse."""
        placed = [number for number, slot in enumerate(self._slots) if slot]
        missed = [n for n, slot in enumerate(self._slots) if slot is None and self._alone[n]]
        out = dice.sample(placed, min(TAKEN_OUT, len(placed)))
        before = self._slots.copy(), self._people.copy(), self._rooms.copy()
        worth = self._worth()
        for number in out:
            self._slots[number] = None
        self._book_all()
        again = [*out, *missed]
        dice.shuffle(again)
        self.place(again)
        if self._worth() > worth:
            self._slots, self._people, self._rooms = before

    def batch(self) -> Batch:
        alone = [
            found.costs.total
            for found, slot in zip(self._alone, self._slots, strict=True)
            if found and slot
        ]
        missed = sum(
            found is not None and slot is None
            for found, slot in zip(self._alone, self._slots, strict=True)
        )
        return Batch(slots=tuple(self._slots), missed=missed, lower_bound=sum(alone))

    def _worth(self) -> tuple[int, int]:
        missed = sum(
            found is not None and slot is None
            for found, slot in zip(self._alone, self._slots, strict=True)
        )
        return missed, sum(slot.costs.total for slot in self._slots if slot)

    def _best(self, search: SlotSearch) -> RankedSlot | None:
        ranking = best(search, top=1, weights=self._weights, calendars=self._masks(search))
        return ranking.slots[0] if ranking.slots else None

    def _choice(self, search: SlotSearch) -> timedelta:
        """Return the time that is offered, counted once for everybody who may sit in the loop."""
        offered = sum((window.length for window in merge(search.candidate_windows)), NO_TIME)
        seats = [rule for interview in search.plan.interviews for rule in interview.seats]
        return offered * len(frozenset[InterviewerId]().union(*(rule.eligible for rule in seats)))

    def _is_untouched(self, ranked: RankedSlot) -> bool:
        return not any(
            interview.room in self._rooms
            or any(seat.interviewer_id in self._people for seat in interview.seats)
            for interview in ranked.slot.interviews
        )

    def _masks(self, search: SlotSearch) -> Calendars:
        if self._calendars is not None and self._calendars.covers(search.window):
            return self._calendars
        return self._kept.setdefault(search.window, Calendars(search.window))

    def _as_booked(self, search: SlotSearch) -> SlotSearch:
        people = {id_: self._people.get(id_, person) for id_, person in search.people.items()}
        rooms = {id_: self._rooms.get(id_, room) for id_, room in search.rooms.items()}
        return replace(search, people=people, rooms=rooms)

    def _book_all(self) -> None:
        self._people.clear()
        self._rooms.clear()
        for number, slot in enumerate(self._slots):
            if slot:
                self._book(number, slot)

    def _book(self, number: int, ranked: RankedSlot) -> None:
        search = self._searches[number]
        spans = taken_up([interview.span for interview in ranked.slot.interviews])
        for interview, span in zip(ranked.slot.interviews, spans, strict=True):
            for seat in interview.seats:
                person = self._people.get(seat.interviewer_id, search.people[seat.interviewer_id])
                self._people[seat.interviewer_id] = self._with_interview(person, span)
            if interview.room is not None:
                room = self._rooms.get(interview.room, search.rooms[interview.room])
                busy = (*(room.busy or ()), span)
                self._rooms[interview.room] = replace(room, busy=busy, version=self._version())

    def _with_interview(self, person: Person, span: TimeSpan) -> Person:
        on = local_date(person, span.start)
        return replace(
            person,
            busy=(*(person.busy or ()), span),
            load=_increased(person.load, on),
            load_time={**person.load_time, on: person.load_time.get(on, NO_TIME) + span.length},
            version=self._version(),
        )

    def _version(self) -> str:
        return f"batch {next(self._versions)}"


def _increased(load: Mapping[date, int], on: date) -> dict[date, int]:
    return {**load, on: load.get(on, 0) + 1}
