"""The events of calls, and the organizer calendars they live on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast
from zoneinfo import ZoneInfo

from scheduler.domain.calls import EventId, RequestId
from scheduler.domain.diff import SendUpdates
from scheduler.domain.disclosure import SealedPayload
from scheduler.domain.events import InterviewerEvent, KeeperEvent, ObservedEvent
from scheduler.google.client import Google
from scheduler.google.errors import EventGone, Unreachable

if TYPE_CHECKING:
    from googleapiclient._apis.calendar.v3.resources import CalendarResource, EventsHttpRequest
    from googleapiclient._apis.calendar.v3.schemas import Calendar, Event, Events
    from googleapiclient.http import HttpRequest

MEET = "hangoutsMeet"
CONFERENCE_DATA_VERSION = 1  # with 0 Google ignores conferenceData, on inserts for good
PAGE_SIZE = 250  # events


@dataclass(frozen=True, slots=True)
class CalendarFacts:
    """What we need to know of an organizer calendar (the Calendars resource)."""

    id: str
    summary: str
    """The calendar's name. Candidates see it as the organizer of their event."""
    allowed_conference_types: tuple[str, ...]
    """conferenceProperties.allowedConferenceSolutionTypes."""

    @property
    def can_make_meet(self) -> bool:
        """Whether a Meet conference may be requested on this calendar."""
        return MEET in self.allowed_conference_types


@dataclass(frozen=True, slots=True)
class ChangedEvents:
    """What has changed on a calendar, and where to go on from."""

    events: tuple[ObservedEvent, ...]
    next_sync_token: str


class CalendarGateway:
    """Reads and writes events, as the scheduling account.

    Whatever can be repeated is repeated by `Google.execute`. Every method raises GoogleError;
    those named in a docstring are the ones to expect.
    """

    def __init__(self, google: Google) -> None:
        self._google = google

    def get_event(self, calendar_id: str, event_id: EventId) -> ObservedEvent | None:
        """Return the event, or None when Google knows none (404).

        A deleted event comes back for a while, with `is_cancelled` (events.get, GOOGLE.md 6.1).
        """
        request = self._events.get(calendarId=calendar_id, eventId=event_id)
        try:
            return _observed(self._google.execute(request))
        except EventGone:
            return None

    def insert_candidate_event(
        self, calendar_id: str, payload: SealedPayload, *, send_updates: SendUpdates
    ) -> ObservedEvent:
        """Make the candidate event and return it as Google stored it.

        Nothing but what `disclosure.release` has let go is accepted. Raises EventExists when the
        id is taken, by our own lost answer or by a deleted event; ConferenceNotAllowed when Meet
        cannot be had here, and then there is no event (events.insert, GOOGLE.md 3.5 and 6.1).
        """
        return self._insert(calendar_id, _released(payload), send_updates)

    def patch_candidate_event(
        self,
        calendar_id: str,
        payload: SealedPayload,
        *,
        if_match: str,
        send_updates: SendUpdates,
    ) -> ObservedEvent:
        """Bring the candidate event up to `payload` and return it as Google stored it.

        `if_match` is the etag of the event that the decision was made on. Raises EditedMeanwhile
        when the event is another by now, also when that was our own answer that got lost;
        EventGone (events.patch, GOOGLE.md 6.2 and 6.3).
        """
        return self._patch(calendar_id, _released(payload), if_match, send_updates)

    def insert_internal_event(
        self,
        calendar_id: str,
        event: InterviewerEvent | KeeperEvent,
        *,
        send_updates: SendUpdates,
    ) -> ObservedEvent:
        """Make an event that no candidate gets, and return it as Google stored it.

        A conference whose signature Google does not accept is left out without an error: read
        the event back (GOOGLE.md 3.3). Raises as `insert_candidate_event` does.
        """
        return self._insert(calendar_id, event.as_json(), send_updates)

    def patch_internal_event(
        self,
        calendar_id: str,
        event: InterviewerEvent | KeeperEvent,
        *,
        if_match: str,
        send_updates: SendUpdates,
    ) -> ObservedEvent:
        """Bring an event that no candidate gets up to `event`. The guests are the whole list.

        Raises as `patch_candidate_event` does.
        """
        return self._patch(calendar_id, event.as_json(), if_match, send_updates)

    def request_conference_again(
        self, calendar_id: str, event_id: EventId, request_id: RequestId, *, if_match: str
    ) -> ObservedEvent:
        """Ask for a conference on an event whose first one failed. Nothing else changes.

        `request_id` must be new: Google ignores one that it has seen on this event. Nobody is
        mailed. Raises as `patch_candidate_event` does, and ConferenceNotAllowed.
        """
        body = {"id": event_id, "conferenceData": _conference_request(request_id)}
        return self._patch(calendar_id, body, if_match, SendUpdates.NONE)

    def delete_event(
        self,
        calendar_id: str,
        event_id: EventId,
        *,
        send_updates: SendUpdates,
        if_match: str | None = None,
    ) -> None:
        """Remove the event. One that is gone already (404, 410) is as good.

        With `if_match`, an etag, raises EditedMeanwhile when the event is another by now
        (events.delete).
        """
        request = self._events.delete(
            calendarId=calendar_id, eventId=event_id, sendUpdates=_literal(send_updates)
        )
        if if_match is not None:
            _only_if(request, if_match)
        try:
            self._google.execute_without_answer(request)
        except EventGone:
            return

    def tagged_events(self, calendar_id: str, installation: str) -> Iterator[ObservedEvent]:
        """Yield every event of the calendar that carries our installation's private tag.

        Deleted ones are left out. Pages are fetched as they are needed, in no particular order;
        an event written meanwhile may be missing (events.list, GOOGLE.md 6.1). Raises EventGone
        when the calendar is not to be found.
        """
        request: EventsHttpRequest | None = self._events.list(
            calendarId=calendar_id,
            privateExtendedProperty=f"greenroomInstallation={installation}",
            maxResults=PAGE_SIZE,
        )
        while request is not None:
            page = self._google.execute(request)
            yield from (_observed(item) for item in page.get("items", []))
            request = self._events.list_next(request, cast("Events", page))

    def changed_events(self, calendar_id: str, sync_token: str | None) -> ChangedEvents:
        """Return the events that changed since `sync_token`, and the token to ask with next time.

        Without a token: every event there is. Of a deleted event only the id is certain, and a
        change of our own is among them too (events.list, GOOGLE.md 10.2). Raises SyncTokenExpired,
        after which one begins without a token, and EventGone when the calendar is not to be found.
        """
        events: list[ObservedEvent] = []
        request: EventsHttpRequest | None
        if sync_token is None:
            request = self._events.list(calendarId=calendar_id, maxResults=PAGE_SIZE)
        else:
            # Other parameters must be as they were the first time.
            request = self._events.list(
                calendarId=calendar_id, maxResults=PAGE_SIZE, syncToken=sync_token
            )
        next_sync_token = ""
        while request is not None:
            page = self._google.execute(request)
            events += [_observed(item) for item in page.get("items", [])]
            # Only the last page has it.
            next_sync_token = str(page.get("nextSyncToken", ""))
            request = self._events.list_next(request, cast("Events", page))
        return ChangedEvents(tuple(events), next_sync_token)

    def make_calendar(self, summary: str, zone: ZoneInfo, description: str) -> str:
        """Make a secondary calendar of the scheduling account and return its id.

        Candidates see `summary` as the organizer's name: it must name no person. Not repeated
        after an unknown outcome, because Google would make a second one; few are allowed
        (calendars.insert, GOOGLE.md 6.4). Raises QuotaExceeded.
        """
        calendar = {"summary": summary, "timeZone": zone.key, "description": description}
        request = self._google.calendar.calendars().insert(body=cast("Calendar", calendar))
        return _calendar_facts(self._google.execute_once(request)).id

    def find_calendar(self, calendar_id: str) -> CalendarFacts | None:
        """Return what we need to know of a calendar, or None when we cannot see it (404).

        "primary" is the scheduling account's own (calendars.get).
        """
        request = self._google.calendar.calendars().get(calendarId=calendar_id)
        try:
            return _calendar_facts(self._google.execute(request))
        except EventGone:
            return None

    @property
    def _events(self) -> CalendarResource.EventsResource:
        return self._google.calendar.events()

    def _insert(
        self, calendar_id: str, body: dict[str, Any], send_updates: SendUpdates
    ) -> ObservedEvent:
        request = self._events.insert(
            calendarId=calendar_id,
            body=cast("Event", body),
            conferenceDataVersion=CONFERENCE_DATA_VERSION,
            sendUpdates=_literal(send_updates),
            supportsAttachments="attachments" in body,
        )
        return _observed(self._google.execute(request))

    def _patch(
        self, calendar_id: str, body: dict[str, Any], if_match: str, send_updates: SendUpdates
    ) -> ObservedEvent:
        # PATCH and never PUT: what we do not mention stays, a conference above all.
        event_id = body.pop("id")
        request = self._events.patch(
            calendarId=calendar_id,
            eventId=event_id,
            body=cast("Event", body),
            conferenceDataVersion=CONFERENCE_DATA_VERSION,
            sendUpdates=_literal(send_updates),
            supportsAttachments="attachments" in body,
        )
        _only_if(request, if_match)
        return _observed(self._google.execute(request))


def _released(payload: SealedPayload) -> dict[str, Any]:
    # The type says so already; this is for the callers that no type checker sees.
    if not isinstance(payload, SealedPayload):
        raise TypeError("a candidate event is written from a SealedPayload and nothing else")
    return payload.as_json()


def _conference_request(request_id: RequestId) -> dict[str, Any]:
    return {"createRequest": {"requestId": request_id, "conferenceSolutionKey": {"type": MEET}}}


def _literal(send_updates: SendUpdates) -> Literal["all", "none"]:
    return "all" if send_updates is SendUpdates.ALL else "none"


def _only_if(request: HttpRequest, etag: str) -> None:
    if not etag:
        raise ValueError("a write needs the etag it was decided on")
    request.headers = {**(request.headers or {}), "if-match": etag}


def _observed(resource: dict[str, Any]) -> ObservedEvent:
    if "id" not in resource:
        raise Unreachable("the answer is no event")
    return ObservedEvent(resource)


def _calendar_facts(resource: dict[str, Any]) -> CalendarFacts:
    if "id" not in resource:
        raise Unreachable("the answer is no calendar")
    types = resource.get("conferenceProperties", {}).get("allowedConferenceSolutionTypes", [])
    return CalendarFacts(resource["id"], resource.get("summary", ""), tuple(types))
