"""Moments as a person reads them, in their own zone."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton, format_time, get_timezone_location

from scheduler.domain.timespan import TimeSpan

# With its territory: plain "en" means the United States, and a clock of twelve hours.
LOCALE = "en_GB"


def day_words(at: datetime, zone: ZoneInfo, *, now: datetime) -> str:
    """Return "Tuesday 24 November", with the year when it is not the present one."""
    is_this_year = at.astimezone(zone).year == now.astimezone(zone).year
    skeleton = "MMMMEEEEd" if is_this_year else "yMMMMEEEEd"
    return str(format_skeleton(skeleton, at, tzinfo=zone, locale=LOCALE))


def short_day(at: datetime, zone: ZoneInfo) -> str:
    """Return "Tue 24 November"."""
    weekday = format_skeleton("E", at, tzinfo=zone, locale=LOCALE)
    return f"{weekday} {format_skeleton('MMMMd', at, tzinfo=zone, locale=LOCALE)}"


def clock(at: datetime, zone: ZoneInfo) -> str:
    """Return "10:00"."""
    return format_time(at.astimezone(zone), "short", tzinfo=zone, locale=LOCALE)


def hours(span: TimeSpan, zone: ZoneInfo) -> str:
    """Return "10:00–10:45", naming the day of the end when it is another."""
    end = clock(span.end, zone)
    if span.start.astimezone(zone).date() != span.end.astimezone(zone).date():
        end = f"{end} ({short_day(span.end, zone)})"
    return f"{clock(span.start, zone)}–{end}"


def zone_words(at: datetime, zone: ZoneInfo) -> str:
    """Return "London time (UTC+0)", by the offset that holds at that moment."""
    offset = _offset(at.astimezone(zone).utcoffset() or timedelta(0))
    if zone.key.startswith("Etc/") or zone.key in ("UTC", "GMT"):
        return offset
    city = get_timezone_location(zone, locale=LOCALE, return_city=True).rsplit("/", 1)[-1]
    return f"{city} time ({offset})"


def length_words(length: timedelta) -> str:
    """Return "1 hour 30 minutes"."""
    whole_hours, minutes = divmod(int(length.total_seconds()) // 60, 60)
    words = [_counted(whole_hours, "hour")] if whole_hours else []
    words += [_counted(minutes, "minute")] if minutes or not words else []
    return " ".join(words)


def _offset(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    sign = "−" if minutes < 0 else "+"
    whole_hours, rest = divmod(abs(minutes), 60)
    return f"UTC{sign}{whole_hours}" + (f":{rest:02}" if rest else "")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
