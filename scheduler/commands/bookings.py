"""What people can do with a booking. Each function is one transaction.

Locks are taken in one order everywhere, so that nobody waits in a circle: the invite or the
booking, then the interviewers' rows by id, then the rooms' by id. The exclusion constraints on
seats and rooms are the backstop.
No call to Google is made here: the reconciler makes Google agree with the rows.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select

from scheduler import wakeups
from scheduler.commands import audit, checks, invites
from scheduler.commands.audit import Actor
from scheduler.commands.installation import ensure_installation
from scheduler.domain.booking import BookingState, CallState, Rsvp, SeatState
from scheduler.domain.calls import CallGroup, group_into_calls, new_event_id, new_request_id
from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import RoomId
from scheduler.domain.slots.question import SlotSearch
from scheduler.domain.slots.search import at_times
from scheduler.domain.slots.slot import FilledSeat, Slot, SlotInterview, UnreadableSlotKey, spans_of
from scheduler.domain.timespan import TimeSpan
from scheduler.keys import KeyRing
from scheduler.models.base import db, refusing
from scheduler.models.bookings import Booking, Call, Interview, InterviewRoom, Seat
from scheduler.models.calendar import OrganizerCalendar
from scheduler.models.candidates import Application, Invite
from scheduler.models.mail import MailState, OutboxMail
from scheduler.models.people import InterviewerRow
from scheduler.models.plans import Stage
from scheduler.models.rooms import RoomRow
from scheduler.queries import (
    leaks,
    room_searches,
    seat_swaps,
    slot_searches,
    stage_plans,
    stage_words,
)
from scheduler.queries.slot_searches import FRESH_FOR_A_BOOKING


class SlotTaken(Exception):
    """Somebody else has this slot now, or a calendar has changed."""


class AlreadyBooked(Exception):
    """This stage of this candidate has a live booking. `booking_id` is that booking."""

    def __init__(self, booking_id: int | None = None) -> None:
        super().__init__("already booked")
        self.booking_id = booking_id


class CandidateHasNoAddress(Exception):
    """Nobody can be invited without an e-mail address."""


class NoOrganizerCalendar(Exception):
    """No scheduling account is connected yet, so there is no calendar to put events on."""


class BookingEnded(Exception):
    """The booking has been cancelled meanwhile."""


class NotFree(Exception):
    """The person chosen for a seat cannot take it, or is no longer free."""


class RoomNotFree(Exception):
    """The room chosen for an interview is not one for it, or is no longer free."""


class RoomNamesPanel(Exception):
    """The candidate would be told of the room, whose name is that of somebody on the panel."""


class WordsChanged(Exception):
    """The stage says something else by now than what was looked at."""


RACES: dict[str, type[Exception]] = {
    "ex_seat_one_place_at_a_time": SlotTaken,
    "ex_interview_room_one_interview_at_a_time": SlotTaken,
    "contention": SlotTaken,
    "uq_booking_live_per_invite": AlreadyBooked,
    "uq_invite_open_per_stage": AlreadyBooked,
}


def book(
    application_id: int, stage_id: int, key: str, *, keys: KeyRing, by: Actor, now: datetime
) -> int:
    """Turn a chosen slot into a booking and return its id.

    The calendars concerned must have been read just before (`calendars.refresh`). Raises SlotTaken,
    AlreadyBooked on a second click, CandidateHasNoAddress, NoOrganizerCalendar.
    """
    with refusing(RACES):
        invite = invites.invite_for(application_id, stage_id, keys=keys, now=now)
        _refuse_second(invite.id)
        application = db.session.get_one(Application, application_id)
        if application.candidate.email is None:
            db.session.rollback()
            raise CandidateHasNoAddress
        ensure_installation()
        slot = _slot_still_open(application_id, stage_id, key, now)
        booking = _booking_of(invite, application, slot, now)
        audit.record("book", ("booking", booking.id), by=by, now=now, stage_id=stage_id)
        _wake(booking)
        db.session.commit()
    return booking.id


def reschedule(booking_id: int, key: str, *, by: Actor, now: datetime) -> None:
    """Move a booking to another slot; whoever can stays in their seat, and the conference stays.

    Raises SlotTaken and BookingEnded.
    """
    with refusing(RACES):
        booking = _locked(booking_id)
        slot = _slot_still_open(booking.application_id, booking.stage_id, key, now, moving=booking)
        _move(booking, slot, now)
        _take_words(booking, booking.stage)
        audit.record("reschedule", ("booking", booking_id), by=by, now=now)
        desire_anew(booking, now)
        db.session.commit()


def swap_interviewer(seat_id: int, interviewer_id: int, *, by: Actor, now: datetime) -> None:
    """Give a seat to somebody else at the same time. The candidate learns nothing of it.

    Raises NotFree and BookingEnded.
    """
    with refusing(RACES | {"ex_seat_one_place_at_a_time": NotFree, "contention": NotFree}):
        seat = db.session.get_one(Seat, seat_id)
        booking = _locked(seat.interview.booking_id)
        if seat.state is not SeatState.LIVE:
            raise NotFree
        if seat.interviewer_id == interviewer_id:
            db.session.rollback()
            return
        _lock_people([seat.interviewer_id, interviewer_id])
        if interviewer_id not in _free_for(seat, booking, now):
            db.session.rollback()
            raise NotFree
        _release(seat, now)
        db.session.flush()
        db.session.add(
            Seat(
                interview_id=seat.interview_id,
                interviewer_id=interviewer_id,
                position=seat.position,
                kind=seat.kind,
                during=seat.during,
                seated_at=now,
            )
        )
        audit.record(
            "swap_interviewer",
            ("seat", seat_id),
            by=by,
            now=now,
            booking_id=booking.id,
            before=seat.interviewer_id,
            after=interviewer_id,
        )
        desire_anew(booking, now)
        db.session.commit()


def swap_room(interview_id: int, room_id: int, *, by: Actor, now: datetime) -> None:
    """Hold an interview in another room, at the same time and the same site.

    The calendars of the stage must have been read just before. A candidate who comes to the office
    is told of it, any other learns nothing. Raises RoomNotFree, RoomNamesPanel and BookingEnded.
    """
    not_free = {"ex_interview_room_one_interview_at_a_time": RoomNotFree, "contention": RoomNotFree}
    with refusing(not_free):
        interview = db.session.get_one(Interview, interview_id)
        booking = _locked(interview.booking_id)
        before = interview.room
        if before is not None and before.room_id == room_id:
            db.session.rollback()
            return
        _lock_rooms([RoomId(room_id)])
        if before is None or room_id not in _rooms_free_for(interview, now):
            db.session.rollback()
            raise RoomNotFree
        if leaks.names_panel(db.session.get_one(RoomRow, room_id), booking):
            db.session.rollback()
            raise RoomNamesPanel
        before.released_at = now
        db.session.flush()
        interview.rooms.append(_new_room(RoomId(room_id), interview.during, now))
        audit.record(
            "swap_room",
            ("interview", interview_id),
            by=by,
            now=now,
            booking_id=booking.id,
            before=before.room_id,
            after=room_id,
        )
        desire_anew(booking, now)
        db.session.commit()


def cancel(booking_id: int, *, by: Actor, now: datetime) -> None:
    """End a booking: its events go, its people and rooms are free again, the candidate is told once.

    Cancelling twice is no mistake and changes nothing.
    """
    try:
        booking = _locked(booking_id)
    except BookingEnded:
        return
    booking.state = BookingState.CANCELLED
    booking.cancelled_at = now
    # What they were offered has ended with it; the recruiter may ask them anew.
    booking.invite.offered_at = None
    for call in booking.calls:
        call.state = CallState.REMOVED
    for interview in booking.interviews:
        for seat in _live_seats(interview):
            _release(seat, now)
        _release_room(interview, now)
    audit.record("cancel", ("booking", booking_id), by=by, now=now)
    desire_anew(booking, now)
    db.session.commit()


def give_link(call_id: uuid.UUID, url: str, *, by: Actor, now: datetime) -> None:
    """Let a call be held at a link given by hand, because Meet could not be had.

    Raises Refused for something that is no https address, and BookingEnded.
    """
    link = checks.web_address(url, field="link")
    call = db.session.get_one(Call, call_id)
    booking = _locked(call.booking_id)
    if call.state is not CallState.LIVE:
        db.session.rollback()
        raise BookingEnded
    call.link_by_hand = link
    audit.record("give_link", ("call", call_id), by=by, now=now, booking_id=booking.id)
    desire_anew(booking, now)
    db.session.commit()


def retitle_interview(interview_id: int, title: str, *, by: Actor, now: datetime) -> None:
    """Change the public title of one interview of a booking. Raises Refused and BookingEnded."""
    kept = checks.name(title, field="title")
    interview = db.session.get_one(Interview, interview_id)
    booking = _locked(interview.booking_id)
    if interview.title != kept:
        interview.title = kept
        audit.record(
            "retitle_interview", ("interview", interview_id), by=by, now=now, booking_id=booking.id
        )
        desire_anew(booking, now)
    db.session.commit()


def send_words(booking_id: int, *, version: str, by: Actor, now: datetime) -> None:
    """Have the candidate of a booking read what its stage says by now.

    Whoever reads that already is sent nothing. Raises WordsChanged if the stage is no longer in the
    `version` that was looked at (`stage_words`), and BookingEnded.
    """
    booking = _locked(booking_id)
    words = stage_words.new_words(booking)
    if words is None:
        db.session.rollback()
        return
    if words.version != version:
        db.session.rollback()
        raise WordsChanged
    _take_words(booking, booking.stage)
    audit.record("send_words", ("booking", booking_id), by=by, now=now)
    desire_anew(booking, now)
    db.session.commit()


def try_again(booking_id: int, *, by: Actor, now: datetime) -> None:
    """Let the reconciler look at a booking afresh: what the stage says now, and new tries for its
    conferences and its mail.
    """
    booking = _locked(booking_id, is_ended_fine=True)
    _take_words(booking, booking.stage)
    for call in booking.calls:
        call.conference_tries = 0
    _offer_refused_mail_again(booking, now)
    audit.record("try_again", ("booking", booking_id), by=by, now=now)
    desire_anew(booking, now)
    db.session.commit()


def _offer_refused_mail_again(booking: Booking, now: datetime) -> None:
    refused = db.session.scalar(
        select(OutboxMail).where(
            OutboxMail.booking_id == booking.id,
            OutboxMail.candidate_revision == booking.candidate_revision,
            OutboxMail.state == MailState.REFUSED,
        )
    )
    if refused is not None:
        refused.state, refused.attempts, refused.next_attempt_at = MailState.WAITING, 0, now
        db.session.flush()
        wakeups.send_mail_soon(db.session.connection(), refused.id)


def desire_anew(booking: Booking, now: datetime) -> None:
    """Raise what is wanted, forget old failures, and wake a worker. Part of a larger command."""
    booking.desired_revision += 1
    booking.attempts = 0
    booking.next_attempt_at = now
    booking.last_error = None
    booking.attention = None
    booking.attention_detail = ""
    db.session.flush()
    _wake(booking)


def _slot_still_open(
    application_id: int,
    stage_id: int,
    key: str,
    now: datetime,
    moving: Booking | None = None,
) -> Slot:
    people, rooms = slot_searches.concerned(stage_id, moving.id if moving else None)
    _lock_people([*people, *(_seated(moving) if moving else ())])
    _lock_rooms(rooms)
    stage_search = slot_searches.for_stage(
        application_id,
        stage_id,
        now=now,
        fresh_for=FRESH_FOR_A_BOOKING,
        moving=moving.id if moving else None,
    )
    try:
        spans = spans_of(key, stage_search.search.plan)
    except UnreadableSlotKey:
        db.session.rollback()
        raise SlotTaken from None
    search, found = stage_search.search, None
    if moving is not None:
        # First with the people and rooms that it has already, then with the people, then with any.
        same_people = _narrowed(search, moving)
        found = at_times(_in_the_same_rooms(same_people, moving), spans)
        found = found or at_times(same_people, spans)
    found = found or at_times(search, spans)
    if found is None:
        db.session.rollback()
        raise SlotTaken
    return found.slot


def _narrowed(search: SlotSearch, booking: Booking) -> SlotSearch:
    """Return the search with each seat open only to whoever sits in it now."""
    interviews = []
    for planned, interview in zip(search.plan.interviews, booking.interviews, strict=False):
        seated = {
            seat.position: InterviewerId(seat.interviewer_id) for seat in _live_seats(interview)
        }
        seats = tuple(
            replace(rule, eligible=frozenset({seated[position]} if position in seated else ()))
            for position, rule in enumerate(planned.seats)
        )
        interviews.append(replace(planned, seats=seats))
    return replace(search, plan=replace(search.plan, interviews=tuple(interviews)))


def _in_the_same_rooms(search: SlotSearch, booking: Booking) -> SlotSearch:
    """Return the search with each interview that has a room open only to that one."""
    interviews = [
        replace(planned, rooms=frozenset({RoomId(interview.room.room_id)}))
        if planned.rooms is not None and interview.room is not None
        else planned
        for planned, interview in zip(search.plan.interviews, booking.interviews, strict=False)
    ]
    return replace(search, plan=replace(search.plan, interviews=tuple(interviews)))


def _rooms_free_for(interview: Interview, now: datetime) -> set[RoomId]:
    """Return the rooms that this interview could be held in, as the calendars just read say."""
    booking = interview.booking
    stage_search = slot_searches.for_stage(
        booking.application_id,
        booking.stage_id,
        now=now,
        fresh_for=FRESH_FOR_A_BOOKING,
        moving=booking.id,
    )
    return room_searches.free_rooms(stage_search.search, interview)


def _free_for(seat: Seat, booking: Booking, now: datetime) -> set[int]:
    """Return the ids of those who could take this seat, as the calendars just read say."""
    stage_search = slot_searches.for_stage(
        booking.application_id,
        booking.stage_id,
        now=now,
        fresh_for=FRESH_FOR_A_BOOKING,
        moving=booking.id,
    )
    options = seat_swaps.options_for(seat, stage_search.search)
    return {option.interviewer_id for option in options if option.is_free}


def _booking_of(invite: Invite, application: Application, slot: Slot, now: datetime) -> Booking:
    stage = stage_plans.load_stage(invite.stage_id)
    calendar_id = _organizer_calendar()
    booking = Booking(
        invite_id=invite.id,
        application_id=application.id,
        stage_id=stage.id,
        zone=application.candidate.zone,
        call_grouping=stage.call_grouping,
        strategy=stage.strategy,
        next_attempt_at=now,
        created_at=now,
    )
    _take_words(booking, stage)
    db.session.add(booking)
    db.session.flush()
    for number, group in enumerate(_groups(booking, slot)):
        call = _new_call(booking, number, group, calendar_id)
        for position in group.positions:
            planned = stage.interviews[position]
            interview = Interview(
                booking_id=booking.id,
                call=call,
                position=position,
                title=planned.title,
                focus=planned.focus,
                during=slot.interviews[position].span,
                calendar_id=calendar_id,
                event_id=new_event_id(),
            )
            interview.seats = _new_seats(slot.interviews[position], now)
            interview.rooms = _new_rooms(slot.interviews[position], now)
            db.session.add(interview)
    db.session.flush()
    return booking


def _new_call(booking: Booking, number: int, group: CallGroup, calendar_id: str) -> Call:
    call = Call(
        id=uuid.uuid4(),
        booking_id=booking.id,
        number=number,
        loop_day=group.loop_day,
        calendar_id=calendar_id,
        candidate_event_id=new_event_id(),
        keeper_event_id=new_event_id(),
        conference_request_id=new_request_id(),
    )
    db.session.add(call)
    return call


def _new_seats(interview: SlotInterview, now: datetime) -> list[Seat]:
    return [_new_seat(filled, interview, now) for filled in interview.seats]


def _new_rooms(interview: SlotInterview, now: datetime) -> list[InterviewRoom]:
    return [] if interview.room is None else [_new_room(interview.room, interview.span, now)]


def _new_room(room_id: RoomId, during: TimeSpan, now: datetime) -> InterviewRoom:
    return InterviewRoom(room_id=room_id, during=during, taken_at=now)


def _new_seat(filled: FilledSeat, interview: SlotInterview, now: datetime) -> Seat:
    return Seat(
        interviewer_id=filled.interviewer_id,
        position=filled.position,
        kind=filled.kind,
        during=interview.span,
        seated_at=now,
    )


def _move(booking: Booking, slot: Slot, now: datetime) -> None:
    # All are let go first: within a loop, two people or rooms may trade places in time.
    for interview in booking.interviews:
        for seat in _live_seats(interview):
            _release(seat, now)
        _release_room(interview, now)
    db.session.flush()
    for interview, moved in zip(booking.interviews, slot.interviews, strict=True):
        interview.during = moved.span
        for filled in moved.seats:
            _seat_again(interview, filled, moved, now)
        interview.rooms += _new_rooms(moved, now)
    db.session.flush()
    _regroup(booking, slot)


def _seat_again(
    interview: Interview, filled: FilledSeat, moved: SlotInterview, now: datetime
) -> None:
    """Put somebody in a seat of a moved interview; whoever had it keeps their row."""
    for seat in interview.seats:
        had_it = (seat.position, seat.interviewer_id) == (filled.position, filled.interviewer_id)
        if had_it and seat.released_at == now:
            seat.state, seat.released_at = SeatState.LIVE, None
            seat.during, seat.rsvp = moved.span, Rsvp.NEEDS_ACTION
            return
    interview.seats.append(_new_seat(filled, moved, now))


def _regroup(booking: Booking, slot: Slot) -> None:
    """Let each new group of interviews keep the call that most of them had."""
    live = [call for call in booking.calls if call.state is CallState.LIVE]
    number = max((call.number for call in booking.calls), default=-1)
    calendar_id = live[0].calendar_id
    homes = {interview.position: interview.call for interview in booking.interviews}
    interviews = {interview.position: interview for interview in booking.interviews}
    for group in _groups(booking, slot):
        had = [homes[position] for position in group.positions if homes[position] in live]
        if had:
            call = max(had, key=had.count)
            live.remove(call)
            call.loop_day = group.loop_day
        else:
            number += 1
            call = _new_call(booking, number, group, calendar_id)
            db.session.flush()
        for position in group.positions:
            interviews[position].call = call
    for call in live:
        call.state = CallState.REMOVED


def _take_words(booking: Booking, stage: Stage) -> None:
    """Have the candidate read of a booking what its stage says now."""
    booking.public_title, booking.public_notes = stage.public_title, stage.public_notes
    booking.location, booking.attendance = stage.location, stage.attendance


def _groups(booking: Booking, slot: Slot) -> list[CallGroup]:
    spans = [interview.span for interview in slot.interviews]
    return group_into_calls(spans, booking.call_grouping, booking.zone)


def _organizer_calendar() -> str:
    """Return the organizer calendar with the fewest calls: Google limits quick writes to one."""
    busiest = (
        select(func.count())
        .where(Call.calendar_id == OrganizerCalendar.google_id)
        .scalar_subquery()
    )
    calendar_id = db.session.scalar(
        select(OrganizerCalendar.google_id)
        .where(OrganizerCalendar.retired_at.is_(None))
        .order_by(busiest, OrganizerCalendar.id)
        .limit(1)
    )
    if calendar_id is None:
        db.session.rollback()
        raise NoOrganizerCalendar
    return calendar_id


def _refuse_second(invite_id: int) -> None:
    live = db.session.scalar(
        select(Booking.id).where(
            Booking.invite_id == invite_id, Booking.state == BookingState.BOOKED
        )
    )
    if live is not None:
        db.session.rollback()
        raise AlreadyBooked(live)


def _locked(booking_id: int, *, is_ended_fine: bool = False) -> Booking:
    booking = db.session.get_one(
        Booking, booking_id, with_for_update={"key_share": True}, populate_existing=True
    )
    # Whatever else of it this session has read was read before the lock, and may be old.
    db.session.expire_all()
    if booking.state is BookingState.CANCELLED and not is_ended_fine:
        db.session.rollback()
        raise BookingEnded
    return booking


def _lock_people(people_ids: Collection[int]) -> None:
    db.session.execute(
        select(InterviewerRow.id)
        .where(InterviewerRow.id.in_(people_ids))
        .order_by(InterviewerRow.id)
        .with_for_update(key_share=True)
    ).all()


def _lock_rooms(room_ids: Collection[RoomId]) -> None:
    if room_ids:
        db.session.execute(
            select(RoomRow.id)
            .where(RoomRow.id.in_(room_ids))
            .order_by(RoomRow.id)
            .with_for_update(key_share=True)
        ).all()


def _seated(booking: Booking) -> Sequence[InterviewerId]:
    return [
        InterviewerId(seat.interviewer_id)
        for interview in booking.interviews
        for seat in _live_seats(interview)
    ]


def _live_seats(interview: Interview) -> list[Seat]:
    return [seat for seat in interview.seats if seat.state is SeatState.LIVE]


def _release(seat: Seat, now: datetime) -> None:
    seat.state = SeatState.RELEASED
    seat.released_at = now


def _release_room(interview: Interview, now: datetime) -> None:
    if interview.room is not None:
        interview.room.released_at = now


def _wake(booking: Booking) -> None:
    wakeups.reconcile_soon(db.session.connection(), booking.id, revision=booking.desired_revision)
