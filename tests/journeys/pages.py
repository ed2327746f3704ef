"""What recruiters and candidates do on the pages, in their words."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from scheduler.emulator.company import Account
from tests.journeys.outside import PEOPLE

SETTLES_WITHIN_MS = 45_000
BOOK_A_TIME = re.compile(r"^(Book|Move to) (Mon|Tue|Wed|Thu|Fri)")


def open_candidate(page: Page, name: str) -> None:
    """Go to a candidate's page, whosoever candidate it is."""
    page.goto(f"/candidates?whose=everybody&q={name}")
    page.get_by_role("main").get_by_role("link", name=name).first.click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def open_booking(page: Page, name: str) -> None:
    open_candidate(page, name)
    page.get_by_role("link", name="Open the booking").click()
    _on_a_booking(page)


def open_times(page: Page, name: str) -> None:
    """Go to where a time is chosen for a candidate, and wait until calendars have been read."""
    open_candidate(page, name)
    page.get_by_role("link", name="Choose a time").click()
    wait_for_calendars(page)


def add_times(page: Page, name: str) -> None:
    """Say that a candidate can in all usual hours."""
    open_candidate(page, name)
    page.get_by_role("link", name="Add times").first.click()
    page.get_by_role("button", name="Weekdays 9 to 17").click()
    page.get_by_role("button", name="Save the times").last.click()
    expect(page.get_by_role("link", name="Choose a time")).to_be_visible()


def wait_for_calendars(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    expect(page.get_by_text("Calendars are being read")).to_have_count(0)


def times(page: Page) -> Locator:
    """The times to choose from, beside the week."""
    return page.get_by_role("group", name="Times to choose from").get_by_role("radio")


def choose(page: Page, number: int = 0) -> str:
    """Choose one of the times; return the words of the button that books it."""
    times(page).nth(number).check()
    button = page.get_by_role("button", name=BOOK_A_TIME).last
    expect(button).to_have_class(re.compile("button--primary"))
    return button.inner_text()


def book(page: Page, number: int = 0) -> None:
    """Book one of the times, and be on the booking's page."""
    words = choose(page, number)
    page.get_by_role("button", name=words).click()
    _on_a_booking(page)


def wait_until_settled(page: Page) -> None:
    """Wait until the booking's page says, by itself, that all is done."""
    expect(page.get_by_text("All done", exact=True)).to_be_visible(timeout=SETTLES_WITHIN_MS)


def steps(page: Page) -> dict[str, str]:
    """Return what is happening: each step's title with how far it is."""
    found: list[tuple[str, str]] = page.locator(".step").evaluate_all(
        """steps => steps.map(step => [
             step.querySelector(".step__title").textContent.trim(),
             step.className.match(/step--(\\w+)/)[1]])"""
    )
    return dict(found)


def panel(page: Page) -> list[Account]:
    """Return who sits on the panels that a booking's page shows."""
    names = page.locator("[aria-label^='Panel of'] .person__name").all_inner_texts()
    return [PEOPLE[name] for name in names]


def join_links(page: Page) -> list[str]:
    """Return the calls' links on a booking's page."""
    links = page.get_by_role("main").locator(".copyable code").all_inner_texts()
    return [link for link in links if "/meet/" in link]


def _on_a_booking(page: Page) -> None:
    page.wait_for_url(re.compile(r"/bookings/\d+$"))
    expect(page.get_by_role("heading", name="What is happening")).to_be_visible()
