"""Interviewers like no others: every field that exists holds a word that occurs nowhere else.

A word that reaches a candidate was therefore taken from an interviewer, and says from which field.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scheduler.emulator.company import Account
from tests.cast import DOMAIN

STEMS = ("Vrelquaan", "Zobmyxter", "Knurpfolo", "Wixthromb", "Jyphnakku")
OTHER_STEMS = ("Grumpfdel", "Blixworts", "Quonzmira", "Tjarvukka", "Yewplitch")


@dataclass(frozen=True, slots=True)
class Canary:
    """A text that must not reach a candidate, and the field it was planted in."""

    field: str
    text: str


STUDIO = Account(  # a room that candidates go to: they read its name
    email=f"gnarvelbrook.studio@{DOMAIN}", name="Studio", kind="room", zone="UTC", hd=DOMAIN
)
BOOTH = Account(  # a room from which a panel calls
    email=f"plimforge.booth@{DOMAIN}", name="Plimforgebooth", kind="room", zone="UTC", hd=DOMAIN
)


@dataclass(frozen=True, slots=True)
class Planted:
    """One interviewer, as strange as a bird in a mine."""

    stem: str
    number: int

    @property
    def first(self) -> str:
        return f"{self.stem}ine"

    @property
    def nickname(self) -> str:
        return f"Zippy{self.stem}"

    @property
    def last(self) -> str:
        return f"Ŧöst{self.stem}ć"

    @property
    def name(self) -> str:
        return f"{self.first} {self.nickname} {self.last}"

    @property
    def email(self) -> str:
        return f"{self.stem.lower()}.post@{DOMAIN}"

    @property
    def account(self) -> Account:
        return Account(
            email=self.email,
            name=self.name,
            kind="interviewer",
            zone="UTC",
            title=self.title,
            phone=self.phone,
            hd=DOMAIN,
        )

    @property
    def title(self) -> str:
        return f"Chief {self.stem}titler"

    @property
    def phone(self) -> str:
        return f"+49 30 {sum(map(ord, self.stem)) * 7919 + self.number:08}"

    @property
    def busy_title(self) -> str:
        return f"Dentist {self.stem}busytitle"

    @property
    def busy_text(self) -> str:
        return f"Root canal {self.stem}busytext"

    @property
    def busy_place(self) -> str:
        return f"Surgery {self.stem}busyplace"

    @property
    def answer(self) -> str:
        return f"My child {self.stem}excuse is ill"

    @property
    def pool(self) -> str:
        return f"Friends of {self.stem}pool"

    @property
    def focus(self) -> str:
        return f"Let {self.stem}focus ask about queues"

    @property
    def inner_title(self) -> str:
        return f"{self.stem}inside"

    @property
    def team(self) -> str:
        return f"{self.stem}team"

    @property
    def scorecard(self) -> str:
        return f"{self.stem}scorecard"

    def identity(self) -> list[Canary]:
        """Return what tells who this is: it stands on the interviewers' side of every story."""
        return [
            Canary("first name", self.first),
            Canary("nickname", self.nickname),
            Canary("last name", self.last),
            Canary("what all its words have in common", self.stem),
            Canary("address", self.email),
            Canary("local part", self.email.partition("@")[0]),
        ]

    def calendar(self) -> list[Canary]:
        """Return what only this person's own calendar shows."""
        return [
            Canary("busy title", self.busy_title),
            Canary("busy text", self.busy_text),
            Canary("busy place", self.busy_place),
        ]

    def belongings(self) -> list[Canary]:
        """Return what else we and Google keep about them, and about the interviews they sit in."""
        return [
            Canary("title", self.title),
            Canary("phone", self.phone),
            Canary("answer to an invitation", f"{self.stem}excuse"),
            Canary("pool", self.pool),
            Canary("focus", f"{self.stem}focus"),
            Canary("inner title of the stage", self.inner_title),
            Canary("team", self.team),
            Canary("scorecard", self.scorecard),
        ]

    def canaries(self) -> list[Canary]:
        everything = [*self.identity(), *self.calendar(), *self.belongings()]
        return [Canary(f"{each.field} of {self.stem}", each.text) for each in everything]


def room_canaries() -> list[Canary]:
    """Return what no candidate may read of rooms."""
    return [
        Canary("calendar of a room on site", STUDIO.email),
        Canary("calendar of a room of a call", BOOTH.email),
        Canary("name of a room of a call", BOOTH.name),
    ]


def planted(stems: Sequence[str] = STEMS) -> list[Planted]:
    return [Planted(stem, number) for number, stem in enumerate(stems)]
