"""A forecast says for each buyer what to expect, how sure that is, and how well it did before."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.errors import InputError, ParameterError, TooFewCustomersError
from coterie.features import FeatureSpec, FeatureTable
from coterie.prediction import BetaGeoNBD, Forecast, GammaGamma, forecast
from coterie.prediction.calibration import calibration_error, calibration_table
from coterie.prediction.spread import order_range, spend_range
from tests.prediction.test_prediction import PAPER, simulated


def shop(n: int, *, params: dict[str, float] | None = None, basket: float = 30.0) -> FeatureTable:
    """Customers who behave as the model says, and spend by a gamma law."""
    x, t_x, T = simulated(n, params or PAPER)
    value = np.random.default_rng(1).gamma(3.0, basket / 3.0, n)
    columns = {
        "recency_days": (T - t_x) * 7.0,
        "n_orders": x + 1.0,
        "tenure_days": T * 7.0,
        "mean_basket": value,
        "monetary": value * (x + 1.0),
    }
    X = pd.DataFrame(columns, dtype=np.float64)
    return FeatureTable(
        customer_ids=np.array([f"c{i:06d}" for i in range(n)], dtype=object),
        X=X,
        specs=tuple(FeatureSpec(name, "days", name, "transactions") for name in X.columns),
        defaults=("recency_days", "n_orders"),
        no_net_spend=np.zeros(n, dtype=bool),
        observation_end=date(2024, 6, 30),
    )


@pytest.fixture(scope="module")
def told() -> Forecast:
    return forecast(shop(3_000))


def test_every_buyer_gets_one_row_and_numbers_that_fit_each_other(told: Forecast) -> None:
    rows = told.customers
    assert len(rows) == 3_000
    assert (rows["orders_low"] <= rows["orders_high"]).all()
    assert (rows["spend_low"] <= rows["spend_high"]).all()
    assert np.allclose(rows["churn_risk"], 1.0 - rows["p_active"])
    assert set(rows["risk_band"]) <= {"low", "medium", "high"}
    assert (rows["value_tier"] == "high").sum() == 600
    assert (rows["value_tier"] == "middle").sum() == 900
    assert not rows.loc[rows["is_potential"], "value_tier"].ne("high").any()
    assert np.allclose(rows["money_at_risk"], rows["usual_spend"] * rows["churn_risk"])
    assert rows["next_order"].dropna().min() >= pd.Timestamp(2024, 6, 30)


def test_a_one_time_buyer_is_never_told_to_be_surely_alive(told: Forecast) -> None:
    once = told.customers["orders_high"].notna() & told.customers["p_alive"].isna()
    assert once.any()
    assert told.customers.loc[once, "p_active"].max() < 0.5
    assert any("one-time buyers" in note for note in told.notes)


def test_the_same_data_give_the_same_forecast(told: Forecast) -> None:
    pd.testing.assert_frame_equal(forecast(shop(3_000)).customers, told.customers)


def test_without_orders_to_look_back_on_the_missing_test_is_said(told: Forecast) -> None:
    assert told.test is None
    assert not told.is_calibrated
    assert any("too little history" in note for note in told.notes)


def test_a_small_shop_gets_wider_ranges_and_fewer_groups() -> None:
    small, large = forecast(shop(300)), forecast(shop(3_000))
    assert any("300 buyers" in note for note in small.notes)
    assert set(small.customers["risk_band"]) <= {"low", "high"}

    def width(one: Forecast) -> float:
        return float((one.customers["spend_high"] - one.customers["spend_low"]).mean())

    assert width(small) > width(large)


def test_too_few_buyers_are_refused_with_the_number_needed() -> None:
    with pytest.raises(TooFewCustomersError, match="needs 50 buyers of whom 20 bought again; there are 40"):
        forecast(shop(40))
    once = shop(200)
    columns = once.X.assign(n_orders=1.0, recency_days=once.X["tenure_days"])
    with pytest.raises(TooFewCustomersError, match="200 and 0"):
        forecast(FeatureTable(once.customer_ids, columns, once.specs, once.defaults, once.no_net_spend))


def test_what_cannot_be_forecast_is_refused() -> None:
    table = shop(100)
    with pytest.raises(InputError, match="mean_basket cannot be known"):
        forecast(table.without_column("mean_basket"))
    with pytest.raises(ParameterError, match="horizon"):
        forecast(table, horizon_days=0)


def test_where_nobody_ever_leaves_another_family_is_tried_and_said() -> None:
    told = forecast(shop(3_000, params={"r": 1.0, "alpha": 5.0, "a": 1e-6, "b": 50.0}))
    assert any("nobody ever leaves" in note for note in told.notes)
    assert told.family in {"BG/NBD", "MBG/NBD", "Pareto/NBD"}


def test_orders_fall_into_their_range_as_often_as_told() -> None:
    """Ten weeks and the forty after them, lived by 20,000 customers whose model is known."""
    rng = np.random.default_rng(3)
    n, model = 20_000, BetaGeoNBD.from_params({"r": 0.8, "alpha": 4.0, "a": 0.8, "b": 2.5})
    rate, leaving = rng.gamma(0.8, 1 / 4.0, n), rng.beta(0.8, 2.5, n)
    now, active = np.zeros(n), np.ones(n, dtype=bool)
    x, t_x, later = np.zeros(n), np.zeros(n), np.zeros(n)
    while active.any():
        now = now + rng.exponential(1.0, n) / np.maximum(rate, 1e-12)
        active &= now < 50.0
        early = active & (now < 10.0)
        x[early] += 1
        t_x[early] = now[early]
        later[active & ~early] += 1
        active &= rng.random(n) >= leaving
    history = (x, t_x, np.full(n, 10.0))
    expected, chance = model.expected_orders(40.0, *history), model.p_active(40.0, *history)
    assert expected.mean() == pytest.approx(later.mean(), rel=0.03)
    assert chance.mean() == pytest.approx((later > 0).mean(), rel=0.03)
    low, high = order_range(chance, expected, shape=0.8 + x)
    assert 0.80 <= ((later >= low) & (later <= high)).mean() <= 0.95


def test_a_gamma_gamma_model_finds_the_values_it_was_made_with() -> None:
    rng = np.random.default_rng(0)
    n_orders = rng.integers(1, 20, 20_000).astype(float)
    mean = rng.gamma(6.0 * n_orders, 1.0 / (rng.gamma(4.0, 1 / 15.0, 20_000) * n_orders))
    model = GammaGamma().fit(n_orders, mean)
    p, q, v = model.params_.values()
    assert p * v / (q - 1.0) == pytest.approx(6.0 * 15.0 / 3.0, rel=0.02), "the mean value of an order"
    assert [p, q, v] == pytest.approx([6.0, 4.0, 15.0], rel=0.2)
    with pytest.raises(InputError):
        GammaGamma().fit([1.0], [0.0])
    with pytest.raises(ParameterError):
        GammaGamma.from_params({"p": 1.0, "q": 0.0, "v": 1.0})


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=200), st.integers(1, 12))
@settings(deadline=None)
def test_every_customer_is_in_one_calibration_group(cases: list[tuple[float, bool]], n_groups: int) -> None:
    chance, happened = (np.array(part) for part in zip(*cases, strict=True))
    table = calibration_table(chance, happened, n_groups=n_groups)
    assert table["n_customers"].sum() == len(cases)
    assert (table["actual_share"] * table["n_customers"]).sum() == pytest.approx(happened.sum())
    assert 0.0 <= calibration_error(table) <= 1.0


@given(st.floats(0.0, 1.0), st.floats(1.0, 50.0), st.floats(0.05, 50.0))
@settings(deadline=None)
def test_ranges_are_ranges(chance: float, orders: float, shape: float) -> None:
    active, expected, shapes = np.array([chance]), np.array([chance * orders]), np.array([shape])
    low, high = order_range(active, expected, shape=shapes)
    assert 0.0 <= low[0] <= high[0]
    spread = (np.array([0.2]), np.array([0.1]))
    least, most = spend_range(active, expected, shape=shapes, value=np.array([30.0]), spread=spread)
    assert 0.0 <= least[0] <= most[0]
