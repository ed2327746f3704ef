"""What pages say of how calendars are read: how much, of whom, and whose working hours hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from scheduler.domain.availability import ReadingLevel
from scheduler.domain.people import Interviewer, WorkingHours
from scheduler.google.credentials import DETAIL_SCOPES, SCOPES
from scheduler.models.base import db
from scheduler.models.calendar import BusyCalendar, GoogleConnection
from scheduler.queries import slot_searches, snapshots
from scheduler.queries.scheduling import scheduling_rules


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarReading:
    """How somebody's calendar is read. `read_at` None: it never was, or Google could not say."""

    wanted: ReadingLevel
    lacks_consent: bool
    level: ReadingLevel
    read_at: datetime | None
    hours: tuple[WorkingHours, ...]
    """Those in force."""
    are_googles: bool
    other_zone: ZoneInfo | None
    """Where the hours at Google go by another clock than ours, which is why they do not hold."""


def of_person(interviewer: Interviewer) -> CalendarReading:
    """Return how a calendar was last read, and the hours that a search goes by."""
    wanted = scheduling_rules().level
    row = db.session.get(BusyCalendar, interviewer.interviewer_id)
    told = snapshots.hours_of(row.hours) if row is not None else None
    in_force = slot_searches.in_force(interviewer, told)
    are_googles = told is not None and told.zone.key == interviewer.zone.key
    return CalendarReading(
        wanted=wanted,
        lacks_consent=lacks_consent(),
        level=row.level if row is not None else ReadingLevel.BUSY,
        read_at=row.read_at if row is not None and row.error is None else None,
        hours=in_force.hours,
        are_googles=are_googles,
        other_zone=told.zone if told is not None and not are_googles else None,
    )


def wants_details() -> bool:
    """Has an admin chosen that calendars are read in detail?"""
    return scheduling_rules().level is ReadingLevel.DETAILS


def scopes_wanted() -> tuple[str, ...]:
    """Return what the scheduling account is asked to consent to."""
    if wants_details():
        return (*SCOPES, *DETAIL_SCOPES)
    return SCOPES


def scopes_needed() -> tuple[str, ...]:
    """Return what nothing works without."""
    return SCOPES


def lacks_consent() -> bool:
    """Are details wanted, while the connected account has not consented to that?

    Of a service account nobody can tell: its scopes are delegated at Google.
    """
    if not wants_details():
        return False
    connection = db.session.get(GoogleConnection, 1)
    if connection is None or connection.refresh_token_sealed is None:
        return False
    return not set(DETAIL_SCOPES) <= set(connection.scopes.split())
