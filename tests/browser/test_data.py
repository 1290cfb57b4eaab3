"""From a file on somebody's disk to named segments, by mouse alone."""

from __future__ import annotations

import gzip
import os
import re
from itertools import islice
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.access import violations, with_axe
from tests.browser.conftest import PATIENCE_MS

N_ROWS = 20_000
MOST_CLICKS = 6


@pytest.fixture(scope="module")
def online_retail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first rows of the public file, as a CSV on somebody's disk."""
    packed = (
        Path(os.environ.get("COTERIE_TEST_DATA", "no folder is named"))
        / "online_retail"
        / "OnlineRetail.csv.gz"
    )
    if not packed.is_file():
        pytest.skip("COTERIE_TEST_DATA names no folder")
    path = tmp_path_factory.mktemp("disk") / "OnlineRetail.csv"
    with gzip.open(packed, "rb") as rows, path.open("wb") as out:
        out.writelines(islice(rows, N_ROWS + 1))
    return path


class Mouse:
    """Clicks, and counts them."""

    def __init__(self) -> None:
        self.n_clicks = 0

    def click(self, what: Locator) -> None:
        self.n_clicks += 1
        what.click(timeout=2 * PATIENCE_MS)


def test_online_retail_becomes_named_segments_in_six_clicks(
    context: BrowserContext, online_retail: Path
) -> None:
    page, mouse = with_axe(context), Mouse()
    page.goto("/")
    mouse.click(page.get_by_role("link", name="Data", exact=True))
    with page.expect_file_chooser() as chooser:
        mouse.click(page.get_by_label("Files of orders, customers, visits or reviews"))
    chooser.value.set_files(online_retail)
    expect(page.locator(".drop-said")).to_have_text("OnlineRetail.csv")
    mouse.click(page.get_by_role("button", name="Upload"))
    expect(page.get_by_text("Everything needed is there.")).to_be_visible()
    files = page.url
    assert violations(page) == []
    mouse.click(page.get_by_role("button", name="Find segments"))
    mouse.click(page.get_by_role("link", name="See the result"))
    assert mouse.n_clicks <= MOST_CLICKS
    page.goto("/segmentations")
    made = page.locator(".result").filter(has_text="OnlineRetail")
    expect(made).to_contain_text(re.compile(r"\d segments; .+ of customers \(.+\) bring .+ of revenue"))
    _look_at_its_pages(page, files)


def _look_at_its_pages(page: Page, address: str) -> None:
    """The account of the rows and the form for another segmentation, in the dark and on a phone."""
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.set_viewport_size({"width": 375, "height": 720})
    for path in (address, f"{address}?correct=1", f"/segmentations/new?dataset={address.rpartition('/')[2]}"):
        page.goto(path)
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} overflows"
