"""Who sits where, once the times are known: the cheapest way, whether a person or the search chose them.

There is one way of giving out seats, that of `assignment` by the weights; here are the two ways to
learn who could take which. Times that the search found lie on its ticks, and masks tell for all of
them at once. Times that somebody chose may lie anywhere, and are held against the rules themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from scheduler.domain.availability import obstacles
from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import TRAINEE_KINDS, PlannedInterview, RoomId, SeatRule
from scheduler.domain.slots.assignment import Held, Place, assign, only_once
from scheduler.domain.slots.board import Board, boards, sites
from scheduler.domain.slots.calendars import Calendars
from scheduler.domain.slots.days import NEVER
from scheduler.domain.slots.pricing import costs_of, costs_of_seat
from scheduler.domain.slots.question import Person, Room, SlotSearch, Weights
from scheduler.domain.slots.repeats import Repeats
from scheduler.domain.slots.seating import Option, eligible
from scheduler.domain.slots.slot import RankedSlot, Slot, Times, slot_of
from scheduler.domain.slots.timing import taken_up, time_problems
from scheduler.domain.timespan import TimeSpan


def staffed(
    search: SlotSearch,
    found: Iterable[Times],
    *,
    weights: Weights,
    calendars: Calendars | None = None,
) -> list[Slot]:
    """Return the cheapest slot at each of these times, which `open_times` found for this search."""
    wanted, slots = list(found), dict[Times, Slot]()
    for board in boards(search, calendars, weights):
        for each in wanted:
            slot = None if each in slots else _staffed_at(board, each)
            if slot is not None:
                slots[each] = slot
    return [slots[each] for each in wanted if each in slots]


def seats_can_be_filled(
    board: Board,
    layout: Iterable[Held],
    also: Mapping[int, Collection[InterviewerId]] | None = None,
) -> bool:
    """Can these interviews be held there, each by the people it needs?

    `also` says who is to count as free for an interview though they are not.
    """
    others, seating = also or {}, board.seating
    places = [
        Place(
            (k, at),
            [
                (0, id_)
                for id_ in sorted(chair.people)
                if seating.person_starts(id_, k) >> at & 1 or id_ in others.get(k, ())
            ],
        )
        for k, at in layout
        for chair in seating.of_interview[k]
        if not chair.is_optional
    ]
    return assign(places, 1, board.may_sit) is not None


def at_times(
    search: SlotSearch, spans: Sequence[TimeSpan], *, weights: Weights
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
        Place((k, k), _options_at(search, planned, rule, span, weights))
        for k, planned, rule, span in _seats_at(search, taken)
    ]
    lengths = [span.length for span in taken]
    repeats = Repeats(search, lengths, lambda position: taken[position].start)
    may_sit = repeats.may_sit if search.plan.people_repeat else only_once
    found = assign(places, NEVER, may_sit)
    if found is None:
        return None
    slot = slot_of(search.plan, spans, found.people, rooms)
    return RankedSlot(slot, costs_of(search, slot, weights))


def _staffed_at(board: Board, times: Times) -> Slot | None:
    positions = []
    for k, span in enumerate(times.spans):
        position = board.ground.position(span.start)
        if position is None or not board.rooms[k] >> position & 1:
            return None
        positions.append(position)
    found = assign(_places(board, enumerate(positions)), NEVER, board.may_sit)
    if found is None:
        return None
    rooms = [board.room_at(k, position) for k, position in enumerate(positions)]
    return slot_of(board.search.plan, times.spans, found.people, rooms)


def _places(board: Board, layout: Iterable[Held]) -> list[Place]:
    return [
        Place((k, position), board.seating.options(chair, position))
        for k, position in layout
        for chair in board.seating.of_interview[k]
    ]


def _seats_at(
    search: SlotSearch, taken: Sequence[TimeSpan]
) -> Iterator[tuple[int, PlannedInterview, SeatRule, TimeSpan]]:
    for k, (planned, span) in enumerate(zip(search.plan.interviews, taken, strict=True)):
        for rule in planned.seats:
            yield k, planned, rule, span


def _options_at(
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
