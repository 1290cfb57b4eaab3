"""BG/NBD: future purchases of customers who may leave after each repeat purchase."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from coterie.prediction.family import PurchaseModel, orders_until_dropout
from coterie.prediction.histories import Floats, checked

LEAVING_PRIOR = {2: 0.0, 3: float(np.log(2.5))}
"""Of log a and log b: two in seven are expected to leave after a purchase, as published fits find."""


class BetaGeoNBD(PurchaseModel):
    """Future purchases of customers who never say that they left: the BG/NBD model.

    While active, a customer buys at random at their own rate (gamma distributed over customers: r, alpha);
    after each repeat purchase they leave with their own chance (beta distributed: a, b).

    Attributes
    ----------
    params_ : dict of str to float
        r, alpha (unit of time), a, b.
    log_likelihood_ : float
        At `params_`, without the prior.

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

    TITLE = "BG/NBD"
    NAMES = ("r", "alpha", "a", "b")
    TIMES = (False, True, False, False)
    STARTS: ClassVar = ((0.0, 0.0, 0.0, 0.0), (-1.5, -1.5, -0.3, 1.0), (1.0, 0.5, -2.0, 2.0))
    PRIOR: ClassVar = LEAVING_PRIOR

    def p_alive(self, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike) -> Floats:
        """Probability of still being a customer at the end of the observation.

        It is 1 without a repeat purchase: in this model nobody leaves before the second one.

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
        odds = np.log(a / (b + np.maximum(repeats, 1.0) - 1.0))
        odds += (r + repeats) * np.log((alpha + end) / (alpha + last))
        return np.where(repeats > 0, expit(-odds), 1.0)

    def _orders_while_active(self, horizon: float, rows: Floats) -> Floats:
        x, _, T = rows.T
        r, alpha, a, b = self.params_.values()
        return orders_until_dropout(horizon, r + x, scale=alpha + T, a=a, b=b + x)

    @staticmethod
    def log_likelihood(logs: Floats, rows: Floats) -> tuple[Floats, Floats]:
        """Log likelihood per row and its gradient by the logarithms of r, alpha, a, b.

        Equation (6) as A1 + A2 + log(exp(A3) + [x > 0] exp(A4)), after Fader and Hardie's spreadsheet note.

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
