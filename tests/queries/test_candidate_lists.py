"""Candidates in lists: how far each application is, in one word."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from scheduler.commands import candidates, mails
from scheduler.commands.audit import GREENROOM
from scheduler.domain.booking import Attention
from scheduler.domain.timespan import TimeSpan
from scheduler.models.base import db
from scheduler.models.candidates import Application
from scheduler.queries.candidate_lists import (
    ApplicationRow,
    Standing,
    candidate_list,
    candidate_page,
    windows_page,
)
from tests import factories
from tests.cast import at
from tests.world import Greenroom

BERLIN = ZoneInfo("Europe/Berlin")


def test_an_application_goes_through_its_standings(greenroom: Greenroom) -> None:
    application_id = factories.application(windows=[])
    assert _row(greenroom).standing is Standing.NO_WINDOWS
    _give_windows(application_id)
    assert _row(greenroom).standing is Standing.CAN_SCHEDULE
    _ask(greenroom, application_id)
    assert _row(greenroom).standing is Standing.ASKED
    booking_id = greenroom.book(application_id, at("Mon 10:00"))
    assert _row(greenroom).standing is Standing.BOOKED
    greenroom.booking(booking_id).attention = Attention.REFUSED_BY_GOOGLE
    db.session.commit()
    assert _row(greenroom).standing is Standing.NEEDS_ATTENTION
    greenroom.booking(booking_id).attention = None
    db.session.commit()
    greenroom.clock.now = at("Mon 11:00")
    assert _row(greenroom).standing is Standing.HELD
    db.session.get_one(Application, application_id).closed_at = greenroom.clock()
    db.session.commit()
    assert _row(greenroom).standing is Standing.CLOSED


def test_the_candidates_own_link_is_there_once_there_is_an_invite(greenroom: Greenroom) -> None:
    application_id = factories.application()
    assert _link(greenroom, application_id) is None
    _ask(greenroom, application_id)
    link = _link(greenroom, application_id)
    assert link is not None
    assert link.startswith("https://greenroom.example/i/")


def test_times_that_have_passed_are_not_shown_to_be_changed(greenroom: Greenroom) -> None:
    application_id = factories.application()
    page = windows_page(application_id, zone=BERLIN, now=at("Tue 19:00"))
    assert page is not None
    assert [span.start for span in page.windows] == [at("Wed 08:00")]


def test_who_is_not_there_has_no_page(greenroom: Greenroom) -> None:
    now = greenroom.clock()
    assert candidate_page(1, zone=BERLIN, now=now, keys=greenroom.keys, public_url="") is None
    assert windows_page(1, zone=BERLIN, now=now) is None


def _row(greenroom: Greenroom) -> ApplicationRow:
    db.session.expire_all()
    page = candidate_list(
        zone=BERLIN, now=greenroom.clock(), words="", role_id=None, stage_id=None, number=1
    )
    return page.rows[0].applications[0]


def _give_windows(application_id: int) -> None:
    candidates.give_windows(
        application_id,
        [TimeSpan(at("Mon 08:00"), at("Mon 18:00"))],
        by=GREENROOM,
        now=factories.NOON_SUNDAY,
    )


def _ask(greenroom: Greenroom, application_id: int) -> None:
    mails.offer_times(
        application_id,
        greenroom.stage_of(application_id),
        sender=greenroom.world.sender,
        by=GREENROOM,
        now=greenroom.clock(),
    )


def _link(greenroom: Greenroom, application_id: int) -> str | None:
    page = candidate_page(
        db.session.get_one(Application, application_id).candidate_id,
        zone=BERLIN,
        now=greenroom.clock(),
        keys=greenroom.keys,
        public_url="https://greenroom.example",
    )
    assert page is not None
    return page.applications[0].link
