"""What is kept of people: in this process between searches, and in rows between processes.

Turning what Google said into masks is the dear part of a search, and calendars change seldom. A
calendar's version names what Google said; a person's version names that and all else that a search
knows of them. While a version stays, nothing is parsed or built again: this process holds the
person and their masks, and a process that has just begun finds the free mask in the row. Nothing
here asks Google.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import select

from scheduler.domain.people import InterviewerId, WorkingHours
from scheduler.domain.slots.calendars import Calendars
from scheduler.domain.slots.masks import Horizon
from scheduler.domain.slots.question import Person
from scheduler.domain.timespan import TimeSpan
from scheduler.google.details import HoursAtGoogle
from scheduler.models.base import db
from scheduler.models.calendar import BusyCalendar

SpanTexts: TypeAlias = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a row keeps of one calendar, but for the times: `error` is Google's word when unknown.

    `hours` are those that its owner has told Google; None where it does not tell of them.
    """

    covers: TimeSpan
    version: str
    error: str | None
    read_at: datetime
    hours: HoursAtGoogle | None = None

    def is_known(self, fresh_since: datetime) -> bool:
        return self.error is None and self.read_at >= fresh_since


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a calendar is unknown, in Google's word, and since when."""

    error: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """What else a row keeps: the times, and a mask with the version it was made for."""

    busy: tuple[TimeSpan, ...]
    soft: tuple[TimeSpan, ...]
    kept_for_interviews: tuple[TimeSpan, ...]
    mask: bytes | None
    mask_version: str


class Shelf:
    """People and their masks over one horizon, for every search of this process."""

    def __init__(self, horizon: Horizon) -> None:
        self.horizon = horizon.span
        self.calendars = Calendars(self.horizon)
        self._people: dict[InterviewerId, Person] = {}

    def find(self, interviewer_id: InterviewerId, version: str) -> Person | None:
        person = self._people.get(interviewer_id)
        return person if person is not None and person.version == version else None

    def keep(self, person: Person, kept: Kept) -> None:
        """Keep a person, with the mask of their row if it was made for this very version."""
        self._people[person.interviewer.interviewer_id] = person
        if kept.mask is not None and kept.mask_version == person.version:
            self.calendars.remember(person, kept.mask)


_shelves: dict[Horizon, Shelf] = {}


def shelf_of(window: TimeSpan) -> Shelf:
    """Return what this process keeps for the days of `window`. Versions say what is in it, so that
    it cannot hold anything wrong: not of another database either.
    """
    horizon = Horizon.around(window)
    shelf = _shelves.get(horizon)
    if shelf is None:
        # A new day: what was kept for the one before is of no more use.
        _shelves.clear()
        shelf = _shelves.setdefault(horizon, Shelf(horizon))
    return shelf


def version_of(*facts: object) -> str:
    """Return a name for these facts, which another spelling of them would not have."""
    return hashlib.blake2b(repr(facts).encode(), digest_size=12).hexdigest()


def span_texts(spans: Sequence[TimeSpan]) -> list[list[str]]:
    """Return spans as BusyCalendar keeps them."""
    return [[each.astimezone(UTC).isoformat() for each in (span.start, span.end)] for span in spans]


def hours_texts(told: HoursAtGoogle | None) -> dict[str, Any] | None:
    """Return working hours as BusyCalendar keeps them."""
    if told is None:
        return None
    hours = [
        [each.weekday, *(f"{at:%H:%M}" for at in (each.opens_at, each.closes_at))]
        for each in told.hours
    ]
    return {"zone": told.zone.key, "hours": hours}


def hours_of(kept: Mapping[str, Any] | None) -> HoursAtGoogle | None:
    """Return the working hours that a BusyCalendar keeps."""
    if kept is None:
        return None
    hours = (
        WorkingHours(weekday, time.fromisoformat(opens), time.fromisoformat(closes))
        for weekday, opens, closes in kept["hours"]
    )
    return HoursAtGoogle(tuple(hours), ZoneInfo(kept["zone"]))


def kept_of(people_ids: Collection[InterviewerId]) -> Mapping[InterviewerId, Kept]:
    """Return what the rows of these people hold; nobody whose calendar is unknown is among them."""
    if not people_ids:
        return {}
    rows = db.session.execute(
        select(
            BusyCalendar.interviewer_id,
            BusyCalendar.busy,
            BusyCalendar.soft,
            BusyCalendar.kept_for_interviews,
            BusyCalendar.mask,
            BusyCalendar.mask_version,
        ).where(BusyCalendar.interviewer_id.in_(people_ids), BusyCalendar.busy.is_not(None))
    )
    return {
        InterviewerId(id_): Kept(
            spans_of(busy or ()), spans_of(soft), spans_of(kept), mask, version
        )
        for id_, busy, soft, kept, mask, version in rows
    }


def mask_versions(people_ids: Collection[InterviewerId]) -> Mapping[InterviewerId, str]:
    """Return which version of each person the mask in their row was made for."""
    rows = db.session.execute(
        select(BusyCalendar.interviewer_id, BusyCalendar.mask_version).where(
            BusyCalendar.interviewer_id.in_(people_ids)
        )
    )
    return {InterviewerId(id_): version for id_, version in rows}


def troubles_of(people_ids: Collection[InterviewerId]) -> Mapping[InterviewerId, Trouble]:
    """Return why calendars are unknown, of those among these people that Google would not tell of."""
    rows = db.session.execute(
        select(BusyCalendar.interviewer_id, BusyCalendar.error, BusyCalendar.unknown_since).where(
            BusyCalendar.interviewer_id.in_(people_ids), BusyCalendar.error.is_not(None)
        )
    )
    return {
        InterviewerId(id_): Trouble(error, since)
        for id_, error, since in rows
        if error is not None and since is not None
    }


def spans_of(texts: SpanTexts) -> tuple[TimeSpan, ...]:
    """Return the spans that `span_texts` made these of."""
    return tuple(
        TimeSpan(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in texts
    )
