"""`coterie segment` from files to a folder a marketer can open."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import jsonschema
import pandas as pd
import pytest

from coterie.delivery import summary_schema
from coterie.river import ALL_METHODS
from coterie.sources import write_sample_store
from tests.cli.conftest import Run, invoke


def _summary(out: Path) -> dict[str, dict[str, object]]:
    content: dict[str, dict[str, object]] = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    return content


def test_it_ends_well_and_says_where_to_look(run: Run) -> None:
    assert run.done.exit_code == 0, run.done.output
    assert "report.html" in run.done.output


def test_everything_promised_is_in_the_folder_and_nothing_else(run: Run) -> None:
    assert sorted(path.name for path in run.out.iterdir()) == [
        "charts",
        "customers.csv",
        "model",
        "rejected.csv",
        "report.html",
        "report.pdf",
        "scoring.sql",
        "segments.sql",
        "summary.json",
        "timings.json",
    ]


def test_the_summary_keeps_to_its_schema(run: Run) -> None:
    jsonschema.validate(_summary(run.out), summary_schema())


def test_rows_read_are_accepted_plus_rejected_and_every_rejected_one_is_listed(run: Run) -> None:
    data = _summary(run.out)["data"]
    with (run.out / "rejected.csv").open(encoding="utf-8", newline="") as file:
        listed = len(list(csv.DictReader(file)))
    assert data["rows_read"] == data["rows_accepted"] + data["rows_rejected"]  # type: ignore[operator]
    assert data["rows_rejected"] == listed > 0


def test_every_customer_is_in_customers_csv_once(run: Run) -> None:
    customers = pd.read_csv(run.out / "customers.csv", dtype={"customer_id": str})
    assert customers["customer_id"].is_unique
    assert len(customers) == _summary(run.out)["data"]["n_customers"]
    segments = pd.DataFrame(_summary(run.out)["segments"]).set_index("id")["n_customers"]
    counted = customers.loc[customers["segment_id"] >= 0, "segment_id"].value_counts()
    assert counted.to_dict() == segments.to_dict()


def test_truth_takes_no_part_but_is_compared_with(run: Run) -> None:
    header = (run.out / "customers.csv").read_text(encoding="utf-8").splitlines()[0]
    assert "true_segment" not in header
    assert any(row["ari"] is not None for row in _summary(run.out)["comparison"])  # type: ignore[index]


def test_the_sql_places_customers_as_often_as_the_summary_says(run: Run) -> None:
    sql = (run.out / "segments.sql").read_text(encoding="utf-8")
    customers = pd.read_csv(run.out / "customers.csv", dtype={"customer_id": str})
    with duckdb.connect() as connection:
        connection.register("customers", customers)
        placed = connection.execute(sql).df()
    joined = customers.merge(placed, on="customer_id", suffixes=("", "_sql"))
    assigned = joined[joined["segment_id"] >= 0]
    agreement = (assigned["segment_id"] == assigned["segment_id_sql"]).mean()
    assert agreement >= float(str(_summary(run.out)["segmentation"]["tree_fidelity"])) - 0.05


def test_the_same_command_twice_gives_the_same_bytes(run: Run, tmp_path: Path) -> None:
    again = tmp_path / "again"
    assert invoke(*run.arguments(again)).exit_code == 0
    for name in (
        "customers.csv",
        "summary.json",
        "rejected.csv",
        "segments.sql",
        "report.html",
        "report.pdf",
    ):
        assert (again / name).read_bytes() == (run.out / name).read_bytes(), name


def test_the_model_as_sql_places_every_customer_as_the_run_did(run: Run) -> None:
    customers = pd.read_csv(run.out / "customers.csv", dtype={"customer_id": str})
    with duckdb.connect() as connection:
        connection.register("customers", customers)
        placed = connection.execute((run.out / "scoring.sql").read_text(encoding="utf-8")).df()
    joined = customers.merge(placed, on="customer_id", suffixes=("", "_sql"))
    assert (joined["segment_id"] == joined["segment_id_sql"]).all()
    assert (joined["segment_name"] == joined["segment_name_sql"]).all()


def test_two_processes_give_the_same_bytes_for_all_methods(tmp_path: Path) -> None:
    orders = write_sample_store(tmp_path / "store", n_customers=150)["orders"]
    call = [sys.executable, "-m", "coterie", "segment", str(orders), "--n-segments", "4", "--out"]
    seeds = ("1", "2")
    processes = [
        subprocess.Popen(
            [*call, str(tmp_path / seed)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONHASHSEED": seed},
        )
        for seed in seeds
    ]
    assert [process.wait(timeout=600) for process in processes] == [0, 0]
    one, other = (tmp_path / seed for seed in seeds)
    tried = {str(row["method"]) for row in _summary(one)["comparison"]}  # type: ignore[index]
    assert tried == set(ALL_METHODS)
    for name in ("customers.csv", "summary.json"):
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


def test_assign_puts_the_same_customers_where_the_fit_put_them(run: Run, tmp_path: Path) -> None:
    placed = tmp_path / "placed.csv"
    tables = [f"--{role}={run.files[role]}" for role in ("customers", "events", "feedback")]
    done = invoke("assign", str(run.out / "model"), str(run.files["orders"]), *tables, "--out", str(placed))
    assert done.exit_code == 0, done.output
    fitted = pd.read_csv(run.out / "customers.csv", dtype={"customer_id": str})
    columns = ["customer_id", "segment_id", "segment_name", "margin"]
    pd.testing.assert_frame_equal(
        pd.read_csv(placed, dtype={"customer_id": str})[columns], fitted[columns], rtol=0, atol=1e-6
    )


def test_a_folder_with_other_files_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    done = invoke(*run.arguments(tmp_path))
    assert done.exit_code == 4
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_more_segments_than_customers_allow_is_refused_with_the_number_needed(tmp_path: Path) -> None:
    orders = tmp_path / "orders.csv"
    lines = [f"c{i},2024-01-{1 + i % 28:02d},{10 + i}" for i in range(12)]
    orders.write_text("customer_id,date,amount\n" + "\n".join(lines) + "\n")
    done = invoke("segment", str(orders), "--out", str(tmp_path / "out"), "--n-segments", "5")
    assert done.exit_code == 2
    assert "25" in done.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("wait_s", [0.0, 0.7, 1.4])
def test_control_c_leaves_nothing_behind(run: Run, tmp_path: Path, wait_s: float) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    call = [sys.executable, "-m", "coterie", *run.arguments(tmp_path / "out")]
    process = subprocess.Popen(
        call,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(scratch)},
    )
    while not any(scratch.iterdir()):  # its tables lie there while it works
        time.sleep(0.1)
    time.sleep(wait_s)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Cancelled" in said
    assert list(tmp_path.iterdir()) == [scratch]
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("name", ["summary.json", "report.html"])
def test_no_output_names_a_folder_or_the_time(run: Run, name: str) -> None:
    text = (run.out / name).read_text(encoding="utf-8")
    assert str(run.out.parent) not in text


@pytest.mark.usefixtures("brief")
def test_json_prints_the_summary_and_nothing_else(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = invoke(*run.arguments(out), "--json")
    assert json.loads(done.stdout) == _summary(out)
