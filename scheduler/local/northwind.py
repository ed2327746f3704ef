"""The story that a first run is filled with: what Northwind hires for, who interviews, who applied.

The people themselves live in the emulator (`scheduler.emulator.company`); here they are named by the
local part of their address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta

from scheduler.commands.plans import InterviewDraft, SeatDraft, StageDraft
from scheduler.domain.calls import ConferenceStrategy
from scheduler.domain.plan import Attendance, CallGrouping, Lunch, Order, Rest, SeatKind

LEAD, SECOND, SHADOW = SeatKind.LEAD, SeatKind.SECOND, SeatKind.SHADOW
OBSERVER = SeatKind.OBSERVER


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


@dataclass(frozen=True, slots=True)
class MeetingRoom:
    """A room by the local part of its calendar's address."""

    local: str
    name: str
    site: str


ROOMS = (
    MeetingRoom("room-redwood", "Redwood", "San Francisco"),
    MeetingRoom("room-sequoia", "Sequoia", "San Francisco"),
)


def interview(
    title: str, focus: str, minutes: int, *seats: SeatDraft, rooms: tuple[int, ...] = ()
) -> InterviewDraft:
    return InterviewDraft(title, focus, timedelta(minutes=minutes), seats, rooms)


def job_roles(
    pool: dict[str, int], rooms: tuple[int, ...]
) -> list[tuple[str, str, list[StageDraft]]]:
    """Return the roles to fill, with their plans.

    `pool` gives a pool's id by its name, `rooms` the ids of the rooms at the studio.
    """

    def lead(name: str) -> SeatDraft:
        return SeatDraft(LEAD, (pool[name],))

    def second(name: str) -> SeatDraft:
        return SeatDraft(SECOND, (pool[name],))

    def shadow(name: str) -> SeatDraft:
        return SeatDraft(SHADOW, (pool[name],))

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
                    location="Northwind, 44 Larkspur Street, San Francisco",
                    attendance=Attendance.ONSITE,
                    interviews=(
                        interview(
                            "Working session",
                            "Thinks aloud, takes hints.",
                            60,
                            lead("Portfolio"),
                            rooms=rooms,
                        ),
                    ),
                ),
                StageDraft(
                    title="Design days",
                    public_title="Design days",
                    public_notes="We spend up to two days with you, with time for lunch.",
                    shortest_gap=timedelta(minutes=10),
                    longest_gap=timedelta(minutes=90),
                    order=Order.ANY,
                    before=((0, 2),),
                    most_days=2,
                    longest_day=timedelta(hours=6),
                    lunch=Lunch(timedelta(minutes=45), time(12), time(14)),
                    rest=Rest(after=timedelta(hours=2), length=timedelta(minutes=20)),
                    interviews=(
                        interview(
                            "Critique",
                            "Looks before judging, asks why.",
                            60,
                            SeatDraft(LEAD, (pool["Portfolio"], pool["Product sense"])),
                            SeatDraft(OBSERVER, (pool["Ways of working"],)),
                        ),
                        interview(
                            "Product sense",
                            "Whose problem it is, and what to leave out.",
                            45,
                            lead("Product sense"),
                            SeatDraft(SECOND, (pool["Portfolio"],), is_optional=True),
                        ),
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
