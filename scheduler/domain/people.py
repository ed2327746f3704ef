"""The people who interview, as the slot search sees them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time, timedelta
from enum import StrEnum
from typing import NewType
from zoneinfo import ZoneInfo

InterviewerId = NewType("InterviewerId", int)


class Role(StrEnum):
    """What somebody who signs in may do. One role a person; the table is web/policy.py."""

    ADMIN = "admin"
    RECRUITER = "recruiter"
    COORDINATOR = "coordinator"
    INTERVIEWER = "interviewer"


class Standing(StrEnum):
    """How far somebody is on a pool's training path."""

    TRAINED = "trained"
    TRAINING = "training"


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When somebody works on one weekday, by the clock on their wall. Monday is 0."""

    weekday: int
    opens_at: time
    closes_at: time

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise ValueError("a weekday is 0 (Monday) to 6")
        if self.closes_at <= self.opens_at:
            raise ValueError("working hours end after they start")


@dataclass(frozen=True, slots=True)
class DayHours:
    """The same hours on every date, by the clock on the wall."""

    opens_at: time
    closes_at: time

    def __post_init__(self) -> None:
        if self.closes_at <= self.opens_at:
            raise ValueError("hours of a day end after they start")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadLimit:
    """The most interviews of one person in a day and in an ISO week of their own zone.

    By number, and where a time is given also by how long they take together, without buffers.
    """

    per_day: int = 2
    per_week: int = 6
    time_per_day: timedelta | None = None
    time_per_week: timedelta | None = None


COMFORTABLE = DayHours(time(10), time(17))
"""When interviewers like to interview, unless they say otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interviewer:
    """Somebody who interviews: where and when they work, and how much they can take.

    `comfortable` None means that any time is as good as another. Outside `preferred_blocks`, where
    there are any, an interview is possible and costs more.
    """

    interviewer_id: InterviewerId
    email: str
    name: str
    zone: ZoneInfo
    hours: tuple[WorkingHours, ...]
    limit: LoadLimit = field(default_factory=LoadLimit)
    buffer_before: timedelta = timedelta(0)
    buffer_after: timedelta = timedelta(0)
    comfortable: DayHours | None = COMFORTABLE
    preferred_blocks: tuple[WorkingHours, ...] = ()
