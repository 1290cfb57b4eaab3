"""Every feature of the twelve customers can be worked out in the head."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from coterie.errors import NotFoundError, ParameterError
from coterie.features import FeatureSpec, FeatureTable, build_features
from coterie.preprocessing import clean
from coterie.sources import Dataset, InputOptions, read
from tests.reading import read_text

NAMES = ["ann", "bob", "cat", "dan", "eve", "fay", "gus", "hal", "ida", "jon", "kim", "leo"]


@pytest.fixture(scope="module")
def table(twelve: Dataset) -> Iterator[FeatureTable]:
    dataset, quality = clean(twelve)
    yield build_features(dataset, quality=quality)


def test_customers_stand_in_order_and_nothing_is_missing(table: FeatureTable) -> None:
    assert table.customer_ids.tolist() == NAMES
    assert not table.X.isna().any(axis=None)
    assert list(table.X.columns) == [spec.name for spec in table.specs]
    assert table.observation_end == date(2024, 6, 30)
    assert table.defaults == ("recency_days", "n_orders", "monetary")


HAND_WORKED: dict[str, list[float]] = {
    "recency_days": [121, 181, 172, 177, 0, 22, 60, 29, 10, 90, 20, 0],
    "n_orders": [3, 1, 1, 0, 1, 2, 1, 4, 1, 1, 2, 2],
    "monetary": [30, 20, 10, 0, 20, 40, 15, 400, 20, 10, 60, 60],
    "tenure_days": [181, 181, 172, 177, 0, 29, 60, 121, 10, 90, 80, 29],
    "mean_basket": [10, 20, 10, 0, 20, 20, 15, 100, 20, 10, 30, 30],
    "items_per_order": [2, 1, 2, 2, 2, 4, 3, 5, 1, 2, 1, 1],
    "return_share": [0, 0, 20 / 30, 1, 0, 0, 0.25, 0, 0, 0, 0, 0],
    "gap_mean_days": [30, 30, 30, 30, 30, 7, 30, 92 / 3, 30, 30, 60, 29],
    "weekend_share": [0, 0, 0, 0, 1, 1, 0, 0.25, 0, 0, 0, 1],
    "evening_share": [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
    "n_products": [1, 1, 1, 0, 2, 1, 1, 1, 1, 1, 2, 1],
    "share_food": [1, 0, 1, 0, 0.25, 1, 1, 0, 0, 1, 0, 0],
    "share_home": [0, 1, 0, 0, 0.75, 0, 0, 1, 1, 0, 1, 1],
    "n_feedback": [2, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0],
    "mean_rating": [4, 1, 4, 4, 4, 4, 4, 5, 4, 4, 4, 4],
    "age": [30, 40, 50, 60, 20, 30, 40, 50, 60, 20, 40, 40],
}


@pytest.mark.parametrize("name", HAND_WORKED)
def test_a_feature_equals_what_the_head_works_out(table: FeatureTable, name: str) -> None:
    assert table.X[name].tolist() == pytest.approx(HAND_WORKED[name])


def test_the_spread_of_gaps_is_the_sample_deviation(table: FeatureTable) -> None:
    spread = dict(zip(NAMES, table.X.gap_std_days, strict=True))
    assert spread["ann"] == 0
    assert spread["hal"] == pytest.approx(np.std([31, 30, 31], ddof=1))
    assert table.spec("gap_std_days").n_missing == 10


def test_categories_are_the_commonest_value(table: FeatureTable) -> None:
    country = ["France"] * 3 + ["Spain"] * 4 + ["Italy"] * 3 + ["France"] * 2
    assert table.X.country.tolist() == country
    assert table.X.main_channel.tolist() == ["web"] * 3 + ["shop"] * 4 + ["web"] * 4 + ["shop"]
    assert table.X.city.tolist()[-2:] == ["Paris", "(missing)"]
    assert table.spec("city").n_missing == 1


def test_who_kept_nothing_has_no_net_spend(table: FeatureTable) -> None:
    assert [name for name, none in zip(NAMES, table.no_net_spend, strict=True) if none] == ["dan"]


def test_a_constant_feature_is_dropped_with_a_note(table: FeatureTable) -> None:
    assert "n_channels" not in table.X
    assert table.quality is not None
    assert any("'channels used' is the same for everybody" in note for note in table.quality.notes)


def test_net_spend_adds_up_to_the_money_that_cleaning_left(table: FeatureTable) -> None:
    assert table.quality is not None and table.dataset is not None
    read_in = table.dataset.report.files[0].money_total
    assert read_in is not None
    dropped = sum(step.amount_dropped for step in table.quality.steps)
    assert table.X.monetary.sum() == pytest.approx(read_in - dropped)


def test_an_earlier_day_forgets_what_came_later(twelve: Dataset) -> None:
    table = build_features(clean(twelve)[0], observation_end=date(2024, 2, 12))
    assert table.customer_ids.tolist() == ["ann", "bob", "cat", "dan"]
    assert table.X.recency_days.tolist() == [12, 42, 2, 38]
    # The mug of cat goes back three days later; nobody knows that yet.
    assert table.X.n_orders.tolist() == [2, 1, 2, 0]
    assert table.X.monetary.tolist() == [20, 20, 30, 0]
    assert table.X.n_feedback.tolist() == [1, 1, 0, 0]


def test_a_day_before_the_first_purchase_is_refused(twelve: Dataset) -> None:
    with pytest.raises(ParameterError, match="Nobody bought anything up to 2023-01-01"):
        build_features(clean(twelve)[0], observation_end=date(2023, 1, 1))


def test_saved_specs_give_the_same_columns_again(twelve: Dataset, table: FeatureTable) -> None:
    stored = json.loads(json.dumps([asdict(spec) for spec in table.specs]))
    specs = [FeatureSpec(**spec) for spec in stored]
    again = build_features(clean(twelve)[0], specs=specs)
    pd.testing.assert_frame_equal(again.X, table.X)
    assert again.specs == table.specs
    assert again.defaults == table.defaults


def test_saved_specs_fill_what_new_customers_lack(table: FeatureTable, tmp_path: Path) -> None:
    new = read_text(tmp_path, "customer_id,at,amount,country\nzoe,2024-07-01,7,Norway\n")
    assigned = build_features(clean(new)[0], specs=table.specs)
    assert list(assigned.X.columns) == list(table.X.columns)
    row = assigned.X.iloc[0]
    assert (row["monetary"], row["recency_days"], row["age"]) == (7, 0, table.spec("age").fill)
    assert (row["country"], row["city"]) == ("(missing)", "(missing)")


def test_a_level_too_rare_to_stand_alone_is_other_and_so_is_an_unknown_one(tmp_path: Path) -> None:
    towns = [f"town{i:02d}" for i in range(20) for _ in range(21 - i)]
    lines = "".join(f"c{i:04d},{town},{i % 7}\n" for i, town in enumerate(towns))
    table = build_features(read_text(tmp_path, "customer_id,city,children\n" + lines))
    levels = table.spec("city").levels
    assert len(levels) == 13 and "other" in levels
    assert (table.X.city == "other").sum() == sum(town >= "town12" for town in towns)
    lines = "c1,atlantis,1\nc2,town00,2\n"
    new = build_features(read_text(tmp_path, "customer_id,city,children\n" + lines), specs=table.specs)
    assert new.X.city.tolist() == ["other", "town00"]


def people(**columns: Any) -> FeatureTable:
    n = len(next(iter(columns.values())))
    frame = pd.DataFrame({"customer_id": [f"c{i:03d}" for i in range(n)], **columns})
    dataset = read(customers=frame, options=InputOptions())
    return build_features(dataset)


def test_without_orders_all_usable_columns_cluster() -> None:
    n = 100
    table = people(
        income=np.arange(n) * 997.5,
        plan=["gold", "silver"] * 50,
        rarely_known=[1.0, 2.0] * 20 + [None] * 60,
        email=[f"person{i}@shop.com" for i in range(n)],
        remark=[f"note {i % 60} of many" for i in range(n)],
        household=[f"H-{i}" for i in range(n)],
        row_no=range(1, n + 1),
    )
    assert list(table.X.columns) == ["income", "plan", "rarely_known"]
    assert table.defaults == ("income", "plan")
    assert not table.no_net_spend.any()
    assert table.observation_end is None
    assert table.quality is not None
    assert table.quality.n_customers == n
    for name in ("email", "household", "row_no"):
        assert any(f"'{name}'" in note for note in table.quality.notes), name


def test_ages_and_days_count_to_the_observation_end(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(
        "customer_id,at,amount\na,2024-06-15,5\nb,2024-06-10,6\nc,2024-06-01,7\n", encoding="utf-8"
    )
    (tmp_path / "people.csv").write_text(
        "customer_id,birth_date,signed_up\na,2000-06-15,2024-06-05\nb,2000-06-16,2024-01-01\nc,1990-01-01,\n",
        encoding="utf-8",
    )
    table = build_features(read(tmp_path / "orders.csv", customers=tmp_path / "people.csv"))
    assert table.X.age_years.tolist() == [24, 23, 34]
    assert table.X.days_since_signed_up.tolist() == [10, 166, 88]


def test_events_are_counted_in_all_and_by_kind(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(
        "customer_id,at,amount\na,2024-06-15,5\nb,2024-06-10,6\nc,2024-06-01,7\n", encoding="utf-8"
    )
    (tmp_path / "events.csv").write_text(
        "customer_id,at,kind,value\na,2024-06-01,visit,1\na,2024-06-14,visit,3\nb,2024-06-05,add_to_cart,8\n"
        "z,2024-06-05,visit,1\n",
        encoding="utf-8",
    )
    table = build_features(read(tmp_path / "orders.csv", events=tmp_path / "events.csv"))
    assert table.X.n_events.tolist() == [2, 1, 0]
    assert table.X.n_events_visit.tolist() == [2, 0, 0]
    assert table.X.n_events_add_to_cart.tolist() == [0, 1, 0]
    assert table.spec("n_events_add_to_cart").words == "add to cart events"
    assert table.X.mean_event_value.tolist() == [2, 8, 5]
    assert table.X.days_since_event.tolist() == [1, 10, 5.5]


def test_orders_without_dates_have_no_recency(tmp_path: Path) -> None:
    lines = "customer_id,order_id,amount\na,1,5\na,2,6\nb,3,7\n"
    table = build_features(read_text(tmp_path, lines))
    assert table.defaults == ("n_orders", "monetary")
    assert "recency_days" not in table.X
    assert table.X.n_orders.tolist() == [2, 1]


def test_without_order_ids_a_day_is_an_order(tmp_path: Path) -> None:
    lines = "customer_id,at,amount\na,2024-01-01 08:00,5\na,2024-01-01 20:00,6\na,2024-01-02 08:00,1\n"
    table = build_features(read_text(tmp_path, lines))
    assert table.X.n_orders.tolist() == [2]


def test_an_attribute_named_like_a_feature_gets_a_name_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(
        "customer_id,at,amount\na,2024-06-15,5\nb,2024-06-10,6\n", encoding="utf-8"
    )
    (tmp_path / "people.csv").write_text("customer_id,n_orders\na,70\nb,80\n", encoding="utf-8")
    table = build_features(read(tmp_path / "orders.csv", customers=tmp_path / "people.csv"))
    assert table.X.customers_n_orders.tolist() == [70, 80]
    assert table.X.n_orders.tolist() == [1, 1]


def test_a_name_that_is_no_feature_is_answered_with_those_that_are(table: FeatureTable) -> None:
    with pytest.raises(NotFoundError, match="recency_days"):
        table.spec("frequency")
