"""What the slot search is asked and what it answers.

Every type here belongs to the recruiter's side: a Slot says who would sit where. What a candidate
may see of it is `disclosure.CandidateSlot`: the time, and a key.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.domain.disclosure import SlotKey
from scheduler.domain.people import Interviewer, InterviewerId
from scheduler.domain.plan import SeatKind, StagePlan
from scheduler.domain.timespan import TimeSpan, hull

GRID = timedelta(minutes=15)


class UnreadableSlotKey(ValueError):
    """This is not a key that we gave out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An interviewer with what is known of their calendar.

    `busy` None means unknown (an error from free/busy, or never read), and unknown is never free.
    `load` counts the interviews they already have, by date in their own zone.
    """

    interviewer: Interviewer
    busy: tuple[TimeSpan, ...] | None
    load: Mapping[date, int]


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


@dataclass(frozen=True, slots=True)
class FilledSeat:
    """Who sits in which seat of the plan's interview; `position` counts its seat rules from 0."""

    position: int
    kind: SeatKind
    interviewer_id: InterviewerId


@dataclass(frozen=True, slots=True)
class SlotInterview:
    """One interview of a slot: when, and who sits in its seats, in the plan's order of seats."""

    span: TimeSpan
    seats: tuple[FilledSeat, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """A computed possibility: a time for every interview of the plan, in order, with its panel."""

    interviews: tuple[SlotInterview, ...]

    @property
    def span(self) -> TimeSpan:
        return hull(interview.span for interview in self.interviews)

    @property
    def key(self) -> SlotKey:
        return slot_key([interview.span for interview in self.interviews])


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def slot_key(spans: Sequence[TimeSpan]) -> SlotKey:
    """Return the opaque key of these times: it names no person, and nothing but the times."""
    starts = [(span.start - EPOCH) // MINUTE for span in spans]
    text = "-".join([f"{starts[0]:x}", *(f"{start - starts[0]:x}" for start in starts[1:])])
    return SlotKey(base64.b32encode(text.encode()).decode().rstrip("=").lower())


def spans_of(key: str, plan: StagePlan) -> list[TimeSpan]:
    """Return the times that `key` names, an interview of `plan` each, or raise UnreadableSlotKey."""
    try:
        text = base64.b32decode(key.upper() + "=" * (-len(key) % 8)).decode()
        first, *offsets = (int(part, 16) for part in text.split("-"))
        starts = [
            EPOCH + first * MINUTE,
            *(EPOCH + (first + offset) * MINUTE for offset in offsets),
        ]
        spans = [
            TimeSpan(start, start + interview.length)
            for start, interview in zip(starts, plan.interviews, strict=True)
        ]
    except (ValueError, binascii.Error, OverflowError) as error:
        raise UnreadableSlotKey from error
    # One time, one key: another spelling of the same numbers is none that we gave out.
    if slot_key(spans) != key:
        raise UnreadableSlotKey
    return spans
