"""Public files through the command a user types, with no option but the ones a user would need.

The two largest take one method instead of the choice among all, which needs minutes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from coterie.cli import main

MAX_MEMORY_KB = 2_000_000

RUN_AND_WEIGH = """
import atexit, sys
from pathlib import Path
from coterie.cli import main

def weigh():
    # Not getrusage: a new process inherits the peak of the one that started it.
    print("peak", Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])

atexit.register(weigh)
main(sys.argv[1:])
"""


def _summary(out: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="module")
def online_retail(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    out = tmp_path_factory.mktemp("retail") / "out"
    file = real_data / "online_retail" / "OnlineRetail.csv.gz"
    call = [sys.executable, "-c", RUN_AND_WEIGH, "segment", str(file), "--out", str(out)]
    done = subprocess.run(call, check=True, capture_output=True, text=True)
    return _summary(out) | {"memory_kb": int(done.stdout.split()[-1])}


def test_online_retail_accounts_for_every_row(online_retail: dict[str, Any]) -> None:
    data = online_retail["data"]
    assert data["rows_read"] == 541_909
    assert data["rows_rejected"] == 135_080
    assert data["rows_accepted"] == 406_829
    assert data["n_customers"] == 4_338


def test_online_retail_has_rules_a_marketer_can_trust(online_retail: dict[str, Any]) -> None:
    assert online_retail["segmentation"]["tree_fidelity"] >= 0.88
    for segment in online_retail["segments"]:
        assert segment["rule_precision"] >= 0.80, segment["name"]
        assert segment["rule_recall"] >= 0.70, segment["name"]


def test_online_retail_is_never_split_into_a_crowd_and_a_handful(online_retail: dict[str, Any]) -> None:
    shares = [segment["share"] for segment in online_retail["segments"]]
    assert min(shares) >= 0.03
    assert max(shares) <= 0.60


def test_online_retail_fits_into_memory(online_retail: dict[str, Any]) -> None:
    assert online_retail["memory_kb"] < MAX_MEMORY_KB


@pytest.mark.usefixtures("brief")
@pytest.mark.parametrize(
    ("file", "options"),
    [
        ("cdnow/CDNOW_master.txt", ["--method", "kmeans"]),
        (
            "cdnow/CDNOW_sample.txt",
            ["--map", "customer_id=#2", "--map", "at=#3", "--map", "quantity=#4", "--map", "amount=#5"],
        ),
        ("demographics/customer_personality.csv", []),
        ("demographics/telco_churn_geo.xlsx", []),
        ("demographics/mall_customers.csv", []),
        ("grocery/dunnhumby_transactions_sample.parquet", []),
        ("reviews/womens_clothing_reviews.csv.gz", ["--method", "kmeans"]),
    ],
    ids=lambda value: Path(value).name if isinstance(value, str) else "",
)
def test_every_public_file_is_segmented_with_at_most_a_map(
    real_data: Path, tmp_path: Path, file: str, options: list[str]
) -> None:
    out = tmp_path / "out"
    call = ["segment", str(real_data / file), "--out", str(out), *options]
    done = CliRunner().invoke(main, call)
    assert done.exit_code == 0, done.output
    summary = _summary(out)
    assert summary["segmentation"]["n_segments"] >= 2
    names = [segment["name"] for segment in summary["segments"]]
    assert len(set(names)) == len(names)
