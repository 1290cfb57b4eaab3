"""What the customers of the sample store will do, on the screen, as a table and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import coterie
from tests.cli.conftest import Run, invoke


def test_a_forecast_is_told_on_the_screen_and_written_for_every_buyer(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "forecast.csv"
    done = invoke("forecast", str(run.files["orders"]), "--out", str(out))
    assert done.exit_code == 0, done.output
    told = " ".join(done.output.split())
    for words in ("orders", "spend", "risk of no order", "expected value", "is at risk", "plain rate"):
        assert words in told
    assert f"{out}" in "".join(done.output.split("\n"))
    written = pd.read_csv(out, dtype={"customer_id": str})
    made = coterie.forecast(run.files["orders"])
    assert written["customer_id"].tolist() == made.customers["customer_id"].tolist()
    assert written["expected_spend"].tolist() == pytest.approx(made.customers["expected_spend"].tolist())


def test_json_says_the_same_and_nothing_else(run: Run) -> None:
    done = invoke("forecast", str(run.files["orders"]), "--horizon-days", "30", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["horizon_days"] == 30
    outlook = told["outlook"]
    assert outlook["spend_low"] < outlook["expected_spend"] < outlook["spend_high"]
    assert sum(n or 0 for n in outlook["risk_bands"].values()) <= outlook["n_buyers"]
    assert len(told["test"]["groups"]) >= 3


def test_a_shop_with_too_few_buyers_is_told_so(tmp_path: Path) -> None:
    orders = tmp_path / "orders.csv"
    orders.write_text("customer_id,date,amount\nann,2024-01-01,5\nbob,2024-02-01,7\n")
    done = invoke("forecast", str(orders))
    assert done.exit_code == 2
    assert "A forecast needs 50 buyers" in done.output


def test_a_described_table_is_forecast_as_its_files_are(run: Run) -> None:
    table = coterie.build_features(run.files["orders"], observation_end="2025-09-30")
    made = coterie.forecast(table)
    again = coterie.forecast(run.files["orders"], observation_end="2025-09-30")
    pd.testing.assert_frame_equal(made.customers, again.customers)
