"""Makes Google agree with one booking, whatever has happened to either.

Level-triggered: a pass is told which booking and reads everything else. It always looks at Google,
also when the revisions are equal, because that is how drift heals. A revision counts as applied
only when a pass saw agreement and wrote nothing.
"""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from scheduler.commands import mails, settling
from scheduler.commands.mails import Sender
from scheduler.domain.booking import Attention, Step
from scheduler.domain.calls import EventId
from scheduler.domain.diff import Aspect
from scheduler.domain.disclosure import IdentityLeak
from scheduler.google.calendar import CalendarGateway
from scheduler.google.errors import (
    ConferenceNotAllowed,
    EditedMeanwhile,
    EventGone,
    GoogleError,
    NotAllowed,
    NotConnected,
    QuotaExceeded,
)
from scheduler.models.base import db
from scheduler.queries.wanted import WantedBooking, WantedCall, wanted_booking
from scheduler.reconcile.call import (
    CONFERENCE_TRIES,
    CalendarGone,
    ChangeNotKept,
    ConferenceFailed,
    ConferencePending,
    CopyNotKept,
    Pass,
    StartAgain,
    remove_interview,
    settle,
)

log = logging.getLogger(__name__)

BOOKING_LOCKS = 7  # first key of the advisory locks on bookings
MOST_LOOKS = 12
SHORTEST_BACKOFF = timedelta(seconds=4)
LONGEST_BACKOFF = timedelta(minutes=10)
LOOK_AT_PENDING_AFTER = timedelta(seconds=8)
LOOK_AT_PARKED_AFTER = timedelta(minutes=30)
LOOK_AT_STUBBORN_AFTER = timedelta(days=1)  # each look writes, and may mail, once more


class Busy(Exception):
    """Another worker is looking at this booking at the moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What the reconciler reaches outside the database through."""

    calendar: CalendarGateway
    sender: Sender
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]


def reconcile(booking_id: int, world: World) -> None:
    """Look at a booking and make Google agree with it. Raises Busy; other failures are recorded."""
    with _only_one(booking_id):
        written: Counter[tuple[EventId, frozenset[Aspect]]] = Counter()
        for _ in range(MOST_LOOKS):
            wanted = wanted_booking(booking_id)
            # Nothing may be open while Google is asked.
            db.session.rollback()
            if wanted is None or _look_once(wanted, world, written):
                return
        assert wanted is not None  # or we had returned
        log.warning("booking does not come to rest", extra={"booking_id": booking_id})
        settling.postpone(
            booking_id,
            wanted.revision,
            reason="Google's calendar kept changing while we looked.",
            until=world.clock() + LONGEST_BACKOFF,
        )


def _look_once(
    wanted: WantedBooking, world: World, written: Counter[tuple[EventId, frozenset[Aspect]]]
) -> bool:
    """Make one pass; return whether this booking may be left alone now."""
    failures: list[Exception] = []
    has_written = False
    for work in _work_of(wanted, world, written):
        try:
            has_written |= work()
        except (StartAgain, EditedMeanwhile, EventGone):
            # Somebody edited, or merely answered, while we looked: look again.
            has_written = True
        except (
            CalendarGone,
            ChangeNotKept,
            ConferencePending,
            ConferenceFailed,
            CopyNotKept,
            IdentityLeak,
            GoogleError,
        ) as failure:
            # A failure stays inside its call: the others go on.
            failures.append(failure)
    if failures:
        _remember(wanted, failures, world)
        return True
    if has_written:
        return False
    return _finish(wanted, world)


def _work_of(
    wanted: WantedBooking, world: World, written: Counter[tuple[EventId, frozenset[Aspect]]]
) -> Iterator[Callable[[], bool]]:
    def step(call: WantedCall, done: Step) -> None:
        settling.record_step(
            wanted.booking_id, call.call_id, wanted.revision, done, now=world.clock()
        )

    on = Pass(
        calendar=world.calendar, clock=world.clock, sleep=world.sleep, step=step, written=written
    )
    now = world.clock()
    for call in wanted.calls:
        # Nobody is invited to the past, and nobody's tidied calendar is filled again.
        if call.is_over(now):
            continue
        yield lambda call=call: settle(call, on)  # type: ignore[misc]  # bound at once, not late
    for interview in wanted.orphans:
        yield lambda interview=interview: remove_interview(interview, on)  # type: ignore[misc]


def _finish(wanted: WantedBooking, world: World) -> bool:
    """Record agreement and tell the candidate what is new to them."""
    now = world.clock()
    if wanted.is_cancelled:
        settling.record_step(wanted.booking_id, None, wanted.revision, Step.EVENTS_REMOVED, now=now)
    try:
        # First: were we stopped between the two, the booking would still be behind and looked at.
        mails.tell_candidate(wanted.booking_id, wanted.revision, sender=world.sender, now=now)
    except IdentityLeak as leak:
        db.session.rollback()
        _remember(wanted, [leak], world)
        return True
    settling.agree(wanted.booking_id, wanted.revision, now=now)
    log.info(
        "booking settled", extra={"booking_id": wanted.booking_id, "revision": wanted.revision}
    )
    return True


def _remember(wanted: WantedBooking, failures: Sequence[Exception], world: World) -> None:
    """Keep on the booking's row what stopped the pass: shown to people, and when to look again.

    What a person must do comes first; what waiting may mend is looked at no later for it.
    """
    now = world.clock()
    failure = min(failures, key=lambda each: _attention(each, wanted.attempts)[0] is None)
    attention, detail = _attention(failure, wanted.attempts)
    until = now + min(_wait_after(each, wanted.attempts) for each in failures)
    log.warning(
        "booking not settled",
        extra={
            "booking_id": wanted.booking_id,
            "revision": wanted.revision,
            "failure": type(failure).__name__,
            "reason": getattr(failure, "reason", ""),
        },
    )
    if attention is not None:
        settling.park(
            wanted.booking_id,
            wanted.revision,
            attention,
            detail=detail,
            until=until,
            now=now,
        )
        return
    settling.postpone(
        wanted.booking_id,
        wanted.revision,
        reason=detail,
        until=until,
    )


def _attention(failure: Exception, attempts: int) -> tuple[Attention | None, str]:
    """Return what a person must do about `failure`, or None when waiting may mend it; and why."""
    match failure:
        case ConferencePending():
            # Looked for as often as we would ask: a person may know better than to wait.
            has_waited = attempts >= CONFERENCE_TRIES
            attention = Attention.CONFERENCE_FAILED if has_waited else None
            return attention, "Google is still making the conference."
        case ConferenceFailed():
            return Attention.CONFERENCE_FAILED, ""
        case ConferenceNotAllowed():
            return Attention.CONFERENCE_NOT_ALLOWED, ""
        case CopyNotKept():
            return Attention.COPY_NOT_KEPT, ""
        case IdentityLeak():
            return Attention.IDENTITY_LEAK, failure.where
        case CalendarGone():
            return Attention.REFUSED_BY_GOOGLE, "The organizer calendar is not to be found."
        case ChangeNotKept():
            return Attention.REFUSED_BY_GOOGLE, "An event does not stay as we write it."
        case NotConnected():
            return Attention.NOT_CONNECTED, ""
        case NotAllowed():
            return Attention.REFUSED_BY_GOOGLE, failure.reason
        case QuotaExceeded():
            return None, "Google takes no more invitations from us for some hours."
        case GoogleError() if not failure.is_worth_retrying:
            return Attention.REFUSED_BY_GOOGLE, failure.reason
        case _:
            return None, "Google could not be reached, or asked us to wait."


def _wait_after(failure: Exception, attempts: int) -> timedelta:
    if isinstance(failure, ConferencePending):
        return min(LOOK_AT_PENDING_AFTER * (attempts + 1), LOOK_AT_PARKED_AFTER)
    if isinstance(failure, ChangeNotKept):
        return LOOK_AT_STUBBORN_AFTER
    if _attention(failure, attempts)[0] is not None:
        return LOOK_AT_PARKED_AFTER
    backoff: timedelta = min(SHORTEST_BACKOFF * (1 << min(attempts, 10)), LONGEST_BACKOFF)
    asked_for = failure.retry_after if isinstance(failure, GoogleError) else None
    # Full jitter, so that an outage does not end in everybody's asking at once.
    return max(backoff * random.random(), asked_for or timedelta(0))  # noqa: S311


@contextmanager
def _only_one(booking_id: int) -> Iterator[None]:
    """Keep every other worker off this booking, or raise Busy.

    The lock belongs to a connection of its own, so it goes away with the process that held it.
    """
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(select(func.pg_try_advisory_lock(BOOKING_LOCKS, booking_id))):
            raise Busy
        try:
            yield
        finally:
            connection.execute(select(func.pg_advisory_unlock(BOOKING_LOCKS, booking_id)))
