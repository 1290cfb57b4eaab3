"""The API makes, tells and undoes changes, hands over files and puts new customers into segments."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from coterie.sources import write_sample_store
from coterie.web import create_app
from coterie.workspace import Pipeline, Workspace, add_upload
from coterie.workspace.jobs import ACTIVE
from tests.finished import QUICK
from tests.web.visiting import SAME_SITE

HERE = f"/api/segmentations/{QUICK}"


@pytest.fixture
def maker(shop: Workspace) -> Iterator[FlaskClient]:
    """A program at a server that does jobs."""
    with Pipeline(shop) as pipeline:
        yield create_app(shop, pipeline=pipeline, login=False).test_client()


def _send(client: FlaskClient, path: str, content: Any) -> TestResponse:
    return client.post(HERE + path, json=content, headers=SAME_SITE)


def test_a_change_is_told_made_and_undone(shop: Workspace, maker: FlaskClient) -> None:
    merge = {"kind": "merge", "segment_ids": [1, 2], "name": "The rest"}
    effect = _send(maker, "/edits/effect", merge).get_json()
    assert effect["n_moved"] > 0
    assert maker.get(HERE + "/edits").get_json() == []

    answer = _send(maker, "/edits", {"kind": "rename", "segment_id": 0, "name": "Our best"})
    assert answer.status_code == 202
    made = answer.get_json()
    assert made["edit"]["edit"] == {"kind": "rename", "segment_id": 0, "name": "Our best"}
    assert maker.get(HERE + "/edits").get_json() == [made["edit"]]
    assert shop.segmentations.page(QUICK)["segments"][0]["name"] == "Our best"

    assert maker.delete(f"{HERE}/edits/another", headers=SAME_SITE).status_code == 409
    undone = maker.delete(f"{HERE}/edits/{made['edit']['id']}", headers=SAME_SITE)
    assert undone.status_code == 202
    assert maker.get(HERE + "/edits").get_json() == []
    while shop.jobs.load(undone.get_json()["id"]).state in ACTIVE:
        time.sleep(0.05)
    assert shop.segmentations.page(QUICK)["segments"][0]["name"] != "Our best"


@pytest.mark.parametrize(
    ("edit", "status", "words"),
    [
        ({"kind": "vanish"}, 422, "no edit of the kind"),
        ({"kind": "rename", "segment_id": 0}, 422, "needs 'name'"),
        ({"kind": "rename", "segment_id": 77, "name": "Far"}, 409, "no such segment"),
    ],
)
def test_what_is_no_change_is_refused_in_a_sentence(
    maker: FlaskClient, edit: dict[str, Any], status: int, words: str
) -> None:
    answer = _send(maker, "/edits", edit)
    assert (answer.status_code, words in answer.get_json()["message"]) == (status, True)


def test_every_file_of_a_result_can_be_had(maker: FlaskClient) -> None:
    listed = {one["name"]: one for one in maker.get(HERE + "/files").get_json()}
    assert {"report.html", "report.pdf", "customers.csv", "summary.json", "model.zip"} <= set(listed)
    summary = maker.get(HERE + "/files/summary.json")
    assert "attachment" in summary.headers["Content-Disposition"]
    assert json.loads(summary.data)["segmentation"]["n_segments"] == 3
    assert (
        "model/model.json"
        in zipfile.ZipFile(io.BytesIO(maker.get(HERE + "/files/model.zip").data)).namelist()
    )
    assert maker.get(HERE + "/files/..%2Fpage.json").status_code == 404


def test_customers_of_a_new_file_are_put_into_the_segments(
    shop: Workspace, maker: FlaskClient, tmp_path: Path
) -> None:
    """Those of the model's own data get the segment they have."""
    orders = write_sample_store(tmp_path, n_customers=300)["orders"].read_bytes()
    dataset = add_upload(shop, [("orders.csv", io.BytesIO(orders))])
    told = _send(maker, "/assign", {"dataset_id": dataset.id})
    assert told.status_code == 200
    placed = pd.DataFrame(told.get_json()).set_index("customer_id")
    assert set(placed.columns) == {"segment_id", "segment_name", "margin"}
    assert len(placed) == 300
    bad = add_upload(shop, [("orders.csv", io.BytesIO(b"customer_id,at,amount\nann,red,blue\n"))])
    refused = _send(maker, "/assign", {"dataset_id": bad.id})
    assert refused.status_code in (400, 422)
    assert "ann" not in refused.get_data(as_text=True)
