"""Several calls in one request, as the official client sends them and as it could be sent by hand."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from googleapiclient.errors import HttpError
from googleapiclient.http import BatchHttpRequest

from scheduler.emulator.server import Emulator
from tests.emulator.conftest import BASE, DANA, SCHEDULING, Bearer, meeting

Answers = dict[str, tuple[Any, HttpError | None]]
CALENDAR, MEET = f"{BASE}/batch/calendar/v3", f"{BASE}/batch"


def batched(calls: dict[str, Any], *, uri: str = CALENDAR, http: Any = None) -> Answers:
    """Send calls in one batch; return answer and error of each by its id."""
    answers: Answers = {}
    batch = BatchHttpRequest(batch_uri=uri)
    for name, call in calls.items():
        batch.add(call, request_id=name, callback=lambda n, a, e: answers.update({n: (a, e)}))
    batch.execute(http=http or next(iter(calls.values())).http)
    return answers


def test_the_official_client_sends_a_batch(calendars: Any, organizer: str) -> None:
    calls = {
        f"n {number}/ü": calendars.events().insert(
            calendarId=organizer, body=meeting(id=f"batch{number}", summary=f"Nummer {number} ü")
        )
        for number in range(3)
    }
    answers = batched(calls)
    assert {name: answer["summary"] for name, (answer, _) in answers.items()} == {
        f"n {number}/ü": f"Nummer {number} ü" for number in range(3)
    }
    found = batched({"list": calendars.events().list(calendarId=organizer)})
    assert len(found["list"][0]["items"]) == 3
    gone = batched({"gone": calendars.events().delete(calendarId=organizer, eventId="batch0")})
    assert gone["gone"][1] is None


def test_each_part_fails_for_itself(calendars: Any, organizer: str) -> None:
    answers = batched(
        {
            "good": calendars.events().insert(calendarId=organizer, body=meeting(id="good0")),
            "bad": calendars.events().insert(calendarId=organizer, body={"summary": "no time"}),
            "gone": calendars.events().get(calendarId=organizer, eventId="nothing"),
            "foreign": calendars.events().list(calendarId="nobody@else.example"),
        }
    )
    assert answers["good"][0]["id"] == "good0"
    statuses = {name: error.status_code for name, (_, error) in answers.items() if error}
    assert statuses == {"bad": 400, "gone": 404, "foreign": 404}
    details: Any = answers["gone"][1].error_details  # type: ignore[union-attr]
    assert details[0]["reason"] == "notFound"


def test_each_part_may_come_from_somebody_else(app: Flask, google: Emulator, service: Any) -> None:
    own = Bearer(app, google.issue_access_token(DANA, ["calendar"]))
    mine, hers = service(SCHEDULING), service(DANA)
    calls = {
        "outer": mine.calendars().get(calendarId="primary"),
        "inner": hers.calendars().get(calendarId="primary"),
        "nobody": mine.calendars().get(calendarId="primary"),
    }
    calls["inner"].headers["Authorization"] = f"Bearer {own.token}"
    calls["nobody"].headers["Authorization"] = "Bearer unknown"
    answers = batched(calls)
    assert answers["outer"][0]["id"] == SCHEDULING
    assert answers["inner"][0]["id"] == DANA
    assert answers["nobody"][1].status_code == 401  # type: ignore[union-attr]


def test_a_batch_counts_as_its_calls(calendars: Any, organizer: str, google: Emulator) -> None:
    google.set_quota(per_user_per_minute=20)
    used = len(google.calls())
    google.clear_calls()
    calls = {str(n): calendars.events().list(calendarId=organizer) for n in range(25)}
    refused = [error for _, error in batched(calls).values() if error]
    assert len(refused) == 25 - (20 - used)
    assert {error.status_code for error in refused} == {403}
    assert [call.name for call in google.calls()].count("events.list") == 25


def test_the_order_is_not_the_one_of_the_request_unless_switched(
    calendars: Any, organizer: str, google: Emulator
) -> None:
    def made(prefix: str) -> list[str]:
        calls = {
            f"{prefix}{n}": calendars.events().insert(
                calendarId=organizer, body=meeting(id=f"{prefix}{n}")
            )
            for n in range(3)
        }
        return list(batched(calls))

    before = len(google.calls())
    made("abcd")
    inserts = [call for call in google.calls()[before:] if call.name == "events.insert"]
    assert len(inserts) == 3
    changes = {e["id"]: int(e["etag"].strip('"')) for e in google.calendar_as(organizer)}
    assert changes["abcd2"] < changes["abcd1"] < changes["abcd0"]
    google.set_switches(batch_order="kept")
    made("defg")
    changes = {e["id"]: int(e["etag"].strip('"')) for e in google.calendar_as(organizer)}
    assert changes["defg0"] < changes["defg1"] < changes["defg2"]


def test_too_many_calls_are_refused_as_a_whole(
    calendars: Any, organizer: str, google: Emulator
) -> None:
    calls = {str(n): calendars.events().list(calendarId=organizer) for n in range(1000)}
    with pytest.raises(HttpError) as refused:
        batched(calls)
    assert refused.value.status_code == 400
    google.set_switches(batch_parts=2)
    few = {str(n): calls[str(n)] for n in range(2)}
    assert len(batched(few)) == 2
    with pytest.raises(HttpError):
        batched({**few, "third": calls["3"]})


def test_the_meet_interface_has_a_batch_of_its_own(service: Any, calendars: Any) -> None:
    meet = service(
        SCHEDULING,
        "https://www.googleapis.com/auth/meetings.space.created",
        api="meet",
        version="v2",
    )
    answers = batched({"a": meet.spaces().create(body={})}, uri=MEET)
    assert answers["a"][0]["name"].startswith("spaces/")
    elsewhere = batched({"a": calendars.colors().get()}, uri=MEET, http=calendars._http)
    assert elsewhere["a"][1].status_code == 404  # type: ignore[union-attr]


def test_a_fault_hits_one_part(calendars: Any, organizer: str, google: Emulator) -> None:
    google.add_fault(status=503, path="/events/first$")
    calls = {
        name: calendars.events().get(calendarId=organizer, eventId=name)
        for name in ("first", "second")
    }
    answers = batched(calls)
    statuses = {name: error.status_code for name, (_, error) in answers.items() if error}
    assert statuses == {"first": 503, "second": 404}


def by_hand(http: FlaskClient, google: Emulator, content: bytes, kind: str = "") -> Any:
    token = google.issue_access_token(SCHEDULING, ["calendar"])
    return http.post(
        "/batch/calendar/v3",
        data=content,
        content_type=kind or "multipart/mixed; boundary=here",
        headers={"Authorization": f"Bearer {token}"},
    )


def test_ids_come_back_with_a_prefix_and_none_without_one(
    http: FlaskClient, google: Emulator
) -> None:
    call = b"Content-Type: application/http\r\n%s\r\nGET /calendar/v3/colors?fields=kind\r\n\r\n"
    one = call % b"Content-ID: <item1:12930812@barnyard.example.com>\r\n"
    two = call % b"Content-ID: two\r\n"
    content = b"\r\n--here\r\n".join([b"", one, two, call % b""]) + b"\r\n--here--\r\n"
    answer = by_hand(http, google, content)
    assert answer.status_code == 200
    assert answer.content_type.startswith("multipart/mixed; boundary=batch_")
    assert answer.text.count("HTTP/1.1 200 OK\r\n") == 3
    assert "Content-ID: <response-item1:12930812@barnyard.example.com>\r\n" in answer.text
    assert "Content-ID: response-two\r\n" in answer.text
    assert answer.text.count("Content-ID:") == 2
    assert answer.text.count('\r\n\r\n{\n  "kind": "calendar#colors"\n}\n\r\n--') == 3


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", ""),
        (b"no parts at all", ""),
        (b"{}", "application/json"),
        (b"--here\r\nContent-Type: text/plain\r\n\r\nhello\r\n--here--", ""),
        (b"--here\r\nContent-Type: application/http\r\n\r\n\r\n--here--", ""),
    ],
)
def test_what_is_no_batch_is_refused(
    http: FlaskClient, google: Emulator, content: bytes, kind: str
) -> None:
    answer = by_hand(http, google, content, kind)
    assert answer.status_code == 400
    error = answer.json["error"]
    assert (error["errors"][0]["reason"], error["status"]) == ("badRequest", "INVALID_ARGUMENT")
    assert error["message"].startswith("Failed to parse batch request, error: ")


def test_a_batch_inside_a_batch_is_not_there(http: FlaskClient, google: Emulator) -> None:
    content = (
        b"--here\r\nContent-Type: application/http\r\n\r\nPOST /batch/calendar/v3\r\n\r\n--here--"
    )
    assert "HTTP/1.1 404 NOT FOUND" in by_hand(http, google, content).text
