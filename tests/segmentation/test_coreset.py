"""A coreset stands for all customers."""

from __future__ import annotations

from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest

from coterie.errors import InputError
from coterie.segmentation import Transform, draw_coreset


def customers(n: int = 30_000, *, seed: int = 0) -> pd.DataFrame:
    """A skewed, a symmetric and a counted column, and a half percent of customers far away."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "customer_id": [f"{i:07}" for i in range(n)],
            "spend": random.lognormal(3, 1, n),
            "age": random.normal(40, 10, n),
            "orders": random.poisson(2, n).astype(float),
        }
    )
    frame.loc[frame.index[: n // 200], "age"] = random.normal(200, 5, n // 200)
    return frame


def stored(frame: pd.DataFrame, folder: Path) -> ibis.Table:
    frame.to_parquet(folder / "customers.parquet")
    return ibis.duckdb.connect().read_parquet(folder / "customers.parquet")


COLUMNS = ["spend", "age", "orders"]


def test_the_space_is_that_of_all_customers(tmp_path: Path) -> None:
    frame = customers()
    ours = draw_coreset(stored(frame, tmp_path), COLUMNS, weights={"age": 3.0}).transform
    whole = Transform().fit(frame[COLUMNS], weights={"age": 3.0})
    np.testing.assert_allclose(ours.apply(frame), whole.apply(frame), rtol=1e-9, atol=1e-9)
    assert ours.variances == pytest.approx(whole.variances)


def test_the_weights_stand_for_all_customers_and_their_means(tmp_path: Path) -> None:
    frame = customers()
    drawn = draw_coreset(stored(frame, tmp_path), COLUMNS, n_rows=3000)
    assert 2700 < len(drawn.rows) < 3300
    assert drawn.weights.sum() == pytest.approx(len(frame), rel=0.05)
    mean = np.average(drawn.coordinates(), axis=0, weights=drawn.weights)
    np.testing.assert_allclose(mean, 0.0, atol=0.06)


def test_customers_far_away_are_drawn_more_often(tmp_path: Path) -> None:
    drawn = draw_coreset(stored(customers(), tmp_path), COLUMNS, n_rows=3000)
    far = (drawn.rows["age"] > 150).to_numpy()
    assert far.sum() > 3 * 3000 / 200
    assert drawn.weights[far].sum() == pytest.approx(150, rel=0.3)


def test_a_small_table_is_its_own_coreset(tmp_path: Path) -> None:
    frame = customers(500)
    drawn = draw_coreset(stored(frame, tmp_path), COLUMNS)
    pd.testing.assert_frame_equal(drawn.rows, frame[COLUMNS], check_dtype=False)
    assert (drawn.weights == 1.0).all()


def test_the_draw_depends_on_ids_and_random_state_not_on_the_order_of_rows(tmp_path: Path) -> None:
    frame = customers()
    here, there = tmp_path / "a", tmp_path / "b"
    here.mkdir()
    there.mkdir()
    first = draw_coreset(stored(frame, here), COLUMNS, n_rows=1000)
    shuffled = draw_coreset(stored(frame.sample(frac=1, random_state=1), there), COLUMNS, n_rows=1000)
    pd.testing.assert_frame_equal(first.rows, shuffled.rows)
    other = draw_coreset(stored(frame, here), COLUMNS, n_rows=1000, random_state=1)
    assert not first.rows.head(50).equals(other.rows.head(50))


def test_a_missing_value_is_refused_with_the_name_of_its_column(tmp_path: Path) -> None:
    frame = customers(100)
    frame.loc[3, "age"] = np.nan
    with pytest.raises(InputError, match="age is missing"):
        draw_coreset(stored(frame, tmp_path), COLUMNS)


def test_an_empty_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no customers"):
        draw_coreset(stored(customers(100).head(0), tmp_path), COLUMNS)
