"""The organisation's scheduling rules, changed on their page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from scheduler.domain.availability import EntryKind
from scheduler.queries.scheduling import SchedulingRules, scheduling_rules
from tests.web.browsers import Browser

PATH = "/admin/scheduling"


def test_notice_and_days_ahead_are_changed_by_an_admin(app: Flask, admin: Browser) -> None:
    page = admin.get(PATH).text
    assert 'value="4"' in page
    assert 'value="28"' in page
    assert admin.send(PATH, {"notice_hours": "24", "window_days": "14"}).status_code == 303
    with app.app_context():
        assert scheduling_rules() == SchedulingRules(
            notice=timedelta(hours=24), rolling_window=timedelta(days=14)
        )
    assert 'value="24"' in admin.get(PATH).text


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"notice_hours": "337"}, "Between 0 and 336."),
        ({"notice_hours": ""}, "Enter a number."),
        ({"window_days": "0"}, "Between 1 and 60."),
        ({"window_days": "61"}, "Between 1 and 60."),
        ({"notice_hours": "48", "window_days": "2"}, "nothing is left of the days ahead"),
    ],
)
def test_what_leaves_no_time_is_refused_in_place(
    app: Flask, admin: Browser, changed: dict[str, str], sentence: str
) -> None:
    answer = admin.send(PATH, {"notice_hours": "4", "window_days": "28"} | changed)
    assert answer.status_code == 422
    assert sentence in answer.text
    with app.app_context():
        assert scheduling_rules() == SchedulingRules()


def test_an_admin_reads_what_each_calendar_entry_does(admin: Browser) -> None:
    page = admin.get(PATH).text.lower()
    assert all(f">{kind.value}<" in page for kind in EntryKind)


def test_nobody_else_opens_it(recruiter: Browser) -> None:
    assert recruiter.get(PATH).status_code == 404
    assert recruiter.send(PATH, {"notice_hours": "0", "window_days": "1"}).status_code == 404
