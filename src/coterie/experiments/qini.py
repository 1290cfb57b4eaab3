"""How much better than chance a ranking finds the people whom an action moves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coterie.errors import InputError
from coterie.experiments.intervals import Interval

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

N_BOOTSTRAP = 200
N_POINTS = 201
"""Points of a curve that is kept: every half percent of the people."""


@dataclass(frozen=True, eq=False)
class Qini:
    """The Qini curve of a ranking, and its area above chance.

    Attributes
    ----------
    share : ndarray of shape (201,)
        Share of people that is treated, the most promising first, 0-1.
    gain : ndarray of shape (201,)
        Additional conversions among the treated of that share, per person of the whole trial.
    coefficient : Interval
        Area between the curve and the straight line of a random ranking; its 95 % range from
        resampled people, the ranking held fixed.
    n : int
    """

    share: Floats
    gain: Floats
    coefficient: Interval
    n: int


def qini(
    score: npt.ArrayLike,
    *,
    converted: npt.ArrayLike,
    treated: npt.ArrayLike,
    random_state: int = 0,
) -> Qini:
    """Judge a ranking by a trial whose people it has not seen.

    Parameters
    ----------
    score : array-like of shape (n,)
        Higher is treated first; equal scores share their gain evenly.
    converted, treated : array-like of shape (n,), bool
    random_state : int

    Returns
    -------
    Qini

    Raises
    ------
    InputError
        If the lengths differ, a score is not finite, or one group is empty.

    Notes
    -----
    The gain at a share is Y_t - Y_c N_t / N_c, over all n people of the trial: conversions of the
    treated less those that the control group lets expect. With half of the people treated it is half
    of what treating everybody would bring.

    References
    ----------
    .. [1] Radcliffe (2007). Using control groups to target on predicted lift. Direct Marketing
       Analytics Journal 1: 14-21.
    """
    ranked, y, t = (np.asarray(values, dtype=np.float64).ravel() for values in (score, converted, treated))
    if not len(ranked) == len(y) == len(t) or not np.isfinite(ranked).all():
        raise InputError("Scores, outcomes and groups differ in length, or a score is no number")
    if not 0 < t.sum() < len(t):
        raise InputError("A ranking can only be judged with treated and held out people", where="treated")
    order = np.argsort(-ranked, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(ranked[order])), len(order) - 1)
    y, t = y[order], t[order]
    share, gain = _curve(np.ones(len(y)), ends, converted=y, treated=t)
    random = np.random.default_rng(random_state)
    areas = []
    for _ in range(N_BOOTSTRAP):
        weights = np.bincount(random.integers(0, len(y), len(y)), minlength=len(y)).astype(np.float64)
        areas.append(_area(*_curve(weights, ends, converted=y, treated=t)))
    low, high = np.quantile(areas, [0.025, 0.975])
    at = np.linspace(0.0, 1.0, N_POINTS)
    area = Interval(_area(share, gain), float(low), float(high))
    return Qini(at, np.interp(at, share, gain), area, len(y))


def _curve(
    weights: Floats, ends: npt.NDArray[np.intp], *, converted: Floats, treated: Floats
) -> tuple[Floats, Floats]:
    """Share of people and gain at the end of each group of equal scores, from (0, 0) on."""
    n_treated, n_control = np.cumsum(weights * treated)[ends], np.cumsum(weights * (1.0 - treated))[ends]
    y_treated = np.cumsum(weights * treated * converted)[ends]
    y_control = np.cumsum(weights * (1.0 - treated) * converted)[ends]
    total = n_treated[-1] + n_control[-1]
    expected = y_control * np.divide(n_treated, n_control, out=np.zeros(len(ends)), where=n_control > 0)
    gain = np.where(n_control > 0, y_treated - expected, 0.0) / total
    return np.append(0.0, (n_treated + n_control) / total), np.append(0.0, gain)


def _area(share: Floats, gain: Floats) -> float:
    """Area between the curve and the straight line to its end."""
    return float(np.trapezoid(gain, share)) - float(gain[-1]) / 2.0
