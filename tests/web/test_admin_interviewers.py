"""Interviewers and pools, kept through the pages."""

from __future__ import annotations

import html
import re
from datetime import time, timedelta

import pytest
from flask import Flask

from scheduler.clock import utc_now
from scheduler.commands import scheduling
from scheduler.commands.audit import GREENROOM
from scheduler.domain.availability import ReadingLevel
from scheduler.domain.timespan import TimeSpan
from scheduler.models.base import db
from scheduler.models.calendar import BusyCalendar
from scheduler.models.people import InterviewerPool, InterviewerRow, KeywordRow, PoolMembership
from tests import factories
from tests.cast import DANA, FEMI
from tests.web.browsers import Browser

PATH = "/admin/interviewers"
DANAS = {
    "name": "Dana Okonkwo",
    "email": "dana@northwind.example",
    "title": "Staff engineer",
    "zone": "Europe/Berlin",
    "per_day": "2",
    "per_week": "6",
    "buffer": "10",
    "hours-0-0-opens": "09:00",
    "hours-0-0-closes": "12:00",
    "hours-0-1-opens": "13:00",
    "hours-0-1-closes": "17:30",
    "hours-4-0-opens": "08:30",
    "hours-4-0-closes": "12:00",
}

NO_WORDS = dict.fromkeys(("words_ignored", "words_soft", "words_hard", "words_kept"), "")


def dana(app: Flask) -> InterviewerRow:
    with app.app_context():
        row: InterviewerRow = db.session.scalars(db.select(InterviewerRow)).one()
        assert row.hours is not None
        db.session.expunge_all()
        return row


def test_an_interviewer_is_added_and_changed(app: Flask, recruiter: Browser) -> None:
    answer = recruiter.send(f"{PATH}/new", DANAS)
    assert answer.status_code == 303
    row = dana(app)
    assert (row.name, row.email, row.zone.key) == (
        "Dana Okonkwo",
        "dana@northwind.example",
        "Europe/Berlin",
    )
    assert [(each.weekday, each.opens_at, each.closes_at) for each in row.hours] == [
        (0, time(9), time(12)),
        (0, time(13), time(17, 30)),
        (4, time(8, 30), time(12)),
    ]
    assert row.buffer_before == timedelta(minutes=10)

    page = recruiter.get(answer.headers["Location"]).text
    assert 'name="hours-0-1-closes" value="17:30"' in page
    fields = {name: value for name, value in DANAS.items() if name not in ("name", "email")}
    changed = fields | {"per_day": "3", "hours-4-0-opens": "", "hours-4-0-closes": ""}
    assert recruiter.send(f"{PATH}/{row.id}", changed).status_code == 303
    row = dana(app)
    assert row.max_per_day == 3
    assert {each.weekday for each in row.hours} == {0}
    assert "Mon" in recruiter.get(PATH).text


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": ""}, "Enter a name."),
        ({"name": "x" * 10_000}, "Use at most 200 characters."),
        ({"email": "dana"}, "Enter one e-mail address"),
        ({"email": "dana@northwind.example\r\nBcc: x@y.example"}, "Enter one e-mail address"),
        ({"zone": "Mars/Olympus"}, "Choose a time zone from the list"),
        ({"zone": "../../etc/passwd"}, "Choose a time zone from the list"),
        ({"per_day": "0"}, "Between 1 and 20."),
        ({"per_day": "many"}, "Not a valid integer"),
        ({"per_day": ""}, "Enter a number."),
        ({"per_week": "9" * 30}, "Between 1 and 60."),
        ({"buffer": "-1"}, "Between 0 and 120."),
        ({"hours-0-0-closes": "08:00"}, "Monday: the end must be after the beginning."),
        ({"hours-0-0-closes": ""}, "Monday: enter both a beginning and an end, or neither."),
        ({"hours-0-0-opens": "nine"}, "Monday: enter times like 09:00."),
        ({"hours-0-0-opens": "25:00"}, "Monday: enter times like 09:00."),
        ({"hours-0-0-closes": "14:00"}, "Monday: the two stretches overlap."),
    ],
)
def test_what_cannot_be_kept_is_said_in_place_and_nothing_is_lost(
    app: Flask, recruiter: Browser, changed: dict[str, str], sentence: str
) -> None:
    answer = recruiter.send(f"{PATH}/new", DANAS | changed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "data-error-summary" in answer.text
    assert 'value="Staff engineer"' in answer.text
    assert 'name="hours-4-0-opens" value="08:30"' in answer.text
    with app.app_context():
        assert db.session.scalar(db.select(db.func.count()).select_from(InterviewerRow)) == 0


def test_one_address_is_one_person(recruiter: Browser) -> None:
    recruiter.send(f"{PATH}/new", DANAS)
    answer = recruiter.send(f"{PATH}/new", DANAS | {"email": "DANA@northwind.example"})
    assert answer.status_code == 422
    assert "Somebody with this address is here already." in answer.text


def test_of_two_pages_that_change_somebody_the_second_is_told_and_nothing_is_lost(
    app: Flask, recruiter: Browser
) -> None:
    path = recruiter.send(f"{PATH}/new", DANAS).headers["Location"]
    fields = {name: value for name, value in DANAS.items() if name not in ("name", "email")}
    seen = _version(recruiter.get(path).text)
    words = fields | {"words_soft": "lunch"}
    assert recruiter.send(path, words | {"version": seen}).status_code == 303
    late = recruiter.send(path, fields | {"version": seen, "title": "Architect"})
    assert late.status_code == 409
    assert "Somebody has changed this meanwhile" in late.text
    assert 'value="Architect"' in late.text
    with app.app_context():
        assert [row.words for row in db.session.scalars(db.select(KeywordRow))] == ["lunch"]
        assert db.session.scalars(db.select(InterviewerRow.title)).one() == "Staff engineer"
    again = fields | {"version": _version(late.text), "title": "Architect"}
    assert recruiter.send(path, again).status_code == 303
    assert dana(app).title == "Architect"


@pytest.mark.parametrize(
    "changed",
    [
        {"per_week": "7"},
        {"hours-0-0-opens": "08:00"},
        {"blocks-1-0-opens": "09:00", "blocks-1-0-closes": "11:00"},
        {"days_off": "2026-12-24"},
        {"holiday_country": "DE"},
        {"paused_from": "2027-01-04"},
    ],
)
def test_whatever_the_first_page_has_changed_the_second_is_told(
    recruiter: Browser, changed: dict[str, str]
) -> None:
    path = recruiter.send(f"{PATH}/new", DANAS).headers["Location"]
    fields = {name: value for name, value in DANAS.items() if name not in ("name", "email")}
    fields |= {"version": _version(recruiter.get(path).text)}
    assert recruiter.send(path, fields | changed).status_code == 303
    assert recruiter.send(path, fields).status_code == 409


def _version(page: str) -> str:
    found = re.search(r'name="version"[^>]* value="(\w+)"', page)
    assert found is not None
    return found[1]


def test_extra_fields_change_nothing(app: Flask, recruiter: Browser) -> None:
    recruiter.send(f"{PATH}/new", DANAS | {"id": "99", "created_at": "1999-01-01", "role": "admin"})
    assert dana(app).id == 1


def test_a_page_that_is_shown_again_and_saved_keeps_what_it_showed(
    app: Flask, recruiter: Browser
) -> None:
    """Hours made elsewhere may have more stretches than a new form offers."""
    from scheduler.domain.people import WorkingHours

    with app.app_context():
        hours = [WorkingHours(2, time(hour), time(hour + 1)) for hour in (8, 10, 12)]
        interviewer_id = factories.interviewer(hours=hours)
    page = recruiter.get(f"{PATH}/{interviewer_id}").text
    fields = {"zone": "UTC", "per_day": "2", "per_week": "6", "buffer": "0"}
    for part in page.split('name="hours-')[1:]:
        name = "hours-" + part.partition('"')[0]
        fields[name] = part.partition('value="')[2].partition('"')[0]
    assert recruiter.send(f"{PATH}/{interviewer_id}", fields).status_code == 303
    assert [each.opens_at for each in dana(app).hours] == [time(8), time(10), time(12)]


def test_people_are_found_by_name_address_and_title(app: Flask, recruiter: Browser) -> None:
    with app.app_context():
        factories.interviewer(DANA)
        factories.interviewer(FEMI)
    for sought, found in (("dana", DANA), ("FEMI@", FEMI)):
        page = recruiter.get(f"{PATH}?q={sought}").text
        assert found.name in page
        assert ({DANA, FEMI} - {found}).pop().name not in page
    assert "Nobody found" in recruiter.get(f"{PATH}?q=%25").text


# -- pools -------------------------------------------------------------------------------------


def test_a_pool_is_made_filled_and_emptied(app: Flask, recruiter: Browser) -> None:
    with app.app_context():
        dana_id = factories.interviewer(DANA)
    answer = recruiter.send("/admin/pools", {"name": "System design"})
    assert answer.status_code == 303
    pool = answer.headers["Location"]
    assert "Nobody is in this pool" in recruiter.get(pool).text

    recruiter.send(f"{pool}/members", {"interviewer_id": dana_id, "standing": "training"})
    assert "In training" in recruiter.get(pool).text
    recruiter.send(f"{pool}/members", {"interviewer_id": dana_id, "standing": "trained"})
    page = recruiter.get(pool).text
    assert DANA.name in page
    assert "Everybody who interviews is in this pool" in page
    assert "1 trained" in recruiter.get("/admin/pools").text

    page = recruiter.send(f"{pool}/members/{dana_id}/removal", follow_redirects=True).text
    assert "is not in System design any more" in page
    assert recruiter.send(f"{pool}/members/{dana_id}/removal").status_code == 303  # twice is once
    with app.app_context():
        assert db.session.scalar(db.select(db.func.count()).select_from(PoolMembership)) == 0


@pytest.mark.parametrize("name", ["", " ", "x" * 10_000])
def test_a_pool_needs_a_name(app: Flask, recruiter: Browser, name: str) -> None:
    assert recruiter.send("/admin/pools", {"name": name}).status_code == 422
    with app.app_context():
        assert db.session.scalar(db.select(db.func.count()).select_from(InterviewerPool)) == 0


def test_two_pools_have_two_names(recruiter: Browser) -> None:
    recruiter.send("/admin/pools", {"name": "Coding"})
    answer = recruiter.send("/admin/pools", {"name": "Coding"})
    assert answer.status_code == 422
    assert "There is a pool of this name already" in answer.text


@pytest.mark.parametrize(
    "fields",
    [
        {"interviewer_id": "4711", "standing": "trained"},
        {"interviewer_id": "x", "standing": "trained"},
        {"interviewer_id": "9" * 40, "standing": "trained"},
        {"standing": "trained"},
        {},
    ],
)
def test_nobody_who_is_not_there_joins(
    app: Flask, recruiter: Browser, fields: dict[str, object]
) -> None:
    with app.app_context():
        pool_id = factories.pool()
        factories.interviewer(DANA)
    assert recruiter.send(f"/admin/pools/{pool_id}/members", fields).status_code == 422


def test_a_standing_that_does_not_exist_is_refused(app: Flask, recruiter: Browser) -> None:
    with app.app_context():
        pool_id, dana_id = factories.pool(), factories.interviewer(DANA)
    answer = recruiter.send(
        f"/admin/pools/{pool_id}/members", {"interviewer_id": dana_id, "standing": "expert"}
    )
    assert answer.status_code == 422


def test_a_pool_that_is_not_there_takes_nobody(recruiter: Browser) -> None:
    assert recruiter.send("/admin/pools/4711/members", {}).status_code == 404
    assert recruiter.send("/admin/pools/4711/members/1/removal").status_code == 404


# -- what they like, and when they do not interview ----------------------------------------------

HABITS = {
    "minutes_per_day": "120",
    "minutes_per_week": "300",
    "comfortable_from": "08:00",
    "comfortable_until": "12:30",
    "blocks-1-0-opens": "13:00",
    "blocks-1-0-closes": "15:00",
    "paused_from": "2026-12-21",
    "paused_until": "2027-01-03",
    "holiday_country": "DE",
    "days_off": "2026-12-08\n2026-12-09\r\n2026-12-08",
}


def test_limits_by_time_habits_and_days_off_are_kept_and_shown_again(
    app: Flask, recruiter: Browser
) -> None:
    answer = recruiter.send(f"{PATH}/new", DANAS | HABITS)
    assert answer.status_code == 303
    page = recruiter.get(answer.headers["Location"]).text
    assert 'name="blocks-1-0-opens" value="13:00"' in page
    assert "2026-12-08\n2026-12-09</textarea>" in page.replace("\r\n", "\n")
    assert '<option selected value="DE">Germany</option>' in page
    for name in ("minutes_per_day", "minutes_per_week", "paused_from", "paused_until"):
        assert f'value="{HABITS[name]}"' in page
    with app.app_context():
        row = db.session.scalars(db.select(InterviewerRow)).one()
        assert row.max_time_per_week == timedelta(hours=5)
        assert (row.comfortable_from, row.comfortable_until) == (time(8), time(12, 30))
        assert [(each.weekday, each.opens_at) for each in row.preferred_blocks] == [(1, time(13))]
        assert [each.day.day for each in row.days_off] == [8, 9]

    fields = {name: value for name, value in DANAS.items() if name not in ("name", "email")}
    emptied = fields | dict.fromkeys(HABITS, "")
    assert recruiter.send(answer.headers["Location"], emptied).status_code == 303
    with app.app_context():
        row = db.session.scalars(db.select(InterviewerRow)).one()
        assert (row.max_time_per_day, row.comfortable_from, row.paused_from) == (None, None, None)
        assert (row.preferred_blocks, row.days_off, row.holiday_country) == ([], [], "")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"minutes_per_day": "0"}, "Between 5 and 1440."),
        ({"comfortable_until": ""}, "Enter both a beginning and an end, or neither."),
        ({"comfortable_from": "13:00"}, "The end must be after the beginning."),
        ({"blocks-1-0-closes": ""}, "Tuesday: enter both a beginning and an end, or neither."),
        ({"paused_from": ""}, "Enter the first day of the pause, too."),
        ({"paused_until": "2026-12-01"}, "The last day of a pause cannot come before its first."),
        ({"holiday_country": "XX"}, "Choose a country from the list."),
        ({"days_off": "tomorrow"}, "Enter dates like 2026-12-24, one a line."),
    ],
)
def test_habits_that_cannot_be_kept_are_said_in_place(
    app: Flask, recruiter: Browser, changed: dict[str, str], sentence: str
) -> None:
    answer = recruiter.send(f"{PATH}/new", DANAS | HABITS | changed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="Staff engineer"' in answer.text
    with app.app_context():
        assert db.session.scalar(db.select(db.func.count()).select_from(InterviewerRow)) == 0


def test_whoever_pauses_is_shown_as_paused(recruiter: Browser) -> None:
    recruiter.send(f"{PATH}/new", DANAS | {"paused_from": "2020-01-01"})
    assert "Paused" in recruiter.get(PATH).text


def test_words_of_ones_own_are_kept_changed_and_taken_away(app: Flask, recruiter: Browser) -> None:
    words = {"words_soft": "Gym\nrun", "words_hard": "Therapy"}
    path = recruiter.send(f"{PATH}/new", DANAS | NO_WORDS | words).headers["Location"]
    assert kept_words(app) == {("gym", "soft"), ("run", "soft"), ("therapy", "hard")}
    assert "therapy</textarea>" in recruiter.get(path).text
    fields = NO_WORDS | {
        name: value for name, value in DANAS.items() if name not in ("name", "email")
    }
    assert recruiter.send(path, fields | {"words_ignored": "gym\nrun"}).status_code == 303
    assert kept_words(app) == {("gym", "ignore"), ("run", "ignore")}
    refused = recruiter.send(path, fields | {"words_ignored": "gym", "words_kept": "gym"})
    assert refused.status_code == 422
    assert "has another meaning already" in refused.text
    assert recruiter.send(path, fields).status_code == 303
    assert kept_words(app) == set()


@pytest.mark.parametrize(
    ("wanted", "level", "zone", "sentences"),
    [
        ("busy", "busy", None, ["as is set for everybody", "As entered below."]),
        ("details", "busy", None, ["It is not shared in detail", "As entered below."]),
        ("details", "details", None, ["In detail", "As entered below."]),
        ("details", "details", "Europe/Berlin", ["As they have told Google.", "13:00"]),
        ("details", "details", "Asia/Tokyo", ["go by the clock of Tokyo", "09:00"]),
    ],
)
def test_the_page_says_how_the_calendar_is_read_and_whose_hours_hold(
    app: Flask, recruiter: Browser, wanted: str, level: str, zone: str | None, sentences: list[str]
) -> None:
    path = recruiter.send(f"{PATH}/new", DANAS).headers["Location"]
    assert "Not read yet." in recruiter.get(path).text
    with app.app_context():
        scheduling.change_scheduling(
            notice=timedelta(0),
            rolling_window=timedelta(days=28),
            level=ReadingLevel(wanted),
            by=GREENROOM,
            now=utc_now(),
        )
        db.session.add(
            BusyCalendar(
                interviewer_id=db.session.scalars(db.select(InterviewerRow.id)).one(),
                covers=TimeSpan(utc_now(), utc_now() + timedelta(days=28)),
                busy=[],
                level=ReadingLevel(level),
                hours={"zone": zone, "hours": [[0, "13:00", "15:00"]]} if zone else None,
                version="",
                read_at=utc_now(),
            )
        )
        db.session.commit()
    page = recruiter.get(path).text
    about = html.unescape(page.partition("Their calendar")[2].partition("<form")[0])
    assert [each for each in sentences if each not in about] == []


def kept_words(app: Flask) -> set[tuple[str, str]]:
    with app.app_context():
        rows = db.session.scalars(db.select(KeywordRow)).all()
        assert all(row.interviewer_id is not None for row in rows)
        return {(row.words, row.means.value) for row in rows}
