"""Why a slot does not hold, or no longer: sentences for a recruiter, with names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from scheduler.domain.availability import Obstacle, local_date, obstacles
from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import TRAINEE_KINDS, PlannedInterview, SeatKind, SeatRule
from scheduler.domain.slots.matching import cheapest_matching
from scheduler.domain.slots.question import SlotSearch
from scheduler.domain.slots.repeats import keeps_limits
from scheduler.domain.slots.seating import Option
from scheduler.domain.slots.slot import Slot, SlotInterview
from scheduler.domain.slots.timing import taken_up, time_problems
from scheduler.domain.timespan import TimeSpan

SEAT_NAMES = {
    SeatKind.LEAD: "lead",
    SeatKind.SECOND: "second",
    SeatKind.SHADOW: "shadow",
    SeatKind.REVERSE_SHADOW: "reverse shadow",
    SeatKind.OBSERVER: "observer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hindrance:
    """A seat that must be filled and that nobody can take at its time: by name, why not."""

    title: str
    kind: SeatKind
    span: TimeSpan
    people: tuple[tuple[str, tuple[Obstacle, ...]], ...]


def hindrances(search: SlotSearch, spans: Sequence[TimeSpan]) -> Iterator[Hindrance]:
    """Yield the seats that stay empty at these times, each looked at on its own."""
    for planned, span, taken in zip(search.plan.interviews, spans, taken_up(spans), strict=True):
        for rule in planned.seats:
            eligible = sorted((rule.eligible - search.excluded) & search.people.keys())
            people = [search.people[id_] for id_ in eligible]
            found = [(each.interviewer.name, tuple(obstacles(each, taken))) for each in people]
            if not rule.is_optional and all(in_the_way for _, in_the_way in found):
                yield Hindrance(title=planned.title, kind=rule.kind, span=span, people=tuple(found))


def problems(search: SlotSearch, slot: Slot) -> list[str]:
    """Return why `slot` cannot be held as it is staffed: nothing when it can."""
    spans = [interview.span for interview in slot.interviews]
    found = time_problems(search, spans)
    if len(slot.interviews) != len(search.plan.interviews):
        return found
    for planned, interview, span in zip(
        search.plan.interviews, slot.interviews, taken_up(spans), strict=True
    ):
        found += _seat_problems(search, planned, interview)
        found += _people_problems(search, planned.title, interview, span)
    found += _sitting_problems(search, slot)
    found += _room_problems(search, slot)
    return found


def _room_problems(search: SlotSearch, slot: Slot) -> Iterator[str]:
    seen: set[str] = set()
    spans = taken_up([interview.span for interview in slot.interviews])
    for planned, interview, span in zip(
        search.plan.interviews, slot.interviews, spans, strict=True
    ):
        if planned.rooms is None:
            continue
        room = search.rooms.get(interview.room) if interview.room is not None else None
        if room is None or room.room_id not in planned.rooms:
            yield f"{planned.title} has none of the rooms it needs."
        elif room.busy is None:
            yield f"We could not read the calendar of the room of {planned.title}."
        else:
            seen.add(room.site)
            if any(busy.overlaps(span) for busy in room.busy):
                yield f"The room of {planned.title} is taken."
    if len(seen) > 1:
        yield "The rooms are not all at one site."


def _sitting_problems(search: SlotSearch, slot: Slot) -> Iterator[str]:
    sitting = Counter(seat.interviewer_id for part in slot.interviews for seat in part.seats)
    for person, seats in sitting.items():
        if seats > 1 and not search.plan.people_repeat:
            yield f"{_name(search, person)} sits in more than one seat."
        elif seats > 1:
            yield from _repeat_problems(search, slot, person)


def _repeat_problems(search: SlotSearch, slot: Slot, id_: InterviewerId) -> Iterator[str]:
    spans = taken_up([interview.span for interview in slot.interviews])
    name, mine = _name(search, id_), []
    for planned, interview, span in zip(
        search.plan.interviews, slot.interviews, spans, strict=True
    ):
        seats = [seat for seat in interview.seats if seat.interviewer_id == id_]
        mine += [span] * len(seats)
        if len(seats) > 1:
            yield f"{name} sits in more than one seat of {planned.title}."
    person = search.people.get(id_)
    if person is not None:
        days: dict[date, list[timedelta]] = {}
        for span in mine:
            days.setdefault(local_date(person, span.start), []).append(span.length)
        if not keeps_limits(person, days):
            yield f"{name} has too many of these interviews for that day or week."


def _seat_problems(
    search: SlotSearch, planned: PlannedInterview, interview: SlotInterview
) -> Iterator[str]:
    for kind, name in SEAT_NAMES.items():
        rules = [rule for rule in planned.seats if rule.kind is kind]
        people = [seat.interviewer_id for seat in interview.seats if seat.kind is kind]
        if kind in TRAINEE_KINDS and not planned.can_train:
            rules = [replace(rule, eligible=frozenset()) for rule in rules]
        placed = _placed(people, rules, search.excluded)
        for person in people:
            if person not in placed:
                yield f"{_name(search, person)} has no {name} seat in {planned.title}."
        for rule, person_there in zip(rules, placed, strict=True):
            if person_there is None and not rule.is_optional:
                yield f"Nobody takes the {name} seat of {planned.title}."


def _placed(
    people: Sequence[InterviewerId],
    rules: Sequence[SeatRule],
    excluded: frozenset[InterviewerId],
) -> tuple[InterviewerId | None, ...]:
    """Return who can have which seat: as many as possible one, and rather those that must be filled."""
    free_or_empty: list[list[Option]] = [
        [
            *((0, person) for person in people if person in rule.eligible - excluded),
            (1 if rule.is_optional else 2, None),
        ]
        for rule in rules
    ]
    found = cheapest_matching(free_or_empty)
    return found.columns if found else ()


def _people_problems(
    search: SlotSearch, title: str, interview: SlotInterview, span: TimeSpan
) -> Iterator[str]:
    for seat in interview.seats:
        person = search.people.get(seat.interviewer_id)
        if person is None:
            yield f"Somebody on the panel of {title} is no longer an interviewer."
            continue
        name = person.interviewer.name
        for obstacle in obstacles(person, span):
            match obstacle:
                case Obstacle.UNKNOWN:
                    yield f"We could not read {name}'s calendar."
                case Obstacle.OUTSIDE_HOURS:
                    yield f"{title} lies outside {name}'s working hours."
                case Obstacle.DAY_OFF:
                    yield f"{name} has the day of {title} off."
                case Obstacle.NOT_BOOKABLE:
                    yield f"{title} is sooner, or further ahead, than {name} can be booked."
                case Obstacle.BUSY:
                    yield f"{name} is busy during {title}, or too close to it."
                case Obstacle.LIMIT:
                    yield f"{name} has no interviews left for that day or week."


def _name(search: SlotSearch, interviewer_id: InterviewerId) -> str:
    person = search.people.get(interviewer_id)
    return person.interviewer.name if person else "Somebody who no longer interviews"
