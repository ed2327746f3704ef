"""A judge of the slot search that was written from its contract alone (`slots.question`).

No masks and nothing shared with the search: whole seconds, plain intervals, one rule after the
other, everything tried. Slow and obvious. It says which starts there are, what the cheapest slot
from each costs, and of a given slot which rules it breaks and what it costs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import Lunch, Order, PlannedInterview, Rest, SeatKind, SeatRule
from scheduler.domain.slots.question import Costs, Person, Room, SlotSearch, Weights
from scheduler.domain.slots.slot import Slot
from scheduler.domain.timespan import TimeSpan

TICK = 300
DAY = 86_400
LUNCH = -1
"""Stands for the lunch where positions of interviews stand."""
Interval = tuple[int, int]
Item = tuple[int, int]
"""The position of an interview (or LUNCH) and when it starts."""
Day = tuple[Item, ...]
Timing = tuple[Day, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to fill a seat, None to leave it empty, and what that costs, term by term."""

    person: InterviewerId | None
    costs: Costs


class Sweep:
    """One search, judged. With `held_at` the interviews are held then, or not at all.

    Those times may leave the grid when somebody has `chosen` them.
    """

    def __init__(
        self,
        search: SlotSearch,
        weights: Weights | None = None,
        *,
        held_at: Sequence[int] | None = None,
        chosen: bool = False,
    ) -> None:
        self.held_at = held_at
        self.chosen = frozenset(held_at or ()) if chosen else frozenset[int]()
        self.search = search
        self.plan = search.plan
        self.weights = weights or Weights()
        self.lengths = [_up(each.length) for each in self.plan.interviews]
        self.shortest = _up(self.plan.shortest_gap)
        self.rest = _rest(self.plan.rest)
        longest = _down(self.plan.longest_gap)
        if self.rest:
            longest = max(longest, self.rest[1])
        self.longest = max(longest, self.shortest)
        self.longest_day = None if self.plan.longest_day is None else _down(self.plan.longest_day)
        self.grid = int(self.plan.grid.total_seconds())
        self.lunch_length = _up(self.plan.lunch.length) if self.plan.lunch else 0
        self.before = self._before()
        self._choices: dict[tuple[int, int, int], list[Choice]] = {}
        self._rooms: dict[tuple[int, int], dict[str, int]] = {}
        self._lunches: dict[date, Interval] = {}

    # -- which starts there are, and the cheapest slot of each --------------------------------------

    def starts(self) -> list[datetime]:
        """Return every moment at which the first interview of a slot can start, in order."""
        found: dict[int, bool] = {}
        for timing in self.timings():
            start = timing[0][0][1]
            if not found.get(start):
                found[start] = self._can_be_held(timing)
        return [_moment(start) for start in sorted(found) if found[start]]

    def cheapest(self) -> dict[datetime, int]:
        """Return what the cheapest slot from each start costs."""
        best: dict[int, int] = {}
        for timing in self.timings():
            start = timing[0][0][1]
            cost = self._cheapest_at(timing, best.get(start))
            if cost is not None:
                best[start] = cost
        return {_moment(start): best[start] for start in sorted(best)}

    def timings(self) -> Iterator[Timing]:
        """Yield every way to lay out the items in time, days and lunches included."""
        yield from self._days(frozenset(range(len(self.lengths))), None, ())

    def stretches(self) -> list[tuple[date, Interval]]:
        """Return when the candidate has time, cut at their midnights, each with its date."""
        low = max(_second(self.search.window.start), _second(self.search.earliest))
        high = _second(self.search.window.end)
        joined = _join(_interval(each) for each in self.search.candidate_windows)
        zone, found = self.search.candidate_zone, []
        for start, end in joined:
            start, end = max(start, low), min(end, high)
            while start < end:
                on = _local(start, zone).date()
                midnight = wall(on + timedelta(days=1), time(0), zone)
                found.append((on, (start, min(end, midnight))))
                start = midnight
        return found

    def _days(self, left: frozenset[int], after: date | None, days: Timing) -> Iterator[Timing]:
        if not left:
            yield days
            return
        if len(days) == self.plan.most_days:
            return
        for on, stretch in self.stretches():
            if after is not None and on <= after:
                continue
            first = -(-stretch[0] // self.grid) * self.grid
            on_grid = range(first, stretch[1], self.grid)
            free = {start for start in self.chosen if stretch[0] <= start < stretch[1]}
            for start in sorted({*on_grid, *free}):
                for day in self._day_from(on, stretch, start, left):
                    rest = left - {position for position, _ in day}
                    yield from self._days(rest, on, (*days, day))

    def _day_from(
        self, on: date, stretch: Interval, start: int, left: frozenset[int]
    ) -> Iterator[Day]:
        for position in sorted(left):
            if self._may_come(position, left) and self.is_possible(position, start):
                yield from self._more(on, stretch, ((position, start),), left - {position})

    def _more(self, on: date, stretch: Interval, day: Day, left: frozenset[int]) -> Iterator[Day]:
        """Yield `day` and every way in which it goes on; what cannot become a day is left out."""
        end = self._end(day[-1])
        if end > stretch[1] or not self._keeps_day_rules(day):
            return
        if day[-1][0] != LUNCH and self._has_lunch_it_needs(on, day):
            yield day
        has_lunch = any(position == LUNCH for position, _ in day)
        for start in self._next_starts(end):
            if start >= stretch[1]:
                break
            is_regular = start == end + self.shortest or start % self.grid == 0
            if self.plan.lunch and not has_lunch and is_regular:
                opens, closes = self.lunch_window(on)
                if opens <= start and start + self.lunch_length <= closes:
                    yield from self._more(on, stretch, (*day, (LUNCH, start)), left)
            for position in sorted(left):
                if self._may_come(position, left) and self.is_possible(position, start):
                    yield from self._more(on, stretch, (*day, (position, start)), left - {position})

    def _next_starts(self, end: int) -> list[int]:
        low, high = end + self.shortest, end + self.longest
        on_grid = range(-(-low // self.grid) * self.grid, high + 1, self.grid)
        return sorted({low, *on_grid, *(start for start in self.chosen if low <= start <= high)})

    def _may_come(self, position: int, left: frozenset[int]) -> bool:
        return not any(j == position and i in left for i, j in self.before)

    def is_possible(self, position: int, start: int) -> bool:
        """Could the interview be held then, if nobody else were needed elsewhere?"""
        interview = self.plan.interviews[position]
        if self.held_at is not None and self.held_at[position] != start:
            return False
        return self._has_room(position, start) and all(
            any(choice.person is not None for choice in self.choices(position, seat, start))
            for seat, rule in enumerate(interview.seats)
            if not rule.is_optional
        )

    def _keeps_day_rules(self, day: Day) -> bool:
        if self.longest_day is not None and self._end(day[-1]) - day[0][1] > self.longest_day:
            return False
        return self.rest is None or all(
            len(run) < 2 or self._end(run[-1]) - run[0][1] <= self.rest[0]
            for run in self._runs(day)
        )

    def _runs(self, day: Day) -> list[list[Item]]:
        """Return the interviews of a day in groups between which there is a rest."""
        assert self.rest is not None
        runs: list[list[Item]] = [[]]
        for before, item in zip((None, *day), day, strict=False):
            if item[0] == LUNCH:
                runs.append([])
                continue
            is_rest = before is not None and item[1] - self._end(before) >= self.rest[1]
            if is_rest and before is not None and before[0] != LUNCH:
                runs.append([])
            runs[-1].append(item)
        return runs

    def _has_lunch_it_needs(self, on: date, day: Day) -> bool:
        if self.plan.lunch is None or any(position == LUNCH for position, _ in day):
            return True
        opens, closes = self.lunch_window(on)
        return opens >= closes or day[0][1] > opens or self._end(day[-1]) < closes

    def lunch_window(self, on: date) -> Interval:
        if on not in self._lunches:
            lunch, zone = self.plan.lunch or Lunch(), self.search.candidate_zone
            self._lunches[on] = wall(on, lunch.opens_at, zone), wall(on, lunch.closes_at, zone)
        return self._lunches[on]

    def _end(self, item: Item) -> int:
        position, start = item
        return start + (self.lunch_length if position == LUNCH else self.lengths[position])

    def _before(self) -> set[tuple[int, int]]:
        pairs = set(self.plan.before)
        if self.plan.order is Order.FIXED:
            count = len(self.plan.interviews)
            pairs |= {(i, j) for i in range(count) for j in range(i + 1, count)}
        return pairs

    # -- who sits there -----------------------------------------------------------------------------

    def choices(self, position: int, seat: int, start: int) -> list[Choice]:
        """Return every way to fill one seat of the interview at `start`, the cheapest first."""
        key = (position, seat, start)
        if key not in self._choices:
            found = [*self._choices_of(position, seat, start)]
            self._choices[key] = sorted(found, key=lambda choice: choice.costs.total)
        return self._choices[key]

    def _choices_of(self, position: int, seat: int, start: int) -> Iterator[Choice]:
        interview = self.plan.interviews[position]
        rule = interview.seats[seat]
        if rule.is_optional:
            yield Choice(None, Costs(empty_seats=self.weights.empty_seat))
        if rule.kind in (SeatKind.SHADOW, SeatKind.REVERSE_SHADOW) and not _trains(interview):
            return
        for person_id in sorted(rule.eligible):
            person = self.search.people.get(person_id)
            if person is None or person_id in self.search.excluded:
                continue
            if self.can_sit(person, start, self.lengths[position]):
                yield Choice(person_id, self._seat_costs(person, rule, start, position))

    def can_sit(self, person: Person, start: int, length: int) -> bool:
        """Could this person take an interview of `length` seconds then, were it their only one?"""
        end, who = start + length, person.interviewer
        if person.busy is None:
            return False
        if person.earliest is not None and start < _second(person.earliest):
            return False
        if person.latest is not None and end > _second(person.latest):
            return False
        if not _lies_in((start, end), self._working_hours(person, start, end)):
            return False
        if self._meets(person, person.busy, start, end):
            return False
        return self._is_within_limits(person, [(_local(start, who.zone).date(), length)])

    def _meets(self, person: Person, times: Sequence[TimeSpan], start: int, end: int) -> bool:
        before = int(person.interviewer.buffer_before.total_seconds())
        after = int(person.interviewer.buffer_after.total_seconds())
        return any(
            max(start - before, _second(each.start)) < min(end + after, _second(each.end))
            for each in times
        )

    def _working_hours(self, person: Person, start: int, end: int) -> list[Interval]:
        zone = person.interviewer.zone
        found: list[Interval] = []
        for on in _dates(start, end, zone):
            if on in person.days_off:
                continue
            found += [
                (wall(on, hours.opens_at, zone), wall(on, hours.closes_at, zone))
                for hours in person.interviewer.hours
                if hours.weekday == on.weekday()
            ]
        return _join(found)

    def _is_within_limits(self, person: Person, sittings: Sequence[tuple[date, int]]) -> bool:
        limit = person.interviewer.limit
        for on in {on for on, _ in sittings}:
            week = [monday_of(on) + timedelta(days=day) for day in range(7)]
            for dates, number, together in (
                ([on], limit.per_day, limit.time_per_day),
                (week, limit.per_week, limit.time_per_week),
            ):
                there = [length for other, length in sittings if other in dates]
                held = sum(person.load.get(each, 0) for each in dates)
                if held + len(there) > number:
                    return False
                time_held = sum(
                    int(person.load_time.get(each, timedelta()).total_seconds()) for each in dates
                )
                if together is not None and time_held + sum(there) > together.total_seconds():
                    return False
        return True

    def _seat_costs(self, person: Person, rule: SeatRule, start: int, position: int) -> Costs:
        who, weights, end = person.interviewer, self.weights, start + self.lengths[position]
        monday = monday_of(_local(start, who.zone).date())
        load = sum(person.load.get(monday + timedelta(days=day), 0) for day in range(7))
        peers = [
            self.search.people[each].recent
            for each in rule.eligible
            if each in self.search.people
            and each not in self.search.excluded
            and self.search.people[each].busy is not None
        ]
        comfortable: list[Interval] | None = None
        if who.comfortable is not None:
            comfortable = [
                (
                    wall(on, who.comfortable.opens_at, who.zone),
                    wall(on, who.comfortable.closes_at, who.zone),
                )
                for on in _dates(start, end, who.zone)
            ]
        blocks = [
            (wall(on, block.opens_at, who.zone), wall(on, block.closes_at, who.zone))
            for on in _dates(start, end, who.zone)
            for block in who.preferred_blocks
            if block.weekday == on.weekday()
        ] + [_interval(kept) for kept in person.kept_for_interviews]
        is_uncomfortable = comfortable is not None and not _lies_in((start, end), comfortable)
        has_blocks = bool(who.preferred_blocks or person.kept_for_interviews)
        is_outside = has_blocks and not _lies_in((start, end), _join(blocks))
        preference = self.search.preferences.get(who.interviewer_id, 0)
        return Costs(
            load=weights.load * load,
            fairness=weights.fairness * (person.recent - min(peers)),
            preference=weights.preference * preference,
            comfort=weights.comfort * is_uncomfortable,
            blocks=weights.block * is_outside,
            soft=weights.soft * self._meets(person, person.soft, start, end),
        )

    def _has_room(self, position: int, start: int) -> bool:
        return self.plan.interviews[position].rooms is None or bool(self.rooms(position, start))

    def rooms(self, position: int, start: int) -> dict[str, int]:
        """Return the free room with the lowest id, by site."""
        key = (position, start)
        if key not in self._rooms:
            end = start + self.lengths[position]
            found: dict[str, int] = {}
            for room_id in sorted(self.plan.interviews[position].rooms or ()):
                room = self.search.rooms.get(room_id)
                if room is not None and _is_free(room, start, end):
                    found.setdefault(room.site, int(room_id))
            self._rooms[key] = found
        return self._rooms[key]

    def _have_a_site(self, timing: Timing) -> bool:
        needed = [
            set(self.rooms(position, start))
            for position, start in _interviews(timing)
            if self.plan.interviews[position].rooms is not None
        ]
        return not needed or bool(set.intersection(*needed))

    def _can_be_held(self, timing: Timing) -> bool:
        return self._cheapest_at(timing, None, any_will_do=True) is not None

    def _cheapest_at(
        self, timing: Timing, below: int | None, *, any_will_do: bool = False
    ) -> int | None:
        """Return the least that it costs to hold these times, if less than `below` (None: no bound)."""
        if not self._have_a_site(timing):
            return None
        seats = [
            (position, start, self.choices(position, seat, start))
            for position, start in _interviews(timing)
            for seat in range(len(self.plan.interviews[position].seats))
        ]
        seats.sort(key=lambda each: len(each[2]))
        least = [min((choice.costs.total for choice in each[2]), default=0) for each in seats]
        best = below

        def fill(number: int, cost: int, taken: list[tuple[InterviewerId, int, int]]) -> None:
            nonlocal best
            if best is not None and (any_will_do or cost + sum(least[number:]) >= best):
                return
            if number == len(seats):
                best = cost
                return
            position, start, choices = seats[number]
            for choice in choices:
                if choice.person is None:
                    fill(number + 1, cost + choice.costs.total, taken)
                elif self._may_also_sit(choice.person, position, start, taken):
                    taken.append((choice.person, position, start))
                    fill(number + 1, cost + choice.costs.total, taken)
                    taken.pop()

        fill(0, self._time_costs(timing).total, [])
        return None if best == below else best

    def _may_also_sit(
        self,
        person: InterviewerId,
        position: int,
        start: int,
        taken: Sequence[tuple[InterviewerId, int, int]],
    ) -> bool:
        others = [(where, when) for who, where, when in taken if who == person]
        if not others:
            return True
        if not self.plan.people_repeat or any(where == position for where, _ in others):
            return False
        zone = self.search.people[person].interviewer.zone
        sittings = [
            (_local(when, zone).date(), self.lengths[where])
            for where, when in (*others, (position, start))
        ]
        return self._is_within_limits(self.search.people[person], sittings)

    # -- what times cost ----------------------------------------------------------------------------

    def _time_costs(self, timing: Timing) -> Costs:
        idle = sum(
            (after[1] - self._end(before) - self.shortest) // TICK
            for day in timing
            for before, after in pairwise(day)
        )
        zone = self.search.candidate_zone
        first = _local(_second(self.search.window.start), zone).date()
        last = _local(timing[-1][0][1], zone).date()
        uncomfortable = sum(
            not self.is_comfortable(position, start) for position, start in _interviews(timing)
        )
        return Costs(
            days=self.weights.day * (len(timing) - 1),
            late=self.weights.late * (last - first).days,
            gaps=self.weights.gap * idle,
            candidate_comfort=self.weights.candidate_comfort * uncomfortable,
        )

    def is_comfortable(self, position: int, start: int) -> bool:
        """Does this interview lie in the hours in which the candidate likes to be interviewed?"""
        hours, zone = self.search.candidate_comfortable, self.search.candidate_zone
        end = start + self.lengths[position]
        return hours is None or _lies_in(
            (start, end),
            [
                (wall(on, hours.opens_at, zone), wall(on, hours.closes_at, zone))
                for on in _dates(start, end, zone)
            ],
        )

    # -- one slot -----------------------------------------------------------------------------------

    def costs(self, slot: Slot, *, chosen: bool = False) -> Costs | None:
        """Return what a slot costs, or None when it breaks a rule. Of its lunches the best counts.

        If somebody has `chosen` it, its times may leave the grid, and any free room will do.
        """
        starts = [_second(part.span.start) for part in slot.interviews]
        timing = self._cheapest_layout(starts, chosen)
        if timing is None:
            return None
        if not (
            self._rooms_will_do(slot, starts) if chosen else self._rooms_are_right(slot, starts)
        ):
            return None
        if any(
            part.span.length != planned.length
            for part, planned in zip(slot.interviews, self.plan.interviews, strict=True)
        ):
            return None
        total = [self._time_costs(timing)]
        taken: list[tuple[InterviewerId, int, int]] = []
        for position, part in enumerate(slot.interviews):
            filled = {seat.position: seat for seat in part.seats}
            if len(filled) != len(part.seats):
                return None
            for number, rule in enumerate(self.plan.interviews[position].seats):
                seat = filled.pop(number, None)
                wanted = None if seat is None else seat.interviewer_id
                if seat is not None and seat.kind is not rule.kind:
                    return None
                choice = next(
                    (
                        each
                        for each in self.choices(position, number, starts[position])
                        if each.person == wanted
                    ),
                    None,
                )
                if choice is None:
                    return None
                if wanted is not None:
                    if not self._may_also_sit(wanted, position, starts[position], taken):
                        return None
                    taken.append((wanted, position, starts[position]))
                total.append(choice.costs)
            if filled:
                return None
        return add(total)

    def _cheapest_layout(self, starts: Sequence[int], chosen: bool) -> Timing | None:
        """Return these times with the lunches that make them cheapest."""
        return min(
            Sweep(self.search, self.weights, held_at=starts, chosen=chosen).timings(),
            key=lambda timing: self._time_costs(timing).total,
            default=None,
        )

    def _rooms_will_do(self, slot: Slot, starts: Sequence[int]) -> bool:
        sites = set()
        for position, part in enumerate(slot.interviews):
            rooms = self.plan.interviews[position].rooms
            if rooms is None:
                continue
            room = None if part.room not in rooms else self.search.rooms.get(part.room)
            end = starts[position] + self.lengths[position]
            if room is None or not _is_free(room, starts[position], end):
                return False
            sites.add(room.site)
        return len(sites) <= 1

    def _rooms_are_right(self, slot: Slot, starts: Sequence[int]) -> bool:
        needed = [
            position
            for position in range(len(starts))
            if self.plan.interviews[position].rooms is not None
        ]
        sites = [set(self.rooms(position, starts[position])) for position in needed]
        common = set.intersection(*sites) if sites else set()
        if needed and not common:
            return False
        for position, part in enumerate(slot.interviews):
            expected = (
                self.rooms(position, starts[position])[min(common)] if position in needed else None
            )
            if part.room != expected:
                return False
        return True


# -- time, in whole seconds -------------------------------------------------------------------------


@cache
def wall(on: date, at: time, zone: ZoneInfo) -> int:
    """Return when clocks in `zone` show this, the first time; a skipped time moves forward."""
    shown = datetime.combine(on, at)
    naive = int(shown.replace(tzinfo=UTC).timestamp())
    offsets = {
        int(offset.total_seconds())
        for around in (naive - 2 * DAY, naive - DAY, naive, naive + DAY, naive + 2 * DAY)
        if (offset := _local(around, zone).utcoffset()) is not None
    }
    that_show_it = [
        naive - offset
        for offset in offsets
        if _local(naive - offset, zone).replace(tzinfo=None) == shown
    ]
    if that_show_it:
        return min(that_show_it)
    # Clocks were put forward: before that they were less ahead of UTC.
    return naive - min(offsets)


def monday_of(on: date) -> date:
    """Return the first day of the ISO week of `on`."""
    return on - timedelta(days=on.isoweekday() - 1)


def add(costs: Sequence[Costs]) -> Costs:
    """Return the sums, term by term."""
    sums: dict[str, int] = defaultdict(int)
    for each in costs:
        for field in fields(Costs):
            sums[field.name] += getattr(each, field.name)
    return Costs(**sums)


def _local(second: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(second, zone)


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def _second(moment: datetime) -> int:
    return int(moment.timestamp())


def _interval(span: TimeSpan) -> Interval:
    return _second(span.start), _second(span.end)


def _dates(start: int, end: int, zone: ZoneInfo) -> list[date]:
    """Return the dates around [start, end), one more on both sides."""
    on, last = _local(start - DAY, zone).date(), _local(end + DAY, zone).date()
    return [on + timedelta(days=day) for day in range((last - on).days + 1)]


def _join(intervals: Iterator[Interval] | Sequence[Interval]) -> list[Interval]:
    joined: list[Interval] = []
    for start, end in sorted(intervals):
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _lies_in(interval: Interval, others: Sequence[Interval]) -> bool:
    return any(start <= interval[0] and interval[1] <= end for start, end in others)


def _up(length: timedelta) -> int:
    return -(-int(length.total_seconds()) // TICK) * TICK


def _down(length: timedelta) -> int:
    return int(length.total_seconds()) // TICK * TICK


def _rest(rest: Rest | None) -> Interval | None:
    """Return how long interviews may go on, and how long the rest then is."""
    return None if rest is None else (_down(rest.after), _up(rest.length))


def _trains(interview: PlannedInterview) -> bool:
    return any(
        seat.kind in (SeatKind.LEAD, SeatKind.SECOND) and not seat.is_optional
        for seat in interview.seats
    )


def _is_free(room: Room, start: int, end: int) -> bool:
    return room.busy is not None and not any(
        max(start, _second(each.start)) < min(end, _second(each.end)) for each in room.busy
    )


def _interviews(timing: Timing) -> list[Item]:
    return [item for day in timing for item in day if item[0] != LUNCH]
