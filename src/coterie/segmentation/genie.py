"""Single linkage that keeps clusters from growing too unequal: one tree, cut at any number of clusters."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.exceptions import ConvergenceWarning

from coterie.errors import ParameterError
from coterie.kernels import genie_linkage, spanning_tree
from coterie.segmentation.fitting import (
    State,
    export_state,
    require_at_least,
    require_rows,
    restore_state,
    rows_to_fit,
    rows_to_place,
)
from coterie.segmentation.hierarchical import cut_tree
from coterie.segmentation.members import Members, longest_links

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int32]


class Genie(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Merge the nearest clusters, but the smallest first while sizes are too unequal.

    Finds clusters of any shape, as single linkage does, without setting outliers apart. The tree
    serves every number of clusters.

    Parameters
    ----------
    n_clusters : int
    gini_threshold : float, 0 to 1
        Gini index of the sizes of clusters from which a smallest one must merge; 1: single linkage.
    min_samples : int
        Links are as long as the distance to the `min_samples`-th nearest row of either end, itself the
        first, if that is longer; 1: plain distances. More makes thin regions farther.

    Attributes
    ----------
    labels_ : ndarray of shape (n,), int32
    n_clusters_ : int
        Fewer than asked if there are fewer distinct rows.
    merges_ : ndarray of shape (n - 1, 2), int32
        As in scipy.cluster.hierarchy, without heights.
    edges_, weights_ : ndarrays of shape (n - 1, 2) and (n - 1,)
        The spanning tree whose edges merge.
    points_, point_labels_ : ndarrays of shape (n_distinct, n_features) and (n_distinct,)
        The distinct rows; any row belongs to its nearest one.
    reaches_ : ndarray of shape (n_clusters_,)
        The longest link within each cluster.

    See Also
    --------
    Hierarchical : merges by the means or the widest distance of clusters.

    References
    ----------
    .. [1] Gagolewski, Bartoszuk, Cena (2016). Genie: a new, fast, and outlier-resistant hierarchical
       clustering algorithm. Information Sciences 363, 8-23. Noise points are not treated apart here.

    Examples
    --------
    >>> tree = Genie(3).fit([[0.0], [1.0], [8.0], [9.5]])
    >>> tree.labels_.tolist(), tree.cut(2).labels_.tolist()
    ([0, 0, 1, 2], [0, 0, 1, 1])
    """

    def __init__(self, n_clusters: int = 8, *, gini_threshold: float = 0.3, min_samples: int = 1) -> None:
        self.n_clusters = n_clusters
        self.gini_threshold = gini_threshold
        self.min_samples = min_samples

    def fit(self, X: npt.ArrayLike, y: object = None) -> Self:
        """Build the tree and cut it; y is ignored.

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
        require_rows(len(rows), "n_clusters", wanted=self.n_clusters)
        require_at_least("min_samples", self.min_samples, minimum=1)
        if not 0.0 <= self.gini_threshold <= 1.0:
            raise ParameterError(
                f"gini_threshold={self.gini_threshold!r} is not from 0 to 1", where="gini_threshold"
            )
        edges, weights = spanning_tree(rows, min(self.min_samples, len(rows)))
        equal = (rows[edges[:, 0]] == rows[edges[:, 1]]).all(axis=1)
        first = np.argsort(~equal, kind="stable")  # equal rows stay together, however many there are
        self.edges_, self.weights_ = edges[first], weights[first]
        self.merges_ = genie_linkage(self.edges_, gini_threshold=self.gini_threshold)
        self.points_, self._first_rows = np.unique(rows, axis=0, return_index=True)
        self._cut()
        return self

    def _cut(self) -> None:
        """Labels at n_clusters."""
        self.n_clusters_ = min(self.n_clusters, len(self.points_))
        if self.n_clusters_ < self.n_clusters:
            warnings.warn(
                f"Only {len(self.points_)} distinct rows, n_clusters={self.n_clusters} asked for.",
                ConvergenceWarning,
                stacklevel=3,
            )
        self.labels_ = cut_tree(self.merges_, self.n_clusters_)
        self.point_labels_ = self.labels_[self._first_rows]
        self.reaches_ = longest_links(self.edges_, self.weights_, labels=self.labels_)

    def cut(self, n_clusters: int) -> Self:
        """The same tree at another number of clusters, as a fitted estimator that shares it.

        Parameters
        ----------
        n_clusters : int, 1 to n

        Returns
        -------
        Genie
        """
        require_rows(len(self.labels_), "n_clusters", wanted=n_clusters)
        other = copy.copy(self).set_params(n_clusters=n_clusters)
        other._cut()
        return other  # type: ignore[no-any-return]

    def _members(self) -> Members:
        return Members(self.points_, self.point_labels_, self.reaches_)

    def predict(self, X: npt.ArrayLike) -> Labels:
        """Label of the nearest row of the fit, int32.

        Parameters
        ----------
        X : array-like of shape (n, n_features)

        Returns
        -------
        ndarray of shape (n,), int32
        """
        rows = rows_to_place(self, X)
        return self._members().place(rows)

    def margin(self, X: npt.ArrayLike) -> Floats:
        """How crowded it is: 1 - mean distance to the nearest rows / the cluster's longest link, 0-1.

        Parameters
        ----------
        X : array-like of shape (n, n_features)

        Returns
        -------
        ndarray of shape (n,), float64
        """
        rows = rows_to_place(self, X)
        return self._members().margin(rows)

    def export(self) -> State:
        """Everything `predict` and `margin` need, as arrays and numbers.

        Returns
        -------
        mapping of str to array or number
        """
        members = ("points_", "point_labels_", "reaches_")
        return export_state(self, *members, "n_clusters_", "n_features_in_")

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """The fitted estimator an `export` came from, without its tree: it cannot be cut again.

        Parameters
        ----------
        state : mapping
            Of `export`.

        Returns
        -------
        fitted estimator
        """
        return restore_state(cls, state)
