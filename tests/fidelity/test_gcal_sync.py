"""gcal-sync, as Home Assistant uses it: both sync managers, their local stores, and its errors."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import aiohttp
import pytest
from gcal_sync.api import (
    CalendarListRequest,
    GoogleCalendarService,
    ListEventsRequest,
    LocalListEventsRequest,
    SyncEventsRequest,
)
from gcal_sync.auth import AbstractAuth
from gcal_sync.exceptions import (
    ApiException,
    ApiForbiddenException,
    AuthException,
    InvalidSyncTokenException,
)
from gcal_sync.model import (
    AccessRole,
    DateOrDatetime,
    Event,
    EventStatusEnum,
    Reminders,
    ResponseStatus,
    VisibilityEnum,
)
from gcal_sync.store import InMemoryCalendarStore
from gcal_sync.sync import CalendarEventSyncManager, CalendarListSyncManager

from scheduler.emulator.server import Emulator
from tests.emulator.conftest import ADA, DANA, SCHEDULING, meeting
from tests.fidelity.clients import Official, SignedIn
from tests.fidelity.quotes import fidelity

CLIENT = "gcal-sync"

TEN = datetime(2026, 11, 24, 9, tzinfo=UTC)  # 10:00 in Berlin
SINCE = datetime(2026, 11, 23, tzinfo=UTC)

T = TypeVar("T")


class Auth(AbstractAuth):
    """What a user of the library writes: where a token comes from."""

    def __init__(self, session: aiohttp.ClientSession, host: str, token: str) -> None:
        super().__init__(session, host)
        self._token = token

    async def async_get_access_token(self) -> str:
        return self._token


Run = Callable[[Callable[[GoogleCalendarService], Awaitable[Any]]], Any]


@pytest.fixture
def run(google: Emulator, url: str) -> Run:
    """Run a piece of a program that has the service, signed in as the scheduling account."""
    return running(url, google.issue_access_token(SCHEDULING, ["calendar"]))


def running(url: str, token: str) -> Run:
    def run(program: Callable[[GoogleCalendarService], Awaitable[T]]) -> T:
        async def whole() -> T:
            async with aiohttp.ClientSession() as session:
                return await program(
                    GoogleCalendarService(Auth(session, f"{url}/calendar/v3", token))
                )

        return asyncio.run(whole())

    return run


@pytest.fixture
def me(python: SignedIn) -> Official:
    """Somebody else's hand on the same account."""
    return python(SCHEDULING)


def event(summary: str = "Technical interview", start: datetime = TEN, **changed: Any) -> Event:
    end = start + timedelta(minutes=45)
    return Event(
        summary=summary,
        start=DateOrDatetime.parse(start),
        end=DateOrDatetime.parse(end),
        **changed,
    )


async def listed(service: GoogleCalendarService, **changed: Any) -> list[Event]:
    wanted = ListEventsRequest(calendarId="primary", timeMin=SINCE, **changed)
    return [each async for page in await service.async_list_events(wanted) for each in page.items]


# -- the service


@fidelity("calendar.calendarList.list", "Returns the calendars on the user's calendar list.")
@fidelity(
    "CalendarListEntry.accessRole",
    "The effective access role that the authenticated user has on the calendar.",
)
def test_calendars_of_the_account(run: Run, me: Official) -> None:
    made = me("calendars.insert", body={"summary": "Panel", "timeZone": "Europe/Paris"})
    found = run(lambda service: service.async_list_calendars(CalendarListRequest())).items
    calendars = {each.id: each for each in found}
    assert calendars[SCHEDULING].primary
    assert calendars[made["id"]].access_role is AccessRole.OWNER
    assert calendars[made["id"]].timezone == "Europe/Paris"


@fidelity("calendar.calendars.get", "Returns metadata for a calendar.")
def test_one_calendar(run: Run) -> None:
    found = run(lambda service: service.async_get_calendar("primary"))
    assert (found.id, found.timezone) == (SCHEDULING, "Europe/Berlin")


@fidelity("calendar.events.insert", "Creates an event.")
@fidelity("calendar.events.get", "Returns an event based on its Google Calendar ID.")
def test_an_event_is_made_and_read(run: Run) -> None:
    async def program(service: GoogleCalendarService) -> Event:
        wanted = event(description="Bring a laptop", visibility=VisibilityEnum.PRIVATE)
        await service.async_create_event("primary", wanted)
        found = await listed(service)
        assert found[0].id is not None
        return await service.async_get_event("primary", found[0].id)

    seen = run(program)
    assert (seen.summary, seen.description) == ("Technical interview", "Bring a laptop")
    assert (seen.start.normalize(), seen.computed_duration) == (TEN, timedelta(minutes=45))
    assert seen.visibility is VisibilityEnum.PRIVATE
    assert seen.ical_uuid == f"{seen.id}@google.com"


@fidelity(
    "EventDateTime.date", 'The date, in the format "yyyy-mm-dd", if this is an all-day event.'
)
def test_an_event_of_a_day(run: Run) -> None:
    async def program(service: GoogleCalendarService) -> list[Event]:
        day = Event(
            summary="Offsite",
            start=DateOrDatetime.parse(date(2026, 11, 24)),
            end=DateOrDatetime.parse(date(2026, 11, 25)),
        )
        await service.async_create_event("primary", day)
        return await listed(service)

    assert [each.start.value for each in run(program)] == [date(2026, 11, 24)]


@fidelity("calendar.events.list.orderBy", "Order by the start date/time (ascending).")
@fidelity("calendar.events.list.singleEvents", "Whether to expand recurring events into instances")
def test_events_come_expanded_in_order(run: Run, me: Official) -> None:
    me(
        "events.insert",
        calendarId="primary",
        body=meeting(recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"]),
    )

    async def program(service: GoogleCalendarService) -> list[Event]:
        await service.async_create_event("primary", event("Between", TEN + timedelta(days=1)))
        return await listed(service)

    found = run(program)
    assert [each.summary for each in found] == ["Technical interview", "Between"] + [
        "Technical interview"
    ] * 2
    assert [each.start.normalize() for each in found[2:]] == [
        TEN + timedelta(weeks=n) for n in (1, 2)
    ]
    assert found[2].recurring_event_id == found[0].recurring_event_id is not None


@fidelity("calendar.events.list.q", "Free text search terms")
@fidelity(
    "calendar.events.list.timeMax",
    "Upper bound (exclusive) for an event's start time to filter by.",
)
def test_events_by_word_and_bound(run: Run) -> None:
    async def program(service: GoogleCalendarService) -> tuple[list[Event], list[Event]]:
        await service.async_create_event("primary", event("System design"))
        await service.async_create_event("primary", event("Screen", TEN + timedelta(days=3)))
        return await listed(service, search="design"), await listed(
            service, end_time=TEN + timedelta(days=1)
        )

    by_word, early = run(program)
    assert (
        [each.summary for each in by_word] == [each.summary for each in early] == ["System design"]
    )


@fidelity(
    "EventAttendee.responseStatus",
    '"tentative" - The attendee has tentatively accepted the invitation.',
)
@fidelity(
    "Event.reminders.useDefault",
    "Whether the default reminders of the calendar apply to the event.",
)
def test_guests_and_reminders_have_the_client_s_types(
    run: Run, me: Official, google: Emulator
) -> None:
    body = meeting(attendees=[{"email": ADA, "optional": True}], reminders={"useDefault": True})
    made = me("events.insert", calendarId="primary", body=body)
    google.rsvp(ADA, made["id"], "tentative")
    seen = run(lambda service: service.async_get_event("primary", made["id"]))
    assert [(each.email, each.response_status) for each in seen.attendees] == [
        (ADA, ResponseStatus.TENTATIVE)
    ]
    assert seen.attendees[0].optional
    assert isinstance(seen.reminders, Reminders)
    assert seen.reminders.use_default


@fidelity("calendar.events.patch", "This method supports patch semantics.")
@fidelity("calendar.events.delete", "Deletes an event.")
def test_an_event_is_changed_and_deleted(run: Run, me: Official) -> None:
    made = me("events.insert", calendarId="primary", body=meeting(description="Kept"))

    async def program(service: GoogleCalendarService) -> tuple[Event, list[Event]]:
        await service.async_patch_event("primary", made["id"], {"summary": "Changed"})
        changed = await service.async_get_event("primary", made["id"])
        await service.async_delete_event("primary", made["id"])
        return changed, await listed(service)

    changed, left = run(program)
    assert (changed.summary, changed.description) == ("Changed", "Kept")
    assert left == []


# -- syncing


@fidelity(
    "CalendarList.nextSyncToken",
    "Token used at a later point in time to retrieve only the entries that have changed since this result was returned.",
)
def test_the_list_of_calendars_is_followed(run: Run, me: Official, google: Emulator) -> None:
    store = InMemoryCalendarStore()

    async def follow(service: GoogleCalendarService) -> set[str]:
        manager = CalendarListSyncManager(service, store)
        await manager.run()
        return {
            each.summary for each in (await manager.store_service.async_list_calendars()).calendars
        }

    before = run(follow)
    me("calendars.insert", body={"summary": "Panel"})
    google.clear_calls()
    assert run(follow) - before == {"Panel"}
    assert "syncToken=" in google.calls()[-1].path


def following(
    store: InMemoryCalendarStore, **template: Any
) -> Callable[[GoogleCalendarService], Awaitable[list[Event]]]:
    async def follow(service: GoogleCalendarService) -> list[Event]:
        wanted = SyncEventsRequest(calendarId="primary", **template)
        manager = CalendarEventSyncManager(service, store=store, request_template=wanted)
        await manager.run()
        request = LocalListEventsRequest(start_time=SINCE, end_time=SINCE + timedelta(days=30))
        return (await manager.store_service.async_list_events(request)).events

    return follow


@fidelity(
    "calendar.events.list.syncToken",
    "It makes the result of this list request contain only entries that have changed since then.",
)
def test_a_local_copy_follows_the_calendar(run: Run, me: Official, google: Emulator) -> None:
    kept = me("events.insert", calendarId="primary", body=meeting())
    gone = me("events.insert", calendarId="primary", body=meeting(summary="Gone"))
    follow = following(InMemoryCalendarStore())
    assert {each.summary for each in run(follow)} == {"Technical interview", "Gone"}
    me("events.patch", calendarId="primary", eventId=kept["id"], body={"summary": "Changed"})
    me("events.delete", calendarId="primary", eventId=gone["id"])
    google.clear_calls()
    assert [each.summary for each in run(follow)] == ["Changed"]
    assert [call.path.count("syncToken=") for call in google.calls()] == [1]


@fidelity(
    "calendar.events.list.syncToken",
    "the client should clear its storage and perform a full synchronization without any syncToken",
)
def test_a_token_that_has_expired_is_forgotten(run: Run, me: Official, google: Emulator) -> None:
    me("events.insert", calendarId="primary", body=meeting())
    follow = following(InMemoryCalendarStore())
    run(follow)
    google.expire_sync_tokens()
    me("events.insert", calendarId="primary", body=meeting(summary="Later"))
    google.clear_calls()
    assert {each.summary for each in run(follow)} == {"Technical interview", "Later"}
    assert [call.status for call in google.calls()] == [410, 200]


@fidelity("Events.nextPageToken", "Token used to access the next page of this result.")
def test_a_sync_of_many_pages(run: Run, me: Official) -> None:
    for number in range(3):
        me("events.insert", calendarId="primary", body=meeting(summary=f"Interview {number}"))

    async def program(service: GoogleCalendarService) -> list[str]:
        found = []
        request = SyncEventsRequest(calendarId="primary")
        while True:
            page = await service.async_list_events_page(request)
            found += [each.summary for each in page.items]
            if not page.page_token:
                assert page.sync_token
                return found
            request.page_token = page.page_token

    assert sorted(run(program)) == [f"Interview {number}" for number in range(3)]


@fidelity("Event.recurrence", "List of RRULE, EXRULE, RDATE and EXDATE lines for a recurring event")
@fidelity(
    "Event.originalStartTime",
    "It uniquely identifies the instance within the recurring event series",
)
def test_a_series_is_expanded_by_the_client_with_its_exceptions(run: Run, me: Official) -> None:
    body = meeting(recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])
    series = me("events.insert", calendarId="primary", body=body)
    where = {"calendarId": "primary", "eventId": series["id"]}
    second, third = me("events.instances", **where)["items"][1:3]
    me("events.delete", calendarId="primary", eventId=second["id"])
    moved = {
        side: {"dateTime": f"2026-12-09T{hour}:00:00+01:00", "timeZone": "Europe/Berlin"}
        for side, hour in (("start", 15), ("end", 16))
    }
    me("events.patch", calendarId="primary", eventId=third["id"], body=moved)
    found = run(following(InMemoryCalendarStore()))
    ours = me("events.list", calendarId="primary", singleEvents=True, orderBy="startTime")["items"]
    assert [each.start.normalize() for each in found] == [
        datetime.fromisoformat(each["start"]["dateTime"]) for each in ours
    ]
    assert len(found) == 3


@fidelity(
    "Event.status",
    "Cancelled exceptions of an uncancelled recurring event indicate that this instance should no longer be presented to the user.",
)
def test_the_client_cancels_one_instance_and_the_series(run: Run, me: Official) -> None:
    body = meeting(recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    series = me("events.insert", calendarId="primary", body=body)
    store = InMemoryCalendarStore()
    _, second, _ = (each.id for each in run(following(store)))

    def delete(instance: str | None) -> Callable[[GoogleCalendarService], Awaitable[None]]:
        async def program(service: GoogleCalendarService) -> None:
            manager = CalendarEventSyncManager(service, "primary", store)
            await manager.run()
            await manager.store_service.async_delete_event(series["iCalUID"], instance)

        return program

    run(delete(second))
    left = [each.start.normalize() for each in run(following(store))]
    assert left == [TEN + timedelta(weeks=n) for n in (0, 2)]
    run(delete(None))
    assert run(following(store)) == []


@fidelity(
    "calendar.events.list.showDeleted",
    'Whether to include deleted events (with status equals "cancelled") in the result.',
)
def test_a_deleted_event_comes_as_cancelled_once_only(run: Run, me: Official) -> None:
    made = me("events.insert", calendarId="primary", body=meeting())

    async def page(service: GoogleCalendarService, token: str | None = None) -> Any:
        request = SyncEventsRequest(calendarId="primary", syncToken=token)
        return await service.async_list_events_page(request)

    token = run(page).sync_token
    me("events.delete", calendarId="primary", eventId=made["id"])
    changed = run(lambda service: page(service, token))
    assert [(each.id, each.status) for each in changed.items] == [
        (made["id"], EventStatusEnum.CANCELLED)
    ]
    assert run(lambda service: page(service, changed.sync_token)).items == []


# -- errors


@fidelity("Guide: errors", "401: Invalid Credentials")
def test_a_token_that_is_none_is_a_matter_of_signing_in(google: Emulator, url: str) -> None:
    with pytest.raises(AuthException):
        running(url, "ya29.none")(lambda service: service.async_list_calendars())


@fidelity(
    "Guide: errors", "403: insufficient permissions; the token has not the scope of the method"
)
def test_a_token_without_the_scope_is_forbidden(google: Emulator, url: str) -> None:
    token = google.issue_access_token(SCHEDULING, ["calendar.freebusy"])
    with pytest.raises(ApiForbiddenException):
        running(url, token)(lambda service: service.async_list_calendars())


@fidelity("Guide: errors", "410: Sync token is no longer valid, a full sync is required.")
def test_a_broken_token_is_an_invalid_sync_token(run: Run) -> None:
    request = SyncEventsRequest(calendarId="primary", syncToken="broken")
    with pytest.raises(InvalidSyncTokenException):
        run(lambda service: service.async_list_events_page(request))


@fidelity("Guide: errors", "404: Not Found")
def test_an_unknown_event_is_told_in_google_s_words(run: Run) -> None:
    with pytest.raises(ApiException, match=r"Error from API: 404: .*Not Found"):
        run(lambda service: service.async_get_event("primary", "nothing0here"))


@fidelity(
    "Event.guestsCanSeeOtherGuests",
    "Whether attendees other than the organizer can see who the event's attendees are.",
)
def test_a_guest_s_copy_fits_the_client_too(me: Official, google: Emulator, url: str) -> None:
    guests = [{"email": ADA}, {"email": DANA}]
    body = meeting(attendees=guests, guestsCanSeeOtherGuests=False)
    made = me("events.insert", calendarId="primary", body=body)
    run = running(url, google.issue_access_token(ADA, ["calendar"]))
    seen = run(lambda service: service.async_get_event("primary", made["id"]))
    assert [each.email for each in seen.attendees] == [ADA]
