"""What a candidate would be told of a booking now, as the letter that tells it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from scheduler.domain.booking import BookingState, CallState
from scheduler.domain.disclosure import (
    AgendaItem,
    CalendarEntry,
    CandidateCall,
    CandidateLetter,
    JoinUrl,
    LetterKind,
    RecruitingContact,
    agenda_text,
)
from scheduler.models.bookings import Booking, Call
from scheduler.models.candidates import Application
from scheduler.queries import slot_searches
from scheduler.queries.wanted import public_place, public_title


def letter_of(booking: Booking, *, company: str, page_url: str) -> CandidateLetter:
    """Return the letter that tells the candidate of `booking` as it is now."""
    application = booking.application
    calls = live_calls(booking)
    if booking.state is BookingState.CANCELLED:
        kind = LetterKind.CANCELLED
    elif booking.told_digest is None:
        kind = LetterKind.CONFIRMED
    elif booking.told_times != times_of(calls):
        kind = LetterKind.RESCHEDULED
    else:
        kind = LetterKind.UPDATED
    return CandidateLetter(
        kind=kind,
        company=company,
        to_name=application.candidate.name,
        to_email=application.candidate.email or "",
        stage_title=booking.public_title,
        zone=booking.zone,
        calls=tuple(candidate_call(call) for call in calls),
        entries=tuple(calendar_entry(call, booking) for call in calls),
        notes=booking.public_notes,
        location=public_place(booking, booking.interviews),
        page_url=page_url,
        contact=contact_of(application, booking.stage_id, booking),
        sequence=booking.candidate_revision,
    )


def live_calls(booking: Booking) -> list[Call]:
    """Return the calls that take place, earliest first."""
    return sorted(
        (call for call in booking.calls if call.state is CallState.LIVE and call.interviews),
        key=lambda call: call.interviews[0].during,
    )


def digest_of(letter: CandidateLetter) -> str:
    """Return a digest of what `letter` tells: state, times, places, links and texts.

    Who sits on the panel is no part of it, so a swap leaves it as it is.
    """
    told = {
        "cancelled": letter.kind is LetterKind.CANCELLED,
        "to": letter.to_email,
        "stage": letter.stage_title,
        "zone": letter.zone.key,
        "notes": letter.notes,
        "location": letter.location,
        "calls": [
            {
                "link": call.join_url,
                "agenda": [
                    [item.title, item.span.start.isoformat(), item.span.end.isoformat()]
                    for item in call.agenda
                ],
            }
            for call in letter.calls
        ],
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def times_of(calls: Iterable[Call]) -> str:
    """Return the times of the interviews of `calls` in one line, to compare with an earlier one."""
    spans = sorted(interview.during for call in calls for interview in call.interviews)
    return " ".join(f"{span.start:%Y%m%dT%H%M}/{span.end:%Y%m%dT%H%M}" for span in spans)


def candidate_call(call: Call) -> CandidateCall:
    """Return a call as the candidate sees it."""
    return CandidateCall(
        agenda=_agenda(call),
        join_url=JoinUrl(call.join_url) if call.join_url else None,
    )


def calendar_entry(call: Call, booking: Booking) -> CalendarEntry:
    """Return a call as an entry of the add-to-calendar file, under Google's own UID."""
    agenda = _agenda(call)
    link = f"Join: {call.join_url}\n\n" if call.join_url else ""
    return CalendarEntry(
        uid=call.candidate_ical_uid or f"{call.candidate_event_id}@google.com",
        title=public_title(booking, call.interviews),
        span=candidate_call(call).span,
        text=f"{link}{agenda_text(agenda, booking.zone)}",
        location=public_place(booking, call.interviews) or call.join_url,
    )


def contact_of(
    application: Application, stage_id: int, booking: Booking | None
) -> RecruitingContact | None:
    """Return whom the candidate may ask: their recruiter, unless the recruiter could interview them.

    Could, and not only does: a contact that vanishes with a swap would tell who came in.
    """
    recruiter = application.recruiter
    panel = {row.email for row in slot_searches.who_could_sit(stage_id)}
    if booking is not None:
        panel |= {
            seat.interviewer.email for interview in booking.interviews for seat in interview.seats
        }
    if recruiter.email in panel:
        return None
    return RecruitingContact(name=recruiter.name, email=recruiter.email, phone=recruiter.phone)


def _agenda(call: Call) -> tuple[AgendaItem, ...]:
    return tuple(
        AgendaItem(title=interview.title, span=interview.during) for interview in call.interviews
    )
