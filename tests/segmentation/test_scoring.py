"""The model as SQL gives every customer the segment the model gives."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import numpy as np
import pandas as pd
import pytest

from coterie.errors import ParameterError
from coterie.features import FeatureTable
from coterie.segmentation import CLUSTERERS, Model, can_be_sql, fit_trial, scoring_sql
from tests.segmentation.shops import mixed, shop, table_of


def fitted(table: FeatureTable, method: str, k: int = 4) -> Model:
    model = fit_trial(table, method, n_clusters=k).model
    assert model is not None
    return model


def scored(model: Model, table: FeatureTable) -> pd.DataFrame:
    """What DuckDB answers, in the order of the customers."""
    frame = table.X.astype(dict.fromkeys(table.X.select_dtypes("category"), str))
    frame.insert(0, "customer_id", table.customer_ids)
    connection = duckdb.connect()
    connection.register("my customers", frame)
    answer: pd.DataFrame = connection.execute(scoring_sql(model, "my customers")).fetch_df()
    return answer.set_index("customer_id").loc[list(table.customer_ids)]


@pytest.mark.parametrize("method", ["kmeans", "gmm"])
@pytest.mark.parametrize("make", [shop, mixed])
def test_sql_gives_every_customer_the_segment_of_the_model(method: str, make: type) -> None:
    table = make(3000, seed=1)
    everyone = table.rows(~table.no_net_spend)
    model = fitted(everyone, method)
    answer = scored(model, everyone)
    np.testing.assert_array_equal(answer["segment_id"], model.predict(everyone))
    assert list(answer["segment_name"]) == list(model.assign(everyone)["segment_name"])


@pytest.mark.parametrize("method", ["kmeans", "gmm"])
def test_sql_bends_columns_that_lean_to_the_left_as_the_model_does(method: str) -> None:
    random = np.random.default_rng(3)
    table = table_of(
        {"left": 5.0 - random.gamma(1.0, 2.0, 2000), "right": random.gamma(1.0, 2.0, 2000) - 1.0}
    )
    model = fitted(table, method)
    np.testing.assert_array_equal(scored(model, table)["segment_id"], model.predict(table))


def test_a_level_the_model_never_saw_is_placed_as_the_model_places_it() -> None:
    model = fitted(mixed(), "kmeans")
    others = mixed(200, seed=7)
    others = replace(others, X=others.X.assign(city=pd.Categorical(["Oslo"] * 200)))
    np.testing.assert_array_equal(scored(model, others)["segment_id"], model.predict(others))


def test_who_spent_nothing_is_in_no_segment() -> None:
    table = shop()
    bought = tuple(replace(spec, source="transactions") for spec in table.specs)
    X = table.X.assign(monetary=table.X["monetary"].where(~table.no_net_spend, -3.0))
    table = replace(table, specs=bought, X=X)
    model = fitted(table, "kmeans")
    answer = scored(model, table)
    np.testing.assert_array_equal(answer["segment_id"], model.predict(table))
    assert set(answer["segment_name"][table.no_net_spend]) == {"No net spend"}


@pytest.mark.parametrize("method", [name for name in CLUSTERERS if name not in ("kmeans", "gmm", "tpa")])
def test_a_rule_without_centres_is_refused_with_what_to_use_in_its_place(method: str) -> None:
    model = fitted(shop(), method)
    assert not can_be_sql(model)
    with pytest.raises(ParameterError, match=r"segments\.sql"):
        scoring_sql(model)


def test_names_with_quotes_are_text_and_nothing_else() -> None:
    table = table_of({'a"b': np.arange(30.0), "c'd": ["x'); DROP TABLE t; --"] * 15 + ["y"] * 15})
    model = fitted(table, "kmeans", 2).with_names({0: "O'Hara"})
    answer = scored(model, table)
    np.testing.assert_array_equal(answer["segment_id"], model.predict(table))
    assert "O'Hara" in set(answer["segment_name"])
