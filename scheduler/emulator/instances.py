"""The instances of recurring events: expanded as far as somebody asks, exceptions in their place.

An instance that comes to light counts as a change of its calendar, so that what a client gets by
following sync tokens is what it would get by reading everything.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from scheduler.emulator import placement, recurrence
from scheduler.emulator.calendar import Calendar
from scheduler.emulator.calendar import find as find_calendar
from scheduler.emulator.moments import instant, parse_date, parse_moment
from scheduler.emulator.placement import GONE
from scheduler.emulator.recurrence import OPEN_END
from scheduler.emulator.rows import Row, from_sql, load, select
from scheduler.emulator.store import Store
from scheduler.emulator.world import World

HORIZON = timedelta(days=2 * 365)
"""How far ahead of now, or of its start, a series without an end reaches when nobody names a timeMax."""

_SELECT = (
    "SELECT e.*, o.id AS o_id, o.starts AS o_starts, o.ends AS o_ends, o.status AS o_status,"
    " o.change AS o_change FROM "
)
_WHERE = " ON e.calendar_id = o.calendar_id AND e.id = o.event_id"
OCCURRENCES = f"{_SELECT}occurrence o JOIN event e{_WHERE}"
"""The rows that `placed` turns into events and instances."""

OCCURRENCES_OF_EVENTS = (
    f"{_SELECT}event e CROSS JOIN occurrence o INDEXED BY occurrence_by_event{_WHERE}"
)
"""The same for a condition that finds the events first; SQLite would not see that by itself."""

_AHEAD = timedelta(days=90)
"""A series is expanded this much further than asked, so that few reads have to write."""

_DAY_SECONDS = 86_400


def located(world: World, calendar: Calendar, event_id: str) -> Row | None:
    """Return an event, or the instance of a series that an id such as "<series>_20261124T100000Z" names."""
    row = load(world.store, calendar.id, event_id)
    if row is not None or "_" not in event_id:
        return row
    series = load(world.store, calendar.id, event_id.rpartition("_")[0])
    if series is None or not series.body.get("recurrence"):
        return None
    return find(series, calendar, event_id)


def find(series: Row, calendar: Calendar, instance_id: str) -> Row | None:
    """Return one instance of a series by its id, as it comes from the rules."""
    try:
        day = datetime.strptime(instance_id.rpartition("_")[2][:8], "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None
    # The stamp of an all-day instance is a date of the calendar's zone: look a day either side.
    around = int(day.timestamp())
    for start in recurrence.starts(series.body, calendar.zone, around + 2 * _DAY_SECONDS)[::-1]:
        if placement.instance_id(series, calendar.zone, start) == instance_id:
            return instance(series, calendar, start)
        if start < around - _DAY_SECONDS:
            return None
    return None


def between(world: World, calendar: Calendar, start: int, end: int) -> list[Row]:
    """Return what happens on a calendar from `start` to `end` (epoch seconds), series expanded."""
    expand(world, [calendar], end)
    found = world.store.all(
        f"{OCCURRENCES} WHERE o.calendar_id = ? AND o.status NOT IN ('cancelled', ?) AND o.starts < ?"
        " AND o.ends > ? AND o.starts > ? ORDER BY o.starts, o.id",
        calendar.id,
        GONE,
        end,
        start,
        start - 1 - longest(world.store, calendar.id),
    )
    return [placed(row, calendar) for row in found]


def original_start(series: Row, calendar: Calendar, text: str) -> int:
    """Return the moment that `originalStart` names: a date for all-day series, else RFC 3339."""
    if "date" in series.body["start"]:
        return instant({"date": parse_date(text).isoformat()}, calendar.zone)
    return int(parse_moment(text).timestamp())


def exceptions(world: World, calendar: Calendar, series_id: str) -> list[Row]:
    """Return the instances of a series that were changed or cancelled one by one."""
    return select(
        world.store,
        "calendar_id = ? AND id > ? AND id < ?",
        calendar.id,
        f"{series_id}_",
        f"{series_id}`",
    )


def placed(row: sqlite3.Row, calendar: Calendar) -> Row:
    """Return the event or instance of one row of OCCURRENCES; one that is gone looks deleted."""
    own = {name: row[name] for name in row.keys() if not name.startswith("o_")}  # noqa: SIM118
    event = from_sql(own)
    found = event if row["o_id"] == event.id else instance(event, calendar, row["o_starts"])
    if row["o_status"] == GONE:
        body = {name: value for name, value in found.body.items() if name != "recurrence"}
        return replace(
            found, id=row["o_id"], status="cancelled", body={**body, "status": "cancelled"}
        )
    return found


def expand(world: World, calendars: Iterable[Calendar], until: int | None) -> None:
    """See to it that the series of calendars are expanded up to `until`; None: as far as they reach."""
    ahead = int(HORIZON.total_seconds())
    limit = int(world.now().timestamp()) + ahead if until is None else until
    for calendar in calendars:
        waiting = world.store.all(
            "SELECT event_id FROM extent WHERE calendar_id = ? AND expanded_to < ?",
            calendar.id,
            OPEN_END if until is None else min(limit, OPEN_END),
        )
        for waits in waiting:
            series = load(world.store, calendar.id, waits["event_id"])
            if series is not None:
                own = max(limit, series.starts + ahead) if until is None else limit
                _expand(world, series, calendar, own)


def expand_all(world: World, calendar_ids: Collection[str], until: int) -> None:
    """The same for many calendars, most of which have nothing to expand."""
    marks = ", ".join("?" * len(calendar_ids))
    waiting = world.store.all(
        f"SELECT DISTINCT calendar_id FROM extent WHERE calendar_id IN ({marks}) AND expanded_to < ?",  # noqa: S608
        *calendar_ids,
        min(until, OPEN_END),
    )
    expand(world, [one for row in waiting if (one := find_calendar(world, row[0]))], until)


def longest(store: Store, calendar_id: str) -> int:
    """Return how many seconds the longest thing on a calendar lasts.

    What overlaps a moment began no earlier than that long before it.
    """
    row = store.one("SELECT max(length) AS most FROM occurrence WHERE calendar_id = ?", calendar_id)
    return int(row["most"] or 0) if row else 0


def instance(series: Row, calendar: Calendar, start: int) -> Row:
    """Return the instance of a series that starts at `start`."""
    body = {name: value for name, value in series.body.items() if name != "recurrence"}
    first, last = recurrence.times_of(series.body, calendar.zone, start)
    body |= {
        "start": first,
        "end": last,
        "recurringEventId": series.id,
        "originalStartTime": first,
    }
    return replace(
        series,
        id=placement.instance_id(series, calendar.zone, start),
        starts=start,
        ends=instant(last, calendar.zone),
        body=body,
    )


def _expand(world: World, series: Row, calendar: Calendar, limit: int) -> None:
    """Place what a series has up to `limit` and somewhat beyond."""
    store, upto = world.store, limit + int(_AHEAD.total_seconds())
    known = store.one(
        "SELECT expanded_to FROM extent WHERE calendar_id = ? AND event_id = ?",
        calendar.id,
        series.id,
    )
    after = int(known["expanded_to"]) if known else 0
    if after >= limit:
        return
    starts = recurrence.starts(series.body, calendar.zone, upto)
    found = [start for start in starts if start > after]
    if found:
        change = placement.next_change(store, calendar.id)
        placement.put_instances(store, series, calendar.zone, found, change)
    store.run(
        "UPDATE extent SET expanded_to = ? WHERE calendar_id = ? AND event_id = ?",
        OPEN_END if upto >= series.ends else upto,
        calendar.id,
        series.id,
    )
