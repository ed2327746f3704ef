"""The candidate's pages: what they show, what they refuse, and that looking changes nothing."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import icalendar
import pytest
from playwright.sync_api import Browser, sync_playwright
from werkzeug.test import TestResponse

from scheduler.commands import invites, mails, plans
from scheduler.commands.audit import GREENROOM
from scheduler.domain.plan import CallGrouping
from scheduler.domain.slots.slot import slot_key
from scheduler.domain.timespan import TimeSpan
from scheduler.models.audit import AuditEntry
from scheduler.models.base import db
from scheduler.models.bookings import Booking
from scheduler.models.candidates import Application, Invite
from scheduler.models.people import User
from tests import factories
from tests.assets.gallery import served
from tests.assets.test_gallery import DESKTOP, NARROWEST, PHONE, SMALL_TARGETS, WATCH, axe, fits
from tests.cast import ADA, DANA, FEMI, JOSE, MEI, PRIYA, at
from tests.firewall.visitor import Visitor, clock_of, link_of
from tests.world import Greenroom

SLOTS = re.compile(r'name="slot" value="([^"]+)" required data-choice="([^"]+)"')


def offered(greenroom: Greenroom, application_id: int) -> str:
    """Ask the candidate to choose a time; return the path of their link."""
    mails.offer_times(
        application_id,
        greenroom.stage_of(application_id),
        sender=greenroom.world.sender,
        by=GREENROOM,
        now=greenroom.clock(),
    )
    return link_of(greenroom, application_id)


def with_times(greenroom: Greenroom, application_id: int) -> str:
    """The same, with calendars that have just been read."""
    link = offered(greenroom, application_id)
    greenroom.read_calendars(greenroom.stage_of(application_id))
    return link


def choices(page: TestResponse) -> dict[str, str]:
    """Return the times to choose from, by what the candidate reads: "Mon 23 Nov, 09:00"."""
    return {choice: key for key, choice in SLOTS.findall(page.text)}


def only_event(file: TestResponse) -> icalendar.Event:
    [event] = icalendar.Calendar.from_ical(file.text).walk("VEVENT")
    assert isinstance(event, icalendar.Event)
    return event


def live_bookings() -> list[Booking]:
    db.session.rollback()
    return list(db.session.scalars(db.select(Booking)))


def loop(greenroom: Greenroom, **of_the_stage: Any) -> int:
    people = [factories.interviewer(each) for each in (DANA, FEMI, JOSE, MEI)]
    drafts = [
        factories.interview_draft(factories.pool([each]), title=title, minutes=30)
        for each, title in zip(people, ("Coding", "Design", "Debugging", "Values"), strict=True)
    ]
    return factories.application(factories.stage(*drafts, **of_the_stage))


class TestChoosing:
    def test_shows_days_and_times_on_the_candidates_clock(
        self, greenroom: Greenroom, visitor: Visitor
    ) -> None:
        page = visitor.get(with_times(greenroom, factories.application()))

        assert page.status_code == 200
        assert "Choose a time, Ada" in page.text
        assert "Monday 23 November" in page.text
        assert "Times in <b>Vienna</b> (UTC+1)" in page.text
        assert list(choices(page))[:2] == ["Mon 23 Nov, 09:00", "Mon 23 Nov, 11:15"]

    def test_offers_at_most_six_times_a_day(self, greenroom: Greenroom, visitor: Visitor) -> None:
        page = visitor.get(with_times(greenroom, factories.application()))

        assert page.text.count("6 times") == 3
        assert len(choices(page)) == 18

    def test_says_on_which_day_a_loop_of_several_days_ends(
        self, greenroom: Greenroom, visitor: Visitor
    ) -> None:
        application = loop(greenroom, most_days=2, longest_day=timedelta(hours=1))

        page = visitor.get(with_times(greenroom, application))

        assert "More than one day: each time says on which day it ends" in page.text
        assert next(iter(choices(page))) == "Mon 23 Nov, 09:00 to Tue 24 Nov"
        assert "09:00 <small>to Tue 24 Nov</small>" in page.text

    def test_changes_the_clock(self, greenroom: Greenroom, visitor: Visitor) -> None:
        link = with_times(greenroom, factories.application())

        page = visitor.get(f"{link}?zone=Asia/Kolkata")

        assert "Times in <b>Kolkata</b> (UTC+5:30)" in page.text
        assert "Mon 23 Nov, 13:30" in choices(page)
        assert 'name="zone" value="Asia/Kolkata"' in page.text

    @pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "x" * 10_000])
    def test_says_that_a_zone_does_not_exist(
        self, greenroom: Greenroom, visitor: Visitor, zone: str
    ) -> None:
        link = with_times(greenroom, factories.application())

        page = visitor.get(f"{link}?zone={zone}")

        assert page.status_code == 422
        assert "We do not know that time zone, so here are the times in Vienna." in page.text
        assert "Mon 23 Nov, 09:00" in choices(page)

    def test_books_the_chosen_time(self, greenroom: Greenroom, visitor: Visitor) -> None:
        link = with_times(greenroom, factories.application())
        seen = visitor.get(f"{link}?zone=Asia/Kolkata")

        answer = visitor.post(
            f"{link}/booking",
            seen=seen,
            slot=choices(seen)["Mon 23 Nov, 15:45"],
            zone="Asia/Kolkata",
        )

        assert answer.status_code == 303
        assert answer.location == f"{link}?zone=Asia/Kolkata"
        [booking] = live_bookings()
        assert [each.during.start for each in booking.interviews] == [at("Mon 10:15")]
        assert db.session.scalars(
            db.select(AuditEntry.actor).where(AuditEntry.action == "book")
        ).all() == ["candidate"]
        assert "You are booked, Ada" in visitor.get(answer.location).text

    def test_reads_the_calendars_once_more_before_it_books(
        self, greenroom: Greenroom, visitor: Visitor
    ) -> None:
        link = with_times(greenroom, factories.application())
        seen = visitor.get(link)
        greenroom.clock.forward(minutes=5)
        greenroom.google.clear_calls()

        visitor.post(f"{link}/booking", seen=seen, slot=choices(seen)["Mon 23 Nov, 09:00"])

        assert [call.path for call in greenroom.google.calls()] == ["/calendar/v3/freeBusy"]

    def test_a_second_press_leads_to_the_same_booking(
        self, greenroom: Greenroom, visitor: Visitor
    ) -> None:
        link = with_times(greenroom, factories.application())
        seen = visitor.get(link)
        form = {"slot": choices(seen)["Mon 23 Nov, 09:00"]}

        answers = [visitor.post(f"{link}/booking", seen=seen, **form) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [303, 303]
        assert answers[0].location == answers[1].location == link
        assert len(live_bookings()) == 1

    def test_two_presses_at_once_make_one_booking(
        self, greenroom: Greenroom, visitor: Visitor
    ) -> None:
        link = with_times(greenroom, factories.application())
        seen = visitor.get(link)
        answers: list[int] = []
        keys = [choices(seen)["Mon 23 Nov, 09:00"], choices(seen)["Tue 24 Nov, 09:00"]] * 2

        def press(key: str) -> None:
            answers.append(visitor.post(f"{link}/booking", seen=seen, slot=key).status_code)

        presses = [threading.Thread(target=press, args=(key,)) for key in keys]
        for each in presses:
            each.start()
        for each in presses:
            each.join()

        assert answers == [303] * 4
        assert len(live_bookings()) == 1

    def test_a_time_that_has_gone_is_answered_with_the_nearest_three(
        self, greenroom: Greenroom, visitor: Visitor
    ) -> None:
        link = with_times(greenroom, factories.application())
        seen = visitor.get(link)
        taken = factories.application(
            greenroom.stage_of(db.session.scalars(db.select(Application.id)).one()),
            account=FEMI,
            email="other@mailbox.example",
            recruiter_id=db.session.scalars(db.select(User.id)).one(),
        )
        greenroom.book(taken, at("Mon 10:15"))

        answer = visitor.post(f"{link}/booking", seen=seen, slot=choices(seen)["Mon 23 Nov, 11:15"])

        assert answer.status_code == 409
        first = answer.text.index("That time has just been taken.")
        assert first < answer.text.index("Closest to your choice")
        assert [choice for _, choice in SLOTS.findall(answer.text)][:3] == [
            "Mon 23 Nov, 10:30",
            "Mon 23 Nov, 12:00",
            "Mon 23 Nov, 10:15",
        ]
        assert len(live_bookings()) == 1

    @pytest.mark.parametrize("key", ["nonsense", "ge2dcmrv", "x" * 10_000, "💥", "\x00"])
    def test_a_key_of_nobodys_books_nothing(
        self, greenroom: Greenroom, visitor: Visitor, key: str
    ) -> None:
        link = with_times(greenroom, factories.application())

        answer = visitor.post(f"{link}/booking", seen=visitor.get(link), slot=key)

        assert answer.status_code == 409
        assert "That time has just been taken." in answer.text
        assert live_bookings() == []

    def test_odd_minutes_cannot_be_asked_for(self, greenroom: Greenroom, visitor: Visitor) -> None:
        link = with_times(greenroom, factories.application())
        start = at("Mon 10:07")
        odd = slot_key([TimeSpan(start, start + timedelta(minutes=45))])

        answer = visitor.post(f"{link}/booking", seen=visitor.get(link), slot=odd)

        assert answer.status_code == 409
        assert live_bookings() == []

    def test_asks_for_a_time_when_none_was_chosen(
        self, greenroom: Greenroom, visitor: Visitor
    ) -> None:
        link = with_times(greenroom, factories.application())

        answer = visitor.post(f"{link}/booking", seen=visitor.get(link))

        assert answer.status_code == 422
        assert "Choose one of the times first." in answer.text

    def test_books_nothing_while_calendars_cannot_be_checked(
        self, greenroom: Greenroom, visitor: Visitor
    ) -> None:
        link = with_times(greenroom, factories.application())
        seen = visitor.get(link)
        key = choices(seen)["Mon 23 Nov, 11:15"]
        greenroom.google.add_fault(
            status=403, reason="insufficientPermissions", count=20, path="/freeBusy"
        )

        answer = visitor.post(f"{link}/booking", seen=seen, slot=key)

        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "60"
        assert "nothing has been booked" in answer.text
        assert re.search(rf'value="{key}"[^>]* checked', answer.text)  # the choice is kept
        assert live_bookings() == []

    def test_somebody_whose_calendar_is_unknown_is_not_free(
        self, greenroom: Greenroom, visitor: Visitor
    ) -> None:
        link = with_times(greenroom, factories.application())
        seen = visitor.get(link)
        greenroom.google.set_freebusy_error(DANA.email, "notFound")

        answer = visitor.post(f"{link}/booking", seen=seen, slot=choices(seen)["Mon 23 Nov, 09:00"])

        assert answer.status_code == 409
        assert "No time is open just now" in answer.text
        assert "priya@northwind.example" in answer.text

    def test_tells_nobody_why_a_time_is_not_there(
        self, greenroom: Greenroom, visitor: Visitor
    ) -> None:
        """What a recruiter may ask is answered with names."""
        link = with_times(greenroom, factories.application())
        page = visitor.get(f"{link}?why_not=2026-11-23T03:00")

        assert choices(page) == choices(visitor.get(link))
        assert "Why not" not in page.text
        assert DANA.name.split()[0] not in page.text
        assert "working hours" not in page.text

    def test_without_times_says_so_kindly(self, greenroom: Greenroom, visitor: Visitor) -> None:
        stage = factories.stage(factories.interview_draft(factories.pool([])))
        page = visitor.get(offered(greenroom, factories.application(stage)))

        assert page.status_code == 200
        assert "No time is open just now" in page.text
        assert "Priya Raman is happy to help" in page.text
        assert 'class="sticky"' not in page.text

    def test_needs_the_forms_token(self, greenroom: Greenroom, visitor: Visitor) -> None:
        link = with_times(greenroom, factories.application())
        key = choices(visitor.get(link))["Mon 23 Nov, 09:00"]

        answer = visitor.open("POST", f"{link}/booking", data={"slot": key})

        assert answer.status_code == 400
        assert live_bookings() == []

    def test_reloading_an_answer_leads_back(self, greenroom: Greenroom, visitor: Visitor) -> None:
        link = with_times(greenroom, factories.application())

        for path in ("booking", "times"):
            answer = visitor.get(f"{link}/{path}?zone=Asia/Kolkata")
            assert (answer.status_code, answer.location) == (303, f"{link}?zone=Asia/Kolkata")


class TestOldCalendars:
    def test_are_read_only_when_asked_for(self, greenroom: Greenroom, visitor: Visitor) -> None:
        link = offered(greenroom, factories.application())
        greenroom.google.clear_calls()

        seen = visitor.get(link)
        assert choices(seen) == {}
        assert "Show times" in seen.text
        assert list(greenroom.google.calls()) == []

        answer = visitor.post(f"{link}/times", seen=seen)
        assert (answer.status_code, answer.location) == (303, link)
        assert "Mon 23 Nov, 09:00" in choices(visitor.get(link))

    def test_grow_old_again(self, greenroom: Greenroom, visitor: Visitor) -> None:
        link = with_times(greenroom, factories.application())
        greenroom.clock.forward(minutes=11)

        assert choices(visitor.get(link)) == {}

    def test_fresh_ones_are_not_read_again(self, greenroom: Greenroom, visitor: Visitor) -> None:
        link = with_times(greenroom, factories.application())
        seen = visitor.get(link)
        greenroom.google.clear_calls()

        assert visitor.post(f"{link}/times", seen=seen).status_code == 303
        assert list(greenroom.google.calls()) == []

    def test_that_cannot_be_read_are_said_to_be_so(
        self, greenroom: Greenroom, visitor: Visitor
    ) -> None:
        link = offered(greenroom, factories.application())
        seen = visitor.get(link)
        greenroom.google.add_fault(
            status=403, reason="insufficientPermissions", count=20, path="/freeBusy"
        )

        answer = visitor.post(f"{link}/times", seen=seen)

        assert answer.status_code == 503
        assert "We cannot check our calendars at the moment" in answer.text
        assert "Show times" in answer.text


class TestBooked:
    def test_shows_when_where_and_the_way_in(self, greenroom: Greenroom, visitor: Visitor) -> None:
        application = factories.application()
        booking = greenroom.settle(greenroom.book(application, at("Mon 10:00")))
        link = link_of(greenroom, application)

        page = visitor.get(link)

        for told in (
            "You are booked, Ada",
            "Technical interview",
            "Monday 23 November",
            "11:00–11:45",
            "Vienna time (UTC+1)",
            "System design",
            "Please bring something to write on.",
            f'href="{booking.calls[0].join_url}"',
            f"{link}/calendar.ics",
            "mailto:priya@northwind.example?subject=Technical%20interview%2C%20Northwind",
            "tel:+493055500142",
        ):
            assert told in page.text, told
        assert "data-reload-after" not in page.text
        assert "Set-Cookie" not in page.headers

    def test_on_another_clock(self, greenroom: Greenroom, visitor: Visitor) -> None:
        application = factories.application()
        greenroom.settle(greenroom.book(application, at("Mon 10:00")))
        link = link_of(greenroom, application)

        assert "05:00–05:45" in visitor.get(f"{link}?zone=America/New_York").text
        odd = visitor.get(f"{link}?zone=Mars/Olympus")
        assert odd.status_code == 422
        assert "11:00–11:45" in odd.text

    def test_waits_for_the_link_by_itself(self, greenroom: Greenroom, visitor: Visitor) -> None:
        application = factories.application()
        greenroom.book(application, at("Mon 10:00"))
        link = link_of(greenroom, application)

        page = visitor.get(link)
        assert "Your video link appears here in a moment." in page.text
        assert 'data-reload-after="5"' in page.text
        assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page.text
        assert "calendar.ics" not in page.text

        greenroom.clock.forward(minutes=3)
        assert 'data-reload-after="60"' in visitor.get(link).text

    def test_gives_a_calendar_file_under_googles_own_name(
        self, greenroom: Greenroom, visitor: Visitor
    ) -> None:
        application = factories.application()
        greenroom.settle(greenroom.book(application, at("Mon 10:00")))
        link = link_of(greenroom, application)
        [invitation] = greenroom.events_of(ADA)

        file = visitor.get(f"{link}/calendar.ics")

        assert file.status_code == 200
        assert file.content_type == "text/calendar; charset=utf-8"
        assert file.headers["Content-Disposition"] == "attachment; filename=interview.ics"
        event = only_event(file)
        assert event["UID"] == invitation["iCalUID"]
        assert event["SUMMARY"] == "Technical interview: System design"
        assert at("Mon 10:00") == event.DTSTART
        assert invitation["hangoutLink"] in str(event["DESCRIPTION"])
        assert "ORGANIZER" not in event
        assert "ATTENDEE" not in event

    def test_the_file_counts_as_the_latest_mail_did(
        self, greenroom: Greenroom, visitor: Visitor
    ) -> None:
        application = factories.application()
        booking = greenroom.book(application, at("Mon 10:00"))
        greenroom.settle(booking)
        greenroom.reschedule(booking, at("Tue 10:00"))
        greenroom.settle(booking)
        mail = greenroom.mails_to(ADA, "smtp")[-1]["raw"]

        file = visitor.get(f"{link_of(greenroom, application)}/calendar.ics")

        event = only_event(file)
        assert event["SEQUENCE"] == 1
        assert at("Tue 10:00") == event.DTSTART
        assert "interview.ics" in mail

    @pytest.mark.parametrize(
        ("moment", "words"),
        [
            ("Mon 07:00", "Join this one first<"),
            ("Mon 10:20", "Join now<"),
            ("Mon 10:31", "Join now<"),
        ],
    )
    def test_a_loop_marks_the_room_that_comes_next(
        self, greenroom: Greenroom, visitor: Visitor, moment: str, words: str
    ) -> None:
        application = loop(greenroom)
        booking = greenroom.settle(greenroom.book(application, at("Mon 10:00")))
        greenroom.clock.now = at(moment)

        page = visitor.get(link_of(greenroom, application)).text

        links = [call.join_url for call in booking.calls]
        assert len(set(links)) == 4
        current = page.partition('aria-current="step"')[2].partition("</li>\n</ol>")[0]
        number = 1 if moment == "Mon 10:31" else 0
        assert f'href="{links[number]}"' in current
        assert words in current
        assert page.count("button--primary") == 1
        assert sum(f'href="{link}"' in page for link in links) == 4 - number  # one is over

    def test_a_day_call_has_one_way_in(self, greenroom: Greenroom, visitor: Visitor) -> None:
        application = loop(greenroom, grouping=CallGrouping.PER_LOOP_DAY)
        booking = greenroom.settle(greenroom.book(application, at("Mon 10:00")))

        page = visitor.get(link_of(greenroom, application)).text

        assert page.count(booking.calls[0].join_url) == 1
        for title in ("Coding", "Design", "Debugging", "Values"):
            assert title in page

    def test_says_thank_you_afterwards(self, greenroom: Greenroom, visitor: Visitor) -> None:
        application = factories.application()
        greenroom.settle(greenroom.book(application, at("Mon 10:00")))
        greenroom.clock.now = at("Mon 10:45")

        page = visitor.get(link_of(greenroom, application)).text

        assert "Thank you, Ada" in page
        assert "Join" not in page

    def test_a_recruiter_who_could_be_on_the_panel_is_no_contact(
        self, greenroom: Greenroom, visitor: Visitor
    ) -> None:
        also = factories.interviewer(PRIYA)
        others = [factories.interviewer(DANA), also]
        application = factories.application(
            factories.stage(factories.interview_draft(factories.pool(others)))
        )
        link = with_times(greenroom, application)

        before = visitor.get(link).text
        greenroom.settle(greenroom.book(application, at("Mon 10:00")))
        after = visitor.get(link).text

        for page in (before, after):
            assert "Priya" not in page
            assert "priya@" not in page
            assert "Answer the e-mail you got this link from" in page

    def test_typed_names_of_the_panel_are_left_out(
        self, greenroom: Greenroom, visitor: Visitor
    ) -> None:
        application = factories.application()
        link = with_times(greenroom, application)
        plans.reword_stage(
            greenroom.stage_of(application),
            public_title="Chat with Dana",
            public_notes="Femi Adeyemi will ask about queues.",
            location="Dana's office",
            by=GREENROOM,
            now=greenroom.clock(),
        )

        choosing = visitor.get(link)
        greenroom.book(application, at("Mon 10:00"))
        booked = visitor.get(link)
        file = visitor.get(f"{link}/calendar.ics")

        for answer in (choosing, booked, file):
            assert answer.status_code == 200
            assert "Dana" not in answer.text
            assert "Femi" not in answer.text
        assert "Please ask us for the address." in booked.text


class TestOtherStates:
    def test_a_cancelled_booking(self, greenroom: Greenroom, visitor: Visitor) -> None:
        application = factories.application()
        link = with_times(greenroom, application)
        seen = visitor.get(link)
        booking = greenroom.book(application, at("Mon 10:00"))
        greenroom.clock.forward(minutes=1)
        greenroom.cancel(booking)

        page = visitor.get(link)
        assert page.status_code == 200
        assert "Your interview has been cancelled" in page.text
        assert "Priya Raman" in page.text
        # A page that was left open cannot book what the recruiter has ended.
        answer = visitor.post(f"{link}/booking", seen=seen, slot=choices(seen)["Mon 23 Nov, 09:00"])
        assert answer.status_code == 303
        assert len(live_bookings()) == 1
        assert visitor.get(f"{link}/calendar.ics").status_code == 404

    def test_a_new_offer_after_a_cancellation(self, greenroom: Greenroom, visitor: Visitor) -> None:
        application = factories.application()
        greenroom.cancel(greenroom.book(application, at("Mon 10:00")))
        greenroom.clock.forward(minutes=1)

        page = visitor.get(with_times(greenroom, application))

        assert "Mon 23 Nov, 09:00" in choices(page)

    def test_nothing_to_do_yet(self, greenroom: Greenroom, visitor: Visitor) -> None:
        application = factories.application()
        link = offered(greenroom, application)
        db.session.execute(db.update(Invite).values(offered_at=None))
        db.session.commit()

        page = visitor.get(link)

        assert "Nothing to do yet, Ada" in page.text
        answer = visitor.post(f"{link}/booking", seen=page, slot="x")
        assert answer.status_code == 400  # there is no form, and so no token
        assert visitor.get(f"{link}/calendar.ics").status_code == 404


PATHS = ["", "/calendar.ics", "/booking", "/times"]


class TestLinksThatOpenNothing:
    @pytest.mark.parametrize("path", PATHS)
    def test_look_all_the_same(self, greenroom: Greenroom, visitor: Visitor, path: str) -> None:
        application = factories.application()
        link = with_times(greenroom, application)
        invite_id = db.session.scalars(db.select(Invite.id)).one()
        forged = link[:-1] + ("A" if link[-1] != "A" else "B")
        strangers = [visitor.get(f"{wrong}{path}") for wrong in ("/i/x", forged, f"/i/{'y' * 999}")]

        greenroom.clock.forward(days=61)
        expired = visitor.get(f"{link}{path}")
        greenroom.clock.forward(days=-61)
        db.session.execute(db.update(Application).values(closed_at=greenroom.clock()))
        db.session.commit()
        closed = visitor.get(f"{link}{path}")
        db.session.execute(db.update(Application).values(closed_at=None))
        db.session.commit()
        invites.revoke(invite_id, by=GREENROOM, now=greenroom.clock())
        revoked = visitor.get(f"{link}{path}")

        answers = {_bytes(answer) for answer in (*strangers, expired, closed, revoked)}
        assert len(answers) == 1
        assert expired.status_code == 404
        assert "This link does not work" in expired.text
        assert "Northwind" in expired.text
        assert "priya" not in expired.text.lower()

    def test_take_no_bookings(self, greenroom: Greenroom, visitor: Visitor) -> None:
        link = with_times(greenroom, factories.application())
        seen = visitor.get(link)
        greenroom.clock.forward(days=61)

        for path in ("booking", "times"):
            answer = visitor.post(
                f"{link}/{path}", seen=seen, slot=choices(seen)["Mon 23 Nov, 09:00"]
            )
            assert answer.status_code == 404
        assert live_bookings() == []


class TestLooking:
    def test_changes_nothing_and_never_asks_google(
        self, greenroom: Greenroom, visitor: Visitor
    ) -> None:
        application = factories.application()
        link = offered(greenroom, application)
        for state in ("old", "open", "booked", "cancelled"):
            if state == "open":
                greenroom.read_calendars(greenroom.stage_of(application))
            if state == "booked":
                greenroom.settle(greenroom.book(application, at("Mon 10:00")))
            if state == "cancelled":
                greenroom.cancel(live_bookings()[0].id)
            before = everything()
            greenroom.google.clear_calls()
            for path in PATHS:
                for method in ("GET", "HEAD"):
                    for _ in range(2):
                        assert visitor.open(method, f"{link}{path}").status_code < 500
            assert everything() == before, state
            assert list(greenroom.google.calls()) == []

    def test_headers_keep_the_link_to_themselves(
        self, greenroom: Greenroom, visitor: Visitor
    ) -> None:
        link = offered(greenroom, factories.application())
        for path in (link, f"{link}/calendar.ics", "/i/unknown", f"{link}/booking"):
            headers = visitor.get(path).headers
            assert headers["Referrer-Policy"] == "no-referrer"
            assert headers["Cache-Control"] == "no-store"
            assert "noindex" in headers["X-Robots-Tag"]

    def test_no_log_line_holds_the_link(
        self, greenroom: Greenroom, visitor: Visitor, caplog: pytest.LogCaptureFixture
    ) -> None:
        token = offered(greenroom, factories.application()).removeprefix("/i/")
        with caplog.at_level(logging.DEBUG):
            for name in (greenroom.app.logger.name, "granian.access", "werkzeug"):
                logging.getLogger(name).error("Exception on %s [%s]", f"/i/{token}/booking", "GET")

        assert len(caplog.messages) == 3
        assert set(caplog.messages) == {"Exception on /i/…/booking [GET]"}
        assert token not in caplog.text


class TestTexts:
    @pytest.mark.parametrize(
        "name",
        [
            "<script>alert(1)</script> X",
            "مريم الحسن",
            "Z̈oë Ünïcode",
            "W" * 200,
            'O\'Brien & "Söhne"',
        ],
    )
    def test_any_name_is_fit_to_print(
        self, greenroom: Greenroom, visitor: Visitor, name: str
    ) -> None:
        application = factories.application()
        db.session.get_one(Application, application).candidate.name = name
        db.session.commit()

        page = visitor.get(with_times(greenroom, application))

        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "Mon 23 Nov, 09:00" in choices(page)


@pytest.mark.browser
class TestInABrowser:
    def test_every_state_is_accessible_and_easy_to_hit(
        self, greenroom: Greenroom, visitor: Visitor, browser: Browser
    ) -> None:
        application = loop(greenroom)
        link = offered(greenroom, application)
        with served(greenroom.app) as address:
            look(browser, address + link)  # calendars too old
            greenroom.read_calendars(greenroom.stage_of(application))
            look(browser, address + link)
            look(browser, f"{address}{link}?zones=all&zone=Asia/Kolkata")
            look(browser, f"{address}{link}?zone=Mars/Olympus")
            booking = greenroom.book(application, at("Mon 10:00"))
            look(browser, address + link)  # no room yet
            greenroom.settle(booking)
            look(browser, address + link)
            greenroom.clock.now = at("Tue 10:00")
            look(browser, address + link)
            greenroom.cancel(booking)
            look(browser, address + link)
            look(browser, f"{address}/i/unknown")

    @pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
    def test_a_time_is_chosen_on_a_phone(
        self, greenroom: Greenroom, visitor: Visitor, browser: Browser, scripts: bool
    ) -> None:
        application = factories.application()
        link = offered(greenroom, application)
        with served(greenroom.app) as address:
            context = browser.new_context(
                viewport=PHONE, java_script_enabled=scripts, timezone_id="Asia/Kolkata"
            )
            page = context.new_page()
            page.goto(address + link)
            page.get_by_role("button", name="Show times").click()
            page.get_by_role("radio", name="15:45" if scripts else "11:15").first.check()
            button = page.get_by_role("button", name="Confirm")
            words = "Confirm Mon 23 Nov, 15:45" if scripts else "Confirm the time"
            assert button.inner_text() == words
            button.click()
            page.get_by_role("heading", name="You are booked, Ada").wait_for()
            assert page.get_by_text("Kolkata time" if scripts else "Vienna time").is_visible()
            greenroom.settle(live_bookings()[0].id)
            # Nobody presses anything: the page looks again by itself.
            page.get_by_role("link", name="Join the video call").wait_for(timeout=15_000)
            context.close()
        assert live_bookings()[0].interviews[0].during.start == at("Mon 10:15")


def look(browser: Browser, url: str) -> None:
    for is_dark, size in ((False, PHONE), (True, DESKTOP)):
        context = browser.new_context(viewport=size, timezone_id="Europe/Vienna")
        context.add_init_script(WATCH)
        page = context.new_page()
        page.emulate_media(color_scheme="dark" if is_dark else "light")
        page.goto(url)
        page.evaluate("document.fonts.ready")
        assert axe(page) == []
        assert page.evaluate(SMALL_TARGETS, 44) == []
        assert fits(page)
        page.set_viewport_size(NARROWEST)
        assert fits(page)
        assert page.evaluate("window.violations") == []
        context.close()


def _bytes(answer: TestResponse) -> tuple[int, str, str]:
    """An answer without what is random in every answer."""
    nonce = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
    assert nonce is not None
    headers = str(sorted(answer.headers)).replace(nonce[1], "NONCE")
    return answer.status_code, headers, answer.text.replace(nonce[1], "NONCE")


def everything() -> dict[str, list[str]]:
    """Every row of every table."""
    rows = {
        table.name: sorted(str(tuple(row)) for row in db.session.execute(table.select()))
        for table in db.metadata.sorted_tables
    }
    db.session.rollback()
    return rows


@pytest.fixture
def visitor(greenroom: Greenroom) -> Iterator[Visitor]:
    with clock_of(greenroom):
        yield Visitor(greenroom.app)


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield browser
        browser.close()
