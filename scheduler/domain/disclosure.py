"""The identity firewall: everything a candidate may learn is defined in this file.

A candidate must not learn who will interview them. Pages, mails and calendar payloads for
candidates are built only from the types below, and none of those types has a place to put an
interviewer. `release` is the only door to Google: it turns a CandidateEvent into the
SealedPayload that the gateway accepts for a candidate event. `refuse_mentions` guards what we
mail, `public_text` what we show.

Python cannot seal a class: the point is that a leak needs a visibly odd act. And once people are
in the call they see each other: the firewall ends at the door.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType, final
from zoneinfo import ZoneInfo

from scheduler.domain.booking import Rsvp
from scheduler.domain.calls import EventId, EventMarks, RequestId
from scheduler.domain.timespan import TimeSpan, hull

JoinUrl = NewType("JoinUrl", str)
SlotKey = NewType("SlotKey", str)


class IdentityLeak(Exception):
    """Something bound for a candidate mentions a person they must not know about.

    `where` names the field a recruiter can edit, `word` what of the name stands there; the message
    never repeats it.
    """

    def __init__(self, where: str, word: str) -> None:
        super().__init__(f"the {where} mentions the panel")
        self.where = where
        self.word = word


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateGuest:
    email: str
    name: str
    rsvp: Rsvp = Rsvp.NEEDS_ACTION


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaItem:
    """One interview, by its public title."""

    title: str
    span: TimeSpan


@final
@dataclass(frozen=True, slots=True)
class ConferenceRequest:
    """Asks Google to make a conference with the event."""

    request_id: RequestId


@final
@dataclass(frozen=True, slots=True)
class ConferenceCopy:
    """A conference made elsewhere, to be stored with the event: Google's own JSON, signature included."""

    conference_data: str


@final
@dataclass(frozen=True, slots=True)
class LinkByHand:
    """A link that a recruiter gave because Meet could not be had. Any conference is cleared."""

    url: JoinUrl


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateEvent:
    """One call as the candidate sees it: the interviews in it, and nobody's name.

    `guest` stays None until the call is verified: adding the candidate is the last write.
    `conference` None means: leave whatever conference the event has.
    """

    event_id: EventId
    marks: EventMarks
    title: str
    agenda: tuple[AgendaItem, ...]
    notes: str
    location: str
    zone: ZoneInfo
    conference: ConferenceRequest | ConferenceCopy | LinkByHand | None
    guest: CandidateGuest | None

    @property
    def span(self) -> TimeSpan:
        return hull(item.span for item in self.agenda)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateSlot:
    """A time to choose. The key means something to us alone."""

    key: SlotKey
    span: TimeSpan

    @property
    def starts_at(self) -> datetime:
        return self.span.start


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RecruitingContact:
    """Who answers the candidate's questions: a recruiter, never somebody on the panel."""

    name: str
    email: str
    phone: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseSlotPage:
    """Times to choose from. `nearest` are those closest to one that has just gone."""

    company: str
    candidate_name: str
    stage_title: str
    agenda_titles: tuple[str, ...]
    zone: ZoneInfo
    slots: tuple[CandidateSlot, ...] | None
    """None: the calendars were not read lately, so that nobody can say."""
    nearest: tuple[CandidateSlot, ...]
    notes: str
    location: str
    contact: RecruitingContact | None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateCall:
    """One call on the candidate's page; without a link until Google has made the conference."""

    agenda: tuple[AgendaItem, ...]
    join_url: JoinUrl | None

    @property
    def span(self) -> TimeSpan:
        return hull(item.span for item in self.agenda)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedPage:
    company: str
    candidate_name: str
    stage_title: str
    zone: ZoneInfo
    calls: tuple[CandidateCall, ...]
    notes: str
    location: str
    contact: RecruitingContact | None
    entries: tuple[CalendarEntry, ...] = ()
    """The add-to-calendar file, as the latest mail had it; `sequence` is that mail's."""
    sequence: int = 0
    booked_at: datetime | None = None

    @property
    def is_settled(self) -> bool:
        """Say whether every call has its link."""
        return all(call.join_url for call in self.calls)

    def call_to_join(self, now: datetime) -> CandidateCall | None:
        """Return the call that is on, or comes next; None when all are over."""
        return next((call for call in self.calls if now < call.span.end), None)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelledPage:
    company: str
    candidate_name: str
    stage_title: str
    contact: RecruitingContact | None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NotBookedPage:
    """Nothing for the candidate to do: the recruiter books, and they will hear of it."""

    company: str
    candidate_name: str
    stage_title: str
    contact: RecruitingContact | None


@final
class LetterKind(StrEnum):
    """What a mail to a candidate says."""

    CONFIRMED = "confirmed"
    RESCHEDULED = "rescheduled"
    UPDATED = "updated"
    CANCELLED = "cancelled"
    INVITE = "invite"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """One event of an add-to-calendar file. `uid` is Google's own, so that both are one entry."""

    uid: str
    title: str
    span: TimeSpan
    text: str
    location: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateLetter:
    """All that a mail to a candidate is made from. `sequence` counts what they were told before."""

    kind: LetterKind
    company: str
    to_name: str
    to_email: str
    stage_title: str
    zone: ZoneInfo
    calls: tuple[CandidateCall, ...]
    entries: tuple[CalendarEntry, ...]
    notes: str
    location: str
    page_url: str
    contact: RecruitingContact | None
    sequence: int


@final
class SealedPayload:
    """A calendar payload that has passed `release`. Only this module can make one."""

    __slots__ = ("_text", "event_id")

    def __init__(self, event_id: EventId, body: dict[str, object], *, _key: object) -> None:
        if _key is not _RELEASED:
            raise TypeError("SealedPayload comes from disclosure.release()")
        self.event_id = event_id
        # Kept as text, so that nobody can add a guest after the check.
        self._text = json.dumps(body)

    def as_json(self) -> dict[str, Any]:
        """Return a fresh copy of what may be sent."""
        body: dict[str, Any] = json.loads(self._text)
        return body


_RELEASED = object()


def release(event: CandidateEvent, withheld: Iterable[str]) -> SealedPayload:
    """Return the calendar payload for `event`, or raise IdentityLeak.

    The types keep interviewers out of the structure; `withheld` (the panel's names and
    addresses) catches what somebody typed into a title or a note.
    """
    body: dict[str, object] = {
        "summary": event.title,
        "description": _description(event),
        "location": _location(event),
    }
    refuse_mentions({"public title or notes": list(_texts(body))}, withheld)
    start, end = event.span.start.astimezone(event.zone), event.span.end.astimezone(event.zone)
    body |= {
        "id": event.event_id,
        "status": "confirmed",
        "start": {"dateTime": start.isoformat(), "timeZone": event.zone.key},
        "end": {"dateTime": end.isoformat(), "timeZone": event.zone.key},
        # One guest only, and these three all the same: hiding the list is not what hides the
        # panel (a forwarded invitation defeats it), but a guest added by hand stays unseen.
        "guestsCanSeeOtherGuests": False,
        "guestsCanInviteOthers": False,
        "guestsCanModify": False,
        # For colleagues who can read the organizer calendar.
        "visibility": "private",
        # The organizer's own copy; it rings for nobody. Guests keep their own reminders.
        "reminders": {"useDefault": False, "overrides": []},
        # None, and said so: a file somebody added by hand shows its owner's name.
        "attachments": [],
        # Private, because shared properties travel to every guest's copy.
        "extendedProperties": {"private": event.marks.as_properties()},
    }
    body |= _conference(event)
    # The guest comes after the search: a candidate may share a name with an interviewer.
    body["attendees"] = [_guest(event.guest)] if event.guest else []
    return SealedPayload(event.event_id, body, _key=_RELEASED)


def refuse_mentions(texts: dict[str, list[str]], withheld: Iterable[str]) -> None:
    """Raise IdentityLeak when a text names somebody in `withheld`.

    `texts` maps the name of a field, as a recruiter knows it, to what it says.
    """
    hidden = list(withheld)
    for where, said in texts.items():
        word = next((word for text in said for word in mentions(text, hidden)), None)
        if word is not None:
            raise IdentityLeak(where, word)


def mentions(text: str, withheld: Iterable[str]) -> Iterator[str]:
    """Yield what of `withheld` stands in `text`: for those who arrange the interview, not for the
    candidate.
    """
    return (name for name in withheld if _mentions(text, name))


def public_text(text: str, withheld: Iterable[str], *, instead: str) -> str:
    """Return `text` for a candidate's page, or `instead` when it names somebody on the panel."""
    return text if next(mentions(text, withheld), None) is None else instead


def place_with_rooms(location: str, rooms: Sequence[tuple[str, str]]) -> str:
    """Return where to go, for `rooms` as (name, site): "Lindenstraße 44 · Aurora, Fjord (Berlin)"."""
    names = ", ".join(dict.fromkeys(name for name, _ in rooms))
    sites = ", ".join(dict.fromkeys(site for _, site in rooms))
    return " · ".join(part for part in (location, f"{names} ({sites})" if rooms else "") if part)


def withheld_for(people: Iterable[tuple[str, str]], *, known: Iterable[str]) -> tuple[str, ...]:
    """Return what must not stand in a candidate's texts, for `people` as (name, address).

    The address, the whole name, and each word of it: "a chat with Dana" tells as much. Words that
    the candidate knows anyhow (`known`: their own name, the company's) are not secret.
    """
    open_words = {word for text in known for word in _folded(text).split()}
    names: dict[str, None] = {}
    for name, email in people:
        names[email] = None
        names[name] = None
        for word in name.split():
            shortest = SHORTEST_UNSPACED_WORD if _is_unspaced(word) else SHORTEST_NAME_WORD
            if len(word) >= shortest and _folded(word) not in open_words:
                names[word] = None
    return tuple(names)


SHORTEST_NAME_WORD = 3  # letters; "Li" or "Al" alone would stop ordinary sentences
SHORTEST_UNSPACED_WORD = 2  # most family names in Chinese characters have one or two

# Scripts that write words without spaces between them, or particles onto names (Korean): Thai to
# Tibetan, Burmese, Khmer, Japanese, Chinese.
UNSPACED = (
    "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff"
)
LETTER = rf"[^\W_{UNSPACED}]"  # what makes another word of a name it touches; "_Dana_" is emphasis

# As word processors write them, to as keyboards do. A space of no width is a space.
TYPOGRAPHY = str.maketrans(
    {**dict.fromkeys("’‘ʼʹ", "'"), **dict.fromkeys("‐‑‒–—−", "-"), "\u200b": " "}
)


def agenda_text(agenda: tuple[AgendaItem, ...], zone: ZoneInfo) -> str:
    """Return one line an interview: "10:00–10:45  System design"."""
    lines = []
    for item in agenda:
        start, end = (at.astimezone(zone) for at in (item.span.start, item.span.end))
        lines.append(f"{start:%H:%M}–{end:%H:%M}  {item.title}")
    return "\n".join(lines)


def _description(event: CandidateEvent) -> str:
    parts = []
    if isinstance(event.conference, LinkByHand):
        parts.append(f"Join: {event.conference.url}")
    parts += [f"{agenda_text(event.agenda, event.zone)}\n(times in {event.zone.key})", event.notes]
    return "\n\n".join(part for part in parts if part.strip())


def _location(event: CandidateEvent) -> str:
    if isinstance(event.conference, LinkByHand) and not event.location:
        return event.conference.url
    return event.location


def _conference(event: CandidateEvent) -> dict[str, object]:
    match event.conference:
        case None:
            return {}
        case ConferenceRequest(request_id):
            key = {"type": "hangoutsMeet"}
            request = {"requestId": request_id, "conferenceSolutionKey": key}
            return {"conferenceData": {"createRequest": request}}
        case ConferenceCopy(conference_data):
            return {"conferenceData": json.loads(conference_data)}
        case LinkByHand():
            return {"conferenceData": None}


def _guest(guest: CandidateGuest) -> dict[str, str]:
    return {
        "email": guest.email,
        "displayName": guest.name,
        "responseStatus": guest.rsvp.value,
    }


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from _texts(inner)
        case list():
            for inner in value:
                yield from _texts(inner)


def _mentions(text: str, name: str) -> bool:
    # Whole words, whatever their accents, typography or spacing. A full name or an address is
    # found in any case. A single word must stand as it is written in the name: "Will" is a
    # person, "will" is not.
    words = name.split()
    if not words:
        return False
    is_single = len(words) == 1 and "@" not in name
    fold = _plain if is_single else _folded
    wanted, said = fold(name).split(), fold(text)
    parts = [*"".join(wanted)] if _is_unspaced(name) else wanted
    # Most names are not there at all, and a pattern takes long to make.
    if not parts or not all(part in said for part in parts):
        return False
    between = r"[\s・]*" if _is_unspaced(name) else r"\s+"
    pattern = between.join(re.escape(part) for part in parts)
    return re.search(rf"(?<!{LETTER}){pattern}(?!{LETTER})", said) is not None


def _is_unspaced(name: str) -> bool:
    return re.search(rf"[{UNSPACED}]", name) is not None


def _plain(text: str) -> str:
    # Accents go: "Zoe" tells who Zoë is. So do marks that nobody sees (Cf, a soft hyphen).
    apart = unicodedata.normalize("NFKD", text.translate(TYPOGRAPHY))
    bare = re.sub("[\u0300-\u036f]", "", apart)
    shown = (letter for letter in bare if unicodedata.category(letter) != "Cf")
    return unicodedata.normalize("NFKC", "".join(shown))


def _folded(text: str) -> str:
    return _plain(text).casefold()
