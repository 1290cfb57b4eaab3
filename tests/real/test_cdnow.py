"""Purchase models on CDNOW: published parameters, and how well they foresee what came."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from benchmarks.cdnow import halves
from coterie import build_features, read
from coterie.prediction import BetaGeoNBD, GammaGamma, ModifiedBetaGeoNBD, ParetoNBD, forecast
from coterie.prediction.calibration import calibration_error, calibration_table, error_after_isotonic


@pytest.fixture(scope="module")
def cdnow(real_data: Path) -> pd.DataFrame:
    return pd.read_csv(real_data / "cdnow" / "cdnow_sample_summary.csv")


@pytest.fixture(scope="module")
def before_and_after(real_data: Path) -> pd.DataFrame:
    """Per customer: what was known after 39 weeks, and what came in the 39 after."""
    return halves(real_data / "cdnow")


def test_the_published_parameters_and_likelihood_are_found(cdnow: pd.DataFrame) -> None:
    model = BetaGeoNBD().fit(cdnow["frequency"], cdnow["recency"], cdnow["T"])
    assert model.params_["r"] == pytest.approx(0.243, abs=0.0005)
    assert model.params_["alpha"] == pytest.approx(4.414, abs=0.001)
    assert model.params_["a"] == pytest.approx(0.793, abs=0.0005)
    assert model.params_["b"] == pytest.approx(2.426, abs=0.001)
    assert model.log_likelihood_ == pytest.approx(-9582.43, abs=0.01)


def test_rows_with_weights_fit_like_repeated_rows(cdnow: pd.DataFrame) -> None:
    counted = cdnow.groupby(["frequency", "recency", "T"]).size().reset_index(name="n")
    one = BetaGeoNBD().fit(cdnow["frequency"], cdnow["recency"], cdnow["T"])
    other = BetaGeoNBD().fit(counted["frequency"], counted["recency"], counted["T"], weights=counted["n"])
    np.testing.assert_allclose(list(one.params_.values()), list(other.params_.values()), rtol=1e-9)


def test_the_published_parameters_of_the_pareto_model_are_found(cdnow: pd.DataFrame) -> None:
    """Fader, Hardie, Lee (2005), table 2: Pareto/NBD .553, 10.578, .606, 11.669, LL -9595.0."""
    model = ParetoNBD().fit(cdnow["frequency"], cdnow["recency"], cdnow["T"])
    found = model.params_
    assert [found["r"], found["s"]] == pytest.approx([0.553, 0.606], abs=0.001)
    assert [found["alpha"], found["beta"]] == pytest.approx([10.578, 11.669], rel=0.001)
    assert model.log_likelihood_ == pytest.approx(-9595.0, abs=0.05)


def test_the_published_parameters_of_the_modified_model_are_found(cdnow: pd.DataFrame) -> None:
    """Batislam, Denizel, Filiztekin (2007): .525, 6.183, .891, 1.614."""
    model = ModifiedBetaGeoNBD().fit(cdnow["frequency"], cdnow["recency"], cdnow["T"])
    assert list(model.params_.values()) == pytest.approx([0.525, 6.183, 0.891, 1.614], abs=0.001)


def test_the_published_parameters_of_order_values_are_found(before_and_after: pd.DataFrame) -> None:
    """Fader, Hardie (2013): p 6.25, q 3.74, v 15.44 on the repeat purchases of 39 weeks."""
    again = before_and_after[before_and_after["frequency"] > 0]
    model = GammaGamma().fit(again["frequency"], again["mean_value"])
    assert list(model.params_.values()) == pytest.approx([6.25, 3.74, 15.45], rel=0.002)


def test_the_first_39_weeks_foresee_the_next_39(before_and_after: pd.DataFrame) -> None:
    x, t_x, T = (before_and_after[name].to_numpy(np.float64) for name in ("frequency", "recency", "T"))
    model = BetaGeoNBD().fit(x, t_x, T)
    again = before_and_after[before_and_after["frequency"] > 0]
    values = GammaGamma().fit(again["frequency"], again["mean_value"])
    orders, came = model.expected_orders(39.0, x, t_x, T), before_and_after["orders"].to_numpy()
    assert np.corrcoef(orders, came)[0, 1] >= 0.62
    assert abs(orders.sum() / came.sum() - 1.0) <= 0.15
    assert roc_auc_score(came > 0, orders) >= 0.77
    worth = orders * values.expected_value(x, before_and_after["mean_value"])
    top = np.argsort(-worth, kind="stable")[: len(worth) // 10]
    assert before_and_after["spend"].to_numpy()[top].sum() / before_and_after["spend"].sum() >= 0.50
    chance = model.p_active(39.0, x, t_x, T)
    assert calibration_error(calibration_table(chance, came > 0)) <= 0.06
    errors = [error_after_isotonic(chance, came > 0, n_groups=10, random_state=i) for i in range(10)]
    assert np.mean(errors) <= 0.04, "0.029 is what chance alone makes of a tenth of half the sample"


def test_the_forecast_of_the_whole_shop_is_tested_on_its_own_past(real_data: Path) -> None:
    told = forecast(build_features(read(real_data / "cdnow" / "CDNOW_master.txt")))
    assert (told.family, told.is_calibrated, told.horizon_days) == ("BG/NBD", True, 165)
    assert told.test is not None
    assert told.test.model.auc is not None and told.test.model.auc > 0.79
    assert told.test.calibrated_error is not None and told.test.calibrated_error <= 0.03
    assert told.test.model.mean_absolute_error < told.test.past_rate.mean_absolute_error
    assert told.customers["p_alive"].isna().sum() > 11_000, "of one-time buyers it is not told"
    assert told.customers["churn_risk"].between(0.01, 0.99).all()
