"""Whether loops of different people can be held in one day, by counting on how few people they lean.

A group of people is overdrawn when more seats are held at times when nobody else could take them
than the group has people. Where no group is, there are different people for all seats, and the
other way round (Hall's marriage theorem). There are far too many groups to count for all of them,
but few ever matter. So the idea:

1. Look for any way to hold the interviews that overdraws none of the groups known so far: at first
   there are none, and everybody may sit everywhere.
2. Give its seats to different people. If that works, the start is real. If not, there is a group
   that this way overdraws: count for it too from now on, and look again.
3. Where no way is left, the start is impossible.

Looking is done for all starts of a stretch at once (`lanes`). For each set of interviews and each
tally, the counts of all groups in one number (`tallies`), a mask says when these interviews can be
over. Of two ways to be over at the same time the one that leans less on every group is enough.
Where a rest is due, a tally also says when the run of interviews began that has gone on since: the
later, the better.

Who asks for the least waiting as well gets the tightest way of all: then no way is thrown out for
another, and each look is at the tightest that is left.

(To begin with few rules and to add those that were broken is known from routing, where a vehicle may
visit each place once: Righini and Salani, "New dynamic programming algorithms for the resource
constrained elementary shortest path problem", Networks 51, 2008.)

Invariant: a way that overdraws no group is never thrown out, but where any way will do, for another
with the same end that is no worse in any count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scheduler.domain.people import InterviewerId
from scheduler.domain.slots.assignment import Held
from scheduler.domain.slots.board import Board
from scheduler.domain.slots.ground import Plot
from scheduler.domain.slots.lanes import Lanes
from scheduler.domain.slots.masks import indexes
from scheduler.domain.slots.overdrawn import Failure, Group, overdrawn, what_rules_out
from scheduler.domain.slots.rests import Rests
from scheduler.domain.slots.seating import Chair
from scheduler.domain.slots.tallies import Limits, Table, Tally, add
from scheduler.domain.slots.trace import Tables, Trace


def safe_starts(board: Board) -> list[int]:
    """Return when each interview can start whatever the others do: somebody is left for each seat."""
    starts = list(board.starts)
    chairs = [chair for chair in board.seating.chairs if not chair.is_optional]
    seated: list[Chair] = []
    for chair in sorted(chairs, key=lambda chair: len(chair.people)):
        rivals = sum(not chair.people.isdisjoint(other.people) for other in seated)
        if rivals:
            k = chair.interview
            starts[k] &= board.seating.crowded(chair.people, k, rivals + 1)
        seated.append(chair)
    return starts


class Scarcity:
    """Settles which starts of one-day loops are real."""

    def __init__(self, board: Board) -> None:
        self.board = board
        chairs = [chair for chair in board.seating.chairs if not chair.is_optional]
        people = sorted({person for chair in chairs for person in chair.people})
        self._member = {person: 1 << number for number, person in enumerate(people)}
        self.chairs = [
            [chair for chair in chairs if chair.interview == k] for k in range(board.count)
        ]
        self.field = len(chairs).bit_length() + 1
        """How many bits of a tally count the seats that lean on a group, with the guard."""
        self.following = [
            [
                (k, held | 1 << k)
                for k in indexes(board.everything ^ held)
                if board.sets[held | 1 << k] and not board.ticks.followers[k] & held
            ]
            for held in range(board.everything + 1)
        ]
        """For each set of interviews which one may come next, and the set with it."""
        self._safe = safe_starts(board)
        self._choices: dict[object, Group] = {}
        self._leaning: dict[object, int] = {}

    def real_among(self, starts: int) -> int:
        """Return those of some starts from which all interviews can be held on that day."""
        return sum(1 << start for start in self._ways(starts, is_whole=False))

    def tightest(self, starts: int) -> dict[int, list[Held]]:
        """Return for those starts how all can be held on that day with the least waiting.

        It depends on what is possible, and on nothing else: see `Trace.tightest`.
        """
        return self._ways(starts, is_whole=True)

    def _ways(self, starts: int, *, is_whole: bool) -> dict[int, list[Held]]:
        found: dict[int, list[Held]] = {}
        for plot in self.board.ground.plots:
            if inside := starts & plot.mask:
                found |= _Stretch(self, plot, [*indexes(inside)], is_whole=is_whole).ways()
        return found

    def failure_of(self, held: Sequence[Held]) -> Failure | None:
        """Return why interviews cannot be held at these positions by different people; None if they can."""
        if all(self._safe[k] >> at & 1 for k, at in held):
            return None
        seats = [self._choice(chair, at) for k, at in held for chair in self.chairs[k]]
        group = overdrawn(seats)
        return None if group is None else Failure(seats, group)

    def leaning(self, chair: Chair, group: Group) -> int:
        """Return when nobody outside a group can take a seat."""
        key = chair.people, self._length(chair), group
        known = self._leaning.get(key)
        if known is None:
            others = 0
            for person in chair.people:
                if not self._member[person] & group:
                    others |= self._starts(person, chair)
            known = self._leaning[key] = self.board.ground.everything & ~others
        return known

    def _choice(self, chair: Chair, position: int) -> Group:
        key = chair.people, self._length(chair), position
        known = self._choices.get(key)
        if known is None:
            known = self._choices[key] = sum(
                self._member[person]
                for person in chair.people
                if self._starts(person, chair) >> position & 1
            )
        return known

    def _starts(self, person: InterviewerId, chair: Chair) -> int:
        return self.board.seating.person_starts(person, chair.interview)

    def _length(self, chair: Chair) -> int:
        return self.board.ticks.lengths[chair.interview]


@dataclass(frozen=True, slots=True)
class _Count:
    """The groups that are counted for, and what holding each interview adds to a tally."""

    groups: tuple[Group, ...]
    options: list[Table]
    """For each interview its starts, by what they add."""
    least: list[Tally]
    """For each interview the least that it adds, count by count."""
    most: list[Tally]


class _Stretch:
    """Some starts of one stretch of the candidate's time."""

    def __init__(
        self, scarcity: Scarcity, plot: Plot, starts: Sequence[int], *, is_whole: bool
    ) -> None:
        self._scarcity, self._board, self._is_whole = scarcity, scarcity.board, is_whole
        self._ticks = self._board.ticks
        self._lanes = Lanes(plot, starts, self._ticks)
        self._starts = [self._lanes.laid(mask) for mask in self._board.starts]
        lunch = self._board.lunch
        self._lunch_starts = self._lanes.laid(lunch.starts) if lunch else 0
        self._rests = Rests(self._lanes, self._ticks, is_whole=is_whole)
        self._ends_before, self._ends_after = self._hopeful_ends()

    def ways(self) -> dict[int, list[Held]]:
        """Return for each start that is real a way to hold everything, the last interview first."""
        found: dict[int, list[Held]] = {}
        lanes: Sequence[int] = range(len(self._lanes.starts))
        waiting = [(lanes, self._without_groups())]
        while waiting:
            lanes, count = waiting.pop()
            failed: dict[int, list[Failure]] = {}
            for lane, ways in self._tries(lanes, count):
                failures = [self._scarcity.failure_of(held) for held in ways]
                if None in failures:
                    found[self._lanes.starts[lane]] = ways[failures.index(None)]
                else:
                    failed[lane] = [failure for failure in failures if failure]
            for groups, lanes in what_rules_out(failed):
                more = count
                for group in groups:
                    more = self._with_group(more, group)
                waiting.append((lanes, more))
        return found

    def _without_groups(self) -> _Count:
        nothing = [0] * len(self._starts)
        return _Count(
            (), [{0: starts} if starts else {} for starts in self._starts], nothing, nothing
        )

    def _with_group(self, count: _Count, group: Group) -> _Count:
        shift = self._rests.bits + self._scarcity.field * len(count.groups)
        options, least, most = list[Table](), list[Tally](), list[Tally]()
        for k, known in enumerate(count.options):
            for chair in self._scarcity.chairs[k]:
                leaning, split = self._lanes.laid(self._scarcity.leaning(chair, group)), Table()
                for tally, starts in known.items():
                    add(split, tally, starts & ~leaning)
                    add(split, tally + (1 << shift), starts & leaning)
                known = split
            added = [tally >> shift for tally in known] or [0]
            options.append(known)
            least.append(count.least[k] + (min(added) << shift))
            most.append(count.most[k] + (max(added) << shift))
        return _Count((*count.groups, group), options, least, most)

    def _tries(self, lanes: Sequence[int], count: _Count) -> Iterator[tuple[int, list[list[Held]]]]:
        """Yield the lanes that have a way to hold everything, with one that is worth a try, or two."""
        limits = Limits(
            [group.bit_count() for group in count.groups],
            count.least,
            count.most,
            field=self._scarcity.field,
            free=self._rests.bits,
        )
        if all(count.options) and limits.can_be_kept:
            tables = self._fill(self._lanes.only(lanes), count, limits)
            for lane in lanes:
                trace = Trace(
                    lane, self._lanes, self._ticks, self._rests, count.options, limits, tables
                )
                if self._is_whole:
                    ways = [trace.tightest()]
                else:
                    ways = [trace.some(is_late=False), trace.some(is_late=True)]
                if all(ways):
                    yield lane, ways

    def _fill(self, firsts: int, count: _Count, limits: Limits) -> Tables:
        everything, run = self._board.everything, self._rests.at_start
        thinned = limits.merged if self._is_whole else limits.thinned
        before, lunched, after = tables = Tables(
            *([Table() for _ in range(everything + 1)] for _ in range(3))
        )
        for k, options in enumerate(count.options):
            if self._board.sets[1 << k]:
                for tally, starts in options.items():
                    if limits.allow(1 << k, tally):
                        ends = (starts & firsts) << self._ticks.lengths[k]
                        add(before[1 << k], tally + run, ends & self._ends_before[1 << k])
        for held in range(1, everything + 1):
            before[held] = thinned(held, before[held])
            self._grow(held, before[held], before, self._ends_before, count, limits)
            if self._lunch_starts and held != everything:
                for tally, ends in before[held].items():
                    starts = self._lanes.next_starts(ends) & self._lunch_starts
                    ends = starts << self._ticks.lunch & self._ends_after[held]
                    add(lunched[held], self._rests.lunched(tally), ends)
                lunched[held] = thinned(held, lunched[held])
                self._grow(held, lunched[held], after, self._ends_after, count, limits)
            after[held] = thinned(held, after[held])
            self._grow(held, after[held], after, self._ends_after, count, limits)
        return tables

    def _grow(
        self,
        held: int,
        ended: Table,
        tables: list[Table],
        hopeful: Sequence[int],
        count: _Count,
        limits: Limits,
    ) -> None:
        """Add every interview that can follow what has ended."""
        guard, lengths = limits.guard, self._ticks.lengths
        for tally, openings, until in self._rests.openings(ended):
            for k, grown in self._scarcity.following[held]:
                table, wanted, room = tables[grown], hopeful[grown] & until, limits.rooms[grown]
                for more, starts in count.options[k].items():
                    found = openings & starts
                    if found and (found := found << lengths[k] & wanted):
                        total = tally + more
                        if room - total & guard == guard:
                            table[total] = table.get(total, 0) | found

    def _hopeful_ends(self) -> tuple[list[int], list[int]]:
        """Return for each set of interviews when it may be over for the others to follow at all.

        Before lunch, and after it; whoever sits there, and with no rest.
        """
        everything, lengths = self._board.everything, self._ticks.lengths
        before, after = [0] * (everything + 1), [0] * (everything + 1)
        before[everything], after[everything] = self._ends_without_lunch(), self._lanes.inside
        for held in range(everything - 1, 0, -1):
            for table in (before, after):
                for k, grown in self._scarcity.following[held]:
                    starts = self._starts[k] & table[grown] >> lengths[k]
                    table[held] |= self._lanes.ends_before(starts)
            if self._lunch_starts:
                lunched = self._lunch_starts & after[held] >> self._ticks.lunch
                before[held] |= self._lanes.ends_before(lunched)
        return before, after

    def _ends_without_lunch(self) -> int:
        """Return when a day may end that has no lunch."""
        lunch, inside = self._board.lunch, self._lanes.inside
        if lunch is None:
            return inside
        return self._lanes.abreast(
            [
                sum(
                    1 << end
                    for end in indexes(self._lanes.lane(inside, number))
                    if not lunch.due(end) >> start & 1
                )
                for number, start in enumerate(self._lanes.starts)
            ]
        )
