"""When calendars are busy: intervals without titles, errors per calendar inside a 200."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, timedelta
from functools import lru_cache

from scheduler.emulator import errors, instances
from scheduler.emulator.calendar import visible
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
    addresses = {
        name: who.email if name == "primary" else name.lower() for name in calendars[:most]
    }
    planted = world.busy_errors()
    seen = visible(world, who, list(addresses.values()))
    instances.expand_all(world, seen, end)
    for name, address in addresses.items():
        reason = planted.get(address) or (None if address in seen else "notFound")
        blocks = [] if reason else busy_between(world.store, address, start, end)
        answers[name] = _error(reason) if reason else {"busy": _written_blocks(blocks, shown_in)}
    return {
        "kind": "calendar#freeBusy",
        "timeMin": _written(start, "UTC"),
        "timeMax": _written(end, "UTC"),
        **({"groups": groups} if groups else {}),
        "calendars": {name: answers[name] for name in calendars},
    }


def merged(blocks: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the same busy time as blocks that neither overlap nor touch."""
    joined: list[tuple[int, int]] = []
    begun, over = 0, -(2**62)
    for start, end in sorted(blocks):
        if start > over:
            if over > begun:
                joined.append((begun, over))
            begun, over = start, end
        elif end > over:
            over = end
    return [*joined, (begun, over)] if over > begun else joined


def busy_between(store: Store, calendar_id: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return what blocks a calendar from `start` to `end` (epoch seconds), cut to them, merged."""
    rows = store.tuples(
        "SELECT starts, ends FROM occurrence WHERE calendar_id = ?3 AND is_busy = 1"
        " AND starts < ?2 AND ends > ?1 AND starts > ?1 - 1 -"
        " (SELECT max(length) FROM occurrence WHERE calendar_id = ?3 AND is_busy = 1) ORDER BY starts",
        start,
        end,
        calendar_id,
    )
    blocks = merged(rows)
    if not blocks:
        return []
    # Only the first and the last can reach out of the range.
    blocks[0] = (max(blocks[0][0], start), blocks[0][1])
    blocks[-1] = (blocks[-1][0], min(blocks[-1][1], end))
    return blocks


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
    members_of = _members(world.store, [name.lower() for name in names])
    for name in names:
        members = members_of.get(name.lower(), [])
        if len(members) > most:
            groups[name] = {"errors": [{"domain": "global", "reason": "groupTooBig"}]}
        elif members:
            groups[name] = {"calendars": members}
            calendars += members
        else:
            calendars.append(name)
    return groups, list(dict.fromkeys(calendars))


def _members(store: Store, names: list[str]) -> dict[str, list[str]]:
    """Return who is in the groups among the names."""
    marks = ", ".join("?" * len(names))
    rows = store.all(
        f"SELECT group_email, email FROM membership WHERE group_email IN ({marks}) ORDER BY email",  # noqa: S608
        *names,
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["group_email"], []).append(row["email"])
    return found


def _at_most(given: Resource, name: str, most: int) -> int:
    return min(int(given.get(name) or most), most)


def _written_blocks(blocks: list[tuple[int, int]], shown_in: str) -> list[Resource]:
    return [
        {"start": _written(start, shown_in), "end": _written(end, shown_in)}
        for start, end in blocks
    ]


@lru_cache(maxsize=65_536)
def _written(second: int, name: str) -> str:
    """A company meets at the same half hours: most moments are written once."""
    return rfc3339(from_epoch(second).astimezone(UTC if name == "UTC" else zone(name)))


def _error(reason: str) -> Resource:
    return {"errors": [{"domain": "global", "reason": reason}], "busy": []}
