"""What speaks for and against a slot, in a recruiter's words: its costs, term by term, with names.

For recruiters only: these words are about who would sit there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from scheduler.domain.plan import TICK
from scheduler.domain.slots.explain import Constraint, Relaxation
from scheduler.domain.slots.pricing import costs_of_seat, costs_of_times
from scheduler.domain.slots.question import Costs, Person, SlotSearch, Weights
from scheduler.domain.slots.slot import MINUTE, Slot
from scheduler.domain.slots.timing import taken_up

COUNTS = Weights(**{each.name: 1 for each in fields(Weights)})
"""With these every cost is how many times it is due."""


@dataclass(frozen=True, slots=True)
class Reason:
    """`is_conflict` when somebody would have to give something up for it."""

    text: str
    is_conflict: bool = False


def reasons_of(search: SlotSearch, slot: Slot) -> tuple[Reason, ...]:
    """Return what there is to say of a slot, what speaks for it first."""
    seated = list(_seated(search, slot))
    found = [*_of_times(search, slot), *_of_load(seated), *_of_people(seated)]
    return tuple(sorted(found, key=lambda reason: reason.is_conflict))


OPENINGS = {
    Constraint.GRID: "starting every five minutes",
    Constraint.ORDER: "any order of the interviews",
    Constraint.GAPS: "longer gaps between the interviews",
    Constraint.CANDIDATE_HOUR: "an hour more at either end of the candidate's windows",
    Constraint.CANDIDATE: "widening the candidate's windows to any time",
    Constraint.LONGEST_DAY: "a longer day",
    Constraint.DAYS: "one more day for the interviews",
    Constraint.NOTICE: "giving no notice",
    Constraint.ROOMS: "going without a room",
    Constraint.BUFFERS: "going without buffers around meetings",
    Constraint.LIMITS: "lifting everybody's limits",
    Constraint.BUSY: "{} moving their meetings",
    Constraint.SEAT: "another person for {}",
    Constraint.REPEATS: "letting people sit in two interviews",
    Constraint.LUNCH: "going without lunch",
    Constraint.REST: "going without the rest",
}


def opening_words(opening: Relaxation) -> str:
    """Return what a relaxation asks for, as the beginning of a sentence."""
    one, *others = opening.steps
    if others == [one] and one.constraint is Constraint.SEAT:
        text = f"two other people for {one.about}"
    else:
        words = (OPENINGS[step.constraint].format(step.about) for step in opening.steps)
        text = " together with ".join(words)
    return text[:1].upper() + text[1:]


AGAINST_A_PERSON = {
    "preference": "to be avoided",
    "comfort": "outside comfortable hours",
    "blocks": "outside preferred interview blocks",
    "soft": "over something that may give way",
}


def drawbacks_of(costs: Costs) -> tuple[str, ...]:
    """Return what speaks against somebody in a seat, apart from how much they have that week."""
    found = ["interviewed more than others lately"] if costs.fairness else []
    return (
        *found,
        *(words for term, words in AGAINST_A_PERSON.items() if getattr(costs, term) > 0),
    )


def _seated(search: SlotSearch, slot: Slot) -> Iterator[tuple[Person, Costs]]:
    spans = taken_up([interview.span for interview in slot.interviews])
    for planned, interview, span in zip(
        search.plan.interviews, slot.interviews, spans, strict=True
    ):
        for filled in interview.seats:
            person = search.people[filled.interviewer_id]
            rule = planned.seats[filled.position]
            yield person, costs_of_seat(search, rule, person, span, COUNTS)


def _of_times(search: SlotSearch, slot: Slot) -> Iterator[Reason]:
    costs = costs_of_times(search, [interview.span for interview in slot.interviews], COUNTS)
    if costs.days:
        yield Reason(f"on {costs.days + 1} days")
    if costs.gaps:
        yield Reason(f"{costs.gaps * TICK // MINUTE} minutes idle")
    elif len(slot.interviews) > 1:
        yield Reason("no idle time")
    if costs.candidate_comfort:
        yield Reason("early or late for the candidate")
    seats = sum(len(planned.seats) for planned in search.plan.interviews)
    empty = seats - sum(len(interview.seats) for interview in slot.interviews)
    if empty:
        yield Reason(f"{_counted(empty, 'seat')} left empty")


def _of_load(seated: Sequence[tuple[Person, Costs]]) -> Iterator[Reason]:
    loads = {_first_name(person): costs.load for person, costs in seated if costs.load}
    for name, load in loads.items():
        yield Reason(f"{name} has {_counted(load, 'interview')} this week")
    if seated and not loads:
        yield Reason("nobody has interviews this week")
    ahead = _names(person for person, costs in seated if costs.fairness)
    if ahead:
        yield Reason(f"{ahead} interviewed more than others lately")


def _of_people(seated: Sequence[tuple[Person, Costs]]) -> Iterator[Reason]:
    liked = [person for person, costs in seated if costs.preference < 0]
    if liked and len(liked) == len(seated):
        yield Reason("all preferred")
    elif liked:
        yield Reason(f"{_names(liked)} preferred")
    for term, words in AGAINST_A_PERSON.items():
        names = _names(person for person, costs in seated if getattr(costs, term) > 0)
        if names:
            yield Reason(f"{names}: {words}", is_conflict=True)


def _names(people: Iterator[Person] | Sequence[Person]) -> str:
    return ", ".join(dict.fromkeys(_first_name(person) for person in people))


def _first_name(person: Person) -> str:
    return person.interviewer.name.split()[0]


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
