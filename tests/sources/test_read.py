from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from coterie.errors import NotFoundError, ParameterError, SchemaError
from coterie.sources import Dataset, InputOptions, read
from tests.reading import column, read_text, rows


def test_the_twelve_are_read_to_the_last_cent(twelve: Dataset) -> None:
    report = twelve.report
    assert [f.role for f in report.files] == ["transactions", "customers", "feedback"]
    assert (report.rows_read, report.rows_accepted, report.rows_rejected) == (43, 43, 0)
    assert report.files[0].money_total == 705
    assert len(set(column(twelve, "row_digest"))) == 26
    assert column(twelve, "rating", role="feedback") == [5, 3, 1, 5]


def test_several_files_of_orders_are_appended(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("customer_id,order_id,amount\na,1,5\n")
    (tmp_path / "b.csv").write_text("Customer,Order,Total,Country\nb,2,7,France\n,3,8,Spain\n")
    dataset = read(tmp_path / "a.csv", tmp_path / "b.csv")
    found = {(r["customer_id"], r["amount"], r["country"]) for r in rows(dataset.transactions)}
    assert found == {("a", 5.0, None), ("b", 7.0, "France")}
    assert [r["source"] for r in rows(dataset.report.rejected)] == ["b.csv"]


def test_a_role_that_is_given_is_not_guessed(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text("customer_id,order_id,amount\na,1,5\n")
    (tmp_path / "e.csv").write_text("customer_id,date,what\na,2024-01-05,click\n")
    dataset = read(tmp_path / "o.csv", events=tmp_path / "e.csv")
    assert [f.role for f in dataset.report.files] == ["transactions", "events"]


def test_two_tables_of_customers_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,age\n1,30\n2,40\n")
    with pytest.raises(SchemaError, match="several tables of customers"):
        read(tmp_path / "a.csv", customers=tmp_path / "a.csv")


def test_a_frame_reads_like_a_file() -> None:
    frame = pd.DataFrame({"customer_id": [17850.0, 17851.0], "order_id": [1, 2], "amount": [1.5, None]})
    dataset = read(frame)
    assert column(dataset, "customer_id") == ["17850"]
    assert dataset.report.files[0].reasons == {"no amount": 1}


def test_a_table_without_header_needs_a_mapping_by_number(tmp_path: Path) -> None:
    content = (
        " 00004 0001 19970101  2   29.33\n 00004 0001 19970118  2   29.73\n 00021 0002 19970101  3   63.34\n"
    )
    with pytest.raises(SchemaError, match="--map customer_id=#1"):
        read_text(tmp_path, content, name="sample.txt")
    mapping = {"customer_id": "#1", "at": "#3", "quantity": "#4", "amount": "#5"}
    dataset = read_text(tmp_path, content, name="sample.txt", mapping=mapping)
    assert column(dataset, "customer_id") == ["00004", "00004", "00021"]
    assert dataset.report.files[0].money_total == 122.4


def test_a_number_in_a_mapping_is_meant_for_the_file_without_header(tmp_path: Path) -> None:
    (tmp_path / "o.txt").write_text("7 20240105 5\n8 20240106 6\n7 20240107 7\n")
    (tmp_path / "c.csv").write_text("age,id\n30,7\n40,8\n")
    mapping = {"customer_id": "#1", "at": "#2", "amount": "#3"}
    dataset = read(tmp_path / "o.txt", customers=tmp_path / "c.csv", options=InputOptions(mapping=mapping))
    assert column(dataset, "customer_id", role="customers") == ["7", "8"]


def test_an_unknown_canonical_name_or_option_is_refused() -> None:
    with pytest.raises(SchemaError, match="customer_id"):
        InputOptions(mapping={"customer": "x"})
    with pytest.raises(ParameterError, match="dmy, mdy, ymd"):
        InputOptions(date_order="dym")  # type: ignore[arg-type]


def test_nothing_and_a_missing_file_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="nothing to read"):
        read()
    with pytest.raises(NotFoundError):
        read(tmp_path / "absent.csv")


def test_two_files_in_different_currencies_are_not_added(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("customer_id,order_id,amount\na,1,€5\n")
    (tmp_path / "b.csv").write_text("customer_id,order_id,amount\na,1,$5\n")
    with pytest.raises(SchemaError, match="different currencies"):
        read(tmp_path / "a.csv", tmp_path / "b.csv")


def test_the_same_file_has_the_same_fingerprint_and_a_changed_cell_another(tmp_path: Path) -> None:
    content = "customer_id,order_id,amount\na,1,5\nb,2,6\n"
    prints = [read_text(tmp_path, text).fingerprint for text in (content, content, content.replace("6", "7"))]
    assert prints[0] == prints[1] != prints[2]
    mapping = {"customer_id": "order_id", "order_id": "customer_id"}
    remapped = read_text(tmp_path, content, mapping=mapping)
    assert remapped.fingerprint != prints[0]


def test_progress_is_told_from_begin_to_end(tmp_path: Path) -> None:
    told: list[float] = []
    (tmp_path / "a.csv").write_text("customer_id,order_id,amount\na,1,5\n")
    read(tmp_path / "a.csv", progress=lambda _, share: told.append(share))
    assert told[0] == 0
    assert told[-1] == 1
    assert told == sorted(told)


def test_only_the_tables_of_the_dataset_stay_in_the_store(tmp_path: Path) -> None:
    orders = tmp_path / "orders.csv"
    orders.write_text("customer_id,date,amount\nann,2024-01-01,5\nbob,2024-01-02,7\n")
    dataset = read(orders)
    assert {path.stem for path in dataset.store.folder.glob("*.parquet")} == {"typed_0", "rejected"}
    dataset.store.close()


def test_importing_the_stage_loads_no_engine() -> None:
    code = (
        "import sys, coterie.sources; print([m for m in ('ibis', 'pandas', 'pyarrow') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
