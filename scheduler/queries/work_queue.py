"""The work queue: what needs a person first, who waits to be scheduled, what is coming up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, String, and_, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, contains_eager, joinedload, selectinload

from scheduler.domain.booking import ADVICE, Attention, BookingState, Rsvp, SeatState
from scheduler.domain.timespan import TimeSpan
from scheduler.models.audit import AuditEntry
from scheduler.models.base import Instant, db
from scheduler.models.bookings import Booking, Call, Interview, Seat
from scheduler.models.candidates import Application, CandidateWindow, Invite
from scheduler.models.mail import MailState, OutboxMail
from scheduler.queries.probes import UnbookableStage, unbookable

COMING_UP = timedelta(days=7)
MOST_ROWS = 50

WHAT_IS_WRONG = {
    Attention.CONFERENCE_FAILED: "There is no video call",
    Attention.CONFERENCE_NOT_ALLOWED: "Meet is not allowed",
    Attention.COPY_NOT_KEPT: "The two events do not share one call",
    Attention.IDENTITY_LEAK: "A public text names the panel",
    Attention.NOT_CONNECTED: "Google is not connected",
    Attention.REFUSED_BY_GOOGLE: "Google refused a change",
    Attention.CANDIDATE_DECLINED: "The candidate declined",
    Attention.ROOM_DECLINED: "A room declined",
    Attention.MAIL_REFUSED: "Our mail was refused",
}

Whose = Literal["mine", "everybody"]
CallWords = Literal["ready", "on_its_way", "waits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsPerson:
    """Something that stops until somebody acts, and what to do about it."""

    kind: Literal["attention", "declined", "mail"]
    title: str
    advice: str
    candidate: str
    candidate_zone: ZoneInfo
    stage: str
    span: TimeSpan | None
    booking_id: int | None
    candidate_id: int
    seat_id: int | None = None
    interview: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An application whose stage has no booking yet, or whose interviews are over."""

    application_id: int
    stage_id: int
    candidate_id: int
    candidate: str
    role: str
    stage: str
    recruiter: str
    since: datetime
    windows: int
    has_address: bool
    offered_at: datetime | None
    held_at: datetime | None
    """When the last interview of this stage ended; None while it has not been held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panelist:
    name: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """An interview to come."""

    booking_id: int
    span: TimeSpan
    title: str
    stage: str
    candidate: str
    candidate_zone: ZoneInfo
    candidate_answer: str
    panel: tuple[Panelist, ...]
    call: CallWords
    join_url: str
    is_now: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UpcomingDay:
    on: date
    words: str
    interviews: tuple[Upcoming, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkQueuePage:
    whose: Whose
    zone: ZoneInfo
    now: datetime
    needs_person: tuple[NeedsPerson, ...]
    to_schedule: tuple[Waiting, ...]
    to_decide: tuple[Waiting, ...]
    is_cut_short: bool
    unbookable: tuple[UnbookableStage, ...]
    days: tuple[UpcomingDay, ...]

    @property
    def is_empty(self) -> bool:
        return not (
            self.needs_person or self.to_schedule or self.to_decide or self.unbookable or self.days
        )


def work_queue(*, zone: ZoneInfo, now: datetime, recruiter_id: int | None = None) -> WorkQueuePage:
    """Return the queue of one recruiter's candidates, or everybody's without `recruiter_id`."""
    waiting, is_cut_short = _waiting(recruiter_id, now)
    return WorkQueuePage(
        whose="everybody" if recruiter_id is None else "mine",
        zone=zone,
        now=now,
        needs_person=(
            *_attention(recruiter_id),
            *_declined(recruiter_id, now),
            *_refused_invites(recruiter_id),
        ),
        to_schedule=tuple(each for each in waiting if each.held_at is None),
        to_decide=tuple(each for each in waiting if each.held_at and each.held_at <= now),
        is_cut_short=is_cut_short,
        unbookable=tuple(unbookable(recruiter_id)),
        days=tuple(_days(_upcoming(recruiter_id, now), zone, now)),
    )


def waiting_for_a_person() -> int:
    """Return how many bookings need attention, for the navigation."""
    return (
        db.session.scalar(
            select(func.count()).select_from(Booking).where(Booking.attention.is_not(None))
        )
        or 0
    )


def _of(recruiter_id: int | None, column: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    return column.is_not(None) if recruiter_id is None else column == recruiter_id


def _attention(recruiter_id: int | None) -> Iterable[NeedsPerson]:
    bookings = db.session.scalars(
        select(Booking)
        .join(Booking.application)
        .where(Booking.attention.is_not(None), _of(recruiter_id, Application.recruiter_id))
        .options(
            joinedload(Booking.application).joinedload(Application.candidate),
            joinedload(Booking.stage),
            selectinload(Booking.interviews),
        )
        .order_by(Booking.id)
        .limit(MOST_ROWS)
    ).all()

    def soonest(booking: Booking) -> tuple[datetime, int]:
        starts = [interview.during.start for interview in booking.interviews]
        return min(starts, default=booking.created_at), booking.id

    for booking in sorted(bookings, key=soonest):
        assert booking.attention is not None  # or it were not selected
        candidate = booking.application.candidate
        yield NeedsPerson(
            kind="attention",
            title=WHAT_IS_WRONG[booking.attention],
            advice=ADVICE[booking.attention],
            candidate=candidate.name,
            candidate_zone=booking.zone,
            stage=booking.stage.title,
            span=min((interview.during for interview in booking.interviews), default=None),
            booking_id=booking.id,
            candidate_id=candidate.id,
        )


def _declined(recruiter_id: int | None, now: datetime) -> Iterable[NeedsPerson]:
    seats = db.session.scalars(
        select(Seat)
        .join(Seat.interview)
        .join(Interview.booking)
        .join(Booking.application)
        .where(
            Seat.state == SeatState.LIVE,
            Seat.rsvp == Rsvp.DECLINED,
            Booking.state == BookingState.BOOKED,
            func.lower(Seat.during) > now,
            _of(recruiter_id, Application.recruiter_id),
        )
        .options(
            joinedload(Seat.interviewer),
            joinedload(Seat.interview)
            .joinedload(Interview.booking)
            .joinedload(Booking.application)
            .joinedload(Application.candidate),
            joinedload(Seat.interview).joinedload(Interview.booking).joinedload(Booking.stage),
        )
        .order_by(Seat.during, Seat.id)
        .limit(MOST_ROWS)
    ).all()
    for seat in seats:
        booking = seat.interview.booking
        candidate = booking.application.candidate
        yield NeedsPerson(
            kind="declined",
            title=f"{seat.interviewer.name} declined",
            advice="Swap them for somebody else. The candidate's event does not change.",
            candidate=candidate.name,
            candidate_zone=booking.zone,
            stage=booking.stage.title,
            span=seat.during,
            booking_id=booking.id,
            candidate_id=candidate.id,
            seat_id=seat.id,
            interview=seat.interview.title,
        )


def _refused_invites(recruiter_id: int | None) -> Iterable[NeedsPerson]:
    # A refused mail about a booking is that booking's attention; these belong to none.
    refused = db.session.execute(
        select(Invite, OutboxMail.last_error)
        .join(OutboxMail, OutboxMail.invite_id == Invite.id)
        .join(Invite.application)
        .where(
            OutboxMail.booking_id.is_(None),
            OutboxMail.state == MailState.REFUSED,
            Invite.revoked_at.is_(None),
            Application.closed_at.is_(None),
            _of(recruiter_id, Application.recruiter_id),
        )
        .options(
            joinedload(Invite.application).joinedload(Application.candidate),
            joinedload(Invite.stage),
        )
        .order_by(OutboxMail.id)
        .limit(MOST_ROWS)
    ).all()
    for invite, reason in refused:
        candidate = invite.application.candidate
        yield NeedsPerson(
            kind="mail",
            title="Our invite was refused",
            advice=f"The candidate's mail server said: {reason} Check the address."
            if reason
            else "Check the candidate's address.",
            candidate=candidate.name,
            candidate_zone=candidate.zone,
            stage=invite.stage.title,
            span=None,
            booking_id=None,
            candidate_id=candidate.id,
        )


def _waiting(recruiter_id: int | None, now: datetime) -> tuple[list[Waiting], bool]:
    """Return who has no interview of their stage ahead of them, longest first, and whether more wait."""
    last_end = (
        select(func.max(func.upper(Interview.during)))
        .join(Booking, Interview.booking_id == Booking.id)
        .where(
            Booking.application_id == Application.id,
            Booking.stage_id == Application.stage_id,
            Booking.state == BookingState.BOOKED,
        )
        .correlate(Application)
        .scalar_subquery()
    )
    windows = (
        select(func.count())
        .where(
            CandidateWindow.application_id == Application.id,
            func.upper(CandidateWindow.during) > now,
        )
        .correlate(Application)
        .scalar_subquery()
    )
    since = func.coalesce(
        select(func.max(AuditEntry.recorded_at))
        .where(
            AuditEntry.object_type == "application",
            AuditEntry.object_id == cast(Application.id, String),
            AuditEntry.action == "advance",
        )
        .correlate(Application)
        .scalar_subquery(),
        Application.created_at,
        type_=Instant,
    )
    rows = db.session.execute(
        select(Application, Invite.offered_at, last_end, windows, since)
        .outerjoin(
            Invite,
            and_(
                Invite.application_id == Application.id,
                Invite.stage_id == Application.stage_id,
                Invite.revoked_at.is_(None),
            ),
        )
        .where(
            Application.closed_at.is_(None),
            or_(last_end.is_(None), last_end <= now),
            _of(recruiter_id, Application.recruiter_id),
        )
        .options(
            joinedload(Application.candidate),
            joinedload(Application.job_role),
            joinedload(Application.stage),
            joinedload(Application.recruiter),
        )
        .order_by(since, Application.id)
        .limit(MOST_ROWS + 1)
    ).all()
    waiting = [
        Waiting(
            application_id=application.id,
            stage_id=application.stage_id,
            candidate_id=application.candidate_id,
            candidate=application.candidate.name,
            role=application.job_role.title,
            stage=application.stage.title,
            recruiter=application.recruiter.name,
            since=waits_since,
            windows=window_count,
            has_address=application.candidate.email is not None,
            offered_at=offered_at,
            held_at=held_at,
        )
        for application, offered_at, held_at, window_count, waits_since in rows[:MOST_ROWS]
    ]
    return waiting, len(rows) > MOST_ROWS


def _upcoming(recruiter_id: int | None, now: datetime) -> Iterable[Upcoming]:
    interviews = db.session.scalars(
        select(Interview)
        .join(Interview.booking)
        .join(Booking.application)
        .where(
            Booking.state == BookingState.BOOKED,
            func.upper(Interview.during) > now,
            func.lower(Interview.during) < now + COMING_UP,
            _of(recruiter_id, Application.recruiter_id),
        )
        .options(
            contains_eager(Interview.booking)
            .contains_eager(Booking.application)
            .joinedload(Application.candidate),
            contains_eager(Interview.booking).joinedload(Booking.stage),
            joinedload(Interview.call),
            selectinload(Interview.seats).joinedload(Seat.interviewer),
        )
        .order_by(Interview.during, Interview.id)
        .limit(MOST_ROWS)
    ).all()
    for interview in interviews:
        booking, call = interview.booking, interview.call
        yield Upcoming(
            booking_id=booking.id,
            span=interview.during,
            title=interview.title,
            stage=booking.stage.title,
            candidate=booking.application.candidate.name,
            candidate_zone=booking.zone,
            candidate_answer=answer_word(call.candidate_rsvp),
            panel=tuple(
                Panelist(name=seat.interviewer.name, answer=answer_word(seat.rsvp))
                for seat in interview.seats
                if seat.state is SeatState.LIVE
            ),
            call=call_words(booking, call),
            join_url=call.join_url,
            is_now=interview.during.start <= now,
        )


def answer_word(answer: Rsvp) -> str:
    """Return the name that pages give an answer: "needs_action"."""
    return answer.name.lower()


def call_words(booking: Booking, call: Call) -> CallWords:
    """Return how a call stands, seen from somebody who wants to join it."""
    if booking.attention is not None and not call.join_url:
        return "waits"
    if booking.applied_revision < booking.desired_revision or not call.join_url:
        return "on_its_way"
    return "ready"


def _days(interviews: Iterable[Upcoming], zone: ZoneInfo, now: datetime) -> Iterable[UpcomingDay]:
    today = now.astimezone(zone).date()

    def day_of(interview: Upcoming) -> date:
        # What began before midnight and still goes on belongs to today.
        return max(interview.span.start.astimezone(zone).date(), today)

    for on, some in groupby(interviews, key=day_of):
        yield UpcomingDay(
            on=on,
            words={0: "Today", 1: "Tomorrow"}.get((on - today).days, ""),
            interviews=tuple(some),
        )
