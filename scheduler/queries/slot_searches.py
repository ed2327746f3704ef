"""Builds a slot search from rows: the plan, the people, their cached calendars and their load."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from scheduler.domain.booking import BookingState, SeatState
from scheduler.domain.people import (
    DayHours,
    Interviewer,
    InterviewerId,
    LoadLimit,
    WorkingHours,
)
from scheduler.domain.plan import StagePlan
from scheduler.domain.slots.question import Person, SlotSearch
from scheduler.domain.timespan import TimeSpan, subtract
from scheduler.models.base import db
from scheduler.models.bookings import Booking, Interview, Seat
from scheduler.models.calendar import BusyCalendar
from scheduler.models.candidates import Application
from scheduler.models.people import InterviewerRow
from scheduler.queries import stage_plans
from scheduler.queries.days_off import days_off_of
from scheduler.queries.scheduling import scheduling_rules

HORIZON = timedelta(days=28)
FRESH_FOR_A_PAGE = timedelta(minutes=10)
FRESH_FOR_A_BOOKING = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSearch:
    """A search, and what the page around it needs to know."""

    search: SlotSearch
    people_ids: tuple[InterviewerId, ...]
    oldest_reading: datetime | None
    """When the least recently read calendar was read; None when one was never read."""


def eligible_people(stage_id: int) -> tuple[InterviewerId, ...]:
    """Return everybody who could sit in this stage, in id order (the order of the row locks)."""
    return _people_of(stage_plans.plan_of(stage_plans.load_stage(stage_id)))


def who_could_sit(stage_id: int) -> Sequence[InterviewerRow]:
    """Return everybody who could sit in this stage: no candidate of it is told of any of them."""
    people_ids = eligible_people(stage_id)
    return db.session.scalars(
        select(InterviewerRow).where(InterviewerRow.id.in_(people_ids)).order_by(InterviewerRow.id)
    ).all()


def for_stage(
    application_id: int,
    stage_id: int,
    *,
    now: datetime,
    fresh_for: timedelta,
    moving: int | None = None,
) -> StageSearch:
    """Return the search for times at which this application's stage can be held.

    `moving` is the booking that is being rescheduled: its own seats hold nobody's time. A calendar
    that was last read longer than `fresh_for` ago is unknown, and unknown is never free.
    """
    application = db.session.get_one(Application, application_id)
    rules = scheduling_rules()
    plan = stage_plans.plan_for(application, stage_id)
    people_ids = _people_of(plan)
    window = TimeSpan(now, now + rules.rolling_window)
    people, oldest = people_for(people_ids, window, now=now, fresh_for=fresh_for, moving=moving)
    return StageSearch(
        search=SlotSearch(
            plan=plan,
            people=people,
            candidate_windows=tuple(row.during for row in application.windows),
            candidate_zone=application.candidate.zone,
            window=window,
            earliest=now + rules.notice,
        ),
        people_ids=people_ids,
        oldest_reading=oldest,
    )


def people_for(
    people_ids: Collection[InterviewerId],
    window: TimeSpan,
    *,
    now: datetime,
    fresh_for: timedelta,
    moving: int | None = None,
) -> tuple[Mapping[InterviewerId, Person], datetime | None]:
    """Return these people as the search sees them, and when the oldest calendar was read."""
    rows = db.session.scalars(
        select(InterviewerRow)
        .where(InterviewerRow.id.in_(people_ids))
        .options(
            selectinload(InterviewerRow.hours),
            selectinload(InterviewerRow.preferred_blocks),
            selectinload(InterviewerRow.days_off),
        )
    ).all()
    calendars = {
        calendar.interviewer_id: calendar
        for calendar in db.session.scalars(
            select(BusyCalendar).where(BusyCalendar.interviewer_id.in_(people_ids))
        )
    }
    # Load is counted by day and week in the person's zone, so a little more than the window.
    around = window.widened(timedelta(days=8), timedelta(days=8))
    seats = _live_seats(people_ids, around, apart_from=moving)
    own = _own_spans(moving) if moving is not None else {}
    people = {
        InterviewerId(row.id): _person(
            row,
            calendars.get(row.id),
            own=own.get(row.id, []),
            others=seats.get(row.id, []),
            window=window,
            fresh_since=now - fresh_for,
        )
        for row in rows
    }
    readings = [calendar.read_at for calendar in calendars.values()]
    is_complete = len(calendars) == len(people) and readings
    return people, min(readings) if is_complete else None


def _person(
    row: InterviewerRow,
    calendar: BusyCalendar | None,
    *,
    own: Sequence[TimeSpan],
    others: Sequence[TimeSpan],
    window: TimeSpan,
    fresh_since: datetime,
) -> Person:
    interviewer = interviewer_of(row)
    return Person(
        interviewer=interviewer,
        busy=_busy(calendar, own, others, window, fresh_since),
        load=Counter(_local_date(during, interviewer) for during in others),
        load_time=_time_by_date(others, interviewer),
        days_off=days_off_of(row, window),
    )


def _busy(
    calendar: BusyCalendar | None,
    own: Sequence[TimeSpan],
    others: Sequence[TimeSpan],
    window: TimeSpan,
    fresh_since: datetime,
) -> tuple[TimeSpan, ...] | None:
    if calendar is None or calendar.busy is None or calendar.read_at < fresh_since:
        return None
    read = [
        TimeSpan(datetime.fromisoformat(start), datetime.fromisoformat(end))
        for start, end in calendar.busy
    ]
    # Google reports our own interviews as busy too; those of the booking on the move are not.
    uncovered = subtract([window], [calendar.covers])
    return (*subtract(read, own), *others, *uncovered)


def _time_by_date(spans: Iterable[TimeSpan], interviewer: Interviewer) -> Mapping[date, timedelta]:
    lengths: dict[date, timedelta] = {}
    for during in spans:
        on = _local_date(during, interviewer)
        lengths[on] = lengths.get(on, timedelta(0)) + during.length
    return lengths


def _local_date(during: TimeSpan, interviewer: Interviewer) -> date:
    return during.start.astimezone(interviewer.zone).date()


def _live_seats(
    people_ids: Collection[InterviewerId], around: TimeSpan, *, apart_from: int | None
) -> dict[int, list[TimeSpan]]:
    """Return when each of these people interviews, by id; the booking `apart_from` left out."""
    rows = db.session.execute(
        select(Seat.interviewer_id, Seat.during)
        .join(Interview, Seat.interview_id == Interview.id)
        .join(Booking, Booking.id == Interview.booking_id)
        .where(
            Booking.state == BookingState.BOOKED,
            Booking.id.is_distinct_from(apart_from),
            Seat.interviewer_id.in_(people_ids),
            Seat.state == SeatState.LIVE,
            Seat.during.bool_op("&&")(around),
        )
    )
    return _by_person((person, during) for person, during in rows)


def _own_spans(booking_id: int) -> dict[int, list[TimeSpan]]:
    """Return when each person of a booking is busy because of this booking itself.

    That is where it should be, and where Google still shows it while a change is under way. Whoever
    has left the panel may have left it for a meeting at that very time, which is not ours.
    """
    rows = db.session.execute(
        select(Seat.interviewer_id, Seat.during, Interview.observed_during)
        .join(Interview, Seat.interview_id == Interview.id)
        .join(Booking, Booking.id == Interview.booking_id)
        .where(
            Booking.id == booking_id,
            or_(
                Seat.state == SeatState.LIVE,
                Booking.applied_revision < Booking.desired_revision,
            ),
        )
    )
    return _by_person(
        (person, during) for person, *both in rows for during in both if during is not None
    )


def _by_person(spans: Iterable[tuple[int, TimeSpan]]) -> dict[int, list[TimeSpan]]:
    found: dict[int, list[TimeSpan]] = {}
    for person, during in spans:
        found.setdefault(person, []).append(during)
    return found


def interviewer_of(row: InterviewerRow) -> Interviewer:
    """Return an interviewer's row as the domain's value."""
    return Interviewer(
        interviewer_id=InterviewerId(row.id),
        email=row.email,
        name=row.name,
        zone=row.zone,
        hours=tuple(
            WorkingHours(each.weekday, each.opens_at, each.closes_at) for each in row.hours
        ),
        limit=LoadLimit(
            per_day=row.max_per_day,
            per_week=row.max_per_week,
            time_per_day=row.max_time_per_day,
            time_per_week=row.max_time_per_week,
        ),
        buffer_before=row.buffer_before,
        buffer_after=row.buffer_after,
        comfortable=_comfortable(row),
        preferred_blocks=tuple(
            WorkingHours(each.weekday, each.opens_at, each.closes_at)
            for each in row.preferred_blocks
        ),
    )


def _comfortable(row: InterviewerRow) -> DayHours | None:
    if row.comfortable_from is None or row.comfortable_until is None:
        return None
    return DayHours(row.comfortable_from, row.comfortable_until)


def _people_of(plan: StagePlan) -> tuple[InterviewerId, ...]:
    everybody = (rule.eligible for interview in plan.interviews for rule in interview.seats)
    return tuple(sorted(frozenset[InterviewerId]().union(*everybody)))


def utc_text(span: TimeSpan) -> list[str]:
    """Return a span as BusyCalendar keeps it."""
    return [span.start.astimezone(UTC).isoformat(), span.end.astimezone(UTC).isoformat()]
