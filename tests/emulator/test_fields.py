"""Partial responses: what `fields` may select of an answer, and what it may not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from googleapiclient.errors import HttpError

from scheduler.emulator.fields import Mask
from scheduler.emulator.resources import ANSWERS
from tests.emulator.conftest import SCHEDULING, Service, meeting, refusal
from tests.emulator.schemas import document


def test_the_resources_are_those_of_the_discovery_documents() -> None:
    documented = {name: mask for api in ("calendar", "meet") for name, mask in answers_of(api)}
    nowhere_recorded = {
        name for name in documented if name.startswith(("recordings", "transcripts", "entries", "smartNotes"))
    }  # fmt: skip
    assert {name: documented[name] for name in documented.keys() - nowhere_recorded} == ANSWERS


@pytest.mark.parametrize(
    ("mask", "name"),
    [
        ("titel", "titel"),
        ("id,start/datetime", "datetime"),
        ("id/value", "value"),
        ("attendees(email,nickname)", "nickname"),
        ("start.dateTime", "start.dateTime"),
        ("*/nothing", "nothing"),
        ("extendedProperties/public", "public"),
        ("id/*", "*"),
    ],
)
def test_a_field_that_the_answer_does_not_have_is_refused_before_anything_is_written(
    calendars: Any, mask: str, name: str
) -> None:
    status, body = refusal(
        calendars.events().insert(calendarId="primary", body=meeting(), fields=mask)
    )
    entry = {
        "domain": "global",
        "reason": "invalidParameter",
        "message": f"Invalid field selection {name}",
        "locationType": "parameter",
        "location": "fields",
    }
    assert (status, body["error"]["errors"]) == (400, [entry])
    assert calendars.events().list(calendarId="primary").execute()["items"] == []


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        ("locked,extendedProperties(private/stage)", {"extendedProperties": {"private": {"stage": "one"}}}),
        ("extendedProperties/*/stage", {"extendedProperties": {"private": {"stage": "one"}}}),
        ("conferenceData/parameters/addOnParameters/parameters/any", {}),
        ("organizer/*", {"organizer": {"email": SCHEDULING, "displayName": "Acme Interviews", "self": True}}),
        ("*/email", {"creator": {"email": SCHEDULING}, "organizer": {"email": SCHEDULING}}),
    ],
)  # fmt: skip
def test_what_an_answer_could_have_may_be_selected(
    calendars: Any, mask: str, expected: dict[str, Any]
) -> None:
    body = meeting(extendedProperties={"private": {"stage": "one", "other": "two"}})
    made = calendars.events().insert(calendarId="primary", body=body, fields=mask).execute()
    assert made == expected


def test_an_answer_without_a_body_has_nothing_to_select(calendars: Any) -> None:
    calendars.events().insert(calendarId="primary", body=meeting(id="gone0")).execute()
    call = calendars.events().delete(calendarId="primary", eventId="gone0")
    call.uri += "?fields=anything"
    assert call.execute() == ""


def test_meet_says_it_in_its_own_words(service: Service) -> None:
    spaces = service(SCHEDULING, "meetings.space.created", api="meet", version="v2").spaces()
    mask = "name,config/colour"
    call = spaces.create(body={})
    call.uri += f"&fields={quote(mask)}"
    with pytest.raises(HttpError) as caught:
        call.execute()
    error = json.loads(caught.value.content)["error"]
    assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
    assert error["message"] == "Request contains an invalid argument."
    what = "Error expanding 'fields' parameter. Cannot find matching fields for path 'colour'."
    assert error["details"][0]["fieldViolations"] == [{"field": mask, "description": what}]


def answers_of(api: str) -> Iterator[tuple[str, Mask]]:
    """Yield every method of a discovery document that answers with something, and its fields."""
    for part in resources(document(api)):
        for method in part.get("methods", {}).values():
            schema = (method.get("response") or {}).get("$ref")
            mask = mask_of(api, {"$ref": schema}) if schema else {}
            if mask:
                yield ".".join(method["id"].split(".")[-2:]), mask


def resources(part: dict[str, Any]) -> list[dict[str, Any]]:
    return [part, *(each for below in part.get("resources", {}).values() for each in resources(below))]  # fmt: skip


def mask_of(api: str, schema: dict[str, Any]) -> Mask:
    if "$ref" in schema:
        schema = document(api)["schemas"][schema["$ref"]]
    if schema["type"] == "array":
        return mask_of(api, schema["items"])
    if schema["type"] != "object":
        return {}
    below = dict(schema.get("properties", {}))
    if "additionalProperties" in schema:
        below["*"] = schema["additionalProperties"]
    return {name: mask_of(api, each) for name, each in below.items()}
