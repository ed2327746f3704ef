"""When people are busy, and when nobody can say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias, cast

from scheduler.domain.timespan import TimeSpan, merge
from scheduler.google.client import Google

if TYPE_CHECKING:
    from googleapiclient._apis.calendar.v3.schemas import FreeBusyRequest

MOST_CALENDARS_A_REQUEST = 50
LONGEST_REQUEST = timedelta(days=28)

LONGEST_REASON = 60  # letters
UNREADABLE = "unreadable"

Busy: TypeAlias = tuple[TimeSpan, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A calendar that Google does not tell of, and why, in its own word: "notFound".

    The word is ours, "unreadable", where Google gave none or its answer was none.
    """

    reason: str


def read_busy(
    google: Google, addresses: Iterable[str], span: TimeSpan
) -> dict[str, Busy | Unknown]:
    """Return when each of `addresses` is busy within `span`: lower-case address -> spans, in order.

    Spans are UTC, do not touch one another, and may reach beyond `span`. Unknown is
    never free: Google reports a calendar that it cannot read inside a 200 answer, with
    an empty busy list (freebusy.query, GOOGLE.md 9). Split into requests of at most
    MOST_CALENDARS_A_REQUEST and LONGEST_REQUEST; raises GoogleError when one of them fails.
    """
    wanted = sorted({address.lower() for address in addresses})
    busy: dict[str, Busy | Unknown] = dict.fromkeys(wanted, ())
    for part in _parts(span):
        for asked in _batches(wanted):
            answer = _ask(google, asked, part)
            for address in asked:
                busy[address] = _joined(busy[address], answer.get(address, Unknown(UNREADABLE)))
    return busy


def _parts(span: TimeSpan) -> Iterator[TimeSpan]:
    start = span.start
    while start < span.end:
        end = min(start + LONGEST_REQUEST, span.end)
        yield TimeSpan(start, end)
        start = end


def _batches(addresses: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(addresses), MOST_CALENDARS_A_REQUEST):
        yield addresses[first : first + MOST_CALENDARS_A_REQUEST]


def _ask(google: Google, addresses: Sequence[str], span: TimeSpan) -> dict[str, Busy | Unknown]:
    body = {
        "timeMin": span.start.isoformat(),
        "timeMax": span.end.isoformat(),
        "timeZone": "UTC",
        "calendarExpansionMax": MOST_CALENDARS_A_REQUEST,
        "items": [{"id": address} for address in addresses],
    }
    request = google.calendar.freebusy().query(body=cast("FreeBusyRequest", body))
    calendars = google.execute(request).get("calendars")
    if not isinstance(calendars, dict):
        return {}
    return {address.lower(): _busy_of(entry) for address, entry in calendars.items()}


def _busy_of(entry: object) -> Busy | Unknown:
    if not isinstance(entry, dict):
        return Unknown(UNREADABLE)
    if entry.get("errors"):
        return Unknown(_reason(entry["errors"]))
    try:
        return tuple(
            TimeSpan(start, end)
            for start, end in map(_ends, entry["busy"])
            if start != end  # a reminder without length takes nobody's time
        )
    except (KeyError, OverflowError, TypeError, ValueError):
        return Unknown(UNREADABLE)


def _reason(errors: object) -> str:
    first = errors[0] if isinstance(errors, list) else None
    reason = first.get("reason") if isinstance(first, dict) else None
    return reason[:LONGEST_REASON] if isinstance(reason, str) and reason else UNREADABLE


def _ends(block: dict[str, str]) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(block["start"]), datetime.fromisoformat(block["end"])


def _joined(one: Busy | Unknown, other: Busy | Unknown) -> Busy | Unknown:
    if isinstance(one, Unknown):
        return one
    if isinstance(other, Unknown):
        return other
    return tuple(merge((*one, *other)))
