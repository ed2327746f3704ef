"""Working hours: those a newcomer starts with, and those a client writes."""

from __future__ import annotations

from scheduler.emulator.errors import Resource, invalid, required

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY_MINUTES = 24 * 60


def office_hours() -> Resource:
    """Return nine to five, Monday to Friday."""
    return {
        "workingHoursEnabled": True,
        "availableTimes": [
            {"dayOfWeek": day, "periodStart": 9 * 60, "periodEnd": 17 * 60} for day in DAYS[:5]
        ],
    }


def checked(given: Resource) -> Resource:
    """Return working hours as they are kept: minutes of the day, the end exclusive.

    400 for hours that are enabled and empty ("cannot be set to true when availableTimes is empty"),
    an unknown day, or a period that is empty or leaves the day (DISC).
    """
    times = given.get("availableTimes") or []
    is_enabled = bool(given.get("workingHoursEnabled"))
    if is_enabled and not times:
        raise invalid("Working hours cannot be enabled without available times.")
    return {
        "workingHoursEnabled": is_enabled,
        "availableTimes": [_checked_period(period) for period in times],
    }


def _checked_period(period: Resource) -> Resource:
    kept = {name: period.get(name) for name in ("dayOfWeek", "periodStart", "periodEnd")}
    missing = next((name for name, value in kept.items() if value is None), None)
    if missing:
        raise required(f"Missing {missing}.")
    if kept["dayOfWeek"] not in DAYS:
        raise invalid("Invalid day of week.")
    if not 0 <= period["periodStart"] < period["periodEnd"] <= _DAY_MINUTES:
        raise invalid("Invalid working hours period.")
    return kept
