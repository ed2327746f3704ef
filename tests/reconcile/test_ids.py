"""Event ids: stored before they are used, and what happens when Google does not take one."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from scheduler.domain.booking import CallState
from scheduler.domain.calls import ConferenceStrategy, new_event_id, new_request_id
from scheduler.models.base import db
from scheduler.models.bookings import Call
from tests import factories
from tests.cast import SCHEDULING, at
from tests.reconcile.meddling import Meddling
from tests.world import Greenroom


@pytest.mark.parametrize("role", ["candidate", "interviewer", "keeper"])
def test_one_that_google_takes_for_used_and_does_not_show_is_replaced(
    greenroom: Greenroom, role: str
) -> None:
    # A deleted event's id stays taken after Google has forgotten the event (GOOGLE.md 6.1).
    strategy = ConferenceStrategy.KEEPER_EVENT_MINTS
    application = factories.application(factories.stage(strategy=strategy))
    booking = greenroom.booking(greenroom.book(application, at("Mon 10:00")))
    burned = {
        "candidate": booking.calls[0].candidate_event_id,
        "interviewer": booking.interviews[0].event_id,
        "keeper": booking.calls[0].keeper_event_id,
    }[role]
    db.session.rollback()

    def refuse(method: str, uri: str, body: Any) -> None:
        if method == "POST" and (body or {}).get("id") == burned:
            greenroom.google.add_fault(status=409, reason="duplicate", count=1, path="/events")

    greenroom.http = Meddling(greenroom, refuse)

    booking = greenroom.settle(booking.id)

    assert booking.applied_revision == 1
    assert burned not in {event["id"] for event in greenroom.organizer_events()}
    assert len(greenroom.organizer_events()) == 3


def test_one_that_another_installation_took_is_left_to_it(greenroom: Greenroom) -> None:
    # As after a restored database: the id is ours, the event under it is not.
    booking = greenroom.booking(greenroom.book(factories.application(), at("Mon 10:00")))
    call = booking.calls[0]
    taken = call.candidate_event_id
    foreign = {
        "greenroomInstallation": str(uuid.uuid4()),
        "greenroomCall": str(call.id),
        "greenroomRole": "candidate",
    }
    scheduling = greenroom.google.issue_access_token(
        SCHEDULING.email, ["https://www.googleapis.com/auth/calendar"]
    )
    path = f"/calendar/v3/calendars/{call.calendar_id}/events"
    google, head = (
        greenroom.emulator_app.test_client(),
        {"Authorization": f"Bearer {scheduling}"},
    )
    body = {
        "id": taken,
        "summary": "Somebody else's interview",
        "start": {"dateTime": at("Mon 10:00").isoformat()},
        "end": {"dateTime": at("Mon 10:45").isoformat()},
        "extendedProperties": {"private": foreign},
    }
    theirs = google.post(path, json=body, headers=head).json
    db.session.rollback()

    booking = greenroom.settle(booking.id)
    greenroom.cancel(booking.id)
    greenroom.settle(booking.id)

    assert booking.calls[0].candidate_event_id != taken
    assert google.get(f"{path}/{taken}", headers=head).json == theirs
    assert [event["id"] for event in greenroom.organizer_events()] == [taken]


def test_of_an_interview_that_has_changed_call_is_still_known_when_it_is_cancelled(
    greenroom: Greenroom,
) -> None:
    booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))
    before = booking.calls[0]
    # As `reschedule` leaves it, before any pass has written the new tag.
    before.state = CallState.REMOVED
    booking.interviews[0].call = Call(
        id=uuid.uuid4(),
        booking_id=booking.id,
        number=1,
        loop_day=before.loop_day,
        calendar_id=before.calendar_id,
        candidate_event_id=new_event_id(),
        keeper_event_id=new_event_id(),
        conference_request_id=new_request_id(),
    )
    db.session.commit()

    greenroom.cancel(booking.id)
    greenroom.settle(booking.id)

    assert greenroom.organizer_events() == []
