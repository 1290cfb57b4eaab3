"""New segmentations, the list of all, and which is in use."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from coterie.errors import ParameterError
from coterie.web.wishes import first_wishes, request_of, wishes_of
from coterie.workspace import DatasetRecord, Job, SegmentationRecord, Workspace
from tests.finished import add_finished
from tests.web.visiting import SAME_SITE, notices, post

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _attribute(name: str, *, unit: str = "days", source: str = "transactions", default: bool = False) -> Any:
    kind = "category" if unit == "category" else "number"
    words = {"label": name.replace("_", " "), "description": f"{name} as given", "is_default": default}
    return {"name": name, "unit": unit, "kind": kind, "source": source, **words}


KNOWN: dict[str, Any] = {
    "first_day": "2024-01-01",
    "observation_end": "2024-12-31",
    "n_customers": 100,
    "most_segments": 20,
    "methods": [{"name": name, "title": name.upper(), "sentence": "It does."} for name in ("kmeans", "gmm")],
    "attributes": [
        _attribute("recency_days", default=True),
        _attribute("monetary", unit="money", default=True),
        _attribute("n_events", unit="count", source="events"),
        _attribute("age", unit="years", source="customers.age"),
        _attribute("tier", unit="category", source="customers.tier"),
    ],
}


@pytest.fixture
def dataset(workspace: Workspace) -> DatasetRecord:
    """One that has been read."""
    record = DatasetRecord(
        "d" * 32, "Orders", NOW, (("orders.csv", "0" * 64, 9),), n_customers=100, state="ready"
    )
    workspace.datasets.add(record)
    folder = workspace.datasets.folder(record.id)
    folder.mkdir(parents=True)
    (folder / "attributes.json").write_text(json.dumps(KNOWN))
    return record


def _made(workspace: Workspace, name: str, **known: Any) -> SegmentationRecord:
    record = SegmentationRecord(name.lower() * 2, name, "d" * 32, NOW, state="ready", method="kmeans")
    return workspace.segmentations.add(replace(record, **known))


def test_the_form_is_filled_in_and_groups_what_is_known(browser: FlaskClient, dataset: DatasetRecord) -> None:
    page = notices(browser.get(f"/segmentations/new?dataset={dataset.id}"))
    for words in ("Buying behaviour 1 of 1", "Money 1 of 1", "Visits and reviews 0 of 1"):
        assert words in page
    assert "About the customer 0 of 2" in page
    assert "From 2 to 20 for 100 customers." in page


def test_what_is_left_as_it_was_is_not_asked_for(dataset: DatasetRecord) -> None:
    first = first_wishes(dataset, KNOWN, name="Orders")
    assert request_of(first, KNOWN) == {}
    form = MultiDict(
        [
            ("attribute", "recency_days"),
            ("attribute", "age"),
            ("weight-age", "2,5"),
            ("choosing", "chosen"),
            ("method", "gmm"),
            ("counting", "number"),
            ("n_segments", "7"),
            ("observation_end", "2024-06-30"),
            ("truth", "tier"),
            ("random_state", "3"),
        ]
    )
    assert request_of(wishes_of(form, first), KNOWN) == {
        "attributes": ["recency_days", "age"],
        "weights": {"age": 2.5},
        "method": ["gmm"],
        "n_segments": 7,
        "observation_end": "2024-06-30",
        "truth": "tier",
        "random_state": 3,
    }


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"name": ""}, "name"),
        ({"attributes": frozenset()}, "attributes"),
        ({"attributes": frozenset({"nothing"})}, "attributes"),
        ({"weights": {"recency_days": "-1", "monetary": "1"}}, "weight-recency_days"),
        ({"weights": {"recency_days": "nan", "monetary": "1"}}, "weight-recency_days"),
        ({"weights": {"recency_days": "0", "monetary": "0"}}, "attributes"),
        ({"choosing": "chosen", "methods": frozenset()}, "methods"),
        ({"choosing": "chosen", "methods": frozenset({"magic"})}, "methods"),
        *(({"counting": "number", "n_segments": n}, "n_segments") for n in ("1", "21", "x", "", "2.5", "٣")),
        ({"observation_end": "2023-12-31"}, "observation_end"),
        ({"observation_end": "soon"}, "observation_end"),
        ({"truth": "age"}, "truth"),
        ({"random_state": "-1"}, "random_state"),
    ],
)
def test_what_cannot_be_is_refused_by_the_name_of_its_field(
    dataset: DatasetRecord, change: dict[str, Any], where: str
) -> None:
    wishes = replace(first_wishes(dataset, KNOWN, name="Orders"), **change)
    with pytest.raises(ParameterError) as refused:
        request_of(wishes, KNOWN)
    assert refused.value.where == where


def test_a_wrong_number_brings_the_same_page_with_all_that_was_typed(
    browser: FlaskClient, workspace: Workspace, dataset: DatasetRecord
) -> None:
    form = MultiDict(
        [("dataset", dataset.id), ("name", "Spring"), ("attribute", "age"), ("counting", "number")]
    )
    form.update({"n_segments": "many", "weight-age": "2"})
    answer = browser.post("/segmentations/new", data=form, headers=SAME_SITE)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "The number of segments has to be a whole number from 2 to 20, not &#39;many&#39;." in page
    assert 'value="many"' in page
    assert 'value="Spring"' in page
    assert 'id="use-age" name="attribute" value="age" checked' in page
    assert 'value="recency_days" checked' not in page
    assert workspace.segmentations.list() == []


def test_data_that_are_not_read_yet_are_read_first(browser: FlaskClient, workspace: Workspace) -> None:
    assert "There are no data yet" in notices(browser.get("/segmentations/new"))
    workspace.datasets.add(DatasetRecord("e" * 32, "Fresh", NOW, (("f.csv", "1" * 64, 9),)))
    assert "Fresh has to be read first" in notices(browser.get("/segmentations/new"))


def test_the_list_says_what_each_found_and_which_is_in_use(
    browser: FlaskClient, workspace: Workspace, dataset: DatasetRecord
) -> None:
    assert "No segmentation yet" in notices(browser.get("/segmentations"))
    first = _made(workspace, "Spring", headline="3 segments", n_segments=3, n_customers=100)
    running = _made(workspace, "Summer", state="running")
    workspace.jobs.add(Job("j", "segmentation", running.id, NOW, state="running", sentence="Looking"))
    workspace.segmentations.save_current(first.id, instead_of=None)
    page = notices(browser.get("/segmentations"))
    assert "Spring In use 3 segments Data Orders Segments 3 Customers 100 Method K-Means" in page
    assert "Summer Being made Looking" in page


def test_59_of_two_who_choose_at_once_the_second_is_told(
    browser: FlaskClient, workspace: Workspace, dataset: DatasetRecord
) -> None:
    first, second = (_made(workspace, name) for name in ("Spring", "Summer"))
    assert post(browser, f"/segmentations/{first.id}/use", instead_of="").status_code == 303
    late = post(browser, f"/segmentations/{second.id}/use", instead_of="")
    assert late.status_code == 409
    assert "Somebody else has put another segmentation into use" in notices(late)
    assert post(browser, f"/segmentations/{second.id}/use", instead_of=first.id).status_code == 303
    current = workspace.segmentations.load_current()
    assert current is not None and current.id == second.id


def test_what_is_not_ready_is_not_put_into_use(
    browser: FlaskClient, workspace: Workspace, dataset: DatasetRecord
) -> None:
    failed = _made(workspace, "Broken", state="failed")
    assert post(browser, f"/segmentations/{failed.id}/use", instead_of="").status_code == 409


def test_a_segmentation_is_renamed_or_the_wrong_name_is_kept_in_its_field(
    browser: FlaskClient, workspace: Workspace, dataset: DatasetRecord
) -> None:
    record = _made(workspace, "Spring")
    assert post(browser, f"/segmentations/{record.id}/rename", name="Warm days").status_code == 303
    assert workspace.segmentations.load(record.id).name == "Warm days"
    wrong = post(browser, f"/segmentations/{record.id}/rename", name="x" * 200)
    assert wrong.status_code == 400
    assert f'value="{"x" * 200}"' in wrong.get_data(as_text=True)


def test_a_segmentation_goes_after_a_question(
    browser: FlaskClient, workspace: Workspace, dataset: DatasetRecord
) -> None:
    record = _made(workspace, "Spring")
    workspace.segmentations.save_current(record.id, instead_of=None)
    assert "It is the one in use" in notices(browser.get(f"/segmentations/{record.id}/remove"))
    assert post(browser, f"/segmentations/{record.id}/remove").status_code == 303
    assert workspace.segmentations.list() == []


def test_who_would_move_is_told_for_the_weights_of_the_form(
    browser: FlaskClient, workspace: Workspace, finished: dict[str, Path]
) -> None:
    add_finished(workspace, finished)
    base = workspace.segmentations.load_current()
    assert base is not None
    names = workspace.segmentations.summary(base.id)["segmentation"]["attributes"]
    form = MultiDict([("dataset", "store"), *(("attribute", name) for name in names)])
    assert "Nobody changes the segment." in notices(
        browser.get("/segmentations/new/movers", query_string=form)
    )
    form[f"weight-{names[0]}"] = "3"
    moved = notices(browser.get("/segmentations/new/movers", query_string=form))
    assert "would change the segment" in moved
    assert f"Compared with {base.name}" in moved
    form[f"weight-{names[0]}"] = "lots"
    wrong = notices(browser.get("/segmentations/new/movers", query_string=form))
    assert "A weight is a number from 0 to 10" in wrong
    assert "All weights are 0" in notices(browser.get("/segmentations/new/movers?dataset=store"))
