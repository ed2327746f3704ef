"""What stops is shown with what to do about it, and goes on by itself where it can."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import pages
from tests.journeys.outside import PEOPLE, Outside
from tests.journeys.visitors import Story

pytestmark = pytest.mark.browser

BY_HAND = "https://rooms.northwind.example/jamal-first"


def test_without_a_conference_a_link_by_hand_settles_it(
    story: Story, priya: Page, outside: Outside
) -> None:
    jamal = PEOPLE["Jamal Whitfield"]
    pages.open_times(priya, jamal.name)
    outside.conference(outcome="failure", latency=0)
    pages.book(priya)

    attention = priya.get_by_role("region", name="Needs attention")
    expect(attention).to_contain_text("Give a link by hand", timeout=pages.SETTLES_WITHIN_MS)
    assert outside.calendar(jamal.email) == []
    assert outside.mails(jamal.email) == []
    assert outside.interviewer_events(jamal.name) == {}
    booking = priya.url
    priya.goto("/?whose=everybody")
    needs = priya.get_by_role("region", name="Needs you").get_by_role("listitem")
    expect(needs.filter(has_text=jamal.name)).to_be_visible()

    priya.goto(booking)
    priya.get_by_label("Link by hand").fill("ftp://rooms.northwind.example/jamal")
    story.complaints.expect(422)
    priya.get_by_role("button", name="Use this link").click()
    expect(attention.get_by_role("alert")).to_be_visible()
    priya.get_by_label("Link by hand").fill(BY_HAND)
    priya.get_by_role("button", name="Use this link").click()

    pages.wait_until_settled(priya)
    expect(attention).to_have_count(0)
    (event,) = outside.calendar(jamal.email)
    (interviewers,) = outside.interviewer_events(jamal.name).values()
    for each in (event, interviewers):
        assert BY_HAND in each["location"] + each["description"]
        assert "conferenceData" not in each
    (ours,) = outside.mails(jamal.email, "smtp")
    assert BY_HAND in ours.text
    page = story.somebody(jamal.zone)
    page.goto(ours.link)
    expect(page.get_by_role("link", name="Join the video call")).to_have_attribute("href", BY_HAND)


def test_while_google_is_down_a_booking_waits_and_says_so(priya: Page, outside: Outside) -> None:
    sinead = PEOPLE["Sinéad Gallagher"]
    pages.open_times(priya, sinead.name)
    outside.fail("/events")
    pages.book(priya)

    expect(priya.locator(".step--now")).to_contain_text(
        re.compile("Google could not be reached"), timeout=pages.SETTLES_WITHIN_MS
    )
    assert outside.mails(sinead.email) == []

    outside.as_usual()
    pages.wait_until_settled(priya)
    assert len(outside.calendar(sinead.email)) == 1
    assert len(outside.mails(sinead.email)) == 2
