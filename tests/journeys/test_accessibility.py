"""Whatever page a link leads to: nothing for axe to complain of, in light on a desk and in dark on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urldefrag, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.assets.test_gallery import RULES, fits
from tests.journeys import pages
from tests.journeys.outside import PEOPLE, Outside
from tests.journeys.visitors import DESKTOP, PHONE, Story

pytestmark = pytest.mark.browser

FEWEST_PAGES_OF_STAFF = 20
EVERY_RULE = {"type": "tag", "values": RULES}
# What can differ between two sizes and two schemes of one page; the rest is the same markup.
RULES_OF_LOOKS = {
    "type": "rule",
    "values": [
        "color-contrast",
        "link-in-text-block",
        "scrollable-region-focusable",
        "target-size",
    ],
}
NOTHING_MOVES = "Promise.allSettled(document.getAnimations().map(each => each.finished))"
NOT_A_PAGE = re.compile(r"\.ics$|/mail/\d|/static/")


def test_every_page_of_the_staff(story: Story) -> None:
    page = story.staff("Alex Whitcombe")

    seen = 0
    for address in walk(page, "/?whose=everybody"):
        examine(page, address)
        seen += 1

    assert seen >= FEWEST_PAGES_OF_STAFF


def test_what_is_only_there_at_times(story: Story, priya: Page, outside: Outside) -> None:
    pages.open_times(priya, "Arjun Malhotra")
    pages.choose(priya)
    examine(priya, "a time that has been chosen")
    pages.open_booking(priya, "Freya Lindqvist")
    priya.get_by_role("button", name="Cancel", exact=True).click()
    examine(priya, "the question whether to cancel")
    story.complaints.expect(404, 422)
    priya.goto("/nothing-here")
    examine(priya, "a page that does not exist")
    priya.goto("/candidates/new")
    priya.get_by_role("button", name="Add the candidate").click()
    expect(priya.get_by_role("alert")).to_be_visible()
    examine(priya, "a form with mistakes")


def test_every_page_of_a_candidate(story: Story, outside: Outside) -> None:
    page = story.somebody()
    story.complaints.expect(404)
    links = {
        kind: mail.link
        for account in PEOPLE.values()
        if account.kind == "candidate"
        for mail in outside.mails(account.email, "smtp")
        for kind in [mail.subject.split(":")[0]]
    }
    assert {"Choose a time", "Confirmed"} <= links.keys()
    for kind, link in links.items():
        page.goto(link)
        show = page.get_by_role("button", name="Show times")
        if show.count():
            examine(page, f"{kind}, before times are shown")
            show.click()
        examine(page, kind)
    page.goto(links["Confirmed"] + "?zones=all")
    examine(page, "the menu of time zones")
    page.goto(links["Confirmed"][:-1])
    examine(page, "a link that opens nothing")


def test_every_page_of_the_emulator(story: Story, outside: Outside) -> None:
    page = story.somebody()
    for address in walk(page, outside.url):
        examine(page, address)
    page.goto("/login")
    examine(page, "sign in")
    page.get_by_role("button", name="Sign in with Google").click()
    examine(page, "the consent page")


def walk(page: Page, start: str) -> Iterator[str]:
    """Open every kind of page that can be reached by links, one of each kind; yield where it is."""
    page.goto(start)
    origin = page.evaluate("location.origin")
    to_see, kinds = [page.url], {kind_of(page.url)}
    while to_see:
        page.goto(to_see.pop(0))
        yield page.url
        for link in page.get_by_role("link").evaluate_all("links => links.map(each => each.href)"):
            address = urldefrag(link).url
            is_page_here = address.startswith(f"{origin}/") and not NOT_A_PAGE.search(address)
            if is_page_here and kind_of(address) not in kinds:
                kinds.add(kind_of(address))
                to_see.append(address)


def kind_of(address: str) -> str:
    """Return what pages of one kind have in common: /bookings/7 and /bookings/8 are one."""
    return re.sub(r"/\d+|/[a-z]{3}-[a-z]{4}-[a-z]{3}", "/…", urlsplit(address).path)


def examine(page: Page, address: str) -> None:
    """Assert that axe finds nothing, and that nothing sticks out on a phone."""
    if page.locator("[hx-trigger^=load]").count():  # it is about to change by itself
        page.wait_for_load_state("networkidle")
    page.evaluate(NOTHING_MOVES)
    assert complaints(page, EVERY_RULE) == [], address
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="dark")
    page.evaluate(NOTHING_MOVES)
    assert complaints(page, RULES_OF_LOOKS) == [], f"{address} in the dark, on a phone"
    assert fits(page), address
    page.set_viewport_size(DESKTOP)
    page.emulate_media(color_scheme="light")


def complaints(page: Page, rules: Mapping[str, object]) -> list[str]:
    found = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]}).response
    return [
        f"{problem['id']}: {node['html'][:120]} {[each['message'] for each in node['any'][:1]]}"
        for problem in found["violations"]
        for node in problem["nodes"]
    ]
