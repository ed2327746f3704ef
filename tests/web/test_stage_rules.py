"""The rules of a stage, changed on its page: shown, confirmed, kept; two pages do not undo each other."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import replace
from datetime import time, timedelta
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy.exc import NoResultFound
from werkzeug.test import TestResponse

from scheduler.clock import utc_now
from scheduler.commands import plans, rooms
from scheduler.commands.audit import GREENROOM
from scheduler.commands.plans import InterviewDraft, SeatDraft, StageDraft
from scheduler.domain.calls import ConferenceStrategy
from scheduler.domain.plan import Attendance, CallGrouping, Lunch, Order, Rest, SeatKind
from scheduler.models.audit import AuditEntry
from scheduler.models.base import db
from scheduler.models.plans import JobRole
from scheduler.models.probes import StageProbe
from tests import factories
from tests.cast import AURORA, FEMI
from tests.web.browsers import Browser

Fields = dict[str, list[str]]


@pytest.fixture
def rich(app: Flask) -> Iterator[StageDraft]:
    """A stage with everything that the form can say."""
    with app.app_context():
        dana, femi = factories.interviewer(), factories.interviewer(FEMI)
        pool, other = factories.pool([dana]), factories.pool([femi], trainees=[dana])
        aurora = rooms.add_room(
            name=AURORA.name, site="Berlin", email=AURORA.email, by=GREENROOM, now=utc_now()
        )
        yield StageDraft(
            title="On-site",
            public_title="Your day with us",
            public_notes="Bring a jumper.\nIt is cold.",
            location="Berlin",
            attendance=Attendance.ONSITE,
            call_grouping=CallGrouping.PER_LOOP_DAY,
            strategy=ConferenceStrategy.KEEPER_EVENT_MINTS,
            shortest_gap=timedelta(minutes=10),
            longest_gap=timedelta(minutes=90),
            order=Order.ANY,
            before=((1, 0), (1, 2)),
            most_days=2,
            longest_day=timedelta(hours=5),
            lunch=Lunch(timedelta(minutes=30), time(11, 30), time(13)),
            rest=Rest(after=timedelta(hours=2), length=timedelta(minutes=20)),
            interviews=(
                InterviewDraft(
                    "Coding",
                    "Trade-offs",
                    timedelta(minutes=60),
                    (
                        SeatDraft(SeatKind.LEAD, (pool, other), (femi,)),
                        SeatDraft(SeatKind.SECOND, (other,), is_optional=True),
                        SeatDraft(SeatKind.SHADOW, (other,)),
                        SeatDraft(SeatKind.REVERSE_SHADOW, (other,), is_optional=True),
                        SeatDraft(SeatKind.OBSERVER, (), (dana,)),
                    ),
                    (aurora,),
                ),
                InterviewDraft(
                    "Design", "", timedelta(minutes=45), (SeatDraft(SeatKind.LEAD, (pool,)),)
                ),
                InterviewDraft(
                    "Values", "", timedelta(minutes=30), (SeatDraft(SeatKind.LEAD, (), (femi,)),)
                ),
            ),
        )


def test_the_form_shows_all_of_a_stage_and_sent_as_it_is_changes_nothing(
    recruiter: Browser, rich: StageDraft
) -> None:
    path = opened(rich)
    page = recruiter.get(path)
    assert "cannot show all" not in page.text
    answer = recruiter.send(path, fields_of(page))
    assert answer.status_code == 303
    assert "Nothing has changed." in recruiter.get(answer.headers["Location"]).text
    assert plans.drafted(stage_id(path)) == (rich, 1)


def test_a_change_is_shown_and_kept_once_it_is_confirmed(
    recruiter: Browser, rich: StageDraft
) -> None:
    path = opened(rich)
    fields = fields_of(recruiter.get(path)) | {
        "order": ["fixed"],
        "interviews-0-after": [""],
        "interviews-2-after": [""],
        "lunch_minutes": ["45"],
        "rest_after": [""],
        "rest_length": [""],
        "longest_day": [""],
        "interviews-1-interview_title": ["Architecture"],
        "interviews-1-minutes": ["50"],
        "interviews-0-second": [""],
    }
    shown = recruiter.send(path, fields)
    assert shown.status_code == 200
    words = html.unescape(shown.text)
    for each in (
        "any that fits",
        "as they are listed",
        "no. 2 before no. 1, no. 2 before no. 3",
        "45 minutes between 11:30 and 13:00",
        "20 minutes after 2 hours",
        "Interview 2: title",
        "Interview 2: length",
        "50 minutes",
        "Interview 1: seats",
        "0 bookings stay as booked.",
    ):
        assert each in words
    assert plans.drafted(stage_id(path)) == (rich, 1)

    assert recruiter.send(path, fields_of(shown)).status_code == 303
    db.session.expire_all()
    kept, version = plans.drafted(stage_id(path))
    assert version == 2
    coding, design, values = rich.interviews
    seats = tuple(seat for seat in coding.seats if seat.kind is not SeatKind.SECOND)
    assert kept == replace(
        rich,
        order=Order.FIXED,
        before=(),
        lunch=Lunch(timedelta(minutes=45), time(11, 30), time(13)),
        rest=None,
        longest_day=None,
        interviews=(
            replace(coding, seats=seats),
            replace(design, title="Architecture", length=timedelta(minutes=50)),
            values,
        ),
    )
    assert db.session.scalars(db.select(AuditEntry.action)).all()[-1] == "change_stage"


def test_interviews_come_and_go(recruiter: Browser, rich: StageDraft) -> None:
    path = opened(rich)
    fields = fields_of(recruiter.get(path)) | {"interviews-2-after": [""]}
    fewer = recruiter.send(path, fields | {"change": ["fewer"]})
    assert 'name="interviews-2-minutes"' not in fewer.text
    shown = recruiter.send(path, fields_of(fewer))
    assert "Values, 30 minutes. Lead: Femi" in html.unescape(shown.text)
    assert recruiter.send(path, fields_of(shown)).status_code == 303
    more = recruiter.send(path, fields_of(recruiter.get(path)) | {"change": ["more"]})
    added = {
        "interviews-2-interview_title": ["Lunch talk"],
        "interviews-2-lead": fields_of(more)["interviews-1-lead"],
    }
    shown = recruiter.send(path, fields_of(more) | added)
    assert recruiter.send(path, fields_of(shown)).status_code == 303
    db.session.expire_all()
    kept, _ = plans.drafted(stage_id(path))
    assert [each.title for each in kept.interviews] == ["Coding", "Design", "Lunch talk"]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"title": ""}, "Enter a name."),
        ({"order": "fixed"}, "This goes against the fixed order."),
        ({"interviews-0-lead": "4711"}, "Not a valid choice"),
    ],
)
def test_what_no_stage_can_be_is_said_in_place(
    recruiter: Browser, rich: StageDraft, changed: dict[str, str], sentence: str
) -> None:
    path = opened(rich)
    typed = {name: [value] for name, value in changed.items()}
    answer = recruiter.send(path, fields_of(recruiter.get(path)) | typed)
    assert answer.status_code == 422
    assert sentence in html.unescape(answer.text)
    assert "What changes" not in answer.text
    assert plans.drafted(stage_id(path)) == (rich, 1)


def test_of_two_pages_the_later_is_shown_what_it_would_undo(
    recruiter: Browser, rich: StageDraft
) -> None:
    path = opened(rich)
    one, other = (
        recruiter.send(path, fields_of(recruiter.get(path)) | changed)
        for changed in ({"most_days": ["3"]}, {"longest_gap": ["120"]})
    )
    assert recruiter.send(path, fields_of(one)).status_code == 303

    refused = recruiter.send(path, fields_of(other))
    assert refused.status_code == 409
    assert "Somebody has changed this stage meanwhile" in refused.text
    assert "Days, at most" in refused.text
    db.session.expire_all()
    kept, version = plans.drafted(stage_id(path))
    assert (kept, version) == (replace(rich, most_days=3), 2)

    again = fields_of(refused) | {"most_days": ["3"]}
    shown = recruiter.send(path, again)
    assert "Days, at most" not in shown.text
    assert recruiter.send(path, fields_of(shown)).status_code == 303
    db.session.expire_all()
    assert plans.drafted(stage_id(path))[0].longest_gap == timedelta(minutes=120)


def test_new_wording_counts_as_a_change_of_another_page(
    recruiter: Browser, rich: StageDraft
) -> None:
    path = opened(rich)
    page = recruiter.get(path)
    words = {"public_title": "A day with us", "public_notes": "", "location": "Berlin"}
    assert recruiter.send(path.removesuffix("/rules"), words).status_code == 303
    assert recruiter.send(path, fields_of(page)).status_code == 409


def test_a_confirmation_counts_for_what_was_shown_and_nothing_else(
    recruiter: Browser, rich: StageDraft
) -> None:
    path = opened(rich)
    shown = recruiter.send(path, fields_of(recruiter.get(path)) | {"most_days": ["3"]})
    other = recruiter.send(path, fields_of(shown) | {"longest_gap": ["120"]})
    assert other.status_code == 200
    assert "2 hours" in other.text
    assert plans.drafted(stage_id(path)) == (rich, 1)


def test_what_the_form_cannot_show_is_said_before_it_is_lost(
    recruiter: Browser, rich: StageDraft
) -> None:
    coding, *rest = rich.interviews
    twice = (*coding.seats, SeatDraft(SeatKind.SECOND, coding.seats[0].pools[:1]))
    path = opened(replace(rich, interviews=(replace(coding, seats=twice), *rest)))
    assert "This form cannot show all of it" in recruiter.get(path).text


def test_what_was_found_last_night_goes_with_what_it_was_found_of(
    recruiter: Browser, rich: StageDraft
) -> None:
    path = opened(rich)
    probe = StageProbe(
        stage_id=stage_id(path),
        answered_at=utc_now(),
        zone=ZoneInfo("UTC"),
        earliest=utc_now(),
        reason="",
    )
    db.session.add(probe)
    db.session.commit()
    shown = recruiter.send(path, fields_of(recruiter.get(path)) | {"most_days": ["3"]})
    recruiter.send(path, fields_of(shown))
    db.session.expire_all()
    assert db.session.get(StageProbe, stage_id(path)) is None


def test_there_is_no_page_for_a_stage_that_is_not(recruiter: Browser, rich: StageDraft) -> None:
    assert recruiter.get("/admin/plans/stages/4711/rules").status_code == 404
    with pytest.raises(NoResultFound):
        plans.drafted(4711)


def opened(draft: StageDraft) -> str:
    """Open a role with this stage, and return the address of the stage's rules."""
    role_id = plans.open_job_role("Engineer", "", [draft], by=GREENROOM, now=utc_now())
    stage = db.session.get_one(JobRole, role_id).stages[0]
    return f"/admin/plans/stages/{stage.id}/rules"


def stage_id(path: str) -> int:
    return int(path.split("/")[4])


def fields_of(page: TestResponse) -> Fields:
    """Return what a browser would send of the page's form, were its main button pressed."""
    form = _Form()
    form.feed(page.text)
    return {name: values for name, values in form.fields.items() if name != "csrf_token"}


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: Fields = {}
        self.inside = False
        self.select = self.textarea = ""
        self.first = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        name, value = found.get("name", ""), found.get("value", "")
        if tag == "form":
            self.inside = found.get("class") == "form"
        elif not self.inside:
            return
        elif tag == "input" and name and (found.get("type") != "checkbox" or "checked" in found):
            self._add(name, value)
        elif tag == "textarea":
            self.textarea = name
            self._add(name, "")
        elif tag == "select":
            self.select = name if "multiple" not in found else f"{name} "
            self.first = ""
        elif tag == "option" and self.select:
            self._option(value, is_selected="selected" in found)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self.inside and self.select:
            if not self.select.endswith(" ") and self.select not in self.fields:
                self._add(self.select, self.first)
            self.select = ""
        self.textarea = "" if tag == "textarea" else self.textarea

    def handle_data(self, data: str) -> None:
        if self.textarea:
            typed = data.removeprefix("\r\n").removeprefix("\n")
            # As browsers do (HTML Standard, "constructing the entry list").
            self.fields[self.textarea] = ["\r\n".join(typed.split("\n"))]

    def _option(self, value: str, *, is_selected: bool) -> None:
        self.first = self.first or value
        if is_selected:
            self._add(self.select.strip(), value)

    def _add(self, name: str, value: str) -> None:
        self.fields.setdefault(name, []).append(value)
