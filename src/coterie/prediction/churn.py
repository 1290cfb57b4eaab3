"""Who will leave, where a column says who has left: risk, reasons, and how far to trust them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError, TooFewCustomersError
from coterie.features import FeatureTable, label, percent
from coterie.prediction.churn_drivers import contributions, drivers, importance
from coterie.prediction.churn_label import Flags, leaks, left_flags, ranked, single_auc
from coterie.prediction.churn_model import (
    KINDS,
    LOGISTIC,
    MEAN,
    N_FOLDS,
    CrossFit,
    FittedChurn,
    Floats,
    cross_fit,
    log_loss,
    logistic,
)

if TYPE_CHECKING:
    import pandas as pd

N_DECILES = 10
CLEAR = 1.645
"""Standard errors by which a model must lead its baseline to be better at 95 %, one-sided."""

BANDS = ("low", "raised", "high")

MIN_EACH_IN_TIME = 30
"""Customers of either kind that both parts of a split by time must have."""


@dataclass(frozen=True)
class ChurnTest:
    """How well risks hold for customers the model had not seen.

    Attributes
    ----------
    split : str
        How customers were held out, in words.
    n_customers : int
        Tested.
    auc : float, 0-1
        Chance that somebody who left had the higher risk of a pair. It and the calibration are those of the
        risks in use: of the baseline, where the model does not beat it.
    model_auc : float, 0-1
        The same, of what was learned from all features.
    calibration : DataFrame of shape (10, 4)
        Tenths by risk: n_customers, risk (mean), left_share, lift (left_share over that of all).
    calibration_error : float, 0-1
        Mean distance of risk and left_share over the tenths.
    baseline : str
        The best single feature.
    baseline_auc : float, 0-1
        Of a model of that feature alone, tested in the same way.
    lead, lead_error : float
        Log loss per customer saved against a model of that feature alone, and its standard error.
    """

    split: str
    n_customers: int
    auc: float
    model_auc: float
    calibration: pd.DataFrame
    calibration_error: float
    baseline: str
    baseline_auc: float
    lead: float
    lead_error: float

    @property
    def beats_baseline(self) -> bool:
        """Whether the model leads the single feature by more than chance would."""
        return self.lead > CLEAR * self.lead_error

    @property
    def sentence(self) -> str:
        """The test in words."""
        told = (
            f"Tested on {self.n_customers:,} customers ({self.split}): AUC {self.model_auc:.3f}, the best "
            f"single feature ({self.baseline}) alone {self.baseline_auc:.3f}; risk and share who left "
            f"differ by {self.calibration_error:.1%} on average over tenths"
        )
        return told if self.beats_baseline else f"{told}; no clear gain, so that feature alone is used"


@dataclass(frozen=True)
class ChurnForecast:
    """The risk of every customer, with reasons and the test.

    Attributes
    ----------
    customer_ids : ndarray of shape (n_customers,), str objects
    risk : ndarray of shape (n_customers,), float64, 0-1
        Calibrated. Of a customer whose label is known, by models that had not seen that customer.
    band : ndarray of shape (n_customers,), str objects
        "high" from twice the average risk on (or half way from it to 1, if that is less), "raised" from the
        average on, else "low".
    has_left : ndarray of shape (n_customers,), bool
        Who is known to have left already.
    bands : DataFrame of shape (3, 4)
        band, n_customers, n_still_here (all but those who left) and mean_risk.
    drivers : DataFrame
        See `drivers`: at most three features per customer that raise the risk.
    importance : DataFrame
        feature, auc_lost, spread: AUC lost when the feature is shuffled.
    test : ChurnTest
    method : str
    model : FittedChurn
        Fitted on everybody whose label is known.
    left_value : str
        The value of the label that means the customer left.
    notes : tuple of str
        Sentences without a full stop: the test, and the columns left out.
    """

    customer_ids: npt.NDArray[np.object_]
    risk: Floats
    band: npt.NDArray[np.object_]
    has_left: Flags
    bands: pd.DataFrame
    drivers: pd.DataFrame
    importance: pd.DataFrame
    test: ChurnTest
    method: str
    model: FittedChurn
    left_value: str
    notes: tuple[str, ...]


def fit_churn(
    table: FeatureTable,
    label_column: str,
    *,
    left: str | None = None,
    at: str | None = None,
    random_state: int = 0,
) -> ChurnForecast:
    """Learn from who has left who will leave.

    Parameters
    ----------
    table : FeatureTable
        With the label among its features.
    label_column : str
        The feature that says who left, as "Churn".
    left : str, optional
        Its value that means "left". Default: by its name, as "Yes", "1" or "churned".
    at : str, optional
        The feature that counts back to a customer's start, as "tenure_days": the test then learns from
        those who came earlier and looks at those who came later.
    random_state : int

    Returns
    -------
    ChurnForecast

    Raises
    ------
    NotFoundError
        If there is no such feature.
    ParameterError
        If it cannot be told which value means "left", `at` is no number, or there is nothing to learn from.
    TooFewCustomersError
        With fewer than 50 customers who left, or who stayed.

    Notes
    -----
    Columns that give the label away are left out, each with a note. Of logistic regression, gradient
    boosting and their mean the one with the least log loss out of fold is taken; it is chosen on the folds
    that then test it, so the test flatters it a little. Drivers come from the logistic regression, whose log
    odds are a sum over features; a note says how well its ranking of customers agrees with the risk, where
    that is not its own.
    """
    gone, known, left_value = left_flags(table, label_column, left=left)
    told = leaks(table, label_column, gone=gone, known=known)
    X = table.X.drop(columns=[label_column, *told])
    if not X.shape[1]:
        raise ParameterError("No feature is left to learn from besides the label", where="label_column")
    rows, y = X[known].reset_index(drop=True), gone[known]
    method, learned = _best(cross_fit(rows, y, kinds=KINDS[MEAN], random_state=random_state))
    single = _best_single(rows, y)
    plain = cross_fit(rows[[single]], y, kinds=KINDS[LOGISTIC], random_state=random_state)
    baseline = label(table.spec(single))
    test = _in_folds(learned, plain, baseline=baseline)
    if at is not None:
        test = _in_time(learned, plain, baseline=baseline, start=_start(table, at)[known])
    if not test.beats_baseline:
        method, learned = f"{LOGISTIC} of {baseline} alone", plain
    model = learned.model()
    risk = model.risk(X)
    risk[known] = learned.risk
    causes, agreement = _drivers(table, model, learned=learned, risk=risk)
    band = _band(risk, y.mean())
    return ChurnForecast(
        customer_ids=table.customer_ids,
        risk=risk,
        band=band,
        has_left=gone,
        bands=_bands(band, risk, gone=gone),
        drivers=causes,
        importance=importance(learned),
        test=test,
        method=method,
        model=model,
        left_value=left_value,
        notes=(test.sentence, *_futile(learned), *agreement, *told.values()),
    )


def _best(both: CrossFit) -> tuple[str, CrossFit]:
    """Of the two kinds of classifier and their mean the one that loses least."""
    fits = {method: both.only(kinds) for method, kinds in KINDS.items()}
    method = min(fits, key=lambda name: float(log_loss(fits[name].raw, both.y).mean()))
    return method, fits[method]


def _best_single(X: pd.DataFrame, y: Flags) -> str:
    """The feature that alone ranks customers best."""
    return max(map(str, X.columns), key=lambda name: single_auc(ranked(X.loc[:, name], y), y))


def _start(table: FeatureTable, at: str) -> Floats:
    """How long ago each customer started."""
    if table.spec(at).kind != "number":
        raise ParameterError(f"{at!r} is no number to order customers by", where="at")
    return table.X[at].to_numpy(dtype=np.float64)


def _in_folds(learned: CrossFit, plain: CrossFit, *, baseline: str) -> ChurnTest:
    split = f"each by models fitted without them, {N_FOLDS} folds"
    return _judged(learned.y, (learned.risk, plain.risk), baseline=baseline, split=split)


def _in_time(learned: CrossFit, plain: CrossFit, *, baseline: str, start: Floats) -> ChurnTest:
    """Learn from the customers who started earlier, test on those who started last."""
    order = np.argsort(-start, kind="stable")
    early, late = np.sort(order[: -len(order) // N_FOLDS]), np.sort(order[-len(order) // N_FOLDS :])
    for rows in (early, late):
        fewest = min(learned.y[rows].sum(), (~learned.y[rows]).sum())
        if fewest < MIN_EACH_IN_TIME:
            raise TooFewCustomersError(
                f"Split by time, one part has {fewest} customers who left, or who stayed: "
                f"{MIN_EACH_IN_TIME} are needed",
                where="at",
                to_do="Leave it out to test on customers drawn at random",
            )
    risks = []
    for fit in (learned, plain):
        X = fit.X.iloc[early].reset_index(drop=True)
        again = cross_fit(X, fit.y[early], kinds=tuple(fit.parts[0]), random_state=fit.random_state)
        risks.append(again.model().risk(fit.X.iloc[late]))
    split = "the fifth who started last, by models fitted on those who started before"
    return _judged(learned.y[late], (risks[0], risks[1]), baseline=baseline, split=split)


def _judged(y: Flags, risks: tuple[Floats, Floats], *, baseline: str, split: str) -> ChurnTest:
    """The lead of the first risks over the second, and how good those are that will be used."""
    from sklearn.metrics import roc_auc_score

    aucs = [float(roc_auc_score(y, risk)) for risk in risks]
    losses = [log_loss(risk, y) for risk in risks]
    lead, error = _mean_and_error(losses[1] - losses[0])
    used = 0 if lead > CLEAR * error else 1
    tenths = _tenths(risks[used], y)
    return ChurnTest(
        split=split,
        n_customers=len(y),
        auc=aucs[used],
        model_auc=aucs[0],
        calibration=tenths,
        calibration_error=float((tenths["risk"] - tenths["left_share"]).abs().mean()),
        baseline=baseline,
        baseline_auc=aucs[1],
        lead=lead,
        lead_error=error,
    )


def _mean_and_error(values: Floats) -> tuple[float, float]:
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))


def _tenths(risk: Floats, y: Flags) -> pd.DataFrame:
    """Customers in ten parts of equal size by risk, highest last."""
    import pandas as pd

    place = np.empty(len(risk), dtype=np.intp)
    place[np.argsort(risk, kind="stable")] = np.arange(len(risk)) * N_DECILES // len(risk)
    frame = pd.DataFrame({"risk": risk, "left_share": y.astype(np.float64)}).groupby(place)
    tenths = frame.mean().assign(n_customers=frame.size())
    tenths = tenths.assign(lift=tenths["left_share"] / y.mean())
    return tenths[["n_customers", "risk", "left_share", "lift"]].reset_index(drop=True)


def _futile(learned: CrossFit) -> tuple[str, ...]:
    """A warning where the risks say no more than that customers leave."""
    y = learned.y
    share = float(y.mean())
    saved = log_loss(np.full(len(y), share), y) - log_loss(learned.risk, y)
    lead, error = _mean_and_error(saved)
    if lead > CLEAR * error:
        return ()
    return (f"The risks tell no more than that {percent(share)} left: do not choose customers by them",)


def _drivers(
    table: FeatureTable, model: FittedChurn, *, learned: CrossFit, risk: Floats
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Drivers by the logistic regression, and how well it agrees with the risk if that is not its own."""
    from scipy.stats import spearmanr

    additive = model.parts.get("logistic") or logistic(learned.X).fit(learned.X, learned.y)
    X = model.columns(table.X)
    causes = drivers(table, X, moved=contributions(additive, X))
    if list(model.parts) == ["logistic"]:
        return causes, ()
    agreement = float(spearmanr(additive.predict_proba(X)[:, 1], risk).statistic)
    told = f"Drivers are those of a {LOGISTIC}; its ranking of customers and that of the risk agree"
    return causes, (f"{told} by {agreement:.2f} (Spearman)",)


def _band(risk: Floats, average: float) -> npt.NDArray[np.object_]:
    """High, raised or low, by the average share who left."""
    high = min(2 * average, (1 + average) / 2)
    low, raised, top = BANDS
    return np.where(risk >= high, top, np.where(risk >= average, raised, low)).astype(object)


def _bands(band: npt.NDArray[np.object_], risk: Floats, *, gone: Flags) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame({"band": band, "n_still_here": ~gone, "mean_risk": risk}).groupby("band")
    found = frame.agg(n_customers=("mean_risk", "size"), n_still_here=("n_still_here", "sum"))
    found = found.assign(mean_risk=frame["mean_risk"].mean()).reindex(BANDS[::-1])
    counts = {name: found[name].fillna(0).astype(int) for name in ("n_customers", "n_still_here")}
    return found.assign(**counts).reset_index()
