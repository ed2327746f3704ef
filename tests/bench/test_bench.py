"""What things cost: `make bench` prints a table. Within one run the rows may be compared, no more.

CPU seconds of this process, median and worst of several runs; calls to Google and SQL statements
are counted. PostgreSQL and the emulator's share of the work are part of what is timed.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from scheduler.commands import invites
from scheduler.domain.disclosure import ChooseSlotPage
from scheduler.domain.slots.search import find_slots
from scheduler.emulator.company import Account
from scheduler.models.base import db
from scheduler.queries import slot_searches
from scheduler.queries.candidate_pages import Looking, page_of
from scheduler.queries.choosing_pages import choose_times
from scheduler.queries.invites import OpenInvite
from scheduler.queries.slot_searches import FRESH_FOR_A_BOOKING
from tests import factories
from tests.cast import DANA, DOMAIN, FEMI, JOSE, MEI, at
from tests.world import Greenroom

pytestmark = pytest.mark.bench

RUNS = 9


@pytest.fixture
def row(capsys: pytest.CaptureFixture[str]) -> Callable[..., None]:
    def show(what: str, seconds: list[float], **counts: int) -> None:
        figures = f"median {statistics.median(seconds) * 1000:7.1f} ms   worst {max(seconds) * 1000:7.1f} ms"
        rest = "   ".join(f"{name} {count}" for name, count in counts.items())
        with capsys.disabled():
            print(f"\n{what:<44} {figures}   {rest}", end="")  # noqa: T201  # the table is the product

    return show


class Statements:
    """Counts the SQL statements that are sent while it listens."""

    def __enter__(self) -> Statements:
        self.count = 0
        event.listen(db.engine, "before_cursor_execute", self._counted)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(db.engine, "before_cursor_execute", self._counted)

    def _counted(self, *_: object) -> None:
        self.count += 1


def loop_stage() -> int:
    people = [factories.interviewer(each) for each in (DANA, FEMI, JOSE, MEI)]
    pool = factories.pool(people)
    titles = ("Coding", "Design", "Debugging", "Values")
    return factories.stage(
        *(factories.interview_draft(pool, title=title, minutes=30) for title in titles)
    )


@pytest.mark.parametrize(("what", "make_stage"), [("one interview", factories.stage), ("loop of four", loop_stage)])  # fmt: skip
def test_finding_every_time(
    greenroom: Greenroom, row: Callable[..., None], what: str, make_stage: Callable[[], int]
) -> None:
    application = factories.application(make_stage())
    stage = greenroom.stage_of(application)
    greenroom.read_calendars(stage)
    seconds, found = [], 0
    for _ in range(RUNS):
        began = time.process_time()
        search = slot_searches.for_stage(
            application, stage, now=greenroom.clock(), fresh_for=FRESH_FOR_A_BOOKING
        )
        found = len(find_slots(search.search, search.calendars))
        seconds.append(time.process_time() - began)
        db.session.rollback()
    assert found > 0
    row(f"find every time, {what}", seconds, times=found)


@pytest.mark.parametrize(("what", "interviews"), [("one interview", 1), ("loop of four", 4)])
def test_pages_with_fifty_in_the_pool(
    greenroom: Greenroom, row: Callable[..., None], what: str, interviews: int
) -> None:
    stage = stage_with_a_pool_of_fifty(greenroom, interviews)
    application = factories.application(stage)
    invite = invites.invite_for(application, stage, keys=greenroom.keys, now=greenroom.clock())
    invite.offered_at = greenroom.clock()
    db.session.commit()
    greenroom.read_calendars(stage)
    asked = OpenInvite(
        invite_id=invite.id, application_id=application, stage_id=stage, may_choose=True
    )
    looking = Looking("Northwind", None, greenroom.clock())

    def choose_a_time() -> int:
        page = choose_times(application, stage, zone=ZoneInfo("UTC"), now=greenroom.clock())
        assert page is not None
        assert page.best.is_proven
        return page.total

    def look_as_the_candidate() -> int:
        page = page_of(asked, looking)
        assert isinstance(page, ChooseSlotPage)
        return len(page.slots or ())

    for name, look in (
        ("choose a time", choose_a_time),
        ("the candidate's", look_as_the_candidate),
    ):
        seconds, found = [], 0
        for _ in range(RUNS):
            db.session.rollback()
            began = time.process_time()
            with Statements() as sql:
                found = look()
            seconds.append(time.process_time() - began)
        assert found > 0
        row(f"page: {name}, 50 people, {what}", seconds, times=found, statements=sql.count)


def stage_with_a_pool_of_fifty(greenroom: Greenroom, interviews: int) -> int:
    people = []
    for number in range(50):
        account = Account(
            email=f"i{number}@{DOMAIN}",
            name=f"Person {number}",
            kind="interviewer",
            zone="UTC",
            hd=DOMAIN,
        )
        greenroom.google.add_account(account)
        people.append(factories.interviewer(account))
    pool = factories.pool(people)
    return factories.stage(
        *(factories.interview_draft(pool, title=f"Interview {n}") for n in range(interviews))
    )


@pytest.mark.parametrize(("what", "make_stage"), [("one interview", factories.stage), ("loop of four", loop_stage)])  # fmt: skip
def test_settling_a_booking(
    greenroom: Greenroom, row: Callable[..., None], what: str, make_stage: Callable[[], int]
) -> None:
    application = factories.application(make_stage())
    first, idle = [], []
    calls = statements = idle_calls = 0
    for _ in range(RUNS):
        booking_id = greenroom.book(application, at("Mon 10:00"))
        greenroom.google.clear_calls()
        began = time.process_time()
        with Statements() as sql:
            greenroom.settle(booking_id)
        first.append(time.process_time() - began)
        calls, statements = len(greenroom.google.calls()), sql.count
        greenroom.google.clear_calls()
        began = time.process_time()
        greenroom.settle(booking_id)
        idle.append(time.process_time() - began)
        idle_calls = len(greenroom.google.calls())
        greenroom.cancel(booking_id)
        greenroom.settle(booking_id)
    row(f"settle a first booking, {what}", first, calls=calls, statements=statements)
    row(f"look at it again, {what}", idle, calls=idle_calls)
