"""Gaussian mixtures that survive spikes of identical customers."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp, xlogy
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture as ExpectationMaximisation
from sklearn.utils import check_random_state

from coterie.errors import ParameterError
from coterie.segmentation.fitting import (
    State,
    export_state,
    one_thread,
    require_rows,
    restore_state,
    rows_to_fit,
    rows_to_place,
    seeded_sample,
)
from coterie.segmentation.nearest import consecutive

VARIANCE_FLOOR = 1e-3
"""Least variance of a component, as a share of the column's: no component narrower than 3 % of the spread."""
SAMPLE_ROWS = 20_000
N_STARTS = 5
START_STEPS = 10
MAX_STEPS = 200


class GaussianMixture(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Mixture of Gaussians by EM: short starts on a sample, the best one goes on over all rows.

    Columns are scaled by their spread between the 1st and 99th percentile, and every component keeps at
    least `VARIANCE_FLOOR` of that variance: a spike of identical rows (customers with one order)
    becomes a narrow component instead of a singular one.

    Parameters
    ----------
    n_components : int
    covariance_type : {"full", "diag"}
    random_state : int, RandomState or None

    Attributes
    ----------
    labels_ : ndarray of shape (n,), int32
        Most probable component, numbered among those that have a member.
    n_clusters_ : int
        Components with at least one member.
    means_ : ndarray of shape (n_clusters_, n_features)
    bic_, icl_ : float
        Bayesian information criterion and integrated complete likelihood; lower is better.

    References
    ----------
    .. [1] Biernacki, Celeux, Govaert (2000). Assessing a mixture model for clustering with the integrated
       completed likelihood. IEEE TPAMI 22(7).
    .. [2] Biernacki, Celeux, Govaert (2003). Choosing starting values for the EM algorithm. CSDA 41.

    Examples
    --------
    >>> GaussianMixture(2, random_state=0).fit([[0.0], [0.1], [9.0], [9.1]]).n_clusters_
    2
    """

    def __init__(
        self,
        n_components: int = 1,
        *,
        covariance_type: Literal["full", "diag"] = "full",
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_components = n_components
        self.covariance_type = covariance_type
        self.random_state = random_state

    def fit(self, X: npt.ArrayLike, y: object = None) -> Self:
        """Estimate the components; y is ignored.

        Parameters
        ----------
        X : array-like of shape (n, n_features)
        y : object
            Is ignored.

        Returns
        -------
        self
        """
        rows = rows_to_fit(self, X)
        require_rows(len(rows), "n_components", wanted=self.n_components)
        if self.covariance_type not in ("full", "diag"):
            raise ParameterError(f"covariance_type={self.covariance_type!r} is neither 'full' nor 'diag'")
        self.shift_, self.scale_ = rows.mean(axis=0), _spread(rows)
        with one_thread():
            mixture = self._climb((rows - self.shift_) / self.scale_)
        self._adopt(mixture, rows)
        return self

    def _climb(self, Z: npt.NDArray[np.float64]) -> ExpectationMaximisation:
        """EM in scaled units: the best of several short starts on a sample, then on to convergence."""
        random = check_random_state(self.random_state)
        same = {"covariance_type": self.covariance_type, "reg_covar": VARIANCE_FLOOR}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            start = ExpectationMaximisation(
                self.n_components, n_init=N_STARTS, max_iter=START_STEPS, random_state=random, **same
            ).fit(Z[seeded_sample(len(Z), SAMPLE_ROWS, random=random)])
            return ExpectationMaximisation(
                self.n_components,
                weights_init=start.weights_ / start.weights_.sum(),
                means_init=start.means_,
                precisions_init=start.precisions_,
                max_iter=MAX_STEPS,
                random_state=random,
                **same,
            ).fit(Z)

    def _adopt(self, mixture: ExpectationMaximisation, X: npt.NDArray[np.float64]) -> None:
        """Keep the components that have members, in our own arrays, and judge the fit."""
        self.weights_ = mixture.weights_
        self.locations_ = mixture.means_
        self.precisions_cholesky_ = mixture.precisions_cholesky_
        logs = self._log_joint(X)
        evidence = logsumexp(logs, axis=1)
        self.components_, self.labels_ = consecutive(logs.argmax(axis=1).astype(np.int32))
        self.n_clusters_ = len(self.components_)
        self.means_ = self.shift_ + self.scale_ * self.locations_[self.components_]
        fit = evidence.sum() - len(X) * np.log(self.scale_).sum()
        posterior = np.exp(logs - evidence[:, None])
        self.bic_ = float(self._n_parameters() * np.log(len(X)) - 2.0 * fit)
        self.icl_ = float(self.bic_ - 2.0 * xlogy(posterior, posterior).sum())

    def _n_parameters(self) -> int:
        """Free numbers of the mixture: weights, means and covariances."""
        d = self.n_features_in_
        per_covariance = d * (d + 1) // 2 if self.covariance_type == "full" else d
        return int(self.n_components * (1 + d + per_covariance) - 1)

    def _log_joint(self, X: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """log(weight x density) in scaled units, one column per component."""
        columns = np.ascontiguousarray(((X - self.shift_) / self.scale_).T)
        with np.errstate(divide="ignore"):
            log_weights = np.log(self.weights_)
        logs = np.empty((len(self.weights_), len(X)))
        for j, location in enumerate(self.locations_):
            squares, log_det = _whitened_squares(columns - location[:, None], self.precisions_cholesky_[j])
            logs[j] = log_weights[j] + log_det - 0.5 * (squares + len(columns) * np.log(2.0 * np.pi))
        return logs.T

    def predict_proba(self, X: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Probability of every cluster per row, shape (n, n_clusters_); rows sum to 1.

        Parameters
        ----------
        X : array-like of shape (n, n_features)

        Returns
        -------
        ndarray of shape (n, n_clusters_), float64
        """
        logs = self._log_joint(rows_to_place(self, X))[:, self.components_]
        shares: npt.NDArray[np.float64] = np.exp(logs - logsumexp(logs, axis=1)[:, None])
        shares /= shares.sum(axis=1, keepdims=True)
        return shares

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[np.int32]:
        """Most probable cluster per row, int32.

        Parameters
        ----------
        X : array-like of shape (n, n_features)

        Returns
        -------
        ndarray of shape (n,), int32
        """
        logs = self._log_joint(rows_to_place(self, X))[:, self.components_]
        labels: npt.NDArray[np.int32] = logs.argmax(axis=1).astype(np.int32)
        return labels

    def margin(self, X: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Probability of the most probable cluster less that of the next, 0-1.

        Parameters
        ----------
        X : array-like of shape (n, n_features)

        Returns
        -------
        ndarray of shape (n,), float64
        """
        if self.n_clusters_ == 1:
            return np.ones(len(rows_to_place(self, X)))
        highest = np.sort(self.predict_proba(X), axis=1)
        return highest[:, -1] - highest[:, -2]

    def export(self) -> State:
        """Everything `predict` and `margin` need, as arrays and numbers.

        Returns
        -------
        mapping of str to array or number
        """
        scaled = ("shift_", "scale_", "weights_", "locations_", "precisions_cholesky_", "components_")
        return export_state(self, *scaled, "means_", "bic_", "icl_", "n_clusters_", "n_features_in_")

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """The fitted estimator an `export` came from.

        Parameters
        ----------
        state : mapping
            What `export` gave.

        Returns
        -------
        Self
        """
        return restore_state(cls, state)


def _spread(X: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Standard deviation per column between the 1st and 99th percentile: one whale must not set the scale."""
    spread = np.clip(X, *np.percentile(X, [1, 99], axis=0)).std(axis=0)
    spread = np.where(spread > 0, spread, X.std(axis=0))
    return np.where(spread > 0, spread, 1.0)


def _whitened_squares(
    gaps: npt.NDArray[np.float64], cholesky: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], float]:
    """Squared Mahalanobis length of every column of `gaps` and log determinant of the whitening.

    `cholesky` is the upper factor P of the precision P P' (full) or its square roots (diag).
    Added up term by term, so that a row's answer does not depend on the rows beside it.
    """
    upper = cholesky if cholesky.ndim == 2 else np.diag(cholesky)
    squares = np.zeros(gaps.shape[1])
    for j in range(len(gaps)):
        white = upper[j, j] * gaps[j]
        if cholesky.ndim == 2:
            for i in range(j):
                white += upper[i, j] * gaps[i]
        squares += white * white
    return squares, float(np.log(np.diag(upper)).sum())
