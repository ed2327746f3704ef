"""Why people who may sit again cannot be found for all interviews of a loop.

Somebody can sit in so many interviews of a day at most, in so many of a week, and in each of them
once. Let an interview ask of a group of people as many of its seats as nobody else could
take. A group is asked too much when all interviews ask more of it than its people can do together.
Where no group is, and only numbers count, there is somebody for every seat, and the other way round:
that is what a cheapest cut says of a flow from seats to people (Ford and Fulkerson, "Maximal flow
through a network", Canadian Journal of Mathematics 8, 1956). People are looked at day by day: a group
may count on somebody on one day of a loop and not on another.

Limits count time too. So what asks nobody too much is tried out, by giving the seats to people one by
one. Where that fails, some of the interviews are enough to make it fail. These cannot be held together
at any times on the same dates unless somebody is free then who would help.

Invariant: a loop that can be held keeps every cut.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from scheduler.domain.availability import DAYS_A_WEEK
from scheduler.domain.people import InterviewerId
from scheduler.domain.slots.assignment import Held
from scheduler.domain.slots.board import Board
from scheduler.domain.slots.cuts import Cut, Verdict
from scheduler.domain.slots.masks import at_least, indexes, stretch
from scheduler.domain.slots.seating import Chair
from scheduler.domain.slots.staffing import seats_can_be_filled

Day = tuple[int, int]
"""A day of a loop: the position at which it begins, and where it ends."""
Week = int
"""A week of the horizon, by its number."""
Shift = tuple[InterviewerId, Day]
"""Somebody on one day."""


class Seat(NamedTuple):
    """A seat of an interview that is held on some day, and who could take it."""

    interview: int
    day: Day
    people: Collection[InterviewerId]


class Most(NamedTuple):
    """In how many interviews people can sit at most: on each day of a loop, and on those of one week."""

    on_day: Mapping[Shift, int]
    in_week: Mapping[tuple[InterviewerId, Week], int]
    week_of: Mapping[Day, Week]

    def together(self, group: Collection[Shift]) -> int:
        """Return how many seats a group can take."""
        weeks: dict[tuple[InterviewerId, Week], int] = {}
        for person, day in group:
            week = person, self.week_of[day]
            weeks[week] = weeks.get(week, 0) + self.on_day[person, day]
        return sum(min(many, self.in_week[week]) for week, many in weeks.items())


def asked_too_much(seats: Sequence[Seat], most: Most) -> frozenset[Shift] | None:
    """Return a group of whom seats ask more than they can do; None where nobody is asked too much.

    An interview has two seats, for Ada and Ben, so that each of them takes one. Two more are for Ada
    alone, who can do two that day. Were one of these for Ben, there would be no difficulty:

    >>> ada, ben, today = InterviewerId(1), InterviewerId(2), (0, 100)
    >>> most = Most({(ada, today): 2, (ben, today): 3}, {(ada, 1): 5, (ben, 1): 5}, {today: 1})
    >>> pair = [Seat(0, today, [ada, ben])] * 2
    >>> asked_too_much([*pair, Seat(1, today, [ada]), Seat(2, today, [ada])], most)
    frozenset({(1, (0, 100))})
    >>> asked_too_much([*pair, Seat(1, today, [ada]), Seat(2, today, [ben])], most) is None
    True
    """
    sitting = _Sitting(seats, most)
    for number in range(len(seats)):
        if not sitting.give(number):
            return frozenset(sitting.full)
    return None


class _Sitting:
    """Seats given out one by one, so that whoever has one makes room where that helps another."""

    def __init__(self, seats: Sequence[Seat], most: Most) -> None:
        self._seats, self._most = seats, most
        self._taken: dict[tuple[InterviewerId, int], int] = {}
        """By person and interview the number of the seat they have."""
        self._tried: set[tuple[InterviewerId, int]] = set()
        self.full: set[Shift] = set()
        """Who was asked for the last seat, and can do no more."""

    def give(self, number: int) -> bool:
        """Give a seat to somebody; False if that is not possible, whoever makes room."""
        self._tried, self.full = set(), set()
        return self._give(number)

    def _give(self, number: int) -> bool:
        interview, day, people = self._seats[number]
        for person in people:
            place = person, interview
            if place not in self._tried:
                self._tried.add(place)
                other = self._taken.get(place)
                if self._frees_time(person, day) if other is None else self._give(other):
                    self._taken[place] = number
                    return True
        return False

    def _frees_time(self, person: InterviewerId, day: Day) -> bool:
        """Have somebody give a seat away, if they must, to take another on some day."""
        if (person, day) in self.full:
            return False
        most, week = self._most, self._most.week_of[day]
        theirs = [
            place
            for place in self._taken
            if place[0] == person and most.week_of[self._day_of(place)] == week
        ]
        that_day = [place for place in theirs if self._day_of(place) == day]
        if len(that_day) >= most.on_day[person, day]:
            theirs = that_day
        elif len(theirs) < most.in_week[person, week]:
            return True
        self.full.add((person, day))
        self.full.update((person, self._day_of(place)) for place in theirs)
        for place in theirs:
            if place not in self._tried:
                self._tried.add(place)
                if self._give(self._taken[place]):
                    del self._taken[place]
                    return True
        return False

    def _day_of(self, place: tuple[InterviewerId, int]) -> Day:
        return self._seats[self._taken[place]].day


class Conflicts:
    """Judges ways to hold loops in which people may repeat."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._chairs = [
            [chair for chair in chairs if not chair.is_optional]
            for chairs in board.seating.of_interview
        ]
        self._people = frozenset(
            id_ for chairs in self._chairs for chair in chairs for id_ in chair.people
        )
        seats = sum(len(chairs) for chairs in self._chairs)
        self.field = max(seats, board.count).bit_length() + 1
        self._most: dict[tuple[Day, ...], Most] = {}
        self._cuts: dict[tuple[tuple[Day, ...], frozenset[Shift]], Cut] = {}
        self._alike: dict[object, int] = {}

    def judged(self, ways: Mapping[int, Sequence[list[Held]]]) -> Verdict:
        """Judge ways to hold loops in which people may repeat."""
        held, failed = dict[int, list[Held]](), dict[int, tuple[list[Held], Cut]]()
        for start, tried in ways.items():
            cuts = [self._cut(way) for way in tried]
            if None in cuts:
                held[start] = tried[cuts.index(None)]
            elif cuts[0]:
                failed[start] = tried[0], cuts[0]
        ruled_out = list[tuple[list[Cut], list[int]]]()
        while failed:
            starts_of = {
                cut: [start for start, (way, _) in failed.items() if cut.is_broken_by(way)]
                for cut in dict.fromkeys(cut for _, cut in failed.values())
            }
            cut = max(starts_of, key=lambda cut: len(starts_of[cut]))
            ruled_out.append(([cut], starts_of[cut]))
            for start in starts_of[cut]:
                del failed[start]
        return Verdict(held, ruled_out)

    def _cut(self, way: Sequence[Held]) -> Cut | None:
        """Return what rules out a way to hold a loop; None where it can be held."""
        day_of = {k: self._day_of(at) for k, at in way}
        days = tuple(sorted({*day_of.values()}))
        most = self._most_on(days)
        seats = [
            Seat(k, day_of[k], [id_ for id_ in chair.people if self._starts(id_, k) >> at & 1])
            for k, at in way
            for chair in self._chairs[k]
        ]
        group = asked_too_much(seats, most)
        if group is not None:
            return self._cut_of(days, group)
        return None if seats_can_be_filled(self._board, way) else self._cut_of_some(way)

    def _day_of(self, position: int) -> Day:
        plot = self._board.ground.plot_of(position)
        return plot.at, plot.end

    def _week_of(self, day: Day) -> Week:
        """Return the week of a day, as the candidate's calendar has it."""
        zone = self._board.search.candidate_zone
        on = self._board.ground.moment(day[0]).astimezone(zone).date()
        return (on.toordinal() - 1) // DAYS_A_WEEK

    def _most_on(self, days: tuple[Day, ...]) -> Most:
        known = self._most.get(days)
        if known is None:
            most, weeks = self._board.repeats.most, dict[Week, list[Day]]()
            for day in days:
                weeks.setdefault(self._week_of(day), []).append(day)
            known = self._most[days] = Most(
                {(id_, day): most(id_, day[0], day[1] - 1) for id_ in self._people for day in days},
                {
                    (id_, week): most(id_, those[0][0], those[-1][1] - 1)
                    for id_ in self._people
                    for week, those in weeks.items()
                },
                {day: week for week, those in weeks.items() for day in those},
            )
        return known

    def _cut_of(self, days: tuple[Day, ...], group: frozenset[Shift]) -> Cut:
        """Return the cut that the interviews of some days ask no more of a group than it can do."""
        known = self._cuts.get((days, group))
        if known is None:
            most = self._most_on(days)
            counted = (tuple(self._asked(k, days, group, most)) for k in range(self._board.count))
            known = self._cuts[days, group] = Cut(tuple(counted), most.together(group))
        return known

    def _asked(self, k: int, days: Sequence[Day], group: frozenset[Shift], most: Most) -> list[int]:
        """Return when an interview asks at least one seat of a group, two, and so on."""
        found = [0] * len(self._chairs[k])
        for day in days:
            there = stretch(*day)
            week = most.week_of[day]
            outside = {
                id_
                for id_ in self._people
                if most.on_day[id_, day] and most.in_week[id_, week] and (id_, day) not in group
            }
            for chairs in _choices(self._chairs[k]):
                eligible = frozenset[InterviewerId]().union(*(chair.people for chair in chairs))
                others = (self._starts(id_, k) for id_ in eligible & outside)
                free = at_least(others, len(chairs), there)
                for seats in range(1, len(chairs) + 1):
                    found[seats - 1] |= there & ~free[len(chairs) - seats + 1]
        return found

    def _cut_of_some(self, way: Sequence[Held]) -> Cut:
        """Return the cut that these interviews, or some that are enough, are not held like this."""
        core, also = [*way], dict[int, set[InterviewerId]]()
        for held in way:
            fewer = [each for each in core if each != held]
            if not seats_can_be_filled(self._board, fewer):
                core = fewer
        counted: list[tuple[int, ...]] = [()] * self._board.count
        for k, at in core:
            helpers, also[k] = 0, set()
            for id_ in sorted({id_ for chair in self._chairs[k] for id_ in chair.people}):
                starts = self._starts(id_, k)
                if not starts >> at & 1:
                    also[k].add(id_)
                    if seats_can_be_filled(self._board, core, also):
                        also[k].remove(id_)
                        helpers |= starts
            counted[k] = (self._same_dates(at) & ~helpers,)
        return Cut(tuple(counted), len(core) - 1)

    def _same_dates(self, position: int) -> int:
        """Return the positions that have the same date as this one in everybody's zone."""
        if not self._alike:
            for at in indexes(self._board.ground.everything):
                dates = self._board.repeats.alike((0, at))
                self._alike[dates] = self._alike.get(dates, 0) | 1 << at
        return self._alike[self._board.repeats.alike((0, position))]

    def _starts(self, id_: InterviewerId, k: int) -> int:
        return self._board.seating.person_starts(id_, k)


def _choices(chairs: Sequence[Chair]) -> Iterator[Sequence[Chair]]:
    """Yield every choice of one seat or more."""
    for many in range(1, len(chairs) + 1):
        yield from combinations(chairs, many)
