"""Online Retail, lists made at the end of August 2011: recall@20 / min(20, products to be found)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from coterie.prediction import ProductTest, basket_rules, check_products, recommend_products
from coterie.preprocessing import clean
from coterie.sources import Dataset, read

CUT = date(2011, 8, 31)


@pytest.fixture(scope="module")
def online_retail(real_data: Path) -> Iterator[Dataset]:
    dataset, _ = clean(read(real_data / "online_retail" / "OnlineRetail.csv.gz"))
    yield dataset
    dataset.store.close()


def test_products_new_to_a_customer_are_found_twice_as_often_as_by_popularity(online_retail: Dataset) -> None:
    found = check_products(online_retail, "discover", cut=CUT)
    assert isinstance(found, ProductTest)
    assert (found.method, found.baseline, found.list_length) == ("EASE", "popularity", 20)
    assert found.recalls["EASE"] >= 0.120
    assert found.recalls["EASE"] >= 2.2 * found.recalls["popularity"]


def test_what_customers_buy_next_is_found_more_often_than_by_their_own_habits(online_retail: Dataset) -> None:
    found = check_products(online_retail, "replenish", cut=CUT)
    assert isinstance(found, ProductTest)
    assert found.baseline == "personal frequency"
    assert found.recalls[found.method] >= 0.335
    assert found.beats_baseline


def test_lists_carry_reasons_and_due_days(online_retail: Dataset) -> None:
    found = recommend_products(online_retail, mode="replenish", customers=["12347", "14911"], n=5)
    assert found.recommendations.groupby("customer_id").size().tolist() == [5, 5]
    assert found.recommendations["reason"].str.match(r"bought|people who bought").all()
    assert set(found.due["customer_id"]) == {"12347", "14911"}
    assert found.method == "EASE + personal frequency"


def test_sets_of_one_design_are_the_strongest_rules(online_retail: Dataset) -> None:
    rules = basket_rules(online_retail)
    assert (rules["n_baskets"] >= 20).all()
    assert (rules["q"] < 0.05).all()
    first = rules.iloc[0]
    assert {first["product"], first["with_product"]} == {"84531A", "84531B"}
