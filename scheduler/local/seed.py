"""Fills an empty Greenroom with a believable company, for a first look.

Everything goes through the front door: people sign in on the emulator's consent page, the admin
connects the scheduling account on the admin page, and all else is done by the commands that the
pages use. Run as `python -m scheduler.local.seed`, beside a running web process and worker.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import select

from scheduler.clock import utc_now
from scheduler.commands import bookings, calendars, candidates, mails, people, plans, sign_in
from scheduler.commands.audit import GREENROOM, Actor
from scheduler.commands.mails import Sender
from scheduler.commands.plans import InterviewDraft, SeatDraft, StageDraft
from scheduler.config import Settings
from scheduler.domain.calls import ConferenceStrategy
from scheduler.domain.people import LoadLimit, Role, Standing, WorkingHours
from scheduler.domain.plan import Attendance, CallGrouping, SeatKind
from scheduler.domain.slots.search import find_slots
from scheduler.domain.timespan import TimeSpan
from scheduler.emulator.company import COMPANY, Account
from scheduler.local.browser import Browser
from scheduler.models.base import db
from scheduler.models.calendar import ConnectionState, GoogleConnection
from scheduler.models.candidates import Candidate
from scheduler.models.people import InterviewerPool, InterviewerRow, User
from scheduler.models.plans import JobRole
from scheduler.queries import slot_searches
from scheduler.queries.slot_searches import FRESH_FOR_A_BOOKING

log = logging.getLogger(__name__)

CONNECTED_WITHIN = timedelta(seconds=30)
ROLES = {"recruiter": Role.RECRUITER, "coordinator": Role.COORDINATOR}
LEAD, SECOND, SHADOW = SeatKind.LEAD, SeatKind.SECOND, SeatKind.SHADOW


class NotConnectedInTime(Exception):
    """The worker did not find the scheduling account's connection ready."""


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool by the addresses' local parts of its members."""

    name: str
    trained: tuple[str, ...]
    training: tuple[str, ...] = ()


POOLS = (
    Pool(
        "Technical screens",
        ("dana.okafor", "jonas.brandt", "gwilym.prydderch", "caleb.thornquist", "salma.elbakkali"),
        ("noa.rosenzweig",),
    ),
    Pool(
        "Coding",
        (
            "jonas.brandt",
            "aoife.nidhomhnaill",
            "salma.elbakkali",
            "rafael.ibarguen",
            "noa.rosenzweig",
            "viktor.horvath",
        ),
        ("ishaan.chatterjee",),
    ),
    Pool(
        "System design",
        (
            "dana.okafor",
            "henrik.solberg",
            "caleb.thornquist",
            "dmitri.volkonsky",
            "mei-lin.zhao",
            "zeynep.aydin",
            "gwilym.prydderch",
        ),
        ("viktor.horvath",),
    ),
    Pool(
        "Debugging",
        (
            "gwilym.prydderch",
            "viktor.horvath",
            "salma.elbakkali",
            "henrik.solberg",
            "xiomara.delgadillo",
            "harriet.ashdown",
        ),
    ),
    Pool(
        "Ways of working",
        ("femi.adeyemi", "zeynep.aydin", "imani.broussard", "beatriz.figueiredo", "rohan.deshmukh"),
    ),
    Pool(
        "Portfolio", ("lucie.marchand", "soo-jin.hwang", "marguerite.leclair", "beatriz.figueiredo")
    ),
    Pool(
        "Data modelling",
        (
            "ananya.krishnaswamy",
            "owen.castellanos",
            "wanjiru.kamau",
            "meera.venkataraman",
            "jonas.brandt",
        ),
    ),
    Pool("Product sense", ("femi.adeyemi", "marguerite.leclair", "lachlan.pemberton")),
)


def interview(title: str, focus: str, minutes: int, *seats: SeatDraft) -> InterviewDraft:
    return InterviewDraft(title, focus, timedelta(minutes=minutes), seats)


def job_roles(pool: dict[str, int]) -> list[tuple[str, str, list[StageDraft]]]:
    """Return the roles to fill, with their plans; `pool` gives a pool's id by its name."""

    def lead(name: str) -> SeatDraft:
        return SeatDraft(LEAD, pool[name])

    def second(name: str) -> SeatDraft:
        return SeatDraft(SECOND, pool[name])

    def shadow(name: str) -> SeatDraft:
        return SeatDraft(SHADOW, pool[name])

    screen_notes = (
        "We will talk about your work and solve one small problem together. "
        "You need a computer with a browser; nothing has to be installed."
    )
    loop_notes = (
        "There are four conversations with breaks in between. "
        "If you need an adjustment, or more time, tell us and we will arrange it."
    )
    return [
        (
            "Senior Backend Engineer",
            "Platform",
            [
                StageDraft(
                    title="Technical screen",
                    public_title="Technical interview",
                    public_notes=screen_notes,
                    interviews=(
                        interview(
                            "Backend fundamentals",
                            "Reads code well, explains trade-offs, asks before assuming.",
                            45,
                            lead("Technical screens"),
                            shadow("Technical screens"),
                        ),
                    ),
                ),
                StageDraft(
                    title="On-site loop",
                    public_title="Interview day",
                    public_notes=loop_notes,
                    shortest_gap=timedelta(0),
                    longest_gap=timedelta(minutes=90),
                    interviews=(
                        interview("Coding", "Working code, tests, naming.", 60, lead("Coding")),
                        interview(
                            "System design",
                            "Data flow, failure, scale; one design they are proud of.",
                            60,
                            lead("System design"),
                            second("Technical screens"),
                        ),
                        interview("Debugging", "Method, patience, tools.", 45, lead("Debugging")),
                        interview(
                            "Ways of working",
                            "Feedback, conflict, ownership.",
                            45,
                            lead("Ways of working"),
                        ),
                    ),
                ),
            ],
        ),
        (
            "Data Engineer",
            "Data",
            [
                StageDraft(
                    title="Hiring manager call",
                    public_title="First conversation",
                    public_notes="A relaxed talk about the role, the team and what you look for.",
                    interviews=(
                        interview(
                            "The role and you",
                            "Motivation, level, questions.",
                            30,
                            lead("Ways of working"),
                        ),
                    ),
                ),
                StageDraft(
                    title="Interview day, one call",
                    public_title="Interview day",
                    public_notes=loop_notes,
                    call_grouping=CallGrouping.PER_LOOP_DAY,
                    shortest_gap=timedelta(minutes=15),
                    longest_gap=timedelta(minutes=75),
                    interviews=(
                        interview(
                            "Data modelling",
                            "Grain, history, late data.",
                            45,
                            lead("Data modelling"),
                        ),
                        interview("Coding", "SQL and Python, step by step.", 45, lead("Coding")),
                        interview(
                            "System design", "A pipeline that may fail.", 45, lead("System design")
                        ),
                        interview(
                            "Ways of working", "Feedback, conflict.", 30, lead("Ways of working")
                        ),
                    ),
                ),
            ],
        ),
        (
            "Product Designer",
            "Design",
            [
                StageDraft(
                    title="Portfolio review",
                    public_title="Portfolio conversation",
                    public_notes="Please choose two pieces of work and tell us how they came about.",
                    strategy=ConferenceStrategy.KEEPER_EVENT_MINTS,
                    interviews=(
                        interview(
                            "Portfolio",
                            "Process over polish.",
                            60,
                            lead("Portfolio"),
                            second("Product sense"),
                        ),
                    ),
                ),
                StageDraft(
                    title="Studio visit",
                    public_title="Studio visit",
                    public_notes="Ask for us at the reception; it is on the second floor.",
                    location="Northwind, Lindenstraße 44, 10969 Berlin",
                    attendance=Attendance.ONSITE,
                    interviews=(
                        interview(
                            "Working session", "Thinks aloud, takes hints.", 60, lead("Portfolio")
                        ),
                    ),
                ),
            ],
        ),
    ]


@dataclass(frozen=True, slots=True)
class Applicant:
    """A candidate of the story: the role and stage they are at, and what has happened so far."""

    local: str
    role: str
    stage: int
    recruiter: str
    is_booked: bool = False
    is_offered: bool = False
    has_windows: bool = True


APPLICANTS = (
    Applicant("ada.quist", "Senior Backend Engineer", 0, "priya"),
    Applicant("luis.villaverde", "Senior Backend Engineer", 0, "priya", is_booked=True),
    Applicant("thandiwe.mbeki", "Senior Backend Engineer", 1, "priya"),
    Applicant("oleksandra.shevchuk", "Senior Backend Engineer", 1, "priya", is_booked=True),
    Applicant("clementine.dubois", "Senior Backend Engineer", 0, "tomasz", is_offered=True),
    Applicant("freya.lindqvist", "Data Engineer", 1, "priya", is_booked=True),
    Applicant("arjun.malhotra", "Data Engineer", 1, "tomasz"),
    Applicant("nour.haddad", "Data Engineer", 0, "priya", is_offered=True),
    Applicant("hana.novakova", "Product Designer", 0, "tomasz", is_booked=True),
    Applicant("sinead.gallagher", "Product Designer", 0, "priya"),
    Applicant("peter.okonjo", "Product Designer", 1, "marisol", has_windows=False),
    Applicant("jamal.whitfield", "Data Engineer", 0, "marisol"),
    Applicant("mateo.arrieta", "Senior Backend Engineer", 0, "marisol", has_windows=False),
)


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
        stages = _job_roles(pools, by)
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


def _job_roles(pools: dict[str, int], by: Actor) -> dict[str, list[int]]:
    """Open the roles; return the ids of their stages by the role's title."""
    stages = {}
    for title, team, drafts in job_roles(pools):
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
        mails.offer_times(application_id, stage_id, sender=_sender(app), by=by, now=now)
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
    people_ids = slot_searches.eligible_people(stage_id)
    calendars.refresh(people_ids, access=app.extensions["google"], now=now)
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


def _sender(app: Flask) -> Sender:
    settings: Settings = app.extensions["settings"]
    return Sender(
        company=settings.company_name,
        mail_from=settings.mail_from,
        public_url=settings.public_url,
        keys=app.extensions["keys"],
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
