from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from scheduler.domain.calls import EventId, EventRole, new_event_id, new_request_id
from scheduler.domain.diff import SendUpdates
from scheduler.domain.disclosure import (
    ConferenceCopy,
    ConferenceRequest,
    JoinUrl,
    LinkByHand,
    SealedPayload,
)
from scheduler.domain.events import Attachment, Conference, ConferenceState, ObservedEvent
from scheduler.emulator.server import Emulator
from scheduler.google.calendar import CalendarFacts, CalendarGateway
from scheduler.google.client import Google
from scheduler.google.credentials import SCOPES, from_refresh_token
from scheduler.google.errors import (
    ConferenceNotAllowed,
    EditedMeanwhile,
    EventExists,
    EventGone,
    NotAllowed,
    NotConnected,
    QuotaExceeded,
    RateLimited,
    Unreachable,
)
from tests.google.canned import Canned, answer, google_at, refusal
from tests.google.conftest import BASE_URL, SCHEDULING
from tests.google.events import (
    ADA,
    DANA,
    FEMI,
    INSTALLATION,
    MORNING,
    candidate_payload,
    interviewer_event,
    keeper_event,
    marks,
)
from tests.google.wsgi_http import WsgiHttp

ALL, NONE = SendUpdates.ALL, SendUpdates.NONE


def test_the_candidate_event_asks_for_a_conference_and_gets_one(
    gateway: CalendarGateway, loops: str
) -> None:
    made = minted(gateway, loops)
    conference = conference_of(made)
    assert conference.state is ConferenceState.SUCCESS
    assert conference.join_url.startswith(f"{BASE_URL}/meet/")
    assert made.marks == marks(EventRole.CANDIDATE)
    assert made.etag


def test_a_copied_conference_keeps_its_id_and_its_address(
    gateway: CalendarGateway, loops: str
) -> None:
    origin = conference_of(minted(gateway, loops))
    event = interviewer_event(conference=origin.copy)
    gateway.insert_internal_event(loops, event, send_updates=ALL)
    sibling = stored(gateway, loops, event.event_id)
    assert origin.is_same_as(sibling.conference)
    assert sibling.rsvps.keys() == {DANA.email, FEMI.email}


@pytest.mark.parametrize("tampering", [{"signature": None}, {"signature": "forged"}])
def test_a_copy_that_google_does_not_trust_is_dropped_in_silence_and_missed_on_reading_back(
    gateway: CalendarGateway, loops: str, tampering: dict[str, Any]
) -> None:
    origin = conference_of(minted(gateway, loops))
    data = {**json.loads(origin.copy.conference_data), **tampering}
    copy = ConferenceCopy(json.dumps({key: value for key, value in data.items() if value}))
    event = interviewer_event(conference=copy)
    gateway.insert_internal_event(loops, event, send_updates=ALL)
    assert stored(gateway, loops, event.event_id).conference is None


def test_the_keeper_event_mints_without_guests(gateway: CalendarGateway, loops: str) -> None:
    made = gateway.insert_internal_event(loops, keeper_event(), send_updates=NONE)
    assert conference_of(made).state is ConferenceState.SUCCESS
    assert made.rsvps == {}


def test_publishing_adds_the_candidate_and_leaves_the_conference_alone(
    gateway: CalendarGateway, loops: str, emulator: Emulator
) -> None:
    made = minted(gateway, loops)
    assert emulator.outbox() == []
    published = gateway.patch_candidate_event(
        loops, candidate_payload(made.event_id, guest=ADA), if_match=made.etag, send_updates=ALL
    )
    assert published.rsvps.keys() == {ADA.email}
    assert conference_of(made).is_same_as(published.conference)
    assert [mail["to"] for mail in emulator.outbox()] == [[ADA.email]]


def test_a_reschedule_moves_the_times_and_keeps_the_conference(
    gateway: CalendarGateway, loops: str
) -> None:
    made = minted(gateway, loops)
    later = MORNING.moved(timedelta(days=1))
    payload = candidate_payload(made.event_id, span=later, guest=ADA)
    moved = gateway.patch_candidate_event(loops, payload, if_match=made.etag, send_updates=ALL)
    assert moved.resource["start"]["dateTime"].startswith(f"{later.start.date()}")
    assert conference_of(made).is_same_as(moved.conference)


def test_a_link_by_hand_takes_the_place_of_the_conference(
    gateway: CalendarGateway, loops: str
) -> None:
    made = minted(gateway, loops)
    by_hand = LinkByHand(JoinUrl("https://meet.example/room"))
    payload = candidate_payload(made.event_id, conference=by_hand)
    patched = gateway.patch_candidate_event(loops, payload, if_match=made.etag, send_updates=NONE)
    assert patched.conference is None
    assert patched.resource["location"] == "https://meet.example/room"


def test_a_swap_replaces_the_guest_list_and_clears_what_is_gone(
    gateway: CalendarGateway, loops: str
) -> None:
    file = Attachment("https://drive.example/open?id=1", "Résumé")
    event = interviewer_event(attachments=(file,))
    made = gateway.insert_internal_event(loops, event, send_updates=ALL)
    assert [kept["fileUrl"] for kept in made.resource["attachments"]] == [file.url]
    swapped = gateway.patch_internal_event(
        loops,
        replace(event, seats=(FEMI,), attachments=()),
        if_match=made.etag,
        send_updates=ALL,
    )
    assert swapped.rsvps.keys() == {FEMI.email}
    assert not swapped.resource.get("attachments")


def test_a_failed_conference_is_asked_for_again_with_a_new_request(
    gateway: CalendarGateway, loops: str, emulator: Emulator
) -> None:
    emulator.set_conference(outcome="failure")
    made = minted(gateway, loops)
    assert conference_of(made).state is ConferenceState.FAILURE
    emulator.set_conference(outcome="success")
    again = new_request_id()
    asked = gateway.request_conference_again(loops, made.event_id, again, if_match=made.etag)
    conference = conference_of(asked)
    assert (conference.state, conference.request_id) == (ConferenceState.SUCCESS, again)
    assert asked.resource["summary"] == made.resource["summary"]
    assert emulator.outbox() == []


def test_a_pending_conference_is_seen_as_pending(
    gateway: CalendarGateway, loops: str, emulator: Emulator
) -> None:
    emulator.set_conference(latency=None)
    assert conference_of(minted(gateway, loops)).state is ConferenceState.PENDING


def test_an_event_nobody_made_is_none(gateway: CalendarGateway, loops: str) -> None:
    assert gateway.get_event(loops, new_event_id()) is None
    assert gateway.get_event("nowhere@group.calendar.google.com", new_event_id()) is None


def test_a_deleted_event_is_seen_as_cancelled_and_its_id_stays_taken(
    gateway: CalendarGateway, loops: str
) -> None:
    payload = candidate_payload()
    gateway.insert_candidate_event(loops, payload, send_updates=NONE)
    gateway.delete_event(loops, payload.event_id, send_updates=ALL)
    assert stored(gateway, loops, payload.event_id).is_cancelled
    with pytest.raises(EventExists):
        gateway.insert_candidate_event(loops, payload, send_updates=NONE)


def test_deleting_twice_is_deleting_once(gateway: CalendarGateway, loops: str) -> None:
    made = minted(gateway, loops)
    gateway.delete_event(loops, made.event_id, send_updates=ALL)
    gateway.delete_event(loops, made.event_id, send_updates=ALL)
    gateway.delete_event(loops, new_event_id(), send_updates=ALL)
    gateway.delete_event("nowhere@group.calendar.google.com", made.event_id, send_updates=ALL)


def test_a_write_on_an_old_etag_is_refused(gateway: CalendarGateway, loops: str) -> None:
    made = minted(gateway, loops)
    payload = candidate_payload(made.event_id, guest=ADA)
    gateway.patch_candidate_event(loops, payload, if_match=made.etag, send_updates=ALL)
    with pytest.raises(EditedMeanwhile):
        gateway.patch_candidate_event(loops, payload, if_match=made.etag, send_updates=ALL)
    with pytest.raises(EditedMeanwhile):
        gateway.request_conference_again(loops, made.event_id, new_request_id(), if_match=made.etag)
    with pytest.raises(EditedMeanwhile):
        gateway.delete_event(loops, made.event_id, send_updates=ALL, if_match=made.etag)
    assert not stored(gateway, loops, made.event_id).is_cancelled


def test_an_answer_counts_as_an_edit(
    gateway: CalendarGateway, loops: str, emulator: Emulator
) -> None:
    event = interviewer_event()
    made = gateway.insert_internal_event(loops, event, send_updates=ALL)
    assert emulator.rsvp(DANA.email, event.event_id, "declined")
    with pytest.raises(EditedMeanwhile):
        gateway.patch_internal_event(loops, event, if_match=made.etag, send_updates=ALL)


def test_a_write_without_an_etag_is_a_mistake_of_ours(gateway: CalendarGateway, loops: str) -> None:
    made = minted(gateway, loops)
    with pytest.raises(ValueError, match="etag"):
        gateway.patch_candidate_event(
            loops, candidate_payload(made.event_id), if_match="", send_updates=NONE
        )


def test_patching_what_is_not_there_says_so(gateway: CalendarGateway, loops: str) -> None:
    with pytest.raises(EventGone):
        gateway.patch_internal_event(loops, interviewer_event(), if_match='"1"', send_updates=ALL)


@pytest.mark.parametrize("body", [{}, {"attendees": [{"email": DANA.email}]}, None])
def test_a_candidate_event_is_written_from_a_sealed_payload_only(
    gateway: CalendarGateway, loops: str, http: WsgiHttp, body: object
) -> None:
    smuggled = cast(SealedPayload, body)
    with pytest.raises(TypeError):
        gateway.insert_candidate_event(loops, smuggled, send_updates=NONE)
    with pytest.raises(TypeError):
        gateway.patch_candidate_event(loops, smuggled, if_match='"1"', send_updates=NONE)
    assert not any(sent.is_write for sent in http.sent)


def test_every_write_says_whom_to_mail_and_keeps_conferences(
    gateway: CalendarGateway, loops: str, http: WsgiHttp
) -> None:
    made = minted(gateway, loops)
    payload = candidate_payload(made.event_id, guest=ADA)
    gateway.patch_candidate_event(loops, payload, if_match=made.etag, send_updates=ALL)
    event = interviewer_event(conference=conference_of(made).copy)
    sibling = gateway.insert_internal_event(loops, event, send_updates=ALL)
    sibling = gateway.patch_internal_event(
        loops, replace(event, conference=None), if_match=sibling.etag, send_updates=NONE
    )
    sibling = gateway.request_conference_again(
        loops, event.event_id, new_request_id(), if_match=sibling.etag
    )
    gateway.delete_event(loops, event.event_id, send_updates=ALL, if_match=sibling.etag)

    writes = [sent for sent in http.sent if sent.is_write]
    assert [sent.method for sent in writes] == ["POST", "PATCH", "POST", "PATCH", "PATCH", "DELETE"]
    assert [sent.parameters["sendUpdates"] for sent in writes] == [
        "none", "all", "all", "none", "none", "all",
    ]  # fmt: skip
    for sent in writes[:-1]:
        assert sent.parameters["conferenceDataVersion"] == "1"
    for sent in writes:
        assert ("if-match" in sent.headers) == (sent.method != "POST")
        assert ("id" in (sent.resource or {})) == (sent.method == "POST")
    has_conference = ["conferenceData" in sent.resource for sent in writes[:-1]]
    assert has_conference == [True, False, True, False, True]
    for sent in writes[:-1]:
        says_attachments = sent.parameters["supportsAttachments"] == "true"
        assert says_attachments == ("attachments" in sent.resource)
    assert writes[4].resource.keys() == {"conferenceData"}


def test_tagged_events_are_ours_and_nobody_elses(gateway: CalendarGateway, loops: str) -> None:
    mine = minted(gateway, loops)
    deleted = minted(gateway, loops)
    gateway.delete_event(loops, deleted.event_id, send_updates=NONE)
    foreign = candidate_payload(installation="another")
    gateway.insert_candidate_event(loops, foreign, send_updates=NONE)
    found = list(gateway.tagged_events(loops, INSTALLATION))
    assert [event.event_id for event in found] == [mine.event_id]
    assert found[0].marks == marks(EventRole.CANDIDATE)


def test_tagged_events_come_page_by_page() -> None:
    app = Canned(
        [
            answer({"items": [{"id": "a1"}], "nextPageToken": "more"}),
            answer({"nextPageToken": "still more"}),
            refusal(503, "backendError"),
            answer({"items": [{"id": "b2"}, {"id": "c3"}]}),
        ]
    )
    http = WsgiHttp(app)
    events = CalendarGateway(google_at(app, http=http)).tagged_events("loops", INSTALLATION)
    assert app.asked == []
    assert [event.event_id for event in events] == ["a1", "b2", "c3"]
    lists = [sent.parameters for sent in http.sent if sent.path.endswith("/events")]
    assert [sent.get("pageToken") for sent in lists] == [None, "more", "still more", "still more"]
    assert {sent["privateExtendedProperty"] for sent in lists} == {
        f"greenroomInstallation={INSTALLATION}"
    }


def test_an_organizer_calendar_is_made_and_found(gateway: CalendarGateway) -> None:
    made = gateway.make_calendar("Acme interviews", ZoneInfo("Europe/Berlin"), "By Greenroom.")
    facts = gateway.find_calendar(made)
    assert facts == CalendarFacts(made, "Acme interviews", ("hangoutsMeet",))
    assert facts.can_make_meet
    assert gateway.find_calendar("nowhere@group.calendar.google.com") is None


def test_a_calendar_without_meet_is_told_apart() -> None:
    app = Canned([answer({"id": "c", "summary": "Old", "conferenceProperties": {}})])
    facts = CalendarGateway(google_at(app)).find_calendar("c")
    assert facts is not None
    assert not facts.can_make_meet


def test_meet_that_cannot_be_had_leaves_no_event_behind() -> None:
    app = Canned([refusal(400, "invalid", "Invalid conference type value.")])
    with pytest.raises(ConferenceNotAllowed):
        minted(CalendarGateway(google_at(app)), "loops")


def test_an_insert_whose_answer_is_lost_exists_on_the_next_look(
    gateway: CalendarGateway, loops: str, emulator: Emulator
) -> None:
    emulator.add_fault(status=503, when="after", method="POST", path="/events$")
    payload = candidate_payload()
    with pytest.raises(EventExists):
        gateway.insert_candidate_event(loops, payload, send_updates=NONE)
    assert stored(gateway, loops, payload.event_id).marks == marks(EventRole.CANDIDATE)


def test_a_patch_whose_answer_is_lost_looks_edited(
    gateway: CalendarGateway, loops: str, emulator: Emulator
) -> None:
    made = minted(gateway, loops)
    emulator.add_fault(status=503, when="after", method="PATCH")
    payload = candidate_payload(made.event_id, guest=ADA)
    with pytest.raises(EditedMeanwhile):
        gateway.patch_candidate_event(loops, payload, if_match=made.etag, send_updates=ALL)
    assert stored(gateway, loops, made.event_id).rsvps.keys() == {ADA.email}


def test_a_deletion_whose_answer_is_lost_is_done(
    gateway: CalendarGateway, loops: str, emulator: Emulator
) -> None:
    made = minted(gateway, loops)
    emulator.add_fault(status=503, when="after", method="DELETE")
    gateway.delete_event(loops, made.event_id, send_updates=ALL)
    assert stored(gateway, loops, made.event_id).is_cancelled


@pytest.mark.parametrize(
    ("fault", "meaning"),
    [
        ({"status": 503, "reason": "backendError", "count": 9}, Unreachable),
        ({"status": 429, "reason": "rateLimitExceeded", "count": 9}, RateLimited),
        ({"status": 403, "reason": "quotaExceeded"}, QuotaExceeded),
        ({"status": 403, "reason": "forbidden"}, NotAllowed),
        ({"status": 401, "reason": "authError", "count": 2}, NotConnected),
    ],
)
def test_trouble_that_stays_reaches_the_caller_by_name(
    gateway: CalendarGateway,
    loops: str,
    emulator: Emulator,
    fault: dict[str, Any],
    meaning: type[Exception],
) -> None:
    emulator.add_fault(**fault)
    with pytest.raises(meaning):
        gateway.get_event(loops, new_event_id())


def test_a_token_that_runs_out_is_renewed_unnoticed(
    gateway: CalendarGateway, loops: str, emulator: Emulator
) -> None:
    emulator.set_clock_offset(seconds=7200)
    assert gateway.find_calendar(loops) is not None


def test_an_account_that_takes_its_consent_back_is_not_connected(
    gateway: CalendarGateway, loops: str, emulator: Emulator
) -> None:
    emulator.revoke_all(SCHEDULING)
    with pytest.raises(NotConnected):
        gateway.find_calendar(loops)


def test_a_scope_that_was_not_granted_is_not_allowed(emulator: Emulator, http: WsgiHttp) -> None:
    [_, free_busy] = SCOPES
    refresh_token = emulator.issue_refresh_token(SCHEDULING, [free_busy])
    google = Google(
        f"{BASE_URL}/calendar/v3/",
        lambda: from_refresh_token(
            refresh_token,
            client_id="greenroom",
            client_secret="s3cret",
            token_uri=f"{BASE_URL}/token",
            scopes=[free_busy],
        ),
        http_factory=lambda: http,
    )
    with pytest.raises(NotAllowed) as error:
        CalendarGateway(google).make_calendar("Interviews", ZoneInfo("UTC"), "")
    assert error.value.reason == "insufficientPermissions"


def minted(gateway: CalendarGateway, calendar_id: str) -> ObservedEvent:
    payload = candidate_payload(conference=ConferenceRequest(new_request_id()))
    gateway.insert_candidate_event(calendar_id, payload, send_updates=NONE)
    return stored(gateway, calendar_id, payload.event_id)


def stored(gateway: CalendarGateway, calendar_id: str, event_id: EventId) -> ObservedEvent:
    event = gateway.get_event(calendar_id, event_id)
    assert event is not None
    return event


def conference_of(event: ObservedEvent) -> Conference:
    assert event.conference is not None
    return event.conference
