"""What changes about a stage, in words: shown before it is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from enum import Enum
from typing import Any

from scheduler.commands.plans import InterviewDraft, SeatDraft, StageDraft
from scheduler.domain.plan import Lunch, Rest
from scheduler.web.presentation import duration

NOTHING = "none"
LABELS = {
    "title": "Stage",
    "public_title": "Public title",
    "public_notes": "What candidates should know",
    "attendance": "How",
    "call_grouping": "Calls",
    "strategy": "Who asks Google for the conference",
    "shortest_gap": "Shortest break",
    "longest_gap": "Longest break",
    "before": "Held before",
    "most_days": "Days, at most",
    "longest_day": "Longest day",
    "people_repeat": "Somebody may sit in more than one interview",
}
WORDS = {
    "video": "by video",
    "onsite": "on site",
    "per_interview": "one for each interview",
    "per_loop_day": "one for the whole day",
    "candidate_event": "the candidate's event",
    "keeper_event": "an event of its own",
    "fixed": "as they are listed",
    "any": "any that fits",
    "reverse_shadow": "reverse shadow",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that becomes another."""

    about: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What ids stand for."""

    pools: Mapping[int, str]
    people: Mapping[int, str]
    rooms: Mapping[int, str]


def changes(old: StageDraft, new: StageDraft, names: Names) -> list[Change]:
    """Return what differs, in the order of the form."""
    found = [
        *_differences(old, new, "", _text),
        *_of_interviews(old.interviews, new.interviews, names),
    ]
    return [each for each in found if each.before != each.after]


def mark_of(draft: StageDraft, version: int) -> str:
    """Return what stands for a change that was shown: of another change, or of another stage as it
    was then, it is another.
    """
    return hashlib.sha256(repr((draft, version)).encode()).hexdigest()[:32]


def _differences(old: Any, new: Any, about: str, text: Callable[[Any], str]) -> Iterator[Change]:
    for field in fields(old):
        if field.name != "interviews":
            words = field.name.replace("_", " ")
            label = f"{about}: {words}" if about else LABELS.get(field.name, words.capitalize())
            yield Change(label, *(text(getattr(each, field.name)) for each in (old, new)))


def _of_interviews(
    old: tuple[InterviewDraft, ...], new: tuple[InterviewDraft, ...], names: Names
) -> Iterator[Change]:
    def text(value: Any) -> str:
        return _named(value, names)

    for number, (before, after) in enumerate(zip(old, new, strict=False), start=1):
        yield from _differences(before, after, f"Interview {number}", text)
    for number, gone in enumerate(old[len(new) :], start=len(new) + 1):
        yield Change(f"Interview {number}", _whole(gone, names), NOTHING)
    for number, added in enumerate(new[len(old) :], start=len(old) + 1):
        yield Change(f"Interview {number}", NOTHING, _whole(added, names))


def _whole(interview: InterviewDraft, names: Names) -> str:
    return f"{interview.title}, {duration(interview.length)}. {_named(interview.seats, names)}"


def _named(value: Any, names: Names) -> str:
    match value:
        case (SeatDraft(), *_):
            return "; ".join(_seat(seat, names) for seat in value)
        case (int(), *_):
            return " or ".join(sorted(names.rooms.get(each, "a retired room") for each in value))
        case _:
            return _text(value)


def _seat(seat: SeatDraft, names: Names) -> str:
    sources = [names.pools.get(each, "") for each in seat.pools]
    sources += [names.people.get(each, "") for each in seat.people]
    kind = WORDS.get(seat.kind.value, seat.kind.value).capitalize()
    return (
        f"{kind}{' (may be missing)' if seat.is_optional else ''}: {' or '.join(sorted(sources))}"
    )


def _text(value: Any) -> str:
    match value:
        case None | "" | ():
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case timedelta():
            return duration(value) if value else NOTHING
        case Enum():
            return WORDS.get(str(value.value), str(value.value))
        case Lunch(length, opens_at, closes_at):
            return f"{duration(length)} between {opens_at:%H:%M} and {closes_at:%H:%M}"
        case Rest(after, length):
            return f"{duration(length)} after {duration(after)}"
        case tuple():
            return ", ".join(f"no. {a + 1} before no. {b + 1}" for a, b in sorted(value))
        case _:
            return str(value)
