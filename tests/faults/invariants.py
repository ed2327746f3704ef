"""What must hold in Google, in the mailboxes and in the database once a booking has come to rest."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from scheduler.domain.booking import BookingState, CallState, SeatState
from scheduler.domain.calls import ConferenceStrategy
from scheduler.emulator.company import Account
from scheduler.models.bookings import Booking, Call
from tests.cast import ADA
from tests.world import Greenroom

Event = dict[str, Any]


def check_rest(greenroom: Greenroom, booking: Booking) -> None:
    """Assert everything RELIABILITY.md 5 asks of one booking alone on the calendars."""
    assert booking.applied_revision == booking.desired_revision
    assert booking.attention is None
    events = {event["id"]: event for event in greenroom.organizer_events()}
    live = [call for call in booking.calls if call.state is CallState.LIVE]
    if booking.state is BookingState.CANCELLED:
        assert events == {}
        assert live == []
        return
    expected = {call.candidate_event_id for call in live}
    expected |= {interview.event_id for interview in booking.interviews}
    if booking.strategy is ConferenceStrategy.KEEPER_EVENT_MINTS:
        expected |= {call.keeper_event_id for call in live}
    assert set(events) == expected
    for call in live:
        _check_call(call, events)


def check_nobody_holds_a_half_made_event(greenroom: Greenroom, candidate: Account = ADA) -> None:
    """Assert that whatever the candidate holds has a link under which the panel is, too."""
    panel_links = Counter(
        event.get("hangoutLink")
        for event in greenroom.organizer_events()
        if candidate.email not in _guests(event)
    )
    for event in greenroom.events_of(candidate):
        assert event.get("hangoutLink")
        assert panel_links[event["hangoutLink"]] > 0


def mails_by_subject(greenroom: Greenroom, since: int) -> Counter[tuple[str, str, str]]:
    """Count the mails after the first `since`, by kind, receiver and subject."""
    return Counter(
        (mail["kind"], to, mail["subject"])
        for mail in greenroom.google.outbox()[since:]
        for to in mail["to"]
    )


def _check_call(call: Call, events: dict[str, Event]) -> None:
    candidate = events[call.candidate_event_id]
    siblings = [events[interview.event_id] for interview in call.interviews]
    for name in ("conferenceId", "signature", "entryPoints"):
        assert {str(each["conferenceData"][name]) for each in (candidate, *siblings)} == {
            str(candidate["conferenceData"][name])
        }
    assert _guests(candidate) == {call.booking.application.candidate.email}
    spans = [interview.during for interview in call.interviews]
    assert _start(candidate) == min(span.start for span in spans)
    assert _end(candidate) == max(span.end for span in spans)
    for interview, event in zip(call.interviews, siblings, strict=True):
        seated = {
            seat.interviewer.email for seat in interview.seats if seat.state is SeatState.LIVE
        }
        assert _guests(event) == seated
        assert (_start(event), _end(event)) == (interview.during.start, interview.during.end)


def _guests(event: Event) -> set[str]:
    return {guest["email"] for guest in event.get("attendees", []) if not guest.get("organizer")}


def _start(event: Event) -> datetime:
    return datetime.fromisoformat(event["start"]["dateTime"])


def _end(event: Event) -> datetime:
    return datetime.fromisoformat(event["end"]["dateTime"])
