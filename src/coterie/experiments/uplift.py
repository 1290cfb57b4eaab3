"""Whom an action moves: a score per customer, learned from a trial with a holdout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from coterie.errors import InputError, ParameterError, TooFewCustomersError
from coterie.experiments.qini import Bools, Floats, Qini, qini

if TYPE_CHECKING:
    import pandas as pd

    Predict = Callable[[pd.DataFrame], Floats]

N_FOLDS = 5
LEAST_OF_A_KIND = 50
"""Converted and not converted people that each group needs before a model of them is believed."""

NO_UPLIFT = (
    "Ranked by risk times value: who is likely to leave and worth much. This is no uplift: it does not say "
    "whom the action moves, and those most at risk are often not. A campaign with a holdout would tell."
)


@dataclass(frozen=True, eq=False)
class Uplift:
    """What treating each customer is expected to add to their chance to convert.

    Attributes
    ----------
    learner : str
    scores : ndarray of shape (n,)
        Of the people of the trial, each by models that have not seen them.
    qini : Qini
        Of those scores.
    predict : callable, DataFrame -> ndarray
        Scores of others with the same columns, by models of the whole trial.
    """

    learner: str
    scores: Floats
    qini: Qini
    predict: Predict


@dataclass(frozen=True, eq=False)
class Ranking:
    """An order in which to treat customers where no trial exists.

    Attributes
    ----------
    scores : ndarray of shape (n,)
        Money at risk; higher goes first.
    sentence : str
        Says that it is no uplift.
    """

    scores: Floats
    sentence: str


def fit_uplift(
    X: pd.DataFrame,
    *,
    treated: npt.ArrayLike,
    converted: npt.ArrayLike,
    learner: str = "linear_interactions",
    random_state: int = 0,
) -> Uplift:
    """Learn from a trial whom the action moves.

    Parameters
    ----------
    X : DataFrame of n customers
        What was known before the trial; text and categories are spread into yes/no columns.
    treated, converted : array-like of shape (n,), bool
    learner : str
        "t_learner" (a boosted model a group), "linear_interactions" (logistic regression with each
        feature's own effect under treatment); "response" (chance to convert if treated) and "risk"
        (chance not to convert if left alone) are no uplift and there to compare with.
    random_state : int

    Returns
    -------
    Uplift

    Raises
    ------
    ParameterError
        If the learner is unknown.
    InputError
        If the lengths differ.
    TooFewCustomersError
        If a group has fewer than 50 converted or not converted people.

    References
    ----------
    .. [1] Kuenzel, Sekhon, Bickel, Yu (2019). Metalearners for estimating heterogeneous treatment
       effects using machine learning. PNAS 116(10): 4156-4165 (T-learner).
    .. [2] Lo (2002). The true lift model. ACM SIGKDD Explorations 4(2): 78-86 (interactions).
    """
    from sklearn.model_selection import StratifiedKFold
    from threadpoolctl import threadpool_limits

    if learner not in LEARNERS:
        raise ParameterError(f"{learner!r} is no learner", to_do=f"Use one of {', '.join(LEARNERS)}")
    t, y = np.asarray(treated, dtype=bool), np.asarray(converted, dtype=bool)
    if not len(X) == len(t) == len(y):
        raise InputError("Features, groups and outcomes differ in length")
    kinds = 2 * t + y
    if np.bincount(kinds, minlength=4).min() < LEAST_OF_A_KIND:
        raise TooFewCustomersError(
            f"Each group needs {LEAST_OF_A_KIND} people who converted and as many who did not",
            to_do="Measure the average effect instead, or run a larger campaign",
        )
    scores = np.empty(len(X))
    # Small models: threads that wait for each other cost more than they bring.
    with threadpool_limits(limits=1):
        for seen, new in StratifiedKFold(N_FOLDS, shuffle=True, random_state=random_state).split(X, kinds):
            scores[new] = _fitted(learner, X.iloc[seen], treated=t[seen], converted=y[seen])(X.iloc[new])
        predict = _fitted(learner, X, treated=t, converted=y)
    return Uplift(learner, scores, qini(scores, converted=y, treated=t, random_state=random_state), predict)


def risk_times_value(risk: npt.ArrayLike, value: npt.ArrayLike) -> Ranking:
    """Rank customers by the money that is at risk, where no trial exists yet.

    Parameters
    ----------
    risk : array-like of shape (n,)
        Chance to leave, 0-1.
    value : array-like of shape (n,)
        What a customer is worth if they stay; below zero counts as nothing.

    Returns
    -------
    Ranking

    References
    ----------
    .. [1] Ascarza (2018). Retention futility. Journal of Marketing Research 55(1): 80-98.
    """
    scores = np.asarray(risk, dtype=np.float64) * np.maximum(np.asarray(value, dtype=np.float64), 0.0)
    return Ranking(scores, NO_UPLIFT)


def _fitted(learner: str, X: pd.DataFrame, *, treated: Bools, converted: Bools) -> Predict:
    """Scores of customers by models of these, whatever columns the others' categories would make."""
    known = _matrix(X)
    model = LEARNERS[learner](known.to_numpy(), treated, converted)
    return lambda others: model(_matrix(others).reindex(columns=known.columns, fill_value=0.0).to_numpy())


def _matrix(X: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    return pd.get_dummies(X, dtype=float).astype(float)


Model = Callable[[Floats], Floats]


def _boosted(X: Floats, converted: Bools) -> Model:
    from sklearn.ensemble import HistGradientBoostingClassifier

    # Shallow and slow: the difference of two models is noisier than either.
    model = HistGradientBoostingClassifier(
        max_iter=100, max_depth=3, learning_rate=0.05, min_samples_leaf=_leaf(len(X)), early_stopping=False,
        random_state=0,
    ).fit(X, converted)  # fmt: skip
    return lambda others: _chance(model, others)


def _leaf(n: int) -> int:
    """People a leaf needs: one in a hundred, 20 to 200."""
    return min(max(n // 100, 20), 200)


def _t_learner(X: Floats, *groups: Bools) -> Model:
    treated, converted = groups
    with_it = _boosted(X[treated], converted[treated])
    without = _boosted(X[~treated], converted[~treated])
    return lambda others: with_it(others) - without(others)


def _linear_interactions(X: Floats, *groups: Bools) -> Model:
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    treated, converted = groups
    scale = make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler()).fit(X)

    def design(Z: Floats, t: Floats) -> Floats:
        return np.column_stack([Z, t, Z * t[:, None]])

    model = LogisticRegression(max_iter=1000).fit(
        design(scale.transform(X), treated.astype(float)), converted
    )

    def predict(others: Floats) -> Floats:
        Z, ones = scale.transform(others), np.ones(len(others))
        return _chance(model, design(Z, ones)) - _chance(model, design(Z, 0.0 * ones))

    return predict


def _response(X: Floats, *groups: Bools) -> Model:
    treated, converted = groups
    return _boosted(X[treated], converted[treated])


def _risk(X: Floats, *groups: Bools) -> Model:
    treated, converted = groups
    return _boosted(X[~treated], ~converted[~treated])


def _chance(model: Any, X: Floats) -> Floats:
    chance: Floats = model.predict_proba(X)[:, 1]
    return chance


LEARNERS: dict[str, Callable[..., Model]] = {
    "t_learner": _t_learner,
    "linear_interactions": _linear_interactions,
    "response": _response,
    "risk": _risk,
}
