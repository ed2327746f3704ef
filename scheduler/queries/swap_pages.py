"""What a recruiter sees while choosing somebody else for a seat.

Like the page of times it shows calendars as they were last read, and asks Google nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from scheduler.domain.booking import BookingState, SeatState
from scheduler.domain.people import InterviewerId
from scheduler.domain.slots.problems import SEAT_NAMES
from scheduler.domain.slots.question import SlotSearch
from scheduler.domain.slots.swap import SwapOption
from scheduler.domain.timespan import TimeSpan
from scheduler.models.base import db
from scheduler.models.bookings import Booking, Interview, Seat
from scheduler.models.candidates import Application
from scheduler.queries import seat_swaps, slot_searches
from scheduler.queries.choosing_pages import Freshness, freshness_of
from scheduler.queries.reasons import drawbacks_of
from scheduler.queries.slot_searches import FRESH_FOR_A_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapChoice:
    """Somebody who may take the seat; `reasons` says what stands in the way."""

    interviewer_id: int
    name: str
    zone: ZoneInfo
    load_that_day: int
    load: int
    limit: int
    drawbacks: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def is_free(self) -> bool:
        return not self.reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapPage:
    booking_id: int
    seat_id: int
    candidate: str
    candidate_zone: ZoneInfo
    zone: ZoneInfo
    stage: str
    interview: str
    span: TimeSpan
    seat: str
    sitting: str
    answer: str
    choices: tuple[SwapChoice, ...]
    freshness: Freshness
    people: tuple[InterviewerId, ...]
    """Whose calendars the choice depends on."""


def swap_page(booking_id: int, seat_id: int, *, zone: ZoneInfo, now: datetime) -> SwapPage | None:
    """Return who else could take a seat; None when this booking has no such seat to swap."""
    seat = _swappable_seat(booking_id, seat_id)
    if seat is None:
        return None
    interview, booking = seat.interview, seat.interview.booking
    stage_search = slot_searches.for_stage(
        booking.application_id,
        booking.stage_id,
        now=now,
        fresh_for=FRESH_FOR_A_PAGE,
        moving=booking.id,
    )
    search = stage_search.search
    return SwapPage(
        booking_id=booking_id,
        seat_id=seat_id,
        candidate=booking.application.candidate.name,
        candidate_zone=booking.zone,
        zone=zone,
        stage=booking.stage.title,
        interview=interview.title,
        span=interview.during,
        seat=SEAT_NAMES[seat.kind],
        sitting=seat.interviewer.name,
        answer=seat.rsvp.name.lower(),
        choices=tuple(
            _swap_choice(option, search) for option in seat_swaps.options_for(seat, search)
        ),
        freshness=freshness_of(stage_search, now),
        people=stage_search.people_ids,
    )


def _swappable_seat(booking_id: int, seat_id: int) -> Seat | None:
    seats = db.session.scalars(
        select(Seat)
        .join(Seat.interview)
        .join(Interview.booking)
        .where(
            Seat.id == seat_id,
            Seat.state == SeatState.LIVE,
            Interview.booking_id == booking_id,
            Booking.state == BookingState.BOOKED,
        )
        .options(
            joinedload(Seat.interviewer),
            joinedload(Seat.interview)
            .joinedload(Interview.booking)
            .options(
                joinedload(Booking.stage),
                joinedload(Booking.application).options(
                    joinedload(Application.candidate), joinedload(Application.windows)
                ),
                joinedload(Booking.interviews).joinedload(Interview.seats),
            ),
        )
    )
    return seats.unique().one_or_none()


def _swap_choice(option: SwapOption, search: SlotSearch) -> SwapChoice:
    interviewer = search.people[option.interviewer_id].interviewer
    return SwapChoice(
        interviewer_id=option.interviewer_id,
        name=interviewer.name,
        zone=interviewer.zone,
        load_that_day=option.load_that_day,
        load=option.load_that_week,
        limit=interviewer.limit.per_week,
        drawbacks=drawbacks_of(option.costs),
        reasons=tuple(reason.value for reason in option.reasons),
    )
