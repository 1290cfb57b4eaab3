"""A job as its page shows it: it moves by itself and can be stopped."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE_MS


def test_a_job_moves_by_itself_and_stops_when_told(page: Page) -> None:
    asked = page.context.request.post("/sample", headers={"Sec-Fetch-Site": "same-origin"})
    loads: list[str] = []
    page.on("load", lambda loaded: loads.append(loaded.url))
    page.goto(asked.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("New segmentation: Sample store")
    first = page.locator(".job-sentence").inner_text()
    page.wait_for_function(
        "first => document.querySelector('.job-sentence').innerText !== first", arg=first, timeout=PATIENCE_MS
    )
    assert len(loads) == 1  # the page was not loaded again
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".badge")).to_have_text("Cancelled", timeout=30_000)
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("3 segments")
