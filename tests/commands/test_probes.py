"""The nightly question of every stage: can it still be booked within five working days?"""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from scheduler.commands import probes
from scheduler.models.base import db
from scheduler.models.probes import StageProbe
from scheduler.queries.probes import office_hours
from scheduler.queries.work_queue import work_queue
from tests import factories
from tests.cast import AURORA, BO, DANA, FEMI, at
from tests.world import Greenroom

UTC_ZONE = ZoneInfo("UTC")


def test_a_stage_that_can_be_booked_gives_its_first_start(greenroom: Greenroom) -> None:
    application_id = factories.application()
    stage_id = greenroom.stage_of(application_id)
    greenroom.read_calendars(stage_id)
    greenroom.google.clear_calls()
    assert probes.probe_every_stage(greenroom.clock()) == probes.Probed(1, 0)
    assert greenroom.google.calls() == [], "it looks at what was read"
    probe = _probe(stage_id)
    assert (probe.earliest, probe.impossible_since, probe.reason) == (at("Mon 09:00"), None, "")
    assert probe.zone == UTC_ZONE
    assert _queue(greenroom) == []


def test_the_first_start_is_after_what_takes_peoples_time(greenroom: Greenroom) -> None:
    application_id = factories.application()
    stage_id = greenroom.stage_of(application_id)
    greenroom.book(application_id, at("Mon 09:00"))
    probes.probe_every_stage(greenroom.clock())
    assert _probe(stage_id).earliest == at("Mon 09:45")


def test_a_stage_nobody_may_sit_in_says_so(greenroom: Greenroom) -> None:
    stage_id = factories.stage(factories.interview_draft(factories.pool(), title="Coding"))
    factories.application(stage_id)
    assert probes.probe_every_stage(greenroom.clock()) == probes.Probed(1, 1)
    assert _probe(stage_id).reason == "Nobody may take a seat of Coding."


def test_a_stage_whose_room_nobody_can_tell_of_says_so(greenroom: Greenroom) -> None:
    pool = factories.pool([factories.interviewer(DANA)])
    stage_id = factories.stage(factories.interview_draft(pool, rooms=[factories.room(AURORA)]))
    greenroom.google.set_freebusy_error(AURORA.email, "notFound")
    greenroom.read_calendars(stage_id)
    assert probes.probe_every_stage(greenroom.clock()) == probes.Probed(1, 1)
    assert _probe(stage_id).reason == "Calendar unknown: Aurora, Berlin."


def test_what_turned_to_no_is_in_the_work_queue_until_it_turns_back(greenroom: Greenroom) -> None:
    application_id = factories.application()
    stage_id = greenroom.stage_of(application_id)
    greenroom.google.set_freebusy_error(FEMI.email, "notFound")
    greenroom.read_calendars(stage_id)
    since = greenroom.clock()
    for _ in range(2):
        probes.probe_every_stage(greenroom.clock())
        greenroom.clock.forward(minutes=1)
    (found,) = _queue(greenroom)
    assert found == f"Technical: Calendar unknown: {FEMI.name}."
    assert _probe(stage_id).impossible_since == since
    assert _queue(greenroom, recruiter_id=factories.user(BO)) == [], "another recruiter's"

    greenroom.google.set_freebusy_error(FEMI.email, None)
    greenroom.read_calendars(stage_id)
    probes.probe_every_stage(greenroom.clock())
    assert _queue(greenroom) == []


def test_a_plan_without_candidates_is_no_news(greenroom: Greenroom) -> None:
    stage_id = factories.stage(factories.interview_draft(factories.pool(), title="Coding"))
    probes.probe_every_stage(greenroom.clock())
    assert _probe(stage_id).impossible_since is not None
    assert _queue(greenroom) == []


def test_where_no_single_change_helps_the_reason_is_two_together(greenroom: Greenroom) -> None:
    dana, femi = (factories.interviewer(each, hours=()) for each in (DANA, FEMI))
    stage_id = factories.stage(
        factories.interview_draft(factories.pool([dana]), factories.pool([femi]))
    )
    greenroom.read_calendars(stage_id)
    probes.probe_every_stage(greenroom.clock())
    assert _probe(stage_id).reason == ("Two other people for System design would open 170 starts.")


def test_five_working_days_leave_out_the_weekend() -> None:
    friday = at("Fri 06:00")
    days = office_hours(ZoneInfo("Europe/Berlin"), friday)
    assert [span.start for span in days] == [
        at("Fri 08:00"),
        *(at("Mon 08:00") + timedelta(days=7 + ahead) for ahead in range(4)),
    ]


def _probe(stage_id: int) -> StageProbe:
    db.session.expire_all()
    return db.session.get_one(StageProbe, stage_id)


def _queue(greenroom: Greenroom, recruiter_id: int | None = None) -> list[str]:
    page = work_queue(zone=UTC_ZONE, now=greenroom.clock(), recruiter_id=recruiter_id)
    return [f"{each.stage}: {each.reason}" for each in page.unbookable]
