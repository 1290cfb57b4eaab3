"""What the purchase models share: how they are fitted and what can be asked of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.prediction.histories import Floats, checked, distinct

_START_ROWS = 5_000
_LOG_BOUND = 12.0
_NUDGE = 1e-6
_LEAST_DROPOUT = 1e-3
"""Mean chance a / (a + b) of leaving after a purchase under which "nobody ever leaves" is not believed."""
_PRIOR_SD = 1.0
"""Of the logarithm of a parameter with a prior: give or take a factor of e."""


class PurchaseModel(ABC):
    """Customers buy at their own rate until they leave, which nobody sees.

    Attributes
    ----------
    params_ : dict of str to float
        By the names of the literature.
    log_likelihood_ : float
        At `params_`, without the prior.
    """

    TITLE: ClassVar[str]
    NAMES: ClassVar[tuple[str, ...]]
    TIMES: ClassVar[tuple[bool, ...]]
    """Which parameters are measured in the unit of time."""
    STARTS: ClassVar[tuple[tuple[float, ...], ...]]
    """Logarithms of the parameters to climb from, in mean observation times."""
    PRIOR: ClassVar[Mapping[int, float]] = {}
    """Means of the logarithms of those parameters (by position) on which a weak prior may be laid."""

    params_: dict[str, float]
    log_likelihood_: float

    @classmethod
    def from_params(cls, params: Mapping[str, float]) -> Self:
        """A model with known parameters, all above zero.

        Parameters
        ----------
        params : mapping of str to float

        Returns
        -------
        PurchaseModel

        Raises
        ------
        ParameterError
            If one is not above zero.
        """
        model = cls()
        model.params_ = {name: float(params[name]) for name in cls.NAMES}
        if not min(model.params_.values()) > 0:
            raise ParameterError(f"{', '.join(cls.NAMES)} must be above zero, not {model.params_}")
        return model

    # x, t_x, T are one triple in every paper and program on these models, hence positional everywhere.
    def fit(
        self,
        x: npt.ArrayLike,
        t_x: npt.ArrayLike,
        T: npt.ArrayLike,
        *,
        weights: npt.ArrayLike | None = None,
        prior: bool = False,
    ) -> Self:
        """Estimate the parameters by maximum likelihood.

        Parameters
        ----------
        x : array of shape (n,)
            Repeat purchases: orders less the first one.
        t_x : array of shape (n,)
            Time from the first to the last purchase, 0 without repeats.
        T : array of shape (n,)
            Time from the first purchase to the end of the observation, same unit.
        weights : array of shape (n,), optional
            Customers each row stands for.
        prior : bool
            Add the weak log-normal prior, for data that say nothing of how people leave.

        Returns
        -------
        PurchaseModel

        Raises
        ------
        InputError
            If a value is missing, negative, or a purchase lies after the end of the observation.
        """
        rows = checked(x, t_x, T=T)
        counts = np.ones(len(rows)) if weights is None else np.asarray(weights, dtype=np.float64)
        each, position = distinct(rows)
        counts = np.asarray(np.bincount(position, weights=counts), dtype=np.float64)
        unit = max(float(np.average(each[:, 2], weights=counts)), 1e-9)
        logs = self._climb(each / np.array([1.0, unit, unit]), counts, prior=prior)
        values = np.exp(logs) * np.where(self.TIMES, unit, 1.0)
        self.params_ = dict(zip(self.NAMES, map(float, values), strict=True))
        self.log_likelihood_ = float(counts @ self.log_likelihood_rows(*each.T))
        return self

    def log_likelihood_rows(self, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike) -> Floats:
        """Log likelihood of each customer under `params_`.

        Parameters
        ----------
        x, t_x, T : array-like of shape (n,)
            As in `fit`.

        Returns
        -------
        ndarray of shape (n,), float64
        """
        values, _ = self.log_likelihood(np.log(list(self.params_.values())), checked(x, t_x, T=T))
        return values

    @staticmethod
    @abstractmethod
    def log_likelihood(logs: Floats, rows: Floats) -> tuple[Floats, Floats]:
        """Log likelihood of each row, and its gradient by the logarithms of the parameters.

        Parameters
        ----------
        logs : ndarray of shape (4,)
        rows : ndarray of shape (n, 3)
            x, t_x, T.

        Returns
        -------
        values : ndarray of shape (n,)
        gradient : ndarray of shape (4, n)
        """

    @abstractmethod
    def p_alive(self, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike) -> Floats:
        """Probability of still being a customer at the end of the observation.

        Parameters
        ----------
        x, t_x, T : array-like of shape (n,)
            As in `fit`.

        Returns
        -------
        ndarray of shape (n,), float64, 0-1
        """

    def expected_orders(
        self, horizon: float, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike
    ) -> Floats:
        """Expected purchases in the `horizon` after the observation.

        Parameters
        ----------
        horizon : float
            In the unit of the times, >= 0.
        x, t_x, T : array-like of shape (n,)
            As in `fit`.

        Returns
        -------
        ndarray of shape (n,), float64
        """
        rows, position = distinct(checked(x, t_x, T=T))
        orders = self.p_alive(*rows.T) * self._orders_while_active(checked_horizon(horizon), rows)
        placed: Floats = np.maximum(orders, 0.0)[position]
        return placed

    def p_active(self, horizon: float, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike) -> Floats:
        """Probability of at least one purchase in the `horizon` after the observation.

        Parameters
        ----------
        horizon : float
            In the unit of the times, >= 0.
        x, t_x, T : array-like of shape (n,)
            As in `fit`.

        Returns
        -------
        ndarray of shape (n,), float64, 0-1
        """
        rows, position = distinct(checked(x, t_x, T=T))
        chance = self.p_alive(*rows.T) * self._buys_while_active(checked_horizon(horizon), rows)
        placed: Floats = np.clip(chance, 0.0, 1.0)[position]
        return placed

    def median_wait(self, x: npt.ArrayLike, T: npt.ArrayLike) -> Floats:
        """Median time until the next purchase of a customer who has not left.

        Parameters
        ----------
        x, T : array-like of shape (n,)
            As in `fit`.

        Returns
        -------
        ndarray of shape (n,), float64
        """
        r, alpha = self.params_["r"], self.params_["alpha"]
        shape, scale = r + np.asarray(x, dtype=np.float64), alpha + np.asarray(T, dtype=np.float64)
        waiting: Floats = scale * np.expm1(np.minimum(np.log(2.0) / shape, 50.0))
        return waiting

    @abstractmethod
    def _orders_while_active(self, horizon: float, rows: Floats) -> Floats:
        """Expected purchases of those who have not left by the end of the observation."""

    def _buys_while_active(self, horizon: float, rows: Floats) -> Floats:
        """Chance that those who have not left buy; nobody leaves before a purchase."""
        x, _, T = rows.T
        scale = self.params_["alpha"] + T
        bought: Floats = -np.expm1((self.params_["r"] + x) * np.log(scale / (scale + horizon)))
        return bought

    def _climb(self, rows: Floats, counts: Floats, *, prior: bool) -> Floats:
        """Logarithms of the parameters with the highest (penalised) likelihood.

        Several starts climb on every so-manieth distinct row; the best one goes on over all of them.
        """
        few = slice(None, None, 1 + len(rows) // _START_ROWS)
        tries = [
            self._descend(np.array(start), rows[few], counts=counts[few], prior=prior)
            for start in self.STARTS
        ]
        start, _ = min(tries, key=lambda found: found[1])
        return self._descend(start, rows, counts=counts, prior=prior)[0]

    def _descend(self, start: Floats, rows: Floats, *, counts: Floats, prior: bool) -> tuple[Floats, float]:
        """The nearest minimum of the mean negative log likelihood (less the log prior), and its height."""
        from scipy.optimize import minimize

        total = float(counts.sum())
        held, means = list(self.PRIOR), np.array(list(self.PRIOR.values()))

        def cost(logs: Floats) -> tuple[float, Floats]:
            values, gradient = self.log_likelihood(logs, rows)
            height, slope = -float(counts @ values), -(gradient @ counts)
            if prior:
                away = (logs[held] - means) / _PRIOR_SD
                height += 0.5 * float(away @ away)
                slope[held] += away / _PRIOR_SD
            return height / total, slope / total

        bounds = [(-_LOG_BOUND, _LOG_BOUND)] * len(start)
        found = minimize(
            cost, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-13, "gtol": 1e-8}
        )
        return np.asarray(found.x, dtype=np.float64), float(found.fun)


def is_degenerate(model: PurchaseModel) -> bool:
    """Whether a fit ran to an edge: nobody ever leaves, or everybody at once.

    Parameters
    ----------
    model : PurchaseModel
        Fitted.

    Returns
    -------
    bool
    """
    logs = np.log(list(model.params_.values()))
    if (np.abs(logs) > _LOG_BOUND - 0.1).any():
        return True
    if "b" not in model.params_:
        return False
    leaving = model.params_["a"] / (model.params_["a"] + model.params_["b"])
    return not _LEAST_DROPOUT < leaving < 1.0 - _LEAST_DROPOUT


def checked_horizon(horizon: float) -> float:
    """The horizon, refused below zero."""
    if not horizon >= 0:
        raise ParameterError(f"The horizon {horizon!r} is below zero", where="horizon")
    return float(horizon)


def orders_until_dropout(horizon: float, shape: Floats, *, scale: Floats, a: float, b: Floats) -> Floats:
    """Expected purchases at a rate ~ Gamma(shape, scale) when each may be the last, with chance ~ Beta(a, b).

    Equation (10) of Fader, Hardie and Lee (2005) with its hypergeometric function in Euler's other form,
    whose terms stay small: (1-z)^s F(s, b; a+b-1; z) = (1-z)^(a-1) F(a+b-1-s, a-1; a+b-1; z).
    """
    from scipy.special import hyp2f1

    # The formula has a removable gap at a = 1, and scipy's hyp2f1 overflows where an argument is whole.
    nearest = np.abs(shape - a - np.round(shape - a)).min(initial=1.0)
    if min(abs(a - 1.0), float(nearest)) < _NUDGE:
        a += 2.0 * _NUDGE
    top, z = a + b - 1.0, horizon / (scale + horizon)
    with np.errstate(over="ignore", invalid="ignore"):
        lost = np.exp((a - 1.0) * np.log1p(-z)) * hyp2f1(top - shape, a - 1.0, top, z)
        orders: Floats = top / (a - 1.0) * (1.0 - lost)
    # Where the series overflows, leaving is so rare or so sure that the two bounds on it meet.
    bound = np.minimum(shape / scale * horizon, top / max(a - 1.0, _NUDGE))
    return np.where(np.isfinite(orders), np.clip(orders, 0.0, shape / scale * horizon), bound)
