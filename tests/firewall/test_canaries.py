"""Nothing that reaches a candidate names an interviewer: every byte of a whole story is searched.

And the search is shown to be worth something: it finds every canary where interviewers and we
ourselves may see it, and every leak that is planted on purpose.
"""

from __future__ import annotations

import base64
import hashlib
import json
import quopri
import re
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default

import pytest
from itsdangerous import URLSafeTimedSerializer

from tests.firewall.canaries import Planted, planted
from tests.firewall.search import Captured, cookie_parts, found_fields, mail_parts, search
from tests.firewall.story import Told

VREL: Planted = planted()[0]


def test_no_byte_that_reaches_a_candidate_holds_a_canary(story: Told) -> None:
    findings = search(story.to_candidates, story.canaries)

    assert sorted({(each.where, each.field, each.wrapping) for each in findings}) == []


def test_the_story_shows_candidates_what_it_should(story: Told) -> None:
    everything = b"".join(each.content for each in story.to_candidates)

    for told in (
        b"Choose a time, Ada",
        b"That time has just been taken",
        b"We cannot check our calendars",
        b"No time is open just now",
        b"Your video link appears here in a moment",
        b"You are booked, Ada",
        b"Please ask us for the address.",
        b"Thank you, Ada",
        b"Your interview has been cancelled",
        b"You are booked, Cy",
        b"Studio (Berlin)",
        b"Join this one next",
        b"https://video.example/7",
        b"This link does not work",
        b"BEGIN:VCALENDAR",
        b"METHOD:CANCEL",
        b"New time: Technical interview",
        b"hangoutLink",
        b"Invited, not here yet",
    ):
        assert told in everything, told
    mails = [each for each in story.to_candidates if re.search(r": mail \d+$", each.where)]
    kinds = {each.content.count(b"X-Auto-Response-Suppress") for each in mails}
    assert kinds == {0, 1}  # Google's, and ours
    assert len(mails) >= 12


def test_the_same_search_finds_every_canary_on_the_other_side(story: Told) -> None:
    fields = {canary.field for canary in story.canaries}

    assert len(fields) >= 5 * (12 + 3)
    assert fields - found_fields(story.to_interviewers, story.canaries) == set()


@pytest.mark.parametrize("field", ["first name", "last name", "address", "focus", "scorecard"])
def test_the_panel_gets_them_by_mail_and_calendar(story: Told, field: str) -> None:
    canary = [each for each in story.canaries if each.field == f"{field} of {VREL.stem}"]
    where = {finding.where.partition(": ")[2] for finding in search(story.to_interviewers, canary)}

    assert "calendar" in where
    assert any(each.startswith("mail") for each in where)


# -- leaks planted on purpose ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Leak:
    """What a mistake would do to something on its way to a candidate."""

    name: str
    where: str
    spoil: Callable[[Captured], list[Captured]]


def page_with(old: bytes, new: str) -> Callable[[Captured], list[Captured]]:
    def spoil(page: Captured) -> list[Captured]:
        assert old in page.content
        return [Captured(page.where, page.content.replace(old, new.encode() + old, 1))]

    return spoil


def mail_with(change: Callable[[EmailMessage], None]) -> Callable[[Captured], list[Captured]]:
    def spoil(mail: Captured) -> list[Captured]:
        message = message_from_bytes(mail.content, policy=default.clone(linesep="\r\n"))
        assert isinstance(message, EmailMessage)
        change(message)
        return mail_parts(mail.where, message.as_bytes(policy=SMTP))

    return spoil


def header(name: str, value: str) -> Callable[[EmailMessage], None]:
    def change(message: EmailMessage) -> None:
        del message[name]
        message[name] = value

    return change


def text_in(kind: str, said: str, cte: str) -> Callable[[EmailMessage], None]:
    def change(message: EmailMessage) -> None:
        part = message.get_body((kind,))
        assert part is not None
        content = f"{part.get_content()}\n{said}\n"
        part.set_content(content, subtype=part.get_content_subtype(), cte=cte)

    return change


def event_with(**fields: str) -> Callable[[Captured], list[Captured]]:
    def spoil(listed: Captured) -> list[Captured]:
        answer = json.loads(listed.content)
        assert answer["items"]
        answer["items"][0] |= fields
        return [Captured(listed.where, json.dumps(answer).encode())]

    return spoil


def cookie_with(panel: list[str]) -> Callable[[Captured], list[Captured]]:
    def spoil(page: Captured) -> list[Captured]:
        value = URLSafeTimedSerializer("secret").dumps({"csrf_token": "x", "panel": panel})
        return cookie_parts(page.where, f"greenroom-8000={value}; HttpOnly; Path=/")

    return spoil


def long_line(said: str) -> str:
    return quopri.encodestring(f"{'A rather long line ahead of it, ' * 3}{said}".encode()).decode()


EID = base64.urlsafe_b64encode(f"k3v9q0 {VREL.email}".encode()).decode().rstrip("=")
MD5 = hashlib.md5(VREL.email.encode(), usedforsecurity=False).hexdigest()
SHA256 = hashlib.sha256(VREL.email.encode()).hexdigest()
ESCAPED = json.dumps({"panel": [VREL.last.upper()]})

PAGE, FILE = "Ada, booked: GET /i/link", "Ada, booked: GET /i/link/calendar.ics"
LISTED, MAIL = "Ada, booked: events.list", "Ada Quist: mail"
LEAKS = [
    Leak("Reply-To", MAIL, mail_with(header("Reply-To", f'"{VREL.name}" <{VREL.email}>'))),
    Leak("a display name", MAIL, mail_with(header("From", f'"{VREL.name}" <jobs@n.example>'))),
    Leak("Message-ID", MAIL, mail_with(header("Message-ID", f"<7.{VREL.email}>"))),
    Leak("a subject", MAIL, mail_with(header("Subject", f"Chat with {VREL.last}"))),
    Leak(
        "a line in the text",
        MAIL,
        mail_with(text_in("plain", f"Rescheduled by {VREL.first}.", "base64")),
    ),
    Leak(
        "a hidden line in the HTML",
        MAIL,
        mail_with(text_in("html", f"<i hidden>{VREL.first} {VREL.last}</i>", "quoted-printable")),
    ),
    Leak("a comment", PAGE, page_with(b"</body>", f"<!-- seats: {VREL.email} -->")),
    Leak("an attribute", PAGE, page_with(b"<main", f"<i data-seats='{ESCAPED}'></i>")),
    Leak("an avatar", PAGE, page_with(b"</body>", f'<img src="https://a.example/{MD5}">')),
    Leak("ETag", PAGE, page_with(b"Content-Type", f'ETag: "{SHA256}"\n')),
    Leak("a redirect", PAGE, page_with(b"Content-Type", f"Location: /people/{VREL.last}\n")),
    Leak("a cookie", PAGE, cookie_with([VREL.name] * 3)),
    Leak("a long cookie", PAGE, cookie_with([VREL.name] * 30)),
    Leak("an error", "chosen twice: POST", page_with(b"", f"{VREL.first.upper()} is busy.")),
    Leak("CN in the file", FILE, page_with(b"BEGIN:VEVENT", f"CONTACT;CN={VREL.name}:x\r\n")),
    Leak("a folded line", FILE, page_with(b"BEGIN:VEVENT", long_line(VREL.focus))),
    Leak("htmlLink", LISTED, event_with(htmlLink=f"https://calendar.example/event?eid={EID}")),
    Leak("a busy title", LISTED, event_with(description=VREL.busy_title)),
    Leak("a comment of a guest", LISTED, event_with(comment=VREL.answer)),
    Leak("a phone", LISTED, event_with(location=VREL.phone)),
]


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.name)
def test_a_planted_leak_is_found(story: Told, leak: Leak) -> None:
    clean = story.piece(leak.where)
    assert search([clean], VREL.canaries()) == []

    assert search(leak.spoil(clean), VREL.canaries()) != []


def test_the_id_of_an_interviewer_event_is_found_as_a_uid(story: Told) -> None:
    made_up = [each for each in story.canaries if each.field.startswith("id of an event")]
    leak = event_with(iCalUID=f"{made_up[0].text}@google.com")

    assert len(made_up) >= 5
    assert search(leak(story.piece(LISTED)), made_up) != []
