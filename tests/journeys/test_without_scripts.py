"""The whole way without JavaScript: sign in, add somebody, choose a time, book it, see the result."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys import pages
from tests.journeys.outside import PEOPLE, Outside
from tests.journeys.visitors import Story, sign_in

pytestmark = pytest.mark.browser


def test_a_browser_without_scripts_is_enough(story: Story, outside: Outside) -> None:
    yuki = PEOPLE["Yuki Tanabe"]
    page = story.somebody(java_script_enabled=False)
    sign_in(page, PEOPLE["Marisol Peña"])

    page.get_by_role("link", name="Add a candidate").first.click()
    page.get_by_label("Name").fill(yuki.name)
    page.get_by_label("E-mail address").fill(yuki.email)
    page.get_by_label("Time zone").select_option(yuki.zone)
    page.get_by_label("Role and stage").select_option(label="Hiring manager call")
    page.get_by_role("button", name="Add the candidate").click()
    pages.add_times(page, yuki.name)

    page.get_by_role("link", name="Choose a time").click()
    page.get_by_role("button", name="Read again").click()
    pages.times(page).first.check()
    page.get_by_role("button", name="Book the chosen time").click()

    # A page without scripts loads itself again until there is nothing left to wait for.
    expect(page.get_by_text("All done", exact=True)).to_be_visible(timeout=pages.SETTLES_WITHIN_MS)
    (event,) = outside.calendar(yuki.email)
    assert [event["hangoutLink"]] == pages.join_links(page)

    (ours,) = outside.mails(yuki.email, "smtp")
    page.goto(ours.link)
    expect(page.get_by_role("link", name="Join the video call")).to_be_visible()
