"""Online Retail in the five segments that are chosen: rules, tree and figures hold what they promise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest

from coterie.features import build_features
from coterie.knowledge import Knowledge, name_segments, profile_segments
from coterie.preprocessing import clean
from coterie.segmentation import Segmentation, finish, fit_trial
from coterie.sources import read


@pytest.fixture(scope="module")
def retail(real_data: Path) -> Iterator[Segmentation]:
    dataset, quality = clean(read(str(real_data / "online_retail" / "OnlineRetail.csv.gz")))
    table = build_features(dataset, quality=quality)
    yield name_segments(finish(fit_trial(table, "kmeans", n_clusters=5), table))
    dataset.store.close()


@pytest.fixture(scope="module")
def known(retail: Segmentation) -> Knowledge:
    return profile_segments(retail)


def test_the_segments_have_names_a_marketer_would_use(known: Knowledge) -> None:
    names = ["Champions, many orders", "Champions, recent", "Hibernating", "Promising", "Lost"]
    assert [profile.name for profile in known.profiles] == names
    assert known.headline == "5 segments; 6.1% of customers (Champions, many orders) bring 48% of revenue"
    assert known.unassigned == {"No net spend": 21}


def test_every_rule_and_the_tree_reach_their_bars(known: Knowledge) -> None:
    for profile in known.profiles:
        assert len(profile.rule.conditions) <= 4
        assert (profile.rule.precision or 0) >= 0.80
        assert (profile.rule.recall or 0) >= 0.70
    assert known.tree.n_leaves <= 10
    assert (known.tree.fidelity or 0) >= 0.88


def test_the_sql_puts_every_customer_where_python_does(retail: Segmentation, known: Knowledge) -> None:
    X = retail.table.X.assign(row_number=np.arange(len(retail.table)))
    with duckdb.connect() as connection:
        connection.register("customers", X.astype({"country": object}))
        told = connection.execute(known.tree.sql()).df().sort_values("row_number")
    np.testing.assert_array_equal(told["segment_id"].to_numpy(), known.tree.predict(X))


def test_products_are_those_bought_by_more_members_than_customers_at_large(
    retail: Segmentation, known: Knowledge
) -> None:
    dataset = retail.table.dataset
    assert dataset is not None
    assert dataset.transactions is not None
    lines = dataset.transactions
    lines = lines.filter(lines.is_purchase, lines.net_quantity > 0)
    pairs = lines.select("customer_id", "product").distinct().to_pandas()
    segment = dict(zip(retail.table.customer_ids, retail.labels, strict=True))
    of_buyers = pairs.customer_id.map(segment)
    for profile in known.profiles:
        assert len(profile.products) <= 5
        for product in profile.products:
            bought = pairs["product"] == product.product
            n_members = int((of_buyers[bought] == profile.segment_id).sum())
            everywhere = bought.sum() / len(retail.table)
            assert product.n_buyers == n_members >= 20
            lift = (n_members + 20 * everywhere) / (profile.n_customers + 20) / everywhere
            assert product.lift == pytest.approx(lift)
            assert product.lift >= 1.2
