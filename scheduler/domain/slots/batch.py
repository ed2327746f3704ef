"""A slot for each of many candidates who want the same people: a hiring day.

Whoever has the least choice is placed first, since others can give way more easily. Each takes the
cheapest slot that is left, and whoever sits in it is busy from then on and has one interview more.
A slot that was the cheapest alone still is, as long as nobody in it was booked in between.
After that, for as long as there is time, a few are taken out and placed again in another order, and
what is not worse is kept: those more often who cost much more than they would alone.

Load is what slots cost each other: the n-th interview of somebody's week costs n - 1 times the
weight more than it would alone, whoever has it. So the cost of all is the same in whatever order
they are booked, and what one slot costs is told in the order of the searches.

Invariant: every slot is one of its search with all the others booked. Nobody is placed cheaper than
they would be alone, so that the sum of the costs alone is a lower bound; load grows and `recent`
does not, or that would not be so. `joint` has a higher bound.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain, count
from random import Random

from scheduler.domain.availability import local_date, week_load
from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import NO_TIME, RoomId
from scheduler.domain.slots.calendars import Calendars
from scheduler.domain.slots.question import Person, Room, SlotSearch, Weights
from scheduler.domain.slots.ranking import OutOfTime
from scheduler.domain.slots.search import DEFAULT, best
from scheduler.domain.slots.slot import RankedSlot, SlotInterview
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
        self._given = calendars
        self._kept: dict[object, Calendars] = {}
        self._booked: dict[object, Calendars] = {}
        self._versions = count(1)
        self._slots: list[RankedSlot | None] = [None] * len(searches)
        self._interviews: dict[InterviewerId, dict[int, list[TimeSpan]]] = {}
        """When people sit in slots, by the number of the search."""
        self._people: dict[InterviewerId, Person] = {}
        self._uses: dict[RoomId, dict[int, list[TimeSpan]]] = {}
        self._rooms: dict[RoomId, Room] = {}
        self._alone = [self._cheapest(search, self._masks(search)) for search in searches]

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
                search = self._searches[number]
                found = self._cheapest(self._as_booked(search), self._masks_of_booked(search))
            if found:
                self._book(number, found)

    def repair(self, dice: Random) -> None:
        """Take a few out, place them and the missed again in any order, and keep what is not worse."""
        missed = [n for n, slot in enumerate(self._slots) if slot is None and self._alone[n]]
        out = self._some_dear(dice)
        before, worth = {number: self._slots[number] for number in (*out, *missed)}, self._worth()
        for number in out:
            self._release(number)
        again = [*before]
        dice.shuffle(again)
        self.place(again)
        if self._worth() > worth:
            for number in before:
                self._release(number)
            for number, slot in before.items():
                if slot:
                    self._book(number, slot)

    def batch(self) -> Batch:
        alone = [
            found.costs.total
            for found, slot in zip(self._alone, self._slots, strict=True)
            if found and slot
        ]
        return Batch(
            slots=tuple(
                slot and replace(slot, costs=replace(slot.costs, load=load))
                for slot, load in zip(self._slots, self._loads(), strict=True)
            ),
            missed=self._missed(),
            lower_bound=sum(alone),
        )

    def _some_dear(self, dice: Random) -> list[int]:
        """Draw a few who have a slot, those more often that cost much more than alone."""
        extra = {
            number: 1 + slot.costs.total - alone.costs.total
            for number, (slot, alone) in enumerate(zip(self._slots, self._alone, strict=True))
            if slot and alone
        }
        drawn = dice.choices([*extra], [*extra.values()], k=dice.randint(1, TAKEN_OUT))
        return [*dict.fromkeys(drawn)]

    def _worth(self) -> tuple[int, int]:
        costs = sum(slot.costs.total - slot.costs.load for slot in self._slots if slot)
        return self._missed(), costs + sum(self._loads())

    def _missed(self) -> int:
        return sum(
            found is not None and slot is None
            for found, slot in zip(self._alone, self._slots, strict=True)
        )

    def _loads(self) -> list[int]:
        """Return what each slot costs for load, were they booked one after the other."""
        before: Counter[tuple[InterviewerId, int]] = Counter()
        found = []
        for number in range(len(self._slots)):
            load, weeks = 0, []
            for id_, person, span in self._seats(number):
                on = local_date(person, span.start)
                week = id_, on.toordinal() - on.weekday()
                load += max(week_load(person, on) + before[week], 0)
                weeks.append(week)
            before.update(weeks)
            found.append(self._weights.load * load)
        return found

    def _cheapest(self, search: SlotSearch, calendars: Calendars) -> RankedSlot | None:
        ranking = best(search, top=1, weights=self._weights, calendars=calendars)
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
        if self._given is not None and self._given.covers(search.window):
            return self._given
        if search.window not in self._kept:
            self._kept[search.window] = Calendars(search.window)
        return self._kept[search.window]

    def _masks_of_booked(self, search: SlotSearch) -> Calendars:
        if search.window not in self._booked:
            self._booked[search.window] = self._masks(search).apart()
        return self._booked[search.window]

    def _as_booked(self, search: SlotSearch) -> SlotSearch:
        return replace(
            search,
            people={id_: self._people.get(id_, person) for id_, person in search.people.items()},
            rooms={id_: self._rooms.get(id_, room) for id_, room in search.rooms.items()},
        )

    def _book(self, number: int, ranked: RankedSlot) -> None:
        self._slots[number] = ranked
        for sitting, _, span in self._seats(number):
            self._interviews.setdefault(sitting, {}).setdefault(number, []).append(span)
        for room_id, span in self._stays(number):
            self._uses.setdefault(room_id, {}).setdefault(number, []).append(span)
        self._renew(number)

    def _release(self, number: int) -> None:
        """Take a slot out, if there is one."""
        people = {sitting for sitting, _, _ in self._seats(number)}
        for id_ in people:
            del self._interviews[id_][number]
        for room_id in {room_id for room_id, _ in self._stays(number)}:
            del self._uses[room_id][number]
        self._renew(number)
        self._slots[number] = None

    def _renew(self, number: int) -> None:
        """Bring the people and rooms of a slot up to what they have now."""
        search = self._searches[number]
        for id_ in {sitting for sitting, _, _ in self._seats(number)}:
            spans = [*chain.from_iterable(self._interviews[id_].values())]
            self._people[id_] = _with_interviews(search.people[id_], spans, self._version())
            if not spans:
                del self._people[id_]
        for room_id in {room_id for room_id, _ in self._stays(number)}:
            spans = [*chain.from_iterable(self._uses[room_id].values())]
            room = search.rooms[room_id]
            busy = (*(room.busy or ()), *spans)
            self._rooms[room_id] = replace(room, busy=busy, version=self._version())
            if not spans:
                del self._rooms[room_id]

    def _seats(self, number: int) -> Iterator[tuple[InterviewerId, Person, TimeSpan]]:
        """Yield who sits in a slot, and when."""
        search = self._searches[number]
        for interview, span in self._held(number):
            for seat in interview.seats:
                yield seat.interviewer_id, search.people[seat.interviewer_id], span

    def _stays(self, number: int) -> Iterator[tuple[RoomId, TimeSpan]]:
        """Yield which rooms a slot needs, and when."""
        for interview, span in self._held(number):
            if interview.room is not None:
                yield interview.room, span

    def _held(self, number: int) -> Iterator[tuple[SlotInterview, TimeSpan]]:
        slot = self._slots[number]
        if slot:
            interviews = slot.slot.interviews
            spans = taken_up([interview.span for interview in interviews])
            yield from zip(interviews, spans, strict=True)

    def _version(self) -> str:
        return f"batch {next(self._versions)}"


def _with_interviews(person: Person, spans: Sequence[TimeSpan], version: str) -> Person:
    load, load_time = {**person.load}, {**person.load_time}
    for span in spans:
        on = local_date(person, span.start)
        load[on] = load.get(on, 0) + 1
        load_time[on] = load_time.get(on, NO_TIME) + span.length
    busy = (*(person.busy or ()), *spans)
    return replace(person, busy=busy, load=load, load_time=load_time, version=version)
