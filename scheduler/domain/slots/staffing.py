"""Who sits where, once the times are known: distinct people, the least loaded first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from scheduler.domain.availability import week_load
from scheduler.domain.people import InterviewerId
from scheduler.domain.slots.question import SlotSearch
from scheduler.domain.slots.slot import FilledSeat, Slot, SlotInterview
from scheduler.domain.timespan import TimeSpan

Free = frozenset[InterviewerId] | set[InterviewerId]


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


class Staffing:
    """Turns times, and who is free at them, into staffed slots of one search."""

    def __init__(self, search: SlotSearch) -> None:
        self._search = search
        self._dates: dict[tuple[ZoneInfo, datetime], date] = {}
        self._loads: dict[tuple[InterviewerId, date], int] = {}

    def slot(self, spans: Sequence[TimeSpan], free: Sequence[Free]) -> Slot | None:
        """Return the best staffed slot at `spans`; `free` names who can interview at each."""
        interviews = self._search.plan.interviews
        seats = [
            OpenSeat(rule.is_optional, self._ranked(rule.eligible & able, span.start))
            for planned, span, able in zip(interviews, spans, free, strict=True)
            for rule in planned.seats
        ]
        panel = fill_seats(seats)
        if panel is None:
            return None
        sitting = iter(panel)
        return Slot(
            tuple(
                SlotInterview(
                    span,
                    tuple(
                        FilledSeat(position, rule.kind, person)
                        for position, rule in enumerate(planned.seats)
                        if (person := next(sitting)) is not None
                    ),
                )
                for planned, span in zip(interviews, spans, strict=True)
            )
        )

    def _ranked(self, people: frozenset[InterviewerId], at: datetime) -> tuple[InterviewerId, ...]:
        return tuple(sorted(people, key=lambda person: (self._load(person, at), person)))

    def _load(self, interviewer_id: InterviewerId, at: datetime) -> int:
        person = self._search.people[interviewer_id]
        zone = person.interviewer.zone
        on = self._dates.get((zone, at))
        if on is None:
            on = self._dates[zone, at] = at.astimezone(zone).date()
        load = self._loads.get((interviewer_id, on))
        if load is None:
            load = self._loads[interviewer_id, on] = week_load(person, on)
        return load
