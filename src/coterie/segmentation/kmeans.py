"""K-means that looks for its start on a sample and then runs once over everybody."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from coterie.kernels import lloyd
from coterie.segmentation.constraints import checked_constraints
from coterie.segmentation.demands import constrained
from coterie.segmentation.fitting import (
    State,
    export_state,
    require_at_least,
    require_rows,
    restore_state,
    rows_to_fit,
    rows_to_place,
    weights_to_fit,
)
from coterie.segmentation.ladder import RUNG_STARTS, Ladder, rest_tolerance
from coterie.segmentation.nearest import center_margin, consecutive, nearest_center

Floats = npt.NDArray[np.float64]

MAX_STEPS = 300
FULL_STEPS = 3
"""Passes over all rows from centres at rest on the sample: more lower the inertia by less than 0.03 %."""


class KMeans(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """K-means with several starts on a sample; the best one warm-starts a fit on all rows.

    The starts climb from one cluster to `n_clusters`: at every number there are ten fresh ones and the
    best of the number before with a seed added, and more at the last. Fewer distinct rows than clusters
    give fewer clusters and a ConvergenceWarning.

    Parameters
    ----------
    n_clusters : int
    n_starts : int
        Fresh starts (k-means++) on the sample with `n_clusters`, at least 1.
    sample_rows : int
        Rows of the sample; with no more rows than this, all starts see all rows.
    random_state : int, RandomState or None

    Attributes
    ----------
    cluster_centers_ : ndarray of shape (n_clusters_, n_features)
    labels_ : ndarray of shape (n,), int32
    n_clusters_ : int
    inertia_ : float
        Weighted sum of squared distances to the own cluster's mean.

    See Also
    --------
    TPA : k-means on value columns, refined by a small neural network.

    References
    ----------
    .. [1] Arthur, Vassilvitskii (2007). k-means++: the advantages of careful seeding. SODA.

    Examples
    --------
    >>> KMeans(2, random_state=0).fit([[0.0], [0.2], [9.0]]).n_clusters_
    2
    """

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        n_starts: int = 30,
        sample_rows: int = 20_000,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.n_starts = n_starts
        self.sample_rows = sample_rows
        self.random_state = random_state

    def fit(
        self,
        X: npt.ArrayLike,
        y: object = None,
        *,
        sample_weight: npt.ArrayLike | None = None,
        must_link: npt.ArrayLike | None = None,
        cannot_link: npt.ArrayLike | None = None,
        pinned: npt.ArrayLike | None = None,
    ) -> Self:
        """Find the centres; y is ignored.

        Parameters
        ----------
        X : array of shape (n, n_features)
        y : object
            Is ignored.
        sample_weight : array of shape (n,), optional
            How many rows each row counts as, 0 or more.
        must_link, cannot_link : array of shape (m, 2), int, optional
            Pairs of rows that must be together, or must not. `labels_` obeys; `predict`, which sees no
            pairs, gives the nearest centre.
        pinned : array of shape (n,), int, optional
            Cluster every row must be in, -1 for any.

        Returns
        -------
        self

        Raises
        ------
        ParameterError
            If a parameter is out of range, or demands contradict each other; says which rows.
        """
        rows, weights = self._checked(X, sample_weight)
        constraints = checked_constraints(
            len(rows), self.n_clusters, must_link=must_link, cannot_link=cannot_link, pinned=pinned
        )
        ladder = self._ladder(rows, weights)
        if constraints is None:
            return self._settle(rows, weights, ladder=ladder)
        found = constrained(rows, weights, constraints=constraints, ladder=ladder)
        self.cluster_centers_, self.labels_, self.inertia_ = found
        self.n_clusters_ = len(self.cluster_centers_)
        return self

    def _checked(self, X: npt.ArrayLike, sample_weight: npt.ArrayLike | None) -> tuple[Floats, Floats | None]:
        rows = rows_to_fit(self, X)
        require_at_least("n_starts", self.n_starts, minimum=1)
        require_rows(len(rows), "n_clusters", wanted=self.n_clusters)
        require_at_least("sample_rows", self.sample_rows, minimum=self.n_clusters)
        return rows, weights_to_fit(rows, sample_weight)

    def _ladder(self, X: Floats, weights: Floats | None) -> Ladder:
        random = check_random_state(self.random_state)
        n_starts = min(self.n_starts, RUNG_STARTS)
        return Ladder(X, weights, n_starts=n_starts, sample_rows=self.sample_rows, random=random)

    def _settle(self, X: Floats, weights: Floats | None, *, ladder: Ladder) -> Self:
        """From the centres on the sample to those of all rows."""
        start = ladder.centers(self.n_clusters)
        if self.n_starts > RUNG_STARTS:
            start = ladder.widened(self.n_clusters, self.n_starts)
        passes = MAX_STEPS if len(ladder.sample) == len(X) else FULL_STEPS
        centers, labels, self.inertia_ = lloyd(
            X, start, weights=weights, max_steps=passes, tolerance=ladder.tolerance
        )
        present, self.labels_ = consecutive(labels)
        self.cluster_centers_ = centers[present]
        self.n_clusters_ = len(present)
        if self.n_clusters_ < self.n_clusters:
            warnings.warn(
                f"Only {self.n_clusters_} distinct clusters found, n_clusters={self.n_clusters} asked for: "
                "the rows have too few distinct values.",
                ConvergenceWarning,
                stacklevel=3,
            )
        return self

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[np.int32]:
        """Nearest centre per row, int32.

        Parameters
        ----------
        X : array-like of shape (n, n_features)

        Returns
        -------
        ndarray of shape (n,), int32
        """
        return nearest_center(rows_to_place(self, X), self.cluster_centers_)

    def margin(self, X: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """(second nearest - nearest) / second nearest distance to a centre, 0-1.

        Parameters
        ----------
        X : array-like of shape (n, n_features)

        Returns
        -------
        ndarray of shape (n,), float64
        """
        rows = rows_to_place(self, X)
        return center_margin(rows, self.cluster_centers_, labels=nearest_center(rows, self.cluster_centers_))

    def resumed(self, X: npt.ArrayLike) -> Self:
        """Go on from these centres over other rows, so that each cluster stays itself.

        Parameters
        ----------
        X : array-like of shape (n, n_features), n >= n_clusters_

        Returns
        -------
        KMeans
            A new one, whose cluster i started as cluster i of this one; random numbers play no part.
        """
        rows = rows_to_place(self, X)
        require_rows(len(rows), "n_clusters", wanted=self.n_clusters_)
        found = lloyd(rows, self.cluster_centers_, max_steps=MAX_STEPS, tolerance=rest_tolerance(rows))
        after: Self = self.restore(self.export())
        after.cluster_centers_, after.labels_, after.inertia_ = found
        return after

    def export(self) -> State:
        """Everything `predict` and `margin` need, as arrays and numbers.

        Returns
        -------
        mapping of str to array or number
        """
        return export_state(self, "cluster_centers_", "n_clusters_", "n_features_in_", "inertia_")

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


def sweep(X: Floats, random_state: int) -> Callable[[int], KMeans]:
    """K-means of the same rows at many numbers of clusters, which share their starts.

    Parameters
    ----------
    X : ndarray of shape (n, n_features)
    random_state : int

    Returns
    -------
    callable (n_clusters) -> KMeans
        Fitted, and equal to `KMeans(n_clusters, n_starts=RUNG_STARTS, random_state=random_state).fit(X)`:
        the starts climb the same ladder, whichever numbers are asked for and in whichever order.
    """
    ladder: list[Ladder] = []

    def fitted(n_clusters: int) -> KMeans:
        estimator = KMeans(n_clusters, n_starts=RUNG_STARTS, random_state=random_state)
        rows, weights = estimator._checked(X, None)
        if not ladder:
            ladder.append(estimator._ladder(rows, weights))
        return estimator._settle(rows, weights, ladder=ladder[0])

    return fitted
