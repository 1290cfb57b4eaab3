"""Every page in a real browser: open to all eyes and hands, on the phone, in the dark, by itself."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.access import violations, with_axe
from tests.browser.conftest import Server
from tests.finished import TREE

PAGES = (
    "/",
    "/data",
    "/data/orders",
    "/data/orders/remove",
    "/segmentations",
    "/segmentations/new",
    "/segmentations/spring/remove",
    "/campaigns",
    "/campaigns/new",
    f"/campaigns/new?segmentation={TREE}&segment=0&see=yes&consent_confirmed=yes",
    "/campaigns/campaign",
    "/campaigns/measured",
    "/quick",
    "/jobs",
    "/jobs/done",
    "/jobs/failed",
    "/users",
    "/settings",
    "/password",
    "/help",
    "/nothing-like-this",
)
LEAST_TARGET_PX = 24
MOST_PAGE_BYTES = 100_000


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 375)])
def test_no_page_breaks_a_rule_of_access(
    context: BrowserContext, scheme: Literal["light", "dark"], width: int
) -> None:
    page = with_axe(context)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 800})
    found = {}
    for path in PAGES:
        page.goto(path)
        if broken := violations(page):
            found[path] = broken
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} overflows"
    assert found == {}


def test_the_login_page_breaks_no_rule_either(server: Server, chromium: Browser) -> None:
    with chromium.new_context(base_url=server.url, viewport={"width": 375, "height": 720}) as stranger:
        page = with_axe(stranger)
        page.goto("/login")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_no_page_asks_another_host_or_is_heavy(page: Page, server: Server) -> None:
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    here = urlsplit(server.url).netloc
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    weights: list[float] = []
    session.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))
    for path in PAGES[:-1]:
        weights.clear()
        session.send("Network.clearBrowserCache")
        page.goto(path, wait_until="networkidle")
        assert sum(weights) < MOST_PAGE_BYTES, (path, sum(weights))
    assert {urlsplit(url).netloc for url in asked} == {here}
    assert said == []  # among them whatever the Content-Security-Policy refused


def test_everything_on_a_phone_is_large_enough_to_touch(page: Page) -> None:
    page.set_viewport_size({"width": 375, "height": 720})
    small = """least => [...document.querySelectorAll('button, select, nav a, .button, input[type=text]')]
        .filter(one => one.checkVisibility()).map(one => [one.outerHTML, one.getBoundingClientRect()])
        .filter(([, box]) => box.width < least || box.height < least).map(([html]) => html)"""
    for path in PAGES:
        page.goto(path)
        assert page.evaluate(small, LEAST_TARGET_PX) == [], path


def test_the_menu_of_a_phone_opens_by_keyboard_and_closes_by_escape(page: Page) -> None:
    page.set_viewport_size({"width": 375, "height": 720})
    page.goto("/")
    link = page.get_by_role("link", name="Settings")
    expect(link).not_to_be_visible()
    page.get_by_role("button", name="Menu").press("Enter")
    expect(link).to_be_visible()
    page.keyboard.press("Escape")
    expect(link).not_to_be_visible()


def test_the_first_key_leads_past_the_menu(page: Page) -> None:
    page.goto("/settings")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_dark_is_a_choice_that_is_kept(page: Page) -> None:
    page.goto("/settings")
    page.get_by_role("radio", name="Dark").check()
    page.get_by_role("button", name="Keep this look").click()
    page.goto("/")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"


def test_home_says_the_headline_and_shows_a_card_for_each_segment(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "3 segments; 12% of customers (Champions) bring 48% of revenue"
    )
    expect(page.locator(".card")).to_have_count(3)
    colours = page.evaluate(
        "[...document.querySelectorAll('.card')].map(one => getComputedStyle(one, '::before')"
        ".backgroundColor)"
    )
    assert colours == ["rgb(0, 114, 178)", "rgb(230, 159, 0)", "rgb(0, 158, 115)"]
