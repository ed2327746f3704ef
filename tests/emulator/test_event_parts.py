"""The parts of an event: guests, reminders, files, properties, source, colour and label, with their limits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.emulator.conftest import (
    ADA,
    AURORA,
    DANA,
    PRIYA,
    SCHEDULING,
    Clock,
    Service,
    meeting,
    reason,
)
from tests.emulator.schemas import document

DRIVE = "https://drive.google.com/file/d/abc_123/view"


def insert(calendars: Any, organizer: str, **changed: Any) -> Any:
    return calendars.events().insert(
        calendarId=organizer, body=meeting(**changed), supportsAttachments=True
    )


def patch(calendars: Any, organizer: str, event: Any, body: dict[str, Any], **more: Any) -> Any:
    return calendars.events().patch(calendarId=organizer, eventId=event["id"], body=body, **more)


def reminders(number: int, minutes: int = 5, method: str = "popup") -> dict[str, Any]:
    overrides = [{"method": method, "minutes": minutes}] * number
    return {"useDefault": False, "overrides": overrides}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"reminders": reminders(6)}, ("invalid", "The maximum number of override reminders is 5.")),
        ({"reminders": reminders(1, -1)}, ("invalid", "Invalid reminder minutes value.")),
        ({"reminders": reminders(1, 5, "pigeon")}, ("invalid", "Invalid reminder method.")),
        ({"reminders": {**reminders(1), "useDefault": True}}, ("cannotUseDefaultRemindersAndSpecifyOverride", "Cannot specify both default reminders and overrides at the same time.")),
        ({"attachments": [{"fileUrl": DRIVE}] * 26}, ("invalid", "There can be at most 25 attachments per event.")),
        ({"attachments": [{"title": "CV"}]}, ("required", "Missing attachment file URL.")),
        ({"attachments": [{"fileUrl": "javascript:alert(1)"}]}, ("invalid", "Invalid attachment file URL.")),
        ({"source": {"title": "Job", "url": "ftp://x.example/"}}, ("invalid", "Invalid source URL.")),
        ({"colorId": "12"}, ("invalid", "Invalid value for: 12 is not a valid value")),
        ({"transparency": "glass"}, ("invalid", "Invalid value for: glass is not a valid value")),
        ({"visibility": "secret"}, ("invalid", "Invalid value for: secret is not a valid value")),
        ({"status": "cancelled"}, ("invalid", "Invalid value for: cancelled is not a valid value")),
        ({"attendees": [{"email": ADA, "responseStatus": "maybe"}]}, ("invalid", "Invalid value for: maybe is not a valid value")),
        ({"attendees": [{"email": ADA, "additionalGuests": -1}]}, ("invalid", "Invalid value for: additionalGuests")),
        ({"extendedProperties": {"shared": {str(n): "v" for n in range(301)}}}, ("invalid", "The extended properties of the event are too large.")),
        ({"extendedProperties": {"private": {str(n): "v" * 1000 for n in range(40)}}}, ("invalid", "The extended properties of the event are too large.")),
    ],
)  # fmt: skip
def test_what_is_over_a_limit_is_refused(
    calendars: Any, organizer: str, changed: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert reason(insert(calendars, organizer, **changed)) == (400, *expected)


def test_the_limits_themselves_are_allowed(calendars: Any, organizer: str) -> None:
    made = insert(
        calendars,
        organizer,
        reminders=reminders(5, 40320),
        attachments=[{"fileUrl": DRIVE}] * 25,
        colorId="11",
        extendedProperties={"shared": {str(n): "v" for n in range(300)}},
    ).execute()
    assert len(made["reminders"]["overrides"]) == 5
    assert len(made["attachments"]) == 25
    assert len(made["extendedProperties"]["shared"]) == 300


def test_sms_reminders_are_ignored(calendars: Any, organizer: str) -> None:
    made = insert(calendars, organizer, reminders=reminders(1, 5, "sms")).execute()
    assert made["reminders"] == {"useDefault": False}


def test_reminders_are_each_persons_own_on_a_shared_calendar(
    calendars: Any, organizer: str, service: Service
) -> None:
    rule = {"role": "writer", "scope": {"type": "user", "value": PRIYA}}
    calendars.acl().insert(calendarId=organizer, body=rule).execute()
    made = insert(calendars, organizer, reminders=reminders(1, 7)).execute()
    mine = service(PRIYA)
    seen = mine.events().get(calendarId=organizer, eventId=made["id"]).execute()
    assert seen["reminders"] == {"useDefault": True}
    patch(mine, organizer, made, {"reminders": reminders(1, 60)}).execute()
    patch(mine, organizer, made, {"summary": "Renamed"}).execute()
    again = calendars.events().get(calendarId=organizer, eventId=made["id"]).execute()
    assert again["reminders"] == reminders(1, 7)
    theirs = mine.events().get(calendarId=organizer, eventId=made["id"]).execute()
    assert theirs["reminders"] == reminders(1, 60)


def test_a_reminder_changes_neither_updated_nor_the_etag_and_a_colour_both(
    calendars: Any, organizer: str, clock: Clock
) -> None:
    made = insert(calendars, organizer).execute()
    clock.advance(timedelta(minutes=1))
    after = patch(calendars, organizer, made, {"reminders": reminders(1)}).execute()
    assert (after["etag"], after["updated"]) == (made["etag"], made["updated"])
    painted = patch(calendars, organizer, made, {"colorId": "4"}).execute()
    assert painted["etag"] != made["etag"]
    assert painted["updated"] > made["updated"]
    assert painted["reminders"] == reminders(1)


def test_an_empty_list_of_attachments_is_no_field(calendars: Any, organizer: str) -> None:
    made = insert(calendars, organizer, attachments=[{"fileUrl": DRIVE}]).execute()
    kept = patch(calendars, organizer, made, {"attachments": []}).execute()
    assert kept["attachments"] == [{"fileUrl": DRIVE, "fileId": "abc_123"}]
    gone = patch(
        calendars, organizer, made, {"attachments": []}, supportsAttachments=True
    ).execute()
    assert "attachments" not in gone
    assert "attachments" not in insert(calendars, organizer, attachments=[]).execute()


def test_an_update_without_support_for_attachments_keeps_them(
    calendars: Any, organizer: str
) -> None:
    made = insert(calendars, organizer, attachments=[{"fileUrl": DRIVE}]).execute()
    events = calendars.events()
    after = events.update(calendarId=organizer, eventId=made["id"], body=meeting()).execute()
    assert after["attachments"] == made["attachments"]
    cleared = events.update(
        calendarId=organizer, eventId=made["id"], body=meeting(), supportsAttachments=True
    ).execute()
    assert "attachments" not in cleared


def test_too_long_a_name_is_dropped_and_too_long_a_value_cut(
    calendars: Any, organizer: str
) -> None:
    given = {"n" * 44: "v" * 1025, "n" * 45: "lost"}
    made = insert(calendars, organizer, extendedProperties={"private": given}).execute()
    assert made["extendedProperties"] == {"private": {"n" * 44: "v" * 1024}}


def test_who_is_a_resource_is_decided_once(calendars: Any, organizer: str) -> None:
    made = insert(
        calendars,
        organizer,
        attendees=[{"email": ADA}, {"email": "hall@x.example", "resource": True}],
    ).execute()
    assert [guest.get("resource", False) for guest in made["attendees"]] == [False, True]
    swapped = [{"email": ADA, "resource": True}, {"email": "hall@x.example"}]
    after = patch(calendars, organizer, made, {"attendees": swapped}).execute()
    assert [guest.get("resource", False) for guest in after["attendees"]] == [False, True]


def test_a_guest_named_twice_comes_once_and_read_only_marks_are_ignored(
    calendars: Any, organizer: str
) -> None:
    twice = [
        {"email": "Ada@Mail.example", "id": "77", "self": True, "organizer": True},
        {"email": ADA, "displayName": "Ada", "additionalGuests": 2, "comment": "Hi"},
    ]
    made = insert(calendars, organizer, attendees=twice).execute()
    assert made["attendees"] == [
        {
            "email": ADA, "displayName": "Ada", "additionalGuests": 2, "comment": "Hi",
            "responseStatus": "needsAction",
        }
    ]  # fmt: skip


def test_only_the_creator_sees_and_changes_the_source(
    calendars: Any, organizer: str, service: Service
) -> None:
    rule = {"role": "writer", "scope": {"type": "user", "value": PRIYA}}
    calendars.acl().insert(calendarId=organizer, body=rule).execute()
    page = {"url": "https://jobs.example/7", "title": "Job 7"}
    made = insert(calendars, organizer, source=page, attendees=[{"email": DANA}]).execute()
    assert made["source"] == page
    mine = service(PRIYA)
    assert "source" not in patch(mine, organizer, made, {"source": None, "summary": "S"}).execute()
    listed = mine.events().list(calendarId=organizer).execute()["items"]
    assert "source" not in listed[0]
    again = calendars.events().get(calendarId=organizer, eventId=made["id"]).execute()
    assert (again["source"], again["summary"]) == (page, "S")
    copy = service(DANA).events().get(calendarId="primary", eventId=made["id"]).execute()
    assert "source" not in copy


def test_labels_need_their_version_and_colours_the_other(calendars: Any, organizer: str) -> None:
    label = {"id": str(uuid4()), "backgroundColor": "#039be5", "name": "Onsite"}
    calendars.calendars().patch(
        calendarId=organizer, body={"labelProperties": {"eventLabels": [label]}}
    ).execute()
    both = {"eventLabelId": label["id"], "colorId": "3"}
    made = insert(calendars, organizer, **both).execute()
    assert ("eventLabelId" in made, made["colorId"]) == (False, "3")
    labelled = patch(calendars, organizer, made, {**both, "colorId": "5"}, eventLabelVersion=1)
    after = labelled.execute()
    assert (after["eventLabelId"], after["colorId"]) == (label["id"], "3")
    kept = calendars.events().update(calendarId=organizer, eventId=made["id"], body=meeting())
    assert kept.execute()["eventLabelId"] == label["id"]
    unknown = patch(calendars, organizer, made, {"eventLabelId": "x"}, eventLabelVersion=1)
    assert reason(unknown) == (400, "invalid", "Invalid event label id.")
    bare = patch(calendars, organizer, made, {"eventLabelId": ""}, eventLabelVersion=1).execute()
    assert "eventLabelId" not in bare
    beyond = patch(calendars, organizer, made, {}, eventLabelVersion=2)
    assert reason(beyond)[:2] == (400, "invalidParameter")


def test_every_flag_of_the_reference_is_kept_and_its_default_left_out(
    calendars: Any, organizer: str
) -> None:
    flags = {
        "anyoneCanAddSelf": True, "guestsCanInviteOthers": False, "guestsCanModify": True,
        "guestsCanSeeOtherGuests": False, "endTimeUnspecified": True, "privateCopy": True,
    }  # fmt: skip
    made = insert(calendars, organizer, **flags).execute()
    assert {name: made[name] for name in flags} == flags
    opposite = {name: not value for name, value in flags.items()}
    after = patch(calendars, organizer, made, opposite).execute()
    # "privateCopy … Immutable."
    assert {name for name in flags if name in after} == {"privateCopy"}


READ_ONLY = {
    "created": "2001-01-01T00:00:00Z", "creator": {"email": ADA},
    "hangoutLink": "https://meet.example/aaa", "htmlLink": "https://x.example/", "locked": True,
    "organizer": {"email": ADA}, "updated": "2001-01-01T00:00:00Z",
}  # fmt: skip


def test_what_the_reference_calls_read_only_is_ignored_in_a_write(
    calendars: Any, organizer: str
) -> None:
    fields = document("calendar")["schemas"]["Event"]["properties"]
    said = {name for name, each in fields.items() if "read-only" in each.get("description", "").lower()}  # fmt: skip
    assert said == set(READ_ONLY)
    plain = insert(calendars, organizer).execute()
    body = meeting() | READ_ONLY
    made = calendars.events().insert(calendarId=organizer, body=body).execute()
    changed = patch(calendars, organizer, made, READ_ONLY).execute()
    for event in (made, changed):
        assert event.keys() == plain.keys()
        assert {name for name in READ_ONLY if name in event and event[name] == READ_ONLY[name]} == set()  # fmt: skip


def test_a_private_copy_reaches_nobody(calendars: Any, organizer: str, google: Any) -> None:
    insert(calendars, organizer, privateCopy=True, attendees=[{"email": DANA}]).execute()
    assert google.calendar_as(DANA) == []


def test_attendees_omitted_updates_the_own_answer_only(service: Service) -> None:
    events = service(DANA).events()
    guests = [{"email": DANA}, {"email": ADA, "responseStatus": "accepted"}]
    made = events.insert(calendarId="primary", body=meeting(attendees=guests)).execute()
    assert [guest["responseStatus"] for guest in made["attendees"]] == ["accepted", "accepted"]
    said = {"attendeesOmitted": True, "attendees": [{"email": DANA, "responseStatus": "declined"}]}
    for write, body in ((events.patch, said), (events.update, meeting(**said))):
        after = write(calendarId="primary", eventId=made["id"], body=body).execute()
        assert [guest["responseStatus"] for guest in after["attendees"]] == ["declined", "accepted"]
        assert "attendeesOmitted" not in after


def test_more_guests_than_asked_for_leave_the_participant_only(
    calendars: Any, organizer: str, service: Service
) -> None:
    guests = [{"email": ADA}, {"email": DANA}, {"email": AURORA}]
    made = insert(calendars, organizer, attendees=guests).execute()
    mine = service(DANA).events().get(calendarId="primary", eventId=made["id"], maxAttendees=2)
    seen = mine.execute()
    assert [guest["email"] for guest in seen["attendees"]] == [DANA]
    assert seen["attendeesOmitted"] is True
    own = calendars.events().get(calendarId=organizer, eventId=made["id"], maxAttendees=2).execute()
    assert ("attendees" in own, own["attendeesOmitted"]) == (False, True)
    whole = calendars.events().get(calendarId=organizer, eventId=made["id"], maxAttendees=3)
    assert "attendeesOmitted" not in whole.execute()


def test_answers_do_not_travel_among_more_than_200_guests(
    calendars: Any, organizer: str, service: Service
) -> None:
    crowd = [{"email": f"g{n}@x.example", "responseStatus": "accepted"} for n in range(200)]
    made = insert(calendars, organizer, attendees=[{"email": DANA}, *crowd]).execute()
    assert made["attendees"][1]["responseStatus"] == "accepted"
    copy = service(DANA).events().get(calendarId="primary", eventId=made["id"]).execute()
    assert {guest["responseStatus"] for guest in copy["attendees"]} == {"needsAction"}


def test_an_ical_uid_in_use_is_refused(calendars: Any, organizer: str) -> None:
    made = insert(calendars, organizer, iCalUID="meeting-1@x.example").execute()
    assert made["iCalUID"] == "meeting-1@x.example"
    again = insert(calendars, organizer, iCalUID="meeting-1@x.example")
    assert reason(again)[:2] == (409, "duplicate")


def test_if_match_takes_a_list_and_a_star(calendars: Any, organizer: str) -> None:
    made = insert(calendars, organizer).execute()
    one = patch(calendars, organizer, made, {"summary": "One"})
    one.headers["If-Match"] = f'"other", {made["etag"]}'
    assert one.execute()["summary"] == "One"
    two = patch(calendars, organizer, made, {"summary": "Two"})
    two.headers["If-Match"] = "*"
    assert two.execute()["summary"] == "Two"
    stale = calendars.events().delete(calendarId=organizer, eventId=made["id"])
    stale.headers["If-Match"] = made["etag"]
    assert reason(stale)[:2] == (412, "conditionNotMet")


def test_the_creator_is_who_wrote_and_the_organizer_whose_calendar_it_is(
    calendars: Any, organizer: str, service: Service
) -> None:
    rule = {"role": "writer", "scope": {"type": "user", "value": PRIYA}}
    calendars.acl().insert(calendarId=organizer, body=rule).execute()
    made = insert(service(PRIYA), organizer).execute()
    assert made["creator"] == {"email": PRIYA, "displayName": "Priya Raman"}
    forged = {"creator": {"email": ADA}, "organizer": {"email": ADA}, "iCalUID": "x"}
    after = patch(calendars, organizer, made, forged).execute()
    names = ("creator", "organizer", "iCalUID")
    assert [after[name] for name in names] == [made[name] for name in names]
    own = service(SCHEDULING).events().insert(calendarId="primary", body=meeting()).execute()
    assert own["creator"]["self"] is own["organizer"]["self"] is True
