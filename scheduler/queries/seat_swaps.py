"""Who else could take a seat of a booking: asked of the search, for the page and again when it counts."""

from __future__ import annotations

from scheduler.domain.booking import SeatState
from scheduler.domain.people import InterviewerId
from scheduler.domain.slots.question import SlotSearch
from scheduler.domain.slots.search import DEFAULT
from scheduler.domain.slots.slot import FilledSeat, Slot, SlotInterview
from scheduler.domain.slots.swap import SeatAt, SwapOption, swap_options
from scheduler.models.bookings import Booking, Seat


def options_for(seat: Seat, search: SlotSearch) -> list[SwapOption]:
    """Return who may take a seat, by the plan as it is now; nobody when it has no such seat any more."""
    interview = seat.interview
    planned = search.plan.interviews[interview.position : interview.position + 1]
    if not planned or seat.position >= len(planned[0].seats):
        return []
    at = SeatAt(interview=interview.position, position=seat.position)
    return swap_options(search, slot_of_booking(interview.booking), at, weights=DEFAULT)


def slot_of_booking(booking: Booking) -> Slot:
    """Return a booking as the slot that it is. Rooms are left out: no seat depends on them."""
    return Slot(
        tuple(
            SlotInterview(
                interview.during,
                tuple(
                    FilledSeat(seat.position, seat.kind, InterviewerId(seat.interviewer_id))
                    for seat in interview.seats
                    if seat.state is SeatState.LIVE
                ),
            )
            for interview in booking.interviews
        )
    )
