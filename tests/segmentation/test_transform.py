"""Raw units to a space where distance means difference."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import pdist
from scipy.stats import skew

from coterie.errors import InputError, NotFoundError, ParameterError
from coterie.segmentation import Transform
from coterie.segmentation.scales import NumberScale
from tests.segmentation.shops import mixed, shop

X = shop().X
MIXED = mixed().X


def placed(frame: pd.DataFrame, **options: Any) -> np.ndarray:
    return Transform().fit(frame, **options).apply(frame)


def bend(values: object) -> str:
    scale = Transform().fit(pd.DataFrame({"x": values})).scales[0]
    assert isinstance(scale, NumberScale)
    return scale.bend


def test_numbers_leave_with_mean_zero_and_deviation_one() -> None:
    Z = placed(X)
    assert_allclose(Z.mean(axis=0), 0, atol=1e-12)
    assert_allclose(Z.std(axis=0), 1)


def test_skewed_amounts_are_taken_by_their_logarithm() -> None:
    money = np.random.default_rng(0).lognormal(3, 1, 500)
    logs = np.log1p(money)
    assert bend(money) == "log1p"
    assert_allclose(placed(pd.DataFrame({"x": money}))[:, 0], (logs - logs.mean()) / logs.std())


def test_a_symmetric_column_is_not_bent() -> None:
    assert bend(np.random.default_rng(0).normal(size=500)) == "none"


@pytest.mark.parametrize("side", [-1, 1])
def test_other_skewed_columns_are_bent_towards_symmetry(side: int) -> None:
    x = side * np.random.default_rng(0).lognormal(0, 0.8, 500) - side * 2
    assert bend(x) == "yeo-johnson"
    assert abs(skew(placed(pd.DataFrame({"x": x}))[:, 0])) < 0.2


def test_later_values_below_zero_count_as_zero_on_a_log_scale() -> None:
    fitted = Transform().fit(pd.DataFrame({"x": [0.0, 1.0, 1.0, 2.0, 900.0]}))
    assert_array_equal(fitted.apply(pd.DataFrame({"x": [-5.0]})), fitted.apply(pd.DataFrame({"x": [0.0]})))


@pytest.mark.parametrize("value", [0.0, -7.0, 1e300, 0.1])
@pytest.mark.parametrize("n", [1, 2, 50])
def test_a_constant_column_becomes_zero(value: float, n: int) -> None:
    assert_array_equal(placed(pd.DataFrame({"x": [value] * n})), np.zeros((n, 1)))


def test_one_customer_with_everything_can_be_placed() -> None:
    one = MIXED.iloc[:1]
    assert np.isfinite(placed(one)).all()


@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=20))
def test_any_finite_numbers_are_placed_at_finite_points(values: list[float]) -> None:
    assert np.isfinite(placed(pd.DataFrame({"x": values}))).all()


@pytest.mark.parametrize("hole", [np.nan, np.inf])
def test_a_missing_or_infinite_number_is_refused_by_name(hole: float) -> None:
    with pytest.raises(InputError, match="age has missing"):
        Transform().fit(pd.DataFrame({"age": [1.0, hole]}))


def test_no_customers_are_refused() -> None:
    with pytest.raises(InputError, match="no customers"):
        Transform().fit(pd.DataFrame({"x": np.zeros(0)}))


@given(st.lists(st.floats(0.01, 100), min_size=4, max_size=4))
def test_a_weight_multiplies_the_squared_difference(given_weights: list[float]) -> None:
    plain = placed(X)
    weights = dict(zip(X, given_weights, strict=True))
    normal = np.array(given_weights) / sum(given_weights) * len(given_weights)
    expected = (((plain[0] - plain[1:]) ** 2) * normal).sum(axis=1)
    weighted = placed(X, weights=weights)
    assert_allclose(((weighted[0] - weighted[1:]) ** 2).sum(axis=1), expected, rtol=1e-9)


@pytest.mark.parametrize("frame", [X, MIXED])
@pytest.mark.parametrize("position", [0, 2])
def test_weight_zero_equals_dropping_the_column(frame: pd.DataFrame, position: int) -> None:
    name = frame.columns[position]
    weights = {frame.columns[1]: 3.0}
    without = placed(frame.drop(columns=name), weights=weights)
    assert_allclose(placed(frame, weights={**weights, name: 0.0}), without, atol=1e-9)


@pytest.mark.parametrize(("frame", "name"), [(X, "monetary"), (MIXED, "city"), (MIXED, "income")])
def test_a_column_given_twice_equals_weight_two(frame: pd.DataFrame, name: str) -> None:
    twice = frame.assign(again=frame[name])
    # All weights sum to the number of columns, so distances agree up to that one factor.
    factor = np.sqrt(len(twice.columns) / len(frame.columns))
    doubled = placed(frame, weights={name: 2.0}, n_clusters=4)
    assert_allclose(pdist(placed(twice, n_clusters=4)), pdist(doubled) * factor, atol=1e-9)


def test_equal_weights_of_any_size_change_nothing() -> None:
    assert_allclose(placed(X, weights=dict.fromkeys(X.columns, 7.0)), placed(X))


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_a_weight_below_zero_or_not_a_number_is_refused(weight: float) -> None:
    with pytest.raises(ParameterError, match="monetary"):
        Transform().fit(X, weights={"monetary": weight})


def test_weights_that_are_all_zero_are_refused() -> None:
    with pytest.raises(ParameterError, match="All weights"):
        Transform().fit(X, weights=dict.fromkeys(X.columns, 0.0))


def test_a_weight_of_an_unknown_attribute_is_refused_with_the_known_ones() -> None:
    with pytest.raises(NotFoundError, match=r"'shoe_size'.*recency_days"):
        Transform().fit(X, weights={"shoe_size": 1.0})


def test_a_category_becomes_indicators_minus_share_over_root_share() -> None:
    frame = pd.DataFrame({"city": ["Rome"] * 3 + ["Paris"]})
    (scale,) = Transform().fit(frame).scales
    expected = [[0.75 / np.sqrt(0.25), -0.75 / np.sqrt(0.75)], [-0.25 / np.sqrt(0.25), 0.25 / np.sqrt(0.75)]]
    assert_allclose(scale.place(pd.Series(["Paris", "Rome"])), expected)


def test_levels_rarer_than_one_percent_are_pooled() -> None:
    cities = ["Rome"] * 150 + ["Paris"] * 46 + ["Lyon", "Nice", "Metz", "Brest"]
    fitted = Transform().fit(pd.DataFrame({"city": cities}))
    assert fitted.scales[0].levels == ("Paris", "Rome", "(other)")  # type: ignore[union-attr]
    rare, unseen = fitted.apply(pd.DataFrame({"city": ["Lyon", "Oslo"]}))
    assert_array_equal(rare, unseen)


def test_an_unseen_level_without_a_pool_says_nothing() -> None:
    (scale,) = Transform().fit(MIXED[["city"]]).scales
    assert_array_equal(scale.place(pd.Series(["Oslo", None], dtype=object)), np.zeros((2, 3)))


@pytest.mark.parametrize(("k", "kept"), [(2, 2), (3, 2), (4, 3), (9, 5), (None, 4)])
def test_categories_leave_as_principal_components(k: int | None, kept: int) -> None:
    assert placed(MIXED, n_clusters=k).shape[1] == kept


def test_more_than_ten_components_are_never_kept() -> None:
    random = np.random.default_rng(0)
    wide = pd.DataFrame({f"q{i}": random.choice(list("abcd"), 200) for i in range(8)})
    assert placed(wide, n_clusters=30).shape[1] == 10


def test_numbers_alone_are_not_rotated() -> None:
    assert placed(X, n_clusters=3).shape[1] == X.shape[1]


def test_the_order_of_the_customers_does_not_turn_the_axes() -> None:
    fitted, turned = Transform().fit(MIXED), Transform().fit(MIXED.iloc[::-1])
    assert_allclose(fitted.apply(MIXED), turned.apply(MIXED), atol=1e-8)


def test_where_a_customer_lies_does_not_depend_on_the_company() -> None:
    fitted = Transform().fit(MIXED)
    alone = np.vstack([fitted.apply(MIXED.iloc[[i]]) for i in range(40)])
    assert_array_equal(alone, fitted.apply(MIXED)[:40])


def test_real_shares_count_the_levels_of_a_category() -> None:
    frame = pd.DataFrame({"age": [1.0, 2.0] * 6, "city": ["Rome", "Paris", "Lyon"] * 4, "same": [1.0] * 12})
    assert Transform().fit(frame).real_shares() == pytest.approx({"age": 1 / 3, "city": 2 / 3, "same": 0})
    weighted = Transform().fit(frame, weights={"age": 2.0})
    assert weighted.real_shares() == pytest.approx({"age": 1 / 2, "city": 1 / 2, "same": 0})


def test_real_shares_of_constant_columns_are_zero() -> None:
    assert Transform().fit(pd.DataFrame({"x": [1.0, 1.0]})).real_shares() == {"x": 0.0}


@pytest.mark.parametrize("frame", [X, MIXED, X.assign(x=-X.monetary)])
def test_the_state_goes_through_json_without_losing_a_bit(frame: pd.DataFrame) -> None:
    fitted = Transform().fit(frame, weights={frame.columns[0]: 1 / 3})
    again = Transform.from_state(json.loads(json.dumps(fitted.to_state())))
    assert_array_equal(again.apply(frame), fitted.apply(frame))
    assert again.real_shares() == fitted.real_shares()


def test_dithering_spreads_a_spike_over_one_step_and_leaves_the_rest() -> None:
    random = np.random.default_rng(1)
    frame = pd.DataFrame({"n_orders": random.geometric(0.5, 400) * 1.0, "monetary": random.gamma(2, 9, 400)})
    fitted = Transform().fit(frame)
    plain, spread = fitted.apply(frame), fitted.apply_dithered(frame, random_state=0)
    assert_array_equal(spread[:, 1], plain[:, 1])
    assert len(np.unique(spread[:, 0])) == 400
    half_up, half_down = (fitted.apply(frame.assign(n_orders=frame.n_orders + s))[:, 0] for s in (0.5, -0.5))
    assert (spread[:, 0] <= half_up).all()
    assert (spread[:, 0] >= half_down).all()


def test_dithering_is_repeatable_and_keeps_amounts_above_zero() -> None:
    frame = pd.DataFrame({"clicks": [0.0] * 90 + [10.0, 20.0, 500.0]})
    fitted = Transform().fit(frame)
    spread = fitted.apply_dithered(frame, random_state=3)
    assert_array_equal(spread, fitted.apply_dithered(frame, random_state=3))
    assert (spread >= fitted.apply(frame).min()).all()
