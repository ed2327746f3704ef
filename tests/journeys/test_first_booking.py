"""A recruiter books an interview; everybody finds what they need, and the candidate no name of the panel."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import pages
from tests.journeys.outside import PEOPLE, Outside, guests, panel_named_in, room, span
from tests.journeys.visitors import PHONE, Story, sign_in

pytestmark = pytest.mark.browser

ADA = PEOPLE["Ada Quist"]
PRIYA = PEOPLE["Priya Raman"]
IN_ORDER = [
    "Candidate event made",
    "Conference pending",
    "Conference ready",
    "Interviewer event written",
    "Copy verified",
    "Candidate invited",
    "Mail sent",
]
IS_IN_SIGHT = """(frame, what) => {
  const box = frame.querySelector(what).getBoundingClientRect(), seen = frame.getBoundingClientRect();
  return box.top >= seen.top && box.bottom <= seen.bottom && box.left >= seen.left && box.right <= seen.right; }"""


def test_priya_signs_in_and_finds_her_work(story: Story) -> None:
    page = story.somebody()
    sign_in(page, PRIYA)

    expect(page).to_have_title("Work queue · Greenroom")
    expect(page.get_by_role("complementary", name="Demonstration")).to_contain_text(
        "the built-in emulator stands in for Google"
    )
    waiting = page.get_by_role("region", name="Waiting to be scheduled")
    expect(waiting.get_by_role("listitem").filter(has_text="Thandiwe Mbeki")).to_contain_text(
        "On-site loop"
    )
    expect(page.get_by_role("region", name="Coming up")).to_contain_text("Freya Lindqvist")

    page.get_by_role("button", name="Sign out").click()
    page.goto("/candidates")
    expect(page.get_by_role("button", name="Sign in with Google")).to_be_visible()


def test_a_chosen_time_is_in_sight_in_the_list_and_in_the_week(story: Story) -> None:
    phone = story.staff(PRIYA.name, viewport=PHONE)
    pages.open_times(phone, ADA.name)
    latest = pages.times(phone).last.get_attribute("value")
    phone.goto(f"{phone.url}?slot={latest}")
    pages.wait_for_calendars(phone)
    expect(pages.times(phone).last).to_be_checked()
    assert phone.locator(".picks").evaluate(IS_IN_SIGHT, ".pick:has(:checked)")
    assert phone.locator(".week__scroll").evaluate(IS_IN_SIGHT, ".slot[aria-current=true]")
    assert phone.evaluate("window.scrollY") == 0, "what lies above is not passed over"


def test_the_story_of_one_interview(story: Story, priya: Page, outside: Outside) -> None:
    outside.conference(latency=2)
    priya.goto("/")
    row = priya.get_by_role("listitem").filter(has_text=ADA.name)
    row.get_by_role("link", name="Choose a time").click()
    pages.wait_for_calendars(priya)
    pages.book(priya)

    see_it_happen(priya)
    (interviewer,) = pages.panel(priya)
    (link,) = pages.join_links(priya)

    see_the_candidates_calendar(story, outside, link)
    see_the_interviewers_calendar(story, outside, interviewer.name, link)
    see_both_in_the_room(story, link, interviewer.name)
    address = read_the_candidates_mail(outside, link)
    see_the_candidates_page(story, address, link)


def see_it_happen(page: Page) -> None:
    """The page tells what is happening without being loaded again."""
    page.evaluate("window.isStillThePageThatWasOpened = true")
    expect(page.locator(".step--now")).to_have_text(re.compile("Conference ready"))
    assert list(pages.steps(page)) == IN_ORDER
    assert pages.steps(page)["Mail sent"] == "waiting"
    expect(page.get_by_role("heading", level=1)).to_contain_text("Being arranged")

    pages.wait_until_settled(page)

    assert set(pages.steps(page).values()) == {"done"}
    expect(page.get_by_role("heading", level=1)).to_contain_text("Booked")
    assert page.evaluate("window.isStillThePageThatWasOpened")


def see_the_candidates_calendar(story: Story, outside: Outside, link: str) -> None:
    page = story.somebody(ADA.zone)
    page.goto(outside.page_of(ADA))
    (card,) = page.locator("section:has(> h2:text('Invitations to come')) article").all()
    expect(card.get_by_role("link", name="Join with Google Meet")).to_have_attribute(
        "href", re.compile(re.escape(link))
    )
    assert panel_named_in(page.content()) == []

    (event,) = outside.calendar(ADA.email)
    assert event["hangoutLink"] == link
    assert guests(event) == {ADA.email}
    assert panel_named_in(str(event)) == []


def see_the_interviewers_calendar(story: Story, outside: Outside, name: str, link: str) -> None:
    interviewer = PEOPLE[name]
    page = story.somebody(interviewer.zone)
    page.goto(outside.page_of(interviewer))
    (card,) = (
        page.locator("section:has(> h2:text('Invitations to come')) article")
        .filter(has_text=ADA.name)
        .all()
    )
    for words in (
        f"Candidate: {ADA.name}",
        "Role: Senior Backend Engineer",
        "Focus: Reads code well",
        f"{name} (leads)",
        f"Recruiter: {PRIYA.name}, {PRIYA.phone}",
    ):
        expect(card).to_contain_text(words)
    expect(
        card.get_by_role("link", name="drive.google.com/file/d/resume-ada.quist")
    ).to_be_visible()
    expect(card.get_by_role("link", name="scorecards.northwind.example/ada.quist")).to_be_visible()

    (event,) = outside.events_about(ADA.name, interviewer.email)
    (candidates,) = outside.calendar(ADA.email)
    assert event["hangoutLink"] == link
    assert room(event) == room(candidates)
    assert span(event) == span(candidates)
    assert len(outside.interviewer_events(ADA.name)) == 1


def see_both_in_the_room(story: Story, link: str, name: str) -> None:
    interviewer = PEOPLE[name]
    for somebody in (ADA, interviewer):
        page = story.somebody(somebody.zone)
        page.goto(f"{link}?as={somebody.email}")
        expect(page.get_by_role("status")).to_have_text(f"{somebody.name} is in the room.")
    inside = page.locator("section:has(> h2:text('In the room'))")
    assert inside.get_by_role("listitem").all_inner_texts() == [ADA.name, interviewer.name]


def read_the_candidates_mail(outside: Outside, link: str) -> str:
    """Return the address of the candidate's page, as our mail gives it."""
    (invitation,) = outside.mails(ADA.email, "google")
    (ours,) = outside.mails(ADA.email, "smtp")
    assert invitation.subject.startswith("Invitation: ")
    assert ours.subject.startswith("Confirmed: ")
    assert link in ours.text
    assert "Stockholm time" in ours.text
    assert PRIYA.phone in ours.text
    (attached,) = ours.attachments
    assert attached.endswith(".ics")
    assert "METHOD:PUBLISH" in ours.attachments[attached]
    for mail in (invitation, ours):
        assert panel_named_in(mail.everything) == []
    return ours.link


def see_the_candidates_page(story: Story, address: str, link: str) -> None:
    page = story.somebody(ADA.zone, viewport=PHONE, is_mobile=True, has_touch=True)
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^You are booked, Ada"))
    expect(page.locator(".settled")).to_contain_text("Stockholm time (UTC+")
    page.get_by_role("link", name="Change").click()
    page.get_by_label("Time zone").select_option("America/Lima")
    page.get_by_role("button", name="Show times").click()
    expect(page.locator(".settled")).to_contain_text("Lima time (UTC−5)")
    expect(page.get_by_role("link", name="Join the video call")).to_have_attribute("href", link)
    with page.expect_download() as calendar_file:
        page.get_by_role("link", name="Add to my calendar").click()
    assert link in calendar_file.value.path().read_text().replace("\r\n ", "")
    assert panel_named_in(page.content()) == []
