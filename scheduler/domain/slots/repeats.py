"""The rule for plans that let somebody sit in several interviews of one loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from scheduler.domain.availability import local_date, over_limit, over_week
from scheduler.domain.people import InterviewerId
from scheduler.domain.slots.assignment import Held, MaySit
from scheduler.domain.slots.question import Person, SlotSearch

MomentOf = Callable[[Held], datetime]


def may_repeat(search: SlotSearch, lengths: Sequence[timedelta], moment_of: MomentOf) -> MaySit:
    """Return the rule that nobody sits twice in one interview, and all limits hold with the loop counted.

    `lengths` says how long each interview takes, and `moment_of` when it starts.
    """

    def may_sit(id_: InterviewerId, sitting: Sequence[Held], held: Held) -> bool:
        if any(k == held[0] for k, _ in sitting):
            return False
        person = search.people[id_]
        days: dict[date, list[timedelta]] = {}
        for each in (*sitting, held):
            days.setdefault(local_date(person, moment_of(each)), []).append(lengths[each[0]])
        return keeps_limits(person, days)

    return may_sit


def keeps_limits(person: Person, days: dict[date, list[timedelta]]) -> bool:
    """Are the person's limits kept with these interviews, their lengths by date, on top of their load?"""
    weeks: dict[date, list[timedelta]] = {}
    for on, lengths in days.items():
        weeks.setdefault(on - timedelta(days=on.weekday()), []).extend(lengths)
    return not any(
        over_limit(person, on, interviews=len(lengths), length=sum(lengths, timedelta(0)))
        for on, lengths in days.items()
    ) and not any(
        over_week(person, monday, interviews=len(lengths), length=sum(lengths, timedelta(0)))
        for monday, lengths in weeks.items()
    )
