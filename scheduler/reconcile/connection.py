"""Looks at what the scheduling account may do, and makes its organizer calendar."""

from __future__ import annotations

import logging
from zoneinfo import ZoneInfo

from sqlalchemy import select

from scheduler.commands import connection
from scheduler.google.calendar import CalendarFacts
from scheduler.google.errors import GoogleError, NotConnected
from scheduler.models.base import db
from scheduler.models.calendar import ConnectionState, GoogleConnection, OrganizerCalendar
from scheduler.reconcile.reconciler import World

log = logging.getLogger(__name__)


def check(world: World) -> None:
    """Read the account's calendars as Google shows them, and record what that means for bookings."""
    if db.session.get(GoogleConnection, 1) is None:
        db.session.rollback()
        return
    try:
        calendars = _organizer_calendars(world)
    except NotConnected:
        _record(
            ConnectionState.BROKEN,
            "Google no longer accepts the scheduling account's consent. Connect it again.",
            world,
        )
    except GoogleError as error:
        log.warning("connection not checked", extra={"reason": error.reason})
        state = ConnectionState.CHECKING if error.is_worth_retrying else ConnectionState.BROKEN
        _record(state, f"Google could not be asked ({error.reason or 'no answer'}).", world)
    else:
        for facts in calendars:
            connection.add_organizer_calendar(
                facts.id,
                facts.summary,
                can_make_meet=facts.can_make_meet,
                now=world.clock(),
            )
        if all(facts.can_make_meet for facts in calendars):
            _record(ConnectionState.READY, "", world)
        else:
            # conferenceProperties.allowedConferenceSolutionTypes leaves out hangoutsMeet.
            _record(
                ConnectionState.NO_MEET,
                "The scheduling account may not make Google Meet conferences. Allow Meet for it in "
                "the Admin console, then check again.",
                world,
            )


def _organizer_calendars(world: World) -> list[CalendarFacts]:
    known = db.session.scalars(select(OrganizerCalendar.google_id)).all()
    db.session.rollback()
    seen = [facts for google_id in known if (facts := world.calendar.find_calendar(google_id))]
    for google_id in set(known) - {facts.id for facts in seen}:
        connection.retire_organizer_calendar(google_id, now=world.clock())
    return seen or [_made(world)]


def _made(world: World) -> CalendarFacts:
    # A neutral name: it is what candidates see as the sender.
    google_id = world.calendar.make_calendar(
        f"{world.sender.company} Interviews",
        ZoneInfo("UTC"),
        "Interviews, kept by Greenroom. Please leave its events alone: changes are put back.",
    )
    facts = world.calendar.find_calendar(google_id)
    if facts is None:
        raise GoogleError("the calendar just made is not there")
    return facts


def _record(state: ConnectionState, problem: str, world: World) -> None:
    connection.record_checked(state, problem, now=world.clock())
