"""Series as an independent library reads them: the same instances, across the nights the clocks change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events  # type: ignore[import-untyped]
from flask.testing import FlaskClient
from hypothesis import assume, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from scheduler.emulator.server import Emulator, create_emulator
from tests.emulator.conftest import SCHEDULING, Clock, settings

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# The Sunday the clocks change, or a plain day: Berlin, New York, Lord Howe (half an hour), Santiago.
PLACES = (
    ("Europe/Berlin", date(2026, 3, 29)), ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)), ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)), ("America/Santiago", date(2026, 9, 6)),
    ("Asia/Kolkata", date(2026, 2, 27)),
)  # fmt: skip
FAR = date(2027, 5, 1)
NUMBERS = count()


@st.composite
def series(draw: st.DrawFn) -> dict[str, Any]:
    """A series that begins up to three weeks before the clocks change; its start fits its rule."""
    zone, change = draw(st.sampled_from(PLACES))
    first = change - timedelta(days=draw(st.integers(0, 20)))
    clock = draw(st.sampled_from(("00:15", "01:30", "02:00", "02:30", "09:00", "23:45")))
    is_all_day = draw(st.booleans())
    # A start that the clocks skip is stored an hour later, and no series can begin there.
    assume(is_all_day or exists(datetime.fromisoformat(f"{first}T{clock}"), ZoneInfo(zone)))
    frequency = draw(st.sampled_from(("DAILY", "WEEKLY", "MONTHLY", "YEARLY")))
    rule = f"FREQ={frequency};INTERVAL={draw(st.integers(1, 3))}"
    if frequency == "WEEKLY":
        others = draw(st.sets(st.sampled_from(WEEKDAYS), max_size=3))
        rule += f";BYDAY={','.join(sorted({WEEKDAYS[first.weekday()], *others}))}"
    if frequency == "MONTHLY" and draw(st.booleans()):
        rule += f";BYDAY={(first.day + 6) // 7}{WEEKDAYS[first.weekday()]}"
    last = first + timedelta(days=draw(st.integers(1, 400)))
    until = f"{last:%Y%m%d}" if is_all_day else f"{last:%Y%m%d}T{draw(st.integers(0, 23)):02}0000Z"
    rule += draw(st.sampled_from(("", f";COUNT={draw(st.integers(1, 12))}", f";UNTIL={until}")))

    def moments(kind: str) -> list[str]:
        days = draw(st.lists(st.integers(1, 60), max_size=3, unique=True))
        found = [first + timedelta(days=each) for each in sorted(days)]
        if not found:
            return []
        if is_all_day:
            return [f"{kind};VALUE=DATE:" + ",".join(f"{day:%Y%m%d}" for day in found)]
        walls = ",".join(f"{day:%Y%m%d}T{clock.replace(':', '')}00" for day in found)
        return [f"{kind};TZID={zone}:{walls}"]

    return {
        "zone": zone,
        "first": first,
        "clock": None if is_all_day else clock,
        "lines": [f"RRULE:{rule}", *moments("EXDATE"), *moments("RDATE")],
        "minutes": draw(st.sampled_from((15, 60, 1500))),
    }


@pytest.fixture(scope="module")
def http() -> Iterator[FlaskClient]:
    app = create_emulator(settings(), Clock())
    emulator: Emulator = app.extensions["emulator"]
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = (
        f"Bearer {emulator.issue_access_token(SCHEDULING, ['calendar'])}"
    )
    yield client
    emulator.close()


@examples(max_examples=80, deadline=None)
@given(given=series())
def test_a_series_has_the_instances_another_library_finds(
    http: FlaskClient, given: dict[str, Any]
) -> None:
    calendar = http.post(
        "/calendar/v3/calendars", json={"summary": "Series", "timeZone": given["zone"]}
    ).json["id"]  # type: ignore[index]
    path = f"/calendar/v3/calendars/{calendar}/events"
    name = f"series{next(NUMBERS)}"
    made = http.post(path, json={"id": name, **body_of(given)})
    assert made.status_code == 200, made.json
    until = datetime(FAR.year, FAR.month, FAR.day, tzinfo=ZoneInfo(given["zone"])).isoformat()
    expected = independent(given)
    page = http.get(f"{path}/{name}/instances", query_string={"timeMax": until, "maxResults": 2500})
    assert starts_of(page.json) == expected
    expanded = http.get(
        path, query_string={"singleEvents": "true", "timeMax": until, "maxResults": 2500}
    )
    assert starts_of(expanded.json) == expected
    for event in page.json["items"][::40]:  # type: ignore[index]
        one = http.get(f"{path}/{event['id']}").json
        assert one == event
    http.delete(f"/calendar/v3/calendars/{calendar}")


def body_of(given: dict[str, Any]) -> dict[str, Any]:
    first, zone = given["first"], given["zone"]
    if given["clock"] is None:
        end = first + timedelta(days=1)
        return {"start": {"date": f"{first}"}, "end": {"date": f"{end}"}, "recurrence": given["lines"]}  # fmt: skip
    begins = datetime.fromisoformat(f"{first}T{given['clock']}").replace(tzinfo=ZoneInfo(zone))
    ends = begins.astimezone(UTC) + timedelta(minutes=given["minutes"])
    return {
        "start": {"dateTime": f"{first}T{given['clock']}:00", "timeZone": zone},
        "end": {"dateTime": ends.isoformat(), "timeZone": zone},
        "recurrence": given["lines"],
    }


def exists(wall: datetime, zone: ZoneInfo) -> bool:
    there = wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    return there.replace(tzinfo=None) == wall


def starts_of(page: Any) -> list[str]:
    return sorted(
        moment(event["start"].get("dateTime") or event["start"]["date"]) for event in page["items"]
    )


def independent(given: dict[str, Any]) -> list[str]:
    """Return the starts that recurring-ical-events finds in the same lines of iCalendar."""
    if given["clock"] is None:
        start = f"DTSTART;VALUE=DATE:{given['first']:%Y%m%d}"
        end = f"DTEND;VALUE=DATE:{given['first'] + timedelta(days=1):%Y%m%d}"
    else:
        start = f"DTSTART;TZID={given['zone']}:{given['first']:%Y%m%d}T{given['clock'].replace(':', '')}00"
        end = f"DURATION:PT{given['minutes']}M"
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", "BEGIN:VEVENT", "UID:x",
             "DTSTAMP:20260101T000000Z", start, end, *given["lines"], "END:VEVENT", "END:VCALENDAR"]  # fmt: skip
    calendar = icalendar.Calendar.from_ical("\r\n".join(lines))
    found = recurring_ical_events.of(calendar).between(date(2026, 1, 1), FAR)
    return sorted({moment(each["DTSTART"].dt.isoformat()) for each in found})


def moment(text: str) -> str:
    """Return a date as it is, a moment in UTC."""
    if len(text) == 10:
        return text
    return datetime.fromisoformat(text).astimezone(UTC).isoformat()
