"""One story with everything that can happen to a candidate, and all the bytes that reach them.

Four candidates: Ada chooses a time herself, is moved, and cancelled in the end; her panel is
swapped on the way. Bo has a loop of four calls, Cy a day in one call that a keeper event made, and
Di a link given by hand after Google made none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from scheduler.commands import bookings, candidates, invites, mails, people, plans
from scheduler.commands.audit import GREENROOM
from scheduler.commands.plans import InterviewDraft, SeatDraft, StageDraft
from scheduler.domain.calls import ConferenceStrategy
from scheduler.domain.people import LoadLimit, Standing
from scheduler.domain.plan import Attendance, CallGrouping, SeatKind
from scheduler.domain.timespan import TimeSpan
from scheduler.emulator import identity
from scheduler.emulator.company import Account
from scheduler.models.base import db
from scheduler.models.bookings import Booking
from scheduler.models.candidates import Invite
from scheduler.models.plans import JobRole
from tests import factories
from tests.cast import ADA, BO, PRIYA, SCHEDULING, at
from tests.firewall.canaries import BOOTH, STUDIO, Canary, Planted, room_canaries
from tests.firewall.search import Captured, cookie_parts, mail_parts
from tests.firewall.visitor import Visitor, clock_of, link_of
from tests.world import Greenroom, PresentInbox

CY = Account(email="cy@mailbox.example", name="Cy Abara", kind="candidate", zone="Asia/Tokyo")
DI = Account(email="di@mailbox.example", name="Di Moreau", kind="candidate", zone="Europe/Paris")
CANDIDATES = (ADA, BO, CY, DI)

KINDS = (SeatKind.LEAD, SeatKind.SECOND, SeatKind.SECOND)
CALENDAR = "/calendar/v3"
SLOT = re.compile(r'name="slot" value="([^"]+)" required data-choice="Mon 23 Nov')


@dataclass
class Story:
    """What happened, and everything that went to each side."""

    greenroom: Greenroom
    panel: Sequence[Planted]
    seats: int = 2
    """How many sit in Ada's interview."""
    is_reversed: bool = False
    """Whether people moved in from the last to the first."""
    to_candidates: list[Captured] = field(default_factory=list)
    to_interviewers: list[Captured] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)
    opened: set[tuple[str, str, int]] = field(default_factory=set)
    """Which of our pages the candidates opened: endpoint, method, status."""

    def __post_init__(self) -> None:
        self.visitor = Visitor(self.greenroom.app)
        self.browser = self.greenroom.emulator_app.test_client()

    def canaries(self) -> list[Canary]:
        """Return all that was planted, and what only the run could make up."""
        of_people = [canary for each in self.panel for canary in each.canaries()]
        return of_people + room_canaries() + self._made_up()

    # -- what happens

    def tell(self) -> None:
        self._people_move_in()
        with clock_of(self.greenroom):
            self._ada()
            self._bo()
            self._cy()
            self._di()
            self._strangers()
        for each in CANDIDATES:
            self._mailbox(each)
        self._look_at_the_panels_side()

    def _people_move_in(self) -> None:
        for each in reversed(self.panel) if self.is_reversed else self.panel:
            self.ids[each.stem] = people.add_interviewer(
                email=each.email,
                name=each.name,
                title=each.title,
                zone="UTC",
                hours=factories.WEEKDAYS,
                limit=LoadLimit(per_day=8, per_week=20),
                by=GREENROOM,
                now=factories.NOON_SUNDAY,
            )
            self._is_busy(each)
        self.ids["priya"] = factories.user(PRIYA)

    def _is_busy(self, person: Planted) -> None:
        for day in ("Mon", "Tue"):
            start = at(f"{day} 12:00")
            self._api(
                person.email,
                "POST",
                f"{CALENDAR}/calendars/primary/events",
                json={
                    "summary": person.busy_title,
                    "description": person.busy_text,
                    "location": person.busy_place,
                    "start": {"dateTime": start.isoformat()},
                    "end": {"dateTime": (start + timedelta(hours=1)).isoformat()},
                },
            )

    def _ada(self) -> None:
        """Choose a time, after every way to fail at it."""
        lead, other, second, *more = self.panel
        pools = [self._pool(lead, other), self._pool(second), *(self._pool(each) for each in more)]
        stage = self._stage([self._interview("System design", lead, pools[: self.seats])])
        application = self._apply(ADA, stage)
        link = self._offer(application)
        self._visit("Ada, before anybody read a calendar", ADA, link)
        seen = self._page("GET", link)
        self._post("times, unreachable", f"{link}/times", seen, is_google_down=True)
        self._post("times", f"{link}/times", seen)
        self._visit("Ada, choosing", ADA, link)
        self.form = seen = self._page("GET", link)
        key, *_ = SLOT.findall(seen.text)
        self._post("none chosen", f"{link}/booking", seen)
        self._post("nonsense", f"{link}/booking", seen, slot="nonsense")
        self._post("unreachable", f"{link}/booking", seen, slot=key, is_google_down=True)
        self._page("POST", f"{link}/booking", data={"slot": key})
        self._page("POST", f"{link}/times")
        self._page("DELETE", f"{link}/booking")
        self._post("a zone of nobody's", f"{link}/booking", seen, slot="x", zone="Mars/Olympus")
        self.greenroom.google.set_freebusy_error(second.email, "notFound")
        self._post("somebody's calendar is closed", f"{link}/booking", seen, slot=key)
        self.greenroom.google.clear_faults()
        self._post("chosen", f"{link}/booking", seen, slot=key)
        self._post("chosen twice", f"{link}/booking", seen, slot=key)
        [booking] = db.session.scalars(db.select(Booking.id)).all()
        self._visit("Ada, settling", ADA, link)
        self.greenroom.settle(booking)
        self._visit("Ada, booked", ADA, link)
        self._panel_answers(booking)
        self._visit("Ada, a panel that answered", ADA, link)
        self.greenroom.reschedule(booking, at("Tue 09:00"))
        self._visit("Ada, moving", ADA, link)
        self.greenroom.settle(booking)
        self._visit("Ada, moved", ADA, link)
        self._swap(booking, ADA, link, lead, other)
        self._reword(stage, f"Meet {other.first}", f"{second.name} leads", f"{lead.last}'s room")
        bookings.try_again(booking, by=GREENROOM, now=self.greenroom.clock())
        self.greenroom.settle(booking)
        self._visit("Ada, texts that name the panel", ADA, link)
        self._reword(stage, "Technical interview", "", "")
        bookings.try_again(booking, by=GREENROOM, now=self.greenroom.clock())
        self.greenroom.settle(booking)
        was = self.greenroom.clock.now
        self.greenroom.clock.now = at("Wed 09:00")
        self._visit("Ada, over", ADA, link)
        self.greenroom.clock.now = was
        self.greenroom.cancel(booking)
        self.greenroom.settle(booking)
        self._visit("Ada, cancelled", ADA, link)

    def _swap(
        self, booking: int, candidate: Account, link: str, out: Planted, into: Planted
    ) -> None:
        """Swap somebody, and see that the candidate can notice nothing at all."""
        before = self._all_they_can_see(candidate, link)
        sitting = {
            seat.interviewer.email
            for interview in self.greenroom.booking(booking).interviews
            for seat in interview.seats
        }
        if out.email not in sitting:
            out, into = into, out
        self.greenroom.swap(booking, out.account, self.ids[into.stem])
        self.greenroom.settle(booking)
        self._visit("Ada, a panel that changed", candidate, link)
        assert self._all_they_can_see(candidate, link) == before

    def _bo(self) -> None:
        """A loop of four on site, each with its conference, all in one room."""
        stage = self._loop(CallGrouping.PER_INTERVIEW, room=STUDIO, attendance=Attendance.ONSITE)
        application = self._apply(BO, stage)
        self._booked("Bo", BO, application)

    def _cy(self) -> None:
        """A day in one call that neither side's event asked for; the panels sit in a booth."""
        stage = self._loop(
            CallGrouping.PER_LOOP_DAY, room=BOOTH, strategy=ConferenceStrategy.KEEPER_EVENT_MINTS
        )
        self._booked("Cy", CY, self._apply(CY, stage), "Tue 08:00")

    def _di(self) -> None:
        """No room to be had, so a link by hand; her link is revoked in the end."""
        lead = self.panel[4]
        stage = self._stage([self._interview("Values", lead, [self._pool(lead)])])
        self.greenroom.google.set_conference(outcome="failure")
        application = self._apply(DI, stage)
        booking = self.greenroom.book(application, at("Wed 09:00"))
        link = link_of(self.greenroom, application)
        self.greenroom.settle(booking)
        self._visit("Di, without a room", DI, link)
        call = self.greenroom.booking(booking).calls[0].id
        bookings.give_link(
            call, "https://video.example/7", by=GREENROOM, now=self.greenroom.clock()
        )
        self.greenroom.google.set_conference(outcome="success")
        self.greenroom.settle(booking)
        self._panel_answers(booking)
        self._visit("Di, with a link by hand", DI, link)
        invite = db.session.scalars(
            db.select(Invite.id).where(Invite.application_id == application)
        ).one()
        invites.revoke(invite, by=GREENROOM, now=self.greenroom.clock())
        self._visit("Di, revoked", DI, link)

    def _strangers(self) -> None:
        for path in ("/i/unknown", "/i/", "/i/unknown/panel", "/i/unknown/booking/1"):
            self._page("GET", path)
        for path in ("booking", "times"):
            self._post("nobody's link", f"/i/unknown/{path}", self.form, slot="x")

    def _booked(
        self, name: str, candidate: Account, application: int, start: str = "Mon 08:00"
    ) -> None:
        booking = self.greenroom.book(application, at(start))
        link = link_of(self.greenroom, application)
        self._visit(f"{name}, settling", candidate, link)
        self.greenroom.settle(booking)
        self._panel_answers(booking)
        self._visit(f"{name}, booked", candidate, link)
        was = self.greenroom.clock.now
        self.greenroom.clock.now = at(start) + timedelta(minutes=31)
        self._visit(f"{name}, on the day", candidate, link)
        self.greenroom.clock.now = was

    def _panel_answers(self, booking_id: int) -> None:
        """The first declines with a word of explanation, the others accept."""
        for interview in self.greenroom.booking(booking_id).interviews:
            for number, seat in enumerate(interview.seats):
                person = next(each for each in self.panel if each.email == seat.interviewer.email)
                answer = "accepted" if number else "declined"
                assert self.greenroom.google.rsvp(
                    person.email, interview.event_id, answer, person.answer
                )
        db.session.rollback()
        self.greenroom.settle(booking_id)

    # -- the scene

    def _pool(self, *members: Planted) -> int:
        number = next(factories.numbers)
        pool = people.make_pool(f"{members[0].pool} {number}", by=GREENROOM, now=self._past)
        for each in members:
            people.join_pool(
                pool, self.ids[each.stem], Standing.TRAINED, by=GREENROOM, now=self._past
            )
        return pool

    def _interview(
        self,
        title: str,
        person: Planted,
        pools: Sequence[int],
        minutes: int = 45,
        rooms: tuple[int, ...] = (),
    ) -> InterviewDraft:
        return InterviewDraft(
            title=title,
            focus=person.focus,
            length=timedelta(minutes=minutes),
            seats=tuple(SeatDraft(kind, (pool,)) for kind, pool in zip(KINDS, pools, strict=False)),
            rooms=rooms,
        )

    def _loop(self, grouping: CallGrouping, *, room: Account, **of_the_stage: Any) -> int:
        rooms = (factories.room(room),)
        titles = ("Coding", "Design", "Debugging", "Values")
        drafts = [
            self._interview(title, person, [self._pool(person)], 30, rooms)
            for title, person in zip(titles, self.panel, strict=False)
        ]
        return self._stage(drafts, call_grouping=grouping, **of_the_stage)

    def _stage(self, drafts: Sequence[InterviewDraft], **of_the_stage: Any) -> int:
        draft = StageDraft(
            title=f"Technical, with {' '.join(each.inner_title for each in self.panel)}",
            public_title="Technical interview",
            public_notes="Please bring something to write on.",
            shortest_gap=timedelta(minutes=15),
            interviews=tuple(drafts),
            **of_the_stage,
        )
        role = plans.open_job_role(
            "Platform engineer",
            " ".join(each.team for each in self.panel),
            [draft],
            by=GREENROOM,
            now=self._past,
        )
        return db.session.get_one(JobRole, role).stages[0].id

    def _apply(self, candidate: Account, stage: int) -> int:
        candidate_id = candidates.add_candidate(
            name=candidate.name,
            email=candidate.email,
            zone=candidate.zone,
            resume_url="https://drive.google.com/file/d/resume/view",
            by=GREENROOM,
            now=self._past,
        )
        application = candidates.apply(
            candidate_id,
            stage_id=stage,
            recruiter_id=self.ids["priya"],
            scorecard_url=f"https://scorecards.example/{'/'.join(each.scorecard for each in self.panel)}",
            by=GREENROOM,
            now=self._past,
        )
        week = [TimeSpan(at(f"{day} 08:00"), at(f"{day} 18:00")) for day in ("Mon", "Tue", "Wed")]
        candidates.give_windows(application, week, by=GREENROOM, now=self._past)
        self.ids[candidate.name] = application
        return application

    def _offer(self, application: int) -> str:
        mails.offer_times(
            application,
            self.greenroom.stage_of(application),
            sender=self.greenroom.world.sender,
            by=GREENROOM,
            now=self.greenroom.clock(),
        )
        self.greenroom.send_mails()
        return link_of(self.greenroom, application)

    def _reword(self, stage: int, title: str, notes: str, place: str) -> None:
        plans.reword_stage(
            stage,
            public_title=title,
            public_notes=notes,
            location=place,
            by=GREENROOM,
            now=self.greenroom.clock(),
        )

    @property
    def _past(self) -> Any:
        return factories.NOON_SUNDAY

    # -- what reaches the candidate

    def _visit(self, when: str, candidate: Account, link: str) -> None:
        """Open everything that the candidate can open at this moment."""
        for path in ("", "/calendar.ics", "/booking", "/times"):
            self._page("GET", f"{link}{path}", when)
        self._page("HEAD", link, when)
        for query in ("zone=Asia/Kolkata", "zone=Mars/Olympus", "zones=all"):
            self._page("GET", f"{link}?{query}", when)
        self.to_candidates += self._calendar(when, candidate)

    def _calendar(self, when: str, candidate: Account) -> list[Captured]:
        """What Google shows the candidate, on pages and through its interface."""
        found = []

        def keep(what: str, content: object) -> None:
            text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
            found.append(Captured(f"{when}: {what}", text.encode()))

        keep("calendar", self.greenroom.events_of(candidate))
        primary = f"{CALENDAR}/calendars/primary/events"
        listed = self._api(candidate.email, "GET", f"{primary}?showDeleted=true&maxAttendees=50")
        keep("events.list", listed.text)
        for event in json.loads(listed.text)["items"]:
            keep("events.get", self._api(candidate.email, "GET", f"{primary}/{event['id']}").text)
            if event.get("hangoutLink"):
                code = event["hangoutLink"].rpartition("/")[2]
                keep("Meet", self._emulator(f"/meet/{code}?as={candidate.email}").text)
                keep("dial in", self._emulator(f"/tel/{code}").text)
        for path in (
            f"{CALENDAR}/users/me/calendarList",
            f"{CALENDAR}/calendars/{self.panel[0].email}/events",
            f"{CALENDAR}/calendars/{SCHEDULING.email}/events",
        ):
            answer = self._api(candidate.email, "GET", path)
            assert self.panel[0].email not in path or answer.status_code == 404
            keep(path.rpartition("/")[2], answer.text)
        for week in ("2026-11-23", "2026-11-30"):
            keep("week", self._emulator(f"/calendar?as={candidate.email}&week={week}").text)
        return found

    def _mailbox(self, candidate: Account) -> None:
        """Every mail they ever got, as it was sent, decoded, and as a mail program shows it."""
        name = candidate.name
        for number, mail in enumerate(self.greenroom.mails_to(candidate)):
            envelope = {part: said for part, said in mail.items() if part != "raw"}
            self.to_candidates.append(
                Captured(f"{name}: envelope {number}", json.dumps(envelope).encode())
            )
            self.to_candidates += mail_parts(f"{name}: mail {number}", mail["raw"].encode())
        page = self._emulator(f"/mail?for={candidate.email}")
        self._keep_emulators(f"{name}: mailbox", page)
        for path in sorted(set(re.findall(r'"(/mail[^"]+)"', page.text))):
            where = re.sub(r"\d+", "n", path)
            self._keep_emulators(f"{name}: {where}", self._emulator(path.replace("&amp;", "&")))

    def _all_they_can_see(self, candidate: Account, link: str) -> list[tuple[str, str]]:
        """Return page, file, calendar and mails, without what is random in every answer."""
        pages = [self.visitor.get(f"{link}{path}") for path in ("", "/calendar.ics")]
        kept = [(str(sorted(page.headers)) + page.text) for page in pages]
        nonce = re.compile(r"(?<=nonce[-=])\"?[\w-]+")
        seen = [("page", nonce.sub("", text)) for text in kept]
        seen += [("calendar", str(self.greenroom.events_of(candidate)))]  # etag and all
        seen += [("mail", mail["raw"]) for mail in self.greenroom.mails_to(candidate)]
        return seen

    def _page(self, method: str, path: str, when: str = "", **given: Any) -> TestResponse:
        answer = self.visitor.open(method, path, **given)
        self._keep(f"{when}: {method} {_plain(path)}", answer)
        return answer

    def _post(
        self, when: str, path: str, seen: TestResponse, *, is_google_down: bool = False, **form: str
    ) -> None:
        if is_google_down:
            self.greenroom.google.add_fault(
                status=403, reason="insufficientPermissions", count=9, path="/freeBusy"
            )
        self._keep(f"{when}: POST {_plain(path)}", self.visitor.post(path, seen=seen, **form))
        self.greenroom.google.clear_faults()

    def _keep(self, where: str, answer: TestResponse) -> None:
        """Keep an answer of ours: status, headers, cookies, body."""
        head = f"{answer.status}\n" + "".join(
            f"{name}: {value}\n" for name, value in answer.headers
        )
        self.to_candidates.append(Captured(where, head.encode() + b"\n" + answer.data))
        for cookie in answer.headers.getlist("Set-Cookie"):
            self.to_candidates += cookie_parts(f"{where}, cookie", cookie)
        request = answer.request
        pages = self.greenroom.app.url_map.bind("localhost")
        with suppress(HTTPException):  # no such page, or not by this method
            endpoint, _ = pages.match(request.path, method=request.method)
            self.opened.add((endpoint, request.method, answer.status_code))

    def _keep_emulators(self, where: str, answer: TestResponse) -> None:
        head = f"{answer.status}\n{answer.headers}"
        self.to_candidates.append(Captured(where, head.encode() + answer.data))

    # -- the other side

    def _look_at_the_panels_side(self) -> None:
        """Keep what interviewers get, and what is stored: there the canaries must be."""
        for each in self.panel:
            self.to_interviewers += [
                Captured(f"{each.stem}: calendar", json.dumps(event).encode())
                for event in self.greenroom.events_of(each.account)
            ]
            for number, mail in enumerate(self.greenroom.mails_to(each.account)):
                self.to_interviewers += mail_parts(
                    f"{each.stem}: mail {number}", mail["raw"].encode()
                )
            page = self._emulator(f"/calendar?as={each.email}&week=2026-11-23")
            self.to_interviewers.append(Captured(f"{each.stem}: week", page.data))
            account = self._api(each.email, "GET", "/userinfo")
            self.to_interviewers.append(Captured(f"{each.stem}: account", account.data))
        accounts = self.greenroom.google.world.accounts()
        self.to_interviewers.append(Captured("Google's accounts", str(accounts).encode()))
        for table in db.metadata.sorted_tables:
            rows = [tuple(row) for row in db.session.execute(table.select())]
            self.to_interviewers.append(Captured(f"table {table.name}", str(rows).encode()))
        db.session.rollback()

    def _made_up(self) -> list[Canary]:
        """Ids that the run made up, of events and people on the interviewers' side."""
        found = []
        for each in self.panel:
            subject = identity.subject_of(self.greenroom.google.world, each.email)
            found.append(Canary(f"subject of {each.stem}", subject))
            for event in self.greenroom.events_of(each.account):
                found += [
                    Canary(f"id of an event of {each.stem}", event["id"]),
                    Canary(f"page of an event of {each.stem}", event["htmlLink"].partition("=")[2]),
                ]
        return list({canary.text: canary for canary in found}.values())

    # -- Google's interface and pages

    def _api(self, email: str, method: str, path: str, **given: Any) -> TestResponse:
        token = self.greenroom.google.issue_access_token(email, ["calendar", "openid"])
        return self._emulator(
            path, method=method, headers={"Authorization": f"Bearer {token}"}, **given
        )

    def _emulator(self, path: str, **given: Any) -> TestResponse:
        return Context().run(self.browser.open, path, **given)


def _plain(path: str) -> str:
    return re.sub(r"(?<=^/i/)[\w-]{40,}", "link", path)


@dataclass(frozen=True, slots=True)
class Told:
    """What is left of a story once its Greenroom is gone."""

    to_candidates: list[Captured]
    to_interviewers: list[Captured]
    canaries: list[Canary]
    opened: set[tuple[str, str, int]]

    def piece(self, where: str) -> Captured:
        """Return the one thing captured there; the beginning of its name is enough."""
        return next(each for each in self.to_candidates if each.where.startswith(where))


def tell(
    app: Flask,
    inbox: tuple[PresentInbox, str],
    panel: Sequence[Planted],
    *,
    seats: int = 2,
    is_reversed: bool = False,
) -> Told:
    """Tell the story in a Greenroom of its own, on an empty database."""
    handler, smtp_url = inbox
    with app.app_context():
        people = [SCHEDULING, PRIYA, *(each.account for each in panel), *CANDIDATES]
        greenroom = Greenroom(app, smtp_url, [*people, STUDIO, BOOTH])
        handler.google = greenroom.google
        greenroom.connect()
        story = Story(greenroom, panel, seats=seats, is_reversed=is_reversed)
        try:
            story.tell()
            canaries = story.canaries()
        finally:
            db.session.rollback()
            db.session.remove()
    return Told(story.to_candidates, story.to_interviewers, canaries, story.opened)
