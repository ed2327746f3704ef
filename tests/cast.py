"""The people in our stories, and how we tell the time."""

from __future__ import annotations

from datetime import UTC, datetime

from scheduler.emulator.company import Account

DOMAIN = "northwind.example"

SCHEDULING = Account(
    email=f"scheduling@{DOMAIN}",
    name="Northwind Interviews",
    kind="scheduling",
    zone="Europe/Berlin",
    hd=DOMAIN,
)
PRIYA = Account(  # recruits
    email=f"priya@{DOMAIN}", name="Priya Raman", kind="recruiter", zone="Europe/Berlin", hd=DOMAIN
)
DANA = Account(  # interviews, as do Femi, José and Mei
    email=f"dana@{DOMAIN}", name="Dana Okonkwo", kind="interviewer", zone="UTC", hd=DOMAIN
)
FEMI = Account(
    email=f"femi@{DOMAIN}", name="Femi Adeyemi", kind="interviewer", zone="UTC", hd=DOMAIN
)
JOSE = Account(email=f"jose@{DOMAIN}", name="José Ruiz", kind="interviewer", zone="UTC", hd=DOMAIN)
MEI = Account(email=f"mei@{DOMAIN}", name="Mei Tanaka", kind="interviewer", zone="UTC", hd=DOMAIN)
ADA = Account(  # the candidate
    email="ada@mailbox.example", name="Ada Quist", kind="candidate", zone="Europe/Vienna"
)
BO = Account(  # another one
    email="bo@mailbox.example", name="Bo Lindqvist", kind="candidate", zone="America/New_York"
)

AURORA = Account(  # rooms
    email=f"room-aurora@{DOMAIN}", name="Aurora", kind="room", zone="Europe/Berlin", hd=DOMAIN
)
FJORD = Account(
    email=f"room-fjord@{DOMAIN}", name="Fjord", kind="room", zone="Europe/Berlin", hd=DOMAIN
)
HARBOUR = Account(
    email=f"room-harbour@{DOMAIN}", name="Harbour", kind="room", zone="Europe/London", hd=DOMAIN
)

INTERVIEWERS = (DANA, FEMI, JOSE, MEI)
ROOMS = (AURORA, FJORD, HARBOUR)
EVERYBODY = (SCHEDULING, PRIYA, *INTERVIEWERS, ADA, BO, *ROOMS)

DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
THE_MONDAY = 23  # November 2026


def at(moment: str) -> datetime:
    """Return a moment of our test week, in UTC: at("Mon 09:30")."""
    day, clock = moment.split()
    hour, minute = clock.split(":")
    return datetime(2026, 11, THE_MONDAY + DAYS.index(day), int(hour), int(minute), tzinfo=UTC)
