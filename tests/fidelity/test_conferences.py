"""Conferences of events, as both official clients see them; and the rooms of Meet behind them."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.emulator.server import Emulator
from tests.emulator.conftest import ADA, DANA, SCHEDULING, meeting, wish
from tests.fidelity.clients import Official, Refusal, SignedIn
from tests.fidelity.quotes import fidelity


@pytest.fixture
def me(official: SignedIn) -> Official:
    return official(SCHEDULING)


def added(me: Official, data: Any, version: int = 1, **changed: Any) -> dict[str, Any]:
    body = meeting(conferenceData=data, **changed)
    event: dict[str, Any] = me(
        "events.insert", calendarId="primary", conferenceDataVersion=version, body=body
    )
    return event


def patched(me: Official, event: dict[str, Any], data: Any, version: int = 1) -> dict[str, Any]:
    after: dict[str, Any] = me(
        "events.patch",
        calendarId="primary",
        eventId=event["id"],
        conferenceDataVersion=version,
        body={"conferenceData": data},
    )
    return after


def copied(event: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """What a client sends to give a sibling the same conference."""
    data = {k: v for k, v in event["conferenceData"].items() if k != "createRequest"}
    return {**data, **changed}


def status(event: dict[str, Any]) -> str:
    return str(event["conferenceData"]["createRequest"]["status"]["statusCode"])


@fidelity(
    "ConferenceData.createRequest",
    "A request to generate a new conference and attach it to the event.",
)
@fidelity(
    "ConferenceRequestStatus.statusCode",
    '"success": the conference create request succeeded, the entry points are populated.',
)
@fidelity(
    "ConferenceData.conferenceId",
    "hangoutsMeet: ID is the 10-letter meeting code, for example aaa-bbbb-ccc.",
)
def test_a_conference_is_made(me: Official) -> None:
    event = added(me, wish())
    data = event["conferenceData"]
    assert status(event) == "success"
    assert [len(part) for part in data["conferenceId"].split("-")] == [3, 4, 3]
    points = {point["entryPointType"]: point for point in data["entryPoints"]}
    assert points["video"]["uri"] == event["hangoutLink"]
    assert points["video"]["uri"].endswith(data["conferenceId"])
    assert points["phone"]["uri"].startswith("tel:")
    assert data["conferenceSolution"]["key"]["type"] == "hangoutsMeet"
    assert data["signature"]


@fidelity(
    "ConferenceData.createRequest",
    "The data is generated asynchronously. To see whether the data is present check the status field.",
)
@fidelity(
    "ConferenceRequestStatus.statusCode",
    '"pending": the conference create request is still being processed.',
)
def test_a_conference_is_pending_first(me: Official, google: Emulator) -> None:
    google.set_conference(latency=None)
    event = added(me, wish())
    assert status(event) == "pending"
    assert not {"entryPoints", "conferenceId", "conferenceSolution"} & set(event["conferenceData"])
    assert "hangoutLink" not in event
    google.set_conference(latency=0)
    later = me("events.get", calendarId="primary", eventId=event["id"])
    assert status(later) == "success"
    assert later["etag"] != event["etag"]


@fidelity(
    "ConferenceRequestStatus.statusCode",
    '"failure": the conference create request failed, there are no entry points.',
)
@fidelity("ConferenceData.signature", "Unset for a conference with a failed create request.")
def test_a_conference_fails_and_the_event_stands(me: Official, google: Emulator) -> None:
    google.set_conference(outcome="failure")
    event = added(me, wish("r1"))
    assert status(event) == "failure"
    assert event["status"] == "confirmed"
    assert not {"entryPoints", "signature", "conferenceSolution"} & set(event["conferenceData"])
    google.set_conference(outcome="success")
    assert status(patched(me, event, wish("r1"))) == "failure"
    assert status(patched(me, event, wish("r2"))) == "success"


@fidelity(
    "CreateConferenceRequest.requestId",
    "If an ID provided is the same as for the previous request, the request is ignored.",
)
def test_the_same_request_makes_no_second_room(me: Official) -> None:
    event = added(me, wish("r1"))
    again = patched(me, event, wish("r1"))
    other = patched(me, event, wish("r2"))
    rooms = [each["conferenceData"]["conferenceId"] for each in (event, again, other)]
    assert rooms[0] == rooms[1] != rooms[2]


@fidelity(
    "calendar.events.insert.conferenceDataVersion",
    "Version 0 assumes no conference data support and ignores conference data in the event's body.",
)
def test_without_the_version_there_is_no_conference(me: Official) -> None:
    assert "conferenceData" not in added(me, wish(), version=0)


@fidelity(
    "calendar.events.patch.conferenceDataVersion",
    "Version 0 assumes no conference data support and ignores conference data in the event's body.",
)
def test_without_the_version_a_conference_stays(me: Official) -> None:
    event = added(me, wish())
    where = {"calendarId": "primary", "eventId": event["id"]}
    patched(me, event, None, version=0)
    me("events.update", **where, body=meeting())
    seen = me("events.get", **where)
    assert seen["conferenceData"]["conferenceId"] == event["conferenceData"]["conferenceId"]


@fidelity(
    "Guide: create events", "Null for conferenceData with version 1 takes the conference away"
)
def test_null_takes_the_conference_away(me: Official) -> None:
    after = patched(me, added(me, wish()), None)
    assert not {"conferenceData", "hangoutLink"} & set(after)


@fidelity(
    "calendar.events.insert.conferenceDataVersion",
    "Version 1 enables support for copying of ConferenceData",
)
@fidelity("ConferenceData.signature", "Generated on server side.")
def test_a_signed_copy_is_the_same_room(me: Official) -> None:
    origin = added(me, wish())
    sibling = added(me, copied(origin), summary="Interview, panel")
    where = {"calendarId": "primary", "eventId": sibling["id"]}
    seen = me("events.get", **where)
    for name in ("conferenceId", "entryPoints", "signature"):
        assert seen["conferenceData"][name] == origin["conferenceData"][name]
    assert seen["hangoutLink"] == origin["hangoutLink"]


@fidelity(
    "Guide: events resource",
    "Must be preserved while copying the conference data between events, otherwise the conference data will not be copied.",
)
@pytest.mark.parametrize("signature", [None, "Zm9yZ2Vk"])
def test_an_unsigned_copy_is_dropped_and_the_event_made(
    me: Official, signature: str | None
) -> None:
    data = copied(added(me, wish()), signature=signature)
    data = {name: value for name, value in data.items() if value is not None}
    sibling = added(me, data)
    assert sibling["status"] == "confirmed"
    assert not {"conferenceData", "hangoutLink"} & set(sibling)


@fidelity("EntryPoint.uri", "The maximum length is 1300 characters.")
@fidelity("ConferenceData.entryPoints", "All of them must belong to the same conference.")
def test_entry_points_have_their_form(me: Official) -> None:
    data = copied(added(me, wish()))
    long = {"entryPointType": "video", "uri": "https://meet.example/" + "a" * 1300}
    more = {"entryPointType": "more", "uri": "https://meet.example/"}
    for points in ([long], [more], [more, more]):
        with pytest.raises(Refusal) as refused:
            added(me, {**data, "entryPoints": points})
        assert refused.value.status == 400


@fidelity(
    "ConferenceSolutionKey.type",
    "deprecated; existing events may show this conference solution type but new conferences cannot be created",
)
def test_a_type_that_the_calendar_has_not_is_refused(me: Official) -> None:
    with pytest.raises(Refusal) as refused:
        added(me, wish(kind="eventHangout"))
    assert (refused.value.status, refused.value.reason) == (400, "invalid")
    assert refused.value.message == "Invalid conference type value."
    assert me("events.list", calendarId="primary")["items"] == []


@fidelity("Event.hangoutLink", "Read-only.")
def test_a_guest_gets_the_link(me: Official, official: SignedIn) -> None:
    event = added(me, wish(), attendees=[{"email": ADA}])
    copy = official(ADA)("events.get", calendarId="primary", eventId=event["id"])
    assert copy["hangoutLink"] == event["hangoutLink"]


# -- Meet


SPACE = "meetings.space.created"


@pytest.fixture
def meet(official: SignedIn) -> Official:
    return official(SCHEDULING, SPACE, "meetings.space.settings", api="meet")


@fidelity("meet.spaces.create", "Creates a space.")
@fidelity("Space.meetingCode", "Can only be used as an alias of the space name to get the space.")
def test_a_space_is_made_and_found_by_name_and_code(meet: Official) -> None:
    space = meet("spaces.create", body={})
    assert space["meetingUri"].endswith(space["meetingCode"])
    assert meet("spaces.get", name=space["name"])["meetingCode"] == space["meetingCode"]
    assert meet("spaces.get", name=f"spaces/{space['meetingCode']}")["name"] == space["name"]


@fidelity("meet.spaces.patch", "Updates details about a meeting space.")
@fidelity(
    "SpaceConfig.accessType",
    "Access type of the meeting space that determines who can join without knocking.",
)
def test_who_may_join_is_changed_by_its_owner(meet: Official, official: SignedIn) -> None:
    space = meet("spaces.create", body={"config": {"accessType": "TRUSTED"}})
    changed = meet(
        "spaces.patch", name=space["name"], updateMask="config.accessType",
        body={"config": {"accessType": "RESTRICTED"}},
    )  # fmt: skip
    assert changed["config"]["accessType"] == "RESTRICTED"
    other = official(DANA, SPACE, "meetings.space.settings", api="meet")
    with pytest.raises(Refusal) as refused:
        other("spaces.patch", name=space["name"], body={"config": {"accessType": "OPEN"}})
    assert refused.value.status == 403


@fidelity("meet.spaces.endActiveConference", "Ends an active conference (if there's one).")
def test_a_conference_is_ended(meet: Official) -> None:
    space = meet("spaces.create", body={})
    assert meet("spaces.endActiveConference", name=space["name"], body={}) == {}
