"""BG/NBD: future purchases of customers who may leave after each purchase."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.prediction.histories import Floats, checked, distinct

_NAMES = ("r", "alpha", "a", "b")
_STARTS = ((0.0, 0.0, 0.0, 0.0), (-1.5, -1.5, -0.3, 1.0), (1.0, 0.5, -2.0, 2.0))
"""Logarithms of r, alpha (in mean observation times), a, b to climb from."""
_START_ROWS = 5_000
_LOG_BOUND = 12.0
_NUDGE = 1e-6
_LEAST_DROPOUT = 1e-3
"""Mean chance a / (a + b) of leaving after a purchase under which "nobody ever leaves" is not believed."""
_PRIOR_MEAN = (0.0, np.log(2.5))
"""Of log a and log b: the prior expects two in seven to leave after a purchase, as published fits do ..."""
_PRIOR_SD = 1.0
"""... give or take a factor of e."""


class BetaGeoNBD:
    """Future purchases of customers who never say that they left: the BG/NBD model.

    While active, a customer buys at random at their own rate (gamma distributed over customers: r, alpha);
    after each repeat purchase they leave with their own chance (beta distributed: a, b). Fitted by maximum
    likelihood; only where that says nobody ever leaves, a weak prior on a and b is added; `notes_` says so.

    Attributes
    ----------
    params_ : dict of str to float
        r, alpha (unit of time), a, b.
    log_likelihood_ : float
        At `params_`, without the prior.
    notes_ : tuple of str

    Notes
    -----
    Someone without a repeat purchase has had no occasion to leave, so the model gives them P(alive) = 1;
    their expected orders still fall with the time since their only purchase.

    References
    ----------
    .. [1] Fader, Hardie, Lee (2005). "Counting your customers" the easy way. Marketing Science 24(2):
       275-284, equations (6), (10); P(alive) from the authors' note of 2008.

    Examples
    --------
    >>> model = BetaGeoNBD.from_params({"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    >>> model.expected_orders(39.0, 2, 30.43, 38.86).round(3)
    array([1.226])
    """

    params_: dict[str, float]
    log_likelihood_: float
    notes_: tuple[str, ...] = ()

    @classmethod
    def from_params(cls, params: Mapping[str, float]) -> Self:
        """A model with known parameters r, alpha, a and b, all above zero.

        Parameters
        ----------
        params : mapping of str to float

        Returns
        -------
        BetaGeoNBD

        Raises
        ------
        ParameterError
            If one is not above zero.
        """
        model = cls()
        model.params_ = {name: float(params[name]) for name in _NAMES}
        if min(model.params_.values()) <= 0:
            raise ParameterError(f"r, alpha, a and b must be above zero, not {model.params_}")
        return model

    # x, t_x, T are one triple in every paper and program on these models, hence positional everywhere.
    def fit(
        self,
        x: npt.ArrayLike,
        t_x: npt.ArrayLike,
        T: npt.ArrayLike,
        *,
        weights: npt.ArrayLike | None = None,
    ) -> Self:
        """Estimate the parameters.

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

        Returns
        -------
        BetaGeoNBD

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
        scaled = each / np.array([1.0, unit, unit])
        logs = _climb(scaled, counts, prior=False)
        self.notes_ = ()
        if _is_degenerate(logs):
            logs = _climb(scaled, counts, prior=True)
            self.notes_ = (
                "The orders alone say that nobody ever leaves, so a weak prior on leaving was added "
                "(log-normal on a and b).",
            )
        r, alpha, a, b = np.exp(logs)
        self.params_ = dict(zip(_NAMES, map(float, (r, alpha * unit, a, b)), strict=True))
        self.log_likelihood_ = float(counts @ self.log_likelihood_rows(*each.T))
        return self

    def log_likelihood_rows(self, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike) -> Floats:
        """Log likelihood of each customer under `params_`, shape (n,).

        Parameters
        ----------
        x : array-like of shape (n,)
            Orders after the first.
        t_x : array-like of shape (n,)
            Time from the first order to the last.
        T : array-like of shape (n,)
            Time from the first order to the end of the observation.

        Returns
        -------
        ndarray of shape (n,), float64
        """
        values, _ = _log_likelihood(np.log(list(self.params_.values())), checked(x, t_x, T=T))
        return values

    def p_alive(self, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike) -> Floats:
        """Probability of still being a customer at the end of the observation, shape (n,), 0-1.

        It is 1 without a repeat purchase: in this model nobody leaves before the second one.

        Parameters
        ----------
        x : array-like of shape (n,)
            Orders after the first.
        t_x : array-like of shape (n,)
            Time from the first order to the last.
        T : array-like of shape (n,)
            Time from the first order to the end of the observation.

        Returns
        -------
        ndarray of shape (n,), float64
        """
        from scipy.special import expit

        repeats, last, end = checked(x, t_x, T=T).T
        r, alpha, a, b = self.params_.values()
        odds = np.log(a / (b + np.maximum(repeats, 1.0) - 1.0))
        odds += (r + repeats) * np.log((alpha + end) / (alpha + last))
        return np.where(repeats > 0, expit(-odds), 1.0)

    def expected_orders(
        self, horizon: float, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike
    ) -> Floats:
        """Expected purchases in the `horizon` after the observation, shape (n,).

        Equation (10) of the paper, its hypergeometric function in Euler's other form, whose terms stay
        small: (1-z)^(r+x) F(r+x, b+x; a+b+x-1; z) = (1-z)^(a-1) F(a+b-1-r, a-1; a+b+x-1; z).

        Parameters
        ----------
        horizon : float
            In the unit of the times, >= 0.
        x : array-like of shape (n,)
            Orders after the first.
        t_x : array-like of shape (n,)
            Time from the first order to the last.
        T : array-like of shape (n,)
            Time from the first order to the end of the observation.

        Returns
        -------
        ndarray of shape (n,), float64
        """
        from scipy.special import hyp2f1

        if horizon < 0:
            raise ParameterError(f"The horizon {horizon!r} is below zero", where="horizon")
        rows, position = distinct(checked(x, t_x, T=T))
        repeats, _, end = rows.T
        r, alpha, a, b = self.params_.values()
        # The formula has a removable gap at a = 1, and scipy's hyp2f1 overflows where r - a is whole.
        if min(abs(a - 1.0), abs(r - a - round(r - a))) < _NUDGE:
            a += 2.0 * _NUDGE
        top, z = a + b + repeats - 1.0, horizon / (alpha + end + horizon)
        lost = (1.0 - z) ** (a - 1.0) * hyp2f1(a + b - 1.0 - r, a - 1.0, top, z)
        orders = top / (a - 1.0) * (1.0 - lost) * self.p_alive(repeats, rows[:, 1], end)
        placed: Floats = np.maximum(orders, 0.0)[position]
        return placed


def _log_likelihood(logs: Floats, rows: Floats) -> tuple[Floats, Floats]:
    """Log likelihood per row and its gradient by the logarithms of r, alpha, a, b, shape (4, n).

    Equation (6) as A1 + A2 + log(exp(A3) + [x > 0] exp(A4)), after Fader and Hardie's spreadsheet note.
    """
    from scipy.special import betaln, expit, gammaln, psi

    r, alpha, a, b = np.exp(logs)
    x, t_x, T = rows.T
    repeated, later = x > 0, b + np.maximum(x, 1.0) - 1.0
    stayed = -(r + x) * np.log(alpha + T)
    left = np.where(repeated, np.log(a / later) - (r + x) * np.log(alpha + t_x), -np.inf)
    values = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b)
    values += np.logaddexp(stayed, left)
    share = np.where(repeated, expit(left - stayed), 0.0)  # weight of having left in the sum
    by_r = psi(r + x) - psi(r) + np.log(alpha)
    by_r -= (1.0 - share) * np.log(alpha + T) + share * np.log(alpha + t_x)
    by_alpha = r / alpha - (r + x) * ((1.0 - share) / (alpha + T) + share / (alpha + t_x))
    by_a = psi(a + b) - psi(a + b + x) + share / a
    by_b = by_a - share / a + psi(b + x) - psi(b) - share / later
    return values, np.stack([by_r * r, by_alpha * alpha, by_a * a, by_b * b])


def _climb(rows: Floats, counts: Floats, *, prior: bool) -> Floats:
    """Logarithms of the parameters with the highest (penalised) likelihood.

    Several starts climb on every so-manieth distinct row; the best one goes on over all of them.
    """
    few = slice(None, None, 1 + len(rows) // _START_ROWS)
    tries = [_descend(np.array(start), rows[few], counts=counts[few], prior=prior) for start in _STARTS]
    start, _ = min(tries, key=lambda found: found[1])
    return _descend(start, rows, counts=counts, prior=prior)[0]


def _descend(start: Floats, rows: Floats, *, counts: Floats, prior: bool) -> tuple[Floats, float]:
    """The nearest minimum of the mean negative log likelihood (less the log prior), and its height."""
    from scipy.optimize import minimize

    total = float(counts.sum())

    def cost(logs: Floats) -> tuple[float, Floats]:
        values, gradient = _log_likelihood(logs, rows)
        height, slope = -float(counts @ values), -(gradient @ counts)
        if prior:
            away = (logs[2:] - _PRIOR_MEAN) / _PRIOR_SD
            height += 0.5 * float(away @ away)
            slope[2:] += away / _PRIOR_SD
        return height / total, slope / total

    bounds = [(-_LOG_BOUND, _LOG_BOUND)] * len(_NAMES)
    found = minimize(
        cost, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-13, "gtol": 1e-8}
    )
    return np.asarray(found.x, dtype=np.float64), float(found.fun)


def _is_degenerate(logs: Floats) -> bool:
    """Whether the fit ran to an edge: nobody ever leaves, or everybody at once."""
    a, b = np.exp(logs[2:])
    at_bound = bool((np.abs(logs) > _LOG_BOUND - 0.1).any())
    return at_bound or not _LEAST_DROPOUT < a / (a + b) < 1.0 - _LEAST_DROPOUT
