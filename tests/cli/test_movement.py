"""Who moved between two days, by a saved model: on the screen, as JSON, and as files."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.conftest import Run, invoke


@pytest.fixture
def call(run: Run) -> list[str]:
    orders = pd.read_csv(run.files["orders"])
    last = pd.to_datetime(orders[orders.filter(regex="at|date").columns[0]]).max()
    start = (last - pd.Timedelta(days=60)).date().isoformat()
    return ["movement", str(run.out / "model"), str(run.files["orders"]), "--start", start]


def test_matrix_sentences_and_files_tell_the_same(call: list[str], tmp_path: Path) -> None:
    out = tmp_path / "moved"
    done = invoke(*call, "--out", str(out))
    assert done.exit_code == 0, done.output
    assert {path.name for path in out.iterdir()} == {"movement.csv", "matrix.csv", "flows.svg"}
    told = json.loads(invoke(*call, "--json").stdout)
    everybody, matrix = (pd.read_csv(out / name) for name in ("movement.csv", "matrix.csv"))
    assert len(everybody) == told["n_customers"] == matrix.iloc[:, 1:].to_numpy().sum()
    assert told["people"] == matrix.iloc[:, 1:].to_numpy().tolist()
    moved = everybody[everybody.segment_id != everybody.previous_segment_id]
    assert sum(change["n_customers"] for change in told["changes"]) == len(moved) > 0
    words = " ".join(done.output.split())
    assert told["changes"][0]["sentence"] in words
    assert (out / "flows.svg").read_text().startswith("<svg")


def test_an_end_before_the_start_is_refused_in_a_sentence(call: list[str]) -> None:
    done = invoke(*call, "--end", "2000-01-01")
    assert done.exit_code == 2
    assert "is not after the start" in done.output
