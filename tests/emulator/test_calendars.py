"""calendars: made, read, changed, cleared, deleted, and handed to another data owner."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from scheduler.emulator.company import Account
from scheduler.emulator.server import Emulator
from tests.emulator.conftest import (
    ADA,
    AURORA,
    DANA,
    FEMI,
    PRIYA,
    SCHEDULING,
    Service,
    meeting,
    reason,
)

ALEX = "alex@acme.example"
HOURS = [{"dayOfWeek": "tuesday", "periodStart": 600, "periodEnd": 960}]


def guest_copy(google: Emulator, who: str, event_id: str) -> list[dict[str, Any]]:
    return [event for event in google.calendar_as(who) if event["id"] == event_id]


def test_a_secondary_calendar_belongs_to_whoever_makes_it(service: Service) -> None:
    priyas = service(PRIYA).calendars()
    made = priyas.insert(body={"summary": "Panels", "description": "Neutral"}).execute()
    assert made["dataOwner"] == PRIYA
    assert made["timeZone"] == "Europe/Berlin"
    assert made["conferenceProperties"] == {"allowedConferenceSolutionTypes": ["hangoutsMeet"]}
    assert made["id"].endswith("@group.calendar.google.com")
    assert priyas.get(calendarId=made["id"]).execute() == made
    assert reason(service(DANA).calendars().get(calendarId=made["id"])) == (
        404,
        "notFound",
        "Not Found",
    )


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"summary": ""},
        {"summary": "x", "timeZone": "Mars/Olympus"},
        {"summary": 7},
        {"summary": "x", "conferenceProperties": {"allowedConferenceSolutionTypes": ["telepathy"]}},
        {"summary": "x", "labelProperties": {"eventLabels": [{"name": "no colour"}]}},
        {"summary": "x", "labelProperties": {"eventLabels": [{"backgroundColor": "red"}]}},
        {
            "summary": "x",
            "labelProperties": {
                "eventLabels": [{"backgroundColor": "#039be5", "name": "n" * 51}],
            },
        },
        {
            "summary": "x",
            "labelProperties": {"eventLabels": [{"backgroundColor": "#039be5", "id": "mine"}]},
        },
        {
            "summary": "x",
            "labelProperties": {"eventLabels": [{"backgroundColor": "#039be5"}] * 201},
        },
    ],
)
def test_a_calendar_that_cannot_be_is_refused(calendars: Any, body: dict[str, Any]) -> None:
    assert reason(calendars.calendars().insert(body=body))[0] == 400


def test_a_patch_merges_and_an_update_clears_texts(calendars: Any, organizer: str) -> None:
    labels = {"eventLabels": [{"name": "Panel", "backgroundColor": "#039BE5"}]}
    body = {"description": "d", "location": "l", "labelProperties": labels}
    patched = calendars.calendars().patch(calendarId=organizer, body=body).execute()
    (label,) = patched["labelProperties"]["eventLabels"]
    assert (label["name"], label["backgroundColor"], len(label["id"])) == ("Panel", "#039be5", 36)
    again = calendars.calendars().patch(calendarId=organizer, body={"location": None}).execute()
    assert (again["description"], "location" in again) == ("d", False)
    replaced = calendars.calendars().update(calendarId=organizer, body={"summary": "New"}).execute()
    assert "description" not in replaced
    assert replaced["labelProperties"] == patched["labelProperties"]
    assert replaced["timeZone"] == "Europe/Berlin"
    assert reason(calendars.calendars().update(calendarId=organizer, body={"location": "x"})) == (
        400,
        "required",
        "Missing title.",
    )


def test_a_write_may_insist_on_an_etag(calendars: Any, organizer: str) -> None:
    api = calendars.calendars()
    seen = api.get(calendarId=organizer).execute()
    changed = api.patch(calendarId=organizer, body={"summary": "Other"}).execute()
    assert changed["etag"] != seen["etag"]
    for call in (
        api.patch(calendarId=organizer, body={"summary": "Late"}),
        api.update(calendarId=organizer, body={"summary": "Late"}),
        api.delete(calendarId=organizer),
    ):
        call.headers["If-Match"] = seen["etag"]
        assert reason(call) == (412, "conditionNotMet", "Precondition Failed")
    good = api.patch(calendarId=organizer, body={"summary": "In time"})
    good.headers["If-Match"] = changed["etag"]
    assert good.execute()["summary"] == "In time"
    known = api.get(calendarId=organizer)
    known.headers["If-None-Match"] = api.get(calendarId=organizer).execute()["etag"]
    with pytest.raises(Exception, match="304"):
        known.execute()


def test_the_new_name_stands_on_events_and_invitations_as_organizer(
    google: Emulator, calendars: Any, organizer: str
) -> None:
    calendars.events().insert(
        calendarId=organizer, body=meeting(id="renamed", attendees=[{"email": ADA}])
    ).execute()
    before = calendars.events().get(calendarId=organizer, eventId="renamed").execute()
    calendars.calendars().patch(calendarId=organizer, body={"summary": "Acme Talks"}).execute()
    after = calendars.events().get(calendarId=organizer, eventId="renamed").execute()
    assert after["organizer"]["displayName"] == "Acme Talks"
    assert (after["etag"], after["updated"]) == (before["etag"], before["updated"])
    (copy,) = guest_copy(google, ADA, "renamed")
    assert copy["organizer"]["displayName"] == "Acme Talks"


def test_working_hours_belong_to_primary_calendars_of_a_workspace(
    calendars: Any, organizer: str, service: Service
) -> None:
    mine = service(DANA).calendars().get(calendarId="primary").execute()
    assert mine["workingHours"]["workingHoursEnabled"] is True
    assert mine["workingHours"]["availableTimes"][0] == {
        "dayOfWeek": "monday",
        "periodStart": 540,
        "periodEnd": 1020,
    }
    assert "dataOwner" not in mine
    assert "workingHours" not in calendars.calendars().get(calendarId=organizer).execute()
    assert "workingHours" not in service(ADA).calendars().get(calendarId="primary").execute()
    given = {"workingHours": {"workingHoursEnabled": True, "availableTimes": HOURS}}
    for api, calendar_id in ((calendars, organizer), (service(ADA), "primary")):
        assert reason(api.calendars().patch(calendarId=calendar_id, body=given))[0] == 400


def test_who_sees_the_working_hours_of_another_is_a_switch(
    calendars: Any, google: Emulator
) -> None:
    def sees(role: str) -> bool:
        google.grant(DANA, "user", SCHEDULING, role)
        return "workingHours" in calendars.calendars().get(calendarId=DANA).execute()

    roles = ("freeBusyReader", "reader", "owner")
    for least, seen in (
        ("reader", [False, True, True]),
        ("freeBusyReader", [True, True, True]),
        ("owner", [False, False, True]),
    ):
        google.set_switches(working_hours_role=least)
        assert [sees(role) for role in roles] == seen


def test_working_hours_are_replaced_whole_disabled_and_left_alone(service: Service) -> None:
    api = service(DANA).calendars()

    def write(hours: Any) -> Any:
        return api.patch(calendarId="primary", body={"workingHours": hours}).execute()[
            "workingHours"
        ]

    chosen = {"workingHoursEnabled": True, "availableTimes": HOURS}
    assert write(chosen) == chosen
    assert write(None) == chosen
    assert write({}) == chosen
    assert write({"workingHoursEnabled": False}) == {
        "workingHoursEnabled": False,
        "availableTimes": [],
    }
    for wrong in (
        {"workingHoursEnabled": True},
        {"workingHoursEnabled": True, "availableTimes": []},
        {"availableTimes": [{**HOURS[0], "dayOfWeek": "someday"}]},
        {"availableTimes": [{**HOURS[0], "periodEnd": 600}]},
        {"availableTimes": [{**HOURS[0], "periodEnd": 1441}]},
        {"availableTimes": [{**HOURS[0], "periodStart": -1}]},
        {"availableTimes": [{"dayOfWeek": "monday", "periodStart": 60}]},
        {"availableTimes": "always"},
    ):
        assert reason(api.patch(calendarId="primary", body={"workingHours": wrong}))[0] == 400


def test_a_room_says_that_it_answers_by_itself(service: Service) -> None:
    api = service(DANA).calendars()
    assert api.get(calendarId=AURORA).execute()["autoAcceptInvitations"] is True
    assert "autoAcceptInvitations" not in api.get(calendarId="primary").execute()


def test_a_deleted_calendar_takes_its_events_and_their_copies_along(
    google: Emulator, calendars: Any, organizer: str
) -> None:
    calendars.events().insert(
        calendarId=organizer, body=meeting(id="doomed", attendees=[{"email": ADA}])
    ).execute()
    assert guest_copy(google, ADA, "doomed")
    calendars.calendars().delete(calendarId=organizer).execute()
    assert guest_copy(google, ADA, "doomed") == []
    for call in (
        calendars.calendars().get(calendarId=organizer),
        calendars.calendars().delete(calendarId=organizer),
        calendars.calendarList().get(calendarId=organizer),
        calendars.events().list(calendarId=organizer),
        calendars.events().get(calendarId=organizer, eventId="doomed"),
        calendars.events().insert(calendarId=organizer, body=meeting()),
        calendars.acl().list(calendarId=organizer),
    ):
        assert reason(call)[:2] == (404, "notFound")
    assert google.outbox() == []


def test_a_primary_calendar_is_cleared_not_deleted(
    google: Emulator, calendars: Any, organizer: str, service: Service
) -> None:
    danas = service(DANA)
    danas.events().insert(
        calendarId="primary", body=meeting(id="danas", attendees=[{"email": FEMI}])
    ).execute()
    calendars.events().insert(
        calendarId=organizer, body=meeting(id="theirs", attendees=[{"email": DANA}])
    ).execute()
    assert reason(danas.calendars().delete(calendarId="primary")) == (
        403,
        "cannotDeletePrimaryCalendar",
        "Cannot delete primary calendar.",
    )
    danas.calendars().clear(calendarId="primary").execute()
    assert google.calendar_as(DANA) == []
    assert guest_copy(google, FEMI, "danas") == []
    (kept,) = google.calendar_as(organizer)
    assert kept["attendees"][0]["responseStatus"] == "declined"
    assert reason(calendars.calendars().clear(calendarId=organizer))[:2] == (400, "invalid")
    assert reason(service(PRIYA).calendars().clear(calendarId=DANA))[:2] == (
        403,
        "requiredAccessLevel",
    )


def test_only_owners_delete_and_only_writers_change(
    calendars: Any, organizer: str, google: Emulator, service: Service
) -> None:
    theirs = service(DANA).calendars()
    for role, may_change, may_delete in (
        ("freeBusyReader", False, False),
        ("reader", False, False),
        ("writerWithoutPrivateAccess", False, False),
        ("writer", True, False),
        ("owner", True, True),
    ):
        google.grant(organizer, "user", DANA, role)
        assert theirs.get(calendarId=organizer).execute()["id"] == organizer
        change = theirs.patch(calendarId=organizer, body={"description": role})
        delete = theirs.delete(calendarId=organizer)
        for call, may in ((change, may_change), (delete, may_delete)):
            if may:
                call.execute()
            else:
                assert reason(call)[:2] == (403, "requiredAccessLevel")


def test_an_admin_hands_a_calendar_to_another_data_owner(
    google: Emulator, calendars: Any, organizer: str, service: Service
) -> None:
    google.add_account(
        Account(email=ALEX, name="Alex", kind="admin", zone="UTC", hd="acme.example")
    )
    api = service(ALEX).calendars()

    def transfer(to: str, *, calendar: str = organizer, admin: bool = True) -> Any:
        return api.transferOwnership(calendarId=calendar, newDataOwner=to, useAdminAccess=admin)

    by_owner = calendars.calendars().transferOwnership(
        calendarId=organizer, newDataOwner=PRIYA, useAdminAccess=True
    )
    assert reason(by_owner)[:2] == (403, "forbidden")
    assert reason(transfer(PRIYA, admin=False))[:2] == (400, "invalid")
    assert reason(transfer(ADA))[:2] == (400, "invalid")
    assert reason(transfer(AURORA))[:2] == (400, "invalid")
    assert reason(transfer(PRIYA, calendar=DANA))[:2] == (400, "invalid")
    assert reason(transfer(PRIYA, calendar="c_none@group.calendar.google.com"))[0] == 404
    transfer(PRIYA).execute()
    seen = service(PRIYA).calendarList().get(calendarId=organizer).execute()
    assert (seen["dataOwner"], seen["accessRole"]) == (PRIYA, "owner")
    assert calendars.calendars().get(calendarId=organizer).execute()["dataOwner"] == PRIYA


def test_secondary_calendars_go_with_their_data_owner(
    google: Emulator, service: Service, calendars: Any, organizer: str, http: FlaskClient
) -> None:
    made = service(PRIYA).calendars().insert(body={"summary": "Priya's"}).execute()["id"]
    google.grant(made, "user", SCHEDULING, "owner")
    calendars.events().insert(
        calendarId=made, body=meeting(id="orphan", attendees=[{"email": ADA}])
    ).execute()
    priyas = service(PRIYA)
    priyas.events().insert(calendarId="primary", body=meeting()).execute()
    assert http.delete(f"/_emulator/accounts/{PRIYA}").status_code == 200
    assert reason(priyas.calendars().get(calendarId="primary"))[:2] == (401, "authError")
    assert reason(calendars.calendars().get(calendarId=made))[0] == 404
    assert reason(calendars.calendars().get(calendarId=PRIYA))[0] == 404
    assert guest_copy(google, ADA, "orphan") == []
    google.add_account(
        Account(email=PRIYA, name="Priya", kind="recruiter", zone="UTC", hd="acme.example")
    )
    assert google.calendar_as(PRIYA) == []
    assert calendars.calendars().get(calendarId=organizer).execute()["dataOwner"] == SCHEDULING


def test_narrow_scopes_reach_the_calendars_they_name(
    google: Emulator, calendars: Any, organizer: str, service: Service
) -> None:
    app_only = service(SCHEDULING, "calendar.app.created").events()
    app_only.list(calendarId=organizer).execute()
    assert reason(app_only.list(calendarId="primary"))[:2] == (403, "insufficientPermissions")
    owned = service(SCHEDULING, "calendar.events.owned").events()
    owned.list(calendarId="primary").execute()
    google.grant(DANA, "user", SCHEDULING, "writer")
    assert reason(owned.list(calendarId=DANA))[:2] == (403, "insufficientPermissions")
    public = service(SCHEDULING, "calendar.events.public.readonly").events()
    assert reason(public.list(calendarId=organizer))[:2] == (403, "insufficientPermissions")
    google.grant(organizer, "default", "", "reader")
    public.list(calendarId=organizer).execute()
