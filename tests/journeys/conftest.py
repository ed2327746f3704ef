"""What the journeys stand on: one whole run, one Chromium, and the world outside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.journeys.outside import Outside
from tests.journeys.visitors import CHROMIUM_ARGUMENTS, PATIENCE_MS, Story, Visitors
from tests.journeys.whole_run import WholeRun, whole_run


@pytest.fixture(scope="session")
def run() -> Iterator[WholeRun]:
    """A run of this worker's own; starting it takes longer than most journeys."""
    with whole_run() as started:
        yield started


@pytest.fixture(scope="module")
def chromium(chromium_path: str) -> Iterator[Browser]:
    """A browser for this module. No longer: one thread has one Playwright, and its event loop."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def visitors(chromium: Browser, run: WholeRun) -> Visitors:
    return Visitors(chromium, run)


@pytest.fixture(scope="session")
def _outside(run: WholeRun) -> Outside:
    settings = run.settings()
    return Outside(run.emulator_url, settings["GOOGLE_CLIENT_ID"], settings["GOOGLE_CLIENT_SECRET"])


@pytest.fixture
def outside(_outside: Outside) -> Iterator[Outside]:
    """The world outside, with a Google that works."""
    _outside.as_usual()
    yield _outside
    _outside.as_usual()


@pytest.fixture
def story(visitors: Visitors, outside: Outside) -> Iterator[Story]:
    """People who visit; no browser may have complained when they leave."""
    with visitors.watched() as story:
        yield story


@pytest.fixture
def priya(story: Story) -> Page:
    """The screen of Priya, who recruits."""
    return story.staff("Priya Raman")
