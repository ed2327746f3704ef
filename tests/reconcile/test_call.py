"""The product's sentence: one call, sibling events, one conference, and nobody named to the candidate."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scheduler.commands import bookings
from scheduler.commands.audit import GREENROOM
from scheduler.domain.booking import Attention, Rsvp, Step
from scheduler.domain.calls import ConferenceStrategy
from scheduler.domain.plan import CallGrouping
from scheduler.models.base import db
from scheduler.models.bookings import SettledStep
from tests import factories
from tests.cast import ADA, DANA, FEMI, JOSE, MEI, at
from tests.world import Greenroom

KEEPER = ConferenceStrategy.KEEPER_EVENT_MINTS
STRATEGIES = pytest.mark.parametrize("strategy", list(ConferenceStrategy))


def loop_of_four(greenroom: Greenroom, **of_the_stage: Any) -> int:
    people = [factories.interviewer(each) for each in (DANA, FEMI, JOSE, MEI)]
    drafts = [
        factories.interview_draft(factories.pool([each]), title=title, minutes=30)
        for each, title in zip(people, ("Coding", "Design", "Debugging", "Values"), strict=True)
    ]
    return factories.application(factories.stage(*drafts, **of_the_stage))


def writes(greenroom: Greenroom) -> list[str]:
    return [
        call.method
        for call in greenroom.google.calls()
        if call.method != "GET" and "/events" in call.path
    ]


class TestBooking:
    @STRATEGIES
    def test_makes_sibling_events_that_share_one_conference(
        self, greenroom: Greenroom, strategy: ConferenceStrategy
    ) -> None:
        application = factories.application(factories.stage(strategy=strategy))

        booking = greenroom.settle(greenroom.book(application, at("Mon 10:00")))

        assert booking.applied_revision == booking.desired_revision == 1
        assert booking.attention is None
        [ada], [dana], [femi] = (greenroom.events_of(each) for each in (ADA, DANA, FEMI))
        for copied in ("conferenceId", "signature", "entryPoints"):
            assert ada["conferenceData"][copied] == dana["conferenceData"][copied]
        assert ada["hangoutLink"] == dana["hangoutLink"] == femi["hangoutLink"]
        assert dana["id"] == femi["id"] != ada["id"]
        assert booking.calls[0].join_url == ada["conferenceData"]["entryPoints"][0]["uri"]

    def test_tells_the_panel_what_it_needs(self, greenroom: Greenroom) -> None:
        greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))

        [dana] = greenroom.events_of(DANA)
        for needed in (
            "Ada Quist",
            "Platform engineer",
            "Trade-offs",
            "https://drive.google.com/file/d/resume-of-ada/view",
            "https://scorecards.northwind.example/ada",
            "Femi Adeyemi",
            "Priya Raman",
            "+49 30 5550 0142",
        ):
            assert needed in dana["description"]
        assert {guest["email"] for guest in dana["attendees"]} == {DANA.email, FEMI.email}
        assert [file["fileUrl"] for file in dana["attachments"]] == [
            "https://drive.google.com/file/d/resume-of-ada/view"
        ]
        assert dana["visibility"] == "private"

    def test_gives_the_candidate_an_event_without_anybody_in_it(self, greenroom: Greenroom) -> None:
        greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))

        [ada] = greenroom.events_of(ADA)
        assert ada["summary"] == "Technical interview: System design"
        assert ada["description"].startswith("11:00–11:45  System design\n(times in Europe/Vienna)")
        assert [guest["email"] for guest in ada["attendees"]] == [ADA.email]
        for flag in ("guestsCanSeeOtherGuests", "guestsCanInviteOthers"):
            assert ada[flag] is False
        assert not ada.get("attachments")
        assert "source" not in ada
        assert "shared" not in ada.get("extendedProperties", {})

    def test_invites_the_candidate_last_and_once(self, greenroom: Greenroom) -> None:
        greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))

        by_google = greenroom.mails_to(ADA, "google")
        by_us = greenroom.mails_to(ADA, "smtp")
        assert len(by_google) == len(by_us) == 1
        assert greenroom.google.outbox().index(by_google[0]) > greenroom.google.outbox().index(
            greenroom.mails_to(DANA)[0]
        )

    def test_shows_its_steps_in_order(self, greenroom: Greenroom) -> None:
        greenroom.google.set_conference(latency=1)

        booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))

        steps = db.session.scalars(
            db.select(SettledStep.step)
            .where(SettledStep.booking_id == booking.id)
            .order_by(SettledStep.id)
        ).all()
        assert steps == [
            Step.CANDIDATE_EVENT_MADE,
            Step.CONFERENCE_PENDING,
            Step.CONFERENCE_READY,
            Step.INTERVIEWER_EVENT_WRITTEN,
            Step.COPY_VERIFIED,
            Step.CANDIDATE_INVITED,
            Step.MAIL_SENT,
        ]

    def test_a_second_pass_only_reads(self, greenroom: Greenroom) -> None:
        booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))
        greenroom.google.clear_calls()

        greenroom.settle(booking.id)

        assert writes(greenroom) == []
        assert len(greenroom.mails_to(ADA)) == 2

    def test_takes_eight_calls_to_google_and_a_look_takes_two(self, greenroom: Greenroom) -> None:
        booking_id = greenroom.book(factories.application(), at("Mon 10:00"))
        greenroom.google.clear_calls()

        greenroom.settle(booking_id)

        # Each event: looked for, inserted, and looked at once more when nothing is left to do;
        # the copy read back before anybody is invited; the candidate added last.
        methods = [call.method for call in greenroom.google.calls()]
        assert methods == ["GET", "POST", "GET", "POST", "GET", "PATCH", "GET", "GET"]
        greenroom.google.clear_calls()
        greenroom.settle(booking_id)
        assert [call.method for call in greenroom.google.calls()] == ["GET", "GET"]

    def test_goes_on_from_an_event_whose_answer_was_lost(self, greenroom: Greenroom) -> None:
        greenroom.google.add_fault(
            status=503, reason="backendError", count=1, path="/events", method="POST", when="after"
        )

        booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))

        assert booking.applied_revision == 1
        assert len(greenroom.organizer_events()) == 2


class TestConference:
    def test_pending_is_polled_and_then_left_to_the_sweep(self, greenroom: Greenroom) -> None:
        greenroom.google.set_conference(latency=60)
        booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))

        assert greenroom.slept == [0.5, 1.0, 2.0, 4.0]
        assert booking.applied_revision == 0
        assert booking.next_attempt_at > greenroom.clock()
        assert greenroom.events_of(ADA) == greenroom.events_of(DANA) == []
        assert greenroom.mails_to(ADA) == []

        greenroom.clock.forward(minutes=2)
        booking = greenroom.settle(booking.id)
        assert booking.applied_revision == 1
        assert greenroom.events_of(ADA)[0]["hangoutLink"]

    def test_failure_is_asked_for_again_with_fresh_requests(self, greenroom: Greenroom) -> None:
        greenroom.google.set_conference(outcome="failure")

        booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))

        assert booking.attention is Attention.CONFERENCE_FAILED
        assert booking.calls[0].conference_tries == 5
        assert greenroom.mails_to(ADA) == greenroom.mails_to(DANA) == []

    def test_a_person_can_try_again_once_google_is_well(self, greenroom: Greenroom) -> None:
        greenroom.google.set_conference(outcome="failure")
        booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))
        greenroom.google.set_conference(outcome="success")

        bookings.try_again(booking.id, by=GREENROOM, now=greenroom.clock())
        booking = greenroom.settle(booking.id)

        assert booking.attention is None
        assert greenroom.events_of(ADA)[0]["hangoutLink"] == booking.calls[0].join_url

    @STRATEGIES
    def test_a_link_by_hand_replaces_it_everywhere(
        self, greenroom: Greenroom, strategy: ConferenceStrategy
    ) -> None:
        greenroom.google.set_conference(outcome="failure")
        application = factories.application(factories.stage(strategy=strategy))
        booking = greenroom.settle(greenroom.book(application, at("Mon 10:00")))

        link = "https://video.example/room/7"
        bookings.give_link(booking.calls[0].id, link, by=GREENROOM, now=greenroom.clock())
        booking = greenroom.settle(booking.id)

        assert booking.attention is None
        assert booking.applied_revision == booking.desired_revision
        for guest in (ADA, DANA):
            [event] = greenroom.events_of(guest)
            assert link in event["description"]
            assert event["location"] == link
        assert len(greenroom.mails_to(ADA, "smtp")) == 1
        assert booking.calls[0].join_url == link

    @STRATEGIES
    def test_a_copy_that_google_drops_needs_attention_and_invites_nobody(
        self, greenroom: Greenroom, strategy: ConferenceStrategy
    ) -> None:
        application = factories.application(factories.stage(strategy=strategy))
        booking_id = greenroom.book(application, at("Mon 10:00"))
        greenroom.http = Tampering(greenroom.http)

        booking = greenroom.settle(booking_id)

        assert booking.attention is Attention.COPY_NOT_KEPT
        assert booking.applied_revision == 0
        assert greenroom.events_of(ADA) == []
        assert greenroom.mails_to(ADA) == []

    def test_one_that_a_person_removed_comes_back_on_all_siblings(
        self, greenroom: Greenroom
    ) -> None:
        booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))
        call = booking.calls[0]
        before = call.join_url
        token = greenroom.google.issue_access_token(
            "scheduling@northwind.example", ["https://www.googleapis.com/auth/calendar"]
        )
        answer = greenroom.emulator_app.test_client().patch(
            f"/calendar/v3/calendars/{call.calendar_id}/events/{call.candidate_event_id}"
            "?conferenceDataVersion=1&sendUpdates=none",
            json={"conferenceData": None},
            headers={"Authorization": f"Bearer {token}"},
        )
        assert answer.status_code == 200, answer.text

        booking = greenroom.settle(booking.id)

        [ada], [dana] = greenroom.events_of(ADA), greenroom.events_of(DANA)
        assert ada["hangoutLink"] == dana["hangoutLink"] == booking.calls[0].join_url != before


class TestReschedule:
    @STRATEGIES
    def test_moves_both_events_and_keeps_the_conference(
        self, greenroom: Greenroom, strategy: ConferenceStrategy
    ) -> None:
        application = factories.application(factories.stage(strategy=strategy))
        booking = greenroom.settle(greenroom.book(application, at("Mon 10:00")))
        room = greenroom.events_of(ADA)[0]["hangoutLink"]

        greenroom.reschedule(booking.id, at("Tue 14:00"))
        booking = greenroom.settle(booking.id)

        assert booking.applied_revision == booking.desired_revision == 2
        for guest in (ADA, DANA):
            [event] = greenroom.events_of(guest)
            assert event["start"]["dateTime"].startswith("2026-11-24T")
            assert event["hangoutLink"] == room
        assert len(greenroom.mails_to(ADA, "smtp")) == 2
        assert len(greenroom.mails_to(ADA, "google")) == 2

    def test_there_and_back_before_anybody_looked_is_told_to_nobody(
        self, greenroom: Greenroom
    ) -> None:
        booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))

        greenroom.reschedule(booking.id, at("Tue 14:00"))
        greenroom.reschedule(booking.id, at("Mon 10:00"))
        greenroom.settle(booking.id)

        assert len(greenroom.mails_to(ADA)) == 2

    def test_while_the_first_write_is_still_under_way_ends_at_the_new_time(
        self, greenroom: Greenroom
    ) -> None:
        greenroom.google.set_conference(latency=60)
        booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))

        greenroom.reschedule(booking.id, at("Tue 14:00"))
        greenroom.clock.forward(minutes=2)
        booking = greenroom.settle(booking.id)

        [ada] = greenroom.events_of(ADA)
        assert ada["start"]["dateTime"].startswith("2026-11-24T")
        assert len(greenroom.mails_to(ADA, "smtp")) == 1


class TestSwap:
    def test_changes_the_interviewer_event_and_not_one_byte_of_the_candidates(
        self, greenroom: Greenroom
    ) -> None:
        dana, femi, jose = (factories.interviewer(each) for each in (DANA, FEMI, JOSE))
        stage = factories.stage(
            factories.interview_draft(factories.pool([dana, jose]), factories.pool([femi]))
        )
        booking = greenroom.settle(greenroom.book(factories.application(stage), at("Mon 10:00")))
        greenroom.google.rsvp(FEMI.email, booking.interviews[0].event_id, "accepted")
        before, mails = greenroom.events_of(ADA), greenroom.mails_to(ADA)

        greenroom.swap(booking.id, DANA, jose)
        booking = greenroom.settle(booking.id)

        assert booking.applied_revision == booking.desired_revision == 2
        assert greenroom.events_of(ADA) == before
        assert greenroom.mails_to(ADA) == mails
        assert greenroom.events_of(DANA) == []
        [event] = greenroom.events_of(JOSE)
        answers = {guest["email"]: guest["responseStatus"] for guest in event["attendees"]}
        assert answers == {FEMI.email: "accepted", JOSE.email: "needsAction"}
        assert "José Ruiz" in event["description"]
        assert "Dana" not in event["description"]


class TestCancel:
    @STRATEGIES
    def test_removes_every_event_and_tells_the_candidate_once(
        self, greenroom: Greenroom, strategy: ConferenceStrategy
    ) -> None:
        application = factories.application(factories.stage(strategy=strategy))
        booking = greenroom.settle(greenroom.book(application, at("Mon 10:00")))

        greenroom.cancel(booking.id)
        greenroom.cancel(booking.id)
        booking = greenroom.settle(booking.id)
        greenroom.settle(booking.id)

        assert booking.applied_revision == booking.desired_revision == 2
        assert greenroom.organizer_events() == []
        assert greenroom.events_of(ADA) == greenroom.events_of(DANA) == []
        assert len(greenroom.mails_to(ADA, "smtp")) == 2

    def test_of_what_nobody_heard_of_is_told_to_nobody(self, greenroom: Greenroom) -> None:
        booking_id = greenroom.book(factories.application(), at("Mon 10:00"))

        greenroom.cancel(booking_id)
        booking = greenroom.settle(booking_id)

        assert booking.applied_revision == 2
        assert greenroom.organizer_events() == []
        assert greenroom.google.outbox() == []

    def test_frees_the_panel(self, greenroom: Greenroom) -> None:
        application = factories.application()
        booking = greenroom.settle(greenroom.book(application, at("Mon 10:00")))
        greenroom.cancel(booking.id)
        greenroom.settle(booking.id)

        assert greenroom.settle(greenroom.book(application, at("Mon 10:00"))).attention is None


class TestLoop:
    def test_of_four_interviews_has_four_calls(self, greenroom: Greenroom) -> None:
        application = loop_of_four(greenroom)

        booking_id = greenroom.book(application, at("Mon 10:00"))
        greenroom.google.clear_calls()

        booking = greenroom.settle(booking_id)

        assert len(greenroom.google.calls()) == 4 * 8
        assert booking.applied_revision == 1
        assert len(greenroom.events_of(ADA)) == 4
        assert len({event["hangoutLink"] for event in greenroom.events_of(ADA)}) == 4
        links = {event["hangoutLink"] for event in greenroom.events_of(ADA)}
        panels = {greenroom.events_of(each)[0]["hangoutLink"] for each in (DANA, FEMI, JOSE, MEI)}
        assert links == panels
        assert len(greenroom.mails_to(ADA, "smtp")) == 1

    @STRATEGIES
    def test_with_one_call_a_day_has_one_candidate_event(
        self, greenroom: Greenroom, strategy: ConferenceStrategy
    ) -> None:
        application = loop_of_four(greenroom, grouping=CallGrouping.PER_LOOP_DAY, strategy=strategy)

        booking = greenroom.settle(greenroom.book(application, at("Mon 10:00")))

        assert booking.applied_revision == 1
        [ada] = greenroom.events_of(ADA)
        links = {
            event["hangoutLink"] for each in (DANA, FEMI, JOSE, MEI) for event in greenroom.events_of(each)
        }  # fmt: skip
        assert links == {ada["hangoutLink"]}
        for title in ("Coding", "Design", "Debugging", "Values"):
            assert title in ada["description"]

    def test_keeps_its_events_and_rooms_when_the_day_moves(self, greenroom: Greenroom) -> None:
        application = loop_of_four(greenroom, grouping=CallGrouping.PER_LOOP_DAY)
        booking = greenroom.settle(greenroom.book(application, at("Mon 10:00")))
        [before] = greenroom.events_of(ADA)

        greenroom.reschedule(booking.id, at("Wed 09:00"))
        greenroom.settle(booking.id)

        [after] = greenroom.events_of(ADA)
        assert (after["id"], after["hangoutLink"]) == (before["id"], before["hangoutLink"])
        assert after["start"]["dateTime"].startswith("2026-11-25T")

    def test_one_calls_trouble_stays_inside_that_call(self, greenroom: Greenroom) -> None:
        booking_id = greenroom.book(loop_of_four(greenroom), at("Mon 10:00"))
        troubled = greenroom.booking(booking_id).interviews[1].event_id
        greenroom.google.add_fault(
            status=403, reason="forbidden", count=50, path=rf"/events(/{troubled}|$)", method="POST"
        )
        db.session.rollback()

        booking = greenroom.settle(booking_id)

        assert booking.attention is Attention.REFUSED_BY_GOOGLE
        assert greenroom.mails_to(ADA, "smtp") == []


class TestDrift:
    def test_a_decline_of_the_candidates_is_recorded_and_cancels_nothing(
        self, greenroom: Greenroom
    ) -> None:
        booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))

        greenroom.google.rsvp(ADA.email, booking.calls[0].candidate_event_id, "declined")
        booking = greenroom.settle(booking.id)

        assert booking.calls[0].candidate_rsvp is Rsvp.DECLINED
        assert booking.attention is Attention.CANDIDATE_DECLINED
        assert len(greenroom.organizer_events()) == 2

    def test_answers_of_the_panel_are_recorded(self, greenroom: Greenroom) -> None:
        booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))

        greenroom.google.rsvp(DANA.email, booking.interviews[0].event_id, "accepted")
        greenroom.google.rsvp(FEMI.email, booking.interviews[0].event_id, "declined")
        booking = greenroom.settle(booking.id)

        assert [seat.rsvp for seat in booking.interviews[0].seats] == [Rsvp.ACCEPTED, Rsvp.DECLINED]

    @pytest.mark.parametrize("sibling", ["candidate", "interviewer"])
    def test_an_event_somebody_deleted_is_made_again_under_a_new_id(
        self, greenroom: Greenroom, sibling: str
    ) -> None:
        booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))
        call = booking.calls[0]
        event_id = (
            call.candidate_event_id if sibling == "candidate" else booking.interviews[0].event_id
        )
        token = greenroom.google.issue_access_token(
            "scheduling@northwind.example", ["https://www.googleapis.com/auth/calendar"]
        )
        greenroom.emulator_app.test_client().delete(
            f"/calendar/v3/calendars/{call.calendar_id}/events/{event_id}?sendUpdates=none",
            headers={"Authorization": f"Bearer {token}"},
        )

        booking = greenroom.settle(booking.id)

        assert booking.applied_revision == 1
        [ada], [dana] = greenroom.events_of(ADA), greenroom.events_of(DANA)
        assert ada["hangoutLink"] == dana["hangoutLink"]
        assert event_id not in (ada["id"], dana["id"])
        assert len(greenroom.organizer_events()) == 2

    def test_a_time_somebody_moved_is_put_back(self, greenroom: Greenroom) -> None:
        booking = greenroom.settle(greenroom.book(factories.application(), at("Mon 10:00")))
        call = booking.calls[0]
        token = greenroom.google.issue_access_token(
            "scheduling@northwind.example", ["https://www.googleapis.com/auth/calendar"]
        )
        greenroom.emulator_app.test_client().patch(
            f"/calendar/v3/calendars/{call.calendar_id}/events/{booking.interviews[0].event_id}"
            "?sendUpdates=none",
            json={
                "start": {"dateTime": "2026-11-23T15:00:00Z"},
                "end": {"dateTime": "2026-11-23T15:45:00Z"},
            },
            headers={"Authorization": f"Bearer {token}"},
        )

        greenroom.settle(booking.id)

        [dana] = greenroom.events_of(DANA)
        assert dana["start"]["dateTime"].startswith("2026-11-23T10:00")


class TestFirewall:
    def test_a_title_that_names_the_panel_stops_the_booking_before_anything_is_sent(
        self, greenroom: Greenroom
    ) -> None:
        stage = factories.stage(public_title="A chat with Dana")
        booking = greenroom.settle(greenroom.book(factories.application(stage), at("Mon 10:00")))

        assert booking.attention is Attention.IDENTITY_LEAK
        assert greenroom.organizer_events() == []
        assert greenroom.google.outbox() == []


class Tampering:
    """A Google that takes the signature off what is copied to it."""

    def __init__(self, http: Any) -> None:
        self._http = http

    def request(self, uri: str, method: str = "GET", body: Any = None, headers: Any = None) -> Any:
        if body and '"signature"' in str(body):
            event = json.loads(body)
            event["conferenceData"].pop("signature")
            body = json.dumps(event)
        return self._http.request(uri, method, body, headers)

    def close(self) -> None:
        self._http.close()
