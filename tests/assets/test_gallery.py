"""Every shared component in a real browser: nothing forbidden runs, everybody can use it, scripts do their part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.assets.gallery import PAGES, gallery_app, served

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
TABLET: ViewportSize = {"width": 900, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
NARROWEST: ViewportSize = {"width": 320, "height": 640}

WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", event =>
  window.violations.push(`${event.effectiveDirective} ${event.sample || event.blockedURI}`));
"""
# Links inside a sentence may be smaller; the title in a list that opens stands for its whole row.
SMALL_TARGETS = """least => [...document.querySelectorAll("a, button, summary, select, input:not([type=hidden])")]
  .map(element => element.closest("label") ?? element)
  .filter(element => element.checkVisibility({ visibilityProperty: true }) && !element.closest("p, .skip, .visually-hidden, .list--open .list__main"))
  .map(element => [element, element.getBoundingClientRect()])
  .filter(([, box]) => box.width && (box.width < least || box.height < least))
  .map(([element, box]) => `${element.outerHTML.slice(0, 90)} ${box.width}x${box.height}`)"""

# The items of the navigation of which something is cut off, or lies under another.
OUT_OF_SIGHT = """() => [...document.querySelectorAll(".side__list a")]
  .filter(link => { const box = link.getBoundingClientRect(), middle = box.top + box.height / 2;
    return [box.left + 2, box.right - 2].some(at =>
      !link.contains(document.elementFromPoint(at, middle))) })
  .map(link => link.querySelector("span").textContent)"""

FIRST_CHOSEN_IS_IN_SIGHT = """(frame, kind) => {
  const box = frame.querySelector(`${kind}:has(:checked)`).getBoundingClientRect(), seen = frame.getBoundingClientRect();
  return box.top >= seen.top && box.bottom <= seen.bottom && box.left >= seen.left && box.right <= seen.right; }"""


@dataclass(slots=True)
class Visit:
    """A page in the browser, and what went wrong on it."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def to(self, name: str) -> Page:
        self.page.goto(self.address + PAGES[name])
        self.page.evaluate("document.fonts.ready")
        return self.page

    def violations(self) -> list[str]:
        found: list[str] = self.page.evaluate("window.violations")
        return [*found, *self.complaints]


@pytest.mark.parametrize("name", PAGES)
class TestEveryPage:
    def test_it_is_accessible_and_breaks_no_policy(
        self, browser: Browser, address: str, name: str
    ) -> None:
        with visiting(browser, address, viewport=DESKTOP) as visit:
            page = visit.to(name)
            for size in (DESKTOP, TABLET, PHONE):
                page.set_viewport_size(size)
                assert axe(page) == []
            page.emulate_media(color_scheme="dark")
            assert axe(page) == []
            assert visit.violations() == []

    def test_it_fits_and_is_easy_to_hit(self, browser: Browser, address: str, name: str) -> None:
        least = 44 if PAGES[name].startswith("/i/demo") else 24
        with visiting(browser, address, viewport=DESKTOP) as visit:
            page = visit.to(name)
            for size in (DESKTOP, TABLET, PHONE, NARROWEST):
                page.set_viewport_size(size)
                assert fits(page)
                assert page.evaluate(SMALL_TARGETS, least) == []
            page.evaluate("document.documentElement.dir = 'rtl'")
            assert fits(page)


class TestPolicy:
    def test_markup_from_text_and_attributes_without_the_nonce_do_nothing(
        self, visit: Visit
    ) -> None:
        page = visit.to("components")

        assert (
            page.evaluate("try { document.body.innerHTML = '<b>'; 'done' } catch { 'refused' }")
            == "refused"
        )
        page.evaluate(
            """() => {
              const planted = document.createElement("button");
              planted.id = "planted";
              planted.setAttribute("hx-get", "/evil");
              planted.setAttribute("hx-trigger", "load");
              document.body.append(planted);
              htmx.process(planted);
            }"""
        )
        assert page.locator("#planted[hx-get]").count() == 0

    def test_htmx_looks_again_by_itself(self, visit: Visit) -> None:
        page = visit.to("components")
        page.get_by_text("Done looking").wait_for(timeout=5_000)
        assert visit.violations() == []


class TestNavigation:
    @pytest.mark.parametrize("width", [360, 390])
    def test_what_everybody_may_open_fits_a_phone(self, visit: Visit, width: int) -> None:
        page = visit.to("components")
        page.evaluate(
            "document.querySelectorAll('.side__list li:nth-last-child(-n+3)').forEach(each => each.remove())"
        )
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(OUT_OF_SIGHT) == []
        assert page.locator(".side__list a").count() == 6
        assert page.locator(".side__list").evaluate("bar => bar.scrollWidth <= bar.clientWidth")

    def test_where_somebody_is_comes_first_on_a_phone_when_it_would_be_out_of_sight(
        self, visit: Visit
    ) -> None:
        page = visit.to("form")
        page.set_viewport_size(PHONE)
        hidden = page.evaluate(OUT_OF_SIGHT)
        assert hidden, "an admin may open more than fits"
        assert "People" not in hidden


class TestForms:
    def test_what_is_wrong_comes_first_and_is_linked(self, visit: Visit) -> None:
        page = visit.to("form")
        page.get_by_role("button", name="Save the plan").click()

        summary = page.locator("[data-error-summary]")
        assert summary.evaluate("element => element === document.activeElement")
        summary.get_by_role("link").click()
        assert page.locator(":focus").get_attribute("name") == "name"
        assert page.locator("#name").get_attribute("aria-invalid") == "true"
        assert axe(page) == []

    def test_a_second_press_sends_nothing_twice(self, visit: Visit) -> None:
        page = visit.to("form")
        page.get_by_label("Name of the plan").fill("On-site")
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.method))
        page.get_by_role("button", name="Save the plan").dblclick()
        page.get_by_text("Saved On-site.").wait_for()
        assert sent.count("POST") == 1

    def test_the_pressed_button_keeps_its_value(self, visit: Visit) -> None:
        page = visit.to("schedule")
        with page.expect_request(lambda request: request.method == "POST") as posted:
            page.get_by_role("button", name="Book the first one now").click()
        assert "book=1" in (posted.value.post_data or "")

    def test_a_dangerous_button_asks_first(self, visit: Visit) -> None:
        page = visit.to("components")
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.method))
        danger = page.locator(".top").get_by_role("button", name="Cancel")

        danger.click()
        dialog = page.get_by_role("dialog", name="Cancel Ada's on-site?")
        assert dialog.locator(":focus").inner_text() == "Go back"
        assert axe(page) == []
        page.keyboard.press("Enter")
        assert danger.evaluate("element => element === document.activeElement")
        assert sent.count("POST") == 0

        danger.click()
        agree = dialog.get_by_role("button", name="Cancel the on-site")
        assert "button--danger" in (agree.get_attribute("class") or "")
        agree.click()
        page.wait_for_url("**/form")
        assert sent.count("POST") == 1

    def test_a_kind_question_is_not_red(self, visit: Visit) -> None:
        page = visit.to("components")
        page.locator(".top").get_by_role("button", name="Ask Ada").click()
        agree = page.get_by_role("dialog").get_by_role("button", name="Ask Ada")
        assert "button--danger" not in (agree.get_attribute("class") or "")
        assert axe(page) == []

    def test_a_dialog_opens_and_closes(self, visit: Visit) -> None:
        page = visit.to("components")
        page.get_by_role("button", name="Open a dialog").click()
        dialog = page.get_by_role("dialog", name="Swap an interviewer")
        assert dialog.is_visible()
        assert axe(page) == []
        dialog.get_by_role("button", name="Close").last.click()
        assert not dialog.is_visible()

    def test_a_menu_closes_on_escape(self, visit: Visit) -> None:
        page = visit.to("components")
        page.locator("summary[aria-label='More for this booking']").click()
        assert page.get_by_role("link", name="History").is_visible()
        page.keyboard.press("Escape")
        assert not page.get_by_role("link", name="History").is_visible()

    def test_copying_says_so(self, visit: Visit) -> None:
        visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = visit.to("components")
        page.get_by_role("button", name="Copy", exact=True).click()
        page.get_by_role("button", name="Copied").wait_for()
        assert "northwind.example/i/" in page.evaluate("navigator.clipboard.readText()")
        assert page.locator("#announcements").inner_text() == "Copied"


class TestWeekGrid:
    def test_arrow_keys_go_from_time_to_time(self, visit: Visit) -> None:
        page = visit.to("schedule")
        page.locator("[value=tue-1200]").first.focus()

        visited = []
        for key in (
            "ArrowDown",
            "ArrowRight",
            "ArrowRight",
            "End",
            "Home",
            "ArrowLeft",
            "ArrowLeft",
        ):
            page.keyboard.press(key)
            visited.append(page.evaluate("document.activeElement.value"))
        assert visited == [
            "tue-1530",
            "wed-1015",
            "thu-1100",
            "thu-1400",
            "thu-1100",
            "wed-1015",
            "tue-1200",
        ]

    def test_space_chooses(self, visit: Visit) -> None:
        page = visit.to("schedule")
        time = page.get_by_role("checkbox", name="12:00 all free, Tuesday 24 November")
        time.focus()
        page.keyboard.press("Space")
        assert time.is_checked()

    def test_what_is_chosen_is_brought_into_sight_and_the_page_stays(self, visit: Visit) -> None:
        visit.page.set_viewport_size({"width": 390, "height": 500})
        page = visit.to("schedule")
        week = page.locator(".week__scroll")
        assert week.evaluate("week => week.scrollLeft") > 0, (
            "the first that is chosen is on Tuesday"
        )
        assert week.evaluate(FIRST_CHOSEN_IS_IN_SIGHT, ".slot")
        assert page.locator(".picks").evaluate(FIRST_CHOSEN_IS_IN_SIGHT, ".pick")
        assert page.evaluate("window.scrollY") == 0

    def test_it_stays_small(self, visit: Visit) -> None:
        page = visit.to("schedule")
        assert page.locator(".week, .week *").count() <= 700

    def test_every_time_is_a_target_though_it_lasts_a_quarter(self, visit: Visit) -> None:
        page = visit.to("short")
        heights = page.locator(".slot").evaluate_all(
            "all => all.map(each => each.getBoundingClientRect().height)"
        )
        assert heights
        assert min(heights) >= 24
        assert axe(page) == []


class TestCandidate:
    def test_the_button_repeats_the_choice(self, visit: Visit) -> None:
        page = visit.to("candidate")
        assert page.get_by_role("button", name="Confirm Tue 24 Nov, 10:00").is_visible()
        page.get_by_role("radio", name="12:15").check()
        assert page.get_by_role("button", name="Confirm Mon 23 Nov, 12:15").is_visible()

    def test_times_come_in_the_browsers_zone(self, browser: Browser, address: str) -> None:
        with visiting(browser, address, viewport=PHONE, timezone_id="Asia/Tokyo") as visit:
            visit.page.goto(f"{address}/i/demo")
            visit.page.wait_for_url("**/i/demo?zone=Asia%2FTokyo")
            assert visit.page.get_by_text("Times in Tokyo (UTC+9)").is_visible()

    def test_a_chosen_zone_stays(self, browser: Browser, address: str) -> None:
        with visiting(browser, address, viewport=PHONE, timezone_id="Asia/Tokyo") as visit:
            visit.page.goto(f"{address}/i/demo?zone=Europe/London")
            assert visit.page.get_by_text("Times in London (UTC)").is_visible()

    def test_another_zone_can_be_chosen_from_all_of_them(self, visit: Visit) -> None:
        page = visit.to("candidate")
        page.get_by_role("link", name="Change").click()
        assert axe(page) == []
        page.get_by_label("Time zone").select_option(label="New York (UTC−5)")
        page.get_by_role("button", name="Show times").click()
        page.get_by_text("Times in New York (UTC−5)").wait_for()
        tuesday = page.get_by_role("group", name="Tuesday 24 November")
        assert tuesday.get_by_role("radio", name="05:00").is_checked()

    def test_shortcuts_fill_a_day_and_copy_it(self, visit: Visit) -> None:
        page = visit.to("availability")
        page.get_by_role("button", name="Afternoon, Monday 23 November").click()
        page.get_by_role("button", name="Copy to all days").click()
        assert page.get_by_label("From, Wednesday 25 November").input_value() == "13:00"
        assert page.get_by_label("To, Wednesday 25 November").input_value() == "17:00"

    def test_without_scripts_a_time_can_be_chosen_and_sent(
        self, browser: Browser, address: str
    ) -> None:
        with visiting(browser, address, viewport=PHONE, java_script_enabled=False) as visit:
            page = visit.page
            page.goto(address + PAGES["candidate"])
            page.get_by_role("radio", name="11:00").check()
            with page.expect_request(lambda request: request.method == "POST") as posted:
                page.get_by_role("button", name="Confirm a time").click()
            assert "slot=k2411" in (posted.value.post_data or "")


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def axe(page: Page) -> list[str]:
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}}).response
    return [
        f"{problem['id']}: {node['html'][:120]} {[each['message'] for each in node['any'][:1]]}"
        for problem in found["violations"]
        for node in problem["nodes"]
    ]


class visiting:
    """A fresh page in a browser of that size, scheme or zone."""

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:
        calm = {"timezone_id": "Europe/London", "reduced_motion": "reduce"}
        self.context = browser.new_context(**{**calm, **options})
        self.visit = Visit(self.context.new_page(), address)
        self.visit.page.add_init_script(WATCH)
        self.visit.page.on("pageerror", lambda error: self.visit.complaints.append(str(error)))

    def __enter__(self) -> Visit:
        return self.visit

    def __exit__(self, *_: object) -> None:
        self.context.close()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(gallery_app()) as address:
        yield address


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    with visiting(browser, address, viewport=DESKTOP) as visit:
        yield visit
