"""Charts in a real browser: pictures at first, drawings when touched, and nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.access import violations, with_axe
from tests.browser.conftest import Server
from tests.finished import QUICK, TREE

PAGE = f"/segmentations/{TREE}"
AREA = "within=-9,-9,9,-9,9,9,-9,9"
PAGES = (
    "/segmentations",
    PAGE,
    f"{PAGE}?{AREA}",
    f"{PAGE}?cell=5-5",
    f"{PAGE}?cuts=fixed&n_orders=x",
    f"{PAGE}/map-3d",
    f"/compare?segmentation={TREE}&with={QUICK}",
    "/reports",
)
MOST_BEFORE, MOST_AFTER = 100_000, 700_000
"""Bytes that travel before and after charts are touched, pictures aside."""
DRAWN = ("pca_map", "profile_heatmap", "snake_plot", "sizes_and_revenue", "cluster_scatter", "pair_plot")


VIEW = """one => {
    const [low, high] = one._fullLayout.yaxis.range;
    return [(low + high) / 2, Math.abs(high - low)];
}"""
"""Where a drawing looks, and how much it sees."""
SNAKE = "document.querySelector('#snake_plot .canvas')"


class Traffic:
    """What a tab asks for and what travels."""

    def __init__(self, page: Page) -> None:
        self.urls: dict[str, str] = {}
        self.sizes: dict[str, float] = {}
        self.said: list[str] = []
        page.on("console", lambda told: self.said.append(told.text) if told.type == "error" else None)
        page.on("pageerror", lambda fault: self.said.append(str(fault)))
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.responseReceived", self._answered)
        session.on("Network.loadingFinished", self._finished)

    def _answered(self, event: dict[str, object]) -> None:
        self.urls[str(event["requestId"])] = str(event["response"]["url"])  # type: ignore[index]

    def _finished(self, event: dict[str, object]) -> None:
        self.sizes[str(event["requestId"])] = float(event["encodedDataLength"])  # type: ignore[arg-type]

    @property
    def n_bytes(self) -> float:
        """All but pictures."""
        return sum(size for key, size in self.sizes.items() if ".svg" not in self.urls.get(key, ""))

    @property
    def hosts(self) -> set[str]:
        return {urlsplit(url).netloc for url in self.urls.values() if url.startswith("http")}


@pytest.fixture
def traffic(page: Page) -> Iterator[Traffic]:
    yield Traffic(page)


def _touch(page: Page, name: str) -> None:
    figure = page.locator(f"figure#{name}")
    figure.locator(".explore").click()
    expect(figure.locator(".canvas .main-svg").first).to_be_visible()
    expect(figure.locator(".picture img")).to_be_hidden()


def test_charts_are_drawn_when_touched_and_little_travels(
    page: Page, traffic: Traffic, server: Server
) -> None:
    page.goto(PAGE, wait_until="networkidle")
    assert not any("plotly" in url for url in traffic.urls.values())
    assert traffic.n_bytes < MOST_BEFORE
    for name in DRAWN:
        _touch(page, name)
    assert sum("plotly" in url for url in traffic.urls.values()) == 1
    assert traffic.n_bytes < MOST_AFTER
    assert traffic.hosts == {urlsplit(server.url).netloc}
    assert traffic.said == []  # nothing the Content-Security-Policy refused


def test_the_map_in_space_is_drawn_when_touched(page: Page, traffic: Traffic, server: Server) -> None:
    page.goto(f"{PAGE}/map-3d", wait_until="networkidle")
    assert traffic.n_bytes < MOST_BEFORE
    figure = page.locator("figure#cluster_map_3d")
    figure.locator(".explore").click()
    expect(figure.locator(".chart-tools")).to_be_visible(timeout=30_000)
    assert traffic.n_bytes < MOST_AFTER
    assert traffic.hosts == {urlsplit(server.url).netloc}
    assert traffic.said == []


def test_the_metric_charts_of_compare_are_drawn_too(page: Page, traffic: Traffic) -> None:
    page.goto(f"/compare?segmentation={TREE}", wait_until="networkidle")
    assert traffic.n_bytes < MOST_BEFORE
    _touch(page, "comparison_silhouette")
    assert traffic.said == []


def test_what_is_scrolled_to_is_drawn(page: Page) -> None:
    page.goto(PAGE)
    page.locator("figure#pca_map .picture").hover()
    page.mouse.wheel(0, 40)
    expect(page.locator("figure#pca_map .canvas .main-svg").first).to_be_visible()


def test_a_lasso_lists_the_customers_in_it_and_stays_in_the_address(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 1000})
    page.goto(PAGE)
    _touch(page, "pca_map")
    page.get_by_role("button", name="Draw around").click()
    canvas = page.locator("#pca_map .canvas")
    canvas.evaluate("one => one.scrollIntoView({block: 'center'})")
    box = canvas.bounding_box()
    assert box is not None
    x, y = box["x"] + 0.4 * box["width"], box["y"] + 0.5 * box["height"]
    page.mouse.move(x - 150, y - 150)
    page.mouse.down()
    for across, up in ((150, -150), (150, 150), (-150, 150), (-150, -140)):
        page.mouse.move(x + across, y + up, steps=5)
    page.mouse.up()
    title = page.locator("#chosen-title")
    expect(title).to_contain_text("in the area you drew")
    words = title.inner_text()
    page.goto(page.url)
    expect(title).to_have_text(words)
    page.get_by_role("link", name="Choose none").click()
    expect(title).to_have_count(0)


def test_a_drawing_moves_and_zooms_by_keys(page: Page) -> None:
    page.goto(PAGE)
    _touch(page, "snake_plot")
    canvas = page.locator("#snake_plot .canvas")
    middle, width = canvas.evaluate(VIEW)
    canvas.press("ArrowUp")
    page.wait_for_function(f"before => ({VIEW})({SNAKE})[0] > before", arg=middle)
    canvas.press("+")
    page.wait_for_function(f"before => ({VIEW})({SNAKE})[1] < before", arg=width)


def test_the_cut_of_the_tree_moves_by_the_slider(page: Page) -> None:
    page.goto(PAGE)
    page.get_by_label("Cut the tree into").fill("7")
    expect(page.locator("#cut-said")).to_contain_text("7 groups")
    expect(page).to_have_url(re.compile("cut=7"))


def test_a_cell_of_the_grid_opens_its_customers(page: Page) -> None:
    page.goto(PAGE)
    page.locator(".rfm a").first.click()
    expect(page.locator("#in_cell-title")).to_contain_text("with recency score 5")


def test_without_javascript_there_are_pictures_and_tables(
    server: Server, chromium: Browser, login_state: object
) -> None:
    with chromium.new_context(
        base_url=server.url,
        storage_state=login_state,  # type: ignore[arg-type]
        java_script_enabled=False,
    ) as context:
        page = context.new_page()
        page.goto(PAGE)
        figure = page.locator("figure#profile_heatmap")
        expect(figure.locator("img")).to_be_visible()
        figure.get_by_text("The figures").click()
        expect(figure.locator("tbody tr").first).to_be_visible()
        expect(page.locator(".explore:visible")).to_have_count(0)
        page.get_by_label("Cut the tree into").focus()
        page.keyboard.press("ArrowRight")
        page.get_by_role("button", name="Move the cut").click()
        expect(page).to_have_url(re.compile("cut="))


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 375)])
def test_these_pages_break_no_rule_of_access(
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
