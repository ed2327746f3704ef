"""A mail of Google's calendar: what it is made from, and how it reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from typing import Any, Literal

from scheduler.emulator.errors import Resource
from scheduler.emulator.ical import icalendar
from scheduler.emulator.looks import linked
from scheduler.emulator.moments import parse_moment, zone

Method = Literal["REQUEST", "CANCEL", "REPLY"]
_READABLE = "quoted-printable"
"""Seven bits on the wire, and still legible where somebody looks at the message as it was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """All that one mail says; JSON values only, so that it can be kept and written later.

    `event` and `attendees` are as the recipient may see them, `sender` and `organizer` (display
    name, address), `sent_at` RFC 3339, `lines` the paragraphs of the text.
    """

    method: Method
    sender: tuple[str, str]
    recipient: str
    subject: str
    lines: list[str]
    event: Resource
    organizer: tuple[str, str]
    attendees: list[Resource]
    message_id: str
    sent_at: str

    def as_json(self) -> dict[str, Any]:
        """Return the letter as JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Letter:
        """Return a letter from its JSON values."""
        pairs = {name: tuple(kept[name]) for name in ("sender", "organizer")}
        return cls(**{**kept, **pairs})


def message(letter: Letter) -> EmailMessage:
    """Return the mail with text, HTML, and the event as text/calendar and as invite.ics."""
    sent_at = datetime.fromisoformat(letter.sent_at)
    mail = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    mail["From"] = formataddr(letter.sender, "utf-8")
    mail["To"] = letter.recipient
    mail["Reply-To"] = mail["From"]
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(sent_at)
    mail["Message-ID"] = letter.message_id
    mail["Auto-Submitted"] = "auto-generated"
    calendar = icalendar(
        letter.event,
        method=letter.method,
        organizer=letter.organizer,
        attendees=letter.attendees,
        now=sent_at,
    )
    mail.set_content("\n\n".join(letter.lines) + "\n", cte=_READABLE)
    mail.add_alternative(_html(letter), subtype="html", cte=_READABLE)
    mail.add_alternative(
        calendar.decode(), subtype="calendar", params={"method": letter.method}, cte=_READABLE
    )
    mail.add_attachment(calendar, maintype="application", subtype="ics", filename="invite.ics")
    return mail


def _html(letter: Letter) -> str:
    paragraphs = "".join(
        f"<p>{str(linked(line)).replace(chr(10), '<br>')}</p>" for line in letter.lines
    )
    return f"<!doctype html><html><body>{paragraphs}</body></html>"


def when_text(event: Resource, zone_name: str) -> str:
    """Return the time in words, in one zone: "Mon 23 Nov 2026 10:00 - 10:45 (CET)"."""
    if "date" in event["start"]:
        first = date.fromisoformat(event["start"]["date"])
        last = date.fromisoformat(event["end"]["date"]) - timedelta(days=1)
        same = first == last
        return f"{first:%a %d %b %Y}" if same else f"{first:%a %d %b %Y} - {last:%a %d %b %Y}"
    local = zone(zone_name)
    start = parse_moment(event["start"]["dateTime"], event["start"].get("timeZone")).astimezone(
        local
    )
    end = parse_moment(event["end"]["dateTime"], event["end"].get("timeZone")).astimezone(local)
    until = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%a %d %b %H:%M}"
    return f"{start:%a %d %b %Y %H:%M} - {until} ({start.tzname()})"
