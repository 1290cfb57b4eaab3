"""Agglomerative clustering: one tree, cut at any number of clusters."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import linkage as exact_linkage
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import _check_sample_weight

from coterie.errors import ParameterError
from coterie.kernels import compiled, leaves, nearest, ward, weighted_linkage
from coterie.segmentation.fitting import (
    State,
    export_state,
    require_at_least,
    require_rows,
    restore_state,
    rows_to_fit,
    rows_to_place,
)
from coterie.segmentation.members import numbered_by_first_row
from coterie.segmentation.nearest import center_margin, consecutive, group_means

TABLE_ROWS = 20_000
"""Rows of the largest exact tree that is made from all distances, at once in memory (1.6 GB)."""
WIDE_ROWS, WIDE_COLUMNS = 50_000, 10
"""Beyond this many rows of more than so many columns a kd-tree no longer tells near from far quickly."""
MICRO_ROWS = 16
"""Rows per micro-cluster of a Ward tree."""
MICRO_CLUSTERS = 2_000
"""Micro-clusters, at most, of a tree made from all distances."""
CROWN_CLUSTERS = 64
"""Cuts into up to so many clusters share one look through the tree."""
_LINKAGES = ("ward", "average", "complete")


class Hierarchical(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Merge the two nearest clusters until one is left; the tree serves every number of clusters.

    Ward's tree is exact up to `max_rows` rows of up to 10 columns and up to 50,000 rows of more columns;
    average and complete linkage, and Ward without the compiled kernels, up to 20,000 rows. Beyond, small
    crowds of neighbours enter the tree as weighted micro-clusters; `notes_` says so.

    A new row joins the cluster of the leaf nearest to it, so the rows of the fit stay where they are. An
    exported tree therefore holds every leaf: 12 float64 for each of a million rows of 8 columns are 100 MB.

    Parameters
    ----------
    n_clusters : int
    linkage : {"ward", "average", "complete"}
        Average and complete linkage tend to set single outliers apart.
    max_rows : int

    Attributes
    ----------
    labels_ : ndarray of shape (n,), int32
        Clusters are numbered by their means, in ascending order of the first column.
    n_clusters_ : int
        Fewer than asked if there are fewer distinct rows.
    linkage_ : ndarray of shape (n_leaves - 1, 4)
        The merges as in scipy.cluster.hierarchy; the last column counts leaves.
    leaf_rows_ : ndarray of shape (n_leaves,)
        Rows per leaf: 1, the weight of the row, or the weight of the micro-cluster.
    notes_ : tuple of str
        What was approximated.

    References
    ----------
    .. [1] Murtagh, Contreras (2012). Algorithms for hierarchical clustering. WIREs 2(1), table 1 (updates).

    Examples
    --------
    >>> tree = Hierarchical(3).fit([[0.0], [1.0], [8.0], [9.5]])
    >>> tree.labels_.tolist(), tree.cut(2).labels_.tolist()
    ([0, 0, 1, 2], [0, 0, 1, 1])
    """

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        linkage: Literal["ward", "average", "complete"] = "ward",
        max_rows: int = 1_000_000,
    ) -> None:
        self.n_clusters = n_clusters
        self.linkage = linkage
        self.max_rows = max_rows

    def fit(self, X: npt.ArrayLike, y: object = None, *, sample_weight: npt.ArrayLike | None = None) -> Self:
        """Build the tree and cut it.

        Parameters
        ----------
        X : array-like of shape (n, d)
        y : object
            Is ignored.
        sample_weight : array-like of shape (n,), optional
            Rows each row stands for, in Ward's tree; one of weight 0 has no part in it.

        Returns
        -------
        self

        Raises
        ------
        ParameterError
            If there are fewer rows than clusters, or weights for another linkage than Ward's.
        """
        rows = rows_to_fit(self, X)
        self._check(sample_weight)
        weights = _check_sample_weight(sample_weight, rows, dtype=np.float64, ensure_non_negative=True)
        counting = np.flatnonzero(weights > 0)
        require_rows(len(counting), "n_clusters", wanted=self.n_clusters)
        self.notes_: tuple[str, ...] = ()
        self._fitted_rows = rows.copy()  # the caller's array may change
        self._grow(rows[counting], weights[counting])
        if len(counting) < len(rows):
            self.leaf_of_row_ = nearest(self.leaves_, rows)
        self._cut()
        return self

    def _check(self, sample_weight: npt.ArrayLike | None) -> None:
        require_at_least("max_rows", self.max_rows, minimum=1)
        if self.linkage not in _LINKAGES:
            raise ParameterError(
                f"linkage={self.linkage!r} is none of {', '.join(_LINKAGES)}", where="linkage"
            )
        if sample_weight is not None and self.linkage != "ward":
            raise ParameterError(f"{self.linkage} linkage knows no weights", where="sample_weight")

    def _grow(self, X: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]) -> None:
        """The tree over the rows, or over micro-clusters of them."""
        most = self._exact_rows(X.shape[1])
        if len(X) <= most:
            self.leaves_, self.leaf_rows_ = X, weights
            self.leaf_of_row_ = np.arange(len(X), dtype=np.int32)
        else:
            self.leaves_, self.leaf_of_row_ = _micro_clusters(X, weights, n_rows=self._micro_rows(len(X)))
            self.leaf_rows_ = np.bincount(self.leaf_of_row_, weights=weights).astype(np.float64)
            self.notes_ = (
                f"The tree joins {len(self.leaves_):,} micro-clusters of the {len(X):,} customers: "
                f"it is exact up to {most:,}.",
            )
        self.linkage_ = self._tree()
        self.__dict__.pop("_crown", None)  # that of an earlier fit

    def _exact_rows(self, n_columns: int) -> int:
        """Rows up to which the tree is exact."""
        if self.linkage != "ward" or not compiled():
            return min(self.max_rows, TABLE_ROWS)
        return self.max_rows if n_columns <= WIDE_COLUMNS else min(self.max_rows, WIDE_ROWS)

    def _micro_rows(self, n_rows: int) -> int:
        if self.linkage == "ward" and compiled():
            return MICRO_ROWS
        return max(MICRO_ROWS, -(-2 * n_rows // MICRO_CLUSTERS))

    def _tree(self) -> npt.NDArray[np.float64]:
        if len(self.leaves_) == 1:
            return np.empty((0, 4))
        if self.linkage == "ward":
            return ward(self.leaves_, self.leaf_rows_)
        if (self.leaf_rows_ == 1).all():
            return np.asarray(exact_linkage(self.leaves_, self.linkage))
        return weighted_linkage(self.leaves_, self.leaf_rows_, linkage=self.linkage)

    @cached_property
    def _crown(self) -> _Crown:
        return _Crown.of(self.linkage_)

    def _cut(self) -> None:
        """Labels at n_clusters; identical rows stay together."""
        n_distinct = 1 + int((self.linkage_[:, 2] > 0).sum())
        self.n_clusters_ = min(self.n_clusters, n_distinct)
        if self.n_clusters_ < self.n_clusters:
            warnings.warn(
                f"Only {n_distinct} distinct rows, n_clusters={self.n_clusters} asked for.",
                ConvergenceWarning,
                stacklevel=3,
            )
        if self.n_clusters_ <= CROWN_CLUSTERS:
            found = self._crown.cut(self.n_clusters_)
        else:
            found = cut_tree(self.linkage_, self.n_clusters_)
        centers = group_means(self.leaves_, found, n_groups=int(found.max()) + 1, weights=self.leaf_rows_)
        order = np.lexsort(centers.T[::-1])
        self.centers_ = centers[order]
        self.leaf_labels_ = np.argsort(order).astype(np.int32)[found]
        self.labels_ = self.leaf_labels_[self.leaf_of_row_]

    def cut(self, n_clusters: int) -> Self:
        """The same tree at another number of clusters, as a fitted estimator that shares it.

        Parameters
        ----------
        n_clusters : int

        Returns
        -------
        Self
        """
        require_rows(len(self.leaves_), "n_clusters", wanted=n_clusters)
        other = copy.copy(self).set_params(n_clusters=n_clusters)
        other._cut()
        return other  # type: ignore[no-any-return]

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[np.int32]:
        """Label of the nearest leaf (training row or micro-cluster) per row, int32.

        Parameters
        ----------
        X : array-like of shape (n, n_features)

        Returns
        -------
        ndarray of shape (n,), int32
        """
        rows = rows_to_place(self, X)
        is_known = np.array_equal(rows, self._fitted_rows)
        leaf = self.leaf_of_row_ if is_known else nearest(self.leaves_, rows)
        labels: npt.NDArray[np.int32] = self.leaf_labels_[leaf]
        return labels

    def margin(self, X: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """(nearest other - own) / nearest other distance to the clusters' means, 0-1.

        Parameters
        ----------
        X : array-like of shape (n, n_features)

        Returns
        -------
        ndarray of shape (n,), float64
        """
        return center_margin(rows_to_place(self, X), self.centers_, labels=self.predict(X))

    def export(self) -> State:
        """Everything `predict`, `margin` and the dendrogram need, as arrays and numbers.

        Returns
        -------
        mapping of str to array or number
        """
        tree = ("leaves_", "leaf_rows_", "leaf_labels_", "linkage_", "centers_", "notes_")
        return export_state(self, *tree, "n_clusters_", "n_features_in_")

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Self:
        """The fitted estimator an `export` came from; it knows no longer who was in the fit.

        Parameters
        ----------
        state : mapping
            Of `export`.

        Returns
        -------
        fitted estimator
        """
        nobody = {"leaf_of_row_": np.empty(0, dtype=np.int32), "_fitted_rows": np.empty((0, 1))}
        return restore_state(cls, {**state, **nobody})


def _micro_clusters(
    X: npt.NDArray[np.float64], weights: npt.NDArray[np.float64], *, n_rows: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int32]]:
    """Means of crowds of up to `n_rows` rows, and the nearest of them per row."""
    crowds = leaves(X, n_rows)
    means = group_means(X, crowds, n_groups=int(crowds.max()) + 1, weights=weights)
    used, position = consecutive(nearest(means, X))
    return means[used], position


def cut_tree(linkage: npt.NDArray[np.number], n_clusters: int) -> npt.NDArray[np.int32]:
    """Cluster of every leaf after all but the last `n_clusters - 1` merges, numbered by the first leaf.

    Parameters
    ----------
    linkage : ndarray of shape (n_leaves - 1, 2 or more)
        Merges in their order, as in scipy.cluster.hierarchy.
    n_clusters : int, 1 to n_leaves

    Returns
    -------
    ndarray of shape (n_leaves,), int32
    """
    return numbered_by_first_row(_roots(linkage, n_clusters))


def _roots(linkage: npt.NDArray[np.number], n_clusters: int) -> npt.NDArray[np.int32]:
    """The node above every leaf after all but the last `n_clusters - 1` merges."""
    n_leaves = len(linkage) + 1
    n_merges = n_leaves - n_clusters
    root = np.arange(n_leaves + n_merges, dtype=np.int32)
    merged = np.arange(n_leaves, n_leaves + n_merges, dtype=np.int32)
    root[linkage[:n_merges, :2].astype(np.int32)] = merged[:, None]
    # Every step doubles how far a leaf looks up: as many steps as the depth of the tree has binary digits.
    while not np.array_equal(above := root[root], root):
        root = above
    return root[:n_leaves]


@dataclass(frozen=True)
class _Crown:
    """The last merges of a tree, as a small tree over the clusters that they join.

    `place` is the crown's leaf that each leaf of the tree is under.
    """

    linkage: npt.NDArray[np.int32]
    place: npt.NDArray[np.int32]

    @classmethod
    def of(cls, linkage: npt.NDArray[np.float64]) -> _Crown:
        n_leaves = len(linkage) + 1
        n_clusters = min(CROWN_CLUSTERS, n_leaves)
        under = _roots(linkage, n_clusters)
        is_leaf = np.zeros(2 * n_leaves - n_clusters, dtype=bool)
        is_leaf[under] = True
        # What the crown joins comes before what it makes, so the nodes keep their order.
        node = np.full(2 * n_leaves - 1, -1, dtype=np.int32)
        node[np.flatnonzero(is_leaf)] = np.arange(n_clusters)
        node[len(is_leaf) :] = np.arange(n_clusters, 2 * n_clusters - 1)
        last = linkage[n_leaves - n_clusters :, :2].astype(np.int32)
        return cls(node[last], node[under])

    def cut(self, n_clusters: int) -> npt.NDArray[np.int32]:
        """What `cut_tree` gives for the whole tree, at no more clusters than the crown has leaves."""
        return numbered_by_first_row(cut_tree(self.linkage, n_clusters)[self.place])
