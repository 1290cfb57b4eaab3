"""The back-test knows nothing of what came after its cut."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from coterie.features import BackTest, back_test
from coterie.preprocessing import clean
from coterie.sources import Dataset
from tests.reading import read_text


def back_tested(folder: Path, lines: str) -> BackTest | None:
    return back_test(clean(read_text(folder, "customer_id,order_id,at,amount\n" + lines))[0])


def test_later_spend_is_what_was_paid_after_the_cut(tmp_path: Path) -> None:
    start = date(2023, 1, 1)
    days = {"a": [0, 100, 250, 300], "b": [10, 199, 201], "c": [250], "d": [5]}
    orders = [(name, start + timedelta(days=day)) for name, listed in days.items() for day in listed]
    lines = "".join(f"{name},{i},{day},{10 + i}\n" for i, (name, day) in enumerate(orders))
    found = back_tested(tmp_path, lines + f"b,R,{start + timedelta(days=290)},-500\n")
    assert found is not None
    assert (found.cut, found.horizon_days) == (start + timedelta(days=200), 100)
    assert found.table.customer_ids.tolist() == ["a", "b", "d"]
    assert found.table.X.recency_days.tolist() == [100, 1, 195]
    assert found.table.X.n_orders.tolist() == [2, 2, 1]
    # b gave back more than was bought after the cut: nothing was spent.
    assert found.later_log_spend.tolist() == pytest.approx([np.log1p(12 + 13), 0, 0])


def test_the_cut_is_at_most_180_days_before_the_end(tmp_path: Path) -> None:
    found = back_tested(tmp_path, "a,1,2022-01-01,5\nb,2,2024-01-01,5\n")
    assert found is not None
    assert (found.cut, found.horizon_days) == (date(2024, 1, 1) - timedelta(days=180), 180)


def test_less_than_270_days_give_no_back_test(tmp_path: Path) -> None:
    assert back_tested(tmp_path, "a,1,2024-01-01,5\nb,2,2024-09-26,5\n") is None


def test_orders_without_dates_give_no_back_test(tmp_path: Path) -> None:
    dataset = read_text(tmp_path, "customer_id,order_id,amount\na,1,5\nb,2,7\n")
    assert back_test(clean(dataset)[0]) is None


def test_the_twelve_span_too_few_days(twelve: Dataset) -> None:
    assert back_test(clean(twelve)[0]) is None
