"""What the reconciler saw and did, recorded. Each function is one short transaction.

Nobody is asked and nothing is decided here: these are facts about Google, and ids that are stored
before the call that uses them.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from scheduler.commands import audit
from scheduler.commands.audit import GREENROOM
from scheduler.domain.booking import Attention, CallState, Rsvp, SeatState, Step
from scheduler.domain.calls import EventId, EventRole, RequestId, new_event_id, new_request_id
from scheduler.domain.events import Conference, ObservedEvent
from scheduler.domain.timespan import TimeSpan
from scheduler.models.base import db
from scheduler.models.bookings import Booking, Call, Interview, InterviewRoom, Seat, SettledStep
from scheduler.models.mail import MailState, OutboxMail
from scheduler.models.people import InterviewerRow


def renew_call(call_id: uuid.UUID, role: EventRole, *, now: datetime) -> None:
    """Give a call's event a new id, since Google never gives out a deleted id again.

    Where that event minted, a new one means a new room, which its siblings then get a copy of.
    """
    call = db.session.get_one(Call, call_id, with_for_update={"key_share": True})
    if role is EventRole.CANDIDATE:
        call.candidate_event_id, call.candidate_ical_uid = new_event_id(), ""
        call.published_at = None
    else:
        call.keeper_event_id = new_event_id()
    if role is call.booking.strategy.minting_role:
        call.conference_request_id, call.conference_tries = new_request_id(), 1
        call.conference_id = call.join_url = ""
    audit.record("renew_call", ("call", call_id), by=GREENROOM, now=now, role=role.value)
    db.session.commit()


def renew_interview_event(interview_id: int, *, now: datetime) -> EventId:
    """Give an interview a new event id, because the old one was deleted, and return it."""
    interview = db.session.get_one(Interview, interview_id, with_for_update={"key_share": True})
    interview.event_id = new_event_id()
    audit.record("renew_interview_event", ("interview", interview_id), by=GREENROOM, now=now)
    db.session.commit()
    return EventId(interview.event_id)


def renew_conference_request(call_id: uuid.UUID, *, now: datetime) -> RequestId:
    """Store a fresh request id for another try at a conference, and return it."""
    call = db.session.get_one(Call, call_id, with_for_update={"key_share": True})
    call.conference_request_id = new_request_id()
    call.conference_tries += 1
    audit.record(
        "renew_conference_request",
        ("call", call_id),
        by=GREENROOM,
        now=now,
        tries=call.conference_tries,
    )
    db.session.commit()
    return RequestId(call.conference_request_id)


def record_conference(call_id: uuid.UUID, conference: Conference | None, link_by_hand: str) -> None:
    """Keep where a call is held, for pages and mails."""
    call = db.session.get_one(Call, call_id)
    call.conference_id = conference.conference_id if conference else ""
    call.join_url = link_by_hand or (conference.join_url if conference else "")
    db.session.commit()


def record_candidate_event(call_id: uuid.UUID, seen: ObservedEvent, *, now: datetime) -> None:
    """Keep what the published candidate event shows: its UID, and the candidate's answer.

    A decline is recorded and shown to the recruiter; nothing is cancelled by itself.
    """
    call = db.session.get_one(Call, call_id)
    call.candidate_ical_uid = seen.ical_uid
    if call.published_at is None:
        call.published_at = now
        audit.record("publish", ("call", call_id), by=GREENROOM, now=now)
    answer = next(iter(seen.rsvps.values()), Rsvp.NEEDS_ACTION)
    if answer is not call.candidate_rsvp:
        call.candidate_rsvp = answer
        audit.record("record_rsvp", ("call", call_id), by=GREENROOM, now=now, rsvp=answer.value)
    db.session.commit()


def record_interviewer_event(
    interview_id: int, during: TimeSpan, rsvps: Mapping[str, Rsvp], *, now: datetime
) -> None:
    """Keep when the interviewer event stands in Google, and what the panel and the room answered there.

    `rsvps` maps lower-case addresses to answers.
    """
    seats = db.session.execute(
        select(Seat, InterviewerRow.email)
        .join(InterviewerRow, Seat.interviewer_id == InterviewerRow.id)
        .where(Seat.interview_id == interview_id, Seat.state == SeatState.LIVE)
    ).all()
    for seat, email in seats:
        answer = rsvps.get(email.lower(), seat.rsvp)
        if answer is not seat.rsvp:
            seat.rsvp = answer
            audit.record("record_rsvp", ("seat", seat.id), by=GREENROOM, now=now, rsvp=answer.value)
    _record_room(interview_id, rsvps, now=now)
    # Seats and rooms before interviews, as a move locks them.
    db.session.flush()
    db.session.execute(
        update(Interview).where(Interview.id == interview_id).values(observed_during=during)
    )
    db.session.commit()


def _record_room(interview_id: int, rsvps: Mapping[str, Rsvp], *, now: datetime) -> None:
    held = db.session.scalars(
        select(InterviewRoom).where(
            InterviewRoom.interview_id == interview_id, InterviewRoom.released_at.is_(None)
        )
    ).one_or_none()
    answer = rsvps.get(held.room.email.lower()) if held is not None else None
    if held is not None and answer is not None and answer is not held.rsvp:
        held.rsvp = answer
        audit.record(
            "record_rsvp", ("interview_room", held.id), by=GREENROOM, now=now, rsvp=answer.value
        )


def record_removed(call_id: uuid.UUID, *, now: datetime) -> None:
    """Keep that a call's events are gone from Google."""
    call = db.session.get_one(Call, call_id)
    if call.removed_at is None:
        call.removed_at = now
        call.join_url = ""
        audit.record("remove_call", ("call", call_id), by=GREENROOM, now=now)
    db.session.commit()


def record_step(
    booking_id: int, call_id: uuid.UUID | None, revision: int, step: Step, *, now: datetime
) -> None:
    """Keep that a step was seen done, once for each revision, for the page that shows it live."""
    db.session.execute(
        insert(SettledStep)
        .values(
            booking_id=booking_id, call_id=call_id, revision=revision, step=step, settled_at=now
        )
        .on_conflict_do_nothing()
    )
    db.session.commit()


def agree(booking_id: int, revision: int, *, now: datetime) -> None:
    """Keep that Google was seen to agree with `revision`."""
    booking = db.session.get_one(
        Booking, booking_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if booking.applied_revision < revision:
        booking.applied_revision = revision
        audit.record("agree", ("booking", booking_id), by=GREENROOM, now=now, revision=revision)
    if booking.desired_revision == revision:
        booking.attempts, booking.last_error = 0, None
        booking.attention, booking.attention_detail = _remaining_attention(booking)
    db.session.commit()


def _remaining_attention(booking: Booking) -> tuple[Attention | None, str]:
    """Return what still waits for a person although Google agrees with the rows."""
    live = [call for call in booking.calls if call.state is CallState.LIVE]
    if any(call.candidate_rsvp is Rsvp.DECLINED for call in live):
        return Attention.CANDIDATE_DECLINED, ""
    rooms = [each.room for each in booking.interviews if each.room is not None]
    declined = sorted({each.room.name for each in rooms if each.rsvp is Rsvp.DECLINED})
    if declined:
        return Attention.ROOM_DECLINED, ", ".join(declined)
    refusal = db.session.scalar(
        select(OutboxMail.last_error).where(
            OutboxMail.booking_id == booking.id,
            OutboxMail.candidate_revision == booking.candidate_revision,
            OutboxMail.state == MailState.REFUSED,
        )
    )
    return (None, "") if refusal is None else (Attention.MAIL_REFUSED, refusal)


def park(
    booking_id: int,
    revision: int,
    attention: Attention,
    *,
    detail: str = "",
    until: datetime,
    now: datetime,
) -> None:
    """Put a booking in needs attention, unless a person has changed it since `revision`.

    It is looked at again at `until` all the same: what stopped it may have been mended elsewhere.
    """
    changed = db.session.execute(
        update(Booking)
        .where(Booking.id == booking_id, Booking.desired_revision == revision)
        .values(
            attention=attention,
            attention_detail=detail[:500],
            attempts=Booking.attempts + 1,
            next_attempt_at=until,
            last_error=attention.value,
        )
    )
    if changed.rowcount:  # type: ignore[attr-defined]  # a CursorResult, as of every UPDATE
        audit.record(
            "park", ("booking", booking_id), by=GREENROOM, now=now, attention=attention.value
        )
    db.session.commit()


def postpone(booking_id: int, revision: int, *, reason: str, until: datetime) -> None:
    """Keep why a pass could not finish and when to look again.

    A newer change is not held back: it has set its own time.
    """
    db.session.execute(
        update(Booking)
        .where(Booking.id == booking_id, Booking.desired_revision == revision)
        .values(attempts=Booking.attempts + 1, next_attempt_at=until, last_error=reason[:200])
    )
    db.session.commit()
