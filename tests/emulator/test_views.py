"""What each person may see of an event, and what a removed one still shows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.conftest import (
    ADA,
    DANA,
    FEMI,
    PRIYA,
    STRANGER,
    Service,
    meeting,
    reason,
    wish,
)

OUTLINE = {
    "kind", "etag", "id", "status", "start", "end", "iCalUID", "eventType", "created", "updated",
    "visibility",
}  # fmt: skip
REFUSED = (403, "requiredAccessLevel", "You need to have writer access to this calendar.")


def share(calendars: Any, organizer: str, role: str) -> None:
    rule = {"role": role, "scope": {"type": "user", "value": FEMI}}
    calendars.acl().insert(calendarId=organizer, body=rule).execute()


def insert(calendars: Any, organizer: str, **changed: Any) -> Any:
    body = meeting(**{"id": "event0", "attendees": [{"email": DANA}], **changed})
    events = calendars.events()
    return events.insert(calendarId=organizer, body=body, conferenceDataVersion=1).execute()


def seen_by(service: Service, calendar: str, who: str = FEMI) -> dict[str, Any]:
    """Return the event as one person gets and as they find it listed, which has to be the same."""
    events = service(who).events()
    (listed,) = events.list(calendarId=calendar).execute()["items"]
    found: dict[str, Any] = events.get(calendarId=calendar, eventId="event0").execute()
    assert found == listed
    return found


@pytest.mark.parametrize(
    ("role", "visibility", "sees"),
    [
        ("freeBusyReader", "default", False), ("freeBusyReader", "public", False),
        ("freeBusyReader", "private", False), ("reader", "default", True),
        ("reader", "public", True), ("reader", "private", False),
        ("reader", "confidential", False), ("writerWithoutPrivateAccess", "default", True),
        ("writerWithoutPrivateAccess", "private", False), ("writer", "private", True),
        ("owner", "confidential", True),
    ],
)  # fmt: skip
def test_a_role_sees_details_or_the_outline(
    calendars: Any, organizer: str, service: Service, role: str, visibility: str, sees: bool
) -> None:
    made = insert(calendars, organizer, visibility=visibility, conferenceData=wish(), location="A1")
    share(calendars, organizer, role)
    seen = seen_by(service, organizer)
    if sees:
        assert seen["location"] == "A1"
        assert seen["conferenceData"] == made["conferenceData"]
        assert [guest["email"] for guest in seen["attendees"]] == [DANA]
    else:
        assert set(seen) == OUTLINE
        assert seen["visibility"] == "private"


def test_a_guest_who_reads_the_organizers_calendar_sees_a_private_event(
    calendars: Any, organizer: str, service: Service
) -> None:
    insert(calendars, organizer, visibility="private", attendees=[{"email": FEMI}])
    share(calendars, organizer, "reader")
    assert seen_by(service, organizer)["summary"] == "Technical interview"


@pytest.mark.parametrize("role", [None, "freeBusyReader", "reader"])
def test_who_may_not_write_is_told_so_or_that_there_is_nothing(
    calendars: Any, organizer: str, service: Service, role: str | None
) -> None:
    insert(calendars, organizer)
    if role:
        share(calendars, organizer, role)
    mine = service(FEMI).events()
    named = {"calendarId": organizer, "eventId": "event0"}
    for call in (
        mine.insert(calendarId=organizer, body=meeting()),
        mine.import_(calendarId=organizer, body=meeting(iCalUID="x@y")),
        mine.patch(**named, body={"summary": "Mine"}),
        mine.update(**named, body=meeting()),
        mine.delete(**named),
        mine.move(**named, destination=FEMI),
    ):
        assert reason(call) == (REFUSED if role else (404, "notFound", "Not Found"))


def test_without_access_to_private_events_nobody_changes_one(
    calendars: Any, organizer: str, service: Service
) -> None:
    insert(calendars, organizer, visibility="private")
    insert(calendars, organizer, id="open0")
    share(calendars, organizer, "writerWithoutPrivateAccess")
    mine = service(FEMI).events()
    closed = mine.patch(calendarId=organizer, eventId="event0", body={"summary": "Mine"})
    assert reason(closed) == REFUSED
    opened = mine.patch(calendarId=organizer, eventId="open0", body={"summary": "Ours"}).execute()
    assert opened["summary"] == "Ours"


def test_a_guest_sees_who_made_it_and_whose_it_is_and_nothing_private(
    calendars: Any, organizer: str, service: Service
) -> None:
    made = insert(
        calendars,
        organizer,
        attendees=[{"email": DANA, "comment": "Yes"}, {"email": ADA}, {"email": STRANGER}],
        guestsCanSeeOtherGuests=False,
        extendedProperties={"private": {"p": "1"}, "shared": {"s": "2"}},
        colorId="3",
        source={"url": "https://jobs.example/7"},
        reminders={"useDefault": False},
    )
    copy = seen_by(service, "primary", DANA)
    assert [copy[name]["email"] for name in ("creator", "organizer")] == [
        made[name]["email"] for name in ("creator", "organizer")
    ]
    assert [guest["email"] for guest in copy["attendees"]] == [DANA]
    assert copy["extendedProperties"] == {"shared": {"s": "2"}}
    assert copy["reminders"] == {"useDefault": True}
    assert not {"colorId", "source"} & set(copy)
    names = {guest["email"]: guest for guest in made["attendees"]}
    assert set(names) == {DANA, ADA, STRANGER}


def test_guests_who_may_modify_see_the_list_whatever_is_said(
    calendars: Any, organizer: str, service: Service
) -> None:
    guests = [{"email": DANA}, {"email": ADA}]
    insert(calendars, organizer, attendees=guests, guestsCanSeeOtherGuests=False, guestsCanModify=True)  # fmt: skip
    assert len(seen_by(service, "primary", DANA)["attendees"]) == 2


def test_a_colleague_sees_a_guests_copy_as_busy_only(
    calendars: Any, organizer: str, service: Service
) -> None:
    insert(calendars, organizer)
    assert set(seen_by(service, DANA, PRIYA)) == OUTLINE


def test_a_copy_the_guest_removed_keeps_its_details_and_comes_back(
    calendars: Any, organizer: str, service: Service
) -> None:
    insert(calendars, organizer)
    mine = service(DANA).events()
    named = {"calendarId": "primary", "eventId": "event0"}
    removed = mine.patch(**named, body={"status": "cancelled"}).execute()
    assert (removed["status"], removed["summary"]) == ("cancelled", "Technical interview")
    assert reason(mine.patch(**named, body={"summary": "x"}))[:2] == (403, "forbidden")
    assert reason(mine.delete(**named))[:2] == (410, "deleted")
    back = mine.patch(**named, body={"status": "confirmed"}).execute()
    assert (back["status"], back["attendees"][0]["responseStatus"]) == ("confirmed", "needsAction")
    master = calendars.events().get(calendarId=organizer, eventId="event0").execute()
    assert master["attendees"][0]["responseStatus"] == "needsAction"


def test_what_the_organizer_cancelled_shows_guests_its_id_only_and_stays_gone(
    calendars: Any, organizer: str, service: Service
) -> None:
    insert(calendars, organizer)
    calendars.events().delete(calendarId=organizer, eventId="event0").execute()
    mine = service(DANA).events()
    gone = mine.get(calendarId="primary", eventId="event0").execute()
    assert set(gone) == {"kind", "etag", "id", "status"}
    back = mine.patch(calendarId="primary", eventId="event0", body={"status": "confirmed"})
    assert reason(back)[:2] == (403, "forbidden")


def test_a_restored_event_is_on_its_guests_calendars_again(
    calendars: Any, organizer: str, google: Any
) -> None:
    insert(calendars, organizer)
    events = calendars.events()
    events.delete(calendarId=organizer, eventId="event0").execute()
    assert google.calendar_as(DANA) == []
    events.update(calendarId=organizer, eventId="event0", body=meeting(attendees=[{"email": DANA}])).execute()  # fmt: skip
    assert [event["id"] for event in google.calendar_as(DANA)] == ["event0"]


def test_a_guest_may_change_the_conference_only_if_guests_may_modify(
    calendars: Any, organizer: str, service: Service
) -> None:
    made = insert(calendars, organizer, conferenceData=wish())
    mine = service(DANA).events()

    def write(data: Any, version: int = 1) -> Any:
        body = {"conferenceData": data, "colorId": "2"}
        return mine.patch(
            calendarId="primary", eventId="event0", body=body, conferenceDataVersion=version
        )

    assert reason(write(None))[1] == "forbiddenForNonOrganizer"
    assert write(None, 0).execute()["conferenceData"] == made["conferenceData"]
    assert write(made["conferenceData"]).execute()["colorId"] == "2"
    calendars.events().patch(
        calendarId=organizer, eventId="event0", body={"guestsCanModify": True}
    ).execute()
    assert "conferenceData" not in write(None).execute()
