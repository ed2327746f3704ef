"""The world outside Greenroom: people's calendars and mailboxes, and how well Google feels today."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import requests

from scheduler.emulator.company import COMPANY, Account

Event = dict[str, Any]
Kind = Literal["google", "smtp"]

ANSWERS_WITHIN = timedelta(seconds=20)
USUAL_CONFERENCE = {"latency": 0.3, "outcome": "success", "signature_check": "drop"}
LOOPBACK = "http://127.0.0.1:9797/cb"
WRITES_EVENTS = "https://www.googleapis.com/auth/calendar.events"
LINK = re.compile(r"http://localhost:\d+/i/[\w-]+")

PEOPLE = {account.name: account for account in COMPANY.accounts}
INTERVIEWERS = [account for account in COMPANY.accounts if account.kind == "interviewer"]


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it lies in the mailbox."""

    kind: Kind
    to: tuple[str, ...]
    subject: str
    message: EmailMessage = field(compare=False)

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        return str(part.get_content()) if part is not None else ""

    @property
    def everything(self) -> str:
        """Every header and every part, decoded: all that its reader could come across."""
        headers = [f"{name}: {value}" for name, value in self.message.items()]
        parts = [part for part in self.message.walk() if not part.is_multipart()]
        return "\n".join([*headers, *(_content(part) for part in parts)])

    @property
    def link(self) -> str:
        """The candidate's own page."""
        found = LINK.search(self.text)
        assert found is not None, self.text
        return found.group()

    @property
    def attachments(self) -> dict[str, str]:
        """What is attached, by file name."""
        return {
            str(part.get_filename()): _content(part) for part in self.message.iter_attachments()
        }


class Outside:
    """Everything outside, through the emulator's hooks and API."""

    def __init__(self, url: str, client_id: str, client_secret: str) -> None:
        self.url = url
        self._client = {"client_id": client_id, "client_secret": client_secret}

    # -- what people have

    def calendar(self, address: str) -> list[Event]:
        """Return what stands on a calendar, soonest first."""
        found: list[Event] = self._hook("GET", f"calendar?as={address}")
        return found

    def events_about(self, candidate: str, address: str) -> list[Event]:
        """Return the interviewer events about a candidate on somebody's calendar."""
        return [
            event
            for event in self.calendar(address)
            if str(event.get("summary", "")).startswith(f"{candidate} ·")
        ]

    def interviewer_events(self, candidate: str) -> dict[str, Event]:
        """Return the interviewer events about a candidate on any calendar, by their ids."""
        return {
            event["id"]: event
            for account in INTERVIEWERS
            for event in self.events_about(candidate, account.email)
        }

    def mails(self, address: str, kind: Kind | None = None) -> list[Mail]:
        """Return the mails somebody got, oldest first."""
        return [
            Mail(
                each["kind"],
                tuple(each["to"]),
                each["subject"].strip(),
                email.message_from_string(each["raw"], policy=email.policy.default),
            )
            for each in self._hook("GET", "outbox")
            if address in each["to"] and kind in (None, each["kind"])
        ]

    def calls(self) -> list[dict[str, Any]]:
        """Return the latest calls of the API that Google has answered."""
        found: list[dict[str, Any]] = self._hook("GET", "calls")
        return found

    def page_of(self, account: Account, week: datetime | None = None) -> str:
        """Return the address of somebody's calendar as a page."""
        ending = f"&week={week.date()}" if week else ""
        return f"{self.url}/calendar?as={account.email}{ending}"

    # -- how Google behaves

    def as_usual(self) -> None:
        """Let Google work again, quickly."""
        self._hook("DELETE", "faults")
        self._hook("POST", "conference", USUAL_CONFERENCE)
        self.answer_after(milliseconds=0)

    def conference(self, **switches: object) -> None:
        self._hook("POST", "conference", switches)

    def answer_after(self, *, milliseconds: float) -> None:
        self._hook("POST", "latency", {"milliseconds": milliseconds})

    def fail(self, path: str, *, status: int = 503, count: int = 10_000) -> None:
        """Refuse the next calls whose path matches."""
        reason = "backendError" if status >= 500 else "forbidden"
        self._hook(
            "POST", "faults", {"status": status, "reason": reason, "path": path, "count": count}
        )

    # -- what people do for themselves

    def put_on_calendar(self, account: Account, start: datetime, end: datetime, title: str) -> None:
        """Let somebody put something on their own calendar."""
        answer = requests.post(
            f"{self.url}/calendar/v3/calendars/primary/events",
            headers={"Authorization": f"Bearer {self._token(account)}"},
            json={
                "summary": title,
                "start": {"dateTime": start.isoformat()},
                "end": {"dateTime": end.isoformat()},
            },
            timeout=ANSWERS_WITHIN.total_seconds(),
        )
        answer.raise_for_status()

    def _token(self, account: Account) -> str:
        consent = requests.post(
            f"{self.url}/authorize",
            data={
                "client_id": self._client["client_id"],
                "redirect_uri": LOOPBACK,
                "response_type": "code",
                "scope": f"openid {WRITES_EVENTS}",
                "account": account.email,
            },
            allow_redirects=False,
            timeout=ANSWERS_WITHIN.total_seconds(),
        )
        code = parse_qs(urlsplit(consent.headers["Location"]).query)["code"][0]
        token = requests.post(
            f"{self.url}/token",
            data=self._client
            | {"grant_type": "authorization_code", "code": code, "redirect_uri": LOOPBACK},
            timeout=ANSWERS_WITHIN.total_seconds(),
        )
        token.raise_for_status()
        return str(token.json()["access_token"])

    def _hook(self, method: str, path: str, body: object = None) -> Any:
        answer = requests.request(
            method,
            f"{self.url}/_emulator/{path}",
            json=body,
            timeout=ANSWERS_WITHIN.total_seconds(),
        )
        answer.raise_for_status()
        return answer.json()


def panel_named_in(text: str) -> list[str]:
    """Return every interviewer of the company whose name or address stands in `text`."""
    return [
        account.name
        for account in INTERVIEWERS
        if account.name in text or account.email in text or account.name.split()[-1] in text
    ]


def guests(event: Event) -> set[str]:
    """Return the addresses on an event's guest list."""
    return {guest["email"] for guest in event.get("attendees", [])}


def span(event: Event) -> tuple[datetime, datetime]:
    """Return when an event starts and ends."""
    return (
        datetime.fromisoformat(event["start"]["dateTime"]),
        datetime.fromisoformat(event["end"]["dateTime"]),
    )


def room(event: Event) -> str:
    """Return the code of the call that an event leads to."""
    return str(event["conferenceData"]["conferenceId"])


def _content(part: Any) -> str:
    content = part.get_content()
    return content.decode(errors="replace") if isinstance(content, bytes) else str(content)
