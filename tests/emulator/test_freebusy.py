"""Free/busy: what counts, what merges, and what is unknown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scheduler.emulator.freebusy import merged
from scheduler.emulator.server import Emulator, create_emulator
from tests.emulator.conftest import (
    ADA,
    DANA,
    FEMI,
    SCHEDULING,
    Clock,
    Service,
    check_schema,
    meeting,
    reason,
    refusal,
    settings,
)


def ask(calendars: Any, *people: str, **changed: Any) -> Any:
    body = {
        "timeMin": "2026-11-24T00:00:00Z",
        "timeMax": "2026-11-25T00:00:00Z",
        "items": [{"id": person} for person in people],
        **changed,
    }
    return calendars.freebusy().query(body=body)


def at(start: str, end: str, **changed: Any) -> dict[str, Any]:
    return meeting(
        start={"dateTime": f"2026-11-24T{start}:00Z"},
        end={"dateTime": f"2026-11-24T{end}:00Z"},
        **changed,
    )


def test_busy_is_opaque_not_declined_and_merged(
    calendars: Any, organizer: str, service: Service
) -> None:
    mine = service(DANA).events()
    for body in (
        at("08:00", "09:00"),
        at("08:30", "09:30"),
        at("09:30", "10:00", status="tentative"),
        at("11:00", "12:00", transparency="transparent"),
        at("13:00", "14:00", attendees=[{"email": DANA, "responseStatus": "declined"}]),
        at("15:00", "16:00", eventType="focusTime"),
        at("23:30", "23:45", eventType="outOfOffice"),
    ):
        mine.insert(calendarId="primary", body=body).execute()
    gone = mine.insert(calendarId="primary", body=at("17:00", "18:00")).execute()
    mine.delete(calendarId="primary", eventId=gone["id"]).execute()
    answer = ask(calendars, DANA).execute()
    check_schema(answer, "FreeBusyResponse")
    assert answer["calendars"] == {
        DANA: {
            "busy": [
                {"start": "2026-11-24T08:00:00Z", "end": "2026-11-24T10:00:00Z"},
                {"start": "2026-11-24T15:00:00Z", "end": "2026-11-24T16:00:00Z"},
                {"start": "2026-11-24T23:30:00Z", "end": "2026-11-24T23:45:00Z"},
            ]
        }
    }


def test_an_invitation_is_busy_until_it_is_declined(
    calendars: Any, organizer: str, google: Emulator
) -> None:
    body = meeting(id="meeting", attendees=[{"email": DANA}])
    calendars.events().insert(calendarId=organizer, body=body).execute()
    assert len(ask(calendars, DANA).execute()["calendars"][DANA]["busy"]) == 1
    google.rsvp(DANA, "meeting", "declined")
    assert ask(calendars, DANA).execute()["calendars"][DANA]["busy"] == []


def test_what_cannot_be_seen_is_an_error_inside_a_200(calendars: Any) -> None:
    unknown = {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}
    answer = ask(calendars, ADA, "nobody@else.example").execute()
    assert answer["calendars"] == {ADA: unknown, "nobody@else.example": unknown}


def test_a_planted_error_hits_one_calendar(calendars: Any, google: Emulator) -> None:
    google.set_freebusy_error(DANA, "internalError")
    answer = ask(calendars, DANA, FEMI).execute()["calendars"]
    assert answer[DANA] == {"errors": [{"domain": "global", "reason": "internalError"}], "busy": []}
    assert answer[FEMI] == {"busy": []}
    google.set_freebusy_error(DANA, None)
    assert "errors" not in ask(calendars, DANA).execute()["calendars"][DANA]


def test_more_than_fifty_calendars_are_too_many(calendars: Any) -> None:
    people = [f"p{number}@else.example" for number in range(51)]
    answer = ask(calendars, *people).execute()["calendars"]
    assert answer[people[49]]["errors"][0]["reason"] == "notFound"
    assert answer[people[50]]["errors"][0]["reason"] == "tooManyCalendarsRequested"


def test_ranges_that_make_no_sense_are_refused(calendars: Any) -> None:
    message = "The specified time range is empty."
    entry = {
        "domain": "calendar",
        "reason": "timeRangeEmpty",
        "message": message,
        "locationType": "parameter",
        "location": "timeMax",
    }
    expected = (400, {"error": {"errors": [entry], "code": 400, "message": message}})
    assert refusal(ask(calendars, DANA, timeMax="2026-11-24T00:00:00Z")) == expected
    assert reason(ask(calendars, DANA, timeMax="2027-11-24T00:00:00Z"))[:2] == (
        400,
        "timeRangeTooLong",
    )


def test_the_answer_may_be_in_another_zone(calendars: Any, service: Service) -> None:
    service(DANA).events().insert(calendarId="primary", body=at("08:00", "09:00")).execute()
    answer = ask(calendars, DANA, timeZone="Asia/Kolkata").execute()
    assert answer["calendars"][DANA]["busy"][0]["start"] == "2026-11-24T13:30:00+05:30"


def test_a_free_busy_scope_is_enough(service: Service) -> None:
    assert ask(service(SCHEDULING, "calendar.freebusy"), DANA).execute()["calendars"][DANA] == {
        "busy": []
    }
    assert reason(ask(service(SCHEDULING, "calendar.events"), DANA))[:2] == (
        403,
        "insufficientPermissions",
    )


def test_a_planted_error_outlives_a_restart(tmp_path: Path) -> None:
    for number in range(2):
        app = create_emulator(settings(tmp_path / "google.db"), Clock())
        google: Emulator = app.extensions["emulator"]
        if number == 0:
            google.set_freebusy_error(DANA, "internalError")
        assert google.world.busy_errors() == {DANA: "internalError"}
        google.close()


def test_the_longest_range_is_a_switch(calendars: Any, google: Emulator) -> None:
    year = {"timeMax": "2027-11-24T00:00:00Z"}
    google.set_switches(freebusy_days_at_most=365)
    assert ask(calendars, DANA, **year).execute()["calendars"] == {DANA: {"busy": []}}
    google.set_switches(freebusy_days_at_most=None)
    assert ask(calendars, DANA, timeMax="2036-11-24T00:00:00Z").execute()["calendars"]
    google.set_switches(freebusy_days_at_most=28)
    assert reason(ask(calendars, DANA, timeMax="2026-12-23T00:00:00Z"))[1] == "timeRangeTooLong"


def test_a_group_stands_for_its_members(calendars: Any, google: Emulator) -> None:
    panel = "panel@acme.example"
    google.set_group(panel, [DANA, FEMI])
    answer = ask(calendars, panel, DANA).execute()
    check_schema(answer, "FreeBusyResponse")
    assert answer["groups"] == {panel: {"calendars": [DANA, FEMI]}}
    assert answer["calendars"] == {DANA: {"busy": []}, FEMI: {"busy": []}}
    # "An error is returned for a group with more members than this value."
    small = ask(calendars, panel, groupExpansionMax=1).execute()
    error = {"domain": "global", "reason": "groupTooBig"}
    assert (small["groups"], small["calendars"]) == ({panel: {"errors": [error]}}, {})


def test_fewer_calendars_may_be_asked_for(calendars: Any) -> None:
    answer = ask(calendars, DANA, FEMI, calendarExpansionMax=1).execute()["calendars"]
    assert answer[DANA] == {"busy": []}
    assert answer[FEMI]["errors"][0]["reason"] == "tooManyCalendarsRequested"


def test_a_working_location_is_free_time(calendars: Any, service: Service) -> None:
    body = at("08:00", "16:00", eventType="workingLocation", visibility="public", transparency="transparent",
              workingLocationProperties={"type": "homeOffice", "homeOffice": {}})  # fmt: skip
    service(DANA).events().insert(calendarId="primary", body=body).execute()
    assert ask(calendars, DANA).execute()["calendars"][DANA]["busy"] == []


def test_blocks_are_cut_to_the_range(calendars: Any, service: Service) -> None:
    mine = service(DANA).events()
    week = meeting(start={"date": "2026-11-20"}, end={"date": "2026-12-20"})
    mine.insert(calendarId="primary", body=week).execute()
    mine.insert(calendarId="primary", body=at("08:00", "09:00")).execute()
    assert ask(calendars, DANA).execute()["calendars"][DANA]["busy"] == [
        {"start": "2026-11-24T00:00:00Z", "end": "2026-11-25T00:00:00Z"}
    ]


def test_a_series_is_busy_each_time(calendars: Any, service: Service) -> None:
    body = at("08:00", "09:00", recurrence=["RRULE:FREQ=DAILY"])
    body["start"]["timeZone"] = body["end"]["timeZone"] = "Etc/UTC"
    mine = service(DANA).events()
    made = mine.insert(calendarId="primary", body=body).execute()
    days = {"timeMin": "2027-05-01T08:30:00Z", "timeMax": "2027-05-03T08:30:00Z"}
    assert ask(calendars, DANA, **days).execute()["calendars"][DANA]["busy"] == [
        {"start": "2027-05-01T08:30:00Z", "end": "2027-05-01T09:00:00Z"},
        {"start": "2027-05-02T08:00:00Z", "end": "2027-05-02T09:00:00Z"},
        {"start": "2027-05-03T08:00:00Z", "end": "2027-05-03T08:30:00Z"},
    ]
    mine.delete(calendarId="primary", eventId=f"{made['id']}_20270502T080000Z").execute()
    mine.patch(calendarId="primary", eventId=f"{made['id']}_20270503T080000Z", body={"transparency": "transparent"}).execute()  # fmt: skip
    assert len(ask(calendars, DANA, **days).execute()["calendars"][DANA]["busy"]) == 1


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ([], []),
        ([(0, 1), (1, 2)], [(0, 2)]),
        ([(3, 4), (0, 1)], [(0, 1), (3, 4)]),
        ([(0, 9), (1, 2)], [(0, 9)]),
        ([(5, 5)], []),
        ([(-9, -7), (-8, -3)], [(-9, -3)]),
    ],
)
def test_blocks_merge(blocks: list[tuple[int, int]], expected: list[tuple[int, int]]) -> None:
    assert merged(blocks) == expected
