"""Where clusters have their centres, and how far their rows are from them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.kernels.backend import kernels
from coterie.kernels.checks import Rows, finite_rows


class Dispersion(NamedTuple):
    """Clusters around their centres.

    Attributes
    ----------
    centers : ndarray of shape (k, d)
        Means of their rows.
    distances, squares : ndarrays of shape (k,)
        Sums of the distances, and of the squared ones, of the rows of a cluster to its centre.
    """

    centers: Rows
    distances: npt.NDArray[np.float64]
    squares: npt.NDArray[np.float64]


def dispersion(X: npt.ArrayLike, codes: npt.ArrayLike, *, n_clusters: int) -> Dispersion:
    """Centres of clusters, and sums of the distances to them.

    Parameters
    ----------
    X : array-like of shape (n, d)
    codes : array-like of shape (n,), int
        Cluster of each row, 0 to n_clusters - 1, each at least once; rows of -1 are left out.
    n_clusters : int

    Returns
    -------
    Dispersion

    Raises
    ------
    ParameterError
        If X is not finite, or a code is out of range, or a cluster has no row.

    Examples
    --------
    >>> dispersion([[0.0], [2.0], [7.0], [9.0]], [0, 0, 1, -1], n_clusters=2).centers.tolist()
    [[1.0], [7.0]]
    """
    rows, marks = finite_rows(X), np.ascontiguousarray(codes, dtype=np.int32)
    if marks.shape != (len(rows),) or marks.min(initial=0) < -1:
        raise ParameterError(f"Codes of shape {marks.shape} do not fit {len(rows)} rows", where="codes")
    # Moved by one, so that -1 can be counted.
    sizes = np.bincount(marks + 1, minlength=n_clusters + 1)[1:]
    if len(sizes) != n_clusters or not sizes.all():
        raise ParameterError(f"Every cluster of {n_clusters} must have a row, and no other", where="codes")
    return Dispersion(*kernels().dispersion(rows, marks, n_clusters))
