"""Every page behind a candidate's link, and every way it can answer, is part of the story."""

from __future__ import annotations

import ast
from pathlib import Path

from werkzeug.routing import Map

from scheduler.web import candidate, headers, policy
from tests.firewall.story import Told

# What each page can answer. A new page, or a new status, has to be added here and to the story.
ANSWERS = {
    ("candidate.show", "GET"): {200, 404, 422},
    ("candidate.show", "HEAD"): {200, 404},
    ("candidate.calendar_file", "GET"): {200, 404},
    ("candidate.back", "GET"): {303, 404},
    ("candidate.show_times", "POST"): {303, 400, 404, 503},
    ("candidate.book", "POST"): {303, 400, 404, 409, 422, 503},
}


def test_every_page_of_candidates_is_in_the_table(pages: Map) -> None:
    found = {
        (rule.endpoint, method)
        for rule in pages.iter_rules()
        if rule.rule.startswith(headers.CANDIDATE_PATH)
        for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}
    }

    assert found == {(page, method) for page, method in ANSWERS if method != "HEAD"}


def test_the_story_met_every_answer_of_every_page(story: Told) -> None:
    for (endpoint, method), statuses in ANSWERS.items():
        met = {status for page, how, status in story.opened if (page, how) == (endpoint, method)}
        assert met == statuses, endpoint


def test_the_table_knows_every_status_that_the_pages_name() -> None:
    source = Path(candidate.__file__).read_text(encoding="utf-8")
    named = {
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, int)
        and 200 <= node.value < 600
    }

    assert {303, 404, 409, 422, 503} <= named
    assert named <= set().union(*ANSWERS.values())


def test_no_other_page_is_open_to_candidates() -> None:
    public = {page for page, audience in policy.POLICY.items() if audience == policy.PUBLIC}

    others = {page for page in public if not page.startswith("candidate.")}
    assert {page.partition(".")[0] for page in others} <= {"auth", "health", "push", "static"}
