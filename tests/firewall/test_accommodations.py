"""What a candidate needs is given by every calendar and named by none."""

from __future__ import annotations

import json
from contextvars import Context
from datetime import datetime, timedelta

from scheduler.commands import candidates
from scheduler.commands.audit import GREENROOM
from scheduler.domain.plan import Accommodations, Rest
from scheduler.models.base import db
from scheduler.models.candidates import Invite
from scheduler.queries.invites import page_url
from tests import factories
from tests.cast import ADA, DANA, at
from tests.world import Greenroom

MINUTES = timedelta(minutes=1)
TELLING = ("extra time", "accommodat", "needs extra", "a rest", "longer break")


def test_no_event_mail_or_page_says_what_a_candidate_needs(greenroom: Greenroom) -> None:
    greenroom.connect()
    application_id = factories.application()
    needs = Accommodations(
        extra_time=15 * MINUTES, rest=Rest(after=90 * MINUTES, length=30 * MINUTES)
    )
    candidates.accommodate(application_id, needs, by=GREENROOM, now=greenroom.clock())
    booking = greenroom.settle(greenroom.book(application_id, at("Mon 10:00")))

    events = [*greenroom.events_of(ADA), *greenroom.events_of(DANA), *greenroom.organizer_events()]
    assert {length_of(event) for event in events} == {60 * MINUTES}
    told = [*map(json.dumps, events), *map(json.dumps, greenroom.google.outbox())]
    invite = db.session.get_one(Invite, booking.invite_id)
    public_url = greenroom.settings.public_url
    path = page_url(invite, keys=greenroom.keys, public_url=public_url).removeprefix(public_url)
    browser = greenroom.app.test_client()
    page = Context().run(lambda: browser.get(path))
    assert page.status_code == 200
    assert "11:00" in page.text
    for text in (*told, page.text):
        assert [word for word in TELLING if word in text.lower()] == []


def length_of(event: dict[str, dict[str, str]]) -> timedelta:
    start, end = (datetime.fromisoformat(event[key]["dateTime"]) for key in ("start", "end"))
    return end - start
