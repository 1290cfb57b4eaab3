"""K-means that keeps what an expert demands."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coterie.segmentation.constraints import FREE, Constraints
from coterie.segmentation.ladder import Ladder
from coterie.segmentation.nearest import squared_distances

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int32]

MAX_STEPS = 100


def constrained(
    X: Floats, weights: Floats | None, *, constraints: Constraints, ladder: Ladder
) -> tuple[Floats, Labels, float]:
    """Lloyd's iterations over groups of rows, each placed as near as the demands allow.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    weights : ndarray of shape (n,) or None
    constraints : Constraints
    ladder : Ladder
        Gives the centres to start from; clusters with pinned rows start at their mean.

    Returns
    -------
    centers : ndarray of shape (k, d)
    labels : ndarray of shape (n,), int32
    inertia : float
        Weighted sum of squared distances to these centres.

    References
    ----------
    .. [1] Wagstaff, Cardie, Rogers, Schroedl (2001). Constrained k-means clustering with background
       knowledge. ICML. Rows that must be together are one weighted point here, and a row that finds
       every cluster taken makes the rows before it move.
    """
    own = np.ones(len(X)) if weights is None else weights
    points, mass = _groups(X, own, group=constraints.group)
    centers = _start(points, mass, constraints=constraints, ladder=ladder)
    labels = constraints.placed(squared_distances(points, centers))
    for _ in range(MAX_STEPS):
        centers = _means(
            points,
            mass,
            labels=_filled(labels, points, centers=centers, constraints=constraints),
            centers=centers,
        )
        before, labels = labels, constraints.placed(squared_distances(points, centers))
        if (labels == before).all():
            break
    of_rows = labels[constraints.group]
    return centers, of_rows, float((own * ((X - centers[of_rows]) ** 2).sum(axis=1)).sum())


def _groups(X: Floats, weights: Floats, *, group: npt.NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Mean and weight of every group; one without weight lies at the plain mean of its rows."""
    mass = np.bincount(group, weights=weights).astype(np.float64)
    share = np.where(mass[group] > 0, weights, 1.0)
    total = np.bincount(group, weights=share)
    sums = [np.bincount(group, weights=share * column) for column in X.T]
    return np.stack(sums, axis=1) / total[:, None], mass


def _start(points: Floats, mass: Floats, *, constraints: Constraints, ladder: Ladder) -> Floats:
    """Pinned clusters at the mean of their rows, the others where the ladder would have them."""
    k = constraints.n_clusters
    used = np.unique(constraints.pinned[constraints.pinned != FREE])
    if not len(used):
        return ladder.centers(k)
    fixed = constraints.pinned != FREE
    means = _means(
        points[fixed], mass[fixed], labels=constraints.pinned[fixed], centers=np.zeros((k, points.shape[1]))
    )
    centers = np.empty_like(means)
    rest = np.setdiff1d(np.arange(k), used)
    centers[np.concatenate([used, rest])] = ladder.extended(means[used], k)
    return centers


def _means(points: Floats, mass: Floats, *, labels: Labels, centers: Floats) -> Floats:
    """Weighted mean of every cluster; one without weight stays where it was."""
    counts = np.bincount(labels, weights=mass, minlength=len(centers))
    sums = [np.bincount(labels, weights=mass * column, minlength=len(centers)) for column in points.T]
    after = centers.copy()
    heavy = counts > 0
    after[heavy] = np.stack(sums, axis=1)[heavy] / counts[heavy, None]
    return after


def _filled(labels: Labels, points: Floats, *, centers: Floats, constraints: Constraints) -> Labels:
    """The labels, with the farthest free points given to the clusters that nobody is in."""
    sizes = np.bincount(labels, minlength=len(centers))
    empty = np.flatnonzero(sizes == 0)
    if not len(empty):
        return labels
    off = ((points - centers[labels]) ** 2).sum(axis=1)
    off[constraints.pinned != FREE] = 0.0
    farthest = np.argsort(-off, kind="stable")[: len(empty)]
    farthest = farthest[(off[farthest] > 0) & (sizes[labels[farthest]] > 1)]
    filled = labels.copy()
    filled[farthest] = empty[: len(farthest)]
    return filled
