"""Two people at once, and a server that dies under somebody's eyes."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PATIENCE_MS, Server
from tests.serving import start_server
from tests.web.visiting import PASSWORD


def _logged_in(chromium: Browser, server: Server, *, name: str) -> Page:
    page = chromium.new_context(base_url=server.url).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto("/login")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", level=1).wait_for()
    return page


def test_two_people_see_what_the_other_writes_and_only_what_their_role_allows(
    server: Server, chromium: Browser
) -> None:
    writer, reader = (_logged_in(chromium, server, name=name) for name in ("analyst", "viewer"))
    try:
        address = "/segmentations/tree/segments/0"
        for page in (writer, reader):
            page.goto(address)
        assert reader.get_by_role("button", name="Keep the note").count() == 0
        writer.get_by_label("Write a note").fill("Ask them in spring")
        writer.get_by_role("button", name="Keep the note").click()
        expect(writer.locator("main")).to_contain_text("Ask them in spring")
        reader.reload()
        expect(reader.locator("main")).to_contain_text("Ask them in spring")
        expect(reader.locator("main")).to_contain_text("analyst")
        assert reader.get_by_role("button", name="Remove the note").count() == 0
    finally:
        for page in (writer, reader):
            page.context.close()


def _context(chromium: Browser, url: str) -> BrowserContext:
    made = chromium.new_context(base_url=url)
    made.set_default_timeout(PATIENCE_MS)
    return made


def test_a_job_goes_on_where_it_was_after_its_server_was_killed(chromium: Browser, tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    child, url = start_server(folder, "--no-login")
    page = _context(chromium, url).new_page()
    page.goto("/")
    page.get_by_role("button", name="Try the sample store").click()
    expect(page.locator(".job-sentence")).not_to_contain_text("Waiting", timeout=PATIENCE_MS)
    expect(page.locator(".stages .now")).to_have_text("Segmentation", timeout=PATIENCE_MS)
    address = page.url.removeprefix(url)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    page.context.close()

    child, url = start_server(folder, "--no-login")
    page = _context(chromium, url).new_page()
    page.goto(address)
    expect(page.locator(".stages .past").first).to_have_text("Import")
    expect(page.locator(".stages .now")).to_have_text("Segmentation", timeout=PATIENCE_MS)
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".badge")).to_have_text("Cancelled", timeout=PATIENCE_MS)
    page.context.close()
    child.terminate()
    assert child.wait(timeout=60) == 0
