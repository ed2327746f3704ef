"""What the slot search answers, and the keys that stand for times.

Every type here belongs to the recruiter's side: a Slot says who would sit where. What a candidate
may see of it is `disclosure.CandidateSlot`: the time, and a key.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import zip_longest

from scheduler.domain.disclosure import SlotKey
from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import RoomId, SeatKind, StagePlan
from scheduler.domain.slots.question import Costs
from scheduler.domain.timespan import TimeSpan, hull


class UnreadableSlotKey(ValueError):
    """This is not a key that we gave out."""


@dataclass(frozen=True, slots=True)
class Times:
    """A time for every interview of the plan, in the plan's order, and nobody who would sit there."""

    spans: tuple[TimeSpan, ...]

    @property
    def span(self) -> TimeSpan:
        return hull(self.spans)

    @property
    def key(self) -> SlotKey:
        return slot_key(self.spans)


@dataclass(frozen=True, slots=True)
class FilledSeat:
    """Who sits in which seat of the plan's interview; `position` counts its seat rules from 0."""

    position: int
    kind: SeatKind
    interviewer_id: InterviewerId


@dataclass(frozen=True, slots=True)
class SlotInterview:
    """One interview of a slot: when, who sits in its seats, in the plan's order of seats, and where."""

    span: TimeSpan
    seats: tuple[FilledSeat, ...]
    room: RoomId | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """A computed possibility: a time for every interview of the plan, with its panel.

    The interviews are in the plan's order, which need not be the order in which they are held.
    """

    interviews: tuple[SlotInterview, ...]

    @property
    def times(self) -> Times:
        return Times(tuple(interview.span for interview in self.interviews))

    @property
    def span(self) -> TimeSpan:
        return self.times.span

    @property
    def key(self) -> SlotKey:
        return self.times.key


@dataclass(frozen=True, slots=True)
class RankedSlot:
    """A slot with what it costs."""

    slot: Slot
    costs: Costs


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The cheapest slots, no two with the same start: the cheapest first, of equals the earliest.

    No slot of the search costs less than `lower_bound`; None says that there is none at all. When
    `is_proven` these are the cheapest there are; otherwise time ran out.
    """

    slots: tuple[RankedSlot, ...]
    lower_bound: int | None
    is_proven: bool


def slot_of(
    plan: StagePlan,
    spans: Sequence[TimeSpan],
    people: Iterable[InterviewerId | None],
    rooms: Sequence[RoomId | None] = (),
) -> Slot:
    """Return the slot at these times with these people, one for each seat of the plan in order."""
    sitting = iter(people)
    return Slot(
        tuple(
            SlotInterview(
                span,
                tuple(
                    FilledSeat(position, rule.kind, person)
                    for position, rule in enumerate(planned.seats)
                    if (person := next(sitting)) is not None
                ),
                room,
            )
            for planned, span, room in zip_longest(plan.interviews, spans, rooms)
        )
    )


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def slot_key(spans: Sequence[TimeSpan]) -> SlotKey:
    """Return the opaque key of these times: it names no person, and nothing but the times."""
    starts = [(span.start - EPOCH) // MINUTE for span in spans]
    offsets = (f"{start - starts[0]:x}".replace("-", "m") for start in starts[1:])
    text = "-".join([f"{starts[0]:x}", *offsets])
    return SlotKey(base64.b32encode(text.encode()).decode().rstrip("=").lower())


def spans_of(key: str, plan: StagePlan) -> list[TimeSpan]:
    """Return the times that `key` names, an interview of `plan` each, or raise UnreadableSlotKey."""
    try:
        text = base64.b32decode(key.upper() + "=" * (-len(key) % 8)).decode()
        first, *offsets = (int(part.replace("m", "-"), 16) for part in text.split("-"))
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
