"""Each command and reading option does what its help says, on files of a few lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest

from coterie.cli.compare import compare_command
from coterie.river import ALL_METHODS
from coterie.segmentation import CLUSTERERS
from coterie.sources import write_sample_store
from tests.cli.conftest import Run, invoke

HEADER = "customer_id,order_id,at,amount\n"


def described(tmp_path: Path, content: str | bytes, *options: str) -> dict[str, Any]:
    """What `coterie describe --json` says of a file of this content."""
    path = tmp_path / "orders.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    done = invoke("describe", str(path), *options, "--json")
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def column(found: dict[str, Any], name: str) -> dict[str, Any]:
    """What is said of the values of a column."""
    [one] = [one for one in found["quality"]["columns"] if one["column"] == name]
    return dict(one)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_sample_store(tmp_path_factory.mktemp("store"), n_customers=60)


def test_describe_tells_rows_columns_and_rejections(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(HEADER + "ann,1,2024-01-02,5\nbob,2,2024-01-03,7.5\nbob,3,2024-02-30,1\n")
    said = invoke("describe", str(path)).stdout
    assert "3 rows read = 2 accepted + 1 rejected, 12.50 of money" in said
    assert "rejected 1: date does not fit the column's format %Y-%m-%d" in said
    assert "2 customers, 0 of them without net spend" in said


def test_one_row_and_one_customer_are_told_in_the_singular(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(HEADER + "ann,1,2024-01-02,5\n")
    said = invoke("describe", str(path)).stdout
    assert "1 row read = 1 accepted + 0 rejected" in said
    assert "\n1 customer, 0 of them" in said


def test_sample_writes_the_files_it_names_the_same_for_the_same_seed(
    tmp_path: Path, store: dict[str, Path]
) -> None:
    done = invoke("sample", str(tmp_path / "shop"), "--customers", "60")
    named = [Path(line) for line in done.stdout.splitlines()]
    assert sorted(named) == sorted((tmp_path / "shop").iterdir())
    assert {path.name: path.read_bytes() for path in named} == {
        path.name: path.read_bytes() for path in store.values()
    }


@pytest.mark.usefixtures("brief")
def test_compare_shows_every_method_and_says_which_it_would_choose(
    tmp_path: Path, store: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    out = tmp_path / "out"
    options = ["--methods", "kmeans,gmm", "--n-segments", "3", "--out", str(out)]
    done = invoke("compare", str(store["orders"]), *options)
    assert done.exit_code == 0, done.output
    methods = [line.split()[0] for line in done.stdout.splitlines() if line.split()[1:2] == ["3"]]
    assert methods == ["kmeans", "gmm"]
    assert "with 3 segments: " in done.stdout
    assert (out / "comparison.csv").read_text().count("\n") == 3


def test_the_help_of_compare_names_every_method_and_which_are_the_default() -> None:
    [told] = [o.help for o in compare_command.params if isinstance(o, click.Option) and o.name == "methods"]
    default, _, by_name = (told or "").removeprefix("Default: ").partition(". By name also ")
    assert tuple(default.split(",")) == ALL_METHODS
    assert {*ALL_METHODS, *by_name.rstrip(".").split(", ")} == set(CLUSTERERS)


@pytest.mark.usefixtures("brief")
def test_demo_ends_with_a_report_to_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    out = tmp_path / "demo"
    done = invoke("demo", "--customers", "60", "--out", str(out))
    assert done.exit_code == 0, done.output
    assert done.stdout.split()[-2:] == ["Open", str(out / "report.html")]
    assert (out / "report.html").is_file()


def test_a_map_file_says_which_column_is_which(tmp_path: Path) -> None:
    names = tmp_path / "names.toml"
    names.write_text('customer_id = "who"\namount = "#3"\n')
    found = described(tmp_path, "who,at,x\nann,2024-01-02,5\n", "--map-file", str(names))
    becomes = {one["column"]: one["becomes"] for one in found["files"][0]["columns"]}
    assert becomes == {"who": "customer_id", "at": "at", "x": "amount"}


def test_a_pair_overrules_the_map_file(tmp_path: Path) -> None:
    names = tmp_path / "names.toml"
    names.write_text('customer_id = "who"\namount = "x"\n')
    options = ["--map-file", str(names), "--map", "amount=y"]
    found = described(tmp_path, "who,at,x,y\nann,2024-01-02,5,7\n", *options)
    assert found["files"][0]["money_total"] == 7


def test_a_map_file_that_is_no_toml_is_refused_by_name(tmp_path: Path) -> None:
    names = tmp_path / "names.toml"
    names.write_text("customer_id: who\n")
    done = invoke("describe", "orders.csv", "--map-file", str(names))
    assert done.exit_code == 2
    assert "names.toml" in done.stderr


def test_an_encoding_overrules_the_guess(tmp_path: Path) -> None:
    content = "customer_id,at,amount,город\nann,2024-01-02,5,Москва\n".encode("cp1251")
    [file] = described(tmp_path, content, "--encoding", "cp1251")["files"]
    assert file["columns"][-1]["column"] == "город"
    assert file["dialect"]["encoding"].startswith("cp1251")


def test_an_encoding_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(HEADER)
    done = invoke("describe", str(tmp_path / "orders.csv"), "--encoding", "klingon")
    assert done.exit_code == 2
    assert "klingon" in done.stderr


def test_a_time_zone_is_that_of_times_which_name_none(tmp_path: Path) -> None:
    content = HEADER + "ann,1,2024-07-01 00:30:00,5\n"
    assert column(described(tmp_path, content), "at")["minimum"].startswith("2024-07-01")
    found = described(tmp_path, content, "--time-zone", "Europe/Berlin")
    assert column(found, "at")["minimum"].startswith("2024-06-30")


def test_a_decimal_mark_settles_what_a_column_leaves_open(tmp_path: Path) -> None:
    content = "customer_id;order_id;at;amount\nann;1;2024-01-02;1.234\n"
    for mark, total in ((",", 1234), (".", 1.234)):
        assert described(tmp_path, content, "--decimal", mark)["files"][0]["money_total"] == total
    done = invoke("describe", str(tmp_path / "orders.csv"))
    assert done.exit_code == 2
    assert "--decimal" in done.stderr


def test_duplicates_are_dropped_unless_they_are_to_be_kept(tmp_path: Path) -> None:
    content = HEADER + "ann,1,2024-01-02,5\n" * 3
    for options, n_dropped in (((), 2), (("--keep-duplicates",), 0)):
        steps = described(tmp_path, content, *options)["quality"]["steps"]
        assert sum(step["n_dropped"] for step in steps) == n_dropped


def test_customers_who_came_after_the_observation_end_are_not_placed(run: Run) -> None:
    placed = {}
    for day in ("2024-06-30", "2025-12-31"):
        call = ["assign", str(run.out / "model"), str(run.files["orders"]), "--observation-end", day]
        done = invoke(*call, "--json")
        assert done.exit_code == 0, done.output
        placed[day] = {json.loads(line)["customer_id"] for line in done.stdout.splitlines()}
    assert placed["2024-06-30"] < placed["2025-12-31"]


def test_an_observation_end_before_every_order_is_refused(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(HEADER + "ann,1,2024-01-02,5\n")
    out = tmp_path / "out"
    done = invoke(
        "segment", str(tmp_path / "orders.csv"), "--observation-end", "2023-01-01", "--out", str(out)
    )
    assert done.exit_code == 2
    assert not out.exists()
