"""Online Retail and CDNOW: published counts, and books that agree to a cent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coterie.features import FeatureTable, back_test, build_features
from coterie.preprocessing import DataQuality, clean
from coterie.sources import Dataset, read


@dataclass(frozen=True)
class Shop:
    dataset: Dataset
    quality: DataQuality
    table: FeatureTable


@pytest.fixture(scope="module")
def online_retail(real_data: Path) -> Iterator[Shop]:
    dataset, quality = clean(read(real_data / "online_retail" / "OnlineRetail.csv.gz"))
    yield Shop(dataset, quality, build_features(dataset, quality=quality))
    dataset.store.close()


def test_online_retail_has_4338_customers_with_a_purchase(online_retail: Shop) -> None:
    assert online_retail.quality.n_customers == len(online_retail.table) == 4_338
    assert online_retail.quality.n_no_net_spend == online_retail.table.no_net_spend.sum()
    assert online_retail.table.observation_end == date(2011, 12, 9)
    assert online_retail.table.defaults == ("recency_days", "n_orders", "monetary")


def test_online_retail_steps_count_what_is_known_of_the_file(online_retail: Shop) -> None:
    steps = {step.name: step for step in online_retail.quality.steps}
    assert steps["duplicate lines"].n_dropped == 5_225
    assert steps["zero prices"].n_changed == 40
    assert steps["test accounts"].n_dropped == steps["negative prices"].n_dropped == 0
    assert "left out: 34" in steps["customers without purchase"].sentence


def test_online_retail_net_spend_is_the_money_read_less_the_money_dropped(online_retail: Shop) -> None:
    dropped = sum(step.amount_dropped for step in online_retail.quality.steps)
    assert online_retail.table.X.monetary.sum() == pytest.approx(8_300_065.814 - dropped, abs=0.005)


def test_online_retail_features_agree_with_plain_pandas(online_retail: Shop) -> None:
    assert online_retail.dataset.transactions is not None
    lines = online_retail.dataset.transactions.to_pandas()
    kept = lines[lines.net_quantity > 0]
    orders = kept.groupby(["customer_id", "order_id"])["at"].min().dt.normalize().reset_index()
    by_customer = orders.sort_values("at").groupby("customer_id")["at"]
    X = online_retail.table.X.set_axis(online_retail.table.customer_ids)
    recency = (pd.Timestamp("2011-12-09") - by_customer.max()).dt.days
    assert (X.recency_days.loc[recency.index] == recency).all()
    assert (X.n_orders.loc[recency.index] == by_customer.size()).all()
    gaps = by_customer.agg(lambda days: days.diff().dt.days.std()).dropna()
    np.testing.assert_allclose(X.gap_std_days.loc[gaps.index], gaps, atol=1e-9)
    np.testing.assert_allclose(X.monetary, lines.groupby("customer_id").amount.sum().loc[X.index], atol=1e-6)
    products = kept.groupby("customer_id")["product"].nunique()
    assert (X.n_products.loc[products.index] == products).all()


def test_online_retail_back_test_looks_a_third_of_the_span_ahead(online_retail: Shop) -> None:
    found = back_test(online_retail.dataset, quality=online_retail.quality)
    assert found is not None
    assert (found.cut, found.horizon_days) == (date(2011, 8, 7), 124)
    assert len(found.table) == len(found.later_log_spend)
    assert 0.4 < (found.later_log_spend > 0).mean() < 0.8


def test_cdnow_customers_and_orders_are_all_there(real_data: Path) -> None:
    dataset = read(real_data / "cdnow" / "CDNOW_master.txt")
    cleaned, quality = clean(dataset)
    table = build_features(cleaned, quality=quality)
    # 23,570 customers; 68 of them only ever had orders worth nothing.
    assert len(table) == 23_502
    assert not table.no_net_spend.any()
    dropped = sum(step.amount_dropped for step in quality.steps)
    read_in = dataset.report.files[0].money_total
    assert read_in is not None
    assert table.X.monetary.sum() == pytest.approx(read_in - dropped)
    dataset.store.close()
