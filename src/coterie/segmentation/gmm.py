"""Gaussian mixtures that survive spikes of identical customers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils import check_random_state

from coterie.errors import ParameterError
from coterie.kernels import Components, mixture_labels, mixture_logs
from coterie.segmentation.expectation import Climb, Summit
from coterie.segmentation.fitting import (
    State,
    export_state,
    require_rows,
    restore_state,
    rows_to_fit,
    rows_to_place,
    weights_to_fit,
)
from coterie.segmentation.nearest import consecutive

Floats = npt.NDArray[np.float64]


class GaussianMixture(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Mixture of Gaussians by EM: short starts on a sample, the best one goes on over all rows.

    A column's spread is that between its 1st and 99th percentile, and every component keeps at least
    `VARIANCE_FLOOR` of that variance: a spike of identical rows (customers with one order)
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
    weights_ : ndarray of shape (n_clusters_,)
        Shares of the components; they sum to 1 if every component has a member.
    whitening_ : ndarray of shape (n_clusters_, n_features, n_features) or (n_clusters_, n_features)
        Inverse Cholesky factors of the covariances, or inverse standard deviations.
    bic_, icl_ : float
        Bayesian information criterion and integrated complete likelihood; lower is better.
    log_likelihood_ : float
        Weighted sum over rows of the log density.

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

    def fit(self, X: npt.ArrayLike, y: object = None, *, sample_weight: npt.ArrayLike | None = None) -> Self:
        """Estimate the components; y is ignored.

        Parameters
        ----------
        X : array of shape (n, n_features)
        y : object
            Is ignored.
        sample_weight : array of shape (n,), optional
            How many rows each row counts as, 0 or more.

        Returns
        -------
        self
        """
        rows, weights = self._checked(X, sample_weight)
        return self._adopt(rows, self._climb(rows, weights).summit(self.n_components))

    def _checked(self, X: npt.ArrayLike, sample_weight: npt.ArrayLike | None) -> tuple[Floats, Floats | None]:
        rows = rows_to_fit(self, X)
        require_rows(len(rows), "n_components", wanted=self.n_components)
        if self.covariance_type not in ("full", "diag"):
            raise ParameterError(f"covariance_type={self.covariance_type!r} is neither 'full' nor 'diag'")
        return rows, weights_to_fit(rows, sample_weight)

    def _climb(self, X: Floats, weights: Floats | None) -> Climb:
        return Climb(
            X, weights, full=self.covariance_type == "full", random=check_random_state(self.random_state)
        )

    def resumed(self, X: npt.ArrayLike) -> Self:
        """Go on from these components over other rows, so that each cluster stays itself.

        Parameters
        ----------
        X : array-like of shape (n, n_features), n >= n_clusters_

        Returns
        -------
        GaussianMixture
            A new one; its components are those of this one, in order, less any that lost all members.
        """
        rows = rows_to_place(self, X)
        require_rows(len(rows), "n_components", wanted=self.n_clusters_)
        after: Self = self.restore({**self.export(), "n_components": self.n_clusters_})
        return after._adopt(rows, after._climb(rows, None).resumed(self._components))

    def _adopt(self, X: Floats, summit: Summit) -> Self:
        """Keep the components that have members and judge the fit."""
        present, self.labels_ = consecutive(mixture_labels(X, summit.components))
        self.n_clusters_ = len(present)
        self.means_ = summit.components.means[present]
        self.whitening_ = summit.components.whitening[present]
        self.weights_ = np.exp(summit.components.log_weights[present])
        self._judge(summit)
        return self

    def _judge(self, summit: Summit) -> None:
        """Likelihood against the free numbers of the mixture: weights, means and covariances."""
        d = self.n_features_in_
        per_covariance = d * (d + 1) // 2 if self.covariance_type == "full" else d
        n_parameters = self.n_components * (1 + d + per_covariance) - 1
        self.log_likelihood_ = summit.log_likelihood
        self.bic_ = float(n_parameters * np.log(summit.n) - 2.0 * summit.log_likelihood)
        self.icl_ = float(self.bic_ + 2.0 * summit.entropy)

    @property
    def _components(self) -> Components:
        return Components(self.means_, self.whitening_, np.log(self.weights_))

    def predict_proba(self, X: npt.ArrayLike) -> Floats:
        """Probability of every cluster per row, shape (n, n_clusters_); rows sum to 1.

        Parameters
        ----------
        X : array-like of shape (n, n_features)

        Returns
        -------
        ndarray of shape (n, n_clusters_), float64
        """
        logs = mixture_logs(rows_to_place(self, X), self._components)
        shares: Floats = np.exp(logs - logsumexp(logs, axis=1)[:, None])
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
        return mixture_labels(rows_to_place(self, X), self._components)

    def margin(self, X: npt.ArrayLike) -> Floats:
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
        mixture = ("means_", "whitening_", "weights_", "bic_", "icl_", "log_likelihood_")
        return export_state(self, *mixture, "n_clusters_", "n_features_in_")

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


def sweep(
    X: Floats, random_state: int, *, covariance_type: Literal["full", "diag"] = "full"
) -> Callable[[int], GaussianMixture]:
    """Mixtures of the same rows with many numbers of components, which share their k-means starts.

    Parameters
    ----------
    X : ndarray of shape (n, n_features)
    random_state : int
    covariance_type : {"full", "diag"}

    Returns
    -------
    callable (n_components) -> GaussianMixture
        Fitted, and equal to `GaussianMixture(n_components, random_state=random_state).fit(X)`.
    """
    climbs: list[Climb] = []

    def fitted(n_components: int) -> GaussianMixture:
        estimator = GaussianMixture(n_components, covariance_type=covariance_type, random_state=random_state)
        rows, weights = estimator._checked(X, None)
        if not climbs:
            climbs.append(estimator._climb(rows, weights))
        return estimator._adopt(rows, climbs[0].summit(n_components))

    return fitted
