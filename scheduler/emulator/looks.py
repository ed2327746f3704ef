"""How the emulator's own pages look: headers, cards of events, texts with links."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape
from werkzeug.wrappers import Response as AnyResponse

from scheduler.emulator.errors import Resource
from scheduler.emulator.rows import Row

R = TypeVar("R", bound=AnyResponse)
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
_ADDRESS_PARTS = re.compile(r"(?=[@.])")
_ANCHOR = re.compile(r"<a\b[^>]*href=[\"']([^\"']+)[\"'][^>]*>(.*?)</a>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One event on somebody's week, in the words and the zone of that person."""

    id: str
    title: str
    starts: datetime
    ends: datetime
    is_all_day: bool
    is_invitation: bool
    response: str
    marks: tuple[str, ...]
    join: str
    text: str
    event: Resource

    @property
    def time(self) -> str:
        """Return "10:00–10:45" or "all day"."""
        if self.is_all_day:
            return "all day"
        return f"{self.starts:%H:%M}–{self.ends:%H:%M}"

    def is_on(self, day: date) -> bool:
        """Say whether any of the event falls on a day."""
        last = (self.ends - timedelta(seconds=1)).date()
        return self.starts.date() <= day <= max(last, self.starts.date())


def card(event: Resource, row: Row, zone: ZoneInfo) -> Card:
    """Return the card of an event, from its resource as the calendar's owner gets it."""
    guests = event.get("attendees") or []
    mine: Resource = next((guest for guest in guests if guest.get("self")), {})
    is_own = bool((event.get("organizer") or {}).get("self"))
    join = str(event.get("hangoutLink") or "")
    return Card(
        id=row.id,
        title=str(event.get("summary") or "(No title)"),
        starts=datetime.fromtimestamp(row.starts, zone),
        ends=datetime.fromtimestamp(row.ends, zone),
        is_all_day="date" in event["start"],
        is_invitation=bool(mine) and not is_own,
        response=str(mine.get("responseStatus", "")),
        marks=_marks(event, mine),
        join=f"{join}?as={quote(row.calendar_id)}" if join else "",
        text=plain_text(str(event.get("description", ""))),
        event=event,
    )


def page_url(path: str, **parameters: str | None) -> str:
    """Return one of our pages with its parameters; `as_` stands for "as"."""
    named = {name.rstrip("_"): value for name, value in parameters.items() if value}
    return f"{path}?{urlencode(named)}" if named else path


def plain_text(text: str) -> str:
    """Return an event's or mail's HTML as text, link targets kept."""
    if "<" not in text:
        return html.unescape(text)
    text = _ANCHOR.sub(lambda m: m[1] if m[1] == m[2] else f"{m[2]} ({m[1]})", text)
    text = re.sub(r"<(style|head)\b.*?</\1>", "", text, flags=re.IGNORECASE | re.DOTALL)
    text = re.sub(r"<(br|/p|/div|/li|/tr|/h\d)\b[^>]*>", "\n", text, flags=re.IGNORECASE)
    text = html.unescape(re.sub(r"<[^>]+>", "", text))
    return re.sub(r"\n\s*\n\s*\n+", "\n\n", text).strip()


def linked(text: str) -> Markup:
    """Return text with its addresses clickable and everything else escaped."""
    pieces, at = [], 0
    for match in _LINK.finditer(text):
        address = escape(match[0])
        pieces += [
            escape(text[at : match.start()]),
            Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(address),
        ]
        at = match.end()
    return Markup("").join([*pieces, escape(text[at:])])


def address(text: str) -> Markup:
    """Return an e-mail address that breaks before its "@" or a dot where a line is too short for it."""
    return Markup("<wbr>").join(escape(part) for part in _ADDRESS_PARTS.split(text))


def page_headers(response: R, *, forms_to: str = "", frames: bool = False) -> R:
    """Return the page with a policy that allows our style and nothing that runs."""
    policy = [
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        f"form-action 'self' {forms_to}".strip(),
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
    if frames:
        policy.append("frame-src 'self'")
    response.headers["Content-Security-Policy"] = "; ".join(policy)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def _marks(event: Resource, mine: Resource) -> tuple[str, ...]:
    """Return in words what colour alone would say."""
    words = {"declined": "declined", "tentative": "maybe", "needsAction": "not answered"}
    kinds = {
        "focusTime": "focus time",
        "outOfOffice": "out of office",
        "workingLocation": "location",
    }
    found = [
        kinds.get(str(event.get("eventType")), ""),
        words.get(str(mine.get("responseStatus")), ""),
        "tentative" if event.get("status") == "tentative" and not mine else "",
        "shown as free" if event.get("transparency") == "transparent" else "",
        "private" if event.get("visibility") in ("private", "confidential") else "",
    ]
    return tuple(word for word in found if word)
