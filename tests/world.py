"""A whole Greenroom on an emulator, in one process: no sockets, no waiting, a clock we turn."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Coroutine, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask

from scheduler.commands import bookings, calendars, connection
from scheduler.commands.audit import GREENROOM, Actor
from scheduler.commands.mails import Sender
from scheduler.config import Settings
from scheduler.domain.slots.search import find_slots
from scheduler.domain.slots.slot import Slot
from scheduler.emulator.company import Account
from scheduler.emulator.server import Emulator, EmulatorSettings, create_emulator
from scheduler.emulator.smtp import Inbox
from scheduler.google.credentials import SCOPES
from scheduler.google.transport import Http
from scheduler.models.base import db
from scheduler.models.bookings import Booking
from scheduler.models.calendar import OrganizerCalendar
from scheduler.models.candidates import Application
from scheduler.models.mail import MailState, OutboxMail
from scheduler.models.people import InterviewerRow
from scheduler.queries import slot_searches
from scheduler.queries.google_access import GoogleAccess
from scheduler.queries.slot_searches import FRESH_FOR_A_BOOKING
from scheduler.reconcile import connection as connection_check
from scheduler.reconcile import outbox
from scheduler.reconcile.reconciler import World, reconcile
from tests.cast import EVERYBODY, SCHEDULING, at
from tests.emulator.schemas import checked
from tests.google.wsgi_http import WsgiHttp

EMULATOR_URL = "http://localhost:8001"


@dataclass
class Clock:
    """A clock that stands still until it is turned."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


class Greenroom:
    """One installation: its application, the emulator it talks to, its clock, and its worker."""

    def __init__(self, app: Flask, smtp_url: str, people: Iterable[Account] = EVERYBODY) -> None:
        self.app = app
        self.smtp_url = smtp_url
        self.settings: Settings = app.extensions["settings"]
        self.keys = app.extensions["keys"]
        self.clock = Clock(at("Mon 07:00") - timedelta(days=1))
        self.slept: list[float] = []
        emulator_app = create_emulator(
            EmulatorSettings(
                base_url=EMULATOR_URL,
                store_path=None,
                client_id=self.settings.google_client_id,
                client_secret=self.settings.google_client_secret,
                redirect_uris=(f"{self.settings.public_url}/login/callback",),
                company=None,
            ),
            clock=self.clock,
        )
        self.emulator_app = checked(emulator_app)
        self.google: Emulator = emulator_app.extensions["emulator"]
        for account in people:
            self.google.add_account(account)
        self.google.set_conference(latency=0)
        # Tests wrap this to lose answers, and to stop the process between two calls.
        self.http: Http = WsgiHttp(emulator_app)
        self.access = GoogleAccess(
            self.settings,
            self.keys,
            token_uri=lambda: f"{EMULATOR_URL}/token",
            http_factory=lambda: _Switchable(self),
        )
        app.extensions["google"] = self.access

    # -- setting the scene

    def connect(self) -> None:
        """Connect the scheduling account, as an admin would, and let the worker check it."""
        connection.connect(
            email=SCHEDULING.email,
            expected=self.settings.scheduling_account,
            refresh_token=self.google.issue_refresh_token(SCHEDULING.email, SCOPES),
            scopes=" ".join(SCOPES),
            keys=self.keys,
            by=GREENROOM,
            now=self.clock(),
        )
        connection_check.check(self.world)

    def slots(self, application_id: int, *, moving: int | None = None) -> list[Slot]:
        """Read the calendars and return every slot for this application's stage."""
        stage_id = self.stage_of(application_id)
        self.read_calendars(stage_id, moving)
        search = slot_searches.for_stage(
            application_id,
            stage_id,
            now=self.clock(),
            fresh_for=FRESH_FOR_A_BOOKING,
            moving=moving,
        ).search
        db.session.rollback()
        return find_slots(search)

    def slot_at(self, application_id: int, start: datetime, *, moving: int | None = None) -> Slot:
        """Return the slot that starts then; StopIteration when there is none."""
        slots = self.slots(application_id, moving=moving)
        return next(slot for slot in slots if slot.span.start == start)

    def book(self, application_id: int, start: datetime, *, by: Actor = GREENROOM) -> int:
        """Book the slot that starts then, and return the booking's id."""
        slot = self.slot_at(application_id, start)
        return bookings.book(
            application_id,
            self.stage_of(application_id),
            slot.key,
            keys=self.keys,
            by=by,
            now=self.clock(),
        )

    def reschedule(self, booking_id: int, start: datetime) -> None:
        application_id = db.session.get_one(Booking, booking_id).application_id
        slot = self.slot_at(application_id, start, moving=booking_id)
        bookings.reschedule(booking_id, slot.key, by=GREENROOM, now=self.clock())

    def swap(self, booking_id: int, out: Account, into: int) -> None:
        """Give the seat of `out` to the interviewer with the id `into`."""
        self.read_calendars(db.session.get_one(Booking, booking_id).stage_id, booking_id)
        seat = next(
            seat
            for interview in db.session.get_one(Booking, booking_id).interviews
            for seat in interview.seats
            if seat.interviewer.email == out.email and seat.released_at is None
        )
        bookings.swap_interviewer(seat.id, into, by=GREENROOM, now=self.clock())

    def cancel(self, booking_id: int) -> None:
        bookings.cancel(booking_id, by=GREENROOM, now=self.clock())

    def interviewer_id(self, account: Account) -> int:
        interviewer_id: int = db.session.scalars(
            db.select(InterviewerRow.id).where(InterviewerRow.email == account.email)
        ).one()
        return interviewer_id

    def stage_of(self, application_id: int) -> int:
        stage_id: int = db.session.get_one(Application, application_id).stage_id
        return stage_id

    def read_calendars(self, stage_id: int, moving: int | None = None) -> None:
        concerned = slot_searches.concerned(stage_id, moving)
        calendars.refresh(*concerned, access=self.access, now=self.clock())

    # -- the worker

    @property
    def world(self) -> World:
        return World(
            calendar=self.access.calendar,
            sender=Sender.of(self.settings, self.keys),
            clock=self.clock,
            sleep=self._sleep,
        )

    def settle(self, booking_id: int) -> Booking:
        """Run the reconciler once over a booking, then hand over its mails; return the booking."""
        reconcile(booking_id, self.world)
        self.send_mails()
        return self.booking(booking_id)

    def send_mails(self) -> None:
        """Hand every waiting mail to the emulator's inbox."""
        waiting = db.session.scalars(
            db.select(OutboxMail.id)
            .where(OutboxMail.state == MailState.WAITING)
            .order_by(OutboxMail.id)
        ).all()
        db.session.rollback()
        for mail_id in waiting:
            outbox.send(mail_id, self.world, smtp_url=self.smtp_url)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.forward(seconds=seconds)

    # -- looking at it

    def booking(self, booking_id: int) -> Booking:
        db.session.expire_all()
        return db.session.get_one(Booking, booking_id)

    def events_of(self, account: Account) -> list[dict[str, Any]]:
        """Return what stands on somebody's own calendar, as they see it."""
        return list(self.google.calendar_as(account.email))

    def organizer_events(self) -> list[dict[str, Any]]:
        """Return the live events of all organizer calendars, as the scheduling account sees them."""
        calendars_ = db.session.scalars(db.select(OrganizerCalendar.google_id)).all()
        return [event for each in calendars_ for event in self.google.calendar_as(each)]

    def mails_to(self, account: Account, kind: str | None = None) -> list[dict[str, Any]]:
        """Return the mails somebody got: kind "google", "smtp", or both."""
        return [
            mail
            for mail in self.google.outbox()
            if account.email in mail["to"] and kind in (None, mail["kind"])
        ]


def run_apart(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end, in a thread of its own.

    A browser that a journey has opened keeps an event loop running in the main thread of the run.
    """
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


class _Switchable:
    """The connection of the moment: what `greenroom.http` is when the request is made."""

    def __init__(self, greenroom: Greenroom) -> None:
        self._greenroom = greenroom

    def request(self, *arguments: Any, **named: Any) -> Any:
        return self._greenroom.http.request(*arguments, **named)

    def close(self) -> None:
        """Nothing is open."""


class PresentInbox:
    """An SMTP server of the run's own: it hands each mail to the emulator of the moment."""

    google: Emulator

    async def handle_RCPT(self, *arguments: Any) -> str:  # aiosmtpd's name
        return await Inbox(self.google.world).handle_RCPT(*arguments)

    async def handle_DATA(self, *arguments: Any) -> str:
        return await Inbox(self.google.world).handle_DATA(*arguments)


@pytest.fixture(scope="session")
def _inbox() -> Iterator[tuple[PresentInbox, str]]:
    handler = PresentInbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, f"smtp://localhost:{port}"
    controller.stop()


@pytest.fixture
def greenroom(app: Flask, _inbox: tuple[PresentInbox, str]) -> Iterator[Greenroom]:
    """A Greenroom whose scheduling account is connected, on a Sunday morning before the test week."""
    inbox, smtp_url = _inbox
    with app.app_context():
        greenroom = Greenroom(app, smtp_url)
        inbox.google = greenroom.google
        greenroom.connect()
        yield greenroom
        db.session.rollback()
        db.session.remove()
