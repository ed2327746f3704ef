"""The states of a booking, and the words for what stops one."""

from __future__ import annotations

from enum import StrEnum


class BookingState(StrEnum):
    BOOKED = "booked"
    CANCELLED = "cancelled"


class CallState(StrEnum):
    LIVE = "live"
    REMOVED = "removed"


class SeatState(StrEnum):
    LIVE = "live"
    RELEASED = "released"


class Rsvp(StrEnum):
    """A guest's answer as Google last showed it (Events resource, attendees[].responseStatus)."""

    NEEDS_ACTION = "needsAction"
    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"


class Step(StrEnum):
    """What the recruiter sees happen while a call settles, in this order."""

    CANDIDATE_EVENT_MADE = "candidate_event_made"
    CONFERENCE_PENDING = "conference_pending"
    CONFERENCE_READY = "conference_ready"
    INTERVIEWER_EVENT_WRITTEN = "interviewer_event_written"
    COPY_VERIFIED = "copy_verified"
    CANDIDATE_INVITED = "candidate_invited"
    EVENTS_REMOVED = "events_removed"
    MAIL_SENT = "mail_sent"


class Attention(StrEnum):
    """Why a booking waits for a person. `ADVICE` says what to do about each."""

    CONFERENCE_FAILED = "conference_failed"
    CONFERENCE_NOT_ALLOWED = "conference_not_allowed"
    COPY_NOT_KEPT = "copy_not_kept"
    IDENTITY_LEAK = "identity_leak"
    NOT_CONNECTED = "not_connected"
    REFUSED_BY_GOOGLE = "refused_by_google"
    CANDIDATE_DECLINED = "candidate_declined"
    ROOM_DECLINED = "room_declined"
    MAIL_REFUSED = "mail_refused"


ADVICE = {
    Attention.CONFERENCE_FAILED: (
        "Google could not make a Meet conference after five tries. "
        "Give a link by hand below, or try again later. Nobody has been invited without a link."
    ),
    Attention.CONFERENCE_NOT_ALLOWED: (
        "This organizer calendar may not make Meet conferences. Ask an admin to allow Google Meet "
        "for the scheduling account, or give a link by hand."
    ),
    Attention.COPY_NOT_KEPT: (
        "Google did not keep the copied conference on the interviewer event, so both sides would "
        "not meet in one call. Give a link by hand below, or try again."
    ),
    Attention.IDENTITY_LEAK: (
        "A text that the candidate would read names somebody on the panel. "
        "Edit that text, then try again. Nothing that names them has been sent."
    ),
    Attention.NOT_CONNECTED: (
        "Greenroom has no access to the scheduling account. Ask an admin to connect it; "
        "this booking then goes on by itself."
    ),
    Attention.REFUSED_BY_GOOGLE: (
        "Google refused a change to the calendar. Try again; if it stays, show the reason to an admin."
    ),
    Attention.CANDIDATE_DECLINED: (
        "The candidate declined in their calendar. Ask them, then reschedule or cancel. "
        "Nothing is cancelled by itself."
    ),
    Attention.ROOM_DECLINED: (
        "The room declined: somebody else has it at that time. Choose another room below, or "
        "reschedule. The candidate and the panel stay invited."
    ),
    Attention.MAIL_REFUSED: (
        "The candidate's mail server refused our mail. Check the address; "
        "Google's own invitation may have arrived all the same."
    ),
}
