"""Intervals for the difference of two groups that hold what they promise when one of them is small.

Chosen by simulation of campaigns with a tenth held out: the usual interval of two rates (Wald) covered the
truth in 57-95 of 100, this one in 95-96; Welch's interval of spend in 70-95 of 100, this one in 95-100.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from coterie.experiments.power import ALPHA

Floats = npt.NDArray[np.float64]
Counts = tuple[npt.ArrayLike, npt.ArrayLike]
"""Converted people and all people of a group."""


@dataclass(frozen=True)
class Interval:
    """An estimate and the range that covers the truth in 95 of 100 such cases.

    Attributes
    ----------
    estimate, low, high : float
    """

    estimate: float
    low: float
    high: float

    def times(self, factor: float) -> Interval:
        """The same for a multiple of the quantity.

        Parameters
        ----------
        factor : float
            Not below zero.

        Returns
        -------
        Interval
        """
        return Interval(self.estimate * factor, self.low * factor, self.high * factor)


def interval(bounds: tuple[Floats, Floats, Floats]) -> Interval:
    """One interval from the arrays that the functions below return for one case.

    Parameters
    ----------
    bounds : tuple of three arrays of shape ()
        Estimate, low and high.

    Returns
    -------
    Interval
    """
    return Interval(*(float(bound) for bound in bounds))


def rate_difference(
    treated: Counts, control: Counts, *, alpha: float = ALPHA
) -> tuple[Floats, Floats, Floats]:
    """Rate of the treated less that of the control group, with Newcombe's hybrid score interval.

    Parameters
    ----------
    treated, control : pair of (converted, n)
        Numbers, or arrays of one shape.
    alpha : float

    Returns
    -------
    tuple of three ndarrays
        Estimate, low, high, in shares.

    References
    ----------
    .. [1] Newcombe (1998). Interval estimation for the difference between independent proportions.
       Statistics in Medicine 17: 873-890, method 10.

    Examples
    --------
    >>> [round(float(value), 4) for value in rate_difference((56, 70), (48, 80))]
    [0.2, 0.0524, 0.3339]
    """
    p, p_low, p_high = _wilson(treated, alpha)
    q, q_low, q_high = _wilson(control, alpha)
    down = np.sqrt((p - p_low) ** 2 + (q_high - q) ** 2)
    up = np.sqrt((p_high - p) ** 2 + (q - q_low) ** 2)
    return p - q, p - q - down, p - q + up


def rate_range(converted: int, n: int, *, alpha: float = ALPHA) -> Interval:
    """The rate of one group with Wilson's score interval.

    Parameters
    ----------
    converted, n : int
    alpha : float

    Returns
    -------
    Interval
        In shares.

    References
    ----------
    .. [1] Wilson (1927). Probable inference, the law of succession, and statistical inference. Journal of
       the American Statistical Association 22: 209-212.

    Examples
    --------
    >>> rate_range(15, 148).low  # doctest: +ELLIPSIS
    0.062...
    """
    return interval(_wilson((converted, n), alpha))


def relative_lift(treated: Counts, control: Counts, *, alpha: float = ALPHA) -> tuple[Floats, Floats, Floats]:
    """Rate of the treated over that of the control group, less one.

    Parameters
    ----------
    treated, control : pair of (converted, n)
        Numbers, or arrays of one shape.
    alpha : float

    Returns
    -------
    tuple of three ndarrays
        Estimate, low, high: 0.2 is a fifth more. Not finite where nobody of the control group converted.

    References
    ----------
    .. [1] Walter (1975). The distribution of Levin's measure of attributable risk. Biometrika 62:
       371-374: logarithms, half a person added to each count.
    """
    (a, m), (b, n) = (tuple(np.asarray(v, dtype=np.float64) for v in group) for group in (treated, control))
    middle = np.log((a + 0.5) / (m + 0.5)) - np.log((b + 0.5) / (n + 0.5))
    variance = 1.0 / (a + 0.5) - 1.0 / (m + 0.5) + 1.0 / (b + 0.5) - 1.0 / (n + 0.5)
    half = _z(alpha) * np.sqrt(variance)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = (a / m) / (b / n) - 1.0
    return estimate, np.exp(middle - half) - 1.0, np.exp(middle + half) - 1.0


def mean_difference(
    treated: npt.ArrayLike, control: npt.ArrayLike, *, alpha: float = ALPHA
) -> tuple[Floats, Floats, Floats]:
    """Mean of the treated less that of the control group: the wider of Welch's and the pooled interval.

    Spend is mostly zero and seldom large. A small control group that happens to lack the large orders
    looks less varied than it is, and Welch's interval is then too short; the pooled variance, which the
    many treated steady, is its floor.

    Parameters
    ----------
    treated, control : array-like of shape (..., n)
        Of each person; n at least 2 and may differ.
    alpha : float

    Returns
    -------
    tuple of three ndarrays of shape (...)
        Estimate, low, high, in the unit of the values.

    References
    ----------
    .. [1] Welch (1947). The generalization of Student's problem. Biometrika 34: 28-35.
    """
    from scipy.stats import t

    one, other = (np.asarray(values, dtype=np.float64) for values in (treated, control))
    m, n = one.shape[-1], other.shape[-1]
    var_one, var_other = one.var(axis=-1, ddof=1), other.var(axis=-1, ddof=1)
    own = var_one / m + var_other / n
    parts = (var_one / m) ** 2 / (m - 1) + (var_other / n) ** 2 / (n - 1)
    degrees = np.divide(own**2, parts, out=np.full(own.shape, float(m + n - 2)), where=parts > 0)
    pooled = ((m - 1) * var_one + (n - 1) * var_other) / (m + n - 2) * (1.0 / m + 1.0 / n)
    tail = 1.0 - alpha / 2.0
    half = np.maximum(t.ppf(tail, degrees) * np.sqrt(own), t.ppf(tail, m + n - 2) * np.sqrt(pooled))
    middle = one.mean(axis=-1) - other.mean(axis=-1)
    return middle, middle - half, middle + half


def _wilson(group: Counts, alpha: float) -> tuple[Floats, Floats, Floats]:
    """A rate with Wilson's score interval."""
    x, n = (np.asarray(value, dtype=np.float64) for value in group)
    z, rate = _z(alpha), x / n
    middle = (rate + z**2 / (2.0 * n)) / (1.0 + z**2 / n)
    half = z / (1.0 + z**2 / n) * np.sqrt(rate * (1.0 - rate) / n + z**2 / (4.0 * n**2))
    # At no and at all converted the bound is the rate itself, which rounding may miss.
    return rate, np.minimum(middle - half, rate), np.maximum(middle + half, rate)


def _z(alpha: float) -> float:
    return NormalDist().inv_cdf(1.0 - alpha / 2.0)
