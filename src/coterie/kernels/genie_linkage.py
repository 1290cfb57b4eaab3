"""Merges along a spanning tree that keep the sizes of clusters from growing too unequal."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.kernels.backend import kernels


def genie_linkage(edges: npt.ArrayLike, *, gini_threshold: float = 0.3) -> npt.NDArray[np.int32]:
    """The order in which the edges of a spanning tree merge clusters, and which ones.

    The next edge merges, unless the Gini index of the sizes of all clusters exceeds the threshold: then
    the shortest edge that touches a smallest cluster does. With threshold 1 this is single linkage.

    Parameters
    ----------
    edges : array-like of shape (n - 1, 2)
        A tree over the rows 0..n-1, its edges from the shortest to the longest, as of `spanning_tree`.
    gini_threshold : float, 0 to 1

    Returns
    -------
    ndarray of shape (n - 1, 2), int32
        Merges as in scipy.cluster.hierarchy: row i is cluster i, the merge at place t makes cluster n + t.
        All but the last k - 1 of them leave k clusters.

    Raises
    ------
    ParameterError
        If the threshold is not a share, or the edges are no tree.

    References
    ----------
    .. [1] Gagolewski, Bartoszuk, Cena (2016). Genie: a new, fast, and outlier-resistant hierarchical
       clustering algorithm. Information Sciences 363, 8-23.

    Examples
    --------
    >>> edges = [[0, 1], [2, 3], [1, 2], [3, 4], [4, 5]]
    >>> genie_linkage(edges, gini_threshold=0.2).tolist()
    [[0, 1], [2, 3], [4, 7], [5, 8], [6, 9]]
    >>> genie_linkage(edges, gini_threshold=1.0).tolist()
    [[0, 1], [2, 3], [6, 7], [4, 8], [5, 9]]
    """
    if not 0.0 <= gini_threshold <= 1.0:
        raise ParameterError(f"gini_threshold={gini_threshold!r} is not from 0 to 1", where="gini_threshold")
    tree = np.ascontiguousarray(edges, dtype=np.int32).reshape(-1, 2)
    _require_tree(tree)
    merges: npt.NDArray[np.int32] = kernels().genie_linkage(tree, gini_threshold)
    return merges


def _require_tree(edges: npt.NDArray[np.int32]) -> None:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(edges) + 1
    if edges.size and (edges.min() < 0 or edges.max() >= n):
        raise ParameterError(f"{n - 1} edges must join the rows 0 to {n - 1}", where="edges")
    links = coo_array((np.ones(n - 1, dtype=np.int8), (edges[:, 0], edges[:, 1])), shape=(n, n))
    if connected_components(links, directed=False)[0] != 1:
        raise ParameterError(f"The edges do not join all {n} rows: they are no tree", where="edges")
