"""gcsa, as it is, on a google-api-python-client that finds Google here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from gcsa.acl import AccessControlRule, ACLRole, ACLScopeType
from gcsa.attachment import Attachment
from gcsa.attendee import Attendee, ResponseStatus
from gcsa.calendar import Calendar, CalendarListEntry
from gcsa.conference import ConferenceSolutionCreateRequest, SolutionType
from gcsa.event import Event, Transparency, Visibility
from gcsa.free_busy import FreeBusyQueryError
from gcsa.google_calendar import GoogleCalendar, SendUpdatesMode
from gcsa.recurrence import TU, WEEKLY, Recurrence
from gcsa.reminders import EmailReminder, PopupReminder
from googleapiclient.errors import HttpError

from scheduler.emulator.server import Emulator
from tests.emulator.conftest import ADA, DANA, FEMI, SCHEDULING
from tests.fidelity.conftest import bearer
from tests.fidelity.quotes import fidelity

CLIENT = "gcsa"

BERLIN = ZoneInfo("Europe/Berlin")
TEN = datetime(2026, 11, 24, 10, tzinfo=BERLIN)
DAY = {
    "time_min": datetime(2026, 11, 24, tzinfo=BERLIN),
    "time_max": datetime(2026, 11, 25, tzinfo=BERLIN),
}

SignIn = Callable[[str], Any]


@pytest.fixture
def sign_in(google: Emulator, google_is_here: None) -> SignIn:
    def signed_in(email: str) -> Any:
        return GoogleCalendar(credentials=bearer(google.issue_access_token(email, ["calendar"])))

    return signed_in


@pytest.fixture
def mine(sign_in: SignIn) -> Any:
    return sign_in(SCHEDULING)


def interview(**changed: Any) -> Any:
    given: dict[str, Any] = {
        "start": TEN,
        "end": TEN + timedelta(minutes=45),
        "timezone": "Europe/Berlin",
    }
    return Event("Technical interview", **{**given, **changed})


@fidelity("calendar.events.insert", "Creates an event.")
@fidelity("EventDateTime.timeZone", "The time zone in which the time is specified.")
def test_an_event_comes_back_as_it_was_meant(mine: Any) -> None:
    made = mine.add_event(interview(description="Bring a laptop", location="Room 3"))
    seen = mine.get_event(made.event_id)
    assert (seen.start, seen.end) == (TEN, TEN + timedelta(minutes=45))
    assert (seen.summary, seen.description, seen.location) == (
        "Technical interview",
        "Bring a laptop",
        "Room 3",
    )
    assert seen.timezone == "Europe/Berlin"
    assert seen.organizer.email == seen.creator.email == SCHEDULING


@fidelity(
    "EventDateTime.date", 'The date, in the format "yyyy-mm-dd", if this is an all-day event.'
)
@fidelity("Event.end", "The (exclusive) end time of the event.")
def test_an_event_of_days(mine: Any) -> None:
    made = mine.add_event(Event("Offsite", start=date(2026, 11, 24), end=date(2026, 11, 26)))
    seen = mine.get_event(made.event_id)
    assert (seen.start, seen.end) == (date(2026, 11, 24), date(2026, 11, 26))


@fidelity("Event.id", "When creating new single or recurring events, you can specify their IDs.")
def test_an_id_of_one_s_own(mine: Any) -> None:
    made = mine.add_event(interview(event_id="a0v9a0v9a0v9"))
    assert made.event_id == "a0v9a0v9a0v9"
    with pytest.raises(HttpError) as refused:
        mine.add_event(interview(event_id=made.event_id))
    assert refused.value.status_code == 409


@fidelity("calendar.events.update", "Updates an event.")
def test_an_update_keeps_what_the_client_writes_back(mine: Any) -> None:
    event = mine.add_event(interview(color_id="5", visibility=Visibility.PRIVATE))
    event.summary = "System design"
    event.start, event.end = TEN + timedelta(hours=4), TEN + timedelta(hours=5)
    mine.update_event(event)
    seen = mine.get_event(event.event_id)
    assert (seen.summary, seen.start) == ("System design", TEN + timedelta(hours=4))
    assert (seen.color_id, seen.visibility) == ("5", Visibility.PRIVATE)


@fidelity("calendar.events.delete", "Deletes an event.")
def test_a_deleted_event_leaves_the_list(mine: Any) -> None:
    event = mine.add_event(interview())
    mine.delete_event(event)
    assert list(mine.get_events(**DAY)) == []
    with pytest.raises(HttpError) as refused:
        mine.delete_event(event)
    details: Any = refused.value.error_details
    assert details[0]["reason"] == "deleted"


@fidelity("calendar.events.list", "Returns events on the specified calendar.")
@fidelity("calendar.events.list.orderBy", "Order by the start date/time (ascending).")
def test_events_in_order_and_by_word(mine: Any) -> None:
    mine.add_event(interview(start=TEN + timedelta(hours=3), end=TEN + timedelta(hours=4)))
    mine.add_event(interview(description="Whiteboard"))
    ordered = list(mine.get_events(**DAY, order_by="startTime", single_events=True))
    assert [each.start for each in ordered] == [TEN, TEN + timedelta(hours=3)]
    assert [each.start for each in mine.get_events(**DAY, query="whiteboard")] == [TEN]


@fidelity("calendar.events.list.pageToken", "Token specifying which result page to return.")
def test_pages_are_followed(mine: Any) -> None:
    for minute in range(5):
        start = TEN + timedelta(minutes=minute)
        mine.add_event(interview(start=start, end=start + timedelta(minutes=1)))
    assert len(list(mine.get_events(**DAY, maxResults=2))) == 5


@fidelity("calendar.events.instances", "Returns instances of the specified recurring event.")
@fidelity("Event.recurrence", "List of RRULE, EXRULE, RDATE and EXDATE lines for a recurring event")
def test_a_series_made_of_the_client_s_own_rule(mine: Any) -> None:
    rule = Recurrence.rule(freq=WEEKLY, by_week_day=TU, count=3)
    series = mine.add_event(interview(recurrence=rule))
    found = list(mine.get_instances(series, time_min=TEN - timedelta(days=1)))
    assert [each.start for each in found] == [TEN + timedelta(weeks=n) for n in range(3)]
    assert {each.recurring_event_id for each in found} == {series.event_id}


@fidelity(
    "Event.status",
    "Cancelled exceptions of an uncancelled recurring event indicate that this instance should no longer be presented to the user.",
)
def test_one_instance_is_dropped(mine: Any) -> None:
    series = mine.add_event(interview(recurrence=Recurrence.rule(freq=WEEKLY, count=3)))
    second = list(mine.get_instances(series, time_min=TEN - timedelta(days=1)))[1]
    mine.delete_event(second)
    left = list(mine.get_instances(series, time_min=TEN - timedelta(days=1)))
    assert [each.start for each in left] == [TEN, TEN + timedelta(weeks=2)]


@fidelity("EventAttendee.optional", "Whether this is an optional attendee.")
@fidelity("calendar.events.insert.sendUpdates", "Notifications are sent to all guests.")
def test_guests_and_their_mail(mine: Any, google: Emulator) -> None:
    guests = [Attendee(DANA), Attendee(FEMI, optional=True)]
    made = mine.add_event(interview(attendees=guests), send_updates=SendUpdatesMode.ALL)
    seen = {each.email: each for each in mine.get_event(made.event_id).attendees}
    assert seen[FEMI].optional
    assert seen[DANA].response_status == ResponseStatus.NEEDS_ACTION
    assert {address for mail in google.outbox() for address in mail["to"]} == {DANA, FEMI}


@fidelity("EventAttendee.responseStatus", '"declined" - The attendee has declined the invitation.')
def test_a_guest_s_answer_is_seen(mine: Any, google: Emulator) -> None:
    made = mine.add_event(interview(attendees=[ADA]))
    assert google.rsvp(ADA, made.event_id, "declined")
    assert mine.get_event(made.event_id).attendees[0].response_status == ResponseStatus.DECLINED


@fidelity(
    "Event.reminders.overrides",
    "If the event doesn't use the default reminders, this lists the reminders specific to the event",
)
def test_reminders(mine: Any) -> None:
    wanted = [PopupReminder(minutes_before_start=10), EmailReminder(minutes_before_start=60)]
    made = mine.add_event(interview(reminders=wanted))
    seen = mine.get_event(made.event_id)
    assert {(each.method, each.minutes_before_start) for each in seen.reminders} == {
        ("popup", 10),
        ("email", 60),
    }
    assert not seen.default_reminders


@fidelity("EventAttachment.fileUrl", "URL link to the attachment.")
def test_an_attachment(mine: Any) -> None:
    file = Attachment("https://drive.google.com/open?id=abc", "Guide", "application/pdf")
    made = mine.add_event(interview(attachments=[file]), supportsAttachments=True)
    assert [each.title for each in mine.get_event(made.event_id).attachments] == ["Guide"]


@fidelity(
    "ConferenceData.createRequest",
    "A request to generate a new conference and attach it to the event.",
)
def test_a_conference_is_asked_for(mine: Any) -> None:
    wish = ConferenceSolutionCreateRequest(solution_type=SolutionType.HANGOUTS_MEET)
    solution = mine.add_event(interview(conference_solution=wish)).conference_solution
    assert solution.solution_type == SolutionType.HANGOUTS_MEET
    assert solution.conference_id
    assert {each.entry_point_type for each in solution.entry_points} >= {"video", "phone"}


@fidelity(
    "ConferenceRequestStatus.statusCode",
    '"pending": the conference create request is still being processed.',
)
def test_a_pending_conference_is_known_by_its_status(mine: Any, google: Emulator) -> None:
    google.set_conference(latency=None)
    wish = ConferenceSolutionCreateRequest(solution_type=SolutionType.HANGOUTS_MEET)
    made = mine.add_event(interview(conference_solution=wish))
    assert made.conference_solution.status == "pending"
    google.set_conference(latency=0)
    assert mine.get_event(made.event_id).conference_solution.entry_points


@fidelity(
    "calendar.events.insert.conferenceDataVersion",
    "Version 1 enables support for copying of ConferenceData",
)
def test_a_conference_is_copied_with_its_signature(mine: Any) -> None:
    wish = ConferenceSolutionCreateRequest(solution_type=SolutionType.HANGOUTS_MEET)
    origin = mine.add_event(interview(conference_solution=wish))
    made = mine.add_event(interview(conference_solution=origin.conference_solution))
    copied = mine.get_event(made.event_id).conference_solution
    assert copied.conference_id == origin.conference_solution.conference_id
    assert copied.entry_points == origin.conference_solution.entry_points


@fidelity(
    "calendar.events.move", "Moves an event to another calendar, i.e. changes an event's organizer."
)
def test_an_event_is_moved(mine: Any) -> None:
    other = mine.add_calendar(Calendar("Other", timezone="Europe/Berlin"))
    event = mine.add_event(interview())
    mine.move_event(event, destination_calendar_id=other.id)
    found = mine.get_event(event.event_id, calendar_id=other.id)
    assert found.organizer.email == other.id


@fidelity(
    "calendar.events.import",
    "This operation is used to add a private copy of an existing event to a calendar.",
)
def test_an_event_is_imported(mine: Any, google: Emulator) -> None:
    made = mine.import_event(interview(iCalUID="abc@elsewhere.example"))
    assert mine.get_event(made.event_id).other["iCalUID"] == "abc@elsewhere.example"
    assert google.outbox() == []


@fidelity("calendar.freebusy.query", "Returns free/busy information for a set of calendars.")
@fidelity("Event.transparency", '"transparent" - The event does not block time on the calendar.')
def test_busy_times(mine: Any, sign_in: SignIn) -> None:
    sign_in(DANA).add_event(interview())
    sign_in(DANA).add_event(
        interview(
            start=TEN + timedelta(hours=2),
            end=TEN + timedelta(hours=3),
            transparency=Transparency.TRANSPARENT,
        )
    )
    found = mine.get_free_busy(DANA, **DAY)
    assert [(each.start, each.end) for each in found] == [(TEN, TEN + timedelta(minutes=45))]


@fidelity("FreeBusyCalendar.errors", "Optional error(s) (if computation for the calendar failed).")
def test_busy_times_that_nobody_knows(mine: Any) -> None:
    with pytest.raises(FreeBusyQueryError) as refused:
        mine.get_free_busy(["nobody@elsewhere.example"], **DAY)
    assert refused.value.calendars_errors["nobody@elsewhere.example"][0]["reason"] == "notFound"


@fidelity("calendar.calendars.insert", "Creates a secondary calendar.")
@fidelity("calendar.calendars.update", "Updates metadata for a calendar.")
@fidelity("calendar.calendars.delete", "Deletes a secondary calendar.")
def test_a_calendar_from_beginning_to_end(mine: Any) -> None:
    calendar = mine.add_calendar(Calendar("Panel", description="d", timezone="Europe/Paris"))
    assert mine.get_calendar(calendar.id).timezone == "Europe/Paris"
    calendar.summary = "Talks"
    assert mine.update_calendar(calendar).summary == "Talks"
    mine.delete_calendar(calendar)
    with pytest.raises(HttpError) as refused:
        mine.get_calendar(calendar.id)
    assert refused.value.status_code == 404


@fidelity("calendar.calendarList.list", "Returns the calendars on the user's calendar list.")
@fidelity(
    "CalendarListEntry.summaryOverride",
    "The summary that the authenticated user has set for this calendar.",
)
def test_the_list_of_calendars(mine: Any) -> None:
    calendar = mine.add_calendar(Calendar("Panel"))
    entries = {each.id: each for each in mine.get_calendar_list()}
    assert entries[SCHEDULING].primary
    entry = entries[calendar.id]
    entry.summary_override = "Mine"
    assert mine.update_calendar_list_entry(entry).summary_override == "Mine"
    assert isinstance(mine.get_calendar_list_entry(calendar.id), CalendarListEntry)


@fidelity("calendar.acl.insert", "Creates an access control rule.")
@fidelity("calendar.acl.delete", "Deletes an access control rule.")
def test_sharing(mine: Any, sign_in: SignIn) -> None:
    calendar = mine.add_calendar(Calendar("Panel"))
    rule = AccessControlRule(role=ACLRole.READER, scope_type=ACLScopeType.USER, scope_value=FEMI)
    kept = mine.add_acl_rule(rule, calendar_id=calendar.id)
    assert sign_in(FEMI).get_calendar(calendar.id).summary == "Panel"
    kept.role = ACLRole.WRITER
    assert mine.update_acl_rule(kept, calendar_id=calendar.id).role == ACLRole.WRITER
    assert kept.id in {each.id for each in mine.get_acl_rules(calendar_id=calendar.id)}
    mine.delete_acl_rule(kept, calendar_id=calendar.id)
    with pytest.raises(HttpError) as refused:
        sign_in(FEMI).get_calendar(calendar.id)
    assert refused.value.status_code == 404


@fidelity("calendar.settings.list", "Returns all user settings for the authenticated user.")
def test_settings(sign_in: SignIn) -> None:
    assert sign_in(FEMI).get_settings().timezone == "Europe/London"


@fidelity("Colors.event", "A global palette of event colors")
def test_colors(mine: Any) -> None:
    assert mine.list_event_colors()["11"]["background"].startswith("#")
    assert mine.list_calendar_colors()["14"]["foreground"].startswith("#")
