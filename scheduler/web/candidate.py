"""The candidate's pages, all behind one personal link: choose a time, see it, join, add it to a calendar.

Looking changes nothing and never asks Google: mail scanners open every link in a mail. What a
template is given is a page of domain.disclosure.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.sansio.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from scheduler.clock import utc_now
from scheduler.commands import bookings, calendars, checks
from scheduler.commands.audit import CANDIDATE
from scheduler.commands.bookings import (
    AlreadyBooked,
    CandidateHasNoAddress,
    NoOrganizerCalendar,
    SlotTaken,
)
from scheduler.domain.disclosure import (
    CancelledPage,
    CandidateCall,
    CandidateSlot,
    ChooseSlotPage,
    ConfirmedPage,
)
from scheduler.mail import ics
from scheduler.queries import candidate_pages, invites, slot_searches
from scheduler.queries.candidate_pages import CALENDARS_UNREADABLE, CandidatePage, Looking
from scheduler.queries.invites import InviteEnded, OpenInvite
from scheduler.web import presentation

candidate = Blueprint("candidate", __name__, url_prefix="/i/<token>")

log = logging.getLogger(__name__)

SECOND = timedelta(seconds=1)
LOOK_AGAIN_AFTER = timedelta(seconds=5)
SETTLES_WITHIN = timedelta(minutes=2)
LOOK_AGAIN_LATER = timedelta(minutes=1)
TRY_AGAIN_AFTER = timedelta(minutes=1)

NO_SUCH_ZONE = "We do not know that time zone, so here are the times in {}."
NO_TIME_CHOSEN = "Choose one of the times first."
TIME_GONE = "That time has just been taken. These are the closest to it that are still open."
ALL_GONE = "That time has just been taken."
CALENDARS_CLOSED = (
    "We cannot check our calendars at the moment, so nothing has been booked. "
    "Please try again in a minute."
)
NOT_READY = (
    "We cannot take bookings at the moment, so nothing has been booked. Please write to us: "
    "we will find a time together."
)


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody with an open invite, looking at their page now."""

    token: str
    invite: OpenInvite
    looking: Looking
    is_zone_unknown: bool = False
    """They asked for a zone that does not exist."""

    def page(self, *, gone: str | None = None) -> CandidatePage:
        return candidate_pages.page_of(self.invite, self.looking, gone=gone)

    def address(self) -> str:
        """Return where the candidate's page is, with the clock they chose."""
        zone = self.looking.zone
        return url_for("candidate.show", token=self.token, zone=zone.key if zone else None)


@candidate.get("")
def show(token: str) -> ResponseReturnValue:
    """Show the candidate's page: what there is to choose, or what has been settled."""
    visit = _visit(token)
    page = visit.page()
    if visit.is_zone_unknown and isinstance(page, ChooseSlotPage | ConfirmedPage):
        city = presentation.zone_city(page.zone.key)
        return _shown(page, visit, problem=NO_SUCH_ZONE.format(city), status=422)
    return _shown(page, visit)


@candidate.get("/calendar.ics")
def calendar_file(token: str) -> ResponseReturnValue:
    """Give the interview as a file, for those whose calendar never showed the invitation."""
    visit = _visit(token)
    page = visit.page()
    if not isinstance(page, ConfirmedPage) or not page.entries:
        abort(404)
    content = ics.add_to_calendar(page.entries, sequence=page.sequence, now=visit.looking.now)
    response = Response(content, content_type="text/calendar; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=ics.FILE_NAME)
    return response


@candidate.post("/times")
def show_times(token: str) -> ResponseReturnValue:
    """Read the calendars concerned, since what we know of them has grown old."""
    visit = _visit(token)
    page = visit.page()
    if isinstance(page, ChooseSlotPage) and page.slots is None and not _refreshed(visit):
        return _shown(visit.page(), visit, problem=CALENDARS_CLOSED, status=503)
    return redirect(visit.address(), 303)


@candidate.post("/booking")
def book(token: str) -> ResponseReturnValue:
    """Book the chosen time, if live calendars still agree."""
    visit = _visit(token)
    page = visit.page()
    if not isinstance(page, ChooseSlotPage):  # a double click, or a page that was left open
        return redirect(visit.address(), 303)
    key = request.form.get("slot", "")
    if not key:
        return _shown(page, visit, problem=NO_TIME_CHOSEN, status=422)
    if not _refreshed(visit):
        return _shown(visit.page(), visit, problem=CALENDARS_CLOSED, status=503, chosen=key)
    try:
        _book(visit, key)
    except AlreadyBooked:
        pass
    except SlotTaken:
        return _without_that_time(visit, key)
    except (CandidateHasNoAddress, NoOrganizerCalendar) as trouble:
        log.error("a candidate could not book", extra={"failure": type(trouble).__name__})
        return _shown(visit.page(), visit, problem=NOT_READY, status=503, chosen=key)
    return redirect(visit.address(), 303)


@candidate.get("/booking")
@candidate.get("/times")
def back(token: str) -> ResponseReturnValue:
    """Lead whoever reloads the address of an answer back to the page."""
    return redirect(_visit(token).address(), 303)


@candidate.errorhandler(InviteEnded)
def ended(_: InviteEnded) -> ResponseReturnValue:
    """Say the same of every link that opens nothing, whatever the reason."""
    return render_template("candidate/ended.html"), 404


# -- who looks, and what they see ------------------------------------------------------------------


def _visit(token: str) -> Visit:
    clock: Callable[[], datetime] = current_app.extensions.get("clock", utc_now)
    now = clock()
    invite = invites.open_invite(token, now)
    company: str = current_app.extensions["settings"].company_name
    asked_for = request.values.get("zone", "")
    try:
        zone = checks.zone(asked_for) if asked_for else None
    except checks.Refused:
        return Visit(token, invite, Looking(company, None, now), is_zone_unknown=True)
    return Visit(token, invite, Looking(company, zone, now))


def _shown(
    page: CandidatePage,
    visit: Visit,
    *,
    problem: str = "",
    status: int = 200,
    chosen: str = "",
) -> ResponseReturnValue:
    now = visit.looking.now
    # A page that answers a press, or complains, stays as it is until the candidate moves on.
    is_zone_chosen = visit.looking.zone is not None or request.method == "POST" or bool(problem)
    match page:
        case ChooseSlotPage():
            answer = render_template(
                "candidate/choose_slot.html",
                page=page,
                days=list(_days(page.slots or (), page.zone)),
                now=now,
                token=visit.token,
                is_zone_chosen=is_zone_chosen,
                problem=problem,
                chosen=chosen,
            )
        case ConfirmedPage():
            answer = render_template(
                "candidate/confirmed.html",
                page=page,
                days=list(_call_days(page)),
                to_join=page.call_to_join(now),
                looks_again_after=_looks_again_after(page, now),
                now=now,
                token=visit.token,
                is_zone_chosen=is_zone_chosen,
                problem=problem,
            )
        case CancelledPage():
            answer = render_template("candidate/cancelled.html", page=page)
        case _:
            answer = render_template("candidate/not_booked.html", page=page)
    headers = {"Retry-After": str(TRY_AGAIN_AFTER // SECOND)} if status == 503 else {}
    return answer, status, headers


def _days(
    slots: Sequence[CandidateSlot], zone: ZoneInfo
) -> Iterator[tuple[date, list[CandidateSlot]]]:
    for on, some in groupby(slots, key=lambda slot: slot.starts_at.astimezone(zone).date()):
        yield on, list(some)


def _call_days(page: ConfirmedPage) -> Iterator[tuple[date, list[CandidateCall]]]:
    def day_of(call: CandidateCall) -> date:
        return call.span.start.astimezone(page.zone).date()

    for on, some in groupby(page.calls, key=day_of):
        yield on, list(some)


def _looks_again_after(page: ConfirmedPage, now: datetime) -> int | None:
    """Return after how many seconds to look whether the link is there; None when it is."""
    if page.is_settled:
        return None
    is_new = page.booked_at is not None and now - page.booked_at < SETTLES_WITHIN
    return (LOOK_AGAIN_AFTER if is_new else LOOK_AGAIN_LATER) // SECOND


# -- booking ---------------------------------------------------------------------------------------


def _refreshed(visit: Visit) -> bool:
    """Read the live calendars of everybody concerned; say whether that was possible."""
    people, rooms = slot_searches.concerned(visit.invite.stage_id)
    access = current_app.extensions["google"]
    try:
        calendars.refresh(people, rooms, access=access, now=visit.looking.now)
    except CALENDARS_UNREADABLE as failure:
        log.warning("calendars could not be read", extra={"failure": type(failure).__name__})
        return False
    return True


def _book(visit: Visit, key: str) -> None:
    if not candidate_pages.is_on_the_grid(visit.invite, key):
        raise SlotTaken
    bookings.book(
        visit.invite.application_id,
        visit.invite.stage_id,
        key,
        keys=current_app.extensions["keys"],
        by=CANDIDATE,
        now=visit.looking.now,
    )


def _without_that_time(visit: Visit, key: str) -> ResponseReturnValue:
    page = visit.page(gone=key)
    has_others = isinstance(page, ChooseSlotPage) and page.nearest
    return _shown(page, visit, problem=TIME_GONE if has_others else ALL_GONE, status=409)


# -- the secret in the path ------------------------------------------------------------------------

TOKEN_IN_PATH = re.compile(r"(?<=/i/)[\w-]{16,}")


class HideTokens(logging.Filter):
    """Keeps candidates' links out of the log: Flask and web servers write down paths."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        hidden = TOKEN_IN_PATH.sub("…", said)
        if hidden != said:
            record.msg, record.args = hidden, ()
        return True


@candidate.record_once
def _hide_tokens(setup: BlueprintSetupState) -> None:
    for name in (setup.app.logger.name, "granian.access", "werkzeug"):
        logging.getLogger(name).addFilter(HideTokens())
