"""What raises a customer's risk, in words, and which features matter over all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from coterie.features import FeatureTable, label
from coterie.features.block import MISSING
from coterie.prediction.churn_model import CrossFit, Floats, mean_risk

if TYPE_CHECKING:
    import pandas as pd

N_DRIVERS = 3


def contributions(pipeline: Any, X: pd.DataFrame) -> Floats:
    """How far each feature moves each customer's log odds from those of the average customer.

    Parameters
    ----------
    pipeline : Pipeline
        Of `logistic`; it is additive, so these are exact: with the mean they add up to its log odds.
    X : DataFrame of shape (n_customers, n_features)

    Returns
    -------
    ndarray of shape (n_customers, n_features), float64
    """
    columns, regression = pipeline["columns"], pipeline["regression"]
    weights = regression.coef_[0]
    Z = columns.transform(X)
    found = np.empty(X.shape)
    for i in range(X.shape[1]):
        part = columns.output_indices_[str(i)]
        found[:, i] = np.asarray(Z[:, part] @ weights[part]).ravel()
    return np.asarray(found - found.mean(axis=0))


def drivers(table: FeatureTable, X: pd.DataFrame, *, moved: Floats) -> pd.DataFrame:
    """The features that raise each customer's risk most.

    Parameters
    ----------
    table : FeatureTable
    X : DataFrame of shape (n_customers, n_features)
    moved : ndarray of shape (n_customers, n_features)
        Of `contributions`.

    Returns
    -------
    DataFrame
        customer_id, rank (1 to 3), feature, log_odds (> 0) and words; fewer rows for customers whom fewer
        features put at risk.
    """
    import pandas as pd

    order = np.argsort(-moved, axis=1, kind="stable")[:, :N_DRIVERS]
    raised = np.take_along_axis(moved, order, axis=1)
    row, rank = np.nonzero(raised > 0)
    feature = order[row, rank]
    words = np.empty(len(row), dtype=object)
    for i, name in enumerate(X.columns):
        here = feature == i
        words[here] = _words(table, name, values=X[name])[row[here]]
    return pd.DataFrame(
        {
            "customer_id": table.customer_ids[row],
            "rank": rank + 1,
            "feature": np.asarray(X.columns, dtype=object)[feature],
            "log_odds": raised[row, rank],
            "words": words,
        }
    )


def _words(table: FeatureTable, name: str, *, values: pd.Series[Any]) -> npt.NDArray[np.object_]:
    """A feature's value as it is read, beside the usual one of a number."""
    spec = table.spec(name)
    if spec.kind == "category":
        return np.array([_level(label(spec), str(value)) for value in values], dtype=object)
    usual = float(values.median())
    numbers, place = np.unique(values.to_numpy(dtype=np.float64), return_inverse=True)
    missing = ~table.known(name)
    told = np.array([f"{label(spec)} {x:,.4g} (usual {usual:,.4g})" for x in numbers], dtype=object)[place]
    told[missing] = f"{label(spec)} not known"
    return np.asarray(told, dtype=object)


def _level(name: str, value: str) -> str:
    return f"{name} not known" if value == MISSING else f"{name}: {value}"


def importance(fitted: CrossFit) -> pd.DataFrame:
    """How much AUC is lost when a feature is shuffled among customers the model had not seen.

    Parameters
    ----------
    fitted : CrossFit

    Returns
    -------
    DataFrame
        feature, auc_lost (mean over folds) and spread (standard deviation over folds); most lost first.
    """
    import pandas as pd
    from sklearn.metrics import roc_auc_score

    X, random = fitted.X, np.random.default_rng(fitted.random_state)
    lost = np.empty((len(fitted.folds), X.shape[1]))
    for f, ((_, test), parts) in enumerate(zip(fitted.folds, fitted.parts, strict=True)):
        rows, y = X.iloc[test].reset_index(drop=True), fitted.y[test]
        whole = roc_auc_score(y, mean_risk(parts, rows))
        for i, name in enumerate(X.columns):
            mixed = rows.assign(**{name: rows[name].iloc[random.permutation(len(rows))].array})
            lost[f, i] = whole - roc_auc_score(y, mean_risk(parts, mixed))
    found = pd.DataFrame({"feature": X.columns, "auc_lost": lost.mean(axis=0), "spread": lost.std(axis=0)})
    return found.sort_values(["auc_lost", "feature"], ascending=[False, True], ignore_index=True)
