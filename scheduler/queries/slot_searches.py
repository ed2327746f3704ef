"""Builds a slot search from rows: the plan, the people, their cached calendars and their load."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

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
from scheduler.domain.plan import RoomId, StagePlan
from scheduler.domain.slots.calendars import Calendars
from scheduler.domain.slots.question import Person, SlotSearch
from scheduler.domain.timespan import TimeSpan, subtract
from scheduler.google.details import HoursAtGoogle
from scheduler.models.base import db
from scheduler.models.bookings import Booking, Interview, Seat
from scheduler.models.calendar import BusyCalendar
from scheduler.models.candidates import Application
from scheduler.models.people import InterviewerRow
from scheduler.queries import booked_plans, room_searches, snapshots, stage_plans
from scheduler.queries.days_off import days_off_of
from scheduler.queries.room_searches import KnownRooms
from scheduler.queries.scheduling import SchedulingRules, scheduling_rules
from scheduler.queries.snapshots import Kept, Reading

RECENT = timedelta(days=28)
A_WEEK_AND_A_DAY = timedelta(days=8)
FRESH_FOR_A_PAGE = timedelta(minutes=10)
FRESH_FOR_A_BOOKING = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSearch:
    """A search, and what the page around it needs to know."""

    search: SlotSearch
    calendars: Calendars
    """The masks that this process keeps."""
    people_ids: tuple[InterviewerId, ...]
    oldest_reading: datetime | None
    """When the least recently read calendar was read; None when one was never read."""


def eligible_people(stage_id: int) -> tuple[InterviewerId, ...]:
    """Return everybody who could sit in this stage, in id order (the order of the row locks)."""
    return _people_of(stage_plans.plan_of(stage_plans.load_stage(stage_id)))


def concerned(
    stage_id: int, moving: int | None = None
) -> tuple[tuple[InterviewerId, ...], tuple[RoomId, ...]]:
    """Return whose calendars a search for this stage depends on: people's and rooms', in id order.

    `moving` is the booking of it that is being rescheduled, or gets somebody else.
    """
    plan = stage_plans.plan_of(stage_plans.load_stage(stage_id))
    if moving is not None:
        application = db.session.get_one(Booking, moving).application
        plan = booked_plans.plan_for(application, stage_id, moving)
    return _people_of(plan), room_searches.rooms_of(plan)


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
    plan = booked_plans.plan_for(application, stage_id, moving)
    people_ids = _people_of(plan)
    window = window_from(now, rules)
    people, oldest = people_for(people_ids, window, now=now, fresh_for=fresh_for, moving=moving)
    known = room_searches.rooms_for(
        room_searches.rooms_of(plan), window, now=now, fresh_for=fresh_for, moving=moving
    )
    return StageSearch(
        search=SlotSearch(
            plan=plan,
            people=people,
            candidate_windows=tuple(row.during for row in application.windows),
            candidate_zone=application.candidate.zone,
            window=window,
            earliest=now + rules.notice,
            rooms=known.rooms,
        ),
        calendars=snapshots.shelf_of(window).calendars,
        people_ids=people_ids,
        oldest_reading=_older(oldest, known),
    )


def for_anybody(
    stage_id: int,
    windows: tuple[TimeSpan, ...],
    zone: ZoneInfo,
    *,
    now: datetime,
    fresh_for: timedelta,
) -> StageSearch:
    """Return the search for times of a stage with a candidate whom nobody knows yet."""
    rules = scheduling_rules()
    plan = stage_plans.plan_of(stage_plans.load_stage(stage_id))
    people_ids = _people_of(plan)
    window = window_from(now, rules)
    people, oldest = people_for(people_ids, window, now=now, fresh_for=fresh_for)
    known = room_searches.rooms_for(
        room_searches.rooms_of(plan), window, now=now, fresh_for=fresh_for
    )
    return StageSearch(
        search=SlotSearch(
            plan=plan,
            people=people,
            candidate_windows=windows,
            candidate_zone=zone,
            window=window,
            earliest=now + rules.notice,
            rooms=known.rooms,
        ),
        calendars=snapshots.shelf_of(window).calendars,
        people_ids=people_ids,
        oldest_reading=_older(oldest, known),
    )


def _older(oldest: datetime | None, known: KnownRooms) -> datetime | None:
    """Return when the oldest calendar was read, the rooms' among them."""
    if not known.rooms:
        return oldest
    if oldest is None or known.oldest_reading is None:
        return None
    return min(oldest, known.oldest_reading)


def days_to_read(now: datetime, rules: SchedulingRules) -> TimeSpan:
    """Return what to ask calendars about: whole UTC days, so that all day long the answer is the same."""
    midnight = datetime.combine(now.astimezone(UTC).date(), time.min, UTC)
    return TimeSpan(midnight, midnight + rules.rolling_window)


def window_from(now: datetime, rules: SchedulingRules) -> TimeSpan:
    """Return where a search from `now` on looks: as far as calendars are read, and so up to a day
    less than the rolling window.
    """
    return TimeSpan(now, days_to_read(now, rules).end)


def people_for(
    people_ids: Collection[InterviewerId],
    window: TimeSpan,
    *,
    now: datetime,
    fresh_for: timedelta,
    moving: int | None = None,
) -> tuple[Mapping[InterviewerId, Person], datetime | None]:
    """Return these people as the search sees them, and when the oldest calendar was read.

    A fixed number of queries, whoever they are. Who has not changed since the last search of this
    process is the very same object again.
    """
    shelf = snapshots.shelf_of(window)
    seen = [
        _Seen(row, _reading(reading), shelf.horizon)
        for row, *reading in db.session.execute(
            select(
                InterviewerRow,
                BusyCalendar.covers,
                BusyCalendar.version,
                BusyCalendar.error,
                BusyCalendar.read_at,
                BusyCalendar.hours,
            )
            .outerjoin(BusyCalendar, BusyCalendar.interviewer_id == InterviewerRow.id)
            .where(InterviewerRow.id.in_(people_ids))
            .options(
                selectinload(InterviewerRow.hours),
                selectinload(InterviewerRow.preferred_blocks),
                selectinload(InterviewerRow.days_off),
            )
        )
    ]
    # Load is counted by day and week in the person's zone, and what is fair by weeks gone by.
    around = shelf.horizon.widened(RECENT, A_WEEK_AND_A_DAY)
    seats = _live_seats(people_ids, around, apart_from=moving)
    own = _own_spans(moving) if moving is not None else {}
    people, changed = {}, []
    for each in seen:
        each.know(shelf.horizon, seats, own, fresh_since=now - fresh_for)
        known = shelf.find(each.interviewer_id, each.version)
        if known is not None:
            people[each.interviewer_id] = known
        else:
            changed.append(each)
    kept = snapshots.kept_of([each.interviewer_id for each in changed if each.version])
    for each in changed:
        of_the_row = kept.get(each.interviewer_id)
        person = people[each.interviewer_id] = each.person(shelf.horizon, of_the_row)
        if of_the_row is not None:
            shelf.keep(person, of_the_row)
    readings = [each.reading.read_at for each in seen if each.reading is not None]
    return people, min(readings) if readings and len(readings) == len(people) else None


class _Seen:
    """Somebody as the rows of one search show them."""

    def __init__(self, row: InterviewerRow, reading: Reading | None, horizon: TimeSpan) -> None:
        self.interviewer_id = InterviewerId(row.id)
        self.interviewer = in_force(interviewer_of(row), reading.hours if reading else None)
        self.days_off = days_off_of(row, horizon)
        self.reading = reading
        self.others: Sequence[TimeSpan] = ()
        self.own: Sequence[TimeSpan] = ()
        self.version = ""

    def know(
        self,
        horizon: TimeSpan,
        seats: Mapping[int, Sequence[TimeSpan]],
        own: Mapping[int, Sequence[TimeSpan]],
        *,
        fresh_since: datetime,
    ) -> None:
        """Learn of their interviews. The version stays "" for somebody whose calendar is unknown."""
        self.others = seats.get(self.interviewer_id, ())
        self.own = own.get(self.interviewer_id, ())
        if self.reading is not None and self.reading.is_known(fresh_since):
            facts = (
                self.interviewer,
                sorted(self.days_off),
                self.reading.version,
                self.others,
                self.own,
                horizon,
            )
            self.version = snapshots.version_of(*facts)

    def person(self, horizon: TimeSpan, kept: Kept | None) -> Person:
        dates = [during.start.astimezone(self.interviewer.zone).date() for during in self.others]
        load_time: dict[date, timedelta] = {}
        for on, during in zip(dates, self.others, strict=True):
            load_time[on] = load_time.get(on, timedelta(0)) + during.length
        return Person(
            interviewer=self.interviewer,
            busy=None if kept is None else self._busy(horizon, kept),
            soft=() if kept is None else self._without_own(kept.soft),
            kept_for_interviews=() if kept is None else kept.kept_for_interviews,
            load=Counter(dates),
            load_time=load_time,
            days_off=self.days_off,
            recent=len(self.others),
            version="" if kept is None else self.version,
        )

    def _busy(self, horizon: TimeSpan, kept: Kept) -> tuple[TimeSpan, ...]:
        assert self.reading is not None  # or nothing were kept
        uncovered = subtract([horizon], [self.reading.covers])
        return (*self._without_own(kept.busy), *self.others, *uncovered)

    def _without_own(self, spans: tuple[TimeSpan, ...]) -> tuple[TimeSpan, ...]:
        # Google tells of our own interviews too; those of the booking on the move hold no time.
        return tuple(subtract(spans, self.own)) if self.own else spans


def _reading(columns: Sequence[Any]) -> Reading | None:
    covers, version, error, read_at, hours = columns
    if read_at is None:
        return None
    return Reading(
        covers=covers,
        version=version,
        error=error,
        read_at=read_at,
        hours=snapshots.hours_of(hours),
    )


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
    for person, during in sorted(spans):
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


def in_force(interviewer: Interviewer, told: HoursAtGoogle | None) -> Interviewer:
    """Return somebody with the hours that they have told Google, where those go by the same clock."""
    if told is None or told.zone.key != interviewer.zone.key:
        return interviewer
    return replace(interviewer, hours=told.hours)


def _comfortable(row: InterviewerRow) -> DayHours | None:
    if row.comfortable_from is None or row.comfortable_until is None:
        return None
    return DayHours(row.comfortable_from, row.comfortable_until)


def _people_of(plan: StagePlan) -> tuple[InterviewerId, ...]:
    everybody = (rule.eligible for interview in plan.interviews for rule in interview.seats)
    return tuple(sorted(frozenset[InterviewerId]().union(*everybody)))
