"""What a stage of an interview plan asks for: interviews, their seats, and how they share calls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import time, timedelta
from enum import StrEnum
from typing import NewType

from scheduler.domain.people import InterviewerId

RoomId = NewType("RoomId", int)

GRID = timedelta(minutes=15)
TICK = timedelta(minutes=5)
NO_TIME = timedelta(0)


class SeatKind(StrEnum):
    """What somebody does in an interview."""

    LEAD = "lead"
    SECOND = "second"
    SHADOW = "shadow"
    REVERSE_SHADOW = "reverse_shadow"
    OBSERVER = "observer"


QUALIFIED_KINDS = frozenset({SeatKind.LEAD, SeatKind.SECOND})
TRAINEE_KINDS = frozenset({SeatKind.SHADOW, SeatKind.REVERSE_SHADOW})
OPTIONAL_KINDS = frozenset({SeatKind.SHADOW, SeatKind.OBSERVER})


class Order(StrEnum):
    """Whether the interviews of a loop are held in the plan's order."""

    FIXED = "fixed"
    ANY = "any"


class CallGrouping(StrEnum):
    """Which interviews of a booking share one call."""

    PER_INTERVIEW = "per_interview"
    PER_LOOP_DAY = "per_loop_day"


class Attendance(StrEnum):
    """Whether people meet in a call or in a room."""

    VIDEO = "video"
    ONSITE = "onsite"


@dataclass(frozen=True, slots=True)
class SeatRule:
    """A seat to fill, and who may fill it: the members of all its pools, or people by name.

    Whoever only watches may be missing; `optional` says so of any other seat.
    """

    kind: SeatKind
    eligible: frozenset[InterviewerId]
    optional: bool = False

    @property
    def is_optional(self) -> bool:
        return self.optional or self.kind in OPTIONAL_KINDS


@dataclass(frozen=True, slots=True)
class PlannedInterview:
    """One interview of a stage. The title is public; the focus is for the panel only.

    `rooms` None means that it needs no room; otherwise any one of them will do.
    """

    title: str
    focus: str
    length: timedelta
    seats: tuple[SeatRule, ...]
    rooms: frozenset[RoomId] | None = None

    @property
    def can_train(self) -> bool:
        """Is somebody qualified sure to be there, so that trainees may sit beside them?"""
        return any(rule.kind in QUALIFIED_KINDS and not rule.is_optional for rule in self.seats)


@dataclass(frozen=True, slots=True)
class Lunch:
    """What a candidate eats in, by the clock where they are."""

    length: timedelta = timedelta(minutes=45)
    opens_at: time = time(12)
    closes_at: time = time(14)


@dataclass(frozen=True, slots=True)
class Rest:
    """A gap of at least `length` is due before interviews have gone on for longer than `after`."""

    after: timedelta
    length: timedelta
    is_needed: bool = False
    """A candidate needs it, so that nobody is ever asked to do without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accommodations:
    """What one candidate needs beyond the plan. Hard: no slot does without it."""

    extra_time: timedelta = NO_TIME
    """Added to every interview."""
    shortest_gap: timedelta = NO_TIME
    rest: Rest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StagePlan:
    """One stage: its interviews, in the order in which they are held unless `order` says otherwise.

    `before` holds pairs (i, j) of positions among the interviews: i ends before j starts. What the
    numbers mean to the slot search is written down in `slots.question`.
    """

    public_title: str
    public_notes: str
    interviews: tuple[PlannedInterview, ...]
    call_grouping: CallGrouping = CallGrouping.PER_INTERVIEW
    shortest_gap: timedelta = NO_TIME
    longest_gap: timedelta = timedelta(minutes=60)
    order: Order = Order.FIXED
    before: tuple[tuple[int, int], ...] = ()
    grid: timedelta = GRID
    lunch: Lunch | None = None
    rest: Rest | None = None
    longest_day: timedelta | None = None
    most_days: int = 1
    people_repeat: bool = False

    def __post_init__(self) -> None:
        if self.grid < TICK or self.grid % TICK or timedelta(days=1) % self.grid:
            raise ValueError("a grid divides the day into whole steps of five minutes or more")
        if self.most_days < 1:
            raise ValueError("a loop takes a day at least")
        if any(not 0 <= i < len(self.interviews) for pair in self.before for i in pair):
            raise ValueError("the order is between interviews of this plan")

    @property
    def is_loop(self) -> bool:
        return len(self.interviews) > 1

    def accommodating(self, needs: Accommodations) -> StagePlan:
        """Return this plan as one candidate needs it.

        A rest that they need may end between two points of the grid: then the gap goes on to the
        next, or a plan of short gaps could never be held.
        """
        shortest = max(self.shortest_gap, needs.shortest_gap)
        resting = needs.rest.length + self.grid if needs.rest else NO_TIME
        return replace(
            self,
            interviews=tuple(
                replace(interview, length=interview.length + needs.extra_time)
                for interview in self.interviews
            ),
            shortest_gap=shortest,
            longest_gap=max(self.longest_gap, shortest, resting),
            rest=_stricter(self.rest, needs.rest and replace(needs.rest, is_needed=True)),
        )


def _stricter(one: Rest | None, other: Rest | None) -> Rest | None:
    """Return a rest that satisfies both."""
    if one is None or other is None:
        return one or other
    return Rest(
        after=min(one.after, other.after),
        length=max(one.length, other.length),
        is_needed=one.is_needed or other.is_needed,
    )
