"""What happens to a booking later: another time, another interviewer, the end."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from scheduler.emulator.company import Account
from tests.journeys import pages
from tests.journeys.outside import PEOPLE, Event, Outside, guests, panel_named_in, room, span
from tests.journeys.visitors import PHONE, Story

pytestmark = pytest.mark.browser


def test_another_time_moves_both_events_and_keeps_the_call(
    story: Story, priya: Page, outside: Outside
) -> None:
    luis = PEOPLE["Luis Villaverde"]
    (before,) = outside.calendar(luis.email)
    (interviewer_before,) = outside.interviewer_events(luis.name).values()
    mails_before = len(outside.mails(luis.email))
    pages.open_booking(priya, luis.name)

    priya.get_by_role("link", name="Reschedule").click()
    pages.wait_for_calendars(priya)
    pages.book(priya, 2)
    pages.wait_until_settled(priya)

    (after,) = outside.calendar(luis.email)
    (interviewer_after,) = outside.interviewer_events(luis.name).values()
    assert span(after) != span(before)
    assert span(after) == span(interviewer_after)
    assert after["id"] == before["id"]
    assert interviewer_after["id"] == interviewer_before["id"]
    assert room(after) == room(before) == room(interviewer_after)
    from_google, ours = sorted(outside.mails(luis.email)[mails_before:], key=lambda mail: mail.kind)
    assert from_google.subject.startswith("Updated invitation: ")
    assert ours.kind == "smtp"
    assert panel_named_in(from_google.everything + ours.everything) == []

    phone = story.somebody(luis.zone, viewport=PHONE, is_mobile=True)
    phone.goto(ours.link)
    start = span(after)[0]
    expect(phone.locator(".settled")).to_contain_text(f"{start:%H:%M}")
    expect(phone.get_by_role("link", name="Join the video call")).to_have_attribute(
        "href", after["hangoutLink"]
    )


def test_another_interviewer_changes_nothing_for_the_candidate(
    priya: Page, outside: Outside
) -> None:
    oleksandra = PEOPLE["Oleksandra Shevchuk"]
    pages.open_booking(priya, oleksandra.name)
    candidates_before = events_as_organized(outside, oleksandra.email)
    panel_before = outside.interviewer_events(oleksandra.name)
    mails_before = outside.mails(oleksandra.email)

    leaving, coming = swap_somebody(priya)
    expect(priya.get_by_role("status").first).to_contain_text(
        f"{coming.name} takes the seat of {leaving.name}"
    )
    pages.wait_until_settled(priya)

    assert coming.name in [seated.name for seated in pages.panel(priya)]
    assert outside.events_about(oleksandra.name, leaving.email) == []
    (event,) = outside.events_about(oleksandra.name, coming.email)
    assert coming.email in guests(event)
    assert f"- {coming.name} (" in event["description"]
    assert leaving.name not in event["description"]
    panel_after = outside.interviewer_events(oleksandra.name)
    assert panel_after.keys() == panel_before.keys()
    assert room(panel_after[event["id"]]) == room(panel_before[event["id"]])
    assert events_as_organized(outside, oleksandra.email) == candidates_before
    assert outside.mails(oleksandra.email) == mails_before


def test_a_cancellation_clears_every_calendar_and_is_told_once(
    story: Story, priya: Page, outside: Outside
) -> None:
    hana = PEOPLE["Hana Nováková"]
    panel = outside.interviewer_events(hana.name)
    mails_before = len(outside.mails(hana.email))
    assert panel
    pages.open_booking(priya, hana.name)

    priya.get_by_role("button", name="Cancel", exact=True).click()
    dialog = priya.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_have_text(f"Cancel the booking of {hana.name}?")
    dialog.get_by_role("button", name="Cancel the booking").click()
    pages.wait_until_settled(priya)

    expect(priya.get_by_role("heading", level=1)).to_contain_text("Cancelled")
    assert outside.calendar(hana.email) == []
    assert outside.interviewer_events(hana.name) == {}
    from_google, ours = sorted(outside.mails(hana.email)[mails_before:], key=lambda mail: mail.kind)
    assert from_google.subject.startswith(("Cancelled", "Canceled"))
    assert ours.kind == "smtp"
    assert panel_named_in(from_google.everything + ours.everything) == []
    page = story.somebody(hana.zone)
    page.goto(outside.mails(hana.email, "smtp")[0].link)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("cancelled"))


def swap_somebody(page: Page) -> tuple[Account, Account]:
    """Swap the first on the panel whom somebody free can replace; return both."""
    booking = page.url
    for leaving in pages.panel(page):
        page.get_by_role("link", name=f"Swap {leaving.name}").first.click()
        page.wait_for_load_state("networkidle")
        free = page.locator("label.pick:has(input:enabled)")
        if free.count():
            free.first.click()
            coming = PEOPLE[free.first.locator("bdi").inner_text()]
            page.get_by_role("button", name="Swap", exact=True).click()
            return leaving, coming
        page.goto(booking)
    raise AssertionError("nobody can be replaced")


def events_as_organized(outside: Outside, address: str) -> dict[str, tuple[Event, str]]:
    """Return somebody's events with the etag that the organizer's own copy has."""
    events = outside.calendar(address)
    assert events
    etags = {
        own["id"]: own["etag"]
        for calendar in {event["organizer"]["email"] for event in events}
        for own in outside.calendar(calendar)
    }
    return {event["id"]: (event, etags[event["id"]]) for event in events}
