"""Models of who leaves: logistic regression, gradient boosting and their mean, calibrated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from coterie.prediction.churn_label import Flags

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Fold = tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]

LOGISTIC, BOOSTING, MEAN = "logistic regression", "gradient boosting", "the mean of both"
N_FOLDS = 5
N_KNOTS = 6
MIN_ISOTONIC = 1_000
"""Customers from which calibration is a free monotone curve; fewer get a sigmoid of two numbers."""

NEVER = 1e-4
"""No risk is nearer to 0 or 1: a curve fitted to thousands cannot know of more."""


KINDS = {LOGISTIC: ("logistic",), BOOSTING: ("boosting",), MEAN: ("logistic", "boosting")}


@dataclass(frozen=True)
class FittedChurn:
    """Classifiers whose risks are averaged, and the curve that makes shares of the mean.

    Attributes
    ----------
    parts : mapping of str to classifier
        "logistic" (a Pipeline, additive in the features) and "boosting", or one of them.
    curve : IsotonicRegression or LogisticRegression
        From the mean risk to the calibrated one.
    levels : mapping of str to Index
        The features in order: the levels of a category, None of a number.
    """

    parts: Mapping[str, Any]
    curve: Any
    levels: Mapping[str, Any]

    def risk(self, X: pd.DataFrame) -> Floats:
        """The chance that each customer leaves.

        Parameters
        ----------
        X : DataFrame of shape (n_customers, n_columns)
            With the features the model was fitted on; levels it does not know count as missing.

        Returns
        -------
        ndarray of shape (n_customers,), float64, 0-1
        """
        return calibrated(self.curve, mean_risk(self.parts, self.columns(X)))

    def columns(self, X: pd.DataFrame) -> pd.DataFrame:
        """The features of the model, with the levels it knows.

        Parameters
        ----------
        X : DataFrame of shape (n_customers, n_columns)

        Returns
        -------
        DataFrame of shape (n_customers, n_features)
        """
        known = {name: levels for name, levels in self.levels.items() if levels is not None}
        return X[list(self.levels)].assign(
            **{name: X[name].cat.set_categories(levels) for name, levels in known.items()}
        )


@dataclass(frozen=True)
class CrossFit:
    """Classifiers fitted without each fold in turn.

    Attributes
    ----------
    X : DataFrame of shape (n_customers, n_features)
    y : ndarray of shape (n_customers,), bool
        Who left.
    folds : tuple of (ndarray of int, ndarray of int)
        Positions trained on, and tested; every customer is tested once.
    parts : tuple of mapping of str to classifier, one per fold
    random_state : int
    """

    X: pd.DataFrame
    y: Flags
    folds: tuple[Fold, ...]
    parts: tuple[Mapping[str, Any], ...]
    random_state: int

    def only(self, kinds: Sequence[str]) -> CrossFit:
        """The same with these kinds of classifier only."""
        return replace(self, parts=tuple({kind: fold[kind] for kind in kinds} for fold in self.parts))

    @cached_property
    def raw(self) -> Floats:
        """Risks by the models that had not seen the customer, not calibrated."""
        told = np.empty(len(self.y))
        for (_, test), parts in zip(self.folds, self.parts, strict=True):
            told[test] = mean_risk(parts, self.X.iloc[test])
        return told

    @cached_property
    def risk(self) -> Floats:
        """The same, each fold on the curve that the other folds make."""
        told = np.empty(len(self.y))
        for train, test in self.folds:
            told[test] = calibrated(fit_curve(self.raw[train], self.y[train]), self.raw[test])
        return told

    def model(self) -> FittedChurn:
        """The same kinds of classifier fitted on everybody, with the curve of the risks out of fold."""
        levels = dict.fromkeys(self.X.columns) | category_levels(self.X)
        parts = _fitted(self.X, self.y, kinds=tuple(self.parts[0]), random_state=self.random_state)
        return FittedChurn(parts, fit_curve(self.raw, self.y), levels)


def cross_fit(X: pd.DataFrame, y: Flags, *, kinds: Sequence[str], random_state: int) -> CrossFit:
    """Fit classifiers without each of five folds, which have the same share of leavers.

    Parameters
    ----------
    X : DataFrame of shape (n_customers, n_features)
    y : ndarray of shape (n_customers,), bool
    kinds : sequence of str
        "logistic", "boosting".
    random_state : int

    Returns
    -------
    CrossFit
    """
    from sklearn.model_selection import StratifiedKFold

    splitter = StratifiedKFold(N_FOLDS, shuffle=True, random_state=random_state)
    folds = tuple(splitter.split(np.zeros(len(y)), y))
    parts = tuple(
        _fitted(X.iloc[train], y[train], kinds=kinds, random_state=random_state) for train, _ in folds
    )
    return CrossFit(X, y, folds, parts, random_state)


def _fitted(X: pd.DataFrame, y: Flags, *, kinds: Sequence[str], random_state: int) -> dict[str, Any]:
    new = {"logistic": logistic(X), "boosting": boosting(X, random_state=random_state)}
    return {kind: new[kind].fit(X, y) for kind in kinds}


def logistic(X: pd.DataFrame) -> Any:
    """Logistic regression, additive in the features: splines of numbers, levels of categories.

    Parameters
    ----------
    X : DataFrame
        Says which columns are categories.

    Returns
    -------
    Pipeline
        Steps "columns" and "regression".
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder, SplineTransformer

    names = _categories(X)
    spline = SplineTransformer(N_KNOTS, knots="quantile")
    columns = [
        (str(i), OneHotEncoder(handle_unknown="ignore") if name in names else spline, [name])
        for i, name in enumerate(X.columns)
    ]
    regression = LogisticRegression(max_iter=2_000)
    return Pipeline([("columns", ColumnTransformer(columns)), ("regression", regression)])


def boosting(X: pd.DataFrame, *, random_state: int) -> Any:
    """Gradient boosting of small trees, slow to learn, so that it needs no tuning.

    Parameters
    ----------
    X : DataFrame
        Its category columns are split by level.
    random_state : int

    Returns
    -------
    HistGradientBoostingClassifier
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_iter=150,
        learning_rate=0.05,
        max_leaf_nodes=8,
        min_samples_leaf=30,
        l2_regularization=5.0,
        early_stopping=False,
        categorical_features=[X.columns.get_loc(name) for name in _categories(X)] or None,
        random_state=random_state,
    )


def mean_risk(parts: Mapping[str, Any], X: pd.DataFrame) -> Floats:
    """The mean of what some classifiers say."""
    said = [part.predict_proba(X)[:, 1] for part in parts.values()]
    return np.asarray(np.mean(said, axis=0), dtype=np.float64)


def fit_curve(risk: Floats, y: Flags) -> Any:
    """The calibration: isotonic for `MIN_ISOTONIC` customers, else a sigmoid of the log odds."""
    from sklearn.isotonic import IsotonicRegression
    from sklearn.linear_model import LogisticRegression

    if len(y) >= MIN_ISOTONIC:
        return IsotonicRegression(y_min=NEVER, y_max=1 - NEVER, out_of_bounds="clip").fit(risk, y)
    return LogisticRegression(C=1e6).fit(log_odds(risk)[:, None], y)


def calibrated(curve: Any, risk: Floats) -> Floats:
    """Risks as shares of customers who leave.

    A step of an isotonic curve makes customers equal who are not; a hundredth of the raw risk keeps their
    order.
    """
    from sklearn.isotonic import IsotonicRegression

    if isinstance(curve, IsotonicRegression):
        smooth = 0.99 * curve.predict(risk) + 0.01 * risk
        return np.asarray(np.clip(smooth, NEVER, 1 - NEVER), dtype=np.float64)
    return np.asarray(curve.predict_proba(log_odds(risk)[:, None])[:, 1], dtype=np.float64)


def log_odds(risk: Floats) -> Floats:
    """The log of risk over its complement, the ends cut off."""
    safe = np.clip(risk, NEVER, 1 - NEVER)
    return np.asarray(np.log(safe / (1 - safe)), dtype=np.float64)


def log_loss(risk: Floats, y: Flags) -> Floats:
    """Minus the log of the chance given to what happened, per customer."""
    safe = np.clip(risk, NEVER, 1 - NEVER)
    return np.asarray(-np.log(np.where(y, safe, 1 - safe)), dtype=np.float64)


def _categories(X: pd.DataFrame) -> list[str]:
    import pandas as pd

    return [name for name in X.columns if isinstance(X[name].dtype, pd.CategoricalDtype)]


def category_levels(X: pd.DataFrame) -> dict[str, Any]:
    """The levels of each category column."""
    return {name: X[name].cat.categories for name in _categories(X)}
