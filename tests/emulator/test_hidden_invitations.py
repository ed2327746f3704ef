"""Invitations that somebody hides until they have answered: `hideInvitations`, `showHiddenInvitations`."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.emulator.server import Emulator
from tests.emulator.conftest import DANA, Service, meeting, reason


@pytest.fixture
def dana(service: Service, google: Emulator) -> Any:
    google.set_user_setting(DANA, "hideInvitations", "true")
    return service(DANA).events()


def ids(page: dict[str, Any]) -> list[str]:
    return [event["id"] for event in page["items"]]


def invite(calendars: Any, event_id: str, **changed: Any) -> None:
    body = meeting(id=event_id, attendees=[{"email": DANA}], **changed)
    calendars.events().insert(calendarId="primary", body=body).execute()


def test_an_invitation_is_hidden_until_it_is_answered(
    calendars: Any, dana: Any, google: Emulator
) -> None:
    invite(calendars, "hidden")
    dana.insert(calendarId="primary", body=meeting(id="plain0")).execute()
    assert ids(dana.list(calendarId="primary").execute()) == ["plain0"]
    shown = dana.list(calendarId="primary", showHiddenInvitations=True).execute()
    assert sorted(ids(shown)) == ["hidden", "plain0"]
    assert dana.get(calendarId="primary", eventId="hidden").execute()["status"] == "confirmed"
    google.rsvp(DANA, "hidden", "tentative")
    assert sorted(ids(dana.list(calendarId="primary").execute())) == ["hidden", "plain0"]


def test_the_instances_of_a_series_are_hidden_with_it(calendars: Any, dana: Any) -> None:
    invite(calendars, "series0", recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    asked = {"calendarId": "primary", "singleEvents": True}
    assert ids(dana.list(**asked).execute()) == []
    assert len(ids(dana.list(**asked, showHiddenInvitations=True).execute())) == 3
    assert len(ids(dana.instances(calendarId="primary", eventId="series0").execute())) == 3


def test_the_organizer_sees_what_a_guest_hides(calendars: Any, dana: Any) -> None:
    invite(calendars, "hidden")
    assert ids(dana.list(calendarId="primary").execute()) == []
    assert ids(calendars.events().list(calendarId="primary").execute()) == ["hidden"]


def test_who_follows_sync_tokens_ends_with_what_a_list_holds(
    calendars: Any, dana: Any, google: Emulator
) -> None:
    token = dana.list(calendarId="primary").execute()["nextSyncToken"]
    invite(calendars, "hidden")
    page = dana.list(calendarId="primary", syncToken=token).execute()
    assert [(event["id"], event["status"]) for event in page["items"]] == [("hidden", "cancelled")]
    google.rsvp(DANA, "hidden", "accepted")
    page = dana.list(calendarId="primary", syncToken=page["nextSyncToken"]).execute()
    assert [(event["id"], event["status"]) for event in page["items"]] == [("hidden", "confirmed")]
    later = {
        "start": {"dateTime": "2026-11-25T10:00:00+01:00"},
        "end": {"dateTime": "2026-11-25T11:00:00+01:00"},
    }
    calendars.events().patch(calendarId="primary", eventId="hidden", body=later).execute()
    page = dana.list(calendarId="primary", syncToken=page["nextSyncToken"]).execute()
    assert [(event["id"], event["status"]) for event in page["items"]] == [("hidden", "cancelled")]


def test_a_sync_token_ends_when_the_setting_changes(dana: Any, google: Emulator) -> None:
    token = dana.list(calendarId="primary").execute()["nextSyncToken"]
    google.set_user_setting(DANA, "hideInvitations", "false")
    call = dana.list(calendarId="primary", syncToken=token)
    assert reason(call)[:2] == (410, "fullSyncRequired")
