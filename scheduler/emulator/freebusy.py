"""When calendars are busy: intervals without titles, errors per calendar inside a 200."""

from __future__ import annotations

from datetime import UTC, timedelta

from scheduler.emulator import errors, instances
from scheduler.emulator.calendar import Calendar, find, role_of
from scheduler.emulator.errors import Resource
from scheduler.emulator.guests import is_busy_for
from scheduler.emulator.moments import from_epoch, parse_moment, rfc3339, zone
from scheduler.emulator.world import Principal, World

CALENDARS_AT_MOST = 50
LONGEST_RANGE = timedelta(days=92)
"""The limit is "reported at 2 to 3 months" [F]; the longer one is enforced."""


def query(world: World, who: Principal, given: Resource) -> Resource:
    """Answer freeBusy.query: {timeMin, timeMax, timeZone?, items: [{id}]}.

    "The start is inclusive, the end exclusive"; overlapping and touching blocks come merged.
    """
    if not given.get("timeMin") or not given.get("timeMax"):
        raise errors.required("Missing time range.")
    shown_in = zone(str(given["timeZone"])) if given.get("timeZone") else UTC
    start = parse_moment(given["timeMin"], given.get("timeZone") or "UTC")
    end = parse_moment(given["timeMax"], given.get("timeZone") or "UTC")
    if end <= start:
        raise errors.time_range_empty()
    if end - start > LONGEST_RANGE:
        raise errors.Refused(
            400,
            "timeRangeTooLong",
            "The requested time range is too long.",
            domain="calendar",
            location=("parameter", "timeMax"),
        )
    most = min(int(given.get("calendarExpansionMax") or CALENDARS_AT_MOST), CALENDARS_AT_MOST)
    answers: Resource = {}
    for number, item in enumerate(given.get("items") or []):
        name = str(item.get("id") if isinstance(item, dict) else "")
        if number >= most:
            answers[name] = _error("tooManyCalendarsRequested")
            continue
        blocks = _busy(world, who, name, int(start.timestamp()), int(end.timestamp()))
        answers[name] = (
            _error(blocks)
            if isinstance(blocks, str)
            else {
                "busy": [
                    {
                        "start": rfc3339(from_epoch(a).astimezone(shown_in)),
                        "end": rfc3339(from_epoch(b).astimezone(shown_in)),
                    }
                    for a, b in blocks
                ]
            }
        )
    return {
        "kind": "calendar#freeBusy",
        "timeMin": rfc3339(start.astimezone(UTC)),
        "timeMax": rfc3339(end.astimezone(UTC)),
        "calendars": answers,
    }


def merged(blocks: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the same busy time as blocks that neither overlap nor touch."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(blocks):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        elif end > start:
            joined.append((start, end))
    return joined


def _busy(
    world: World, who: Principal, name: str, start: int, end: int
) -> list[tuple[int, int]] | str:
    """Return the busy blocks of one calendar, or the reason why they are unknown."""
    wanted = who.email if name == "primary" else name.lower()
    planted = world.busy_errors.get(wanted)
    if planted:
        return planted
    calendar = find(world, wanted)
    if calendar is None or role_of(world, who, calendar) == "none":
        return "notFound"
    return merged([(max(a, start), min(b, end)) for a, b in _blocks(world, calendar, start, end)])


def _blocks(world: World, calendar: Calendar, start: int, end: int) -> list[tuple[int, int]]:
    rows = instances.between(world, calendar, start, end)
    return [(row.starts, row.ends) for row in rows if is_busy_for(row, calendar.id)]


def _error(reason: str) -> Resource:
    return {"errors": [{"domain": "global", "reason": reason}], "busy": []}
