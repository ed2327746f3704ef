"""Fills an empty Greenroom with a believable company, for a first look.

Everything goes through the front door: people sign in on the emulator's consent page, the admin
connects the scheduling account on the admin page, and all else is done by the commands that the
pages use. Run as `python -m scheduler.local.seed`, beside a running web process and worker.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import select

from scheduler.clock import utc_now
from scheduler.commands import bookings, calendars, candidates, mails, people, plans, rooms, sign_in
from scheduler.commands.audit import GREENROOM, Actor
from scheduler.commands.mails import Sender
from scheduler.commands.people import Habits
from scheduler.config import Settings
from scheduler.domain.people import DayHours, LoadLimit, Role, Standing, WorkingHours
from scheduler.domain.slots.search import find_slots
from scheduler.domain.timespan import TimeSpan
from scheduler.emulator.company import COMPANY, Account
from scheduler.local.browser import Browser
from scheduler.local.northwind import APPLICANTS, POOLS, ROOMS, Applicant, job_roles
from scheduler.models.base import db
from scheduler.models.calendar import ConnectionState, GoogleConnection
from scheduler.models.candidates import Candidate
from scheduler.models.people import InterviewerPool, InterviewerRow, User
from scheduler.models.plans import JobRole
from scheduler.models.rooms import RoomRow
from scheduler.queries import slot_searches
from scheduler.queries.slot_searches import FRESH_FOR_A_BOOKING

log = logging.getLogger(__name__)

CONNECTED_WITHIN = timedelta(seconds=30)
ROLES = {"recruiter": Role.RECRUITER, "coordinator": Role.COORDINATOR}


class NotConnectedInTime(Exception):
    """The worker did not find the scheduling account's connection ready."""


LAST_TO_COME = "Robin Castellane"


def is_seeded() -> bool:
    """Say whether the whole story is here already."""
    return _candidate(LAST_TO_COME) is not None


def seed(app: Flask) -> None:
    """Fill the Greenroom that runs at PUBLIC_URL with Northwind.

    What is there already stays, so a seed that was interrupted is taken up again.
    """
    settings: Settings = app.extensions["settings"]
    with app.app_context():
        if is_seeded():
            return
        _sign_everybody_in(settings)
        _connect(settings)
        by = Actor.user(_user("alex"))
        interviewers = _interviewers(by)
        pools = _pools(interviewers, by)
        stages = _job_roles(pools, _rooms(by), by)
        _applicants(stages, app)


def _sign_everybody_in(settings: Settings) -> None:
    """Sign the staff in through the emulator's consent page, roles first."""
    for account in COMPANY.accounts:
        if account.kind in ROLES:
            people.grant_role(account.email, ROLES[account.kind], by=GREENROOM, now=utc_now())
    for account in COMPANY.accounts:
        if account.kind in ("admin", *ROLES):
            _signed_in(account, settings)


def _signed_in(account: Account, settings: Settings) -> Browser:
    browser = Browser()
    browser.open(f"{settings.public_url}/login")
    browser.submit("/login")
    browser.submit("/authorize", account=account.email)
    user_id = db.session.scalars(select(User.id).where(User.email == account.email)).one()
    sign_in.change_profile(
        user_id,
        phone=account.phone,
        zone=account.zone,
        by=Actor.user(user_id),
        now=utc_now(),
    )
    return browser


def _connect(settings: Settings) -> None:
    """Connect the scheduling account on the admin page, as the admin."""
    admin = next(account for account in COMPANY.accounts if account.kind == "admin")
    browser = _signed_in(admin, settings)
    browser.open(f"{settings.public_url}/admin/google")
    browser.submit("/admin/google/consent")
    browser.submit("/authorize", account=settings.scheduling_account)
    deadline = time.monotonic() + CONNECTED_WITHIN.total_seconds()
    while time.monotonic() < deadline:
        state = db.session.scalar(select(GoogleConnection.state))
        db.session.rollback()
        if state is ConnectionState.READY:
            return
        time.sleep(0.2)
    raise NotConnectedInTime


def _interviewers(by: Actor) -> dict[str, int]:
    """Add everybody who interviews; return their ids by local part."""
    ids = {
        row.email.partition("@")[0]: row.id
        for row in db.session.execute(select(InterviewerRow.id, InterviewerRow.email))
    }
    for number, account in enumerate(_of_kind("interviewer")):
        if _local(account) in ids:
            continue
        ids[_local(account)] = people.add_interviewer(
            email=account.email,
            name=account.name,
            title=account.title,
            zone=account.zone,
            hours=_hours(number),
            limit=LoadLimit(per_day=2, per_week=4 + number % 3),
            buffer=timedelta(minutes=5 * (number % 2)),
            habits=_habits(number),
            by=by,
            now=utc_now(),
        )
    return ids


def _hours(number: int) -> list[WorkingHours]:
    """Return weekdays from nine to half past five, for some an hour earlier or later."""
    shift = (0, -1, 1)[number % 3]
    opens, closes = clock_time(9 + shift), clock_time(17 + shift, 30)
    # Every seventh person does not work on Fridays.
    days = range(4) if number % 7 == 6 else range(5)
    return [WorkingHours(day, opens, closes) for day in days]


def _habits(number: int) -> Habits:
    """Return what people like: mornings for some, blocks after lunch for a few, the usual for most."""
    if number % 5 == 1:
        return Habits(comfortable=DayHours(clock_time(9), clock_time(13)))
    if number % 5 == 3:
        blocks = [WorkingHours(day, clock_time(13), clock_time(16)) for day in (1, 3)]
        return Habits(preferred_blocks=blocks)
    return Habits()


def _pools(interviewers: dict[str, int], by: Actor) -> dict[str, int]:
    ids = {
        row.name: row.id
        for row in db.session.execute(select(InterviewerPool.id, InterviewerPool.name))
    }
    for pool in POOLS:
        if pool.name not in ids:
            ids[pool.name] = people.make_pool(pool.name, by=by, now=utc_now())
        for standing, members in (
            (Standing.TRAINED, pool.trained),
            (Standing.TRAINING, pool.training),
        ):
            for local in members:
                people.join_pool(
                    ids[pool.name], interviewers[local], standing, by=by, now=utc_now()
                )
    return ids


def _rooms(by: Actor) -> tuple[int, ...]:
    """Add the rooms; return their ids."""
    emails = {room: f"{room.local}@{COMPANY.domain}" for room in ROOMS}
    ids = {row.email: row.id for row in db.session.execute(select(RoomRow.id, RoomRow.email))}
    return tuple(
        ids.get(email)
        or rooms.add_room(name=room.name, site=room.site, email=email, by=by, now=utc_now())
        for room, email in emails.items()
    )


def _job_roles(pools: dict[str, int], room_ids: tuple[int, ...], by: Actor) -> dict[str, list[int]]:
    """Open the roles; return the ids of their stages by the role's title."""
    stages = {}
    for title, team, drafts in job_roles(pools, room_ids):
        role_id = db.session.scalar(select(JobRole.id).where(JobRole.title == title))
        if role_id is None:
            role_id = plans.open_job_role(title, team, drafts, by=by, now=utc_now())
        stages[title] = [stage.id for stage in db.session.get_one(JobRole, role_id).stages]
    return stages


def _applicants(stages: dict[str, list[int]], app: Flask) -> None:
    accounts = {_local(account): account for account in _of_kind("candidate")}
    for applicant in APPLICANTS:
        if _candidate(accounts[applicant.local].name) is not None:
            continue
        _apply(applicant, accounts[applicant.local], stages[applicant.role][applicant.stage], app)
    _apply_without_address(stages["Data Engineer"][0])


def _apply(applicant: Applicant, account: Account, stage_id: int, app: Flask) -> None:
    now = utc_now()
    by = Actor.user(_user(applicant.recruiter))
    candidate_id = candidates.add_candidate(
        name=account.name,
        email=account.email,
        zone=account.zone,
        resume_url=f"https://drive.google.com/file/d/resume-{applicant.local}/view",
        by=by,
        now=now,
    )
    application_id = candidates.apply(
        candidate_id,
        stage_id=stage_id,
        recruiter_id=_user(applicant.recruiter),
        scorecard_url=f"https://scorecards.northwind.example/{applicant.local}",
        by=by,
        now=now,
    )
    if applicant.has_windows:
        candidates.give_windows(application_id, _windows(account.zone, now), by=by, now=now)
    if applicant.is_offered:
        mails.offer_times(
            application_id,
            stage_id,
            sender=Sender.of(app.extensions["settings"], app.extensions["keys"]),
            by=by,
            now=now,
        )
    if applicant.is_booked:
        _book(application_id, stage_id, app, by)


def _apply_without_address(stage_id: int) -> None:
    """Add somebody whom a recruiter met at a fair: no address yet, so nobody can invite them."""
    now, by = utc_now(), Actor.user(_user("tomasz"))
    candidate_id = candidates.add_candidate(
        name=LAST_TO_COME, email="", zone="Europe/London", resume_url="", by=by, now=now
    )
    application_id = candidates.apply(
        candidate_id, stage_id=stage_id, recruiter_id=_user("tomasz"), by=by, now=now
    )
    candidates.give_windows(application_id, _windows("Europe/London", now), by=by, now=now)


def _windows(zone: str, now: datetime) -> list[TimeSpan]:
    """Return weekdays from 9 to 18 of the candidate's clock, for the next two weeks."""
    local = ZoneInfo(zone)
    today = now.astimezone(local).date()
    days = [today + timedelta(days=ahead) for ahead in range(1, 15)]
    return [
        TimeSpan(
            datetime.combine(day, clock_time(9), local).astimezone(UTC),
            datetime.combine(day, clock_time(18), local).astimezone(UTC),
        )
        for day in days
        if day.weekday() < 5
    ]


def _book(application_id: int, stage_id: int, app: Flask, by: Actor) -> None:
    """Book one of the first slots, a little further on each time so that days fill believably."""
    now = utc_now()
    calendars.refresh(*slot_searches.concerned(stage_id), access=app.extensions["google"], now=now)
    stage_search = slot_searches.for_stage(
        application_id, stage_id, now=now, fresh_for=FRESH_FOR_A_BOOKING
    )
    slots = find_slots(stage_search.search)
    db.session.rollback()
    if not slots:
        log.warning("no slot to seed a booking with", extra={"application_id": application_id})
        return
    slot = slots[min(len(slots) - 1, 3 * application_id)]
    bookings.book(
        application_id, stage_id, slot.key, keys=app.extensions["keys"], by=by, now=utc_now()
    )


def _user(local: str) -> int:
    email = f"{local}@{COMPANY.domain}"
    return db.session.scalars(select(User.id).where(User.email == email)).one()


def _candidate(name: str) -> int | None:
    return db.session.scalar(select(Candidate.id).where(Candidate.name == name))


def _of_kind(kind: str) -> Iterable[Account]:
    return (account for account in COMPANY.accounts if account.kind == kind)


def _local(account: Account) -> str:
    return account.email.partition("@")[0]


def main() -> None:
    """Seed the Greenroom of this environment."""
    from scheduler import create_app

    seed(create_app())


if __name__ == "__main__":
    main()
