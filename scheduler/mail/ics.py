"""The add-to-calendar file: for those whose calendar never showed Google's invitation.

It only publishes. A REQUEST would make us a second organizer of one meeting, and the candidate
would have it twice; with Google's own UID it is the same entry again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from icalendar import Calendar, Event

from scheduler.domain.disclosure import CalendarEntry
from scheduler.mail.typed import one_line, paragraphs

FILE_NAME = "interview.ics"
METHOD = "PUBLISH"

TITLE_LETTERS = 200
TEXT_LETTERS = 5000
UID_LETTERS = 1024


def add_to_calendar(entries: Sequence[CalendarEntry], *, sequence: int, now: datetime) -> bytes:
    """Return an .ics file with an event for each of `entries`. Raises ValueError for none.

    Nobody is named as organizer or attendee.
    """
    if not entries:
        raise ValueError("an add-to-calendar file needs an entry")
    calendar = Calendar()
    calendar.add("prodid", "-//Greenroom//Interview scheduler//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", METHOD)
    for entry in entries:
        calendar.add_component(_event(entry, sequence=sequence, now=now))
    return bytes(calendar.to_ical())


def _event(entry: CalendarEntry, *, sequence: int, now: datetime) -> Event:
    event = Event()
    event.add("uid", one_line(entry.uid, letters=UID_LETTERS))
    event.add("sequence", sequence)
    event.add("dtstamp", now.astimezone(UTC))
    # UTC, so that no VTIMEZONE is needed: every program shows the reader's own clock, and none
    # has to understand our rules for daylight saving.
    event.add("dtstart", entry.span.start)
    event.add("dtend", entry.span.end)
    event.add("summary", one_line(entry.title, letters=TITLE_LETTERS))
    if text := "\n".join(paragraphs(entry.text, letters=TEXT_LETTERS)):
        event.add("description", text)
    if location := one_line(entry.location, letters=TITLE_LETTERS):
        event.add("location", location)
    event.add("status", "CONFIRMED")
    event.add("transp", "OPAQUE")
    event.add("class", "PRIVATE")
    return event
