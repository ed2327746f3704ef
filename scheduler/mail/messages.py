"""Mails to candidates: when, how to join, how to get another time, in their zone and their words.

A mail is made from a CandidateLetter and nothing else, so that it can say nothing about the panel.
Google sends the calendar invitation; this is the kind mail beside it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage

from scheduler.domain.disclosure import (
    AgendaItem,
    CandidateCall,
    CandidateLetter,
    LetterKind,
    RecruitingContact,
)
from scheduler.mail import ics
from scheduler.mail.addresses import usable_address
from scheduler.mail.templates import letter_templates
from scheduler.mail.times import clock, day_words, hours, length_words, short_day, zone_words
from scheduler.mail.typed import first_name, isolated, one_line, paragraphs

MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f\x41-\x7e]+@[a-z0-9.-]+>", re.IGNORECASE)
MESSAGE_ID_BYTES = 16

COMPANY_LETTERS = 60
TITLE_LETTERS = 100
PLACE_LETTERS = 300
NOTES_LETTERS = 5000
PHONE_LETTERS = 40
ADDRESS_LETTERS = 254


@dataclass(frozen=True, slots=True)
class Wording:
    """What sets one kind of mail apart, beside its template."""

    subject: str
    heading: str


@dataclass(frozen=True, slots=True)
class ToldItem:
    hours: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldCall:
    """A call in words."""

    day: str
    starts: str
    hours: str
    zone: str
    length: str
    agenda: tuple[ToldItem, ...]
    join_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldContact:
    name: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldLetter:
    """What a template is given: finished words, the same for its HTML and its text."""

    heading: str
    company: str
    first_name: str
    stage: str
    calls: tuple[ToldCall, ...]
    join_url: str | None
    """The one link, when every call has the same."""
    location: str
    notes: tuple[str, ...]
    page_url: str
    contact: ToldContact | None
    has_file: bool

    @property
    def awaits_link(self) -> bool:
        """Say whether there is neither a link nor a place to go to yet."""
        return not self.location and not any(call.join_url for call in self.calls)

    @property
    def planned_for(self) -> str:
        """Return the first call's day and time in one line, or nothing."""
        first = next(iter(self.calls), None)
        return f"{first.day}, {first.starts} {first.zone}" if first else ""


def compose(
    letter: CandidateLetter,
    *,
    mail_from: str,
    message_id: str,
    in_reply_to: str | None,
    now: datetime,
) -> EmailMessage:
    """Return the mail that `letter` describes, ready for `as_bytes()`.

    Raises UnusableAddress when it cannot be addressed, ValueError when our own side's values
    (`mail_from`, the ids, `now`) cannot stand in a header.
    """
    wording = WORDINGS[letter.kind](letter, now)
    message = _envelope(
        letter, mail_from=mail_from, message_id=message_id, in_reply_to=in_reply_to, now=now
    )
    # The email package decodes an encoded word in a header that is set, and then writes whatever
    # was in it, line breaks included (seen with Python 3.11.7).
    message["Subject"] = wording.subject.replace("=?", "= ?")
    told = _told(letter, wording, now)
    templates = letter_templates()[letter.kind]
    # Quoted-printable: 7-bit on every relay, and no line too long however long a note is.
    message.set_content(templates.text.render(letter=told), cte="quoted-printable")
    message.add_alternative(
        templates.html.render(letter=told), subtype="html", cte="quoted-printable"
    )
    if told.has_file:
        message.add_attachment(
            ics.add_to_calendar(letter.entries, sequence=letter.sequence, now=now),
            maintype="text",
            subtype="calendar",
            cte="base64",
            filename=ics.FILE_NAME,
            params={"method": ics.METHOD, "charset": "utf-8"},
        )
    return message


def new_message_id(domain: str) -> str:
    """Return a fresh Message-ID, random, so that it says nothing about the booking."""
    ascii_domain = domain.encode("idna").decode("ascii")
    return f"<{secrets.token_hex(MESSAGE_ID_BYTES)}@{ascii_domain}>"


def confirmed(letter: CandidateLetter, now: datetime) -> Wording:
    """Say when the interview is and how to join."""
    return Wording(
        subject=f"Confirmed: {_what(letter)}{_when(letter)}",
        heading="Your interview is confirmed",
    )


def rescheduled(letter: CandidateLetter, now: datetime) -> Wording:
    """Say the new time, and that it replaces the earlier one."""
    return Wording(
        subject=f"New time: {_what(letter)}{_when(letter)}",
        heading="Your interview has a new time",
    )


def updated(letter: CandidateLetter, now: datetime) -> Wording:
    """Say that something changed, a link or a text, and that the time stays."""
    return Wording(
        subject=f"Updated: {_what(letter)}{_when(letter)}",
        heading="The details of your interview have changed",
    )


def cancelled(letter: CandidateLetter, now: datetime) -> Wording:
    """Say that the interview will not take place, briefly and kindly."""
    return Wording(
        subject=f"Cancelled: {_what(letter)}{_when(letter)}",
        heading="Your interview has been cancelled",
    )


def invite(letter: CandidateLetter, now: datetime) -> Wording:
    """Ask the candidate to choose a time on their page."""
    return Wording(
        subject=f"Choose a time: {_what(letter)}",
        heading="Choose a time for your interview",
    )


WORDINGS: dict[LetterKind, Callable[[CandidateLetter, datetime], Wording]] = {
    LetterKind.CONFIRMED: confirmed,
    LetterKind.RESCHEDULED: rescheduled,
    LetterKind.UPDATED: updated,
    LetterKind.CANCELLED: cancelled,
    LetterKind.INVITE: invite,
}
WITH_FILE = frozenset({LetterKind.CONFIRMED, LetterKind.RESCHEDULED, LetterKind.UPDATED})


def _what(letter: CandidateLetter) -> str:
    stage = isolated(one_line(letter.stage_title, letters=TITLE_LETTERS))
    company = isolated(one_line(letter.company, letters=COMPANY_LETTERS))
    return f"{stage} with {company}"


def _when(letter: CandidateLetter) -> str:
    if not letter.calls:
        return ""
    start = min(call.span.start for call in letter.calls)
    return f", {short_day(start, letter.zone)}, {clock(start, letter.zone)}"


def _envelope(
    letter: CandidateLetter,
    *,
    mail_from: str,
    message_id: str,
    in_reply_to: str | None,
    now: datetime,
) -> EmailMessage:
    if now.utcoffset() is None:
        raise ValueError("a mail needs an aware `now`")
    for given in (message_id, in_reply_to):
        if given is not None and not MESSAGE_ID.fullmatch(given):
            raise ValueError("a Message-ID looks like <id@domain>")
    to_address = usable_address(letter.to_email)
    # Such an address cannot be written in ASCII; SMTP then needs the extension SMTPUTF8.
    message = EmailMessage(policy.SMTP if to_address.isascii() else policy.SMTPUTF8)
    message["From"] = mail_from
    if len(message["From"].addresses) != 1 or message["From"].defects:
        raise ValueError("MAIL_FROM must be one address")
    # The address alone: a name adds nothing for its owner, and names can be anything.
    message["To"] = to_address
    message["Date"] = now.astimezone(UTC)
    message["Message-ID"] = message_id
    if in_reply_to is not None:
        message["In-Reply-To"] = in_reply_to
        message["References"] = in_reply_to
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    return message


def _told(letter: CandidateLetter, wording: Wording, now: datetime) -> ToldLetter:
    calls = sorted(letter.calls, key=lambda call: call.span)
    links = {call.join_url for call in calls}
    return ToldLetter(
        heading=wording.heading,
        company=one_line(letter.company, letters=COMPANY_LETTERS),
        first_name=first_name(letter.to_name),
        stage=one_line(letter.stage_title, letters=TITLE_LETTERS),
        calls=tuple(_told_call(call, letter, now) for call in calls),
        join_url=links.pop() if len(links) == 1 else None,
        location=one_line(letter.location, letters=PLACE_LETTERS),
        notes=paragraphs(letter.notes, letters=NOTES_LETTERS),
        page_url=letter.page_url,
        contact=_told_contact(letter.contact) if letter.contact else None,
        has_file=letter.kind in WITH_FILE and bool(letter.entries),
    )


def _told_call(call: CandidateCall, letter: CandidateLetter, now: datetime) -> ToldCall:
    zone, span = letter.zone, call.span
    return ToldCall(
        day=day_words(span.start, zone, now=now),
        starts=clock(span.start, zone),
        hours=hours(span, zone),
        zone=zone_words(span.start, zone),
        length=length_words(span.length),
        agenda=tuple(_told_item(item, letter) for item in call.agenda),
        join_url=call.join_url,
    )


def _told_item(item: AgendaItem, letter: CandidateLetter) -> ToldItem:
    return ToldItem(hours(item.span, letter.zone), one_line(item.title, letters=TITLE_LETTERS))


def _told_contact(contact: RecruitingContact) -> ToldContact:
    return ToldContact(
        name=one_line(contact.name, letters=COMPANY_LETTERS),
        email=one_line(contact.email, letters=ADDRESS_LETTERS),
        phone=one_line(contact.phone, letters=PHONE_LETTERS),
    )
