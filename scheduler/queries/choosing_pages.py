"""What a recruiter sees while choosing a time.

Everything comes from calendars that were read before: a page that is merely looked at asks Google
nothing. Whoever was read too long ago is unknown here, and unknown is never free.
"""

from __future__ import annotations

import time as clocks
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, exists, select
from sqlalchemy.orm import joinedload

from scheduler.domain.availability import (
    at_wall_time,
    week_load,
    working_hours,
)
from scheduler.domain.booking import BookingState
from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import Attendance
from scheduler.domain.slots.explain import relaxations
from scheduler.domain.slots.funnel import Funnel, funnel
from scheduler.domain.slots.pricing import costs_of
from scheduler.domain.slots.problems import SEAT_NAMES, hindrances
from scheduler.domain.slots.question import Person, SlotSearch
from scheduler.domain.slots.search import DEFAULT, at_times, best, nearest, open_times
from scheduler.domain.slots.slot import (
    FilledSeat,
    Slot,
    Times,
    UnreadableSlotKey,
    slot_key,
    spans_of,
)
from scheduler.domain.slots.staffing import staffed
from scheduler.domain.slots.timing import time_problems
from scheduler.domain.timespan import TimeSpan, hull, merge
from scheduler.google.errors import GoogleError, NotConnected
from scheduler.models.base import db
from scheduler.models.bookings import Booking
from scheduler.models.calendar import OrganizerCalendar
from scheduler.models.candidates import Application, Invite
from scheduler.models.plans import Stage
from scheduler.queries import room_searches, slot_searches, snapshots
from scheduler.queries.asked_times import AskedTime, asked_time
from scheduler.queries.namesakes import is_named
from scheduler.queries.reasons import Reason, opening_words, reasons_of
from scheduler.queries.slot_searches import FRESH_FOR_A_PAGE, StageSearch

# The web layer never speaks to Google; it only has to know that asking may fail.
CALENDARS_UNREADABLE = GoogleError

READ_AGAIN_AFTER = timedelta(seconds=60)
MOST_LANES = 8
SUGGESTED_A_DAY = 3
MOST_BEST = 5
TIME_TO_PROVE = timedelta(seconds=1)  # of this thread's own; most proofs take a few hundredths
WEEKDAYS = 5
A_WEEK = timedelta(days=7)
MOST_REASONS = 4


class Trouble(StrEnum):
    """Why there is little or nothing to choose from; the page has a sentence and a way out for each."""

    NO_WINDOWS = "no_windows"
    NO_ADDRESS = "no_address"
    EMPTY_SEAT = "empty_seat"
    NOT_READ = "not_read"
    NOT_SHARED = "not_shared"
    NOT_CONNECTED = "not_connected"
    NOTHING_FITS = "nothing_fits"
    NO_ROOM = "no_room"
    ROOM_NOT_SHARED = "room_not_shared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hurdle:
    """A trouble, with the people or interviews it is about."""

    trouble: Trouble
    about: tuple[str, ...] = ()
    unknown: tuple[UnknownCalendar, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownCalendar:
    """Whose calendar is unknown, why, in Google's word, and since when."""

    name: str
    error: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Seated:
    """Somebody proposed for a seat, and how much they have that week."""

    name: str
    seat: str
    load: int
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One interview of a time to choose."""

    title: str
    span: TimeSpan
    panel: tuple[Seated, ...]
    room: str = ""
    """Its name; "" where it needs none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeToChoose:
    key: str
    span: TimeSpan
    parts: tuple[Part, ...]
    is_suggested: bool
    reasons: tuple[Reason, ...] = ()

    @property
    def panel(self) -> tuple[Seated, ...]:
        return tuple(seated for part in self.parts for seated in part.panel)

    @property
    def conflicts(self) -> tuple[str, ...]:
        """Return what somebody would have to give up for it."""
        return tuple(reason.text for reason in self.reasons if reason.is_conflict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BestTimes:
    """The cheapest times of all weeks, the best first; `is_proven`: there are no better ones.

    None overlaps a better one.
    """

    times: tuple[TimeToChoose, ...]
    is_proven: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLane:
    """Somebody who could sit in the stage: their week, as far as we know it."""

    name: str
    zone: ZoneInfo
    load: int
    limit: int
    hours: tuple[TimeSpan, ...]
    busy: tuple[TimeSpan, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """When the calendars were last read, as far back as the oldest of them."""

    people: int
    read_at: datetime | None
    now: datetime

    @property
    def is_due(self) -> bool:
        """Whether they should be read again before anybody decides by them."""
        if not self.people:
            return False
        return self.read_at is None or self.now - self.read_at > READ_AGAIN_AFTER

    @property
    def is_known(self) -> bool:
        return self.read_at is not None and self.now - self.read_at <= FRESH_FOR_A_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One thing to give way, and how many starts there would be then."""

    words: str
    starts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """The booking that is being rescheduled, and when it is now."""

    booking_id: int
    key: str
    span: TimeSpan


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a time that somebody wanted, and the nearest ones that are left."""

    span: TimeSpan | None
    reasons: tuple[str, ...]
    nearest: tuple[TimeToChoose, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseTimesPage:
    application_id: int
    stage_id: int
    candidate_id: int
    candidate: str
    candidate_zone: ZoneInfo
    zone: ZoneInfo
    role: str
    stage: str
    length: timedelta
    interviews: int
    now: datetime
    moving: Moving | None
    booking_id: int | None
    """The live booking that this stage has already, when nothing is being moved."""
    offered_at: datetime | None
    monday: date
    earlier: date | None
    later: date | None
    next_with_times: date | None
    """The first other week that has a time, when this one has none."""
    days: tuple[date, ...]
    lanes: tuple[PersonLane, ...]
    more_people: int
    windows: tuple[TimeSpan, ...]
    times: tuple[TimeToChoose, ...]
    """Every time of the week; the suggested ones do not overlap, and the best are among them."""
    chosen: TimeToChoose | None
    best: BestTimes
    total: int
    funnel: tuple[tuple[str, int], ...]
    openings: tuple[Opening, ...]
    hurdles: tuple[Hurdle, ...]
    freshness: Freshness
    taken: Taken | None
    why_not: AskedTime | None

    @property
    def suggested(self) -> tuple[TimeToChoose, ...]:
        return tuple(each for each in self.times if each.is_suggested)

    @property
    def can_book(self) -> bool:
        stopping = {Trouble.NO_ADDRESS, Trouble.NOT_CONNECTED}
        return self.booking_id is None and not any(
            hurdle.trouble in stopping for hurdle in self.hurdles
        )


def unreadable(error: Exception) -> str:
    """Return what to tell a recruiter when Google could not be asked for calendars."""
    if isinstance(error, NotConnected):
        return (
            "Greenroom is not connected to the scheduling account, so nobody's calendar can be "
            "read. Ask an admin to connect it."
        )
    return (
        "Google could not be asked for the calendars just now. Nothing has been booked or changed; "
        "try again in a minute."
    )


def choose_times(
    application_id: int,
    stage_id: int,
    *,
    zone: ZoneInfo,
    now: datetime,
    week: date | None = None,
    key: str = "",
    wanted: str | None = None,
    why_not: datetime | None = None,
) -> ChooseTimesPage | None:
    """Return the page for choosing a time; None when no such application has such a stage.

    `key` is the time chosen so far, `wanted` one that somebody tried to book in vain, and `why_not`
    a start that they ask about, by the clock of `zone`.
    """
    of_these = (Application.id == application_id, Stage.id == stage_id)
    at_hand = _at_hand(select(*AT_HAND).where(*of_these))
    if at_hand is None:
        return None
    asked = Asked(week=week, key=key, wanted=wanted, why_not=why_not)
    return _choose(at_hand, None, asked, zone=zone, now=now)


def choose_another_time(
    booking_id: int,
    *,
    zone: ZoneInfo,
    now: datetime,
    week: date | None = None,
    key: str = "",
    wanted: str | None = None,
    why_not: datetime | None = None,
) -> ChooseTimesPage | None:
    """Return the page for moving a booking; None when there is no live booking of that id."""
    at_hand = _at_hand(select(*AT_HAND).where(Booking.id == booking_id))
    if at_hand is None or at_hand.live is None:
        return None
    asked = Asked(week=week, key=key, wanted=wanted, why_not=why_not)
    return _choose(at_hand, at_hand.live, asked, zone=zone, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody wants to see of the times: see `choose_times`."""

    week: date | None
    key: str
    wanted: str | None
    why_not: datetime | None


def _choose(
    at_hand: AtHand, moving: Booking | None, asked: Asked, *, zone: ZoneInfo, now: datetime
) -> ChooseTimesPage:
    application, stage, invite, live = at_hand.rows
    stage_search = slot_searches.for_stage(
        application.id,
        stage.id,
        now=now,
        fresh_for=FRESH_FOR_A_PAGE,
        moving=moving.id if moving else None,
    )
    search = stage_search.search
    best_slots, is_proven = _best(stage_search)
    best_at = {slot.span.start: slot.times for slot in best_slots}
    times = [
        best_at.get(each.span.start, each) for each in open_times(search, stage_search.calendars)
    ]
    monday = _monday(asked, times, search, zone, now)
    shown = TimeSpan(
        at_wall_time(monday, time.min, zone), at_wall_time(monday + A_WEEK, time.min, zone)
    )
    of_the_week = _staffed(
        [each for each in times if shown.start <= each.span.start < shown.end], stage_search
    )
    suggested = _suggested(of_the_week, {slot.key for slot in best_slots}, search, zone)
    windows = _inside(search.candidate_windows, shown)
    counts = funnel(search, stage_search.calendars)
    freshness = freshness_of(stage_search, now)
    people = _lane_people(search, stage_search.people_ids, of_the_week, suggested)
    return ChooseTimesPage(
        application_id=application.id,
        stage_id=stage.id,
        candidate_id=application.candidate_id,
        candidate=application.candidate.name,
        candidate_zone=application.candidate.zone,
        zone=zone,
        role=application.job_role.title,
        stage=stage.title,
        length=sum((each.length for each in search.plan.interviews), timedelta(0)),
        interviews=len(search.plan.interviews),
        now=now,
        moving=_moving(moving) if moving else None,
        booking_id=live.id if live and not moving else None,
        offered_at=invite.offered_at if invite else None,
        monday=monday,
        earlier=_week_within(monday - A_WEEK, zone, search.window),
        later=_week_within(monday + A_WEEK, zone, search.window),
        next_with_times=_next_with_times(times, of_the_week, zone),
        days=tuple(_days(monday, [*windows, *(slot.span for slot in of_the_week)], zone)),
        lanes=tuple(_lane(search.people[id_], shown) for id_ in people[:MOST_LANES]),
        more_people=max(len(people) - MOST_LANES, 0),
        windows=windows,
        times=tuple(
            _time(slot, search, is_suggested=slot.key in suggested) for slot in of_the_week
        ),
        chosen=next(
            (_chosen(each, stage, search) for each in times if each.key == asked.key), None
        ),
        best=BestTimes(
            times=tuple(_explained(slot, search) for slot in best_slots), is_proven=is_proven
        ),
        total=len(times),
        funnel=_funnel_rows(counts, application.candidate.name),
        openings=_openings(stage_search, counts),
        hurdles=tuple(_hurdles(at_hand, search, counts, freshness)),
        freshness=freshness,
        taken=_taken(asked.wanted, stage_search, times) if asked.wanted is not None else None,
        why_not=None
        if asked.why_not is None
        else asked_time(stage_search, asked.why_not, zone, times),
    )


# -- rows ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AtHand:
    """The rows that a page is about. Held, so that the search finds them in the session."""

    rows: tuple[Application, Stage, Invite | None, Booking | None]
    has_calendar: bool

    @property
    def live(self) -> Booking | None:
        return self.rows[3]


AT_HAND = (
    Application,
    Stage,
    Invite,
    Booking,
    exists().where(OrganizerCalendar.retired_at.is_(None)),
)


def _at_hand(
    those: Select[Application, Stage, Invite, Booking, bool],
) -> AtHand | None:
    """Return an application with a stage of its role, and the live booking of it, in one query."""
    row = (
        db.session.execute(
            those.select_from(Application)
            .join(Stage, Stage.job_role_id == Application.job_role_id)
            .outerjoin(
                Invite,
                and_(
                    Invite.application_id == Application.id,
                    Invite.stage_id == Stage.id,
                    Invite.revoked_at.is_(None),
                ),
            )
            .outerjoin(
                Booking,
                and_(
                    Booking.application_id == Application.id,
                    Booking.stage_id == Stage.id,
                    Booking.state == BookingState.BOOKED,
                ),
            )
            .options(
                joinedload(Application.candidate),
                joinedload(Application.job_role),
                joinedload(Application.windows),
                joinedload(Booking.interviews),
            )
        )
        .unique()
        .first()
    )
    if row is None:
        return None
    application, stage, invite, booking, has_calendar = row
    return AtHand(rows=(application, stage, invite, booking), has_calendar=has_calendar)


def freshness_of(stage_search: StageSearch, now: datetime) -> Freshness:
    return Freshness(
        people=len(stage_search.people_ids), read_at=stage_search.oldest_reading, now=now
    )


# -- the week --------------------------------------------------------------------------------------


def _monday(
    asked: Asked,
    times: Sequence[Times],
    search: SlotSearch,
    zone: ZoneInfo,
    now: datetime,
) -> date:
    """Return the Monday of the week to show: the one asked for, else the first with something in it."""
    chosen = next((each.span.start for each in times if each.key == asked.key), None)
    opening = at_wall_time(_next_weekday(now.astimezone(zone).date()), time.min, zone)
    first_window = min((span.start for span in _ahead(search, now)), default=opening)
    first = times[0].span.start if times else max(first_window, now)
    on = asked.week or (chosen or first).astimezone(zone).date()
    on = asked.why_not.date() if asked.why_not else on
    today = now.astimezone(zone).date()
    on = min(max(on, today), search.window.end.astimezone(zone).date())
    return on - timedelta(days=on.weekday())


def _next_weekday(on: date) -> date:
    return on if on.weekday() < WEEKDAYS else on + timedelta(days=7 - on.weekday())


def _ahead(search: SlotSearch, now: datetime) -> Iterator[TimeSpan]:
    return (span for span in search.candidate_windows if span.end > now)


def _week_within(monday: date, zone: ZoneInfo, window: TimeSpan) -> date | None:
    first, last = (moment.astimezone(zone).date() for moment in (window.start, window.end))
    return monday if first < monday + A_WEEK and monday <= last else None


def _next_with_times(
    times: Sequence[Times], of_the_week: Sequence[Slot], zone: ZoneInfo
) -> date | None:
    if of_the_week or not times:
        return None
    on = times[0].span.start.astimezone(zone).date()
    return on - timedelta(days=on.weekday())


def _days(monday: date, spans: Iterable[TimeSpan], zone: ZoneInfo) -> Iterator[date]:
    """Yield the days to show: Monday to Friday, and of the weekend what is used."""
    used = {
        moment.astimezone(zone).date()
        for span in spans
        for moment in (span.start, span.end - datetime.resolution)
    }
    last = max((on for on in used if on < monday + A_WEEK), default=monday)
    shown = max(WEEKDAYS, (last - monday).days + 1)
    yield from (monday + timedelta(days=number) for number in range(shown))


def _inside(spans: Iterable[TimeSpan], shown: TimeSpan) -> tuple[TimeSpan, ...]:
    return tuple(
        TimeSpan(max(span.start, shown.start), min(span.end, shown.end))
        for span in merge(spans)
        if span.overlaps(shown)
    )


# -- the times -------------------------------------------------------------------------------------


def _suggested(
    slots: Sequence[Slot], best_keys: Collection[str], search: SlotSearch, zone: ZoneInfo
) -> frozenset[str]:
    """Return the keys of a few times a day that do not overlap.

    The best of all weeks are always among them; then come the cheapest, and of those round hours.
    """

    def preference(slot: Slot) -> tuple[bool, int, int, datetime]:
        cost = costs_of(search, slot, DEFAULT).total
        start = slot.span.start
        return slot.key not in best_keys, cost, start.minute % 60 % 30, start

    taken: dict[date, list[Slot]] = {}
    for slot in sorted(slots, key=preference):
        of_the_day = taken.setdefault(slot.span.start.astimezone(zone).date(), [])
        is_clear = not any(slot.span.overlaps(other.span) for other in of_the_day)
        if is_clear and (slot.key in best_keys or len(of_the_day) < SUGGESTED_A_DAY):
            of_the_day.append(slot)
    return frozenset(slot.key for day in taken.values() for slot in day)


def _best(stage_search: StageSearch) -> tuple[list[Slot], bool]:
    """Return the cheapest slots of all weeks without what overlaps a better one; are they proven?"""
    search, out_of_time = stage_search.search, clocks.thread_time() + TIME_TO_PROVE.total_seconds()
    ranking = best(
        search,
        top=MOST_BEST,
        calendars=stage_search.calendars,
        out_of_time=lambda: clocks.thread_time() > out_of_time,
    )
    clear: list[Slot] = []
    for ranked in ranking.slots:
        if not any(ranked.slot.span.overlaps(better.span) for better in clear):
            clear.append(ranked.slot)
    return clear, ranking.is_proven


def _staffed(times: Sequence[Times], stage_search: StageSearch) -> list[Slot]:
    return staffed(stage_search.search, times, weights=DEFAULT, calendars=stage_search.calendars)


def _chosen(times: Times, stage: Stage, search: SlotSearch) -> TimeToChoose | None:
    chosen = _as_booked(times, search)
    if chosen is None or stage.attendance is not Attendance.ONSITE:
        return chosen
    named = dict.fromkeys(
        (room, seated.name)
        for room in filter(None, (part.room for part in chosen.parts))
        for seated in chosen.panel
        if is_named(room, seated.name)
    )
    told = (
        Reason(
            f"candidates on site are told their room, and {room} names {name}, so that the booking "
            "would wait for another room",
            is_conflict=True,
        )
        for room, name in named
    )
    return replace(chosen, reasons=(*chosen.reasons, *told))


def _as_booked(times: Times, search: SlotSearch) -> TimeToChoose | None:
    """Return a time with whom a booking of it would seat."""
    ranked = at_times(search, times.spans)
    return _explained(ranked.slot, search) if ranked else None


def _explained(slot: Slot, search: SlotSearch) -> TimeToChoose:
    return replace(_time(slot, search), reasons=reasons_of(search, slot))


def _seats(slot: Slot) -> Iterator[FilledSeat]:
    return (seat for interview in slot.interviews for seat in interview.seats)


def _time(slot: Slot, search: SlotSearch, *, is_suggested: bool = True) -> TimeToChoose:
    return TimeToChoose(
        key=slot.key,
        span=slot.span,
        parts=tuple(
            Part(
                title=planned.title,
                span=interview.span,
                panel=tuple(_seated(seat, slot, search) for seat in interview.seats),
                room="" if interview.room is None else search.rooms[interview.room].name,
            )
            for planned, interview in zip(search.plan.interviews, slot.interviews, strict=True)
        ),
        is_suggested=is_suggested,
    )


def _seated(seat: FilledSeat, slot: Slot, search: SlotSearch) -> Seated:
    person = search.people[seat.interviewer_id]
    return Seated(
        name=person.interviewer.name,
        seat=SEAT_NAMES[seat.kind],
        load=_load(person, slot.span.start),
        limit=person.interviewer.limit.per_week,
    )


def _load(person: Person, at: datetime) -> int:
    return week_load(person, at.astimezone(person.interviewer.zone).date())


def _lane_people(
    search: SlotSearch,
    people_ids: Sequence[InterviewerId],
    slots: Sequence[Slot],
    suggested: frozenset[str],
) -> list[InterviewerId]:
    """Return everybody who could sit in the stage: who is proposed most often first, then by name."""
    times = Counter(
        seat.interviewer_id for slot in slots if slot.key in suggested for seat in _seats(slot)
    )
    known = [id_ for id_ in people_ids if id_ in search.people]
    return sorted(known, key=lambda id_: (-times[id_], search.people[id_].interviewer.name))


def _lane(person: Person, shown: TimeSpan) -> PersonLane:
    return PersonLane(
        name=person.interviewer.name,
        zone=person.interviewer.zone,
        load=_load(person, shown.start + timedelta(days=1)),
        limit=person.interviewer.limit.per_week,
        hours=tuple(working_hours(person.interviewer, shown)),
        busy=None if person.busy is None else _inside(person.busy, shown),
    )


def _moving(booking: Booking) -> Moving:
    spans = [interview.during for interview in booking.interviews]
    return Moving(booking_id=booking.id, key=slot_key(spans), span=hull(spans))


# -- what is in the way ----------------------------------------------------------------------------


def _funnel_rows(counts: Funnel, candidate: str) -> tuple[tuple[str, int], ...]:
    return (
        ("Starts in the next four weeks", counts.after_notice),
        (f"{candidate} can", counts.candidate_free),
        ("Inside working hours", counts.in_hours),
        ("Nobody busy", counts.nobody_busy),
        ("Within everybody's limits", counts.feasible),
    )


def _hurdles(
    at_hand: AtHand, search: SlotSearch, counts: Funnel, freshness: Freshness
) -> Iterator[Hurdle]:
    if at_hand.rows[0].candidate.email is None:
        yield Hurdle(trouble=Trouble.NO_ADDRESS)
    if not at_hand.has_calendar:
        yield Hurdle(trouble=Trouble.NOT_CONNECTED)
    if counts.empty_seats:
        yield Hurdle(trouble=Trouble.EMPTY_SEAT, about=counts.empty_seats)
    without_room = tuple(
        interview.title
        for interview in search.plan.interviews
        if interview.rooms is not None and interview.rooms.isdisjoint(search.rooms)
    )
    if without_room:
        yield Hurdle(trouble=Trouble.NO_ROOM, about=without_room)
    if not any(_ahead(search, freshness.now)):
        yield Hurdle(trouble=Trouble.NO_WINDOWS)
    people = tuple(search.people[id_].interviewer.name for id_ in counts.unknown)
    rooms = tuple(room.name for room in search.rooms.values() if room.busy is None)
    if people:
        trouble = Trouble.NOT_SHARED if freshness.is_known else Trouble.NOT_READ
        yield Hurdle(trouble=trouble, about=people, unknown=_unknown(search, counts.unknown))
    if rooms:
        trouble = Trouble.ROOM_NOT_SHARED if freshness.is_known else Trouble.NOT_READ
        yield Hurdle(trouble=trouble, about=rooms)
    told = people or rooms or without_room or counts.empty_seats
    if not told and counts.candidate_free and not counts.feasible:
        yield Hurdle(trouble=Trouble.NOTHING_FITS)


def _unknown(
    search: SlotSearch, people_ids: Sequence[InterviewerId]
) -> tuple[UnknownCalendar, ...]:
    troubles = snapshots.troubles_of(people_ids)
    return tuple(
        UnknownCalendar(
            name=search.people[id_].interviewer.name,
            error=troubles[id_].error,
            since=troubles[id_].since,
        )
        for id_ in people_ids
        if id_ in troubles
    )


def _openings(stage_search: StageSearch, counts: Funnel) -> tuple[Opening, ...]:
    """Return what would open times where there is none, each counted by a search of its own."""
    search = stage_search.search
    if counts.feasible or counts.empty_seats or not search.candidate_windows:
        return ()
    found = relaxations(search, counts.feasible, stage_search.calendars)[:MOST_REASONS]
    return tuple(Opening(words=opening_words(each), starts=each.starts) for each in found)


def _taken(wanted: str, stage_search: StageSearch, times: Sequence[Times]) -> Taken:
    search = stage_search.search
    try:
        spans = spans_of(wanted, search.plan)
    except (UnreadableSlotKey, ValueError):
        return Taken(span=None, reasons=(), nearest=())
    others = [each for each in times if each.key != wanted]
    closest = nearest(others, spans[0].start)
    return Taken(
        span=hull(spans),
        reasons=tuple(_reasons(search, spans))[:MOST_REASONS],
        nearest=tuple(_time(slot, search) for slot in _staffed(closest, stage_search)),
    )


def _reasons(search: SlotSearch, spans: Sequence[TimeSpan]) -> Iterator[str]:
    yield from time_problems(search, spans)
    for seat in hindrances(search, spans):
        for name, found in seat.people:
            yield f"{name}: {', '.join(found)}."
    for planned, span in zip(search.plan.interviews, spans, strict=True):
        if planned.rooms is not None and not room_searches.free_during(search, planned, span):
            yield f"{planned.title}: no room is free."
