"""What Google should show for a booking, read from its rows into values for the reconciler."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from scheduler.domain.booking import BookingState, CallState, SeatState
from scheduler.domain.calls import (
    ConferenceStrategy,
    EventId,
    EventMarks,
    EventRole,
    RequestId,
)
from scheduler.domain.disclosure import (
    AgendaItem,
    CandidateEvent,
    CandidateGuest,
    ConferenceCopy,
    ConferenceRequest,
    JoinUrl,
    LinkByHand,
    place_with_rooms,
    withheld_for,
)
from scheduler.domain.events import (
    Attachment,
    Briefing,
    EventRoom,
    InterviewerEvent,
    KeeperEvent,
    SeatedInterviewer,
)
from scheduler.domain.plan import Attendance
from scheduler.domain.timespan import TimeSpan, hull
from scheduler.models.base import db
from scheduler.models.bookings import Booking, Call, Interview, Seat
from scheduler.models.calendar import Installation
from scheduler.models.candidates import Application

DRIVE_HOSTS = ("https://drive.google.com/", "https://docs.google.com/")


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedInterview:
    """One interview of a call: its interviewer event, but for the conference."""

    interview_id: int
    calendar_id: str
    event_id: EventId
    marks: EventMarks
    span: TimeSpan
    zone: ZoneInfo
    briefing: Briefing
    seats: tuple[SeatedInterviewer, ...]
    attachments: tuple[Attachment, ...]
    room: EventRoom | None

    def event(self, conference: ConferenceCopy | LinkByHand | None) -> InterviewerEvent:
        return InterviewerEvent(
            event_id=self.event_id,
            marks=self.marks,
            span=self.span,
            zone=self.zone,
            briefing=self.briefing,
            seats=self.seats,
            conference=conference,
            attachments=self.attachments,
            room=self.room,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedCall:
    """One call as it should be. A call that is not live has no interviews: its events go."""

    call_id: uuid.UUID
    is_live: bool
    calendar_id: str
    candidate_event_id: EventId
    keeper_event_id: EventId
    request_id: RequestId
    conference_tries: int
    strategy: ConferenceStrategy
    link_by_hand: JoinUrl
    installation: str
    title: str
    agenda: tuple[AgendaItem, ...]
    notes: str
    location: str
    zone: ZoneInfo
    guest: CandidateGuest | None
    withheld: tuple[str, ...]
    is_published: bool
    interviews: tuple[WantedInterview, ...]

    def is_over(self, now: datetime) -> bool:
        """Say whether its interviews have been held. What Google shows of those stays as it is."""
        return self.is_live and all(item.span.end <= now for item in self.agenda)

    def marks(self, role: EventRole) -> EventMarks:
        return EventMarks(self.installation, str(self.call_id), role)

    def candidate_event(
        self,
        conference: ConferenceRequest | ConferenceCopy | LinkByHand | None,
        guest: CandidateGuest | None,
    ) -> CandidateEvent:
        return CandidateEvent(
            event_id=self.candidate_event_id,
            marks=self.marks(EventRole.CANDIDATE),
            title=self.title,
            agenda=self.agenda,
            notes=self.notes,
            location=self.location,
            zone=self.zone,
            conference=conference,
            guest=guest,
        )

    def keeper_event(self, conference: ConferenceRequest | None) -> KeeperEvent:
        return KeeperEvent(
            event_id=self.keeper_event_id,
            marks=self.marks(EventRole.KEEPER),
            span=hull(item.span for item in self.agenda),
            zone=self.zone,
            conference=conference,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedBooking:
    """A booking as its rows want it, at one revision."""

    booking_id: int
    revision: int
    applied_revision: int
    is_cancelled: bool
    attempts: int
    calls: tuple[WantedCall, ...]
    orphans: tuple[WantedInterview, ...]
    """Interviews whose events must go, because the booking is cancelled."""


def wanted_booking(booking_id: int) -> WantedBooking | None:
    """Return what a booking wants now, or None when there is no such booking."""
    interviews = selectinload(Booking.interviews)
    booking = db.session.scalars(
        select(Booking)
        .where(Booking.id == booking_id)
        .options(
            joinedload(Booking.application).joinedload(Application.candidate),
            joinedload(Booking.application).joinedload(Application.job_role),
            joinedload(Booking.application).joinedload(Application.recruiter),
            selectinload(Booking.calls),
            interviews.selectinload(Interview.seats).joinedload(Seat.interviewer),
            interviews.selectinload(Interview.rooms),
        )
        .execution_options(populate_existing=True)
    ).one_or_none()
    if booking is None:
        return None
    is_cancelled = booking.state is BookingState.CANCELLED
    installation = str(db.session.scalars(select(Installation.uuid)).one())
    wanted = [
        (interview, _interview(interview, booking, installation))
        for interview in booking.interviews
    ]
    withheld = withheld_names(booking)
    return WantedBooking(
        booking_id=booking.id,
        revision=booking.desired_revision,
        applied_revision=booking.applied_revision,
        is_cancelled=is_cancelled,
        attempts=booking.attempts,
        calls=tuple(
            _call(
                call,
                booking,
                installation,
                withheld,
                [(row, each) for row, each in wanted if row.call_id == call.id],
            )
            for call in booking.calls
        ),
        orphans=tuple(each for _, each in wanted) if is_cancelled else (),
    )


def withheld_names(booking: Booking) -> tuple[str, ...]:
    """Return what no text for this candidate may hold: everybody who sits, or ever sat, on the panel.

    And the calendars of rooms, at which Google tells colleagues who has them.
    """
    people = {
        (seat.interviewer.name, seat.interviewer.email)
        for interview in booking.interviews
        for seat in interview.seats
    }
    candidate = booking.application.candidate
    mailboxes = {each.room.email for interview in booking.interviews for each in interview.rooms}
    return (*withheld_for(sorted(people), known=[candidate.name]), *sorted(mailboxes))


def _call(
    call: Call,
    booking: Booking,
    installation: str,
    withheld: tuple[str, ...],
    interviews: list[tuple[Interview, WantedInterview]],
) -> WantedCall:
    is_live = call.state is CallState.LIVE and bool(interviews)
    candidate = booking.application.candidate
    guest = None
    if candidate.email is not None:
        guest = CandidateGuest(email=candidate.email, name=candidate.name)
    return WantedCall(
        call_id=call.id,
        is_live=is_live,
        calendar_id=call.calendar_id,
        candidate_event_id=EventId(call.candidate_event_id),
        keeper_event_id=EventId(call.keeper_event_id),
        request_id=RequestId(call.conference_request_id),
        conference_tries=call.conference_tries,
        strategy=booking.strategy,
        link_by_hand=JoinUrl(call.link_by_hand),
        installation=installation,
        title=public_title(booking, [row for row, _ in interviews]),
        agenda=tuple(AgendaItem(title=row.title, span=row.during) for row, _ in interviews),
        notes=booking.public_notes,
        location=public_place(booking, [row for row, _ in interviews]),
        zone=booking.zone,
        guest=guest,
        withheld=withheld,
        is_published=call.published_at is not None,
        interviews=tuple(each for _, each in interviews) if is_live else (),
    )


def public_title(booking: Booking, interviews: list[Interview]) -> str:
    """Return the candidate event's title: the stage, and the interview where the call has but one."""
    if len(interviews) == 1 and interviews[0].title != booking.public_title:
        return f"{booking.public_title}: {interviews[0].title}"
    return booking.public_title


def public_place(booking: Booking, interviews: Iterable[Interview]) -> str:
    """Return where the candidate goes to; rooms are named to those who come to the office."""
    rooms = _rooms(interviews) if booking.attendance is Attendance.ONSITE else []
    return place_with_rooms(booking.location, rooms)


def _rooms(interviews: Iterable[Interview]) -> list[tuple[str, str]]:
    held = [each.room.room for each in interviews if each.room is not None]
    return [(room.name, room.site) for room in held]


def _room(interview: Interview) -> EventRoom | None:
    if interview.room is None:
        return None
    return EventRoom(email=interview.room.room.email, name=interview.room.room.name)


def _interview(interview: Interview, booking: Booking, installation: str) -> WantedInterview:
    application = booking.application
    live = [seat for seat in interview.seats if seat.state is SeatState.LIVE]
    resume = application.candidate.resume_url
    return WantedInterview(
        interview_id=interview.id,
        calendar_id=interview.calendar_id,
        event_id=EventId(interview.event_id),
        marks=EventMarks(installation, str(interview.call_id), EventRole.INTERVIEWER),
        span=interview.during,
        zone=live[0].interviewer.zone if live else booking.zone,
        briefing=Briefing(
            candidate_name=application.candidate.name,
            job_title=application.job_role.title,
            interview_title=interview.title,
            focus=interview.focus,
            resume_url=resume,
            scorecard_url=application.scorecard_url,
            recruiter_name=application.recruiter.name,
            recruiter_phone=application.recruiter.phone,
            location=place_with_rooms(booking.location, _rooms([interview])),
        ),
        seats=tuple(
            SeatedInterviewer(
                email=seat.interviewer.email, name=seat.interviewer.name, kind=seat.kind
            )
            for seat in live
        ),
        attachments=(
            (Attachment(resume, f"Résumé of {application.candidate.name}"),)
            if resume.startswith(DRIVE_HOSTS)
            else ()
        ),
        room=_room(interview),
    )
