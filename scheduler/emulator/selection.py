"""What one call of events.list or events.instances asks for, and the rows of one page of it.

Pages are cut by place, not by number: the next one begins after the last row of this one, wherever
that stands by then, so that nothing is missed or read twice because others write in between. The
cost of a page is that of its rows, whatever else a calendar holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from scheduler.emulator import errors, instances
from scheduler.emulator.calendar import Calendar
from scheduler.emulator.moments import parse_moment, rfc3339_millis
from scheduler.emulator.placement import GONE
from scheduler.emulator.rows import Row, from_sql
from scheduler.emulator.world import World

CHANGES_KEPT = timedelta(days=28)
"""updatedMin may not lie further back; "horizon about 30 days" [L]."""

PAGE_SIZE, PAGE_SIZE_MAX = 250, 2500

_LIVE_EVENTS = (
    "(e.status <> 'cancelled' OR EXISTS (SELECT 1 FROM event series WHERE series.status <> 'cancelled'"
    " AND series.calendar_id = e.calendar_id"
    " AND series.id = json_extract(e.body, '$.recurringEventId')))"
)
"""Cancelled instances "will still be included if showDeleted and singleEvents are both False"."""

_EVENTS = "SELECT e.* FROM event e"
_IN_EXTENT = (
    " JOIN extent x ON x.calendar_id = e.calendar_id AND x.event_id = e.id"
    " AND (e.status = 'cancelled' OR (x.high > ? AND x.low < ?))"
)
_EVER = (-(2**62), 2**62)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """The parameters of one call, by their names in the reference; moments are epoch seconds.

    `hides_invitations` is what the calendar's person has chosen, in so far as the call heeds it;
    `series` and `original_start` are of events.instances, whose timeMin is inclusive.
    """

    time_min: int | None = None
    time_max: int | None = None
    updated_min: str | None = None
    ical_uid: str | None = None
    text: str | None = None
    private: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    event_types: tuple[str, ...] = ()
    order_by: str | None = None
    single_events: bool = False
    show_deleted: bool | None = None
    show_hidden_invitations: bool = False
    hides_invitations: bool = False
    max_results: int = PAGE_SIZE
    max_attendees: int | None = None
    time_zone: str | None = None
    page_token: str | None = None
    sync_token: str | None = None
    series: str | None = None
    original_start: str | None = None

    @property
    def size(self) -> int:
        """Return the size of a page: "can never be larger than 2500 events"."""
        return min(self.max_results, PAGE_SIZE_MAX)

    def may_sync(self) -> bool:
        """Say whether a token comes with the last page.

        What the token itself could not be used with gives none; timeMin and timeMax stay with it.
        """
        return not (
            self.ical_uid
            or self.text
            or self.private
            or self.shared
            or self.order_by
            or self.updated_min
            or self.series
        )

    def kept_by_token(self) -> list[object]:
        """Return what has to be equal on every call with the same sync token."""
        return [
            self.single_events,
            list(self.event_types),
            self.show_hidden_invitations,
            self.hides_invitations,
            self.max_attendees,
            self.time_zone,
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a sync asks for: changes after `since` up to `upto`, of what ever was between two moments.

    An event that has left the range is still told: the client knows it.
    """

    since: int
    upto: int
    low: int | None
    high: int | None


Place = tuple[int | str, str]
"""Where a row stands in the order of its list: its key and its id."""


@dataclass(frozen=True, slots=True)
class Found:
    """One event or instance, and its place."""

    row: Row
    place: Place


class _Sentence:
    """A SELECT that grows by conditions."""

    def __init__(self, source: str, *values: object) -> None:
        self.source = source
        self.conditions: list[str] = []
        self.values: list[object] = list(values)

    def add(self, condition: str, *values: object) -> None:
        self.conditions.append(condition)
        self.values += values

    def in_order(self, order: str) -> str:
        return f"{self.source} WHERE {' AND '.join(self.conditions)} ORDER BY {order} LIMIT ?"


def rows_after(
    world: World,
    calendar: Calendar,
    query: Query,
    changes: Changes | None,
    place: Place | None,
    limit: int,
) -> list[Found]:
    """Return at most `limit` rows that come after a place, None being the beginning."""
    expanded = query.single_events or query.series is not None
    sentence = (
        _of_occurrences(world, calendar, query, changes)
        if expanded
        else _of_events(query, calendar, changes)
    )
    _add_filters(sentence, world, calendar, query)
    key, order = _order(query, changes, expanded)
    if place is not None:
        identity = "o.id" if expanded else "e.id"
        sentence.add(f"({key}, {identity}) > (?, ?)", *place)
    rows = world.store.all(sentence.in_order(order), *sentence.values, limit)
    column = key.partition(".")[2]
    if expanded:
        name = column if column == "updated" else f"o_{column}"
        return [Found(instances.placed(row, calendar), (row[name], row["o_id"])) for row in rows]
    return [Found(from_sql(row), (row[column], row["id"])) for row in rows]


def _of_events(query: Query, calendar: Calendar, changes: Changes | None) -> _Sentence:
    if changes is not None and (changes.low is not None or changes.high is not None):
        low = _EVER[0] if changes.low is None else changes.low
        high = _EVER[1] if changes.high is None else changes.high
        sentence = _Sentence(_EVENTS + _IN_EXTENT, low, high)
    else:
        sentence = _Sentence(_EVENTS)
    sentence.add("e.calendar_id = ?", calendar.id)
    if changes is not None:
        sentence.add("e.change > ? AND e.change <= ?", changes.since, changes.upto)
    elif not query.show_deleted and query.updated_min is None:
        sentence.add(_LIVE_EVENTS)
    if query.time_min is not None:
        sentence.add("e.ends > ?", query.time_min)
    if query.time_max is not None:
        sentence.add("e.starts < ?", query.time_max)
    return sentence


def _of_occurrences(
    world: World, calendar: Calendar, query: Query, changes: Changes | None
) -> _Sentence:
    """ "If showDeleted and singleEvents are both True, only single instances of deleted events …"."""
    finds_events = query.order_by == "updated" or query.updated_min or _names_few(query)
    sentence = _Sentence(instances.OCCURRENCES_OF_EVENTS if finds_events else instances.OCCURRENCES)
    sentence.add("o.calendar_id = ? AND e.calendar_id = ?", calendar.id, calendar.id)
    if changes is not None:
        low = _EVER[0] if changes.low is None else changes.low
        high = _EVER[1] if changes.high is None else changes.high
        sentence.add("o.change > ? AND o.change <= ?", changes.since, changes.upto)
        sentence.add(
            "(o.status IN ('cancelled', ?) OR (o.high > ? AND o.low < ?))", GONE, low, high
        )
    elif query.show_deleted or query.updated_min is not None:
        sentence.add("o.status <> ?", GONE)
    else:
        sentence.add("o.status NOT IN ('cancelled', ?)", GONE)
    if query.series is not None:
        sentence.add("o.series = ? AND o.series <> ''", query.series)
    if query.original_start is not None:
        sentence.add("o.id = ?", query.original_start)
    if query.time_min is not None:
        # What lasts beyond a moment began no earlier than the longest thing's length before it.
        began = query.time_min - 1 - instances.longest(world.store, calendar.id)
        sentence.add("o.starts > ?", began)
        sentence.add("o.ends >= ?" if query.series else "o.ends > ?", query.time_min)
    if query.time_max is not None:
        sentence.add("o.starts < ?", query.time_max)
    return sentence


def _add_filters(sentence: _Sentence, world: World, calendar: Calendar, query: Query) -> None:
    """What is the same of events and instances: the columns of `event`, its tags and its type."""
    if query.updated_min is not None:
        oldest = rfc3339_millis(world.now() - CHANGES_KEPT)
        updated_min = rfc3339_millis(parse_moment(query.updated_min, "UTC"))
        if updated_min < oldest:
            raise errors.updated_min_too_long_ago()
        sentence.add("e.updated >= ?", updated_min)
    if query.ical_uid:
        sentence.add("e.uid = ?", query.ical_uid)
    for kind, wanted in (("private", query.private), ("shared", query.shared)):
        for pair in wanted:
            name, _, value = pair.partition("=")
            sentence.add(
                "e.id IN (SELECT event_id FROM tag"
                " WHERE calendar_id = ? AND kind = ? AND name = ? AND value = ?)",
                calendar.id,
                kind,
                name,
                value,
            )
    if query.event_types:
        marks = ", ".join("?" * len(query.event_types))
        sentence.add(
            f"coalesce(json_extract(e.body, '$.eventType'), 'default') IN ({marks})",
            *query.event_types,
        )


def _order(query: Query, changes: Changes | None, expanded: bool) -> tuple[str, str]:
    """Return the column that rows are ordered by before their id, and the ORDER BY.

    "The default is an unspecified, stable order": by change for a sync, so that a page costs what
    it holds, else by time.
    """
    prefix = "o" if expanded else "e"
    if query.order_by == "updated":
        key = "e.updated"
    elif changes is not None:
        key = f"{prefix}.change"
    elif not expanded and query.time_min is not None:
        key = "e.ends"
    else:
        key = f"{prefix}.starts"
    # The plus keeps SQLite from walking the calendar in that order when a tag or uid names few events.
    return key, f"{'+' if _names_few(query) else ''}{key}, {prefix}.id"


def _names_few(query: Query) -> bool:
    return bool(query.private or query.shared or query.ical_uid)
