"""The entries of a person's calendar and their working hours, where Google lets us read them.

What is asked for is what `domain.entries` needs and nothing else: no guest but the person
themselves, no description, no place. Titles leave this process for nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from scheduler.domain.availability import at_wall_time
from scheduler.domain.entries import Answer, CalendarEntry
from scheduler.domain.people import WorkingHours
from scheduler.domain.timespan import TimeSpan
from scheduler.google.client import Google
from scheduler.google.errors import EventGone, NotAllowed, Unreachable

if TYPE_CHECKING:
    from googleapiclient._apis.calendar.v3.resources import EventsHttpRequest
    from googleapiclient._apis.calendar.v3.schemas import Events

PAGE_SIZE = 2500  # entries, the most there is
ENTRY_FIELDS = (
    "nextPageToken,timeZone,accessRole,items(status,transparency,start,end,eventType,summary,"
    "attendees(self,responseStatus))"
)
HOURS_FIELDS = "timeZone,workingHours"
TELLS_NO_DETAILS = frozenset({"none", "freeBusyReader"})  # access roles
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MINUTES_A_DAY = 24 * 60
LAST_MINUTE = time(23, 59)

# A zone that is not there is a KeyError, one that is called like a folder of zones an OSError.
MAKES_NO_SENSE = (AttributeError, KeyError, OSError, OverflowError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class HoursAtGoogle:
    """When somebody works, as they have told Google, by the clock of their calendar's zone."""

    hours: tuple[WorkingHours, ...]
    zone: ZoneInfo


def read_entries(
    google: Google, address: str, span: TimeSpan, *, until: float | None = None
) -> tuple[CalendarEntry, ...] | None:
    """Return the entries of a calendar that meet `span`, or None when we may not read them.

    Recurring ones are told apart, one entry each time; cancelled ones are left out (events.list
    with singleEvents). `until` is as in `Google.execute`, for all pages together. Raises
    GoogleError, Unreachable also when an answer makes no sense: nothing that is unreadable is ever
    left out, since it may be busy.
    """
    events = google.calendar.events()
    request: EventsHttpRequest | None = events.list(
        calendarId=address,
        timeMin=span.start.isoformat(),
        timeMax=span.end.isoformat(),
        singleEvents=True,
        maxResults=PAGE_SIZE,
        fields=ENTRY_FIELDS,
    )
    found: list[CalendarEntry] = []
    while request is not None:
        try:
            page = google.execute(request, until=until)
        except (EventGone, NotAllowed):
            return None
        role = page.get("accessRole")
        if not isinstance(role, str) or role in TELLS_NO_DETAILS:
            # Such a list says when and nothing else; free/busy says that better.
            return None
        found += _entries(page)
        request = events.list_next(request, cast("Events", page))
    return tuple(found)


def read_hours(google: Google, address: str, *, until: float | None = None) -> HoursAtGoogle | None:
    """Return somebody's working hours, or None when they have none or we may not know them.

    Google tells of them on primary calendars of Workspace (calendars.get, GOOGLE.md 2). Hours that
    end at midnight end a minute before, which is as late as ours can. `until` is as in
    `Google.execute`. Raises GoogleError.
    """
    request = google.calendar.calendars().get(calendarId=address, fields=HOURS_FIELDS)
    try:
        calendar = google.execute(request, until=until)
    except (EventGone, NotAllowed):
        return None
    told = calendar.get("workingHours")
    try:
        if not told or not told["workingHoursEnabled"]:
            return None
        hours = sorted(map(_hours, told["availableTimes"]), key=lambda h: (h.weekday, h.opens_at))
        return HoursAtGoogle(tuple(hours), ZoneInfo(calendar["timeZone"]))
    except MAKES_NO_SENSE:
        return None


def _entries(page: dict[str, Any]) -> Iterator[CalendarEntry]:
    try:
        zone = ZoneInfo(page["timeZone"])
        for item in page.get("items", []):
            start, end = (_moment(item[side], zone) for side in ("start", "end"))
            if start == end:
                continue  # a reminder without length takes nobody's time
            yield CalendarEntry(
                span=TimeSpan(start, end),
                is_all_day="date" in item["start"],
                event_type=item.get("eventType", "default"),
                is_transparent=item.get("transparency") == "transparent",
                is_tentative=item.get("status") == "tentative",
                answer=_answer(item),
                title=_title(item),
            )
    except MAKES_NO_SENSE:
        # Without the cause, which may quote the entry.
        raise Unreachable("an entry makes no sense") from None


def _moment(side: dict[str, str], zone: ZoneInfo) -> datetime:
    if "date" in side:
        return at_wall_time(date.fromisoformat(side["date"]), time.min, zone)
    return datetime.fromisoformat(side["dateTime"])


def _answer(item: dict[str, Any]) -> Answer | None:
    own = (guest for guest in item.get("attendees", []) if guest.get("self"))
    return next((Answer(guest["responseStatus"]) for guest in own), None)


def _title(item: dict[str, Any]) -> str:
    title = item.get("summary", "")
    if not isinstance(title, str):
        raise TypeError
    return title


def _hours(period: dict[str, Any]) -> WorkingHours:
    opens, closes = period["periodStart"], period["periodEnd"]
    return WorkingHours(
        WEEKDAYS.index(period["dayOfWeek"]),
        _time(opens),
        LAST_MINUTE if closes == MINUTES_A_DAY else _time(closes),
    )


def _time(minute: int) -> time:
    return time(minute // 60, minute % 60)
