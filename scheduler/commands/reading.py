"""Asks Google for calendars: by free/busy for everybody, in detail where that is wanted and allowed."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import timedelta

from scheduler.domain.availability import UNKNOWN, Reading, ReadingLevel
from scheduler.domain.entries import Keyword, reading_in_detail
from scheduler.domain.people import InterviewerId
from scheduler.domain.timespan import TimeSpan
from scheduler.google.client import Google
from scheduler.google.details import HoursAtGoogle, read_entries, read_hours
from scheduler.google.errors import (
    GoogleError,
    NotConnected,
    OutOfTime,
    QuotaExceeded,
    RateLimited,
)
from scheduler.google.freebusy import LONGEST_REASON, UNREADABLE, Busy, Unknown
from scheduler.google.transport import ANSWER_WITHIN
from scheduler.queries.google_access import GoogleAccess

log = logging.getLogger(__name__)

AT_ONCE = 4  # calendars read at the same time

SAY_NOTHING_OF_A_CALENDAR = (NotConnected, OutOfTime, QuotaExceeded, RateLimited)


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody whose calendar is to be read, with the keywords that go for their titles."""

    interviewer_id: InterviewerId
    address: str
    keywords: tuple[tuple[Keyword, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a calendar said, and how much Google let be read of it.

    While its times are unknown, `error` says why, in Google's word. `hours` None: it tells of none.
    """

    reading: Reading
    level: ReadingLevel = ReadingLevel.BUSY
    error: str | None = None
    hours: HoursAtGoogle | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InDetail:
    """What came of reading calendars in detail.

    Whoever is in neither may not be read so, and goes by free/busy.
    """

    told: Mapping[InterviewerId, Told]
    unread: frozenset[InterviewerId] = frozenset()
    """Whose calendar was to be read and was not, which says nothing about it: what was known of it
    stays, and grows old by itself."""


def by_free_busy(
    people: Sequence[Asked], busy: Mapping[str, Busy | Unknown]
) -> dict[InterviewerId, Told]:
    """Return what free/busy, by address, says of these people."""
    return {each.interviewer_id: _by_free_busy(busy[each.address]) for each in people}


def in_detail(
    people: Sequence[Asked], covers: TimeSpan, *, access: GoogleAccess, within: timedelta
) -> InDetail:
    """Return what the calendars say of `covers` that may be read in detail.

    One that may, and of which no answer came or none that makes sense, is unknown; one that Google
    would not be asked about, because it has been asked too much or no longer knows us, is unread,
    and so is one for which no time was left: all together take no longer than `within`, of which
    the last ANSWER_WITHIN is for what is under way. Raises GoogleError when there is no access to
    begin with.
    """
    google = access.details
    until = google.moment_in(within - ANSWER_WITHIN)
    try:
        google.sign_in(until=until)
    except NotConnected:
        # Nobody has consented to it, or no longer: free/busy needs no consent of this kind.
        return InDetail(told={})
    with ThreadPoolExecutor(AT_ONCE) as threads:
        # In our context: whoever renews the token looks into the database.
        tasks = {
            each.interviewer_id: threads.submit(
                copy_context().run, _read, google, each, covers, until
            )
            for each in people
        }
    told: dict[InterviewerId, Told] = {}
    unread = set()
    for id_, task in tasks.items():
        try:
            found = task.result()
        except SAY_NOTHING_OF_A_CALENDAR:
            unread.add(id_)
        else:
            if found is not None:
                told[id_] = found
    if unread:
        log.warning("calendars left unread", extra={"people": len(unread)})
    return InDetail(told=told, unread=frozenset(unread))


def _by_free_busy(said: Busy | Unknown) -> Told:
    if isinstance(said, Unknown):
        return Told(reading=UNKNOWN, error=said.reason)
    return Told(reading=Reading(busy=said))


def _read(google: Google, asked: Asked, covers: TimeSpan, until: float) -> Told | None:
    try:
        entries = read_entries(google, asked.address, covers, until=until)
        if entries is None:
            return None
        hours = read_hours(google, asked.address, until=until)
    except SAY_NOTHING_OF_A_CALENDAR:
        raise
    except GoogleError as error:
        reason = error.reason[:LONGEST_REASON] or UNREADABLE
        return Told(reading=UNKNOWN, level=ReadingLevel.DETAILS, error=reason)
    return Told(
        reading=reading_in_detail(entries, asked.keywords, covers),
        level=ReadingLevel.DETAILS,
        hours=hours,
    )
