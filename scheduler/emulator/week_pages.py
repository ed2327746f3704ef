"""The calendar as a page: somebody's week, and their answers to invitations."""

from __future__ import annotations

import base64
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
)
from werkzeug.wrappers import Response as AnyResponse

from scheduler.emulator import answers, instances, minting
from scheduler.emulator import calendar as calendars
from scheduler.emulator.calendar import Calendar
from scheduler.emulator.calls import world
from scheduler.emulator.looks import Card, card, page_headers, page_url
from scheduler.emulator.pages import chooser
from scheduler.emulator.views import shown
from scheduler.emulator.week_grid import grid, style_rules
from scheduler.emulator.world import World

week_pages = Blueprint("week", __name__)

_UPCOMING = timedelta(days=90)


@week_pages.get("/calendar")
def calendar() -> Response:
    here = world()
    address = request.args.get("as", "").lower().strip()
    if not address:
        return chooser(here, "calendar")
    found = calendars.find(here, address)
    if found is None:
        abort(404)
    with here.store.transaction():
        minting.settle_due(here)
    today = here.now().astimezone(ZoneInfo(found.zone)).date()
    monday = _monday(request.args.get("week"), today)
    cards = _cards(here, found, monday, monday + timedelta(days=7))
    upcoming = [
        one
        for one in _cards(here, found, today, today + _UPCOMING)
        if one.is_invitation and one.ends > here.now()
    ]
    account = here.account(address)
    page = render_template(
        "calendar.html",
        address=address,
        name=account.name if account else found.name,
        has_mail=account is not None and account.kind != "room",
        zone=found.zone,
        today=today,
        week=monday,
        grid=grid(cards, monday),
        opened=request.args.get("event", ""),
        upcoming=upcoming,
        before=monday - timedelta(days=7),
        after=monday + timedelta(days=7),
    )
    return page_headers(make_response(page))


@week_pages.post("/calendar/rsvp")
def answer() -> AnyResponse:
    address, event_id = request.form.get("as", "").lower(), request.form.get("event_id", "")
    if not answers.rsvp(world(), address, event_id, request.form.get("response", "")):
        abort(404)
    back = page_url("/calendar", as_=address, week=request.form.get("week"))
    return redirect(f"{back}#u-{event_id}", 303)


@week_pages.get("/calendar/event")
def event() -> AnyResponse:
    """The address of an event's htmlLink leads to the week it is in."""
    eid = request.args.get("eid", "")
    try:
        text = base64.urlsafe_b64decode(eid + "=" * (-len(eid) % 4)).decode()
    except ValueError:
        abort(404)
    event_id, _, calendar_id = text.partition(" ")
    found = calendars.find(world(), calendar_id)
    row = instances.located(world(), found, event_id) if found else None
    if found is None or row is None:
        abort(404)
    day = datetime.fromtimestamp(row.starts, ZoneInfo(found.zone)).date()
    week = page_url("/calendar", as_=found.id, week=day.isoformat(), event=row.id)
    return redirect(f"{week}#e-{row.id}", 303)


@week_pages.get("/calendar/places.css")
def places() -> Response:
    """Where the blocks of a week stand."""
    response = current_app.response_class(style_rules(), mimetype="text/css")
    response.headers["Cache-Control"] = "max-age=3600"
    return response


def _monday(text: str | None, today: date) -> date:
    try:
        day = date.fromisoformat(text) if text else today
    except ValueError:
        abort(404)
    return day - timedelta(days=day.weekday())


def _cards(here: World, found: Calendar, first: date, last: date) -> list[Card]:
    """Return what stands on a calendar between two days, as its owner sees it."""
    zone = ZoneInfo(found.zone)
    start, end = (
        int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
        for day in (first, last)
    )
    base_url = here.settings.base_url
    return [
        card(shown(row, found, "owner", base_url=base_url), row, zone)
        for row in instances.between(here, found, start, end)
    ]
