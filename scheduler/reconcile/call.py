"""Settles one call. A new reader should start here.

For every interview Greenroom makes a candidate event and an interviewer event. The candidate
event asks Google for one Meet conference; its `conferenceData`, signature included, is copied to
the interviewer event; so everyone joins one call and the candidate never sees who is on the panel.

In six steps, each of which looks first and acts only on a difference, so that a pass may be cut
off anywhere and run again:

  1 the candidate event, without its guest          4 every sibling carries the same conference
  2 its conference, ready                           5 the candidate, added as the only guest
  3 the interviewer events, with the copy           6 our own mail (reconciler.py: once a booking)

Nobody is invited to a call without a way in, and nothing is mailed before step 4 holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Protocol

from scheduler.commands import settling
from scheduler.domain.booking import Step
from scheduler.domain.calls import ConferenceStrategy, EventId, EventMarks, EventRole
from scheduler.domain.diff import (
    TOLD_TO_CANDIDATE,
    TOLD_TO_INTERVIEWERS,
    TOLD_TO_NOBODY,
    Aspect,
    Patch,
    SendUpdates,
    plan_change,
)
from scheduler.domain.disclosure import (
    CandidateEvent,
    ConferenceCopy,
    ConferenceRequest,
    LinkByHand,
    SealedPayload,
    release,
)
from scheduler.domain.events import (
    Conference,
    ConferenceState,
    InterviewerEvent,
    KeeperEvent,
    ObservedEvent,
)
from scheduler.google.calendar import CalendarGateway
from scheduler.google.errors import EventExists, EventGone
from scheduler.queries.wanted import WantedCall, WantedInterview

CONFERENCE_TRIES = 5
MOST_INSISTENCE = 3  # times that one difference is written before a person is asked
POLL_AFTER_SECONDS = (0.5, 1.0, 2.0, 4.0)


class CalendarGone(Exception):
    """The organizer calendar that the call lives on is not to be found."""


class StartAgain(Exception):
    """An id was used up, or Google's answer overtook us: read the rows and look again."""


class ConferencePending(Exception):
    """Google is still making the conference."""


class ConferenceFailed(Exception):
    """Google could not make the conference, as often as we asked."""


class ChangeNotKept(Exception):
    """Google, or somebody, undoes the same change as often as we make it."""


class CopyNotKept(Exception):
    """A sibling does not carry the conference that was copied to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What one pass over a call needs: the calendar, a clock, a way to wait, a way to tell."""

    calendar: CalendarGateway
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    step: Callable[[WantedCall, Step], None]
    written: Counter[tuple[EventId, frozenset[Aspect]]]
    """How often each difference was written since the booking was taken up."""

    def insist(
        self,
        change: Patch,
        told: frozenset[Aspect],
        write: Callable[[SendUpdates], ObservedEvent],
    ) -> ObservedEvent:
        """Make `change` with `write`, which is told whom to mail, and return what Google then showed.

        Nobody is mailed twice, however often it has to be written. A write that Google refused is
        none: it is made again, mail and all. Raises ChangeNotKept when it was written often enough.
        """
        times = self.written[change.event_id, change.differences]
        if times >= MOST_INSISTENCE:
            raise ChangeNotKept
        seen = write(change.send_updates(told) if times == 0 else SendUpdates.NONE)
        self.written[change.event_id, change.differences] += 1
        return seen


@dataclass(frozen=True, slots=True)
class Room:
    """Where a call is held: a conference that Google made, or a link given by hand."""

    conference: Conference | None
    given: ConferenceCopy | LinkByHand


def settle(call: WantedCall, on: Pass) -> bool:
    """Make Google's events of `call` what they should be; return whether anything was written.

    Raises StartAgain, ConferencePending, ConferenceFailed, CopyNotKept, ChangeNotKept,
    CalendarGone, IdentityLeak, GoogleError.
    """
    if not call.is_live:
        return _remove(call, on)
    room, candidate_event, has_minted = STRATEGIES[call.strategy].mint(call, on)
    has_written = _write_interviewer_events(call, room, on)
    on.step(call, Step.COPY_VERIFIED)
    settling.record_conference(
        call.call_id,
        room.conference,
        room.given.url if isinstance(room.given, LinkByHand) else "",
    )
    has_published = _publish(call, room, candidate_event, on)
    return has_minted or has_written or has_published


class Strategy(Protocol):
    """Which event asks Google for the conference."""

    def mint(self, call: WantedCall, on: Pass) -> tuple[Room, ObservedEvent, bool]:
        """Return the room, the candidate event (not yet published the first time), and whether
        anything was written on the way."""


class CandidateEventMints:
    """The candidate event itself asks: its one guest then owns no colleague's name (GOOGLE.md 1.2)."""

    def mint(self, call: WantedCall, on: Pass) -> tuple[Room, ObservedEvent, bool]:
        seen = _look(call, call.candidate_event_id, EventRole.CANDIDATE, on)
        is_new = seen is None
        if seen is None:
            seen = _insert_candidate_event(call, _conference_to_ask_for(call), on)
        on.step(call, Step.CANDIDATE_EVENT_MADE)
        if call.link_by_hand:
            return Room(None, LinkByHand(call.link_by_hand)), seen, is_new
        seen, has_asked = _ready(call, seen, on)
        return _room(seen), seen, is_new or has_asked


class KeeperEventMints:
    """A guestless event asks, and both sides get the copy: for organisations that record."""

    def mint(self, call: WantedCall, on: Pass) -> tuple[Room, ObservedEvent, bool]:
        room, has_minted = self._keep(call, on)
        seen = _look(call, call.candidate_event_id, EventRole.CANDIDATE, on)
        has_copied = seen is None or not _carries(seen, room)
        if seen is None:
            _insert_candidate_event(call, room.given, on)
        elif has_copied:
            _copy_to_candidate_event(call, room, seen, on)
        if seen is None or has_copied:
            seen = _read_back(call, call.candidate_event_id, EventRole.CANDIDATE, on)
        on.step(call, Step.CANDIDATE_EVENT_MADE)
        _verify(seen, room)
        return room, seen, has_minted or has_copied

    def _keep(self, call: WantedCall, on: Pass) -> tuple[Room, bool]:
        if call.link_by_hand:
            return Room(None, LinkByHand(call.link_by_hand)), False
        seen = _look(call, call.keeper_event_id, EventRole.KEEPER, on)
        is_new = seen is None
        if seen is None:
            event = call.keeper_event(ConferenceRequest(call.request_id))
            seen = _inserted_for(
                call,
                EventRole.KEEPER,
                lambda: on.calendar.insert_internal_event(
                    call.calendar_id, event, send_updates=SendUpdates.NONE
                ),
                on,
            )
        change = plan_change(call.keeper_event(None).as_json(), seen)
        if isinstance(change, Patch):
            seen = on.insist(
                change,
                TOLD_TO_NOBODY,
                partial(
                    _patch_internal, call.calendar_id, call.keeper_event(None), change.if_match, on
                ),
            )
        seen, has_asked = _ready(call, seen, on)
        return _room(seen), is_new or has_asked or change is not None


STRATEGIES: dict[ConferenceStrategy, Strategy] = {
    ConferenceStrategy.CANDIDATE_EVENT_MINTS: CandidateEventMints(),
    ConferenceStrategy.KEEPER_EVENT_MINTS: KeeperEventMints(),
}


# -- 1 and 2: an event that asks, and its conference ------------------------------------------------


def _insert_candidate_event(
    call: WantedCall, conference: ConferenceRequest | ConferenceCopy | LinkByHand, on: Pass
) -> ObservedEvent:
    payload = release(call.candidate_event(conference, guest=None), call.withheld)
    return _inserted_for(
        call,
        EventRole.CANDIDATE,
        lambda: on.calendar.insert_candidate_event(
            call.calendar_id, payload, send_updates=SendUpdates.NONE
        ),
        on,
    )


def _inserted_for(
    call: WantedCall, role: EventRole, insert: Callable[[], ObservedEvent], on: Pass
) -> ObservedEvent:
    is_keeper = role is EventRole.KEEPER
    event_id = call.keeper_event_id if is_keeper else call.candidate_event_id
    return _inserted(
        insert,
        look=lambda: _look(call, event_id, role, on),
        renew=lambda: settling.renew_call(call.call_id, role, now=on.clock()),
    )


def _copy_to_candidate_event(
    call: WantedCall, room: Room, seen: ObservedEvent, on: Pass
) -> ObservedEvent:
    # Nobody is mailed: Google may drop the copy, and then the candidate would hear of every try.
    # That there is another link our own mail tells, once it holds.
    event = call.candidate_event(room.given, call.guest if seen.rsvps else None)
    change = plan_change(release(event, call.withheld).as_json(), seen)
    assert isinstance(change, Patch)  # the conference at least
    return on.calendar.patch_candidate_event(
        call.calendar_id,
        _sealed_with_answer(event, call, seen, change),
        if_match=change.if_match,
        send_updates=SendUpdates.NONE,
    )


def _conference_to_ask_for(call: WantedCall) -> ConferenceRequest | LinkByHand:
    return (
        LinkByHand(call.link_by_hand) if call.link_by_hand else ConferenceRequest(call.request_id)
    )


def _ready(call: WantedCall, seen: ObservedEvent, on: Pass) -> tuple[ObservedEvent, bool]:
    """Return the event once its conference is ready, and whether we had to ask again for it."""
    tries, has_asked = call.conference_tries, False
    waits = iter(POLL_AFTER_SECONDS)
    while True:
        conference = seen.conference
        match conference.state if conference else ConferenceState.FAILURE:
            case ConferenceState.SUCCESS:
                on.step(call, Step.CONFERENCE_READY)
                return seen, has_asked
            case ConferenceState.PENDING:
                on.step(call, Step.CONFERENCE_PENDING)
                wait = next(waits, None)
                if wait is None:
                    raise ConferencePending
                on.sleep(wait)
                seen = _seen_again(call, seen, on)
            case ConferenceState.FAILURE:
                # Also when a person removed it, or Google ignored the request.
                if tries >= CONFERENCE_TRIES:
                    raise ConferenceFailed
                seen, tries, has_asked = _ask_again(call, seen, on), tries + 1, True


def _ask_again(call: WantedCall, seen: ObservedEvent, on: Pass) -> ObservedEvent:
    # Stored before it is used, and never used twice: Google ignores an id it has seen.
    request_id = settling.renew_conference_request(call.call_id, now=on.clock())
    return on.calendar.request_conference_again(
        call.calendar_id, seen.event_id, request_id, if_match=seen.etag
    )


def _seen_again(call: WantedCall, seen: ObservedEvent, on: Pass) -> ObservedEvent:
    again = on.calendar.get_event(call.calendar_id, seen.event_id)
    if again is None or again.is_cancelled:
        raise StartAgain
    return again


def _room(seen: ObservedEvent) -> Room:
    assert seen.conference is not None  # _ready has seen it
    return Room(seen.conference, seen.conference.copy)


# -- 3 and 4: the interviewer events, and the proof that they carry the same conference -------------


def _write_interviewer_events(call: WantedCall, room: Room, on: Pass) -> bool:
    has_written = False
    for interview in call.interviews:
        has_written |= _write_interviewer_event(call, interview, room, on)
    return has_written


def _write_interviewer_event(
    call: WantedCall, interview: WantedInterview, room: Room, on: Pass
) -> bool:
    event = interview.event(room.given)
    seen = _look_at_interview(call, interview, on)
    change = plan_change(event.as_json(), seen)
    if seen is None:
        _inserted(
            lambda: on.calendar.insert_internal_event(
                interview.calendar_id, event, send_updates=SendUpdates.ALL
            ),
            look=lambda: _look_at_interview(call, interview, on),
            renew=lambda: settling.renew_interview_event(interview.interview_id, now=on.clock()),
        )
    elif isinstance(change, Patch):
        patch = _as_patch(event, seen, change)
        on.insist(
            change,
            _told_to_interviewers(seen, change),
            partial(_patch_internal, interview.calendar_id, patch, change.if_match, on),
        )
    if change is not None:
        # A 200 is no proof: Google drops a conference it does not accept without a word.
        seen = _look_at_interview(call, interview, on)
    on.step(call, Step.INTERVIEWER_EVENT_WRITTEN)
    if seen is None:
        raise StartAgain
    _verify(seen, room)
    settling.record_interviewer_event(
        interview.interview_id, interview.span, seen.rsvps, now=on.clock()
    )
    return change is not None


def _verify(seen: ObservedEvent, room: Room) -> None:
    if not _carries(seen, room):
        raise CopyNotKept


def _carries(seen: ObservedEvent, room: Room) -> bool:
    return room.conference is None or room.conference.is_same_as(seen.conference)


def _told_to_interviewers(seen: ObservedEvent, change: Patch) -> frozenset[Aspect]:
    # What merely lost its conference gets it back without a mail. Should Google drop the copy again,
    # the panel would hear of every try.
    is_lost = seen.conference is None and Aspect.CONFERENCE in change.differences
    return TOLD_TO_INTERVIEWERS - {Aspect.CONFERENCE} if is_lost else TOLD_TO_INTERVIEWERS


def _as_patch(event: InterviewerEvent, seen: ObservedEvent, change: Patch) -> InterviewerEvent:
    patch = _with_answers(event, seen, change)
    if Aspect.CONFERENCE in change.differences or isinstance(event.conference, LinkByHand):
        return patch
    # Saying nothing of the conference leaves it alone (GOOGLE.md 1, decision 5).
    return replace(patch, conference=None)


def _with_answers(event: InterviewerEvent, seen: ObservedEvent, change: Patch) -> InterviewerEvent:
    """Return the event with the answers of those who stay; a new time asks everybody anew."""
    if Aspect.TIME in change.differences:
        return event
    rsvps = seen.rsvps
    room = event.room
    return replace(
        event,
        seats=tuple(
            replace(seat, rsvp=rsvps.get(seat.email.lower(), seat.rsvp)) for seat in event.seats
        ),
        room=room and replace(room, rsvp=rsvps.get(room.email.lower(), room.rsvp)),
    )


# -- 5: the candidate, added last -------------------------------------------------------------------


def _publish(call: WantedCall, room: Room, seen: ObservedEvent, on: Pass) -> bool:
    """Give the candidate event its guest and everything that has changed since."""
    # It carries the conference by now; saying nothing of it leaves it alone.
    given = room.given if isinstance(room.given, LinkByHand) else None
    event = call.candidate_event(given, call.guest)
    payload = release(event, call.withheld)
    change = plan_change(payload.as_json(), seen)
    if isinstance(change, Patch):
        sealed, if_match = _sealed_with_answer(event, call, seen, change), change.if_match
        seen = on.insist(
            change,
            TOLD_TO_CANDIDATE,
            lambda send_updates: on.calendar.patch_candidate_event(
                call.calendar_id, sealed, if_match=if_match, send_updates=send_updates
            ),
        )
    settling.record_candidate_event(call.call_id, seen, now=on.clock())
    on.step(call, Step.CANDIDATE_INVITED)
    return change is not None


def _sealed_with_answer(
    event: CandidateEvent, call: WantedCall, seen: ObservedEvent, change: Patch
) -> SealedPayload:
    if event.guest is not None and Aspect.TIME not in change.differences:
        answer = seen.rsvps.get(event.guest.email.lower(), event.guest.rsvp)
        event = replace(event, guest=replace(event.guest, rsvp=answer))
    return release(event, call.withheld)


def _patch_internal(
    calendar_id: str,
    event: InterviewerEvent | KeeperEvent,
    if_match: str,
    on: Pass,
    send_updates: SendUpdates,
) -> ObservedEvent:
    return on.calendar.patch_internal_event(
        calendar_id, event, if_match=if_match, send_updates=send_updates
    )


# -- the end of a call ------------------------------------------------------------------------------


def _remove(call: WantedCall, on: Pass) -> bool:
    has_written = False
    for event_id, role in (
        (call.candidate_event_id, EventRole.CANDIDATE),
        (call.keeper_event_id, EventRole.KEEPER),
    ):
        is_ours_to_look_for = role is EventRole.CANDIDATE or (
            call.strategy is ConferenceStrategy.KEEPER_EVENT_MINTS
        )
        if is_ours_to_look_for:
            seen = on.calendar.get_event(call.calendar_id, event_id)
            has_written |= delete_if_there(call.calendar_id, seen, call.marks(role), on)
    settling.record_removed(call.call_id, now=on.clock())
    return has_written


def remove_interview(interview: WantedInterview, on: Pass) -> bool:
    """Delete the interviewer event of a cancelled booking; return whether it was still there."""
    seen = on.calendar.get_event(interview.calendar_id, interview.event_id)
    marks = interview.marks
    if seen is not None and seen.marks is not None:
        # An interview that changes call keeps its event, so the tag may still name the other call.
        marks = replace(marks, call_id=seen.marks.call_id)
    return delete_if_there(interview.calendar_id, seen, marks, on)


def delete_if_there(
    calendar_id: str, seen: ObservedEvent | None, marks: EventMarks, on: Pass
) -> bool:
    """Delete an event of ours, telling its guests; return whether there was one."""
    if seen is None or seen.is_cancelled or not _is_ours(seen, marks):
        return False
    on.calendar.delete_event(
        calendar_id, seen.event_id, send_updates=SendUpdates.ALL, if_match=seen.etag
    )
    return True


# -- looking ----------------------------------------------------------------------------------------


def _look(call: WantedCall, event_id: EventId, role: EventRole, on: Pass) -> ObservedEvent | None:
    """Return our event as it is, or None when it was never made.

    One that was deleted, or that another installation made under this id, has used the id up: it
    then gets a new one.
    """
    seen = on.calendar.get_event(call.calendar_id, event_id)
    if seen is not None and (seen.is_cancelled or not _is_ours(seen, call.marks(role))):
        settling.renew_call(call.call_id, role, now=on.clock())
        raise StartAgain
    return seen


def _look_at_interview(
    call: WantedCall, interview: WantedInterview, on: Pass
) -> ObservedEvent | None:
    seen = on.calendar.get_event(interview.calendar_id, interview.event_id)
    if seen is None:
        return None
    # An interview that changes call keeps its event, so the tag may still name the other call.
    is_foreign = seen.marks is None or (
        (seen.marks.installation, seen.marks.role) != (call.installation, EventRole.INTERVIEWER)
    )
    if seen.is_cancelled or is_foreign:
        settling.renew_interview_event(interview.interview_id, now=on.clock())
        raise StartAgain
    return seen


def _read_back(call: WantedCall, event_id: EventId, role: EventRole, on: Pass) -> ObservedEvent:
    seen = _look(call, event_id, role, on)
    if seen is None:
        raise StartAgain
    return seen


def _is_ours(seen: ObservedEvent, marks: EventMarks) -> bool:
    return seen.marks == marks


def _inserted(
    insert: Callable[[], ObservedEvent],
    *,
    look: Callable[[], ObservedEvent | None],
    renew: Callable[[], object],
) -> ObservedEvent:
    try:
        return insert()
    except EventExists:
        # Our own lost answer, or a used-up id: looking tells which. What used it up Google may
        # have forgotten long ago; the id it never gives out again.
        if look() is None:
            renew()
        raise StartAgain from None
    except EventGone:
        raise CalendarGone from None
