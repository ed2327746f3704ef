"""Somebody's mailbox: what Google mailed them, and what came by SMTP."""

from __future__ import annotations

from email.message import EmailMessage

from flask import Blueprint, Response, abort, current_app, make_response, render_template, request

from scheduler.emulator import mailbox
from scheduler.emulator.calls import world
from scheduler.emulator.looks import page_headers, plain_text
from scheduler.emulator.pages import chooser

mail_pages = Blueprint("mail", __name__)


@mail_pages.get("/mail")
def mail() -> Response:
    here = world()
    address = request.args.get("for", "").lower().strip()
    if not address:
        return chooser(here, "mail")
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
        calendar=_calendar_text(message),
        files=_files(message),
    )
    return page_headers(make_response(page), frames=True)


@mail_pages.get("/mail/<int:mail_id>/html")
def html(mail_id: int) -> Response:
    """A mail's HTML, which may run nothing and load nothing but pictures."""
    message = _message(mail_id)
    # Links of the mail would open inside the frame; a base target sends them to a new tab.
    response = make_response(f'<base target="_blank">{_part_text(message, "html")}')
    response.headers["Content-Security-Policy"] = (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none';"
        " img-src data: http: https:; style-src 'unsafe-inline'; frame-ancestors 'self'"
    )
    return response


@mail_pages.get("/mail/<int:mail_id>/files/<int:number>")
def file(mail_id: int, number: int) -> Response:
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


@mail_pages.get("/mail/<int:mail_id>/raw")
def raw(mail_id: int) -> Response:
    """The message as it was sent."""
    found = mailbox.one(world(), request.args.get("for", ""), mail_id) or abort(404)
    response = current_app.response_class(found.raw, mimetype="text/plain")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


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


def _calendar_text(message: EmailMessage | None) -> str:
    """Return the iCalendar object that comes as a part of the text, or ""."""
    for part in message.walk() if message else ():
        if part.get_content_type() == "text/calendar":
            content = part.get_payload(decode=True)
            return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
    return ""


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
