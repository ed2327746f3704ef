"""Choosing a time: the week, the suggested times beside it, and booking one of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from typing import Any, Literal
from urllib.parse import urlencode

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utc_now
from scheduler.commands import bookings, calendars, mails
from scheduler.commands.bookings import (
    AlreadyBooked,
    CandidateHasNoAddress,
    NoOrganizerCalendar,
    SlotTaken,
)
from scheduler.commands.mails import Sender
from scheduler.config import Settings
from scheduler.domain.availability import at_wall_time
from scheduler.domain.disclosure import IdentityLeak
from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import RoomId
from scheduler.domain.timespan import TimeSpan
from scheduler.keys import KeyRing
from scheduler.queries import choosing_pages, slot_searches
from scheduler.queries.choosing_pages import (
    CALENDARS_UNREADABLE,
    ChooseTimesPage,
    PersonLane,
    TimeToChoose,
)
from scheduler.web import presentation, sessions
from scheduler.web.presentation import (
    ROW,
    Block,
    GridDay,
    GridHours,
    Lane,
    SlotCard,
    WeekGrid,
    Window,
)

choosing = Blueprint("choosing", __name__)

STAGE = "/applications/<id:application_id>/stages/<id:stage_id>"
FIRST_HOUR, LAST_HOUR = 8, 18
FEWEST_HOURS = 9
LONGEST_IN_GUTTER = 6  # letters
NO_TIME_CHOSEN = "Choose a time first."
NO_ADDRESS = "{} has no e-mail address. Add one, then book: nobody can be invited without it."
NAMES_THE_PANEL = (
    "“{}” in the {} names somebody who could be on the panel, so nothing has been sent. "
    "Change that text under Plans, then ask again."
)
NO_CALENDAR = (
    "No scheduling account is connected, so there is no calendar to put events on. "
    "Ask an admin to connect it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Where the page for choosing a time leads, for a first booking or for a reschedule."""

    times: str
    booking: str
    calendars: str
    invite: str = ""

    @classmethod
    def of_stage(cls, application_id: int, stage_id: int) -> Doors:
        def door(endpoint: str) -> str:
            return url_for(f"choosing.{endpoint}", application_id=application_id, stage_id=stage_id)

        return cls(
            times=door("times"),
            booking=door("book"),
            calendars=door("read_calendars"),
            invite=door("offer_times"),
        )


@choosing.get(f"{STAGE}/times")
def times(application_id: int, stage_id: int) -> ResponseReturnValue:
    """Show the times at which a stage can be held."""
    return shown(_page(application_id, stage_id), Doors.of_stage(application_id, stage_id))


@choosing.post(f"{STAGE}/calendars")
def read_calendars(application_id: int, stage_id: int) -> ResponseReturnValue:
    """Read the calendars concerned anew, and show what they leave open."""
    if _page(application_id, stage_id) is None:
        abort(404)
    problem = refreshed(*slot_searches.concerned(stage_id))
    doors = Doors.of_stage(application_id, stage_id)
    if problem is None and not sessions.is_htmx():
        return redirect(back_to_week(doors.times), 303)
    page = _page(application_id, stage_id)
    return shown(page, doors, problem=problem, status=200 if problem is None else 503)


@choosing.post(f"{STAGE}/booking")
def book(application_id: int, stage_id: int) -> ResponseReturnValue:
    """Book the chosen time, if live calendars still agree."""
    doors, key = Doors.of_stage(application_id, stage_id), request.form.get("slot", "")
    page = _page(application_id, stage_id)
    if page is None:
        abort(404)
    if not key:
        return shown(page, doors, problem=NO_TIME_CHOSEN, status=422)
    problem = refreshed(*slot_searches.concerned(stage_id))
    if problem is not None:
        return shown(_page(application_id, stage_id), doors, problem=problem, status=503)
    try:
        booking_id = bookings.book(
            application_id,
            stage_id,
            key,
            keys=_keys(),
            by=sessions.actor(),
            now=utc_now(),
        )
    except AlreadyBooked as already:
        return _to_the_other_booking(already, application_id, stage_id)
    except SlotTaken:
        return shown(_page(application_id, stage_id, wanted=key), doors, status=409)
    except CandidateHasNoAddress:
        return shown(page, doors, problem=NO_ADDRESS.format(page.candidate), status=422)
    except NoOrganizerCalendar:
        return shown(page, doors, problem=NO_CALENDAR, status=409)
    return redirect(url_for("bookings.show", booking_id=booking_id), 303)


@choosing.post(f"{STAGE}/invite")
def offer_times(application_id: int, stage_id: int) -> ResponseReturnValue:
    """Ask the candidate to choose a time themselves."""
    page = _page(application_id, stage_id)
    if page is None:
        abort(404)
    doors = Doors.of_stage(application_id, stage_id)
    if page.booking_id is not None:
        return _to_the_other_booking(AlreadyBooked(page.booking_id), application_id, stage_id)
    try:
        is_news = mails.offer_times(
            application_id, stage_id, sender=_sender(), by=sessions.actor(), now=utc_now()
        )
    except CandidateHasNoAddress:
        return shown(page, doors, problem=NO_ADDRESS.format(page.candidate), status=422)
    except IdentityLeak as leak:
        return shown(page, doors, problem=NAMES_THE_PANEL.format(leak.word, leak.where), status=422)
    if is_news:
        flash(f"{page.candidate} has been asked to choose a time.", "success")
    else:
        flash(
            f"{page.candidate} has been asked already. The link in that mail still works.", "info"
        )
    return redirect(url_for("candidates.show", candidate_id=page.candidate_id), 303)


# -- shared with rescheduling and swapping ---------------------------------------------------------


def shown(
    page: ChooseTimesPage | None, doors: Doors, *, problem: str | None = None, status: int = 200
) -> ResponseReturnValue:
    """Show the page for choosing a time, whole or, for a script of ours, the part that changes."""
    if page is None:
        abort(404)
    is_part = sessions.is_htmx() and request.method == "POST"
    template = "bookings/_choosing.html" if is_part else "bookings/choose_time.html"
    return (
        render_template(
            template,
            page=page,
            grid=week_grid(page, doors),
            days=list(days_of(page)),
            doors=doors,
            problem=problem,
            # Whatever was asked for by a POST has just been read, or could not be.
            reads_itself=request.method != "POST" and page.freshness.is_due,
            every="every" in request.args,
        ),
        status,
    )


def refreshed(people: Collection[InterviewerId], rooms: Collection[RoomId] = ()) -> str | None:
    """Read these calendars live; return why that was not possible, if it was not."""
    try:
        calendars.refresh(people, rooms, access=current_app.extensions["google"], now=utc_now())
    except CALENDARS_UNREADABLE as error:
        return choosing_pages.unreadable(error)
    return None


def asked_for() -> dict[str, Any]:
    """Return which week and which time the request is about, and which start it asks about."""
    try:
        week = date.fromisoformat(request.values.get("week", ""))
    except ValueError:
        week = None
    try:
        why_not = datetime.fromisoformat(request.values.get("why_not", "")).replace(tzinfo=None)
    except ValueError:
        why_not = None
    return {"week": week, "key": request.values.get("slot", ""), "why_not": why_not}


def back_to_week(url: str) -> str:
    """Return the address of the page with the week and the time that the request is about."""
    asked = asked_for()
    pairs = {
        "week": asked["week"].isoformat() if asked["week"] else "",
        "slot": asked["key"],
        "why_not": asked["why_not"].isoformat() if asked["why_not"] else "",
    }
    query = urlencode({name: value for name, value in pairs.items() if value})
    return f"{url}?{query}" if query else url


def _page(application_id: int, stage_id: int, wanted: str | None = None) -> ChooseTimesPage | None:
    return choosing_pages.choose_times(
        application_id,
        stage_id,
        zone=sessions.current().zone,
        now=utc_now(),
        wanted=wanted,
        **asked_for(),
    )


def _to_the_other_booking(
    already: AlreadyBooked, application_id: int, stage_id: int
) -> ResponseReturnValue:
    booking_id = already.booking_id
    if booking_id is None:
        page = _page(application_id, stage_id)
        booking_id = page.booking_id if page is not None else None
    flash("This stage is booked already. Here is that booking.", "info")
    if booking_id is None:  # cancelled again within the same second
        return redirect(Doors.of_stage(application_id, stage_id).times, 303)
    return redirect(url_for("bookings.show", booking_id=booking_id), 303)


def _keys() -> KeyRing:
    keys: KeyRing = current_app.extensions["keys"]
    return keys


def _sender() -> Sender:
    settings: Settings = current_app.extensions["settings"]
    return Sender(
        company=settings.company_name,
        mail_from=settings.mail_from,
        public_url=settings.public_url,
        keys=_keys(),
    )


# -- the week as the shared grid draws it ----------------------------------------------------------


def days_of(page: ChooseTimesPage) -> Iterator[tuple[date, list[TimeToChoose]]]:
    """Yield the times of the week by their day, in the recruiter's zone."""
    for on, some in groupby(page.times, key=lambda each: _on(each.span.start, page)):
        yield on, list(some)


def week_grid(page: ChooseTimesPage, doors: Doors) -> WeekGrid:
    """Return the week with everybody's lane, the candidate's windows and the suggested times."""
    hours = _hours(page)
    today = _on(page.now, page)
    whose = page.candidate.split()[0]
    return WeekGrid(
        title=f"Week of {presentation.day_name(page.monday)}",
        hours=hours.hours,
        clocks=[
            hours.clock(
                whose if len(whose) <= LONGEST_IN_GUTTER else "Theirs",
                page.candidate_zone,
                page.monday,
            ),
            hours.clock("You", page.zone, page.monday),
        ],
        days=[
            GridDay(
                on=on,
                is_today=on == today,
                lanes=[
                    Lane(name=lane.name, blocks=list(_blocks(lane, on, hours)))
                    for lane in page.lanes
                ],
                windows=list(_windows(page, on, hours)),
                slots=list(_cards(page, on, hours, doors)),
            )
            for on in page.days
        ],
        choice="link",
        window_label=f"{whose} can",
    )


def _on(moment: datetime, page: ChooseTimesPage) -> date:
    return moment.astimezone(page.zone).date()


def _hours(page: ChooseTimesPage) -> GridHours:
    """Return the hours to show: those in which something can be chosen, and no less than a short day."""
    first, last = 24, 0
    for span in (*page.windows, *(each.span for each in page.times)):
        start, end = span.start.astimezone(page.zone), span.end.astimezone(page.zone)
        is_overnight = end.date() > start.date() and end.time() > time.min
        first = 0 if is_overnight else min(first, start.hour)
        ends_at = 24 if end.date() > start.date() else end.hour + (end.minute > 0)
        last = max(last, ends_at)
    if first >= last:
        first, last = FIRST_HOUR, LAST_HOUR
    last = max(last, min(first + FEWEST_HOURS, 24))
    return GridHours(first_hour=min(first, last - FEWEST_HOURS), last_hour=last, zone=page.zone)


def _blocks(lane: PersonLane, on: date, hours: GridHours) -> Iterator[Block]:
    """Yield a lane's day. Rows that touch two things show the one that stands more in the way."""
    rows = [
        TimeSpan(start, start + ROW)
        for start in (
            at_wall_time(on, time(hours.first_hour), hours.zone) + number * ROW
            for number in range(hours.hours * presentation.ROWS_PER_HOUR)
        )
    ]
    number = 0
    for kind, some in groupby(rows, key=lambda row: _kind(lane, row)):
        stretch = list(some)
        if kind is not None:
            words = {"off": "Outside hours", "busy": "Busy", "tentative": "Calendar unknown"}[kind]
            spoken = presentation.time_range(stretch[0].start, stretch[-1].end, hours.zone)
            yield Block(kind=kind, row=number, rows=len(stretch), spoken=f"{words} {spoken}")
        number += len(stretch)


def _kind(lane: PersonLane, row: TimeSpan) -> Literal["off", "busy", "tentative"] | None:
    if not any(hours.overlaps(row) for hours in lane.hours):
        return "off"
    if lane.busy is None:
        return "tentative"
    return "busy" if any(busy.overlaps(row) for busy in lane.busy) else None


def _windows(page: ChooseTimesPage, on: date, hours: GridHours) -> Iterator[Window]:
    for span in page.windows:
        place = hours.place(on, span.start, span.end)
        if place is not None:
            when = presentation.time_range(span.start, span.end, page.zone)
            yield Window(row=place.row, rows=place.rows, spoken=f"{page.candidate} can, {when}")


def _cards(page: ChooseTimesPage, on: date, hours: GridHours, doors: Doors) -> Iterator[SlotCard]:
    for each in _drawn(page):
        if _on(each.span.start, page) != on:
            continue
        place = hours.place(on, each.span.start, each.span.end)
        if place is None:
            continue
        label = presentation.clock_time(each.span.start, page.zone)
        names = [seated.name.split()[0] for seated in each.panel]
        theirs = presentation.clock_time(each.span.start, page.candidate_zone)
        query = urlencode({"week": page.monday.isoformat(), "slot": each.key})
        yield SlotCard(
            key=each.key,
            row=place.row,
            rows=place.rows,
            label=label,
            sublabel=", ".join(dict.fromkeys(names)),
            spoken=f"{label}, {presentation.day_name(on)}, {theirs} for {page.candidate}, "
            f"with {', '.join(dict.fromkeys(seated.name for seated in each.panel))}",
            marks=[_mark(lane, each) for lane in page.lanes],
            is_selected=page.chosen is not None and page.chosen.key == each.key,
            href=f"{doors.times}?{query}",
        )


def _drawn(page: ChooseTimesPage) -> Sequence[TimeToChoose]:
    """Return the times that the grid draws: the suggested ones, and a chosen one instead of what it covers."""
    chosen = page.chosen
    if chosen is None:
        return page.suggested
    clear = [
        each
        for each in page.suggested
        if each.key != chosen.key and not each.span.overlaps(chosen.span)
    ]
    return sorted([*clear, chosen], key=lambda each: each.span)


def _mark(lane: PersonLane, slot: TimeToChoose) -> Literal["free", "optional", "busy"]:
    if any(seated.name == lane.name for seated in slot.panel):
        return "free"
    at_work = any(hours.contains(slot.span) for hours in lane.hours)
    is_free = lane.busy is not None and not any(busy.overlaps(slot.span) for busy in lane.busy)
    return "optional" if at_work and is_free else "busy"
