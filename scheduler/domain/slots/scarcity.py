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
another, and each look is at the tightest that is left. Loops of several days are looked for by
`spread`, which has them judged here.

(To begin with few rules and to add those that were broken is known from routing, where a vehicle may
visit each place once: Righini and Salani, "New dynamic programming algorithms for the resource
constrained elementary shortest path problem", Networks 51, 2008.)

Invariant: a way that overdraws no group is thrown out only where any way will do, and only for another
with the same end that is no worse in any count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from scheduler.domain.people import InterviewerId
from scheduler.domain.slots.assignment import Held
from scheduler.domain.slots.board import Board
from scheduler.domain.slots.cuts import Count, Cut, Verdict
from scheduler.domain.slots.masks import indexes, mask_of
from scheduler.domain.slots.overdrawn import Failure, Group, overdrawn, what_rules_out
from scheduler.domain.slots.seating import Chair
from scheduler.domain.slots.strips import Strip, followings
from scheduler.domain.slots.trace import Trace


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
    """Settles which starts of one-day loops are real, and judges ways to hold longer ones."""

    def __init__(self, board: Board) -> None:
        self.board = board
        chairs = [chair for chair in board.seating.chairs if not chair.is_optional]
        people = sorted({person for chair in chairs for person in chair.people})
        self._member = {person: 1 << number for number, person in enumerate(people)}
        self._chairs = [
            [chair for chair in chairs if chair.interview == k] for k in range(board.count)
        ]
        self.field = len(chairs).bit_length() + 1
        """How many bits of a tally count the seats that lean on a group, with the guard."""
        self._following = followings(board)
        self._safe = safe_starts(board)
        self._choices: dict[object, Group] = {}
        self._leaning: dict[object, int] = {}
        self._cuts: dict[Group, Cut] = {}

    def real_among(self, starts: int) -> int:
        """Return those of some starts from which all interviews can be held on that day."""
        return mask_of(self._ways(starts, is_whole=False))

    def tightest(self, starts: int) -> dict[int, list[Held]]:
        """Return for those starts how all can be held on that day with the least waiting.

        It depends on what is possible, and on nothing else: see `Trace.tightest`.
        """
        return self._ways(starts, is_whole=True)

    def judged(self, ways: Mapping[int, Sequence[list[Held]]]) -> Verdict:
        """Judge ways to hold loops of different people from each of these starts."""
        held, failed = dict[int, list[Held]](), dict[int, list[Failure]]()
        for start, tried in ways.items():
            failures = [self._failure_of(way) for way in tried]
            if None in failures:
                held[start] = tried[failures.index(None)]
            else:
                failed[start] = [failure for failure in failures if failure]
        ruled_out = [
            ([self._cut(group) for group in groups], starts)
            for groups, starts in what_rules_out(failed)
        ]
        return Verdict(held, ruled_out)

    def _ways(self, starts: int, *, is_whole: bool) -> dict[int, list[Held]]:
        found: dict[int, list[Held]] = {}
        for plot in self.board.ground.plots:
            if inside := starts & plot.mask:
                strip = Strip(
                    self.board,
                    plot,
                    [*indexes(inside)],
                    goals=[self.board.everything],
                    following=self._following,
                    is_whole=is_whole,
                )
                found |= self._ways_of(strip, is_whole=is_whole)
        return found

    def _ways_of(self, strip: Strip, *, is_whole: bool) -> dict[int, list[Held]]:
        """Return for each start of a strip that is real a way to hold everything, the last interview first."""
        found: dict[int, list[Held]] = {}
        count = Count.of(strip.starts, field=self.field, free=strip.rests.bits)
        waiting = [(strip.lanes.starts, count)]
        while waiting:
            starts, count = waiting.pop()
            verdict = self.judged(dict(_tries(strip, starts, count, is_whole=is_whole)))
            found |= verdict.held
            for cuts, starts in verdict.ruled_out:
                waiting.append((starts, count.with_cuts(cuts, strip.lanes.laid)))
        return found

    def _failure_of(self, held: Sequence[Held]) -> Failure | None:
        """Return why interviews cannot be held at these positions by different people; None if they can."""
        if all(self._safe[k] >> at & 1 for k, at in held):
            return None
        seats = [self._choice(chair, at) for k, at in held for chair in self._chairs[k]]
        group = overdrawn(seats)
        return None if group is None else Failure(seats, group)

    def _cut(self, group: Group) -> Cut:
        """Return the cut that a group is: no more seats lean on it than it has people."""
        known = self._cuts.get(group)
        if known is None:
            counted = (
                tuple(self._leaning_on(group, chair) for chair in chairs) for chairs in self._chairs
            )
            known = self._cuts[group] = Cut(tuple(counted), group.bit_count())
        return known

    def _leaning_on(self, group: Group, chair: Chair) -> int:
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


def _tries(
    strip: Strip, starts: Sequence[int], count: Count, *, is_whole: bool
) -> Iterator[tuple[int, list[list[Held]]]]:
    """Yield the starts that have a way to hold everything, with one that is worth a try, or two."""
    limits, everything = count.limited, strip.board.everything
    if not all(count.options) or not limits.can_be_kept:
        return
    lanes = [strip.lanes.number_of[start] for start in starts]
    filled = strip.filled(strip.lanes.only(lanes), count.options, limits)
    for lane, start in zip(lanes, starts, strict=True):
        trace = Trace(filled, lane)
        if is_whole:
            ways = [trace.tightest(everything, trace.goals(everything))]
        else:
            ways = [trace.some(everything, is_late=False), trace.some(everything, is_late=True)]
        if all(ways):
            yield start, ways
