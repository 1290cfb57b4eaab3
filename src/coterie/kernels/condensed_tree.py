"""The tree of dense clusters within a single-linkage tree."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.kernels.backend import kernels


class CondensedTree(NamedTuple):
    """Clusters that begin when one splits into two large parts; cluster 0 holds all n rows.

    Attributes
    ----------
    cluster_of_row : ndarray of shape (n,), int32
        The smallest cluster a row was in.
    fall_of_row : ndarray of shape (n,), float64
        The height at which it fell out of that.
    parent : ndarray of shape (n_clusters,), int32
        Always a cluster before it; -1 for cluster 0.
    birth : ndarray of shape (n_clusters,), float64
        The height of the split it began with; inf for cluster 0.
    size : ndarray of shape (n_clusters,), int32
        Rows at its birth.
    """

    cluster_of_row: npt.NDArray[np.int32]
    fall_of_row: npt.NDArray[np.float64]
    parent: npt.NDArray[np.int32]
    birth: npt.NDArray[np.float64]
    size: npt.NDArray[np.int32]


def condensed_tree(
    merges: npt.NDArray[np.int32], heights: npt.ArrayLike, *, min_cluster_size: int
) -> CondensedTree:
    """The splits of a single-linkage tree into two parts of at least `min_cluster_size` rows.

    Parameters
    ----------
    merges : ndarray of shape (n - 1, 2), int32
        As of `genie_linkage` with threshold 1.
    heights : array-like of shape (n - 1,)
        Ascending, 0 or more.
    min_cluster_size : int, 2 or more

    Returns
    -------
    CondensedTree

    Raises
    ------
    ParameterError
        If `min_cluster_size` is below 2, or there is not one height per merge.

    References
    ----------
    .. [1] Campello, Moulavi, Sander (2013). Density-based clustering based on hierarchical density
       estimates. PAKDD.

    Examples
    --------
    >>> merges = np.array([[0, 1], [2, 3], [5, 6], [4, 7]], dtype=np.int32)
    >>> tree = condensed_tree(merges, [1.0, 1.0, 5.0, 9.0], min_cluster_size=2)
    >>> tree.cluster_of_row.tolist(), tree.fall_of_row.tolist()
    ([1, 1, 2, 2, 0], [1.0, 1.0, 1.0, 1.0, 9.0])
    >>> tree.parent.tolist(), tree.birth.tolist()
    ([-1, 0, 0], [inf, 5.0, 5.0])
    """
    links = np.ascontiguousarray(merges, dtype=np.int32).reshape(-1, 2)
    levels = np.ascontiguousarray(heights, dtype=np.float64)
    if levels.shape != (len(links),):
        raise ParameterError(f"{len(links)} merges need as many heights", where="heights")
    if min_cluster_size < 2:
        raise ParameterError(f"min_cluster_size={min_cluster_size} is below 2", where="min_cluster_size")
    return CondensedTree(*kernels().condensed_tree(links, levels, min_cluster_size))
