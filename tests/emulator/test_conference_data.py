"""Conference data: what may be written, when it is ready, and what may change without another room."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from scheduler.emulator import accounts, tokens
from scheduler.emulator.company import Account
from scheduler.emulator.server import Emulator
from tests.emulator.conftest import ADA, SCHEDULING, Clock, Service, meeting, reason, wish


def insert(calendars: Any, organizer: str, event_id: str, data: dict[str, Any]) -> Any:
    body = meeting(id=event_id, conferenceData=data)
    events = calendars.events()
    return events.insert(calendarId=organizer, body=body, conferenceDataVersion=1).execute()


def change(calendars: Any, organizer: str, event_id: str, data: Any, **more: Any) -> Any:
    return calendars.events().patch(
        calendarId=organizer,
        eventId=event_id,
        body={"conferenceData": data},
        **{"conferenceDataVersion": 1, **more},
    )


def status_of(event: dict[str, Any]) -> str:
    return str(event["conferenceData"]["createRequest"]["status"]["statusCode"])


@pytest.mark.parametrize("outcome", ["success", "failure"])
def test_a_room_may_be_pending_for_a_number_of_reads(
    calendars: Any, organizer: str, google: Emulator, clock: Clock, outcome: str
) -> None:
    google.set_conference(reads=2, outcome=outcome)
    made = insert(calendars, organizer, "read0", wish())
    clock.advance(timedelta(minutes=30))
    seen = [calendars.events().get(calendarId=organizer, eventId="read0").execute() for _ in "1234"]
    assert status_of(made) == "pending"
    assert [status_of(event) for event in seen] == ["pending", "pending", outcome, outcome]
    assert seen[0]["etag"] == seen[1]["etag"] == made["etag"] != seen[2]["etag"] == seen[3]["etag"]
    listed = calendars.events().list(calendarId=organizer).execute()["items"]
    assert status_of(listed[0]) == outcome


def test_no_read_at_all_is_an_answer_with_the_room(
    calendars: Any, organizer: str, google: Emulator
) -> None:
    google.set_conference(reads=0, latency=None)
    assert status_of(insert(calendars, organizer, "read0", wish())) == "success"


def test_a_request_while_another_is_pending_replaces_it(
    calendars: Any, organizer: str, google: Emulator, clock: Clock
) -> None:
    google.set_conference(latency=10.0)
    insert(calendars, organizer, "second", wish("r1"))
    clock.advance(timedelta(seconds=6))
    again = change(calendars, organizer, "second", wish("r2")).execute()
    assert again["conferenceData"]["createRequest"]["requestId"] == "r2"
    clock.advance(timedelta(seconds=6))
    waiting = calendars.events().get(calendarId=organizer, eventId="second").execute()
    assert status_of(waiting) == "pending"
    clock.advance(timedelta(seconds=4))
    ready = calendars.events().get(calendarId=organizer, eventId="second").execute()
    assert status_of(ready) == "success"


def test_other_changes_do_not_hold_a_pending_room_up(
    calendars: Any, organizer: str, google: Emulator, clock: Clock
) -> None:
    google.set_conference(latency=10.0)
    insert(calendars, organizer, "late0", wish())
    clock.advance(timedelta(seconds=9))
    body = {"summary": "Renamed", "attendees": [{"email": ADA}]}
    calendars.events().patch(calendarId=organizer, eventId="late0", body=body).execute()
    google.rsvp(ADA, "late0", "accepted")
    clock.advance(timedelta(seconds=1))
    ready = calendars.events().get(calendarId=organizer, eventId="late0").execute()
    assert status_of(ready) == "success"
    assert google.calendar_as(ADA)[0]["hangoutLink"] == ready["hangoutLink"]


def test_notes_and_parameters_may_change_without_another_room(
    calendars: Any, organizer: str
) -> None:
    made = insert(calendars, organizer, "noted", wish())["conferenceData"]
    parameters = {"addOnParameters": {"parameters": {"k": "v"}}}
    noted = change(calendars, organizer, "noted", {"notes": "Ring twice", "parameters": parameters})
    after = noted.execute()["conferenceData"]
    assert after == {**made, "notes": "Ring twice", "parameters": parameters}
    whole = change(calendars, organizer, "noted", {**after, "notes": "Knock"}).execute()
    assert whole["conferenceData"] == {**after, "notes": "Knock"}
    copied = insert(calendars, organizer, "copied", {**after, "notes": "Wave"})["conferenceData"]
    assert (copied["notes"], copied["conferenceId"]) == ("Wave", made["conferenceId"])


def points(**changed: Any) -> dict[str, Any]:
    video = {"entryPointType": "video", "uri": "https://meet.example/x", **changed}
    return {"conferenceSolution": {"key": {"type": "hangoutsMeet"}}, "entryPoints": [video]}


@pytest.mark.parametrize(
    "data",
    [
        points(label="x" * 513), points(pin="1" * 129), points(accessCode="1" * 129),
        points(meetingCode="1" * 129), points(passcode="1" * 129), points(password="1" * 129),
        points(uri="https://x.example/" + "y" * 1283), points(entryPointType="fax"),
        points(uri="ftp://x.example/"), points(entryPointFeatures=["toll", "toll_free"]),
        {**points(), "notes": "n" * 2049}, {**points(), "conferenceSolution": None},
        {**points(), "entryPoints": []}, {"createRequest": {}}, {"createRequest": {"requestId": ""}},
        {"notes": "only"}, {},
        {**points(), "entryPoints": [{"entryPointType": "sip", "uri": "sip:a@x.example"}] * 2},
        {**points(), "entryPoints": [{"entryPointType": "phone", "uri": "+49 30"}]},
    ],
)  # fmt: skip
def test_conference_data_outside_the_reference_is_refused(
    calendars: Any, organizer: str, google: Emulator, data: dict[str, Any]
) -> None:
    google.set_conference(signature_check="lenient")
    call = calendars.events().insert(
        calendarId=organizer, body=meeting(conferenceData=data), conferenceDataVersion=1
    )
    assert reason(call)[:2] == (400, "invalid")


def test_conference_data_at_its_limits_is_kept(
    calendars: Any, organizer: str, google: Emulator
) -> None:
    google.set_conference(signature_check="lenient")
    longest = points(
        uri="https://x.example/" + "y" * 1282, label="x" * 512, pin="1" * 128, password="1" * 128
    )
    phones = [{"entryPointType": "phone", "uri": f"tel:+{n}"} for n in range(3)]
    data = {**longest, "entryPoints": longest["entryPoints"] + phones, "notes": "n" * 2048}
    assert insert(calendars, organizer, "large", data)["conferenceData"] == data


@pytest.mark.parametrize("kind", ["addOn", "eventHangout", "eventNamedHangout"])
def test_only_meet_can_be_asked_for_even_where_more_is_allowed(calendars: Any, kind: str) -> None:
    allowed = {"allowedConferenceSolutionTypes": [kind, "hangoutsMeet"]}
    body = {"summary": "All", "conferenceProperties": allowed}
    calendar = calendars.calendars().insert(body=body).execute()["id"]
    call = calendars.events().insert(
        calendarId=calendar, body=meeting(conferenceData=wish(kind=kind)), conferenceDataVersion=1
    )
    assert reason(call) == (400, "invalid", "Invalid conference type value.")
    untyped = {"createRequest": {"requestId": "r1"}}
    made = insert(calendars, calendar, "plain", untyped)["conferenceData"]
    assert made["conferenceSolution"]["key"]["type"] == "hangoutsMeet"


def test_a_conference_of_another_provider_has_no_hangout_link(
    calendars: Any, organizer: str, google: Emulator
) -> None:
    google.set_conference(signature_check="lenient")
    data = {**points(), "conferenceSolution": {"key": {"type": "addOn"}, "name": "Else"}}
    made = insert(calendars, organizer, "other", data)
    assert made["conferenceData"]["entryPoints"] == data["entryPoints"]
    assert "hangoutLink" not in made


def test_an_attached_room_of_ones_own_is_stored_without_what_nobody_signed(
    calendars: Any, organizer: str, service: Service
) -> None:
    meet = service(SCHEDULING, "meetings.space.created", api="meet", version="v2")
    uri = meet.spaces().create(body={}).execute()["meetingUri"]
    made = insert(
        calendars, organizer, "attached", {**points(uri=uri), "conferenceId": "aaa-aaaa-aaa"}
    )
    assert "conferenceId" not in made["conferenceData"]
    other = service(ADA, "meetings.space.created", api="meet", version="v2")
    theirs = other.spaces().create(body={}).execute()["meetingUri"]
    assert "conferenceData" not in insert(calendars, organizer, "foreign", points(uri=theirs))


def test_a_service_account_without_a_subject_gets_no_room(google: Emulator, http: Any) -> None:
    robot = "robot@project.iam.gserviceaccount.com"
    accounts.add_account(
        google.world, Account(email=robot, name="Robot", kind="scheduling", zone="UTC")
    )
    scopes = {"https://www.googleapis.com/auth/calendar"}
    token = tokens.issue_access_token(google.world, robot, scopes, bare=True)
    for path in ("events", "events/import"):
        answer = http.post(
            f"/calendar/v3/calendars/primary/{path}?conferenceDataVersion=1",
            json=meeting(conferenceData=wish(), iCalUID="x@y"),
            headers={"Authorization": f"Bearer {token}"},
        )
        assert answer.status_code == 400
        assert answer.json["error"]["message"] == "Invalid conference type value."
