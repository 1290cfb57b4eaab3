"""Customers who vanish or appear between two runs: hostile case 34."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import coterie
from coterie.movement import changes, movement_between
from coterie.segmentation import Segmentation, finish, fit_trial


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    """Sixty customers, an order a month each from January to June, more money the higher the number."""
    days = pd.date_range("2024-01-15", periods=6, freq="30D")
    rows = [(f"c{i:02}", day, 5.0 + i * (1 + i % 3)) for i in range(60) for day in days]
    return pd.DataFrame(rows, columns=["customer_id", "at", "amount"])


def segmented(orders: pd.DataFrame) -> Segmentation:
    table = coterie.build_features(orders)
    return finish(fit_trial(table, "kmeans", n_clusters=3, attributes=["monetary", "n_orders"]), table)


def two_files(orders: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Until April without c50 to c59; all months without c00 to c04, and with two who are new in June."""
    day = orders["at"]
    earlier = orders[(day < "2024-05-01") & (orders.customer_id < "c50")]
    new = pd.DataFrame({"customer_id": ["n1", "n2"], "at": [day.max()] * 2, "amount": [30.0, 40.0]})
    return earlier, pd.concat([orders[orders.customer_id >= "c05"], new], ignore_index=True)


def test_34_customers_who_vanish_or_appear_between_two_files_are_counted(orders: pd.DataFrame) -> None:
    earlier, later = two_files(orders)
    moved = movement_between(segmented(earlier), segmented(later))
    assert (moved.n_lost, moved.n_appeared, moved.n_new) == (5, 10, 2)
    assert moved.matrix().to_numpy().sum() == len(moved.customers) == 50 + 10 + 2
    np.testing.assert_allclose(moved.shares().dropna().sum(axis=1), 1.0)
    told = [change.sentence for change in changes(moved) if change.cause in {"records", "arrivals"}]
    assert sum(int(sentence.split()[0]) for sentence in told) == 17
    assert any("no longer in the data" in sentence for sentence in told)
    assert any("not in the earlier data" in sentence for sentence in told)


def test_34_a_refit_on_a_file_without_the_old_customers_says_who_is_gone(orders: pd.DataFrame) -> None:
    earlier, later = two_files(orders)
    model = segmented(earlier).model
    result, done = coterie.refit(model, later)
    assert len(result.labels) == len(later.customer_id.unique())
    assert done.n_customers == len(result.labels)
    nobody_shared, _ = coterie.refit(model, later.assign(customer_id="x" + later.customer_id))
    assert (nobody_shared.model.predict(nobody_shared.table) == nobody_shared.labels).all()
