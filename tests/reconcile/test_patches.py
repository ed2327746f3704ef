"""What a patch says, whom it tells, and what Google may change without our changing it back."""

from __future__ import annotations

from typing import Any

from scheduler.commands import bookings, sweeping
from scheduler.commands.audit import GREENROOM
from scheduler.domain.booking import Attention
from scheduler.reconcile import sync
from tests import factories
from tests.cast import ADA, DANA, JOSE, at
from tests.reconcile.meddling import Meddling
from tests.reconcile.test_sweeps import forget_wakeups
from tests.world import Greenroom


def test_leaves_the_conference_out_when_it_stays(greenroom: Greenroom) -> None:
    dana, jose = factories.interviewer(DANA), factories.interviewer(JOSE)
    stage = factories.stage(factories.interview_draft(factories.pool([dana, jose])))
    booking = greenroom.settle(greenroom.book(factories.application(stage), at("Mon 10:00")))
    patches: list[Any] = []

    def keep(method: str, uri: str, body: Any) -> None:
        if method == "PATCH":
            patches.append(body)

    greenroom.http = Meddling(greenroom, keep)

    greenroom.swap(booking.id, DANA, jose)
    greenroom.settle(booking.id)

    [patch] = patches
    assert "conferenceData" not in patch
    assert greenroom.events_of(JOSE)[0]["hangoutLink"] == booking.calls[0].join_url


def test_a_copy_that_google_drops_is_tried_again_without_a_mail(greenroom: Greenroom) -> None:
    booking_id = greenroom.book(factories.application(), at("Mon 10:00"))
    told: list[tuple[str, bool]] = []

    def drop(method: str, uri: str, body: Any) -> None:
        if body and (body.get("conferenceData") or {}).pop("signature", None):
            told.append((method, "sendUpdates=all" in uri))

    greenroom.http = Meddling(greenroom, drop)

    for _ in range(3):
        greenroom.settle(booking_id)
        greenroom.clock.forward(hours=1)

    assert told == [("POST", True), ("PATCH", False), ("PATCH", False)]


def test_an_attachment_that_google_writes_its_own_way_is_the_same_file(
    greenroom: Greenroom,
) -> None:
    def rewrite(method: str, uri: str, body: Any) -> None:
        for file in (body or {}).get("attachments", []):
            file["fileUrl"] += "?usp=drive_web"

    greenroom.http = Meddling(greenroom, rewrite)

    booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))

    assert booking.applied_revision == 1
    assert booking.last_error is None


def test_a_text_that_google_writes_its_own_way_is_mailed_once_and_shown_to_a_person(
    greenroom: Greenroom,
) -> None:
    booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))
    mails = len(greenroom.mails_to(ADA, "google"))
    told: list[bool] = []

    def reword(method: str, uri: str, body: Any) -> None:
        if method == "PATCH" and "Systems" not in str(body["description"]):
            body["description"] = body["description"].replace("System", "Systems")
            told.append("sendUpdates=all" in uri)

    greenroom.http = Meddling(greenroom, reword)
    bookings.retitle_interview(
        booking.interviews[0].id, "System thinking", by=GREENROOM, now=greenroom.clock()
    )

    booking = greenroom.settle(booking.id)

    assert booking.attention is Attention.REFUSED_BY_GOOGLE
    assert len(greenroom.mails_to(ADA, "google")) <= mails + 2  # the change, and its correction
    assert (sum(told), len(told) > 2) == (2, True)  # however often it is written
    # Our own writes are changes, too: they wake nobody before the booking is due.
    sync.wake_the_changed(greenroom.world)
    forget_wakeups()
    assert sync.wake_the_changed(greenroom.world) == 0
    assert sweeping.wake_the_behind(greenroom.clock()) == 0


def test_our_own_writes_do_not_wake_a_booking_that_waits_for_its_next_try(
    greenroom: Greenroom,
) -> None:
    greenroom.google.set_conference(latency=None)
    booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))
    assert booking.next_attempt_at > greenroom.clock()

    assert sync.wake_the_changed(greenroom.world) == 0
    greenroom.clock.forward(minutes=1)
    assert sweeping.wake_the_behind(greenroom.clock()) == 1


def test_a_change_that_came_too_late_the_first_time_is_still_told(greenroom: Greenroom) -> None:
    booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))
    greenroom.reschedule(booking.id, at("Tue 14:00"))
    # Somebody answers between our look and our write: Google refuses the write, and we look again.
    greenroom.google.add_fault(
        status=412, reason="conditionNotMet", count=2, path="/events", method="PATCH", when="before"
    )

    booking = greenroom.settle(booking.id)

    assert booking.applied_revision == booking.desired_revision
    for guest in (ADA, DANA):
        assert len(greenroom.mails_to(guest, "google")) == 2
