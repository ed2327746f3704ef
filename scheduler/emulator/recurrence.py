"""When a series starts: RRULE, RDATE, EXRULE and EXDATE by the clock on the wall of its own zone.

"The time zone in which the recurrence is expanded" is the zone of the start, for all-day series the
calendar's. Moments are epoch seconds here. A wall clock time that the clocks skip is moved on by
the gap, one that comes twice means the first (RFC 5545, 3.3.5).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr  # type: ignore[import-untyped]

from scheduler.emulator.errors import Refused, Resource, invalid
from scheduler.emulator.moments import instant, parse_moment, rfc3339, zone

OPEN_END = 253_402_300_000
"""Epoch second in the year 9999: where a series without an end stops."""

MOST_STARTS = 20_000
"""Of one rule; what lies behind is not expanded: 54 years of days."""

_PARTS = frozenset(
    ("FREQ", "UNTIL", "COUNT", "INTERVAL", "BYSECOND", "BYMINUTE", "BYHOUR", "BYDAY", "BYMONTHDAY",
     "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS", "WKST")
)  # fmt: skip
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
"""Rules within a day are answered with an error by Google as well (RUBY572)."""

_END_OF_DAY = time(23, 59, 59)


def starts(body: Resource, calendar_zone: str, until: int) -> tuple[int, ...]:
    """Return the moments at which the instances of a series start, rising, none after `until`.

    The event's own start is one of them unless it is excluded. 400 invalid for a rule that is none.
    """
    is_all_day = "date" in body["start"]
    name = calendar_zone if is_all_day else body["start"].get("timeZone") or calendar_zone
    first = body["start"]["date"] if is_all_day else body["start"]["dateTime"]
    return _starts(tuple(body["recurrence"]), first, name, is_all_day, until)


def is_endless(body: Resource) -> bool:
    """Say whether a rule of the series has neither COUNT nor UNTIL."""
    rules = [line.upper() for line in body["recurrence"] if line.upper().startswith("RRULE")]
    return any("COUNT=" not in rule and "UNTIL=" not in rule for rule in rules)


def last_end(body: Resource, calendar_zone: str) -> int:
    """Return when the last instance is over, OPEN_END for a series without an end."""
    if is_endless(body):
        return OPEN_END
    found = starts(body, calendar_zone, OPEN_END)
    return ends_of(body, calendar_zone, found[-1]) if found else instant(body["end"], calendar_zone)


def stamp_of(body: Resource, calendar_zone: str, start: int) -> str:
    """Return what the id of an instance ends with: "20261124T090000Z", or "20261124" for all-day."""
    if "date" in body["start"]:
        return _day(start, calendar_zone).strftime("%Y%m%d")
    return _utc(start).strftime("%Y%m%dT%H%M%SZ")


def ends_of(body: Resource, calendar_zone: str, start: int) -> int:
    """Return when an instance that starts at `start` is over: the same exact time, or whole days, later."""
    if "date" in body["start"]:
        return _midnight(_day(start, calendar_zone) + _days(body), zone(calendar_zone))
    length = instant(body["end"], calendar_zone) - instant(body["start"], calendar_zone)
    return start + length


def times_of(body: Resource, calendar_zone: str, start: int) -> tuple[Resource, Resource]:
    """Return `start` and `end` of an instance as resources."""
    if "date" in body["start"]:
        first = _day(start, calendar_zone)
        return {"date": first.isoformat()}, {"date": (first + _days(body)).isoformat()}
    name = body["start"].get("timeZone") or calendar_zone
    own = zone(name)

    def written(second: int) -> Resource:
        return {"dateTime": rfc3339(_utc(second).astimezone(own)), "timeZone": name}

    return written(start), written(ends_of(body, calendar_zone, start))


@lru_cache(maxsize=512)
def _starts(
    lines: tuple[str, ...], start: str, name: str, is_all_day: bool, until: int
) -> tuple[int, ...]:
    own = zone(name)
    if is_all_day:
        first = datetime.fromisoformat(start)
        begins = _on_the_wall(first, own)
    else:
        begun = parse_moment(start, name).astimezone(own)
        first, begins = begun.replace(tzinfo=None), int(begun.timestamp())
    wanted: set[int] = {begins}
    refused: set[int] = set()
    for line in lines:
        head, _, value = line.partition(":")
        kind, _, parameters = head.upper().partition(";")
        kept = refused if kind.startswith("EX") else wanted
        try:
            if kind in ("RRULE", "EXRULE"):
                kept.update(_by_rule(value.upper(), first, begins, own, is_all_day, until))
            else:
                zone_given = _zone_of(head, parameters) or own
                values = (text.strip()[: 8 if is_all_day else None] for text in value.split(","))
                kept.update(_moment(text, first.time(), own, zone_given) for text in values)
        except (ValueError, TypeError, OverflowError) as error:
            raise invalid("Invalid recurrence rule.") from error
    return tuple(sorted(second for second in wanted - refused if second <= until))


def _by_rule(
    rule: str, first: datetime, begins: int, own: ZoneInfo, is_all_day: bool, until: int
) -> Iterator[int]:
    parts = _checked(rule)
    last = parts.pop("UNTIL", None)
    stop = min(until, _until(last, own, is_all_day)) if last else until
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    for wall in islice(rrulestr(text, dtstart=first), MOST_STARTS):
        # The event's own start may be the second of two equal times on the wall.
        second = begins if wall == first else _on_the_wall(wall, own)
        if second > stop:
            return
        yield second


def _checked(rule: str) -> dict[str, str]:
    """Return the parts of a rule, refusing what RFC 5545 does not have; raises ValueError."""
    parts = dict(part.split("=", 1) for part in rule.strip(";").split(";"))
    if set(parts) - _PARTS or parts.get("FREQ") not in _FREQUENCIES:
        raise ValueError(rule)
    if "COUNT" in parts and "UNTIL" in parts:
        raise ValueError(rule)
    if any(int(parts.get(name, 1)) < 1 for name in ("COUNT", "INTERVAL")):
        raise ValueError(rule)
    return parts


def _until(text: str, own: ZoneInfo, is_all_day: bool) -> int:
    """UNTIL "bounds the recurrence rule in an inclusive manner"; a date stands for its whole day."""
    return _moment(text[:8] if is_all_day else text, _END_OF_DAY, own, own)


def _zone_of(head: str, parameters: str) -> ZoneInfo | None:
    """Return the zone that a line names; its letters keep their case."""
    if "VALUE=PERIOD" in parameters:
        raise ValueError(parameters)
    for parameter in head.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.upper() == "TZID":
            try:
                return zone(value.strip('"'))
            except Refused as error:
                raise ValueError(value) from error
    return None


def _moment(text: str, clock: time, own: ZoneInfo, given: ZoneInfo) -> int:
    """Return the moment of a value of RDATE, EXDATE or UNTIL; a bare date means `clock` on that day."""
    if len(text) == 8:
        day = datetime.strptime(text, "%Y%m%d")  # noqa: DTZ007 - a wall clock has no zone
        return _on_the_wall(datetime.combine(day, clock), own)
    if text.endswith("Z"):
        utc = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return int(utc.timestamp())
    return _on_the_wall(datetime.strptime(text, "%Y%m%dT%H%M%S"), given)  # noqa: DTZ007


def _on_the_wall(wall: datetime, own: ZoneInfo) -> int:
    return int(wall.replace(tzinfo=own).timestamp())


def _midnight(day: date, own: ZoneInfo) -> int:
    return _on_the_wall(datetime.combine(day, time()), own)


def _utc(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def _day(second: int, calendar_zone: str) -> date:
    return _utc(second).astimezone(zone(calendar_zone)).date()


def _days(body: Resource) -> timedelta:
    return date.fromisoformat(body["end"]["date"]) - date.fromisoformat(body["start"]["date"])
