"""Calendars, calendar lists, sharing, settings and colors, as both official clients see them."""

from __future__ import annotations

import pytest

from scheduler.emulator.server import Emulator
from tests.emulator.conftest import ADA, DANA, FEMI, PRIYA, SCHEDULING, STRANGER, meeting
from tests.fidelity.clients import Official, Refusal, SignedIn
from tests.fidelity.quotes import fidelity


@pytest.fixture
def me(official: SignedIn) -> Official:
    return official(SCHEDULING)


def made(me: Official, **body: object) -> str:
    return str(me("calendars.insert", body={"summary": "Acme Interviews", **body})["id"])


@fidelity("calendar.calendars.insert", "Creates a secondary calendar.")
@fidelity("Calendar.dataOwner", "Set only for secondary calendars.")
def test_a_secondary_calendar_belongs_to_its_maker(me: Official) -> None:
    calendar = me("calendars.insert", body={"summary": "Panel", "timeZone": "Europe/Paris"})
    assert calendar["dataOwner"] == SCHEDULING
    assert calendar["id"].endswith("@group.calendar.google.com")
    assert (calendar["summary"], calendar["timeZone"]) == ("Panel", "Europe/Paris")
    assert "dataOwner" not in me("calendars.get", calendarId="primary")


@fidelity(
    "calendar.calendars.get.calendarId",
    'If you want to access the primary calendar of the currently logged in user, use the "primary" keyword.',
)
def test_primary_is_a_keyword(me: Official) -> None:
    assert me("calendars.get", calendarId="primary")["id"] == SCHEDULING
    assert me("calendars.get", calendarId=SCHEDULING)["id"] == SCHEDULING


@fidelity("calendar.calendars.patch", "This method supports patch semantics.")
def test_a_patched_calendar_keeps_what_was_not_named(me: Official) -> None:
    calendar = made(me, description="For candidates")
    before = me("calendars.get", calendarId=calendar)
    after = me("calendars.patch", calendarId=calendar, body={"summary": "Talks"})
    assert (after["summary"], after["description"]) == ("Talks", "For candidates")
    assert after["etag"] != before["etag"]


@fidelity("calendar.calendars.update", "Updates metadata for a calendar.")
def test_an_updated_calendar_is_what_was_sent(me: Official) -> None:
    calendar = made(me, description="For candidates")
    after = me("calendars.update", calendarId=calendar, body={"summary": "Talks"})
    assert after["summary"] == "Talks"
    assert not after.get("description")


@fidelity("calendar.calendars.delete", "Deletes a secondary calendar.")
def test_a_deleted_calendar_is_not_there(me: Official) -> None:
    calendar = made(me)
    assert me.ask("calendars.delete", calendarId=calendar).status == 204
    with pytest.raises(Refusal) as refused:
        me("events.list", calendarId=calendar)
    assert (refused.value.status, refused.value.reason) == (404, "notFound")


@fidelity(
    "ConferenceProperties.allowedConferenceSolutionTypes",
    "The types of conference solutions that are supported for this calendar.",
)
def test_a_calendar_tells_which_conferences_it_can_have(me: Official) -> None:
    calendar = me("calendars.get", calendarId=made(me))
    assert calendar["conferenceProperties"]["allowedConferenceSolutionTypes"] == ["hangoutsMeet"]


@fidelity(
    "Calendar.workingHours", "Only available for primary calendars of Google Workspace users."
)
def test_working_hours_are_a_primary_calendar_s(official: SignedIn) -> None:
    dana = official(DANA)
    hours = {
        "workingHoursEnabled": True,
        "availableTimes": [{"dayOfWeek": "monday", "periodStart": 540, "periodEnd": 1020}],
    }
    kept = dana("calendars.patch", calendarId="primary", body={"workingHours": hours})
    assert kept["workingHours"] == hours
    assert "workingHours" not in dana("calendars.get", calendarId=made(dana))


# -- the calendar list


@fidelity("calendar.calendarList.list", "Returns the calendars on the user's calendar list.")
@fidelity("CalendarListEntry.primary", "the primary calendar of the authenticated user")
def test_the_list_has_the_own_calendars(me: Official) -> None:
    calendar = made(me)
    entries = {each["id"]: each for each in me("calendarList.list")["items"]}
    assert entries[SCHEDULING]["primary"] is True
    assert "primary" not in entries[calendar]
    assert entries[calendar]["accessRole"] == "owner"


@fidelity(
    "CalendarList.nextSyncToken",
    "Token used at a later point in time to retrieve only the entries that have changed since this result was returned.",
)
def test_a_list_s_token_leads_to_its_changes_only(me: Official) -> None:
    made(me)
    token = me("calendarList.list")["nextSyncToken"]
    assert me("calendarList.list", syncToken=token)["items"] == []
    later = made(me, summary="Later")
    changed = me("calendarList.list", syncToken=token)["items"]
    assert [each["id"] for each in changed] == [later]


@fidelity(
    "CalendarList.nextSyncToken",
    "Omitted if further results are available, in which case nextPageToken is provided.",
)
def test_a_list_comes_in_pages(me: Official) -> None:
    wanted = {made(me, summary=f"Calendar {number}") for number in range(3)} | {SCHEDULING}
    pages = me.pages("calendarList.list", maxResults=2)
    assert {each["id"] for page in pages for each in page["items"]} == wanted
    assert ["nextSyncToken" in page for page in pages] == [False, True]


@fidelity(
    "CalendarListEntry.summaryOverride",
    "The summary that the authenticated user has set for this calendar.",
)
def test_a_name_of_one_s_own(me: Official) -> None:
    calendar = made(me)
    entry = me("calendarList.patch", calendarId=calendar, body={"summaryOverride": "Mine"})
    assert (entry["summary"], entry["summaryOverride"]) == ("Acme Interviews", "Mine")


@fidelity(
    "calendar.calendarList.insert", "Inserts an existing calendar into the user's calendar list."
)
@fidelity("calendar.calendarList.delete", "Removes a calendar from the user's calendar list.")
def test_a_shared_calendar_comes_onto_the_list_and_leaves_it(
    me: Official, official: SignedIn
) -> None:
    calendar = made(me)
    rule = {"role": "reader", "scope": {"type": "user", "value": PRIYA}}
    me("acl.insert", calendarId=calendar, body=rule)
    priya = official(PRIYA)
    entry = priya("calendarList.insert", body={"id": calendar})
    assert entry["accessRole"] == "reader"
    assert priya("calendarList.get", calendarId=calendar)["id"] == calendar
    priya("calendarList.delete", calendarId=calendar)
    with pytest.raises(Refusal) as refused:
        priya("calendarList.get", calendarId=calendar)
    assert refused.value.status == 404


# -- sharing


@fidelity("AclRule.role", '"reader" - Provides read access to the calendar.')
@fidelity("AclRule.scope.type", '"user" - Limits the scope to a single user.')
def test_a_reader_sees_and_cannot_write(me: Official, official: SignedIn) -> None:
    calendar = made(me)
    event = me("events.insert", calendarId=calendar, body=meeting())
    rule = {"role": "reader", "scope": {"type": "user", "value": FEMI}}
    me("acl.insert", calendarId=calendar, body=rule)
    femi = official(FEMI)
    seen = femi("events.get", calendarId=calendar, eventId=event["id"])
    assert seen["summary"] == "Technical interview"
    with pytest.raises(Refusal) as refused:
        femi("events.patch", calendarId=calendar, eventId=event["id"], body={"summary": "x"})
    assert (refused.value.status, refused.value.reason) == (403, "requiredAccessLevel")


@fidelity("AclRule.role", '"freeBusyReader" - Provides read access to free/busy information.')
def test_a_free_busy_reader_learns_no_title(me: Official, official: SignedIn) -> None:
    calendar = made(me)
    event = me("events.insert", calendarId=calendar, body=meeting(description="Panel: Femi"))
    rule = {"role": "freeBusyReader", "scope": {"type": "user", "value": FEMI}}
    me("acl.insert", calendarId=calendar, body=rule)
    seen = official(FEMI)("events.list", calendarId=calendar)["items"]
    assert [each["start"]["dateTime"] for each in seen] == [event["start"]["dateTime"]]
    assert not {"summary", "description", "attendees"} & set(seen[0])


@fidelity("AclRule.role", '"none" - Provides no access.')
def test_without_a_rule_there_is_no_calendar(me: Official, official: SignedIn) -> None:
    calendar = made(me)
    with pytest.raises(Refusal) as refused:
        official(FEMI)("calendars.get", calendarId=calendar)
    assert (refused.value.status, refused.value.message) == (404, "Not Found")


@fidelity("AclRule.scope.type", '"domain" - Limits the scope to a domain.')
def test_a_rule_for_a_domain_is_nobody_else_s(me: Official, official: SignedIn) -> None:
    calendar = made(me)
    rule = {"role": "reader", "scope": {"type": "domain", "value": "acme.example"}}
    me("acl.insert", calendarId=calendar, body=rule)
    assert official(FEMI)("calendars.get", calendarId=calendar)["id"] == calendar
    with pytest.raises(Refusal) as refused:
        official(ADA)("calendars.get", calendarId=calendar)
    assert refused.value.status == 404


@fidelity("calendar.acl.list", "Returns the rules in the access control list for the calendar.")
def test_the_rules_of_a_calendar(me: Official) -> None:
    calendar = made(me)
    rule = {"role": "writer", "scope": {"type": "user", "value": PRIYA}}
    kept = me("acl.insert", calendarId=calendar, body=rule)
    assert kept["id"] == f"user:{PRIYA}"
    roles = {each["id"]: each["role"] for each in me("acl.list", calendarId=calendar)["items"]}
    assert roles[f"user:{SCHEDULING}"] == "owner"
    assert roles[f"user:{PRIYA}"] == "writer"


# -- settings and colors


@fidelity("calendar.settings.list", "Returns all user settings for the authenticated user.")
@fidelity("calendar.settings.get", "Returns a single user setting.")
def test_settings_of_the_account(official: SignedIn) -> None:
    femi = official(FEMI)
    values = {each["id"]: each["value"] for each in femi("settings.list")["items"]}
    assert values["timezone"] == "Europe/London"
    assert femi("settings.get", setting="timezone")["value"] == "Europe/London"
    with pytest.raises(Refusal) as refused:
        femi("settings.get", setting="mood")
    assert refused.value.status == 404


@fidelity("calendar.colors.get", "Returns the color definitions for calendars and events.")
@fidelity("Colors.event", "A global palette of event colors")
def test_an_event_s_color_is_in_the_palette(me: Official) -> None:
    colors = me("colors.get")
    assert set(colors["event"]) == {str(number) for number in range(1, 12)}
    assert set(colors["calendar"]) == {str(number) for number in range(1, 25)}
    event = me("events.insert", calendarId="primary", body=meeting(colorId="11"))
    assert colors["event"][event["colorId"]]["background"].startswith("#")


# -- free/busy


def asked(*ids: str, **more: object) -> dict[str, object]:
    day = {"timeMin": "2026-11-24T00:00:00Z", "timeMax": "2026-11-25T00:00:00Z"}
    return {**day, "items": [{"id": each} for each in ids], **more}


@fidelity("calendar.freebusy.query", "Returns free/busy information for a set of calendars.")
@fidelity(
    "FreeBusyCalendar.busy",
    "List of time ranges during which this calendar should be regarded as busy.",
)
def test_busy_is_what_the_calendar_says_and_no_title(me: Official, official: SignedIn) -> None:
    official(DANA)("events.insert", calendarId="primary", body=meeting())
    answer = me("freebusy.query", body=asked(DANA))
    assert answer["calendars"][DANA] == {
        "busy": [{"start": "2026-11-24T09:00:00Z", "end": "2026-11-24T09:45:00Z"}]
    }


@fidelity("Event.transparency", '"transparent" - The event does not block time on the calendar.')
def test_a_transparent_event_is_not_busy(me: Official) -> None:
    me("events.insert", calendarId="primary", body=meeting(transparency="transparent"))
    assert me("freebusy.query", body=asked(SCHEDULING))["calendars"][SCHEDULING]["busy"] == []


@fidelity("FreeBusyCalendar.errors", "Optional error(s) (if computation for the calendar failed).")
@fidelity("Error.reason", '"notFound" - The requested resource was not found.')
def test_an_unknown_calendar_is_an_error_inside_a_good_answer(me: Official) -> None:
    answer = me.ask("freebusy.query", body=asked(SCHEDULING, STRANGER))
    assert answer.status == 200
    calendars = answer.body["calendars"]
    assert calendars[STRANGER]["errors"] == [{"domain": "global", "reason": "notFound"}]
    assert "errors" not in calendars[SCHEDULING]


@fidelity("FreeBusyRequest.timeZone", "Time zone used in the response.")
def test_busy_times_come_in_the_zone_asked_for(me: Official) -> None:
    me("events.insert", calendarId="primary", body=meeting())
    answer = me("freebusy.query", body=asked(SCHEDULING, timeZone="Europe/Berlin"))
    assert answer["calendars"][SCHEDULING]["busy"][0]["start"] == "2026-11-24T10:00:00+01:00"


@fidelity("Guide: errors", "timeRangeEmpty: The specified time range is empty.")
def test_an_empty_range_is_refused(me: Official, google: Emulator) -> None:
    backwards = {"timeMin": "2026-11-25T00:00:00Z", "timeMax": "2026-11-24T00:00:00Z"}
    with pytest.raises(Refusal) as refused:
        me("freebusy.query", body={**asked(SCHEDULING), **backwards})
    assert (refused.value.status, refused.value.reason) == (400, "timeRangeEmpty")
    assert google.calls()[-1].status == 400
