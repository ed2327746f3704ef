"""The letters of our mail stories, and how they are read back."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from icalendar import Calendar

from scheduler.domain.disclosure import (
    AgendaItem,
    CalendarEntry,
    CandidateCall,
    CandidateLetter,
    JoinUrl,
    LetterKind,
    RecruitingContact,
)
from scheduler.domain.timespan import TimeSpan
from scheduler.mail.messages import compose

DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
THE_MONDAY = 23  # November 2026
MAIL_FROM = "Acme Recruiting <interviews@acme.example>"
MESSAGE_ID = "<1f0c@acme.example>"


def at(moment: str) -> datetime:
    """Return a moment of our test week, in UTC: at("Mon 09:30")."""
    day, clock = moment.split()
    hour, minute = clock.split(":")
    return datetime(2026, 11, THE_MONDAY + DAYS.index(day), int(hour), int(minute), tzinfo=UTC)


NOW = at("Mon 08:00")

PRIYA = RecruitingContact(name="Priya Shah", email="priya@acme.example", phone="+44 20 7946 0123")


def call(title: str, start: str, end: str, link: str | None) -> CandidateCall:
    item = AgendaItem(title=title, span=TimeSpan(at(start), at(end)))
    return CandidateCall(agenda=(item,), join_url=JoinUrl(link) if link else None)


SYSTEM_DESIGN = call("System design", "Tue 10:00", "Tue 10:45", "https://meet.example/abc-defg-hij")

ENTRY = CalendarEntry(
    uid="0a1b2c3d@google.com",
    title="Technical interview with Acme",
    span=SYSTEM_DESIGN.span,
    text="10:00–10:45  System design\n\nJoin: https://meet.example/abc-defg-hij",
    location="https://meet.example/abc-defg-hij",
)

CONFIRMED = CandidateLetter(
    kind=LetterKind.CONFIRMED,
    company="Acme",
    to_name="Ada Quist",
    to_email="ada@candidate.example",
    stage_title="Technical interview",
    zone=ZoneInfo("Europe/London"),
    calls=(SYSTEM_DESIGN,),
    entries=(ENTRY,),
    notes="Have paper at hand.\nWe will not ask riddles.",
    location="",
    page_url="https://hiring.acme.example/i/a-token",
    contact=PRIYA,
    sequence=0,
)


def sent(
    letter: CandidateLetter,
    *,
    mail_from: str = MAIL_FROM,
    message_id: str = MESSAGE_ID,
    in_reply_to: str | None = None,
    now: datetime = NOW,
) -> EmailMessage:
    """Return the mail as it is read after a journey through bytes."""
    mail = compose(
        letter, mail_from=mail_from, message_id=message_id, in_reply_to=in_reply_to, now=now
    )
    return message_from_bytes(mail.as_bytes(), _class=EmailMessage, policy=policy.default)


def body(mail: EmailMessage, subtype: str) -> str:
    """Return the text or HTML of a mail."""
    part = mail.get_body((subtype,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")


def file_of(mail: EmailMessage) -> Calendar | None:
    """Return the add-to-calendar file of a mail, or None."""
    for part in mail.walk():
        if part.get_content_type() == "text/calendar":
            payload = part.get_payload(decode=True)
            assert isinstance(payload, bytes)
            calendar = Calendar.from_ical(payload)
            assert isinstance(calendar, Calendar)
            return calendar
    return None
