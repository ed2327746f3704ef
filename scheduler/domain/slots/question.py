"""What the slot search is asked, and the rules that every answer keeps.

This page is the contract: whoever wants to check the search needs nothing else. Every type here
belongs to the recruiter's side; what a candidate sees is `disclosure.CandidateSlot`.

**Time.** Moments are aware datetimes, lengths are timedeltas, spans are half-open. Inside, time is
counted in ticks of 5 minutes from the UTC epoch. Lengths of interviews, the shortest gap, the
length of a lunch and of a rest are rounded up to whole ticks; the longest gap, the longest day and
`Rest.after` are rounded down. An interview takes up its rounded length, and that is what "ends"
means below; the slot shows its true length. A wall time that clocks skip moves forward by what
they skip; of one that they show twice the first counts (`availability.at_wall_time`). A local day
lasts from one local midnight to the next, and may have 23 or 25 hours.

**A slot** gives every interview of the plan a time, everybody in its seats, and a room where one is
asked for. It is held on 1 to `most_days` loop days, in ascending order, not necessarily adjacent;
a loop day is a date where the candidate is.

*The candidate.* Join the candidate's windows that touch or overlap, cut them to `window` and to
what comes at or after `earliest`, and cut them again at every midnight of the candidate. Of each
loop day everything, gaps and lunch included, lies in one of these stretches.

*Starts.* Each loop day starts on the grid: a multiple of `grid` since the UTC epoch. Each further
item of the day (an interview, or the lunch) starts on the grid too, or exactly the shortest gap
after the item before it ends.

*Gaps.* From the end of an item to the start of the next on the same day it takes at least
`shortest_gap` and at most `longest_gap`. (Where the plan has a rest that is longer than
`longest_gap`, the rest's length takes its place; and a longest gap is never less than the shortest.)

*Order.* `Order.FIXED`: the plan's order. `Order.ANY`: any order. In both, for a pair (i, j) of
`before` the interview at position i ends before that at j starts. Nothing overlaps.

*Longest day.* First start to last end of one loop day is at most `longest_day`.

*Lunch.* The lunch window of a date is from `opens_at` to `closes_at` by the candidate's clock. A
loop day that starts at or before the window's start and ends at or after its end has a lunch: an
item of the lunch's length that lies in the window, and is neither first nor last of its day. Any
other day may have one. A day has at most one. A window of no length on some date asks for nothing.

*Rest.* A lunch, or a gap between two consecutive interviews of at least `rest.length`, is a rest.
From the start of the first to the end of the last of two or more interviews without a rest between
them it takes at most `rest.after`. A single interview may be longer.

*Seats.* A seat that is not optional is filled; an optional one may be. Whoever fills a seat is
among its `eligible`, is in `people`, and is not `excluded`. An interview without a mandatory lead
or second seat trains nobody: its shadow and reverse shadow seats are never filled, so that where a
reverse shadow is mandatory there is no slot at all. Nobody sits in two seats of the whole loop;
with `people_repeat` nobody sits in two seats of one interview, and may sit on several days.

*Availability.* Somebody can sit in an interview that takes up [start, end) when
 - their calendar is known (`busy` is not None);
 - [start, end) lies in their working hours: those of the weekday of each date in their zone, joined
   where they touch, but for dates in `days_off`;
 - no busy time meets [start - buffer_before, end + buffer_after), that is, busy [a, b) blocks
   [a - buffer_after, b + buffer_before). Buffers may lie outside hours, windows and `window`;
 - start is at or after `earliest` and end at or before `latest`, where they have these;
 - the limits hold, on the date of `start` in their zone and in the ISO week of that date: `load`
   plus the interviews of this loop that they sit in on that date is at most `per_day`, and over
   the week at most `per_week`; the same for `load_time` plus the rounded lengths against
   `time_per_day` and `time_per_week`, where these are given. Every seat counts, a shadow's too.
   A person who is already over a limit has none left.
Soft time never blocks.

*Rooms.* An interview with `rooms` has one of them that is in the search, known (`busy` is not
None) and free for [start, end). All rooms of one loop have the same `site`. Of several that will
do the lowest id is given, at the site that comes first by name.

**Cost.** Integers, so that equality can be tested; the terms of `Costs`, each weight times a count:
 - `days`: day x (loop days - 1);
 - `late`: late x index of the last loop day; the candidate's date of `window.start` has index 0;
 - `gaps`: gap x idle ticks: every gap between consecutive items of one day, less the shortest gap.
   A lunch is an item and not idle; a lunch that nobody must have is there when it makes this less;
 - `load`: load x for every filled seat the number in `load` over the ISO week of the interview's
   date in the person's zone (never below 0). Other seats of the same loop do not count;
 - `fairness`: fairness x for every filled seat `recent` of who fills it, less the least `recent` of
   everybody eligible for that seat who is in the search, not excluded, and whose calendar is known;
 - `preference`: preference x for every filled seat the number that `preferences` gives the person;
   below 0 is to prefer, above 0 is to avoid;
 - `comfort`: comfort for every filled seat whose interview is not wholly inside the person's
   comfortable hours of one date, where they have such hours;
 - `blocks`: block for every filled seat whose interview is not wholly inside the person's preferred
   blocks and the time they keep for interviews (joined where they touch), where they have any of
   either;
 - `soft`: soft for every filled seat whose interview meets soft time of the person, with buffers as
   for busy time;
 - `candidate_comfort`: candidate_comfort for every interview not wholly inside the candidate's
   comfortable hours of one date, where they have such hours;
 - `empty_seats`: empty_seat for every optional seat that is empty (trainees' seats that nobody can
   ever fill count too).

**What fairness promises.** Call a peer of who sits somebody who could take the same seat at the same
time and sits nowhere else in the loop. In a cheapest slot nobody is further ahead of a peer than the
peer's other terms for that seat come to more: fairness x (`recent` of who sits - `recent` of the
peer) <= other terms of the peer - other terms of who sits; else exchanging them were cheaper. So with
other terms at most B apart, a booking widens the gap between two people who are always free at the
same times to B / fairness + 1 at most, rounded down, and where nothing else tells them apart to 1. A
gap that is wider, since interviews have dropped out of the window that `recent` looks at or somebody
is new, is never widened by a booking until it has closed to that.

**Answers.** `start_times`: every moment at which the first interview of a slot can start. `best`:
per start one of its cheapest slots, of these the cheapest, and of equal cost the earliest start.
`open_times`: for every start the times of one way to hold the loop: of all that are possible that on
the fewest days, then on the earliest (the last of them first), then the shortest in all; the rest is a
convention that `layouts` tells. So it depends on what is possible, and not on who makes it so, on what
anybody costs, or on how people are numbered. `find_slots` gives those times their cheapest seats.
`at`: a cheapest way to hold the stage from one start, or at chosen times. Chosen times may leave
the grid; all else holds, with a lunch that is looked for on the grid and right after the shortest
gap. `verify`: what is wrong with a slot, rule by rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduler.domain.people import DayHours, Interviewer, InterviewerId
from scheduler.domain.plan import RoomId, StagePlan
from scheduler.domain.timespan import TimeSpan

OFFICE_HOURS = DayHours(time(9), time(18))
"""When candidates like to be interviewed, unless they say otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An interviewer with what is known of their calendar.

    `busy` None means unknown (an error from free/busy, or never read), and unknown is never free.
    `load` counts the interviews they already have, by date in their own zone, and `load_time` says
    how long these take. `recent` counts those of the rolling window that fairness looks at.
    `kept_for_interviews` is what their calendar keeps for that: it joins their preferred blocks.
    `version` changes whenever anything else here does; "" means that nobody keeps count.
    """

    interviewer: Interviewer
    busy: tuple[TimeSpan, ...] | None
    load: Mapping[date, int]
    load_time: Mapping[date, timedelta] = field(default_factory=dict)
    soft: tuple[TimeSpan, ...] = ()
    kept_for_interviews: tuple[TimeSpan, ...] = ()
    days_off: frozenset[date] = frozenset()
    earliest: datetime | None = None
    latest: datetime | None = None
    recent: int = 0
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A place to interview in. `busy` None means unknown, and unknown is never free."""

    room_id: RoomId
    busy: tuple[TimeSpan, ...] | None
    site: str = ""
    name: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotSearch:
    """One question: when can this stage be held, and by whom?"""

    plan: StagePlan
    people: Mapping[InterviewerId, Person]
    candidate_windows: tuple[TimeSpan, ...]
    candidate_zone: ZoneInfo
    window: TimeSpan
    earliest: datetime
    """No interview starts before this moment: now, plus the notice people get."""
    rooms: Mapping[RoomId, Room] = field(default_factory=dict)
    excluded: frozenset[InterviewerId] = frozenset()
    preferences: Mapping[InterviewerId, int] = field(default_factory=dict)
    candidate_comfortable: DayHours | None = OFFICE_HOURS


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What a unit of each term of the cost weighs. None is below 0."""

    day: int = 10
    late: int = 3
    gap: int = 1
    load: int = 2
    fairness: int = 1
    preference: int = 1
    comfort: int = 2
    block: int = 1
    soft: int = 6
    candidate_comfort: int = 2
    empty_seat: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What a slot costs, term by term."""

    days: int = 0
    late: int = 0
    gaps: int = 0
    load: int = 0
    fairness: int = 0
    preference: int = 0
    comfort: int = 0
    blocks: int = 0
    soft: int = 0
    candidate_comfort: int = 0
    empty_seats: int = 0

    @property
    def total(self) -> int:
        return (
            self.days
            + self.late
            + self.gaps
            + self.load
            + self.fairness
            + self.preference
            + self.comfort
            + self.blocks
            + self.soft
            + self.candidate_comfort
            + self.empty_seats
        )
