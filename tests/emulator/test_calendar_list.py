"""calendarList: what is on a person's list, how it looks there, and what has changed."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.emulator.server import Emulator
from tests.emulator.conftest import (
    ADA,
    DANA,
    FEMI,
    PRIYA,
    SCHEDULING,
    STRANGER,
    Service,
    reason,
)


def ids(answer: dict[str, Any]) -> list[str]:
    return [entry["id"] for entry in answer["items"]]


@pytest.fixture
def list_of(service: Service) -> Any:
    """Return a function: the calendar list of somebody, through the official client."""
    return lambda who: service(who).calendarList()


def test_the_list_begins_with_the_primary_calendar(
    calendars: Any, organizer: str, list_of: Any
) -> None:
    primary, other = list_of(SCHEDULING).list().execute()["items"]
    assert (primary["id"], primary["primary"], primary["accessRole"]) == (SCHEDULING, True, "owner")
    assert primary["defaultReminders"] == [{"method": "popup", "minutes": 10}]
    kinds = [one["type"] for one in primary["notificationSettings"]["notifications"]]
    assert kinds == ["eventCreation", "eventChange", "eventCancellation", "eventResponse"]
    assert (other["id"], other["dataOwner"], other["selected"]) == (organizer, SCHEDULING, True)
    assert "primary" not in other
    assert other["defaultReminders"] == []
    assert list_of(SCHEDULING).get(calendarId="primary").execute() == primary


def test_a_change_of_the_calendar_is_none_of_the_list(
    calendars: Any, organizer: str, list_of: Any
) -> None:
    api = list_of(SCHEDULING)
    token = api.list().execute()["nextSyncToken"]
    calendars.calendars().patch(calendarId=organizer, body={"summary": "Renamed"}).execute()
    quiet = api.list(syncToken=token).execute()
    assert quiet["items"] == []
    assert api.get(calendarId=organizer).execute()["summary"] == "Renamed"
    api.patch(calendarId=organizer, body={"summaryOverride": "Ours"}).execute()
    told = api.list(syncToken=quiet["nextSyncToken"]).execute()
    assert [entry["summaryOverride"] for entry in told["items"]] == ["Ours"]
    calendars.calendars().delete(calendarId=organizer).execute()
    last = api.list(syncToken=told["nextSyncToken"]).execute()
    assert [(entry["id"], entry["deleted"]) for entry in last["items"]] == [(organizer, True)]
    assert ids(api.list().execute()) == [SCHEDULING]
    assert ids(api.list(showDeleted=True).execute()) == [SCHEDULING, organizer]


def test_pages_follow_each_other_and_the_last_one_syncs(list_of: Any, calendars: Any) -> None:
    api = list_of(SCHEDULING)
    made = [calendars.calendars().insert(body={"summary": f"c{n}"}).execute() for n in range(4)]
    first = api.list(maxResults=2).execute()
    assert "nextSyncToken" not in first
    # What changes while somebody pages is told again by the token of the last page.
    api.patch(calendarId="primary", body={"colorId": "3"}).execute()
    second = api.list(maxResults=2, pageToken=first["nextPageToken"]).execute()
    third = api.list(maxResults=2, pageToken=second["nextPageToken"]).execute()
    every = [*ids(first), *ids(second), *ids(third)]
    assert every == [SCHEDULING, *sorted(one["id"] for one in made)]
    assert ids(api.list(syncToken=third["nextSyncToken"]).execute()) == [SCHEDULING]
    pages = api.list_next(api.list(maxResults=3), api.list(maxResults=3).execute())
    assert len(pages.execute()["items"]) == 2


def test_tokens_are_of_one_person_and_one_epoch(list_of: Any, google: Emulator) -> None:
    api = list_of(DANA)
    token = api.list().execute()["nextSyncToken"]
    gone = (410, "fullSyncRequired", "Sync token is no longer valid, a full sync is required.")
    assert reason(list_of(FEMI).list(syncToken=token)) == gone
    assert reason(api.list(syncToken="CAEQAA")) == gone
    assert reason(api.list(pageToken=token))[:2] == (400, "invalid")
    assert reason(api.list(maxResults=0))[:2] == (400, "invalidParameter")
    google.expire_sync_tokens()
    assert reason(api.list(syncToken=token)) == gone


def test_what_would_leave_something_out_goes_with_no_sync_token(list_of: Any) -> None:
    api = list_of(DANA)
    token = api.list().execute()["nextSyncToken"]
    for filters in (
        {"minAccessRole": "owner"},
        {"showOwnOrganizationOnly": True},
        {"showDeleted": False},
        {"showHidden": False},
    ):
        assert reason(api.list(syncToken=token, **filters))[:2] == (400, "invalid")
    api.list(syncToken=token, showDeleted=True, showHidden=True).execute()


def test_hidden_calendars_are_shown_when_asked_for(organizer: str, list_of: Any) -> None:
    api = list_of(SCHEDULING)
    token = api.list().execute()["nextSyncToken"]
    hidden = api.patch(calendarId=organizer, body={"hidden": True}).execute()
    assert (hidden["hidden"], "selected" in hidden) == (True, False)
    assert ids(api.list().execute()) == [SCHEDULING]
    assert ids(api.list(showHidden=True).execute()) == [SCHEDULING, organizer]
    assert ids(api.list(syncToken=token).execute()) == [organizer]
    assert "hidden" not in api.patch(calendarId=organizer, body={"hidden": False}).execute()


def test_the_list_is_filtered_by_role_and_organization(
    google: Emulator, organizer: str, list_of: Any
) -> None:
    google.grant(ADA, "user", SCHEDULING, "reader")
    api = list_of(SCHEDULING)
    for calendar_id in (ADA, DANA):
        api.insert(body={"id": calendar_id}).execute()
    roles = {entry["id"]: entry["accessRole"] for entry in api.list().execute()["items"]}
    assert roles == {
        SCHEDULING: "owner",
        organizer: "owner",
        ADA: "reader",
        DANA: "freeBusyReader",
    }
    assert set(ids(api.list(minAccessRole="reader").execute())) == {SCHEDULING, organizer, ADA}
    assert set(ids(api.list(minAccessRole="writer").execute())) == {SCHEDULING, organizer}
    inside = api.list(showOwnOrganizationOnly=True).execute()
    assert set(ids(inside)) == {SCHEDULING, organizer, DANA}


def test_a_calendar_is_added_taken_off_and_added_again(list_of: Any, google: Emulator) -> None:
    api = list_of(PRIYA)
    added = api.insert(body={"id": DANA, "summaryOverride": "Dana"}).execute()
    assert (added["summary"], added["summaryOverride"]) == (DANA, "Dana")
    assert (added["accessRole"], "selected" in added) == ("freeBusyReader", False)
    api.delete(calendarId=DANA).execute()
    for call in (api.get(calendarId=DANA), api.delete(calendarId=DANA)):
        assert reason(call)[0] == 404
    assert "summaryOverride" not in api.insert(body={"id": DANA}).execute()
    assert reason(api.insert(body={}))[:2] == (400, "required")
    assert reason(api.insert(body={"id": ADA}))[0] == 404
    assert reason(api.insert(body={"id": STRANGER}))[0] == 404
    assert reason(api.delete(calendarId="primary"))[:2] == (403, "forbidden")


def test_who_loses_access_loses_the_entry(
    google: Emulator, calendars: Any, organizer: str, list_of: Any
) -> None:
    rules = calendars.acl()
    shared = {"scope": {"type": "user", "value": DANA}, "role": "reader"}
    rules.insert(calendarId=organizer, body=shared).execute()
    api = list_of(DANA)
    assert ids(api.list().execute()) == [DANA]
    api.insert(body={"id": organizer}).execute()
    token = api.list().execute()["nextSyncToken"]
    rules.delete(calendarId=organizer, ruleId=f"user:{DANA}").execute()
    told = api.list(syncToken=token).execute()
    assert [(entry["id"], entry["deleted"]) for entry in told["items"]] == [(organizer, True)]
    assert reason(api.get(calendarId=organizer))[0] == 404


def test_colours_go_by_index_or_by_rgb(organizer: str, list_of: Any, calendars: Any) -> None:
    api = list_of(SCHEDULING)
    palette = calendars.colors().get().execute()
    assert (len(palette["calendar"]), len(palette["event"])) == (24, 11)
    by_index = api.patch(calendarId=organizer, body={"colorId": "3"}).execute()
    assert by_index["backgroundColor"] == palette["calendar"]["3"]["background"]
    body = {"backgroundColor": "#0088aa", "foregroundColor": "#ffffff"}
    ignored = api.patch(calendarId=organizer, body=body).execute()
    assert (ignored["colorId"], ignored["backgroundColor"]) == ("3", by_index["backgroundColor"])
    by_rgb = api.patch(calendarId=organizer, body=body, colorRgbFormat=True).execute()
    assert (by_rgb["backgroundColor"], by_rgb["foregroundColor"]) == ("#0088aa", "#ffffff")
    assert by_rgb["colorId"] == "8"
    replaced = api.update(calendarId=organizer, body={"selected": True}).execute()
    assert (replaced["backgroundColor"], replaced["colorId"]) == ("#0088aa", "8")
    for wrong, rgb in (({"colorId": "25"}, False), ({"backgroundColor": "teal"}, True)):
        call = api.patch(calendarId=organizer, body=wrong, colorRgbFormat=rgb)
        assert reason(call)[:2] == (400, "invalid")


def test_reminders_and_notifications_are_checked_and_replaced(
    list_of: Any, service: Service
) -> None:
    api = list_of(DANA)
    mine = {
        "defaultReminders": [
            {"method": "email", "minutes": 60},
            {"method": "popup", "minutes": 0},
        ],
        "notificationSettings": {"notifications": [{"type": "agenda", "method": "email"}]},
    }
    patched = api.patch(calendarId="primary", body=mine).execute()
    assert {name: patched[name] for name in mine} == mine
    bare = api.update(calendarId="primary", body={"selected": True}).execute()
    assert bare["defaultReminders"] == []
    assert "notificationSettings" not in bare
    seen = service(DANA).events().list(calendarId="primary").execute()
    assert seen["defaultReminders"] == []
    api.patch(calendarId="primary", body=mine).execute()
    seen = service(DANA).events().list(calendarId="primary").execute()
    assert seen["defaultReminders"] == mine["defaultReminders"]
    popup = {"method": "popup", "minutes": 1}
    for wrong in (
        {"defaultReminders": [popup] * 6},
        {"defaultReminders": [{"method": "sms", "minutes": 1}]},
        {"defaultReminders": [{"method": "popup", "minutes": 40321}]},
        {"defaultReminders": [{"method": "popup"}]},
        {"notificationSettings": {"notifications": [{"type": "agenda", "method": "sms"}]}},
        {"notificationSettings": {"notifications": [{"type": "lunch", "method": "email"}]}},
        {"hidden": "yes"},
    ):
        assert reason(api.patch(calendarId="primary", body=wrong))[:2] == (400, "invalid")


def test_what_an_app_made_is_all_that_its_scope_reaches(organizer: str, service: Service) -> None:
    api = service(SCHEDULING, "calendar.app.created").calendarList()
    assert api.get(calendarId=organizer).execute()["id"] == organizer
    assert reason(api.get(calendarId="primary"))[:2] == (403, "insufficientPermissions")
    assert reason(api.list())[:2] == (403, "insufficientPermissions")


def test_a_write_may_insist_on_an_etag(list_of: Any) -> None:
    api = list_of(DANA)
    seen = api.get(calendarId="primary").execute()["etag"]
    api.patch(calendarId="primary", body={"colorId": "2"}).execute()
    for call in (
        api.patch(calendarId="primary", body={"colorId": "5"}),
        api.update(calendarId="primary", body={}),
        api.delete(calendarId="primary"),
    ):
        call.headers["If-Match"] = seen
        assert reason(call)[:2] == (412, "conditionNotMet")
    assert api.get(calendarId="primary").execute()["colorId"] == "2"
