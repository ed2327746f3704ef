"""The days on which somebody does not interview: a pause, holidays of their country, days of their own."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import cache

from holidays import country_holidays
from holidays.utils import list_supported_countries

from scheduler.domain import availability
from scheduler.domain.availability import dates_of
from scheduler.domain.timespan import TimeSpan
from scheduler.models.people import InterviewerRow


def days_off_of(row: InterviewerRow, window: TimeSpan) -> frozenset[date]:
    """Return the dates, where they are, that `window` touches and on which they do not interview."""
    years = {on.year for on in dates_of(window, row.zone)}
    holidays = {on for year in years for on in _holidays(row.holiday_country, year)}
    return availability.days_off(
        holidays | {each.day for each in row.days_off},
        window,
        row.zone,
        paused_from=row.paused_from,
        paused_until=row.paused_until,
    )


def is_paused(row: InterviewerRow, on: date) -> bool:
    """Does somebody not interview for a while, on this date where they are?"""
    return (
        row.paused_from is not None
        and row.paused_from <= on
        and (row.paused_until is None or on <= row.paused_until)
    )


@cache
def holiday_countries() -> frozenset[str]:
    """Return the countries whose public holidays are known, as ISO 3166-1 alpha-2 codes."""
    return frozenset(list_supported_countries(include_aliases=False))


@cache
def _holidays(country: str, year: int) -> Collection[date]:
    """Return the public holidays of the whole country; those of one region are left to its people."""
    return frozenset(country_holidays(country, years=[year])) if country else frozenset()
