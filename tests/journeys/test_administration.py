"""The admin's pages, and that nobody else finds them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.visitors import Story

pytestmark = pytest.mark.browser


@pytest.fixture
def alex(story: Story) -> Page:
    """The screen of Alex, who looks after Greenroom."""
    return story.staff("Alex Whitcombe")


def test_a_role_is_given_and_counts_at_the_first_sign_in(story: Story, alex: Page) -> None:
    alex.goto("/")
    alex.get_by_role("navigation", name="Main").get_by_role("link", name="People").click()
    expect(alex.get_by_role("row").filter(has_text="Priya Raman")).to_contain_text("Recruiter")

    alex.get_by_label("E-mail").fill("imani.broussard@northwind.example")
    alex.get_by_label("Role", exact=True).select_option(label="Recruiter")
    alex.get_by_role("button", name="Give the role").click()
    expect(alex.get_by_role("row").filter(has_text="imani.broussard")).to_contain_text("Recruiter")

    imani = story.staff("Imani Broussard")
    imani.goto("/")
    expect(imani).to_have_title("Work queue · Greenroom")
    alex.reload()
    expect(alex.get_by_role("row").filter(has_text="Imani Broussard")).to_contain_text("Signed in")


def test_the_connection_is_looked_at_again(alex: Page) -> None:
    alex.goto("/admin/google")
    card = alex.get_by_role("region", name="Scheduling account")
    expect(card).to_contain_text("scheduling@northwind.example")
    expect(card).to_contain_text("Ready")

    alex.get_by_role("button", name="Check again").click()

    expect(card).to_contain_text(re.compile("Last looked at.*just now", re.DOTALL))
    expect(card).to_contain_text("Ready")


def test_an_interviewer_gets_other_hours_and_limits(alex: Page) -> None:
    alex.goto("/")
    alex.get_by_role("navigation", name="Main").get_by_role("link", name="Interviewers").click()
    alex.get_by_label("Search interviewers").fill("Lachlan")
    alex.get_by_role("button", name="Search").click()
    alex.get_by_role("link", name="Lachlan Pemberton").click()

    alex.get_by_label("Interviews a week").fill("3")
    alex.get_by_role("button", name="Save").click()

    expect(alex.get_by_role("status").first).to_be_visible()
    alex.goto("/admin/interviewers?q=Lachlan")
    expect(alex.get_by_role("row").filter(has_text="Lachlan Pemberton")).to_contain_text("3 a week")


@pytest.mark.parametrize("path", ["/admin/google", "/admin/people"])
def test_a_recruiter_finds_nothing_there(story: Story, priya: Page, path: str) -> None:
    story.complaints.expect(404)

    priya.goto(path)

    expect(priya.get_by_role("heading", level=1)).to_have_text("There is nothing here")


def test_an_interviewer_sees_their_own_interviews_only(story: Story) -> None:
    dana = story.staff("Dana Okafor")
    dana.goto("/")
    expect(dana).to_have_url(re.compile("/your-interviews$"))
    story.complaints.expect(404)
    dana.goto("/candidates")
    expect(dana.get_by_role("heading", level=1)).to_have_text("There is nothing here")
