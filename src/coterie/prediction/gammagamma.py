"""Gamma-Gamma: what customers spend an order, drawn towards what all spend where orders are few."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import numpy as np
import numpy.typing as npt

from coterie.errors import InputError, ParameterError
from coterie.prediction.histories import Floats

_NAMES = ("p", "q", "v")
_STARTS = ((0.0, 0.5, 0.0), (1.5, 1.3, 0.0), (0.0, 2.0, 1.0))
"""Logarithms of p, q and v (in mean order values)."""
_LOG_BOUND = 12.0


class GammaGamma:
    """The mean order value of each customer: orders vary around it, and it varies over customers.

    Order values of a customer are gamma distributed (shape p) with a rate that is gamma distributed over
    customers (q, v), independent of how often they buy.

    Attributes
    ----------
    params_ : dict of str to float
        p, q, v (money).
    log_likelihood_ : float

    References
    ----------
    .. [1] Fader, Hardie (2013). The Gamma-Gamma model of monetary value.

    Examples
    --------
    >>> model = GammaGamma.from_params({"p": 6.25, "q": 3.74, "v": 15.44})
    >>> model.expected_value([1, 10], [100.0, 100.0]).round(1)
    array([80.3, 97.3])
    """

    params_: dict[str, float]
    log_likelihood_: float

    @classmethod
    def from_params(cls, params: Mapping[str, float]) -> Self:
        """A model with known parameters p, q and v, all above zero.

        Parameters
        ----------
        params : mapping of str to float

        Returns
        -------
        GammaGamma

        Raises
        ------
        ParameterError
            If one is not above zero.
        """
        model = cls()
        model.params_ = {name: float(params[name]) for name in _NAMES}
        if not min(model.params_.values()) > 0:
            raise ParameterError(f"p, q and v must be above zero, not {model.params_}")
        return model

    def fit(self, n_orders: npt.ArrayLike, mean_value: npt.ArrayLike) -> Self:
        """Estimate the parameters by maximum likelihood.

        Parameters
        ----------
        n_orders : array of shape (n,)
            Orders behind each mean, at least 1.
        mean_value : array of shape (n,)
            Mean value of these orders, above 0.

        Returns
        -------
        GammaGamma

        Raises
        ------
        InputError
            If a value is missing or not above zero.
        """
        from scipy.optimize import minimize

        rows = _checked(n_orders, mean_value)
        unit = float(rows[:, 1].mean())
        scaled = rows / np.array([1.0, unit])
        counts, place = np.unique(scaled[:, 0], return_inverse=True)

        def cost(logs: Floats) -> tuple[float, Floats]:
            value, slope = _log_likelihood(logs, scaled, counts=counts, place=place)
            return -value / len(rows), -slope / len(rows)

        bounds = [(-_LOG_BOUND, _LOG_BOUND)] * 3
        tries = [
            minimize(
                cost,
                np.array(start),
                jac=True,
                method="L-BFGS-B",
                bounds=bounds,
                options={"ftol": 1e-13, "gtol": 1e-8},
            )
            for start in _STARTS
        ]
        best = min(tries, key=lambda found: float(found.fun))
        p, q, v = np.exp(best.x)
        self.params_ = {"p": float(p), "q": float(q), "v": float(v * unit)}
        # The likelihood of the money itself: the change of unit belongs to it.
        self.log_likelihood_ = -float(best.fun) * len(rows) - len(rows) * float(np.log(unit))
        return self

    def expected_value(self, n_orders: npt.ArrayLike, mean_value: npt.ArrayLike) -> Floats:
        """Expected value of an order of each customer.

        Parameters
        ----------
        n_orders : array of shape (n,)
            0 for nobody's orders: then it is that of all.
        mean_value : array of shape (n,)

        Returns
        -------
        ndarray of shape (n,), float64
            Where q is 1 or less, the mean over customers does not exist; then their own mean is given.
        """
        n, mean = np.asarray(n_orders, dtype=np.float64), np.asarray(mean_value, dtype=np.float64)
        p, q, v = self.params_.values()
        if q <= 1.0:
            return mean
        expected: Floats = p * (v + n * mean) / (p * n + q - 1.0)
        return expected


def _checked(n_orders: npt.ArrayLike, mean_value: npt.ArrayLike) -> Floats:
    rows = np.column_stack([np.asarray(n_orders, dtype=np.float64), np.asarray(mean_value, dtype=np.float64)])
    if not len(rows) or not np.isfinite(rows).all() or not (rows > 0).all():
        raise InputError("Orders and their mean values must be above zero", where="n_orders, mean_value")
    return rows


def _log_likelihood(
    logs: Floats, rows: Floats, *, counts: Floats, place: npt.NDArray[np.intp]
) -> tuple[float, Floats]:
    """Log likelihood of all rows, and its gradient by the logarithms of p, q and v, shape (3,).

    What depends on the number of orders alone is computed once for each number.
    """
    from scipy.special import gammaln, psi

    p, q, v = np.exp(logs)
    x, m = rows.T
    log_m, log_all = np.log(m), np.log(v + m * x)
    of_count = gammaln(p * counts + q) - gammaln(p * counts) + p * counts * np.log(counts)
    values = of_count[place] - gammaln(q) + q * np.log(v) + (p * x - 1.0) * log_m - (p * x + q) * log_all
    slope = psi(p * counts + q)
    by_p = x * ((slope - psi(p * counts) + np.log(counts))[place] + log_m - log_all)
    by_q = slope[place] - psi(q) + np.log(v) - log_all
    by_v = q / v - (p * x + q) / (v + m * x)
    gradient = np.array([by_p.sum() * p, by_q.sum() * q, by_v.sum() * v])
    return float(values.sum()), gradient
