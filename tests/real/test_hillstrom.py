"""The e-mail trial of Hillstrom (2008): women's e-mail against none, who visited the shop."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coterie.experiments import LEARNERS, fit_uplift, qini

FEATURES = ["recency", "history", "mens", "womens", "newbie", "zip_code", "channel"]


@pytest.fixture(scope="module")
def trial(real_data: Path) -> pd.DataFrame:
    rows = pd.read_csv(real_data / "campaign" / "hillstrom.csv.gz")
    return rows[rows["segment"].isin(["Womens E-Mail", "No E-Mail"])]


def test_uplift_beats_response_beats_risk_beats_chance(trial: pd.DataFrame) -> None:
    treated, visited = trial["segment"] == "Womens E-Mail", trial["visit"] == 1
    area = {
        learner: fit_uplift(
            trial[FEATURES], treated=treated, converted=visited, learner=learner
        ).qini.coefficient
        for learner in LEARNERS
    }
    assert area["t_learner"].estimate >= 0.0033
    assert area["linear_interactions"].estimate >= 0.0033
    assert area["t_learner"].low > area["response"].estimate > area["risk"].estimate
    by_chance = np.random.default_rng(0).random(len(trial))
    chance = qini(by_chance, converted=visited, treated=treated).coefficient
    assert chance.low < 0.0 < chance.high
    assert area["response"].low > 0.0
