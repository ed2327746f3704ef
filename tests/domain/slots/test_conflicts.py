"""A group is asked too much exactly where seats cannot be given out, however that is tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations, product

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.people import InterviewerId
from scheduler.domain.slots.conflicts import Day, Most, Seat, Shift, asked_too_much

DAYS: list[Day] = [(0, 100), (100, 200), (200, 300)]
WEEK_OF = {DAYS[0]: 1, DAYS[1]: 1, DAYS[2]: 2}
PEOPLE = [InterviewerId(number) for number in range(1, 5)]


@st.composite
def questions(draw: st.DrawFn) -> tuple[list[Seat], Most]:
    """Draw a few interviews on three days of two weeks with one to three seats each, and what people can do."""
    seats: list[Seat] = []
    people = st.lists(st.sampled_from(PEOPLE), unique=True)
    for interview in range(draw(st.integers(1, 4))):
        day, many = draw(st.sampled_from(DAYS)), draw(st.integers(1, 3))
        seats += [Seat(interview, day, draw(people)) for _ in range(many)]
    on_day = {shift: draw(st.integers(0, 3)) for shift in product(PEOPLE, DAYS)}
    in_week = {each: draw(st.integers(0, 4)) for each in product(PEOPLE, [1, 2])}
    return seats[:7], Most(on_day, in_week, WEEK_OF)


@given(questions())
def test_somebody_is_asked_too_much_where_seats_cannot_be_given_out(
    question: tuple[list[Seat], Most],
) -> None:
    seats, most = question

    group = asked_too_much(seats, most)

    assert (group is None) == can_be_given_out(seats, most)
    if group is not None:
        assert asked_of(group, seats) > most.together(group)


def can_be_given_out(seats: Sequence[Seat], most: Most) -> bool:
    for people in product(*(seat.people for seat in seats)):
        places = Counter((who, seat.interview) for who, seat in zip(people, seats, strict=True))
        days = Counter((who, seat.day) for who, seat in zip(people, seats, strict=True))
        weeks = Counter((who, WEEK_OF[seat.day]) for who, seat in zip(people, seats, strict=True))
        if (
            max(places.values()) == 1
            and all(many <= most.on_day[shift] for shift, many in days.items())
            and all(many <= most.in_week[each] for each, many in weeks.items())
        ):
            return True
    return False


def asked_of(group: frozenset[Shift], seats: Sequence[Seat]) -> int:
    """Return how many seats nobody outside the group could take, even if they took all they can."""
    asked = 0
    for interview in {seat.interview for seat in seats}:
        mine = [seat for seat in seats if seat.interview == interview]
        inside = {person for person, day in group if day == mine[0].day}
        asked += max(
            many - len({person for seat in some for person in seat.people} - inside)
            for many in range(len(mine) + 1)
            for some in combinations(mine, many)
        )
    return asked
