"""What google-api-python-client does beside its calls: errors, retries, tokens, pages, batches, and Meet's members."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from google.auth.exceptions import RefreshError
from googleapiclient import discovery
from googleapiclient.errors import HttpError

from scheduler.emulator.server import Emulator
from tests.emulator.conftest import ADA, DANA, SCHEDULING, Clock, meeting, wish
from tests.fidelity.clients import PYTHON, Python, Refusal, SignedIn
from tests.fidelity.conftest import bearer
from tests.fidelity.quotes import fidelity

CLIENT = PYTHON


@pytest.fixture
def me(google: Emulator, url: str) -> Python:
    return Python(url, bearer(google.issue_access_token(SCHEDULING, ["calendar"])))


@pytest.fixture
def events(me: Python) -> Any:
    return me.service.events()


def impatient(request: Any) -> Any:
    """Let a request count its waits instead of waiting; the client has a place for that."""
    request.waits = []
    request._sleep = request.waits.append
    return request


# -- errors


@fidelity("Guide: errors", "404: Not Found. The specified resource was not found.")
def test_an_error_has_the_client_s_fields(events: Any) -> None:
    with pytest.raises(HttpError) as refused:
        events.get(calendarId="primary", eventId="nothing0here").execute()
    error: Any = refused.value
    assert (error.status_code, error.reason) == (404, "Not Found")
    assert error.error_details == [
        {"domain": "global", "reason": "notFound", "message": "Not Found"}
    ]
    assert error.uri.endswith("/events/nothing0here?alt=json")


@fidelity("Guide: errors", "400: an error names the parameter that it is about")
def test_an_error_names_its_parameter(events: Any) -> None:
    call = events.list(
        calendarId="primary", timeMin="2026-11-25T00:00:00Z", timeMax="2026-11-24T00:00:00Z"
    )
    with pytest.raises(HttpError) as refused:
        call.execute()
    details: Any = refused.value.error_details
    assert (details[0]["locationType"], details[0]["location"]) == ("parameter", "timeMax")
    assert details[0]["domain"] == "calendar"


@fidelity(
    "calendar.events.insert.conferenceDataVersion",
    "Version number of conference data supported by the API client.",
)
def test_a_value_out_of_its_range_is_sent_and_refused(events: Any) -> None:
    call = events.insert(calendarId="primary", body=meeting(), conferenceDataVersion=7)
    with pytest.raises(HttpError) as refused:
        call.execute()
    assert refused.value.status_code == 400
    assert "[0, 1]" in refused.value.reason


@fidelity(
    "Guide: performance", "304 Not Modified when the etag of If-None-Match is still the present one"
)
def test_what_has_not_changed_is_an_error_to_this_client(events: Any) -> None:
    event = events.insert(calendarId="primary", body=meeting()).execute()
    call = events.get(calendarId="primary", eventId=event["id"])
    call.headers["If-None-Match"] = event["etag"]
    with pytest.raises(HttpError) as refused:
        call.execute()
    assert refused.value.status_code == 304
    assert refused.value.content == b""


# -- retries


@fidelity("Guide: errors", "500: Backend Error. Use exponential backoff.")
@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (500, "backendError"), (503, "backendError"), (429, "rateLimitExceeded"),
        (403, "rateLimitExceeded"), (403, "userRateLimitExceeded"),
    ],
)  # fmt: skip
def test_what_passes_is_tried_again(
    events: Any, google: Emulator, status: int, reason: str
) -> None:
    google.add_fault(status=status, reason=reason, count=2)
    call = impatient(events.list(calendarId="primary"))
    assert call.execute(num_retries=3)["items"] == []
    assert len(call.waits) == 2
    assert [each.status for each in google.calls()] == [status, status, 200]


@fidelity("Guide: errors", "403: Calendar usage limits exceeded.")
@pytest.mark.parametrize(
    ("status", "reason"), [(403, "quotaExceeded"), (404, "notFound"), (409, "conflict")]
)
def test_what_stays_is_not(events: Any, google: Emulator, status: int, reason: str) -> None:
    google.add_fault(status=status, reason=reason)
    call = impatient(events.list(calendarId="primary"))
    with pytest.raises(HttpError) as refused:
        call.execute(num_retries=3)
    assert refused.value.status_code == status
    assert call.waits == []


@fidelity("Event.id", "the ID must be unique per calendar")
@fidelity("Guide: errors", "409: The requested identifier already exists.")
def test_an_insert_whose_answer_was_lost_is_a_duplicate_the_second_time(
    events: Any, google: Emulator
) -> None:
    google.add_fault(status=503, when="after", method="POST", path="/events$")
    call = impatient(events.insert(calendarId="primary", body=meeting(id="a0v9a0v9")))
    with pytest.raises((HttpError, OSError)) as refused:
        call.execute(num_retries=2)
    assert isinstance(refused.value, HttpError), refused.value
    assert refused.value.status_code == 409
    kept = events.list(calendarId="primary").execute()["items"]
    assert [each["id"] for each in kept] == ["a0v9a0v9"]


@fidelity("Guide: quota", "Requests per minute per user per project; 403 userRateLimitExceeded")
def test_a_quota_is_a_minute_s(events: Any, google: Emulator, now: Clock) -> None:
    google.set_quota(per_user_per_minute=2)
    for _ in range(2):
        events.list(calendarId="primary").execute()
    with pytest.raises(HttpError) as refused:
        events.list(calendarId="primary").execute()
    details: Any = refused.value.error_details
    assert (refused.value.status_code, details[0]["reason"]) == (403, "userRateLimitExceeded")
    assert details[0]["domain"] == "usageLimits"
    now.advance(timedelta(seconds=61))
    assert events.list(calendarId="primary").execute()["items"] == []


# -- tokens


@fidelity(
    "Guide: errors",
    "401: Invalid Credentials. Get a new access token using the long-lived refresh token.",
)
def test_a_401_is_answered_with_a_new_token(google: Emulator, url: str) -> None:
    credentials = bearer(
        "ya29.of-yesterday",
        refresh_token=google.issue_refresh_token(SCHEDULING, ["calendar"]),
        token_uri=f"{url}/token",
        client_id="greenroom",
        client_secret="shh",
    )
    found = Python(url, credentials)("events.list", calendarId="primary")
    assert found["items"] == []
    assert [call.status for call in google.calls()] == [401, 200, 200]
    assert credentials.token != "ya29.of-yesterday"


@fidelity("Guide: errors", "401: Invalid Credentials")
def test_a_token_ends_after_an_hour(me: Python, google: Emulator, now: Clock) -> None:
    me("calendarList.list")
    now.advance(timedelta(hours=1))
    with pytest.raises(
        RefreshError
    ):  # what the client makes of a 401, with nothing to refresh from
        me("calendarList.list")
    assert google.calls()[-1].status == 401


@fidelity("Guide: auth", "A token opens the methods of its scopes, and no other")
def test_a_narrow_token_opens_little(python: SignedIn) -> None:
    narrow = python(SCHEDULING, "calendar.freebusy")
    asked = {"timeMin": "2026-11-24T00:00:00Z", "timeMax": "2026-11-25T00:00:00Z", "items": []}
    assert narrow("freebusy.query", body=asked)["calendars"] == {}
    with pytest.raises(Refusal) as refused:
        narrow("events.list", calendarId="primary")
    assert (refused.value.status, refused.value.reason) == (403, "insufficientPermissions")
    assert refused.value.body["error"]["status"] == "PERMISSION_DENIED"
    assert refused.value.body["error"]["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"


# -- the wire


@fidelity("calendar.events.list.pageToken", "Token specifying which result page to return.")
def test_the_client_s_own_way_through_pages(events: Any) -> None:
    for _ in range(5):
        events.insert(calendarId="primary", body=meeting()).execute()
    sizes = []
    call = events.list(calendarId="primary", maxResults=2)
    while call is not None:
        page = call.execute()
        sizes.append(len(page["items"]))
        call = events.list_next(call, page)
    assert sizes == [2, 2, 1]


@fidelity(
    "Guide: performance",
    "A GET whose address is too long comes as POST with x-http-method-override",
)
def test_a_long_question_comes_as_post(events: Any, google: Emulator) -> None:
    pairs = [f"name{number}={'x' * 40}" for number in range(60)]
    wanted = {"private": dict(pair.split("=") for pair in pairs)}
    made = events.insert(calendarId="primary", body=meeting(extendedProperties=wanted)).execute()
    call = events.list(calendarId="primary", privateExtendedProperty=pairs)
    found = call.execute()["items"]
    assert call.method == "POST"
    assert [each["id"] for each in found] == [made["id"]]


@fidelity(
    "Guide: performance",
    "Accept-Encoding: gzip, and gzip in the user agent: the answer is compressed",
)
def test_long_answers_are_compressed(me: Python) -> None:
    for _ in range(3):
        me("events.insert", calendarId="primary", body=meeting(description="long " * 100))
    answer = me.ask("events.list", calendarId="primary")
    assert answer.headers["-content-encoding"] == "gzip"
    assert len(answer.body["items"]) == 3


@fidelity("calendar.events.delete", "Deletes an event.")
def test_a_deletion_answers_nothing(events: Any) -> None:
    event = events.insert(calendarId="primary", body=meeting()).execute()
    assert events.delete(calendarId="primary", eventId=event["id"]).execute() == ""


@fidelity(
    "ConferenceData.createRequest",
    "A request to generate a new conference and attach it to the event.",
)
def test_null_survives_the_client(events: Any) -> None:
    body = meeting(conferenceData=wish())
    event = events.insert(calendarId="primary", body=body, conferenceDataVersion=1).execute()
    after = events.patch(
        calendarId="primary",
        eventId=event["id"],
        body={"conferenceData": None},
        conferenceDataVersion=1,
    ).execute()
    assert "conferenceData" not in after


@fidelity("Guide: errors", "Unknown addresses answer in the same envelope")
def test_an_unknown_address_is_an_error_in_the_same_form(me: Python, url: str) -> None:
    call = me.service.colors().get()
    call.uri = f"{url}/calendar/v3/colours"
    with pytest.raises(HttpError) as refused:
        call.execute()
    assert json.loads(refused.value.content)["error"]["code"] == 404


# -- without any option: the document says where Google is


@pytest.fixture
def unaware(google: Emulator, google_is_here: None) -> Callable[[str], Any]:
    """The client as everybody builds it."""

    def built(email: str) -> Any:
        build: Any = discovery.build
        return build(
            "calendar", "v3", credentials=bearer(google.issue_access_token(email, ["calendar"]))
        )

    return built


@fidelity(
    "Guide: batch", "A batch is one request with a part for each call; the answers name the parts"
)
@fidelity("Guide: batch", "Each part has a status of its own")
def test_a_batch(unaware: Callable[[str], Any], google: Emulator) -> None:
    service = unaware(SCHEDULING)
    said: dict[str, Any] = {}
    batch = service.new_batch_http_request(
        callback=lambda name, answer, error: said.update({name: error or answer})
    )
    for name in ("one", "two"):
        batch.add(
            service.events().insert(calendarId="primary", body=meeting(summary=name)),
            request_id=name,
        )
    batch.add(service.events().get(calendarId="primary", eventId="nothing0here"), request_id="none")
    batch.execute()
    assert (said["one"]["summary"], said["two"]["summary"]) == ("one", "two")
    assert isinstance(said["none"], HttpError)
    assert said["none"].status_code == 404
    listed = service.events().list(calendarId="primary").execute()["items"]
    assert {each["summary"] for each in listed} == {"one", "two"}


@fidelity("Guide: batch", "A part may carry a token of its own")
def test_a_batch_of_two_people(unaware: Callable[[str], Any]) -> None:
    mine, hers = unaware(SCHEDULING), unaware(DANA)
    said: dict[str, Any] = {}
    batch = mine.new_batch_http_request(
        callback=lambda name, answer, error: said.update({name: error or answer})
    )
    for name, service in (("mine", mine), ("hers", hers)):
        batch.add(service.calendars().get(calendarId="primary"), request_id=name)
    batch.execute()
    assert (said["mine"]["id"], said["hers"]["id"]) == (SCHEDULING, DANA)


# -- Meet, as far as the other client does not know it


@fidelity(
    "Member",
    "Users who are configured to have a role in the space. These users can join the space without knocking.",
)
@fidelity("Member.email", "This is required for creating the member.")
def test_members_of_a_space(python: SignedIn) -> None:
    meet = python(SCHEDULING, "meetings.space.created", api="meet")
    space = meet("spaces.create", body={})["name"]
    made = meet("spaces.members.create", parent=space, body={"email": DANA, "role": "COHOST"})
    assert made["name"].startswith(f"{space}/members/")
    assert meet("spaces.members.get", name=made["name"])["role"] == "COHOST"
    listed = meet("spaces.members.list", parent=space)["members"]
    assert [each["email"] for each in listed] == [DANA]
    assert meet("spaces.members.delete", name=made["name"]) == {}
    assert not meet("spaces.members.list", parent=space).get("members")
    with pytest.raises(Refusal) as refused:
        meet("spaces.members.create", parent=space, body={"role": "COHOST"})
    assert refused.value.status == 400


@fidelity(
    "Guide: Meet members", "403 PERMISSION_DENIED for a space that this project has not created"
)
def test_the_room_of_an_event_has_no_members(python: SignedIn) -> None:
    body = meeting(conferenceData=wish(), attendees=[{"email": ADA}])
    event = python(SCHEDULING)(
        "events.insert", calendarId="primary", conferenceDataVersion=1, body=body
    )
    meet = python(SCHEDULING, "meetings.space.created", "meetings.space.settings", api="meet")
    space = meet("spaces.get", name=f"spaces/{event['conferenceData']['conferenceId']}")["name"]
    with pytest.raises(Refusal) as refused:
        meet("spaces.members.create", parent=space, body={"email": DANA, "role": "COHOST"})
    assert refused.value.status == 403
    assert refused.value.body["error"]["status"] == "PERMISSION_DENIED"


@fidelity("meet.conferenceRecords.list", "Lists the conference records.")
def test_no_conference_has_been_held(python: SignedIn) -> None:
    meet = python(SCHEDULING, "meetings.space.created", api="meet")
    assert not meet("conferenceRecords.list").get("conferenceRecords")
