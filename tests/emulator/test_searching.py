"""What the words of `q` are looked for in: the fields that the reference names, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.conftest import DANA, FEMI, Service, meeting
from tests.emulator.schemas import document

ALL_DAY = {"start": {"date": "2026-11-24"}, "end": {"date": "2026-11-25"}}


def place(kind: str, **described: Any) -> dict[str, Any]:
    return {
        "eventType": "workingLocation",
        "visibility": "public",
        "transparency": "transparent",
        "workingLocationProperties": {"type": kind, kind: described},
        **ALL_DAY,
    }


def absence(kind: str) -> dict[str, Any]:
    return {"eventType": kind, "summary": "Title"}


OFFICE = place("officeLocation", buildingId="Tower", deskId="D77", floorId="Ninth", label="Harbour")
GUESTS = [{"email": FEMI, "displayName": "Femi Adéyẹmí", "comment": "perhaps"}]

SEARCHED: dict[str, tuple[str, dict[str, Any]]] = {
    "summary": ("needle", {"summary": "A Needle"}),
    "description": ("NEEDLE", {"description": "in a needle's eye"}),
    "location": ("needle", {"location": "Needle Street"}),
    "attendee's displayName": ("adéyẹmí", {"attendees": GUESTS}),
    "attendee's email": ("femi@acme", {"attendees": GUESTS}),
    "organizer's displayName": ("okafor", {}),
    "organizer's email": (DANA, {}),
    "workingLocationProperties.officeLocation.buildingId": ("tower", OFFICE),
    "workingLocationProperties.officeLocation.deskId": ("d77", OFFICE),
    "workingLocationProperties.officeLocation.label": ("harbour", OFFICE),
    "workingLocationProperties.customLocation.label": (
        "library",
        place("customLocation", label="Library"),
    ),
}


@pytest.fixture
def mine(service: Service) -> Any:
    return service(DANA).events()


def is_found(mine: Any, body: dict[str, Any], words: str) -> bool:
    made = mine.insert(calendarId="primary", body=meeting(**body)).execute()
    page = mine.list(calendarId="primary", q=words).execute()
    return made["id"] in [event["id"] for event in page["items"]]


def test_each_field_of_the_reference_is_tried_here() -> None:
    said = document("calendar")["resources"]["events"]["methods"]["list"]["parameters"]["q"]
    lines = str(said["description"]).splitlines()
    assert {line.removeprefix("- ").strip() for line in lines if line.startswith("- ")} == set(
        SEARCHED
    )


@pytest.mark.parametrize("field", SEARCHED)
def test_a_field_of_the_reference_is_searched(mine: Any, field: str) -> None:
    words, body = SEARCHED[field]
    assert is_found(mine, body, words)
    assert mine.list(calendarId="primary", q="haystack").execute()["items"] == []


@pytest.mark.parametrize(
    ("words", "body"),
    [
        ("needle", {"extendedProperties": {"private": {"note": "needle"}}}),
        ("needle", {"source": {"url": "https://needle.example/", "title": "needle"}}),
        ("perhaps", {"attendees": GUESTS}),
        ("ninth", OFFICE),
    ],
)
def test_other_fields_are_not(mine: Any, words: str, body: dict[str, Any]) -> None:
    assert not is_found(mine, body, words)


def test_all_words_have_to_be_there_wherever_they_are(mine: Any) -> None:
    body = {"summary": "Interview", "location": "Needle Street"}
    assert is_found(mine, body, "needle interview")
    assert not is_found(mine, body, "needle breakfast")


@pytest.mark.parametrize(
    ("words", "body"),
    [
        ("Office", OFFICE), ("Bureau", OFFICE), ("home", place("homeOffice")),
        ("Out of office", absence("outOfOffice")), ("Abwesend", absence("outOfOffice")),
        ("focus time", absence("focusTime")),
    ],
)  # fmt: skip
def test_keywords_find_kinds_of_events_whatever_their_title(
    mine: Any, words: str, body: dict[str, Any]
) -> None:
    assert is_found(mine, body, words)
    assert not is_found(mine, {"summary": "Title"}, words)
