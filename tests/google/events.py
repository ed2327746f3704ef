"""Events for a test to write: valid with no arguments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.domain.calls import EventId, EventMarks, EventRole, new_event_id, new_request_id
from scheduler.domain.disclosure import (
    AgendaItem,
    CandidateEvent,
    CandidateGuest,
    ConferenceCopy,
    ConferenceRequest,
    LinkByHand,
    SealedPayload,
    release,
)
from scheduler.domain.events import (
    Attachment,
    Briefing,
    InterviewerEvent,
    KeeperEvent,
    SeatedInterviewer,
)
from scheduler.domain.plan import SeatKind
from scheduler.domain.timespan import TimeSpan

INSTALLATION = "5f0c2a1e-installation"
CALL = "c0ffee00-call"
BERLIN = ZoneInfo("Europe/Berlin")
NEXT_WEEK = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=7)
MORNING = TimeSpan(NEXT_WEEK, NEXT_WEEK + timedelta(hours=1))

ADA = CandidateGuest(email="ada@mailbox.example", name="Ada Quist")
DANA = SeatedInterviewer(email="dana@acme.example", name="Dana Okafor", kind=SeatKind.LEAD)
FEMI = SeatedInterviewer(email="femi@acme.example", name="Femi Adeyemi", kind=SeatKind.SHADOW)


def marks(role: EventRole, installation: str = INSTALLATION) -> EventMarks:
    return EventMarks(installation, CALL, role)


def candidate_payload(
    event_id: EventId | None = None,
    *,
    conference: ConferenceRequest | ConferenceCopy | LinkByHand | None = None,
    guest: CandidateGuest | None = None,
    span: TimeSpan = MORNING,
    installation: str = INSTALLATION,
) -> SealedPayload:
    event = CandidateEvent(
        event_id=event_id or new_event_id(),
        marks=marks(EventRole.CANDIDATE, installation),
        title="Interview with Acme",
        agenda=(AgendaItem(title="System design", span=span),),
        notes="Bring a pen.",
        location="",
        zone=BERLIN,
        conference=conference,
        guest=guest,
    )
    return release(event, withheld=[DANA.name, DANA.email, FEMI.name, FEMI.email])


def interviewer_event(
    event_id: EventId | None = None,
    *,
    conference: ConferenceCopy | LinkByHand | None = None,
    seats: tuple[SeatedInterviewer, ...] = (DANA, FEMI),
    attachments: tuple[Attachment, ...] = (),
) -> InterviewerEvent:
    return InterviewerEvent(
        event_id=event_id or new_event_id(),
        marks=marks(EventRole.INTERVIEWER),
        span=MORNING,
        zone=BERLIN,
        briefing=Briefing(
            candidate_name="Ada Quist",
            job_title="Platform engineer",
            interview_title="System design",
            focus="",
            resume_url="",
            scorecard_url="",
            recruiter_name="Priya Raman",
            recruiter_phone="",
            location="",
        ),
        seats=seats,
        conference=conference,
        attachments=attachments,
    )


def keeper_event() -> KeeperEvent:
    return KeeperEvent(
        event_id=new_event_id(),
        marks=marks(EventRole.KEEPER),
        span=MORNING,
        zone=BERLIN,
        conference=ConferenceRequest(new_request_id()),
    )
