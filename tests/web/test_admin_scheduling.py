"""The organisation's scheduling rules, changed on their page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from scheduler.clock import utc_now
from scheduler.commands import connection
from scheduler.commands.audit import GREENROOM
from scheduler.domain.availability import EntryKind, ReadingLevel
from scheduler.domain.entries import KINDS, Keyword, KeywordClass
from scheduler.google.credentials import DETAIL_SCOPES, SCOPES
from scheduler.queries import keywords
from scheduler.queries.scheduling import SchedulingRules, scheduling_rules
from tests.cast import SCHEDULING
from tests.web.browsers import Browser

PATH = "/admin/scheduling"
FIELDS = {
    "notice_hours": "4",
    "window_days": "28",
    "level": "busy",
    **{f"words_{name}": "" for name in ("ignored", "soft", "hard", "kept")},
}


def test_notice_and_days_ahead_are_changed_by_an_admin(app: Flask, admin: Browser) -> None:
    page = admin.get(PATH).text
    assert 'value="4"' in page
    assert 'value="28"' in page
    assert admin.send(PATH, FIELDS | {"notice_hours": "24", "window_days": "14"}).status_code == 303
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
        ({"level": "everything"}, "Not a valid choice"),
        ({"words_soft": "x" * 61}, "Use at most 60 characters a line."),
        ({"words_soft": "***"}, "Enter words, one or several a line."),
        ({"words_soft": "lunch", "words_hard": "Gym\n LUNCH "}, "“lunch” has another meaning"),
        ({"words_kept": "\n".join(f"word {n}" for n in range(51))}, "at most 50 lines in all"),
    ],
)
def test_what_leaves_no_time_is_refused_in_place(
    app: Flask, admin: Browser, changed: dict[str, str], sentence: str
) -> None:
    answer = admin.send(PATH, FIELDS | changed)
    assert answer.status_code == 422
    assert sentence in answer.text
    with app.app_context():
        assert scheduling_rules() == SchedulingRules()


def test_an_admin_reads_what_each_calendar_entry_does(admin: Browser) -> None:
    page = admin.get(PATH).text.lower()
    assert all(f">{kind.value}<" in page for kind in set(EntryKind) - set(KINDS.values()))
    words = ("take no time", "may give way", "never booked over", "kept for interviews")
    assert all(f">words: {each}<" in page for each in words), "as the fields above are called"


def test_details_and_words_are_chosen_by_an_admin(app: Flask, admin: Browser) -> None:
    words = {"words_ignored": "Lunch\r\n\r\nschool   run", "words_kept": "Interviews\ninterviews"}
    assert admin.send(PATH, FIELDS | words | {"level": "details"}).status_code == 303
    with app.app_context():
        assert scheduling_rules().level is ReadingLevel.DETAILS
        assert keywords.of_everybody() == (
            Keyword("interviews", KeywordClass.RECRUITING_BLOCK),
            Keyword("lunch", KeywordClass.IGNORE),
            Keyword("school run", KeywordClass.IGNORE),
        )
    page = admin.get(PATH).text
    assert ">\r\nlunch\nschool run</textarea>" in page
    moved = FIELDS | {"words_soft": "lunch"}
    assert admin.send(PATH, moved).status_code == 303
    with app.app_context():
        assert keywords.of_everybody() == (Keyword("lunch", KeywordClass.SOFT),)


def test_the_page_says_when_nobody_has_consented_to_details(app: Flask, admin: Browser) -> None:
    with app.app_context():
        _connect(app, SCOPES)
    admin.send(PATH, FIELDS | {"level": "details"})
    assert "Details cannot be read yet" in admin.get(PATH).text
    with app.app_context():
        _connect(app, (*SCOPES, *DETAIL_SCOPES))
    assert "Details cannot be read yet" not in admin.get(PATH).text


def _connect(app: Flask, scopes: tuple[str, ...]) -> None:
    connection.connect(
        email=SCHEDULING.email,
        expected=SCHEDULING.email,
        refresh_token="refresh",
        scopes=" ".join(scopes),
        keys=app.extensions["keys"],
        by=GREENROOM,
        now=utc_now(),
    )


def test_of_two_pages_that_change_it_the_second_is_told_and_nothing_is_lost(
    app: Flask, admin: Browser
) -> None:
    seen = _version(admin.get(PATH).text)
    words = FIELDS | {"words_soft": "lunch"}
    assert admin.send(PATH, words | {"version": seen}).status_code == 303
    late = admin.send(PATH, FIELDS | {"version": seen, "notice_hours": "24"})
    assert late.status_code == 409
    assert "Somebody has changed this meanwhile" in late.text
    assert 'value="24"' in late.text
    with app.app_context():
        assert keywords.of_everybody() == (Keyword("lunch", KeywordClass.SOFT),)
        assert scheduling_rules() == SchedulingRules()
    again = FIELDS | {"version": _version(late.text), "notice_hours": "24"}
    assert admin.send(PATH, again).status_code == 303


def _version(page: str) -> str:
    found = re.search(r'name="version"[^>]* value="(\w+)"', page)
    assert found is not None
    return found[1]


def test_nobody_else_opens_it(recruiter: Browser) -> None:
    assert recruiter.get(PATH).status_code == 404
    assert recruiter.send(PATH, FIELDS).status_code == 404
