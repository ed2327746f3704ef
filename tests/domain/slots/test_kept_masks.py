"""What is kept between searches is what would be made anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from scheduler.domain.people import LoadLimit
from scheduler.domain.slots.calendars import Calendars
from scheduler.domain.slots.masks import indexes, moment_of
from scheduler.domain.slots.question import Person, Weights
from scheduler.domain.timespan import TimeSpan
from tests.domain.slots.judges.company import Company

AN_HOUR = 12
COMPANY = Company(2, days=14, interviewers=20)
PEOPLE = [*COMPANY.people.values()]


def masks(calendars: Calendars, person: Person) -> tuple[object, ...]:
    """Return all that a search asks of a person."""
    priced = calendars.levels([person], AN_HOUR, Weights(), calendars.horizon.everything)
    levels = [levels for _, levels in priced]
    return calendars.free(person), calendars.starts(person, AN_HOUR), levels


@pytest.mark.parametrize("person", PEOPLE, ids=str)
def test_who_got_busier_is_known_as_if_read_anew(person: Person) -> None:
    kept, dice = Calendars(COMPANY.window), Random(person.interviewer.email)  # noqa: S311
    for number in range(4):
        assert masks(kept, person) == masks(Calendars(COMPANY.window), person)
        start = COMPANY.window.start + timedelta(minutes=dice.randrange(0, 14 * 24 * 60))
        more = TimeSpan(start, start + timedelta(minutes=dice.choice([25, 60, 600])))
        busy = (*(person.busy or ()), more)
        load = {**person.load, start.date(): 1}
        person = replace(person, busy=busy, load=load, version=f"later {number}")


@pytest.mark.parametrize(
    "change",
    [
        lambda one: replace(one, busy=one.busy[1:]),
        lambda one: replace(one, busy=None),
        lambda one: replace(one, busy=()),
        lambda one: replace(one, days_off=frozenset({COMPANY.window.start.date()})),
        lambda one: replace(
            one, interviewer=replace(one.interviewer, buffer_after=timedelta(hours=1))
        ),
        lambda one: replace(
            one, interviewer=replace(one.interviewer, hours=one.interviewer.hours[1:])
        ),
        lambda one: replace(
            one, interviewer=replace(one.interviewer, limit=LoadLimit(per_day=1, per_week=1))
        ),
    ],
)
def test_who_changed_otherwise_is_read_anew(change: Callable[[Person], Person]) -> None:
    kept = Calendars(COMPANY.window)
    for person in PEOPLE:
        masks(kept, person)
        changed = replace(change(person), version="changed")
        assert masks(kept, changed) == masks(Calendars(COMPANY.window), changed)


def test_masks_set_aside_leave_those_they_came_from_alone() -> None:
    kept = Calendars(COMPANY.window)
    before = [kept.free(person) for person in PEOPLE]
    apart = kept.apart()
    eased = [replace(person, busy=(), version="") for person in PEOPLE]
    assert all(apart.free(person) is free for person, free in zip(PEOPLE, before, strict=True))
    assert all(
        apart.free(easy).bit_count() > free.bit_count()
        for easy, free in zip(eased, before, strict=True)
    )
    # The same object: nobody has been read again.
    assert all(kept.free(person) is free for person, free in zip(PEOPLE, before, strict=True))


def test_limits_close_the_days_and_the_weeks_that_are_full() -> None:
    person = next(each for each in PEOPLE if each.busy)
    zone, window = person.interviewer.zone, COMPANY.window
    tuesday = window.start.date() + timedelta(days=1)
    limit = LoadLimit(per_day=2, per_week=5, time_per_day=timedelta(minutes=90))
    free = replace(person, busy=(), load={}, version="")

    def dates(one: Person) -> set[int]:
        limited = replace(one, interviewer=replace(one.interviewer, limit=limit))
        calendars = Calendars(window)
        starts = indexes(calendars.starts(limited, AN_HOUR))
        return {
            moment_of(calendars.horizon.first + start).astimezone(zone).toordinal()
            for start in starts
        }

    everything = dates(free)
    on = tuesday.toordinal()
    week = {on - 1 + day for day in range(7)}
    assert on in everything
    assert dates(replace(free, load={tuesday: 1})) == everything
    assert dates(replace(free, load={tuesday: 2})) == everything - {on}
    assert dates(replace(free, load={tuesday: 5})) == everything - week
    long = {tuesday: timedelta(minutes=31)}
    assert dates(replace(free, load_time=long)) == everything - {on}
