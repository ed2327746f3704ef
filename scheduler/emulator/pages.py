"""Pages for people: who lives here, their weeks, their mail."""

from __future__ import annotations

import base64
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from typing import Any
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

from scheduler.emulator import answers, instances, mailbox, minting
from scheduler.emulator import calendar as calendars
from scheduler.emulator.calendar import Calendar
from scheduler.emulator.calls import world
from scheduler.emulator.errors import Resource
from scheduler.emulator.looks import Card, card, linked, page_headers, page_url, plain_text
from scheduler.emulator.views import shown
from scheduler.emulator.world import World

pages = Blueprint("pages", __name__)
pages.add_app_template_filter(linked, "linked")

LOG_LINES = 60
_KINDS = (
    ("recruiter", "Recruiters"), ("admin", "Administrator"), ("coordinator", "Coordinators"),
    ("interviewer", "Interviewers"), ("candidate", "Candidates"), ("room", "Rooms"),
    ("scheduling", "Scheduling account"),
)  # fmt: skip
_UPCOMING = timedelta(days=90)


@pages.get("/")
def home() -> Response:
    here = world()
    accounts = here.accounts()
    groups = [(title, [a for a in accounts if a.kind == kind]) for kind, title in _KINDS]
    secondary = here.store.all(
        "SELECT id, owner, body FROM calendar WHERE is_primary = 0 AND deleted = 0"
    )
    page = render_template(
        "home.html",
        groups=[(title, people) for title, people in groups if people],
        organizers=[calendars.find(here, row["id"]) for row in secondary],
        switches=here.switches.as_dict(),
        faults=here.faults.present(),
        hooks=here.settings.hooks,
        calls=list(here.log)[-LOG_LINES:][::-1],
        now=here.now(),
    )
    return page_headers(make_response(page))


@pages.get("/calendar")
def calendar() -> Response:
    here = world()
    address = request.args.get("as", "").lower()
    found = calendars.find(here, address)
    if found is None:
        abort(404)
    with here.store.transaction():
        minting.settle_due(here)
    zone = ZoneInfo(found.zone)
    today = here.now().astimezone(zone).date()
    first = _monday(request.args.get("week"), today)
    days = [first + timedelta(days=i) for i in range(7)]
    cards = _cards(here, found, days[0], days[-1] + timedelta(days=1))
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
        has_mail=account is not None,
        zone=found.zone,
        today=today,
        week=first,
        days=[(day, [one for one in cards if one.is_on(day)]) for day in days],
        upcoming=upcoming,
        before=first - timedelta(days=7),
        after=first + timedelta(days=7),
    )
    return page_headers(make_response(page))


@pages.post("/calendar/rsvp")
def answer() -> AnyResponse:
    address, event_id = request.form.get("as", "").lower(), request.form.get("event_id", "")
    if not answers.rsvp(world(), address, event_id, request.form.get("response", "")):
        abort(404)
    back = page_url("/calendar", as_=address, week=request.form.get("week"))
    return redirect(f"{back}#e-{event_id}", 303)


@pages.get("/calendar/event")
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
    return redirect(f"{page_url('/calendar', as_=found.id, week=day.isoformat())}#e-{row.id}", 303)


@pages.get("/mail")
def mail() -> Response:
    here = world()
    address = request.args.get("for", "").lower()
    mails = mailbox.outbox(here, address)[::-1]
    account = here.account(address)
    if account is None and not mails:
        abort(404)
    wanted = request.args.get("id")
    chosen = next((one for one in mails if str(one.id) == wanted), None) if wanted else None
    chosen = chosen or (mails[0] if mails and not wanted else None)
    message = chosen.parsed() if chosen else None
    page = render_template(
        "mail.html",
        address=address,
        name=account.name if account else address,
        account=account,
        mails=mails,
        chosen=chosen,
        message=message,
        text=_part_text(message, "plain"),
        has_html=bool(message and message.get_body(("html",))),
        files=_files(message),
    )
    return page_headers(make_response(page), frames=True)


@pages.get("/mail/<int:mail_id>/html")
def mail_html(mail_id: int) -> Response:
    """A mail's HTML, which may run nothing and load nothing but pictures."""
    message = _message(mail_id)
    # Links of the mail would open inside the frame; a base target sends them to a new tab.
    response = make_response(f'<base target="_blank">{_part_text(message, "html")}')
    response.headers["Content-Security-Policy"] = (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none';"
        " img-src data: http: https:; style-src 'unsafe-inline'; frame-ancestors 'self'"
    )
    return response


@pages.get("/mail/<int:mail_id>/files/<int:number>")
def mail_file(mail_id: int, number: int) -> Response:
    """One attachment, to be downloaded."""
    files = _files(_message(mail_id))
    if number >= len(files):
        abort(404)
    name, kind, content = files[number]
    response = make_response(content)
    response.headers["Content-Type"] = kind
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@pages.get("/mail/<int:mail_id>/raw")
def mail_raw(mail_id: int) -> Response:
    """The message as it was sent."""
    found = mailbox.one(world(), request.args.get("for", ""), mail_id) or abort(404)
    return current_app.response_class(found.raw, mimetype="text/plain")


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
    rows = instances.between(here, found, start, end)
    base_url = here.settings.base_url
    return [card(_shown(row, found, base_url), row, zone) for row in rows]


def _shown(row: Any, found: Calendar, base_url: str) -> Resource:
    return shown(row, found, "owner", base_url=base_url)


def _message(mail_id: int) -> EmailMessage:
    found = mailbox.one(world(), request.args.get("for", ""), mail_id)
    if found is None:
        abort(404)
    return found.parsed()


def _part_text(message: EmailMessage | None, kind: str) -> str:
    part = message.get_body((kind,)) if message else None
    if part is None:
        html = message.get_body(("html",)) if message and kind == "plain" else None
        return plain_text(str(html.get_content())) if html else ""
    return str(part.get_content())


def _files(message: EmailMessage | None) -> list[tuple[str, str, bytes]]:
    """Return (name, media type, content) of the attachments."""
    found = []
    for part in message.iter_attachments() if message else ():
        content = part.get_payload(decode=True)
        name = part.get_filename() or "attachment"
        found.append(
            (name, part.get_content_type(), content if isinstance(content, bytes) else b"")
        )
    return found
