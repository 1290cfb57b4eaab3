"""Who is nearest: distances that do not depend on threads or on which rows are asked together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from coterie import kernels


def squared_distances(
    X: npt.NDArray[np.float64], centers: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Squared Euclidean distance from every row to every centre.

    Added up column by column: a matrix product would be a little faster, but rounds differently with
    the number of rows and threads, and a customer must not change segment with the company they come in.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    centers : ndarray of shape (k, d)

    Returns
    -------
    ndarray of shape (n, k)
    """
    columns = np.ascontiguousarray(X.T)
    squared = np.zeros((len(centers), len(X)))
    for total, center in zip(squared, centers, strict=True):
        for column, value in zip(columns, center, strict=True):
            gap = column - value
            total += gap * gap
    return squared.T


def nearest_center(X: npt.NDArray[np.float64], centers: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
    """Position of the nearest centre per row; the first one on a tie."""
    return kernels.nearest_center(X, centers)[0]


def center_margin(
    X: npt.NDArray[np.float64], centers: npt.NDArray[np.float64], *, labels: npt.NDArray[np.int32]
) -> npt.NDArray[np.float64]:
    """How much nearer the own centre is than the nearest other one, as a share of the other distance.

    Parameters
    ----------
    X : ndarray of shape (n, d)
    centers : ndarray of shape (k, d)
    labels : ndarray of shape (n,)
        The centre each row belongs to, which need not be the nearest.

    Returns
    -------
    ndarray of shape (n,), 0-1
        0 half-way to the other centre (or beyond), 1 at the own centre or if there is only one.
    """
    if len(centers) == 1:
        return np.ones(len(X))
    return distance_margin(np.sqrt(squared_distances(X, centers)), labels)


def distance_margin(
    distances: npt.NDArray[np.float64], labels: npt.NDArray[np.int32]
) -> npt.NDArray[np.float64]:
    """The same margin from distances to at least two centres, shape (n, k), which it overwrites."""
    rows = np.arange(len(distances))
    own = distances[rows, labels]
    distances[rows, labels] = np.inf
    other = distances.min(axis=1)
    gap = np.divide(other - own, other, out=np.zeros(len(distances)), where=other > 0)
    return np.asarray(np.clip(gap, 0.0, 1.0))


def group_means(
    X: npt.NDArray[np.float64],
    labels: npt.NDArray[np.int32],
    *,
    n_groups: int,
    weights: npt.NDArray[np.float64] | None = None,
) -> npt.NDArray[np.float64]:
    """Mean row of every group 0..n_groups-1, weighted if asked; each group needs a member."""
    counts = np.bincount(labels, weights=weights, minlength=n_groups)
    columns = X.T if weights is None else X.T * weights
    sums = [np.bincount(labels, weights=column, minlength=n_groups) for column in columns]
    means: npt.NDArray[np.float64] = (np.stack(sums) / counts).T
    return np.ascontiguousarray(means)


def within_sum_of_squares(X: npt.NDArray[np.float64], labels: npt.NDArray[np.int32]) -> float:
    """Sum over rows of the squared distance to the mean of their group (WCSS)."""
    means = group_means(X, labels, n_groups=int(labels.max()) + 1)
    return float(((X - means[labels]) ** 2).sum())


def consecutive(labels: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.int32]]:
    """The labels that occur, which are 0 or more, ascending, and every row's position among them."""
    occurs = np.bincount(labels) > 0
    positions = (np.cumsum(occurs) - 1).astype(np.int32)
    return np.flatnonzero(occurs), positions[labels]
