"""What the slots of a hiring day take of people and rooms, and what is left for the others.

Invariant: a person or a room is as the searches have them, with every slot that is booked on top,
and in between two interviews of somebody both buffers are kept. Whoever has none is as before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, count

from scheduler.domain.availability import local_date
from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import NO_TIME, RoomId
from scheduler.domain.slots.exchange import kept_free
from scheduler.domain.slots.question import Person, Room, SlotSearch
from scheduler.domain.slots.slot import RankedSlot, SlotInterview
from scheduler.domain.slots.timing import taken_up
from scheduler.domain.timespan import TimeSpan


class Bookings:
    """The slots that are booked, one for a search at most; people and rooms are shared by all."""

    def __init__(self, searches: Sequence[SlotSearch]) -> None:
        self.slots: list[RankedSlot | None] = [None] * len(searches)
        self._searches = searches
        self._versions = count(1)
        self._interviews: dict[InterviewerId, dict[int, list[TimeSpan]]] = {}
        """When people sit in slots, by the number of the search."""
        self._people: dict[InterviewerId, Person] = {}
        self._uses: dict[RoomId, dict[int, list[TimeSpan]]] = {}
        self._rooms: dict[RoomId, Room] = {}

    def search(self, number: int) -> SlotSearch:
        """Return a search with everybody and every room as they are now."""
        search = self._searches[number]
        return replace(
            search,
            people={id_: self._people.get(id_, person) for id_, person in search.people.items()},
            rooms={id_: self._rooms.get(id_, room) for id_, room in search.rooms.items()},
        )

    def book(self, number: int, ranked: RankedSlot) -> None:
        self.slots[number] = ranked
        for sitting, _, span in self.seats(number):
            self._interviews.setdefault(sitting, {}).setdefault(number, []).append(span)
        for room_id, span in self._stays(number):
            self._uses.setdefault(room_id, {}).setdefault(number, []).append(span)
        self._renew(number)

    def release(self, number: int) -> None:
        """Take a slot out, if there is one."""
        for id_ in {sitting for sitting, _, _ in self.seats(number)}:
            del self._interviews[id_][number]
        for room_id in {room_id for room_id, _ in self._stays(number)}:
            del self._uses[room_id][number]
        self._renew(number)
        self.slots[number] = None

    def seats(self, number: int) -> Iterator[tuple[InterviewerId, Person, TimeSpan]]:
        """Yield who sits in a slot, as they were before all bookings, and when."""
        search = self._searches[number]
        for interview, span in self._held(number):
            for seat in interview.seats:
                yield seat.interviewer_id, search.people[seat.interviewer_id], span

    def _renew(self, number: int) -> None:
        """Bring the people and rooms of a slot up to what they have now."""
        search = self._searches[number]
        for id_ in {sitting for sitting, _, _ in self.seats(number)}:
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

    def _stays(self, number: int) -> Iterator[tuple[RoomId, TimeSpan]]:
        """Yield which rooms a slot needs, and when."""
        for interview, span in self._held(number):
            if interview.room is not None:
                yield interview.room, span

    def _held(self, number: int) -> Iterator[tuple[SlotInterview, TimeSpan]]:
        slot = self.slots[number]
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
    busy = (*(person.busy or ()), *(_busy(person, span) for span in spans))
    return replace(person, busy=busy, load=load, load_time=load_time, version=version)


def _busy(person: Person, span: TimeSpan) -> TimeSpan:
    """Return what to call busy so that, with the buffers that a search adds, `kept_free` stays free."""
    who, free = person.interviewer, kept_free(person.interviewer, span)
    return TimeSpan(free.start + who.buffer_after, free.end - who.buffer_before)
