"""Why there is no slot, or none at a start, and the least that would have to give way.

The idea: loosen one thing, ask the whole question again, and count. When no single thing helps,
loosen two. Nothing is promised from a bound or a guess: a relaxation comes back with the question it
stands for, and its count is the number of starts that `start_times` finds for exactly that question.

A coordinator reads from the top and does the first thing that they can live with. So what asks the
least of people comes first, however few starts it opens: first what they change at their desk and
nobody notices, then one mail to the candidate, then what we promised people, then what an
interviewer would have to give up, and last of all what nobody should go without, a meal and a rest.
Of the same kind the one that opens most comes first. A pair asks what the dearer of its two asks.

Not everything is tried: of single calendars those of MOST_CALENDARS people, for whom fewest could
sit instead; of pairs the first MOST_PAIRS, in that same order, until ENOUGH_PAIRS open something.

Invariant: every count is exact for the question it comes with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from itertools import combinations, islice

from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import TICK, Order, PlannedInterview, StagePlan
from scheduler.domain.slots.board import FREE_OF_CHARGE
from scheduler.domain.slots.calendars import Calendars
from scheduler.domain.slots.funnel import Funnel, eligible_people, funnel, without_limits
from scheduler.domain.slots.loops import PlanTicks
from scheduler.domain.slots.question import Person, SlotSearch
from scheduler.domain.slots.search import at, start_times
from scheduler.domain.slots.slot import Times
from scheduler.domain.slots.timing import taken_up
from scheduler.domain.timespan import TimeSpan

A_LONG_GAP = timedelta(hours=2)
AN_HOUR = timedelta(hours=1)
MOST_CALENDARS = 24
MOST_PAIRS = 80
ENOUGH_PAIRS = 3


class Constraint(StrEnum):
    """What can be loosened, what asks the least of people first."""

    GRID = "grid"
    ORDER = "order"
    GAPS = "gaps"
    CANDIDATE_HOUR = "an hour around the candidate's windows"
    CANDIDATE = "candidate's windows"
    LONGEST_DAY = "longest day"
    DAYS = "days"
    NOTICE = "notice"
    ROOMS = "rooms"
    BUFFERS = "buffers"
    LIMITS = "limits"
    BUSY = "busy"
    SEAT = "seat"
    REPEATS = "one seat each"
    LUNCH = "lunch"
    REST = "rest"


DEARNESS = {constraint: number for number, constraint in enumerate(Constraint)}
NO_PAIRS = ({Constraint.CANDIDATE_HOUR, Constraint.CANDIDATE},)  # any time has the hour in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to loosen; `about` names the interview, or the person, unless it is about all."""

    constraint: Constraint
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """One thing to loosen, or two together, and how many starts there are then."""

    steps: tuple[Step, ...]
    starts: int
    search: SlotSearch


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """How many starts each condition leaves, and what would open more, what asks least first."""

    funnel: Funnel
    relaxations: tuple[Relaxation, ...]


@dataclass(frozen=True, slots=True)
class _Change:
    """A step, and how it is taken."""

    step: Step
    loosened: Callable[[SlotSearch], SlotSearch]


Count = Callable[[SlotSearch, Calendars], int]


def why_none(search: SlotSearch, calendars: Calendars | None = None) -> Explanation:
    """Return what stands in the way, and what would open starts."""
    kept = _kept(search, calendars)
    counts = funnel(search, kept)
    return Explanation(funnel=counts, relaxations=relaxations(search, counts.feasible, kept))


def relaxations(
    search: SlotSearch, starts: int, calendars: Calendars | None = None
) -> tuple[Relaxation, ...]:
    """Return what opens more than the `starts` there are, what asks least of people first."""

    def count(loosened: SlotSearch, masks: Calendars) -> int:
        return len(start_times(loosened, masks))

    return _that_open(search, count, starts, _kept(search, calendars))


def why_not(
    search: SlotSearch, start: datetime, calendars: Calendars | None = None
) -> tuple[Relaxation, ...]:
    """Return what lets the stage start at `start`, what asks least of people first; `starts` is 1.

    Nothing when it can already.
    """

    def count(loosened: SlotSearch, masks: Calendars) -> int:
        return int(can_start(loosened, start, masks))

    kept = _kept(search, calendars)
    return () if can_start(search, start, kept) else _that_open(search, count, 0, kept)


def can_start(search: SlotSearch, start: datetime, calendars: Calendars | None = None) -> bool:
    return at(search, start, weights=FREE_OF_CHARGE, calendars=calendars) is not None


def tightest_times(plan: StagePlan, start: datetime) -> Times:
    """Return the times of a stage that starts at `start`, without a wait.

    It is the plan's order but for interviews that another one has to be over before.
    """
    ticks, spans = PlanTicks.of(plan), dict[int, TimeSpan]()
    earlier = [
        sum(later >> k & 1 for later in ticks.followers) for k in range(len(plan.interviews))
    ]
    for k in sorted(range(len(earlier)), key=lambda k: (earlier[k], k)):
        spans[k] = TimeSpan(start, start + plan.interviews[k].length)
        start = taken_up([spans[k]])[0].end + ticks.shortest_gap * TICK
    return Times(tuple(span for _, span in sorted(spans.items())))


def _kept(search: SlotSearch, calendars: Calendars | None) -> Calendars:
    """Return calendars that know everybody as they are, so that only who is changed is read anew."""
    if calendars is None or not calendars.covers(search.window):
        calendars = Calendars(search.window)
    for id_ in eligible_people(search):
        calendars.free(search.people[id_])
    return calendars


def _that_open(
    search: SlotSearch, count: Count, known: int, calendars: Calendars
) -> tuple[Relaxation, ...]:
    changes = sorted(_changes(search), key=lambda change: DEARNESS[change.step.constraint])
    singles = (_tried(search, (change,), count, calendars) for change in changes)
    found = [each for each in singles if each.starts > known]
    if not found:
        pairs = (_tried(search, pair, count, calendars) for pair in _pairs(changes))
        opening = (each for each in pairs if each.starts > known)
        found = list(islice(opening, ENOUGH_PAIRS))
    return tuple(sorted(found, key=_rank))


def _tried(
    search: SlotSearch, changes: Sequence[_Change], count: Count, calendars: Calendars
) -> Relaxation:
    for change in changes:
        search = change.loosened(search)
    steps = tuple(change.step for change in changes)
    return Relaxation(steps=steps, starts=count(search, calendars.apart()), search=search)


def _pairs(changes: Sequence[_Change]) -> Iterator[tuple[_Change, _Change]]:
    """Yield what can be loosened together, what asks the least first, and no more than MOST_PAIRS."""
    pairs = (
        (one, other)
        for one, other in combinations(changes, 2)
        if {one.step.constraint, other.step.constraint} not in NO_PAIRS
    )
    yield from islice(sorted(pairs, key=lambda pair: _dearness([c.step for c in pair])), MOST_PAIRS)


def _rank(relaxation: Relaxation) -> tuple[list[int], int, list[str]]:
    names = [step.about for step in relaxation.steps]
    return _dearness(relaxation.steps), -relaxation.starts, names


def _dearness(steps: Sequence[Step]) -> list[int]:
    return sorted((DEARNESS[step.constraint] for step in steps), reverse=True)


# -- what can be loosened ----------------------------------------------------------------------------


def _changes(search: SlotSearch) -> Iterator[_Change]:
    for constraint, loosened_plan in _plan_changes(search.plan):
        yield _Change(Step(constraint=constraint), partial(_with_plan, loosened_plan))
    if search.earliest > search.window.start:
        yield _Change(Step(constraint=Constraint.NOTICE), _without_notice)
    if search.candidate_windows:
        yield _Change(Step(constraint=Constraint.CANDIDATE_HOUR), _with_an_hour_more)
    yield _Change(Step(constraint=Constraint.CANDIDATE), _at_any_time)
    without = partial(without_limits, interviews=len(search.plan.interviews))
    for constraint, ease in (
        (Constraint.BUFFERS, _without_buffers),
        (Constraint.LIMITS, without),
    ):
        if any(ease(search.people[id_]) is not search.people[id_] for id_ in search.people):
            yield _Change(Step(constraint=constraint), partial(_with_everybody, ease))
    for id_ in islice(_by_need(search), MOST_CALENDARS):
        step = Step(constraint=Constraint.BUSY, about=search.people[id_].interviewer.name)
        yield _Change(step, partial(_with_one, _without_busy, id_))
    for position, interview in enumerate(search.plan.interviews):
        for number, rule in enumerate(interview.seats):
            if not rule.is_optional:
                step = Step(constraint=Constraint.SEAT, about=interview.title)
                open_seat = partial(_without_seat, position=position, number=number)
                yield _Change(step, partial(_with_plan, open_seat))


def _by_need(search: SlotSearch) -> Iterator[InterviewerId]:
    """Yield those with something in their calendar: whom fewest could replace first."""
    others: dict[InterviewerId, int] = {}
    for interview in search.plan.interviews:
        for rule in interview.seats:
            for id_ in rule.eligible:
                others[id_] = min(len(rule.eligible), others.get(id_, len(rule.eligible)))
    for id_ in sorted(eligible_people(search), key=lambda id_: (others[id_], id_)):
        if search.people[id_].busy:
            yield id_


def _with_plan(loosened: Callable[[StagePlan], StagePlan], search: SlotSearch) -> SlotSearch:
    return replace(search, plan=loosened(search.plan))


def _with_everybody(ease: Callable[[Person], Person], search: SlotSearch) -> SlotSearch:
    return replace(search, people={id_: ease(person) for id_, person in search.people.items()})


def _with_one(
    ease: Callable[[Person], Person], id_: InterviewerId, search: SlotSearch
) -> SlotSearch:
    return replace(search, people={**search.people, id_: ease(search.people[id_])})


def _without_notice(search: SlotSearch) -> SlotSearch:
    return replace(search, earliest=search.window.start)


def _at_any_time(search: SlotSearch) -> SlotSearch:
    return replace(search, candidate_windows=(search.window,))


def _with_an_hour_more(search: SlotSearch) -> SlotSearch:
    windows = (span.widened(AN_HOUR, AN_HOUR) for span in search.candidate_windows)
    return replace(search, candidate_windows=tuple(windows))


def _plan_changes(
    plan: StagePlan,
) -> Iterator[tuple[Constraint, Callable[[StagePlan], StagePlan]]]:
    if plan.grid > TICK:
        yield Constraint.GRID, lambda plan: replace(plan, grid=TICK)
    if plan.is_loop and plan.longest_gap < A_LONG_GAP:
        yield Constraint.GAPS, lambda plan: replace(plan, longest_gap=A_LONG_GAP)
    if plan.is_loop and plan.order is Order.FIXED:
        yield Constraint.ORDER, lambda plan: replace(plan, order=Order.ANY)
    if plan.lunch:
        yield Constraint.LUNCH, lambda plan: replace(plan, lunch=None)
    if plan.rest and not plan.rest.is_needed:
        yield Constraint.REST, lambda plan: replace(plan, rest=None)
    if plan.longest_day is not None:
        yield Constraint.LONGEST_DAY, lambda plan: replace(plan, longest_day=None)
    if plan.most_days < len(plan.interviews):
        yield Constraint.DAYS, lambda plan: replace(plan, most_days=plan.most_days + 1)
    if any(interview.rooms is not None for interview in plan.interviews):
        yield Constraint.ROOMS, _without_rooms
    if plan.is_loop and not plan.people_repeat:
        yield Constraint.REPEATS, lambda plan: replace(plan, people_repeat=True)


def _without_rooms(plan: StagePlan) -> StagePlan:
    anywhere = tuple(replace(interview, rooms=None) for interview in plan.interviews)
    return replace(plan, interviews=anywhere)


def _without_seat(plan: StagePlan, *, position: int, number: int) -> StagePlan:
    """Return the plan with one seat left empty if need be."""
    interview = plan.interviews[position]
    seats = list(interview.seats)
    seats[number] = replace(seats[number], optional=True)
    interviews: list[PlannedInterview] = list(plan.interviews)
    interviews[position] = replace(interview, seats=tuple(seats))
    return replace(plan, interviews=tuple(interviews))


def _without_buffers(person: Person) -> Person:
    who = person.interviewer
    if not person.busy or not (who.buffer_before or who.buffer_after):
        return person
    interviewer = replace(who, buffer_before=timedelta(0), buffer_after=timedelta(0))
    return replace(person, interviewer=interviewer, version="")


def _without_busy(person: Person) -> Person:
    """Return the person with nothing on, if anything is known of them."""
    return person if person.busy is None else replace(person, busy=(), version="")
