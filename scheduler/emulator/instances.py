"""The instances of recurring events: expanded in their own zone, exceptions put in place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rruleset, rrulestr  # type: ignore[import-untyped]

from scheduler.emulator import errors
from scheduler.emulator.calendar import Calendar
from scheduler.emulator.errors import Resource
from scheduler.emulator.moments import from_epoch, instant, parse_moment, rfc3339
from scheduler.emulator.rows import Row, load, select
from scheduler.emulator.world import World

HORIZON = timedelta(days=2 * 365)
"""How far a series without an end is expanded when the caller names no timeMax."""

_MOST = 5000


def located(world: World, calendar: Calendar, event_id: str) -> Row | None:
    """Return an event, or the instance of a series that an id such as "<series>_20261124T100000Z" names."""
    row = load(world.store, calendar.id, event_id)
    if row is not None or "_" not in event_id:
        return row
    series = load(world.store, calendar.id, event_id.rpartition("_")[0])
    if series is None or not series.body.get("recurrence"):
        return None
    return find(series, calendar, event_id)


def between(world: World, calendar: Calendar, start: int, end: int) -> list[Row]:
    """Return what happens on a calendar from `start` to `end` (epoch seconds), series expanded."""
    rows = select(
        world.store,
        "calendar_id = ? AND starts < ? AND ends > ? AND status <> 'cancelled' ORDER BY starts, id",
        calendar.id,
        end,
        start,
    )
    return expanded(world, calendar, rows, start, end)


def expanded(
    world: World, calendar: Calendar, rows: list[Row], start: int | None, end: int | None
) -> list[Row]:
    """Return rows with every series replaced by its instances; exceptions stand for themselves."""
    found: list[Row] = []
    for row in rows:
        if row.body.get("recurrence") and row.status != "cancelled":
            moved = {other.id for other in exceptions(world, calendar, row.id)}
            found += [one for one in instances(row, calendar, start, end) if one.id not in moved]
        else:
            found.append(row)
    return found


def exceptions(world: World, calendar: Calendar, series_id: str) -> list[Row]:
    """Return the instances of a series that were changed or cancelled one by one."""
    return select(
        world.store,
        "calendar_id = ? AND id > ? AND id < ?",
        calendar.id,
        f"{series_id}_",
        f"{series_id}`",
    )


def instances(row: Row, calendar: Calendar, start: int | None, end: int | None) -> list[Row]:
    """Return the instances of a series that overlap [start, end), as they come from its rules."""
    length = instant(row.body["end"], calendar.zone) - row.starts
    until = from_epoch(end) if end is not None else from_epoch(row.starts) + HORIZON
    after = from_epoch(start - length) if start is not None else from_epoch(row.starts - 1)
    found = []
    for moment in _moments(row.body, calendar.zone, after, until):
        begins = int(moment.timestamp())
        if (end is None or begins < end) and (start is None or begins + length > start):
            found.append(_instance(row, calendar, moment, length))
    return found


def find(row: Row, calendar: Calendar, instance_id: str) -> Row | None:
    """Return one instance of a series by its id, "<series>_<original start>"."""
    stamp = instance_id.rpartition("_")[2]
    try:
        day = datetime.strptime(stamp[:8], "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None
    around = int(day.timestamp())
    near = instances(row, calendar, around - 2 * 86400, around + 3 * 86400)
    return next((one for one in near if one.id == instance_id), None)


def _instance(row: Row, calendar: Calendar, moment: datetime, length: int) -> Row:
    begins = int(moment.timestamp())
    body = {name: value for name, value in row.body.items() if name != "recurrence"}
    if "date" in row.body["start"]:
        days = (
            date.fromisoformat(row.body["end"]["date"])
            - date.fromisoformat(row.body["start"]["date"])
        ).days
        first = moment.date()
        start: Resource = {"date": first.isoformat()}
        end: Resource = {"date": (first + timedelta(days=days)).isoformat()}
        stamp = first.strftime("%Y%m%d")
    else:
        zone = row.body["start"].get("timeZone") or calendar.zone
        start = {"dateTime": rfc3339(moment), "timeZone": zone}
        ends = (moment.astimezone(UTC) + timedelta(seconds=length)).astimezone(ZoneInfo(zone))
        end = {"dateTime": rfc3339(ends), "timeZone": zone}
        stamp = moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    body |= {"start": start, "end": end, "recurringEventId": row.id, "originalStartTime": start}
    return replace(row, id=f"{row.id}_{stamp}", starts=begins, ends=begins + length, body=body)


def _moments(
    body: Resource, calendar_zone: str, after: datetime, until: datetime
) -> list[datetime]:
    """Return the starts of a series, by the clock on the wall of its zone ("the time zone in which
    the recurrence is expanded")."""
    is_all_day = "date" in body["start"]
    name = calendar_zone if is_all_day else body["start"].get("timeZone") or calendar_zone
    zone = ZoneInfo(name)
    if is_all_day:
        first = datetime.fromisoformat(body["start"]["date"])
    else:
        first = parse_moment(body["start"]["dateTime"], name).astimezone(zone).replace(tzinfo=None)
    rules = rruleset()
    rules.rdate(first)
    try:
        for line in body["recurrence"]:
            _add(rules, line, first, zone)
    except ValueError as error:
        raise errors.invalid("Invalid recurrence rule.") from error
    low = after.astimezone(zone).replace(tzinfo=None) - timedelta(hours=3)
    high = until.astimezone(zone).replace(tzinfo=None) + timedelta(hours=3)
    walls = rules.xafter(low, count=_MOST, inc=True)
    starts = []
    for wall in walls:
        if wall > high:
            break
        starts.append(_on_the_wall(wall, zone))
    return starts


def _on_the_wall(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment of a wall clock time; one that the clocks skip is moved on by the gap."""
    return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)


def _add(rules: rruleset, line: str, first: datetime, zone: ZoneInfo) -> None:
    head, _, value = line.partition(":")
    name, _, parameters = head.partition(";")
    if name in ("RRULE", "EXRULE"):
        rule = rrulestr(_until_on_the_wall(value, zone), dtstart=first)
        (rules.rrule if name == "RRULE" else rules.exrule)(rule)
        return
    own = dict(pair.split("=", 1) for pair in parameters.split(";") if "=" in pair).get("TZID")
    for text in value.split(","):
        wall = _wall(text.strip(), zone, ZoneInfo(own) if own else zone)
        if len(text.strip()) == 8:
            wall = wall.replace(hour=first.hour, minute=first.minute, second=first.second)
        (rules.rdate if name == "RDATE" else rules.exdate)(wall)


def _until_on_the_wall(rule: str, zone: ZoneInfo) -> str:
    """UNTIL in UTC counts by the clock of the series; dateutil wants both sides without a zone."""
    parts = []
    for part in rule.split(";"):
        name, _, value = part.partition("=")
        if name.upper() == "UNTIL":
            wall = _wall(value, zone, zone)
            if len(value) == 8:
                wall = wall.replace(hour=23, minute=59, second=59)
            value = wall.strftime("%Y%m%dT%H%M%S")
        parts.append(f"{name}={value}")
    return ";".join(parts)


def _wall(text: str, zone: ZoneInfo, own: ZoneInfo) -> datetime:
    if len(text) == 8:
        return datetime.strptime(text, "%Y%m%d")  # noqa: DTZ007 - a wall clock has no zone
    if text.endswith("Z"):
        moment = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return moment.astimezone(zone).replace(tzinfo=None)
    wall = datetime.strptime(text, "%Y%m%dT%H%M%S")  # noqa: DTZ007
    return wall.replace(tzinfo=own).astimezone(zone).replace(tzinfo=None)
