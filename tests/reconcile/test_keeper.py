"""The keeper event mints for both sides: what becomes of the room when either event goes."""

from __future__ import annotations

from typing import Any

from scheduler.domain.booking import Attention
from scheduler.domain.calls import ConferenceStrategy
from tests import factories
from tests.cast import ADA, DANA, at
from tests.reconcile.meddling import Meddling, delete_by_hand
from tests.world import Greenroom


def keeper_application() -> int:
    return factories.application(factories.stage(strategy=ConferenceStrategy.KEEPER_EVENT_MINTS))


def test_deleted_by_hand_leaves_the_candidates_event_where_it_is(greenroom: Greenroom) -> None:
    booking = greenroom.settle(greenroom.book(keeper_application(), at("Mon 10:00")))
    call = booking.calls[0]
    [before] = greenroom.events_of(ADA)
    delete_by_hand(greenroom, call.calendar_id, call.keeper_event_id)

    booking = greenroom.settle(booking.id)

    [ada], [dana] = greenroom.events_of(ADA), greenroom.events_of(DANA)
    assert ada["id"] == before["id"]
    assert ada["hangoutLink"] == dana["hangoutLink"] == booking.calls[0].join_url
    assert len(greenroom.organizer_events()) == 3


def test_stays_when_the_candidates_event_is_deleted(greenroom: Greenroom) -> None:
    booking = greenroom.settle(greenroom.book(keeper_application(), at("Mon 10:00")))
    call = booking.calls[0]
    room = call.join_url
    delete_by_hand(greenroom, call.calendar_id, call.candidate_event_id)

    booking = greenroom.settle(booking.id)

    assert booking.calls[0].join_url == room == greenroom.events_of(ADA)[0]["hangoutLink"]
    assert len(greenroom.organizer_events()) == 3


def test_a_copy_dropped_from_the_candidates_event_alone_invites_nobody(
    greenroom: Greenroom,
) -> None:
    booking_id = greenroom.book(keeper_application(), at("Mon 10:00"))

    def drop(method: str, uri: str, body: Any) -> None:
        tags = ((body or {}).get("extendedProperties") or {}).get("private", {})
        if tags.get("greenroomRole") == "candidate" and body.get("conferenceData"):
            body["conferenceData"].pop("signature", None)

    greenroom.http = Meddling(greenroom, drop)

    for _ in range(3):
        booking = greenroom.settle(booking_id)
        greenroom.clock.forward(hours=1)

    assert booking.attention is Attention.COPY_NOT_KEPT
    assert greenroom.events_of(ADA) == []
    assert greenroom.mails_to(ADA) == []
