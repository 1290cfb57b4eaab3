"""Are published purchase models found, and do they foresee what came? CDNOW, and a million customers.

    COTERIE_TEST_DATA=<folder> python -m benchmarks.foresight_lifetime

Parameters on the sample of 2,357 customers, those of Fader, Hardie and Lee (2005) and Batislam et al. (2007)
beside them. The forecast of 39 weeks is made after 39 weeks. Calibration error: mean distance of predicted
and actual share active over tenths of customers; after isotonic regression on a random half it is judged on
the other half, mean of 100 halvings. Chance alone makes 0.029 of a perfect forecast of so few.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import roc_auc_score

from benchmarks.cdnow import WEEKS, halves
from benchmarks.data import public_data
from benchmarks.report import Report, Row, main
from coterie.features import build_features
from coterie.prediction import BetaGeoNBD, GammaGamma, ModifiedBetaGeoNBD, ParetoNBD, forecast
from coterie.prediction.calibration import calibration_error, calibration_table, error_after_isotonic
from coterie.prediction.family import PurchaseModel
from coterie.sources import read

PUBLISHED: dict[type[PurchaseModel], tuple[tuple[float, ...], float]] = {
    BetaGeoNBD: ((0.243, 4.414, 0.793, 2.426), -9582.43),
    ModifiedBetaGeoNBD: ((0.525, 6.183, 0.891, 1.614), np.nan),
    ParetoNBD: ((0.553, 10.578, 0.606, 11.669), -9594.98),
}
VALUES = (6.25, 3.74, 15.45)
N_HALVINGS = 100
N_MANY = 1_000_000


def parameter_rows(known: pd.DataFrame) -> Iterator[Row]:
    """Parameters found beside those published."""
    for family, (published, likelihood) in PUBLISHED.items():
        model = family().fit(known["frequency"], known["recency"], known["T"])
        found = list(model.params_.values())
        near = np.allclose(found, published, atol=0.005, rtol=0.002)
        near &= bool(np.isnan(likelihood) or abs(model.log_likelihood_ - likelihood) <= 0.01)
        told = f"{', '.join(f'{value:.3f}' for value in found)}; LL {model.log_likelihood_:.2f}"
        beside = ", ".join(f"{value:.3f}" for value in published)
        yield Row(f"{family.TITLE} on CDNOW", told, beside, "", "as published", near)
    again = known[known["frequency"] > 0]
    values = GammaGamma().fit(again["frequency"], again["mean_value"])
    told = ", ".join(f"{value:.2f}" for value in values.params_.values())
    near = np.allclose(list(values.params_.values()), VALUES, atol=0.01)
    yield Row("Gamma-Gamma on CDNOW", told, ", ".join(map(str, VALUES)), "", "as published", near)


def holdout_rows(known: pd.DataFrame, *, n_halvings: int) -> Iterator[Row]:
    """The later 39 weeks."""
    history = [known[name].to_numpy(np.float64) for name in ("frequency", "recency", "T")]
    model = BetaGeoNBD().fit(*history)
    orders, came = model.expected_orders(WEEKS, *history), known["orders"].to_numpy()
    again = known[known["frequency"] > 0]
    values = GammaGamma().fit(again["frequency"], again["mean_value"])
    worth = orders * values.expected_value(history[0], known["mean_value"])
    top = np.argsort(-worth, kind="stable")[: len(worth) // 10]
    chance = model.p_active(WEEKS, *history)
    plain = history[0] / history[2] * WEEKS
    yield _at_least("correlation with orders", _r(orders, came), _r(plain, came), least=0.62)
    bias, of_plain = (float(said.sum() / came.sum()) - 1.0 for said in (orders, plain))
    yield Row(
        "bias of all orders", f"{bias:.1%}", f"past rate {of_plain:.1%}", "", "<= 15 %", abs(bias) <= 0.15
    )
    auc, of_plain = (float(roc_auc_score(came > 0, said)) for said in (orders, plain))
    yield _at_least("AUC of buying again", auc, of_plain, least=0.77)
    share = float(known["spend"].to_numpy()[top].sum() / known["spend"].sum())
    yield Row("later spend of the best tenth", f"{share:.3f}", "", "", ">= 0.50", share >= 0.50)
    raw = calibration_error(calibration_table(chance, came > 0))
    yield Row("calibration error, as said", f"{raw:.3f}", "", "", "<= 0.06", raw <= 0.06)
    mended = [error_after_isotonic(chance, came > 0, n_groups=10, random_state=i) for i in range(n_halvings)]
    mean = float(np.mean(mended))
    within = f"{np.mean(np.array(mended) <= 0.03):.0%} of halvings <= 0.03"
    yield Row("calibration error after isotonic, sample", f"{mean:.3f}", "", within, "<= 0.03", mean <= 0.03)


def shop_row(path: Path) -> Row:
    """The whole shop, 23,570 customers, through the forecast a user gets."""
    test = forecast(build_features(read(path))).test
    assert test is not None and test.calibrated_error is not None
    said = f"{test.calibrated_error:.3f}"
    told = f"{test.n_customers:,} customers, {test.horizon_days} days"
    return Row(
        "calibration error after isotonic, all", said, "", told, "<= 0.03", test.calibrated_error <= 0.03
    )


def many_row(n: int) -> Row:
    """Fit and score a million histories of whole days."""
    random = np.random.default_rng(0)
    rate, leaving = random.gamma(0.25, 1 / 4.4, n), random.beta(0.8, 2.4, n)
    T = random.integers(1, 78 * 7, n) / 7.0
    x, t_x, now, active = np.zeros(n), np.zeros(n), np.zeros(n), np.ones(n, dtype=bool)
    while active.any():
        now = now + random.exponential(1.0, n) / np.maximum(rate, 1e-12)
        active &= now < T
        x[active] += 1
        t_x[active] = np.floor(now[active] * 7.0) / 7.0
        active &= random.random(n) >= leaving
    start = time.process_time()
    model = BetaGeoNBD().fit(x, t_x, T)
    model.expected_orders(52.0, x, t_x, T)
    model.p_active(52.0, x, t_x, T)
    seconds = time.process_time() - start
    return Row(f"{n:,} customers fitted and scored", f"{seconds:.2f} s CPU", "", "", "< 5 s", seconds < 5.0)


def _r(said: npt.NDArray[np.float64], came: npt.NDArray[np.float64]) -> float:
    return float(np.corrcoef(said, came)[0, 1])


def _at_least(what: str, ours: float, plain: float, *, least: float) -> Row:
    return Row(what, f"{ours:.3f}", f"past rate {plain:.3f}", "", f">= {least}", ours >= least)


def run(*, quick: bool = False) -> Report:
    """All of it; quick halves less and takes fewer customers."""
    title = "Lifetime"
    folder, missing = public_data("cdnow")
    if folder is None:
        return Report(title, missing=missing)
    known = halves(folder)
    rows = [*parameter_rows(known), *holdout_rows(known, n_halvings=10 if quick else N_HALVINGS)]
    rows += [shop_row(folder / "CDNOW_master.txt"), many_row(N_MANY // (10 if quick else 1))]
    return Report(title, tuple(rows))


if __name__ == "__main__":
    sys.exit(main(run, __doc__))
