"""The form of a stage that is there already, filled with what it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import HiddenField

from scheduler.commands.plans import InterviewDraft, StageDraft
from scheduler.domain.plan import SeatKind
from scheduler.web.admin.forms import minutes
from scheduler.web.admin.stage_forms import PERSON, StageForm

SEAT_FIELDS = {
    SeatKind.LEAD: ("lead", "lead_or", "lead_or_else"),
    SeatKind.SECOND: ("second", "second_or"),
    SeatKind.SHADOW: ("shadow", "shadow_or"),
    SeatKind.REVERSE_SHADOW: ("reverse_shadow",),
    SeatKind.OBSERVER: ("observer",),
}
"""The fields of each kind of seat, in the order in which its sources are typed."""


class RulesForm(StageForm):
    """A stage that is there already, and what was looked at when the change began."""

    version = HiddenField()
    confirmed = HiddenField(default="")


def typed(draft: StageDraft) -> dict[str, Any]:
    """Return a stage as its form shows it, by the names of the fields."""
    lunch, rest = draft.lunch, draft.rest
    known: dict[str, Any] = {
        "title": draft.title,
        "public_title": draft.public_title,
        "public_notes": draft.public_notes,
        "location": draft.location,
        "attendance": draft.attendance.value,
        "call_grouping": draft.call_grouping.value,
        "strategy": draft.strategy.value,
        "shortest_gap": minutes(draft.shortest_gap),
        "longest_gap": minutes(draft.longest_gap),
        "order": draft.order.value,
        "most_days": draft.most_days,
        "longest_day": minutes(draft.longest_day),
        "has_lunch": lunch is not None,
        "rest_after": minutes(rest.after) if rest else None,
        "rest_length": minutes(rest.length) if rest else None,
        "people_repeat": draft.people_repeat,
        "interviews": [
            _typed_interview(each, [i for i, later in draft.before if later == position])
            for position, each in enumerate(draft.interviews)
        ],
    }
    if lunch is not None:
        known |= {
            "lunch_minutes": minutes(lunch.length),
            "lunch_opens_at": lunch.opens_at,
            "lunch_closes_at": lunch.closes_at,
        }
    return known


def _typed_interview(interview: InterviewDraft, earlier: Sequence[int]) -> dict[str, Any]:
    known: dict[str, Any] = {
        "interview_title": interview.title,
        "focus": interview.focus,
        "minutes": minutes(interview.length),
        "after": ", ".join(str(position + 1) for position in sorted(earlier)),
        "rooms": list(interview.rooms),
    }
    # The first seat of each kind, since the form has one of each.
    for seat in reversed(interview.seats):
        sources = [*map(str, seat.pools), *(f"{PERSON}{each}" for each in seat.people)]
        names = SEAT_FIELDS[seat.kind]
        known |= dict(zip(names, (*sources, *("" for _ in names)), strict=False))
        known[f"{names[0]}_optional"] = seat.is_optional
    return known
