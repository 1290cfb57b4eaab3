"""A saved model is fitted anew: the same files as of a first run, the same names, and who moved."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.conftest import Run, invoke


@pytest.fixture
def spring(run: Run, tmp_path: Path, brief: None) -> Path:
    """A result as of the day two months before the last order."""
    day = (_last_day(run) - pd.Timedelta(days=60)).date().isoformat()
    call = ["segment", str(run.files["orders"]), "--method", "kmeans", "--n-segments", "3"]
    done = invoke(*call, "--observation-end", day, "--out", str(tmp_path / "spring"))
    assert done.exit_code == 0, done.output
    return tmp_path / "spring"


def _last_day(run: Run) -> pd.Timestamp:
    orders = pd.read_csv(run.files["orders"])
    return pd.to_datetime(orders[orders.filter(regex="at|date").columns[0]]).max()


def test_a_refit_writes_what_segment_writes_and_who_moved(run: Run, spring: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = invoke("refit", str(spring / "model"), str(run.files["orders"]), "--out", str(out))
    assert done.exit_code == 0, done.output
    assert "because the model did" in " ".join(done.output.split())
    written = {path.name for path in out.iterdir()}
    assert written == {path.name for path in spring.iterdir()} | {"moves.csv"}
    moves = pd.read_csv(out / "moves.csv")
    assert list(moves.columns) == ["customer_id", "previous_segment", "segment", "changed_on", "cause"]
    assert set(moves.cause) <= {"arrivals", "ageing", "behaviour", "refit", "records"}
    assert {"ageing", "behaviour"} <= set(moves.cause)
    before, after = (_names(folder) for folder in (spring, out))
    assert before == after
    model = json.loads((out / "model" / "model.json").read_text(encoding="utf-8"))
    assert model["revision"] == 2
    again = invoke("refit", str(out / "model"), str(run.files["orders"]), "--out", str(out))
    assert again.exit_code == 0, again.output


def _names(folder: Path) -> set[str]:
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return {segment["name"] for segment in summary["segments"]}


def test_a_folder_in_the_way_is_refused_before_any_work(run: Run, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("kept")
    call = ["refit", str(run.out / "model"), str(run.files["orders"]), "--out", str(tmp_path / "full")]
    assert invoke(*call).exit_code == 4
    assert invoke("refit", str(tmp_path / "none"), "x.csv", "--out", str(tmp_path / "o")).exit_code == 3
