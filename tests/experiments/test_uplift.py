from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.errors import InputError, ParameterError, TooFewCustomersError
from coterie.experiments import LEARNERS, fit_uplift, qini, risk_times_value

Trial = tuple[pd.DataFrame, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]


def trial(n: int = 6000) -> Trial:
    """Only those called "moved" react to the treatment; "loyal" ones convert anyway."""
    random = np.random.default_rng(0)
    kind = random.choice(["moved", "loyal", "neither"], n)
    treated = random.random(n) < 0.5
    rate = np.select([kind == "loyal", kind == "moved"], [0.5, 0.1 + 0.3 * treated], 0.1)
    X = pd.DataFrame({"kind": kind, "noise": random.normal(size=n)})
    X.loc[::50, "noise"] = np.nan
    return X, treated, random.random(n) < rate


def test_the_qini_of_four_people_by_hand() -> None:
    """Best first: treated and converted, held out, treated and converted, held out and converted."""
    found = qini([4, 3, 2, 1], converted=[1, 0, 1, 1], treated=[1, 0, 1, 0])
    # Gains after 0, 1, .. 4 people: 0, 0 (nobody to compare with), 1/4, 2/4, (2 - 1)/4.
    assert found.gain[[0, 50, 100, 150, 200]].tolist() == [0.0, 0.0, 0.25, 0.5, 0.25]
    assert found.coefficient.estimate == pytest.approx((0.0 + 0.125 + 0.375 + 0.375) / 4 - 0.125)


@given(st.integers(0, 2**31), st.integers(10, 60))
@settings(deadline=None, max_examples=20)
def test_the_curve_ends_at_the_effect_of_treating_everybody_whatever_the_ranking(seed: int, n: int) -> None:
    random = np.random.default_rng(seed)
    treated = np.arange(n) % 2 == 0
    converted = random.random(n) < 0.5
    score = random.integers(0, 4, n)
    found = qini(score, converted=converted, treated=treated)
    whole = (converted[treated].mean() - converted[~treated].mean()) * treated.mean()
    assert found.gain[-1] == pytest.approx(whole)
    order = random.permutation(n)
    again = qini(score[order], converted=converted[order], treated=treated[order])
    np.testing.assert_allclose(again.gain, found.gain, atol=1e-12)


def test_equal_scores_are_worth_nothing() -> None:
    _, treated, converted = trial(500)
    assert qini(np.zeros(500), converted=converted, treated=treated).coefficient.estimate == pytest.approx(
        0.0
    )


def test_learners_of_uplift_find_the_moved_and_the_others_do_not() -> None:
    X, treated, converted = trial()
    found = {
        learner: fit_uplift(X, treated=treated, converted=converted, learner=learner) for learner in LEARNERS
    }
    moved = (X["kind"] == "moved").to_numpy()
    for learner in ("t_learner", "linear_interactions"):
        scores = found[learner].scores
        assert scores[moved].mean() == pytest.approx(0.3, abs=0.05)
        assert abs(scores[~moved].mean()) < 0.03
        assert found[learner].qini.coefficient.low > found["response"].qini.coefficient.estimate
        assert found[learner].qini.coefficient.low > found["risk"].qini.coefficient.estimate


@pytest.mark.parametrize("learner", ["t_learner", "linear_interactions"])
def test_others_are_scored_though_their_categories_differ(learner: str) -> None:
    X, treated, converted = trial(3000)
    predict = fit_uplift(X, treated=treated, converted=converted, learner=learner).predict
    others = pd.DataFrame({"kind": ["moved", "unheard of"], "noise": [0.0, np.nan]})
    moved, unknown = predict(others)
    assert moved > 0.15
    assert np.isfinite(unknown)


def test_the_same_trial_gives_the_same_scores() -> None:
    X, treated, converted = trial(2000)
    one, other = (fit_uplift(X, treated=treated, converted=converted) for _ in range(2))
    assert np.array_equal(one.scores, other.scores)
    assert one.qini.coefficient == other.qini.coefficient


def test_risk_times_value_ranks_by_money_and_says_that_it_is_no_uplift() -> None:
    ranking = risk_times_value([0.9, 0.5, 0.1], [10.0, 100.0, -5.0])
    assert ranking.scores.tolist() == [9.0, 50.0, 0.0]
    assert "no uplift" in ranking.sentence


def test_what_cannot_be_learned_from_is_refused() -> None:
    X, treated, converted = trial(300)
    with pytest.raises(TooFewCustomersError, match="50 people"):
        fit_uplift(X.head(60), treated=treated[:60], converted=converted[:60])
    with pytest.raises(InputError, match="length"):
        fit_uplift(X, treated=treated[:9], converted=converted)
    with pytest.raises(ParameterError, match="'magic' is no learner"):
        fit_uplift(X, treated=treated, converted=converted, learner="magic")
    with pytest.raises(InputError, match="held out"):
        qini([1, 2], converted=[1, 0], treated=[1, 1])
    with pytest.raises(InputError, match="no number"):
        qini([1, np.nan], converted=[1, 0], treated=[1, 0])
