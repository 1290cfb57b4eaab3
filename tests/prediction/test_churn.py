"""Churn from a label, where what drives it is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from coterie.errors import NotFoundError, ParameterError, TooFewCustomersError
from coterie.features import FeatureTable, feature_table_from_frame
from coterie.prediction import ChurnForecast, fit_churn
from coterie.prediction.churn_drivers import contributions
from coterie.prediction.churn_model import log_odds, logistic


def customers(n: int = 1_200, *, effect: float = 1.5) -> pd.DataFrame:
    """Short contracts and many calls make customers leave; the colour of the box does not."""
    random = np.random.default_rng(0)
    contract = random.choice(["monthly", "yearly"], n)
    calls, tenure = random.poisson(2, n), random.integers(1, 60, n)
    odds = -1.5 + effect * (contract == "monthly") + effect / 3 * (calls - 2) - effect / 60 * (tenure - 30)
    left = random.random(n) < 1 / (1 + np.exp(-odds))
    colour = random.choice(["red", "blue", "green"], n)
    return pd.DataFrame({"contract": contract, "calls": calls, "tenure": tenure, "colour": colour}).assign(
        Churn=np.where(left, "Yes", "No")
    )


@pytest.fixture(scope="module")
def table() -> FeatureTable:
    return feature_table_from_frame(customers())


@pytest.fixture(scope="module")
def forecast(table: FeatureTable) -> ChurnForecast:
    return fit_churn(table, "Churn")


def test_risk_is_calibrated_and_better_than_the_best_single_feature(forecast: ChurnForecast) -> None:
    assert forecast.left_value == "Yes"
    assert forecast.test.auc > forecast.test.baseline_auc + 0.03
    assert forecast.test.beats_baseline
    assert forecast.test.calibration_error < 0.05
    assert forecast.risk.mean() == pytest.approx(forecast.has_left.mean(), abs=0.01)


def test_what_drives_churn_comes_out_on_top(forecast: ChurnForecast) -> None:
    assert set(forecast.importance["feature"][:3]) == {"contract", "calls", "tenure"}
    assert forecast.importance["auc_lost"].iloc[-1] < 0.01


def test_drivers_raise_the_risk_and_are_at_most_three(forecast: ChurnForecast, table: FeatureTable) -> None:
    told = forecast.drivers
    assert (told["log_odds"] > 0).all()
    assert told.groupby("customer_id").size().max() <= 3
    words = set(told.loc[told["feature"] == "contract", "words"])
    assert words == {"contract: monthly"}
    assert told.loc[told["feature"] == "calls", "words"].str.match(r"calls \d+ \(usual 2\)").all()


def test_contributions_add_up_to_the_log_odds_of_the_logistic_regression(table: FeatureTable) -> None:
    X = table.X.drop(columns="Churn")
    fitted = logistic(X).fit(X, table.X["Churn"] == "Yes")
    moved = contributions(fitted, X).sum(axis=1)
    odds = log_odds(fitted.predict_proba(X)[:, 1])
    np.testing.assert_allclose(moved, odds - odds.mean(), atol=1e-6)


def test_bands_count_everybody_once(forecast: ChurnForecast) -> None:
    assert forecast.bands["band"].tolist() == ["high", "raised", "low"]
    assert forecast.bands["n_customers"].sum() == len(forecast.risk)
    assert forecast.bands["n_still_here"].sum() == (~forecast.has_left).sum()
    assert forecast.bands["mean_risk"].is_monotonic_decreasing


def test_the_same_seed_gives_the_same_risks(forecast: ChurnForecast, table: FeatureTable) -> None:
    np.testing.assert_array_equal(forecast.risk, fit_churn(table, "Churn").risk)


def test_columns_that_give_the_label_away_are_left_out_and_named() -> None:
    frame = customers()
    gone = frame["Churn"] == "Yes"
    random = np.random.default_rng(1)
    told = frame.assign(
        status=np.where(gone, "closed", "open"),
        exit_survey=np.where(gone, random.normal(5, 1, len(frame)), np.nan),
        score=np.where(gone & (random.random(len(frame)) < 0.5), 99.0, random.integers(0, 90, len(frame))),
        churn_guess=random.random(len(frame)),
    )
    found = fit_churn(feature_table_from_frame(told), "Churn")
    notes = [note for note in found.notes if "is left out" in note]
    assert [note.split("'")[1] for note in notes] == ["status", "exit survey", "score", "churn guess"]
    assert set(found.importance["feature"]) == {"contract", "calls", "tenure", "colour"}


def test_customers_whose_label_is_missing_get_a_risk_too() -> None:
    frame = customers()
    frame.loc[:99, "Churn"] = None
    found = fit_churn(feature_table_from_frame(frame), "Churn")
    assert np.isfinite(found.risk).all()
    assert not found.has_left[:100].any()
    assert found.test.n_customers == 1_100


def test_the_model_scores_customers_it_has_not_seen(forecast: ChurnForecast) -> None:
    new = pd.DataFrame({"contract": ["monthly", "yearly", "weekly"], "calls": [6.0, 0.0, 1.0]})
    new = new.assign(tenure=[2.0, 55.0, 30.0], colour="red", contract=pd.Categorical(new["contract"]))
    risk = forecast.model.risk(new.assign(colour=pd.Categorical(new["colour"])))
    assert risk[0] > 0.6 > 0.1 > risk[1]
    assert 0 < risk[2] < 1


@pytest.mark.parametrize(
    ("labels", "left"), [(("1", "0"), "1"), (("TRUE", "FALSE"), "TRUE"), (("Churned", "Stayed"), "Churned"),
                         (("Attrited Customer", "Existing"), "Attrited Customer")],
)  # fmt: skip
def test_the_value_that_means_left_goes_by_its_name(labels: tuple[str, str], left: str) -> None:
    frame = customers(400)
    frame["Churn"] = np.where(frame["Churn"] == "Yes", *labels)
    assert fit_churn(feature_table_from_frame(frame), "Churn").left_value == left


def test_a_number_may_be_the_label() -> None:
    frame = customers(400)
    frame["Churn"] = (frame["Churn"] == "Yes").astype(int)
    assert fit_churn(feature_table_from_frame(frame), "Churn").left_value == "1"


def test_values_that_say_nothing_must_be_named() -> None:
    frame = customers(400)
    frame["Churn"] = np.where(frame["Churn"] == "Yes", "A", "B")
    named = feature_table_from_frame(frame)
    with pytest.raises(ParameterError, match="Name the value that does"):
        fit_churn(named, "Churn")
    with pytest.raises(ParameterError, match="Choose from: A, B"):
        fit_churn(named, "Churn", left="C")
    assert fit_churn(named, "Churn", left="A").left_value == "A"


def test_three_values_are_no_label_by_themselves(table: FeatureTable) -> None:
    with pytest.raises(ParameterError, match="3 different values, not two"):
        fit_churn(table, "colour")
    with pytest.raises(NotFoundError):
        fit_churn(table, "nothing")


def test_too_few_who_left_are_refused_with_the_number_needed() -> None:
    frame = customers(300)
    frame["Churn"] = ["Yes"] * 49 + ["No"] * 251
    with pytest.raises(TooFewCustomersError, match="49 customers left by 'Churn': 50 are needed"):
        fit_churn(feature_table_from_frame(frame), "Churn")


def test_without_any_signal_the_forecast_says_so() -> None:
    found = fit_churn(feature_table_from_frame(customers(600, effect=0.0)), "Churn")
    assert not found.test.beats_baseline
    assert found.method.startswith("logistic regression of ")
    assert found.test.auc == found.test.baseline_auc
    assert found.notes[0].endswith("no clear gain, so that feature alone is used")
    assert "do not choose customers by them" in found.notes[1]


def test_a_test_by_time_looks_at_those_who_came_last(table: FeatureTable) -> None:
    found = fit_churn(table, "Churn", at="tenure")
    assert found.test.n_customers == 240
    assert "started last" in found.test.sentence
    with pytest.raises(ParameterError, match="no number"):
        fit_churn(table, "Churn", at="colour")
