"""People in front of browsers, and what goes wrong on their screens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    ViewportSize,
    WebError,
)

from scheduler.emulator.company import Account
from tests.journeys.outside import PEOPLE
from tests.journeys.whole_run import WholeRun

DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE_MS = 15_000

# A refused script says so on the console as well, but not every kind of refusal does.
TELL_OF_REFUSALS = """document.addEventListener("securitypolicyviolation", event =>
  console.error(`policy: ${event.effectiveDirective} ${event.sample || event.blockedURI}`))"""
REFUSED_LOAD = re.compile(r"Failed to load resource: the server responded with a status of (4\d\d)")


@dataclass  # without slots: Playwright notes its listeners on their owner
class Complaints:
    """What browsers said on their consoles. Answers of 4xx have to be expected by number."""

    _said: list[str] = field(default_factory=list)
    _expected: set[int] = field(default_factory=set)

    def expect(self, *statuses: int) -> None:
        """Say that this story meets answers with these statuses."""
        self._expected |= set(statuses)

    def listen(self, context: BrowserContext) -> None:
        context.on("console", self._hear)
        context.on("weberror", self._hear_of_error)

    def left(self) -> list[str]:
        return [said for said in self._said if not self._is_expected(said)]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._said.append(f"{message.text} ({message.location.get('url')})")

    def _hear_of_error(self, error: WebError) -> None:
        self._said.append(str(error.error))

    def _is_expected(self, said: str) -> bool:
        refused = REFUSED_LOAD.search(said)
        return refused is not None and int(refused[1]) in self._expected


class Visitors:
    """Opens browsers for people. Each has cookies of its own."""

    def __init__(self, chromium: Browser, run: WholeRun) -> None:
        self._chromium = chromium
        self._run = run
        self._cookies: dict[str, Any] = {}

    @contextmanager
    def watched(self) -> Iterator[Story]:
        """Let one story's people visit; close their browsers at its end, and hear complaints."""
        story = Story(self)
        try:
            yield story
        finally:
            for context in story.contexts:
                context.close()
        assert story.complaints.left() == []

    def open(self, zone: str, story: Story, **how: Any) -> Page:
        context = self._chromium.new_context(
            **{
                "base_url": self._run.url,
                "locale": "en-GB",
                "timezone_id": zone,
                "viewport": DESKTOP,
            }
            | how
        )
        context.set_default_timeout(PATIENCE_MS)
        if how.get("java_script_enabled", True):
            context.add_init_script(TELL_OF_REFUSALS)
        story.contexts.append(context)
        story.complaints.listen(context)
        return context.new_page()

    def signed_in(self, account: Account, story: Story, **how: Any) -> Page:
        cookies = self._cookies.get(account.email)
        page = self.open(account.zone, story, storage_state=cookies, **how)
        if cookies is None:
            sign_in(page, account)
            self._cookies[account.email] = page.context.storage_state()
        return page


@dataclass(slots=True)
class Story:
    """The people of one test."""

    visitors: Visitors
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: Complaints = field(default_factory=Complaints)

    def staff(self, name: str, **how: Any) -> Page:
        """Return the screen of a colleague who is signed in."""
        return self.visitors.signed_in(PEOPLE[name], self, **how)

    def somebody(self, zone: str = "Europe/Berlin", **how: Any) -> Page:
        """Return the screen of somebody whom Greenroom does not know."""
        return self.visitors.open(zone, self, **how)


def sign_in(page: Page, account: Account) -> None:
    """Sign in through Google's consent page."""
    page.goto("/login")
    page.get_by_role("button", name="Sign in with Google").click()
    page.get_by_role("button", name=account.name).click()
    page.wait_for_url(lambda url: "/login" not in url and "/authorize" not in url)
