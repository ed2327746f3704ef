"""Can a stage still be booked soon? The question that is asked of every plan each night.

Asked for a candidate whom nobody knows yet: they can in office hours of the next working days, by
the clock that most interviewers live by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, select
from sqlalchemy.orm import contains_eager

from scheduler.domain.availability import at_wall_time
from scheduler.domain.slots.explain import relaxations
from scheduler.domain.slots.funnel import funnel
from scheduler.domain.slots.search import start_times
from scheduler.domain.timespan import TimeSpan
from scheduler.models.base import db
from scheduler.models.candidates import Application
from scheduler.models.people import InterviewerRow
from scheduler.models.plans import JobRole, Stage
from scheduler.models.probes import StageProbe
from scheduler.queries import slot_searches
from scheduler.queries.reasons import opening_words
from scheduler.queries.slot_searches import FRESH_FOR_A_PAGE, StageSearch

WORKING_DAYS = 5
OPENS_AT, CLOSES_AT = time(9), time(18)
SATURDAY = 5
UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Answer:
    """The first start there is; or None, and what is in the way."""

    earliest: datetime | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnbookableStage:
    """A stage that cannot be booked within WORKING_DAYS, of a role with candidates."""

    job_role_id: int
    role: str
    stage: str
    reason: str
    since: datetime


def stages() -> Sequence[int]:
    """Return the stages of all plans."""
    return db.session.scalars(select(Stage.id).order_by(Stage.id)).all()


def usual_zone() -> ZoneInfo:
    """Return the zone that most interviewers live in."""
    return (
        db.session.scalar(
            select(InterviewerRow.zone)
            .group_by(InterviewerRow.zone)
            .order_by(func.count().desc(), InterviewerRow.zone)
            .limit(1)
        )
        or UTC
    )


def office_hours(zone: ZoneInfo, now: datetime) -> tuple[TimeSpan, ...]:
    """Return the office hours of the next WORKING_DAYS days, today among them."""
    on = now.astimezone(zone).date()
    spans: list[TimeSpan] = []
    while len(spans) < WORKING_DAYS:
        if on.weekday() < SATURDAY:
            opens, closes = (at_wall_time(on, at, zone) for at in (OPENS_AT, CLOSES_AT))
            spans.append(TimeSpan(opens, closes))
        on += timedelta(days=1)
    return tuple(spans)


def answer(stage_id: int, *, zone: ZoneInfo, now: datetime) -> Answer:
    """Return the first start of a stage for somebody who can in office hours, by calendars as last read."""
    stage_search = slot_searches.for_anybody(
        stage_id, office_hours(zone, now), zone, now=now, fresh_for=FRESH_FOR_A_PAGE
    )
    starts = start_times(stage_search.search, stage_search.calendars)
    return Answer(starts[0], "") if starts else Answer(None, _reason(stage_search))


def _reason(stage_search: StageSearch) -> str:
    search = stage_search.search
    counts = funnel(search, stage_search.calendars)
    if counts.empty_seats:
        return f"Nobody may take a seat of {', '.join(counts.empty_seats)}."
    people = [search.people[id_].interviewer.name for id_ in counts.unknown]
    rooms = [room.name for room in search.rooms.values() if room.busy is None]
    if people or rooms:
        return f"Calendar unknown: {', '.join([*people, *rooms])}."
    opening = next(iter(relaxations(search, 0, stage_search.calendars)), None)
    if opening is None:
        return "No change that we tried would open a time, nor two together."
    words = "start" if opening.starts == 1 else "starts"
    return f"{opening_words(opening)} would open {opening.starts} {words}."


def of_plan(job_role_id: int) -> Mapping[int, StageProbe]:
    """Return what was last found of the stages of a plan, by stage."""
    found = db.session.scalars(
        select(StageProbe).join(StageProbe.stage).where(Stage.job_role_id == job_role_id)
    )
    return {probe.stage_id: probe for probe in found}


def unbookable(recruiter_id: int | None) -> Iterable[UnbookableStage]:
    """Yield the stages that cannot be booked soon, of roles with open applications of this recruiter's.

    Of everybody's, without `recruiter_id`. The latest news come first.
    """
    waits = exists().where(
        Application.job_role_id == Stage.job_role_id, Application.closed_at.is_(None)
    )
    if recruiter_id is not None:
        waits = waits.where(Application.recruiter_id == recruiter_id)
    found = db.session.scalars(
        select(StageProbe)
        .join(StageProbe.stage)
        .join(Stage.job_role)
        .where(StageProbe.earliest.is_(None), waits)
        .options(contains_eager(StageProbe.stage).contains_eager(Stage.job_role))
        .order_by(StageProbe.impossible_since.desc(), func.lower(JobRole.title), Stage.position)
    )
    for probe in found:
        assert probe.impossible_since is not None  # or it were possible
        yield UnbookableStage(
            job_role_id=probe.stage.job_role_id,
            role=probe.stage.job_role.title,
            stage=probe.stage.title,
            reason=probe.reason,
            since=probe.impossible_since,
        )
