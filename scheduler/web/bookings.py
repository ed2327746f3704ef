"""A booking's page: how it stands, and what a recruiter can do about it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta, tzinfo
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel import dates
from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import NoResultFound

from scheduler.clock import utc_now
from scheduler.commands import bookings as commands
from scheduler.commands.bookings import (
    BookingEnded,
    NotFree,
    RoomNamesPanel,
    RoomNotFree,
    SlotTaken,
    WordsChanged,
)
from scheduler.commands.checks import Refused
from scheduler.config import Settings
from scheduler.domain.availability import at_wall_time
from scheduler.domain.timespan import TimeSpan
from scheduler.queries import booking_pages, choosing_pages, slot_searches, swap_pages
from scheduler.queries.booking_pages import BookingPage
from scheduler.queries.choosing_pages import ChooseTimesPage
from scheduler.queries.swap_pages import SwapPage
from scheduler.web import presentation, sessions
from scheduler.web.choosing import (
    NO_TIME_CHOSEN,
    Doors,
    asked_for,
    back_to_week,
    refreshed,
    shown,
)

bookings = Blueprint("bookings", __name__)

BOOKING = "/bookings/<id:booking_id>"
ENDED = "This booking has been cancelled, so nothing of it can change any more."
NOT_FREE = "{} can no longer take this seat at that time. Choose somebody else."
ROOM_NOT_FREE = "{} is not free at that time, or its calendar is unknown. Choose another room."
ROOM_NAMES_PANEL = "{} names somebody on the panel, and candidates on site are told their room."
NO_ROOM_CHOSEN = "Choose a room first."
REWORDED_MEANWHILE = "The stage has been reworded meanwhile. Look at its new words, then send them."
NOBODY_CHOSEN = "Choose somebody first."
SAME_TIME = "That is when the interviews are already. Choose another time."


@bookings.app_template_filter()
def clock_with_seconds(moment: datetime, zone: tzinfo) -> str:
    """11:54:07, for what happens within seconds"""
    return dates.format_time(moment.astimezone(zone).time(), "medium", locale=presentation.LOCALE)


@bookings.app_template_filter()
def taken_on(spans: Sequence[TimeSpan], moment: datetime, zone: ZoneInfo) -> str:
    """10:00–11:00, 15:00–15:30, of the day of a moment; what goes on for longer has no such end"""
    on = moment.astimezone(zone).date()
    day = TimeSpan(*(at_wall_time(each, time.min, zone) for each in (on, on + timedelta(days=1))))
    return ", ".join(_taken(span, day, zone) for span in spans)


def _taken(span: TimeSpan, day: TimeSpan, zone: ZoneInfo) -> str:
    match span.start > day.start, span.end < day.end:
        case True, True:
            return presentation.time_range(span.start, span.end, zone)
        case True, False:
            return f"from {presentation.clock_time(span.start, zone)}"
        case False, True:
            return f"until {presentation.clock_time(span.end, zone)}"
        case _:
            return "all day"


@bookings.get(BOOKING)
def show(booking_id: int) -> ResponseReturnValue:
    """Show a booking, and while it settles, what is happening."""
    return _shown(booking_id)


@bookings.post(f"{BOOKING}/cancellation")
def cancel(booking_id: int) -> ResponseReturnValue:
    """Cancel: the events go, the panel is free again, the candidate is told once."""
    return _changed(
        booking_id,
        lambda: commands.cancel(booking_id, by=sessions.actor(), now=utc_now()),
        "The booking is cancelled. Everybody is being told.",
    )


@bookings.post(f"{BOOKING}/tries")
def try_again(booking_id: int) -> ResponseReturnValue:
    """Have the reconciler look afresh at a booking that needs attention."""
    return _changed(
        booking_id,
        lambda: commands.try_again(booking_id, by=sessions.actor(), now=utc_now()),
        "Trying again.",
    )


@bookings.post(f"{BOOKING}/words")
def send_words(booking_id: int) -> ResponseReturnValue:
    """Have the candidate read what the stage says by now, if it says what was looked at."""
    version = request.form.get("version", "")
    try:
        return _changed(
            booking_id,
            lambda: commands.send_words(
                booking_id, version=version, by=sessions.actor(), now=utc_now()
            ),
            "The new words are being sent.",
        )
    except WordsChanged:
        return _shown(booking_id, 409, problem=REWORDED_MEANWHILE)


@bookings.post(f"{BOOKING}/calls/<uuid:call_id>/link")
def give_link(booking_id: int, call_id: uuid.UUID) -> ResponseReturnValue:
    """Let a call be held at a link given by hand."""
    page = _page(booking_id)
    if call_id not in {call.call_id for call in page.calls}:
        abort(404)
    link = request.form.get("link", "")
    return _changed(
        booking_id,
        lambda: commands.give_link(call_id, link, by=sessions.actor(), now=utc_now()),
        "The link is being written to every event.",
        typed={str(call_id): link},
    )


@bookings.post(f"{BOOKING}/interviews/<id:interview_id>/title")
def retitle(booking_id: int, interview_id: int) -> ResponseReturnValue:
    """Change the title that the candidate reads for an interview."""
    page = _page(booking_id)
    if interview_id not in {interview.interview_id for interview in page.interviews}:
        abort(404)
    title = request.form.get("title", "")
    return _changed(
        booking_id,
        lambda: commands.retitle_interview(interview_id, title, by=sessions.actor(), now=utc_now()),
        "The title has been changed.",
        typed={str(interview_id): title},
    )


# -- another time ----------------------------------------------------------------------------------


@bookings.route(f"{BOOKING}/reschedule", methods=["GET", "POST"])
def reschedule(booking_id: int) -> ResponseReturnValue:
    """Choose another time for a booking, and move it there."""
    page = _times(booking_id)
    if page is None:
        return _ended(booking_id)
    doors = _doors(booking_id)
    if request.method != "POST":
        return shown(page, doors)
    key = request.form.get("slot", "")
    if not key:
        return shown(page, doors, problem=NO_TIME_CHOSEN, status=422)
    problem = refreshed(*slot_searches.concerned(page.stage_id, booking_id))
    if problem is not None:
        return shown(_times(booking_id), doors, problem=problem, status=503)
    if page.moving is not None and page.moving.key == key:
        return shown(_times(booking_id), doors, problem=SAME_TIME, status=422)
    try:
        commands.reschedule(booking_id, key, by=sessions.actor(), now=utc_now())
    except SlotTaken:
        return shown(_times(booking_id, wanted=key), doors, status=409)
    except BookingEnded:
        return _ended(booking_id)
    return redirect(url_for(".show", booking_id=booking_id), 303)


@bookings.post(f"{BOOKING}/reschedule/calendars")
def reschedule_calendars(booking_id: int) -> ResponseReturnValue:
    """Read the calendars concerned anew, and show what they leave open."""
    page = _times(booking_id)
    if page is None:
        return _ended(booking_id)
    problem = refreshed(*slot_searches.concerned(page.stage_id, booking_id))
    doors = _doors(booking_id)
    if problem is None and not sessions.is_htmx():
        return redirect(back_to_week(doors.times), 303)
    return shown(_times(booking_id), doors, problem=problem, status=200 if problem is None else 503)


# -- somebody else ---------------------------------------------------------------------------------


@bookings.route(f"{BOOKING}/seats/<id:seat_id>/swap", methods=["GET", "POST"])
def swap(booking_id: int, seat_id: int) -> ResponseReturnValue:
    """Choose somebody else for a seat, and seat them. The candidate learns nothing of it."""
    page = _swap_page(booking_id, seat_id)
    if page is None:
        return _ended(booking_id)
    if request.method != "POST":
        return _swap_shown(page)
    chosen = request.form.get("interviewer", 0, type=int)
    name = next((each.name for each in page.choices if each.interviewer_id == chosen), None)
    if name is None:
        return _swap_shown(page, problem=NOBODY_CHOSEN, status=422)
    problem = refreshed(page.people)
    if problem is not None:
        return _swap_shown(_swap_page(booking_id, seat_id), problem=problem, status=503)
    try:
        commands.swap_interviewer(seat_id, chosen, by=sessions.actor(), now=utc_now())
    except NotFree:
        again = _swap_page(booking_id, seat_id)
        if again is None:  # somebody else was swapped in meanwhile
            return _ended(booking_id)
        return _swap_shown(again, problem=NOT_FREE.format(name), status=409)
    except BookingEnded:
        return _ended(booking_id)
    flash(
        f"{name} takes the seat of {page.sitting}. The candidate's event stays as it is.", "success"
    )
    return redirect(url_for(".show", booking_id=booking_id), 303)


@bookings.post(f"{BOOKING}/seats/<id:seat_id>/swap/calendars")
def swap_calendars(booking_id: int, seat_id: int) -> ResponseReturnValue:
    """Read the calendars of those who could take the seat, and show who is free."""
    page = _swap_page(booking_id, seat_id)
    if page is None:
        return _ended(booking_id)
    problem = refreshed(page.people)
    if problem is None and not sessions.is_htmx():
        return redirect(url_for(".swap", booking_id=booking_id, seat_id=seat_id), 303)
    return _swap_shown(
        _swap_page(booking_id, seat_id), problem=problem, status=200 if problem is None else 503
    )


@bookings.post(f"{BOOKING}/interviews/<id:interview_id>/room")
def swap_room(booking_id: int, interview_id: int) -> ResponseReturnValue:
    """Hold an interview in another room, if live calendars say that it is free."""
    page = _page(booking_id)
    interview = next((each for each in page.interviews if each.interview_id == interview_id), None)
    if interview is None or interview.room is None:
        abort(404)
    chosen = request.form.get("room", 0, type=int)
    name = next((each.name for each in interview.room.others if each.room_id == chosen), None)
    if name is None:
        return _shown(booking_id, 422, problem=NO_ROOM_CHOSEN)
    problem = refreshed(*slot_searches.concerned(page.stage_id, booking_id))
    if problem is not None:
        return _shown(booking_id, 503, problem=problem)
    try:
        commands.swap_room(interview_id, chosen, by=sessions.actor(), now=utc_now())
    except RoomNotFree:
        return _shown(booking_id, 409, problem=ROOM_NOT_FREE.format(name))
    except RoomNamesPanel:
        return _shown(booking_id, 422, problem=ROOM_NAMES_PANEL.format(name))
    except BookingEnded:
        return _ended(booking_id)
    flash(f"{interview.title} is held in {name}.", "success")
    return redirect(url_for(".show", booking_id=booking_id), 303)


# -- pages -----------------------------------------------------------------------------------------


def _page(booking_id: int) -> BookingPage:
    settings: Settings = current_app.extensions["settings"]
    page = booking_pages.booking_page(
        booking_id,
        zone=sessions.current().zone,
        now=utc_now(),
        keys=current_app.extensions["keys"],
        public_url=settings.public_url,
    )
    if page is None:
        abort(404)
    return page


def _shown(booking_id: int, status: int = 200, **problems: Any) -> ResponseReturnValue:
    page = _page(booking_id)
    return (
        render_template(
            "bookings/show.html",
            page=page,
            emulator=_emulator_links(page),
            problem=problems.get("problem", ""),
            typed=problems.get("typed", {}),
        ),
        status,
    )


def _changed(
    booking_id: int,
    change: Callable[[], None],
    done: str,
    typed: dict[str, str] | None = None,
) -> ResponseReturnValue:
    """Make a change and show the booking; what was typed wrongly stays for its correction."""
    try:
        change()
    except Refused as refused:
        return _shown(booking_id, 422, problem=str(refused), typed=typed or {})
    except BookingEnded:
        return _ended(booking_id)
    except NoResultFound:
        abort(404)
    flash(done, "success")
    return redirect(url_for(".show", booking_id=booking_id), 303)


def _ended(booking_id: int) -> ResponseReturnValue:
    """Show a booking of which this can no longer be changed, and say so; 404 when there is none."""
    page = _page(booking_id)
    flash(
        ENDED if not page.is_live else "That seat has changed meanwhile. Here is who sits now.",
        "warning",
    )
    return redirect(url_for(".show", booking_id=booking_id), 303)


def _times(booking_id: int, wanted: str | None = None) -> ChooseTimesPage | None:
    """Return the page of times for a booking on the move, or None when it cannot move any more."""
    return choosing_pages.choose_another_time(
        booking_id,
        zone=sessions.current().zone,
        now=utc_now(),
        wanted=wanted,
        **asked_for(),
    )


def _doors(booking_id: int) -> Doors:
    here = url_for(".reschedule", booking_id=booking_id)
    return Doors(
        times=here,
        booking=here,
        calendars=url_for(".reschedule_calendars", booking_id=booking_id),
    )


def _swap_page(booking_id: int, seat_id: int) -> SwapPage | None:
    return swap_pages.swap_page(booking_id, seat_id, zone=sessions.current().zone, now=utc_now())


def _swap_shown(
    page: SwapPage | None, *, problem: str | None = None, status: int = 200
) -> ResponseReturnValue:
    if page is None:
        abort(404)
    is_part = sessions.is_htmx() and request.method == "POST"
    template = "bookings/_swap.html" if is_part else "bookings/swap.html"
    reads_itself = request.method != "POST" and page.freshness.is_due
    return (
        render_template(template, page=page, problem=problem, reads_itself=reads_itself),
        status,
    )


def _emulator_links(page: BookingPage) -> list[tuple[str, str]]:
    """Return where the built-in emulator shows what the people of a booking see, if it is in use."""
    settings: Settings = current_app.extensions["settings"]
    home = settings.emulator_url
    if home is None:
        return []
    links = []
    if page.candidate_email:
        links += [
            ("Candidate's calendar", f"{home}/calendar?{urlencode({'as': page.candidate_email})}"),
            ("Candidate's mailbox", f"{home}/mail?{urlencode({'for': page.candidate_email})}"),
        ]
    panel = {seat.email: seat.name for each in page.interviews for seat in each.panel}
    links += [
        (f"{name}'s calendar", f"{home}/calendar?{urlencode({'as': email})}")
        for email, name in panel.items()
    ]
    return links
