"""MBG/NBD: future purchases of customers who may leave after each purchase, the first one included."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from coterie.prediction.bgnbd import LEAVING_PRIOR
from coterie.prediction.family import PurchaseModel, orders_until_dropout
from coterie.prediction.histories import Floats, checked


class ModifiedBetaGeoNBD(PurchaseModel):
    """The BG/NBD model in which the first purchase may already be the last: MBG/NBD.

    One-time buyers get a P(alive) below 1.

    Attributes
    ----------
    params_ : dict of str to float
        r, alpha (unit of time), a, b.
    log_likelihood_ : float

    References
    ----------
    .. [1] Batislam, Denizel, Filiztekin (2007). Empirical validation and comparison of models for customer
       base analysis. International Journal of Research in Marketing 24(3): 201-209.
    .. [2] Hoppe, Wagner (2007). Customer base analysis: the case for a central variant of the
       Betageometric/NBD model. Marketing JRM 3(2): 75-90.
    """

    TITLE = "MBG/NBD"
    NAMES = ("r", "alpha", "a", "b")
    TIMES = (False, True, False, False)
    STARTS: ClassVar = ((0.0, 0.0, 0.0, 0.0), (-0.7, -1.5, -0.1, 0.5), (1.0, 0.5, -2.0, 2.0))
    PRIOR: ClassVar = LEAVING_PRIOR

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
        r, alpha, a, b = self.params_.values()
        odds = np.log(a / (b + repeats)) + (r + repeats) * np.log((alpha + end) / (alpha + last))
        return np.asarray(expit(-odds), dtype=np.float64)

    def _orders_while_active(self, horizon: float, rows: Floats) -> Floats:
        x, _, T = rows.T
        r, alpha, a, b = self.params_.values()
        return orders_until_dropout(horizon, r + x, scale=alpha + T, a=a, b=b + x + 1.0)

    @staticmethod
    def log_likelihood(logs: Floats, rows: Floats) -> tuple[Floats, Floats]:
        """Log likelihood per row and its gradient by the logarithms of r, alpha, a, b.

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
        from scipy.special import betaln, expit, gammaln, psi

        r, alpha, a, b = np.exp(logs)
        x, t_x, T = rows.T
        stayed = np.log(b + x) - (r + x) * np.log(alpha + T)
        left = np.log(a) - (r + x) * np.log(alpha + t_x)
        values = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b)
        values += np.logaddexp(stayed, left) - np.log(a + b + x)
        share = expit(left - stayed)  # weight of having left in the sum
        by_r = psi(r + x) - psi(r) + np.log(alpha)
        by_r -= (1.0 - share) * np.log(alpha + T) + share * np.log(alpha + t_x)
        by_alpha = r / alpha - (r + x) * ((1.0 - share) / (alpha + T) + share / (alpha + t_x))
        both = psi(a + b) - psi(a + b + x) - 1.0 / (a + b + x)
        by_a = both + share / a
        by_b = both + psi(b + x) - psi(b) + (1.0 - share) / (b + x)
        return values, np.stack([by_r * r, by_alpha * alpha, by_a * a, by_b * b])
