"""The quick look by hand: with a mouse, and without JavaScript."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS, Server


@pytest.fixture
def crowds(tmp_path: Path) -> Path:
    """Three crowds of thirty customers."""
    draw = random.Random(1)
    rows = [f"c{i},{draw.gauss(30 * (i % 3), 3):.2f},{draw.gauss(20 * (i % 3), 3):.2f}" for i in range(90)]
    path = tmp_path / "crowds.csv"
    path.write_text("\n".join(["customer_id,age,visits", *rows]))
    return path


def _draw(page: Page, crowds: Path) -> None:
    page.goto("/quick")
    page.get_by_role("button", name="Draw the clusters").click()
    expect(page.get_by_role("alert")).to_contain_text("No file is chosen")
    page.get_by_label("File", exact=True).set_input_files(crowds)
    page.get_by_label("Number of clusters").fill("three")
    page.get_by_role("button", name="Draw the clusters").click()
    expect(page.get_by_role("alert")).to_contain_text("a whole number from 2 to 50, not 'three'")
    expect(page.get_by_text("crowds is chosen")).to_be_visible()
    expect(page.get_by_label("Number of clusters")).to_have_value("three")
    page.get_by_label("Number of clusters").fill("3")
    page.get_by_role("button", name="Draw the clusters").click()
    expect(page.get_by_role("heading", name="3 clusters of 90 customers")).to_be_visible(timeout=PATIENCE_MS)
    for picture in page.locator(".picture img").all():
        picture.scroll_into_view_if_needed()
        page.wait_for_function("one => one.complete && one.naturalWidth > 0", arg=picture.element_handle())
    with page.expect_download() as download:
        page.get_by_role("link", name="PNG of").first.click()
    assert download.value.suggested_filename == "cluster_scatter.png"


def test_a_file_chosen_late_and_a_number_mistyped_still_end_in_two_pictures(page: Page, crowds: Path) -> None:
    _draw(page, crowds)


def test_it_works_without_javascript(
    server: Server, chromium: Browser, login_state: dict[str, object], crowds: Path
) -> None:
    options = {"base_url": server.url, "storage_state": login_state, "java_script_enabled": False}
    with chromium.new_context(**options) as context:  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto("/quick")
        page.get_by_label("File", exact=True).set_input_files(crowds)
        page.get_by_label("Number of clusters").fill("3")
        page.get_by_role("button", name="Draw the clusters").click()
        expect(page.get_by_role("heading", name="3 clusters of 90 customers")).to_be_visible(
            timeout=PATIENCE_MS
        )
