"""Guests: their copies, what they see, their answers, and rooms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from scheduler.emulator.server import Emulator
from tests.emulator.conftest import (
    ADA,
    AURORA,
    DANA,
    FEMI,
    STRANGER,
    Clock,
    Service,
    check_schema,
    meeting,
    reason,
    wish,
)


def invite(calendars: Any, organizer: str, event_id: str = "shared", **changed: Any) -> Any:
    body = meeting(id=event_id, **{"attendees": [{"email": DANA}, {"email": ADA}], **changed})
    return calendars.events().insert(
        calendarId=organizer, body=body, sendUpdates="none", conferenceDataVersion=1, supportsAttachments=True
    ).execute()  # fmt: skip


def change(calendars: Any, organizer: str, body: dict[str, Any], event_id: str = "shared") -> Any:
    return (
        calendars.events()
        .patch(calendarId=organizer, eventId=event_id, body=body, sendUpdates="none")
        .execute()
    )


def test_a_guest_finds_a_copy_with_the_same_id(
    calendars: Any, organizer: str, google: Emulator
) -> None:
    made = invite(
        calendars,
        organizer,
        conferenceData=wish(),
        attachments=[{"fileUrl": "https://drive.google.com/file/d/x/view", "title": "CV"}],
        extendedProperties={"private": {"secret": "1"}, "shared": {"open": "2"}},
        reminders={"useDefault": False, "overrides": []},
    )
    (copy,) = google.calendar_as(ADA)
    check_schema(copy, "Event")
    assert (copy["id"], copy["iCalUID"]) == (made["id"], made["iCalUID"])
    assert copy["organizer"] == {"email": organizer, "displayName": "Acme Interviews"}
    assert copy["creator"] == made["creator"]
    assert copy["hangoutLink"] == made["hangoutLink"]
    assert copy["attachments"] == made["attachments"]
    assert copy["extendedProperties"] == {"shared": {"open": "2"}}
    assert copy["reminders"] == {"useDefault": True}
    assert [(g["email"], g.get("self", False)) for g in copy["attendees"]] == [
        (DANA, False),
        (ADA, True),
    ]


def test_a_hidden_guest_list_shows_a_guest_only_themselves(
    calendars: Any, organizer: str, google: Emulator
) -> None:
    invite(calendars, organizer, guestsCanSeeOtherGuests=False)
    for person in (ADA, DANA):
        (copy,) = google.calendar_as(person)
        assert [guest["email"] for guest in copy["attendees"]] == [person]
    assert len(google.calendar_as(organizer)[0]["attendees"]) == 2


def test_private_properties_alone_do_not_travel(
    calendars: Any, organizer: str, google: Emulator
) -> None:
    invite(calendars, organizer, extendedProperties={"private": {"call": "1"}})
    assert "extendedProperties" not in google.calendar_as(ADA)[0]


def test_an_answer_on_the_copy_reaches_everybody(
    calendars: Any, organizer: str, service: Service, google: Emulator
) -> None:
    made = invite(calendars, organizer)
    body = {
        "attendeesOmitted": True,
        "attendees": [{"email": ADA, "responseStatus": "accepted", "comment": "Gladly"}],
    }
    mine = service(ADA).events().patch(calendarId="primary", eventId="shared", body=body).execute()
    assert own(mine)["responseStatus"] == "accepted"
    master = calendars.events().get(calendarId=organizer, eventId="shared").execute()
    assert master["etag"] != made["etag"]
    assert [g["responseStatus"] for g in master["attendees"]] == ["needsAction", "accepted"]
    seen = {g["email"]: g for g in google.calendar_as(DANA)[0]["attendees"]}
    assert seen[ADA]["comment"] == "Gladly"


def test_an_answer_may_come_with_the_full_list(
    calendars: Any, organizer: str, service: Service
) -> None:
    invite(calendars, organizer)
    guests = [{"email": DANA}, {"email": ADA, "responseStatus": "declined"}]
    service(ADA).events().patch(
        calendarId="primary", eventId="shared", body={"attendees": guests}
    ).execute()
    master = calendars.events().get(calendarId=organizer, eventId="shared").execute()
    assert [g["responseStatus"] for g in master["attendees"]] == ["needsAction", "declined"]


def test_a_guest_may_not_change_what_all_share(
    calendars: Any, organizer: str, service: Service
) -> None:
    invite(calendars, organizer)
    mine = service(ADA).events()
    refused = (
        403,
        "forbiddenForNonOrganizer",
        "Shared properties can only be changed by the organizer of the event.",
    )
    for body in (
        {"summary": "Mine now"},
        {"extendedProperties": {"shared": {"x": "y"}}},
        {"attendees": [{"email": ADA}]},
        {"start": {"dateTime": "2026-11-24T09:00:00+01:00"}},
    ):
        assert reason(mine.patch(calendarId="primary", eventId="shared", body=body)) == refused


def test_a_guest_may_modify_or_invite_when_allowed(
    calendars: Any, organizer: str, service: Service, google: Emulator
) -> None:
    invite(calendars, organizer, guestsCanModify=True)
    mine = service(ADA).events()
    mine.patch(calendarId="primary", eventId="shared", body={"summary": "Better"}).execute()
    assert google.calendar_as(DANA)[0]["summary"] == "Better"
    invite(calendars, organizer, event_id="inviting")
    guests = [{"email": ADA}, {"email": DANA}, {"email": FEMI}]
    mine.patch(calendarId="primary", eventId="inviting", body={"attendees": guests}).execute()
    assert [event["id"] for event in google.calendar_as(FEMI)] == ["inviting"]
    invite(calendars, organizer, event_id="closed", guestsCanInviteOthers=False)
    call = mine.patch(calendarId="primary", eventId="closed", body={"attendees": guests})
    assert reason(call)[1] == "forbiddenForNonOrganizer"


def test_what_is_personal_stays_on_the_copy(
    calendars: Any, organizer: str, service: Service, google: Emulator
) -> None:
    invite(calendars, organizer)
    body = {
        "colorId": "3",
        "transparency": "transparent",
        "reminders": {"useDefault": False},
        "extendedProperties": {"private": {"mine": "1"}},
    }
    service(ADA).events().patch(calendarId="primary", eventId="shared", body=body).execute()
    change(calendars, organizer, {"summary": "New title"})
    (copy,) = google.calendar_as(ADA)
    assert (copy["summary"], copy["colorId"], copy["transparency"]) == (
        "New title",
        "3",
        "transparent",
    )
    assert copy["extendedProperties"] == {"private": {"mine": "1"}}
    master = google.calendar_as(organizer)[0]
    assert "colorId" not in master
    assert "extendedProperties" not in master


def test_a_new_time_asks_everybody_again(calendars: Any, organizer: str, google: Emulator) -> None:
    invite(calendars, organizer)
    google.rsvp(ADA, "shared", "accepted")
    change(
        calendars,
        organizer,
        {"summary": "Still accepted", "attendees": google.calendar_as(organizer)[0]["attendees"]},
    )
    assert own(google.calendar_as(ADA)[0])["responseStatus"] == "accepted"
    change(calendars, organizer, {"end": {"dateTime": "2026-11-24T11:00:00+01:00"}})
    assert own(google.calendar_as(ADA)[0])["responseStatus"] == "needsAction"


def test_a_removed_guest_loses_the_copy_and_others_keep_their_etag(
    calendars: Any, organizer: str, service: Service, google: Emulator, clock: Clock
) -> None:
    invite(calendars, organizer, guestsCanSeeOtherGuests=False)
    before = google.calendar_as(DANA)[0]["etag"]
    clock.advance(timedelta(minutes=1))
    change(calendars, organizer, {"attendees": [{"email": DANA}]})
    assert google.calendar_as(ADA) == []
    gone = service(ADA).events().get(calendarId="primary", eventId="shared").execute()
    assert set(gone) == {"kind", "etag", "id", "status"}
    assert google.calendar_as(DANA)[0]["etag"] == before


def test_deleting_cancels_every_copy(calendars: Any, organizer: str, google: Emulator) -> None:
    invite(calendars, organizer)
    calendars.events().delete(calendarId=organizer, eventId="shared", sendUpdates="none").execute()
    assert google.calendar_as(ADA) == google.calendar_as(DANA) == []


def test_a_guest_who_deletes_the_copy_declines(
    calendars: Any, organizer: str, service: Service, google: Emulator
) -> None:
    invite(calendars, organizer)
    service(ADA).events().delete(calendarId="primary", eventId="shared").execute()
    assert google.calendar_as(ADA) == []
    assert google.calendar_as(organizer)[0]["attendees"][1]["responseStatus"] == "declined"
    change(calendars, organizer, {"summary": "Renamed"})
    assert google.calendar_as(ADA) == []


def test_a_room_answers_by_itself(calendars: Any, organizer: str) -> None:
    first = invite(calendars, organizer, "first", attendees=[{"email": AURORA}])
    second = invite(calendars, organizer, "second", attendees=[{"email": AURORA}])
    assert first["attendees"] == [{"email": AURORA, "resource": True, "responseStatus": "accepted"}]
    assert second["attendees"][0]["responseStatus"] == "declined"
    later = {
        "start": {"dateTime": "2026-11-24T12:00:00+01:00"},
        "end": {"dateTime": "2026-11-24T13:00:00+01:00"},
    }
    assert (
        change(calendars, organizer, later, "second")["attendees"][0]["responseStatus"]
        == "accepted"
    )


def test_focus_time_declines_by_itself_when_it_says_so(
    calendars: Any, organizer: str, service: Service
) -> None:
    body = meeting(
        eventType="focusTime",
        focusTimeProperties={"autoDeclineMode": "declineAllConflictingInvitations"},
    )
    service(DANA).events().insert(calendarId="primary", body=body).execute()
    assert invite(calendars, organizer)["attendees"][0]["responseStatus"] == "declined"


def test_a_service_account_without_a_subject_invites_nobody(google: Emulator, http: Any) -> None:
    from scheduler.emulator import accounts, tokens
    from scheduler.emulator.company import Account

    robot = "robot@project.iam.gserviceaccount.com"
    accounts.add_account(
        google.world, Account(email=robot, name="Robot", kind="scheduling", zone="UTC")
    )
    scopes = {"https://www.googleapis.com/auth/calendar"}
    token = tokens.issue_access_token(google.world, robot, scopes, bare=True)
    answer = http.post(
        "/calendar/v3/calendars/primary/events",
        json=meeting(attendees=[{"email": STRANGER}]),
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 403
    assert answer.json["error"]["errors"][0]["reason"] == "forbiddenForServiceAccounts"
    asked = http.post(
        "/calendar/v3/calendars/primary/events?conferenceDataVersion=1",
        json=meeting(conferenceData=wish()),
        headers={"Authorization": f"Bearer {token}"},
    )
    assert asked.json["error"]["message"] == "Invalid conference type value."


@pytest.mark.parametrize("most", [1, 2])
def test_max_attendees_omits_the_others(
    calendars: Any, organizer: str, service: Service, most: int
) -> None:
    invite(calendars, organizer)
    seen = (
        service(ADA)
        .events()
        .get(calendarId="primary", eventId="shared", maxAttendees=most)
        .execute()
    )
    assert len(seen["attendees"]) == most
    assert seen.get("attendeesOmitted", False) is (most == 1)
    assert own(seen)["email"] == ADA


def own(event: dict[str, Any]) -> dict[str, Any]:
    return next(guest for guest in event["attendees"] if guest.get("self"))
