"""A process that is killed before or after any single call to Google, and the one that comes next.

For each story: count the calls of an undisturbed run, then run it once for each call and each side
of it with a kill there, let another pass go over it, and compare the world with the undisturbed one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scheduler.domain.calls import ConferenceStrategy
from scheduler.domain.plan import CallGrouping
from scheduler.models.base import db
from tests import factories
from tests.cast import DANA, FEMI, JOSE, MEI, at
from tests.faults.invariants import (
    check_nobody_holds_a_half_made_event,
    check_rest,
    mails_by_subject,
)
from tests.world import Greenroom

Change = Callable[[Greenroom, int], object]


class Killed(BaseException):
    """kill -9: nothing catches it, nothing cleans up."""


class Killing:
    """A way to Google that kills its process at one call. `at` None: it only counts."""

    def __init__(self, http: Any, *, at: int | None, when: str) -> None:
        self._http, self._at, self._when = http, at, when
        self.calls = 0

    def request(self, *arguments: Any, **named: Any) -> Any:
        self.calls += 1
        if self.calls == self._at and self._when == "before":
            raise Killed
        answer = self._http.request(*arguments, **named)
        if self.calls == self._at:
            raise Killed
        return answer

    def close(self) -> None:
        """Nothing is open."""


def one_interview(strategy: ConferenceStrategy = ConferenceStrategy.CANDIDATE_EVENT_MINTS) -> int:
    dana, femi, jose = (factories.interviewer(each) for each in (DANA, FEMI, JOSE))
    draft = factories.interview_draft(factories.pool([dana, jose]), factories.pool([femi]))
    return factories.stage(draft, strategy=strategy)


def one_interview_with_a_keeper() -> int:
    return one_interview(ConferenceStrategy.KEEPER_EVENT_MINTS)


def four_interviews(grouping: CallGrouping = CallGrouping.PER_INTERVIEW) -> int:
    people = [factories.interviewer(each) for each in (DANA, FEMI, JOSE, MEI)]
    titles = ("Coding", "Design", "Debugging", "Values")
    drafts = [
        factories.interview_draft(factories.pool([each]), title=title, minutes=30)
        for each, title in zip(people, titles, strict=True)
    ]
    return factories.stage(*drafts, grouping=grouping)


def day_call() -> int:
    return four_interviews(CallGrouping.PER_LOOP_DAY)


def nothing_more(greenroom: Greenroom, booking_id: int) -> None:
    """The first booking itself is the story."""


def reschedule(greenroom: Greenroom, booking_id: int) -> None:
    greenroom.reschedule(booking_id, at("Tue 14:00"))


def swap(greenroom: Greenroom, booking_id: int) -> None:
    jose = greenroom.interviewer_id(JOSE)
    greenroom.swap(booking_id, DANA, jose)


def cancel(greenroom: Greenroom, booking_id: int) -> None:
    greenroom.cancel(booking_id)


STORIES: dict[str, tuple[Callable[[], int], Change]] = {
    "first booking": (one_interview, nothing_more),
    "reschedule": (one_interview, reschedule),
    "swap": (one_interview, swap),
    "cancel": (one_interview, cancel),
    "loop of four": (four_interviews, nothing_more),
    "day call": (day_call, nothing_more),
    "day call rescheduled": (day_call, reschedule),
    "keeper": (one_interview_with_a_keeper, nothing_more),
    "keeper cancelled": (one_interview_with_a_keeper, cancel),
}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("story", STORIES)
def test_a_kill_at_any_call_loses_and_doubles_nothing(
    greenroom: Greenroom, story: str, when: str
) -> None:
    make_stage, change = STORIES[story]
    stage = make_stage()
    application = factories.application(stage)

    calls, undisturbed = run(greenroom, application, change, kill_at=None, when=when)
    assert calls > 0
    for kill_at in range(1, calls + 1):
        _, mails = run(greenroom, application, change, kill_at=kill_at, when=when)
        assert mails == undisturbed, f"killed {when} call {kill_at} of {calls}"


def run(
    greenroom: Greenroom, application: int, change: Change, *, kill_at: int | None, when: str
) -> tuple[int, Any]:
    """Tell the story once; return how many calls it took and the mails it caused."""
    way = greenroom.http
    booking_id = greenroom.book(application, at("Mon 10:00"))
    if change is not nothing_more:
        greenroom.settle(booking_id)
        change(greenroom, booking_id)
    since = len(greenroom.google.outbox())
    greenroom.http = killing = Killing(way, at=kill_at, when=when)
    try:
        greenroom.settle(booking_id)
        assert kill_at is None
    except Killed:
        db.session.remove()
        check_nobody_holds_a_half_made_event(greenroom)
    greenroom.http = way
    check_rest(greenroom, greenroom.settle(booking_id))
    mails = mails_by_subject(greenroom, since)
    greenroom.cancel(booking_id)
    greenroom.settle(booking_id)
    return killing.calls, mails
