"""The quick look, as a browser without JavaScript uses it."""

from __future__ import annotations

import io
import random
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from coterie.workspace import Workspace
from tests.web.visiting import SAME_SITE, notices

LogIn = Callable[[str], FlaskClient]


def _crowds() -> bytes:
    draw = random.Random(0)
    rows = [f"c{i},{draw.gauss(30 * (i % 3), 3):.2f},{draw.gauss(20 * (i % 3), 3):.2f}" for i in range(90)]
    return "\n".join(["customer_id,age,visits", *rows]).encode()


def _send(
    browser: FlaskClient, content: bytes | None = None, *, name: str = "crowds.csv", **form: str
) -> TestResponse:
    files = {} if content is None else {"file": (io.BytesIO(content), name)}
    return browser.post("/quick", data={**form, **files}, headers=SAME_SITE)


def test_a_file_and_at_last_a_number_become_two_pictures_that_can_be_saved(
    logged_in: LogIn, workspace: Workspace
) -> None:
    browser = logged_in("analyst")
    _send(browser, _crowds(), n_clusters="none")
    [kept] = workspace.datasets.list()
    sent = _send(browser, dataset=kept.id, n_clusters="3")
    assert sent.status_code == 303
    page = browser.get(sent.location)
    text = notices(page)
    assert "3 clusters of 90 customers" in text
    assert "Cluster 1 30" in text
    for stem in ("cluster_scatter", "pair_plot"):
        for suffix, start in (("png", b"\x89PNG"), ("svg", b"<svg"), ("csv", b"segment_id")):
            address = sent.location.partition("?")[0]
            dataset = page.request.args["dataset"]
            saved = browser.get(f"{address}/{dataset}/3/{stem}.{suffix}?save=1")
            assert saved.data.startswith(start)
            assert saved.headers["Content-Disposition"].startswith("attachment")
            shown = browser.get(saved.request.path, headers={"Accept-Encoding": "gzip"})
            assert ("Content-Encoding" in shown.headers) == (suffix == "svg")
            assert ("sandbox" in shown.headers["Content-Security-Policy"]) == (suffix == "svg")


@pytest.mark.parametrize(
    ("content", "typed", "sentence"),
    [
        (None, "4", "No file is chosen"),
        (b"", "4", "The file is empty"),
        (b"name,town\nann,Paris\nbob,Rome\ncat,Lyon\n", "2", "no two columns of numbers"),
        (_crowds(), "four", "a whole number from 2 to 50, not &#39;four&#39;"),
        (_crowds(), "0", "a whole number from 2 to 50"),
        (_crowds(), "-3", "a whole number from 2 to 50"),
        (_crowds(), "2.5", "a whole number from 2 to 50"),
        (_crowds(), "", "a whole number from 2 to 50"),
        (_crowds(), "51", "a whole number from 2 to 50"),
        (_crowds(), "9" * 5_000, "a whole number from 2 to 50"),
        (_crowds(), "40", "40 segments need at least 200 customers"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_and_all_that_was_typed_is_kept(
    logged_in: LogIn, workspace: Workspace, content: bytes | None, typed: str, sentence: str
) -> None:
    answer = _send(logged_in("analyst"), content, n_clusters=typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code in (400, 422)
    assert sentence in page
    assert f'value="{typed}"' in page
    kept = workspace.datasets.list()
    assert len(kept) == (1 if content else 0)
    assert all(f'<option value="{one.id}" selected>' in page for one in kept)


def test_pictures_that_are_not_drawn_are_not_found(logged_in: LogIn, workspace: Workspace) -> None:
    browser = logged_in("analyst")
    _send(browser, _crowds(), n_clusters="none")
    [kept] = workspace.datasets.list()
    for path in (f"{kept.id}/3/cluster_scatter.png", f"{kept.id}/3/..%2f..%2fsecret", "none/3/pair_plot.png"):
        assert browser.get(f"/quick/{path}").status_code == 404
