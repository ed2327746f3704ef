"""What a candidate needs: kept by staff, given by every time offered, and told to nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from scheduler.domain.plan import Accommodations, Rest
from scheduler.models.base import db
from scheduler.models.candidates import Application
from scheduler.queries.stage_plans import needs_of
from tests import factories
from tests.cast import JOSE
from tests.web.browsers import Browser

NEEDS = {"extra_time": "15", "shortest_gap": "20", "rest_after": "90", "rest_length": "30"}


@pytest.fixture
def path(app: Flask) -> str:
    with app.app_context():
        return f"/applications/{factories.application(recruiter_id=factories.user(JOSE))}/needs"


def needs(app: Flask) -> Accommodations:
    with app.app_context():
        return needs_of(db.session.scalars(db.select(Application)).one())


def test_needs_are_added_shown_and_taken_back(app: Flask, recruiter: Browser, path: str) -> None:
    answer = recruiter.send(path, NEEDS)
    assert answer.status_code == 303
    minute = timedelta(minutes=1)
    assert needs(app) == Accommodations(
        extra_time=15 * minute,
        shortest_gap=20 * minute,
        rest=Rest(after=90 * minute, length=30 * minute),
    )
    page = recruiter.get(answer.headers["Location"]).text
    assert "more for each interview" in page
    assert "Change needs" in page
    assert 'value="90"' in recruiter.get(path).text
    recruiter.send(path, dict.fromkeys(NEEDS, ""))
    assert needs(app) == Accommodations()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"extra_time": "-5"}, "Between 0 and 240."),
        ({"extra_time": "lots"}, "Not a valid integer"),
        ({"shortest_gap": "241"}, "Between 0 and 240."),
        ({"rest_length": ""}, "Enter both, or neither."),
    ],
)
def test_what_cannot_be_kept_is_said_in_place(
    app: Flask, recruiter: Browser, path: str, changed: dict[str, str], sentence: str
) -> None:
    answer = recruiter.send(path, NEEDS | changed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'name="rest_after"' in answer.text
    assert needs(app) == Accommodations()


def test_an_application_that_is_not_there_needs_nothing(recruiter: Browser) -> None:
    assert recruiter.get("/applications/4711/needs").status_code == 404
