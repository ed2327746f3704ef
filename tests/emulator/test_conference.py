"""The conference state machine, signatures, and what happens to altered copies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from scheduler.emulator.server import Emulator
from tests.emulator.conftest import (
    ADA,
    SCHEDULING,
    Clock,
    Service,
    check_schema,
    meeting,
    reason,
    refusal,
    wish,
)


def insert(
    calendars: Any, organizer: str, event_id: str, data: dict[str, Any], version: int = 1
) -> Any:
    body = meeting(id=event_id, conferenceData=data)
    events = calendars.events()
    return events.insert(calendarId=organizer, body=body, conferenceDataVersion=version).execute()


def test_a_request_becomes_a_room(calendars: Any, organizer: str) -> None:
    made = insert(calendars, organizer, "minted", wish("r1"))
    check_schema(made, "Event")
    data = made["conferenceData"]
    assert data["createRequest"]["status"] == {"statusCode": "success"}
    assert [point["entryPointType"] for point in data["entryPoints"]] == ["video", "more", "phone"]
    code = data["conferenceId"]
    assert [len(part) for part in code.split("-")] == [3, 4, 3]
    assert (
        made["hangoutLink"] == data["entryPoints"][0]["uri"] == f"http://localhost:8001/meet/{code}"
    )
    assert data["conferenceSolution"]["key"] == {"type": "hangoutsMeet"}
    assert data["signature"]


def test_a_room_is_pending_until_its_time(
    calendars: Any, organizer: str, google: Emulator, clock: Clock
) -> None:
    google.set_conference(latency=1.0)
    made = insert(calendars, organizer, "pending", wish())
    assert made["conferenceData"] == {
        "createRequest": {
            "requestId": "r1",
            "conferenceSolutionKey": {"type": "hangoutsMeet"},
            "status": {"statusCode": "pending"},
        }
    }
    assert "hangoutLink" not in made
    clock.advance(timedelta(seconds=1))
    ready = calendars.events().get(calendarId=organizer, eventId="pending").execute()
    assert ready["conferenceData"]["createRequest"]["status"]["statusCode"] == "success"
    assert ready["etag"] != made["etag"]


def test_a_latency_of_null_never_ends(
    calendars: Any, organizer: str, google: Emulator, clock: Clock
) -> None:
    google.set_conference(latency=None)
    insert(calendars, organizer, "never", wish())
    clock.advance(timedelta(days=2))
    google.issue_access_token(SCHEDULING, ["calendar"])
    assert "entryPoints" not in google.calendar_as(organizer)[0]["conferenceData"]
    google.set_conference(latency=0)
    assert "entryPoints" in google.calendar_as(organizer)[0]["conferenceData"]


def test_a_failed_request_is_retried_with_a_new_id(
    calendars: Any, organizer: str, google: Emulator
) -> None:
    google.set_conference(outcome="failure")
    made = insert(calendars, organizer, "failed", wish("r1"))
    assert made["conferenceData"]["createRequest"]["status"] == {"statusCode": "failure"}
    assert set(made["conferenceData"]) == {"createRequest"}
    google.set_conference(outcome="success")

    def again(request_id: str) -> Any:
        body = {"conferenceData": wish(request_id)}
        events = calendars.events()
        return events.patch(
            calendarId=organizer, eventId="failed", body=body, conferenceDataVersion=1
        ).execute()

    # "If an ID provided is the same as for the previous request, the request is ignored."
    assert again("r1")["conferenceData"]["createRequest"]["status"] == {"statusCode": "failure"}
    assert again("r2")["conferenceData"]["createRequest"]["status"] == {"statusCode": "success"}


def test_the_same_request_id_mints_nothing_new(calendars: Any, organizer: str) -> None:
    made = insert(calendars, organizer, "repeated", wish("r1"))
    body = {"conferenceData": wish("r1")}
    after = (
        calendars.events()
        .patch(calendarId=organizer, eventId="repeated", body=body, conferenceDataVersion=1)
        .execute()
    )
    assert after["conferenceData"] == made["conferenceData"]
    fresh = calendars.events().patch(
        calendarId=organizer,
        eventId="repeated",
        body={"conferenceData": wish("r2")},
        conferenceDataVersion=1,
    )
    assert (
        fresh.execute()["conferenceData"]["conferenceId"] != made["conferenceData"]["conferenceId"]
    )


def test_version_0_ignores_conference_data_on_every_write(calendars: Any, organizer: str) -> None:
    assert "conferenceData" not in insert(calendars, organizer, "ungated", wish(), version=0)
    made = insert(calendars, organizer, "gated", wish())
    events = calendars.events()
    kept = events.patch(
        calendarId=organizer, eventId="gated", body={"conferenceData": None}
    ).execute()
    put = events.update(calendarId=organizer, eventId="gated", body=meeting()).execute()
    assert kept["conferenceData"] == put["conferenceData"] == made["conferenceData"]


def test_null_with_version_1_clears_and_so_does_an_update_without_it(
    calendars: Any, organizer: str
) -> None:
    events = calendars.events()
    insert(calendars, organizer, "cleared", wish())
    gone = events.patch(
        calendarId=organizer,
        eventId="cleared",
        body={"conferenceData": None},
        conferenceDataVersion=1,
    ).execute()
    assert "conferenceData" not in gone
    assert "hangoutLink" not in gone
    insert(calendars, organizer, "replaced", wish())
    put = events.update(
        calendarId=organizer, eventId="replaced", body=meeting(), conferenceDataVersion=1
    )
    assert "conferenceData" not in put.execute()


def test_a_wrong_type_is_refused_in_googles_words_and_nothing_is_made(
    calendars: Any, organizer: str
) -> None:
    body = meeting(id="refused", conferenceData=wish(kind="eventHangout"))
    call = calendars.events().insert(calendarId=organizer, body=body, conferenceDataVersion=1)
    message = "Invalid conference type value."
    entry = {"domain": "global", "reason": "invalid", "message": message}
    assert refusal(call) == (400, {"error": {"errors": [entry], "code": 400, "message": message}})
    assert reason(calendars.events().get(calendarId=organizer, eventId="refused"))[0] == 404


def test_a_calendar_may_allow_no_meet(calendars: Any) -> None:
    body = {
        "summary": "Bare",
        "conferenceProperties": {"allowedConferenceSolutionTypes": ["addOn"]},
    }
    bare = calendars.calendars().insert(body=body).execute()
    assert bare["conferenceProperties"] == body["conferenceProperties"]
    call = calendars.events().insert(
        calendarId=bare["id"], body=meeting(conferenceData=wish()), conferenceDataVersion=1
    )
    assert reason(call)[2] == "Invalid conference type value."


def test_a_signed_copy_is_the_same_conference(calendars: Any, organizer: str) -> None:
    origin = insert(calendars, organizer, "origin", wish())["conferenceData"]
    bare = {name: value for name, value in origin.items() if name != "createRequest"}
    assert insert(calendars, organizer, "copied", bare)["conferenceData"] == bare
    # A whole clone, createRequest included, is a copy too and mints nothing.
    assert insert(calendars, organizer, "cloned", origin)["conferenceData"] == bare


def altered(origin: dict[str, Any], how: str) -> dict[str, Any]:
    """Return a copy of conference data with one thing wrong."""
    data = {name: value for name, value in origin.items() if name != "createRequest"}
    if how == "unsigned":
        del data["signature"]
    if how == "forged":
        data["signature"] = "AAAA" + data["signature"][4:]
    if how == "other uri":
        first = {**data["entryPoints"][0], "uri": "https://evil.example/"}
        data["entryPoints"] = [first, *data["entryPoints"][1:]]
    if how == "other id":
        data["conferenceId"] = "aaa-aaaa-aaa"
    if how == "other type":
        data["conferenceSolution"] = {**data["conferenceSolution"], "key": {"type": "addOn"}}
    return data


ALTERATIONS = ("unsigned", "forged", "other uri", "other id", "other type")


@pytest.mark.parametrize("how", ALTERATIONS)
def test_an_altered_copy_is_dropped_without_a_word(
    calendars: Any, organizer: str, how: str
) -> None:
    origin = insert(calendars, organizer, "origin", wish())["conferenceData"]
    made = insert(calendars, organizer, "copied", altered(origin, how))
    assert "conferenceData" not in made
    assert made["status"] == "confirmed"


@pytest.mark.parametrize("how", ALTERATIONS)
def test_an_altered_copy_may_be_refused(
    calendars: Any, organizer: str, google: Emulator, how: str
) -> None:
    google.set_conference(signature_check="reject")
    origin = insert(calendars, organizer, "origin", wish())["conferenceData"]
    body = meeting(conferenceData=altered(origin, how))
    call = calendars.events().insert(calendarId=organizer, body=body, conferenceDataVersion=1)
    assert reason(call)[:2] == (400, "invalid")


def test_leniently_an_unsigned_copy_is_kept_without_its_id(
    calendars: Any, organizer: str, google: Emulator
) -> None:
    google.set_conference(signature_check="lenient")
    origin = insert(calendars, organizer, "origin", wish())["conferenceData"]
    kept = insert(calendars, organizer, "copied", altered(origin, "unsigned"))["conferenceData"]
    assert "conferenceId" not in kept
    assert kept["entryPoints"] == origin["entryPoints"]
    assert "conferenceData" not in insert(calendars, organizer, "forged", altered(origin, "forged"))


def test_a_dropped_copy_leaves_the_old_conference_alone(calendars: Any, organizer: str) -> None:
    origin = insert(calendars, organizer, "origin", wish("a"))["conferenceData"]
    own = insert(calendars, organizer, "mine0", wish("b"))["conferenceData"]
    body = {"conferenceData": altered(origin, "unsigned")}
    after = (
        calendars.events()
        .patch(calendarId=organizer, eventId="mine0", body=body, conferenceDataVersion=1)
        .execute()
    )
    assert after["conferenceData"] == own


def test_an_unsigned_room_of_ones_own_making_may_be_attached(
    calendars: Any, organizer: str, service: Service
) -> None:
    meet = service(SCHEDULING, "meetings.space.created", api="meet", version="v2")
    uri = meet.spaces().create(body={}).execute()["meetingUri"]
    data = {
        "conferenceSolution": {"key": {"type": "hangoutsMeet"}},
        "entryPoints": [{"entryPointType": "video", "uri": uri}],
    }
    assert insert(calendars, organizer, "attached", data)["hangoutLink"] == uri


def test_writing_back_what_was_read_changes_nothing(calendars: Any, organizer: str) -> None:
    made = insert(calendars, organizer, "roundtrip", wish())
    after = (
        calendars.events()
        .update(calendarId=organizer, eventId="roundtrip", body=made, conferenceDataVersion=1)
        .execute()
    )
    assert after["conferenceData"] == made["conferenceData"]


def test_a_reschedule_keeps_the_room_and_guests_see_it(
    calendars: Any, organizer: str, google: Emulator
) -> None:
    body = meeting(id="kept0", attendees=[{"email": ADA}], conferenceData=wish())
    made = (
        calendars.events()
        .insert(calendarId=organizer, body=body, conferenceDataVersion=1)
        .execute()
    )
    times = {
        "start": {"dateTime": "2026-11-25T10:00:00+01:00"},
        "end": {"dateTime": "2026-11-25T11:00:00+01:00"},
    }
    moved = (
        calendars.events()
        .patch(calendarId=organizer, eventId="kept0", body=times, conferenceDataVersion=1)
        .execute()
    )
    assert moved["conferenceData"] == made["conferenceData"]
    assert google.calendar_as(ADA)[0]["hangoutLink"] == made["hangoutLink"]


@pytest.mark.parametrize(
    "points",
    [
        [{"entryPointType": "more", "uri": "https://x.example/"}],
        [{"entryPointType": "video", "uri": "https://x.example/"}] * 2,
        [{"entryPointType": "video", "uri": "tel:+1"}],
        [{"entryPointType": "video", "uri": "https://x.example/" + "y" * 1300}],
    ],
)
def test_entry_points_the_reference_calls_invalid_are_refused(
    calendars: Any, organizer: str, points: list[dict[str, Any]]
) -> None:
    data = {"conferenceSolution": {"key": {"type": "hangoutsMeet"}}, "entryPoints": points}
    call = calendars.events().insert(
        calendarId=organizer, body=meeting(conferenceData=data), conferenceDataVersion=1
    )
    assert reason(call)[:2] == (400, "invalid")
