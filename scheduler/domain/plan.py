"""What a stage of an interview plan asks for: interviews, their seats, and how they share calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from scheduler.domain.people import InterviewerId


class SeatKind(StrEnum):
    """What somebody does in an interview."""

    LEAD = "lead"
    SECOND = "second"
    SHADOW = "shadow"
    REVERSE_SHADOW = "reverse_shadow"


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
    """A seat to fill, and who may fill it."""

    kind: SeatKind
    eligible: frozenset[InterviewerId]


@dataclass(frozen=True, slots=True)
class PlannedInterview:
    """One interview of a stage. The title is public; the focus is for the panel only."""

    title: str
    focus: str
    length: timedelta
    seats: tuple[SeatRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StagePlan:
    """One stage: its interviews in the order in which they are held."""

    public_title: str
    public_notes: str
    interviews: tuple[PlannedInterview, ...]
    call_grouping: CallGrouping = CallGrouping.PER_INTERVIEW
    shortest_gap: timedelta = timedelta(0)
    longest_gap: timedelta = timedelta(minutes=60)

    @property
    def is_loop(self) -> bool:
        return len(self.interviews) > 1
