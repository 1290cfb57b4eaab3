"""Compare: methods against each other, two segmentations side by side, and making another one."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from flask.testing import FlaskClient

from coterie.assessment import ari
from coterie.web import create_app
from coterie.web.pages.compare import MEASURES, _trials
from coterie.workspace import Job, Workspace
from tests.finished import QUICK, TREE, add_finished
from tests.web.visiting import notices, post

PAGE = f"/compare?segmentation={TREE}"


def test_each_trial_is_a_row_and_the_best_of_a_column_is_marked(
    reader: FlaskClient, ready: Workspace
) -> None:
    html = reader.get(PAGE).get_data(as_text=True)
    trials = ready.segmentations.summary(TREE)["comparison"]
    assert len(trials) > 3
    assert html.count("Hierarchical (Ward)") >= len(trials)
    best = max(trial["silhouette"] for trial in trials)
    assert re.search(rf"best: </span>{best:.3f}".rstrip("0"), html)
    assert html.count(">Use this one<") == len(trials) - 1


def test_flags_and_failures_stand_in_words(ready: Workspace) -> None:
    words, summary = ready.segmentations.page(TREE), ready.segmentations.summary(TREE)
    first, *rest = summary["comparison"]
    told = {**summary, "comparison": [{**first, "failure": "No end was found"}, *rest]}
    rows = _trials(words, told, measures=MEASURES)
    assert (rows[-1].failure, rows[-1].n_clusters) == ("No end was found", first["n_clusters"])
    assert [row.is_chosen for row in rows].count(True) <= 1
    assert [flag for row in rows for flag in row.flags] == [f for t in (*rest, first) for f in t["flags"]]


def test_two_segmentations_side_by_side_count_the_same_customers(
    reader: FlaskClient, ready: Workspace
) -> None:
    one, other = (
        pd.read_parquet(ready.segmentations.folder(name) / "members.parquet").set_index("customer_id")
        for name in (TREE, QUICK)
    )
    crossed = pd.crosstab(one.segment_id, other.segment_id).to_numpy()
    html = reader.get(f"{PAGE}&with={QUICK}").get_data(as_text=True)
    cells = re.findall(r"<span>(\d+)(?: <span|</span>)", html)
    assert sorted(map(int, cells)) == sorted(crossed.ravel().tolist())
    score = ari(one.segment_id.to_numpy(), other.segment_id.to_numpy()).value
    assert score is not None
    assert f"{round(score, 3):g}" in notices(reader.get(f"{PAGE}&with={QUICK}"))


def test_an_unknown_other_one_is_left_aside(reader: FlaskClient) -> None:
    assert reader.get(f"{PAGE}&with=nothing").status_code == 200
    assert reader.get("/compare?segmentation=nothing").status_code == 404


class _Taken:
    """Takes the job, so that what was asked for can be seen."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def submit_segmentation(self, segmentation_id: str, *, after: str | None = None) -> Job:
        self.asked.append(segmentation_id)
        return Job("job", "segmentation", segmentation_id, datetime.now(UTC), after_id=after)


def test_use_this_one_asks_for_a_new_segmentation(tmp_path: Path, finished: dict[str, Path]) -> None:
    opened = Workspace(tmp_path / "shop")
    add_finished(opened, finished)
    parent = opened.segmentations.load(TREE)
    opened.segmentations.save(replace(parent, request={**parent.request, "weights": {"monetary": 2.0}}))
    taken: Any = _Taken()
    browser = create_app(opened, pipeline=taken, login=False).test_client()
    answer = post(browser, f"/compare/{TREE}/use", method="kmeans", n_segments="4")
    assert (answer.status_code, answer.location) == (303, "/jobs/job")
    made = opened.segmentations.load(taken.asked[0])
    assert made.name == "K-Means, 4 segments"
    assert made.request == {"method": "kmeans", "n_segments": 4, "weights": {"monetary": 2.0}}
    assert made.dataset_id == parent.dataset_id
    opened.close()


@pytest.mark.parametrize(
    "form", [{"method": "magic", "n_segments": "4"}, {"method": "kmeans", "n_segments": "1"}, {}]
)
def test_what_cannot_be_made_is_refused(reader: FlaskClient, form: dict[str, str]) -> None:
    assert post(reader, f"/compare/{TREE}/use", **form).status_code == 400
