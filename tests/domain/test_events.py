from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from scheduler.domain.booking import Rsvp
from scheduler.domain.calls import EventId, EventMarks, EventRole, RequestId
from scheduler.domain.disclosure import ConferenceCopy, ConferenceRequest, JoinUrl, LinkByHand
from scheduler.domain.events import (
    SEAT_WORDS,
    Attachment,
    Briefing,
    ConferenceState,
    InterviewerEvent,
    KeeperEvent,
    ObservedEvent,
    SeatedInterviewer,
    conference_of,
)
from scheduler.domain.plan import SeatKind
from scheduler.domain.timespan import TimeSpan

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
SPAN = TimeSpan(NINE, NINE + timedelta(hours=1))
VIENNA = ZoneInfo("Europe/Vienna")

BRIEFING = Briefing(
    candidate_name="Ada Quist",
    job_title="Engineer",
    interview_title="System design",
    focus="Trade-offs",
    resume_url="https://ats.example/r/1",
    scorecard_url="https://ats.example/s/1",
    recruiter_name="Priya Shah",
    recruiter_phone="+44 20 7946 0123",
    location="",
)
DANA = SeatedInterviewer(email="dana@acme.example", name="Dana Ito", kind=SeatKind.LEAD)
FEMI = SeatedInterviewer(email="femi@acme.example", name="Femi Ade", kind=SeatKind.SHADOW)

INTERVIEW = InterviewerEvent(
    event_id=EventId("0a1b2c"),
    marks=EventMarks("installation", "call", EventRole.INTERVIEWER),
    span=SPAN,
    zone=VIENNA,
    briefing=BRIEFING,
    seats=(DANA, FEMI),
    conference=None,
)

MADE: dict[str, Any] = {
    "conferenceId": "abc-defg-hij",
    "conferenceSolution": {"key": {"type": "hangoutsMeet"}},
    "entryPoints": [
        {"entryPointType": "phone", "uri": "tel:+1"},
        {"entryPointType": "video", "uri": "https://meet.example/abc-defg-hij"},
    ],
    "signature": "signed",
}


def asked(status: str | None, **rest: object) -> dict[str, Any]:
    request: dict[str, Any] = {"requestId": "r1"}
    if status is not None:
        request["status"] = {"statusCode": status}
    return {"conferenceData": {"createRequest": request, **rest}}


@pytest.mark.parametrize(
    ("resource", "state"),
    [
        ({}, None),
        ({"conferenceData": None}, None),
        ({"conferenceData": {}}, None),
        (asked("pending"), ConferenceState.PENDING),
        (asked("failure"), ConferenceState.FAILURE),
        (asked("success", **MADE), ConferenceState.SUCCESS),
        # While pending the address may already be there; the status alone decides.
        (asked("pending", **MADE), ConferenceState.PENDING),
        (asked("failure", **MADE), ConferenceState.FAILURE),
        ({"conferenceData": MADE}, ConferenceState.SUCCESS),
        # A request nobody has answered, as client libraries keep it: no status, no address.
        (asked(None), None),
        (asked(None, **MADE), ConferenceState.SUCCESS),
        (asked("unheard of"), None),
        ({"conferenceData": {"conferenceId": "abc-defg-hij"}}, None),
        (
            {"conferenceData": {"entryPoints": [{"entryPointType": "phone", "uri": "tel:+1"}]}},
            None,
        ),
    ],
)
def test_the_status_code_alone_says_what_became_of_a_conference(
    resource: dict[str, Any], state: ConferenceState | None
) -> None:
    conference = conference_of(resource)
    assert (conference.state if conference else None) == state


def test_a_conference_is_read_with_its_request_id_code_and_video_address() -> None:
    conference = conference_of(asked("success", **MADE))
    assert conference is not None
    assert conference.request_id == "r1"
    assert conference.conference_id == "abc-defg-hij"
    assert conference.join_url == "https://meet.example/abc-defg-hij"


def test_a_pending_conference_has_no_address() -> None:
    conference = conference_of(asked("pending"))
    assert conference is not None
    assert (conference.conference_id, conference.join_url) == ("", "")


def test_a_copy_keeps_the_signature_and_cannot_mint_a_second_room() -> None:
    conference = conference_of(asked("success", **MADE))
    assert conference is not None
    assert json.loads(conference.copy.conference_data) == MADE


def test_siblings_meet_when_code_and_address_are_the_same() -> None:
    conference = conference_of(asked("success", **MADE))
    copied = conference_of({"conferenceData": MADE})
    assert conference is not None
    assert conference.is_same_as(copied)
    assert not conference.is_same_as(None)
    assert not conference.is_same_as(
        conference_of({"conferenceData": {**MADE, "conferenceId": "zzz"}})
    )
    pending = conference_of(asked("pending"))
    assert pending is not None
    assert not pending.is_same_as(pending)


def test_interviewers_are_told_what_they_need() -> None:
    body = INTERVIEW.as_json()
    assert body["summary"] == "Ada Quist · System design"
    for fact in (
        "Candidate: Ada Quist",
        "Role: Engineer",
        "Focus: Trade-offs",
        "Résumé: https://ats.example/r/1",
        "Scorecard: https://ats.example/s/1",
        "- Dana Ito (leads)",
        "- Femi Ade (shadows)",
        "Recruiter: Priya Shah, +44 20 7946 0123",
        "admit",
    ):
        assert fact in body["description"]


def test_what_is_not_known_is_not_mentioned() -> None:
    bare = replace(BRIEFING, focus="", resume_url="", scorecard_url="", recruiter_phone="")
    text = replace(INTERVIEW, briefing=bare).as_json()["description"]
    for word in ("Focus", "Résumé", "Scorecard", "Shah,"):
        assert word not in text


def test_everybody_seated_is_a_guest_and_a_shadow_is_optional() -> None:
    seats = (DANA, replace(FEMI, rsvp=Rsvp.DECLINED))
    assert replace(INTERVIEW, seats=seats).as_json()["attendees"] == [
        {
            "email": "dana@acme.example",
            "displayName": "Dana Ito",
            "optional": False,
            "responseStatus": "needsAction",
        },
        {
            "email": "femi@acme.example",
            "displayName": "Femi Ade",
            "optional": True,
            "responseStatus": "declined",
        },
    ]


@pytest.mark.parametrize("kind", SeatKind)
def test_every_kind_of_seat_has_words(kind: SeatKind) -> None:
    body = replace(INTERVIEW, seats=(replace(DANA, kind=kind),)).as_json()
    assert f"- Dana Ito ({SEAT_WORDS[kind]})" in body["description"]
    optional = kind in (SeatKind.SHADOW, SeatKind.OBSERVER)
    assert body["attendees"][0]["optional"] is optional


def test_an_interviewer_cannot_invite_the_candidate_to_the_wrong_event() -> None:
    body = INTERVIEW.as_json()
    assert body["guestsCanInviteOthers"] is False
    assert body["guestsCanModify"] is False
    assert body["visibility"] == "private"


def test_times_are_told_in_the_events_zone() -> None:
    body = INTERVIEW.as_json()
    assert body["start"] == {"dateTime": "2026-11-23T10:00:00+01:00", "timeZone": "Europe/Vienna"}
    assert body["end"] == {"dateTime": "2026-11-23T11:00:00+01:00", "timeZone": "Europe/Vienna"}


def test_a_conference_is_left_alone_copied_or_cleared() -> None:
    assert "conferenceData" not in INTERVIEW.as_json()
    copied = replace(INTERVIEW, conference=ConferenceCopy(json.dumps(MADE)))
    assert copied.as_json()["conferenceData"] == MADE
    by_hand = replace(INTERVIEW, conference=LinkByHand(JoinUrl("https://zoom.example/1")))
    body = by_hand.as_json()
    assert body["conferenceData"] is None
    assert body["location"] == "https://zoom.example/1"
    assert body["description"].startswith("Join: https://zoom.example/1\n")
    placed = replace(by_hand, briefing=replace(BRIEFING, location="Room 4"))
    assert placed.as_json()["location"] == "Room 4"


def test_files_for_the_panel_are_attached() -> None:
    files = (Attachment("https://drive.example/1", "CV"),)
    assert replace(INTERVIEW, attachments=files).as_json()["attachments"] == [
        {"fileUrl": "https://drive.example/1", "title": "CV"}
    ]


def test_a_keeper_has_no_guests_and_blocks_nobodys_time() -> None:
    keeper = KeeperEvent(
        event_id=EventId("0k"),
        marks=EventMarks("installation", "call", EventRole.KEEPER),
        span=SPAN,
        zone=VIENNA,
        conference=ConferenceRequest(RequestId("r1")),
    )
    body = keeper.as_json()
    assert body["attendees"] == []
    assert body["transparency"] == "transparent"
    assert body["conferenceData"]["createRequest"]["requestId"] == "r1"
    assert "conferenceData" not in replace(keeper, conference=None).as_json()


def test_an_observed_event_is_read_leniently() -> None:
    bare = ObservedEvent({"id": "0a"})
    assert bare.event_id == "0a"
    assert (bare.etag, bare.ical_uid, bare.rsvps) == ("", "", {})
    assert bare.marks is None
    assert bare.conference is None
    assert not bare.is_cancelled


def test_an_observed_event_tells_who_answered_what() -> None:
    seen = ObservedEvent(
        {
            **INTERVIEW.as_json(),
            "etag": '"1"',
            "iCalUID": "0a1b2c@google.com",
            "status": "cancelled",
            "attendees": [
                {"email": "Dana@ACME.example", "responseStatus": "accepted"},
                {"email": "femi@acme.example", "responseStatus": "on the moon"},
                {"email": "gus@acme.example"},
                {"responseStatus": "tentative"},
            ],
        }
    )
    assert seen.is_cancelled
    assert seen.marks == INTERVIEW.marks
    assert seen.ical_uid == "0a1b2c@google.com"
    assert seen.rsvps == {
        "dana@acme.example": Rsvp.ACCEPTED,
        "femi@acme.example": Rsvp.NEEDS_ACTION,
        "gus@acme.example": Rsvp.NEEDS_ACTION,
        "": Rsvp.TENTATIVE,
    }
