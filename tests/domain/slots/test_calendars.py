"""Masks that are kept, in this process and as bytes, are only ever used for whom they are about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from scheduler.domain.slots.calendars import Calendars
from scheduler.domain.slots.question import Person
from scheduler.domain.timespan import TimeSpan
from tests.domain.slots.cast import DANA, at, person, span

WEEK = TimeSpan(at("2026-03-09 00:00"), at("2026-03-16 00:00"))
LENGTH = 12
BUSY = person(DANA, busy=[span("2026-03-10", "10:00-12:20"), span("2026-03-14", "08:00-23:00")])


def versioned(someone: Person, version: str) -> Person:
    return replace(someone, version=version)


def test_bytes_lead_back_to_the_mask() -> None:
    blob = Calendars(WEEK).to_bytes(BUSY)
    kept = Calendars(WEEK)
    assert kept.remember(versioned(BUSY, "1"), blob)
    # Remembered, not read: the calendar that comes along says something else.
    empty = versioned(person(DANA), "1")
    assert kept.free(empty) == Calendars(WEEK).free(BUSY)
    assert kept.starts(empty, LENGTH) == Calendars(WEEK).starts(BUSY, LENGTH)
    assert kept.to_bytes(empty) == blob


def test_the_mask_of_another_version_is_not_used() -> None:
    kept = Calendars(WEEK)
    assert kept.remember(versioned(BUSY, "1"), Calendars(WEEK).to_bytes(BUSY))
    newer = versioned(person(DANA), "2")
    assert kept.free(newer) == Calendars(WEEK).free(person(DANA)) != Calendars(WEEK).free(BUSY)


def test_a_later_part_of_the_days_is_cut_out() -> None:
    later = TimeSpan(WEEK.start + timedelta(days=1), WEEK.end - timedelta(days=1))
    kept = Calendars(later)
    assert kept.remember(versioned(BUSY, "1"), Calendars(WEEK).to_bytes(BUSY))
    assert kept.free(versioned(BUSY, "1")) == Calendars(later).free(BUSY)


def test_bytes_about_other_days_or_cut_off_are_refused() -> None:
    blob = Calendars(WEEK).to_bytes(BUSY)
    one = timedelta(days=1)
    for days in (
        TimeSpan(WEEK.start - one, WEEK.end),
        TimeSpan(WEEK.start, WEEK.end + one),
        TimeSpan(WEEK.end, WEEK.end + one),
    ):
        assert not Calendars(days).remember(BUSY, blob)
    for broken in (blob[:-1], blob + b"\0", blob[:8], blob[:3], b""):
        assert not Calendars(WEEK).remember(BUSY, broken)


def test_what_is_learnt_apart_stays_apart() -> None:
    kept = Calendars(WEEK)
    busy = kept.free(BUSY)
    apart = kept.apart()
    assert apart.free(person(DANA)) != busy
    assert kept.free(BUSY) == busy
    assert apart.free(BUSY) == busy
