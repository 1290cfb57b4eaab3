"""Telco churn: 7,043 customers, 1,869 of whom left, by the columns known before they did."""

from __future__ import annotations

from pathlib import Path

import pytest

from coterie.features import build_features
from coterie.prediction import ChurnForecast, fit_churn
from coterie.preprocessing import clean
from coterie.sources import read


@pytest.fixture(scope="module")
def telco(real_data: Path) -> ChurnForecast:
    dataset, quality = clean(read(customers=real_data / "demographics" / "telco_churn_geo.xlsx"))
    forecast = fit_churn(build_features(dataset, quality=quality), "Churn Label")
    dataset.store.close()
    return forecast


def test_who_leaves_is_told_at_the_published_level(telco: ChurnForecast) -> None:
    assert telco.has_left.sum() == 1_869
    assert telco.test.auc >= 0.845
    assert telco.test.calibration_error <= 0.02
    assert telco.test.beats_baseline


def test_what_was_recorded_after_leaving_is_left_out(telco: ChurnForecast) -> None:
    features = set(telco.importance["feature"])
    assert features.isdisjoint({"Churn Label", "Churn Value", "Churn Score", "Churn Reason"})
    assert {"Contract", "Tenure Months", "Monthly Charges", "Internet Service", "CLTV"} <= features
    assert sum("is left out" in note for note in telco.notes) == 3
    assert telco.importance["feature"].iloc[0] == "Contract"


def test_every_band_has_customers_to_talk_to(telco: ChurnForecast) -> None:
    assert (telco.bands["n_still_here"] > 100).all()
    assert telco.drivers["customer_id"].nunique() > 7_000
