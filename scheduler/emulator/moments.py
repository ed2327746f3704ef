"""Google's ways of writing a time: RFC 3339 moments, event starts and ends, all-day dates."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from scheduler.emulator.errors import Refused, Resource, invalid, required

_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d)?)(\.\d+)?([Zz]|[+-]\d\d:?\d\d)?")


_FIRST_YEAR, _LAST_YEAR = 2, 9998
"""Moments outside cannot be written in every zone."""


@lru_cache(maxsize=700)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def zone(name: str) -> ZoneInfo:
    """Return an IANA zone, or refuse its name with 400 invalid."""
    found = _zone(name)
    if found is None:
        raise invalid(f"Invalid time zone definition for {name}.")
    return found


def parse_moment(text: object, assumed: str | None = None) -> datetime:
    """Return an aware moment from RFC 3339 text; without an offset, `assumed` names its zone."""
    match = _RFC3339.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise invalid("Bad Request")
    day, clock, fraction, offset = match.groups()
    if not _FIRST_YEAR <= int(day[:4]) <= _LAST_YEAR:
        raise invalid("Bad Request")
    seconds = clock if clock.count(":") == 2 else clock + ":00"
    try:
        moment = datetime.fromisoformat(f"{day}T{seconds}{(fraction or '')[:7]}")
        if offset is None:
            if not assumed:
                raise invalid("Missing time zone definition for start time.")
            return moment.replace(tzinfo=zone(assumed))
        if offset in "Zz":
            return moment.replace(tzinfo=UTC)
        aware = datetime.fromisoformat(f"{moment.isoformat()}{offset[:3]}:{offset[-2:]}")
    except ValueError as error:
        raise invalid("Bad Request") from error
    return aware


def rfc3339(moment: datetime) -> str:
    """Write a moment as Google's start and end do: seconds, Z for UTC."""
    text = moment.isoformat(timespec="seconds")
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def rfc3339_millis(moment: datetime) -> str:
    """Write a moment as Google's `created` and `updated` do: UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_date(text: object) -> date:
    """Return the date of an all-day start or end."""
    try:
        if not isinstance(text, str):
            raise TypeError
        return date.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise invalid("Invalid value for: Invalid format") from error


def normal_time(given: object, calendar_zone: str, *, side: str) -> Resource:
    """Return a start or end as Google stores it, or refuse it.

    {"date"} for all-day, {"dateTime", "timeZone"} otherwise; a dateTime needs an offset or a zone
    ("A time zone offset is required unless a time zone is explicitly specified in timeZone").
    """
    if not isinstance(given, dict) or not (given.get("date") or given.get("dateTime")):
        raise required(f"Missing {side} time.")
    if given.get("date") and given.get("dateTime"):
        raise invalid(f"Invalid {side} time.")
    if given.get("date"):
        return {"date": parse_date(given["date"]).isoformat()}
    name = given.get("timeZone") or ""
    if name:
        zone(name)
    try:
        moment = parse_moment(given["dateTime"], name or None)
    except Refused as error:
        if "time zone" in error.message:
            raise invalid(f"Missing time zone definition for {side} time.") from error
        raise
    shown = zone(name or calendar_zone)
    return {"dateTime": rfc3339(moment.astimezone(shown)), "timeZone": name or calendar_zone}


def instant(when: Resource, calendar_zone: str) -> int:
    """Return the epoch second of a start or end; an all-day date begins at midnight of the calendar."""
    if "dateTime" in when:
        return int(parse_moment(when["dateTime"], when.get("timeZone")).timestamp())
    day = date.fromisoformat(when["date"])
    return int(datetime(day.year, day.month, day.day, tzinfo=zone(calendar_zone)).timestamp())


def in_zone(when: Resource, name: str) -> Resource:
    """Return the same start or end written in another zone (the `timeZone` parameter)."""
    if "dateTime" not in when:
        return when
    moment = parse_moment(when["dateTime"], when.get("timeZone"))
    return {**when, "dateTime": rfc3339(moment.astimezone(zone(name)))}


def from_epoch(second: float) -> datetime:
    """Return the moment of an epoch second, in UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
