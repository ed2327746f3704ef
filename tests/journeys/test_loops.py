"""A loop of four interviews: four calls, or one call for the day."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import pages
from tests.journeys.outside import PEOPLE, Outside, guests, panel_named_in, room, span
from tests.journeys.visitors import PHONE, Story

pytestmark = pytest.mark.browser


def test_a_loop_has_a_call_for_each_interview(story: Story, priya: Page, outside: Outside) -> None:
    thandiwe = PEOPLE["Thandiwe Mbeki"]
    pages.open_times(priya, thandiwe.name)
    pages.book(priya)
    pages.wait_until_settled(priya)

    links = pages.join_links(priya)
    assert len(set(links)) == 4
    candidates = outside.calendar(thandiwe.email)
    panels = outside.interviewer_events(thandiwe.name).values()
    assert {event["hangoutLink"] for event in candidates} == set(links)
    assert sorted(map(span, panels)) == sorted(map(span, candidates))
    assert {span(event): room(event) for event in panels} == {
        span(event): room(event) for event in candidates
    }
    assert set().union(*map(guests, panels)) == {seated.email for seated in pages.panel(priya)}
    assert panel_named_in(str(candidates)) == []
    assert len(outside.mails(thandiwe.email, "google")) == 4
    (ours,) = outside.mails(thandiwe.email, "smtp")

    phone = story.somebody(thandiwe.zone, viewport=PHONE, is_mobile=True)
    phone.goto(ours.link)
    rooms = phone.locator(".rooms > li")
    expect(rooms).to_have_count(4)
    expect(rooms.first.get_by_role("link")).to_contain_text("Join this one first")
    assert panel_named_in(phone.content()) == []


def test_a_day_call_has_one_call_for_all(story: Story, priya: Page, outside: Outside) -> None:
    arjun = PEOPLE["Arjun Malhotra"]
    pages.open_times(priya, arjun.name)
    pages.book(priya)
    pages.wait_until_settled(priya)

    (link,) = pages.join_links(priya)
    (candidates,) = outside.calendar(arjun.email)
    panels = list(outside.interviewer_events(arjun.name).values())
    assert len(panels) == 4
    assert {room(event) for event in (candidates, *panels)} == {link.rpartition("/")[2]}
    assert span(candidates) == (
        min(span(event)[0] for event in panels),
        max(span(event)[1] for event in panels),
    )
    assert len(outside.mails(arjun.email, "google")) == 1
    (ours,) = outside.mails(arjun.email, "smtp")
    assert panel_named_in(ours.everything + str(candidates)) == []

    phone = story.somebody(arjun.zone, viewport=PHONE, is_mobile=True)
    phone.goto(ours.link)
    expect(phone.get_by_role("link", name="Join the video call")).to_have_attribute("href", link)
    expect(phone.locator(".agenda > li")).to_have_count(4)
