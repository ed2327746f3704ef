"""Bookings, their calls, interviews and seats. What Google should show follows from these rows."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from scheduler.domain.booking import Attention, BookingState, CallState, Rsvp, SeatState, Step
from scheduler.domain.calls import ConferenceStrategy
from scheduler.domain.plan import Attendance, CallGrouping, SeatKind
from scheduler.domain.timespan import TimeSpan
from scheduler.models.base import Model
from scheduler.models.candidates import Application, Invite
from scheduler.models.people import InterviewerRow
from scheduler.models.plans import Stage
from scheduler.models.rooms import RoomRow


class Booking(Model):
    """A confirmed stage for a candidate: the root that the reconciler works on."""

    __tablename__ = "booking"
    __table_args__ = (
        # The database, not the form, is what stops a double click from booking twice.
        Index(
            "uq_booking_live_per_invite",
            "invite_id",
            unique=True,
            postgresql_where=text("state = 'booked'"),
        ),
        Index(
            "ix_booking_behind",
            "next_attempt_at",
            postgresql_where=text("applied_revision < desired_revision OR last_error IS NOT NULL"),
        ),
        CheckConstraint("applied_revision <= desired_revision", name="revisions_in_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    invite_id: Mapped[int] = mapped_column(ForeignKey("invite.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"))
    state: Mapped[BookingState] = mapped_column(default=BookingState.BOOKED)
    zone: Mapped[ZoneInfo]
    """The candidate's zone when the times were chosen; loop days are days of this zone."""
    call_grouping: Mapped[CallGrouping]
    strategy: Mapped[ConferenceStrategy]
    # What the stage said when this was booked, or last moved or tried again.
    public_title: Mapped[str]
    public_notes: Mapped[str]
    location: Mapped[str]
    attendance: Mapped[Attendance]

    # What is wanted, and what Google was last seen to agree with. A wake-up only says "look".
    desired_revision: Mapped[int] = mapped_column(default=1)
    applied_revision: Mapped[int] = mapped_column(default=0)
    # How often the candidate was told something new, and the digest of what they know now.
    candidate_revision: Mapped[int] = mapped_column(default=0)
    told_digest: Mapped[str | None]
    told_times: Mapped[str | None]
    """The times of that telling: a mail calls a time new only when it is."""

    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    last_error: Mapped[str | None]
    attention: Mapped[Attention | None]
    attention_detail: Mapped[str] = mapped_column(default="")

    created_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]

    invite: Mapped[Invite] = relationship()
    application: Mapped[Application] = relationship()
    stage: Mapped[Stage] = relationship()
    calls: Mapped[list[Call]] = relationship(back_populates="booking", order_by="Call.number")
    interviews: Mapped[list[Interview]] = relationship(
        back_populates="booking", order_by="Interview.position"
    )


class Call(Model):
    """One conference, shared by exactly one candidate event and its interviews' events."""

    __tablename__ = "call"
    __table_args__ = (
        UniqueConstraint("booking_id", "number", name="uq_call_number"),
        UniqueConstraint("calendar_id", "candidate_event_id", name="uq_call_candidate_event"),
        UniqueConstraint("calendar_id", "keeper_event_id", name="uq_call_keeper_event"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)
    number: Mapped[int]
    state: Mapped[CallState] = mapped_column(default=CallState.LIVE)
    loop_day: Mapped[date]

    # Stored before the insert that uses them, and the ids never move to another calendar.
    calendar_id: Mapped[str]
    candidate_event_id: Mapped[str]
    keeper_event_id: Mapped[str]
    conference_request_id: Mapped[str]
    conference_tries: Mapped[int] = mapped_column(default=1)

    # As observed.
    conference_id: Mapped[str] = mapped_column(default="")
    join_url: Mapped[str] = mapped_column(default="")
    candidate_ical_uid: Mapped[str] = mapped_column(default="")
    candidate_rsvp: Mapped[Rsvp] = mapped_column(default=Rsvp.NEEDS_ACTION)
    published_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]

    # What a recruiter gave when Meet could not be had.
    link_by_hand: Mapped[str] = mapped_column(default="")

    booking: Mapped[Booking] = relationship(back_populates="calls")
    interviews: Mapped[list[Interview]] = relationship(
        back_populates="call", order_by="Interview.position"
    )


class Interview(Model):
    """One conversation of a booking. Title and focus are the plan's when it was booked."""

    __tablename__ = "interview"
    __table_args__ = (
        UniqueConstraint("booking_id", "position", name="uq_interview_position"),
        UniqueConstraint("calendar_id", "event_id", name="uq_interview_event"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    position: Mapped[int]
    title: Mapped[str]
    focus: Mapped[str]
    during: Mapped[TimeSpan]
    calendar_id: Mapped[str]
    event_id: Mapped[str]
    observed_during: Mapped[TimeSpan | None]
    """When Google last showed the interviewer event: there the panel is busy because of us."""

    booking: Mapped[Booking] = relationship(back_populates="interviews")
    call: Mapped[Call] = relationship(back_populates="interviews")
    seats: Mapped[list[Seat]] = relationship(
        back_populates="interview", order_by="Seat.position, Seat.id"
    )
    rooms: Mapped[list[InterviewRoom]] = relationship(
        back_populates="interview", order_by="InterviewRoom.id"
    )
    """The room it is held in, and those that it was to be held in before."""

    @property
    def room(self) -> InterviewRoom | None:
        return next((each for each in self.rooms if each.released_at is None), None)


class Seat(Model):
    """Somebody's place in an interview. A released seat stays as history; it holds no time."""

    __tablename__ = "seat"
    __table_args__ = (
        # The backstop: nobody sits in two places at once, whatever the code above it does.
        ExcludeConstraint(
            ("interviewer_id", "="),
            ("during", "&&"),
            name="ex_seat_one_place_at_a_time",
            using="gist",
            where=text("state = 'live'"),
        ),
        Index(
            "uq_seat_live_position",
            "interview_id",
            "position",
            unique=True,
            postgresql_where=text("state = 'live'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    interview_id: Mapped[int] = mapped_column(ForeignKey("interview.id"), index=True)
    interviewer_id: Mapped[int] = mapped_column(ForeignKey("interviewer.id"), index=True)
    position: Mapped[int]
    kind: Mapped[SeatKind]
    during: Mapped[TimeSpan]
    state: Mapped[SeatState] = mapped_column(default=SeatState.LIVE)
    rsvp: Mapped[Rsvp] = mapped_column(default=Rsvp.NEEDS_ACTION)
    seated_at: Mapped[datetime]
    released_at: Mapped[datetime | None]

    interview: Mapped[Interview] = relationship(back_populates="seats")
    interviewer: Mapped[InterviewerRow] = relationship()


class InterviewRoom(Model):
    """The room of an interview. A released one stays as history; it holds no time."""

    __tablename__ = "interview_room"
    __table_args__ = (
        # The backstop: no room holds two interviews at once, whatever the code above it does.
        ExcludeConstraint(
            ("room_id", "="),
            ("during", "&&"),
            name="ex_interview_room_one_interview_at_a_time",
            using="gist",
            where=text("released_at IS NULL"),
        ),
        Index(
            "uq_interview_room_live",
            "interview_id",
            unique=True,
            postgresql_where=text("released_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    interview_id: Mapped[int] = mapped_column(ForeignKey("interview.id"), index=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"), index=True)
    during: Mapped[TimeSpan]
    rsvp: Mapped[Rsvp] = mapped_column(default=Rsvp.NEEDS_ACTION)
    taken_at: Mapped[datetime]
    released_at: Mapped[datetime | None]

    interview: Mapped[Interview] = relationship(back_populates="rooms")
    room: Mapped[RoomRow] = relationship(lazy="joined", innerjoin=True)


class SettledStep(Model):
    """Something the reconciler saw done for a call, for the page that shows it live."""

    __tablename__ = "settled_step"
    __table_args__ = (
        UniqueConstraint(
            "booking_id",
            "call_id",
            "revision",
            "step",
            name="uq_settled_step",
            # Some steps are the booking's and no call's, and those too are kept once.
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)
    call_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("call.id"))
    revision: Mapped[int]
    step: Mapped[Step]
    settled_at: Mapped[datetime]
