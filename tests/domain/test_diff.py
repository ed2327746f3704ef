from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.calls import EventId, EventMarks, EventRole, RequestId
from scheduler.domain.diff import (
    TOLD_TO_CANDIDATE,
    TOLD_TO_INTERVIEWERS,
    Aspect,
    Insert,
    Patch,
    SendUpdates,
    differing,
    plan_change,
)
from scheduler.domain.disclosure import (
    AgendaItem,
    CandidateEvent,
    CandidateGuest,
    ConferenceCopy,
    ConferenceRequest,
    JoinUrl,
    LinkByHand,
    release,
)
from scheduler.domain.events import (
    Attachment,
    Briefing,
    InterviewerEvent,
    KeeperEvent,
    ObservedEvent,
    SeatedInterviewer,
)
from scheduler.domain.plan import SeatKind
from scheduler.domain.timespan import TimeSpan

Body = dict[str, Any]

ROOM: Body = {
    "conferenceId": "abc-defg-hij",
    "conferenceSolution": {"key": {"type": "hangoutsMeet"}},
    "entryPoints": [{"entryPointType": "video", "uri": "https://meet.example/abc-defg-hij"}],
    "signature": "signed",
}

texts = st.text(max_size=30)
zones = st.sampled_from([ZoneInfo("Europe/Vienna"), ZoneInfo("Asia/Kolkata"), ZoneInfo("UTC")])
ids = st.text(alphabet="0123456789abcdefghijklmnopqrstuv", min_size=5, max_size=20).map(EventId)
emails = st.from_regex(r"[a-zA-Z]{1,8}@(acme|candidate)\.example", fullmatch=True)
copies = st.just(ConferenceCopy(json.dumps(ROOM)))
links = st.just(LinkByHand(JoinUrl("https://zoom.example/1")))
requests = st.just(ConferenceRequest(RequestId("r1")))


@st.composite
def spans(draw: st.DrawFn) -> TimeSpan:
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=draw(st.integers(0, 900_000)))
    return TimeSpan(start, start + timedelta(minutes=draw(st.integers(15, 480))))


@st.composite
def candidate_bodies(draw: st.DrawFn) -> Body:
    event = CandidateEvent(
        event_id=draw(ids),
        marks=EventMarks("installation", draw(texts), EventRole.CANDIDATE),
        title=draw(texts),
        agenda=tuple(
            AgendaItem(title=draw(texts), span=span)
            for span in draw(st.lists(spans(), min_size=1, max_size=3))
        ),
        notes=draw(texts),
        location=draw(texts),
        zone=draw(zones),
        conference=draw(st.none() | requests | copies | links),
        guest=draw(st.none() | st.builds(CandidateGuest, email=emails, name=texts)),
    )
    return release(event, []).as_json()


@st.composite
def interviewer_bodies(draw: st.DrawFn) -> Body:
    event = InterviewerEvent(
        event_id=draw(ids),
        marks=EventMarks("installation", draw(texts), EventRole.INTERVIEWER),
        span=draw(spans()),
        zone=draw(zones),
        briefing=draw(st.builds(Briefing, **dict.fromkeys(Briefing.__slots__, texts))),
        seats=tuple(
            draw(
                st.lists(
                    st.builds(
                        SeatedInterviewer, email=emails, name=texts, kind=st.sampled_from(SeatKind)
                    ),
                    max_size=4,
                )
            )
        ),
        conference=draw(st.none() | copies | links),
        attachments=tuple(draw(st.lists(st.builds(Attachment, texts, texts), max_size=2))),
    )
    return event.as_json()


@st.composite
def keeper_bodies(draw: st.DrawFn) -> Body:
    event = KeeperEvent(
        event_id=draw(ids),
        marks=EventMarks("installation", draw(texts), EventRole.KEEPER),
        span=draw(spans()),
        zone=draw(zones),
        conference=draw(st.none() | requests),
    )
    return event.as_json()


bodies = candidate_bodies() | interviewer_bodies() | keeper_bodies()


def as_google_shows(body: Body, before: Body | None = None) -> Body:
    """The resource that Google would show once `body` was written over `before`.

    It leaves out what is empty or has its default, writes times in its own way, adds fields of
    its own, and answers a request for a conference with a room.
    """
    shown = copy.deepcopy({**(before or {}), **body})
    for name, default in {
        "guestsCanSeeOtherGuests": True,
        "guestsCanInviteOthers": True,
        "guestsCanModify": False,
        "visibility": "default",
        "attendees": [],
        "attachments": [],
        "description": "",
        "location": "",
        "conferenceData": None,
    }.items():
        if shown.get(name) == default:
            shown.pop(name, None)
    for end in ("start", "end"):
        moment = datetime.fromisoformat(shown[end]["dateTime"]).astimezone(UTC)
        shown[end] = {"dateTime": f"{moment:%Y-%m-%dT%H:%M:%SZ}", "timeZone": "UTC"}
    for text in ("summary", "description", "location"):
        if text in shown:
            shown[text] = shown[text].strip()
    for guest in shown.get("attendees", []):
        guest["email"] = guest["email"].lower()
        if not guest.get("optional"):
            guest.pop("optional", None)
    request = shown.get("conferenceData", {}).get("createRequest")
    if request:
        shown["conferenceData"] = {
            **ROOM,
            "createRequest": {**request, "status": {"statusCode": "success"}},
        }
        shown["hangoutLink"] = ROOM["entryPoints"][0]["uri"]
    shown["extendedProperties"].setdefault("private", {})["somebody-elses"] = "tag"
    return {
        **shown,
        "kind": "calendar#event",
        "etag": '"7"',
        "iCalUID": f"{body['id']}@google.com",
        "sequence": 3,
        "updated": "2026-11-23T09:00:00.000Z",
        "creator": {"email": "interviews@acme.example"},
        "organizer": {"email": "interviews@acme.example", "self": True},
    }


@settings(deadline=None)
@given(bodies)
def test_what_was_inserted_leaves_no_difference(body: Body) -> None:
    assert plan_change(body, None) == Insert(EventId(body["id"]))
    assert plan_change(body, ObservedEvent(as_google_shows(body))) is None


@settings(deadline=None)
@given(bodies, bodies)
def test_one_patch_brings_agreement_and_the_next_pass_finds_nothing_to_do(
    wanted: Body, found: Body
) -> None:
    found = {**found, "id": wanted["id"]}
    before = as_google_shows(found)
    change = plan_change(wanted, ObservedEvent(before))
    if change is None:
        return
    assert isinstance(change, Patch)
    assert change.if_match == '"7"'
    after = as_google_shows(wanted, before=before)
    assert plan_change(wanted, ObservedEvent(after)) is None


BODY: Body = InterviewerEvent(
    event_id=EventId("0a1b2c"),
    marks=EventMarks("installation", "call", EventRole.INTERVIEWER),
    span=TimeSpan(datetime(2026, 11, 23, 9, tzinfo=UTC), datetime(2026, 11, 23, 10, tzinfo=UTC)),
    zone=ZoneInfo("Europe/Vienna"),
    briefing=Briefing(
        candidate_name="Ada Quist",
        job_title="Engineer",
        interview_title="System design",
        focus="",
        resume_url="",
        scorecard_url="",
        recruiter_name="Priya Shah",
        recruiter_phone="",
        location="Room 4",
    ),
    seats=(
        SeatedInterviewer(email="dana@acme.example", name="Dana Ito", kind=SeatKind.LEAD),
        SeatedInterviewer(email="femi@acme.example", name="Femi Ade", kind=SeatKind.SHADOW),
    ),
    conference=ConferenceCopy(json.dumps(ROOM)),
    attachments=(Attachment("https://drive.example/1", "CV"),),
).as_json()


def edited(**fields: Any) -> Callable[[Body], Body]:
    return lambda resource: {**resource, **fields}


def without(field: str) -> Callable[[Body], Body]:
    return lambda resource: {name: value for name, value in resource.items() if name != field}


def guests(*emails: str) -> list[dict[str, str]]:
    return [{"email": email} for email in emails]


EDITS: dict[str, tuple[Callable[[Body], Body], Aspect]] = {
    "a later start": (edited(start={"dateTime": "2026-11-23T09:30:00Z"}), Aspect.TIME),
    "an earlier end": (edited(end={"dateTime": "2026-11-23T10:45:00+01:00"}), Aspect.TIME),
    "a whole day": (edited(start={"date": "2026-11-23"}), Aspect.TIME),
    "no start": (without("start"), Aspect.TIME),
    "another title": (edited(summary="Lunch"), Aspect.TITLE),
    "no title": (without("summary"), Aspect.TITLE),
    "another text": (edited(description="Lunch"), Aspect.TEXT),
    "no text": (without("description"), Aspect.TEXT),
    "another place": (edited(location="Canteen"), Aspect.PLACE),
    "no place": (without("location"), Aspect.PLACE),
    "a guest gone": (edited(attendees=guests("dana@acme.example")), Aspect.GUESTS),
    "nobody": (without("attendees"), Aspect.GUESTS),
    "a stranger": (
        edited(attendees=[*BODY["attendees"], *guests("eve@evil.example")]),
        Aspect.GUESTS,
    ),
    "a shadow made required": (
        edited(attendees=guests("dana@acme.example", "femi@acme.example")),
        Aspect.GUESTS,
    ),
    "no conference": (without("conferenceData"), Aspect.CONFERENCE),
    "another room": (
        edited(conferenceData={**ROOM, "conferenceId": "zzz-zzzz-zzz"}),
        Aspect.CONFERENCE,
    ),
    "another address": (
        edited(
            conferenceData={
                **ROOM,
                "entryPoints": [{"entryPointType": "video", "uri": "https://meet.example/zzz"}],
            }
        ),
        Aspect.CONFERENCE,
    ),
    "a file gone": (without("attachments"), Aspect.ATTACHMENTS),
    "deleted": (edited(status="cancelled"), Aspect.MANNERS),
    "guests may invite": (without("guestsCanInviteOthers"), Aspect.MANNERS),
    "guests may edit": (edited(guestsCanModify=True), Aspect.MANNERS),
    "guests hidden": (edited(guestsCanSeeOtherGuests=False), Aspect.MANNERS),
    "public": (edited(visibility="public"), Aspect.MANNERS),
    "tags gone": (without("extendedProperties"), Aspect.TAGS),
    "tags of another call": (
        edited(
            extendedProperties={
                "private": {**BODY["extendedProperties"]["private"], "greenroomCall": "x"}
            }
        ),
        Aspect.TAGS,
    ),
}


@pytest.mark.parametrize(("edit", "aspect"), EDITS.values(), ids=EDITS.keys())
def test_each_edit_is_found_and_nothing_else(edit: Callable[[Body], Body], aspect: Aspect) -> None:
    assert differing(BODY, edit(as_google_shows(BODY))) == {aspect}


def test_every_aspect_is_covered_by_an_edit() -> None:
    assert {aspect for _, aspect in EDITS.values()} == set(Aspect)


NOT_OURS = {
    "answers": edited(
        attendees=[
            {**guest, "responseStatus": "declined", "comment": "ill"} for guest in BODY["attendees"]
        ]
    ),
    "names of guests": edited(
        attendees=[{**guest, "displayName": "Somebody"} for guest in BODY["attendees"]]
    ),
    "the order of guests": edited(attendees=BODY["attendees"][::-1]),
    "the organizer as a guest": edited(
        attendees=[*BODY["attendees"], {"email": "interviews@acme.example", "organizer": True}]
    ),
    "reminders and colour": edited(reminders={"useDefault": True}, colorId="7"),
    "another spelling of the time": edited(
        start={"dateTime": "2026-11-23T04:00:00-05:00", "timeZone": "America/New_York"}
    ),
    "tags of others": edited(
        extendedProperties={
            "private": {**BODY["extendedProperties"]["private"], "other": "x"},
            "shared": {"greenroomCall": "x"},
        }
    ),
    "the phone numbers of a room": edited(
        conferenceData={
            **ROOM,
            "entryPoints": [
                *ROOM["entryPoints"],
                {"entryPointType": "phone", "uri": "tel:+1", "pin": "1"},
            ],
        }
    ),
}


@pytest.mark.parametrize("edit", NOT_OURS.values(), ids=NOT_OURS.keys())
def test_what_we_do_not_own_is_no_difference(edit: Callable[[Body], Body]) -> None:
    assert differing(BODY, edit(as_google_shows(BODY))) == frozenset()


def test_a_conference_that_was_asked_for_or_left_alone_is_right_whatever_it_is() -> None:
    seen = as_google_shows(BODY)
    left_alone = without("conferenceData")(BODY)
    asked_for = {**BODY, "conferenceData": {"createRequest": {"requestId": "r1"}}}
    for resource in (seen, without("conferenceData")(seen)):
        assert differing(left_alone, resource) == frozenset()
        assert differing(asked_for, resource) == frozenset()


def test_a_link_by_hand_clears_a_room_that_is_there_once() -> None:
    by_hand = {**BODY, "conferenceData": None}
    assert differing(by_hand, as_google_shows(BODY)) == {Aspect.CONFERENCE}
    assert differing(by_hand, without("conferenceData")(as_google_shows(BODY))) == frozenset()


@pytest.mark.parametrize(
    ("aspect", "to_interviewers", "to_candidate"),
    [
        (Aspect.TIME, SendUpdates.ALL, SendUpdates.ALL),
        (Aspect.GUESTS, SendUpdates.ALL, SendUpdates.ALL),
        (Aspect.CONFERENCE, SendUpdates.ALL, SendUpdates.ALL),
        (Aspect.PLACE, SendUpdates.ALL, SendUpdates.ALL),
        (Aspect.TITLE, SendUpdates.NONE, SendUpdates.ALL),
        (Aspect.TEXT, SendUpdates.NONE, SendUpdates.ALL),
        (Aspect.ATTACHMENTS, SendUpdates.NONE, SendUpdates.NONE),
        (Aspect.MANNERS, SendUpdates.NONE, SendUpdates.NONE),
        (Aspect.TAGS, SendUpdates.NONE, SendUpdates.NONE),
    ],
)
def test_people_are_told_what_concerns_them_and_of_no_repair(
    aspect: Aspect, to_interviewers: SendUpdates, to_candidate: SendUpdates
) -> None:
    patch = Patch(EventId("0a"), '"7"', frozenset({aspect}))
    assert patch.send_updates(TOLD_TO_INTERVIEWERS) is to_interviewers
    assert patch.send_updates(TOLD_TO_CANDIDATE) is to_candidate


def test_one_thing_to_tell_among_repairs_is_told() -> None:
    patch = Patch(EventId("0a"), '"7"', frozenset({Aspect.TAGS, Aspect.TIME}))
    assert patch.send_updates(TOLD_TO_INTERVIEWERS) is SendUpdates.ALL
