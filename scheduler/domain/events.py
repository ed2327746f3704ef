"""The events of a call: what they should be, and what Google showed.

The candidate event's shape is defined in `disclosure`, where everything a candidate sees is. Here
are the events no candidate gets, and `ObservedEvent`, the reading of an Events resource.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.domain.booking import Rsvp
from scheduler.domain.calls import EventId, EventMarks
from scheduler.domain.disclosure import (
    ConferenceCopy,
    ConferenceRequest,
    JoinUrl,
    LinkByHand,
)
from scheduler.domain.plan import OPTIONAL_KINDS, SeatKind
from scheduler.domain.timespan import TimeSpan

SEAT_WORDS = {
    SeatKind.LEAD: "leads",
    SeatKind.SECOND: "second interviewer",
    SeatKind.SHADOW: "shadows",
    SeatKind.REVERSE_SHADOW: "reverse shadow, leads while watched",
    SeatKind.OBSERVER: "observes",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatedInterviewer:
    email: str
    name: str
    kind: SeatKind
    rsvp: Rsvp = Rsvp.NEEDS_ACTION


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRoom:
    """The room of an interview, invited by its resource's address: it accepts or declines by itself."""

    email: str
    name: str
    rsvp: Rsvp = Rsvp.NEEDS_ACTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefing:
    """What an interviewer needs to know, as the interviewer event tells it."""

    candidate_name: str
    job_title: str
    interview_title: str
    focus: str
    resume_url: str
    scorecard_url: str
    recruiter_name: str
    recruiter_phone: str
    location: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file on Drive, for the panel. `url` is the alternateLink that Drive gives."""

    url: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewerEvent:
    """The one event of an interview; its guests are the people in all its seats, and its room."""

    event_id: EventId
    marks: EventMarks
    span: TimeSpan
    zone: ZoneInfo
    briefing: Briefing
    seats: tuple[SeatedInterviewer, ...]
    conference: ConferenceCopy | LinkByHand | None
    attachments: tuple[Attachment, ...] = ()
    room: EventRoom | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the body for Google's Events resource."""
        body = {
            "id": self.event_id,
            "status": "confirmed",
            "summary": f"{self.briefing.candidate_name} · {self.briefing.interview_title}",
            "description": self._description(),
            "location": self._location(),
            **_times(self.span, self.zone),
            "attendees": [
                {
                    "email": seat.email,
                    "displayName": seat.name,
                    "optional": seat.kind in OPTIONAL_KINDS,
                    "responseStatus": seat.rsvp.value,
                }
                for seat in self.seats
            ]
            + self._resources(),
            # An interviewer who invited the candidate here would show them the panel.
            "guestsCanInviteOthers": False,
            "guestsCanModify": False,
            "guestsCanSeeOtherGuests": True,
            # Candidates are not the whole company's business.
            "visibility": "private",
            "reminders": {"useDefault": False, "overrides": []},
            "extendedProperties": {"private": self.marks.as_properties()},
            "attachments": [
                {"fileUrl": file.url, "title": file.title} for file in self.attachments
            ],
        }
        if isinstance(self.conference, ConferenceCopy):
            body["conferenceData"] = json.loads(self.conference.conference_data)
        elif isinstance(self.conference, LinkByHand):
            body["conferenceData"] = None
        return body

    def _resources(self) -> list[dict[str, Any]]:
        if self.room is None:
            return []
        return [
            {
                "email": self.room.email,
                "displayName": self.room.name,
                "resource": True,
                "responseStatus": self.room.rsvp.value,
            }
        ]

    def _description(self) -> str:
        brief = self.briefing
        lines = []
        if isinstance(self.conference, LinkByHand):
            lines += [f"Join: {self.conference.url}", ""]
        lines += [
            f"Candidate: {brief.candidate_name}",
            f"Role: {brief.job_title}",
            f"Interview: {brief.interview_title}",
        ]
        lines += [f"Focus: {brief.focus}"] if brief.focus else []
        lines += [f"Résumé: {brief.resume_url}"] if brief.resume_url else []
        lines += [f"Scorecard: {brief.scorecard_url}"] if brief.scorecard_url else []
        lines += ["", "Panel:"]
        lines += [f"- {seat.name} ({SEAT_WORDS[seat.kind]})" for seat in self.seats]
        phone = f", {brief.recruiter_phone}" if brief.recruiter_phone else ""
        lines += [
            "",
            f"Recruiter: {brief.recruiter_name}{phone}",
            "",
            (
                "The candidate's invitation is a separate event that names nobody. If they knock, "
                "admit them from the People panel of the call; anybody of our organisation can. "
                "Cannot come? Decline here: your recruiter sees it, the candidate does not."
            ),
        ]
        return "\n".join(lines)

    def _location(self) -> str:
        if isinstance(self.conference, LinkByHand) and not self.briefing.location:
            return self.conference.url
        return self.briefing.location


@dataclass(frozen=True, slots=True, kw_only=True)
class KeeperEvent:
    """A guestless event that mints the conference for both sides (the second strategy)."""

    event_id: EventId
    marks: EventMarks
    span: TimeSpan
    zone: ZoneInfo
    conference: ConferenceRequest | None

    def as_json(self) -> dict[str, Any]:
        """Return the body for Google's Events resource."""
        body = {
            "id": self.event_id,
            "status": "confirmed",
            "summary": "Interview call",
            "description": "Keeps the conference of an interview. Greenroom made it; leave it be.",
            "location": "",
            **_times(self.span, self.zone),
            "attendees": [],
            "attachments": [],
            "transparency": "transparent",
            "visibility": "private",
            "guestsCanInviteOthers": False,
            "guestsCanModify": False,
            "guestsCanSeeOtherGuests": False,
            "reminders": {"useDefault": False, "overrides": []},
            "extendedProperties": {"private": self.marks.as_properties()},
        }
        if self.conference is not None:
            key = {"type": "hangoutsMeet"}
            request = {"requestId": self.conference.request_id, "conferenceSolutionKey": key}
            body["conferenceData"] = {"createRequest": request}
        return body


class ConferenceState(StrEnum):
    """conferenceData.createRequest.status.statusCode; `success` too for a conference copied in."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conference:
    """A conference as an event shows it. Ids and address are empty until it is a success."""

    state: ConferenceState
    request_id: str
    conference_id: str
    join_url: JoinUrl
    copy: ConferenceCopy

    def is_same_as(self, other: Conference | None) -> bool:
        """Say whether both sides would meet: same conference id and same video address."""
        return (
            other is not None
            and bool(self.join_url)
            and (self.conference_id, self.join_url) == (other.conference_id, other.join_url)
        )


@dataclass(frozen=True, slots=True)
class ObservedEvent:
    """An event as Google showed it: the Events resource, and readings of it."""

    resource: Mapping[str, Any]

    @property
    def event_id(self) -> EventId:
        return EventId(self.resource["id"])

    @property
    def etag(self) -> str:
        return str(self.resource.get("etag", ""))

    @property
    def ical_uid(self) -> str:
        return str(self.resource.get("iCalUID", ""))

    @property
    def is_cancelled(self) -> bool:
        return self.resource.get("status") == "cancelled"

    @property
    def marks(self) -> EventMarks | None:
        return EventMarks.of(self.resource.get("extendedProperties", {}).get("private", {}))

    @property
    def rsvps(self) -> dict[str, Rsvp]:
        """Who answered what, by lower-case address."""
        return {
            str(guest.get("email", "")).lower(): _rsvp(guest.get("responseStatus"))
            for guest in self.resource.get("attendees", [])
        }

    @property
    def conference(self) -> Conference | None:
        return conference_of(self.resource)


def conference_of(resource: Mapping[str, Any]) -> Conference | None:
    """Return the conference that an Events resource carries, or None.

    The status code alone decides: pending and failure both lack entry points (GOOGLE.md 3.2). A
    conference that was copied in has no createRequest and is there when it has a video address.
    """
    data = resource.get("conferenceData")
    if not data:
        return None
    request = data.get("createRequest", {})
    join_url = next(
        (
            str(point["uri"])
            for point in data.get("entryPoints", [])
            if point.get("entryPointType") == "video"
        ),
        "",
    )
    status = request.get("status", {}).get("statusCode")
    if status not in set(ConferenceState):
        if not join_url:
            return None
        status = ConferenceState.SUCCESS
    # A createRequest in a copy could mint a second room (GOOGLE.md 3.3).
    copy = {key: value for key, value in data.items() if key != "createRequest"}
    return Conference(
        state=ConferenceState(status),
        request_id=str(request.get("requestId", "")),
        conference_id=str(data.get("conferenceId", "")),
        join_url=JoinUrl(join_url),
        copy=ConferenceCopy(json.dumps(copy, sort_keys=True)),
    )


def _rsvp(status: object) -> Rsvp:
    return next((rsvp for rsvp in Rsvp if rsvp == status), Rsvp.NEEDS_ACTION)


def _times(span: TimeSpan, zone: ZoneInfo) -> dict[str, object]:
    start, end = span.start.astimezone(zone), span.end.astimezone(zone)
    return {
        "start": {"dateTime": start.isoformat(), "timeZone": zone.key},
        "end": {"dateTime": end.isoformat(), "timeZone": zone.key},
    }
