from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from scheduler.domain.disclosure import CalendarEntry
from scheduler.domain.timespan import TimeSpan
from scheduler.mail.ics import add_to_calendar
from tests.mail.letters import ENTRY, NOW, at


def read(raw: bytes) -> Calendar:
    calendar = Calendar.from_ical(raw)
    assert isinstance(calendar, Calendar)
    return calendar


def file_for(*entries: CalendarEntry, sequence: int = 0) -> bytes:
    return add_to_calendar(entries, sequence=sequence, now=NOW)


def test_the_file_reads_like_this() -> None:
    assert file_for(ENTRY, sequence=2).decode().split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Greenroom//Interview scheduler//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        "SUMMARY:Technical interview with Acme",
        "DTSTART:20261124T100000Z",
        "DTEND:20261124T104500Z",
        "DTSTAMP:20261123T080000Z",
        "UID:0a1b2c3d@google.com",
        "SEQUENCE:2",
        "CLASS:PRIVATE",
        "DESCRIPTION:10:00–10:45 System design\\n\\nJoin: https://meet.example/abc-",
        " defg-hij",
        "LOCATION:https://meet.example/abc-defg-hij",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_each_call_is_an_event_of_its_own() -> None:
    later = replace(ENTRY, uid="9z@google.com", span=TimeSpan(at("Tue 13:00"), at("Tue 14:00")))
    events = read(file_for(ENTRY, later)).walk("VEVENT")
    assert [event["uid"] for event in events] == ["0a1b2c3d@google.com", "9z@google.com"]


def test_a_file_without_an_entry_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="needs an entry"):
        file_for()


ATTACKS = [
    "x\r\nORGANIZER:mailto:dana@acme.example",
    "x\nATTENDEE:mailto:dana@acme.example",
    "x\rATTENDEE:mailto:dana@acme.example",
    "x\\nATTENDEE:mailto:dana@acme.example",
    "x\x00\x0b\x0c\x85\u2028ATTENDEE:mailto:dana@acme.example",
    "END:VEVENT\nBEGIN:VALARM",
    "a;b,c:d\\e",
]
PROPERTIES = {
    *("SUMMARY", "DTSTART", "DTEND", "DTSTAMP", "UID", "SEQUENCE"),
    *("CLASS", "DESCRIPTION", "LOCATION", "STATUS", "TRANSP"),
}


@pytest.mark.parametrize("text", ATTACKS)
def test_a_text_stays_in_its_property(text: str) -> None:
    calendar = read(file_for(replace(ENTRY, uid=text, title=text, text=text, location=text)))
    (event,) = calendar.walk("VEVENT")
    assert set(event) == PROPERTIES
    assert event.subcomponents == []
    assert event.errors == []


@settings(max_examples=60, deadline=None)
@given(st.text(), st.text(), st.text())
def test_any_text_makes_a_file_that_reads_back(title: str, text: str, location: str) -> None:
    raw = file_for(replace(ENTRY, title=title, text=text, location=location))
    (event,) = read(raw).walk("VEVENT")
    assert set(event) <= PROPERTIES
    assert event["uid"] == ENTRY.uid
    for line in raw.split(b"\r\n"):
        assert len(line) <= 75
        assert b"\n" not in line
        assert b"\r" not in line


def test_times_are_instants_whatever_the_zone_of_now() -> None:
    stamp = datetime(2026, 11, 23, 9, 30, 15, 999, tzinfo=UTC).astimezone()
    raw = add_to_calendar([ENTRY], sequence=0, now=stamp)
    assert b"DTSTAMP:20261123T093015Z" in raw
    assert b"TZID" not in raw
    assert b"VTIMEZONE" not in raw
