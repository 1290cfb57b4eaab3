"""A forecast lies beside the segments it is told of, and where there is none, the reason does."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from coterie import prediction
from coterie.features import load_features
from coterie.jobs import ignore_progress
from coterie.settings import Settings
from coterie.workspace import foretelling, steps
from tests.finished import QUICK

TOLD: dict[str, Any] = {"settings": asdict(Settings()), "progress": ignore_progress}


def _outlook(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "outlook.json").read_text())
    return content


def _again(finished: dict[str, Path], tmp_path: Path, **changed: str) -> Path:
    """The folder written anew from what the finished one keeps."""
    archive = finished[QUICK] / "archive"
    made = {name: str(archive / name) for name in ("features", "segmentation", "forecast")}
    made["charts"] = str(tmp_path / "charts")
    for name in ("pictures", "drawings"):
        (tmp_path / "charts" / name).mkdir(parents=True)
    (tmp_path / "charts" / "charts.json").write_text("[]")
    steps.write({**made, **changed}, target=str(tmp_path / "again"), **TOLD)
    return tmp_path / "again"


def test_the_segments_of_a_finished_segmentation_have_an_outlook(finished: dict[str, Path]) -> None:
    told = _outlook(finished[QUICK])
    assert told["whole"]["n_buyers"] == len(pd.read_parquet(finished[QUICK] / "forecast.parquet"))
    assert sum(one["n_buyers"] for one in told["segments"]) <= told["whole"]["n_buyers"]
    total = sum(one["expected_spend"] for one in told["segments"])
    assert total == pytest.approx(told["whole"]["expected_spend"], rel=0.02)
    assert told["whole"]["due"]
    assert told["whole"]["discover"]
    assert told["test"]["groups"]


def test_after_an_edit_the_same_forecast_is_added_up_anew(finished: dict[str, Path], tmp_path: Path) -> None:
    edits = tmp_path / "edits.json"
    merge = {"kind": "merge", "segment_ids": [0, 1], "name": "Both"}
    edits.write_text(json.dumps({"edits": [{"id": "one", "edit": merge}], "conflicts": []}))
    again, before = _again(finished, tmp_path, edits=str(edits)), _outlook(finished[QUICK])
    told = _outlook(again)
    assert told["whole"] == before["whole"]
    both = next(one for one in told["segments"] if one["name"] == "Both")
    parts = [one for one in before["segments"] if one["segment_id"] in (0, 1)]
    assert both["n_buyers"] == sum(one["n_buyers"] for one in parts)
    assert both["expected_orders"] == pytest.approx(sum(one["expected_orders"] for one in parts))


def test_a_segmentation_older_than_forecasts_says_so(finished: dict[str, Path], tmp_path: Path) -> None:
    again = _again(finished, tmp_path, forecast=str(tmp_path / "nothing"))
    assert _outlook(again) == {"reason": foretelling.BEFORE}
    assert not (again / "forecast.parquet").exists()
    assert (again / "members.parquet").exists()


@pytest.mark.parametrize("n_customers", [0, 30])
def test_too_few_buyers_are_a_reason_and_no_failure(
    finished: dict[str, Path], tmp_path: Path, n_customers: int
) -> None:
    table = load_features(finished[QUICK] / "archive" / "features" / "table")
    few = table.rows(pd.Series(range(len(table))).to_numpy() < n_customers)
    foretelling.foretell(few, tmp_path, progress=ignore_progress)
    reason = json.loads((tmp_path / "reason.json").read_text())["reason"]
    assert reason.startswith("A forecast needs 50 buyers")


def test_a_fault_of_the_forecast_does_not_end_the_job(
    finished: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("the secret of customer ann")

    monkeypatch.setattr(prediction, "forecast", broken)
    table = load_features(finished[QUICK] / "archive" / "features" / "table")
    foretelling.foretell(table, tmp_path, progress=ignore_progress)
    told = json.loads((tmp_path / "reason.json").read_text())
    assert told == {"reason": foretelling.NOT_MADE}


def test_without_products_the_forecast_of_orders_stands(finished: dict[str, Path], tmp_path: Path) -> None:
    table = load_features(finished[QUICK] / "archive" / "features" / "table")
    foretelling.foretell(table, tmp_path, progress=ignore_progress)
    assert (tmp_path / "forecast.parquet").is_file()
    assert json.loads((tmp_path / "product_notes.json").read_text())[0].startswith("There are no orders")


def test_a_saved_forecast_is_read_as_it_was(finished: dict[str, Path], tmp_path: Path) -> None:
    made = prediction.load_forecast(finished[QUICK] / "archive" / "forecast")
    prediction.save_forecast(made, tmp_path)
    again = prediction.load_forecast(tmp_path)
    pd.testing.assert_frame_equal(again.customers, made.customers)
    assert made.test is not None
    assert again.test is not None
    pd.testing.assert_frame_equal(again.test.groups, made.test.groups)
    assert again.test.model == made.test.model
    assert (again.notes, again.family, again.parameters) == (made.notes, made.family, made.parameters)
