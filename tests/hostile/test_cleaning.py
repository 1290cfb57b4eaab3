"""Cases 11, 12, 14, 17 and 18 of the hostile inputs: what says nothing, says it twice, or too much."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from coterie.features import build_features, feature_table_from_frame
from coterie.preprocessing import clean
from coterie.sources import read
from tests.reading import read_text, rows


def test_case_11_empty_and_constant_columns_are_dropped_with_a_note(tmp_path: Path) -> None:
    lines = "".join(f"c{i},,same,{i % 3},\n" for i in range(12))
    table = build_features(read_text(tmp_path, "customer_id,nothing,always,children,height\n" + lines))
    assert tuple(table.X.columns) == table.defaults == ("children",)
    assert table.quality is not None
    for name in ("nothing", "always", "height"):
        assert any(f"'{name}'" in note for note in table.quality.notes), name
    assert np.isfinite(table.X.children).all()


def test_case_11_a_constant_feature_of_orders_divides_nothing_by_zero(tmp_path: Path) -> None:
    lines = "".join(f"c{i},o{i},2024-01-0{i % 9 + 1},5\n" for i in range(20))
    table = build_features(read_text(tmp_path, "customer_id,order_id,at,amount\n" + lines))
    assert table.defaults == ("recency_days",)
    assert table.X.n_orders.tolist() == [1] * 20
    assert "gap_mean_days" not in table.X
    assert not table.X.isna().any(axis=None)


def test_case_12_identical_customers_leave_nothing_to_cluster_by(tmp_path: Path) -> None:
    lines = "".join(f"c{i},o{i},2024-01-01,5\n" for i in range(20))
    table = build_features(read_text(tmp_path, "customer_id,order_id,at,amount\n" + lines))
    assert len(table) == 20
    assert table.defaults == ()
    assert list(table.X.columns) == ["recency_days", "n_orders", "monetary"]


def test_case_12_a_frame_of_equal_rows_leaves_nothing_to_cluster_by() -> None:
    table = feature_table_from_frame(pd.DataFrame({"x": [1.0] * 5, "y": ["a"] * 5}))
    assert (len(table), table.X.shape, table.defaults) == (5, (5, 2), ())


def test_case_14_duplicate_lines_count_once_and_the_rule_is_told(tmp_path: Path) -> None:
    lines = "a,1,2024-01-01,5\na,1,2024-01-01,5\na,1,2024-01-01,5\nb,2,2024-01-01,7\n"
    dataset, quality = clean(read_text(tmp_path, "customer_id,order_id,at,amount\n" + lines))
    step = quality.steps[0]
    assert (step.name, step.n_dropped, step.amount_dropped) == ("duplicate lines", 2, 10)
    assert "the first stays: 2" in step.sentence
    assert [row["line"] for row in rows(dataset.transactions)] == [2, 5]


def test_case_14_a_customer_with_two_rows_is_one_customer(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("customer_id,at,amount\na,2024-01-01,5\nb,2024-01-02,6\n")
    (tmp_path / "people.csv").write_text("customer_id,age\na,30\na,31\nb,40\n")
    dataset, quality = clean(read(tmp_path / "orders.csv", customers=tmp_path / "people.csv"))
    table = build_features(dataset, quality=quality)
    assert table.customer_ids.tolist() == ["a", "b"]
    assert table.X.age.tolist() == [31, 40]
    assert dataset.report.files[1].reasons == {"customer appears again on a later line": 1}


def test_case_17_returns_leave_books_that_agree(tmp_path: Path) -> None:
    lines = """\
customer_id,order_id,at,quantity,unit_price,product
kept,100,2024-01-01,3,10,tea
kept,C101,2024-01-05,-1,10,tea
too_much,102,2024-01-01,1,10,tea
too_much,C103,2024-01-05,-5,10,tea
never_bought,C104,2024-01-05,-5,10,tea
cancelled,105,2024-01-02,4,10,mug
cancelled,C106,2024-01-02,-4,10,mug
"""
    dataset, quality = clean(read_text(tmp_path, lines))
    table = build_features(dataset, quality=quality)
    found = dict(zip(table.customer_ids, zip(table.X.monetary, table.X.n_orders, strict=True), strict=True))
    assert found == {"cancelled": (0, 0), "kept": (20, 1), "too_much": (-40, 0)}
    assert table.no_net_spend.tolist() == [True, False, True]
    assert (quality.n_customers, quality.n_no_net_spend) == (3, 2)
    read_in = dataset.report.files[0].money_total
    assert read_in == 30 - 10 + 10 - 50 - 50 + 40 - 40
    assert table.X.monetary.sum() == read_in - sum(step.amount_dropped for step in quality.steps)


def test_case_18_a_free_line_is_no_purchase(tmp_path: Path) -> None:
    lines = "a,1,2024-01-01,5\nb,2,2024-01-01,0\nb,3,2024-01-02,6\nc,4,2024-01-03,0\n"
    dataset, quality = clean(read_text(tmp_path, "customer_id,order_id,at,amount\n" + lines))
    table = build_features(dataset, quality=quality)
    assert table.customer_ids.tolist() == ["a", "b"]
    assert table.X.n_orders.tolist() == [1, 1]


def test_case_18_one_whale_is_warned_of_and_counted_as_an_outlier(tmp_path: Path) -> None:
    lines = "".join(f"c{i:02d},{i},2024-01-{i % 28 + 1:02d},{10 + i}\n" for i in range(40))
    whale = "moby,99,2024-01-05,10000000\n"
    _, quality = clean(read_text(tmp_path, "customer_id,order_id,at,amount\n" + lines + whale))
    assert any(note.startswith("One customer accounts for 100% of all net spend") for note in quality.notes)
    amount = next(c for c in quality.columns if c.column == "amount")
    assert amount.n_outliers == 1
