"""When calendars are busy: intervals without titles, errors per calendar inside a 200."""

from __future__ import annotations

from datetime import UTC, timedelta
from functools import lru_cache

from scheduler.emulator import errors, instances
from scheduler.emulator.calendar import Calendar, find, role_of
from scheduler.emulator.errors import Resource
from scheduler.emulator.moments import from_epoch, parse_moment, rfc3339, zone
from scheduler.emulator.store import Store
from scheduler.emulator.world import Principal, World

CALENDARS_AT_MOST = 50
GROUP_MEMBERS_AT_MOST = 100


def query(world: World, who: Principal, given: Resource) -> Resource:
    """Answer freeBusy.query: {timeMin, timeMax, timeZone?, items: [{id}]}; an id may name a group.

    "The start is inclusive, the end exclusive"; overlapping and touching blocks come merged.
    """
    start, end, shown_in = _range(world, given)
    names = [str(item.get("id") or "") for item in given.get("items") or []]
    groups, calendars = _expanded(world, given, names)
    most = _at_most(given, "calendarExpansionMax", CALENDARS_AT_MOST)
    answers = {name: _error("tooManyCalendarsRequested") for name in calendars[most:]}
    errors_planted = world.busy_errors()
    for name in calendars[:most]:
        wanted = who.email if name == "primary" else name.lower()
        reason = errors_planted.get(wanted)
        answers[name] = (
            _error(reason) if reason else _answer(world, who, wanted, start, end, shown_in)
        )
    return {
        "kind": "calendar#freeBusy",
        "timeMin": _written(start, "UTC"),
        "timeMax": _written(end, "UTC"),
        **({"groups": groups} if groups else {}),
        "calendars": {name: answers[name] for name in calendars},
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


def busy_between(store: Store, calendar_id: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return what blocks a calendar from `start` to `end` (epoch seconds), cut to them, merged."""
    rows = store.all(
        "SELECT starts, ends FROM occurrence WHERE calendar_id = ?3 AND is_busy = 1"
        " AND starts < ?2 AND ends > ?1 AND starts > ?1 - 1 -"
        " (SELECT max(length) FROM occurrence WHERE calendar_id = ?3 AND is_busy = 1) ORDER BY starts",
        start,
        end,
        calendar_id,
    )
    return merged([(max(first, start), min(last, end)) for first, last in rows])


def _range(world: World, given: Resource) -> tuple[int, int, str]:
    """Return start, end and the zone of the answer, or refuse the range."""
    if not given.get("timeMin") or not given.get("timeMax"):
        raise errors.required("Missing time range.")
    name = str(given.get("timeZone") or "UTC")
    zone(name)
    start, end = (
        int(parse_moment(given[side], name).timestamp()) for side in ("timeMin", "timeMax")
    )
    if end <= start:
        raise errors.time_range_empty()
    longest = world.switches.freebusy_days_at_most
    if longest is not None and timedelta(seconds=end - start) > timedelta(days=longest):
        raise errors.Refused(
            400,
            "timeRangeTooLong",
            "The requested time range is too long.",
            domain="calendar",
            location=("parameter", "timeMax"),
        )
    return start, end, name


def _expanded(world: World, given: Resource, names: list[str]) -> tuple[Resource, list[str]]:
    """Return the answer for each group among the names, and all calendars without repetition.

    "An error is returned for a group with more members than" groupExpansionMax.
    """
    most = _at_most(given, "groupExpansionMax", GROUP_MEMBERS_AT_MOST)
    groups: Resource = {}
    calendars: list[str] = []
    for name in names:
        members = _members(world.store, name.lower())
        if len(members) > most:
            groups[name] = {"errors": [{"domain": "global", "reason": "groupTooBig"}]}
        elif members:
            groups[name] = {"calendars": members}
            calendars += members
        else:
            calendars.append(name)
    return groups, list(dict.fromkeys(calendars))


def _members(store: Store, group: str) -> list[str]:
    rows = store.all("SELECT email FROM membership WHERE group_email = ? ORDER BY email", group)
    return [str(row["email"]) for row in rows]


def _at_most(given: Resource, name: str, most: int) -> int:
    return min(int(given.get(name) or most), most)


def _answer(
    world: World, who: Principal, name: str, start: int, end: int, shown_in: str
) -> Resource:
    """Return the busy blocks of one calendar, or the reason why they are unknown."""
    calendar = find(world, name)
    if calendar is None or role_of(world, who, calendar) == "none":
        return _error("notFound")
    return {"busy": _blocks(world, calendar, start, end, shown_in)}


def _blocks(
    world: World, calendar: Calendar, start: int, end: int, shown_in: str
) -> list[Resource]:
    instances.expand(world, [calendar], end)
    return [
        {"start": _written(first, shown_in), "end": _written(last, shown_in)}
        for first, last in busy_between(world.store, calendar.id, start, end)
    ]


@lru_cache(maxsize=65_536)
def _written(second: int, name: str) -> str:
    """A company meets at the same half hours: most moments are written once."""
    return rfc3339(from_epoch(second).astimezone(UTC if name == "UTC" else zone(name)))


def _error(reason: str) -> Resource:
    return {"errors": [{"domain": "global", "reason": reason}], "busy": []}
