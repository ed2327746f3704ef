"""Rows that are valid with no arguments, made through the commands that the pages use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from itertools import count

from scheduler.commands import candidates, people, plans
from scheduler.commands import rooms as room_commands
from scheduler.commands.audit import GREENROOM
from scheduler.commands.plans import InterviewDraft, SeatDraft, StageDraft
from scheduler.domain.calls import ConferenceStrategy
from scheduler.domain.people import LoadLimit, Role, Standing, WorkingHours
from scheduler.domain.plan import Attendance, CallGrouping, SeatKind
from scheduler.domain.timespan import TimeSpan
from scheduler.emulator.company import Account
from scheduler.models.base import db
from scheduler.models.people import User
from scheduler.models.plans import JobRole
from tests.cast import ADA, DANA, FEMI, PRIYA, at

NOON_SUNDAY = at("Sun 12:00") - timedelta(days=7)
WEEKDAYS = tuple(WorkingHours(day, time(8), time(18)) for day in range(5))
numbers = count(1)


def user(account: Account = PRIYA, role: Role = Role.RECRUITER) -> int:
    """Return the id of somebody who has signed in."""
    row = User(
        issuer="https://issuer.example",
        subject=f"subject-{next(numbers)}",
        email=account.email,
        name=account.name,
        phone=account.phone or "+49 30 5550 0142",
        role=role,
        created_at=NOON_SUNDAY,
    )
    db.session.add(row)
    db.session.commit()
    return row.id


def interviewer(
    account: Account = DANA,
    *,
    limit: LoadLimit | None = None,
    hours: Sequence[WorkingHours] = WEEKDAYS,
) -> int:
    return people.add_interviewer(
        email=account.email,
        name=account.name,
        title="",
        zone=account.zone,
        hours=hours,
        limit=limit or LoadLimit(per_day=4, per_week=10),
        by=GREENROOM,
        now=NOON_SUNDAY,
    )


def pool(members: Sequence[int] = (), *, trainees: Sequence[int] = ()) -> int:
    """Return the id of a pool with these interviewers in it."""
    pool_id = people.make_pool(f"Pool {next(numbers)}", by=GREENROOM, now=NOON_SUNDAY)
    for interviewer_id in members:
        people.join_pool(pool_id, interviewer_id, Standing.TRAINED, by=GREENROOM, now=NOON_SUNDAY)
    for interviewer_id in trainees:
        people.join_pool(pool_id, interviewer_id, Standing.TRAINING, by=GREENROOM, now=NOON_SUNDAY)
    return pool_id


def room(account: Account, *, site: str = "Berlin") -> int:
    """Return the id of a room whose calendar is the account's."""
    return room_commands.add_room(
        name=account.name, site=site, email=account.email, by=GREENROOM, now=NOON_SUNDAY
    )


def interview_draft(
    *pools: int,
    title: str = "System design",
    minutes: int = 45,
    focus: str = "Trade-offs",
    rooms: Sequence[int] = (),
) -> InterviewDraft:
    kinds = (SeatKind.LEAD, SeatKind.SECOND, SeatKind.SECOND)
    return InterviewDraft(
        title=title,
        focus=focus,
        length=timedelta(minutes=minutes),
        seats=tuple(
            SeatDraft(kind, (pool_id,)) for kind, pool_id in zip(kinds, pools, strict=False)
        ),
        rooms=tuple(rooms),
    )


def stage(
    *drafts: InterviewDraft,
    grouping: CallGrouping = CallGrouping.PER_INTERVIEW,
    strategy: ConferenceStrategy = ConferenceStrategy.CANDIDATE_EVENT_MINTS,
    public_title: str = "Technical interview",
    public_notes: str = "Please bring something to write on.",
    attendance: Attendance = Attendance.VIDEO,
    location: str = "",
    most_days: int = 1,
    longest_day: timedelta | None = None,
) -> int:
    """Return the id of the only stage of a new role. Without drafts: Dana and Femi for 45 minutes."""
    if not drafts:
        drafts = (interview_draft(pool([interviewer(DANA)]), pool([interviewer(FEMI)])),)
    is_day_call = grouping is CallGrouping.PER_LOOP_DAY
    role_id = plans.open_job_role(
        "Platform engineer",
        "Platform",
        [
            StageDraft(
                title="Technical",
                public_title=public_title,
                public_notes=public_notes,
                attendance=attendance,
                location=location,
                call_grouping=grouping,
                strategy=strategy,
                shortest_gap=timedelta(minutes=15 if is_day_call else 0),
                most_days=most_days,
                longest_day=longest_day,
                interviews=drafts,
            )
        ],
        by=GREENROOM,
        now=NOON_SUNDAY,
    )
    return db.session.get_one(JobRole, role_id).stages[0].id


def application(
    stage_id: int | None = None,
    *,
    account: Account = ADA,
    email: str | None = None,
    windows: Sequence[TimeSpan] | None = None,
    recruiter_id: int | None = None,
    now: datetime = NOON_SUNDAY,
) -> int:
    """Return the id of an application of Ada's, who can all week."""
    candidate_id = candidates.add_candidate(
        name=account.name,
        email=account.email if email is None else email,
        zone=account.zone,
        resume_url="https://drive.google.com/file/d/resume-of-ada/view",
        by=GREENROOM,
        now=now,
    )
    application_id = candidates.apply(
        candidate_id,
        stage_id=stage_id if stage_id is not None else stage(),
        recruiter_id=recruiter_id if recruiter_id is not None else user(),
        scorecard_url="https://scorecards.northwind.example/ada",
        by=GREENROOM,
        now=now,
    )
    all_week = [TimeSpan(at(f"{day} 08:00"), at(f"{day} 18:00")) for day in ("Mon", "Tue", "Wed")]
    candidates.give_windows(
        application_id, all_week if windows is None else windows, by=GREENROOM, now=now
    )
    return application_id
