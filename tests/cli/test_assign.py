"""A saved model places the customers it was made from where the fit put them, whatever the method."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.cli.conftest import Run, invoke


@pytest.mark.usefixtures("brief")
@pytest.mark.parametrize("method", ["tpa", "rfm", "gmm", "hierarchical"])
def test_assign_gives_the_same_answer_as_the_fit(run: Run, tmp_path: Path, method: str) -> None:
    orders = str(run.files["orders"])
    number = [] if method == "rfm" else ["--n-segments", "4"]
    done = invoke("segment", orders, "--method", method, *number, "--out", str(tmp_path / "out"))
    assert done.exit_code == 0, done.output
    placed = tmp_path / "placed.csv"
    done = invoke("assign", str(tmp_path / "out" / "model"), orders, "--out", str(placed))
    assert done.exit_code == 0, done.output
    fitted = pd.read_csv(tmp_path / "out" / "customers.csv", dtype={"customer_id": str})
    again = pd.read_csv(placed, dtype={"customer_id": str})
    columns = ["customer_id", "segment_id", "segment_name"]
    pd.testing.assert_frame_equal(again[columns], fitted[columns])
