"""A candidate chooses a time themselves: once, whatever they press, and only one that is still free."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import pages
from tests.journeys.outside import INTERVIEWERS, PEOPLE, Outside, panel_named_in, span
from tests.journeys.visitors import PHONE, Story

pytestmark = pytest.mark.browser

BOOKED = re.compile("^You are booked")


def test_a_double_click_and_a_second_tab_make_one_booking(story: Story, outside: Outside) -> None:
    clementine = PEOPLE["Clémentine Dubois"]
    (offer,) = outside.mails(clementine.email)
    assert panel_named_in(offer.everything) == []
    phone = story.somebody(clementine.zone, viewport=PHONE, is_mobile=True)
    other_tab = phone.context.new_page()
    for tab in (phone, other_tab):
        open_offer(tab, offer.link)
    assert panel_named_in(phone.content()) == []

    chosen = choose(phone, 1)
    phone.get_by_role("button", name=f"Confirm {chosen}").dblclick()
    expect(phone.get_by_role("heading", level=1)).to_have_text(BOOKED)
    also = choose(other_tab, 3)
    other_tab.get_by_role("button", name=f"Confirm {also}").click()
    expect(other_tab.get_by_role("heading", level=1)).to_have_text(BOOKED)

    # The link appears without anybody's doing anything.
    join = phone.get_by_role("link", name="Join the video call")
    expect(join).to_be_visible(timeout=pages.SETTLES_WITHIN_MS)
    (event,) = outside.calendar(clementine.email)
    assert event["hangoutLink"] == join.get_attribute("href")
    assert span(event)[0].astimezone(ZoneInfo(clementine.zone)).strftime("%H:%M") in chosen
    assert len(outside.interviewer_events(clementine.name)) == 1
    assert len(outside.mails(clementine.email, "google")) == 1
    assert len(outside.mails(clementine.email, "smtp")) == 2


def test_a_time_that_has_just_gone_is_answered_with_the_three_nearest(
    story: Story, outside: Outside
) -> None:
    nour = PEOPLE["نور حداد"]
    (offer,) = outside.mails(nour.email)
    page = story.somebody(nour.zone)
    open_offer(page, offer.link)
    chosen = choose(page, 2)
    everybody_is_busy(outside, moment(chosen, nour.zone), timedelta(minutes=30))

    story.complaints.expect(409)
    page.get_by_role("button", name=f"Confirm {chosen}").click()

    expect(page.get_by_role("alert")).to_contain_text("That time has just been taken.")
    nearest = page.get_by_role("group", name="Closest to your choice")
    expect(nearest.get_by_role("radio")).to_have_count(3)
    assert outside.calendar(nour.email) == []
    instead = nearest.locator("label").first.inner_text()
    nearest.locator("label").first.click()
    page.get_by_role("button", name=f"Confirm {instead}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(BOOKED)


def test_a_recruiter_is_offered_the_three_nearest_too(
    story: Story, priya: Page, outside: Outside
) -> None:
    mateo = PEOPLE["Mateo Arrieta"]
    pages.add_times(priya, mateo.name)
    pages.open_times(priya, mateo.name)
    words = pages.choose(priya)
    everybody_is_busy(
        outside, moment(words.removeprefix("Book "), "Europe/Berlin"), timedelta(minutes=45)
    )

    story.complaints.expect(409)
    priya.get_by_role("button", name=words).click()

    gone = priya.get_by_role("alert").filter(has_text="That time is no longer free")
    nearest = gone.get_by_role("button", name=pages.BOOK_A_TIME)
    expect(nearest).to_have_count(3)
    nearest.first.dblclick()
    priya.wait_for_url(re.compile(r"/bookings/\d+$"))
    pages.wait_until_settled(priya)
    assert len(outside.calendar(mateo.email)) == 1
    assert len(outside.interviewer_events(mateo.name)) == 1


def test_a_link_that_is_not_complete_says_so(story: Story, outside: Outside) -> None:
    link = outside.mails(PEOPLE["Luis Villaverde"].email, "smtp")[0].link
    page = story.somebody()
    story.complaints.expect(404)

    page.goto(link[:-3])

    expect(page.get_by_role("heading", level=1)).to_have_text("This link does not work")


def open_offer(page: Page, link: str) -> None:
    page.goto(link)
    show = page.get_by_role("button", name="Show times")
    if show.count():
        show.click()
    expect(page.locator("label.time").first).to_be_visible()


def choose(page: Page, number: int) -> str:
    """Choose one of the times; return how the page calls it."""
    label = page.locator("label.time").nth(number)
    label.click()
    return str(label.locator("input").get_attribute("data-choice"))


def everybody_is_busy(outside: Outside, start: datetime, length: timedelta) -> None:
    for interviewer in INTERVIEWERS:
        outside.put_on_calendar(interviewer, start, start + length, "All hands, at short notice")


def moment(words: str, zone: str) -> datetime:
    """Return the moment of words such as "Tue 24 Nov, 10:00", the next time they come true."""
    today = datetime.now(UTC).date()
    day, clock = words.split(", ")
    for year in (today.year, today.year + 1):
        start = datetime.strptime(f"{day} {year} {clock[:5]}", "%a %d %b %Y %H:%M")  # noqa: DTZ007
        if start.date() >= date(today.year, today.month, today.day):
            return start.replace(tzinfo=ZoneInfo(zone))
    raise AssertionError(words)
