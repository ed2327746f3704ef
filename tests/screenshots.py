"""Takes pictures of the main pages, light and dark, of a whole run: `make screenshots`."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from playwright.sync_api import Page, sync_playwright

from tests.conftest import CHROMIUM_NAMES
from tests.journeys import pages
from tests.journeys.outside import PEOPLE, Outside, span
from tests.journeys.visitors import CHROMIUM_ARGUMENTS, PHONE, Story, Visitors
from tests.journeys.whole_run import ROOT, whole_run

FOLDER = ROOT / "screenshots"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
ADA, THANDIWE, NOUR = (PEOPLE[name] for name in ("Ada Quist", "Thandiwe Mbeki", "نور حداد"))


def main() -> int:
    """Take all pictures; return the exit status."""
    FOLDER.mkdir(exist_ok=True)
    with visiting() as (story, outside):
        take_the_recruiters(story.staff("Priya Raman"), outside)
        take_the_candidates(story, outside)
        take_the_emulators(story.somebody(), outside)
        take_the_admins(story.staff("Alex Whitcombe"))
    sys.stdout.write(f"{len(list(FOLDER.glob('*.png')))} pictures are in {FOLDER.name}/.\n")
    return 0


def take_the_recruiters(page: Page, outside: Outside) -> None:
    page.goto("/")
    take(page, "work-queue")
    pages.open_times(page, ADA.name)
    pages.choose(page, 4)
    take(page, "choose-a-time")
    pages.open_times(page, THANDIWE.name)
    pages.choose(page)
    take(page, "choose-a-loop")
    outside.conference(latency=4)
    pages.open_times(page, ADA.name)
    pages.book(page, 4)
    page.locator(".step--now").get_by_text("Conference ready").wait_for()
    take(page, "booking-under-way")
    pages.wait_until_settled(page)
    take(page, "booking-settled")
    outside.as_usual()
    pages.open_times(page, THANDIWE.name)
    pages.book(page)
    pages.wait_until_settled(page)
    take(page, "booking-of-a-loop")
    page.get_by_role("link", name="Swap").first.click()
    take(page, "swap")
    pages.open_candidate(page, THANDIWE.name)
    take(page, "candidate")


def take_the_candidates(story: Story, outside: Outside) -> None:
    phone = story.somebody(
        ADA.zone, viewport=PHONE, is_mobile=True, has_touch=True, device_scale_factor=2
    )
    phone.goto(outside.mails(NOUR.email)[0].link)
    show = phone.get_by_role("button", name="Show times")
    if show.count():
        show.click()
    phone.locator("label.time").nth(2).click()
    take(phone, "phone-choose")
    phone.goto(outside.mails(ADA.email, "smtp")[0].link)
    take(phone, "phone-booked")
    phone.goto(outside.mails(THANDIWE.email, "smtp")[0].link)
    take(phone, "phone-loop")


def take_the_emulators(page: Page, outside: Outside) -> None:
    page.goto(f"{outside.url}/mail?for={ADA.email}")
    take(page, "mail")
    (interviewers,) = outside.interviewer_events(ADA.name).values()
    interviewer = next(
        account
        for account in PEOPLE.values()
        if account.email == interviewers["attendees"][0]["email"]
    )
    page.goto(outside.page_of(interviewer, week=span(interviewers)[0]))
    take(page, "interviewers-calendar")
    page.goto(outside.page_of(ADA, week=span(interviewers)[0]))
    take(page, "candidates-calendar")


def take_the_admins(page: Page) -> None:
    for name in ("google", "people", "interviewers", "plans"):
        page.goto(f"/admin/{name}")
        take(page, f"admin-{name}")


def take(page: Page, name: str) -> None:
    """Take what fits the window, once light and once dark."""
    page.wait_for_load_state("networkidle")
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.mouse.move(0, 0)
        page.screenshot(path=FOLDER / f"{name}-{scheme}.png", animations="disabled")


@contextmanager
def visiting() -> Iterator[tuple[Story, Outside]]:
    chromium = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if chromium is None:
        raise SystemExit("No Chromium was found; install your system's package chromium.")
    with whole_run() as run, sync_playwright() as playwright:
        settings = run.settings()
        outside = Outside(
            run.emulator_url, settings["GOOGLE_CLIENT_ID"], settings["GOOGLE_CLIENT_SECRET"]
        )
        outside.as_usual()
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        with Visitors(browser, run).watched() as story:
            yield story, outside
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
