"""Meet v2: which conferences took place, who was there and for how long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.emulator.conftest import (
    ADA,
    DANA,
    FEMI,
    PRIYA,
    SCHEDULING,
    STRANGER,
    Clock,
    Service,
    meeting,
    refusal,
    wish,
)


@pytest.fixture
def meet_of(service: Service) -> Any:
    """Return a function: Meet v2 as somebody."""

    def signed_in(who: str = SCHEDULING, scope: str = "meetings.space.created") -> Any:
        return service(who, scope, api="meet", version="v2")

    return signed_in


@pytest.fixture
def space(meet_of: Any) -> dict[str, Any]:
    """A room of the scheduling account."""
    made: dict[str, Any] = meet_of().spaces().create(body={}).execute()
    return made


Door = Callable[[str], None]


@pytest.fixture
def come(http: FlaskClient, space: dict[str, Any]) -> Door:
    """Return a function: somebody comes to the door of the room."""

    def arrive(who: str) -> None:
        assert http.get(f"/meet/{space['meetingCode']}?as={who}").status_code == 200

    return arrive


@pytest.fixture
def go(http: FlaskClient, space: dict[str, Any]) -> Door:
    """Return a function: somebody leaves the room."""

    def depart(who: str) -> None:
        left = http.post(f"/meet/{space['meetingCode']}/leave", data={"as": who})
        assert left.status_code == 303

    return depart


def test_a_conference_begins_with_the_first_and_ends_with_the_last(
    meet_of: Any, space: dict[str, Any], come: Door, go: Door, clock: Clock
) -> None:
    records = meet_of().conferenceRecords()
    assert records.list().execute() == {}
    come(DANA)
    clock.advance(timedelta(minutes=5))
    come(FEMI)
    (record,) = records.list().execute()["conferenceRecords"]
    assert (record["space"], record["startTime"]) == (space["name"], "2026-11-23T08:00:00.000Z")
    assert "endTime" not in record
    assert "expireTime" not in record
    active = meet_of().spaces().get(name=space["name"]).execute()["activeConference"]
    assert active == {"conferenceRecord": record["name"]}
    go(DANA)
    clock.advance(timedelta(minutes=5))
    go(FEMI)
    over = records.get(name=record["name"]).execute()
    assert over["endTime"] == "2026-11-23T08:10:00.000Z"
    assert over["expireTime"] == "2026-12-23T08:10:00.000Z"
    come(DANA)
    again = records.list().execute()["conferenceRecords"]
    assert [one["name"] == record["name"] for one in again] == [False, True]


def test_participants_are_those_who_were_inside(
    meet_of: Any, come: Door, go: Door, clock: Clock, http: FlaskClient, space: dict[str, Any]
) -> None:
    come(DANA)
    clock.advance(timedelta(minutes=1))
    for who in (STRANGER, ADA):
        come(who)
    let_in = {"as": DANA, "guest": STRANGER}
    assert http.post(f"/meet/{space['meetingCode']}/admit", data=let_in).status_code == 303
    clock.advance(timedelta(minutes=1))
    go(DANA)
    clock.advance(timedelta(minutes=1))
    come(DANA)
    records = meet_of().conferenceRecords()
    (record,) = records.list().execute()["conferenceRecords"]
    people = records.participants()
    guest, dana = people.list(parent=record["name"]).execute()["participants"]
    assert guest["anonymousUser"] == {"displayName": STRANGER}
    assert dana["signedinUser"]["displayName"] == "Dana Okafor"
    assert dana["earliestStartTime"] == "2026-11-23T08:00:00.000Z"
    assert "latestEndTime" not in dana
    assert people.get(name=dana["name"]).execute() == dana
    second, first = (
        people.participantSessions().list(parent=dana["name"]).execute()["participantSessions"]
    )
    assert (first["startTime"], first["endTime"]) == (
        "2026-11-23T08:00:00.000Z",
        "2026-11-23T08:02:00.000Z",
    )
    assert "endTime" not in second
    assert people.participantSessions().get(name=first["name"]).execute() == first
    go(DANA)
    go(STRANGER)
    inside = people.list(parent=record["name"], filter="latest_end_time IS NULL").execute()
    assert inside == {}
    page = people.list(parent=record["name"], pageSize=1).execute()
    rest = people.list(parent=record["name"], pageSize=1, pageToken=page["nextPageToken"])
    assert len(page["participants"]) == len(rest.execute()["participants"]) == 1


def test_records_are_filtered(
    meet_of: Any, space: dict[str, Any], come: Door, go: Door, clock: Clock
) -> None:
    records = meet_of().conferenceRecords()
    come(DANA)
    clock.advance(timedelta(minutes=10))
    go(DANA)
    come(FEMI)

    def number(text: str) -> int:
        return len(records.list(filter=text).execute().get("conferenceRecords", []))

    assert number(f'space.name = "{space["name"]}"') == 2
    assert number(f'space.meeting_code = "{space["meetingCode"]}"') == 2
    assert number('space.meeting_code = "aaa-bbbb-ccc"') == 0
    assert number("end_time IS NULL") == 1
    assert number("end_time IS NOT NULL") == 1
    first = '"2026-11-23T08:00:00Z"'
    assert number(f'start_time>={first} AND start_time<="2026-11-23T08:05:00.000Z"') == 1
    assert number(f"start_time>{first}") == 1
    assert number(f"start_time>{first} AND end_time IS NOT NULL") == 0
    for wrong in ("colour = red", "start_time", 'space.name > "a"', "end_time IS NULL OR x"):
        code, body = refusal(records.list(filter=wrong))
        assert (code, body["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_records_are_kept_for_thirty_days(meet_of: Any, come: Door, go: Door, clock: Clock) -> None:
    come(DANA)
    go(DANA)
    (record,) = meet_of().conferenceRecords().list().execute()["conferenceRecords"]
    clock.advance(timedelta(days=30))
    assert meet_of().conferenceRecords().list().execute() == {}
    assert refusal(meet_of().conferenceRecords().get(name=record["name"]))[0] == 403


def test_records_are_the_owners_alone_and_go_by_scope(
    meet_of: Any, come: Door, calendars: Any, organizer: str, http: FlaskClient
) -> None:
    come(DANA)
    (record,) = meet_of().conferenceRecords().list().execute()["conferenceRecords"]
    theirs = meet_of(PRIYA).conferenceRecords()
    assert theirs.list().execute() == {}
    for call in (
        theirs.get(name=record["name"]),
        theirs.participants().list(parent=record["name"]),
        theirs.recordings().list(parent=record["name"]),
        theirs.get(name="conferenceRecords/unknown"),
    ):
        code, body = refusal(call)
        assert (code, body["error"]["status"]) == (403, "PERMISSION_DENIED")
    body = meeting(conferenceData=wish())
    made = calendars.events().insert(calendarId=organizer, body=body, conferenceDataVersion=1)
    http.get(f"/meet/{made.execute()['conferenceData']['conferenceId']}?as={DANA}")
    every = meet_of(scope="meetings.space.readonly").conferenceRecords().list().execute()
    assert len(every["conferenceRecords"]) == 2
    own = meet_of().conferenceRecords().list().execute()
    assert own["conferenceRecords"] == [record]


def test_nothing_is_recorded(meet_of: Any, come: Door) -> None:
    come(DANA)
    records = meet_of().conferenceRecords()
    (record,) = records.list().execute()["conferenceRecords"]
    for kind in ("recordings", "transcripts", "smartNotes"):
        api = getattr(records, kind)()
        assert api.list(parent=record["name"]).execute() == {}
        assert refusal(api.get(name=f"{record['name']}/{kind}/x"))[0] == 404
    entries = records.transcripts().entries()
    assert refusal(entries.list(parent=f"{record['name']}/transcripts/x"))[0] == 404
