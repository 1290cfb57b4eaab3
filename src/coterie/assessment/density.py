"""DBCV: how dense clusters of any shape are within, against how thin it is between them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coterie.assessment.partition import Floats, Partition, partition
from coterie.assessment.score import Score
from coterie.kernels import spanning_tree

DBCV_ROWS = 5_000
"""Rows above which a sample is judged: the score looks at every pair."""


def dbcv(X: npt.ArrayLike, labels: npt.ArrayLike, *, random_state: int = 0) -> Score:
    """Density-based clustering validation: thinnest place within against densest place between.

    Of every cluster the longest inner edge of its spanning tree (how thin it is within) is compared with the
    shortest way to another cluster, both by mutual reachability. Each cluster counts with its share of
    all customers, so that noise lowers the score.

    Of equal edges the tree takes the one between nearer rows; the definition leaves that open, and other
    implementations give other values where there are many.

    Parameters
    ----------
    X : array of shape (n, p)
    labels : array of shape (n,)
        -1 is noise.
    random_state : int
        Seed of the sample of 5,000 customers that is judged where there are more; `note` then says so.

    Returns
    -------
    Score, -1 to 1, higher is better

    References
    ----------
    .. [1] Moulavi, Jaskowiak, Campello, Zimek, Sander (2014). Density-based clustering validation. SDM,
       definitions 1-8.

    Examples
    --------
    >>> round(float(dbcv([[0.0], [0.1], [0.2], [0.3], [9.0], [9.1], [9.2], [9.3]], [0] * 4 + [1] * 4)), 2)
    0.99
    """
    matrix, marks = np.asarray(X, dtype=np.float64), np.asarray(labels)
    note = ""
    if len(marks) > DBCV_ROWS and matrix.shape[:1] == marks.shape:
        rows = np.random.default_rng(random_state).choice(len(marks), DBCV_ROWS, replace=False)
        matrix, marks = matrix[rows], marks[rows]
        note = f"judged on a sample of {DBCV_ROWS:,} customers"
    parts = partition(matrix, marks)
    if parts.reason:
        return Score("dbcv", None, reason=parts.reason, low=-1.0)
    return Score("dbcv", _dbcv(parts, len(marks)), low=-1.0, note=note)


def _dbcv(parts: Partition, n: int) -> float:
    """Validity of every cluster, weighted by its share of all n rows."""
    insides = [_inside(parts.members(cluster)) for cluster in range(parts.k)]
    apart = np.full((parts.k, parts.k), np.inf)
    for i in range(parts.k):
        for j in range(i):
            apart[i, j] = apart[j, i] = _separation(insides[i], insides[j])
    gaps = apart.min(axis=1)
    sparse = np.array([sparseness for _, _, sparseness in insides])
    widest = np.maximum(gaps, sparse)
    validity = np.divide(gaps - sparse, widest, out=np.zeros(parts.k), where=widest > 0)
    return float(parts.sizes @ validity / n)


def _inside(X: Floats) -> tuple[Floats, Floats, float]:
    """The inner rows of a cluster's spanning tree, their core distances, and its longest inner edge.

    Inner rows have two edges or more; a tree without inner edges counts with all its rows or edges.
    """
    core = _core_distances(X)
    edges, weights = spanning_tree(X, core_distances=core)
    is_inner = np.bincount(edges.ravel(), minlength=len(X)) > 1
    inner_edges = is_inner[edges].all(axis=1)
    rows = is_inner if is_inner.any() else np.ones(len(X), dtype=bool)
    lengths = weights[inner_edges] if inner_edges.any() else weights
    return X[rows], core[rows], float(lengths.max(initial=0.0))


def _core_distances(X: Floats) -> Floats:
    """All-points core distance: (sum over the others of distance^-p / (n - 1))^(-1 / p); 0 for copies."""
    from scipy.spatial.distance import cdist

    if len(X) == 1:
        return np.zeros(1)
    distances = cdist(X, X)
    np.fill_diagonal(distances, np.inf)
    nearest = distances.min(axis=1)
    has_copy = nearest == 0
    scale = np.where(has_copy, 1.0, nearest)[:, None]
    distances[has_copy] = 1.0
    # As shares of the nearest distance the powers cannot overflow.
    crowded = ((scale / distances) ** X.shape[1]).sum(axis=1) / (len(X) - 1)
    return np.where(has_copy, 0.0, scale[:, 0] * crowded ** (-1.0 / X.shape[1]))


def _separation(one: tuple[Floats, Floats, float], other: tuple[Floats, Floats, float]) -> float:
    """Smallest mutual reachability between the inner rows of two clusters."""
    from scipy.spatial.distance import cdist

    reach = np.maximum(cdist(one[0], other[0]), np.maximum(one[1][:, None], other[1]))
    return float(reach.min())
