"""Segments, customers and changes by hand in a real browser."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from coterie.workspace import Workspace
from tests.browser.access import violations, with_axe
from tests.browser.conftest import PATIENCE_MS, Server
from tests.finished import QUICK, TREE

SEGMENT = f"/segmentations/{TREE}/segments/0"
PAGES = (
    SEGMENT,
    f"{SEGMENT}?against=1&rule=sql&sort=-monetary&column=monetary&column=city",
    f"{SEGMENT}?search=nobody",
    f"/segmentations/{TREE}/customers/00001",
    f"/segmentations/{TREE}/movement",
    f"/segmentations/{TREE}/movement?of=money&to=0&data=orders",
    f"/segmentations/{TREE}/movement?start=soon",
    f"/segmentations/{QUICK}/movement?against={TREE}",
    f"{SEGMENT}/movement",
    f"/segmentations/{TREE}/investigate",
    f"/segmentations/{TREE}/investigate?kind=rename&segment=0&name=New",
    f"/segmentations/{TREE}/investigate?kind=merge&segment=0",
)


OPEN_ALL = "document.querySelectorAll('details').forEach(one => { one.name = ''; one.open = true; })"


@pytest.fixture
def own(server: Server, finished: dict[str, Path]) -> Iterator[str]:
    """The address of a segmentation that nobody else looks at."""
    with closing(Workspace(server.workspace)) as ws:
        record = replace(ws.segmentations.load(QUICK), id="own", name="Our own")
        ws.segmentations.save(record)
        shutil.copytree(finished[QUICK], ws.segmentations.folder("own"))
        yield "/segmentations/own"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 375)])
def test_pages_of_segments_break_no_rule_of_access(
    context: BrowserContext, scheme: Literal["light", "dark"], width: int
) -> None:
    page = with_axe(context)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 800})
    found = {}
    for path in PAGES:
        page.goto(path)
        page.evaluate(OPEN_ALL)
        if broken := violations(page):
            found[path] = broken
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} overflows"
    assert found == {}


def test_from_a_segment_by_rename_and_merge_to_an_export(page: Page, own: str) -> None:
    page.goto(f"{own}/segments/0")
    page.locator("summary", has_text="Rename").click()
    page.get_by_label("New name").fill("Our best")
    page.get_by_role("button", name="Save the name").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Our best", timeout=2_000)

    page.get_by_role("link", name="Merge, split, move").click()
    merge = page.locator("details", has_text="make one segment of two or more")
    merge.locator("summary").click()
    expect(merge.get_by_role("checkbox").first).to_be_checked()
    merge.get_by_role("checkbox").nth(1).check()
    merge.get_by_label("Name").fill("The buyers")
    merge.get_by_role("button", name="See what it would change").click()
    effect = page.locator(".effect")
    expect(effect.get_by_role("cell").last).to_be_visible(timeout=PATIENCE_MS)
    expect(effect).to_contain_text("The buyers")
    effect.get_by_role("button", name="Apply").click()
    expect(page.locator("#state")).to_contain_text("Pages and pictures are being made anew")
    expect(page.locator("#state")).not_to_contain_text("being made anew", timeout=PATIENCE_MS)

    page.goto(f"{own}/segments/0")
    expect(page.get_by_role("heading", level=1)).to_have_text("The buyers")
    n_members = int(page.locator(".facts dd").first.inner_text().replace(",", ""))
    with page.expect_download() as saved:
        page.get_by_role("link", name=re.compile("^Export \\d+ customers")).click()
    assert saved.value.suggested_filename == "The-buyers.csv"
    lines = Path(saved.value.path()).read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + n_members
    assert lines[0].startswith("customer_id,segment_id,segment_name")


def test_the_list_of_members_is_swapped_and_back_leads_back(page: Page) -> None:
    page.goto(SEGMENT)
    first = page.locator(".members .id").first.inner_text()
    page.evaluate("window.untouched = true")
    page.locator(".members thead").get_by_role("link", name="Customer").click()
    expect(page.locator("th[aria-sort=descending]")).to_be_visible()
    expect(page.locator(".members .id").first).not_to_have_text(first)
    assert "sort=-customer_id" in page.url
    assert page.evaluate("window.untouched") is True
    page.get_by_role("searchbox").fill(first)
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator(".members .id")).to_have_text([first])
    assert page.evaluate("window.untouched") is True
    page.go_back()
    expect(page.locator("th[aria-sort=descending]")).to_be_visible()


def test_what_came_and_left_is_told_once_the_page_is_there(page: Page) -> None:
    page.goto(SEGMENT)
    block = page.locator("#came_and_left")
    expect(block.get_by_text("Net")).to_be_visible(timeout=PATIENCE_MS)
    block.get_by_role("link", name="Movement of all segments").click()
    page.locator(".change-links a").first.click()
    expect(page.locator("#who tbody tr").first).to_be_visible()
    expect(page.locator("#drift")).to_contain_text("fit", timeout=PATIENCE_MS)


def test_everything_works_without_javascript(
    server: Server, chromium: Browser, login_state: dict[str, object]
) -> None:
    plain = chromium.new_context(
        base_url=server.url,
        storage_state=login_state,  # type: ignore[arg-type]
        java_script_enabled=False,
    )
    with plain:
        page = plain.new_page()
        page.goto(SEGMENT)
        page.get_by_label("Compare with").select_option(index=1)
        page.get_by_role("button", name="Compare").click()
        page.get_by_role("link", name="SQL").click()
        assert "against=" in page.url
        assert "rule=sql" in page.url
        expect(page.locator("pre.code")).to_contain_text('"')
        page.locator(".members thead").get_by_role("link", name="Customer").click()
        page.locator(".members .id a").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Customer")
        expect(page.get_by_role("heading", name="Why here")).to_be_visible()
