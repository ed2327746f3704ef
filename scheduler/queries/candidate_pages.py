"""What a candidate's pages show: types of domain.disclosure, and nothing that names an interviewer.

A page never fails because somebody typed a name where the candidate reads: neutral words stand in
its place, and the recruiter is told by the booking (`release` and `refuse_mentions` raise there).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from scheduler.domain.booking import BookingState
from scheduler.domain.disclosure import (
    AgendaItem,
    CalendarEntry,
    CancelledPage,
    CandidateCall,
    CandidateSlot,
    ChooseSlotPage,
    ConfirmedPage,
    NotBookedPage,
    public_text,
    withheld_for,
)
from scheduler.domain.plan import GRID, StagePlan
from scheduler.domain.slots.search import nearest, offered, open_times
from scheduler.domain.slots.slot import EPOCH, Times, UnreadableSlotKey, spans_of
from scheduler.google.errors import GoogleError
from scheduler.mail.typed import first_name
from scheduler.models.base import db
from scheduler.models.bookings import Booking, Interview, Seat
from scheduler.models.candidates import Application, Invite
from scheduler.queries import letters, slot_searches, stage_plans
from scheduler.queries.invites import OpenInvite
from scheduler.queries.slot_searches import FRESH_FOR_A_PAGE
from scheduler.queries.wanted import withheld_names

# The web layer never speaks to Google; it only has to know that asking may fail.
CALENDARS_UNREADABLE = GoogleError

TIMES_A_DAY = 6
DAYS = 7
NEAREST = 3

SOME_INTERVIEW = "Interview"
SOME_PLACE = "Please ask us for the address."

CandidatePage = ChooseSlotPage | ConfirmedPage | CancelledPage | NotBookedPage


@dataclass(frozen=True, slots=True)
class Looking:
    """How the candidate looks at their page: on whose behalf, by which clock, and when."""

    company: str
    zone: ZoneInfo | None
    """The zone they chose; None: the one we know them by."""
    now: datetime


def page_of(invite: OpenInvite, looking: Looking, *, gone: str | None = None) -> CandidatePage:
    """Return the candidate's page as things are now. It reads what is stored and asks nobody.

    `gone` is the key of a time they chose that could not be had: the nearest others come first.
    """
    row = db.session.get_one(Invite, invite.invite_id)
    booking = _latest_booking(invite.invite_id)
    if booking is not None and booking.state is BookingState.BOOKED:
        return _confirmed(booking, looking)
    if row.offered_at is not None:
        return _choose_slot(invite, looking, gone)
    if booking is not None:
        return _cancelled(booking, looking)
    return _not_booked(invite, looking)


def is_on_the_grid(invite: OpenInvite, key: str) -> bool:
    """Say whether `key` names times as candidates are offered them.

    A recruiter may book odd minutes; a candidate who could ask for them would measure calendars.
    """
    try:
        first, *_ = spans_of(key, _plan(invite))
    except UnreadableSlotKey:
        return False
    return not (first.start - EPOCH) % GRID


# -- booked, or no longer --------------------------------------------------------------------------


def _latest_booking(invite_id: int) -> Booking | None:
    interviews = selectinload(Booking.interviews)
    return db.session.scalars(
        select(Booking)
        .where(Booking.invite_id == invite_id)
        .order_by(Booking.id.desc())
        .limit(1)
        .options(
            joinedload(Booking.application).joinedload(Application.candidate),
            joinedload(Booking.application).joinedload(Application.recruiter),
            selectinload(Booking.calls),
            interviews.selectinload(Interview.seats).joinedload(Seat.interviewer),
            interviews.selectinload(Interview.rooms),
        )
    ).one_or_none()


def _confirmed(booking: Booking, looking: Looking) -> ConfirmedPage:
    letter = letters.letter_of(booking, company=looking.company, page_url="")
    withheld = withheld_names(booking)
    return ConfirmedPage(
        company=looking.company,
        candidate_name=first_name(letter.to_name),
        stage_title=public_text(letter.stage_title, withheld, instead=SOME_INTERVIEW),
        zone=looking.zone or booking.zone,
        calls=tuple(_public_call(call, withheld) for call in letter.calls),
        notes=public_text(letter.notes, withheld, instead=""),
        location=public_text(letter.location, withheld, instead=SOME_PLACE),
        contact=letters.contact_of(booking.application, booking.stage_id, booking),
        entries=tuple(_public_entry(entry, withheld) for entry in letter.entries),
        sequence=max(letter.sequence - 1, 0),
        booked_at=booking.created_at,
    )


def _public_call(call: CandidateCall, withheld: Collection[str]) -> CandidateCall:
    return CandidateCall(
        agenda=tuple(
            AgendaItem(
                title=public_text(item.title, withheld, instead=SOME_INTERVIEW), span=item.span
            )
            for item in call.agenda
        ),
        join_url=call.join_url,
    )


def _public_entry(entry: CalendarEntry, withheld: Collection[str]) -> CalendarEntry:
    return CalendarEntry(
        uid=entry.uid,
        title=public_text(entry.title, withheld, instead=SOME_INTERVIEW),
        span=entry.span,
        text=public_text(entry.text, withheld, instead=""),
        location=public_text(entry.location, withheld, instead=SOME_PLACE),
    )


def _cancelled(booking: Booking, looking: Looking) -> CancelledPage:
    application = booking.application
    return CancelledPage(
        company=looking.company,
        candidate_name=first_name(application.candidate.name),
        stage_title=public_text(
            booking.public_title, withheld_names(booking), instead=SOME_INTERVIEW
        ),
        contact=letters.contact_of(application, booking.stage_id, booking),
    )


# -- not booked yet --------------------------------------------------------------------------------


def _not_booked(invite: OpenInvite, looking: Looking) -> NotBookedPage:
    application = db.session.get_one(Application, invite.application_id)
    stage = stage_plans.load_stage(invite.stage_id)
    withheld = _withheld_before(application, invite.stage_id)
    return NotBookedPage(
        company=looking.company,
        candidate_name=first_name(application.candidate.name),
        stage_title=public_text(stage.public_title, withheld, instead=SOME_INTERVIEW),
        contact=letters.contact_of(application, invite.stage_id, None),
    )


def _choose_slot(invite: OpenInvite, looking: Looking, gone: str | None) -> ChooseSlotPage:
    application = db.session.get_one(Application, invite.application_id)
    stage = stage_plans.load_stage(invite.stage_id)
    withheld = _withheld_before(application, invite.stage_id)
    zone = looking.zone or application.candidate.zone
    times = _open_times(invite, looking.now)
    return ChooseSlotPage(
        company=looking.company,
        candidate_name=first_name(application.candidate.name),
        stage_title=public_text(stage.public_title, withheld, instead=SOME_INTERVIEW),
        agenda_titles=tuple(
            public_text(interview.title, withheld, instead=SOME_INTERVIEW)
            for interview in stage.interviews
        ),
        zone=zone,
        slots=None if times is None else _offered(times, zone),
        nearest=() if times is None or gone is None else _nearest(times, gone, invite),
        notes=public_text(stage.public_notes, withheld, instead=""),
        location=public_text(stage.location, withheld, instead=SOME_PLACE),
        contact=letters.contact_of(application, invite.stage_id, None),
    )


def _open_times(invite: OpenInvite, now: datetime) -> list[Times] | None:
    """Return what the calendars as last read leave open; None when that was too long ago."""
    stage_search = slot_searches.for_stage(
        invite.application_id, invite.stage_id, now=now, fresh_for=FRESH_FOR_A_PAGE
    )
    read_at = stage_search.oldest_reading
    is_fresh = read_at is not None and now - read_at <= FRESH_FOR_A_PAGE
    if stage_search.people_ids and not is_fresh:
        return None
    return open_times(stage_search.search, stage_search.calendars)


def _offered(times: Sequence[Times], zone: ZoneInfo) -> tuple[CandidateSlot, ...]:
    return _public(offered(times, per_day=TIMES_A_DAY, days=DAYS, zone=zone))


def _nearest(times: Sequence[Times], gone: str, invite: OpenInvite) -> tuple[CandidateSlot, ...]:
    try:
        wanted, *_ = spans_of(gone, _plan(invite))
    except UnreadableSlotKey:
        return ()
    others = [each for each in times if each.key != gone]
    return _public(nearest(others, wanted.start, NEAREST))


def _public(times: Iterable[Times]) -> tuple[CandidateSlot, ...]:
    return tuple(CandidateSlot(key=each.key, span=each.span) for each in times)


def _plan(invite: OpenInvite) -> StagePlan:
    application = db.session.get_one(Application, invite.application_id)
    return stage_plans.plan_for(application, invite.stage_id)


# -- whom nobody may name --------------------------------------------------------------------------


def _withheld_before(application: Application, stage_id: int) -> tuple[str, ...]:
    """Return what no text may hold while there is no panel: everybody who could be on it."""
    people = sorted((row.name, row.email) for row in slot_searches.who_could_sit(stage_id))
    return withheld_for(people, known=[application.candidate.name])
