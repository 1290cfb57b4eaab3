"""Pareto/NBD: future purchases of customers who may leave at any time.

The likelihood needs one integral, over the time at which a customer may have left. Substituted so that the
integrand is nearly exp(-w), Gauss-Legendre nodes give it to about ten digits, and because its limits hold
no parameter, the gradient is the same sum with other factors: no derivative of a hypergeometric function.
"""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from coterie.prediction.family import PurchaseModel
from coterie.prediction.histories import Floats, checked

_N_NODES = 48
_MOST = 60.0
"""exp(-60) of the integrand and nothing more lies beyond."""


class ParetoNBD(PurchaseModel):
    """Future purchases at a gamma rate (r, alpha) during a lifetime with a gamma rate of ending (s, beta).

    Attributes
    ----------
    params_ : dict of str to float
        r, alpha (unit of time), s, beta (unit of time).
    log_likelihood_ : float

    References
    ----------
    .. [1] Schmittlein, Morrison, Colombo (1987). Counting your customers: who are they and what will they
       do next? Management Science 33(1): 1-24.
    .. [2] Fader, Hardie (2005). A note on deriving the Pareto/NBD model and related expressions.
    """

    TITLE = "Pareto/NBD"
    NAMES = ("r", "alpha", "s", "beta")
    TIMES = (False, True, False, True)
    STARTS: ClassVar = ((0.0, 0.0, 0.0, 0.0), (-0.6, -1.0, -0.5, -1.0), (1.0, 0.5, -1.0, 1.0))
    PRIOR: ClassVar = {2: float(np.log(0.6)), 3: float(np.log(0.4))}

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
        from scipy.special import expit

        repeats, last, end = checked(x, t_x, T=T).T
        params = np.array(list(self.params_.values()))
        r, alpha, s, beta = params
        stayed = -(r + repeats) * np.log(alpha + end) - s * np.log(beta + end)
        left, _ = _log_left(params, repeats, since=last, until=end)
        return np.asarray(expit(stayed - left), dtype=np.float64)

    def _orders_while_active(self, horizon: float, rows: Floats) -> Floats:
        x, _, T = rows.T
        r, alpha, s, beta = self.params_.values()
        shrink = np.log((beta + T) / (beta + T + horizon))
        lasting = -shrink if abs(s - 1.0) < 1e-9 else -np.expm1((s - 1.0) * shrink) / (s - 1.0)
        orders: Floats = (r + x) / (alpha + T) * (beta + T) * lasting
        return orders

    def _buys_while_active(self, horizon: float, rows: Floats) -> Floats:
        """One less the chance of neither buying nor leaving, or of leaving before buying."""
        x, _, T = rows.T
        params = np.array(list(self.params_.values()))
        r, alpha, s, beta = params
        neither = (r + x) * np.log((alpha + T) / (alpha + T + horizon))
        neither += s * np.log((beta + T) / (beta + T + horizon))
        if horizon == 0.0:
            return np.zeros(len(x))
        leaves, _ = _log_left(params, x, since=T, until=T + horizon)
        leaves += (r + x) * np.log(alpha + T) + s * np.log(beta + T)
        bought: Floats = np.clip(1.0 - np.exp(neither) - np.exp(leaves), 0.0, 1.0)
        return bought

    @staticmethod
    def log_likelihood(logs: Floats, rows: Floats) -> tuple[Floats, Floats]:
        """Log likelihood per row and its gradient by the logarithms of r, alpha, s, beta.

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
        from scipy.special import expit, gammaln, psi

        params = np.exp(logs)
        r, alpha, s, beta = params
        x, t_x, T = rows.T
        stayed = -(r + x) * np.log(alpha + T) - s * np.log(beta + T)
        left, slopes = _log_left(params, x, since=t_x, until=T)
        values = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
        values += np.logaddexp(stayed, left)
        share = expit(left - stayed)  # weight of having left in the sum
        staying = np.stack([-np.log(alpha + T), -(r + x) / (alpha + T), -np.log(beta + T), -s / (beta + T)])
        outside = np.stack(
            [
                psi(r + x) - psi(r) + np.log(alpha),
                np.full(len(x), r / alpha),
                np.full(len(x), np.log(beta)),
                np.full(len(x), s / beta),
            ]
        )
        gradient = outside + (1.0 - share) * staying + share * slopes
        return values, gradient * params[:, None]


@lru_cache(maxsize=1)
def _nodes() -> tuple[Floats, Floats]:
    """Nodes and weights on 0-1."""
    nodes, weights = np.polynomial.legendre.leggauss(_N_NODES)
    return (nodes + 1.0) / 2.0, weights / 2.0


def _log_left(params: Floats, x: Floats, *, since: Floats, until: Floats) -> tuple[Floats, Floats]:
    """Log of s times the integral of (alpha+u)^-(r+x) (beta+u)^-(s+1), and its slopes by the parameters.

    With base = alpha or beta, whichever factor falls faster at `since`, and k = r + s + x, the variable is
    w = k log((base + u) / (base + since)).
    """
    r, alpha, s, beta = params
    k = r + s + x
    base = np.where((r + x) * (beta + since) >= (s + 1.0) * (alpha + since), alpha, beta)
    whole = k * np.log((base + until) / (base + since))
    width = np.where(base == alpha, np.minimum(whole, _MOST), whole)
    nodes, weights = _nodes()
    grown = np.exp(width[:, None] * nodes / k[:, None]) * (base + since)[:, None]  # base + u
    by_alpha, by_beta = grown + (alpha - base)[:, None], grown + (beta - base)[:, None]
    logs = np.log(grown) - (r + x)[:, None] * np.log(by_alpha) - (s + 1.0) * np.log(by_beta)
    top = logs.max(axis=1, keepdims=True)
    parts = weights * np.exp(logs - top)
    total = parts.sum(axis=1)
    with np.errstate(divide="ignore"):
        values = np.log(s * width / k * total) + top[:, 0]
    parts /= total[:, None]
    slopes = np.stack(
        [
            -(parts * np.log(by_alpha)).sum(axis=1),
            -(r + x) * (parts / by_alpha).sum(axis=1),
            1.0 / s - (parts * np.log(by_beta)).sum(axis=1),
            -(s + 1.0) * (parts / by_beta).sum(axis=1),
        ]
    )
    return values, slopes
