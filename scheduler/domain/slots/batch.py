"""A slot for each of many candidates who want the same people: a hiring day.

Whoever has the least choice is placed first, since others can give way more easily. Each takes the
cheapest slot that is left, where those cost more whom others still to come are likely to want, which
`demand` tells. Whoever sits in a slot is busy from then on and has one interview more. When all have
their times, seats move to where they are cheaper, by `exchange`.
After that, for as long as there is time, a few are taken out and placed again in another order, and
what is not worse is kept: those more often who cost much more than they would alone.

Load is what slots cost each other: the n-th interview of somebody's week costs n - 1 times the
weight more than it would alone, whoever has it. So the cost of all is the same in whatever order
they are booked, and what one slot costs is told in the order of the searches. Tolls for what may
come only help to choose, and are never part of a cost.

Invariant: every slot is one of its search with all the others booked. No more are missed than would
be without tolls. Nobody is placed cheaper than they would be alone, so that the sum of the costs
alone is a lower bound; load grows and `recent` does not, or that would not be so. `joint` has a
higher bound.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain
from random import Random

from scheduler.domain.availability import local_date, week_load
from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import NO_TIME
from scheduler.domain.slots.bookings import Bookings
from scheduler.domain.slots.calendars import Calendars
from scheduler.domain.slots.demand import Demand
from scheduler.domain.slots.exchange import Exchange, HeldSeat, held_seats, holders_of
from scheduler.domain.slots.ground import Ground
from scheduler.domain.slots.loops import PlanTicks
from scheduler.domain.slots.pricing import costs_of
from scheduler.domain.slots.question import SlotSearch, Weights
from scheduler.domain.slots.ranking import OutOfTime
from scheduler.domain.slots.search import DEFAULT, best
from scheduler.domain.slots.seating import Seating
from scheduler.domain.slots.slot import RankedSlot, Slot, slot_of
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
    day.place_all()
    day.exchange_seats()
    dice = Random(11)  # noqa: S311  # nothing secret; the same every time
    for _ in range(repairs):
        if out_of_time():
            break
        day.repair(dice)
    if repairs:
        day.exchange_seats()
    return day.batch()


class _HiringDay:
    def __init__(
        self, searches: Sequence[SlotSearch], weights: Weights, calendars: Calendars | None
    ) -> None:
        self._searches = searches
        self._weights = weights
        self._bookings = Bookings(searches)
        self._people = {id_: one for search in searches for id_, one in search.people.items()}
        self._masks = _masks(searches, calendars)
        self._alone = [self._cheapest(search, self._masks[search.window]) for search in searches]
        self._booked_masks = {window: masks.apart() for window, masks in self._masks.items()}
        self._seatings: dict[int, Seating] = {}
        alone = {number: found.slot for number, found in enumerate(self._alone) if found}
        self._demand = Demand(self._seats_of(alone), self._people, weights.load)
        self._charge(self._demand.wanted())

    def place_all(self) -> None:
        """Place everybody; where that misses some, try without tolls too."""
        order = self._least_choice_first()
        self._place(order)
        if self._missed():
            worth, before = self._worth(), self._taken_out(order)
            self._place(order)
            if self._worth() >= worth:
                self._put_back(before)

    def exchange_seats(self) -> None:
        """Give out the seats of all slots anew, where that is cheaper for all together."""
        slots = {number: each.slot for number, each in self._placed()}
        seats = [*self._seats_of(slots)]
        holders = [holders_of(slot, self._seating(n)) for n, slot in slots.items()]
        exchange = Exchange(
            seats, [*chain.from_iterable(holders)], self._people, self._weights.load
        )
        exchange.run()
        sitting = iter(exchange.holders)
        for number, slot in slots.items():
            plan = self._searches[number].plan
            people = [next(sitting) for interview in plan.interviews for _ in interview.seats]
            rooms = [interview.room for interview in slot.interviews]
            changed = slot_of(plan, slot.times.spans, people, rooms)
            if changed != slot:
                self._bookings.release(number)
                costs = costs_of(self._searches[number], changed, self._weights)
                self._bookings.book(number, RankedSlot(changed, costs))

    def repair(self, dice: Random) -> None:
        """Take a few out, place them and the missed again in any order, and keep what is not worse."""
        missed = [n for n, alone in enumerate(self._alone) if alone and not self._slots[n]]
        worth, out = self._worth(), self._some_dear(dice)
        before = self._taken_out([*out, *missed])
        again = [*before]
        dice.shuffle(again)
        self._place(again)
        if self._worth() > worth:
            self._put_back(before)

    def batch(self) -> Batch:
        return Batch(
            slots=tuple(
                slot and replace(slot, costs=replace(slot.costs, load=load))
                for slot, load in zip(self._slots, self._loads(), strict=True)
            ),
            missed=self._missed(),
            lower_bound=sum(
                found.costs.total
                for found, slot in zip(self._alone, self._slots, strict=True)
                if found and slot
            ),
        )

    @property
    def _slots(self) -> Sequence[RankedSlot | None]:
        return self._bookings.slots

    def _placed(self) -> Iterator[tuple[int, RankedSlot]]:
        for number, slot in enumerate(self._slots):
            if slot:
                yield number, slot

    def _least_choice_first(self) -> list[int]:
        """Return who has a slot alone, those with the least choice first."""
        choice = {
            number: self._choice(self._searches[number])
            for number, alone in enumerate(self._alone)
            if alone
        }
        return sorted(choice, key=lambda number: (choice[number], number))

    def _place(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self._charge(self._demand.drop(number))
            search = self._bookings.search(number)
            found = self._cheapest(search, self._booked_masks[search.window])
            if found:
                self._bookings.book(number, found)

    def _charge(self, people: Iterable[InterviewerId]) -> None:
        for id_ in people:
            for masks in self._booked_masks.values():
                masks.charge(id_, self._demand.tolls(id_))

    def _taken_out(self, numbers: Iterable[int]) -> dict[int, RankedSlot | None]:
        """Take these out, and return the slots that they had."""
        before = {number: self._slots[number] for number in numbers}
        for number in before:
            self._bookings.release(number)
        return before

    def _put_back(self, before: Mapping[int, RankedSlot | None]) -> None:
        for number in before:
            self._bookings.release(number)
        for number, slot in before.items():
            if slot:
                self._bookings.book(number, slot)

    def _some_dear(self, dice: Random) -> list[int]:
        """Draw a few who have a slot, those more often that cost much more than alone."""
        extra = {
            number: 1 + slot.costs.total - alone.costs.total
            for number, (slot, alone) in enumerate(zip(self._slots, self._alone, strict=True))
            if slot and alone
        }
        if not extra:
            return []
        drawn = dice.choices([*extra], [*extra.values()], k=dice.randint(1, TAKEN_OUT))
        return [*dict.fromkeys(drawn)]

    def _worth(self) -> tuple[int, int]:
        costs = sum(slot.costs.total - slot.costs.load for _, slot in self._placed())
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
            for id_, person, span in self._bookings.seats(number):
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

    def _seats_of(self, slots: Mapping[int, Slot]) -> Iterator[HeldSeat]:
        for number, slot in slots.items():
            yield from held_seats(number, slot, self._seating(number))

    def _seating(self, number: int) -> Seating:
        """Return who can sit where in a search, were it the only one."""
        known = self._seatings.get(number)
        if known is None:
            search = self._searches[number]
            masks = self._masks[search.window]
            ground, ticks = Ground(search, masks.horizon), PlanTicks.of(search.plan)
            known = Seating(search, masks, ground, ticks, self._weights)
            self._seatings[number] = known
        return known


def _masks(
    searches: Iterable[SlotSearch], calendars: Calendars | None
) -> dict[TimeSpan, Calendars]:
    """Return calendars for every window that is searched: the given ones, where they cover it."""
    windows = {search.window for search in searches}
    return {
        window: calendars if calendars and calendars.covers(window) else Calendars(window)
        for window in windows
    }
