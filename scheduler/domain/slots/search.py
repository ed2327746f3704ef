"""The door to the slot search: when can this stage be held, by whom, and does that still hold?

Only what a slot's times are may reach a candidate; everything else here is the recruiter's. The
rules are in `question`. `calendars` keeps masks between searches; a search without them makes its
own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from scheduler.domain.availability import obstacles
from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import TRAINEE_KINDS, PlannedInterview, RoomId, SeatRule
from scheduler.domain.slots.assignment import Place, assign, only_once
from scheduler.domain.slots.board import Board, boards, sites
from scheduler.domain.slots.calendars import Calendars
from scheduler.domain.slots.days import NEVER
from scheduler.domain.slots.masks import indexes
from scheduler.domain.slots.offer import nearest, offered
from scheduler.domain.slots.pricing import costs_of, costs_of_seat
from scheduler.domain.slots.problems import problems
from scheduler.domain.slots.question import Person, Room, SlotSearch, Weights
from scheduler.domain.slots.ranking import FoundLoop, OutOfTime, cheapest_loops
from scheduler.domain.slots.repeats import may_repeat
from scheduler.domain.slots.seating import Option, eligible
from scheduler.domain.slots.slot import RankedSlot, Ranking, Slot
from scheduler.domain.slots.staffing import OpenSeat, fill_seats, slot_of
from scheduler.domain.slots.starts import start_mask, tightest_loops
from scheduler.domain.slots.timing import taken_up, time_problems
from scheduler.domain.timespan import TimeSpan

__all__ = [
    "Calendars",
    "at",
    "at_times",
    "best",
    "find_slots",
    "nearest",
    "offered",
    "problems",
    "staff",
    "start_times",
]

DEFAULT = Weights()
LIGHTEST_LOAD = Weights(
    day=0,
    late=0,
    gap=0,
    load=1,
    fairness=0,
    preference=0,
    comfort=0,
    block=0,
    soft=0,
    candidate_comfort=0,
    empty_seat=0,
)
"""What `find_slots` and `staff` seat people by: who has the fewest interviews that week."""


def start_times(search: SlotSearch, calendars: Calendars | None = None) -> list[datetime]:
    """Return every moment at which a slot can start, in order."""
    found: set[datetime] = set()
    for board in boards(search, calendars, DEFAULT):
        found.update(board.ground.moment(start) for start in indexes(start_mask(board)))
    return sorted(found)


def best(
    search: SlotSearch,
    *,
    top: int = 5,
    weights: Weights = DEFAULT,
    calendars: Calendars | None = None,
    out_of_time: OutOfTime = lambda: False,
) -> Ranking:
    """Return the `top` cheapest slots, with proof unless `out_of_time` says to stop before."""
    ready = boards(search, calendars, weights)
    found = [(board, cheapest_loops(board, most=top, out_of_time=out_of_time)) for board in ready]
    loops = sorted(
        (
            (loop.cost, board.ground.moment(loop.start), number, loop)
            for number, (board, each) in enumerate(found)
            for loop in each.loops
        ),
        key=lambda each: each[:3],
    )
    slots: dict[datetime, RankedSlot] = {}
    for _, start, number, loop in loops:
        if start not in slots and len(slots) < top:
            slots[start] = _ranked(found[number][0], loop)
    bounds = [each.lower_bound for _, each in found if each.lower_bound < NEVER]
    return Ranking(
        slots=tuple(slots.values()),
        lower_bound=min(bounds, default=None),
        is_proven=all(each.is_proven for _, each in found),
    )


def at(
    search: SlotSearch,
    start: datetime,
    *,
    weights: Weights = DEFAULT,
    calendars: Calendars | None = None,
) -> RankedSlot | None:
    """Return the cheapest slot that starts at `start`; None when none does."""
    found = []
    for board in boards(search, calendars, weights):
        position = board.ground.position(start)
        if position is not None:
            loops = cheapest_loops(board, most=1, starts=1 << position).loops
            found += [_ranked(board, loop) for loop in loops]
    return min(found, key=lambda ranked: ranked.costs.total, default=None)


def at_times(
    search: SlotSearch, spans: Sequence[TimeSpan], *, weights: Weights = DEFAULT
) -> RankedSlot | None:
    """Return the cheapest slot at exactly these times, or None when that breaks a rule.

    The times need not lie on the grid: a recruiter may choose what we would not propose.
    """
    if time_problems(search, spans):
        return None
    rooms = _rooms_at(search, spans)
    if rooms is None:
        return None
    taken = taken_up(spans)
    places = [
        Place((k, k), _priced_options(search, planned, rule, span, weights))
        for k, planned, rule, span in _seats_at(search, taken)
    ]
    lengths = [span.length for span in taken]
    repeat = may_repeat(search, lengths, lambda held: taken[held[0]].start)
    found = assign(places, NEVER, repeat if search.plan.people_repeat else only_once)
    if found is None:
        return None
    slot = slot_of(search.plan, spans, found.people, rooms)
    return RankedSlot(slot, costs_of(search, slot, weights))


def find_slots(search: SlotSearch, calendars: Calendars | None = None) -> list[Slot]:
    """Return a staffed slot for every start at which the stage can be held, earliest first.

    Of the ways to hold a loop from one start, it is one on one day if there is one, with the least
    waiting; the seats go to whoever has the lightest load.
    """
    found: dict[datetime, Slot] = {}
    for board in boards(search, calendars, LIGHTEST_LOAD):
        for start, slot in _slots_of(board):
            found.setdefault(board.ground.moment(start), slot)
    return [found[start] for start in sorted(found)]


def staff(search: SlotSearch, spans: Sequence[TimeSpan]) -> Slot | None:
    """Return the slot at exactly these times as `find_slots` would staff it, or None."""
    if search.plan.people_repeat:
        ranked = at_times(search, spans, weights=LIGHTEST_LOAD)
        return ranked.slot if ranked else None
    if time_problems(search, spans):
        return None
    rooms = _rooms_at(search, spans)
    if rooms is None:
        return None
    seats = [
        OpenSeat(
            rule.is_optional,
            tuple(
                person
                for _, person in _priced_options(search, planned, rule, span, LIGHTEST_LOAD)
                if person is not None
            ),
        )
        for _, planned, rule, span in _seats_at(search, taken_up(spans))
    ]
    panel = fill_seats(seats)
    return None if panel is None else slot_of(search.plan, spans, panel, rooms)


def can_interview(search: SlotSearch, interviewer_id: InterviewerId, span: TimeSpan) -> bool:
    person = search.people.get(interviewer_id)
    return person is not None and not obstacles(person, span)


def _ranked(board: Board, loop: FoundLoop) -> RankedSlot:
    slot = _slot_from(board, loop)
    return RankedSlot(slot, costs_of(board.search, slot, board.weights))


def _slot_from(board: Board, loop: FoundLoop) -> Slot:
    positions = dict(held for day in loop.days for held in day.held)
    people = {chair: person for day in loop.days for chair, person in day.seats}
    return _slot_at(board, positions, [people[chair] for chair in board.seating.chairs])


def _slot_at(
    board: Board, positions: dict[int, int], people: Sequence[InterviewerId | None]
) -> Slot:
    plan = board.search.plan
    spans = []
    for k, interview in enumerate(plan.interviews):
        start = board.ground.moment(positions[k])
        spans.append(TimeSpan(start, start + interview.length))
    rooms = [board.room_at(k, positions[k]) for k in range(board.count)]
    return slot_of(plan, spans, people, rooms)


def _slots_of(board: Board) -> Iterator[tuple[int, Slot]]:
    left = set(indexes(start_mask(board)))
    if not board.search.plan.people_repeat:
        for offsets, start in tightest_loops(board, left):
            positions = {k: start + offset for k, offset in enumerate(offsets)}
            panel = fill_seats(_open_seats(board, positions))
            if panel is not None:
                left.remove(start)
                yield start, _slot_at(board, positions, panel)
    for start in sorted(left):
        for loop in cheapest_loops(board, most=1, starts=1 << start).loops:
            yield start, _slot_from(board, loop)


def _open_seats(board: Board, positions: dict[int, int]) -> list[OpenSeat]:
    return [
        OpenSeat(
            chair.is_optional,
            tuple(
                person
                for _, person in board.seating.options(chair, positions[chair.interview])
                if person is not None
            ),
        )
        for chair in board.seating.chairs
    ]


def _seats_at(
    search: SlotSearch, taken: Sequence[TimeSpan]
) -> Iterator[tuple[int, PlannedInterview, SeatRule, TimeSpan]]:
    for k, (planned, span) in enumerate(zip(search.plan.interviews, taken, strict=True)):
        for rule in planned.seats:
            yield k, planned, rule, span


def _priced_options(
    search: SlotSearch,
    planned: PlannedInterview,
    rule: SeatRule,
    span: TimeSpan,
    weights: Weights,
) -> list[Option]:
    """Return who can take a seat at exactly this time, the cheapest first, and leaving it empty."""
    people: list[Person] = []
    if rule.kind not in TRAINEE_KINDS or planned.can_train:
        people = [search.people[id_] for id_ in eligible(search, rule)]
    found: list[tuple[int, InterviewerId]] = sorted(
        (
            costs_of_seat(search, rule, person, span, weights).total,
            person.interviewer.interviewer_id,
        )
        for person in people
        if not obstacles(person, span)
    )
    options: list[Option] = [*found]
    if rule.is_optional:
        options.append((weights.empty_seat, None))
        options.sort(key=lambda option: option[0])
    return options


def _rooms_at(search: SlotSearch, spans: Sequence[TimeSpan]) -> list[RoomId | None] | None:
    """Return a room for every interview that needs one, all at one site; None when that fails."""
    for site in sites(search):
        found = [
            _room_at(search, planned, span, site)
            for planned, span in zip(search.plan.interviews, taken_up(spans), strict=True)
        ]
        if all(
            room is not None or planned.rooms is None
            for planned, room in zip(search.plan.interviews, found, strict=True)
        ):
            return found
    return None


def _room_at(
    search: SlotSearch, planned: PlannedInterview, span: TimeSpan, site: str | None
) -> RoomId | None:
    for room_id in sorted(planned.rooms or ()):
        room = search.rooms.get(room_id)
        if room is not None and room.site == site and _is_free(room, span):
            return room_id
    return None


def _is_free(room: Room, span: TimeSpan) -> bool:
    return room.busy is not None and not any(busy.overlaps(span) for busy in room.busy)
