"""Events: made, read, changed and deleted, and every documented refusal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.emulator.conftest import (
    ADA,
    DANA,
    SCHEDULING,
    STRANGER,
    Clock,
    Service,
    check_schema,
    meeting,
    reason,
    refusal,
)


def test_an_inserted_event_comes_back_as_it_was_written(calendars: Any, organizer: str) -> None:
    body = meeting(
        id="abcde01234",
        description="Bring a question",
        location="Aurora",
        colorId="5",
        visibility="private",
        transparency="transparent",
        guestsCanInviteOthers=False,
        guestsCanModify=False,
        guestsCanSeeOtherGuests=False,
        attendees=[{"email": ADA, "displayName": "Ada Quist", "optional": True}],
        reminders={"useDefault": False, "overrides": [{"method": "popup", "minutes": 10}]},
        extendedProperties={"private": {"call": "1"}, "shared": {"s": "2"}},
    )
    made = calendars.events().insert(calendarId=organizer, body=body, sendUpdates="none").execute()
    check_schema(made, "Event")
    assert made["id"] == "abcde01234"
    assert made["iCalUID"] == "abcde01234@google.com"
    assert made["status"] == "confirmed"
    assert made["creator"] == {"email": SCHEDULING, "displayName": "Acme Interviews"}
    assert made["organizer"] == {"email": organizer, "displayName": "Acme Interviews", "self": True}
    assert made["start"] == {"dateTime": "2026-11-24T10:00:00+01:00", "timeZone": "Europe/Berlin"}
    assert made["extendedProperties"] == body["extendedProperties"]
    assert made["guestsCanSeeOtherGuests"] is False
    # "The default is False": Google leaves a default out.
    assert "guestsCanModify" not in made
    assert calendars.events().get(calendarId=organizer, eventId="abcde01234").execute() == made


def test_an_event_without_an_id_gets_one(calendars: Any, organizer: str) -> None:
    made = calendars.events().insert(calendarId=organizer, body=meeting()).execute()
    assert len(made["id"]) == 26


@pytest.mark.parametrize("bad", ["abcd", "ABCDEF", "abcdefw", "with-dash", "a" * 1025])
def test_an_id_outside_base32hex_is_refused(calendars: Any, organizer: str, bad: str) -> None:
    call = calendars.events().insert(calendarId=organizer, body=meeting(id=bad))
    assert reason(call) == (400, "invalid", "Invalid resource id value.")


def test_a_taken_id_is_refused_with_googles_whole_body(calendars: Any, organizer: str) -> None:
    calendars.events().insert(calendarId=organizer, body=meeting(id="taken0")).execute()
    message = "The requested identifier already exists."
    assert refusal(calendars.events().insert(calendarId=organizer, body=meeting(id="taken0"))) == (
        409,
        {
            "error": {
                "errors": [{"domain": "global", "reason": "duplicate", "message": message}],
                "code": 409,
                "message": message,
            }
        },
    )


def test_a_deleted_event_is_readable_and_its_id_burned(calendars: Any, organizer: str) -> None:
    events = calendars.events()
    events.insert(calendarId=organizer, body=meeting(id="burned")).execute()
    assert events.delete(calendarId=organizer, eventId="burned").execute() == ""
    gone = events.get(calendarId=organizer, eventId="burned").execute()
    assert (gone["status"], gone["summary"]) == ("cancelled", "Technical interview")
    assert reason(events.delete(calendarId=organizer, eventId="burned")) == (
        410,
        "deleted",
        "Resource has been deleted",
    )
    assert reason(events.insert(calendarId=organizer, body=meeting(id="burned")))[:2] == (
        409,
        "duplicate",
    )
    patch = events.patch(calendarId=organizer, eventId="burned", body={"summary": "x"})
    assert reason(patch)[:2] == (403, "forbidden")


def test_a_deleted_event_can_be_restored(calendars: Any, organizer: str) -> None:
    events = calendars.events()
    events.insert(calendarId=organizer, body=meeting(id="undone")).execute()
    events.delete(calendarId=organizer, eventId="undone").execute()
    back = events.patch(
        calendarId=organizer, eventId="undone", body={"status": "confirmed"}
    ).execute()
    assert back["status"] == "confirmed"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"end": None}, (400, "required", "Missing end time.")),
        ({"start": None}, (400, "required", "Missing start time.")),
        ({"start": {"dateTime": "2026-11-24T10:00:00"}}, (400, "invalid", "Missing time zone definition for start time.")),
        ({"end": {"dateTime": "2026-11-24T09:00:00+01:00"}}, (400, "timeRangeEmpty", "The specified time range is empty.")),
        ({"start": {"dateTime": "2026-11-24T10:00:00", "timeZone": "Mars/Olympus"}}, (400, "invalid", "Invalid time zone definition for Mars/Olympus.")),
        ({"start": {"date": "2026-11-24"}}, (400, "invalid", "Start and end times must either both be date or both be dateTime.")),
        ({"attendees": [{"displayName": "Ada"}]}, (400, "required", "Missing attendee email.")),
        ({"attendees": [{"email": "not an address"}]}, (400, "invalid", "Invalid attendee email.")),
        ({"summary": 7}, (400, "invalid", "Invalid value for: summary")),
        ({"reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 40321}]}}, (400, "invalid", "Invalid reminder minutes value.")),
    ],
)  # fmt: skip
def test_a_body_the_reference_does_not_allow_is_refused(
    calendars: Any, organizer: str, changed: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    assert (
        reason(calendars.events().insert(calendarId=organizer, body=meeting(**changed))) == expected
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"attendees": "ada"}, {"attendees": [None]}, {"start": "soon"}, {"reminders": []},
        {"extendedProperties": {"private": ["x"]}}, {"conferenceData": {"createRequest": "yes"}},
        {"conferenceData": {"entryPoints": {}}}, {"recurrence": [1]}, {"sequence": True},
        {"start": {"dateTime": "0001-01-01T00:00:00+14:00"}}, {"attachments": [{"fileUrl": 7}]},
    ],
)  # fmt: skip
def test_a_mistyped_field_is_400_and_never_500(
    calendars: Any, organizer: str, changed: dict[str, Any]
) -> None:
    call = calendars.events().insert(
        calendarId=organizer,
        body=meeting(**changed),
        conferenceDataVersion=1,
        supportsAttachments=True,
    )
    assert reason(call)[0] == 400


def test_patch_replaces_arrays_merges_objects_and_clears_with_null(
    calendars: Any, organizer: str
) -> None:
    body = meeting(
        id="patched",
        location="Aurora",
        attendees=[{"email": ADA}, {"email": DANA}],
        extendedProperties={"private": {"one": "1", "two": "2"}},
    )
    calendars.events().insert(calendarId=organizer, body=body).execute()
    change = {
        "location": None,
        "attendees": [{"email": DANA}],
        "extendedProperties": {"private": {"two": None, "three": "3"}},
    }
    after = calendars.events().patch(calendarId=organizer, eventId="patched", body=change).execute()
    assert "location" not in after
    assert [guest["email"] for guest in after["attendees"]] == [DANA]
    assert after["extendedProperties"]["private"] == {"one": "1", "three": "3"}
    assert after["summary"] == "Technical interview"


def test_update_clears_what_it_does_not_name(calendars: Any, organizer: str) -> None:
    calendars.events().insert(
        calendarId=organizer, body=meeting(id="replaced", location="Aurora")
    ).execute()
    after = (
        calendars.events()
        .update(calendarId=organizer, eventId="replaced", body=meeting())
        .execute()
    )
    assert "location" not in after
    assert after["id"] == "replaced"


def test_if_match_guards_a_write(calendars: Any, organizer: str) -> None:
    events = calendars.events()
    first = events.insert(calendarId=organizer, body=meeting(id="guarded")).execute()
    second = events.patch(
        calendarId=organizer, eventId="guarded", body={"summary": "New"}
    ).execute()
    assert first["etag"] != second["etag"]
    stale = events.patch(calendarId=organizer, eventId="guarded", body={"summary": "Lost"})
    stale.headers["If-Match"] = first["etag"]
    message = "Precondition Failed"
    entry = {
        "domain": "global",
        "reason": "conditionNotMet",
        "message": message,
        "locationType": "header",
        "location": "If-Match",
    }
    assert refusal(stale) == (412, {"error": {"errors": [entry], "code": 412, "message": message}})
    fresh = events.patch(calendarId=organizer, eventId="guarded", body={"summary": "Kept"})
    fresh.headers["If-Match"] = second["etag"]
    assert fresh.execute()["summary"] == "Kept"


def test_if_none_match_spares_the_body(calendars: Any, organizer: str) -> None:
    made = calendars.events().insert(calendarId=organizer, body=meeting(id="cached")).execute()
    again = calendars.events().get(calendarId=organizer, eventId="cached")
    again.headers["If-None-Match"] = made["etag"]
    assert reason_status(again) == 304


def test_reminders_do_not_change_the_etag(calendars: Any, organizer: str) -> None:
    made = calendars.events().insert(calendarId=organizer, body=meeting(id="reminded")).execute()
    change = {"reminders": {"useDefault": False, "overrides": []}}
    after = (
        calendars.events().patch(calendarId=organizer, eventId="reminded", body=change).execute()
    )
    assert after["etag"] == made["etag"]
    assert after["reminders"] == {"useDefault": False}


def test_sequence_rises_with_the_time_and_never_falls(calendars: Any, organizer: str) -> None:
    made = calendars.events().insert(calendarId=organizer, body=meeting(id="counted")).execute()
    times = {
        "start": {"dateTime": "2026-11-25T10:00:00+01:00"},
        "end": {"dateTime": "2026-11-25T10:45:00+01:00"},
    }
    moved = calendars.events().patch(calendarId=organizer, eventId="counted", body=times).execute()
    renamed = (
        calendars.events()
        .patch(calendarId=organizer, eventId="counted", body={"summary": "n"})
        .execute()
    )
    assert (made["sequence"], moved["sequence"], renamed["sequence"]) == (0, 1, 1)
    lower = calendars.events().patch(calendarId=organizer, eventId="counted", body={"sequence": 0})
    assert reason(lower)[2].startswith("Invalid sequence value.")


def test_attachments_need_their_parameter(calendars: Any, organizer: str) -> None:
    files = [{"fileUrl": "https://drive.google.com/file/d/abc_123/view", "title": "CV"}]
    events = calendars.events()
    without = events.insert(calendarId=organizer, body=meeting(attachments=files)).execute()
    assert "attachments" not in without
    made = events.insert(
        calendarId=organizer, body=meeting(attachments=files), supportsAttachments=True
    ).execute()
    assert made["attachments"] == [{**files[0], "fileId": "abc_123"}]


def test_strangers_see_nothing_and_colleagues_only_when_they_are_busy(
    service: Service, calendars: Any
) -> None:
    service(DANA).events().insert(
        calendarId="primary", body=meeting(id="dentist", summary="Dentist")
    ).execute()
    seen = calendars.events().get(calendarId=DANA, eventId="dentist").execute()
    assert "summary" not in seen
    assert seen["visibility"] == "private"
    assert reason(service(ADA).events().get(calendarId=DANA, eventId="dentist")) == (
        404,
        "notFound",
        "Not Found",
    )
    write = calendars.events().insert(calendarId=DANA, body=meeting())
    assert reason(write) == (
        403,
        "requiredAccessLevel",
        "You need to have writer access to this calendar.",
    )
    assert reason(calendars.events().list(calendarId=STRANGER))[:2] == (404, "notFound")


def test_scopes_are_checked(service: Service, organizer: str) -> None:
    reader = service(SCHEDULING, "calendar.events.readonly")
    assert reader.events().list(calendarId=organizer).execute()["items"] == []
    status, body = refusal(reader.events().insert(calendarId=organizer, body=meeting()))
    assert status == 403
    assert body["error"]["status"] == "PERMISSION_DENIED"
    assert body["error"]["errors"][0]["reason"] == "insufficientPermissions"
    assert body["error"]["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"


def test_an_expired_token_is_401(calendars: Any, organizer: str, clock: Clock) -> None:
    clock.advance(timedelta(hours=2))
    status, body = refusal(calendars.events().list(calendarId=organizer))
    assert status == 401
    entry = body["error"]["errors"][0]
    assert (entry["reason"], entry["message"]) == ("authError", "Invalid Credentials")
    assert (entry["locationType"], entry["location"]) == ("header", "Authorization")


def test_all_day_events_keep_their_dates(calendars: Any, organizer: str) -> None:
    body = {"start": {"date": "2026-11-24"}, "end": {"date": "2026-11-26"}}
    made = calendars.events().insert(calendarId=organizer, body=body).execute()
    assert (made["start"], made["end"]) == ({"date": "2026-11-24"}, {"date": "2026-11-26"})


def reason_status(call: Any) -> int:
    from googleapiclient.errors import HttpError

    with pytest.raises(HttpError) as caught:
        call.execute()
    return int(caught.value.status_code)
