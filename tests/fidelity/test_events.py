"""Events one by one: ids, writes, lists, guests, etags, as both official clients see them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from scheduler.emulator.server import Emulator
from tests.emulator.conftest import ADA, DANA, FEMI, PRIYA, SCHEDULING, Clock, meeting
from tests.fidelity.clients import Official, Refusal, SignedIn
from tests.fidelity.conftest import attendee
from tests.fidelity.quotes import fidelity

OUTSIDE = "somebody@without.example"


@pytest.fixture
def me(official: SignedIn) -> Official:
    return official(SCHEDULING)


def added(me: Official, **changed: Any) -> dict[str, Any]:
    event: dict[str, Any] = me("events.insert", calendarId="primary", body=meeting(**changed))
    return event


def at(hour: int, minute: int = 0) -> dict[str, str]:
    return {"dateTime": f"2026-11-24T{hour:02}:{minute:02}:00+01:00", "timeZone": "Europe/Berlin"}


# -- writing


@fidelity("calendar.events.get", "Returns an event based on its Google Calendar ID.")
def test_what_was_inserted_is_there(me: Official) -> None:
    event = added(me, location="Room 3", description="Bring a <b>laptop</b>")
    seen = me("events.get", calendarId="primary", eventId=event["id"])
    assert seen == event
    assert (seen["status"], seen["eventType"], seen["sequence"]) == ("confirmed", "default", 0)
    assert seen["organizer"] == {
        "email": SCHEDULING,
        "displayName": seen["organizer"]["displayName"],
        "self": True,
    }


@fidelity("Event.id", "lowercase letters a-v and digits 0-9")
def test_an_id_of_one_s_own(me: Official) -> None:
    assert added(me, id="a0v9a0v9a0v9")["id"] == "a0v9a0v9a0v9"
    with pytest.raises(Refusal) as refused:
        added(me, id="w0w0w0")
    assert (refused.value.status, refused.value.message) == (400, "Invalid resource id value.")


@fidelity("Event.id", "the ID must be unique per calendar")
def test_the_same_id_twice_is_a_duplicate(me: Official) -> None:
    added(me, id="a0v9a0v9a0v9")
    with pytest.raises(Refusal) as refused:
        added(me, id="a0v9a0v9a0v9")
    assert (refused.value.status, refused.value.reason) == (409, "duplicate")
    elsewhere = me("calendars.insert", body={"summary": "Other"})["id"]
    me("events.insert", calendarId=elsewhere, body=meeting(id="a0v9a0v9a0v9"))


@fidelity("calendar.events.patch", "This method supports patch semantics.")
@fidelity("Guide: events.patch", "Array fields, if specified, overwrite the existing arrays.")
def test_a_patch_changes_what_it_names_and_replaces_arrays(me: Official) -> None:
    event = added(me, description="Kept", attendees=[{"email": DANA}, {"email": FEMI}])
    changed = me(
        "events.patch", calendarId="primary", eventId=event["id"],
        body={"summary": "New", "attendees": [{"email": FEMI}]},
    )  # fmt: skip
    assert (changed["summary"], changed["description"]) == ("New", "Kept")
    assert [each["email"] for each in changed["attendees"]] == [FEMI]


@fidelity(
    "Guide: events.patch", "Maps such as extendedProperties.private merge; null removes a key."
)
def test_a_patch_merges_properties(me: Official) -> None:
    event = added(me, extendedProperties={"private": {"a": "1", "b": "2"}})
    changed = me(
        "events.patch", calendarId="primary", eventId=event["id"],
        body={"extendedProperties": {"private": {"b": "3", "c": "4"}}},
    )  # fmt: skip
    assert changed["extendedProperties"]["private"] == {"a": "1", "b": "3", "c": "4"}


@fidelity("calendar.events.update", "Updates an event.")
def test_an_update_is_the_whole_event(me: Official) -> None:
    event = added(me, description="Gone", location="Gone too")
    changed = me("events.update", calendarId="primary", eventId=event["id"], body=meeting())
    assert not {"description", "location"} & set(changed)
    assert changed["etag"] != event["etag"]


@fidelity("Event.sequence", "Sequence number as per iCalendar.")
def test_the_sequence_rises_when_the_time_changes(me: Official) -> None:
    event = added(me)
    renamed = me("events.patch", calendarId="primary", eventId=event["id"], body={"summary": "x"})
    moved = me(
        "events.patch", calendarId="primary", eventId=event["id"],
        body={"start": at(14), "end": at(15)},
    )  # fmt: skip
    assert (event["sequence"], renamed["sequence"], moved["sequence"]) == (0, 0, 1)


@fidelity("calendar.events.delete", "Deletes an event.")
@fidelity("Event.status", "The get method always returns them.")
def test_a_deleted_event_is_cancelled_and_can_be_read(me: Official) -> None:
    event = added(me)
    assert me.ask("events.delete", calendarId="primary", eventId=event["id"]).status == 204
    seen = me("events.get", calendarId="primary", eventId=event["id"])
    assert seen["status"] == "cancelled"
    assert me("events.list", calendarId="primary")["items"] == []
    kept = me("events.list", calendarId="primary", showDeleted=True)["items"]
    assert [each["id"] for each in kept] == [event["id"]]


@fidelity("Guide: errors", "410: Gone. Resource has been deleted")
def test_deleting_twice_is_gone(me: Official) -> None:
    event = added(me)
    me("events.delete", calendarId="primary", eventId=event["id"])
    with pytest.raises(Refusal) as refused:
        me("events.delete", calendarId="primary", eventId=event["id"])
    assert (refused.value.status, refused.value.reason) == (410, "deleted")
    assert refused.value.message == "Resource has been deleted"


@fidelity("Event.status", "so that they can be restored (undeleted)")
def test_a_deleted_event_can_be_restored(me: Official) -> None:
    event = added(me)
    me("events.delete", calendarId="primary", eventId=event["id"])
    back = me(
        "events.patch", calendarId="primary", eventId=event["id"], body={"status": "confirmed"}
    )
    assert (back["status"], back["summary"]) == ("confirmed", event["summary"])


@fidelity(
    "calendar.events.move", "Moves an event to another calendar, i.e. changes an event's organizer."
)
def test_a_moved_event_has_another_organizer(me: Official) -> None:
    event = added(me)
    other = me("calendars.insert", body={"summary": "Other"})["id"]
    moved = me("events.move", calendarId="primary", eventId=event["id"], destination=other)
    assert (moved["id"], moved["organizer"]["email"]) == (event["id"], other)
    left = me("events.get", calendarId="primary", eventId=event["id"])
    assert left["status"] == "cancelled"


@fidelity(
    "calendar.events.import",
    "This operation is used to add a private copy of an existing event to a calendar.",
)
@fidelity("Event.iCalUID", "must be supplied when importing events via the import method")
def test_an_import_keeps_uid_and_organizer_and_mails_nobody(me: Official, google: Emulator) -> None:
    body = meeting(
        iCalUID="abc@elsewhere.example", organizer={"email": ADA}, attendees=[{"email": SCHEDULING}]
    )
    event = me("events.import", calendarId="primary", body=body)
    assert event["iCalUID"] == "abc@elsewhere.example"
    assert event["organizer"]["email"] == ADA
    assert google.outbox() == []
    with pytest.raises(Refusal) as refused:
        me("events.import", calendarId="primary", body=meeting())
    assert refused.value.status == 400


@fidelity("Event.eventType", '"focusTime" - A focus-time event.')
@fidelity("Event.eventType", "This cannot be modified after the event is created.")
def test_the_type_of_an_event_stays(official: SignedIn) -> None:
    dana = official(DANA)
    event = added(
        dana, eventType="focusTime", focusTimeProperties={"autoDeclineMode": "declineNone"}
    )
    assert event["eventType"] == "focusTime"
    with pytest.raises(Refusal) as refused:
        dana(
            "events.patch", calendarId="primary", eventId=event["id"], body={"eventType": "default"}
        )
    assert refused.value.status == 400


@fidelity("Event.reminders", "changing reminders does not also change the updated property")
def test_reminders_are_personal(me: Official, now: Clock) -> None:
    event = added(me)
    reminders = {"useDefault": False, "overrides": [{"method": "popup", "minutes": 15}]}
    changed = me(
        "events.patch", calendarId="primary", eventId=event["id"], body={"reminders": reminders}
    )
    assert changed["reminders"] == reminders
    assert changed["updated"] == event["updated"]


@fidelity(
    "calendar.events.insert.supportsAttachments",
    "Whether API client performing operation supports event attachments.",
)
def test_attachments_are_for_clients_that_know_them(me: Official) -> None:
    file = {"fileUrl": "https://drive.google.com/open?id=abc", "title": "Guide"}
    without = me("events.insert", calendarId="primary", body=meeting(attachments=[file]))
    assert not without.get("attachments")
    kept = me(
        "events.insert", calendarId="primary", supportsAttachments=True,
        body=meeting(attachments=[file]),
    )  # fmt: skip
    assert kept["attachments"][0]["fileUrl"] == file["fileUrl"]


# -- etags


@fidelity("Event.etag", "ETag of the resource.")
@fidelity(
    "Guide: errors",
    "412: Precondition Failed. The etag supplied in the If-Match header no longer corresponds to the current etag of the resource.",
)
def test_a_write_upon_an_old_etag_is_refused(me: Official) -> None:
    event = added(me)
    wanted = {"calendarId": "primary", "eventId": event["id"], "body": {"summary": "x"}}
    changed = me.ask("events.patch", headers={"If-Match": event["etag"]}, **wanted).body
    with pytest.raises(Refusal) as refused:
        me.ask("events.patch", headers={"If-Match": event["etag"]}, **wanted)
    assert (refused.value.status, refused.value.reason) == (412, "conditionNotMet")
    seen = me("events.get", calendarId="primary", eventId=event["id"])
    assert seen["etag"] == changed["etag"]


@fidelity(
    "Guide: performance", "304 Not Modified when the etag of If-None-Match is still the present one"
)
def test_what_has_not_changed_is_not_sent_again(me: Official) -> None:
    event = added(me)
    where = {"calendarId": "primary", "eventId": event["id"]}
    assert me.ask("events.get", headers={"If-None-Match": event["etag"]}, **where).status == 304
    me("events.patch", **where, body={"summary": "x"})
    assert me.ask("events.get", headers={"If-None-Match": event["etag"]}, **where).status == 200


# -- lists


@fidelity(
    "calendar.events.list.timeMin", "Lower bound (exclusive) for an event's end time to filter by."
)
@fidelity(
    "calendar.events.list.timeMax",
    "Upper bound (exclusive) for an event's start time to filter by.",
)
def test_bounds_are_exclusive(me: Official) -> None:
    added(me)  # 10:00 to 10:45 in Berlin

    def found(low: str, high: str) -> int:
        bounds = {"timeMin": f"2026-11-24T{low}:00+01:00", "timeMax": f"2026-11-24T{high}:00+01:00"}
        return len(me("events.list", calendarId="primary", **bounds)["items"])

    assert (found("08:00", "10:00"), found("10:45", "12:00")) == (0, 0)
    assert (found("08:00", "10:01"), found("10:44", "12:00")) == (1, 1)


@fidelity("calendar.events.list.privateExtendedProperty", "Matches only private properties.")
@fidelity(
    "calendar.events.list.privateExtendedProperty",
    "This parameter might be repeated multiple times to return events that match all given constraints.",
)
def test_events_are_found_by_their_properties(me: Official) -> None:
    both = added(me, extendedProperties={"private": {"call": "7", "role": "candidate"}})
    added(me, extendedProperties={"private": {"call": "7", "role": "panel"}})
    added(me, extendedProperties={"shared": {"call": "7", "role": "candidate"}})
    found = me(
        "events.list", calendarId="primary", privateExtendedProperty=["call=7", "role=candidate"]
    )
    assert [each["id"] for each in found["items"]] == [both["id"]]


@fidelity(
    "calendar.events.list.iCalUID",
    "Use this if you want to search for an event by its iCalendar ID.",
)
def test_an_event_is_found_by_its_uid(me: Official) -> None:
    event = added(me)
    added(me)
    found = me("events.list", calendarId="primary", iCalUID=event["iCalUID"])
    assert [each["id"] for each in found["items"]] == [event["id"]]


@fidelity("calendar.events.list.q", "Free text search terms to find events that match these terms")
def test_events_are_found_by_words(me: Official) -> None:
    wanted = added(me, description="System design")
    guest = added(me, attendees=[{"email": DANA}])
    for words, event in (("design", wanted), (DANA, guest)):
        found = me("events.list", calendarId="primary", q=words)
        assert [each["id"] for each in found["items"]] == [event["id"]]


@fidelity("calendar.events.list.orderBy", "Order by the start date/time (ascending).")
@fidelity("calendar.events.list.orderBy", "Order by last modification time (ascending).")
def test_orders_of_a_list(me: Official, now: Clock) -> None:
    late = added(me, start=at(16), end=at(17))
    now.advance(timedelta(minutes=1))
    early = added(me)
    by_start = me("events.list", calendarId="primary", singleEvents=True, orderBy="startTime")
    by_update = me("events.list", calendarId="primary", orderBy="updated")
    assert [each["id"] for each in by_start["items"]] == [early["id"], late["id"]]
    assert [each["id"] for each in by_update["items"]] == [late["id"], early["id"]]


@fidelity(
    "calendar.events.list.eventTypes",
    "This parameter can be repeated multiple times to return events of different types.",
)
def test_events_are_found_by_their_type(official: SignedIn) -> None:
    dana = official(DANA)
    added(dana)
    away = added(
        dana, eventType="outOfOffice", outOfOfficeProperties={"autoDeclineMode": "declineNone"}
    )
    focus = added(
        dana, eventType="focusTime", focusTimeProperties={"autoDeclineMode": "declineNone"}
    )
    found = dana("events.list", calendarId="primary", eventTypes=["outOfOffice", "focusTime"])
    assert {each["id"] for each in found["items"]} == {away["id"], focus["id"]}


@fidelity(
    "calendar.events.list.maxResults",
    "Incomplete pages can be detected by a non-empty nextPageToken field in the response.",
)
def test_events_come_in_pages(me: Official) -> None:
    wanted = {added(me, start=at(8 + n), end=at(9 + n))["id"] for n in range(5)}
    pages = me.pages("events.list", calendarId="primary", maxResults=2)
    assert [len(page["items"]) for page in pages] == [2, 2, 1]
    assert {each["id"] for page in pages for each in page["items"]} == wanted
    assert ["nextSyncToken" in page for page in pages] == [False, False, True]


@fidelity("calendar.events.list.timeZone", "Time zone used in the response.")
def test_times_come_in_the_zone_asked_for(me: Official) -> None:
    added(me)
    page = me("events.list", calendarId="primary", timeZone="America/New_York")
    assert page["timeZone"] == "America/New_York"
    assert page["items"][0]["start"]["dateTime"] == "2026-11-24T04:00:00-05:00"


@fidelity(
    "Guide: performance",
    "fields: a partial response, with slashes and parentheses for what is nested",
)
def test_only_what_was_asked_for_comes(me: Official) -> None:
    added(me, attendees=[{"email": DANA}])
    page = me(
        "events.list", calendarId="primary", fields="kind,items(id,start/dateTime,attendees(email))"
    )
    assert set(page) == {"kind", "items"}
    assert set(page["items"][0]) == {"id", "start", "attendees"}
    assert set(page["items"][0]["start"]) == {"dateTime"}
    assert page["items"][0]["attendees"] == [{"email": DANA}]


# -- guests


@fidelity("Guide: create events", "The event ID is identical on all attendee copies of the event.")
@fidelity(
    "EventAttendee.self",
    "this entry represents the calendar on which this copy of the event appears",
)
def test_a_guest_has_a_copy_with_the_same_id(me: Official, official: SignedIn) -> None:
    event = added(me, attendees=[{"email": DANA}])
    copy = official(DANA)("events.get", calendarId="primary", eventId=event["id"])
    assert copy["iCalUID"] == event["iCalUID"]
    assert attendee(copy, DANA)["self"] is True
    assert copy["organizer"]["email"] == SCHEDULING
    assert "self" not in copy["organizer"]


@fidelity("EventAttendee.responseStatus", '"accepted" - The attendee has accepted the invitation.')
@fidelity("EventAttendee.comment", "The attendee's response comment.")
def test_a_guest_s_answer_reaches_the_organizer(me: Official, official: SignedIn) -> None:
    event = added(me, attendees=[{"email": DANA}, {"email": FEMI}])
    assert attendee(event, DANA)["responseStatus"] == "needsAction"
    dana = official(DANA)
    copy = dana("events.get", calendarId="primary", eventId=event["id"])
    said = [
        {**each, "responseStatus": "accepted", "comment": "Gladly"} if each.get("self") else each
        for each in copy["attendees"]
    ]
    dana("events.patch", calendarId="primary", eventId=event["id"], body={"attendees": said})
    seen = me("events.get", calendarId="primary", eventId=event["id"])
    assert attendee(seen, DANA)["responseStatus"] == "accepted"
    assert attendee(seen, DANA)["comment"] == "Gladly"
    assert attendee(seen, FEMI)["responseStatus"] == "needsAction"
    assert seen["etag"] != event["etag"]


@fidelity(
    "Event.guestsCanSeeOtherGuests",
    "Whether attendees other than the organizer can see who the event's attendees are.",
)
def test_a_hidden_guest_list_is_the_organizer_s(me: Official, official: SignedIn) -> None:
    event = added(me, attendees=[{"email": ADA}, {"email": DANA}], guestsCanSeeOtherGuests=False)
    assert len(event["attendees"]) == 2
    copy = official(ADA)("events.get", calendarId="primary", eventId=event["id"])
    assert DANA not in str(copy)
    assert copy["organizer"]["email"] == SCHEDULING


@fidelity(
    "Event.extendedProperties.private",
    "Properties that are private to the copy of the event that appears on this calendar.",
)
@fidelity(
    "Event.extendedProperties.shared",
    "Properties that are shared between copies of the event on other attendees' calendars.",
)
def test_private_properties_stay_and_shared_ones_travel(me: Official, official: SignedIn) -> None:
    tags = {"private": {"booking": "7"}, "shared": {"stage": "screen"}}
    event = added(me, attendees=[{"email": DANA}], extendedProperties=tags)
    copy = official(DANA)("events.get", calendarId="primary", eventId=event["id"])
    assert copy["extendedProperties"] == {"shared": {"stage": "screen"}}


@fidelity(
    "Event.guestsCanModify", "Whether attendees other than the organizer can modify the event."
)
@fidelity(
    "Guide: errors", "403: Shared properties can only be changed by the organizer of the event."
)
def test_a_guest_changes_nothing_that_is_shared(me: Official, official: SignedIn) -> None:
    event = added(me, attendees=[{"email": DANA}])
    with pytest.raises(Refusal) as refused:
        official(DANA)(
            "events.patch", calendarId="primary", eventId=event["id"], body={"summary": "Mine"}
        )
    assert (refused.value.status, refused.value.reason) == (403, "forbiddenForNonOrganizer")
    me("events.patch", calendarId="primary", eventId=event["id"], body={"guestsCanModify": True})
    official(DANA)(
        "events.patch", calendarId="primary", eventId=event["id"], body={"summary": "Ours"}
    )
    assert me("events.get", calendarId="primary", eventId=event["id"])["summary"] == "Ours"


@fidelity(
    "calendar.events.get.maxAttendees",
    "If there are more than the specified number of attendees, only the participant is returned.",
)
@fidelity("Event.attendeesOmitted", "a restriction specified by the maxAttendee query parameter")
def test_a_long_guest_list_can_be_left_out(me: Official, official: SignedIn) -> None:
    event = added(me, attendees=[{"email": DANA}, {"email": FEMI}, {"email": PRIYA}])
    where = {"calendarId": "primary", "eventId": event["id"]}
    seen = official(DANA)("events.get", **where, maxAttendees=1)
    assert [each["email"] for each in seen["attendees"]] == [DANA]
    assert seen["attendeesOmitted"] is True
    assert "attendeesOmitted" not in me("events.get", **where, maxAttendees=3)


@fidelity("calendar.events.insert.sendUpdates", "Notifications are sent to all guests.")
@fidelity(
    "calendar.events.insert.sendUpdates",
    "Notifications are sent to non-Google Calendar guests only.",
)
@fidelity("calendar.events.insert.sendUpdates", "No notifications are sent.")
@pytest.mark.parametrize(
    ("updates", "mailed"), [("all", {OUTSIDE, DANA}), ("externalOnly", {OUTSIDE}), ("none", set())]
)
def test_who_gets_a_mail(me: Official, google: Emulator, updates: str, mailed: set[str]) -> None:
    guests = [{"email": OUTSIDE}, {"email": DANA}]
    me("events.insert", calendarId="primary", sendUpdates=updates, body=meeting(attendees=guests))
    assert {address for mail in google.outbox() for address in mail["to"]} == mailed


@fidelity("Event.status", '"cancelled" - The event is cancelled (deleted).')
def test_a_guest_taken_off_has_a_cancelled_copy(me: Official, official: SignedIn) -> None:
    event = added(me, attendees=[{"email": DANA}, {"email": FEMI}])
    me(
        "events.patch", calendarId="primary", eventId=event["id"],
        body={"attendees": [{"email": FEMI}]},
    )  # fmt: skip
    copy = official(DANA)("events.get", calendarId="primary", eventId=event["id"])
    assert copy["status"] == "cancelled"


@fidelity(
    "Event.visibility",
    '"private" - The event is private and only event attendees may view event details.',
)
def test_a_private_event_is_a_block_to_readers(me: Official, official: SignedIn) -> None:
    rule = {"role": "reader", "scope": {"type": "user", "value": PRIYA}}
    me("acl.insert", calendarId="primary", body=rule)
    added(me, visibility="private", attendees=[{"email": DANA}])
    seen = official(PRIYA)("events.list", calendarId=SCHEDULING)["items"]
    assert [set(each) & {"summary", "attendees", "description"} for each in seen] == [set()]
