"""Whether a loop of different people can be held in one day from one start, tried by parties.

A party is the set of those who have sat so far. For each set of interviews and each party the
ticks are kept, as a mask, at which these interviews can be over; a set grows by one interview and
the people who take its seats. Of a party only those count whom an interview still to come could
want, so that most parties are the same.

For a start that bounds and luck leave in doubt: the parties are as many as people allow, but the
number of ways to place interviews does not matter. Plans with a rest are not for it.

Invariant: a tick is set exactly when the interviews can be over then, with all seats that somebody
must fill taken by different people, nobody of them outside the party but those who count no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from scheduler.domain.slots.board import Board
from scheduler.domain.slots.loops import END
from scheduler.domain.slots.masks import indexes, reaching_on, stretch

Party = int
"""A set of people: bit i stands for the i-th of those whom these seats want."""


class Parties:
    """Tries one start after the other of a search for loops on one day."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._ticks = board.ticks
        chairs = [chair for chair in board.seating.chairs if not chair.is_optional]
        people = sorted({person for chair in chairs for person in chair.people})
        self._member = {person: 1 << number for number, person in enumerate(people)}
        self._chairs = [
            [chair for chair in chairs if chair.interview == k] for k in range(board.count)
        ]
        self._known_starts: dict[int, int] = {}
        self._grid = sum(1 << offset for offset in range(0, END, self._ticks.grid))

    def can_be_held(self, start: int) -> bool:
        """Return whether all interviews can be held from `start`."""
        inside = stretch(0, self._longest(start) + 1)
        parties = [dict(self._parties(k, start, inside)) for k in range(self._board.count)]
        return all(parties) and self._grow(start, inside, parties)

    def _grow(self, start: int, inside: int, parties: Sequence[Mapping[Party, int]]) -> bool:
        board, lengths, everything = self._board, self._ticks.lengths, self._board.everything
        wanted = [
            _union(party for k in indexes(everything ^ held) for party in parties[k])
            for held in range(everything + 1)
        ]
        seats = [
            sum(len(self._chairs[k]) for k in indexes(everything ^ held))
            for held in range(everything + 1)
        ]
        before_lunch: list[dict[Party, int]] = [{} for _ in wanted]
        after_lunch: list[dict[Party, int]] = [{} for _ in wanted]
        for k, of_interview in enumerate(parties):
            if board.sets[1 << k]:
                for party, starts in of_interview.items():
                    if starts & 1:
                        _add(before_lunch[1 << k], party & wanted[1 << k], 1 << lengths[k])
        for held in range(1, everything):
            self._have_lunch(start, inside, before_lunch[held], after_lunch[held])
            following = [
                k
                for k in indexes(everything ^ held)
                if board.sets[held | 1 << k] and not self._ticks.followers[k] & held
            ]
            for ended in (before_lunch, after_lunch):
                for party, ends in ended[held].items():
                    if (wanted[held] & ~party).bit_count() < seats[held]:
                        continue
                    next_starts = self._next_starts(ends)
                    for k in following:
                        grown = held | 1 << k
                        for others, starts in parties[k].items():
                            if not others & party and (found := next_starts & starts):
                                found = found << lengths[k] & inside
                                _add(ended[grown], (party | others) & wanted[grown], found)
        return any(after_lunch[everything].values()) or any(
            self._needs_no_lunch(start, ends) for ends in before_lunch[everything].values()
        )

    def _parties(self, k: int, start: int, inside: int) -> Iterator[tuple[Party, int]]:
        """Yield the people who may take the seats of an interview, and when, counted from `start`."""
        seating = self._board.seating
        found = {0: self._board.starts[k] >> start & inside}
        for chair in self._chairs[k]:
            larger: dict[Party, int] = {}
            for party, starts in found.items():
                for person in chair.people:
                    member = self._member[person]
                    if not party & member:
                        free = starts & seating.person_starts(person, k) >> start
                        _add(larger, party | member, free)
            found = larger
        return ((party, starts) for party, starts in found.items() if starts)

    def _have_lunch(
        self, start: int, inside: int, before: Mapping[Party, int], after: dict[Party, int]
    ) -> None:
        lunch = self._board.lunch
        if lunch:
            for party, ends in before.items():
                found = self._next_starts(ends) & lunch.starts >> start
                _add(after, party, found << self._ticks.lunch & inside)

    def _needs_no_lunch(self, start: int, ends: int) -> bool:
        lunch = self._board.lunch
        return ends != 0 and (
            lunch is None or any(not lunch.due(end) >> start & 1 for end in indexes(ends))
        )

    def _next_starts(self, ends: int) -> int:
        """Return when the next item can start: right after the shortest gap, or on the grid."""
        known = self._known_starts.get(ends)
        if known is None:
            shortest = self._ticks.shortest_gap
            soonest = ends << shortest
            reach = reaching_on(soonest, self._ticks.longest_gap - shortest + 1)
            known = self._known_starts[ends] = soonest | reach & self._grid
        return known

    def _longest(self, start: int) -> int:
        return min(self._board.ground.plot_of(start).end - start, self._ticks.longest_day)


def _add(table: dict[Party, int], party: Party, ticks: int) -> None:
    if ticks:
        table[party] = table.get(party, 0) | ticks


def _union(parties: Iterator[Party]) -> Party:
    found = 0
    for party in parties:
        found |= party
    return found
