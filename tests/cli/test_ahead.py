"""Who leaves and what is wanted next, on the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.cli.conftest import Run, invoke


@pytest.fixture
def members(tmp_path: Path) -> Path:
    """400 members of a club of whom those without a contract leave more often."""
    random = np.random.default_rng(0)
    contract = random.choice(["monthly", "yearly"], 400)
    leaves = random.random(400) < np.where(contract == "monthly", 0.6, 0.1)
    path = tmp_path / "members.csv"
    pd.DataFrame(
        {
            "customer_id": [f"m{i:03d}" for i in range(400)],
            "contract": contract,
            "age": random.integers(18, 80, 400),
            "churned": np.where(leaves, "Yes", "No"),
        }
    ).to_csv(path, index=False)
    return path


def test_who_will_leave_is_told_with_the_reason(members: Path, tmp_path: Path) -> None:
    out = tmp_path / "risk.csv"
    done = invoke("churn", str(members), "--label", "churned", "--out", str(out))
    assert done.exit_code == 0, done.output
    assert "AUC" in done.output
    rows = pd.read_csv(out)
    assert len(rows) == 400
    monthly = pd.read_csv(members)["contract"] == "monthly"
    assert rows.loc[monthly, "risk"].mean() > 3 * rows.loc[~monthly, "risk"].mean()
    assert rows.loc[monthly, "drivers"].str.contains("contract").mean() > 0.9


def test_a_column_that_is_not_there_is_told(members: Path) -> None:
    done = invoke("churn", str(members), "--label", "gone")
    assert done.exit_code == 3
    assert "gone" in done.output


@pytest.mark.parametrize("mode", ["replenish", "discover"])
def test_each_customer_gets_products_with_a_reason(run: Run, tmp_path: Path, mode: str) -> None:
    out = tmp_path / "products.csv"
    done = invoke("products", str(run.files["orders"]), "--mode", mode, "--n", "3", "--out", str(out))
    assert done.exit_code == 0, done.output
    rows = pd.read_csv(out, dtype={"customer_id": str})
    assert rows.groupby("customer_id").size().max() <= 3
    assert rows["reason"].notna().all()
    assert (mode == "replenish") or (rows["n_bought"] == 0).all()
