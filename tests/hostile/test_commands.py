"""Hostile cases from the file to the result folder, through the command a marketer types."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from click.testing import Result

from coterie.delivery import harmless
from tests.cli.conftest import invoke

NAMES = ("<script>alert(1)</script>", '"; DROP TABLE x; --', "a]b", "__proto__", "=cmd()", "{{7*7}}")
FORMULAS = ('=HYPERLINK("http://127.0.0.1")', "+1", "-2", "@SUM(A1:A9)")
SCRIPTS = ("田中さくら", "محمد", "😀👨", "Þórður", "שלום")
HEADER = "customer_id,order_id,at,amount\n"
MIB = 2**20

READ_AND_WEIGH = """
import json, sys, time
from pathlib import Path
from coterie.settings import Settings
from coterie.sources.open import open_raw

table = open_raw(sys.argv[1], settings=Settings())
n_rows = sum(map(len, table.batches))
# Not getrusage: a new process inherits the peak of the one that started it.
status = Path("/proc/self/status").read_text()
peak_kib = int(status.split("VmHWM:")[1].split()[0])
lines = [one.line for one in table.rejected]
print(json.dumps([n_rows, lines, peak_kib, time.process_time()]))
"""


@dataclass(frozen=True)
class Shop:
    """What the command said of a shop whose every name is hostile, and the folder it wrote."""

    done: Result
    out: Path

    def text(self, name: str) -> str:
        return (self.out / name).read_text(encoding="utf-8")

    def customers(self) -> list[dict[str, str]]:
        return list(csv.DictReader(self.text("customers.csv").splitlines()))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("hostile")
    ids = [*FORMULAS, *SCRIPTS, *(f"c{i:03d}" for i in range(111))]
    orders = [HEADER.strip().split(",")]
    for i, one in enumerate(ids):
        for j in range(1 + i % 3 * 3):
            orders.append(
                [one, f"o{i}-{j}", f"2024-{1 + (i + j) % 12:02d}-{1 + i % 28:02d}", str(10 * (i % 3) + 5 + j)]
            )
    orders.append(["c000", "over", "2024-01-01", "1e400"])
    people = [
        ["customer_id", *NAMES],
        *([one, *(str(i % (3 + n)) for n in range(len(NAMES)))] for i, one in enumerate(ids)),
    ]
    for name, rows in (("orders", orders), ("people", people)):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    attributes = ",".join(("n_orders", "monetary", *NAMES))
    files = [str(folder / "orders.csv"), "--customers", str(folder / "people.csv")]
    options = ["--method", "kmeans", "--n-segments", "3", "--attributes", attributes]
    return Shop(invoke("segment", *files, *options, "--out", str(folder / "out")), folder / "out")


def test_01_an_empty_file_a_header_alone_and_one_row_end_in_a_sentence(tmp_path: Path) -> None:
    for content, said in (
        ("", "coterie: The file is empty (orders.csv)."),
        (HEADER, "coterie: The table has column names but no rows (orders.csv)."),
        (
            HEADER + "ann,1,2024-01-02,5\n",
            "Only 1 customer with spend, and segments need 10. Give more customers.",
        ),
    ):
        path = tmp_path / "orders.csv"
        path.write_text(content)
        done = invoke("segment", str(path), "--out", str(tmp_path / "out"))
        assert done.exit_code == 2
        assert done.stderr.splitlines()[-1].endswith(said)
        assert not (tmp_path / "out").exists()
    assert invoke("describe", str(path)).exit_code == 0


def test_07_an_unclosed_quote_in_200_mb_costs_one_line_little_memory_and_little_time(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    block = "".join(f"c{i},{i},2024-01-02,5,{'plain text to fill the line ' * 7}\n" for i in range(10_000))
    with path.open("w") as file:
        file.write('customer_id,order_id,at,amount,note\na,1,2024-01-02,5,"never closed\n')
        for _ in range(100):
            file.write(block)
        file.write('b,2,2024-01-02,5,"nor this\n')
    assert path.stat().st_size > 200 * MIB
    done = subprocess.run(
        [sys.executable, "-c", READ_AND_WEIGH, str(path)], capture_output=True, check=True, text=True
    )
    n_rows, lines, rss_kib, cpu_s = json.loads(done.stdout)
    assert (n_rows, lines) == (1_000_000, [2, 1_000_003])
    assert rss_kib < 400 * 1024
    assert cpu_s < 30


@pytest.mark.parametrize("number", ["0", "1", "51", "1000000000"])
def test_13_a_number_of_segments_out_of_range_is_refused_with_the_range(number: str, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(HEADER + "".join(f"c{i},{i},2024-01-{1 + i % 28:02d},{i}\n" for i in range(60)))
    done = invoke("segment", str(path), "--out", str(tmp_path / "out"), "--n-segments", number)
    assert done.exit_code == 2
    assert f"between 2 and 50, not {number}" in done.stderr


def test_09_hostile_names_of_columns_are_only_names_in_every_output(shop: Shop) -> None:
    assert shop.done.exit_code == 0, shop.done.output
    header = list(shop.customers()[0])
    assert {harmless(name) for name in NAMES} <= set(header)
    report = shop.text("report.html")
    assert "<script>alert" not in report
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in report
    assert "{{7*7}}" in report


def test_09_the_sql_quotes_hostile_names(shop: Shop) -> None:
    customers = pd.read_csv(shop.out / "customers.csv", dtype={"customer_id": str})
    customers = customers.rename(columns={str(harmless(name)): name for name in NAMES})
    with duckdb.connect() as connection:
        connection.register("customers", customers)
        placed = connection.execute(shop.text("segments.sql")).df()
    assert len(placed) == len(customers)
    assert set(placed["segment_name"]) == set(customers["segment_name"])


def test_15_no_output_holds_a_number_that_is_none(shop: Shop) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    summary = json.loads(shop.text("summary.json"), parse_constant=refuse)
    assert summary["data"]["rows_rejected"] == 1
    cells = {cell.lower() for row in shop.customers() for cell in row.values()}
    assert not cells & {"nan", "inf", "-inf"}
    assert "1e400" in shop.text("rejected.csv")


def test_24_ids_of_any_script_come_out_as_they_went_in(shop: Shop) -> None:
    assert set(SCRIPTS) <= {row["customer_id"] for row in shop.customers()}


def test_33_the_same_file_named_twice_counts_its_revenue_once(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(HEADER + "".join(f"c{i},{i},2024-01-02,{i}\n" for i in range(1, 11)))
    again = tmp_path / "again.csv"
    again.write_bytes(path.read_bytes())
    done = invoke("describe", str(path), str(again), "--json")
    quality = json.loads(done.stdout)["quality"]
    assert (quality["steps"][0]["n_dropped"], quality["steps"][0]["amount_dropped"]) == (10, 55)


def test_35_ids_that_look_like_formulas_are_neutralised_and_negative_numbers_are_not(shop: Shop) -> None:
    ids = [row["customer_id"] for row in shop.customers()]
    assert {"'" + formula for formula in FORMULAS} <= set(ids)
    assert not any(one.startswith(("=", "+", "-", "@")) for one in ids)
