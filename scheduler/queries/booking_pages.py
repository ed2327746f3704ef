"""One booking for the recruiter's page: how it stands, what is happening, who was told what."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from scheduler.domain.booking import ADVICE, Attention, BookingState, CallState, SeatState, Step
from scheduler.domain.calls import ConferenceStrategy
from scheduler.domain.disclosure import LetterKind
from scheduler.domain.plan import RoomId
from scheduler.domain.slots.problems import SEAT_NAMES
from scheduler.domain.timespan import TimeSpan, hull
from scheduler.keys import KeyRing
from scheduler.models.audit import AuditEntry
from scheduler.models.base import db
from scheduler.models.bookings import Booking, Call, Interview, InterviewRoom, Seat, SettledStep
from scheduler.models.candidates import Application
from scheduler.models.mail import MailState, OutboxMail
from scheduler.models.people import User
from scheduler.models.plans import PlannedInterviewRow
from scheduler.models.rooms import RoomRow
from scheduler.queries import room_swaps
from scheduler.queries.invites import page_url
from scheduler.queries.leaks import Leak, Place, leaks_of
from scheduler.queries.room_pages import room_name
from scheduler.queries.room_searches import sites_of_others
from scheduler.queries.room_swaps import RoomChoice, RoomReading
from scheduler.queries.stage_words import NewWords, new_words

MOST_ENTRIES = 60
FORMS_FOR_LINKS = frozenset(
    {Attention.CONFERENCE_FAILED, Attention.CONFERENCE_NOT_ALLOWED, Attention.COPY_NOT_KEPT}
)
WAITS_TO_HEAR = timedelta(minutes=2)

TITLES = {
    Step.CANDIDATE_EVENT_MADE: "Candidate event made",
    Step.CONFERENCE_PENDING: "Conference pending",
    Step.CONFERENCE_READY: "Conference ready",
    Step.INTERVIEWER_EVENT_WRITTEN: "Interviewer event written",
    Step.COPY_VERIFIED: "Copy verified",
    Step.CANDIDATE_INVITED: "Candidate invited",
    Step.EVENTS_REMOVED: "Events removed from every calendar",
    Step.MAIL_SENT: "Mail sent",
}
OF_A_CALL = (
    Step.CANDIDATE_EVENT_MADE,
    Step.CONFERENCE_PENDING,
    Step.CONFERENCE_READY,
    Step.INTERVIEWER_EVENT_WRITTEN,
    Step.COPY_VERIFIED,
    Step.CANDIDATE_INVITED,
)
CONFERENCE = (Step.CONFERENCE_PENDING, Step.CONFERENCE_READY)
KEEPER_ORDER = (*CONFERENCE, Step.CANDIDATE_EVENT_MADE, *OF_A_CALL[3:])

LETTERS = {
    LetterKind.INVITE: "Asked to choose a time",
    LetterKind.CONFIRMED: "Interview confirmed",
    LetterKind.RESCHEDULED: "New time",
    LetterKind.UPDATED: "Details changed",
    LetterKind.CANCELLED: "Interview cancelled",
}


class Progress(StrEnum):
    """How far a step is; the words of the shared `step` macro."""

    DONE = "done"
    NOW = "now"
    WAITING = "waiting"
    PROBLEM = "problem"
    SKIPPED = "skipped"


class Health(StrEnum):
    """A booking's state in one word; the page has an icon and a badge for each."""

    ARRANGING = "arranging"
    BOOKED = "booked"
    NEEDS_ATTENTION = "needs_attention"
    OVER = "over"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    title: str
    progress: Progress
    at: datetime | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallProgress:
    """The steps of one call. `title` is empty when the booking has but one."""

    title: str
    steps: tuple[StepLine, ...]

    @property
    def is_done(self) -> bool:
        return all(step.progress in (Progress.DONE, Progress.SKIPPED) for step in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatLine:
    seat_id: int
    name: str
    email: str
    seat: str
    answer: str
    can_swap: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomLine:
    """Where an interview is held; `others` are the rooms it may be held in as well, free ones first."""

    name: str
    answer: str
    others: tuple[RoomChoice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewCard:
    interview_id: int
    title: str
    focus: str
    span: TimeSpan
    panel: tuple[SeatLine, ...]
    room: RoomLine | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCard:
    """A call and its interviews: one conference, one candidate event."""

    call_id: uuid.UUID
    title: str
    join_url: str
    is_by_hand: bool
    candidate_answer: str
    is_published: bool
    interviews: tuple[InterviewCard, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsAttention:
    attention: Attention
    advice: str
    detail: str
    leaks: tuple[Leak, ...]
    """What names the panel, and where; empty when nothing does any more, or it is another trouble."""
    takes_link: bool
    takes_titles: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterLine:
    title: str
    written_at: datetime
    state: MailState
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    at: datetime
    who: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingPage:
    booking_id: int
    application_id: int
    stage_id: int
    job_role_id: int
    candidate_id: int
    candidate: str
    candidate_email: str | None
    candidate_zone: ZoneInfo
    zone: ZoneInfo
    role: str
    stage: str
    recruiter: str
    span: TimeSpan
    now: datetime
    health: Health
    is_settled: bool
    is_listening: bool
    """Whether answers may still come in: the page then looks again now and then."""
    attention: NeedsAttention | None
    new_words: NewWords | None
    """What the stage says by now, where the candidate was told otherwise."""
    has_declined: bool
    """Whether somebody on the panel has declined."""
    calls: tuple[CallCard, ...]
    progress: tuple[CallProgress, ...]
    letters: tuple[LetterLine, ...]
    history: tuple[HistoryLine, ...]
    candidate_link: str

    @property
    def interviews(self) -> tuple[InterviewCard, ...]:
        return tuple(interview for call in self.calls for interview in call.interviews)

    @property
    def is_live(self) -> bool:
        return self.health not in (Health.CANCELLED, Health.CANCELLING)

    @property
    def can_change(self) -> bool:
        return self.is_live and self.health is not Health.OVER


def booking_page(
    booking_id: int, *, zone: ZoneInfo, now: datetime, keys: KeyRing, public_url: str
) -> BookingPage | None:
    """Return a booking as its recruiter sees it, or None when there is no such booking."""
    booking = _booking(booking_id)
    if booking is None:
        return None
    mails = _mails(booking)
    application = booking.application
    is_settled = booking.applied_revision >= booking.desired_revision
    span = hull(interview.during for interview in booking.interviews)
    health = _health(booking, span, is_settled, now)
    calls = tuple(_calls(booking, now))
    is_told = not any(mail.state is MailState.WAITING for mail in mails)
    return BookingPage(
        booking_id=booking.id,
        application_id=application.id,
        stage_id=booking.stage_id,
        job_role_id=application.job_role_id,
        candidate_id=application.candidate_id,
        candidate=application.candidate.name,
        candidate_email=application.candidate.email,
        candidate_zone=booking.zone,
        zone=zone,
        role=application.job_role.title,
        stage=booking.stage.title,
        recruiter=application.recruiter.name,
        span=span,
        now=now,
        health=health,
        is_settled=is_settled and is_told,
        is_listening=health in (Health.BOOKED, Health.ARRANGING, Health.NEEDS_ATTENTION),
        attention=_attention(booking),
        new_words=new_words(booking),
        has_declined=any(
            seat.answer == "declined"
            for call in calls
            for interview in call.interviews
            for seat in interview.panel
        ),
        calls=calls,
        progress=tuple(_progress(booking, mails, is_settled)),
        letters=tuple(_letter(mail) for mail in mails),
        history=tuple(_history(booking, mails)),
        candidate_link=page_url(booking.invite, keys=keys, public_url=public_url),
    )


# -- rows ------------------------------------------------------------------------------------------


def _booking(booking_id: int) -> Booking | None:
    interviews = selectinload(Booking.interviews)
    return db.session.scalars(
        select(Booking)
        .where(Booking.id == booking_id)
        .options(
            joinedload(Booking.invite),
            joinedload(Booking.stage),
            joinedload(Booking.application).options(
                joinedload(Application.candidate),
                joinedload(Application.job_role),
                joinedload(Application.recruiter),
            ),
            selectinload(Booking.calls),
            interviews.selectinload(Interview.seats).joinedload(Seat.interviewer),
            interviews.selectinload(Interview.rooms),
        )
    ).one_or_none()


def _mails(booking: Booking) -> Sequence[OutboxMail]:
    """Return what the candidate was told of this booking, newest first, the invite to choose included."""
    return db.session.scalars(
        select(OutboxMail)
        .where(
            or_(
                OutboxMail.booking_id == booking.id,
                and_(
                    OutboxMail.invite_id == booking.invite_id,
                    OutboxMail.booking_id.is_(None),
                    OutboxMail.created_at <= booking.created_at,
                ),
            ),
            # What never left us told the candidate nothing.
            OutboxMail.state != MailState.OVERTAKEN,
        )
        .order_by(OutboxMail.id.desc())
    ).all()


# -- how it stands ---------------------------------------------------------------------------------


def _health(booking: Booking, span: TimeSpan, is_settled: bool, now: datetime) -> Health:
    if booking.state is BookingState.CANCELLED:
        return Health.CANCELLED if is_settled else Health.CANCELLING
    if booking.attention is not None:
        return Health.NEEDS_ATTENTION
    if span.end <= now:
        return Health.OVER
    return Health.BOOKED if is_settled else Health.ARRANGING


def _attention(booking: Booking) -> NeedsAttention | None:
    attention = booking.attention
    if attention is None:
        return None
    is_leak, is_booked = attention is Attention.IDENTITY_LEAK, booking.state is BookingState.BOOKED
    leaks = leaks_of(booking) if is_leak else ()
    places = {leak.place for leak in leaks}
    return NeedsAttention(
        attention=attention,
        advice=ADVICE[attention],
        detail=booking.attention_detail,
        leaks=leaks,
        takes_link=is_booked and (attention in FORMS_FOR_LINKS or Place.LINK in places),
        takes_titles=is_booked and is_leak and (not places or Place.INTERVIEW_TITLE in places),
    )


def _calls(booking: Booking, now: datetime) -> Iterator[CallCard]:
    # After a cancellation, the calls that were live last are the ones to show.
    live = [call for call in booking.calls if _is_shown(call, booking)]
    rooms = _rooms_to_choose(booking, now)
    for number, call in enumerate(
        sorted(live, key=lambda call: _interviews(call, booking)[0].during)
    ):
        interviews = _interviews(call, booking)
        yield CallCard(
            call_id=call.id,
            title=_call_title(number, interviews) if len(live) > 1 else "",
            join_url=call.join_url,
            is_by_hand=bool(call.link_by_hand),
            candidate_answer=call.candidate_rsvp.name.lower(),
            is_published=call.published_at is not None,
            interviews=tuple(_interview(each, booking, rooms, now) for each in interviews),
        )


def _is_shown(call: Call, booking: Booking) -> bool:
    is_live = call.state is CallState.LIVE or booking.state is BookingState.CANCELLED
    return is_live and bool(_interviews(call, booking))


def _interviews(call: Call, booking: Booking) -> list[Interview]:
    return [interview for interview in booking.interviews if interview.call_id == call.id]


def _call_title(number: int, interviews: Sequence[Interview]) -> str:
    return interviews[0].title if len(interviews) == 1 else f"Call {number + 1}"


def _interview(
    interview: Interview, booking: Booking, rooms: RoomsToChoose, now: datetime
) -> InterviewCard:
    is_cancelled = booking.state is BookingState.CANCELLED
    can_swap = not is_cancelled and interview.during.end > now
    return InterviewCard(
        interview_id=interview.id,
        title=interview.title,
        focus=interview.focus,
        span=interview.during,
        panel=tuple(
            SeatLine(
                seat_id=seat.id,
                name=seat.interviewer.name,
                email=seat.interviewer.email,
                seat=SEAT_NAMES[seat.kind],
                answer=seat.rsvp.name.lower(),
                can_swap=can_swap,
            )
            for seat in interview.seats
            if seat.state is SeatState.LIVE or (is_cancelled and _was_last(seat, booking))
        ),
        room=_room(interview, booking, rooms),
    )


def _was_last(held: Seat | InterviewRoom, booking: Booking) -> bool:
    return held.released_at is not None and held.released_at == booking.cancelled_at


@dataclass(frozen=True, slots=True)
class RoomsToChoose:
    """The rooms in use that the plan names for interviews, by their position, and their calendars."""

    rooms: Mapping[int, Sequence[RoomRow]]
    readings: Mapping[RoomId, RoomReading]


def _rooms_to_choose(booking: Booking, now: datetime) -> RoomsToChoose:
    # A booking that was cancelled has none.
    if all(interview.room is None for interview in booking.interviews):
        return RoomsToChoose({}, {})
    here = PlannedInterviewRow.stage_id == booking.stage_id
    planned = select(func.count(PlannedInterviewRow.id)).where(here).correlate(None)
    rows = db.session.execute(
        select(PlannedInterviewRow.position, RoomRow)
        .join(PlannedInterviewRow.rooms)
        .where(
            here,
            RoomRow.retired_at.is_(None),
            # A stage of more or fewer interviews by now says nothing of these (booked_plans).
            planned.scalar_subquery() == len(booking.interviews),
        )
        .order_by(RoomRow.site, RoomRow.name)
    ).all()
    found: dict[int, list[RoomRow]] = {}
    for position, room in rows:
        found.setdefault(position, []).append(room)
    span = hull(interview.during for interview in booking.interviews)
    room_ids = {RoomId(room.id) for _, room in rows}
    return RoomsToChoose(found, room_swaps.readings_of(room_ids, span, now=now, moving=booking.id))


def _room(interview: Interview, booking: Booking, known: RoomsToChoose) -> RoomLine | None:
    held = interview.room or next(
        (each for each in interview.rooms if _was_last(each, booking)), None
    )
    if held is None:
        return None
    sites = sites_of_others(interview)
    others = [
        room
        for room in known.rooms.get(interview.position, ())
        if room.id != held.room_id and (not sites or room.site in sites)
    ]
    return RoomLine(
        name=room_name(held.room),
        answer=held.rsvp.name.lower(),
        others=room_swaps.choices_for(interview, others, known.readings),
    )


# -- what is happening -----------------------------------------------------------------------------


def _progress(
    booking: Booking, mails: Sequence[OutboxMail], is_settled: bool
) -> Iterator[CallProgress]:
    seen = _steps_seen(booking)
    told = _mail_step(booking, mails, is_settled)
    if booking.state is BookingState.CANCELLED:
        removed = seen.get((None, Step.EVENTS_REMOVED))
        lines = [
            _line(Step.EVENTS_REMOVED, removed or (booking.cancelled_at if is_settled else None))
        ]
        yield CallProgress(title="", steps=(*_with_the_present(lines, booking, is_settled), told))
        return
    live = [call for call in booking.calls if _is_shown(call, booking)]
    live.sort(key=lambda call: _interviews(call, booking)[0].during)
    for number, call in enumerate(live):
        lines = list(_call_lines(call, booking, seen, is_settled))
        steps = tuple(_with_the_present(lines, booking, is_settled))
        if len(live) == 1:
            yield CallProgress(title="", steps=(*steps, told))
        else:
            yield CallProgress(title=_call_title(number, _interviews(call, booking)), steps=steps)
    if len(live) > 1:
        yield CallProgress(title="Candidate", steps=(told,))


def _steps_seen(booking: Booking) -> Mapping[tuple[uuid.UUID | None, Step], datetime]:
    rows = db.session.execute(
        select(SettledStep.call_id, SettledStep.step, SettledStep.settled_at).where(
            SettledStep.booking_id == booking.id, SettledStep.revision == booking.desired_revision
        )
    )
    return {(call_id, step): settled_at for call_id, step, settled_at in rows}


def _call_lines(
    call: Call,
    booking: Booking,
    seen: Mapping[tuple[uuid.UUID | None, Step], datetime],
    is_settled: bool,
) -> Iterator[StepLine]:
    has_keeper = booking.strategy is ConferenceStrategy.KEEPER_EVENT_MINTS
    ready_at = seen.get((call.id, Step.CONFERENCE_READY))
    for step in KEEPER_ORDER if has_keeper else OF_A_CALL:
        at = seen.get((call.id, step))
        if call.link_by_hand and step in CONFERENCE:
            yield StepLine(
                title=TITLES[step],
                progress=Progress.SKIPPED,
                detail="The call is held at the link given by hand.",
            )
        elif step is Step.CONFERENCE_PENDING and at is None and ready_at is not None:
            yield _line(step, ready_at, detail="Nothing to wait for.")
        elif at is None and is_settled:
            yield StepLine(title=TITLES[step], progress=Progress.DONE)
        else:
            yield _line(step, at)


def _line(step: Step, at: datetime | None, detail: str = "") -> StepLine:
    progress = Progress.WAITING if at is None else Progress.DONE
    return StepLine(title=TITLES[step], progress=progress, at=at, detail=detail)


def _with_the_present(
    lines: Iterable[StepLine], booking: Booking, is_settled: bool
) -> Iterator[StepLine]:
    """Yield the steps, the first that is not done marked as what is under way, or as what stopped it."""
    is_past_present = is_settled
    for line in lines:
        if line.progress is not Progress.WAITING or is_past_present:
            yield line
            continue
        is_past_present = True
        if booking.attention is not None:
            yield StepLine(title=line.title, progress=Progress.PROBLEM)
        else:
            yield StepLine(title=line.title, progress=Progress.NOW, detail=booking.last_error or "")


def _mail_step(booking: Booking, mails: Sequence[OutboxMail], is_settled: bool) -> StepLine:
    title = TITLES[Step.MAIL_SENT]
    mail = next((each for each in mails if each.booking_revision == booking.desired_revision), None)
    if mail is None and is_settled:
        return StepLine(
            title=title, progress=Progress.SKIPPED, detail="Nothing new for the candidate."
        )
    if mail is None:
        return StepLine(title=title, progress=Progress.WAITING)
    match mail.state:
        case MailState.SENT:
            return StepLine(title=title, progress=Progress.DONE, at=mail.sent_at)
        case MailState.REFUSED:
            return StepLine(title=title, progress=Progress.PROBLEM, detail=mail.last_error)
        case MailState.WAITING | MailState.OVERTAKEN:
            return StepLine(title=title, progress=Progress.NOW, detail=mail.last_error)


def _letter(mail: OutboxMail) -> LetterLine:
    return LetterLine(
        title=LETTERS[mail.kind],
        written_at=mail.created_at,
        state=mail.state,
        at=mail.sent_at or mail.created_at,
        reason=mail.last_error,
    )


# -- what has happened -----------------------------------------------------------------------------

# Things that Greenroom notes for itself, and that tell a recruiter nothing the others do not.
NOT_TOLD = ("agree", "renew_conference_request", "tell_candidate")


def _history(booking: Booking, mails: Sequence[OutboxMail]) -> Iterator[HistoryLine]:
    seats = {str(seat.id): seat for each in booking.interviews for seat in each.seats}
    interviews = {str(interview.id): interview for interview in booking.interviews}
    rooms = {str(room.id): room for each in booking.interviews for room in each.rooms}
    objects = {
        "booking": [str(booking.id)],
        "seat": list(seats),
        "interview": list(interviews),
        "interview_room": list(rooms),
        "call": [str(call.id) for call in booking.calls],
        "outbox_mail": [str(mail.id) for mail in mails],
        "invite": [str(booking.invite_id)],
    }
    rows = db.session.execute(
        select(AuditEntry, User.name)
        .outerjoin(User, AuditEntry.user_id == User.id)
        .where(
            or_(
                *(
                    and_(AuditEntry.object_type == kind, AuditEntry.object_id.in_(ids))
                    for kind, ids in objects.items()
                    if ids
                )
            ),
            AuditEntry.action.not_in(NOT_TOLD),
        )
        .order_by(AuditEntry.recorded_at.desc(), AuditEntry.id.desc())
        .limit(MOST_ENTRIES)
    ).all()
    names = {seat.interviewer_id: seat.interviewer.name for seat in seats.values()}
    room_names = {held.room_id: held.room.name for held in rooms.values()}
    letters = {str(mail.id): LETTERS[mail.kind] for mail in mails}
    for entry, user_name in rows:
        what = _sentence(
            entry,
            seats=seats,
            interviews=interviews,
            names=names,
            room_names=room_names,
            letters=letters,
        )
        yield HistoryLine(
            at=entry.recorded_at,
            who=_who(entry, user_name, booking.application.candidate.name),
            what=what,
        )


def _who(entry: AuditEntry, user_name: str | None, candidate: str) -> str:
    if entry.actor == "user":
        return user_name or "Somebody"
    return candidate if entry.actor == "candidate" else "Greenroom"


def _sentence(
    entry: AuditEntry,
    *,
    seats: Mapping[str, Seat],
    interviews: Mapping[str, Interview],
    names: Mapping[int, str],
    room_names: Mapping[int, str],
    letters: Mapping[str, str],
) -> str:
    detail = entry.detail
    seat = seats.get(entry.object_id) if entry.object_type == "seat" else None
    match entry.action, entry.object_type:
        case "book", _:
            return "booked the interviews"
        case "reschedule", _:
            return "moved them to another time"
        case "cancel", _:
            return "cancelled the booking"
        case "try_again", _:
            return "asked for another try"
        case "send_words", _:
            return "sent the stage's new words"
        case "give_link", _:
            return "gave a link by hand"
        case "retitle_interview", _:
            interview = interviews.get(entry.object_id)
            return (
                f"changed a public title to “{interview.title}”" if interview else "changed a title"
            )
        case "swap_interviewer", _:
            before = names.get(detail.get("before", 0), "somebody")
            after = names.get(detail.get("after", 0), "somebody else")
            return f"gave {before}'s seat to {after}"
        case "swap_room", _:
            before = room_names.get(detail.get("before", 0), "one room")
            after = room_names.get(detail.get("after", 0), "another")
            return f"moved an interview from {before} to {after}"
        case "record_rsvp", "interview_room":
            return f"saw that {_answer(detail, 'the room')}"
        case "record_rsvp", "seat":
            return (
                f"saw that {_answer(detail, seat.interviewer.name if seat else 'an interviewer')}"
            )
        case "record_rsvp", _:
            return f"saw that {_answer(detail, 'the candidate')}"
        case "publish", _:
            return "invited the candidate"
        case "offer_times", _:
            return "asked the candidate to choose a time"
        case "revoke_invite", _:
            return "ended the candidate's link"
        case "record_sent", _:
            return f"mailed the candidate: {letters.get(entry.object_id, 'a mail')}"
        case "record_refused", _:
            return "was told that the mail was refused"
        case "park", _:
            return "stopped: this needs attention"
        case "remove_call", _:
            return "removed the events from every calendar"
        case "renew_call", _:
            return "made the candidate event anew"
        case "renew_interview_event", _:
            return "made the interviewer event anew"
        case action, _:
            return action.replace("_", " ")


def _answer(detail: Mapping[str, object], who: str) -> str:
    words = {
        "accepted": "accepted",
        "declined": "declined",
        "tentative": "answered maybe",
        "needsAction": "took their answer back",
    }
    return f"{who} {words.get(str(detail.get('rsvp')), 'answered')}"
