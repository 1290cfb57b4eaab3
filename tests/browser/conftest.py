"""One real server and one Chromium for all tests of this folder; they share a worker."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from coterie.web.passwords import hashed
from coterie.workspace import DatasetRecord, Job, SegmentationRecord, User, Workspace, measure_from_file
from tests.browser.results import write_segmentation
from tests.finished import TREE, a_campaign, add_finished
from tests.serving import start_server
from tests.web.visiting import PASSWORD

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker runs them all: they share the server."""
    for item in items:
        if Path(item.path).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.xdist_group("browser"))


PATIENCE_MS = 120_000
"""A machine that runs other tests beside may be slow; a page that fails says so at once."""


@dataclass(frozen=True)
class Server:
    """A running ``coterie serve``."""

    url: str
    workspace: Path


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, finished: dict[str, Path]) -> Iterator[Server]:
    """A server whose workspace has finished segmentations, three jobs and three users."""
    folder = tmp_path_factory.mktemp("served") / "workspace"
    _fill(folder, finished)
    child, url = start_server(folder)
    yield Server(url, folder)
    child.terminate()
    assert child.wait(timeout=30) == 0


def _fill(folder: Path, finished: dict[str, Path]) -> None:
    opened, now = Workspace(folder), datetime.now(UTC)
    secret = hashed(PASSWORD)
    for role in ("viewer", "analyst", "owner"):
        opened.users.add(User(uuid.uuid4().hex, role, role, secret, now))
    opened.datasets.add(
        DatasetRecord("orders", "Orders", now, files=(("orders.csv", "0" * 64, 1),), state="ready")
    )
    opened.segmentations.add(
        SegmentationRecord("spring", "Spring", "orders", now - timedelta(days=1), state="ready")
    )
    write_segmentation(opened.segmentations.folder("spring"))
    add_finished(opened, finished)
    opened.segmentations.save_current("spring", instead_of=TREE)
    failure = {"kind": "SchemaError", "what": "There is no date", "where": "", "to_do": "Name its column"}
    opened.jobs.add(
        Job("done", "segmentation", "spring", now, state="done", step="report", share=1.0, ended_at=now)
    )
    opened.jobs.add(Job("failed", "import", "orders", now, state="failed", failure=failure, ended_at=now))
    opened.campaigns.add(a_campaign("campaign", TREE))
    opened.campaigns.add(a_campaign("measured", TREE))
    outcomes = folder.parent / "outcomes.csv"
    outcomes.write_text("customer_id,converted,value,at\n00001,1,20,2025-03-02\n00002,1,9,2025-03-04\n")
    measure_from_file(opened, "measured", path=outcomes, name=outcomes.name)
    opened.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser; without one these tests fail, they are not passed over.

    It is closed after each file: its loop is in the way of other tests of the same worker.
    """
    assert CHROMIUM, "No Chromium is installed: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def login_state(server: Server, chromium: Browser) -> dict[str, object]:
    """The cookies of a logged-in owner."""
    context = chromium.new_context(base_url=server.url)
    page = context.new_page()
    page.goto("/login")
    page.get_by_label("Name").fill("owner")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", level=1).wait_for()
    state = context.storage_state()
    context.close()
    return dict(state)


@pytest.fixture
def context(server: Server, chromium: Browser, login_state: dict[str, object]) -> Iterator[BrowserContext]:
    """A browser in which the owner is logged in."""
    made = chromium.new_context(base_url=server.url, storage_state=login_state)  # type: ignore[arg-type]
    made.set_default_timeout(PATIENCE_MS)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty tab of it."""
    return context.new_page()
