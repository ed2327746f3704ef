"""Notices what has changed on the organizer calendars, and events there that no booking claims.

An answer, an edit, a deletion: each calendar is asked every few seconds what has changed since the
last time, and the bookings concerned are woken. One request a calendar, whatever its size.

A cancelled event that somebody restored, or one that a restored backup no longer knows: nobody
looks for these by id, so each calendar is listed by our own tag, too. Ids are stored before they
are used, so an event that carries our tag and stands in no row is nobody's.
"""

from __future__ import annotations

import logging

from sqlalchemy import or_, select

from scheduler.commands import sweeping
from scheduler.domain.booking import BookingState, CallState
from scheduler.domain.diff import SendUpdates
from scheduler.domain.events import ObservedEvent
from scheduler.google.calendar import ChangedEvents
from scheduler.google.errors import GoogleError, SyncTokenExpired
from scheduler.models.base import db
from scheduler.models.bookings import Booking, Call, Interview
from scheduler.models.calendar import Installation, OrganizerCalendar
from scheduler.reconcile.reconciler import World

log = logging.getLogger(__name__)


def wake_the_changed(world: World) -> int:
    """Wake the bookings whose events have changed since the last look; return how many."""
    calendars = db.session.execute(
        select(OrganizerCalendar.google_id, OrganizerCalendar.sync_token).where(
            OrganizerCalendar.retired_at.is_(None)
        )
    ).all()
    db.session.rollback()
    return sum(_wake_the_changed_on(*each, world) for each in calendars)


def _wake_the_changed_on(calendar_id: str, sync_token: str | None, world: World) -> int:
    try:
        changed = _changed_events(calendar_id, sync_token, world)
    except GoogleError as error:
        log.warning("changes not read", extra={"failure": type(error).__name__})
        return 0
    event_ids = [event.event_id for event in changed.events]
    return sweeping.wake_the_changed(
        calendar_id, event_ids, changed.next_sync_token or None, now=world.clock()
    )


def _changed_events(calendar_id: str, sync_token: str | None, world: World) -> ChangedEvents:
    try:
        return world.calendar.changed_events(calendar_id, sync_token)
    except SyncTokenExpired:
        # Begin anew; what we missed meanwhile, this first list shows.
        return world.calendar.changed_events(calendar_id, None)


def remove_strays(world: World) -> int:
    """Delete the events that carry our tag and that no live call or interview claims; count them."""
    installation = db.session.scalar(select(Installation.uuid))
    calendars = db.session.scalars(
        select(OrganizerCalendar.google_id).where(OrganizerCalendar.retired_at.is_(None))
    ).all()
    db.session.rollback()
    return sum(
        _remove_strays_on(calendar_id, str(installation), world) for calendar_id in calendars
    )


def _remove_strays_on(calendar_id: str, installation: str, world: World) -> int:
    removed = 0
    try:
        for seen in world.calendar.tagged_events(calendar_id, installation):
            if not seen.is_cancelled and not _is_claimed(calendar_id, seen):
                removed += _remove(calendar_id, seen, world)
    except GoogleError as error:
        # One calendar's trouble stays its own; the next sweep looks again.
        log.warning("strays not removed", extra={"failure": type(error).__name__})
    return removed


def _remove(calendar_id: str, listed: ObservedEvent, world: World) -> int:
    # A second look: the list may be older than the rows.
    seen = world.calendar.get_event(calendar_id, listed.event_id)
    if seen is None or seen.is_cancelled or _is_claimed(calendar_id, seen):
        return 0
    world.calendar.delete_event(
        calendar_id, seen.event_id, send_updates=SendUpdates.ALL, if_match=seen.etag
    )
    log.warning("stray event removed", extra={"event_id": seen.event_id})
    return 1


def _is_claimed(calendar_id: str, seen: ObservedEvent) -> bool:
    by_call = select(Call.id).where(
        Call.calendar_id == calendar_id,
        Call.state == CallState.LIVE,
        or_(Call.candidate_event_id == seen.event_id, Call.keeper_event_id == seen.event_id),
    )
    by_interview = (
        select(Interview.id)
        .join(Booking, Booking.id == Interview.booking_id)
        .where(
            Interview.calendar_id == calendar_id,
            Interview.event_id == seen.event_id,
            Booking.state == BookingState.BOOKED,
        )
    )
    is_claimed = db.session.scalar(select(or_(by_call.exists(), by_interview.exists())))
    db.session.rollback()
    return bool(is_claimed)
