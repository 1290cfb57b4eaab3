"""Changes by hand: their effect is told first, names are new at once, the rest follows and can be undone."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from coterie.web import create_app
from coterie.workspace import Job, Pipeline, Workspace
from coterie.workspace.jobs import ACTIVE
from tests.finished import QUICK
from tests.web.visiting import notices, post

PAGE = f"/segmentations/{QUICK}/investigate"
RENAMED_WITHIN_S = 2.0


@pytest.fixture
def maker(shop: Workspace) -> Iterator[FlaskClient]:
    """A browser at a server that does jobs."""
    with Pipeline(shop) as pipeline:
        yield create_app(shop, pipeline=pipeline, login=False).test_client()


def _ended(ws: Workspace) -> Job:
    """The newest job of the shop, once it has ended."""
    while True:
        job = ws.jobs.list_of(QUICK)[-1]
        if job.state not in ACTIVE:
            return job
        time.sleep(0.05)


def _names(ws: Workspace) -> list[str]:
    return [segment["name"] for segment in ws.segmentations.page(QUICK)["segments"]]


def test_a_change_is_told_made_undone_and_made_anew_on_the_next_run(
    shop: Workspace, maker: FlaskClient
) -> None:
    """One test, as every step of it takes a job."""
    before = _names(shop)
    n_customers = [one["n_customers"] for one in shop.segmentations.summary(QUICK)["segments"]]

    maker.get(PAGE)
    began = time.process_time()
    renamed = post(maker, PAGE, kind="rename", segment="0", name="Our best")
    assert renamed.status_code == 303
    assert _names(shop) == ["Our best", *before[1:]]
    assert "<h1>Our best</h1>" in maker.get(f"/segmentations/{QUICK}/segments/0").get_data(as_text=True)
    assert time.process_time() - began < RENAMED_WITHIN_S

    effect = notices(maker.get(f"{PAGE}?kind=merge&segment=1&segment=2&name=The+rest"))
    assert f"Merge {before[1]} and {before[2]}" in effect
    assert f"The rest – {n_customers[1] + n_customers[2]}" in effect
    assert "How clear the segments are" in effect
    assert len(_names(shop)) == 3

    assert post(maker, PAGE, kind="merge", segment=["1", "2"], name="The rest").status_code == 303
    refused = post(maker, PAGE, kind="split", segment="0", n_parts="2")
    assert refused.status_code == 409
    assert "The last change is still being made" in notices(refused)
    assert _ended(shop).state == "done"
    assert _names(shop) == ["Our best", "The rest"]
    assert shop.segmentations.load(QUICK).n_segments == 2
    told = notices(maker.get(PAGE))
    assert f"Rename {before[0]} to Our best" in told
    assert f"Merge {before[1]} and {before[2]}" in told
    report = (shop.segmentations.folder(QUICK) / "result" / "report.html").read_text()
    assert "Our best" in report
    assert before[0] not in _names(shop)

    recipe = json.loads(maker.get(f"{PAGE}/recipe.json").get_data(as_text=True))
    assert [edit["kind"] for edit in recipe["edits"]] == ["rename", "merge"]

    answer = post(maker, f"{PAGE}/replay")
    made = answer.location.rpartition("/")[2]
    new = shop.jobs.load(made).target_id
    while shop.jobs.load(made).state in ACTIVE and not shop.edits.list(new):
        time.sleep(0.05)
    assert [one.edit["kind"] for one in shop.edits.list(new)] == ["rename", "merge"]
    assert shop.segmentations.load(new).parent_id == QUICK
    post(maker, f"/jobs/{made}/cancel")

    last = shop.edits.list(QUICK)[-1]
    assert post(maker, f"{PAGE}/undo", edit="another").status_code == 409
    assert post(maker, f"{PAGE}/undo", edit=last.id).status_code == 303
    assert [one.edit["kind"] for one in shop.edits.list(QUICK)] == ["rename"]
    assert "do not show the last change yet" in notices(_cancelled(shop, maker))


def _cancelled(ws: Workspace, browser: FlaskClient) -> TestResponse:
    """The page after the newest job of the shop was cancelled."""
    post(browser, f"/jobs/{ws.jobs.list_of(QUICK)[-1].id}/cancel")
    return browser.get(PAGE)


def test_what_cannot_be_done_is_said_where_it_was_asked_for(shop: Workspace, visit: FlaskClient) -> None:
    taken = _names(shop)[1]
    for form, said in (
        ({"kind": "rename", "segment": "0", "name": taken}, "Another segment is called"),
        ({"kind": "rename", "segment": "0", "name": ""}, "A segment's name has 1 to 40 letters"),
        ({"kind": "rename", "segment": "9", "name": "New"}, "There is no such segment any more"),
        ({"kind": "merge", "segment": "0"}, "A merge needs two or more segments"),
        ({"kind": "move", "segment": "0"}, "No customer is chosen"),
        ({"kind": "split", "segment": "0", "feature": "monetary", "value": "much"}, "is no number"),
        ({"kind": "split", "segment": "x"}, "is no whole number"),
        ({"kind": "paint"}, "There is no edit of the kind"),
    ):
        for answer in (visit.get(PAGE, query_string=form), post(visit, PAGE, **form)):
            assert 400 <= answer.status_code < 500
            assert said in notices(answer).replace("&#39;", "'")
    assert shop.edits.list(QUICK) == []


def test_a_list_of_customers_too_long_for_an_address_is_sent_as_a_form(
    shop: Workspace, maker: FlaskClient
) -> None:
    lines = "\n".join(f"{number:05d}" for number in range(1, 41))
    answer = post(maker, f"{PAGE}/preview", kind="save_as", name="Forty", customers=lines)
    assert answer.status_code == 200
    assert "Save 40 customers as Forty" in notices(answer)
    assert answer.get_data(as_text=True).count('name="customer" value="') == 40
