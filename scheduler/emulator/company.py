"""The people of the seeded world: one Workspace domain and its candidates elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "scheduling", "admin", "recruiter", "coordinator", "interviewer", "candidate", "room"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody (or a room) with a Google account; `hd` is the Workspace domain, if it has one."""

    email: str
    name: str
    kind: Kind
    zone: str
    title: str = ""
    phone: str = ""
    hd: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """One Workspace domain, the accounts in it, and the outsiders who deal with it."""

    domain: str
    name: str
    accounts: tuple[Account, ...]


_DOMAIN = "northwind.example"


def _colleague(
    kind: Kind, local: str, name: str, zone: str, title: str, phone: str = ""
) -> Account:
    return Account(
        email=f"{local}@{_DOMAIN}",
        name=name,
        kind=kind,
        zone=zone,
        title=title,
        phone=phone,
        hd=_DOMAIN,
    )


_STAFF = (
    ("scheduling", "scheduling", "Northwind Interviews", "Europe/Berlin", "Scheduling account", ""),
    ("admin", "alex", "Alex Whitcombe", "Europe/London", "Workplace systems", "+44 20 7946 0112"),
    ("recruiter", "priya", "Priya Raman", "Europe/Berlin", "Senior recruiter", "+49 30 5550 0142"),
    ("recruiter", "tomasz", "Tomasz Zieliński", "Europe/London", "Recruiter", "+44 20 7946 0187"),
    ("recruiter", "marisol", "Marisol Peña", "America/New_York", "Recruiter", "+1 212 555 0133"),
    ("coordinator", "ingrid", "Ingrid Håkansson", "Europe/Berlin", "Recruiting coordinator", "+49 30 5550 0158"),
    ("coordinator", "kwame", "Kwame Boateng", "America/Los_Angeles", "Recruiting coordinator", "+1 415 555 0171"),
)  # fmt: skip

_INTERVIEWERS = (
    ("dana.okafor", "Dana Okafor", "Europe/Berlin", "Staff engineer, Platform"),
    ("femi.adeyemi", "Femi Adéyẹmí", "Europe/London", "Engineering manager, Payments"),
    ("jonas.brandt", "Jonas Brandt", "Europe/Berlin", "Senior engineer, Search"),
    ("lucie.marchand", "Lucie Marchand", "Europe/Paris", "Product designer"),
    ("aoife.nidhomhnaill", "Aoife Ní Dhomhnaill", "Europe/London", "Senior engineer, Mobile"),
    ("wanjiru.kamau", "Wanjirũ Kamau", "Africa/Nairobi", "Data scientist"),
    ("henrik.solberg", "Henrik Sølberg", "Europe/Berlin", "Principal engineer, Storage"),
    ("beatriz.figueiredo", "Beatriz Figueiredo", "Europe/London", "Product manager"),
    ("viktor.horvath", "Viktor Horváth", "Europe/Berlin", "Security engineer"),
    ("zeynep.aydin", "Zeynep Aydın", "Europe/Berlin", "Engineering manager, Search"),
    ("caleb.thornquist", "Caleb Thornquist", "America/New_York", "Staff engineer, Payments"),
    ("imani.broussard", "Imani Broussard", "America/New_York", "Director of engineering"),
    ("rafael.ibarguen", "Rafael Ibargüen", "America/New_York", "Senior engineer, Platform"),
    ("soo-jin.hwang", "Hwang Soo-jin", "America/Los_Angeles", "Senior designer"),
    ("marguerite.leclair", "Marguerite LeClair", "America/Los_Angeles", "Product manager"),
    ("dmitri.volkonsky", "Dmitri Volkonsky", "America/Los_Angeles", "Infrastructure engineer"),
    ("xiomara.delgadillo", "Xiomara Delgadillo", "America/Los_Angeles", "Engineer, Web"),
    ("owen.castellanos", "Owen Castellanos", "America/Chicago", "Data engineer"),
    ("ananya.krishnaswamy", "Ananya Krishnaswamy", "Asia/Kolkata", "Senior engineer, Data"),
    ("rohan.deshmukh", "Rohan Deshmukh", "Asia/Kolkata", "Engineering manager, Data"),
    ("ishaan.chatterjee", "Ishaan Chatterjee", "Asia/Kolkata", "Engineer, Mobile"),
    ("meera.venkataraman", "Meera Venkataraman", "Asia/Kolkata", "Quality engineer"),
    ("harriet.ashdown", "Harriet Ashdown", "Australia/Sydney", "Senior engineer, Web"),
    ("lachlan.pemberton", "Lachlan Pemberton", "Australia/Sydney", "Product manager"),
    ("mei-lin.zhao", "Zhao Mei-Lin", "Asia/Singapore", "Staff engineer, Mobile"),
    ("salma.elbakkali", "Salma El Bakkali", "Europe/Paris", "Engineer, Platform"),
    ("gwilym.prydderch", "Gwilym Prydderch", "Europe/London", "Staff engineer, Web"),
    ("noa.rosenzweig", "Noa Rosenzweig", "Europe/Berlin", "Engineer, Payments"),
)  # fmt: skip

_ROOMS = (
    ("room-aurora", "Aurora (Berlin, 6 seats)", "Europe/Berlin"),
    ("room-fjord", "Fjord (Berlin, 4 seats)", "Europe/Berlin"),
    ("room-harbour", "Harbour (London, 8 seats)", "Europe/London"),
    ("room-redwood", "Redwood (San Francisco, 6 seats)", "America/Los_Angeles"),
    ("room-sequoia", "Sequoia (San Francisco, 4 seats)", "America/Los_Angeles"),
)

_CANDIDATES = (
    ("ada.quist@mailbox.example", "Ada Quist", "Europe/Stockholm"),
    ("luis.villaverde@correo.example", "Luis Villaverde", "Europe/Madrid"),
    ("thandiwe.mbeki@posthouse.example", "Thandiwe Mbeki", "Africa/Johannesburg"),
    ("yuki.tanabe@mailbox.example", "Yuki Tanabe", "Asia/Tokyo"),
    ("oleksandra.shevchuk@inbox.example", "Oleksandra Shevchuk", "Europe/Kyiv"),
    ("jamal.whitfield@mailbox.example", "Jamal Whitfield", "America/New_York"),
    ("clementine.dubois@courriel.example", "Clémentine Dubois", "Europe/Paris"),
    ("arjun.malhotra@posthouse.example", "Arjun Malhotra", "Asia/Kolkata"),
    ("freya.lindqvist@mailbox.example", "Freya Lindqvist", "Europe/Berlin"),
    ("mateo.arrieta@correo.example", "Mateo Arrieta", "America/Bogota"),
    ("nour.haddad@inbox.example", "نور حداد", "Asia/Dubai"),
    ("sinead.gallagher@posthouse.example", "Sinéad Gallagher", "Europe/Dublin"),
    ("peter.okonjo@mailbox.example", "Peter Okonjo", "America/Los_Angeles"),
    ("hana.novakova@inbox.example", "Hana Nováková", "Europe/Prague"),
    ("kiri.tamihana@posthouse.example", "Kiri Tamihana", "Pacific/Auckland"),
)

COMPANY = Company(
    domain=_DOMAIN,
    name="Northwind",
    accounts=(
        *(
            _colleague(kind, local, name, zone, title, phone)  # type: ignore[arg-type]
            for kind, local, name, zone, title, phone in _STAFF
        ),
        *(
            _colleague("interviewer", local, name, zone, title)
            for local, name, zone, title in _INTERVIEWERS
        ),
        *(_colleague("room", local, name, zone, "Meeting room") for local, name, zone in _ROOMS),
        *(
            Account(email=email, name=name, kind="candidate", zone=zone)
            for email, name, zone in _CANDIDATES
        ),
    ),
)
