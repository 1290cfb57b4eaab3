"""BG/NBD on the CDNOW sample: parameters of Fader, Hardie, Lee (2005), Marketing Science 24(2), table 2."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coterie.prediction import BetaGeoNBD


@pytest.fixture(scope="module")
def cdnow(real_data: Path) -> pd.DataFrame:
    return pd.read_csv(real_data / "cdnow" / "cdnow_sample_summary.csv")


def test_the_published_parameters_and_likelihood_are_found(cdnow: pd.DataFrame) -> None:
    model = BetaGeoNBD().fit(cdnow["frequency"], cdnow["recency"], cdnow["T"])
    assert model.params_["r"] == pytest.approx(0.243, abs=0.0005)
    assert model.params_["alpha"] == pytest.approx(4.414, abs=0.001)
    assert model.params_["a"] == pytest.approx(0.793, abs=0.0005)
    assert model.params_["b"] == pytest.approx(2.426, abs=0.001)
    assert model.log_likelihood_ == pytest.approx(-9582.43, abs=0.01)
    assert model.notes_ == ()


def test_rows_with_weights_fit_like_repeated_rows(cdnow: pd.DataFrame) -> None:
    counted = cdnow.groupby(["frequency", "recency", "T"]).size().reset_index(name="n")
    one = BetaGeoNBD().fit(cdnow["frequency"], cdnow["recency"], cdnow["T"])
    other = BetaGeoNBD().fit(counted["frequency"], counted["recency"], counted["T"], weights=counted["n"])
    np.testing.assert_allclose(list(one.params_.values()), list(other.params_.values()), rtol=1e-9)
