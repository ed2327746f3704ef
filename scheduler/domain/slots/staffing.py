"""Who sits where, once the times are known: distinct people, the least loaded first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import RoomId, StagePlan
from scheduler.domain.slots.slot import FilledSeat, Slot, SlotInterview
from scheduler.domain.timespan import TimeSpan


@dataclass(frozen=True, slots=True)
class OpenSeat:
    """A seat with the people who could take it, the best first."""

    is_optional: bool
    choices: tuple[InterviewerId, ...]


def fill_seats(seats: Sequence[OpenSeat]) -> list[InterviewerId | None] | None:
    """Return a person for each of `seats`, nobody twice, or None when a seat must stay empty.

    Optional seats are filled as far as that takes nobody from the others, earlier ones first.
    Then each seat in turn has the best of its choices that leaves all seats filled.
    """
    panel = _Panel(seats)
    optional = [number for number, seat in enumerate(seats) if seat.is_optional]
    mandatory = [number for number, seat in enumerate(seats) if not seat.is_optional]
    if not all(panel.seat_somebody(number) for number in mandatory):
        return None
    for number in optional:
        panel.seat_somebody(number)
    return [panel.settle(number) for number in range(len(seats))]


class _Panel:
    """A matching of seats and people that grows by augmenting paths (Kuhn)."""

    def __init__(self, seats: Sequence[OpenSeat]) -> None:
        self._seats = seats
        self._seat_of: dict[InterviewerId, int] = {}
        self._person_in: dict[int, InterviewerId] = {}
        self._settled: set[InterviewerId] = set()

    def seat_somebody(self, number: int) -> bool:
        """Fill the seat, where needed by moving others, who all keep a seat."""
        return self._augment(number, set(self._settled))

    def settle(self, number: int) -> InterviewerId | None:
        """Give the seat, for good, its best choice for whom the others can all stay seated."""
        present = self._person_in.get(number)
        if present is None:
            return None
        for wanted in self._seats[number].choices:
            if wanted == present or (
                wanted not in self._settled and self._replaced(number, present, wanted)
            ):
                self._settled.add(wanted)
                return wanted
        raise AssertionError("whoever sits there is one of the choices")

    def _replaced(self, number: int, present: InterviewerId, wanted: InterviewerId) -> bool:
        left_behind = self._seat_of.get(wanted)
        del self._seat_of[present]
        self._sit(wanted, number)
        if left_behind is None or self._augment(left_behind, {*self._settled, wanted}):
            return True
        self._sit(wanted, left_behind)
        self._sit(present, number)
        return False

    def _augment(self, number: int, tried: set[InterviewerId]) -> bool:
        for person in self._seats[number].choices:
            if person in tried:
                continue
            tried.add(person)
            elsewhere = self._seat_of.get(person)
            if elsewhere is None or self._augment(elsewhere, tried):
                self._sit(person, number)
                return True
        return False

    def _sit(self, person: InterviewerId, number: int) -> None:
        self._seat_of[person] = number
        self._person_in[number] = person


def slot_of(
    plan: StagePlan,
    spans: Sequence[TimeSpan],
    people: Iterable[InterviewerId | None],
    rooms: Sequence[RoomId | None] = (),
) -> Slot:
    """Return the slot at these times with these people, one for each seat of the plan in order."""
    sitting = iter(people)
    return Slot(
        tuple(
            SlotInterview(
                span,
                tuple(
                    FilledSeat(position, rule.kind, person)
                    for position, rule in enumerate(planned.seats)
                    if (person := next(sitting)) is not None
                ),
                room,
            )
            for planned, span, room in zip_longest(plan.interviews, spans, rooms)
        )
    )
